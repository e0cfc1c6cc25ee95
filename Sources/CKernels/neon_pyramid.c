// A 3x3 convolution of maps side by side, some of them enlarged by repeating pixels (equation 11), for all NEON sets.
//
// A strip of the output, one row after the other; parts from the smallest map to the largest:
//
//     part      pixels' products with all 9 taps     their sums along an output row      sums that the next part starts from
//     1/8  -->  [2 rows][columns][channels / 4][9][4]  -->  line + bias
//     1/4  -->  [2 rows][columns]...                   -->  line + the line above
//     1/2  -->  [2 rows][columns]...                   -->  line + the line above
//     1/1  -->  a dense convolution, which starts from the last line; or by transformed weights, 4 rows at a time, from the last 4 lines
//
// Two rows of products are all that three rows of the output's neighbourhood ever meet. A line serves as long as neither its three rows
// nor the line above change.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_pyramid.h"

enum {
    STRIP = 48,
    GREATEST_FACTOR = 8,
    MOST_ENLARGED = TEXTPIN_PYRAMID_PARTS - 1,
    MOST_PIXELS = STRIP / 2 + 2,
    /// Rows of the whole-size part that are brought together at a time.
    BAND = 8,
};

/// An enlarged part along a strip.
struct level {
    const struct textpin_pyramid_part *part;
    struct textpin_convolution products;
    /// The strip's first column of the part less one, and how many there are.
    int32_t first_column;
    int32_t columns;
    /// Which rows of the part `sums` holds: row r in sums[r & 1].
    int32_t held[2];
    /// The part's row and place in it (first, between, last) that the last line is of.
    int32_t line_row;
    int32_t line_place;
    int32_t sums[2][MOST_PIXELS * TAPS * MOST_CHANNELS];
    /// The last four lines: a new one takes the oldest one's place.
    int32_t lines[SIDE][STRIP * MOST_CHANNELS];
    int32_t line;
    /// The products of a pixel outside, where zero points are.
    int32_t outside[TAPS * MOST_CHANNELS];
};

enum { NO_ROW = INT32_MIN };

static void repeat_sums(const int32_t *sums, int32_t count, int32_t *output, int32_t times)
{
    for (int32_t i = 0; i < times; i++) {
        memcpy(output + i * count, sums, sizeof(int32_t) * (size_t)count);
    }
}

/// The products of a part's row, in the place that is its row's.
static const int32_t *hold_row(const struct pyramid_kernels *kernels, struct level *level, int32_t row)
{
    int32_t *sums = level->sums[row & 1];
    if (level->held[row & 1] == row) {
        return sums;
    }
    level->held[row & 1] = row;
    const struct textpin_pyramid_part *part = level->part;
    const int32_t count = level->products.output_channels;
    const bool is_inside = 0 <= row && row < part->height;
    const int32_t before = is_inside && level->first_column >= 0 ? 0 : is_inside ? 1 : level->columns;
    const int32_t inside = is_inside ? minimum(level->columns - before, part->width - (level->first_column + before)) : 0;
    repeat_sums(level->outside, count, sums, before);
    if (inside > 0) {
        const int8_t *pixels = part->pixels + row * part->row_stride + (level->first_column + before) * part->pixel_stride;
        kernels->partial_row(&level->products, pixels, 0, part->pixel_stride, NULL, 0, NULL, sums + before * count, NULL, 0, inside);
    }
    repeat_sums(level->outside, count, sums + (before + inside) * count, level->columns - before - inside);
    return sums;
}

/// The sums of taps in column `column` of three rows, for 4 channels.
TEXTPIN_INLINE int32x4_t add_taps(const int32_t *top, const int32_t *middle, const int32_t *bottom, int32_t column)
{
    int32x4_t two = vaddq_s32(vld1q_s32(top + LANE_CHANNELS * column), vld1q_s32(middle + LANE_CHANNELS * (3 + column)));
    return vaddq_s32(two, vld1q_s32(bottom + LANE_CHANNELS * (6 + column)));
}

/// An output row of a part: at the pixels that a pixel of the part is repeated to, the first one meets its left neighbour, too, and the
/// last one its right neighbour. Adds `from`.
static void add_line(const int32_t *top, const int32_t *middle, const int32_t *bottom, int32_t channels, int32_t factor, int32_t columns,
                     const int32_t *from, ptrdiff_t from_stride, int32_t *to)
{
    const ptrdiff_t step = TAPS * channels;
    for (int32_t n = 0; n < channels; n += LANE_CHANNELS, top += TAPS * LANE_CHANNELS, middle += TAPS * LANE_CHANNELS,
                 bottom += TAPS * LANE_CHANNELS, from += LANE_CHANNELS, to += LANE_CHANNELS) {
        const int32_t *t = top, *m = middle, *b = bottom, *start = from;
        int32_t *output = to;
        int32x4_t left = add_taps(t, m, b, 0);
        t += step, m += step, b += step;
        int32x4_t first = add_taps(t, m, b, 0), second = add_taps(t, m, b, 1), third = add_taps(t, m, b, 2);
        for (int32_t column = 0; column < columns; column++) {
            t += step, m += step, b += step;
            int32x4_t right = add_taps(t, m, b, 2);
            int32x4_t before = vaddq_s32(first, second);
            vst1q_s32(output, vaddq_s32(vld1q_s32(start), vaddq_s32(left, vaddq_s32(second, third))));
            output += channels, start += from_stride;
            int32x4_t between = vaddq_s32(before, third);
            for (int32_t copy = 2; copy < factor; copy++, output += channels, start += from_stride) {
                vst1q_s32(output, vaddq_s32(vld1q_s32(start), between));
            }
            vst1q_s32(output, vaddq_s32(vld1q_s32(start), vaddq_s32(before, right)));
            output += channels, start += from_stride;
            left = first;
            first = add_taps(t, m, b, 0);
            second = add_taps(t, m, b, 1);
            third = right;
        }
    }
}

static int32_t floor_divide(int32_t value, int32_t divisor)
{
    return value < 0 ? -1 : value / divisor;
}

/// The sums that row `row` of a strip's whole-size part starts from.
static const int32_t *start_row(const struct pyramid_kernels *kernels, const struct textpin_pyramid *pyramid, struct level *levels,
                                int32_t count, int32_t row, int32_t columns)
{
    const int32_t *from = pyramid->packed;
    ptrdiff_t from_stride = 0;
    bool has_changed = false;
    for (int32_t index = 0; index < count; index++) {
        struct level *level = &levels[index];
        const int32_t factor = level->part->factor;
        const int32_t own_row = row / factor, place = row % factor == 0 ? 0 : row % factor == factor - 1 ? 2 : 1;
        has_changed = has_changed || level->line_row != own_row || level->line_place != place;
        if (has_changed) {
            level->line_row = own_row;
            level->line_place = place;
            const int32_t *top = hold_row(kernels, level, floor_divide(row - 1, factor));
            const int32_t *bottom = hold_row(kernels, level, (row + 1) / factor);
            const int32_t *middle = hold_row(kernels, level, own_row);
            level->line = (level->line + 1) % SIDE;
            add_line(top, middle, bottom, pyramid->output_channels, factor, columns / factor, from, from_stride, level->lines[level->line]);
        }
        from = level->lines[level->line];
        from_stride = pyramid->output_channels;
    }
    return from;
}

/// Copies pixels without what lies between them. Writes up to 15 bytes more.
static void gather(const int8_t *pixels, ptrdiff_t pixel_stride, int32_t bytes, int32_t count, int8_t *output)
{
    for (int32_t x = 0; x < count; x++, pixels += pixel_stride, output += bytes) {
        for (int32_t offset = 0; offset < bytes; offset += 16) {
            vst1q_s8(output + offset, vld1q_s8(pixels + offset));
        }
    }
}

/// Levels from the smallest map to the largest; returns the whole-size part's convolution.
static struct textpin_convolution prepare(const struct pyramid_kernels *kernels, const struct textpin_pyramid *pyramid,
                                          struct level *levels, const struct textpin_pyramid_part **own)
{
    const int8_t *packed = (const int8_t *)pyramid->packed + bias_bytes(pyramid->output_channels);
    struct textpin_convolution convolution = {0};
    int32_t count = 0;
    *own = NULL;
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        const struct textpin_pyramid_part *part = &pyramid->parts[index];
        struct textpin_weights shape = part_shape(part, pyramid->output_channels);
        assert(part->channels <= MOST_CHANNELS && GREATEST_FACTOR % part->factor == 0);
        const struct textpin_convolution own_convolution = {.packed = packed,
                                                            .kernel_rows = shape.kernel_rows,
                                                            .row_bytes = row_bytes_of(&shape),
                                                            .output_channels = shape.output_channels};
        if (part->factor == 1) {
            convolution = own_convolution;
            *own = part;
        } else {
            int32_t place = count++;
            for (; place > 0 && levels[place - 1].part->factor < part->factor; place--) {
                levels[place].part = levels[place - 1].part;
                levels[place].products = levels[place - 1].products;
            }
            levels[place].part = part;
            levels[place].products = own_convolution;
        }
        packed += part_bytes(kernels, part, pyramid->output_channels);
    }
    assert(*own != NULL && count == pyramid->part_count - 1);
    int8_t outside[MOST_CHANNELS + TEXTPIN_READ_SLACK];
    memset(outside, pyramid->input_zero_point, sizeof outside);
    for (int32_t index = 0; index < count; index++) {
        kernels->partial_row(&levels[index].products, outside, 0, 0, NULL, 0, NULL, levels[index].outside, NULL, 0, 1);
    }
    convolution.table = pyramid->table;
    convolution.hard_swish = pyramid->hard_swish;
    convolution.output_zero_point = pyramid->output_zero_point;
    return convolution;
}

/// Begins a strip: `start` and `columns` are multiples of each level's factor.
static void begin_strip(struct level *levels, int32_t count, int32_t start, int32_t columns)
{
    for (int32_t index = 0; index < count; index++) {
        struct level *level = &levels[index];
        level->first_column = start / level->part->factor - 1;
        level->columns = columns / level->part->factor + 2;
        level->held[0] = level->held[1] = level->line_row = NO_ROW;
        level->line = 0;
    }
}

/// A pyramid as it runs.
struct run {
    const struct pyramid_kernels *kernels;
    const struct textpin_pyramid *pyramid;
    struct level *levels;
    int32_t count;
    /// The whole-size part and its convolution.
    const struct textpin_pyramid_part *own;
    struct textpin_convolution convolution;
    int8_t *output;
    ptrdiff_t output_row_stride;
    ptrdiff_t output_pixel_stride;
};

/// The whole-size part by transformed weights.
static void run_transformed(const struct run *run, int32_t first_row, int32_t end_row)
{
    const struct textpin_pyramid_part *own = run->own;
    for (int32_t next = 0; next < own->width; next += STRIP) {
        // What is narrower than a tile belongs to a strip that begins earlier.
        const int32_t start = minimum(next, own->width - SIDE), columns = minimum(STRIP, own->width - start);
        begin_strip(run->levels, run->count, start, columns);
        for (int32_t row = first_row; row < end_row; row += SIDE) {
            // So do tiles' rows.
            const int32_t top = minimum(row, own->height - SIDE);
            const int32_t *lines[SIDE];
            for (int32_t line = 0; line < SIDE; line++) {
                lines[line] = start_row(run->kernels, run->pyramid, run->levels, run->count, top + line, columns);
            }
            const int8_t *input = own->pixels + (top - 1) * own->row_stride + (start - 1) * own->pixel_stride;
            int8_t *output = run->output + top * run->output_row_stride + start * run->output_pixel_stride;
            textpin_transformed_tiles_neon(&run->convolution, input, own->row_stride, own->pixel_stride, lines, output,
                                           run->output_row_stride, run->output_pixel_stride, row - top, minimum(SIDE, end_row - top),
                                           columns);
        }
    }
    for (int32_t row = first_row; run->convolution.table != NULL && row < end_row; row++) {
        int8_t *bytes = run->output + row * run->output_row_stride;
        textpin_lookup_row_neon(run->convolution.table, bytes, run->output_pixel_stride, bytes, run->output_pixel_stride,
                                run->pyramid->output_channels, own->width);
    }
}

/// The whole-size part by its dense form.
static void run_dense(const struct run *run, int32_t first_row, int32_t end_row)
{
    const struct textpin_pyramid_part *own = run->own;
    const int32_t own_bytes = round_up(own->channels, 4);
    int8_t band[(BAND + 2) * (STRIP + 2) * MOST_CHANNELS + TEXTPIN_READ_SLACK];
    // As many strips as there must be, of much the same width: parts' rows in a narrow one have fewer pixels than a tile.
    const int32_t strips = (own->width + STRIP - 1) / STRIP, strip = round_up((own->width + strips - 1) / strips, GREATEST_FACTOR);
    for (int32_t start = 0; start < own->width; start += strip) {
        const int32_t columns = minimum(strip, own->width - start);
        const ptrdiff_t band_stride = (ptrdiff_t)(columns + 2) * own_bytes;
        begin_strip(run->levels, run->count, start, columns);
        for (int32_t row = first_row; row < end_row; row++) {
            const int32_t band_row = (row - first_row) % BAND;
            for (int32_t i = 0; band_row == 0 && i < minimum(BAND, end_row - row) + 2; i++) {
                gather(own->pixels + (row + i - 1) * own->row_stride + (start - 1) * own->pixel_stride, own->pixel_stride, own_bytes,
                       columns + 2, band + i * band_stride);
            }
            const int32_t *initial = start_row(run->kernels, run->pyramid, run->levels, run->count, row, columns);
            run->kernels->partial_row(&run->convolution, band + band_row * band_stride, band_stride, own_bytes, NULL, 0, initial, NULL,
                                      run->output + row * run->output_row_stride + start * run->output_pixel_stride,
                                      run->output_pixel_stride, columns);
        }
    }
}

static void pyramid_rows(const struct pyramid_kernels *kernels, const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row,
                         int8_t *output, ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride)
{
    assert(pyramid->part_count >= 2 && pyramid->part_count <= TEXTPIN_PYRAMID_PARTS && pyramid->output_channels <= MOST_CHANNELS
           && pyramid->output_channels % LANE_CHANNELS == 0);
    struct level levels[MOST_ENLARGED];
    struct run run = {
        .kernels = kernels,
        .pyramid = pyramid,
        .levels = levels,
        .count = pyramid->part_count - 1,
        .output = output,
        .output_row_stride = output_row_stride,
        .output_pixel_stride = output_pixel_stride,
    };
    run.convolution = prepare(kernels, pyramid, levels, &run.own);
    if (is_transformed(kernels, run.own, pyramid->output_channels)) {
        run_transformed(&run, first_row, end_row);
    } else {
        run_dense(&run, first_row, end_row);
    }
}

#define PYRAMID(set, ...)                                                                                                                \
    static const struct pyramid_kernels set##_kernels = {textpin_packed_convolution_bytes_##set, textpin_pack_convolution_##set,         \
                                                         textpin_partial_row_##set, __VA_ARGS__};                                        \
    size_t textpin_packed_pyramid_bytes_##set(const struct textpin_pyramid *pyramid)                                                     \
    {                                                                                                                                    \
        return textpin_packed_pyramid_bytes_for(&set##_kernels, pyramid);                                                                \
    }                                                                                                                                    \
    void textpin_pack_pyramid_##set(const struct textpin_weights *weights, const struct textpin_pyramid *pyramid, void *packed)          \
    {                                                                                                                                    \
        textpin_pack_pyramid_for(&set##_kernels, weights, pyramid, packed);                                                              \
    }                                                                                                                                    \
    void textpin_pyramid_rows_##set(const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row, int8_t *output,           \
                                    ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride)                                          \
    {                                                                                                                                    \
        pyramid_rows(&set##_kernels, pyramid, first_row, end_row, output, output_row_stride, output_pixel_stride);                       \
    }
PYRAMID(neon, textpin_packed_transformed_bytes_neon, textpin_pack_transformed_neon)
PYRAMID(neon_dotprod, NULL, NULL)
PYRAMID(neon_i8mm, NULL, NULL)
#undef PYRAMID

#endif
