// The dense convolution of a pyramid's whole-size part for AVX2: its rows are extended to 16 bits ahead, once for all that read them, so
// that the loop has broadcasts, VPMADDWD and additions alone.
//
// A lane is one channel and two input bytes. One tile is A accumulators (8 A channels) by P pixels, A x P <= 12 of the 16 registers:
//
//                                  weights of 2 input bytes: A loads
//                                 +-------+-------+-------+
//     pixel 0: 2 extended bytes   | acc00 | acc01 | acc02 |     one broadcast
//     ...                         |       |       |       |
//     pixel P: 2 extended bytes   | accP0 | accP1 | accP2 |
//                                 +-------+-------+-------+
//
// Packed: blocks of 16 channels, the last one of 8, 16 or 24; for each accumulator a head, then [row][step of 2 bytes][accumulator][lane]
// [2].
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx2_pyramid.h"
#include "x86_pyramid.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum {
    LANES = 8,
    MOST_ACCUMULATORS = 3,
    TILE_ACCUMULATORS = 12,
    ROWS = 3,
    MOST_ROW_WORDS = (PYRAMID_STRIP + 2) * TEXTPIN_PYRAMID_CHANNELS,
};

/// Accumulators are finished in pairs, the third and any only one together with that of another pixel.
struct lane_head {
    struct requantization_vector requantization;
    /// In the order of pack_16's bytes, of a pair in its first head.
    int16_t output_multiplier[16];
};

/// Pairs of accumulators, and three where this leaves no single one.
static int32_t accumulators_of(int32_t remaining_channels)
{
    int32_t accumulators = (remaining_channels + LANES - 1) / LANES;
    return accumulators <= MOST_ACCUMULATORS ? accumulators : 2;
}

static size_t block_bytes(int32_t accumulators, int32_t row_bytes)
{
    return (size_t)accumulators * (sizeof(struct lane_head) + sizeof(int16_t) * LANES * ROWS * (size_t)row_bytes);
}

/// The channel of a block in lane `lane` of an accumulator: such that pack_16, which interleaves a pair by halves, leaves them in order.
static int32_t channel_of_lane(int32_t accumulators, int32_t accumulator, int32_t lane)
{
    bool paired = (accumulator | 1) < accumulators;
    return paired ? lane / 4 * 8 + 4 * accumulator + lane % 4 : LANES * accumulator + lane;
}

int32_t textpin_pyramid_channel_avx2(int32_t output_channels, int32_t place)
{
    int32_t first = 0, accumulators = accumulators_of(output_channels);
    for (; place >= first + LANES * accumulators; accumulators = accumulators_of(output_channels - first)) {
        first += LANES * accumulators;
    }
    return first + channel_of_lane(accumulators, (place - first) / LANES, place % LANES);
}

size_t textpin_packed_pyramid_convolution_bytes_avx2(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        bytes += block_bytes(accumulators, row_bytes_of(weights));
    }
    return align_packed(bytes);
}

static void pack_heads(const struct textpin_weights *weights, int32_t first, int32_t accumulators, struct lane_head *heads)
{
    memset(heads, 0, (size_t)accumulators * sizeof *heads);
    for (int32_t index = 0; index < LANES * accumulators; index++) {
        const int32_t accumulator = index / LANES, lane = index % LANES;
        const int32_t channel = first + channel_of_lane(accumulators, accumulator, lane);
        const bool paired = (accumulator | 1) < accumulators, used = channel < weights->output_channels;
        set_requantization(&heads[accumulator].requantization, lane, used ? weights->multiplier[channel] : 0,
                           used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM);
        // Vector v of what pack_16 takes: the accumulator's half of a pair, both where a single one meets itself.
        for (int32_t vector = 0; vector < 2; vector++) {
            if (used && weights->output_multiplier != NULL && (!paired || vector == accumulator % 2)) {
                struct lane_head *head = &heads[paired ? accumulator & ~1 : accumulator];
                head->output_multiplier[lane / 4 * 8 + 4 * vector + lane % 4] = weights->output_multiplier[channel];
            }
        }
    }
}

void textpin_pack_pyramid_convolution_avx2(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        pack_heads(weights, first, accumulators, (struct lane_head *)next);
        int16_t *words = (int16_t *)(next + (size_t)accumulators * sizeof(struct lane_head));
        for (int32_t step = 0; step < ROWS * row_bytes_of(weights) / 2; step++) {
            const int32_t row = 2 * step / row_bytes_of(weights), offset = 2 * step % row_bytes_of(weights);
            for (int32_t index = 0; index < LANES * accumulators; index++) {
                const int32_t channel = first + channel_of_lane(accumulators, index / LANES, index % LANES);
                *words++ = weight_at(weights, channel, row, offset);
                *words++ = weight_at(weights, channel, row, offset + 1);
            }
        }
        next += block_bytes(accumulators, row_bytes_of(weights));
    }
}

/// Where a block of channels reads and writes; the same for every tile of a row.
struct pass {
    const struct lane_head *heads;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int16_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_step;
    const int32_t *initial;
    ptrdiff_t initial_stride;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t row_words;
    int32_t channels;
    int32_t zero_point;
};

/// sums[p * A + a] = what accumulator a of pixel p starts from + its products.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x, __m256i *sums)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        sums[i] = load_256(pass->initial + (x + i / A) * pass->initial_stride + LANES * (i % A));
    }
    const int16_t *weights = (const int16_t *)(pass->heads + A);
    for (int32_t row = 0; row < ROWS; row++) {
        const int16_t *words = pass->input + row * pass->input_row_stride + x * pass->input_pixel_step;
        for (const int16_t *end = words + pass->row_words; words < end; words += 2, weights += 2 * LANES * A) {
            __m256i step_weights[MOST_ACCUMULATORS];
#pragma clang loop unroll(full)
            for (int32_t a = 0; a < minimum(A, 2); a++) {
                step_weights[a] = load_256(weights + 2 * LANES * a);
                // Else the compiler would read these from memory for each pixel, too.
                __asm__("" : "+x"(step_weights[a]));
            }
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                int32_t two;
                memcpy(&two, words + p * pass->input_pixel_step, sizeof two);
                __m256i activations = _mm256_set1_epi32(two);
#pragma clang loop unroll(full)
                for (int32_t a = 0; a < minimum(A, 2); a++) {
                    sums[p * A + a] = _mm256_add_epi32(sums[p * A + a], _mm256_madd_epi16(activations, step_weights[a]));
                }
                if (A == 3) {
                    // No register is left for these weights: an operand in memory, and not the same value for all pixels.
                    sums[p * A + 2] = _mm256_add_epi32(sums[p * A + 2], _mm256_madd_epi16(activations, load_256(weights + 4 * LANES)));
                    __asm__ volatile("" : : : "memory");
                }
            }
        }
    }
}

/// The 16 outputs of two accumulators, of two heads or both of one, as pack_16 leaves them.
TEXTPIN_INLINE __m128i finish_16(const struct pass *pass, int32_t first_head, int32_t second_head, __m256i first, __m256i second)
{
    const struct lane_head *heads = pass->heads;
    __m256i zero_point = _mm256_set1_epi16((int16_t)pass->zero_point);
    if (pass->hard_swish != NULL) {
        first = requantize_8(scale_finely(first), &heads[first_head].requantization);
        second = requantize_8(scale_finely(second), &heads[second_head].requantization);
        return hard_swish_16(first, second, pass->hard_swish, heads[first_head].output_multiplier, zero_point);
    }
    first = requantize_8(first, &heads[first_head].requantization);
    second = requantize_8(second, &heads[second_head].requantization);
    return pack_16(first, second, zero_point);
}

TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x)
{
    __m256i sums[TILE_ACCUMULATORS];
    accumulate_tile(pass, A, P, x, sums);
    int8_t *output = pass->output + x * pass->output_pixel_stride;
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P && A > 1; p++) {
        store_first(output + p * pass->output_pixel_stride, finish_16(pass, 0, 1, sums[p * A], sums[p * A + 1]), pass->channels);
    }
    // The accumulator left over, of two pixels together: pack_16 leaves 4 channels of each pixel, then the other 4.
    const int32_t a = A - 1, count = minimum(pass->channels - LANES * a, LANES);
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P && A != 2; p += 2) {
        const int32_t next = minimum(p + 1, P - 1);
        __m128i bytes = _mm_shuffle_epi32(finish_16(pass, a, a, sums[p * A + a], sums[next * A + a]), _MM_SHUFFLE(3, 1, 2, 0));
        store_first(output + p * pass->output_pixel_stride + LANES * a, bytes, count);
        store_first(output + next * pass->output_pixel_stride + LANES * a, _mm_unpackhi_epi64(bytes, bytes), count);
    }
}

/// The last tile of a row starts earlier where pixels are left over, and computes some outputs again.
TEXTPIN_INLINE void convolve_pixels(const struct pass *row, int32_t A, int32_t P, int32_t pixels)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    if (pixels < P) {
        for (int32_t x = 0; x < pixels; x++) {
            convolve_tile(pass, A, 1, x);
        }
        return;
    }
    for (int32_t x = 0; x < pixels; x += P) {
        convolve_tile(pass, A, P, minimum(x, pixels - P));
    }
}

/// One function per tile, so that its sizes are constants.
#define TILE(A, P)                                                                                                                       \
    static __attribute__((noinline)) void convolve_##A##x##P(const struct pass *pass, int32_t pixels)                                    \
    {                                                                                                                                    \
        convolve_pixels(pass, A, P, pixels);                                                                                             \
    }
TILE(1, 8)
TILE(2, 6)
TILE(3, 4)
#undef TILE

void textpin_pyramid_convolution_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                          ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                          ptrdiff_t output_pixel_stride, int32_t pixels)
{
    static void (*const tiles[])(const struct pass *pass, int32_t pixels) = {convolve_1x8, convolve_2x6, convolve_3x4};
    const ptrdiff_t count = (pixels - 1) * input_pixel_step + convolution->row_bytes;
    int16_t words[ROWS * MOST_ROW_WORDS + 16];
    assert(convolution->kernel_rows == ROWS && count <= MOST_ROW_WORDS);
    for (int32_t row = 0; row < ROWS; row++) {
        for (ptrdiff_t i = 0; i < count; i += 16) {
            _mm256_storeu_si256((__m256i *)(words + row * count + i), _mm256_cvtepi8_epi16(load_128(input + row * input_row_stride + i)));
        }
    }
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    const int8_t *packed = convolution->packed;
    int32_t accumulators;
    for (int32_t first = 0; first < convolution->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(convolution->output_channels - first);
        const struct pass pass = {
            .heads = (const struct lane_head *)packed,
            .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
            .input = words,
            .input_row_stride = count,
            .input_pixel_step = input_pixel_step,
            .initial = initial + first,
            .initial_stride = initial_stride,
            .output = output + first,
            .output_pixel_stride = output_pixel_stride,
            .row_words = convolution->row_bytes,
            .channels = minimum(convolution->output_channels - first, LANES * accumulators),
            .zero_point = convolution->output_zero_point,
        };
        tiles[accumulators - 1](&pass, pixels);
        packed += block_bytes(accumulators, convolution->row_bytes);
    }
    if (convolution->table != NULL) {
        textpin_lookup_row_avx2(convolution->table, output, output_pixel_stride, output, output_pixel_stride, convolution->output_channels,
                                pixels);
    }
}

#pragma clang attribute pop
#endif
