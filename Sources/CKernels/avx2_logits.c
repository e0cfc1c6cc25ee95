// The last layer for AVX2: at most 4 output channels, so an accumulator is one pixel, and a lane one channel and two of 4 extended bytes.
//
//     weights of 4 input bytes:   | c0 01 | c0 23 | c1 01 | c1 23 | c2 01 | c2 23 | c3 01 | c3 23 |     8 pixels: a broadcast of 8 bytes each
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_convolution.h"
#include "avx2_lanes.h"
#include "avx2_windows.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum { TILE_PIXELS = 8 };

/// The weights of 4 input bytes from those of two steps of the dense form, in which channels 4 to 7 of a place are none.
static void extend_weights(const int8_t *packed, int32_t input_bytes, int16_t *words)
{
    for (int32_t byte = 0; byte < input_bytes; byte += 4, packed += 4 * LANES, words += 2 * LANES) {
        const __m128i four = _mm_unpacklo_epi16(load_128(packed), load_128(packed + 2 * LANES));
        _mm256_storeu_si256((__m256i *)words, _mm256_cvtepi8_epi16(four));
    }
}

/// Adds the products of TILE_PIXELS pixels.
static void accumulate_tile(const int16_t *words, ptrdiff_t pixel_words, const int16_t *weights, int32_t input_bytes, int32_t *sums)
{
    __m256i tile[TILE_PIXELS];
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < TILE_PIXELS; p++) {
        tile[p] = load_256(sums + LANES * p);
    }
    for (int32_t byte = 0; byte < input_bytes; byte += 4, words += 4, weights += 2 * LANES) {
        __m256i four_weights = load_256(weights);
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < TILE_PIXELS; p++) {
            int64_t four;
            memcpy(&four, words + p * pixel_words, sizeof four);
            tile[p] = _mm256_add_epi32(tile[p], _mm256_madd_epi16(_mm256_set1_epi64x(four), four_weights));
        }
    }
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < TILE_PIXELS; p++) {
        _mm256_storeu_si256((__m256i *)(sums + LANES * p), tile[p]);
    }
}

/// Channels 0...3 of two pixels, times TEXTPIN_FINE_SCALE, from their sums.
TEXTPIN_INLINE __m256i finish_two(const int32_t *sums, __m256i bias)
{
    const __m256i pairs = _mm256_hadd_epi32(load_256(sums), load_256(sums + LANES));
    return scale_finely(_mm256_add_epi32(_mm256_permute4x64_epi64(pairs, _MM_SHUFFLE(3, 1, 2, 0)), bias));
}

void textpin_logits_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                             ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= 4);
    const int32_t input_bytes = convolution->kernel_rows * convolution->row_bytes;
    const struct lane_pair *pair = convolution->packed;
    const int32_t *packed_bias = (const int32_t *)(const void *)(pair + 1);
    const int8_t *packed_weights = (const int8_t *)(packed_bias + LANES);
    const __m256i bias = _mm256_broadcastsi128_si256(load_128(packed_bias));
    // Of words as requantize_pair leaves pixels 0 and 2, 1 and 3: channels 0 and 1 of both, then channels 2 and 3 of both.
    const __m256i by_channels = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 8, 9, 4, 5, 12, 13, 2, 3, 10, 11, 6, 7, 14, 15));
    // What stands for pixels past the last one does not matter.
    int16_t words[MOST_WORDS + WORDS_SLACK], weights[SEGMENT / 4 * 2 * LANES];
    for (int32_t start = 0; start < pixels; start += LEAST_PIXELS) {
        const int32_t count = minimum(LEAST_PIXELS, pixels - start);
        const struct windows windows = {input + start * input_pixel_step, input_row_stride, input_pixel_step, convolution->row_bytes};
        int32_t sums[LEAST_PIXELS * LANES] = {0};
        for (int32_t first = 0; first < input_bytes; first += SEGMENT) {
            const int32_t segment_bytes = minimum(SEGMENT, input_bytes - first);
            const int32_t pixel_words = extend_windows(&windows, first, segment_bytes, count, words);
            if (start == 0 || input_bytes > SEGMENT) {
                extend_weights(packed_weights + first * LANES, segment_bytes, weights);
            }
            for (int32_t x = 0; x < count; x += TILE_PIXELS) {
                accumulate_tile(words + x * pixel_words, pixel_words, weights, segment_bytes, sums + x * LANES);
            }
        }
        for (int32_t x = 0; x < count; x += 4) {
            const __m256i first = finish_two(sums + x * LANES, bias), second = finish_two(sums + (x + 2) * LANES, bias);
            const __m256i four = _mm256_shuffle_epi8(requantize_pair(first, second, pair), by_channels);
            int16_t values[16];
            _mm256_storeu_si256((__m256i *)values, _mm256_permutevar8x32_epi32(four, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
            store_logits(values, convolution->output_channels, minimum(4, count - x), outputs, output_pixel_step, start + x);
        }
    }
}

#pragma clang attribute pop
#endif
