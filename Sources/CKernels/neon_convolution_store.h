// How a dense convolution for NEON makes bytes of a tile's sums. A file that includes this says first how many pixels a tile has at most
// (MOST_PIXELS), may define MULTIPLY_ADD_ROUNDED for an instruction that does SQRDMULH and SQADD, and where SUMS_IN_PAIRS is defined, its
// tiles' sums lie as SMMLA leaves them, and order_tile takes them apart.

/// Equation 8's y.
#ifdef MULTIPLY_ADD_ROUNDED
#define ADD_PRODUCT(x, a, b) vqrdmlahq_s16(x, a, b)
#else
#define ADD_PRODUCT(x, a, b) vqaddq_s16(x, vqrdmulhq_s16(a, b))
#endif

/// Any layer's tile, `sums` in order, but its first `skip` pixels: one pixel after the other, in little code.
static __attribute__((noinline)) void store_any(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, ptrdiff_t x, int32_t skip)
{
    const struct requantization *requantization = &pass->head->requantization;
    const bool finely = pass->hard_swish != NULL || pass->addend != NULL;
    for (int32_t p = skip; p < P; p++) {
        const ptrdiff_t pixel = x + p;
        int16x4_t words[MOST_ACCUMULATORS];
#pragma clang loop unroll(disable)
        for (int32_t v = 0; v < MOST_ACCUMULATORS; v++) {
            const int32x4_t sum = sums[p * A + minimum(v, A - 1)];
            words[v] = vqmovn_s32(requantize_4(finely ? scale_finely(sum) : sum, vld1q_s32(requantization->multiplier + 4 * v),
                                               vld1q_s32(requantization->shift + 4 * v)));
        }
        int16x8_t halves[2] = {vcombine_s16(words[0], words[1]), vcombine_s16(words[2], words[3])};
#pragma clang loop unroll(disable)
        for (int32_t half = 0; finely && half < (A + 1) / 2; half++) {
            if (pass->hard_swish != NULL) {
                halves[half] = hard_swish_8(halves[half], pass->hard_swish, vld1q_s16(requantization->output_multiplier + 8 * half));
            } else {
                halves[half] = add_8(halves[half], vld1_s8(pass->addend + pixel * pass->addend_pixel_stride + 8 * half),
                                     vdupq_n_s16((int16_t)pass->addend_multiplier));
            }
        }
        store_first(pass->output + pixel * pass->output_pixel_stride,
                    pack_16(halves[0], halves[1], vdupq_n_s16((int16_t)pass->zero_point)), pass->channels);
    }
}

/// Stores a pixel's 4 A bytes, and goes to the next one.
TEXTPIN_INLINE void store_pixel(const struct pass *pass, int32_t A, int8_t **output, int8x16_t bytes)
{
    if (A == 4) {
        store_16_and_step(output, pass->output_pixel_stride, bytes);
    } else if (A == 2) {
        store_8_and_step(output, pass->output_pixel_stride, vget_low_s8(bytes));
    } else {
        store_first(*output, bytes, 4 * A);
        *output += pass->output_pixel_stride;
    }
}

#ifdef SUMS_IN_PAIRS
/// Equation 1d's multipliers of 8 channels (4 where `four`), as SMMLA's sums lie.
TEXTPIN_INLINE void load_pair_multipliers(const struct pass *pass, int32_t half, bool four, int32x4_t multipliers[4])
{
#pragma clang loop unroll(full)
    for (int32_t v = 0; v < (four ? 2 : 4); v++) {
        multipliers[v] = vld1q_s32(pass->head->requantization.direct_multiplier + 16 * half + 4 * v);
    }
}

/// Equation 1d for 8 channels of two pixels (4 where `four`), `sums` as SMMLA leaves them; the words of the pixels by turns, two and two.
TEXTPIN_INLINE void requantize_pair(const int32x4_t *sums, const int32x4_t *multipliers, bool four, bool finely, int16x8_t words[2])
{
    if (finely) {
        words[0] = requantize_8_finely(sums[0], sums[1], multipliers[0], multipliers[1]);
        words[1] = four ? words[0] : requantize_8_finely(sums[2], sums[3], multipliers[2], multipliers[3]);
    } else {
        words[0] = requantize_8_directly(sums[0], sums[1], multipliers[0], multipliers[1]);
        words[1] = four ? words[0] : requantize_8_directly(sums[2], sums[3], multipliers[2], multipliers[3]);
    }
}

/// Equation 1d for a tile to 16 bits, for what follows in them.
TEXTPIN_INLINE void requantize_tile_finely(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, int16x8_t (*words)[2])
{
#pragma clang loop unroll(full)
    for (int32_t half = 0; half < (A + 1) / 2; half++) {
        const bool four = 2 * half + 1 == A;
        int32x4_t multipliers[4];
        load_pair_multipliers(pass, half, four, multipliers);
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p += 2) {
            int16x8_t turns[2];
            requantize_pair(sums + p * A + 4 * half, multipliers, four, true, turns);
            int32x4_t first = vreinterpretq_s32_s16(turns[0]), second = vreinterpretq_s32_s16(turns[1]);
            words[p][half] = vreinterpretq_s16_s32(vuzp1q_s32(first, second));
            if (p + 1 < P) {
                words[p + 1][half] = vreinterpretq_s16_s32(vuzp2q_s32(first, second));
            }
        }
    }
}

/// Equation 1d for a tile to bytes: in order only then, since bytes are fewest.
TEXTPIN_INLINE void store_bytes(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, int8_t *output)
{
    int8x16_t turns[MOST_PIXELS / 2][2];
#pragma clang loop unroll(full)
    for (int32_t half = 0; half < (A + 1) / 2; half++) {
        const bool four = 2 * half + 1 == A;
        int32x4_t multipliers[4];
        load_pair_multipliers(pass, half, four, multipliers);
#pragma clang loop unroll(full)
        for (int32_t pair = 0; pair < (P + 1) / 2; pair++) {
            int16x8_t words[2];
            requantize_pair(sums + 2 * pair * A + 4 * half, multipliers, four, false, words);
            int8x8_t low = vqmovn_s16(words[0]);
            turns[pair][half] = four ? vcombine_s8(low, low) : vqmovn_high_s16(low, words[1]);
        }
    }
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        int16x8_t first = vreinterpretq_s16_s8(turns[p / 2][0]), second = vreinterpretq_s16_s8(turns[p / 2][A > 2 ? 1 : 0]);
        store_pixel(pass, A, &output, vreinterpretq_s8_s16(p % 2 == 0 ? vuzp1q_s16(first, second) : vuzp2q_s16(first, second)));
    }
}
#else
TEXTPIN_INLINE void order_tile(int32_t A, int32_t P, const int32x4_t *sums, int32x4_t *ordered)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        ordered[i] = sums[i];
    }
}

/// Equation 1d for a tile to 16 bits. Constants serve all pixels before the next ones are loaded.
TEXTPIN_INLINE void requantize_tile(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, bool finely,
                                    int16x8_t (*words)[2])
{
#pragma clang loop unroll(full)
    for (int32_t half = 0; half < (A + 1) / 2; half++) {
        const int32_t a = 2 * half, b = minimum(a + 1, A - 1);
        int32x4_t first = vld1q_s32(pass->head->requantization.direct_multiplier + 4 * a);
        int32x4_t second = vld1q_s32(pass->head->requantization.direct_multiplier + 4 * b);
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            if (finely) {
                words[p][half] = requantize_8_finely(sums[p * A + a], sums[p * A + b], first, second);
            } else {
                words[p][half] = requantize_8_directly(sums[p * A + a], sums[p * A + b], first, second);
            }
        }
    }
}

TEXTPIN_INLINE void requantize_tile_finely(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, int16x8_t (*words)[2])
{
    requantize_tile(pass, A, P, sums, true, words);
}

TEXTPIN_INLINE void store_bytes(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, int8_t *output)
{
    int16x8_t words[MOST_PIXELS][2];
    requantize_tile(pass, A, P, sums, false, words);
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        int8x8_t low = vqmovn_s16(words[p][0]);
        store_pixel(pass, A, &output, A > 2 ? vqmovn_high_s16(low, words[p][1]) : vcombine_s8(low, low));
    }
}
#endif

/// Where equation 1d serves: a tile's bytes but those of its first `skip` pixels.
TEXTPIN_INLINE void store_directly(const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, ptrdiff_t x, int32_t skip,
                                   enum epilogue epilogue)
{
    int8_t *output = pass->output + x * pass->output_pixel_stride;
    if (epilogue == TO_8_BITS) {
        store_bytes(pass, A, P, sums, output);
        return;
    }
    int16x8_t words[MOST_PIXELS][2];
    requantize_tile_finely(pass, A, P, sums, words);
    if (epilogue == HARD_SWISH) {
        const struct hard_swish_vectors constants = *pass->hard_swish;
        const int16x8_t zero_point = vdupq_n_s16((int16_t)pass->zero_point);
#pragma clang loop unroll(full)
        for (int32_t half = 0; half < (A + 1) / 2; half++) {
            int16x8_t output_multiplier = vld1q_s16(pass->head->requantization.output_multiplier + 8 * half);
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                words[p][half] = hard_swish_8_directly(words[p][half], &constants, output_multiplier);
            }
        }
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            store_pixel(pass, A, &output, pack_16(words[p][0], words[p][A > 2 ? 1 : 0], zero_point));
        }
        return;
    }
    int16x8_t addend_multiplier = vdupq_n_s16((int16_t)pass->addend_multiplier);
    const int8_t *addend = pass->addend + x * pass->addend_pixel_stride;
    // All addends are loaded before the first store, which might take their place.
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        if (A > 2) {
            int8x16_t addends = load_16_and_step(&addend, pass->addend_pixel_stride);
            words[p][0] = ADD_PRODUCT(words[p][0], vshll_n_s8(vget_low_s8(addends), 8), addend_multiplier);
            words[p][1] = ADD_PRODUCT(words[p][1], vshll_high_n_s8(addends, 8), addend_multiplier);
        } else {
            words[p][0] = ADD_PRODUCT(words[p][0], vshll_n_s8(load_8_and_step(&addend, pass->addend_pixel_stride), 8), addend_multiplier);
        }
    }
    output += skip * pass->output_pixel_stride;
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        if (p >= skip) {
            int8x8_t low = vqrshrn_n_s16(words[p][0], 7);
            store_pixel(pass, A, &output, A > 2 ? vqrshrn_high_n_s16(low, words[p][1], 7) : vcombine_s8(low, low));
        }
    }
}

/// Stores a tile's bytes, but those of its first `skip` pixels. `row`: what `pass` is a copy of, for a copy that a function is given does not
/// stay in registers.
TEXTPIN_INLINE void store_tile(const struct pass *row, const struct pass *pass, int32_t A, int32_t P, const int32x4_t *sums, ptrdiff_t x,
                               int32_t skip)
{
    if (pass->epilogue == ANY) {
        int32x4_t ordered[MOST_ACCUMULATORS * MOST_PIXELS];
        order_tile(A, P, sums, ordered);
        store_any(row, A, P, ordered, x, skip);
    } else if (pass->epilogue == HARD_SWISH) {
        store_directly(pass, A, P, sums, x, skip, HARD_SWISH);
    } else if (pass->epilogue == RESIDUAL_ADD) {
        store_directly(pass, A, P, sums, x, skip, RESIDUAL_ADD);
    } else {
        store_directly(pass, A, P, sums, x, skip, TO_8_BITS);
    }
}
