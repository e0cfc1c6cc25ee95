// The oracle: everything that is no convolution, and the scalar set itself.
#include "scalar_kernels.h"

// The oracle is right rather than fast.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)

void textpin_combine_row_scalar(const struct textpin_combine *combine, const int8_t *a, ptrdiff_t a_stride, const int8_t *b,
                                ptrdiff_t b_stride, int8_t *output, ptrdiff_t output_stride, int32_t pixels)
{
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t channel = 0; channel < combine->channels; channel++) {
            int32_t sum = a[x * a_stride + channel] * combine->weight_a[channel] + combine->bias[channel];
            if (b != NULL) {
                sum += b[x / combine->repeat_b * b_stride + channel] * combine->weight_b;
            }
            output[x * output_stride + channel] = saturate8(sum >> combine->shift);
        }
    }
}

void textpin_channel_sums_scalar(const int8_t *input, ptrdiff_t pixel_stride, int32_t pixels, int32_t channels, int32_t *sums)
{
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t channel = 0; channel < channels; channel++) {
            sums[channel] += input[x * pixel_stride + channel];
        }
    }
}

void textpin_lookup_row_scalar(const int8_t *table, const int8_t *input, ptrdiff_t input_stride, int8_t *output,
                               ptrdiff_t output_stride, int32_t channels, int32_t pixels)
{
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t channel = 0; channel < channels; channel++) {
            output[x * output_stride + channel] = table[input[x * input_stride + channel] + 128];
        }
    }
}

void textpin_repeat_row_scalar(const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride,
                               int32_t channels, int32_t output_pixels, int32_t factor)
{
    for (int32_t x = 0; x < output_pixels; x++) {
        memcpy(output + x * output_stride, input + x / factor * input_stride, (size_t)channels);
    }
}

void textpin_maximum_row_scalar(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, int32_t rows,
                                int32_t columns, int32_t stride, int8_t *output, ptrdiff_t output_stride, int32_t channels,
                                int32_t pixels)
{
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t channel = 0; channel < channels; channel++) {
            int8_t greatest = INT8_MIN;
            for (int32_t row = 0; row < rows; row++) {
                for (int32_t column = 0; column < columns; column++) {
                    ptrdiff_t pixel = (ptrdiff_t)x * stride + column;
                    int8_t value = input[row * input_row_stride + pixel * input_pixel_stride + channel];
                    greatest = value > greatest ? value : greatest;
                }
            }
            output[x * output_stride + channel] = greatest;
        }
    }
}

const struct textpin_kernel_set textpin_scalar_kernels = {
    .name = "scalar",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_scalar,
    .pack_convolution = textpin_pack_convolution_scalar,
    .convolution_row = textpin_convolution_row_scalar,
    .logits_row = textpin_logits_row_scalar,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_scalar,
    .pack_depthwise = textpin_pack_depthwise_scalar,
    .depthwise_row = textpin_depthwise_row_scalar,
    .combine_row = textpin_combine_row_scalar,
    .channel_sums = textpin_channel_sums_scalar,
    .lookup_row = textpin_lookup_row_scalar,
    .repeat_row = textpin_repeat_row_scalar,
    .maximum_row = textpin_maximum_row_scalar,
    .frame_row = textpin_frame_row_scalar,
};

#pragma clang attribute pop
