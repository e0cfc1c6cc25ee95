// A 3x3 convolution of maps side by side, some of them enlarged by repeating pixels (equation 11), for all x86 sets.
//
// A strip of the output, one row after the other; parts from the smallest map to the largest:
//
//     part      pixels' products with all 9 taps       their sums along an output row      sums that the next part starts from
//     1/8  -->  [2 rows][columns][group][tap][place]   -->  line + bias
//     1/4  -->  [2 rows][columns]...                   -->  line + the line above
//     1/2  -->  [2 rows][columns]...                   -->  line + the line above
//     1/1  -->  the dense convolution, which starts from the last line, or four rows by transformed weights, from the last four
//
// Two rows of products are all that three rows of the output's neighbourhood ever meet. A line serves as long as neither its three rows
// nor the line above change. Where activations are offset (equation 6), the bias takes all parts' offsets off: each output sums every
// weight once, pixels outside included.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "x86_pyramid.h"

#include <emmintrin.h>

enum {
    STRIP = PYRAMID_STRIP,
    MOST_CHANNELS = TEXTPIN_PYRAMID_CHANNELS,
    MOST_ENLARGED = TEXTPIN_PYRAMID_PARTS - 1,
    LEAST_PIXELS = 8,
    MOST_PIXELS = PYRAMID_PART_PIXELS,
    MOST_PRODUCTS = PYRAMID_PRODUCTS,
    /// Rows of the whole-size part that are brought together at a time.
    BAND = 8,
    /// What `gather` writes past its last pixel.
    GATHER_SLACK = 16,
};

/// An enlarged part along a strip.
struct level {
    const struct textpin_pyramid_part *part;
    const void *packed;
    /// The strip's first column of the part less one, and how many there are.
    int32_t first_column;
    int32_t columns;
    /// Which rows of the part `sums` holds: row r in sums[r & 1].
    int32_t held[2];
    /// The part's row and place in it (first, between, last) that the last line is of.
    int32_t line_row;
    int32_t line_place;
    _Alignas(TEXTPIN_ALIGNMENT) int32_t sums[2][MOST_PIXELS * MOST_PRODUCTS];
    /// Lines take turns: the last ones, as many as a band has rows, stay.
    _Alignas(TEXTPIN_ALIGNMENT) int32_t lines[PYRAMID_BAND][STRIP * MOST_CHANNELS];
    int32_t line;
};

/// All levels, from the smallest map to the largest, and the whole-size part.
struct strip {
    const struct x86_pyramid_kernels *kernels;
    const struct textpin_pyramid *pyramid;
    struct x86_pyramid_layout layout;
    struct textpin_convolution convolution;
    const struct textpin_pyramid_part *own;
    int32_t level_count;
    struct level levels[MOST_ENLARGED];
};

enum { NO_ROW = INT32_MIN };

/// Copies pixels without what lies between them. Writes up to GATHER_SLACK - 1 bytes more.
static void gather(const int8_t *pixels, ptrdiff_t pixel_stride, int32_t bytes, int32_t count, int8_t *output)
{
    for (int32_t x = 0; x < count; x++, pixels += pixel_stride, output += bytes) {
        for (int32_t offset = 0; offset < bytes; offset += 16) {
            _mm_storeu_si128((__m128i *)(output + offset), _mm_loadu_si128((const __m128i *)(pixels + offset)));
        }
    }
}

/// The products of a part's row, in the place that is its row's. Pixels outside are zero points.
static const int32_t *hold_row(const struct strip *strip, struct level *level, int32_t row)
{
    int32_t *sums = level->sums[row & 1];
    if (level->held[row & 1] == row) {
        return sums;
    }
    level->held[row & 1] = row;
    const struct textpin_pyramid_part *part = level->part;
    const int32_t bytes = round_up(part->channels, 4), zero_point = strip->pyramid->input_zero_point;
    const int32_t count = level->columns < LEAST_PIXELS ? LEAST_PIXELS : level->columns;
    int8_t pixels[MOST_PIXELS * MOST_CHANNELS + GATHER_SLACK];
    int32_t before = count, inside = 0;
    if (0 <= row && row < part->height) {
        before = level->first_column < 0 ? 1 : 0;
        inside = minimum(level->columns - before, part->width - (level->first_column + before));
        gather(part->pixels + row * part->row_stride + (level->first_column + before) * part->pixel_stride, part->pixel_stride, bytes,
               inside, pixels + before * bytes);
    }
    memset(pixels, zero_point, (size_t)(before * bytes));
    memset(pixels + (before + inside) * bytes, zero_point, (size_t)((count - before - inside) * bytes));
    strip->kernels->products(level->packed, strip->layout.products, pixels, bytes, count, sums);
    return sums;
}

static int32_t floor_divide(int32_t value, int32_t divisor)
{
    return value < 0 ? -1 : value / divisor;
}

/// The sums that row `row` of the whole-size part starts from; `stride`: from pixel to pixel.
static const int32_t *start_row(struct strip *strip, int32_t row, int32_t columns, ptrdiff_t *stride)
{
    const int32_t *from = strip->pyramid->packed;
    *stride = 0;
    bool has_changed = false;
    for (int32_t index = 0; index < strip->level_count; index++) {
        struct level *level = &strip->levels[index];
        const int32_t factor = level->part->factor;
        const int32_t own_row = row / factor, place = row % factor == 0 ? 0 : row % factor == factor - 1 ? 2 : 1;
        has_changed = has_changed || level->line_row != own_row || level->line_place != place;
        if (has_changed) {
            level->line_row = own_row;
            level->line_place = place;
            const int32_t *rows[3];
            rows[0] = hold_row(strip, level, floor_divide(row - 1, factor));
            rows[2] = hold_row(strip, level, (row + 1) / factor);
            rows[1] = hold_row(strip, level, own_row);
            level->line = (level->line + 1) % PYRAMID_BAND;
            strip->kernels->add_line(rows, strip->layout.products, strip->layout.places, factor, columns / factor, from, *stride,
                                     level->lines[level->line]);
        }
        from = level->lines[level->line];
        *stride = strip->layout.places;
    }
    return from;
}

static void prepare(const struct x86_pyramid_kernels *kernels, const struct textpin_pyramid *pyramid, struct strip *strip)
{
    strip->kernels = kernels;
    strip->pyramid = pyramid;
    strip->layout = textpin_x86_pyramid_layout(kernels, pyramid);
    strip->own = NULL;
    strip->level_count = 0;
    const int8_t *packed = (const int8_t *)pyramid->packed + textpin_x86_pyramid_bias_bytes(&strip->layout);
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        const struct textpin_pyramid_part *part = &pyramid->parts[index];
        assert(part->channels <= MOST_CHANNELS && STRIP % part->factor == 0);
        if (part->factor == 1) {
            strip->own = part;
            strip->convolution = (struct textpin_convolution){
                .packed = packed,
                .table = pyramid->table,
                .hard_swish = pyramid->hard_swish,
                .kernel_rows = 3,
                .row_bytes = row_bytes_of(&strip->layout.own),
                .output_channels = pyramid->output_channels,
                .output_zero_point = pyramid->output_zero_point,
            };
        } else {
            int32_t place = strip->level_count++;
            for (; place > 0 && strip->levels[place - 1].part->factor < part->factor; place--) {
                strip->levels[place].part = strip->levels[place - 1].part;
                strip->levels[place].packed = strip->levels[place - 1].packed;
            }
            strip->levels[place].part = part;
            strip->levels[place].packed = packed;
        }
        packed += textpin_x86_pyramid_part_bytes(kernels, &strip->layout, part);
    }
    assert(strip->own != NULL && strip->level_count == pyramid->part_count - 1);
}

static void begin_strip(struct strip *strip, int32_t start, int32_t columns)
{
    for (int32_t index = 0; index < strip->level_count; index++) {
        struct level *level = &strip->levels[index];
        level->first_column = start / level->part->factor - 1;
        level->columns = columns / level->part->factor + 2;
        level->held[0] = level->held[1] = level->line_row = NO_ROW;
        level->line = 0;
    }
}

/// Rows of a strip by the dense convolution. `output`: the strip's first pixel in row 0.
static void convolve_strip(struct strip *strip, int32_t start, int32_t columns, int32_t first_row, int32_t end_row, int8_t *output,
                           ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride)
{
    const struct textpin_pyramid_part *own = strip->own;
    const int32_t own_bytes = strip->layout.own.input_channel_stride;
    const ptrdiff_t band_stride = (ptrdiff_t)(columns + 2) * own_bytes;
    int8_t band[(BAND + 2) * (STRIP + 2) * MOST_CHANNELS + TEXTPIN_READ_SLACK];
    for (int32_t row = first_row; row < end_row; row++) {
        const int32_t band_row = (row - first_row) % BAND;
        for (int32_t i = 0; band_row == 0 && i < minimum(BAND, end_row - row) + 2; i++) {
            gather(own->pixels + (row + i - 1) * own->row_stride + (start - 1) * own->pixel_stride, own->pixel_stride, own_bytes,
                   columns + 2, band + i * band_stride);
        }
        ptrdiff_t initial_stride;
        const int32_t *initial = start_row(strip, row, columns, &initial_stride);
        strip->kernels->continued_row(&strip->convolution, band + band_row * band_stride, band_stride, own_bytes, initial, initial_stride,
                                      output + row * output_row_stride, output_pixel_stride, columns);
    }
}

/// As convolve_strip by transformed weights. The last band begins earlier where the map ends.
static void transform_strip(struct strip *strip, int32_t start, int32_t columns, int32_t first_row, int32_t end_row, int8_t *output,
                            ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride)
{
    const struct textpin_pyramid_part *own = strip->own;
    for (int32_t y = first_row; y < end_row; y += PYRAMID_BAND) {
        const int32_t row = minimum(y, own->height - PYRAMID_BAND);
        const int32_t *initial[PYRAMID_BAND];
        ptrdiff_t initial_stride;
        for (int32_t i = 0; i < PYRAMID_BAND; i++) {
            initial[i] = start_row(strip, row + i, columns, &initial_stride);
        }
        strip->kernels->continued_band(&strip->convolution, own->pixels + (row - 1) * own->row_stride + (start - 1) * own->pixel_stride,
                                       own->row_stride, own->pixel_stride, initial, initial_stride, output + row * output_row_stride,
                                       output_row_stride, output_pixel_stride, y - row, minimum(PYRAMID_BAND, end_row - row), columns);
    }
}

void textpin_x86_pyramid_rows(const struct x86_pyramid_kernels *kernels, const struct textpin_pyramid *pyramid, int32_t first_row,
                              int32_t end_row, int8_t *output, ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride)
{
    assert(pyramid->part_count >= 2 && pyramid->part_count <= TEXTPIN_PYRAMID_PARTS && pyramid->output_channels <= MOST_CHANNELS);
    struct strip strip;
    prepare(kernels, pyramid, &strip);
    for (int32_t start = 0; start < strip.own->width; start += STRIP) {
        const int32_t columns = minimum(STRIP, strip.own->width - start);
        begin_strip(&strip, start, columns);
        int8_t *first_pixel = output + start * output_pixel_stride;
        if (strip.layout.is_transformed) {
            transform_strip(&strip, start, columns, first_row, end_row, first_pixel, output_row_stride, output_pixel_stride);
        } else {
            convolve_strip(&strip, start, columns, first_row, end_row, first_pixel, output_row_stride, output_pixel_stride);
        }
    }
}

#endif
