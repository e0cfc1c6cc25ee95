// The packed form of transformed weights (equation 12) for the plain NEON set, and its rows of tiles, which pyramids have, too.
#ifndef TEXTPIN_NEON_TRANSFORMED_H
#define TEXTPIN_NEON_TRANSFORMED_H

#include "neon_convolution.h"

enum {
    /// A tile's side in the output and in the input.
    SIDE = 4,
    WINDOW = 6,
    POSITIONS = WINDOW * WINDOW,
    /// 9 x 128 x 127 x 64 times as many stay below 2^31.
    MOST_INPUT_CHANNELS = 128,
    MOST_OUTPUT_CHANNELS = 32,
    /// Of 8 output channels, which a product's tile has at most.
    MOST_VECTORS = 3,
};

/// The heads of blocks of 16 channels, ahead of the weights.
static inline size_t heads_bytes(int32_t output_channels)
{
    return align_packed(sizeof(struct block_head) * (size_t)((output_channels + BLOCK_CHANNELS - 1) / BLOCK_CHANNELS));
}

/// Vectors of 8 output channels that a product's tile takes of those that remain.
static inline int32_t vectors_of(int32_t remaining_channels)
{
    return minimum(remaining_channels / 8, MOST_VECTORS);
}

/// A row of tiles: 4 output rows, of which those from first_row to below end_row are stored. `input` is the first window's first byte,
/// `output` row 0. Where `initial` is not null, the sums of row r start from those at initial[r], output_channels for each pixel, not from
/// the bias. At least 4 pixels. The table is left to the caller.
void textpin_transformed_tiles_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                    ptrdiff_t input_pixel_stride, const int32_t *const initial[SIDE], int8_t *output,
                                    ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row,
                                    int32_t pixels);

#endif
