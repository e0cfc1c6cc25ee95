// Peak loops of SSE4.1: PMADDWD, and PADDD for its sums, on a tile of 8 accumulators, as the convolutions have it; loads of 16 bytes.
#include "peaks.h"

#if defined(__x86_64__)
#include "sse41.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_SSE41))), apply_to = function)

enum { ACCUMULATORS = 8, LANES = 4, PRODUCTS = 8, LOADS = 8 };

static uint32_t multiply(int64_t rounds)
{
    __m128i sums[ACCUMULATORS];
    for (int32_t i = 0; i < ACCUMULATORS; i++) {
        sums[i] = _mm_setzero_si128();
    }
    __m128i activations = _mm_set1_epi16(PEAK_ACTIVATION), weights = _mm_set1_epi16(PEAK_WEIGHT);
    for (int64_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < ACCUMULATORS; i++) {
            // Other weights each time as far as the compiler knows, so that every product is computed.
            __asm__("" : "+x"(weights));
            sums[i] = _mm_add_epi32(sums[i], _mm_madd_epi16(activations, weights));
        }
    }
    uint32_t lanes[ACCUMULATORS * LANES];
    memcpy(lanes, sums, sizeof lanes);
    return sum_of_lanes(lanes, ACCUMULATORS * LANES);
}

static uint32_t read_bytes(const void *bytes, size_t count)
{
    assert(count % TEXTPIN_PEAK_BLOCK == 0);
    __m128i all[LOADS];
    for (int32_t i = 0; i < LOADS; i++) {
        all[i] = _mm_setzero_si128();
    }
    const int8_t *next = bytes;
    for (const int8_t *end = next + count; next < end; next += 16 * LOADS) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < LOADS; i++) {
            all[i] = _mm_xor_si128(all[i], load_128(next + 16 * i));
        }
    }
    uint32_t lanes[LOADS * LANES];
    memcpy(lanes, all, sizeof lanes);
    return xor_of_lanes(lanes, LOADS * LANES);
}

#pragma clang attribute pop

const struct textpin_peak textpin_sse41_peak = {
    .instructions = "PMADDWD",
    .multiply_accumulates = ACCUMULATORS * PRODUCTS,
    .multiply = multiply,
    .read = read_bytes,
};

#endif
