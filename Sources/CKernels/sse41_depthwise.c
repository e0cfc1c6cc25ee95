// Depthwise convolution for SSE4.1, 8 channels at a time: two taps are extended to 16 bits and interleaved, and PMADDWD multiplies and
// adds the two.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "sse41.h"
#include "sse41_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_SSE41))), apply_to = function)

enum { CHUNK_CHANNELS = 8, MOST_TAPS = 64 };

/// The packed form of 8 channels: this, then for each pair of taps 8 pairs of weights.
struct chunk_head {
    struct requantization_vector requantization[2];
    int32_t bias[CHUNK_CHANNELS];
    int16_t output_multiplier[CHUNK_CHANNELS];
};

static int32_t tap_pairs(int32_t kernel_rows, int32_t kernel_columns)
{
    return (kernel_rows * kernel_columns + 1) / 2;
}

static size_t chunk_bytes(int32_t kernel_rows, int32_t kernel_columns)
{
    return sizeof(struct chunk_head) + 2 * CHUNK_CHANNELS * (size_t)tap_pairs(kernel_rows, kernel_columns);
}

size_t textpin_packed_depthwise_bytes_sse41(const struct textpin_weights *weights)
{
    size_t chunks = (size_t)round_up(weights->output_channels, CHUNK_CHANNELS) / CHUNK_CHANNELS;
    return align_packed(chunks * chunk_bytes(weights->kernel_rows, weights->kernel_columns));
}

void textpin_pack_depthwise_sse41(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += CHUNK_CHANNELS) {
        struct chunk_head *head = (struct chunk_head *)next;
        for (int32_t lane = 0; lane < CHUNK_CHANNELS; lane++) {
            bool used = first + lane < weights->output_channels;
            set_requantization(&head->requantization[lane / 4], lane % 4, weights, first + lane);
            head->bias[lane] = used ? weights->bias[first + lane] : 0;
            head->output_multiplier[lane] = used && weights->output_multiplier != NULL ? weights->output_multiplier[first + lane] : 0;
        }
        next += sizeof *head;
        for (int32_t pair = 0; pair < tap_pairs(weights->kernel_rows, weights->kernel_columns); pair++) {
            for (int32_t index = 0; index < 2 * CHUNK_CHANNELS; index++) {
                int32_t tap = 2 * pair + index % 2;
                *next++ = depthwise_weight_at(weights, tap / weights->kernel_columns, tap % weights->kernel_columns, first + index / 2);
            }
        }
    }
}

void textpin_depthwise_row_sse41(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                 int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    int32_t pairs = tap_pairs(depthwise->kernel_rows, depthwise->kernel_columns);
    int32_t taps = depthwise->kernel_rows * depthwise->kernel_columns;
    assert(2 * pairs <= MOST_TAPS);
    ptrdiff_t tap_offsets[MOST_TAPS];
    for (int32_t tap = 0; tap < 2 * pairs; tap++) {
        // Past the last tap the weight is 0, and any byte of the input does.
        ptrdiff_t row = tap / depthwise->kernel_columns, column = tap % depthwise->kernel_columns;
        tap_offsets[tap] = tap < taps ? row * input_row_stride + column * depthwise->input_channel_stride : 0;
    }
    __m128i zero_point = _mm_set1_epi16((int16_t)depthwise->output_zero_point);
    ptrdiff_t pixel_step = (ptrdiff_t)depthwise->stride * depthwise->input_channel_stride;
    const int8_t *packed = depthwise->packed;
    for (int32_t first = 0; first < depthwise->channels; first += CHUNK_CHANNELS) {
        const struct chunk_head *head = (const struct chunk_head *)packed;
        for (int32_t x = 0; x < pixels; x++) {
            const int8_t *bytes = input + x * pixel_step + first;
            const int8_t *weights = packed + sizeof *head;
            __m128i low = load_128(head->bias), high = load_128(head->bias + 4);
            for (int32_t pair = 0; pair < pairs; pair++, weights += 2 * CHUNK_CHANNELS) {
                __m128i a = load_words(bytes + tap_offsets[2 * pair]), b = load_words(bytes + tap_offsets[2 * pair + 1]);
                low = _mm_add_epi32(low, _mm_madd_epi16(_mm_unpacklo_epi16(a, b), load_words(weights)));
                high = _mm_add_epi32(high, _mm_madd_epi16(_mm_unpackhi_epi16(a, b), load_words(weights + CHUNK_CHANNELS)));
            }
            __m128i words = finish_8(low, high, head->requantization, depthwise->hard_swish, head->output_multiplier, zero_point);
            store_first(output + x * output_pixel_stride + first, _mm_packs_epi16(words, words),
                        minimum(depthwise->channels - first, CHUNK_CHANNELS));
        }
        packed += chunk_bytes(depthwise->kernel_rows, depthwise->kernel_columns);
    }
    if (depthwise->table != NULL) {
        textpin_lookup_row_sse41(depthwise->table, output, output_pixel_stride, output, output_pixel_stride, depthwise->channels, pixels);
    }
}

#pragma clang attribute pop
#endif
