// Rows of camera frames for SSE4.1.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "frames.h"
#include "sse41.h"
#include "sse41_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_SSE41))), apply_to = function)

/// Pixels of one vector of 32-bit values.
enum { PIXELS = 4 };

/// Four pixels' samples in one row, by channel: words left, right, left, right, ...
TEXTPIN_INLINE void split_channels(const uint8_t samples[PIXELS][8], __m128i pair_order, __m128i channels[3])
{
    __m128i first = _mm_shuffle_epi8(load_128(samples), pair_order), second = _mm_shuffle_epi8(load_128(samples + 2), pair_order);
    __m128i channels_0_and_1 = _mm_unpacklo_epi32(first, second), channel_2 = _mm_unpackhi_epi32(first, second);
    channels[0] = _mm_unpacklo_epi8(channels_0_and_1, _mm_setzero_si128());
    channels[1] = _mm_unpackhi_epi8(channels_0_and_1, _mm_setzero_si128());
    channels[2] = _mm_unpacklo_epi8(channel_2, _mm_setzero_si128());
}

/// Words (256 - weight, weight) from dwords with the weight in their upper half.
TEXTPIN_INLINE __m128i pair_weights(__m128i weights)
{
    __m128i right = _mm_and_si128(weights, _mm_set1_epi32((int32_t)0xFFFF0000));
    return _mm_sub_epi32(_mm_add_epi32(right, _mm_set1_epi32(256)), _mm_srli_epi32(right, 16));
}

/// Equation 9a for one channel: its values less 128.
TEXTPIN_INLINE __m128i scale(__m128i above, __m128i below, __m128i down, __m128i across)
{
    __m128i mixed = _mm_mullo_epi16(above, _mm_sub_epi16(_mm_set1_epi16(256), down));
    mixed = _mm_add_epi16(mixed, _mm_mullo_epi16(below, down));
    __m128i sum = _mm_madd_epi16(_mm_xor_si128(mixed, _mm_set1_epi16(INT16_MIN)), across);
    return _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 15)), 16);
}

/// Equation 10a: Y, Cb, Cr to red, green, blue.
TEXTPIN_INLINE void colour(__m128i channels[3])
{
    __m128i luma = _mm_max_epi32(_mm_add_epi32(channels[0], _mm_set1_epi32(112)), _mm_setzero_si128());
    luma = _mm_add_epi32(_mm_mullo_epi32(luma, _mm_set1_epi32(LUMA_FACTOR)), _mm_set1_epi32(COLOUR_ROUNDING));
    __m128i red = _mm_mullo_epi32(channels[2], _mm_set1_epi32(CR_TO_RED));
    __m128i green = _mm_add_epi32(_mm_mullo_epi32(channels[1], _mm_set1_epi32(CB_TO_GREEN)),
                                  _mm_mullo_epi32(channels[2], _mm_set1_epi32(CR_TO_GREEN)));
    __m128i blue = _mm_mullo_epi32(channels[1], _mm_set1_epi32(CB_TO_BLUE));
    channels[0] = _mm_srai_epi32(_mm_add_epi32(luma, red), COLOUR_SHIFT);
    channels[1] = _mm_srai_epi32(_mm_add_epi32(luma, green), COLOUR_SHIFT);
    channels[2] = _mm_srai_epi32(_mm_add_epi32(luma, blue), COLOUR_SHIFT);
}

TEXTPIN_INLINE void mix_pixels(const struct frame_block *block, bool is_coloured, int8_t *output)
{
    __m128i pair_order = load_128(block->pair_order), output_order = load_128(block->output_order);
    __m128i down = _mm_set1_epi16((int16_t)block->row->weight), chroma_down = _mm_set1_epi16((int16_t)block->row->chroma_weight);
    for (int32_t x = 0; x < FRAME_BLOCK; x += PIXELS) {
        __m128i above[3], below[3], channels[3];
        split_channels(block->upper + x, pair_order, above);
        split_channels(block->lower + x, pair_order, below);
        __m128 first = _mm_castsi128_ps(load_128(block->columns + x)), second = _mm_castsi128_ps(load_128(block->columns + x + 2));
        __m128i across = pair_weights(_mm_castps_si128(_mm_shuffle_ps(first, second, 0x88)));
        __m128i chroma_across = pair_weights(_mm_castps_si128(_mm_shuffle_ps(first, second, 0xDD)));
        channels[0] = scale(above[0], below[0], down, across);
        channels[1] = scale(above[1], below[1], chroma_down, chroma_across);
        channels[2] = scale(above[2], below[2], chroma_down, chroma_across);
        if (is_coloured) {
            colour(channels);
        }
        __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(channels[0], channels[1]), _mm_packs_epi32(channels[2], _mm_setzero_si128()));
        _mm_storeu_si128((__m128i *)(output + 4 * x), _mm_shuffle_epi8(bytes, output_order));
    }
}

static void mix_block(const struct frame_block *block, int8_t *output)
{
    if (has_chroma(block->row->layout)) {
        mix_pixels(block, true, output);
    } else {
        mix_pixels(block, false, output);
    }
}

void textpin_frame_row_sse41(const struct textpin_frame_row *row, int8_t *output)
{
    textpin_frame_row_in_blocks(row, mix_block, output);
}

#pragma clang attribute pop
#endif
