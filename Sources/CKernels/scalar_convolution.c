// The oracle: dense convolution, logits and depthwise convolution, one multiplication at a time.
//
// Packed form: int32 bias[c], multiplier[c], shift[c], outputMultiplier[c], with c the channels rounded up to 16, then the weights in the
// order in which the loops below read them.
#include "scalar_kernels.h"

// The oracle is right rather than fast.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)

struct parameters {
    const int32_t *bias;
    const int32_t *multiplier;
    const int32_t *shift;
    const int32_t *output_multiplier;
    const int8_t *weights;
};

static struct parameters parameters_at(const void *packed, int32_t channels)
{
    const int32_t *bias = packed;
    int32_t padded = round_up(channels, 16);
    return (struct parameters){bias, bias + padded, bias + 2 * padded, bias + 3 * padded, (const int8_t *)(bias + 4 * padded)};
}

/// Writes bias, multiplier, shift and output multiplier; returns where the weights go.
static int8_t *pack_parameters(const struct textpin_weights *weights, void *packed)
{
    int32_t padded = round_up(weights->output_channels, 16);
    int32_t *parameters = packed;
    for (int32_t channel = 0; channel < weights->output_channels; channel++) {
        parameters[channel] = weights->bias[channel];
        parameters[padded + channel] = weights->multiplier[channel];
        parameters[2 * padded + channel] = weights->shift[channel];
        parameters[3 * padded + channel] = weights->output_multiplier != NULL ? weights->output_multiplier[channel] : 0;
    }
    return (int8_t *)(parameters + 4 * padded);
}

static int32_t rounded_product(int32_t a, int32_t b)
{
    return (a * b + (1 << 14)) >> 15;
}

static int8_t hard_swish_to_8(const struct textpin_hard_swish *constants, int32_t requantized, int32_t output_multiplier,
                              int32_t zero_point)
{
    int32_t x = saturate16(requantized);
    int32_t clamped = x < -constants->three ? -constants->three : x > constants->three ? constants->three : x;
    int32_t gate = saturate16(rounded_product(clamped * (1 << constants->slope_shift), constants->slope) + 16384);
    int32_t y = saturate16(rounded_product(x, gate) + constants->offset);
    return saturate8(rounded_product(y, output_multiplier) + zero_point);
}

/// Equation 4, not yet saturated.
static int32_t requantize_finely(struct parameters parameters, int32_t channel, int32_t accumulator)
{
    return textpin_requantize(accumulator * TEXTPIN_FINE_SCALE, parameters.multiplier[channel], parameters.shift[channel]);
}

/// Equation 8.
static int8_t add_to_8(int32_t requantized, int8_t addend, int32_t addend_multiplier, int32_t zero_point)
{
    int32_t y = saturate16(saturate16(requantized) + rounded_product(addend * 256, addend_multiplier));
    return saturate8(rounded_product(y, 256) + zero_point);
}

static int8_t requantize_to_8(struct parameters parameters, int32_t channel, int32_t accumulator, int32_t zero_point, const int8_t *table,
                              const struct textpin_hard_swish *hard_swish)
{
    if (hard_swish != NULL) {
        int32_t x = requantize_finely(parameters, channel, accumulator);
        return hard_swish_to_8(hard_swish, x, parameters.output_multiplier[channel], zero_point);
    }
    int8_t value = saturate8(textpin_requantize(accumulator, parameters.multiplier[channel], parameters.shift[channel]) + zero_point);
    return table != NULL ? table[value + 128] : value;
}

size_t textpin_packed_convolution_bytes_scalar(const struct textpin_weights *weights)
{
    size_t parameters = 16 * (size_t)round_up(weights->output_channels, 16);
    return align_packed(parameters + (size_t)weights->output_channels * (size_t)weights->kernel_rows * (size_t)row_bytes_of(weights));
}

void textpin_pack_convolution_scalar(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = pack_parameters(weights, packed);
    for (int32_t channel = 0; channel < weights->output_channels; channel++) {
        for (int32_t row = 0; row < weights->kernel_rows; row++) {
            for (int32_t offset = 0; offset < row_bytes_of(weights); offset++) {
                *next++ = weight_at(weights, channel, row, offset);
            }
        }
    }
}

static int32_t accumulate(const struct textpin_convolution *convolution, struct parameters parameters, int32_t channel,
                          const int8_t *input, ptrdiff_t input_row_stride)
{
    int32_t sum = parameters.bias[channel];
    const int8_t *weights = parameters.weights + (ptrdiff_t)channel * convolution->kernel_rows * convolution->row_bytes;
    for (int32_t row = 0; row < convolution->kernel_rows; row++) {
        for (int32_t offset = 0; offset < convolution->row_bytes; offset++) {
            sum += input[row * input_row_stride + offset] * *weights++;
        }
    }
    return sum;
}

void textpin_convolution_row_scalar(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                    ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                    ptrdiff_t output_pixel_stride, int32_t pixels)
{
    int32_t addend_multiplier = convolution->addend_multiplier;
    assert(addend_multiplier == 0 || (addend != NULL && convolution->table == NULL && convolution->hard_swish == NULL));
    struct parameters parameters = parameters_at(convolution->packed, convolution->output_channels);
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t channel = 0; channel < convolution->output_channels; channel++) {
            int32_t sum = accumulate(convolution, parameters, channel, input + x * input_pixel_step, input_row_stride);
            int8_t *value = &output[x * output_pixel_stride + channel];
            if (addend_multiplier != 0) {
                *value = add_to_8(requantize_finely(parameters, channel, sum), addend[x * addend_pixel_stride + channel], addend_multiplier,
                                  convolution->output_zero_point);
            } else {
                *value = requantize_to_8(parameters, channel, sum, convolution->output_zero_point, convolution->table,
                                         convolution->hard_swish);
            }
        }
    }
}

void textpin_logits_row_scalar(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                               ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= 4);
    struct parameters parameters = parameters_at(convolution->packed, convolution->output_channels);
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t channel = 0; channel < convolution->output_channels; channel++) {
            int32_t sum = accumulate(convolution, parameters, channel, input + x * input_pixel_step, input_row_stride);
            outputs[channel][x * output_pixel_step] = saturate16(requantize_finely(parameters, channel, sum));
        }
    }
}

size_t textpin_packed_depthwise_bytes_scalar(const struct textpin_weights *weights)
{
    size_t parameters = 16 * (size_t)round_up(weights->output_channels, 16);
    return align_packed(parameters
                        + (size_t)weights->output_channels * (size_t)weights->kernel_rows * (size_t)weights->kernel_columns);
}

void textpin_pack_depthwise_scalar(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = pack_parameters(weights, packed);
    memcpy(next, weights->weights, (size_t)weights->output_channels * (size_t)weights->kernel_rows * (size_t)weights->kernel_columns);
}

void textpin_depthwise_row_scalar(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                  int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    struct parameters parameters = parameters_at(depthwise->packed, depthwise->channels);
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t channel = 0; channel < depthwise->channels; channel++) {
            int32_t sum = parameters.bias[channel];
            for (int32_t row = 0; row < depthwise->kernel_rows; row++) {
                for (int32_t column = 0; column < depthwise->kernel_columns; column++) {
                    ptrdiff_t pixel = (ptrdiff_t)x * depthwise->stride + column;
                    ptrdiff_t tap = (ptrdiff_t)row * depthwise->kernel_columns + column;
                    sum += input[row * input_row_stride + pixel * depthwise->input_channel_stride + channel]
                        * parameters.weights[tap * depthwise->channels + channel];
                }
            }
            output[x * output_pixel_stride + channel] =
                requantize_to_8(parameters, channel, sum, depthwise->output_zero_point, depthwise->table, depthwise->hard_swish);
        }
    }
}

#pragma clang attribute pop
