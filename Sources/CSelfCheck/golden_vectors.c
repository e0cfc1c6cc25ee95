// Runs kernels on drawn numbers, in shapes of PP-OCR's layers; make-golden-vectors draws the same and knows what must come out.
#include "textpin_self_check.h"

#include <assert.h>
#include <stdalign.h>

#include "textpin_kernels.h"
#include "textpin_model_file.h"

enum kind { DENSE, LOGITS, DEPTHWISE, COMBINE };
/// What follows the accumulators; ADD is another tensor's add.
enum activation { NONE, TABLE, HARD_SWISH, ADD };

struct vector {
    enum kind kind;
    enum activation activation;
    int32_t kernel_rows;
    int32_t kernel_columns;
    int32_t input_channels;
    int32_t output_channels;
    /// Of a combine step: output pixels for each pixel of its second input.
    int32_t stride;
    int32_t pixels;
    uint8_t shift;
    uint32_t digest;
};

static const struct vector vectors[] = {
#include "golden_vectors.h"
};

enum { MOST_CHANNELS = 96, MOST_WEIGHTS = 24 * 1024, MOST_INPUT = 16 * 1024, MOST_OUTPUT = 4 * 1024, MOST_PACKED = 64 * 1024 };

static struct {
    alignas(TEXTPIN_ALIGNMENT) uint8_t packed[MOST_PACKED];
    alignas(TEXTPIN_ALIGNMENT) int8_t input[MOST_INPUT + TEXTPIN_READ_SLACK];
    alignas(TEXTPIN_ALIGNMENT) int8_t second_input[MOST_INPUT + TEXTPIN_READ_SLACK];
    alignas(TEXTPIN_ALIGNMENT) int8_t output[MOST_OUTPUT];
    alignas(TEXTPIN_ALIGNMENT) int16_t logits[MOST_OUTPUT];
    int8_t weights[MOST_WEIGHTS];
    int8_t table[256];
    int16_t weights_a[MOST_CHANNELS];
    int32_t bias[MOST_CHANNELS];
    int32_t multiplier[MOST_CHANNELS];
    uint8_t shift[MOST_CHANNELS];
    int16_t output_multiplier[MOST_CHANNELS];
} scratch;

// A linear congruential generator (Numerical Recipes' constants): its high bits are good enough, and Python has it in a line.
static uint32_t state;

static uint32_t next(void)
{
    return state = state * 1664525u + 1013904223u;
}

static int8_t next_byte(void)
{
    return (int8_t)((int32_t)(next() >> 24) - 128);
}

static int16_t next_word(void)
{
    return (int16_t)((int32_t)(next() >> 16) - 32768);
}

static void fill(int8_t *bytes, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        bytes[i] = next_byte();
}

static uint32_t run_convolution(const struct vector *vector, const struct textpin_kernel_set *kernels)
{
    bool depthwise = vector->kind == DEPTHWISE;
    int32_t weight_count = vector->kernel_rows * vector->kernel_columns * vector->output_channels * (depthwise ? 1 : vector->input_channels);
    int32_t channel_stride = (vector->input_channels + 3) / 4 * 4;
    int32_t row_stride = ((vector->pixels - 1) * vector->stride + vector->kernel_columns) * channel_stride;
    assert(weight_count <= MOST_WEIGHTS && vector->output_channels <= MOST_CHANNELS && vector->kernel_rows * row_stride <= MOST_INPUT
           && vector->pixels * vector->output_channels <= MOST_OUTPUT);

    for (int32_t i = 0; i < weight_count; i++) {
        int8_t weight = next_byte();
        scratch.weights[i] = weight < -127 ? -127 : weight;
    }
    for (int32_t i = 0; i < vector->output_channels; i++)
        scratch.bias[i] = next_word();
    for (int32_t i = 0; i < vector->output_channels; i++)
        scratch.multiplier[i] = (int32_t)((1u << 29) + (next() >> 3));
    for (int32_t i = 0; i < vector->output_channels; i++)
        scratch.shift[i] = (uint8_t)(vector->shift + (next() >> 31));
    for (int32_t i = 0; i < vector->output_channels; i++)
        scratch.output_multiplier[i] = (int16_t)(1 + 2 * (next() >> 24));
    fill(scratch.table, 256);
    // Rounded down, as Python's division does.
    int32_t zero_point = next_byte() >> 2;
    fill(scratch.input, vector->kernel_rows * row_stride);
    bool adds = vector->activation == ADD;
    int32_t addend_multiplier = adds ? 1 + (int32_t)(next() >> 18) : 0;
    if (adds)
        fill(scratch.second_input, vector->pixels * vector->output_channels);

    const struct textpin_hard_swish hard_swish = {.three = 12000, .slope_shift = 1, .slope = 22370, .offset = 3000};
    const struct textpin_weights weights = {
        .weights = scratch.weights,
        .bias = scratch.bias,
        .multiplier = scratch.multiplier,
        .shift = scratch.shift,
        .output_multiplier = vector->activation == HARD_SWISH ? scratch.output_multiplier : NULL,
        .output_channels = vector->output_channels,
        .kernel_rows = vector->kernel_rows,
        .kernel_columns = vector->kernel_columns,
        .input_channels = depthwise ? 1 : vector->input_channels,
        .input_channel_stride = channel_stride,
    };
    size_t output_bytes = (size_t)(vector->pixels * vector->output_channels);
    if (depthwise) {
        assert(kernels->packed_depthwise_bytes(&weights) <= MOST_PACKED);
        kernels->pack_depthwise(&weights, scratch.packed);
        const struct textpin_depthwise depthwise_step = {
            .packed = scratch.packed,
            .table = vector->activation == TABLE ? scratch.table : NULL,
            .hard_swish = vector->activation == HARD_SWISH ? &hard_swish : NULL,
            .kernel_rows = vector->kernel_rows,
            .kernel_columns = vector->kernel_columns,
            .stride = vector->stride,
            .channels = vector->output_channels,
            .input_channel_stride = channel_stride,
            .output_zero_point = zero_point,
        };
        kernels->depthwise_row(&depthwise_step, scratch.input, row_stride, scratch.output, vector->output_channels, vector->pixels);
        return textpin_checksum(0, scratch.output, output_bytes);
    }
    assert(kernels->packed_convolution_bytes(&weights) <= MOST_PACKED);
    kernels->pack_convolution(&weights, scratch.packed);
    const struct textpin_convolution convolution = {
        .packed = scratch.packed,
        .table = vector->activation == TABLE ? scratch.table : NULL,
        .hard_swish = vector->activation == HARD_SWISH ? &hard_swish : NULL,
        .kernel_rows = vector->kernel_rows,
        .row_bytes = vector->kernel_columns * channel_stride,
        .output_channels = vector->output_channels,
        .output_zero_point = vector->kind == LOGITS ? 0 : zero_point,
        .addend_multiplier = addend_multiplier,
    };
    ptrdiff_t pixel_step = (ptrdiff_t)vector->stride * channel_stride;
    if (vector->kind == LOGITS) {
        int16_t *outputs[4];
        for (int32_t channel = 0; channel < 4; channel++)
            outputs[channel] = scratch.logits + channel % vector->output_channels * vector->pixels;
        kernels->logits_row(&convolution, scratch.input, row_stride, pixel_step, outputs, 1, vector->pixels);
        return textpin_checksum(0, scratch.logits, output_bytes * sizeof(int16_t));
    }
    kernels->convolution_row(&convolution, scratch.input, row_stride, pixel_step, adds ? scratch.second_input : NULL,
                             vector->output_channels, scratch.output, vector->output_channels, vector->pixels);
    return textpin_checksum(0, scratch.output, output_bytes);
}

static uint32_t run_combine(const struct vector *vector, const struct textpin_kernel_set *kernels)
{
    int32_t channels = vector->output_channels;
    assert(channels <= MOST_CHANNELS && vector->pixels * channels <= MOST_OUTPUT);
    for (int32_t i = 0; i < channels; i++)
        scratch.weights_a[i] = next_word();
    for (int32_t i = 0; i < channels; i++)
        scratch.bias[i] = next_word() * 16;
    struct textpin_combine combine = {
        .weight_a = scratch.weights_a,
        .bias = scratch.bias,
        .weight_b = next_word(),
        .shift = vector->shift,
        .channels = channels,
        .repeat_b = vector->stride,
    };
    fill(scratch.input, vector->pixels * channels);
    fill(scratch.second_input, vector->pixels / vector->stride * channels);
    kernels->combine_row(&combine, scratch.input, channels, scratch.second_input, channels, scratch.output, channels, vector->pixels);
    return textpin_checksum(0, scratch.output, (size_t)(vector->pixels * channels));
}

int32_t textpin_golden_vector_count(void)
{
    return sizeof vectors / sizeof vectors[0];
}

uint32_t textpin_golden_vector_digest(int32_t index)
{
    return vectors[index].digest;
}

uint32_t textpin_golden_vector_run(int32_t index, const struct textpin_kernel_set *kernels)
{
    state = (uint32_t)index + 1;
    return (vectors[index].kind == COMBINE ? run_combine : run_convolution)(&vectors[index], kernels);
}
