// A pyramid's products for AVX-VNNI: VPDPBUSD multiplies 4 bytes of a pixel by 4 weights of 8 outputs.
//
// One tile is 3 accumulators (24 outputs) by 4 pixels, 12 of the 16 registers:
//
//                         weights of 4 input bytes: 3 loads
//                        +-------+-------+-------+
//     pixel 0: 4 bytes   | acc00 | acc01 | acc02 |     one broadcast of bytes offset to unsigned (equation 6) ahead
//     ...                |       |       |       |
//     pixel 3: 4 bytes   | acc30 | acc31 | acc32 |
//                        +-------+-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_pyramid.h"
#include "avxvnni_kernels.h"
#include "x86_pyramid.h"

enum { GROUP = 8, A = 3, P = 4, MOST_BYTES = PYRAMID_PART_PIXELS * TEXTPIN_PYRAMID_CHANNELS };

static __attribute__((target(TEXTPIN_TARGET_AVXVNNI))) void products(const void *packed, int32_t outputs, const int8_t *pixels,
                                                                     int32_t pixel_bytes, int32_t count, int32_t *sums)
{
    int8_t offset_pixels[MOST_BYTES + 32];
    assert(count >= P && count * pixel_bytes <= MOST_BYTES);
    for (int32_t i = 0; i < count * pixel_bytes; i += 16) {
        _mm_storeu_si128((__m128i *)(offset_pixels + i), _mm_xor_si128(load_128(pixels + i), _mm_set1_epi8(INT8_MIN)));
    }
    const int8_t *weights = packed;
    for (int32_t block = 0; block < outputs; block += A * GROUP, weights += A * GROUP * pixel_bytes) {
        for (int32_t x = 0; x < count; x += P) {
            const int32_t start = minimum(x, count - P);
            const int8_t *activations = offset_pixels + start * pixel_bytes;
            __m256i tile[P][A];
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                tile[i / A][i % A] = _mm256_setzero_si256();
            }
            const int8_t *step_weights = weights;
            for (int32_t offset = 0; offset < pixel_bytes; offset += 4, step_weights += 4 * A * GROUP) {
                __m256i column[A];
#pragma clang loop unroll(full)
                for (int32_t a = 0; a < A; a++) {
                    column[a] = load_256(step_weights + 4 * GROUP * a);
                }
#pragma clang loop unroll(full)
                for (int32_t p = 0; p < P; p++) {
                    int32_t four;
                    memcpy(&four, activations + p * pixel_bytes + offset, sizeof four);
                    __m256i bytes = _mm256_set1_epi32(four);
#pragma clang loop unroll(full)
                    for (int32_t a = 0; a < A; a++) {
                        tile[p][a] = _mm256_dpbusd_avx_epi32(tile[p][a], bytes, column[a]);
                    }
                }
            }
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                _mm256_storeu_si256((__m256i *)(sums + (start + i / A) * outputs + block + GROUP * (i % A)), tile[i / A][i % A]);
            }
        }
    }
}

static int32_t places(const struct textpin_weights *weights)
{
    return round_up(weights->output_channels, GROUP);
}

static int32_t channel_at(const struct textpin_weights *weights, int32_t place)
{
    return textpin_channel_of_place_avxvnni(weights->output_channels, place);
}

static const struct x86_pyramid_kernels kernels = {
    .packed_convolution_bytes = textpin_packed_convolution_bytes_avxvnni,
    .pack_convolution = textpin_pack_convolution_avxvnni,
    .places = places,
    .channel_at = channel_at,
    .continued_row = textpin_continued_row_avxvnni,
    .products = products,
    .add_line = textpin_add_pyramid_line_avx2,
    .group = GROUP,
    .block = A * GROUP,
    .step_bytes = 4,
    .weight_bytes = 1,
    .input_offset = 128,
};
TEXTPIN_X86_PYRAMID(avxvnni, kernels)

#endif
