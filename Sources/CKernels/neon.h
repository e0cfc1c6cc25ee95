// What the NEON kernels share: requantization, packing of outputs, stores of part of a vector. ARMv8.0, no extension.
#ifndef TEXTPIN_NEON_H
#define TEXTPIN_NEON_H

#include <arm_neon.h>

#include "kernels_private.h"

#define TEXTPIN_INLINE static inline __attribute__((always_inline))

// Loads and stores that step from pixel to pixel, each one instruction: left to itself, the compiler computes addresses beside them.

TEXTPIN_INLINE int8x16_t load_16_and_step(const int8_t **pixel, ptrdiff_t stride)
{
    int8x16_t bytes;
    __asm__ volatile("ld1 {%0.16b}, [%1], %2" : "=w"(bytes), "+r"(*pixel) : "r"(stride) : "memory");
    return bytes;
}

TEXTPIN_INLINE int8x8_t load_8_and_step(const int8_t **pixel, ptrdiff_t stride)
{
    int8x8_t bytes;
    __asm__ volatile("ld1 {%0.8b}, [%1], %2" : "=w"(bytes), "+r"(*pixel) : "r"(stride) : "memory");
    return bytes;
}

TEXTPIN_INLINE void store_16_and_step(int8_t **pixel, ptrdiff_t stride, int8x16_t bytes)
{
    __asm__ volatile("st1 {%1.16b}, [%0], %2" : "+r"(*pixel) : "w"(bytes), "r"(stride) : "memory");
}

TEXTPIN_INLINE void store_8_and_step(int8_t **pixel, ptrdiff_t stride, int8x8_t bytes)
{
    __asm__ volatile("st1 {%1.8b}, [%0], %2" : "+r"(*pixel) : "w"(bytes), "r"(stride) : "memory");
}

/// How a block's sums may be requantized.
enum directness {
    /// By equation 1b.
    NOT_DIRECT,
    /// By equation 1d, to 16 bits that no input leaves.
    DIRECT,
    /// By equation 1d, times TEXTPIN_FINE_SCALE.
    DIRECT_FINELY,
};

/// Equation 1b: the multiplier as it is, and the shift that SRSHL wants: 31 - shift, to the right because negative.
struct requantization {
    int32_t multiplier[16];
    int32_t shift[16];
    /// Of hard-swish (equation 5).
    int16_t output_multiplier[16];
    /// Equation 1d's, where directness says so: for each lane, or for the lanes of SMMLA's sums: two channels, then both again.
    int32_t direct_multiplier[32];
    /// An enum directness; padded, so that weights after it are aligned.
    int32_t directness[4];
};

/// Lane `lane` for channel `channel`; past the last channel, zeros.
static inline void set_requantization(struct requantization *requantization, int32_t lane, const struct textpin_weights *weights,
                                      int32_t channel)
{
    bool used = channel < weights->output_channels;
    requantization->multiplier[lane] = used ? weights->multiplier[channel] : 0;
    requantization->shift[lane] = used ? 31 - weights->shift[channel] : 0;
    requantization->output_multiplier[lane] = used && weights->output_multiplier != NULL ? weights->output_multiplier[channel] : 0;
}

/// How far a channel's sums go from 0, for any input. `step`: from one of its weights to the next.
static inline int64_t reach_of(const struct textpin_weights *weights, int32_t channel, int32_t step)
{
    const int32_t taps = weights->kernel_rows * weights->kernel_columns * weights->input_channels;
    const int8_t *weight = weights->weights + (step == 1 ? (ptrdiff_t)channel * taps : channel);
    int64_t reach = weights->bias[channel] < 0 ? -(int64_t)weights->bias[channel] : weights->bias[channel];
    for (int32_t tap = 0; tap < taps; tap++, weight += step) {
        reach += 128 * (*weight < 0 ? -*weight : *weight);
    }
    return reach;
}

/// Where a channel stands first among SMMLA's lanes; two lanes on it stands again.
static inline int32_t pair_place(int32_t channel)
{
    return channel / 2 * 4 + channel % 2;
}

/// What directness of the channels of a block that begins with `first` there is, and equation 1d's multipliers. `step` as in reach_of; `pairs`:
/// for SMMLA.
static inline void set_directness(struct requantization *requantization, const struct textpin_weights *weights, int32_t first, int32_t step,
                                  bool pairs)
{
    const int32_t channels = minimum(weights->output_channels - first, 16);
    bool is_direct = true, is_fine = true;
    memset(requantization->direct_multiplier, 0, sizeof requantization->direct_multiplier);
    for (int32_t lane = 0; lane < channels; lane++) {
        const int32_t multiplier = weights->multiplier[first + lane], shift = weights->shift[first + lane];
        is_fine = is_fine && shift == TEXTPIN_SHARED_SHIFT_FINE;
        is_direct = is_direct && shift == TEXTPIN_SHARED_SHIFT && multiplier % 2 == 0
            && reach_of(weights, first + lane, step) * (multiplier / 2) < ((int64_t)INT16_MAX - 1) << 31;
        const int32_t direct = shift == TEXTPIN_SHARED_SHIFT_FINE ? 2 * multiplier : multiplier / 2;
        if (pairs) {
            int32_t *place = requantization->direct_multiplier + pair_place(lane);
            place[0] = place[2] = direct;
        } else {
            requantization->direct_multiplier[lane] = direct;
        }
    }
    requantization->directness[0] = is_direct ? DIRECT : is_fine ? DIRECT_FINELY : NOT_DIRECT;
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

/// Equation 1b for one vector of 4.
TEXTPIN_INLINE int32x4_t requantize_4(int32x4_t accumulators, int32x4_t multiplier, int32x4_t shift)
{
    return vrshlq_s32(vqdmulhq_s32(accumulators, multiplier), shift);
}

/// Zero point and clamp of 16 values. That they are saturated to 16 bits before the zero point is added changes nothing: what that clips
/// is beyond 8 bits with any zero point.
TEXTPIN_INLINE int8x16_t pack_16(int16x8_t low, int16x8_t high, int16x8_t zero_point)
{
    return vqmovn_high_s16(vqmovn_s16(vqaddq_s16(low, zero_point)), vqaddq_s16(high, zero_point));
}

/// The constants of equation 5, each 8 times.
struct hard_swish_vectors {
    int16x8_t three;
    int16x8_t minus_three;
    int16x8_t slope_shift;
    int16x8_t slope;
    int16x8_t offset;
    /// The gate's least value, and whether SQADD gives its greatest (equation 5a).
    int16x8_t least_gate;
    bool saturates;
};

static inline struct hard_swish_vectors broadcast_hard_swish(const struct textpin_hard_swish *constants)
{
    const int32_t greatest = constants->three * (1 << constants->slope_shift) * constants->slope;
    return (struct hard_swish_vectors){
        .three = vdupq_n_s16(constants->three),
        .minus_three = vdupq_n_s16((int16_t)-constants->three),
        .slope_shift = vdupq_n_s16(constants->slope_shift),
        .slope = vdupq_n_s16(constants->slope),
        .offset = vdupq_n_s16(constants->offset),
        .least_gate = vdupq_n_s16((int16_t)(16384 + ((16384 - greatest) >> 15))),
        .saturates = (greatest + 16384) >> 15 >= 16383,
    };
}

/// Whether equation 1d serves.
static inline bool is_direct(const struct requantization *requantization, const struct hard_swish_vectors *hard_swish, bool adds,
                             int32_t zero_point)
{
    if (hard_swish != NULL) {
        return requantization->directness[0] == DIRECT_FINELY && hard_swish->saturates;
    }
    return zero_point == 0 && requantization->directness[0] == (adds ? DIRECT_FINELY : DIRECT);
}

/// Equation 5 for 8 values, up to the zero point: SQRDMULH is its rounded product.
TEXTPIN_INLINE int16x8_t hard_swish_8(int16x8_t x, const struct hard_swish_vectors *constants, int16x8_t output_multiplier)
{
    int16x8_t clamped = vmaxq_s16(vminq_s16(x, constants->three), constants->minus_three);
    int16x8_t gate = vqrdmulhq_s16(vshlq_s16(clamped, constants->slope_shift), constants->slope);
    int16x8_t y = vqaddq_s16(vqrdmulhq_s16(x, vqaddq_s16(gate, vdupq_n_s16(16384))), constants->offset);
    return vqrdmulhq_s16(y, output_multiplier);
}

/// Equation 5a for 8 values, up to the zero point.
TEXTPIN_INLINE int16x8_t hard_swish_8_directly(int16x8_t x, const struct hard_swish_vectors *constants, int16x8_t output_multiplier)
{
    int16x8_t product = vqrdmulhq_s16(vqshlq_s16(x, constants->slope_shift), constants->slope);
    int16x8_t gate = vmaxq_s16(vqaddq_s16(product, vdupq_n_s16(16384)), constants->least_gate);
    int16x8_t y = vqaddq_s16(vqrdmulhq_s16(x, gate), constants->offset);
    return vqrdmulhq_s16(y, output_multiplier);
}

/// Equation 8 for 8 values, up to the zero point: SQRDMULH is its rounded product, and SRSHR rounds as if in more than 16 bits.
TEXTPIN_INLINE int16x8_t add_8(int16x8_t x, int8x8_t addend, int16x8_t addend_multiplier)
{
    return vrshrq_n_s16(vqaddq_s16(x, vqrdmulhq_s16(vshll_n_s8(addend, 8), addend_multiplier)), 7);
}

/// Accumulators times TEXTPIN_FINE_SCALE.
TEXTPIN_INLINE int32x4_t scale_finely(int32x4_t accumulators)
{
    return vshlq_n_s32(accumulators, __builtin_ctz(TEXTPIN_FINE_SCALE));
}

/// Equation 1b, or with hard-swish equation 5, then zero point and clamp of 16 accumulators.
TEXTPIN_INLINE int8x16_t finish_16(const int32x4_t sums[4], const struct requantization_registers *registers,
                                   const struct requantization *requantization, const struct hard_swish_vectors *hard_swish,
                                   int16x8_t zero_point)
{
    int32x4_t values[4];
    for (int32_t v = 0; v < 4; v++) {
        int32x4_t sum = hard_swish != NULL ? scale_finely(sums[v]) : sums[v];
        values[v] = requantize_4(sum, registers->multiplier[v], registers->shift[v]);
    }
    int16x8_t low = vqmovn_high_s32(vqmovn_s32(values[0]), values[1]);
    int16x8_t high = vqmovn_high_s32(vqmovn_s32(values[2]), values[3]);
    if (hard_swish != NULL) {
        low = hard_swish_8(low, hard_swish, vld1q_s16(requantization->output_multiplier));
        high = hard_swish_8(high, hard_swish, vld1q_s16(requantization->output_multiplier + 8));
    }
    return pack_16(low, high, zero_point);
}

/// Equation 1d for 8 accumulators whose results fit 16 bits.
TEXTPIN_INLINE int16x8_t requantize_8_directly(int32x4_t first, int32x4_t second, int32x4_t first_multiplier, int32x4_t second_multiplier)
{
    return vuzp1q_s16(vreinterpretq_s16_s32(vqrdmulhq_s32(first, first_multiplier)),
                      vreinterpretq_s16_s32(vqrdmulhq_s32(second, second_multiplier)));
}

/// Equation 1d for 8 accumulators, saturated to 16 bits.
TEXTPIN_INLINE int16x8_t requantize_8_finely(int32x4_t first, int32x4_t second, int32x4_t first_multiplier, int32x4_t second_multiplier)
{
    return vqmovn_high_s32(vqmovn_s32(vqrdmulhq_s32(first, first_multiplier)), vqrdmulhq_s32(second, second_multiplier));
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
