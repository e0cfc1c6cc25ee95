// What the files of this folder share. Nothing here is seen from outside.
#ifndef TEXTPIN_KERNELS_PRIVATE_H
#define TEXTPIN_KERNELS_PRIVATE_H

#include <assert.h>
#include <string.h>

#include "textpin_kernels.h"

extern const struct textpin_kernel_set textpin_scalar_kernels;
#if defined(__x86_64__)
extern const struct textpin_kernel_set textpin_sse41_kernels;
extern const struct textpin_kernel_set textpin_avx2_kernels;
extern const struct textpin_kernel_set textpin_avxvnni_kernels;
extern const struct textpin_kernel_set textpin_avx512vnni_kernels;
#endif
#if defined(__aarch64__)
extern const struct textpin_kernel_set textpin_neon_kernels;
extern const struct textpin_kernel_set textpin_neon_dotprod_kernels;
extern const struct textpin_kernel_set textpin_neon_i8mm_kernels;
#endif

static inline int32_t round_up(int32_t value, int32_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static inline size_t align_packed(size_t bytes)
{
    return (bytes + TEXTPIN_ALIGNMENT - 1) / TEXTPIN_ALIGNMENT * TEXTPIN_ALIGNMENT;
}

static inline int32_t minimum(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline int8_t saturate8(int32_t value)
{
    return (int8_t)(value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value);
}

static inline int16_t saturate16(int32_t value)
{
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

/// Bytes of one kernel row in the input.
static inline int32_t row_bytes_of(const struct textpin_weights *weights)
{
    return weights->kernel_columns * weights->input_channel_stride;
}

/// The weight of one output channel that meets byte `offset` of kernel row `row`: 0 in the gap between input_channels and
/// input_channel_stride, past the row's end, and past the last output channel.
static inline int8_t weight_at(const struct textpin_weights *weights, int32_t output_channel, int32_t row, int32_t offset)
{
    int32_t column = offset / weights->input_channel_stride;
    int32_t channel = offset % weights->input_channel_stride;
    if (output_channel >= weights->output_channels || column >= weights->kernel_columns || channel >= weights->input_channels) {
        return 0;
    }
    size_t index = (((size_t)output_channel * (size_t)weights->kernel_rows + (size_t)row) * (size_t)weights->kernel_columns
                    + (size_t)column) * (size_t)weights->input_channels + (size_t)channel;
    return weights->weights[index];
}

/// The depthwise weight of one channel at one tap: 0 past the kernel and past the last channel.
static inline int8_t depthwise_weight_at(const struct textpin_weights *weights, int32_t row, int32_t column, int32_t channel)
{
    if (row >= weights->kernel_rows || column < 0 || column >= weights->kernel_columns || channel >= weights->output_channels) {
        return 0;
    }
    size_t tap = (size_t)row * (size_t)weights->kernel_columns + (size_t)column;
    return weights->weights[tap * (size_t)weights->output_channels + (size_t)channel];
}

/// Stores up to four pixels' logits: `values` holds channels 0 and 1 of pixel 0, of pixel 1, ..., then channels 2 and 3 of each, as the
/// pixels of a depth-to-space output lie in memory. `x` is the first one's number.
static inline void store_logits(const int16_t values[16], int32_t channels, int32_t pixels, int16_t *const *outputs,
                                        ptrdiff_t output_pixel_step, ptrdiff_t x)
{
    for (int32_t channel = 0; channel < channels; channel += 2) {
        const int16_t *pairs = values + 4 * channel;
        bool pair = channel + 1 < channels;
        if (pair && pixels == 4 && output_pixel_step == 2 && outputs[channel + 1] == outputs[channel] + 1) {
            memcpy(outputs[channel] + 2 * x, pairs, 8 * sizeof *pairs);
            continue;
        }
        for (int32_t pixel = 0; pixel < pixels; pixel++) {
            outputs[channel][(x + pixel) * output_pixel_step] = pairs[2 * pixel];
            if (pair) {
                outputs[channel + 1][(x + pixel) * output_pixel_step] = pairs[2 * pixel + 1];
            }
        }
    }
}

#endif
