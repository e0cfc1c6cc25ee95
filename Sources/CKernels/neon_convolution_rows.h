// The rows of a dense convolution for NEON, around accumulate_tile: a file that includes this defines it first, as
// void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, const int8_t *input, const int32_t *initial, int32x4_t *sums), names
// its kernels, and says how many bytes a block of channels has (BLOCK_BYTES of its accumulators, kernel rows and their bytes) and how many
// pixels a tile of 1, 2, 3 or 4 accumulators has (TILES).

#include "neon_convolution_store.h"

TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x, int32_t skip)
{
    int32x4_t sums[TILE_ACCUMULATORS];
    accumulate_tile(pass, A, P, pass->input + x * pass->input_pixel_step, pass->initial + x * pass->initial_stride, sums);
    if (pass->sums != NULL) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < A * P; i++) {
            vst1q_s32(pass->sums + (x + i / A) * pass->sums_stride + 4 * (i % A), sums[i]);
        }
    } else if (pass->channels < 4 * A) {
        enum epilogue epilogue = pass->hard_swish != NULL ? HARD_SWISH : pass->addend != NULL ? RESIDUAL_ADD : TO_8_BITS;
        store_tile(pass, A, P, sums, x, skip, epilogue, false);
    } else if (pass->hard_swish != NULL) {
        store_tile(pass, A, P, sums, x, 0, HARD_SWISH, true);
    } else if (pass->addend != NULL) {
        store_tile(pass, A, P, sums, x, skip, RESIDUAL_ADD, true);
    } else {
        store_tile(pass, A, P, sums, x, 0, TO_8_BITS, true);
    }
}

/// The last tile of a row starts earlier where pixels are left over: it computes some outputs again, but does not store them, for what was
/// stored may have taken the place of their addends.
TEXTPIN_INLINE void convolve_pixels(const struct pass *row, int32_t A, int32_t P, int32_t pixels)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    for (int32_t x = 0; x < pixels; x += P) {
        int32_t start = minimum(x, pixels - P);
        convolve_tile(pass, A, P, start, x - start);
    }
}

/// A pass of which every pixel is pixel x of `pass`.
static struct pass repeat_pixel(const struct pass *pass, int32_t x)
{
    struct pass repeated = *pass;
    repeated.initial += x * pass->initial_stride;
    repeated.input += x * pass->input_pixel_step;
    repeated.sums = pass->sums != NULL ? pass->sums + x * pass->sums_stride : NULL;
    repeated.addend = pass->addend != NULL ? pass->addend + x * pass->addend_pixel_stride : NULL;
    repeated.output = pass->output != NULL ? pass->output + x * pass->output_pixel_stride : NULL;
    repeated.initial_stride = repeated.input_pixel_step = repeated.sums_stride = 0;
    repeated.addend_pixel_stride = repeated.output_pixel_stride = 0;
    return repeated;
}

/// One function per tile, so that its sizes are constants. Fewer pixels than a tile has are computed one by one, P times each.
#define TILE(A, P)                                                                                                                       \
    static __attribute__((noinline)) void convolve_##A(const struct pass *pass, int32_t pixels)                                          \
    {                                                                                                                                    \
        for (int32_t x = 0; pixels < (P) && x < pixels; x++) {                                                                           \
            const struct pass repeated = repeat_pixel(pass, x);                                                                          \
            convolve_##A(&repeated, P);                                                                                                  \
        }                                                                                                                                \
        if (pixels >= (P)) {                                                                                                             \
            convolve_pixels(pass, A, P, pixels);                                                                                         \
        }                                                                                                                                \
    }
TILES
#undef TILE

void PARTIAL_ROW(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                 ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial, int32_t *sums,
                 int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    static void (*const tiles[])(const struct pass *pass, int32_t pixels) = {convolve_1, convolve_2, convolve_3, convolve_4};
    const ptrdiff_t sums_stride = round_up(convolution->output_channels, LANE_CHANNELS);
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    const int8_t *packed = convolution->packed;
    for (int32_t first = 0; first < convolution->output_channels; first += BLOCK_CHANNELS) {
        int32_t accumulators = accumulators_of(convolution->output_channels - first);
        const struct block_head *head = (const struct block_head *)packed;
        struct pass pass = {
            .head = head,
            .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
            .initial = initial != NULL ? initial + first : head->bias,
            .initial_stride = initial != NULL ? sums_stride : 0,
            .sums = sums != NULL ? sums + first : NULL,
            .sums_stride = sums_stride,
            .input = input,
            .input_row_stride = input_row_stride,
            .input_pixel_step = input_pixel_step,
            .addend = addend != NULL ? addend + first : NULL,
            .addend_pixel_stride = addend_pixel_stride,
            .output = output != NULL ? output + first : NULL,
            .output_pixel_stride = output_pixel_stride,
            .kernel_rows = convolution->kernel_rows,
            .row_bytes = convolution->row_bytes,
            .channels = minimum(convolution->output_channels - first, BLOCK_CHANNELS),
            .zero_point = convolution->output_zero_point,
            .addend_multiplier = convolution->addend_multiplier,
        };
        tiles[accumulators - 1](&pass, pixels);
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

void LOGITS_ROW(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= LANE_CHANNELS);
    const struct block_head *head = convolution->packed;
    // Fewer pixels than a tile has are computed one by one, 4 times each.
    const int32_t P = pixels < 4 ? 1 : 4;
    const struct pass pass = {
        .head = head,
        .initial = head->bias,
        .input_row_stride = input_row_stride,
        .input_pixel_step = P == 1 ? 0 : input_pixel_step,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
    };
    int32x4_t multiplier = vld1q_s32(pass.head->requantization.multiplier), shift = vld1q_s32(pass.head->requantization.shift);
    for (int32_t x = 0; x < pixels; x += P) {
        int32x4_t sums[4];
        // The last tile begins earlier where pixels are left over.
        const int32_t start = minimum(x, pixels - P);
        accumulate_tile(&pass, 1, 4, input + start * input_pixel_step, pass.initial, sums);
        int16x4_t logits[4];
        for (int32_t pixel = 0; pixel < 4; pixel++) {
            int32x4_t scaled = scale_finely(sums[pixel]);
            logits[pixel] = vqmovn_s32(requantize_4(scaled, multiplier, shift));
        }
        // Channels 0 and 1 of four pixels side by side, then channels 2 and 3.
        int32x4_t first = vreinterpretq_s32_s16(vcombine_s16(logits[0], logits[1]));
        int32x4_t second = vreinterpretq_s32_s16(vcombine_s16(logits[2], logits[3]));
        int16_t values[16];
        vst1q_s16(values, vreinterpretq_s16_s32(vuzp1q_s32(first, second)));
        vst1q_s16(values + 8, vreinterpretq_s16_s32(vuzp2q_s32(first, second)));
        store_logits(values, convolution->output_channels, P, outputs, output_pixel_step, start);
    }
}
