// Rows of camera frames in blocks: what every vector kernel of them begins with. To bring samples together is loads and stores on any
// CPU; what is then computed is each set's own.
#include "frames.h"
#include "scalar_kernels.h"

#define TEXTPIN_INLINE static inline __attribute__((always_inline))

static const uint8_t pair_orders[][16] = {
    [TEXTPIN_FRAME_RGB] = {0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, 0x80, 0x80, 0x80, 0x80},
    [TEXTPIN_FRAME_BGR] = {2, 5, 10, 13, 1, 4, 9, 12, 0, 3, 8, 11, 0x80, 0x80, 0x80, 0x80},
    [TEXTPIN_FRAME_GREY] = {0, 1, 8, 9, 0, 1, 8, 9, 0, 1, 8, 9, 0x80, 0x80, 0x80, 0x80},
    [TEXTPIN_FRAME_YUYV] = {0, 2, 8, 10, 1, 5, 9, 13, 3, 7, 11, 15, 0x80, 0x80, 0x80, 0x80},
    [TEXTPIN_FRAME_NV12] = {0, 1, 8, 9, 4, 6, 12, 14, 5, 7, 13, 15, 0x80, 0x80, 0x80, 0x80},
    [TEXTPIN_FRAME_I420] = {0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 0x80, 0x80, 0x80, 0x80},
};

static const uint8_t red_first_order[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
static const uint8_t blue_first_order[16] = {8, 4, 0, 12, 9, 5, 1, 13, 10, 6, 2, 14, 11, 7, 3, 15};

/// The first pixels of a row whose samples can be loaded with what lies between and after them: all but the last few.
static int32_t widely_loaded_pixels(const struct textpin_frame_row *row)
{
    // 8 bytes are loaded of two RGB pixels, which may be the first 2 bytes of a third; two samples of everything else.
    int32_t width = row->frame_width - (row->layout <= TEXTPIN_FRAME_BGR ? 3 : 2);
    int32_t chroma_width = has_chroma(row->layout) ? (row->frame_width + 1) / 2 - 2 : INT32_MAX;
    int32_t pixels = row->pixels;
    while (pixels > 0 && (row->columns[pixels - 1].first > width || row->columns[pixels - 1].chroma_first > chroma_width)) {
        pixels--;
    }
    return pixels;
}

static uint64_t load_bytes(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;
    memcpy(&value, bytes, count);
    return value;
}

/// One pixel's samples in one row, loaded widely.
TEXTPIN_INLINE uint64_t wide_samples(int32_t layout, struct textpin_frame_planes planes, struct textpin_frame_column column)
{
    switch (layout) {
    case TEXTPIN_FRAME_RGB:
    case TEXTPIN_FRAME_BGR:
        return load_bytes(planes.pixels + 3 * column.first, 8);
    case TEXTPIN_FRAME_YUYV:
        return (load_bytes(planes.pixels + 4 * column.chroma_first, 8) & 0xFF00FF00FF00FF00)
             | (load_bytes(planes.pixels + 2 * column.first, 4) & 0x00FF00FF);
    case TEXTPIN_FRAME_NV12:
        return load_bytes(planes.pixels + column.first, 2) | load_bytes(planes.cb + 2 * column.chroma_first, 4) << 32;
    case TEXTPIN_FRAME_I420:
        return load_bytes(planes.pixels + column.first, 2) | load_bytes(planes.cb + column.chroma_first, 2) << 16
             | load_bytes(planes.cr + column.chroma_first, 2) << 32;
    default:
        return load_bytes(planes.pixels + column.first, 2);
    }
}

/// One pixel's samples in one row, and no byte beside them.
static void exact_samples(int32_t layout, const struct textpin_frame_planes *planes, const struct textpin_frame_column *column,
                          const uint8_t *pair_order, uint8_t samples[8])
{
    for (int32_t channel = 0; channel < 3; channel++) {
        bool chroma = has_chroma(layout) && channel > 0;
        int32_t first = chroma ? column->chroma_first : column->first;
        bool right = (chroma ? column->chroma_weight : column->weight) != 0;
        struct frame_channel source = frame_channel_at(layout, planes, channel);
        samples[pair_order[4 * channel]] = source.samples[first * source.step];
        samples[pair_order[4 * channel + 1]] = source.samples[(first + right) * source.step];
    }
}

TEXTPIN_INLINE void gather_layout(int32_t layout, int32_t wide, struct frame_block *block)
{
    // Copies: a store of bytes may change anything behind a pointer as far as C knows.
    const struct textpin_frame_planes upper = block->row->upper, lower = block->row->lower;
    const struct textpin_frame_column *columns = block->columns;
    for (int32_t x = 0; x < wide; x++) {
        uint64_t above = wide_samples(layout, upper, columns[x]), below = wide_samples(layout, lower, columns[x]);
        memcpy(block->upper[x], &above, 8);
        memcpy(block->lower[x], &below, 8);
    }
    for (int32_t x = wide; x < FRAME_BLOCK; x++) {
        exact_samples(block->row->layout, &upper, columns + x, block->pair_order, block->upper[x]);
        exact_samples(block->row->layout, &lower, columns + x, block->pair_order, block->lower[x]);
    }
}

/// Fills a block of which the first `wide` pixels can be loaded widely.
static void gather(int32_t wide, struct frame_block *block)
{
    switch (block->row->layout) {
    case TEXTPIN_FRAME_RGB:
    case TEXTPIN_FRAME_BGR:
        gather_layout(TEXTPIN_FRAME_RGB, wide, block);
        break;
    case TEXTPIN_FRAME_YUYV:
        gather_layout(TEXTPIN_FRAME_YUYV, wide, block);
        break;
    case TEXTPIN_FRAME_NV12:
        gather_layout(TEXTPIN_FRAME_NV12, wide, block);
        break;
    case TEXTPIN_FRAME_I420:
        gather_layout(TEXTPIN_FRAME_I420, wide, block);
        break;
    default:
        gather_layout(TEXTPIN_FRAME_GREY, wide, block);
        break;
    }
}

void textpin_frame_row_in_blocks(const struct textpin_frame_row *row, void (*mix)(const struct frame_block *block, int8_t *output),
                                 int8_t *output)
{
    if (row->pixels < FRAME_BLOCK) {
        textpin_frame_row_scalar(row, output);
        return;
    }
    assert_frame_row(row);
    int32_t wide = widely_loaded_pixels(row);
    struct frame_block block = {
        .row = row,
        .pair_order = pair_orders[row->layout],
        .output_order = row->blue_first ? blue_first_order : red_first_order,
    };
    for (int32_t next = 0; next < row->pixels; next += FRAME_BLOCK) {
        int32_t first = minimum(next, row->pixels - FRAME_BLOCK);
        block.columns = row->columns + first;
        gather(wide <= first ? 0 : minimum(wide - first, FRAME_BLOCK), &block);
        mix(&block, output + 4 * first);
    }
}
