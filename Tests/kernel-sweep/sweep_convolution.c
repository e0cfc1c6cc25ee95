// Cases for the kernels that multiply: dense convolution, logits, depthwise convolution.
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

int32_t accumulator_limit(bool finely)
{
    return finely ? TEXTPIN_ACCUMULATOR_LIMIT / TEXTPIN_FINE_SCALE : TEXTPIN_ACCUMULATOR_LIMIT;
}

int32_t draw_zero_point(void)
{
    return one_in(2) ? 0 : draw(INT8_MIN, INT8_MAX);
}

/// One shift for all channels, which some sets requantize by in a way of their own (equation 1d); but sometimes one channel has another, or a
/// multiplier that is odd. `greatest`: of the weights.
static void share_shift(struct layer *layer, int32_t taps, int32_t greatest, bool finely)
{
    const int32_t channels = layer->weights.output_channels;
    const bool at_edge = one_in(2);
    for (int32_t channel = 0; channel < channels; channel++) {
        layer->shift[channel] = finely ? TEXTPIN_SHARED_SHIFT_FINE : TEXTPIN_SHARED_SHIFT;
        int64_t bias = layer->bias[channel], most = TEXTPIN_MULTIPLIER_LIMIT / 2 - 1;
        if (at_edge) {
            // Where results just about fit 16 bits, or do not.
            most = ((int64_t)(INT16_MAX - draw(-20, 20)) << 31) / ((int64_t)taps * greatest * 128 + (bias < 0 ? -bias : bias) + 1);
        } else {
            most = draw(1, 1 << draw(8, 28));
        }
        most = most < 1 ? 1 : most < TEXTPIN_MULTIPLIER_LIMIT / 2 ? most : TEXTPIN_MULTIPLIER_LIMIT / 2 - 1;
        layer->multiplier[channel] = (int32_t)(2 * most);
    }
    if (one_in(6)) {
        layer->multiplier[draw(0, channels - 1)] |= 1;
    }
    if (one_in(6)) {
        layer->shift[draw(0, channels - 1)] += 1;
    }
}

void draw_layer(struct layer *layer, int32_t taps, int32_t limit)
{
    int32_t channels = layer->weights.output_channels;
    layer->storage = new_buffer((size_t)channels * (size_t)taps);
    // As great as keeps the products of every input within half of the limit; the bias may take the rest.
    int32_t greatest = limit / 2 / (taps * 128);
    greatest = greatest > 127 ? 127 : greatest;
    if (one_in(3)) {
        // Four products of 63 fit 16 bits, of 64 they do not; of others in between some do.
        int32_t small = one_in(2) ? draw(63, 64) : draw(20, 100);
        greatest = greatest > small ? small : greatest;
    }
    bool extreme_weights = one_in(4);
    for (size_t i = 0; i < layer->storage.size; i++) {
        layer->storage.bytes[i] = (int8_t)(extreme_weights ? (one_in(2) ? -greatest : greatest) : draw(-greatest, greatest));
    }
    bool extreme_bias = one_in(4), any_shift = one_in(4);
    int32_t room = limit - 1 - taps * greatest * 128;
    for (int32_t channel = 0; channel < channels; channel++) {
        layer->bias[channel] = extreme_bias ? (one_in(2) ? room - draw(0, 9) : draw(0, 9) - room) : draw(-100000, 100000);
        int32_t lowest = one_in(8) ? TEXTPIN_MULTIPLIER_LIMIT - 1 : one_in(8) ? TEXTPIN_MULTIPLIER_MINIMUM : 1 << 29;
        layer->multiplier[channel] = draw(lowest, TEXTPIN_MULTIPLIER_LIMIT - 1);
        layer->shift[channel] = (uint8_t)(any_shift ? draw(TEXTPIN_SHIFT_MINIMUM, TEXTPIN_SHIFT_MAXIMUM)
                                          : extreme_bias ? draw(50, 54)
                                                         : draw(36, 44));
    }
    if (one_in(2)) {
        share_shift(layer, taps, greatest, limit < TEXTPIN_ACCUMULATOR_LIMIT);
    }
    layer->weights.weights = layer->storage.bytes;
    layer->weights.bias = layer->bias;
    layer->weights.multiplier = layer->multiplier;
    layer->weights.shift = layer->shift;
    for (int32_t channel = 0; channel < channels; channel++) {
        layer->output_multiplier[channel] = (int16_t)draw(1, INT16_MAX);
    }
    layer->weights.output_multiplier = layer->output_multiplier;
    int32_t slope_shift = draw(0, 8), three = draw(1, INT16_MAX >> slope_shift), slope = draw(1, INT16_MAX);
    if (one_in(2)) {
        // A gate that ends about 0 and 1, as calibrated ones do.
        three = (INT16_MAX >> slope_shift) - draw(0, 100 >> slope_shift);
        slope = 16384 * 32768 / (three << slope_shift) + draw(-2, 2);
    }
    layer->hard_swish = (struct textpin_hard_swish){
        .three = (int16_t)three,
        .slope_shift = (int16_t)slope_shift,
        .slope = (int16_t)slope,
        .offset = (int16_t)draw(INT16_MIN, INT16_MAX),
    };
}

/// Packs into a block of just the bytes asked for, which holds junk before.
static struct buffer pack(const struct textpin_kernel_set *set, const struct textpin_weights *weights, bool depthwise)
{
    size_t size = depthwise ? set->packed_depthwise_bytes(weights) : set->packed_convolution_bytes(weights);
    size_t limit = depthwise ? textpin_packed_depthwise_limit(weights) : textpin_packed_convolution_limit(weights);
    expect(size <= limit && size % TEXTPIN_ALIGNMENT == 0, "%s: %zu packed bytes, limit %zu, %d channels, kernel %dx%d, %d input channels",
           set->name, size, limit, weights->output_channels, weights->kernel_rows, weights->kernel_columns, weights->input_channels);
    struct buffer packed = new_aligned_buffer(size);
    fill(packed, INT8_MIN, INT8_MAX);
    if (depthwise) {
        set->pack_depthwise(weights, packed.bytes);
    } else {
        set->pack_convolution(weights, packed.bytes);
    }
    return packed;
}

const int8_t *draw_table(int8_t table[256], bool hard_swish)
{
    for (int32_t i = 0; i < 256; i++) {
        table[i] = (int8_t)draw(INT8_MIN, INT8_MAX);
    }
    return !hard_swish && one_in(2) ? table : NULL;
}

static void draw_dense_layer(struct layer *layer, int32_t output_channels, int32_t most_taps, int32_t limit)
{
    do {
        layer->weights.kernel_rows = one_in(3) ? 1 : draw(1, 7);
        layer->weights.kernel_columns = one_in(3) ? layer->weights.kernel_rows : draw(1, 7);
        layer->weights.input_channels = draw(1, one_in(3) ? 130 : 24);
    } while (layer->weights.kernel_rows * layer->weights.kernel_columns * layer->weights.input_channels > most_taps);
    layer->weights.output_channels = output_channels;
    layer->weights.input_channel_stride = (layer->weights.input_channels + 3) / 4 * 4 + (one_in(3) ? 4 * draw(1, 4) : 0);
    draw_layer(layer, layer->weights.kernel_rows * layer->weights.kernel_columns * layer->weights.input_channels, limit);
}

/// An input for `pixels` output pixels and not a byte more than a kernel may read.
static struct buffer draw_input(const struct textpin_weights *weights, int32_t pixels, ptrdiff_t row_stride, ptrdiff_t pixel_step,
                                int32_t last_run)
{
    size_t last = (size_t)((weights->kernel_rows - 1) * row_stride + (pixels - 1) * pixel_step + last_run);
    struct buffer input = new_buffer(last + TEXTPIN_READ_SLACK);
    fill_activations(input);
    return input;
}

/// A row's, now and then more than a kernel brings together at a time.
static int32_t draw_pixels(void)
{
    return draw(1, one_in(20) ? 500 : 40);
}

/// Any, and often the least or the greatest.
static int32_t draw_addend_multiplier(void)
{
    return one_in(4) ? 1 : one_in(3) ? INT16_MAX : draw(1, INT16_MAX);
}

void sweep_convolution(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    for (int32_t index = 0; index < 1000; index++) {
        struct layer layer;
        bool hard_swish = one_in(3), adds = !hard_swish && one_in(2);
        // Every number, and often those that kernels have shapes of their own for.
        int32_t output_channels = one_in(4) ? 8 << draw(0, 3) : index % 110 + 1;
        draw_dense_layer(&layer, output_channels, index % 5 == 0 ? 2000 : 300, accumulator_limit(hard_swish || adds));
        int32_t pixels = draw_pixels();
        int32_t row_bytes = layer.weights.kernel_columns * layer.weights.input_channel_stride;
        ptrdiff_t pixel_step = draw(1, 2) * layer.weights.input_channel_stride;
        ptrdiff_t row_stride = row_bytes + pixels * pixel_step + draw(0, 64);
        struct buffer input = draw_input(&layer.weights, pixels, row_stride, pixel_step, row_bytes);
        int8_t table[256];
        struct textpin_convolution convolution = {
            .table = draw_table(table, hard_swish || adds),
            .hard_swish = hard_swish ? &layer.hard_swish : NULL,
            .kernel_rows = layer.weights.kernel_rows,
            .row_bytes = row_bytes,
            .output_channels = layer.weights.output_channels,
            .output_zero_point = draw_zero_point(),
            .addend_multiplier = adds ? draw_addend_multiplier() : 0,
        };
        int32_t offset = draw(0, 63);
        ptrdiff_t output_stride = layer.weights.output_channels + (one_in(2) ? 0 : draw(1, 70));
        // The output may take the addend's place: then what an input has behind it follows the output, and no kernel may write there.
        bool in_place = adds && one_in(2);
        size_t output_bytes = (size_t)(offset + (pixels - 1) * output_stride + layer.weights.output_channels);
        struct buffer expected = new_buffer(output_bytes + (in_place ? TEXTPIN_READ_SLACK : 0));
        fill_activations(expected);
        struct buffer got = copy_of(expected);
        ptrdiff_t addend_stride = in_place ? output_stride : layer.weights.output_channels + (one_in(2) ? 0 : draw(1, 70));
        struct buffer addend = new_buffer((size_t)((pixels - 1) * addend_stride + layer.weights.output_channels + TEXTPIN_READ_SLACK));
        fill_activations(addend);

        struct buffer packed = pack(oracle, &layer.weights, false);
        convolution.packed = packed.bytes;
        const int8_t *added = !adds ? NULL : in_place ? expected.bytes + offset : addend.bytes;
        oracle->convolution_row(&convolution, input.bytes, row_stride, pixel_step, added, addend_stride, expected.bytes + offset,
                                output_stride, pixels);
        release(packed);
        packed = pack(set, &layer.weights, false);
        convolution.packed = packed.bytes;
        added = !adds ? NULL : in_place ? got.bytes + offset : addend.bytes;
        set->convolution_row(&convolution, input.bytes, row_stride, pixel_step, added, addend_stride, got.bytes + offset, output_stride,
                             pixels);
        expect(same_bytes(expected, got),
               "%s: convolution %d: %d channels, kernel %dx%d, %d input channels, stride %d, %d pixels, table %d, hard-swish %d, "
               "addend multiplier %d, in place %d",
               set->name, index, layer.weights.output_channels, layer.weights.kernel_rows, layer.weights.kernel_columns,
               layer.weights.input_channels, layer.weights.input_channel_stride, pixels, convolution.table != NULL, hard_swish,
               convolution.addend_multiplier, in_place);
        release(packed);
        release(input);
        release(addend);
        release(expected);
        release(got);
        release(layer.storage);
    }
}

/// Where the logits of each channel go: planes of their own, every second value of one, or the four corners of a depth-to-space map.
static ptrdiff_t place_outputs(int32_t layout, int32_t pixels, int16_t *storage, int16_t *outputs[4])
{
    for (int32_t channel = 0; channel < 4; channel++) {
        int32_t start = layout == 2 ? channel / 2 * (2 * pixels + 1) + channel % 2 : channel * (2 * pixels + 3);
        outputs[channel] = storage + start;
    }
    return layout == 0 ? 1 : 2;
}

void sweep_logits(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    for (int32_t index = 0; index < 200; index++) {
        struct layer layer;
        draw_dense_layer(&layer, index % 4 + 1, 400, accumulator_limit(true));
        for (int32_t channel = 0; channel < layer.weights.output_channels && one_in(2); channel++) {
            layer.shift[channel] = (uint8_t)draw(32, 36);
        }
        int32_t pixels = draw_pixels();
        int32_t row_bytes = layer.weights.kernel_columns * layer.weights.input_channel_stride;
        ptrdiff_t pixel_step = draw(1, 2) * layer.weights.input_channel_stride;
        ptrdiff_t row_stride = row_bytes + pixels * pixel_step + draw(0, 64);
        struct buffer input = draw_input(&layer.weights, pixels, row_stride, pixel_step, row_bytes);
        struct textpin_convolution convolution = {
            .kernel_rows = layer.weights.kernel_rows,
            .row_bytes = row_bytes,
            .output_channels = layer.weights.output_channels,
        };
        struct buffer expected = new_buffer(2 * (size_t)(8 * pixels + 12));
        fill(expected, INT8_MIN, INT8_MAX);
        struct buffer got = copy_of(expected);
        int16_t *outputs[4];
        int32_t layout = draw(0, 2);

        struct buffer packed = pack(oracle, &layer.weights, false);
        convolution.packed = packed.bytes;
        ptrdiff_t step = place_outputs(layout, pixels, (int16_t *)(void *)expected.bytes, outputs);
        oracle->logits_row(&convolution, input.bytes, row_stride, pixel_step, outputs, step, pixels);
        release(packed);
        packed = pack(set, &layer.weights, false);
        convolution.packed = packed.bytes;
        place_outputs(layout, pixels, (int16_t *)(void *)got.bytes, outputs);
        set->logits_row(&convolution, input.bytes, row_stride, pixel_step, outputs, step, pixels);
        expect(same_bytes(expected, got), "%s: logits %d: %d channels, kernel %dx%d, %d input channels, %d pixels, layout %d", set->name,
               index, layer.weights.output_channels, layer.weights.kernel_rows, layer.weights.kernel_columns,
               layer.weights.input_channels, pixels, layout);
        release(packed);
        release(input);
        release(expected);
        release(got);
        release(layer.storage);
    }
}

void sweep_depthwise(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    for (int32_t index = 0; index < 800; index++) {
        struct layer layer;
        bool hard_swish = one_in(3);
        // Every number, and often those that kernels have shapes of their own for.
        int32_t channels = one_in(4) ? 8 << draw(0, 3) : index % 200 + 1;
        layer.weights.kernel_rows = one_in(3) ? draw(1, 7) : 2 * draw(1, 3) + 1;
        layer.weights.kernel_columns = one_in(3) ? draw(1, 7) : layer.weights.kernel_rows;
        layer.weights.output_channels = channels;
        layer.weights.input_channels = 1;
        layer.weights.input_channel_stride = (channels + 3) / 4 * 4 + (one_in(3) ? 4 * draw(1, 8) : 0);
        draw_layer(&layer, layer.weights.kernel_rows * layer.weights.kernel_columns, accumulator_limit(hard_swish));
        int32_t pixels = draw_pixels();
        int32_t stride = draw(1, 2);
        ptrdiff_t channel_stride = layer.weights.input_channel_stride;
        ptrdiff_t row_stride = (layer.weights.kernel_columns + pixels * stride) * channel_stride + draw(0, 64);
        int32_t last_run = (int32_t)((layer.weights.kernel_columns - 1) * channel_stride) + channels;
        struct buffer input = draw_input(&layer.weights, pixels, row_stride, stride * channel_stride, last_run);
        int8_t table[256];
        struct textpin_depthwise depthwise = {
            .table = draw_table(table, hard_swish),
            .hard_swish = hard_swish ? &layer.hard_swish : NULL,
            .kernel_rows = layer.weights.kernel_rows,
            .kernel_columns = layer.weights.kernel_columns,
            .stride = stride,
            .channels = channels,
            .input_channel_stride = layer.weights.input_channel_stride,
            .output_zero_point = draw_zero_point(),
        };
        int32_t offset = draw(0, 63);
        ptrdiff_t output_stride = channels + (one_in(2) ? 0 : draw(1, 70));
        struct buffer expected = new_buffer((size_t)(offset + (pixels - 1) * output_stride + channels));
        fill(expected, INT8_MIN, INT8_MAX);
        struct buffer got = copy_of(expected);

        struct buffer packed = pack(oracle, &layer.weights, true);
        depthwise.packed = packed.bytes;
        oracle->depthwise_row(&depthwise, input.bytes, row_stride, expected.bytes + offset, output_stride, pixels);
        release(packed);
        packed = pack(set, &layer.weights, true);
        depthwise.packed = packed.bytes;
        set->depthwise_row(&depthwise, input.bytes, row_stride, got.bytes + offset, output_stride, pixels);
        expect(same_bytes(expected, got),
               "%s: depthwise %d: %d channels (stride %d), kernel %dx%d, stride %d, %d pixels, table %d, hard-swish %d",
               set->name, index, channels, layer.weights.input_channel_stride, layer.weights.kernel_rows, layer.weights.kernel_columns,
               stride, pixels, depthwise.table != NULL, hard_swish);
        release(packed);
        release(input);
        release(expected);
        release(got);
        release(layer.storage);
    }
}
