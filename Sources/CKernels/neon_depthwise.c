// Depthwise convolution for ARMv8.0 NEON: SMULL and SMLAL add the products of two taps in 16 bits, SADDW adds those into 32.
// Two products fit 16 bits because weights are never -128: 2 x 128 x 127 = 32512.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon.h"
#include "neon_kernels.h"

enum { CHUNK_CHANNELS = 16, MOST_TAPS = 64 };

/// The packed form of 16 channels: this, then 16 weights for each tap.
struct chunk_head {
    int32_t bias[CHUNK_CHANNELS];
    struct requantization requantization;
};

static size_t chunk_bytes(int32_t taps)
{
    return sizeof(struct chunk_head) + CHUNK_CHANNELS * (size_t)taps;
}

size_t textpin_packed_depthwise_bytes_neon(const struct textpin_weights *weights)
{
    size_t chunks = (size_t)round_up(weights->output_channels, CHUNK_CHANNELS) / CHUNK_CHANNELS;
    return align_packed(chunks * chunk_bytes(weights->kernel_rows * weights->kernel_columns));
}

void textpin_pack_depthwise_neon(const struct textpin_weights *weights, void *packed)
{
    int32_t taps = weights->kernel_rows * weights->kernel_columns;
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += CHUNK_CHANNELS) {
        struct chunk_head *head = (struct chunk_head *)next;
        for (int32_t lane = 0; lane < CHUNK_CHANNELS; lane++) {
            bool used = first + lane < weights->output_channels;
            head->bias[lane] = used ? weights->bias[first + lane] : 0;
            set_requantization(&head->requantization, lane, used ? weights->multiplier[first + lane] : 0,
                               used ? weights->shift[first + lane] : TEXTPIN_SHIFT_MINIMUM);
        }
        next += sizeof *head;
        for (int32_t tap = 0; tap < taps; tap++) {
            for (int32_t lane = 0; lane < CHUNK_CHANNELS; lane++) {
                *next++ = depthwise_weight_at(weights, tap / weights->kernel_columns, tap % weights->kernel_columns, first + lane);
            }
        }
    }
}

/// What does not change along a row of one chunk.
struct pass {
    const struct chunk_head *head;
    const int8_t *input;
    ptrdiff_t input_pixel_step;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t channels;
    int32_t zero_point;
    ptrdiff_t tap_offsets[MOST_TAPS];
};

TEXTPIN_INLINE void add_products(int32x4_t sums[4], int16x8_t low, int16x8_t high)
{
    sums[0] = vaddw_s16(sums[0], vget_low_s16(low));
    sums[1] = vaddw_high_s16(sums[1], low);
    sums[2] = vaddw_s16(sums[2], vget_low_s16(high));
    sums[3] = vaddw_high_s16(sums[3], high);
}

TEXTPIN_INLINE void convolve_chunk(const struct pass *pass, int32_t taps, int32_t pixels)
{
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    const int8_t *input = pass->input;
    int8_t *output = pass->output;
    int16x8_t zero_point = vdupq_n_s16((int16_t)pass->zero_point);
    for (int32_t x = 0; x < pixels; x++, input += pass->input_pixel_step, output += pass->output_pixel_stride) {
        int32x4_t sums[4];
        for (int32_t v = 0; v < 4; v++) {
            sums[v] = vld1q_s32(pass->head->bias + 4 * v);
        }
        for (int32_t tap = 0; tap + 1 < taps; tap += 2) {
            int8x16_t a = vld1q_s8(input + pass->tap_offsets[tap]), weight_a = vld1q_s8(weights + 16 * tap);
            int8x16_t b = vld1q_s8(input + pass->tap_offsets[tap + 1]), weight_b = vld1q_s8(weights + 16 * tap + 16);
            int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(a), vget_low_s8(weight_a)), vget_low_s8(b), vget_low_s8(weight_b));
            add_products(sums, low, vmlal_high_s8(vmull_high_s8(a, weight_a), b, weight_b));
        }
        if (taps % 2 == 1) {
            int8x16_t a = vld1q_s8(input + pass->tap_offsets[taps - 1]), weight_a = vld1q_s8(weights + 16 * (taps - 1));
            add_products(sums, vmull_s8(vget_low_s8(a), vget_low_s8(weight_a)), vmull_high_s8(a, weight_a));
        }
        int32x4_t values[4];
        for (int32_t v = 0; v < 4; v++) {
            values[v] = requantize_4(sums[v], &pass->head->requantization, v);
        }
        store_first(output, pack_16(values, zero_point), pass->channels);
    }
}

void textpin_depthwise_row_neon(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride, int8_t *output,
                                ptrdiff_t output_pixel_stride, int32_t pixels)
{
    int32_t taps = depthwise->kernel_rows * depthwise->kernel_columns;
    assert(taps <= MOST_TAPS);
    struct pass pass = {
        .input_pixel_step = (ptrdiff_t)depthwise->stride * depthwise->input_channel_stride,
        .output_pixel_stride = output_pixel_stride,
        .zero_point = depthwise->output_zero_point,
    };
    for (int32_t tap = 0; tap < taps; tap++) {
        ptrdiff_t row = tap / depthwise->kernel_columns, column = tap % depthwise->kernel_columns;
        pass.tap_offsets[tap] = row * input_row_stride + column * depthwise->input_channel_stride;
    }
    const int8_t *packed = depthwise->packed;
    for (int32_t first = 0; first < depthwise->channels; first += CHUNK_CHANNELS, packed += chunk_bytes(taps)) {
        pass.head = (const struct chunk_head *)packed;
        pass.input = input + first;
        pass.output = output + first;
        pass.channels = depthwise->channels - first;
        if (taps == 9) {
            convolve_chunk(&pass, 9, pixels);
        } else {
            convolve_chunk(&pass, taps, pixels);
        }
    }
    if (depthwise->table != NULL) {
        textpin_lookup_row_neon(depthwise->table, output, output_pixel_stride, output, output_pixel_stride, depthwise->channels, pixels);
    }
}

#endif
