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

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

enum { TILE_ACCUMULATORS = 24, MOST_PIXELS = 8 };

/// 8 sums in one instruction: left to itself, the compiler copies them from pixel to pixel, one by one.
TEXTPIN_INLINE void load_two(const int32_t *from, int32x4_t *first, int32x4_t *second)
{
    __asm__ volatile("ldp %q0, %q1, [%2]" : "=w"(*first), "=w"(*second) : "r"(from), "m"(*(const int32_t(*)[8])from));
}

/// One step of 4 input bytes: lane `lane` of every pixel.
#define DOT_STEP(lane)                                                                                                                   \
    _Pragma("clang loop unroll(full)") for (int32_t a = 0; a < A; a += 2)                                                                \
    {                                                                                                                                    \
        const int32_t b = minimum(a + 1, A - 1);                                                                                         \
        int8x16_t first = vld1q_s8(weights + 16 * ((lane) * A + a)), second = vld1q_s8(weights + 16 * ((lane) * A + b));                 \
        _Pragma("clang loop unroll(full)") for (int32_t p = 0; p < P; p++)                                                               \
        {                                                                                                                                \
            sums[p * A + a] = vdotq_laneq_s32(sums[p * A + a], first, sixteen[p], lane);                                                 \
            if (b > a) {                                                                                                                 \
                sums[p * A + b] = vdotq_laneq_s32(sums[p * A + b], second, sixteen[p], lane);                                            \
                /* Keeps the order: the registers hold no weights of another step. */                                                    \
                __asm__ volatile("" : "+w"(sums[p * A + a]), "+w"(sums[p * A + b]) : : "memory");                                        \
            }                                                                                                                            \
        }                                                                                                                                \
    }

/// sums[p * A + a] = what channels 4 a...4 a + 3 of pixel p start from + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, const int32_t *initial,
                                    int32x4_t *sums)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i + 1 < A * P && A % 2 == 0 && pass->initial_stride == 0; i += 2) {
        load_two(initial + 4 * (i % A), &sums[i], &sums[i + 1]);
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P && A % 2 == 1 && pass->initial_stride == 0; i++) {
        sums[i] = vld1q_s32(initial + 4 * (i % A));
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P && pass->initial_stride != 0; i++) {
        sums[i] = vld1q_s32(initial + i / A * pass->initial_stride + 4 * (i % A));
    }
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    for (int32_t row = 0; row < pass->kernel_rows; row++) {
        const int8_t *pixels[MOST_PIXELS];
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            pixels[p] = input + row * pass->input_row_stride + p * pass->input_pixel_step;
        }
        int32_t remaining = pass->row_bytes;
        for (; remaining >= 16; remaining -= 16, weights += 64 * A) {
            int8x16_t sixteen[MOST_PIXELS];
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                sixteen[p] = take_16(&pixels[p]);
            }
            DOT_STEP(0)
            DOT_STEP(1)
            DOT_STEP(2)
            DOT_STEP(3)
        }
        for (; remaining > 0; remaining -= 4, weights += 16 * A) {
            int8x16_t sixteen[MOST_PIXELS];
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                int32_t four;
                memcpy(&four, pixels[p], sizeof four);
                sixteen[p] = vreinterpretq_s8_s32(vdupq_n_s32(four));
                pixels[p] += 4;
            }
            DOT_STEP(0)
        }
    }
}

#define CONVOLUTION_ROW textpin_convolution_row_neon_dotprod
#define PARTIAL_ROW textpin_partial_row_neon_dotprod
#define LOGITS_ROW textpin_logits_row_neon_dotprod
#define BLOCK_BYTES(accumulators, kernel_rows, row_bytes) block_bytes(accumulators, kernel_rows, row_bytes)
#define TILES TILE(1, 8) TILE(2, 8) TILE(3, 6) TILE(4, 6)
#include "neon_convolution_rows.h"

#pragma clang attribute pop
#endif
