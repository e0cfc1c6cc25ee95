// A pyramid's convolution with AVX2: what its files share, and the sets with AVX2.
#ifndef TEXTPIN_AVX2_PYRAMID_H
#define TEXTPIN_AVX2_PYRAMID_H

#include "avx2_kernels.h"

/// add_line of struct x86_pyramid_kernels, for groups of 8 places.
void textpin_add_pyramid_line_avx2(const int32_t *const rows[3], ptrdiff_t sums_stride, int32_t places, int32_t factor, int32_t columns,
                                   const int32_t *from, ptrdiff_t from_stride, int32_t *to);

/// AVX2's own dense convolution of the whole-size part, as struct x86_pyramid_kernels has it.
size_t textpin_packed_pyramid_convolution_bytes_avx2(const struct textpin_weights *weights);
void textpin_pack_pyramid_convolution_avx2(const struct textpin_weights *weights, void *packed);
int32_t textpin_pyramid_channel_avx2(int32_t output_channels, int32_t place);
void textpin_pyramid_convolution_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                          ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                          ptrdiff_t output_pixel_stride, int32_t pixels);

#endif
