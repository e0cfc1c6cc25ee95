// What AVX2's convolutions share, in which a lane is a channel: how channels are dealt to accumulators, and how sums become bytes.
//
// Blocks of 8, 16 or 24 channels; an accumulator has 8 of them. Accumulators are finished in pairs, the third and any only one together
// with that of another pixel.
#ifndef TEXTPIN_AVX2_LANES_H
#define TEXTPIN_AVX2_LANES_H

#include "avx2.h"
#include "avx2_kernels.h"

enum { LANES = 8, MOST_ACCUMULATORS = 3 };

/// Equation 1a for two accumulators: multipliers doubled, again with odd lanes moved to where VPMULDQ reads; the rest for the even lanes of
/// both, then for the odd ones.
struct lane_pair {
    int32_t doubled_multiplier[2][LANES];
    int32_t odd_doubled_multiplier[2][LANES];
    int32_t rounding[2][LANES];
    int32_t shift[2][LANES];
    /// By words of requantize_pair's result.
    int16_t output_multiplier[2 * LANES];
};

/// The word of requantize_pair's result that is lane `lane` of accumulator `accumulator`.
static inline int32_t word_of_lane(int32_t accumulator, int32_t lane)
{
    return lane / 4 * 8 + lane % 2 * 4 + accumulator * 2 + lane % 4 / 2;
}

static inline int32_t accumulators_of(int32_t remaining_channels)
{
    const int32_t accumulators = (remaining_channels + LANES - 1) / LANES;
    return accumulators % MOST_ACCUMULATORS == 0 ? MOST_ACCUMULATORS : minimum(accumulators, 2);
}

static inline int32_t pairs_of(int32_t accumulators)
{
    return (accumulators + 1) / 2;
}

/// The channel of a block at place `place`, a lane of an accumulator: such that a pair's words are its channels in order.
static inline int32_t channel_of_place(int32_t accumulators, int32_t place)
{
    const int32_t accumulator = place / LANES;
    const bool paired = (accumulator | 1) < accumulators;
    return paired ? word_of_lane(accumulator % 2, place % LANES) : place;
}

/// What a pair needs for one lane of its accumulators.
static inline void set_lane(struct lane_pair *pair, int32_t accumulator, int32_t lane, const struct textpin_weights *weights,
                            int32_t channel)
{
    const bool used = channel < weights->output_channels;
    const int32_t multiplier = used ? weights->multiplier[channel] : 0, shift = used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM;
    const int32_t word = word_of_lane(accumulator, lane), place = word / 8 * 4 + word % 4;
    pair->doubled_multiplier[accumulator][lane] = 2 * multiplier;
    pair->odd_doubled_multiplier[accumulator][lane & ~1] = lane % 2 == 1 ? 2 * multiplier : 0;
    pair->rounding[lane % 2][place] = (int32_t)1 << (shift - 32);
    pair->shift[lane % 2][place] = shift - 31;
    pair->output_multiplier[word] = used && weights->output_multiplier != NULL ? weights->output_multiplier[channel] : 0;
}

static inline void pack_lane_pairs(const struct textpin_weights *weights, int32_t first, int32_t accumulators, struct lane_pair *pairs)
{
    memset(pairs, 0, (size_t)pairs_of(accumulators) * sizeof *pairs);
    for (int32_t index = 0; index < 2 * LANES * pairs_of(accumulators); index++) {
        // The accumulator left over meets that of another pixel.
        const int32_t accumulator = minimum(index / LANES, accumulators - 1), lane = index % LANES;
        const int32_t channel = first + channel_of_place(accumulators, LANES * accumulator + lane);
        // Logits of two pixels are requantized together: 4 channels twice.
        set_lane(&pairs[index / (2 * LANES)], index / LANES % 2, lane, weights, weights->output_channels <= 4 ? channel % 4 : channel);
    }
}

/// The head of a block at `next`: its pairs, and the bias by places. Returns what follows it.
static inline void *pack_lane_head(const struct textpin_weights *weights, int32_t first, int32_t accumulators, void *next)
{
    struct lane_pair *pairs = next;
    pack_lane_pairs(weights, first, accumulators, pairs);
    int32_t *bias = (int32_t *)(void *)(pairs + pairs_of(accumulators));
    for (int32_t place = 0; place < LANES * accumulators; place++) {
        const int32_t channel = first + channel_of_place(accumulators, place);
        bias[place] = channel < weights->output_channels ? weights->bias[channel] : 0;
    }
    return bias + LANES * accumulators;
}

/// How a block's sums become bytes.
struct lane_output {
    const struct lane_pair *pairs;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    /// Null for none.
    const int8_t *addend;
    ptrdiff_t addend_pixel_stride;
    int8_t *bytes;
    ptrdiff_t pixel_stride;
    int32_t channels;
    int32_t zero_point;
    int32_t addend_multiplier;
};

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

/// Odd lanes where VPMULDQ reads: a move, for shifts share their ports with products.
TEXTPIN_INLINE __m256i odd_lanes(__m256i lanes)
{
    __m256 moved = _mm256_movehdup_ps(_mm256_castsi256_ps(lanes));
    __asm__("" : "+x"(moved));
    return _mm256_castps_si256(moved);
}

/// Equation 1a for two accumulators, saturated to 16 bits. The high halves of products stand in odd lanes: VSHUFPS brings together those
/// of the even lanes of both, and those of the odd ones.
TEXTPIN_INLINE __m256i requantize_pair(__m256i first, __m256i second, const struct lane_pair *pair)
{
    __m256 products[2][2] = {
        {_mm256_castsi256_ps(_mm256_mul_epi32(first, load_256(pair->doubled_multiplier[0]))),
         _mm256_castsi256_ps(_mm256_mul_epi32(second, load_256(pair->doubled_multiplier[1])))},
        {_mm256_castsi256_ps(_mm256_mul_epi32(odd_lanes(first), load_256(pair->odd_doubled_multiplier[0]))),
         _mm256_castsi256_ps(_mm256_mul_epi32(odd_lanes(second), load_256(pair->odd_doubled_multiplier[1])))},
    };
    __m256i rounded[2];
#pragma clang loop unroll(full)
    for (int32_t odd = 0; odd < 2; odd++) {
        __m256i high = _mm256_castps_si256(_mm256_shuffle_ps(products[odd][0], products[odd][1], 0xDD));
        rounded[odd] = _mm256_srav_epi32(_mm256_add_epi32(high, load_256(pair->rounding[odd])), load_256(pair->shift[odd]));
    }
    return _mm256_packs_epi32(rounded[0], rounded[1]);
}

/// What follows requantization.
enum epilogue { TO_8_BITS, HARD_SWISH, RESIDUAL_ADD };

/// 16 outputs of two accumulators, ahead of the zero point; addends by words.
TEXTPIN_INLINE __m256i finish_pair(const struct lane_output *output, enum epilogue epilogue, const struct lane_pair *pair, __m256i first,
                                   __m256i second, __m128i addends)
{
    if (epilogue == TO_8_BITS) {
        return requantize_pair(first, second, pair);
    }
    const __m256i words = requantize_pair(scale_finely(first), scale_finely(second), pair);
    if (epilogue == HARD_SWISH) {
        return hard_swish_16(words, output->hard_swish, pair->output_multiplier);
    }
    return add_16(words, addends, _mm256_set1_epi16((int16_t)output->addend_multiplier));
}

/// Zero point and clamp of 32 values of 16 bits.
TEXTPIN_INLINE __m256i saturate_32(__m256i first, __m256i second, __m256i zero_point)
{
    // The lower 8 of both, then the upper ones.
    __m256i both = _mm256_packs_epi16(_mm256_adds_epi16(first, zero_point), _mm256_adds_epi16(second, zero_point));
    // Else the compiler would move the halves first and pack each for itself.
    __asm__("" : "+x"(both));
    return _mm256_permute4x64_epi64(both, _MM_SHUFFLE(3, 1, 2, 0));
}

/// Stores all but the first `skip` pixels of a tile. `whole`: all 8 A channels.
TEXTPIN_INLINE void store_finished(const struct lane_output *output, int32_t A, int32_t P, enum epilogue epilogue, bool whole,
                                   const __m256i *sums, int32_t x, int32_t skip)
{
    const __m256i zero_point = _mm256_set1_epi16((int16_t)output->zero_point);
    const int32_t channels = whole ? LANES * A : output->channels;
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p += 2) {
        // Two pixels together.
        const int32_t next = minimum(p + 1, P - 1);
        int8_t *bytes[2] = {output->bytes + (x + p) * output->pixel_stride, output->bytes + (x + next) * output->pixel_stride};
        const int8_t *addend[2] = {NULL, NULL};
        if (epilogue == RESIDUAL_ADD) {
            addend[0] = output->addend + (x + p) * output->addend_pixel_stride;
            addend[1] = output->addend + (x + next) * output->addend_pixel_stride;
        }
        __m128i addends[2] = {_mm_setzero_si128(), _mm_setzero_si128()};
        if (A > 1) {
            if (epilogue == RESIDUAL_ADD) {
                addends[0] = load_128(addend[0]);
                addends[1] = load_128(addend[1]);
            }
            __m256i first = finish_pair(output, epilogue, output->pairs, sums[p * A], sums[p * A + 1], addends[0]);
            __m256i second = finish_pair(output, epilogue, output->pairs, sums[next * A], sums[next * A + 1], addends[1]);
            __m256i both = saturate_32(first, second, zero_point);
            if (p >= skip) {
                store_first(bytes[0], _mm256_castsi256_si128(both), channels);
            }
            if (next >= skip) {
                store_first(bytes[1], _mm256_extracti128_si256(both, 1), channels);
            }
        }
        if (A % 2 == 1) {
            // The accumulator left over: byte 8 i + c from word_of_lane(i, c), and back.
            const __m128i in_order = _mm_setr_epi8(0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15);
            const __m128i by_words = _mm_setr_epi8(0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15);
            const int32_t a = A - 1, count = minimum(channels - LANES * a, LANES);
            if (epilogue == RESIDUAL_ADD) {
                addends[0] = _mm_loadl_epi64((const __m128i *)(addend[0] + LANES * a));
                addends[1] = _mm_loadl_epi64((const __m128i *)(addend[1] + LANES * a));
                addends[0] = _mm_shuffle_epi8(_mm_unpacklo_epi64(addends[0], addends[1]), by_words);
            }
            __m256i words = finish_pair(output, epilogue, output->pairs + a / 2, sums[p * A + a], sums[next * A + a], addends[0]);
            __m128i both = _mm_shuffle_epi8(saturate_16(words, zero_point), in_order);
            if (p >= skip) {
                store_first(bytes[0] + LANES * a, both, count);
            }
            if (next >= skip) {
                store_first(bytes[1] + LANES * a, _mm_unpackhi_epi64(both, both), count);
            }
        }
    }
}

/// Stores P pixels from pixel `x` on, of A accumulators each, sums[p * A + a]. Where there are addends, the first `skip` pixels are left as
/// they are; else they are stored again.
TEXTPIN_INLINE void store_lanes(const struct lane_output *output, int32_t A, int32_t P, const __m256i *sums, int32_t x, int32_t skip)
{
    // Asked once a tile, for the usual ones.
    const bool whole = output->channels == LANES * A;
    if (output->addend != NULL) {
        store_finished(output, A, P, RESIDUAL_ADD, false, sums, x, skip);
    } else if (output->hard_swish != NULL && whole) {
        store_finished(output, A, P, HARD_SWISH, true, sums, x, 0);
    } else if (output->hard_swish != NULL) {
        store_finished(output, A, P, HARD_SWISH, false, sums, x, 0);
    } else if (whole) {
        store_finished(output, A, P, TO_8_BITS, true, sums, x, 0);
    } else {
        store_finished(output, A, P, TO_8_BITS, false, sums, x, 0);
    }
}

#pragma clang attribute pop
#endif
