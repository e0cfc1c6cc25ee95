// Depthwise convolution for AVX2: bytes of two taps are interleaved, extended to 16 bits, and VPMADDWD multiplies and adds the two.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx2_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum { CHUNK_CHANNELS = 16, MOST_TAPS = 64 };

/// The packed form of 16 channels: this, then for each pair of taps 16 pairs of weights.
struct chunk_head {
    struct requantization_vector requantization[2];
    int32_t bias[CHUNK_CHANNELS];
    /// In the order of pack_16's bytes.
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

size_t textpin_packed_depthwise_bytes_avx2(const struct textpin_weights *weights)
{
    size_t chunks = (size_t)round_up(weights->output_channels, CHUNK_CHANNELS) / CHUNK_CHANNELS;
    return align_packed(chunks * chunk_bytes(weights->kernel_rows, weights->kernel_columns));
}

void textpin_pack_depthwise_avx2(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += CHUNK_CHANNELS) {
        struct chunk_head *head = (struct chunk_head *)next;
        for (int32_t lane = 0; lane < CHUNK_CHANNELS; lane++) {
            bool used = first + lane < weights->output_channels;
            set_requantization(&head->requantization[lane / 8], lane % 8, used ? weights->multiplier[first + lane] : 0,
                               used ? weights->shift[first + lane] : TEXTPIN_SHIFT_MINIMUM);
            bool swishes = used && weights->output_multiplier != NULL;
            head->output_multiplier[lane % 8 / 4 * 8 + lane / 8 * 4 + lane % 4] = swishes ? weights->output_multiplier[first + lane] : 0;
            head->bias[lane] = used ? weights->bias[first + lane] : 0;
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

void textpin_depthwise_row_avx2(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride, int8_t *output,
                                ptrdiff_t output_pixel_stride, int32_t pixels)
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
    struct hard_swish_vectors hard_swish;
    if (depthwise->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(depthwise->hard_swish);
    }
    __m256i zero_point = _mm256_set1_epi16((int16_t)depthwise->output_zero_point);
    ptrdiff_t pixel_step = (ptrdiff_t)depthwise->stride * depthwise->input_channel_stride;
    const int8_t *packed = depthwise->packed;
    for (int32_t first = 0; first < depthwise->channels; first += CHUNK_CHANNELS) {
        const struct chunk_head *head = (const struct chunk_head *)packed;
        for (int32_t x = 0; x < pixels; x++) {
            const int8_t *bytes = input + x * pixel_step + first;
            const int8_t *weights = packed + sizeof *head;
            __m256i low = load_256(head->bias), high = load_256(head->bias + 8);
            for (int32_t pair = 0; pair < pairs; pair++, weights += 32) {
                __m128i a = load_128(bytes + tap_offsets[2 * pair]), b = load_128(bytes + tap_offsets[2 * pair + 1]);
                __m256i low_taps = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(a, b));
                __m256i high_taps = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(a, b));
                low = _mm256_add_epi32(low, _mm256_madd_epi16(low_taps, _mm256_cvtepi8_epi16(load_128(weights))));
                high = _mm256_add_epi32(high, _mm256_madd_epi16(high_taps, _mm256_cvtepi8_epi16(load_128(weights + 16))));
            }
            __m128i packed_bytes;
            if (depthwise->hard_swish != NULL) {
                low = requantize_8(scale_finely(low), &head->requantization[0]);
                high = requantize_8(scale_finely(high), &head->requantization[1]);
                packed_bytes = hard_swish_16(low, high, &hard_swish, head->output_multiplier, zero_point);
            } else {
                low = requantize_8(low, &head->requantization[0]);
                high = requantize_8(high, &head->requantization[1]);
                packed_bytes = pack_16(low, high, zero_point);
            }
            // pack_16 leaves channels 0, 8, 4, 12 and the three after each.
            store_first(output + x * output_pixel_stride + first, _mm_shuffle_epi32(packed_bytes, _MM_SHUFFLE(3, 1, 2, 0)),
                        depthwise->channels - first);
        }
        packed += chunk_bytes(depthwise->kernel_rows, depthwise->kernel_columns);
    }
    if (depthwise->table != NULL) {
        textpin_lookup_row_avx2(depthwise->table, output, output_pixel_stride, output, output_pixel_stride, depthwise->channels, pixels);
    }
}

#pragma clang attribute pop
#endif
