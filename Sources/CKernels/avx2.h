// What the AVX2 kernels share: requantization of 8 accumulators, stores of part of a vector.
#ifndef TEXTPIN_AVX2_H
#define TEXTPIN_AVX2_H

#include <immintrin.h>

#include "kernels_private.h"

#define TEXTPIN_TARGET_AVX2 "avx2"
#define TEXTPIN_INLINE static inline __attribute__((always_inline))

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

TEXTPIN_INLINE __m128i load_128(const void *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
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

/// pack_16 with equation 5 ahead of the zero point: VPMULHRSW is its rounded product. Output multipliers lie as bytes of the result.
TEXTPIN_INLINE __m128i hard_swish_16(__m256i first, __m256i second, const struct textpin_hard_swish *constants,
                                     const int16_t output_multipliers[16], __m256i zero_point)
{
    __m256i x = _mm256_packs_epi32(first, second);
    __m256i three = _mm256_set1_epi16(constants->three);
    __m256i clamped = _mm256_max_epi16(_mm256_min_epi16(x, three), _mm256_sub_epi16(_mm256_setzero_si256(), three));
    __m256i slope = _mm256_sll_epi16(clamped, _mm_cvtsi32_si128(constants->slope_shift));
    __m256i gate = _mm256_mulhrs_epi16(slope, _mm256_set1_epi16(constants->slope));
    gate = _mm256_adds_epi16(gate, _mm256_set1_epi16(16384));
    __m256i y = _mm256_adds_epi16(_mm256_mulhrs_epi16(x, gate), _mm256_set1_epi16(constants->offset));
    return saturate_16(_mm256_mulhrs_epi16(y, load_256(output_multipliers)), zero_point);
}

/// Accumulators times TEXTPIN_FINE_SCALE.
TEXTPIN_INLINE __m256i scale_finely(__m256i accumulators)
{
    return _mm256_slli_epi32(accumulators, __builtin_ctz(TEXTPIN_FINE_SCALE));
}

/// Stores the first `count` of 16 bytes, and no other.
TEXTPIN_INLINE void store_first(int8_t *output, __m128i bytes, int32_t count)
{
    if (count >= 16) {
        _mm_storeu_si128((__m128i *)output, bytes);
        return;
    }
    if (count & 8) {
        _mm_storel_epi64((__m128i *)output, bytes);
        bytes = _mm_srli_si128(bytes, 8);
        output += 8;
    }
    if (count & 4) {
        int32_t four = _mm_cvtsi128_si32(bytes);
        memcpy(output, &four, 4);
        bytes = _mm_srli_si128(bytes, 4);
        output += 4;
    }
    if (count & 2) {
        int32_t two = _mm_cvtsi128_si32(bytes);
        memcpy(output, &two, 2);
        bytes = _mm_srli_si128(bytes, 2);
        output += 2;
    }
    if (count & 1) {
        *output = (int8_t)_mm_cvtsi128_si32(bytes);
    }
}

#pragma clang attribute pop
#endif
