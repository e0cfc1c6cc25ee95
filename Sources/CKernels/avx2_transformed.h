// AVX2's convolution by transformed weights: its packed form, and as a part of others.
#ifndef TEXTPIN_AVX2_TRANSFORMED_H
#define TEXTPIN_AVX2_TRANSFORMED_H

#include "kernels_private.h"

enum {
    /// A tile's side in the output and in the input.
    SIDE = 4,
    WINDOW = 6,
    POSITIONS = WINDOW * WINDOW,
    /// 9 x 128 x 127 x 64 times as many stay below 2^31.
    MOST_INPUT_CHANNELS = 128,
};

/// Bytes of a block's packed form: its pairs (avx2_lanes.h), the bias by places, then 16-bit weights [position][2 input channels][place][2].
size_t textpin_transformed_block_bytes_avx2(int32_t accumulators, int32_t depth);

/// As transformed_rows for rows first_row ..< end_row of a band of 4, all of which the input has. Pixel x of row y starts from its places at
/// initial[y] + x * initial_stride (textpin_channel_of_place_avx2), or from the bias where `initial` is null and the stride 0.
void textpin_transformed_band_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_stride, const int32_t *const *initial, ptrdiff_t initial_stride, int8_t *output,
                                   ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row,
                                   int32_t pixels);

#endif
