// What the x86 sets have of their own in a pyramid's convolution (equation 11); the rest is x86_pyramid.c.
#ifndef TEXTPIN_X86_PYRAMID_H
#define TEXTPIN_X86_PYRAMID_H

#include "kernels_private.h"

enum {
    PYRAMID_TAPS = 9,
    /// Output columns that are computed together, a multiple of every factor.
    PYRAMID_STRIP = 48,
    /// Output rows that transformed weights give together.
    PYRAMID_BAND = 4,
    /// Those of an enlarged part that they read at most.
    PYRAMID_PART_PIXELS = PYRAMID_STRIP / 2 + 2,
    /// Products of a pixel at most, a whole number of any set's blocks.
    PYRAMID_PRODUCTS = PYRAMID_TAPS * TEXTPIN_PYRAMID_CHANNELS,
};

/// Sums are held by places: output channels in the order in which the set's dense convolution takes what it starts from, with places
/// left free in between, so many for each pixel. A place's products with the 9 taps stand together by groups: [group][tap][place].
struct x86_pyramid_kernels {
    /// Of the whole-size part.
    size_t (*packed_convolution_bytes)(const struct textpin_weights *weights);
    void (*pack_convolution)(const struct textpin_weights *weights, void *packed);
    /// Places of a pixel, a multiple of `group`, at most TEXTPIN_PYRAMID_CHANNELS; counted for the dense convolution of `weights`.
    int32_t (*places)(const struct textpin_weights *weights);
    /// The output channel at a place; not less than output_channels for none.
    int32_t (*channel_at)(const struct textpin_weights *weights, int32_t place);
    /// As convolution_row, but each pixel starts from its places at `initial` in place of the bias.
    void (*continued_row)(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                          ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                          ptrdiff_t output_pixel_stride, int32_t pixels);
    /// Null where the set has none; else another form of the whole-size part, used where not 0 bytes (equation 12).
    size_t (*packed_transformed_bytes)(const struct textpin_weights *weights);
    void (*pack_transformed)(const struct textpin_weights *weights, void *packed);
    /// As continued_row for rows first_row ..< end_row of PYRAMID_BAND rows, each of which starts from its own sums; 4 pixels at least.
    void (*continued_band)(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                           ptrdiff_t input_pixel_stride, const int32_t *const *initial, ptrdiff_t initial_stride, int8_t *output,
                           ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row, int32_t pixels);
    /// sums[x * outputs + n] = the sum over b of pixels[x * pixel_bytes + b] * weight[n][b], for 8 pixels or more. `pixel_bytes` is a
    /// multiple of 4, `outputs` of `block`.
    void (*products)(const void *packed, int32_t outputs, const int8_t *pixels, int32_t pixel_bytes, int32_t count, int32_t *sums);
    /// An output row of a part from three rows of products, `sums_stride` apart by pixels: at the pixels that a pixel of the part is
    /// repeated to, the first one meets its left neighbour, too, and the last one its right neighbour. Adds `from`.
    void (*add_line)(const int32_t *const rows[3], ptrdiff_t sums_stride, int32_t places, int32_t factor, int32_t columns,
                     const int32_t *from, ptrdiff_t from_stride, int32_t *to);
    /// Places of a group.
    int32_t group;
    /// Outputs that `products` sums at a time; their packed weights are [block][step][output][step bytes].
    int32_t block;
    int32_t step_bytes;
    /// 1, or 2 where weights are packed as 16 bits.
    int32_t weight_bytes;
    /// What `products` and `continued_row` add to activations (equation 6).
    int32_t input_offset;
};

/// How one pyramid's sums and products are laid out.
struct x86_pyramid_layout {
    /// The whole-size part's dense convolution, without weights, and whether it is by transformed weights.
    struct textpin_weights own;
    bool is_transformed;
    int32_t places;
    /// Products of a pixel, unused ones with them.
    int32_t products;
};

struct x86_pyramid_layout textpin_x86_pyramid_layout(const struct x86_pyramid_kernels *kernels, const struct textpin_pyramid *pyramid);
/// Bytes of what the packed form begins with, and of each part after it.
size_t textpin_x86_pyramid_bias_bytes(const struct x86_pyramid_layout *layout);
size_t textpin_x86_pyramid_part_bytes(const struct x86_pyramid_kernels *kernels, const struct x86_pyramid_layout *layout,
                                      const struct textpin_pyramid_part *part);

size_t textpin_x86_packed_pyramid_bytes(const struct x86_pyramid_kernels *kernels, const struct textpin_pyramid *pyramid);
void textpin_x86_pack_pyramid(const struct x86_pyramid_kernels *kernels, const struct textpin_weights *weights,
                              const struct textpin_pyramid *pyramid, void *packed);
void textpin_x86_pyramid_rows(const struct x86_pyramid_kernels *kernels, const struct textpin_pyramid *pyramid, int32_t first_row,
                              int32_t end_row, int8_t *output, ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride);

/// The three functions of a set's table, for its `kernels`.
#define TEXTPIN_X86_PYRAMID(set, kernels)                                                                                                \
    size_t textpin_packed_pyramid_bytes_##set(const struct textpin_pyramid *pyramid)                                                     \
    {                                                                                                                                    \
        return textpin_x86_packed_pyramid_bytes(&kernels, pyramid);                                                                      \
    }                                                                                                                                    \
    void textpin_pack_pyramid_##set(const struct textpin_weights *weights, const struct textpin_pyramid *pyramid, void *packed)          \
    {                                                                                                                                    \
        textpin_x86_pack_pyramid(&kernels, weights, pyramid, packed);                                                                    \
    }                                                                                                                                    \
    void textpin_pyramid_rows_##set(const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row, int8_t *output,           \
                                    ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride)                                          \
    {                                                                                                                                    \
        textpin_x86_pyramid_rows(&kernels, pyramid, first_row, end_row, output, output_row_stride, output_pixel_stride);                 \
    }

#endif
