// Depthwise convolution for ARMv8.0 NEON: SMULL and SMLAL add the products of two taps in 16 bits, SADDW adds those into 32.
// Two products fit 16 bits because weights are never -128: 2 x 128 x 127 = 32512.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_depthwise.h"

enum { MOST_TAPS = 64 };

/// A head, then 16 weights for each tap.
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
        pack_chunk_head(weights, first, (struct chunk_head *)next);
        next += sizeof(struct chunk_head);
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
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int8_t *input;
    ptrdiff_t input_pixel_step;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t channels;
    int32_t zero_point;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_stride;
    const ptrdiff_t *tap_offsets;
};

TEXTPIN_INLINE void load_bias(const struct pass *pass, int32x4_t sums[4])
{
    for (int32_t v = 0; v < 4; v++) {
        sums[v] = vld1q_s32(pass->head->bias + 4 * v);
    }
}

/// 16 channels of tap `tap` of a K by K kernel whose corner is at `input`.
TEXTPIN_INLINE int8x16_t tap_at(const struct pass *pass, const int8_t *input, int32_t K, int32_t tap)
{
    return vld1q_s8(input + tap / K * pass->input_row_stride + tap % K * pass->input_pixel_stride);
}

TEXTPIN_INLINE void add_products(int32x4_t sums[4], int16x8_t low, int16x8_t high)
{
    sums[0] = vaddw_s16(sums[0], vget_low_s16(low));
    sums[1] = vaddw_high_s16(sums[1], low);
    sums[2] = vaddw_s16(sums[2], vget_low_s16(high));
    sums[3] = vaddw_high_s16(sums[3], high);
}

/// The sums after two more taps: the input's 16 bytes at `a` and `b`.
TEXTPIN_INLINE void add_two_taps(int32x4_t sums[4], int8x16_t a, int8x16_t weight_a, int8x16_t b, int8x16_t weight_b)
{
    int16x8_t low = vmull_s8(vget_low_s8(a), vget_low_s8(weight_a)), high = vmull_high_s8(a, weight_a);
    add_products(sums, vmlal_s8(low, vget_low_s8(b), vget_low_s8(weight_b)), vmlal_high_s8(high, b, weight_b));
}

TEXTPIN_INLINE void add_tap(int32x4_t sums[4], int8x16_t a, int8x16_t weight_a)
{
    add_products(sums, vmull_s8(vget_low_s8(a), vget_low_s8(weight_a)), vmull_high_s8(a, weight_a));
}

/// Any kernel.
static void convolve_taps(const struct pass *pass, int32_t taps, int32_t pixels)
{
    const struct requantization_registers requantization = load_requantization(&pass->head->requantization);
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    const ptrdiff_t *offsets = pass->tap_offsets;
    const int8_t *input = pass->input;
    int8_t *output = pass->output;
    int16x8_t zero_point = vdupq_n_s16((int16_t)pass->zero_point);
    for (int32_t x = 0; x < pixels; x++, input += pass->input_pixel_step, output += pass->output_pixel_stride) {
        int32x4_t sums[4];
        load_bias(pass, sums);
        int32_t tap = 0;
        for (; tap + 1 < taps; tap += 2) {
            add_two_taps(sums, vld1q_s8(input + offsets[tap]), vld1q_s8(weights + 16 * tap), vld1q_s8(input + offsets[tap + 1]),
                         vld1q_s8(weights + 16 * tap + 16));
        }
        if (tap < taps) {
            add_tap(sums, vld1q_s8(input + offsets[tap]), vld1q_s8(weights + 16 * tap));
        }
        int8x16_t bytes = finish_16(sums, &requantization, &pass->head->requantization, pass->hard_swish, zero_point);
        store_first(output, bytes, pass->channels);
    }
}

/// 16 channels at `*input`, which moves on by `stride`, in one instruction: left to itself, the compiler adds up each tap's place.
TEXTPIN_INLINE int8x16_t take_tap(const int8_t **input, ptrdiff_t stride)
{
    int8x16_t sixteen;
    __asm__ volatile("ld1 {%0.16b}, [%1], %2" : "=w"(sixteen), "+r"(*input) : "r"(stride) : "memory");
    return sixteen;
}

/// Two taps' weights in one instruction.
TEXTPIN_INLINE int8x16x2_t take_two_weights(const int8_t **weights)
{
    int8x16x2_t both;
    __asm__ volatile("ldp %q0, %q1, [%2], #32" : "=w"(both.val[0]), "=w"(both.val[1]), "+r"(*weights) : : "memory");
    return both;
}

/// The sums of a pixel's 3x3 taps, of which the weights stay in registers.
TEXTPIN_INLINE void add_3x3(const struct pass *pass, const int8_t *input, const int8x16_t weights[9], int32x4_t sums[4])
{
#pragma clang loop unroll(full)
    for (int32_t tap = 0; tap + 1 < 9; tap += 2) {
        add_two_taps(sums, tap_at(pass, input, 3, tap), weights[tap], tap_at(pass, input, 3, tap + 1), weights[tap + 1]);
    }
    add_tap(sums, tap_at(pass, input, 3, 8), weights[8]);
}

/// The sums of a pixel's 5x5 taps. Moves the rows' places past them.
TEXTPIN_INLINE void add_5x5(const int8_t *rows[5], ptrdiff_t tap_stride, const int8_t *weights, int32x4_t sums[4])
{
#pragma clang loop unroll(full)
    for (int32_t tap = 0; tap + 1 < 25; tap += 2) {
        const int8x16x2_t two = take_two_weights(&weights);
        const int8x16_t first = take_tap(&rows[tap / 5], tap_stride), second = take_tap(&rows[(tap + 1) / 5], tap_stride);
        add_two_taps(sums, first, two.val[0], second, two.val[1]);
    }
    add_tap(sums, take_tap(&rows[4], tap_stride), vld1q_s8(weights));
}

/// K by K, unrolled: 16 channels of a pixel are 4 sums, a tap is one load of input and one weight vector. `whole`: all 16 channels.
TEXTPIN_INLINE void convolve_square(const struct pass *row, int32_t K, int32_t pixels, bool hard_swish, bool whole)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    const struct requantization_registers requantization = load_requantization(&pass->head->requantization);
    const int8_t *packed_weights = (const int8_t *)(pass->head + 1);
    int8x16_t weights[9];
#pragma clang loop unroll(full)
    for (int32_t tap = 0; tap < 9; tap++) {
        weights[tap] = vld1q_s8(packed_weights + 16 * tap);
    }
    const int8_t *input = pass->input, *rows[5];
#pragma clang loop unroll(full)
    for (int32_t r = 0; r < K; r++) {
        rows[r] = pass->input + r * pass->input_row_stride;
    }
    const ptrdiff_t to_next_pixel = pass->input_pixel_step - K * pass->input_pixel_stride;
    int8_t *output = pass->output;
    int16x8_t zero_point = vdupq_n_s16((int16_t)pass->zero_point);
    for (int32_t x = 0; x < pixels; x++, input += pass->input_pixel_step, output += pass->output_pixel_stride) {
        int32x4_t sums[4];
        load_bias(pass, sums);
        if (K == 3) {
            add_3x3(pass, input, weights, sums);
        } else {
            add_5x5(rows, pass->input_pixel_stride, packed_weights, sums);
        }
#pragma clang loop unroll(full)
        for (int32_t r = 0; r < K; r++) {
            rows[r] += to_next_pixel;
        }
        int8x16_t bytes = finish_16(sums, &requantization, &pass->head->requantization, hard_swish ? pass->hard_swish : NULL, zero_point);
        store_first(output, bytes, whole ? CHUNK_CHANNELS : pass->channels);
    }
}

/// One function per kernel, so that it is a constant; asked once a row, hard-swish and a chunk's width are, too.
#define SQUARE(K)                                                                                                                        \
    static __attribute__((noinline)) void convolve_##K##x##K(const struct pass *pass, int32_t pixels)                                    \
    {                                                                                                                                    \
        if (pass->channels < CHUNK_CHANNELS) {                                                                                           \
            convolve_square(pass, K, pixels, pass->hard_swish != NULL, false);                                                           \
        } else if (pass->hard_swish != NULL) {                                                                                           \
            convolve_square(pass, K, pixels, true, true);                                                                                \
        } else {                                                                                                                         \
            convolve_square(pass, K, pixels, false, true);                                                                               \
        }                                                                                                                                \
    }
SQUARE(3)
SQUARE(5)
#undef SQUARE

void textpin_depthwise_row_neon(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride, int8_t *output,
                                ptrdiff_t output_pixel_stride, int32_t pixels)
{
    int32_t taps = depthwise->kernel_rows * depthwise->kernel_columns;
    assert(taps <= MOST_TAPS);
    ptrdiff_t tap_offsets[MOST_TAPS];
    for (int32_t tap = 0; tap < taps; tap++) {
        ptrdiff_t row = tap / depthwise->kernel_columns, column = tap % depthwise->kernel_columns;
        tap_offsets[tap] = row * input_row_stride + column * depthwise->input_channel_stride;
    }
    struct hard_swish_vectors hard_swish;
    if (depthwise->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(depthwise->hard_swish);
    }
    struct pass pass = {
        .hard_swish = depthwise->hard_swish != NULL ? &hard_swish : NULL,
        .input_row_stride = input_row_stride,
        .input_pixel_stride = depthwise->input_channel_stride,
        .input_pixel_step = (ptrdiff_t)depthwise->stride * depthwise->input_channel_stride,
        .output_pixel_stride = output_pixel_stride,
        .zero_point = depthwise->output_zero_point,
        .tap_offsets = tap_offsets,
    };
    bool square = depthwise->kernel_rows == depthwise->kernel_columns;
    const int8_t *packed = depthwise->packed;
    for (int32_t first = 0; first < depthwise->channels; first += CHUNK_CHANNELS, packed += chunk_bytes(taps)) {
        pass.head = (const struct chunk_head *)packed;
        pass.input = input + first;
        pass.output = output + first;
        pass.channels = depthwise->channels - first;
        if (square && taps == 9) {
            convolve_3x3(&pass, pixels);
        } else if (square && taps == 25) {
            convolve_5x5(&pass, pixels);
        } else {
            convolve_taps(&pass, taps, pixels);
        }
    }
    if (depthwise->table != NULL) {
        textpin_lookup_row_neon(depthwise->table, output, output_pixel_stride, output, output_pixel_stride, depthwise->channels, pixels);
    }
}

#endif
