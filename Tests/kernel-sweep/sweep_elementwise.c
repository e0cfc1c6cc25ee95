// Cases for the kernels that do not multiply by a packed weight: combine, sums, table, repeat, maximum.
#include "sweep.h"

static struct buffer draw_rows(size_t size)
{
    struct buffer buffer = new_buffer(size + TEXTPIN_READ_SLACK);
    fill_activations(buffer);
    return buffer;
}

static size_t extent(int32_t pixels, ptrdiff_t stride, int32_t channels)
{
    return (size_t)((pixels - 1) * stride + channels);
}

/// Bytes from pixel to pixel: mostly with a gap, sometimes with none.
static ptrdiff_t draw_stride(int32_t channels)
{
    return channels + (one_in(2) ? 0 : draw(1, 40));
}

static void sweep_combine(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle, int32_t index)
{
    int32_t channels = one_in(4) ? 4 << draw(0, 3) : index % 140 + 1, pixels = draw(1, 40);
    static int16_t weight_a[140];
    static int32_t bias[140];
    struct textpin_combine combine = {weight_a, bias, draw(INT16_MIN, INT16_MAX), draw(0, 30), channels, 1 << draw(0, 3)};
    bool extreme = one_in(4);
    // Below 2^23 NEON has a way of its own: half of the biases are close to that.
    bool near_narrow_limit = !extreme && one_in(3);
    int32_t bias_limit = extreme ? (1 << 30) - 1 : near_narrow_limit ? (1 << 23) - 1 : 200000;
    combine.shift = one_in(3) ? combine.shift : extreme ? draw(22, 25) : draw(near_narrow_limit ? 9 : 12, 17);
    for (int32_t channel = 0; channel < channels; channel++) {
        weight_a[channel] = (int16_t)(one_in(8) ? INT16_MIN : draw(INT16_MIN, INT16_MAX));
        bias[channel] = draw(-bias_limit, bias_limit);
        if (near_narrow_limit && one_in(2)) {
            bias[channel] = bias[channel] < 0 ? draw(0, 3) - bias_limit : bias_limit - draw(0, 3);
        }
    }
    ptrdiff_t a_stride = draw_stride(channels), b_stride = draw_stride(channels);
    struct buffer b = draw_rows(extent((pixels - 1) / combine.repeat_b + 1, b_stride, channels));
    const int8_t *b_bytes = one_in(3) ? NULL : b.bytes;
    if (one_in(4)) {
        struct buffer expected = draw_rows(extent(pixels, a_stride, channels));
        struct buffer got = copy_of(expected);
        oracle->combine_row(&combine, expected.bytes, a_stride, b_bytes, b_stride, expected.bytes, a_stride, pixels);
        set->combine_row(&combine, got.bytes, a_stride, b_bytes, b_stride, got.bytes, a_stride, pixels);
        expect(same_bytes(expected, got), "%s: combine in place %d: %d channels, %d pixels", set->name, index, channels, pixels);
        release(expected);
        release(got);
        release(b);
        return;
    }
    struct buffer a = draw_rows(extent(pixels, a_stride, channels));
    ptrdiff_t output_stride = draw_stride(channels);
    int32_t offset = draw(0, 63);
    struct buffer expected = new_buffer((size_t)offset + extent(pixels, output_stride, channels));
    fill(expected, INT8_MIN, INT8_MAX);
    struct buffer got = copy_of(expected);
    oracle->combine_row(&combine, a.bytes, a_stride, b_bytes, b_stride, expected.bytes + offset, output_stride, pixels);
    set->combine_row(&combine, a.bytes, a_stride, b_bytes, b_stride, got.bytes + offset, output_stride, pixels);
    expect(same_bytes(expected, got), "%s: combine %d: %d channels, %d pixels, repeat %d, shift %d, b %d", set->name, index, channels,
           pixels, combine.repeat_b, combine.shift, b_bytes != NULL);
    release(a);
    release(b);
    release(expected);
    release(got);
}

static void sweep_sums(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle, int32_t index)
{
    int32_t channels = index % 140 + 1, pixels = one_in(8) ? draw(1000, 3000) : draw(1, 40);
    ptrdiff_t stride = draw_stride(channels);
    struct buffer input = draw_rows(extent(pixels, stride, channels));
    if (one_in(4)) {
        // The greatest sums of either sign.
        int8_t extreme = one_in(2) ? INT8_MIN : INT8_MAX;
        fill(input, extreme, extreme);
    }
    struct buffer expected = new_buffer(4 * (size_t)channels);
    // Any start that a sum of 2^23 bytes can have.
    for (int32_t channel = 0; channel < channels; channel++) {
        ((int32_t *)(void *)expected.bytes)[channel] = draw(-1000000000, 1000000000);
    }
    struct buffer got = copy_of(expected);
    oracle->channel_sums(input.bytes, stride, pixels, channels, (int32_t *)(void *)expected.bytes);
    set->channel_sums(input.bytes, stride, pixels, channels, (int32_t *)(void *)got.bytes);
    expect(same_bytes(expected, got), "%s: sums %d: %d channels, %d pixels", set->name, index, channels, pixels);
    release(input);
    release(expected);
    release(got);
}

static void sweep_lookup(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle, int32_t index)
{
    int32_t channels = index % 140 + 1, pixels = draw(1, 40);
    struct buffer table = new_buffer(256);
    fill(table, INT8_MIN, INT8_MAX);
    ptrdiff_t input_stride = draw_stride(channels);
    bool in_place = one_in(4);
    ptrdiff_t output_stride = in_place ? input_stride : draw_stride(channels);
    struct buffer input = draw_rows(extent(pixels, input_stride, channels));
    int32_t offset = draw(0, 63);
    struct buffer expected = in_place ? copy_of(input) : new_buffer((size_t)offset + extent(pixels, output_stride, channels));
    if (in_place) {
        offset = 0;
    } else {
        fill(expected, INT8_MIN, INT8_MAX);
    }
    struct buffer got = copy_of(expected);
    int8_t *expected_start = expected.bytes + offset, *got_start = got.bytes + offset;
    oracle->lookup_row(table.bytes, in_place ? expected_start : input.bytes, input_stride, expected_start, output_stride, channels, pixels);
    set->lookup_row(table.bytes, in_place ? got_start : input.bytes, input_stride, got_start, output_stride, channels, pixels);
    expect(same_bytes(expected, got), "%s: lookup %d: %d channels, %d pixels, in place %d", set->name, index, channels, pixels, in_place);
    release(table);
    release(input);
    release(expected);
    release(got);
}

static void sweep_repeat(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle, int32_t index)
{
    int32_t channels = index % 140 + 1, pixels = draw(1, 40), factor = one_in(4) ? draw(1, 9) : 1 << draw(0, 3);
    ptrdiff_t input_stride = draw_stride(channels), output_stride = draw_stride(channels);
    struct buffer input = draw_rows(extent((pixels - 1) / factor + 1, input_stride, channels));
    int32_t offset = draw(0, 63);
    struct buffer expected = new_buffer((size_t)offset + extent(pixels, output_stride, channels));
    fill(expected, INT8_MIN, INT8_MAX);
    struct buffer got = copy_of(expected);
    oracle->repeat_row(input.bytes, input_stride, expected.bytes + offset, output_stride, channels, pixels, factor);
    set->repeat_row(input.bytes, input_stride, got.bytes + offset, output_stride, channels, pixels, factor);
    expect(same_bytes(expected, got), "%s: repeat %d: %d channels, %d pixels, factor %d", set->name, index, channels, pixels, factor);
    release(input);
    release(expected);
    release(got);
}

static void sweep_maximum(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle, int32_t index)
{
    int32_t channels = index % 140 + 1, pixels = draw(1, 30), rows = draw(1, 4), columns = draw(1, 4), stride = draw(1, 3);
    ptrdiff_t pixel_stride = draw_stride(channels), output_stride = draw_stride(channels);
    int32_t input_pixels = (pixels - 1) * stride + columns;
    ptrdiff_t row_stride = input_pixels * pixel_stride + draw(0, 40);
    struct buffer input = draw_rows((size_t)((rows - 1) * row_stride) + extent(input_pixels, pixel_stride, channels));
    int32_t offset = draw(0, 63);
    struct buffer expected = new_buffer((size_t)offset + extent(pixels, output_stride, channels));
    fill(expected, INT8_MIN, INT8_MAX);
    struct buffer got = copy_of(expected);
    oracle->maximum_row(input.bytes, row_stride, pixel_stride, rows, columns, stride, expected.bytes + offset, output_stride, channels,
                        pixels);
    set->maximum_row(input.bytes, row_stride, pixel_stride, rows, columns, stride, got.bytes + offset, output_stride, channels, pixels);
    expect(same_bytes(expected, got), "%s: maximum %d: %d channels, %d pixels, window %dx%d, stride %d", set->name, index, channels, pixels,
           rows, columns, stride);
    release(input);
    release(expected);
    release(got);
}

void sweep_elementwise(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    for (int32_t index = 0; index < 560; index++) {
        sweep_combine(set, oracle, index);
        sweep_sums(set, oracle, index);
        sweep_lookup(set, oracle, index);
        sweep_repeat(set, oracle, index);
        sweep_maximum(set, oracle, index);
    }
}
