// What the AVX512-VNNI kernels share: requantization of 16 accumulators, packing and table of 64 outputs.
#ifndef TEXTPIN_AVX512VNNI_H
#define TEXTPIN_AVX512VNNI_H

#include <immintrin.h>

#include "kernels_private.h"

#define TEXTPIN_TARGET_AVX512VNNI "avx512f,avx512bw,avx512vl,avx512vnni,avx512vbmi"
#define TEXTPIN_INLINE static inline __attribute__((always_inline))

/// Equation 1 for 16 lanes, as equation 1a wants it: the multiplier doubled, and again with its odd lanes moved to where VPMULDQ reads.
struct requantization_vector {
    _Alignas(64) int32_t doubled_multiplier[16];
    int32_t odd_doubled_multiplier[16];
    int32_t rounding[16];
    int32_t shift[16];
};

static inline void textpin_set_requantization(struct requantization_vector *vector, int32_t lane, int32_t multiplier, int32_t shift)
{
    vector->doubled_multiplier[lane] = 2 * multiplier;
    vector->odd_doubled_multiplier[lane] = 0;
    if (lane % 2 == 1) {
        vector->odd_doubled_multiplier[lane - 1] = 2 * multiplier;
    }
    vector->shift[lane] = shift - 31;
    vector->rounding[lane] = (int32_t)1 << (shift - 32);
}

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX512VNNI))), apply_to = function)

/// A requantization_vector in registers.
struct requantization_registers {
    __m512i doubled_multiplier;
    __m512i odd_doubled_multiplier;
    __m512i rounding;
    __m512i shift;
};

TEXTPIN_INLINE struct requantization_registers load_requantization(const struct requantization_vector *vector)
{
    return (struct requantization_registers){
        _mm512_load_si512(vector->doubled_multiplier),
        _mm512_load_si512(vector->odd_doubled_multiplier),
        _mm512_load_si512(vector->rounding),
        _mm512_load_si512(vector->shift),
    };
}

/// Equation 1a.
TEXTPIN_INLINE __m512i requantize_16(__m512i accumulators, struct requantization_registers registers)
{
    __m512i even = _mm512_mul_epi32(accumulators, registers.doubled_multiplier);
    __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(accumulators, 32), registers.odd_doubled_multiplier);
    __m512i high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
    return _mm512_srav_epi32(_mm512_add_epi32(high, registers.rounding), registers.shift);
}

/// Zero point and clamp of four vectors: byte 16 i + 4 v + j of the result comes from lane 4 i + j of vector v. Saturating to 16 bits
/// before the zero point is added changes nothing: what it clips is beyond 8 bits with any zero point.
TEXTPIN_INLINE __m512i pack_64(const __m512i vectors[4], __m512i zero_point)
{
    __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(vectors[0], vectors[1]), zero_point);
    __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(vectors[2], vectors[3]), zero_point);
    return _mm512_packs_epi16(low, high);
}

/// The constants of equation 5, each 32 times: operands in memory, for there are no registers left to hold them.
struct hard_swish_vectors {
    __m512i three;
    __m512i minus_three;
    __m512i slope_shift;
    __m512i slope;
    __m512i offset;
};

TEXTPIN_INLINE void broadcast_hard_swish(const struct textpin_hard_swish *constants, struct hard_swish_vectors *vectors)
{
    vectors->three = _mm512_set1_epi16(constants->three);
    vectors->minus_three = _mm512_set1_epi16((int16_t)-constants->three);
    vectors->slope_shift = _mm512_set1_epi16(constants->slope_shift);
    vectors->slope = _mm512_set1_epi16(constants->slope);
    vectors->offset = _mm512_set1_epi16(constants->offset);
}

/// Equation 5 for 32 values of 16 bits, up to the zero point: VPMULHRSW is its rounded product.
TEXTPIN_INLINE __m512i hard_swish_32(__m512i x, const struct hard_swish_vectors *constants, __m512i output_multiplier)
{
    __m512i clamped = _mm512_max_epi16(_mm512_min_epi16(x, constants->three), constants->minus_three);
    __m512i gate = _mm512_mulhrs_epi16(_mm512_sllv_epi16(clamped, constants->slope_shift), constants->slope);
    gate = _mm512_adds_epi16(gate, _mm512_set1_epi16(16384));
    __m512i y = _mm512_adds_epi16(_mm512_mulhrs_epi16(x, gate), constants->offset);
    return _mm512_mulhrs_epi16(y, output_multiplier);
}

/// pack_64 with hard-swish: word 8 i + 4 v + j of output_multipliers[0] goes with lane 4 i + j of vector v, of [1] with vector 2 + v.
TEXTPIN_INLINE __m512i hard_swish_64(const __m512i vectors[4], const struct hard_swish_vectors *constants,
                                     const __m512i output_multipliers[2], __m512i zero_point)
{
    __m512i low = hard_swish_32(_mm512_packs_epi32(vectors[0], vectors[1]), constants, output_multipliers[0]);
    __m512i high = hard_swish_32(_mm512_packs_epi32(vectors[2], vectors[3]), constants, output_multipliers[1]);
    return _mm512_packs_epi16(_mm512_adds_epi16(low, zero_point), _mm512_adds_epi16(high, zero_point));
}

/// Equation 8 for 32 values of 16 bits, up to the zero point; `scaled`: addends times 2^8.
TEXTPIN_INLINE __m512i add_32(__m512i x, __m512i scaled, __m512i addend_multiplier)
{
    __m512i y = _mm512_adds_epi16(x, _mm512_mulhrs_epi16(scaled, addend_multiplier));
    return _mm512_mulhrs_epi16(y, _mm512_set1_epi16(1 << 8));
}

/// pack_64 with equation 8 ahead of the zero point; addends lie as bytes of the result.
TEXTPIN_INLINE __m512i add_64(const __m512i vectors[4], __m512i addends, __m512i addend_multiplier, __m512i zero_point)
{
    // In the upper bytes of 16 bits: times 2^8.
    __m512i low = _mm512_unpacklo_epi8(_mm512_setzero_si512(), addends), high = _mm512_unpackhi_epi8(_mm512_setzero_si512(), addends);
    low = add_32(_mm512_packs_epi32(vectors[0], vectors[1]), low, addend_multiplier);
    high = add_32(_mm512_packs_epi32(vectors[2], vectors[3]), high, addend_multiplier);
    return _mm512_packs_epi16(_mm512_adds_epi16(low, zero_point), _mm512_adds_epi16(high, zero_point));
}

/// Accumulators times TEXTPIN_FINE_SCALE.
TEXTPIN_INLINE __m512i scale_finely(__m512i accumulators)
{
    return _mm512_slli_epi32(accumulators, __builtin_ctz(TEXTPIN_FINE_SCALE));
}

/// Equation 2 for 64 bytes. VPERMI2B looks at 7 bits of an index; the sign chooses the table's half.
TEXTPIN_INLINE __m512i look_up_64(__m512i values, const int8_t *table)
{
    __m512i negative = _mm512_permutex2var_epi8(_mm512_loadu_si512(table), values, _mm512_loadu_si512(table + 64));
    __m512i positive = _mm512_permutex2var_epi8(_mm512_loadu_si512(table + 128), values, _mm512_loadu_si512(table + 192));
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(values), positive, negative);
}

/// The lowest `count` of 64 mask bits.
TEXTPIN_INLINE __mmask64 first_bytes(int32_t count)
{
    return count >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << count) - 1;
}

#pragma clang attribute pop
#endif
