// AVX2's convolution by transformed weights as a part of others.
#ifndef TEXTPIN_AVX2_TRANSFORMED_H
#define TEXTPIN_AVX2_TRANSFORMED_H

#include "kernels_private.h"

/// As transformed_rows for rows first_row ..< end_row of a band of 4, all of which the input has. Pixel x of row y starts from its places at
/// initial[y] + x * initial_stride (textpin_channel_of_place_avx2), or from the bias where `initial` is null and the stride 0.
void textpin_transformed_band_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_stride, const int32_t *const *initial, ptrdiff_t initial_stride, int8_t *output,
                                   ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row,
                                   int32_t pixels);

#endif
