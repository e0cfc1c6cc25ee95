// Dense convolution for AVX2: bytes are extended to 16 bits and VPMADDWD multiplies 16 pairs and adds neighbours, exactly.
//
// An accumulator holds 4 channels in 8 lanes: lane 2 c sums bytes 0 and 1 of every 4 of channel c's input, lane 2 c + 1 bytes 2 and 3.
// One tile is A accumulators (4 A channels) by P pixels, A x P = 12 of the 16 registers:
//
//                            weights of 4 input bytes: A loads of 16 bytes, extended
//                           +-------+-------+-------+-------+
//     pixel 0: 4 bytes      | acc00 | acc01 | acc02 | acc03 |     4 bytes, broadcast and extended
//     pixel 1: 4 bytes      | acc10 | acc11 | acc12 | acc13 |
//     pixel 2: 4 bytes      | acc20 | acc21 | acc22 | acc23 |
//                           +-------+-------+-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx2_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum { LANE_CHANNELS = 4, MOST_ACCUMULATORS = 4, TILE_ACCUMULATORS = 12 };

/// The packed form of a block of up to 16 channels: this, then 16 bytes of weights for each accumulator and 4 input bytes.
struct block_head {
    /// Byte of pack_16's result that is output channel i.
    uint8_t order[16];
    /// Output channel that is byte i of pack_16's result.
    uint8_t channel[16];
    /// In the order of pack_16's bytes.
    int16_t output_multiplier[16];
    struct requantization_vector requantization[2];
    uint32_t bias[MOST_ACCUMULATORS][8];
};

static int32_t accumulators_of(int32_t remaining_channels)
{
    return minimum((remaining_channels + LANE_CHANNELS - 1) / LANE_CHANNELS, MOST_ACCUMULATORS);
}

static size_t block_bytes(int32_t accumulators, int32_t kernel_rows, int32_t row_bytes)
{
    return sizeof(struct block_head) + 16 * (size_t)accumulators * (size_t)kernel_rows * (size_t)(row_bytes / 4);
}

size_t textpin_packed_convolution_bytes_avx2(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels; first += LANE_CHANNELS * MOST_ACCUMULATORS) {
        bytes += block_bytes(accumulators_of(weights->output_channels - first), weights->kernel_rows, row_bytes_of(weights));
    }
    return align_packed(bytes);
}

static void pack_head(const struct textpin_weights *weights, int32_t first, int32_t accumulators, struct block_head *head)
{
    memset(head, 0, sizeof *head);
    for (int32_t channel = 0; channel < LANE_CHANNELS * accumulators; channel++) {
        int32_t accumulator = channel / LANE_CHANNELS, pair = channel % LANE_CHANNELS;
        // add_lane_pairs, then pack_16: pairs 0 and 1 of an accumulator come to the lower 8 bytes, 2 and 3 to the upper.
        int32_t vector = accumulator / 2, lane = pair / 2 * 4 + accumulator % 2 * 2 + pair % 2;
        head->order[channel] = (uint8_t)(lane / 4 * 8 + 4 * vector + lane % 4);
        head->channel[head->order[channel]] = (uint8_t)channel;
        bool used = first + channel < weights->output_channels;
        int32_t multiplier = used ? weights->multiplier[first + channel] : 0;
        int32_t shift = used ? weights->shift[first + channel] : TEXTPIN_SHIFT_MINIMUM;
        set_requantization(&head->requantization[vector], lane, multiplier, shift);
        head->output_multiplier[head->order[channel]] =
            used && weights->output_multiplier != NULL ? weights->output_multiplier[first + channel] : 0;
        if (accumulators % 2 == 1 && accumulator == accumulators - 1) {
            // The last of an odd number is paired with itself; the logits' pixels are, too.
            set_requantization(&head->requantization[vector], lane + 2, multiplier, shift);
        }
        head->bias[accumulator][2 * pair] = used ? (uint32_t)weights->bias[first + channel] : 0;
    }
}

void textpin_pack_convolution_avx2(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += LANE_CHANNELS * MOST_ACCUMULATORS) {
        int32_t accumulators = accumulators_of(weights->output_channels - first);
        pack_head(weights, first, accumulators, (struct block_head *)next);
        next += sizeof(struct block_head);
        for (int32_t row = 0; row < weights->kernel_rows; row++) {
            for (int32_t offset = 0; offset < row_bytes_of(weights); offset += 4) {
                for (int32_t channel = first; channel < first + LANE_CHANNELS * accumulators; channel++) {
                    for (int32_t byte = 0; byte < 4; byte++) {
                        *next++ = weight_at(weights, channel, row, offset + byte);
                    }
                }
            }
        }
    }
}

/// Where a block of channels reads and writes; the same for every tile of a row.
struct pass {
    const struct block_head *head;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int8_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_step;
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

/// sums[p * A + a] = bias of accumulator a + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, __m256i *sums)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        sums[i] = load_256(pass->head->bias[i % A]);
    }
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    for (int32_t row = 0; row < pass->kernel_rows; row++) {
        const int8_t *bytes = input + row * pass->input_row_stride;
        for (const int8_t *end = bytes + pass->row_bytes; bytes < end; bytes += 4) {
            __m256i activations[6];
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                int32_t four;
                memcpy(&four, bytes + p * pass->input_pixel_step, sizeof four);
                activations[p] = _mm256_cvtepi8_epi16(_mm_set1_epi32(four));
            }
#pragma clang loop unroll(full)
            for (int32_t a = 0; a < A; a++) {
                __m256i step_weights = _mm256_cvtepi8_epi16(load_128(weights + 16 * a));
#pragma clang loop unroll(full)
                for (int32_t p = 0; p < P; p++) {
                    sums[p * A + a] = _mm256_add_epi32(sums[p * A + a], _mm256_madd_epi16(activations[p], step_weights));
                }
            }
            weights += 16 * A;
        }
    }
}

/// Lane pairs added up: lanes 4 i, 4 i + 1 from `a`, 4 i + 2, 4 i + 3 from `b`.
TEXTPIN_INLINE __m256i add_lane_pairs(__m256i a, __m256i b)
{
    __m256 first = _mm256_castsi256_ps(a), second = _mm256_castsi256_ps(b);
    return _mm256_add_epi32(_mm256_castps_si256(_mm256_shuffle_ps(first, second, 0x88)),
                            _mm256_castps_si256(_mm256_shuffle_ps(first, second, 0xDD)));
}

/// The 16 bytes of pixel `x` from its A sums, in the order of pack_16.
TEXTPIN_INLINE __m128i finish_pixel(const struct pass *pass, int32_t A, const __m256i *sums, int32_t x)
{
    const struct block_head *head = pass->head;
    __m256i zero_point = _mm256_set1_epi16((int16_t)pass->zero_point);
    __m256i first = add_lane_pairs(sums[0], sums[minimum(1, A - 1)]);
    __m256i second = A > 2 ? add_lane_pairs(sums[2], sums[A - 1]) : first;
    if (pass->hard_swish != NULL || pass->addend != NULL) {
        first = requantize_8(scale_finely(first), &head->requantization[0]);
        second = A > 2 ? requantize_8(scale_finely(second), &head->requantization[1]) : first;
        if (pass->addend != NULL) {
            __m128i addends = _mm_shuffle_epi8(load_128(pass->addend + x * pass->addend_pixel_stride), load_128(head->channel));
            return add_16(first, second, addends, _mm256_set1_epi16((int16_t)pass->addend_multiplier), zero_point);
        }
        return hard_swish_16(first, second, pass->hard_swish, head->output_multiplier, zero_point);
    }
    first = requantize_8(first, &head->requantization[0]);
    second = A > 2 ? requantize_8(second, &head->requantization[1]) : first;
    return pack_16(first, second, zero_point);
}

/// Stores all pixels of a tile but the first `skip`.
TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x, int32_t skip)
{
    __m256i sums[TILE_ACCUMULATORS];
    accumulate_tile(pass, A, P, pass->input + x * pass->input_pixel_step, sums);
    __m128i order = load_128(pass->head->order);
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        if (p < skip) {
            continue;
        }
        __m128i bytes = _mm_shuffle_epi8(finish_pixel(pass, A, sums + p * A, x + p), order);
        store_first(pass->output + (x + p) * pass->output_pixel_stride, bytes, pass->channels);
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
TILE(1, 6)
TILE(2, 6)
TILE(3, 4)
TILE(4, 3)
#undef TILE

void textpin_convolution_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                  ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                  ptrdiff_t output_pixel_stride, int32_t pixels)
{
    static void (*const tiles[])(const struct pass *pass, int32_t pixels) = {convolve_1x6, convolve_2x6, convolve_3x4, convolve_4x3};
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    const int8_t *packed = convolution->packed;
    for (int32_t first = 0; first < convolution->output_channels; first += LANE_CHANNELS * MOST_ACCUMULATORS) {
        int32_t accumulators = accumulators_of(convolution->output_channels - first);
        struct pass pass = {
            .head = (const struct block_head *)packed,
            .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
            .input = input,
            .input_row_stride = input_row_stride,
            .input_pixel_step = input_pixel_step,
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

void textpin_logits_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                             ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= LANE_CHANNELS);
    struct pass pass = {
        .head = convolution->packed,
        .input_row_stride = input_row_stride,
        .input_pixel_step = input_pixel_step,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
    };
    for (int32_t x = 0; x < pixels; x += 4) {
        __m256i sums[4];
        int32_t start = x, count = minimum(4, pixels - x);
        if (count == 4) {
            accumulate_tile(&pass, 1, 4, input + start * input_pixel_step, sums);
        } else {
            for (int32_t pixel = 0; pixel < 4; pixel++) {
                accumulate_tile(&pass, 1, 1, input + (start + minimum(pixel, count - 1)) * input_pixel_step, &sums[pixel]);
            }
        }
        __m256i vectors[2];
        for (int32_t vector = 0; vector < 2; vector++) {
            __m256i pair = add_lane_pairs(sums[2 * vector], sums[2 * vector + 1]);
            vectors[vector] = requantize_8(scale_finely(pair), &pass.head->requantization[0]);
        }
        // Channels 0 and 1 of four pixels side by side, then channels 2 and 3.
        int16_t values[16];
        _mm256_storeu_si256((__m256i *)values, _mm256_packs_epi32(vectors[0], vectors[1]));
        store_logits(values, convolution->output_channels, count, outputs, output_pixel_step, x);
    }
}

#pragma clang attribute pop
#endif
