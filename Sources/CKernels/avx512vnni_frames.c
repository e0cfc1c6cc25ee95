// Rows of camera frames for AVX512-VNNI.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni.h"
#include "avx512vnni_kernels.h"
#include "frames.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX512VNNI))), apply_to = function)

/// Pixels of one vector of 32-bit values.
enum { PIXELS = 16 };

TEXTPIN_INLINE __m512i broadcast_128(const void *bytes)
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)bytes));
}

/// Sixteen pixels' samples in one row, by channel: words left, right, left, right, ... of pixels 0, 1, 8, 9, 2, 3, ....
TEXTPIN_INLINE void split_channels(const uint8_t samples[PIXELS][8], __m512i pair_order, __m512i channels[3])
{
    __m512i first = _mm512_shuffle_epi8(_mm512_loadu_si512(samples), pair_order);
    __m512i second = _mm512_shuffle_epi8(_mm512_loadu_si512(samples + 8), pair_order);
    __m512i channels_0_and_1 = _mm512_unpacklo_epi32(first, second), channel_2 = _mm512_unpackhi_epi32(first, second);
    channels[0] = _mm512_unpacklo_epi8(channels_0_and_1, _mm512_setzero_si512());
    channels[1] = _mm512_unpackhi_epi8(channels_0_and_1, _mm512_setzero_si512());
    channels[2] = _mm512_unpacklo_epi8(channel_2, _mm512_setzero_si512());
}

/// Words (256 - weight, weight) from dwords with the weight in their upper half.
TEXTPIN_INLINE __m512i pair_weights(__m512i weights)
{
    __m512i right = _mm512_and_si512(weights, _mm512_set1_epi32((int32_t)0xFFFF0000));
    return _mm512_sub_epi32(_mm512_add_epi32(right, _mm512_set1_epi32(256)), _mm512_srli_epi32(right, 16));
}

/// Equation 9a for one channel: its values less 128.
TEXTPIN_INLINE __m512i scale(__m512i above, __m512i below, __m512i down, __m512i across)
{
    __m512i mixed = _mm512_mullo_epi16(above, _mm512_sub_epi16(_mm512_set1_epi16(256), down));
    mixed = _mm512_add_epi16(mixed, _mm512_mullo_epi16(below, down));
    mixed = _mm512_xor_si512(mixed, _mm512_set1_epi16(INT16_MIN));
    return _mm512_srai_epi32(_mm512_dpwssd_epi32(_mm512_set1_epi32(1 << 15), mixed, across), 16);
}

/// Equation 10a: Y, Cb, Cr to red, green, blue.
TEXTPIN_INLINE void colour(__m512i channels[3])
{
    __m512i luma = _mm512_max_epi32(_mm512_add_epi32(channels[0], _mm512_set1_epi32(112)), _mm512_setzero_si512());
    luma = _mm512_add_epi32(_mm512_mullo_epi32(luma, _mm512_set1_epi32(LUMA_FACTOR)), _mm512_set1_epi32(COLOUR_ROUNDING));
    __m512i red = _mm512_mullo_epi32(channels[2], _mm512_set1_epi32(CR_TO_RED));
    __m512i green = _mm512_add_epi32(_mm512_mullo_epi32(channels[1], _mm512_set1_epi32(CB_TO_GREEN)),
                                     _mm512_mullo_epi32(channels[2], _mm512_set1_epi32(CR_TO_GREEN)));
    __m512i blue = _mm512_mullo_epi32(channels[1], _mm512_set1_epi32(CB_TO_BLUE));
    channels[0] = _mm512_srai_epi32(_mm512_add_epi32(luma, red), COLOUR_SHIFT);
    channels[1] = _mm512_srai_epi32(_mm512_add_epi32(luma, green), COLOUR_SHIFT);
    channels[2] = _mm512_srai_epi32(_mm512_add_epi32(luma, blue), COLOUR_SHIFT);
}

TEXTPIN_INLINE void mix_pixels(const struct frame_block *block, bool is_coloured, int8_t *output)
{
    __m512i pair_order = broadcast_128(block->pair_order), output_order = broadcast_128(block->output_order);
    __m512i down = _mm512_set1_epi16((int16_t)block->row->weight), chroma_down = _mm512_set1_epi16((int16_t)block->row->chroma_weight);
    for (int32_t x = 0; x < FRAME_BLOCK; x += PIXELS) {
        __m512i above[3], below[3], channels[3];
        split_channels(block->upper + x, pair_order, above);
        split_channels(block->lower + x, pair_order, below);
        __m512 first = _mm512_loadu_ps(block->columns + x), second = _mm512_loadu_ps(block->columns + x + 8);
        __m512i across = pair_weights(_mm512_castps_si512(_mm512_shuffle_ps(first, second, 0x88)));
        __m512i chroma_across = pair_weights(_mm512_castps_si512(_mm512_shuffle_ps(first, second, 0xDD)));
        channels[0] = scale(above[0], below[0], down, across);
        channels[1] = scale(above[1], below[1], chroma_down, chroma_across);
        channels[2] = scale(above[2], below[2], chroma_down, chroma_across);
        if (is_coloured) {
            colour(channels);
        }
        __m512i bytes = _mm512_packs_epi16(_mm512_packs_epi32(channels[0], channels[1]),
                                           _mm512_packs_epi32(channels[2], _mm512_setzero_si512()));
        // Pairs 01 89 23 AB ... to 01 23 45 67 ...
        bytes = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), _mm512_shuffle_epi8(bytes, output_order));
        _mm512_storeu_si512(output + 4 * x, bytes);
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

void textpin_frame_row_avx512vnni(const struct textpin_frame_row *row, int8_t *output)
{
    textpin_frame_row_in_blocks(row, mix_block, output);
}

#pragma clang attribute pop
#endif
