// Cases for convolutions of maps side by side, some of them enlarged: the oracle's dense convolution of what they are enlarged to.
#include "sweep.h"

#include <string.h>

enum { BORDER = 1 };

/// One tensor with a border of one pixel.
struct map {
    struct buffer storage;
    int32_t width;
    int32_t height;
    ptrdiff_t pixel_stride;
};

static ptrdiff_t row_stride(const struct map *map)
{
    return (map->width + 2 * BORDER) * map->pixel_stride;
}

static int8_t *pixel(const struct map *map, int32_t row, int32_t column)
{
    return map->storage.bytes + (row + BORDER) * row_stride(map) + (column + BORDER) * map->pixel_stride;
}

static struct map new_map(int32_t width, int32_t height, ptrdiff_t pixel_stride)
{
    size_t bytes = (size_t)((width + 2 * BORDER) * (height + 2 * BORDER) * pixel_stride) + TEXTPIN_READ_SLACK;
    return (struct map){new_buffer(bytes), width, height, pixel_stride};
}

/// A pyramid's parts, and the map that they make side by side, which is part 0's storage, too, as a concatenation in the arena is.
static void draw_parts(struct textpin_pyramid *pyramid, struct map *whole, struct map enlarged[TEXTPIN_PYRAMID_PARTS], int32_t width,
                       int32_t height, int32_t most_doublings)
{
    int32_t channels = 0;
    int32_t own = draw(0, pyramid->part_count - 1);
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        pyramid->parts[index].channels = draw(1, one_in(2) ? 32 : 12);
        channels += pyramid->parts[index].channels;
    }
    *whole = new_map(width, height, (channels + 3) / 4 * 4);
    memset(whole->storage.bytes, pyramid->input_zero_point, whole->storage.size);
    int32_t first = 0;
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        struct textpin_pyramid_part *part = &pyramid->parts[index];
        const int32_t factor = index == own ? 1 : 1 << draw(1, most_doublings);
        struct map *map = &enlarged[index];
        *map = new_map(width / factor, height / factor, (part->channels + 3) / 4 * 4 + (one_in(3) ? 4 * draw(1, 4) : 0));
        fill_activations(map->storage);
        for (int32_t row = 0; row < height; row++) {
            for (int32_t column = 0; column < width; column++) {
                memcpy(pixel(whole, row, column) + first, pixel(map, row / factor, column / factor), (size_t)part->channels);
            }
        }
        const struct map *source = factor == 1 ? whole : map;
        part->pixels = pixel(source, 0, 0) + (factor == 1 ? first : 0);
        part->row_stride = row_stride(source);
        part->pixel_stride = source->pixel_stride;
        part->width = width / factor;
        part->height = height / factor;
        part->factor = factor;
        first += part->channels;
    }
}

void sweep_pyramids(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    for (int32_t index = 0; index < 120 && set->pyramid_rows != NULL; index++) {
        const int32_t most_doublings = draw(1, 3), width = draw(1, 80 >> most_doublings) << most_doublings;
        const int32_t height = draw(1, 24 >> most_doublings) << most_doublings;
        bool hard_swish = one_in(3);
        int8_t table[256];
        struct textpin_pyramid pyramid = {
            .part_count = draw(2, TEXTPIN_PYRAMID_PARTS),
            .output_channels = 4 * draw(1, TEXTPIN_PYRAMID_CHANNELS / 4),
            .table = draw_table(table, hard_swish),
            .input_zero_point = draw(INT8_MIN, INT8_MAX),
            .output_zero_point = draw_zero_point(),
        };
        struct map whole, enlarged[TEXTPIN_PYRAMID_PARTS];
        draw_parts(&pyramid, &whole, enlarged, width, height, most_doublings);
        int32_t channels = 0;
        for (int32_t part = 0; part < pyramid.part_count; part++) {
            channels += pyramid.parts[part].channels;
        }
        struct layer layer = {.weights = {.output_channels = pyramid.output_channels,
                                          .kernel_rows = 3,
                                          .kernel_columns = 3,
                                          .input_channels = channels,
                                          .input_channel_stride = (int32_t)whole.pixel_stride}};
        draw_layer(&layer, 9 * channels, accumulator_limit(hard_swish));
        pyramid.hard_swish = hard_swish ? &layer.hard_swish : NULL;
        const ptrdiff_t output_stride = pyramid.output_channels + (one_in(2) ? 0 : draw(1, 20));
        const ptrdiff_t output_row_stride = width * output_stride + draw(0, 40);
        struct buffer expected = new_buffer((size_t)(height * output_row_stride));
        fill(expected, INT8_MIN, INT8_MAX);
        struct buffer got = copy_of(expected);

        struct buffer packed = new_aligned_buffer(oracle->packed_convolution_bytes(&layer.weights));
        oracle->pack_convolution(&layer.weights, packed.bytes);
        struct textpin_convolution convolution = {
            .packed = packed.bytes,
            .table = pyramid.table,
            .hard_swish = pyramid.hard_swish,
            .kernel_rows = 3,
            .row_bytes = 3 * (int32_t)whole.pixel_stride,
            .output_channels = pyramid.output_channels,
            .output_zero_point = pyramid.output_zero_point,
        };
        // Some of the rows, as one thread of several computes them.
        const int32_t first_row = one_in(2) ? 0 : draw(0, height - 1), end_row = one_in(2) ? height : draw(first_row, height);
        for (int32_t row = first_row; row < end_row; row++) {
            oracle->convolution_row(&convolution, pixel(&whole, row - 1, -1), row_stride(&whole), whole.pixel_stride, NULL, 0,
                                    expected.bytes + row * output_row_stride, output_stride, width);
        }
        release(packed);
        packed = new_aligned_buffer(set->packed_pyramid_bytes(&pyramid));
        fill(packed, INT8_MIN, INT8_MAX);
        set->pack_pyramid(&layer.weights, &pyramid, packed.bytes);
        pyramid.packed = packed.bytes;
        set->pyramid_rows(&pyramid, first_row, end_row, got.bytes, output_row_stride, output_stride);
        expect(same_bytes(expected, got), "%s: pyramid %d: %dx%d, rows %d to %d, %d parts, %d channels from %d, table %d, hard-swish %d",
               set->name, index, width, height, first_row, end_row, pyramid.part_count, pyramid.output_channels, channels,
               pyramid.table != NULL, hard_swish);
        release(packed);
        release(expected);
        release(got);
        release(whole.storage);
        for (int32_t part = 0; part < pyramid.part_count; part++) {
            release(enlarged[part].storage);
        }
        release(layer.storage);
    }
}
