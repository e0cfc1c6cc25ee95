// What AVX2's convolutions with a channel in each lane share: how channels are dealt to accumulators, and how sums become bytes.
//
// Blocks of 16 channels, the last one of 8, 16 or 24; an accumulator has 8 of them. Accumulators are finished in pairs, the third and any
// only one together with that of another pixel.
#ifndef TEXTPIN_AVX2_LANES_H
#define TEXTPIN_AVX2_LANES_H

#include "avx2.h"
#include "avx2_kernels.h"

enum { LANES = 8, MOST_ACCUMULATORS = 3 };

/// Of 8 channels.
struct lane_head {
    struct requantization_vector requantization;
    /// In the order of pack_16's bytes, of a pair in its first head.
    int16_t output_multiplier[16];
};

/// Pairs of accumulators, and three where this leaves no single one.
static inline int32_t accumulators_of(int32_t remaining_channels)
{
    const int32_t accumulators = (remaining_channels + LANES - 1) / LANES;
    return accumulators <= MOST_ACCUMULATORS ? accumulators : 2;
}

/// The channel of a block in lane `lane` of an accumulator: such that pack_16, which interleaves a pair by halves, leaves them in order.
static inline int32_t channel_of_lane(int32_t accumulators, int32_t accumulator, int32_t lane)
{
    const bool paired = (accumulator | 1) < accumulators;
    return paired ? lane / 4 * 8 + 4 * accumulator + lane % 4 : LANES * accumulator + lane;
}

static inline void pack_lane_heads(const struct textpin_weights *weights, int32_t first, int32_t accumulators, struct lane_head *heads)
{
    memset(heads, 0, (size_t)accumulators * sizeof *heads);
    for (int32_t index = 0; index < LANES * accumulators; index++) {
        const int32_t accumulator = index / LANES, lane = index % LANES;
        const int32_t channel = first + channel_of_lane(accumulators, accumulator, lane);
        const bool paired = (accumulator | 1) < accumulators, used = channel < weights->output_channels;
        set_requantization(&heads[accumulator].requantization, lane, used ? weights->multiplier[channel] : 0,
                           used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM);
        // Vector v of what pack_16 takes: the accumulator's half of a pair, both where a single one meets itself.
        for (int32_t vector = 0; vector < 2; vector++) {
            if (used && weights->output_multiplier != NULL && (!paired || vector == accumulator % 2)) {
                struct lane_head *head = &heads[paired ? accumulator & ~1 : accumulator];
                head->output_multiplier[lane / 4 * 8 + 4 * vector + lane % 4] = weights->output_multiplier[channel];
            }
        }
    }
}

/// How sums of a block of channels become bytes.
struct lane_output {
    const struct lane_head *heads;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    ptrdiff_t pixel_stride;
    int32_t channels;
    int32_t zero_point;
};

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

/// The 16 outputs of two accumulators, of two heads or both of one, as pack_16 leaves them.
TEXTPIN_INLINE __m128i finish_lanes(const struct lane_output *output, int32_t first_head, int32_t second_head, __m256i first,
                                    __m256i second)
{
    const struct lane_head *heads = output->heads;
    const __m256i zero_point = _mm256_set1_epi16((int16_t)output->zero_point);
    if (output->hard_swish != NULL) {
        first = requantize_8(scale_finely(first), &heads[first_head].requantization);
        second = requantize_8(scale_finely(second), &heads[second_head].requantization);
        return hard_swish_16(first, second, output->hard_swish, heads[first_head].output_multiplier, zero_point);
    }
    first = requantize_8(first, &heads[first_head].requantization);
    second = requantize_8(second, &heads[second_head].requantization);
    return pack_16(first, second, zero_point);
}

/// Stores P pixels of A accumulators each: sums[p * A + a].
TEXTPIN_INLINE void store_lanes(const struct lane_output *output, int32_t A, int32_t P, const __m256i *sums, int8_t *bytes)
{
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P && A > 1; p++) {
        store_first(bytes + p * output->pixel_stride, finish_lanes(output, 0, 1, sums[p * A], sums[p * A + 1]), output->channels);
    }
    // The accumulator left over, of two pixels together: pack_16 leaves 4 channels of each pixel, then the other 4.
    const int32_t a = A - 1, count = minimum(output->channels - LANES * a, LANES);
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P && A != 2; p += 2) {
        const int32_t next = minimum(p + 1, P - 1);
        __m128i both = _mm_shuffle_epi32(finish_lanes(output, a, a, sums[p * A + a], sums[next * A + a]), _MM_SHUFFLE(3, 1, 2, 0));
        store_first(bytes + p * output->pixel_stride + LANES * a, both, count);
        store_first(bytes + next * output->pixel_stride + LANES * a, _mm_unpackhi_epi64(both, both), count);
    }
}

#pragma clang attribute pop
#endif
