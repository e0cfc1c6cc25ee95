// Peak loops of ARMv8.0 NEON: SMULL, SMLAL2 and SADALP on a tile of 16 accumulators, as the convolutions have it; loads of 16 bytes.
#include "peaks.h"

#if defined(__aarch64__)
#include "neon.h"

enum { ACCUMULATORS = 16, LANES = 4, PRODUCTS = 16, LOADS = 8 };

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
            int16x8_t products = vmull_s8(vget_low_s8(activations), vget_low_s8(weights));
            sums[i] = vpadalq_s16(sums[i], vmlal_high_s8(products, activations, weights));
        }
    }
    uint32_t lanes[ACCUMULATORS * LANES];
    memcpy(lanes, sums, sizeof lanes);
    return sum_of_lanes(lanes, ACCUMULATORS * LANES);
}

uint32_t textpin_peak_read_neon(const void *bytes, size_t count)
{
    assert(count % TEXTPIN_PEAK_BLOCK == 0);
    int8x16_t all[LOADS];
    for (int32_t i = 0; i < LOADS; i++) {
        all[i] = vdupq_n_s8(0);
    }
    const int8_t *next = bytes;
    for (const int8_t *end = next + count; next < end; next += 16 * LOADS) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < LOADS; i++) {
            all[i] = veorq_s8(all[i], vld1q_s8(next + 16 * i));
        }
    }
    uint32_t lanes[LOADS * LANES];
    memcpy(lanes, all, sizeof lanes);
    return xor_of_lanes(lanes, LOADS * LANES);
}

const struct textpin_peak textpin_neon_peak = {
    .instructions = "SMULL, SMLAL2, SADALP",
    .multiply_accumulates = ACCUMULATORS * PRODUCTS,
    .multiply = multiply,
    .read = textpin_peak_read_neon,
};

#endif
