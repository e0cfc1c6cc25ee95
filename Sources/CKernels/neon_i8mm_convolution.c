// Dense convolution for NEON with the matrix multiplication extension: SMMLA multiplies 8 bytes of two pixels by those of two channels.
//
// One tile is 4 A channels by P pixels, in accumulators of 2 channels by 2 pixels:
//
//                                        weights of 8 input bytes: 2 A loads
//                                       +-------+-------+     +-------+
//     pixels 0, 1: 8 bytes, 8 bytes     | acc00 | acc01 | ... | acc07 |     16 bytes of each pixel serve 2 steps: ZIP1 and ZIP2 of
//     pixels 2, 3: 8 bytes, 8 bytes     | acc10 | acc11 |     | acc17 |     doublewords bring the pixels together
//     pixels 4, 5: 8 bytes, 8 bytes     | acc20 | acc21 |     | acc27 |
//                                       +-------+-------+     +-------+
//                                       acc: p0 c0, p0 c1, p1 c0, p1 c1
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_convolution.h"

#pragma clang attribute push(__attribute__((target("v8.1a,dotprod,i8mm"))), apply_to = function)

enum { TILE_ACCUMULATORS = 24, MOST_PIXELS = 8 };

/// ZIP1 of doublewords, which the compiler would make of two moves.
TEXTPIN_INLINE int8x16_t lower_halves(int8x16_t a, int8x16_t b)
{
    int8x16_t halves;
    __asm__("zip1 %0.2d, %1.2d, %2.2d" : "=w"(halves) : "w"(a), "w"(b));
    return halves;
}

TEXTPIN_INLINE int8x16_t upper_halves(int8x16_t a, int8x16_t b)
{
    return vreinterpretq_s8_s64(vzip2q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}

/// 8 bytes of each of two pixels.
TEXTPIN_INLINE int8x16_t load_halves(const int8_t *even, const int8_t *odd)
{
    int64x2_t lower = vreinterpretq_s64_s8(vcombine_s8(vld1_s8(even), vdup_n_s8(0)));
    return vreinterpretq_s8_s64(vld1q_lane_s64((const int64_t *)(const void *)odd, lower, 1));
}

/// One step of 8 input bytes, weights of 4 channels after 4.
TEXTPIN_INLINE void multiply_add(int32_t A, int32_t pairs, const int8x16_t *activations, const int8_t **weights, int32x4_t *sums)
{
#pragma clang loop unroll(full)
    for (int32_t a = 0; a < A; a++) {
        const int8x16x2_t four = take_32(weights);
#pragma clang loop unroll(full)
        for (int32_t pair = 0; pair < pairs; pair++) {
            int32x4_t *two = &sums[pair * 2 * A + 2 * a];
            two[0] = vmmlaq_s32(two[0], activations[pair], four.val[0]);
            two[1] = vmmlaq_s32(two[1], activations[pair], four.val[1]);
            // Keeps the order: the registers hold the weights of 4 channels, and no more.
            __asm__ volatile("" : "+w"(two[0]), "+w"(two[1]) : : "memory");
        }
    }
}

/// sums[p * A + c] = what channels 2 c and 2 c + 1 of pixels p and p + 1 start from + these pixels' products; p is even.
TEXTPIN_INLINE void accumulate_tile(const struct pass *row, const struct pass *pass, int32_t A, int32_t P, const int8_t *input,
                                    const int32_t *initial, int32x4_t *sums)
{
    const int32_t pairs = (P + 1) / 2;
    if (row->initial_stride != 0) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < 2 * A * pairs; i++) {
            const int32_t *even = initial + 2 * (i / (2 * A)) * row->initial_stride + 2 * (i % (2 * A));
            sums[i] = vcombine_s32(vld1_s32(even), vld1_s32(even + (i / (2 * A) * 2 + 1 < P ? row->initial_stride : 0)));
        }
    } else {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < 2 * A * pairs; i += 2) {
            LOAD_TWO(initial, 4 * (i % (2 * A)), sums[i], sums[i + 1]);
        }
    }
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    int32_t rows = pass->kernel_rows;
    do {
        const int8_t *pixels[MOST_PIXELS];
        start_pixels(pass, P, input, pixels);
        input += pass->input_row_stride;
        const int8_t *end = pixels[0] + pass->row_bytes / 16 * 16;
        while (pixels[0] != end) {
            int8x16_t first_eight[MOST_PIXELS / 2], second_eight[MOST_PIXELS / 2];
#pragma clang loop unroll(full)
            for (int32_t pair = 0; pair < pairs; pair++) {
                int8x16_t even = take_16(&pixels[2 * pair]);
                int8x16_t odd = 2 * pair + 1 < P ? take_16(&pixels[2 * pair + 1]) : even;
                first_eight[pair] = lower_halves(even, odd);
                second_eight[pair] = upper_halves(even, odd);
                // Keeps the order, again.
                __asm__ volatile("" : "+w"(first_eight[pair]), "+w"(second_eight[pair]));
            }
            multiply_add(A, pairs, first_eight, &weights, sums);
            multiply_add(A, pairs, second_eight, &weights, sums);
        }
        if (pass->row_bytes % 16 != 0) {
            int8x16_t eight[MOST_PIXELS / 2];
#pragma clang loop unroll(full)
            for (int32_t pair = 0; pair < pairs; pair++) {
                eight[pair] = load_halves(pixels[2 * pair], pixels[minimum(2 * pair + 1, P - 1)]);
            }
            multiply_add(A, pairs, eight, &weights, sums);
        }
        // Of a row's last 12 bytes and more, 4 are left, or would be.
        if (pass->row_bytes % 16 > 8) {
            int8x16_t eight[MOST_PIXELS / 2];
#pragma clang loop unroll(full)
            for (int32_t pair = 0; pair < pairs; pair++) {
                eight[pair] = load_halves(pixels[2 * pair] + 8, pixels[minimum(2 * pair + 1, P - 1)] + 8);
            }
            multiply_add(A, pairs, eight, &weights, sums);
        }
    } while (--rows != 0);
}

/// ordered[p * A + a] = channels 4 a...4 a + 3 of pixel p.
TEXTPIN_INLINE void order_tile(int32_t A, int32_t P, const int32x4_t *sums, int32x4_t *ordered)
{
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
#pragma clang loop unroll(full)
        for (int32_t a = 0; a < A; a++) {
            const int32x4_t *four = &sums[p / 2 * 2 * A + 2 * a];
            int8x16_t low = vreinterpretq_s8_s32(four[0]), high = vreinterpretq_s8_s32(four[1]);
            ordered[p * A + a] = vreinterpretq_s32_s8(p % 2 == 0 ? lower_halves(low, high) : upper_halves(low, high));
        }
    }
}

#define CONVOLUTION_ROW textpin_convolution_row_neon_i8mm
#define PARTIAL_ROW textpin_partial_row_neon_i8mm
#define LOGITS_ROW textpin_logits_row_neon_i8mm
#define SUMS_IN_PAIRS
#define MULTIPLY_ADD_ROUNDED
#define BLOCK_BYTES(accumulators, kernel_rows, row_bytes) block_bytes(accumulators, kernel_rows, round_up(row_bytes, 8))
#define TILES TILE(1, 8) TILE(2, 8) TILE(3, 8) TILE(4, 6)
#include "neon_convolution_rows.h"

#pragma clang attribute pop
#endif
