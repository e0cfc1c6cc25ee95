// Dense convolution for ARMv8.0 NEON: SMULL and SMLAL2 add two products of bytes in 16 bits, SADALP adds neighbours of those into 32.
// Two products fit 16 bits because weights are never -128: 2 x 128 x 127 = 32512.
//
// One tile is 4 A channels by P pixels:
//
//                              weights of 4 input bytes: A loads
//                             +-------+-------+-------+-------+
//     pixel 0: 0 1 x4, 2 3 x4 | acc00 | acc01 | acc02 | acc03 |     4 bytes of the pixel, spread by one TBL
//     pixel 1                 | acc10 | acc11 | acc12 | acc13 |
//     pixel 2                 | acc20 | acc21 | acc22 | acc23 |     an accumulator's 4 lanes are 4 channels
//     pixel 3                 | acc30 | acc31 | acc32 | acc33 |
//                             +-------+-------+-------+-------+
//
// Where rows are long (is_long), 4 channels are computed after the other, of P pixels again:
//
//                         weights of 16 input bytes: 4 loads
//                        +-------+-------+-------+-------+
//     pixel 0: 16 bytes  | acc00 | acc01 | acc02 | acc03 |     an accumulator's 4 lanes add up to one channel
//     ...                |       |       |       |       |
//     pixel 3: 16 bytes  | acc30 | acc31 | acc32 | acc33 |
//                        +-------+-------+-------+-------+
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_convolution.h"

enum { TILE_ACCUMULATORS = 16, MOST_PIXELS = 4 };

TEXTPIN_INLINE int32x4_t multiply_add(int32x4_t sum, int8x16_t activations, int8x16_t weights)
{
    int16x8_t products = vmull_s8(vget_low_s8(activations), vget_low_s8(weights));
    return vpadalq_s16(sum, vmlal_high_s8(products, activations, weights));
}

/// One step: 4 input bytes of every pixel.
TEXTPIN_INLINE void accumulate_step(int32_t A, int32_t P, const int8_t *const pixels[4], int32_t offset, const int8_t *weights,
                                    uint8x16_t spread, int32x4_t *sums)
{
    int8x16_t activations[4];
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        int32_t four;
        memcpy(&four, pixels[p] + offset, sizeof four);
        activations[p] = vqtbl1q_s8(vreinterpretq_s8_s32(vsetq_lane_s32(four, vdupq_n_s32(0), 0)), spread);
    }
    int8x16_t step_weights[MOST_ACCUMULATORS];
#pragma clang loop unroll(full)
    for (int32_t a = 0; a < A; a++) {
        step_weights[a] = vld1q_s8(weights + 16 * a);
    }
#pragma clang loop unroll(full)
    for (int32_t a = 0; a < A; a++) {
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            sums[p * A + a] = multiply_add(sums[p * A + a], activations[p], step_weights[a]);
            // Keeps the order: 4 products at a time, and no loads for the next step, are all that the registers hold.
            __asm__ volatile("" : "+w"(sums[p * A + a]), "+w"(activations[p]) : : "memory");
        }
    }
}

/// accumulate_tile for long rows.
TEXTPIN_INLINE void accumulate_long_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, const int32_t *initial,
                                         int32x4_t *sums)
{
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    // In memory, and the loop as it is: all registers are its own.
    int32x4_t finished[TILE_ACCUMULATORS];
#pragma clang loop unroll(disable)
    for (int32_t a = 0; a < A; a++) {
        int32x4_t channels[MOST_PIXELS][LANE_CHANNELS];
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < LANE_CHANNELS * P; i++) {
            channels[i / LANE_CHANNELS][i % LANE_CHANNELS] = vdupq_n_s32(0);
        }
        for (int32_t row = 0; row < pass->kernel_rows; row++) {
            const int8_t *pixels[MOST_PIXELS];
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                pixels[p] = input + row * pass->input_row_stride + p * pass->input_pixel_step;
            }
            int32_t remaining = pass->row_bytes;
            do {
                int8x16_t sixteen[MOST_PIXELS];
#pragma clang loop unroll(full)
                for (int32_t p = 0; p < P; p++) {
                    sixteen[p] = take_16(&pixels[p]);
                }
#pragma clang loop unroll(full)
                for (int32_t c = 0; c < LANE_CHANNELS; c += 2) {
                    int8x16x2_t two = take_32(&weights);
#pragma clang loop unroll(full)
                    for (int32_t i = 0; i < 2 * P; i++) {
                        int32x4_t *sum = &channels[i % P][c + i / P];
                        *sum = multiply_add(*sum, sixteen[i % P], two.val[i / P]);
                        // Keeps the order, again.
                        __asm__ volatile("" : "+w"(*sum));
                    }
                }
            } while ((remaining -= 16) != 0);
        }
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            int32x4_t low = vpaddq_s32(channels[p][0], channels[p][1]), high = vpaddq_s32(channels[p][2], channels[p][3]);
            int32x4_t start = vld1q_s32(initial + p * pass->initial_stride + LANE_CHANNELS * a);
            finished[P * a + p] = vaddq_s32(start, vpaddq_s32(low, high));
        }
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        sums[i] = finished[i % A * P + i / A];
    }
}

/// accumulate_tile for rows of any length.
TEXTPIN_INLINE void accumulate_short_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, const int32_t *initial,
                                          int32x4_t *sums)
{
    static const uint8_t spread_order[16] = {0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3};
    uint8x16_t spread = vld1q_u8(spread_order);
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P && pass->initial_stride == 0; i++) {
        sums[i] = vld1q_s32(initial + 4 * (i % A));
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P && pass->initial_stride != 0; i++) {
        sums[i] = vld1q_s32(initial + i / A * pass->initial_stride + 4 * (i % A));
    }
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    for (int32_t row = 0; row < pass->kernel_rows; row++) {
        const int8_t *pixels[4];
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            pixels[p] = input + row * pass->input_row_stride + p * pass->input_pixel_step;
        }
        int32_t offset = 0;
        for (; offset + 16 <= pass->row_bytes; offset += 16, weights += 64 * A) {
#pragma clang loop unroll(full)
            for (int32_t step = 0; step < 4; step++) {
                accumulate_step(A, P, pixels, offset + 4 * step, weights + 16 * A * step, spread, sums);
            }
        }
        for (; offset < pass->row_bytes; offset += 4, weights += 16 * A) {
            accumulate_step(A, P, pixels, offset, weights, spread, sums);
        }
    }
}

/// sums[p * A + a] = what channels 4 a...4 a + 3 of pixel p start from + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *row, const struct pass *pass, int32_t A, int32_t P, const int8_t *input,
                                    const int32_t *initial, int32x4_t *sums)
{
    (void)row;
    if (is_long(pass->kernel_rows, pass->row_bytes)) {
        accumulate_long_tile(pass, A, P, input, initial, sums);
    } else {
        accumulate_short_tile(pass, A, P, input, initial, sums);
    }
}

#define CONVOLUTION_ROW textpin_convolution_row_neon
#define PARTIAL_ROW textpin_partial_row_neon
#define LOGITS_ROW textpin_logits_row_neon
#define STEP_BYTES 4
#define TILES TILE(1, 4) TILE(2, 4) TILE(3, 4) TILE(4, 4)
#include "neon_convolution_rows.h"

#endif
