// Depthwise convolution for NEON with the dot product extension: SDOT wants four taps of one channel side by side, so rows 0...3 of a
// column are transposed by zipping bytes, then 16-bit halves. Kernels other than 3x3 and 5x5 are the plain NEON set's.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_dotprod_depthwise.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

/// What does not change along a row of one chunk.
struct pass {
    const struct chunk_head *head;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int8_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_stride;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t channels;
    int32_t zero_point;
    int32_t pixels;
};

/// What follows the sums: any layer's requantization and all, in little code, or equation 1d with a zero point of 0, without hard-swish and with
/// it.
enum epilogue { ANY, TO_8_BITS, HARD_SWISH };

static enum epilogue epilogue_of(const struct pass *pass)
{
    const bool serves = pass->zero_point == 0 && is_direct(&pass->head->requantization, pass->hard_swish, false, 0);
    return !serves ? ANY : pass->hard_swish != NULL ? HARD_SWISH : TO_8_BITS;
}

/// Any layer's `vectors` sums of a pixel, which begin at lane `lane`.
static __attribute__((noinline)) void store_any(const struct pass *pass, const int32x4_t *sums, int32_t vectors, int32_t lane,
                                                int8_t *output)
{
    const struct requantization *requantization = &pass->head->requantization;
    for (int32_t v = 0; v < vectors; v += 2) {
        int16x4_t words[2];
#pragma clang loop unroll(disable)
        for (int32_t i = 0; i < 2; i++) {
            const int32_t first = lane + 4 * (v + i);
            int32x4_t sum = pass->hard_swish != NULL ? scale_finely(sums[v + i]) : sums[v + i];
            words[i] = vqmovn_s32(requantize_4(sum, vld1q_s32(requantization->multiplier + first), vld1q_s32(requantization->shift + first)));
        }
        int16x8_t eight = vcombine_s16(words[0], words[1]);
        if (pass->hard_swish != NULL) {
            eight = hard_swish_8(eight, pass->hard_swish, vld1q_s16(requantization->output_multiplier + lane + 4 * v));
        }
        int8x8_t bytes = vqmovn_s16(vqaddq_s16(eight, vdupq_n_s16((int16_t)pass->zero_point)));
        const int32_t remaining = pass->channels - lane - 4 * v;
        if (remaining > 0) {
            store_first(output + 4 * v, vcombine_s8(bytes, bytes), minimum(remaining, 8));
        }
    }
}

/// Equation 1d for 8 channels, the first at lane `lane`, and what follows, but for the last narrowing.
TEXTPIN_INLINE int16x8_t finish_8_directly(const struct hard_swish_vectors *hard_swish, const int32x4_t sums[2], int32x4_t first_multiplier,
                                           int32x4_t second_multiplier, int16x8_t output_multiplier, enum epilogue epilogue)
{
    if (epilogue == TO_8_BITS) {
        return requantize_8_directly(sums[0], sums[1], first_multiplier, second_multiplier);
    }
    int16x8_t words = requantize_8_finely(sums[0], sums[1], first_multiplier, second_multiplier);
    return hard_swish_8_directly(words, hard_swish, output_multiplier);
}

/// Four rows of 16 channels to four vectors of 4 channels with their four rows side by side.
TEXTPIN_INLINE void transpose(const int8x16_t rows[4], int8x16_t groups[4])
{
    int16x8_t low01 = vreinterpretq_s16_s8(vzip1q_s8(rows[0], rows[1])), high01 = vreinterpretq_s16_s8(vzip2q_s8(rows[0], rows[1]));
    int16x8_t low23 = vreinterpretq_s16_s8(vzip1q_s8(rows[2], rows[3])), high23 = vreinterpretq_s16_s8(vzip2q_s8(rows[2], rows[3]));
    groups[0] = vreinterpretq_s8_s16(vzip1q_s16(low01, low23));
    groups[1] = vreinterpretq_s8_s16(vzip2q_s16(low01, low23));
    groups[2] = vreinterpretq_s8_s16(vzip1q_s16(high01, high23));
    groups[3] = vreinterpretq_s8_s16(vzip2q_s16(high01, high23));
}

/// One more byte for each channel, ahead of the three of `history` that came last. All bytes of `row` in order, to 4 channels a vector.
TEXTPIN_INLINE void remember(int8x16_t row, int32x4_t history[4])
{
    int16x8_t low = vreinterpretq_s16_s8(vzip1q_s8(row, row)), high = vreinterpretq_s16_s8(vzip2q_s8(row, row));
    history[0] = vsliq_n_s32(vreinterpretq_s32_s16(vzip1q_s16(low, low)), history[0], 8);
    history[1] = vsliq_n_s32(vreinterpretq_s32_s16(vzip2q_s16(low, low)), history[1], 8);
    history[2] = vsliq_n_s32(vreinterpretq_s32_s16(vzip1q_s16(high, high)), history[2], 8);
    history[3] = vsliq_n_s32(vreinterpretq_s32_s16(vzip2q_s16(high, high)), history[3], 8);
}

/// sums += products of 16 channels, 4 taps each.
TEXTPIN_INLINE void multiply_16(const int8_t *weights, const int8x16_t taps[4], int32x4_t sums[4])
{
#pragma clang loop unroll(full)
    for (int32_t v = 0; v < 4; v++) {
        sums[v] = vdotq_s32(sums[v], taps[v], vld1q_s8(weights + 16 * v));
    }
    // Keeps the order: there are no registers to load weights ahead into, and the compiler would spill.
    __asm__ volatile("" : "+w"(sums[0]), "+w"(sums[1]), "+w"(sums[2]), "+w"(sums[3]) : : "memory");
}

/// 5 by 5. A transposed column serves every output whose window it is in, all of them in registers; of the fifth row, four columns are taken
/// together, of which each output meets two: the one that its window begins with, and the one that it ends with.
///
///     column c, rows 0...3 -> 4 vectors              x   weights of kernel column k      ->   output (c - k) / S,   k = 0...4 where S divides c - k
///     row 4, columns c - 3 ... c -> 4 vectors        x   weights of kernel column 0      ->   output c / S
///                                                    x   weights of kernel columns 1...4 ->   output (c - 4) / S
///
/// The sums take turns: output x has those numbered x mod `live`, so live * S columns are one round of the loop. Equation 1d stores all 16
/// channels, or 8.
TEXTPIN_INLINE void convolve_five(const struct pass *row, int32_t S, enum epilogue epilogue)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    enum { K = 5 };
    const int32_t live = (K + S - 1) / S, round = live * S;
    const int32_t columns = (pass->pixels - 1) * S + K;
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    int32x4_t sums[5][4], history[4];
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < live * 4; i++) {
        sums[i / 4][i % 4] = vld1q_s32(pass->head->bias + 4 * (i % 4));
    }
#pragma clang loop unroll(full)
    for (int32_t v = 0; v < 4; v++) {
        history[v] = vdupq_n_s32(0);
    }
    const int8_t *input = pass->input;
    int8_t *output = pass->output;
    // What the first round stores lies in the first output's place, and its last one is that: not to ask for each column is faster.
    ptrdiff_t output_stride = 0;
    for (int32_t first = 0;; first += round) {
#pragma clang loop unroll(full)
        for (int32_t turn = 0; turn < round; turn++, input += pass->input_pixel_stride) {
            const int32_t column = first + turn;
            if (column == columns) {
                return;
            }
            for (int32_t v = 0; turn % S == 0 && v < 4; v++) {
                sums[turn / S][v] = vld1q_s32(pass->head->bias + 4 * v);
            }
            int8x16_t rows[GROUP_ROWS], taps[4];
            const int8_t *next = input;
#pragma clang loop unroll(full)
            for (int32_t tap = 0; tap < GROUP_ROWS; tap++) {
                rows[tap] = load_16_and_step(&next, pass->input_row_stride);
            }
            transpose(rows, taps);
#pragma clang loop unroll(full)
            for (int32_t k = 0; k < K; k++) {
                if ((turn + round - k) % S == 0) {
                    multiply_16(weights + 64 * k, taps, sums[(turn + round - k) / S % live]);
                }
            }
            remember(vld1q_s8(next), history);
            if (turn % S != 0) {
                continue;
            }
            for (int32_t v = 0; v < 4; v++) {
                taps[v] = vreinterpretq_s8_s32(history[v]);
            }
            multiply_16(weights + 64 * K, taps, sums[turn / S]);
            int32x4_t *slot = sums[(turn + round - (K - 1)) / S % live];
            multiply_16(weights + 64 * (K + 1), taps, slot);
            if (epilogue == ANY && column < K - 1) {
                continue;
            }
            const struct requantization *requantization = &pass->head->requantization;
            if (epilogue == ANY) {
                store_any(row, slot, 4, 0, output);
                output += pass->output_pixel_stride;
                continue;
            }
            int16x8_t halves[2];
#pragma clang loop unroll(full)
            for (int32_t half = 0; half < 2; half++) {
                halves[half] = finish_8_directly(pass->hard_swish, slot + 2 * half, vld1q_s32(requantization->direct_multiplier + 8 * half),
                                                 vld1q_s32(requantization->direct_multiplier + 8 * half + 4),
                                                 vld1q_s16(requantization->output_multiplier + 8 * half), epilogue);
            }
            if (pass->channels >= CHUNK_CHANNELS) {
                store_16_and_step(&output, output_stride, vqmovn_high_s16(vqmovn_s16(halves[0]), halves[1]));
            } else {
                store_8_and_step(&output, output_stride, vqmovn_s16(halves[0]));
            }
        }
        if (first == 0 && epilogue != ANY) {
            output_stride = pass->output_pixel_stride;
            output += output_stride;
        }
    }
}

enum { K = 3 };

/// 8 channels of a column: its products with kernel columns that meet it at `turn`, which is the column's number in the loop's round.
TEXTPIN_INLINE void add_column(const int8_t *rows[3], ptrdiff_t pixel_stride, int32_t turn, int32_t S, const int8x16_t weights[K][2],
                               const int32x4_t bias[2], int32x4_t sums[3][2])
{
    const int32_t live = (K + S - 1) / S, round = live * S;
#pragma clang loop unroll(full)
    for (int32_t v = 0; turn % S == 0 && v < 2; v++) {
        sums[turn / S][v] = bias[v];
    }
    int8x8_t top = load_8_and_step(&rows[0], pixel_stride), middle = load_8_and_step(&rows[1], pixel_stride);
    int8x8_t bottom = load_8_and_step(&rows[2], pixel_stride);
    // The fourth row's weights are 0, and any byte does.
    int16x8_t upper = vreinterpretq_s16_s8(vzip1q_s8(vcombine_s8(top, bottom), vcombine_s8(middle, bottom)));
    int16x8_t lower = vreinterpretq_s16_s8(vzip1q_s8(vcombine_s8(bottom, bottom), vcombine_s8(bottom, bottom)));
    int8x16_t groups[2] = {vreinterpretq_s8_s16(vzip1q_s16(upper, lower)), vreinterpretq_s8_s16(vzip2q_s16(upper, lower))};
#pragma clang loop unroll(full)
    for (int32_t k = 0; k < K; k++) {
        if ((turn + round - k) % S == 0) {
            int32x4_t *slot = sums[(turn + round - k) / S % live];
            slot[0] = vdotq_s32(slot[0], groups[0], weights[k][0]);
            slot[1] = vdotq_s32(slot[1], groups[1], weights[k][1]);
            // The compiler would rather keep columns, and multiply them again for each output.
            __asm__ volatile("" : "+w"(slot[0]), "+w"(slot[1]));
        }
    }
}

/// Up to 8 channels of a 3x3 kernel, of which all weights stay in registers; of `half`, 0 or 1, of the chunk.
///
///     column c, rows 0...2 -> 2 vectors   x   weights of kernel column k   ->   output (c - k) / S
TEXTPIN_INLINE void convolve_eight(const struct pass *row, int32_t S, int32_t half, enum epilogue epilogue)
{
    const struct pass copy = *row, *pass = &copy;
    const int32_t live = (K + S - 1) / S, round = live * S, first_lane = 8 * half;
    int8x16_t weights[K][2];
    int32x4_t bias[2], multiplier[2];
#pragma clang loop unroll(full)
    for (int32_t v = 0; v < 2; v++) {
        const int32_t lane = first_lane + 4 * v;
        for (int32_t k = 0; k < K; k++) {
            weights[k][v] = vld1q_s8((const int8_t *)(pass->head + 1) + 64 * k + 4 * lane);
        }
        bias[v] = vld1q_s32(pass->head->bias + lane);
        multiplier[v] = vld1q_s32(pass->head->requantization.direct_multiplier + lane);
    }
    int16x8_t output_multiplier = vld1q_s16(pass->head->requantization.output_multiplier + first_lane);
    // In registers, which no store of an output can change.
    struct hard_swish_vectors constants = {0};
    if (epilogue == HARD_SWISH) {
        constants = *pass->hard_swish;
    }
    int32x4_t sums[3][2];
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < live * 2; i++) {
        sums[i / 2][i % 2] = bias[i % 2];
    }
    const int8_t *first_row = pass->input + first_lane, *second_row = first_row + pass->input_row_stride;
    const int8_t *rows[3] = {first_row, second_row, second_row + pass->input_row_stride};
    int8_t *output = pass->output + first_lane;
    // The first columns, up to which there is no output.
#pragma clang loop unroll(full)
    for (int32_t turn = 0; turn < K - 1; turn++) {
        add_column(rows, pass->input_pixel_stride, turn, S, weights, bias, sums);
    }
    for (int32_t remaining = pass->pixels;;) {
#pragma clang loop unroll(full)
        for (int32_t turn = K - 1; turn < K - 1 + round; turn++) {
            add_column(rows, pass->input_pixel_stride, turn % round, S, weights, bias, sums);
            if ((turn - (K - 1)) % S != 0) {
                continue;
            }
            const int32x4_t *slot = sums[(turn - (K - 1)) / S % live];
            if (epilogue == ANY) {
                store_any(row, slot, 2, first_lane, output);
                output += pass->output_pixel_stride;
            } else {
                store_8_and_step(&output, pass->output_pixel_stride,
                                 vqmovn_s16(finish_8_directly(&constants, slot, multiplier[0], multiplier[1], output_multiplier,
                                                              epilogue)));
            }
            if (--remaining == 0) {
                return;
            }
        }
    }
}

TEXTPIN_INLINE void convolve_3x3(const struct pass *pass, int32_t S)
{
    const enum epilogue epilogue = epilogue_of(pass);
    for (int32_t half = 0; 8 * half < minimum(pass->channels, CHUNK_CHANNELS); half++) {
        if (epilogue == ANY || pass->channels < 8 * (half + 1)) {
            convolve_eight(pass, S, half, ANY);
        } else if (epilogue == HARD_SWISH) {
            convolve_eight(pass, S, half, HARD_SWISH);
        } else {
            convolve_eight(pass, S, half, TO_8_BITS);
        }
    }
}

static __attribute__((noinline)) void sliding_3_1(const struct pass *pass)
{
    convolve_3x3(pass, 1);
}

static __attribute__((noinline)) void sliding_3_2(const struct pass *pass)
{
    convolve_3x3(pass, 2);
}

TEXTPIN_INLINE void convolve_5x5(const struct pass *pass, int32_t S)
{
    const enum epilogue epilogue = epilogue_of(pass);
    if (epilogue == ANY || (pass->channels < CHUNK_CHANNELS && pass->channels != 8)) {
        convolve_five(pass, S, ANY);
    } else if (epilogue == HARD_SWISH) {
        convolve_five(pass, S, HARD_SWISH);
    } else {
        convolve_five(pass, S, TO_8_BITS);
    }
}

static __attribute__((noinline)) void sliding_5_1(const struct pass *pass)
{
    convolve_5x5(pass, 1);
}

static __attribute__((noinline)) void sliding_5_2(const struct pass *pass)
{
    convolve_5x5(pass, 2);
}

void textpin_depthwise_row_neon_dotprod(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                        int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    int32_t K = depthwise->kernel_rows;
    if (!slides(K, depthwise->kernel_columns)) {
        textpin_depthwise_row_neon(depthwise, input, input_row_stride, output, output_pixel_stride, pixels);
        return;
    }
    assert(depthwise->stride == 1 || depthwise->stride == 2);
    struct hard_swish_vectors hard_swish;
    if (depthwise->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(depthwise->hard_swish);
    }
    const int8_t *packed = depthwise->packed;
    for (int32_t first = 0; first < depthwise->channels; first += CHUNK_CHANNELS, packed += chunk_bytes(K)) {
        struct pass pass = {
            .head = (const struct chunk_head *)packed,
            .hard_swish = depthwise->hard_swish != NULL ? &hard_swish : NULL,
            .input = input + first,
            .input_row_stride = input_row_stride,
            .input_pixel_stride = depthwise->input_channel_stride,
            .output = output + first,
            .output_pixel_stride = output_pixel_stride,
            .channels = depthwise->channels - first,
            .zero_point = depthwise->output_zero_point,
            .pixels = pixels,
        };
        static void (*const sliding[2][2])(const struct pass *pass) = {{sliding_3_1, sliding_3_2}, {sliding_5_1, sliding_5_2}};
        sliding[K / 4][depthwise->stride - 1](&pass);
    }
    if (depthwise->table != NULL) {
        textpin_lookup_row_neon(depthwise->table, output, output_pixel_stride, output, output_pixel_stride, depthwise->channels, pixels);
    }
}

#pragma clang attribute pop
#endif
