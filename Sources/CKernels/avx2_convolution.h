// AVX2's dense convolution: its packed form, and as a part of others.
#ifndef TEXTPIN_AVX2_CONVOLUTION_H
#define TEXTPIN_AVX2_CONVOLUTION_H

#include "kernels_private.h"

/// Bytes of a block's packed form: its pairs (avx2_lanes.h), the bias by places, then weights [step of 2 input bytes][place][2].
size_t textpin_block_bytes_avx2(int32_t accumulators, int32_t input_bytes);

/// The output channel whose sum stands at a place; not less than output_channels for none.
int32_t textpin_channel_of_place_avx2(int32_t output_channels, int32_t place);

/// As convolution_row, but each pixel starts from its places at `initial` in place of the bias.
void textpin_continued_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                ptrdiff_t output_pixel_stride, int32_t pixels);

#endif
