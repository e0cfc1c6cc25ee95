// Peak loops of AVX-VNNI: VPDPBUSD on a tile of 12 accumulators, as the convolutions have it; AVX2's loads.
#include "peaks.h"

#if defined(__x86_64__)
#include "avxvnni_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVXVNNI))), apply_to = function)

enum { ACCUMULATORS = 12, LANES = 8, PRODUCTS = 32 };

static uint32_t multiply(int64_t rounds)
{
    __m256i sums[ACCUMULATORS];
    for (int32_t i = 0; i < ACCUMULATORS; i++) {
        sums[i] = _mm256_setzero_si256();
    }
    __m256i activations = _mm256_set1_epi8(PEAK_ACTIVATION), weights = _mm256_set1_epi8(PEAK_WEIGHT);
    for (int64_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < ACCUMULATORS; i++) {
            // Other weights each time as far as the compiler knows, so that every product is computed.
            __asm__("" : "+x"(weights));
            sums[i] = _mm256_dpbusd_avx_epi32(sums[i], activations, weights);
        }
    }
    uint32_t lanes[ACCUMULATORS * LANES];
    memcpy(lanes, sums, sizeof lanes);
    return sum_of_lanes(lanes, ACCUMULATORS * LANES);
}

#pragma clang attribute pop

const struct textpin_peak textpin_avxvnni_peak = {
    .instructions = "VPDPBUSD of 256 bits",
    .multiply_accumulates = ACCUMULATORS * PRODUCTS,
    .multiply = multiply,
    .read = textpin_peak_read_avx2,
};

#endif
