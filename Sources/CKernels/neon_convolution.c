// Dense convolution for ARMv8.0 NEON: SMULL and SMLAL2 add two products of bytes in 16 bits, SADALP adds neighbours of those into 32.
// Two products fit 16 bits because weights are never -128: 2 x 128 x 127 = 32512.
//
// One tile is 4 A channels by P pixels:
//
//                              weights of 4 input bytes: A loads
//                             +-------+-------+-------+-------+
//     pixel 0: 0 1 x4, 2 3 x4 | acc00 | acc01 | acc02 | acc03 |     4 of the pixel's 16 loaded bytes, spread by one TBL
//     pixel 1                 | acc10 | acc11 | acc12 | acc13 |
//     pixel 2                 | acc20 | acc21 | acc22 | acc23 |     an accumulator's 4 lanes are 4 channels
//     pixel 3                 | acc30 | acc31 | acc32 | acc33 |
//                             +-------+-------+-------+-------+
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_convolution.h"

enum { TILE_ACCUMULATORS = 16 };

TEXTPIN_INLINE int32x4_t multiply_add(int32x4_t sum, int8x16_t activations, int8x16_t weights)
{
    int16x8_t products = vmull_s8(vget_low_s8(activations), vget_low_s8(weights));
    return vpadalq_s16(sum, vmlal_high_s8(products, activations, weights));
}

/// sums[p * A + a] = bias of channels 4 a...4 a + 3 + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, int32x4_t *sums)
{
    static const uint8_t orders[4][16] = {
        {0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3},
        {4, 5, 4, 5, 4, 5, 4, 5, 6, 7, 6, 7, 6, 7, 6, 7},
        {8, 9, 8, 9, 8, 9, 8, 9, 10, 11, 10, 11, 10, 11, 10, 11},
        {12, 13, 12, 13, 12, 13, 12, 13, 14, 15, 14, 15, 14, 15, 14, 15},
    };
    uint8x16_t order[4];
    for (int32_t step = 0; step < 4; step++) {
        order[step] = vld1q_u8(orders[step]);
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        sums[i] = vld1q_s32(pass->head->bias + 4 * (i % A));
    }
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    for (int32_t row = 0; row < pass->kernel_rows; row++) {
        const int8_t *bytes = input + row * pass->input_row_stride;
        int32_t remaining = pass->row_bytes;
        for (; remaining >= 16; remaining -= 16, bytes += 16) {
            int8x16_t sixteen[4];
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                sixteen[p] = vld1q_s8(bytes + p * pass->input_pixel_step);
            }
#pragma clang loop unroll(full)
            for (int32_t step = 0; step < 4; step++, weights += 16 * A) {
#pragma clang loop unroll(full)
                for (int32_t p = 0; p < P; p++) {
                    int8x16_t activations = vqtbl1q_s8(sixteen[p], order[step]);
#pragma clang loop unroll(full)
                    for (int32_t a = 0; a < A; a++) {
                        sums[p * A + a] = multiply_add(sums[p * A + a], activations, vld1q_s8(weights + 16 * a));
                    }
                }
            }
        }
        for (; remaining > 0; remaining -= 4, bytes += 4, weights += 16 * A) {
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                int32_t four;
                memcpy(&four, bytes + p * pass->input_pixel_step, sizeof four);
                int8x16_t activations = vqtbl1q_s8(vreinterpretq_s8_s32(vdupq_n_s32(four)), order[0]);
#pragma clang loop unroll(full)
                for (int32_t a = 0; a < A; a++) {
                    sums[p * A + a] = multiply_add(sums[p * A + a], activations, vld1q_s8(weights + 16 * a));
                }
            }
        }
    }
}

#define CONVOLUTION_ROW textpin_convolution_row_neon
#define LOGITS_ROW textpin_logits_row_neon
#include "neon_convolution_rows.h"

#endif
