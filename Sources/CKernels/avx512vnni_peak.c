// Peak loops of AVX512-VNNI: VPDPBUSD on a tile of 24 accumulators, as the convolutions have it; loads of 64 bytes.
#include "peaks.h"

#if defined(__x86_64__)
#include "avx512vnni.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX512VNNI))), apply_to = function)

enum { ACCUMULATORS = 24, LANES = 16, PRODUCTS = 64, LOADS = 8 };

static uint32_t multiply(int64_t rounds)
{
    __m512i sums[ACCUMULATORS];
    for (int32_t i = 0; i < ACCUMULATORS; i++) {
        sums[i] = _mm512_setzero_si512();
    }
    __m512i activations = _mm512_set1_epi8(PEAK_ACTIVATION), weights = _mm512_set1_epi8(PEAK_WEIGHT);
    for (int64_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < ACCUMULATORS; i++) {
            // Other weights each time as far as the compiler knows, so that every product is computed.
            __asm__("" : "+v"(weights));
            sums[i] = _mm512_dpbusd_epi32(sums[i], activations, weights);
        }
    }
    uint32_t lanes[ACCUMULATORS * LANES];
    memcpy(lanes, sums, sizeof lanes);
    return sum_of_lanes(lanes, ACCUMULATORS * LANES);
}

static uint32_t read_bytes(const void *bytes, size_t count)
{
    assert(count % TEXTPIN_PEAK_BLOCK == 0);
    __m512i all[LOADS];
    for (int32_t i = 0; i < LOADS; i++) {
        all[i] = _mm512_setzero_si512();
    }
    const int8_t *next = bytes;
    for (const int8_t *end = next + count; next < end; next += 64 * LOADS) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < LOADS; i++) {
            all[i] = _mm512_xor_si512(all[i], _mm512_load_si512(next + 64 * i));
        }
    }
    uint32_t lanes[LOADS * LANES];
    memcpy(lanes, all, sizeof lanes);
    return xor_of_lanes(lanes, LOADS * LANES);
}

#pragma clang attribute pop

const struct textpin_peak textpin_avx512vnni_peak = {
    .instructions = "VPDPBUSD of 512 bits",
    .multiply_accumulates = ACCUMULATORS * PRODUCTS,
    .multiply = multiply,
    .read = read_bytes,
};

#endif
