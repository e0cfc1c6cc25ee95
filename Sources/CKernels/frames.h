// What the frame kernels share: where samples lie, the colour equation's factors, and rows made in blocks.
#ifndef TEXTPIN_FRAMES_PRIVATE_H
#define TEXTPIN_FRAMES_PRIVATE_H

#include "kernels_private.h"

/// Equation 10: OpenCV's factors, in 1/2^20.
enum {
    COLOUR_SHIFT = 20,
    LUMA_FACTOR = 1220542,
    CB_TO_BLUE = 2116026,
    CB_TO_GREEN = -409993,
    CR_TO_GREEN = -852492,
    CR_TO_RED = 1673527,
    /// Rounds, and takes 128 off.
    COLOUR_ROUNDING = (1 << (COLOUR_SHIFT - 1)) - (128 << COLOUR_SHIFT),
};

static inline bool has_chroma(int32_t layout)
{
    return layout >= TEXTPIN_FRAME_YUYV;
}

/// One of the three channels of a row: red, green, blue or Y, Cb, Cr.
struct frame_channel {
    const uint8_t *samples;
    /// Bytes from sample to sample.
    int32_t step;
};

static inline struct frame_channel frame_channel_at(int32_t layout, const struct textpin_frame_planes *row, int32_t channel)
{
    switch (layout) {
    case TEXTPIN_FRAME_RGB:
        return (struct frame_channel){row->pixels + channel, 3};
    case TEXTPIN_FRAME_BGR:
        return (struct frame_channel){row->pixels + 2 - channel, 3};
    case TEXTPIN_FRAME_YUYV:
        return channel == 0 ? (struct frame_channel){row->pixels, 2} : (struct frame_channel){row->pixels + 2 * channel - 1, 4};
    case TEXTPIN_FRAME_NV12:
        return channel == 0 ? (struct frame_channel){row->pixels, 1} : (struct frame_channel){row->cb + channel - 1, 2};
    case TEXTPIN_FRAME_I420:
        return (struct frame_channel){channel == 0 ? row->pixels : channel == 1 ? row->cb : row->cr, 1};
    default:
        return (struct frame_channel){row->pixels, 1};
    }
}

static inline void assert_frame_row(const struct textpin_frame_row *row)
{
    assert(row->layout >= TEXTPIN_FRAME_RGB && row->layout <= TEXTPIN_FRAME_I420);
    assert(row->frame_width >= 1 && row->frame_width <= UINT16_MAX && row->pixels >= 1);
    assert(row->weight >= 0 && row->weight <= 255 && row->chroma_weight >= 0 && row->chroma_weight <= 255);
    const struct textpin_frame_column *last = row->columns + row->pixels - 1;
    assert(last->first + (last->weight != 0) < row->frame_width);
    assert(!has_chroma(row->layout) || last->chroma_first + (last->chroma_weight != 0) < (row->frame_width + 1) / 2);
    assert(row->layout >= TEXTPIN_FRAME_NV12 || row->chroma_weight == row->weight);
    (void)last;
}

/// Pixels that the vector kernels make at a time.
enum { FRAME_BLOCK = 64 };

/// The samples that a block's pixels lie between, brought together: of each pixel 8 bytes of the row above and 8 of the row below, in
/// which the layout's `pair_order` finds them.
struct frame_block {
    _Alignas(64) uint8_t upper[FRAME_BLOCK][8];
    uint8_t lower[FRAME_BLOCK][8];
    const struct textpin_frame_row *row;
    /// Of the block's first pixel.
    const struct textpin_frame_column *columns;
    /// In the 16 bytes of two pixels: left and right of the first's channel 0, of the second's; the same of channels 1 and 2; then 0x80,
    /// for byte shuffles to give zeros.
    const uint8_t *pair_order;
    /// Red, green, blue, 0 of four pixels, or blue first, from four reds, four greens, four blues and four zeros.
    const uint8_t *output_order;
};

/// Makes a row: brings samples together block by block, the last one overlapping the one before if it would not be full, and has `mix`
/// write each block's 4 * FRAME_BLOCK bytes. A row shorter than a block is the oracle's.
void textpin_frame_row_in_blocks(const struct textpin_frame_row *row, void (*mix)(const struct frame_block *block, int8_t *output),
                                 int8_t *output);

#endif
