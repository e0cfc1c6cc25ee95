// The fixed-point microkernels of TextPin: what each computes, in integers, for every instruction set alike.
//
// The scalar set (`scalar_*.c`) is the oracle: it defines each result. Every vector kernel equals it bit for bit on every input
// that meets the preconditions stated here. The equations are numbered in ../README.md.
//
// No kernel allocates, and none writes outside the output bytes named in its contract. A kernel may read, and
// ignore, up to TEXTPIN_READ_SLACK bytes past the last input byte named in its contract; never before the first.
#ifndef TEXTPIN_KERNELS_H
#define TEXTPIN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "textpin_frames.h"

/// Bytes past the end of an input that a kernel may read and ignore; the arena ends with as many.
#define TEXTPIN_READ_SLACK 64

/// Alignment, in bytes, of every packed block and of every tensor's first byte in the arena.
#define TEXTPIN_ALIGNMENT 64

/// Bounds of the requantization rule (equation 1): 1 <= multiplier < 2^30, 32 <= shift <= 62, |accumulator| < 2^30.
#define TEXTPIN_MULTIPLIER_MINIMUM 1
#define TEXTPIN_MULTIPLIER_LIMIT (1 << 30)
#define TEXTPIN_SHIFT_MINIMUM 32
#define TEXTPIN_SHIFT_MAXIMUM 62
#define TEXTPIN_ACCUMULATOR_LIMIT (1 << 30)

/// Where more than 8 bits are wanted, in the last layer (equation 4), ahead of hard-swish (equation 5) and of a residual add (equation 8),
/// accumulators stay below TEXTPIN_ACCUMULATOR_LIMIT / TEXTPIN_FINE_SCALE and are multiplied by this first: equation 1 has no factor of 1/4
/// and more.
#define TEXTPIN_FINE_SCALE 128

/// Where all channels of a layer have this shift and even multipliers, or with TEXTPIN_FINE_SCALE the other shift, some kernel sets need fewer
/// instructions to requantize (equation 1d); they need none to add a zero point of 0.
#define TEXTPIN_SHARED_SHIFT 32
#define TEXTPIN_SHARED_SHIFT_FINE 37

/// Weights and requantization of one dense convolution, in the order of the model file, which no instruction set owns.
struct textpin_weights {
    /// [outputChannels][kernelRows][kernelColumns][inputChannels], each in -127...127.
    const int8_t *weights;
    /// One per output channel, with the input's zero point already taken off: bias - zeroPoint * sum(weights).
    const int32_t *bias;
    /// One per output channel (equation 1).
    const int32_t *multiplier;
    /// One per output channel (equation 1).
    const uint8_t *shift;
    /// One per output channel, 1...32767: the last factor of hard-swish (equation 5); null where the step has none.
    const int16_t *output_multiplier;
    int32_t output_channels;
    int32_t kernel_rows;
    int32_t kernel_columns;
    int32_t input_channels;
    /// Bytes from one input pixel to the next: input_channels rounded up to a multiple of 4, or more (a multiple of 4).
    int32_t input_channel_stride;
};

/// Hard-swish between requantization and the output, in 16 bits (equation 5): a table of 256 entries would round twice to 8 bits, and could
/// not give each channel a scale of its own.
///
///     x   = saturate16(requantize(accumulator * TEXTPIN_FINE_SCALE))
///     g   = saturate16(roundedProduct(clamp(x, -three, three) << slope_shift, slope) + 16384)
///     y   = saturate16(roundedProduct(x, g) + offset)
///     out = saturate8(roundedProduct(y, output_multiplier[c]) + zero_point)
///     roundedProduct(a, b) = (a * b + 2^14) >> 15
struct textpin_hard_swish {
    /// 3 in the units of x, at most 32767.
    int16_t three;
    /// three << slope_shift <= 32767.
    int16_t slope_shift;
    /// 1...32767: takes three << slope_shift to 16384.
    int16_t slope;
    /// In the units of x.
    int16_t offset;
};

/// A dense convolution ready to run. Everything is constant over a step; rows are given to the kernel one by one.
struct textpin_convolution {
    /// Made by `pack_convolution` of the same kernel set; aligned to TEXTPIN_ALIGNMENT.
    const void *packed;
    /// 256 entries indexed by (requantized value + 128), or null for none: the activation (equation 2).
    const int8_t *table;
    /// Null for none; at most one of table and hard_swish.
    const struct textpin_hard_swish *hard_swish;
    int32_t kernel_rows;
    /// Bytes of one kernel row in the input: kernel_columns * input_channel_stride, a multiple of 4.
    int32_t row_bytes;
    int32_t output_channels;
    int32_t output_zero_point;
    /// 0 for none, else 1...32767, and neither table nor hard_swish: another tensor is added ahead of the rounding to 8 bits (equation 8).
    /// The bias has its zero point taken off.
    ///
    ///     x   = saturate16(requantize(accumulator * TEXTPIN_FINE_SCALE))
    ///     y   = saturate16(x + roundedProduct(addend * 2^8, addend_multiplier))
    ///     out = saturate8(roundedProduct(y, 2^8) + zero_point)
    ///     roundedProduct(a, b) = (a * b + 2^14) >> 15
    int32_t addend_multiplier;
};

/// The most parts of a pyramid, and the most channels of a part and of the output.
#define TEXTPIN_PYRAMID_PARTS 4
#define TEXTPIN_PYRAMID_CHANNELS 32

/// Some of a pyramid's input channels: a map of its own, each pixel of which counts factor times in both directions.
struct textpin_pyramid_part {
    /// Its first pixel. Of a part with factor 1, one pixel around the map is read, too.
    const int8_t *pixels;
    ptrdiff_t row_stride;
    ptrdiff_t pixel_stride;
    int32_t width;
    int32_t height;
    int32_t channels;
    /// 1 for just one part, which has the output's size; 2, 4 or 8 for the others.
    int32_t factor;
};

/// A 3x3 convolution at stride 1, with one pixel of padding, of maps side by side in the channels, some of them enlarged by repeating pixels
/// (equation 11).
struct textpin_pyramid {
    /// Made by `pack_pyramid` of the same kernel set; aligned to TEXTPIN_ALIGNMENT.
    const void *packed;
    /// As in struct textpin_convolution.
    const int8_t *table;
    const struct textpin_hard_swish *hard_swish;
    /// In the order of the weights' input channels.
    struct textpin_pyramid_part parts[TEXTPIN_PYRAMID_PARTS];
    /// 2 or more.
    int32_t part_count;
    /// A multiple of 4.
    int32_t output_channels;
    /// What lies around the enlarged parts.
    int32_t input_zero_point;
    int32_t output_zero_point;
};

/// A depthwise convolution ready to run: weights [kernelRows][kernelColumns][channels] before packing.
struct textpin_depthwise {
    const void *packed;
    const int8_t *table;
    const struct textpin_hard_swish *hard_swish;
    int32_t kernel_rows;
    int32_t kernel_columns;
    /// Step between output pixels, in input pixels: 1 or 2.
    int32_t stride;
    int32_t channels;
    int32_t input_channel_stride;
    int32_t output_zero_point;
};

/// A weighted sum of one or two tensors (equation 3): residual add, squeeze-and-excitation scale, pyramid add.
struct textpin_combine {
    /// One per channel.
    const int16_t *weight_a;
    /// One per channel: zero points, output zero point and rounding, all folded; |bias| < 2^30.
    const int32_t *bias;
    /// -32768...32767.
    int32_t weight_b;
    /// 0...30.
    int32_t shift;
    int32_t channels;
    /// How many output pixels each pixel of `b` serves: 1, 2, 4 or 8 (nearest upsampling along the row).
    int32_t repeat_b;
};

/// One instruction set's kernels. All sets compute the same bytes.
struct textpin_kernel_set {
    /// "scalar", "avx2", "avx512vnni", "neon", "neon-dotprod" and so on, listed in ../README.md: what `TEXTPIN_KERNELS` names and `doctor` prints.
    const char *name;

    /// Bytes of the packed form; at most `textpin_packed_convolution_limit`, a multiple of TEXTPIN_ALIGNMENT.
    size_t (*packed_convolution_bytes)(const struct textpin_weights *weights);
    /// Writes the packed form to `packed` (aligned); reads nothing of `packed`.
    void (*pack_convolution)(const struct textpin_weights *weights, void *packed);
    /// One row of output pixels, all output channels.
    /// Output pixel x reads kernel_rows runs of row_bytes bytes, the r-th from input + x * input_pixel_step + r * input_row_stride,
    /// and writes output_channels bytes to output + x * output_pixel_stride.
    /// `addend` is null where addend_multiplier is 0; else an input too, of which pixel x reads output_channels bytes, from
    /// addend + x * addend_pixel_stride. `output` may equal `addend` where their strides are equal.
    void (*convolution_row)(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                            ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                            ptrdiff_t output_pixel_stride, int32_t pixels);
    /// The last layer: as convolution_row with at most 4 output channels, no table, no zero point; each accumulator times
    /// TEXTPIN_FINE_SCALE is requantized and saturated to int16 (equation 4).
    /// Channel n of pixel x goes to outputs[n][x * output_pixel_step].
    void (*logits_row)(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                       ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels);

    /// As packed_convolution_bytes, for depthwise weights: output_channels == channels, input_channels == 1;
    /// `weights` is [kernelRows][kernelColumns][channels]. At most `textpin_packed_depthwise_limit`.
    size_t (*packed_depthwise_bytes)(const struct textpin_weights *weights);
    void (*pack_depthwise)(const struct textpin_weights *weights, void *packed);
    /// One row: output pixel x, channel c sums over rows r and columns k of
    /// input[r * input_row_stride + (x * stride + k) * input_channel_stride + c] * weight[r][k][c].
    void (*depthwise_row)(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                          int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels);

    /// One row of equation 3; `b` may be null, and then counts as 0. Strides are bytes from pixel to pixel.
    /// `output` may equal `a` where their strides are equal.
    void (*combine_row)(const struct textpin_combine *combine, const int8_t *a, ptrdiff_t a_stride, const int8_t *b, ptrdiff_t b_stride,
                        int8_t *output, ptrdiff_t output_stride, int32_t pixels);
    /// sums[c] += the sum of channel c over `pixels` pixels. At most 2^23 pixels in all may be added to one sum.
    void (*channel_sums)(const int8_t *input, ptrdiff_t pixel_stride, int32_t pixels, int32_t channels, int32_t *sums);
    /// output[x] = table[input[x] + 128], `channels` bytes a pixel. `output` may equal `input` where the strides are equal.
    void (*lookup_row)(const int8_t *table, const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride,
                       int32_t channels, int32_t pixels);
    /// Nearest upsampling along a row: output pixel x is input pixel x / factor. factor >= 1; 1 copies.
    void (*repeat_row)(const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride, int32_t channels,
                       int32_t output_pixels, int32_t factor);
    /// output[x][c] = the greatest of input rows 0..<rows, columns x * stride ..< x * stride + columns.
    void (*maximum_row)(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, int32_t rows, int32_t columns,
                        int32_t stride, int8_t *output, ptrdiff_t output_stride, int32_t channels, int32_t pixels);

    /// Null where the set has no such kernel; else, for 3x3 kernels at stride 1, a form in place of packed_convolution's (equation 12), or 0
    /// bytes for shapes that it does not take. At most `textpin_packed_convolution_limit`.
    size_t (*packed_transformed_bytes)(const struct textpin_weights *weights);
    void (*pack_transformed)(const struct textpin_weights *weights, void *packed);
    /// Output rows first_row ..< end_row of a convolution without an addend: output pixel x of row y is at
    /// output + y * output_row_stride + x * output_pixel_stride and reads 3 rows of 3 pixels from input + y * input_row_stride +
    /// x * input_pixel_stride. The input has all that rows 0 ..< end_row read; 4 rows and 4 pixels at least.
    void (*transformed_rows)(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                             ptrdiff_t input_pixel_stride, int8_t *output, ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride,
                             int32_t first_row, int32_t end_row, int32_t pixels);

    /// Null where the set has no such kernel; the maps are then enlarged and put side by side for convolution_row.
    /// Shapes alone count for the bytes.
    size_t (*packed_pyramid_bytes)(const struct textpin_pyramid *pyramid);
    void (*pack_pyramid)(const struct textpin_weights *weights, const struct textpin_pyramid *pyramid, void *packed);
    /// Output rows first_row ..< end_row, row 0 at `output`.
    void (*pyramid_rows)(const struct textpin_pyramid *pyramid, int32_t first_row, int32_t end_row, int8_t *output,
                         ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride);

    /// One row of the network's input from a frame: scaled (equation 9), then from Y, Cb and Cr to colours where the frame has those
    /// (equation 10), each channel less 128 and a fourth byte 0: 4 bytes a pixel. Nothing of the frame is read past the row's last byte.
    void (*frame_row)(const struct textpin_frame_row *row, int8_t *output);
};

/// The most bytes that any kernel set's packed form of these weights takes: what the model file's memory plan reserves.
/// The shape alone counts: the pointers may be null.
size_t textpin_packed_convolution_limit(const struct textpin_weights *weights);
size_t textpin_packed_depthwise_limit(const struct textpin_weights *weights);

/// The kernel sets that this CPU can run, best first, the scalar oracle last; `index` from 0, null past the end.
const struct textpin_kernel_set *textpin_kernel_set_at(int32_t index);

/// The set of that name among those this CPU can run, or null.
const struct textpin_kernel_set *textpin_kernel_set_named(const char *name);

/// The requantization rule (equation 1) without zero point and clamp: (accumulator * multiplier + 2^(shift - 1)) >> shift in 64 bits.
static inline int32_t textpin_requantize(int32_t accumulator, int32_t multiplier, int32_t shift)
{
    return (int32_t)(((int64_t)accumulator * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
}

#endif
