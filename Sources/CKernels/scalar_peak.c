// Peak loops of the scalar set: one multiplication at a time, eight sums side by side.
#include "peaks.h"

enum { ACCUMULATORS = 8 };

static uint32_t multiply(int64_t rounds)
{
    uint32_t sums[ACCUMULATORS] = {0};
    uint32_t activation = PEAK_ACTIVATION, weight = (uint32_t)PEAK_WEIGHT;
    for (int64_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < ACCUMULATORS; i++) {
            // Another weight each time as far as the compiler knows, so that every product is computed, and by itself.
            __asm__("" : "+r"(weight));
            sums[i] += activation * weight;
        }
    }
    return sum_of_lanes(sums, ACCUMULATORS);
}

static uint32_t read_bytes(const void *bytes, size_t count)
{
    assert(count % TEXTPIN_PEAK_BLOCK == 0);
    const uint64_t *words = bytes;
    uint64_t all[ACCUMULATORS] = {0};
    for (size_t index = 0; index < count / sizeof *words; index += ACCUMULATORS) {
        for (size_t i = 0; i < ACCUMULATORS; i++) {
            all[i] ^= words[index + i];
        }
    }
    uint32_t lanes[2 * ACCUMULATORS];
    memcpy(lanes, all, sizeof lanes);
    return xor_of_lanes(lanes, 2 * ACCUMULATORS);
}

const struct textpin_peak textpin_scalar_peak = {
    .instructions = "one multiplication at a time",
    .multiply_accumulates = ACCUMULATORS,
    .multiply = multiply,
    .read = read_bytes,
};
