// Combine, sums, table, repeat and maximum for ARMv8.0 NEON.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon.h"
#include "neon_kernels.h"

/// Channels of one vector.
enum { CHUNK_CHANNELS = 16 };

/// Where equation 3a serves: calibrated models have this shift.
enum { NARROW_SHIFT = 14 };

/// Equation 3's constants for 16 channels; the tail of 8 channels has them twice, for two pixels at a time.
struct combine_chunk {
    int16x8_t weight_a[2];
    int16x8_t weight_b;
    /// Times 2^(16 - NARROW_SHIFT) where equation 3a serves.
    int32x4_t bias[4];
    int32x4_t shift;
    bool is_narrow;
};

static struct combine_chunk load_chunk(const struct textpin_combine *combine, int32_t first, bool twice)
{
    int16_t weight_a[CHUNK_CHANNELS] = {0};
    int32_t bias[CHUNK_CHANNELS] = {0};
    const int16_t *weights = combine->weight_a + first;
    const int32_t *biases = combine->bias + first;
    const int32_t used = combine->channels - first;
    if (used < CHUNK_CHANNELS) {
        for (int32_t copy = 0; copy <= (twice ? 1 : 0); copy++) {
            memcpy(weight_a + 8 * copy, weights, (size_t)used * sizeof *weights);
            memcpy(bias + 8 * copy, biases, (size_t)used * sizeof *biases);
        }
        weights = weight_a;
        biases = bias;
    }
    struct combine_chunk chunk = {
        .weight_a = {vld1q_s16(weights), vld1q_s16(weights + 8)},
        .weight_b = vdupq_n_s16((int16_t)combine->weight_b),
        .bias = {vld1q_s32(biases), vld1q_s32(biases + 4), vld1q_s32(biases + 8), vld1q_s32(biases + 12)},
        .shift = vdupq_n_s32(-combine->shift),
    };
    if (combine->shift == NARROW_SHIFT) {
        uint32x4_t greatest = vreinterpretq_u32_s32(vabsq_s32(chunk.bias[0]));
        for (int32_t v = 1; v < 4; v++) {
            greatest = vmaxq_u32(greatest, vreinterpretq_u32_s32(vabsq_s32(chunk.bias[v])));
        }
        chunk.is_narrow = vmaxvq_u32(greatest) < 1 << 23;
    }
    for (int32_t v = 0; chunk.is_narrow && v < 4; v++) {
        chunk.bias[v] = vshlq_n_s32(chunk.bias[v], 16 - NARROW_SHIFT);
    }
    return chunk;
}

/// 8 bytes as equation 3 multiplies them, or equation 3a.
TEXTPIN_INLINE int16x8_t widen_8(int8x8_t bytes, bool is_narrow)
{
    return is_narrow ? vshll_n_s8(bytes, 16 - NARROW_SHIFT) : vmovl_s8(bytes);
}

TEXTPIN_INLINE void add_products(int32x4_t sums[4], int16x8_t low, int16x8_t low_weights, int16x8_t high, int16x8_t high_weights)
{
    sums[0] = vmlal_s16(sums[0], vget_low_s16(low), vget_low_s16(low_weights));
    sums[1] = vmlal_high_s16(sums[1], low, low_weights);
    sums[2] = vmlal_s16(sums[2], vget_low_s16(high), vget_low_s16(high_weights));
    sums[3] = vmlal_high_s16(sums[3], high, high_weights);
}

/// Equation 3a: the upper halves of base + products.
TEXTPIN_INLINE int16x8_t add_narrow(const int32x4_t base[2], int16x8_t words, int16x8_t weights)
{
    int16x4_t first = vaddhn_s32(base[0], vmull_s16(vget_low_s16(words), vget_low_s16(weights)));
    return vaddhn_high_s32(first, base[1], vmull_high_s16(words, weights));
}

/// 8 channels of two pixels.
TEXTPIN_INLINE int8x16_t load_two(const int8_t *first, const int8_t *second)
{
    return vcombine_s8(vld1_s8(first), vld1_s8(second));
}

/// The outputs of 16 bytes of `a`; `base` is what `b` and the bias come to.
TEXTPIN_INLINE int8x16_t combine_16(const struct combine_chunk *chunk, bool is_narrow, const int32x4_t base[4], int8x16_t from_a)
{
    int16x8_t low = widen_8(vget_low_s8(from_a), is_narrow), high = widen_8(vget_high_s8(from_a), is_narrow);
    if (is_narrow) {
        low = add_narrow(base, low, chunk->weight_a[0]);
        high = add_narrow(base + 2, high, chunk->weight_a[1]);
    } else {
        int32x4_t sums[4] = {base[0], base[1], base[2], base[3]};
        add_products(sums, low, chunk->weight_a[0], high, chunk->weight_a[1]);
        for (int32_t v = 0; v < 4; v++) {
            sums[v] = vshlq_s32(sums[v], chunk->shift);
        }
        low = vqmovn_high_s32(vqmovn_s32(sums[0]), sums[1]);
        high = vqmovn_high_s32(vqmovn_s32(sums[2]), sums[3]);
    }
    return vqmovn_high_s16(vqmovn_s16(low), high);
}

/// A row of 16 channels, of 8 channels two pixels at a time (`across` is 2), or of fewer. What `b` adds to the bias is kept as long as its
/// pixel serves.
TEXTPIN_INLINE void combine_chunk(const struct textpin_combine *combine, const struct combine_chunk chunk, bool is_narrow, int32_t first,
                                  int32_t across, const int8_t *a, ptrdiff_t a_stride, const int8_t *b, ptrdiff_t b_stride, int8_t *output,
                                  ptrdiff_t output_stride, int32_t pixels, bool whole)
{
    const int32_t serves = b == NULL ? pixels : combine->repeat_b < across ? across : combine->repeat_b;
    int32x4_t base[4] = {chunk.bias[0], chunk.bias[1], chunk.bias[2], chunk.bias[3]};
    for (int32_t x = 0; x + across <= pixels; x += serves) {
        if (b != NULL) {
            int8x16_t from_b = across == 2 ? load_two(b, combine->repeat_b == 1 ? b + b_stride : b) : vld1q_s8(b);
            b += combine->repeat_b < across ? across * b_stride : b_stride;
            for (int32_t v = 0; v < 4; v++) {
                base[v] = chunk.bias[v];
            }
            add_products(base, widen_8(vget_low_s8(from_b), is_narrow), chunk.weight_b, widen_8(vget_high_s8(from_b), is_narrow),
                         chunk.weight_b);
        }
        int32_t count = minimum(serves, pixels - x);
        if (across == 2) {
            for (; count >= 2; count -= 2, a += 2 * a_stride, output += 2 * output_stride) {
                int8x16_t bytes = combine_16(&chunk, is_narrow, base, load_two(a, a + a_stride));
                vst1_s8(output, vget_low_s8(bytes));
                vst1_s8(output + output_stride, vget_high_s8(bytes));
            }
            continue;
        }
        if (whole) {
#pragma clang loop unroll_count(2)
            for (; count > 0; count--) {
                store_16_and_step(&output, output_stride, combine_16(&chunk, is_narrow, base, load_16_and_step(&a, a_stride)));
            }
            continue;
        }
        for (; count > 0; count--, output += output_stride) {
            store_first(output, combine_16(&chunk, is_narrow, base, load_16_and_step(&a, a_stride)), combine->channels - first);
        }
    }
}

TEXTPIN_INLINE void combine_channels(const struct textpin_combine *combine, int32_t first, int32_t across, const int8_t *a,
                                     ptrdiff_t a_stride, const int8_t *b, ptrdiff_t b_stride, int8_t *output, ptrdiff_t output_stride,
                                     int32_t pixels, bool whole)
{
    const struct combine_chunk chunk = load_chunk(combine, first, across == 2);
    if (chunk.is_narrow) {
        combine_chunk(combine, chunk, true, first, across, a, a_stride, b, b_stride, output, output_stride, pixels, whole);
    } else {
        combine_chunk(combine, chunk, false, first, across, a, a_stride, b, b_stride, output, output_stride, pixels, whole);
    }
}

void textpin_combine_row_neon(const struct textpin_combine *combine, const int8_t *a, ptrdiff_t a_stride, const int8_t *b,
                              ptrdiff_t b_stride, int8_t *output, ptrdiff_t output_stride, int32_t pixels)
{
    int32_t first = 0;
    for (; first + CHUNK_CHANNELS <= combine->channels; first += CHUNK_CHANNELS) {
        if (b != NULL) {
            combine_channels(combine, first, 1, a + first, a_stride, b + first, b_stride, output + first, output_stride, pixels, true);
        } else {
            combine_channels(combine, first, 1, a + first, a_stride, NULL, 0, output + first, output_stride, pixels, true);
        }
    }
    if (first == combine->channels) {
        return;
    }
    a += first;
    b = b != NULL ? b + first : NULL;
    output += first;
    const int32_t paired = combine->channels - first == 8 ? pixels & ~1 : 0;
    if (paired > 0) {
        combine_channels(combine, first, 2, a, a_stride, b, b_stride, output, output_stride, paired, false);
    }
    if (paired < pixels) {
        const int8_t *rest = b != NULL ? b + paired / combine->repeat_b * b_stride : NULL;
        combine_channels(combine, first, 1, a + paired * a_stride, a_stride, rest, b_stride, output + paired * output_stride, output_stride,
                         pixels - paired, false);
    }
}

void textpin_channel_sums_neon(const int8_t *input, ptrdiff_t pixel_stride, int32_t pixels, int32_t channels, int32_t *sums)
{
    // 255 bytes of either sign stay within 16 bits.
    enum { RUN = 255 };
    for (int32_t first = 0; first < channels; first += CHUNK_CHANNELS) {
        int32_t used = minimum(channels - first, CHUNK_CHANNELS);
        int32_t chunk[CHUNK_CHANNELS] = {0};
        memcpy(chunk, sums + first, (size_t)used * sizeof *sums);
        for (int32_t start = 0; start < pixels; start += RUN) {
            int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
            const int8_t *next = input + start * pixel_stride + first;
#pragma clang loop unroll_count(4)
            for (int32_t count = minimum(RUN, pixels - start); count > 0; count--) {
                int8x16_t bytes = load_16_and_step(&next, pixel_stride);
                low = vaddw_s8(low, vget_low_s8(bytes));
                high = vaddw_high_s8(high, bytes);
            }
            vst1q_s32(chunk, vaddw_s16(vld1q_s32(chunk), vget_low_s16(low)));
            vst1q_s32(chunk + 4, vaddw_high_s16(vld1q_s32(chunk + 4), low));
            vst1q_s32(chunk + 8, vaddw_s16(vld1q_s32(chunk + 8), vget_low_s16(high)));
            vst1q_s32(chunk + 12, vaddw_high_s16(vld1q_s32(chunk + 12), high));
        }
        memcpy(sums + first, chunk, (size_t)used * sizeof *sums);
    }
}

void textpin_lookup_row_neon(const int8_t *table, const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride,
                             int32_t channels, int32_t pixels)
{
    // A byte read as unsigned counts from 0: the table's second half comes first.
    int8x16x4_t parts[4];
    for (int32_t part = 0; part < 4; part++) {
        parts[part] = vld1q_s8_x4(table + (64 * part + 128) % 256);
    }
    if (input_stride == channels && output_stride == channels) {
        channels *= pixels;
        pixels = 1;
    }
    for (int32_t x = 0; x < pixels; x++) {
        const int8_t *source = input + x * input_stride;
        int8_t *target = output + x * output_stride;
        int32_t channel = 0;
        for (; channel + CHUNK_CHANNELS <= channels; channel += CHUNK_CHANNELS) {
            // TBL gives 0 for an index of 64 or more, TBX leaves what is there.
            uint8x16_t index = vreinterpretq_u8_s8(vld1q_s8(source + channel));
            int8x16_t values = vqtbl4q_s8(parts[0], index);
            for (int32_t part = 1; part < 4; part++) {
                index = vsubq_u8(index, vdupq_n_u8(64));
                values = vqtbx4q_s8(values, parts[part], index);
            }
            vst1q_s8(target + channel, values);
        }
        for (; channel < channels; channel++) {
            target[channel] = table[source[channel] + 128];
        }
    }
}

void textpin_repeat_row_neon(const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride, int32_t channels,
                             int32_t output_pixels, int32_t factor)
{
    for (int32_t first = 0; first < channels; first += CHUNK_CHANNELS) {
        const int8_t *source = input + first;
        for (int32_t x = 0; x < output_pixels; x += factor, source += input_stride) {
            int8x16_t bytes = vld1q_s8(source);
            for (int32_t copy = x; copy < minimum(x + factor, output_pixels); copy++) {
                store_first(output + copy * output_stride + first, bytes, channels - first);
            }
        }
    }
}

/// Windows of 2x2, up to 16 channels.
static void maximum_2x2(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, ptrdiff_t input_pixel_step,
                        int8_t *output, ptrdiff_t output_stride, int32_t channels, int32_t pixels)
{
    for (int32_t x = 0; x < pixels; x++, input += input_pixel_step, output += output_stride) {
        const int8_t *below = input + input_row_stride;
        int8x16_t upper = vmaxq_s8(vld1q_s8(input), vld1q_s8(input + input_pixel_stride));
        int8x16_t lower = vmaxq_s8(vld1q_s8(below), vld1q_s8(below + input_pixel_stride));
        store_first(output, vmaxq_s8(upper, lower), channels);
    }
}

void textpin_maximum_row_neon(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, int32_t rows, int32_t columns,
                              int32_t stride, int8_t *output, ptrdiff_t output_stride, int32_t channels, int32_t pixels)
{
    if (rows == 2 && columns == 2) {
        for (int32_t first = 0; first < channels; first += CHUNK_CHANNELS) {
            maximum_2x2(input + first, input_row_stride, input_pixel_stride, stride * input_pixel_stride, output + first, output_stride,
                        channels - first, pixels);
        }
        return;
    }
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t first = 0; first < channels; first += CHUNK_CHANNELS) {
            const int8_t *corner = input + x * stride * input_pixel_stride + first;
            int8x16_t greatest = vld1q_s8(corner);
            for (int32_t row = 0; row < rows; row++) {
                for (int32_t column = 0; column < columns; column++) {
                    greatest = vmaxq_s8(greatest, vld1q_s8(corner + row * input_row_stride + column * input_pixel_stride));
                }
            }
            store_first(output + x * output_stride + first, greatest, channels - first);
        }
    }
}

#endif
