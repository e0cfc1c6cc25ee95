// What the AVX2 kernels share: requantization of 8 accumulators, packing of 16 outputs.
#ifndef TEXTPIN_AVX2_H
#define TEXTPIN_AVX2_H

#include "x86.h"

#define TEXTPIN_TARGET_AVX2 "avx2"

/// Equation 1 for 8 lanes, as equation 1a wants it: the multiplier doubled, and again with its odd lanes moved to where VPMULDQ reads.
struct requantization_vector {
    int32_t doubled_multiplier[8];
    int32_t odd_doubled_multiplier[8];
    int32_t rounding[8];
    int32_t shift[8];
};

static inline void set_requantization(struct requantization_vector *vector, int32_t lane, int32_t multiplier, int32_t shift)
{
    vector->doubled_multiplier[lane] = 2 * multiplier;
    vector->odd_doubled_multiplier[lane] = 0;
    if (lane % 2 == 1) {
        vector->odd_doubled_multiplier[lane - 1] = 2 * multiplier;
    }
    vector->shift[lane] = shift - 31;
    vector->rounding[lane] = (int32_t)1 << (shift - 32);
}

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

TEXTPIN_INLINE __m256i load_256(const void *bytes)
{
    return _mm256_loadu_si256((const __m256i *)bytes);
}

/// One step of a tile, its lanes being channels: sums[p * A + a] += the products of two 16-bit values of each of P pixels, `pixel_words` apart, and
/// their weights, a vector for each accumulator.
TEXTPIN_INLINE void add_products(int32_t A, int32_t P, const int16_t *words, ptrdiff_t pixel_words, const int16_t *weights, __m256i *sums)
{
    __m256i kept[2];
#pragma clang loop unroll(full)
    for (int32_t a = 0; a < minimum(A, 2); a++) {
        kept[a] = load_256(weights + 16 * a);
        // Else the compiler would read these from memory for each pixel, too.
        __asm__("" : "+x"(kept[a]));
    }
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
        int32_t two;
        memcpy(&two, words + p * pixel_words, sizeof two);
        const __m256i pair = _mm256_set1_epi32(two);
#pragma clang loop unroll(full)
        for (int32_t a = 0; a < minimum(A, 2); a++) {
            sums[p * A + a] = _mm256_add_epi32(sums[p * A + a], _mm256_madd_epi16(pair, kept[a]));
        }
        if (A == 3) {
            // No register is left for these weights: an operand in memory, and not the same value for all pixels.
            sums[p * A + 2] = _mm256_add_epi32(sums[p * A + 2], _mm256_madd_epi16(pair, load_256(weights + 32)));
            __asm__ volatile("" : : : "memory");
        }
    }
}

/// Equation 1a.
TEXTPIN_INLINE __m256i requantize_8(__m256i accumulators, const struct requantization_vector *vector)
{
    __m256i even = _mm256_mul_epi32(accumulators, load_256(vector->doubled_multiplier));
    __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(accumulators, 32), load_256(vector->odd_doubled_multiplier));
    __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    return _mm256_srav_epi32(_mm256_add_epi32(high, load_256(vector->rounding)), load_256(vector->shift));
}

/// Zero point and clamp of 16 values of 16 bits: bytes i and 8 + i of the result come from words i and 8 + i.
TEXTPIN_INLINE __m128i saturate_16(__m256i words, __m256i zero_point)
{
    __m256i added = _mm256_adds_epi16(words, zero_point);
    __m256i bytes = _mm256_packs_epi16(added, added);
    return _mm_unpacklo_epi64(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
}

/// Zero point and clamp of two vectors: bytes 4 v + j and 8 + 4 v + j of the result come from lanes j and 4 + j of vector v. Saturating
/// to 16 bits before the zero point is added changes nothing: what it clips is beyond 8 bits with any zero point.
TEXTPIN_INLINE __m128i pack_16(__m256i first, __m256i second, __m256i zero_point)
{
    return saturate_16(_mm256_packs_epi32(first, second), zero_point);
}

/// The constants of equation 5, each 16 times: operands in memory, for there are no registers left to hold them.
struct hard_swish_vectors {
    __m256i three;
    __m256i minus_three;
    __m256i slope;
    __m256i offset;
    /// 2^slopeShift.
    __m256i slope_power;
};

TEXTPIN_INLINE struct hard_swish_vectors broadcast_hard_swish(const struct textpin_hard_swish *constants)
{
    return (struct hard_swish_vectors){
        .three = _mm256_set1_epi16(constants->three),
        .minus_three = _mm256_set1_epi16((int16_t)-constants->three),
        .slope = _mm256_set1_epi16(constants->slope),
        .offset = _mm256_set1_epi16(constants->offset),
        .slope_power = _mm256_set1_epi16((int16_t)(1 << constants->slope_shift)),
    };
}

/// Equation 5 ahead of the zero point: VPMULHRSW is its rounded product. Output multipliers lie as words of `x`.
TEXTPIN_INLINE __m256i hard_swish_16(__m256i x, const struct hard_swish_vectors *constants, const int16_t output_multipliers[16])
{
    __m256i clamped = _mm256_max_epi16(_mm256_min_epi16(x, constants->three), constants->minus_three);
    __m256i gate = _mm256_mulhrs_epi16(_mm256_mullo_epi16(clamped, constants->slope_power), constants->slope);
    gate = _mm256_adds_epi16(gate, _mm256_set1_epi16(16384));
    __m256i y = _mm256_adds_epi16(_mm256_mulhrs_epi16(x, gate), constants->offset);
    return _mm256_mulhrs_epi16(y, load_256(output_multipliers));
}

/// Equation 8 ahead of the zero point; addends lie as words of `x`.
TEXTPIN_INLINE __m256i add_16(__m256i x, __m128i addends, __m256i addend_multiplier)
{
    __m256i scaled = _mm256_slli_epi16(_mm256_cvtepu8_epi16(addends), 8);
    __m256i y = _mm256_adds_epi16(x, _mm256_mulhrs_epi16(scaled, addend_multiplier));
    return _mm256_mulhrs_epi16(y, _mm256_set1_epi16(1 << 8));
}

/// Accumulators times TEXTPIN_FINE_SCALE.
TEXTPIN_INLINE __m256i scale_finely(__m256i accumulators)
{
    return _mm256_slli_epi32(accumulators, __builtin_ctz(TEXTPIN_FINE_SCALE));
}

#pragma clang attribute pop
#endif
