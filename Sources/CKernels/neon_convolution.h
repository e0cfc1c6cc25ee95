// The packed form of a dense convolution for NEON, with and without dot product and matrix multiplication.
#ifndef TEXTPIN_NEON_CONVOLUTION_H
#define TEXTPIN_NEON_CONVOLUTION_H

#include "neon.h"
#include "neon_kernels.h"

enum { LANE_CHANNELS = 4, MOST_ACCUMULATORS = 4, BLOCK_CHANNELS = 16 };

/// The head of a block of up to 16 channels; then, for every 4 input bytes, 16 bytes of weights for each 4 channels: in steps of 4 input
/// bytes, or of 8.
struct block_head {
    /// For each lane, or for SMMLA's, as in struct requantization.
    int32_t bias[2 * BLOCK_CHANNELS];
    struct requantization requantization;
};

static inline int32_t accumulators_of(int32_t remaining_channels)
{
    return minimum((remaining_channels + LANE_CHANNELS - 1) / LANE_CHANNELS, MOST_ACCUMULATORS);
}

/// `row_bytes`: rounded up to whole steps.
static inline size_t block_bytes(int32_t accumulators, int32_t kernel_rows, int32_t row_bytes)
{
    return sizeof(struct block_head) + 16 * (size_t)accumulators * (size_t)kernel_rows * (size_t)(row_bytes / 4);
}

/// Packs a block's head; returns what follows it. `pairs`: for SMMLA.
int8_t *textpin_pack_block_head_neon(const struct textpin_weights *weights, int32_t first, bool pairs, int8_t *next);

/// The next 16 bytes at `bytes`, in one instruction: left to itself, the compiler computes each pixel's address anew.
TEXTPIN_INLINE int8x16_t take_16(const int8_t **bytes)
{
    int8x16_t sixteen;
    __asm__ volatile("ldr %q0, [%1], #16" : "=w"(sixteen), "+r"(*bytes) : : "memory");
    return sixteen;
}

/// The next 32 of them.
TEXTPIN_INLINE int8x16x2_t take_32(const int8_t **bytes)
{
    int8x16x2_t both;
    __asm__ volatile("ldp %q0, %q1, [%2], #32" : "=w"(both.val[0]), "=w"(both.val[1]), "+r"(*bytes) : : "memory");
    return both;
}

/// 8 sums in one instruction, `place` ones after `from`: left to itself, the compiler copies them from pixel to pixel, one by one.
#define LOAD_TWO(from, place, first, second)                                                                                             \
    __asm__ volatile("ldp %q0, %q1, [%2, %3]" : "=w"(first), "=w"(second) : "r"(from), "i"(4 * (place)))

/// What becomes of a tile's sums. The first three are equation 1d's.
enum epilogue { TO_8_BITS, HARD_SWISH, RESIDUAL_ADD, ANY, KEEP_SUMS };

/// Where a block of channels reads and writes; the same for every tile of a row.
struct pass {
    const struct block_head *head;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    /// What a pixel's sums start from, and from pixel to pixel: the bias, or sums of other inputs.
    const int32_t *initial;
    ptrdiff_t initial_stride;
    /// Where sums go instead of bytes; null where bytes are wanted.
    int32_t *sums;
    ptrdiff_t sums_stride;
    const int8_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_step;
    /// Null for none.
    const int8_t *addend;
    ptrdiff_t addend_pixel_stride;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t kernel_rows;
    int32_t row_bytes;
    int32_t channels;
    int32_t zero_point;
    int32_t addend_multiplier;
    enum epilogue epilogue;
};

/// How a pass's sums become bytes.
static inline enum epilogue epilogue_of(const struct pass *pass)
{
    if (pass->channels % LANE_CHANNELS != 0
        || !is_direct(&pass->head->requantization, pass->hard_swish, pass->addend != NULL, pass->zero_point)) {
        return ANY;
    }
    return pass->hard_swish != NULL ? HARD_SWISH : pass->addend != NULL ? RESIDUAL_ADD : TO_8_BITS;
}

/// What a tile's sums start from, where those of 4 channels of a pixel lie side by side. `row`: what the tile's pass is a copy of.
TEXTPIN_INLINE void start_sums(const struct pass *row, int32_t A, int32_t P, const int32_t *initial, int32x4_t *sums)
{
    if (row->initial_stride != 0) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < A * P; i++) {
            sums[i] = vld1q_s32(initial + i / A * row->initial_stride + 4 * (i % A));
        }
        return;
    }
    // A P is even.
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i += 2) {
        if (A % 2 == 0) {
            LOAD_TWO(initial, 4 * (i % A), sums[i], sums[i + 1]);
        } else {
            sums[i] = vld1q_s32(initial + 4 * (i % A));
            sums[i + 1] = vld1q_s32(initial + 4 * ((i + 1) % A));
        }
    }
}

/// Where a row of each pixel of a tile begins.
TEXTPIN_INLINE void start_pixels(const struct pass *pass, int32_t P, const int8_t *input, const int8_t **pixels)
{
    pixels[0] = input;
#pragma clang loop unroll(full)
    for (int32_t p = 1; p < P; p++) {
        pixels[p] = pixels[p - 1] + pass->input_pixel_step;
        // From the one before: left to itself, the compiler keeps multiples of the step in memory.
        __asm__("" : "+r"(pixels[p]));
    }
}

#endif
