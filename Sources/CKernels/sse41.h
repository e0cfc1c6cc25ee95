// What the SSE4.1 kernels share: requantization of 4 accumulators, 8 outputs up to their zero point.
#ifndef TEXTPIN_SSE41_H
#define TEXTPIN_SSE41_H

#include "x86.h"

#define TEXTPIN_TARGET_SSE41 "sse4.1"

/// Equation 1c for 4 lanes.
struct requantization_vector {
    int32_t doubled_multiplier[4];
    int32_t rounding[4];
    int32_t factor[4];
};

static inline void set_requantization(struct requantization_vector *vector, int32_t lane, const struct textpin_weights *weights,
                                      int32_t channel)
{
    bool used = channel < weights->output_channels;
    int32_t shift = used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM;
    // From 61 on, every output is 0, and these constants would not fit 32 bits.
    bool vanishes = !used || shift > 60;
    vector->doubled_multiplier[lane] = vanishes ? 0 : 2 * weights->multiplier[channel];
    vector->rounding[lane] = vanishes ? 0 : (int32_t)1 << (shift - 31);
    vector->factor[lane] = vanishes ? 0 : (int32_t)1 << (62 - shift);
}

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_SSE41))), apply_to = function)

/// 8 bytes, extended to 16 bits.
TEXTPIN_INLINE __m128i load_words(const int8_t *bytes)
{
    return _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)bytes));
}

/// floor(a b / 2^32) in 4 lanes.
TEXTPIN_INLINE __m128i multiply_high(__m128i a, __m128i b)
{
    __m128i even = _mm_mul_epi32(a, b), odd = _mm_mul_epi32(_mm_srli_epi64(a, 32), _mm_srli_epi64(b, 32));
    return _mm_blend_epi16(_mm_srli_epi64(even, 32), odd, 0xCC);
}

/// Equation 1c.
TEXTPIN_INLINE __m128i requantize_4(__m128i accumulators, const struct requantization_vector *vector)
{
    __m128i high = multiply_high(_mm_add_epi32(accumulators, accumulators), load_128(vector->doubled_multiplier));
    return multiply_high(_mm_add_epi32(high, load_128(vector->rounding)), load_128(vector->factor));
}

/// Accumulators times TEXTPIN_FINE_SCALE.
TEXTPIN_INLINE __m128i scale_finely(__m128i accumulators)
{
    return _mm_slli_epi32(accumulators, __builtin_ctz(TEXTPIN_FINE_SCALE));
}

/// Equation 5 up to the zero point: PMULHRSW is its rounded product.
TEXTPIN_INLINE __m128i hard_swish_8(__m128i x, const struct textpin_hard_swish *constants, const int16_t output_multipliers[8])
{
    __m128i three = _mm_set1_epi16(constants->three);
    __m128i clamped = _mm_max_epi16(_mm_min_epi16(x, three), _mm_sub_epi16(_mm_setzero_si128(), three));
    __m128i slope = _mm_sll_epi16(clamped, _mm_cvtsi32_si128(constants->slope_shift));
    __m128i gate = _mm_adds_epi16(_mm_mulhrs_epi16(slope, _mm_set1_epi16(constants->slope)), _mm_set1_epi16(16384));
    __m128i y = _mm_adds_epi16(_mm_mulhrs_epi16(x, gate), _mm_set1_epi16(constants->offset));
    return _mm_mulhrs_epi16(y, load_128(output_multipliers));
}

/// Equation 8 up to the zero point, with 8 bytes of `addend`.
TEXTPIN_INLINE __m128i add_8(__m128i x, const int8_t *addend, __m128i addend_multiplier)
{
    // In the upper byte of 16 bits: times 2^8.
    __m128i scaled = _mm_unpacklo_epi8(_mm_setzero_si128(), _mm_loadl_epi64((const __m128i *)addend));
    __m128i y = _mm_adds_epi16(x, _mm_mulhrs_epi16(scaled, addend_multiplier));
    return _mm_mulhrs_epi16(y, _mm_set1_epi16(1 << 8));
}

/// Two vectors of accumulators to 8 values of 16 bits. `finely`: times TEXTPIN_FINE_SCALE.
TEXTPIN_INLINE __m128i requantize_8(__m128i first, __m128i second, const struct requantization_vector requantization[2], bool finely)
{
    return _mm_packs_epi32(requantize_4(finely ? scale_finely(first) : first, &requantization[0]),
                           requantize_4(finely ? scale_finely(second) : second, &requantization[1]));
}

/// Two vectors of accumulators to 8 outputs of 16 bits, zero point added. Saturating to 16 bits before it is added changes nothing: what
/// that clips is beyond 8 bits with any zero point.
TEXTPIN_INLINE __m128i finish_8(__m128i first, __m128i second, const struct requantization_vector requantization[2],
                                const struct textpin_hard_swish *hard_swish, const int16_t output_multipliers[8], __m128i zero_point)
{
    __m128i words = requantize_8(first, second, requantization, hard_swish != NULL);
    if (hard_swish != NULL) {
        words = hard_swish_8(words, hard_swish, output_multipliers);
    }
    return _mm_adds_epi16(words, zero_point);
}

#pragma clang attribute pop
#endif
