// What the NEON kernels share: requantization, packing of outputs, stores of part of a vector. ARMv8.0, no extension.
#ifndef TEXTPIN_NEON_H
#define TEXTPIN_NEON_H

#include <arm_neon.h>

#include "kernels_private.h"

#define TEXTPIN_INLINE static inline __attribute__((always_inline))

/// Equation 1b: the multiplier as it is, and the shift that SRSHL wants: 31 - shift, to the right because negative.
struct requantization {
    int32_t multiplier[16];
    int32_t shift[16];
};

TEXTPIN_INLINE void set_requantization(struct requantization *requantization, int32_t lane, int32_t multiplier, int32_t shift)
{
    requantization->multiplier[lane] = multiplier;
    requantization->shift[lane] = 31 - shift;
}

/// `requantization` in registers.
struct requantization_registers {
    int32x4_t multiplier[4];
    int32x4_t shift[4];
};

TEXTPIN_INLINE struct requantization_registers load_requantization(const struct requantization *requantization)
{
    struct requantization_registers registers;
    for (int32_t v = 0; v < 4; v++) {
        registers.multiplier[v] = vld1q_s32(requantization->multiplier + 4 * v);
        registers.shift[v] = vld1q_s32(requantization->shift + 4 * v);
    }
    return registers;
}

/// Zero point and clamp of 16 requantized values. Saturating to 16 bits before the zero point is added changes nothing: what it clips is
/// beyond 8 bits with any zero point.
TEXTPIN_INLINE int8x16_t pack_16(const int32x4_t values[4], int16x8_t zero_point)
{
    int16x8_t low = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(values[0]), values[1]), zero_point);
    int16x8_t high = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(values[2]), values[3]), zero_point);
    return vqmovn_high_s16(vqmovn_s16(low), high);
}

/// Equation 1b for one vector of 4.
TEXTPIN_INLINE int32x4_t requantize_4(int32x4_t accumulators, int32x4_t multiplier, int32x4_t shift)
{
    return vrshlq_s32(vqdmulhq_s32(accumulators, multiplier), shift);
}

/// Equation 1b, zero point and clamp of 16 accumulators.
TEXTPIN_INLINE int8x16_t requantize_and_pack(const int32x4_t sums[4], const struct requantization_registers *requantization,
                                             int16x8_t zero_point)
{
    int32x4_t values[4];
    for (int32_t v = 0; v < 4; v++) {
        values[v] = requantize_4(sums[v], requantization->multiplier[v], requantization->shift[v]);
    }
    return pack_16(values, zero_point);
}

/// Stores the first `count` of 16 bytes, and no other.
TEXTPIN_INLINE void store_first(int8_t *output, int8x16_t bytes, int32_t count)
{
    if (count >= 16) {
        vst1q_s8(output, bytes);
        return;
    }
    if (count & 8) {
        vst1_s8(output, vget_low_s8(bytes));
        bytes = vextq_s8(bytes, bytes, 8);
        output += 8;
    }
    if (count & 4) {
        int32_t four = vgetq_lane_s32(vreinterpretq_s32_s8(bytes), 0);
        memcpy(output, &four, 4);
        bytes = vextq_s8(bytes, bytes, 4);
        output += 4;
    }
    if (count & 2) {
        int16_t two = vgetq_lane_s16(vreinterpretq_s16_s8(bytes), 0);
        memcpy(output, &two, 2);
        bytes = vextq_s8(bytes, bytes, 2);
        output += 2;
    }
    if (count & 1) {
        *output = vgetq_lane_s8(bytes, 0);
    }
}

#endif
