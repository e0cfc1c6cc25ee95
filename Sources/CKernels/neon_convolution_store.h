// How a dense convolution for NEON makes bytes of a tile's sums. A file that includes this says first how many pixels a tile has at most
// (MOST_PIXELS).

/// What follows requantization.
enum epilogue { TO_8_BITS, HARD_SWISH, RESIDUAL_ADD };

/// Requantizes and stores a tile, but its first `skip` pixels. `whole`: all 4 A channels of it.
TEXTPIN_INLINE void store_tile(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, int32_t x, int32_t skip,
                               enum epilogue epilogue, bool whole)
{
    const struct requantization *requantization = &pass->head->requantization;
    // Constants serve all pixels before the next ones are loaded, and all are loaded before the first store, which might change them as
    // far as the compiler knows.
    int16x8_t words[MOST_PIXELS][2];
    const bool finely = epilogue != TO_8_BITS;
#pragma clang loop unroll(full)
    for (int32_t half = 0; half < (A + 1) / 2; half++) {
        const int32_t a = 2 * half, b = minimum(a + 1, A - 1);
        int32x4_t multipliers[2] = {vld1q_s32(requantization->multiplier + 4 * a), vld1q_s32(requantization->multiplier + 4 * b)};
        int32x4_t shifts[2] = {vld1q_s32(requantization->shift + 4 * a), vld1q_s32(requantization->shift + 4 * b)};
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            int32x4_t first = sums[p * A + a], second = sums[p * A + b];
            first = requantize_4(finely ? scale_finely(first) : first, multipliers[0], shifts[0]);
            second = requantize_4(finely ? scale_finely(second) : second, multipliers[1], shifts[1]);
            words[p][half] = vqmovn_high_s32(vqmovn_s32(first), second);
        }
    }
    if (epilogue == HARD_SWISH) {
        const struct hard_swish_vectors constants = *pass->hard_swish;
#pragma clang loop unroll(full)
        for (int32_t half = 0; half < (A + 1) / 2; half++) {
            int16x8_t output_multiplier = vld1q_s16(requantization->output_multiplier + 8 * half);
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                words[p][half] = hard_swish_8(words[p][half], &constants, output_multiplier);
            }
        }
    }
    if (epilogue == RESIDUAL_ADD) {
        int16x8_t addend_multiplier = vdupq_n_s16((int16_t)pass->addend_multiplier);
        const int8_t *addend = pass->addend + x * pass->addend_pixel_stride;
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++, addend += pass->addend_pixel_stride) {
#pragma clang loop unroll(full)
            for (int32_t half = 0; half < (A + 1) / 2; half++) {
                words[p][half] = add_8(words[p][half], vld1_s8(addend + 8 * half), addend_multiplier);
            }
        }
    }
    int16x8_t zero_point = vdupq_n_s16((int16_t)pass->zero_point);
    const int32_t count = whole ? 4 * A : pass->channels;
    int8_t *output = pass->output + x * pass->output_pixel_stride;
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++, output += pass->output_pixel_stride) {
        if (p >= skip) {
            store_first(output, pack_16(words[p][0], words[p][A > 2 ? 1 : 0], zero_point), count);
        }
    }
}
