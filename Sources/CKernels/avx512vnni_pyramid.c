// A pyramid's products for AVX512-VNNI: VPDPBUSD multiplies 4 bytes of a pixel by 4 weights of 16 outputs.
//
// One tile is 2 accumulators (32 outputs) by 8 pixels:
//
//                         weights of 4 input bytes: 2 loads
//                        +-------+-------+
//     pixel 0: 4 bytes   | acc00 | acc01 |     broadcast, and offset to unsigned (equation 6) by VPXORD
//     ...                |       |       |
//     pixel 7: 4 bytes   | acc70 | acc71 |
//                        +-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_pyramid.h"
#include "avx512vnni_convolution.h"
#include "avx512vnni_kernels.h"
#include "x86_pyramid.h"

enum { GROUP = 8, LANES = 16, A = 2, P = 8 };

static __attribute__((target(TEXTPIN_TARGET_AVX512VNNI))) void products(const void *packed, int32_t outputs, const int8_t *pixels,
                                                                        int32_t pixel_bytes, int32_t count, int32_t *sums)
{
    assert(count >= P);
    __m512i sign_bits = _mm512_set1_epi8(INT8_MIN);
    // Hides the constant, else the compiler offsets the scalar and broadcasts it after: three instructions for one.
    __asm__("" : "+v"(sign_bits));
    const int8_t *weights = packed;
    for (int32_t block = 0; block < outputs; block += A * LANES, weights += A * LANES * pixel_bytes) {
        for (int32_t x = 0; x < count; x += P) {
            const int32_t start = minimum(x, count - P);
            const int8_t *activations = pixels + start * pixel_bytes;
            __m512i tile[P][A];
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                tile[i / A][i % A] = _mm512_setzero_si512();
            }
            const int8_t *step_weights = weights;
            for (int32_t offset = 0; offset < pixel_bytes; offset += 4, step_weights += 4 * A * LANES) {
                __m512i column[A] = {_mm512_load_si512(step_weights), _mm512_load_si512(step_weights + 4 * LANES)};
#pragma clang loop unroll(full)
                for (int32_t p = 0; p < P; p++) {
                    int32_t four;
                    memcpy(&four, activations + p * pixel_bytes + offset, sizeof four);
                    __m512i bytes = _mm512_xor_si512(_mm512_set1_epi32(four), sign_bits);
#pragma clang loop unroll(full)
                    for (int32_t a = 0; a < A; a++) {
                        tile[p][a] = _mm512_dpbusd_epi32(tile[p][a], bytes, column[a]);
                    }
                }
            }
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                _mm512_store_si512(sums + (start + i / A) * outputs + block + LANES * (i % A), tile[i / A][i % A]);
            }
        }
    }
}

static int32_t depth_of_weights(const struct textpin_weights *weights)
{
    return depth_of(weights->output_channels, weights->kernel_rows, row_bytes_of(weights));
}

static int32_t places(const struct textpin_weights *weights)
{
    return round_up(weights->output_channels, depth_of_weights(weights) == DEPTH_4 ? LANES : GROUP);
}

/// Up to TEXTPIN_PYRAMID_CHANNELS are one block: its accumulators' lanes, at DEPTH_8 one of each pair.
static int32_t channel_at(const struct textpin_weights *weights, int32_t place)
{
    const int32_t depth = depth_of_weights(weights), accumulators = next_block(depth, weights->output_channels).accumulators;
    return depth == DEPTH_4 ? channel_of_lane(depth, accumulators, place / LANES, place % LANES)
                            : channel_of_lane(depth, accumulators, place / GROUP, place % GROUP * 2);
}

static const struct x86_pyramid_kernels kernels = {
    .packed_convolution_bytes = textpin_packed_convolution_bytes_avx512vnni,
    .pack_convolution = textpin_pack_convolution_avx512vnni,
    .places = places,
    .channel_at = channel_at,
    .continued_row = textpin_continued_row_avx512vnni,
    .products = products,
    .add_line = textpin_add_pyramid_line_avx2,
    .group = GROUP,
    .block = A * LANES,
    .step_bytes = 4,
    .weight_bytes = 1,
    .input_offset = 128,
};
TEXTPIN_X86_PYRAMID(avx512vnni, kernels)

#endif
