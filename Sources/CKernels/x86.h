// What the sets of 256 and of 128 bits share: loads and stores of 16 bytes, which any x86-64 has.
#ifndef TEXTPIN_X86_H
#define TEXTPIN_X86_H

#include <immintrin.h>

#include "kernels_private.h"

#define TEXTPIN_INLINE static inline __attribute__((always_inline))

TEXTPIN_INLINE __m128i load_128(const void *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
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

#endif
