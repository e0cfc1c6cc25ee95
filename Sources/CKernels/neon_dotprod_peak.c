// Peak loop of NEON with the dot product extension: SDOT on 24 accumulators, as the convolutions have them; plain NEON's loads.
#include "peaks.h"

#if defined(__aarch64__)
#include "neon.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

enum { ACCUMULATORS = 24, LANES = 4, PRODUCTS = 16 };

static uint32_t multiply(int64_t rounds)
{
    int32x4_t sums[ACCUMULATORS];
    for (int32_t i = 0; i < ACCUMULATORS; i++) {
        sums[i] = vdupq_n_s32(0);
    }
    int8x16_t activations = vdupq_n_s8(PEAK_ACTIVATION), weights = vdupq_n_s8(PEAK_WEIGHT);
    for (int64_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < ACCUMULATORS; i++) {
            // Other weights each time as far as the compiler knows, so that every product is computed.
            __asm__("" : "+w"(weights));
            sums[i] = vdotq_laneq_s32(sums[i], weights, activations, 0);
        }
    }
    uint32_t lanes[ACCUMULATORS * LANES];
    memcpy(lanes, sums, sizeof lanes);
    return sum_of_lanes(lanes, ACCUMULATORS * LANES);
}

#pragma clang attribute pop

const struct textpin_peak textpin_neon_dotprod_peak = {
    .instructions = "SDOT",
    .multiply_accumulates = ACCUMULATORS * PRODUCTS,
    .multiply = multiply,
    .read = textpin_peak_read_neon,
};

#endif
