// A camera frame's pixels: how they lie in memory, and one row of them scaled into the network's input, in integers.
#ifndef TEXTPIN_FRAMES_H
#define TEXTPIN_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

/// How a frame's pixels lie in memory. Those with Y, Cb and Cr are of BT.601 in its limited range.
enum textpin_frame_layout {
    /// 3 bytes a pixel, red first.
    TEXTPIN_FRAME_RGB,
    /// 3 bytes a pixel, blue first.
    TEXTPIN_FRAME_BGR,
    /// 1 byte a pixel.
    TEXTPIN_FRAME_GREY,
    /// Y0 Cb Y1 Cr for each two pixels side by side.
    TEXTPIN_FRAME_YUYV,
    /// A plane of Y, a plane of pairs Cb Cr for each two by two pixels.
    TEXTPIN_FRAME_NV12,
    /// Planes of Y, of Cb and of Cr, those two with a byte for each two by two pixels.
    TEXTPIN_FRAME_I420,
};

/// Where one row of a frame begins in each plane that its layout has.
struct textpin_frame_planes {
    /// The pixels; where Cb and Cr have planes of their own, Y alone.
    const uint8_t *pixels;
    /// NV12: the pairs Cb Cr. I420: Cb. Else null.
    const uint8_t *cb;
    /// I420: Cr. Else null.
    const uint8_t *cr;
};

/// Where a pixel of the scaled row reads (equation 9): its left neighbour, and the weight of the right one in 1/256, 0...255. With
/// weight 0 the right neighbour counts for nothing, and the left may be the last of the row.
struct textpin_frame_column {
    uint16_t first;
    uint16_t weight;
    /// The same among the samples of Cb and Cr; where the layout has none, a copy of the two above.
    uint16_t chroma_first;
    uint16_t chroma_weight;
};

/// One row of the network's input and what it is made from.
struct textpin_frame_row {
    /// An enum textpin_frame_layout.
    int32_t layout;
    /// Pixels in a row of the frame, 1...65535; (frame_width + 1) / 2 samples of Cb and of Cr, where there are any.
    int32_t frame_width;
    /// The row above and the row below, in each plane; where that one's weight is 0, the same row.
    struct textpin_frame_planes upper;
    struct textpin_frame_planes lower;
    /// Of the lower row, in 1/256, 0...255. Where Cb and Cr have no planes of their own, chroma_weight is weight.
    int32_t weight;
    int32_t chroma_weight;
    /// Pixels to make, at least 1.
    int32_t pixels;
    /// Whether the input wants blue first.
    bool blue_first;
    /// One for each pixel to make; both neighbours never step back from one to the next.
    const struct textpin_frame_column *columns;
};

/// One row of a frame at its own size as packed RGB, 3 bytes a pixel (equation 10); two pixels side by side share their Cb and Cr.
void textpin_frame_rgb_row(int32_t layout, const struct textpin_frame_planes *row, int32_t width, uint8_t *rgb);

#endif
