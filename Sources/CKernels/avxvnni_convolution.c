// Dense convolution for AVX-VNNI: VPDPBUSD multiplies and adds 32 pairs of bytes.
//
// One tile is A accumulators (8 A channels) by P pixels, A x P <= 12 of the 16 registers; the others hold A weights, the sign bits and
// one pixel's bytes:
//
//                           weights of 4 input bytes: A loads
//                          +-------+-------+-------+
//     pixel 0: 4 bytes     | acc00 | acc01 | acc02 |     broadcast, and offset to unsigned (equation 6) by VPXOR
//     pixel 1: 4 bytes     | acc10 | acc11 | acc12 |
//     ...                  |       |       |       |     at least 8, to hide the latency of VPDPBUSD
//     pixel P: 4 bytes     | accP0 | accP1 | accP2 |
//                          +-------+-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avxvnni_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVXVNNI))), apply_to = function)

enum { LANE_CHANNELS = 8, MOST_ACCUMULATORS = 3, TILE_ACCUMULATORS = 12 };

/// The packed form of a block of 8 A channels: A of these, then 32 bytes of weights for each accumulator and 4 input bytes. Accumulators
/// are finished in pairs, the third and any only one together with that of another pixel.
struct lane_head {
    struct requantization_vector requantization;
    uint32_t bias[LANE_CHANNELS];
    /// In the order of pack_16's bytes, of a pair in its first head.
    int16_t output_multiplier[16];
};

/// Pairs of accumulators, and three where this leaves no single one.
static int32_t accumulators_of(int32_t remaining_channels)
{
    int32_t accumulators = (remaining_channels + LANE_CHANNELS - 1) / LANE_CHANNELS;
    return accumulators <= MOST_ACCUMULATORS ? accumulators : 2;
}

static size_t block_bytes(int32_t accumulators, int32_t kernel_rows, int32_t row_bytes)
{
    return (size_t)accumulators * (sizeof(struct lane_head) + 32 * (size_t)kernel_rows * (size_t)(row_bytes / 4));
}

/// The channel of a block in lane `lane` of an accumulator: such that pack_16, which interleaves a pair by halves, leaves them in order.
static int32_t channel_of_lane(int32_t accumulators, int32_t accumulator, int32_t lane)
{
    bool paired = (accumulator | 1) < accumulators;
    return paired ? lane / 4 * 8 + 4 * accumulator + lane % 4 : LANE_CHANNELS * accumulator + lane;
}

int32_t textpin_channel_of_place_avxvnni(int32_t output_channels, int32_t place)
{
    int32_t first = 0, accumulators = accumulators_of(output_channels);
    for (; place >= first + LANE_CHANNELS * accumulators; accumulators = accumulators_of(output_channels - first)) {
        first += LANE_CHANNELS * accumulators;
    }
    return first + channel_of_lane(accumulators, (place - first) / LANE_CHANNELS, place % LANE_CHANNELS);
}

size_t textpin_packed_convolution_bytes_avxvnni(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANE_CHANNELS * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        bytes += block_bytes(accumulators, weights->kernel_rows, row_bytes_of(weights));
    }
    return align_packed(bytes);
}

static void pack_heads(const struct textpin_weights *weights, int32_t first, int32_t accumulators, struct lane_head *heads)
{
    memset(heads, 0, (size_t)accumulators * sizeof *heads);
    for (int32_t accumulator = 0; accumulator < accumulators; accumulator++) {
        bool paired = (accumulator | 1) < accumulators;
        for (int32_t lane = 0; lane < LANE_CHANNELS; lane++) {
            int32_t channel = first + channel_of_lane(accumulators, accumulator, lane);
            // Logits of two pixels are requantized together: 4 channels twice.
            channel = weights->output_channels <= 4 ? channel % 4 : channel;
            bool used = channel < weights->output_channels;
            set_requantization(&heads[accumulator].requantization, lane, used ? weights->multiplier[channel] : 0,
                               used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM);
            heads[accumulator].bias[lane] = used ? (uint32_t)weights->bias[channel] : 0;
            // Vector v of what pack_16 takes: the accumulator's half of a pair, both where a single one meets itself.
            for (int32_t vector = 0; vector < 2; vector++) {
                if (used && weights->output_multiplier != NULL && (!paired || vector == accumulator % 2)) {
                    struct lane_head *head = &heads[paired ? accumulator & ~1 : accumulator];
                    head->output_multiplier[lane / 4 * 8 + 4 * vector + lane % 4] = weights->output_multiplier[channel];
                }
            }
        }
    }
}

void textpin_pack_convolution_avxvnni(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANE_CHANNELS * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        struct lane_head *heads = (struct lane_head *)next;
        pack_heads(weights, first, accumulators, heads);
        next += (size_t)accumulators * sizeof *heads;
        for (int32_t row = 0; row < weights->kernel_rows; row++) {
            for (int32_t offset = 0; offset < row_bytes_of(weights); offset += 4) {
                for (int32_t index = 0; index < LANE_CHANNELS * accumulators; index++) {
                    int32_t accumulator = index / LANE_CHANNELS, lane = index % LANE_CHANNELS;
                    for (int32_t byte = 0; byte < 4; byte++) {
                        int8_t weight =
                            weight_at(weights, first + channel_of_lane(accumulators, accumulator, lane), row, offset + byte);
                        *next++ = weight;
                        // Activations are offset by 128 to be unsigned (equation 6). Unsigned: the sum may wrap, and wraps back.
                        heads[accumulator].bias[lane] -= 128u * (uint32_t)weight;
                    }
                }
            }
        }
    }
}

/// Where a block of channels reads and writes; the same for every tile of a row.
struct pass {
    const struct lane_head *heads;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int8_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_step;
    /// What sums start from in place of the bias, by lanes; null for the bias.
    const int32_t *initial;
    ptrdiff_t initial_stride;
    /// Null for none.
    const int8_t *addend;
    ptrdiff_t addend_pixel_stride;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t kernel_rows;
    int32_t row_bytes;
    int32_t channels;
    int32_t zero_point;
    int32_t addend_multiplier;
};

/// sums[p * A + a] = bias of accumulator a, or what stands at `initial` for pixel p, + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, const int32_t *initial,
                                    __m256i *sums)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        sums[i] = load_256(initial != NULL ? (const void *)(initial + i / A * pass->initial_stride + LANE_CHANNELS * (i % A))
                                           : pass->heads[i % A].bias);
    }
    __m256i sign_bits = _mm256_set1_epi8(INT8_MIN);
    // Hides the constant, else the compiler offsets the scalar and broadcasts it after: three instructions for two.
    __asm__("" : "+x"(sign_bits));
    const int8_t *weights = (const int8_t *)(pass->heads + A);
    for (int32_t row = 0; row < pass->kernel_rows; row++) {
        const int8_t *bytes = input + row * pass->input_row_stride;
        for (const int8_t *end = bytes + pass->row_bytes; bytes < end; bytes += 4) {
            __m256i step_weights[MOST_ACCUMULATORS];
#pragma clang loop unroll(full)
            for (int32_t a = 0; a < minimum(A, 2); a++) {
                step_weights[a] = load_256(weights + 32 * a);
                // Else the compiler would read these from memory for each pixel, too.
                __asm__("" : "+x"(step_weights[a]));
            }
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                int32_t four;
                memcpy(&four, bytes + p * pass->input_pixel_step, sizeof four);
                __m256i activations = _mm256_xor_si256(_mm256_set1_epi32(four), sign_bits);
#pragma clang loop unroll(full)
                for (int32_t a = 0; a < minimum(A, 2); a++) {
                    sums[p * A + a] = _mm256_dpbusd_avx_epi32(sums[p * A + a], activations, step_weights[a]);
                }
                if (A == 3) {
                    // No register is left for these weights: an operand in memory, and not the same value for all pixels.
                    sums[p * A + 2] = _mm256_dpbusd_avx_epi32(sums[p * A + 2], activations, load_256(weights + 64));
                    __asm__ volatile("" : : : "memory");
                }
            }
            weights += 32 * A;
        }
    }
}

/// The 16 outputs of two accumulators, of two heads or both of one, as pack_16 leaves them; `addends` so, too.
TEXTPIN_INLINE __m128i finish_16(const struct pass *pass, int32_t first_head, int32_t second_head, __m256i first, __m256i second,
                                 __m128i addends)
{
    const struct lane_head *heads = pass->heads;
    __m256i zero_point = _mm256_set1_epi16((int16_t)pass->zero_point);
    if (pass->hard_swish != NULL || pass->addend != NULL) {
        first = requantize_8(scale_finely(first), &heads[first_head].requantization);
        second = requantize_8(scale_finely(second), &heads[second_head].requantization);
        __m256i words = _mm256_packs_epi32(first, second);
        if (pass->addend != NULL) {
            return saturate_16(add_16(words, addends, _mm256_set1_epi16((int16_t)pass->addend_multiplier)), zero_point);
        }
        return saturate_16(hard_swish_16(words, pass->hard_swish, heads[first_head].output_multiplier), zero_point);
    }
    first = requantize_8(first, &heads[first_head].requantization);
    second = requantize_8(second, &heads[second_head].requantization);
    return pack_16(first, second, zero_point);
}

/// The addends of two accumulators of pixel `x`, as pack_16 leaves their outputs.
TEXTPIN_INLINE __m128i addends_of_pair(const struct pass *pass, int32_t x)
{
    return pass->addend != NULL ? load_128(pass->addend + x * pass->addend_pixel_stride) : _mm_setzero_si128();
}

/// The addends of accumulator `a` of pixels `x` and `next`, as pack_16 leaves their outputs.
TEXTPIN_INLINE __m128i addends_of_two_pixels(const struct pass *pass, int32_t a, int32_t x, int32_t next)
{
    if (pass->addend == NULL) {
        return _mm_setzero_si128();
    }
    const int8_t *addend = pass->addend + LANE_CHANNELS * a;
    return _mm_unpacklo_epi32(_mm_loadl_epi64((const __m128i *)(addend + x * pass->addend_pixel_stride)),
                              _mm_loadl_epi64((const __m128i *)(addend + next * pass->addend_pixel_stride)));
}

/// Stores all pixels of a tile but the first `skip`.
TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x, int32_t skip)
{
    __m256i sums[TILE_ACCUMULATORS];
    const int32_t *initial = pass->initial != NULL ? pass->initial + x * pass->initial_stride : NULL;
    accumulate_tile(pass, A, P, pass->input + x * pass->input_pixel_step, initial, sums);
    int8_t *output = pass->output + x * pass->output_pixel_stride;
    if (A > 1) {
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            if (p >= skip) {
                __m128i bytes = finish_16(pass, 0, 1, sums[p * A], sums[p * A + 1], addends_of_pair(pass, x + p));
                store_first(output + p * pass->output_pixel_stride, bytes, pass->channels);
            }
        }
    }
    if (A != 2) {
        // The accumulator left over, of two pixels together.
        const int32_t a = A - 1;
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p += 2) {
            const int32_t next = minimum(p + 1, P - 1);
            // pack_16 leaves 4 channels of each pixel, then the other 4.
            __m128i addends = addends_of_two_pixels(pass, a, x + p, x + next);
            __m128i bytes = _mm_shuffle_epi32(finish_16(pass, a, a, sums[p * A + a], sums[next * A + a], addends),
                                              _MM_SHUFFLE(3, 1, 2, 0));
            if (p >= skip) {
                store_first(output + p * pass->output_pixel_stride + 8 * a, bytes, minimum(pass->channels - 8 * a, 8));
            }
            if (next >= skip) {
                store_first(output + next * pass->output_pixel_stride + 8 * a, _mm_unpackhi_epi64(bytes, bytes),
                            minimum(pass->channels - 8 * a, 8));
            }
        }
    }
}

/// The last tile of a row starts earlier where pixels are left over: it computes some outputs again, but does not store them, for what was
/// stored may have taken the place of their addends.
TEXTPIN_INLINE void convolve_pixels(const struct pass *row, int32_t A, int32_t P, int32_t pixels)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    if (pixels < P) {
        for (int32_t x = 0; x < pixels; x++) {
            convolve_tile(pass, A, 1, x, 0);
        }
        return;
    }
    for (int32_t x = 0; x < pixels; x += P) {
        int32_t start = minimum(x, pixels - P);
        convolve_tile(pass, A, P, start, x - start);
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

static void convolve_row(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                         ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial,
                         ptrdiff_t initial_stride, int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    static void (*const tiles[])(const struct pass *pass, int32_t pixels) = {convolve_1x8, convolve_2x6, convolve_3x4};
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    const int8_t *packed = convolution->packed;
    int32_t accumulators;
    for (int32_t first = 0; first < convolution->output_channels; first += LANE_CHANNELS * accumulators) {
        accumulators = accumulators_of(convolution->output_channels - first);
        struct pass pass = {
            .heads = (const struct lane_head *)packed,
            .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
            .input = input,
            .input_row_stride = input_row_stride,
            .input_pixel_step = input_pixel_step,
            .initial = initial != NULL ? initial + first : NULL,
            .initial_stride = initial_stride,
            .addend = addend != NULL ? addend + first : NULL,
            .addend_pixel_stride = addend_pixel_stride,
            .output = output + first,
            .output_pixel_stride = output_pixel_stride,
            .kernel_rows = convolution->kernel_rows,
            .row_bytes = convolution->row_bytes,
            .channels = minimum(convolution->output_channels - first, LANE_CHANNELS * accumulators),
            .zero_point = convolution->output_zero_point,
            .addend_multiplier = convolution->addend_multiplier,
        };
        tiles[accumulators - 1](&pass, pixels);
        packed += block_bytes(accumulators, convolution->kernel_rows, convolution->row_bytes);
    }
    if (convolution->table != NULL) {
        textpin_lookup_row_avx2(convolution->table, output, output_pixel_stride, output, output_pixel_stride, convolution->output_channels,
                                pixels);
    }
}

void textpin_convolution_row_avxvnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                     ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                     ptrdiff_t output_pixel_stride, int32_t pixels)
{
    convolve_row(convolution, input, input_row_stride, input_pixel_step, addend, addend_pixel_stride, NULL, 0, output,
                 output_pixel_stride, pixels);
}

void textpin_continued_row_avxvnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                   ptrdiff_t output_pixel_stride, int32_t pixels)
{
    convolve_row(convolution, input, input_row_stride, input_pixel_step, NULL, 0, initial, initial_stride, output, output_pixel_stride,
                 pixels);
}

/// Channels 0...3 of two pixels.
TEXTPIN_INLINE __m256i logits_of_two(const struct pass *pass, __m256i first, __m256i second)
{
    return requantize_8(scale_finely(_mm256_permute2x128_si256(first, second, 0x20)), &pass->heads->requantization);
}

void textpin_logits_row_avxvnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= 4);
    const struct pass pass = {
        .heads = convolution->packed,
        .input_row_stride = input_row_stride,
        .input_pixel_step = input_pixel_step,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
    };
    for (int32_t x = 0; x < pixels; x += 8) {
        __m256i sums[8];
        int32_t count = minimum(8, pixels - x);
        if (count == 8) {
            accumulate_tile(&pass, 1, 8, input + x * input_pixel_step, NULL, sums);
        } else {
            for (int32_t pixel = 0; pixel < 8; pixel++) {
                accumulate_tile(&pass, 1, 1, input + (x + minimum(pixel, count - 1)) * input_pixel_step, NULL, &sums[pixel]);
            }
        }
        for (int32_t pixel = 0; pixel < count; pixel += 4) {
            // Words: pixels 0, 2, 1, 3, four channels each; then channels 0 and 1 of four pixels side by side, and channels 2 and 3.
            __m256i four = _mm256_packs_epi32(logits_of_two(&pass, sums[pixel], sums[pixel + 1]),
                                              logits_of_two(&pass, sums[pixel + 2], sums[pixel + 3]));
            int16_t values[16];
            _mm256_storeu_si256((__m256i *)values, _mm256_permutevar8x32_epi32(four, _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7)));
            store_logits(values, convolution->output_channels, minimum(4, count - pixel), outputs, output_pixel_step, x + pixel);
        }
    }
}

#pragma clang attribute pop
#endif
