// Peak loops of AVX2: VPMADDWD, and VPADDD for its sums, on a tile of 12 accumulators, as the convolutions have it; loads of 32 bytes.
#include "peaks.h"

#if defined(__x86_64__)
#include "avx2.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum { ACCUMULATORS = 12, LANES = 8, PRODUCTS = 16, LOADS = 8 };

static uint32_t multiply(int64_t rounds)
{
    __m256i sums[ACCUMULATORS];
    for (int32_t i = 0; i < ACCUMULATORS; i++) {
        sums[i] = _mm256_setzero_si256();
    }
    __m256i activations = _mm256_set1_epi16(PEAK_ACTIVATION), weights = _mm256_set1_epi16(PEAK_WEIGHT);
    for (int64_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < ACCUMULATORS; i++) {
            // Other weights each time as far as the compiler knows, so that every product is computed.
            __asm__("" : "+x"(weights));
            sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(activations, weights));
        }
    }
    uint32_t lanes[ACCUMULATORS * LANES];
    memcpy(lanes, sums, sizeof lanes);
    return sum_of_lanes(lanes, ACCUMULATORS * LANES);
}

uint32_t textpin_peak_read_avx2(const void *bytes, size_t count)
{
    assert(count % TEXTPIN_PEAK_BLOCK == 0);
    __m256i all[LOADS];
    for (int32_t i = 0; i < LOADS; i++) {
        all[i] = _mm256_setzero_si256();
    }
    const int8_t *next = bytes;
    for (const int8_t *end = next + count; next < end; next += 32 * LOADS) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < LOADS; i++) {
            all[i] = _mm256_xor_si256(all[i], load_256(next + 32 * i));
        }
    }
    uint32_t lanes[LOADS * LANES];
    memcpy(lanes, all, sizeof lanes);
    return xor_of_lanes(lanes, LOADS * LANES);
}

#pragma clang attribute pop

const struct textpin_peak textpin_avx2_peak = {
    .instructions = "VPMADDWD of 256 bits",
    .multiply_accumulates = ACCUMULATORS * PRODUCTS,
    .multiply = multiply,
    .read = textpin_peak_read_avx2,
};

#endif
