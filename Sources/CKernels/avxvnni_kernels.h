// The AVX-VNNI set's kernels: the convolutions; everything else is AVX2's.
#ifndef TEXTPIN_AVXVNNI_KERNELS_H
#define TEXTPIN_AVXVNNI_KERNELS_H

#include "avx2.h"
#include "avx2_kernels.h"

#define TEXTPIN_TARGET_AVXVNNI "avx2,avxvnni"

size_t textpin_packed_convolution_bytes_avxvnni(const struct textpin_weights *weights);
/// The output channel that lane `place` of the dense convolution's accumulators sums; not less than output_channels for none.
int32_t textpin_channel_of_place_avxvnni(int32_t output_channels, int32_t place);
void textpin_pack_convolution_avxvnni(const struct textpin_weights *weights, void *packed);
void textpin_convolution_row_avxvnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                     ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                     ptrdiff_t output_pixel_stride, int32_t pixels);
/// As textpin_convolution_row_avxvnni without addend, but each pixel starts from sums of its own, by lanes, in place of the bias.
void textpin_continued_row_avxvnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                   ptrdiff_t output_pixel_stride, int32_t pixels);
void textpin_logits_row_avxvnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels);
size_t textpin_packed_depthwise_bytes_avxvnni(const struct textpin_weights *weights);
void textpin_pack_depthwise_avxvnni(const struct textpin_weights *weights, void *packed);
void textpin_depthwise_row_avxvnni(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                   int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels);
size_t textpin_packed_pyramid_bytes_avxvnni(const struct textpin_pyramid *pyramid);
void textpin_pack_pyramid_avxvnni(const struct textpin_weights *weights, const struct textpin_pyramid *pyramid, void *packed);
void textpin_pyramid_rows_avxvnni(const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row, int8_t *output,
                                  ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride);

#endif
