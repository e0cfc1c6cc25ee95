// Dense convolution for NEON with the dot product extension: SDOT by lane multiplies 4 bytes of a pixel by those of 4 channels.
//
// One tile is 4 A channels by P pixels:
//
//                         weights of 4 input bytes: A loads
//                        +-------+-------+-------+-------+
//     pixel 0: 16 bytes  | acc00 | acc01 | acc02 | acc03 |     one load of a pixel serves 4 steps, by lanes
//     pixel 1: 16 bytes  | acc10 | acc11 | acc12 | acc13 |
//     ...                |       |       |       |       |     an accumulator's 4 lanes are 4 channels
//     pixel 5: 16 bytes  | acc50 | acc51 | acc52 | acc53 |
//                        +-------+-------+-------+-------+
//
// 24 accumulators, 6 pixels and 2 vectors of weights are all 32 registers.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_convolution.h"

#pragma clang attribute push(__attribute__((target("v8.1a,dotprod"))), apply_to = function)

enum { TILE_ACCUMULATORS = 24, MOST_PIXELS = 8 };

TEXTPIN_INLINE int32x4_t multiply_lane(int32x4_t sum, int8x16_t weights, int8x16_t activations, int32_t lane)
{
    switch (lane) {
    case 0:
        return vdotq_laneq_s32(sum, weights, activations, 0);
    case 1:
        return vdotq_laneq_s32(sum, weights, activations, 1);
    case 2:
        return vdotq_laneq_s32(sum, weights, activations, 2);
    default:
        return vdotq_laneq_s32(sum, weights, activations, 3);
    }
}

/// `lanes` steps of 4 input bytes, lane after lane of every pixel. Weights come two vectors at a time, of one step or of two.
TEXTPIN_INLINE void multiply_lanes(int32_t A, int32_t P, int32_t lanes, const int8x16_t *pixels, const int8_t **weights, int32x4_t *sums)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < lanes * A; i += 2) {
        const int32_t next = minimum(i + 1, lanes * A - 1);
        int8x16x2_t two;
        if (next > i) {
            two = take_32(weights);
        } else {
            two.val[0] = two.val[1] = take_16(weights);
        }
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            int32x4_t *first = &sums[p * A + i % A], *second = &sums[p * A + next % A];
            *first = multiply_lane(*first, two.val[0], pixels[p], i / A);
            if (next > i) {
                *second = multiply_lane(*second, two.val[1], pixels[p], next / A);
            }
            // Keeps the order: the registers hold no weights of another step.
            __asm__ volatile("" : "+w"(*first) : : "memory");
            if (second != first) {
                __asm__ volatile("" : "+w"(*second) : : "memory");
            }
        }
    }
}

/// sums[p * A + a] = what channels 4 a...4 a + 3 of pixel p start from + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *row, const struct pass *pass, int32_t A, int32_t P, const int8_t *input,
                                    const int32_t *initial, int32x4_t *sums)
{
    start_sums(row, A, P, initial, sums);
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    int32_t rows = pass->kernel_rows;
    do {
        const int8_t *pixels[MOST_PIXELS];
        start_pixels(pass, P, input, pixels);
        input += pass->input_row_stride;
        int8x16_t bytes[MOST_PIXELS];
        const int8_t *end = pixels[0] + pass->row_bytes / 16 * 16;
        while (pixels[0] != end) {
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                bytes[p] = take_16(&pixels[p]);
            }
            multiply_lanes(A, P, 4, bytes, &weights, sums);
        }
        // 4, 8 or 12 bytes are left, or none.
        const int32_t rest = pass->row_bytes & 12;
        if (rest == 0) {
            continue;
        }
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            bytes[p] = vld1q_s8(pixels[p]);
        }
        if (rest == 8) {
            multiply_lanes(A, P, 2, bytes, &weights, sums);
        } else if (rest == 12) {
            multiply_lanes(A, P, 3, bytes, &weights, sums);
        } else {
            multiply_lanes(A, P, 1, bytes, &weights, sums);
        }
    } while (--rows != 0);
}

#define CONVOLUTION_ROW textpin_convolution_row_neon_dotprod
#define PARTIAL_ROW textpin_partial_row_neon_dotprod
#define LOGITS_ROW textpin_logits_row_neon_dotprod
#define MULTIPLY_ADD_ROUNDED
#define BLOCK_BYTES(accumulators, kernel_rows, row_bytes) block_bytes(accumulators, kernel_rows, row_bytes)
#define TILES TILE(1, 8) TILE(2, 8) TILE(3, 6) TILE(4, 6)
#include "neon_convolution_rows.h"

#pragma clang attribute pop
#endif
