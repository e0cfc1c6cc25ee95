// Dense convolution for ARMv8.0 NEON: SMULL and SMLAL add products of bytes in 16 bits, SADALP adds neighbours of those into 32.
//
// One tile is 4 A channels by 4 pixels, a step is 8 input bytes, a ... h:
//
//                                  weights of 8 input bytes: 2 A loads
//                                 +-------+-------+-------+-------+
//     pixel 0: a b x4, c d x4,    | acc00 | acc01 | acc02 | acc03 |     spread by two TBL
//              e f x4, g h x4     |       |       |       |       |
//     pixel 1                     | acc10 | acc11 | acc12 | acc13 |     an accumulator's 4 lanes are 4 channels
//     pixel 2                     | acc20 | acc21 | acc22 | acc23 |
//     pixel 3                     | acc30 | acc31 | acc32 | acc33 |
//                                 +-------+-------+-------+-------+
//
// A lane of 16 bits adds the products of a, c, e and g, its neighbour those of b, d, f and h. Two products always fit; four do where the
// weights allow it (equation 7a), and which of 16 bytes are a ... h was chosen for each block of channels such that they do.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_spread.h"

enum { TILE_ACCUMULATORS = 16, MOST_PIXELS = 4 };

/// 16 bytes of each pixel, spread for a step.
TEXTPIN_INLINE void spread_bytes(const int8x16_t bytes[MOST_PIXELS], const uint8_t indices[2][16], int8x16_t spread[MOST_PIXELS][2])
{
    uint8x16_t first, second;
    __asm__("ldp %q0, %q1, [%2]" : "=w"(first), "=w"(second) : "r"(indices), "m"(*(const uint8_t(*)[2][16])indices));
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < MOST_PIXELS; p++) {
        spread[p][0] = vqtbl1q_s8(bytes[p], first);
        spread[p][1] = vqtbl1q_s8(bytes[p], second);
        // Keeps the order: no weights are loaded before.
        __asm__ volatile("" : "+w"(spread[p][0]), "+w"(spread[p][1]));
    }
}

/// The next 8 bytes at `bytes`, in one instruction, as take_16.
TEXTPIN_INLINE int8x16_t take_8(const int8_t **bytes)
{
    int8x16_t eight;
    __asm__ volatile("ldr %d0, [%1], #8" : "=w"(eight), "+r"(*bytes) : : "memory");
    return eight;
}

/// The products of a step. `four`: whether four of them fit 16 bits.
TEXTPIN_INLINE void accumulate_step(int32_t A, bool four, int8x16_t spread[MOST_PIXELS][2], const int8_t **weights, int32x4_t *sums)
{
#pragma clang loop unroll(full)
    for (int32_t a = 0; a < A; a++) {
        const int8x16x2_t both = take_32(weights);
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < MOST_PIXELS; p += 2) {
            int32x4_t *first = &sums[p * A + a], *second = &sums[(p + 1) * A + a];
            int16x8_t x = vmull_s8(vget_low_s8(spread[p][0]), vget_low_s8(both.val[0]));
            int16x8_t y = vmull_s8(vget_low_s8(spread[p + 1][0]), vget_low_s8(both.val[0]));
            x = vmlal_high_s8(x, spread[p][0], both.val[0]);
            y = vmlal_high_s8(y, spread[p + 1][0], both.val[0]);
            if (!four) {
                *first = vpadalq_s16(*first, x);
                *second = vpadalq_s16(*second, y);
                x = vmull_s8(vget_low_s8(spread[p][1]), vget_low_s8(both.val[1]));
                y = vmull_s8(vget_low_s8(spread[p + 1][1]), vget_low_s8(both.val[1]));
            } else {
                x = vmlal_s8(x, vget_low_s8(spread[p][1]), vget_low_s8(both.val[1]));
                y = vmlal_s8(y, vget_low_s8(spread[p + 1][1]), vget_low_s8(both.val[1]));
            }
            *first = vpadalq_s16(*first, vmlal_high_s8(x, spread[p][1], both.val[1]));
            *second = vpadalq_s16(*second, vmlal_high_s8(y, spread[p + 1][1], both.val[1]));
            // Keeps the order: two pixels' products at a time, and no loads for the next ones, are all that the registers hold.
            __asm__ volatile("" : "+w"(*first), "+w"(*second), "+w"(spread[p][0]), "+w"(spread[p][1]) : : "memory");
        }
    }
}

static const uint8_t in_order[2][16] = {{0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3},
                                        {4, 5, 4, 5, 4, 5, 4, 5, 6, 7, 6, 7, 6, 7, 6, 7}};

/// The products of a row's last 4 bytes.
TEXTPIN_INLINE void accumulate_rest(int32_t A, const int8_t *const pixels[MOST_PIXELS], const int8_t *weights, int32x4_t *sums)
{
    const uint8x16_t order = vld1q_u8(in_order[0]);
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < MOST_PIXELS; p++) {
        int32_t four;
        memcpy(&four, pixels[p], sizeof four);
        int8x16_t bytes = vqtbl1q_s8(vreinterpretq_s8_s32(vsetq_lane_s32(four, vdupq_n_s32(0), 0)), order);
#pragma clang loop unroll(full)
        for (int32_t a = 0; a < A; a++) {
            int8x16_t four_weights = vld1q_s8(weights + 16 * a);
            int16x8_t products = vmull_s8(vget_low_s8(bytes), vget_low_s8(four_weights));
            sums[p * A + a] = vpadalq_s16(sums[p * A + a], vmlal_high_s8(products, bytes, four_weights));
        }
    }
}

/// A step of a window; behind the last one, the pixels' places move on.
TEXTPIN_INLINE void accumulate_ordered_step(int32_t A, bool four, const uint8_t indices[2][16], bool is_last,
                                            const int8_t *pixels[MOST_PIXELS], const int8_t **weights, int32x4_t *sums)
{
    int8x16_t bytes[MOST_PIXELS], spread[MOST_PIXELS][2];
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < MOST_PIXELS; p++) {
        bytes[p] = is_last ? take_16(&pixels[p]) : vld1q_s8(pixels[p]);
    }
    spread_bytes(bytes, indices, spread);
    accumulate_step(A, four, spread, weights, sums);
}

/// The products of one kernel row, as its choices say.
TEXTPIN_INLINE void accumulate_row(int32_t A, int32_t row_bytes, const uint8_t **choices, const int8_t *pixels[MOST_PIXELS],
                                   const int8_t **weights, int32x4_t *sums)
{
    for (;;) {
        int32_t choice;
        while ((choice = *(*choices)++) < HALF_FITS) {
            const struct window_order *order = &textpin_window_orders_neon[choice];
            accumulate_ordered_step(A, true, order->indices[0], false, pixels, weights, sums);
            accumulate_ordered_step(A, true, order->indices[1], true, pixels, weights, sums);
        }
        if (choice < AS_THEY_ARE) {
            const int32_t first = choice % 2;
            const struct window_order *order = &textpin_window_orders_neon[(choice - HALF_FITS) / 2];
            accumulate_ordered_step(A, true, order->indices[first], false, pixels, weights, sums);
            accumulate_ordered_step(A, false, order->indices[1 - first], true, pixels, weights, sums);
            continue;
        }
        int32_t steps = choice == WHOLE_ROW ? row_bytes / STEP_BYTES : choice - AS_THEY_ARE;
        if (steps == 0) {
            break;
        }
        do {
            int8x16_t bytes[MOST_PIXELS], spread[MOST_PIXELS][2];
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < MOST_PIXELS; p++) {
                bytes[p] = take_8(&pixels[p]);
            }
            spread_bytes(bytes, in_order, spread);
            accumulate_step(A, false, spread, weights, sums);
        } while (--steps != 0);
    }
    if (row_bytes % STEP_BYTES != 0) {
        accumulate_rest(A, pixels, *weights, sums);
        *weights += 16 * A;
    }
}

/// sums[p * A + a] = what channels 4 a...4 a + 3 of pixel p start from + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *row, const struct pass *pass, int32_t A, int32_t P, const int8_t *input,
                                    const int32_t *initial, int32x4_t *sums)
{
    start_sums(row, A, P, initial, sums);
    const uint8_t *const all_choices = (const uint8_t *)(pass->head + 1), *choices = all_choices;
    const int8_t *weights = (const int8_t *)choices + choices_bytes(pass->kernel_rows, pass->row_bytes);
    for (int32_t kernel_row = 0; kernel_row < pass->kernel_rows; kernel_row++) {
        const int8_t *pixels[MOST_PIXELS];
        start_pixels(pass, P, input, pixels);
        input += pass->input_row_stride;
        accumulate_row(A, pass->row_bytes, &choices, pixels, &weights, sums);
        if (!has_choices(pass->kernel_rows, pass->row_bytes)) {
            choices = all_choices;
        }
    }
}

#define CONVOLUTION_ROW textpin_convolution_row_neon
#define PARTIAL_ROW textpin_partial_row_neon
#define LOGITS_ROW textpin_logits_row_neon
#define BLOCK_BYTES spread_block_bytes
#define TILES TILE(1, 4) TILE(2, 4) TILE(3, 4) TILE(4, 4)
#include "neon_convolution_rows.h"

#endif
