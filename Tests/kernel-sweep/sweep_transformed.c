// Cases for 3x3 convolutions of several rows by transformed weights: the oracle's dense convolution, row by row.
#include "sweep.h"

void sweep_transformed(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    for (int32_t index = 0; index < 200 && set->transformed_rows != NULL; index++) {
        const int32_t width = draw(4, one_in(3) ? 90 : 20), height = draw(4, 13), channels = one_in(3) ? draw(1, 128) : draw(1, 24);
        bool hard_swish = one_in(3);
        struct layer layer = {.weights = {.output_channels = 8 * draw(1, 4),
                                          .kernel_rows = 3,
                                          .kernel_columns = 3,
                                          .input_channels = channels,
                                          .input_channel_stride = (channels + 3) / 4 * 4 + (one_in(3) && channels < 120 ? 4 : 0)}};
        draw_layer(&layer, 9 * channels, accumulator_limit(hard_swish));
        const ptrdiff_t pixel_stride = layer.weights.input_channel_stride, row_stride = (width + 2) * pixel_stride + draw(0, 64);
        struct buffer input = new_buffer((size_t)((height + 1) * row_stride + (width + 2) * pixel_stride) + TEXTPIN_READ_SLACK);
        fill_activations(input);
        const ptrdiff_t output_stride = layer.weights.output_channels + (one_in(2) ? 0 : draw(1, 20));
        const ptrdiff_t output_row_stride = width * output_stride + draw(0, 40);
        struct buffer expected = new_buffer((size_t)(height * output_row_stride));
        fill(expected, INT8_MIN, INT8_MAX);
        struct buffer got = copy_of(expected);
        int8_t table[256];
        struct textpin_convolution convolution = {
            .table = draw_table(table, hard_swish),
            .hard_swish = hard_swish ? &layer.hard_swish : NULL,
            .kernel_rows = 3,
            .row_bytes = 3 * (int32_t)pixel_stride,
            .output_channels = layer.weights.output_channels,
            .output_zero_point = draw_zero_point(),
        };
        // Some of the rows, as one thread of several computes them.
        const int32_t first_row = one_in(2) ? 0 : draw(0, height - 1), end_row = draw(first_row > 4 ? first_row : 4, height);

        struct buffer packed = new_aligned_buffer(oracle->packed_convolution_bytes(&layer.weights));
        oracle->pack_convolution(&layer.weights, packed.bytes);
        convolution.packed = packed.bytes;
        for (int32_t row = first_row; row < end_row; row++) {
            oracle->convolution_row(&convolution, input.bytes + row * row_stride, row_stride, pixel_stride, NULL, 0,
                                    expected.bytes + row * output_row_stride, output_stride, width);
        }
        release(packed);
        size_t size = set->packed_transformed_bytes(&layer.weights), limit = textpin_packed_convolution_limit(&layer.weights);
        packed = new_aligned_buffer(size);
        fill(packed, INT8_MIN, INT8_MAX);
        set->pack_transformed(&layer.weights, packed.bytes);
        convolution.packed = packed.bytes;
        set->transformed_rows(&convolution, input.bytes, row_stride, pixel_stride, got.bytes, output_row_stride, output_stride, first_row,
                              end_row, width);
        expect(same_bytes(expected, got) && size > 0 && size <= limit,
               "%s: transformed %d: %dx%d, rows %d to %d, %d channels from %d, table %d, hard-swish %d, %zu packed bytes, limit %zu",
               set->name, index, width, height, first_row, end_row, layer.weights.output_channels, channels, convolution.table != NULL,
               hard_swish, size, limit);
        release(packed);
        release(input);
        release(expected);
        release(got);
        release(layer.storage);
    }
}
