// Rows of camera frames for AVX2.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx2_kernels.h"
#include "frames.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

/// Pixels of one vector of 32-bit values.
enum { PIXELS = 8 };

TEXTPIN_INLINE __m256i broadcast_128(const void *bytes)
{
    return _mm256_broadcastsi128_si256(load_128(bytes));
}

/// Eight pixels' samples in one row, by channel: words left, right, left, right, ... of pixels 0, 1, 4, 5, 2, 3, 6, 7.
TEXTPIN_INLINE void split_channels(const uint8_t samples[PIXELS][8], __m256i pair_order, __m256i channels[3])
{
    __m256i first = _mm256_shuffle_epi8(load_256(samples), pair_order), second = _mm256_shuffle_epi8(load_256(samples + 4), pair_order);
    __m256i channels_0_and_1 = _mm256_unpacklo_epi32(first, second), channel_2 = _mm256_unpackhi_epi32(first, second);
    channels[0] = _mm256_unpacklo_epi8(channels_0_and_1, _mm256_setzero_si256());
    channels[1] = _mm256_unpackhi_epi8(channels_0_and_1, _mm256_setzero_si256());
    channels[2] = _mm256_unpacklo_epi8(channel_2, _mm256_setzero_si256());
}

/// Words (256 - weight, weight) from dwords with the weight in their upper half.
TEXTPIN_INLINE __m256i pair_weights(__m256i weights)
{
    __m256i right = _mm256_and_si256(weights, _mm256_set1_epi32((int32_t)0xFFFF0000));
    return _mm256_sub_epi32(_mm256_add_epi32(right, _mm256_set1_epi32(256)), _mm256_srli_epi32(right, 16));
}

/// Equation 9a for one channel: its values less 128.
TEXTPIN_INLINE __m256i scale(__m256i above, __m256i below, __m256i down, __m256i across)
{
    __m256i mixed = _mm256_mullo_epi16(above, _mm256_sub_epi16(_mm256_set1_epi16(256), down));
    mixed = _mm256_add_epi16(mixed, _mm256_mullo_epi16(below, down));
    __m256i sum = _mm256_madd_epi16(_mm256_xor_si256(mixed, _mm256_set1_epi16(INT16_MIN)), across);
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(1 << 15)), 16);
}

/// Equation 10a: Y, Cb, Cr to red, green, blue.
TEXTPIN_INLINE void colour(__m256i channels[3])
{
    __m256i luma = _mm256_max_epi32(_mm256_add_epi32(channels[0], _mm256_set1_epi32(112)), _mm256_setzero_si256());
    luma = _mm256_add_epi32(_mm256_mullo_epi32(luma, _mm256_set1_epi32(LUMA_FACTOR)), _mm256_set1_epi32(COLOUR_ROUNDING));
    __m256i red = _mm256_mullo_epi32(channels[2], _mm256_set1_epi32(CR_TO_RED));
    __m256i green = _mm256_add_epi32(_mm256_mullo_epi32(channels[1], _mm256_set1_epi32(CB_TO_GREEN)),
                                     _mm256_mullo_epi32(channels[2], _mm256_set1_epi32(CR_TO_GREEN)));
    __m256i blue = _mm256_mullo_epi32(channels[1], _mm256_set1_epi32(CB_TO_BLUE));
    channels[0] = _mm256_srai_epi32(_mm256_add_epi32(luma, red), COLOUR_SHIFT);
    channels[1] = _mm256_srai_epi32(_mm256_add_epi32(luma, green), COLOUR_SHIFT);
    channels[2] = _mm256_srai_epi32(_mm256_add_epi32(luma, blue), COLOUR_SHIFT);
}

TEXTPIN_INLINE void mix_pixels(const struct frame_block *block, bool is_coloured, int8_t *output)
{
    __m256i pair_order = broadcast_128(block->pair_order), output_order = broadcast_128(block->output_order);
    __m256i down = _mm256_set1_epi16((int16_t)block->row->weight), chroma_down = _mm256_set1_epi16((int16_t)block->row->chroma_weight);
    for (int32_t x = 0; x < FRAME_BLOCK; x += PIXELS) {
        __m256i above[3], below[3], channels[3];
        split_channels(block->upper + x, pair_order, above);
        split_channels(block->lower + x, pair_order, below);
        __m256 first = _mm256_castsi256_ps(load_256(block->columns + x)), second = _mm256_castsi256_ps(load_256(block->columns + x + 4));
        __m256i across = pair_weights(_mm256_castps_si256(_mm256_shuffle_ps(first, second, 0x88)));
        __m256i chroma_across = pair_weights(_mm256_castps_si256(_mm256_shuffle_ps(first, second, 0xDD)));
        channels[0] = scale(above[0], below[0], down, across);
        channels[1] = scale(above[1], below[1], chroma_down, chroma_across);
        channels[2] = scale(above[2], below[2], chroma_down, chroma_across);
        if (is_coloured) {
            colour(channels);
        }
        __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(channels[0], channels[1]),
                                           _mm256_packs_epi32(channels[2], _mm256_setzero_si256()));
        // Pairs 01 45 23 67 to 01 23 45 67.
        bytes = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(bytes, output_order), 0xD8);
        _mm256_storeu_si256((__m256i *)(output + 4 * x), bytes);
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

void textpin_frame_row_avx2(const struct textpin_frame_row *row, int8_t *output)
{
    textpin_frame_row_in_blocks(row, mix_block, output);
}

#pragma clang attribute pop
#endif
