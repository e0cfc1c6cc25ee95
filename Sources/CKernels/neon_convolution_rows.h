// The rows of a dense convolution for NEON, around accumulate_tile: a file that includes this defines it first, as
// void accumulate_tile(const struct pass *row, const struct pass *pass, int32_t A, int32_t P, const int8_t *input, const int32_t *initial,
// int32x4_t *sums), names its kernels, and says how many bytes a block of channels has (BLOCK_BYTES of its accumulators, kernel rows and
// their bytes) and how many pixels a tile of 1, 2, 3 or 4 accumulators has (TILES).

#include "neon_convolution_store.h"

TEXTPIN_INLINE void convolve_tile(const struct pass *row, const struct pass *pass, int32_t A, int32_t P, ptrdiff_t x, int32_t skip)
{
    int32x4_t sums[TILE_ACCUMULATORS];
    // What is rare is read where it lies, and takes no registers.
    const int32_t *initial = pass->initial;
    if (row->initial_stride != 0) {
        initial += x * row->initial_stride;
        __asm__ volatile("" : "+r"(initial));
    }
    accumulate_tile(row, pass, A, P, pass->input + x * pass->input_pixel_step, initial, sums);
    if (pass->epilogue == KEEP_SUMS) {
        int32x4_t ordered[TILE_ACCUMULATORS];
        order_tile(A, P, sums, ordered);
        int32_t *output = row->sums + x * row->sums_stride;
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++, output += row->sums_stride) {
#pragma clang loop unroll(full)
            for (int32_t a = 0; a < A; a++) {
                vst1q_s32(output + 4 * a, ordered[p * A + a]);
            }
        }
    } else {
        store_tile(row, pass, A, P, sums, x, skip);
    }
}

/// Pixels `first` and on. The last tile of a row starts earlier where pixels are left over: it computes some outputs again, but does not store
/// them, for what was stored may have taken the place of their addends.
TEXTPIN_INLINE void convolve_pixels(const struct pass *row, int32_t A, int32_t P, int32_t first, int32_t pixels)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    const ptrdiff_t last = pixels - P;
    for (ptrdiff_t x = first; x < pixels; x += P) {
        ptrdiff_t start = x < last ? x : last;
        convolve_tile(row, pass, A, P, start, (int32_t)(x - start));
    }
}

/// A pass of which all P pixels are pixel x of `pass`. `initial`: room for what their sums start from where that is not the bias.
static struct pass repeat_pixel(const struct pass *pass, int32_t A, int32_t P, int32_t x, int32_t *initial)
{
    struct pass repeated = *pass;
    for (int32_t p = 0; pass->initial_stride != 0 && p < P; p++) {
        memcpy(initial + LANE_CHANNELS * A * p, pass->initial + x * pass->initial_stride, sizeof(int32_t) * (size_t)(LANE_CHANNELS * A));
        repeated.initial = initial;
        repeated.initial_stride = LANE_CHANNELS * A;
    }
    repeated.input += x * pass->input_pixel_step;
    repeated.sums = pass->sums != NULL ? pass->sums + x * pass->sums_stride : NULL;
    repeated.addend = pass->addend != NULL ? pass->addend + x * pass->addend_pixel_stride : NULL;
    repeated.output = pass->output != NULL ? pass->output + x * pass->output_pixel_stride : NULL;
    repeated.input_pixel_step = repeated.sums_stride = repeated.addend_pixel_stride = repeated.output_pixel_stride = 0;
    return repeated;
}

/// One function per tile, so that its sizes are constants. Fewer pixels than a tile has are computed one by one, P times each, of which the
/// last is stored.
#define TILE(A, P)                                                                                                                       \
    static __attribute__((noinline)) void convolve_##A(const struct pass *pass, int32_t first, int32_t pixels)                           \
    {                                                                                                                                    \
        for (int32_t x = first; pixels < (P) && x < pixels; x++) {                                                                       \
            int32_t initial[LANE_CHANNELS * (A) * (P)];                                                                                  \
            const struct pass repeated = repeat_pixel(pass, A, P, x, initial);                                                           \
            convolve_##A(&repeated, (P) - 1, P);                                                                                         \
        }                                                                                                                                \
        if (pixels >= (P)) {                                                                                                             \
            convolve_pixels(pass, A, P, first, pixels);                                                                                  \
        }                                                                                                                                \
    }
TILES
#undef TILE

void PARTIAL_ROW(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                 ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial, int32_t *sums,
                 int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    static void (*const tiles[])(const struct pass *pass, int32_t first, int32_t pixels) = {convolve_1, convolve_2, convolve_3, convolve_4};
    const ptrdiff_t sums_stride = round_up(convolution->output_channels, LANE_CHANNELS);
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    struct pass pass = {
        .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
        .initial_stride = initial != NULL ? sums_stride : 0,
        .sums_stride = sums_stride,
        .input = input,
        .input_row_stride = input_row_stride,
        .input_pixel_step = input_pixel_step,
        .addend_pixel_stride = addend_pixel_stride,
        .output_pixel_stride = output_pixel_stride,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
        .zero_point = convolution->output_zero_point,
        .addend_multiplier = convolution->addend_multiplier,
    };
    const int8_t *packed = convolution->packed;
    for (int32_t first = 0; first < convolution->output_channels; first += BLOCK_CHANNELS) {
        int32_t accumulators = accumulators_of(convolution->output_channels - first);
        pass.head = (const struct block_head *)packed;
        pass.initial = initial != NULL ? initial + first : pass.head->bias;
        pass.sums = sums != NULL ? sums + first : NULL;
        pass.addend = addend != NULL ? addend + first : NULL;
        pass.output = output != NULL ? output + first : NULL;
        pass.channels = minimum(convolution->output_channels - first, BLOCK_CHANNELS);
        pass.epilogue = sums != NULL ? KEEP_SUMS : epilogue_of(&pass);
        tiles[accumulators - 1](&pass, 0, pixels);
        packed += BLOCK_BYTES(accumulators, convolution->kernel_rows, convolution->row_bytes);
    }
    if (convolution->table != NULL) {
        textpin_lookup_row_neon(convolution->table, output, output_pixel_stride, output, output_pixel_stride, convolution->output_channels,
                                pixels);
    }
}

void CONVOLUTION_ROW(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                     ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                     ptrdiff_t output_pixel_stride, int32_t pixels)
{
    PARTIAL_ROW(convolution, input, input_row_stride, input_pixel_step, addend, addend_pixel_stride, NULL, NULL, output,
                output_pixel_stride, pixels);
}

/// Channels 0 and 1 of four pixels side by side, then channels 2 and 3 (equation 4).
TEXTPIN_INLINE int16x8x2_t logits_of_four(const int32x4_t sums[4], int32x4_t multiplier, int32x4_t shift)
{
    int32x4_t two[2];
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < 2; i++) {
        int16x4_t first = vqmovn_s32(requantize_4(scale_finely(sums[2 * i]), multiplier, shift));
        two[i] = vreinterpretq_s32_s16(vqmovn_high_s32(first, requantize_4(scale_finely(sums[2 * i + 1]), multiplier, shift)));
    }
    return (int16x8x2_t){{vreinterpretq_s16_s32(vuzp1q_s32(two[0], two[1])), vreinterpretq_s16_s32(vuzp2q_s32(two[0], two[1]))}};
}

void LOGITS_ROW(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= LANE_CHANNELS);
    const struct block_head *head = convolution->packed;
    // Fewer pixels than a tile has are computed one by one, MOST_PIXELS times each.
    const int32_t P = pixels < MOST_PIXELS ? 1 : MOST_PIXELS;
    const struct pass pass = {
        .head = head,
        .initial = head->bias,
        .input_row_stride = input_row_stride,
        .input_pixel_step = P == 1 ? 0 : input_pixel_step,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
    };
    const int32x4_t multiplier = vld1q_s32(head->requantization.multiplier), shift = vld1q_s32(head->requantization.shift);
    // As the pixels of a depth-to-space output lie in memory.
    const bool are_pairs = P > 1 && convolution->output_channels == 4 && output_pixel_step == 2 && outputs[1] == outputs[0] + 1
        && outputs[3] == outputs[2] + 1;
    for (int32_t x = 0; x < pixels; x += P) {
        int32x4_t unordered[MOST_PIXELS], sums[MOST_PIXELS];
        // The last tile begins earlier where pixels are left over.
        const int32_t start = minimum(x, pixels - P);
        accumulate_tile(&pass, &pass, 1, MOST_PIXELS, input + start * input_pixel_step, pass.initial, unordered);
        order_tile(1, MOST_PIXELS, unordered, sums);
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < MOST_PIXELS; p += 4) {
            const int16x8x2_t pairs = logits_of_four(sums + p, multiplier, shift);
            if (are_pairs) {
                vst1q_s16(outputs[0] + 2 * (start + p), pairs.val[0]);
                vst1q_s16(outputs[2] + 2 * (start + p), pairs.val[1]);
            } else if (p < P) {
                int16_t values[16];
                vst1q_s16(values, pairs.val[0]);
                vst1q_s16(values + 8, pairs.val[1]);
                store_logits(values, convolution->output_channels, minimum(P, 4), outputs, output_pixel_step, start + p);
            }
        }
    }
}
