// The packed form of a dense convolution for NEON, with and without dot product and matrix multiplication.
#ifndef TEXTPIN_NEON_CONVOLUTION_H
#define TEXTPIN_NEON_CONVOLUTION_H

#include "neon.h"
#include "neon_kernels.h"

enum { LANE_CHANNELS = 4, MOST_ACCUMULATORS = 4, BLOCK_CHANNELS = 16 };

/// The head of a block of up to 16 channels; then, for every 4 input bytes, 16 bytes of weights for each 4 channels: in steps of 4 input
/// bytes, or of 8.
struct block_head {
    int32_t bias[BLOCK_CHANNELS];
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

/// Returns what follows the head.
static inline int8_t *pack_block_head(const struct textpin_weights *weights, int32_t first, int8_t *next)
{
    struct block_head *head = (struct block_head *)next;
    for (int32_t lane = 0; lane < BLOCK_CHANNELS; lane++) {
        head->bias[lane] = first + lane < weights->output_channels ? weights->bias[first + lane] : 0;
        set_requantization(&head->requantization, lane, weights, first + lane);
    }
    return next + sizeof *head;
}

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
};

#endif
