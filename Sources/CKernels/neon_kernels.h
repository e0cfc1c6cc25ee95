// The NEON sets' kernels.
#ifndef TEXTPIN_NEON_KERNELS_H
#define TEXTPIN_NEON_KERNELS_H

#include "kernels_private.h"

size_t textpin_packed_convolution_bytes_neon(const struct textpin_weights *weights);
void textpin_pack_convolution_neon(const struct textpin_weights *weights, void *packed);
void textpin_convolution_row_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                    ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                    ptrdiff_t output_pixel_stride, int32_t pixels);
void textpin_logits_row_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                               ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels);
size_t textpin_packed_depthwise_bytes_neon(const struct textpin_weights *weights);
void textpin_pack_depthwise_neon(const struct textpin_weights *weights, void *packed);
void textpin_depthwise_row_neon(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                  int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels);
void textpin_combine_row_neon(const struct textpin_combine *combine, const int8_t *a, ptrdiff_t a_stride, const int8_t *b,
                                ptrdiff_t b_stride, int8_t *output, ptrdiff_t output_stride, int32_t pixels);
void textpin_channel_sums_neon(const int8_t *input, ptrdiff_t pixel_stride, int32_t pixels, int32_t channels, int32_t *sums);
void textpin_lookup_row_neon(const int8_t *table, const int8_t *input, ptrdiff_t input_stride, int8_t *output,
                               ptrdiff_t output_stride, int32_t channels, int32_t pixels);
void textpin_repeat_row_neon(const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride,
                               int32_t channels, int32_t output_pixels, int32_t factor);
void textpin_maximum_row_neon(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, int32_t rows,
                                int32_t columns, int32_t stride, int8_t *output, ptrdiff_t output_stride, int32_t channels,
                                int32_t pixels);
void textpin_frame_row_neon(const struct textpin_frame_row *row, int8_t *output);

/// As convolution_row, but where `initial` is not null, a pixel's sums start from the next output_channels values there, rounded up to a
/// multiple of 4, not from the bias; where `sums` is not null, they are written there in the same order, and no bytes to `output`.
typedef void (*textpin_partial_row)(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                    ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride,
                                    const int32_t *initial, int32_t *sums, int8_t *output, ptrdiff_t output_pixel_stride,
                                    int32_t pixels);

void textpin_partial_row_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
    ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial, int32_t *sums,
    int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels);
size_t textpin_packed_pyramid_bytes_neon(const struct textpin_pyramid *pyramid);
void textpin_pack_pyramid_neon(const struct textpin_weights *weights, const struct textpin_pyramid *pyramid, void *packed);
void textpin_pyramid_rows_neon(const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row, int8_t *output,
    ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride);

void textpin_partial_row_neon_dotprod(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
    ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial, int32_t *sums,
    int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels);
size_t textpin_packed_pyramid_bytes_neon_dotprod(const struct textpin_pyramid *pyramid);
void textpin_pack_pyramid_neon_dotprod(const struct textpin_weights *weights, const struct textpin_pyramid *pyramid, void *packed);
void textpin_pyramid_rows_neon_dotprod(const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row, int8_t *output,
    ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride);

void textpin_partial_row_neon_i8mm(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
    ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial, int32_t *sums,
    int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels);
size_t textpin_packed_pyramid_bytes_neon_i8mm(const struct textpin_pyramid *pyramid);
void textpin_pack_pyramid_neon_i8mm(const struct textpin_weights *weights, const struct textpin_pyramid *pyramid, void *packed);
void textpin_pyramid_rows_neon_i8mm(const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row, int8_t *output,
    ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride);

size_t textpin_packed_transformed_bytes_neon(const struct textpin_weights *weights);
void textpin_pack_transformed_neon(const struct textpin_weights *weights, void *packed);
void textpin_transformed_rows_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_stride, int8_t *output, ptrdiff_t output_row_stride,
                                   ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row, int32_t pixels);

size_t textpin_packed_convolution_bytes_neon_dotprod(const struct textpin_weights *weights);
void textpin_pack_convolution_neon_dotprod(const struct textpin_weights *weights, void *packed);
void textpin_convolution_row_neon_dotprod(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                          ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                          ptrdiff_t output_pixel_stride, int32_t pixels);
void textpin_logits_row_neon_dotprod(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                     ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels);
size_t textpin_packed_depthwise_bytes_neon_dotprod(const struct textpin_weights *weights);
void textpin_pack_depthwise_neon_dotprod(const struct textpin_weights *weights, void *packed);
void textpin_depthwise_row_neon_dotprod(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                        int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels);

size_t textpin_packed_convolution_bytes_neon_i8mm(const struct textpin_weights *weights);
void textpin_pack_convolution_neon_i8mm(const struct textpin_weights *weights, void *packed);
void textpin_convolution_row_neon_i8mm(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                       ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                       ptrdiff_t output_pixel_stride, int32_t pixels);
void textpin_logits_row_neon_i8mm(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                  ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels);

#endif
