// Dense convolution for SSE4.1: bytes are extended to 16 bits and PMADDWD multiplies 8 pairs and adds neighbours, exactly.
//
// An accumulator holds 4 channels. One tile is A accumulators by P pixels, A x P = 8 of the 16 registers:
//
//                              weights of 2 input bytes: A loads of 8 bytes, extended
//                             +-------+-------+-------+-------+
//     pixel 0: 2 bytes        | acc00 | acc01 | acc02 | acc03 |     4 bytes, extended; PSHUFD broadcasts the first two, then the others
//     pixel 1: 2 bytes        | acc10 | acc11 | acc12 | acc13 |
//                             +-------+-------+-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "sse41.h"
#include "sse41_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_SSE41))), apply_to = function)

enum { LANE_CHANNELS = 4, MOST_ACCUMULATORS = 4, BLOCK_CHANNELS = 16, TILE_ACCUMULATORS = 8 };

/// The packed form of a block of up to 16 channels: this, then for each 4 input bytes and each accumulator 16 bytes of weights: of the
/// first two input bytes and 4 channels, then of the others.
struct block_head {
    struct requantization_vector requantization[MOST_ACCUMULATORS];
    int32_t bias[BLOCK_CHANNELS];
    int16_t output_multiplier[BLOCK_CHANNELS];
};

static int32_t accumulators_of(int32_t remaining_channels)
{
    return minimum((remaining_channels + LANE_CHANNELS - 1) / LANE_CHANNELS, MOST_ACCUMULATORS);
}

static size_t block_bytes(int32_t accumulators, int32_t kernel_rows, int32_t row_bytes)
{
    return sizeof(struct block_head) + 16 * (size_t)accumulators * (size_t)kernel_rows * (size_t)(row_bytes / 4);
}

size_t textpin_packed_convolution_bytes_sse41(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        bytes += block_bytes(accumulators_of(weights->output_channels - first), weights->kernel_rows, row_bytes_of(weights));
    }
    return align_packed(bytes);
}

void textpin_pack_convolution_sse41(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        struct block_head *head = (struct block_head *)next;
        for (int32_t lane = 0; lane < BLOCK_CHANNELS; lane++) {
            bool used = first + lane < weights->output_channels;
            set_requantization(&head->requantization[lane / LANE_CHANNELS], lane % LANE_CHANNELS, weights, first + lane);
            head->bias[lane] = used ? weights->bias[first + lane] : 0;
            head->output_multiplier[lane] = used && weights->output_multiplier != NULL ? weights->output_multiplier[first + lane] : 0;
        }
        next += sizeof *head;
        int32_t accumulators = accumulators_of(weights->output_channels - first);
        for (int32_t row = 0; row < weights->kernel_rows; row++) {
            for (int32_t offset = 0; offset < row_bytes_of(weights); offset += 4) {
                for (int32_t index = 0; index < 16 * accumulators; index++) {
                    int32_t channel = index / 16 * LANE_CHANNELS + index % 8 / 2, byte = index % 16 / 8 * 2 + index % 2;
                    *next++ = weight_at(weights, first + channel, row, offset + byte);
                }
            }
        }
    }
}

/// Where a block of channels reads and writes; the same for every tile of a row.
struct pass {
    const struct block_head *head;
    const struct textpin_hard_swish *hard_swish;
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

/// Two input bytes of every pixel.
TEXTPIN_INLINE void multiply_add(int32_t A, int32_t P, const __m128i *activations, const int8_t *weights, __m128i *sums)
{
#pragma clang loop unroll(full)
    for (int32_t a = 0; a < A; a++) {
        __m128i step_weights = load_words(weights + 16 * a);
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            sums[p * A + a] = _mm_add_epi32(sums[p * A + a], _mm_madd_epi16(activations[p], step_weights));
        }
    }
}

/// sums[p * A + a] = bias of accumulator a, or what stands at `initial` for pixel p, + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, const int32_t *initial,
                                    __m128i *sums)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        sums[i] = load_128((initial != NULL ? initial + i / A * pass->initial_stride : pass->head->bias) + LANE_CHANNELS * (i % A));
    }
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    for (int32_t row = 0; row < pass->kernel_rows; row++) {
        const int8_t *bytes = input + row * pass->input_row_stride;
        for (const int8_t *end = bytes + pass->row_bytes; bytes < end; bytes += 4, weights += 16 * A) {
            __m128i first[4], second[4];
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                int32_t four;
                memcpy(&four, bytes + p * pass->input_pixel_step, sizeof four);
                __m128i words = _mm_cvtepi8_epi16(_mm_cvtsi32_si128(four));
                first[p] = _mm_shuffle_epi32(words, 0x00);
                second[p] = _mm_shuffle_epi32(words, 0x55);
            }
            multiply_add(A, P, first, weights, sums);
            multiply_add(A, P, second, weights + 8, sums);
        }
    }
}

/// Half `half` of a pixel's 16 outputs, zero point added.
TEXTPIN_INLINE __m128i finish_half(const struct pass *pass, int32_t half, __m128i first, __m128i second, int32_t x, __m128i zero_point)
{
    const struct block_head *head = pass->head;
    const struct requantization_vector *requantization = head->requantization + 2 * half;
    if (pass->addend != NULL) {
        __m128i added = add_8(requantize_8(first, second, requantization, true), pass->addend + x * pass->addend_pixel_stride + 8 * half,
                              _mm_set1_epi16((int16_t)pass->addend_multiplier));
        return _mm_adds_epi16(added, zero_point);
    }
    return finish_8(first, second, requantization, pass->hard_swish, head->output_multiplier + 8 * half, zero_point);
}

/// Stores all pixels of a tile but the first `skip`.
TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x, int32_t skip)
{
    __m128i sums[TILE_ACCUMULATORS];
    const int32_t *initial = pass->initial != NULL ? pass->initial + x * pass->initial_stride : NULL;
    accumulate_tile(pass, A, P, pass->input + x * pass->input_pixel_step, initial, sums);
    __m128i zero_point = _mm_set1_epi16((int16_t)pass->zero_point);
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        if (p < skip) {
            continue;
        }
        const __m128i *pixel = sums + p * A;
        __m128i low = finish_half(pass, 0, pixel[0], pixel[minimum(1, A - 1)], x + p, zero_point);
        __m128i high = A > 2 ? finish_half(pass, 1, pixel[2], pixel[A - 1], x + p, zero_point) : low;
        store_first(pass->output + (x + p) * pass->output_pixel_stride, _mm_packs_epi16(low, high), pass->channels);
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
TILE(1, 4)
TILE(2, 4)
TILE(3, 2)
TILE(4, 2)
#undef TILE

static void convolve_row(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                         ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial,
                         ptrdiff_t initial_stride, int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    static void (*const tiles[])(const struct pass *pass, int32_t pixels) = {convolve_1x4, convolve_2x4, convolve_3x2, convolve_4x2};
    const int8_t *packed = convolution->packed;
    for (int32_t first = 0; first < convolution->output_channels; first += BLOCK_CHANNELS) {
        int32_t accumulators = accumulators_of(convolution->output_channels - first);
        struct pass pass = {
            .head = (const struct block_head *)packed,
            .hard_swish = convolution->hard_swish,
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
            .channels = minimum(convolution->output_channels - first, BLOCK_CHANNELS),
            .zero_point = convolution->output_zero_point,
            .addend_multiplier = convolution->addend_multiplier,
        };
        tiles[accumulators - 1](&pass, pixels);
        packed += block_bytes(accumulators, convolution->kernel_rows, convolution->row_bytes);
    }
    if (convolution->table != NULL) {
        textpin_lookup_row_sse41(convolution->table, output, output_pixel_stride, output, output_pixel_stride,
                                 convolution->output_channels, pixels);
    }
}

void textpin_convolution_row_sse41(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                   ptrdiff_t output_pixel_stride, int32_t pixels)
{
    convolve_row(convolution, input, input_row_stride, input_pixel_step, addend, addend_pixel_stride, NULL, 0, output,
                 output_pixel_stride, pixels);
}

void textpin_continued_row_sse41(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                 ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                 ptrdiff_t output_pixel_stride, int32_t pixels)
{
    convolve_row(convolution, input, input_row_stride, input_pixel_step, NULL, 0, initial, initial_stride, output, output_pixel_stride,
                 pixels);
}

void textpin_logits_row_sse41(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                              ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= LANE_CHANNELS);
    const struct pass pass = {
        .head = convolution->packed,
        .input_row_stride = input_row_stride,
        .input_pixel_step = input_pixel_step,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
    };
    const struct requantization_vector *requantization = pass.head->requantization;
    for (int32_t x = 0; x < pixels; x += 4) {
        __m128i sums[4];
        int32_t count = minimum(4, pixels - x);
        if (count == 4) {
            accumulate_tile(&pass, 1, 4, input + x * input_pixel_step, NULL, sums);
        } else {
            for (int32_t pixel = 0; pixel < 4; pixel++) {
                accumulate_tile(&pass, 1, 1, input + (x + minimum(pixel, count - 1)) * input_pixel_step, NULL, &sums[pixel]);
            }
        }
        __m128 pairs[2];
        for (int32_t pair = 0; pair < 2; pair++) {
            pairs[pair] = _mm_castsi128_ps(_mm_packs_epi32(requantize_4(scale_finely(sums[2 * pair]), requantization),
                                                           requantize_4(scale_finely(sums[2 * pair + 1]), requantization)));
        }
        // Channels 0 and 1 of four pixels side by side, then channels 2 and 3.
        int16_t values[16];
        _mm_storeu_si128((__m128i *)values, _mm_castps_si128(_mm_shuffle_ps(pairs[0], pairs[1], 0x88)));
        _mm_storeu_si128((__m128i *)(values + 8), _mm_castps_si128(_mm_shuffle_ps(pairs[0], pairs[1], 0xDD)));
        store_logits(values, convolution->output_channels, count, outputs, output_pixel_step, x);
    }
}

#pragma clang attribute pop
#endif
