// A pyramid's products for AVX2: bytes are extended to 16 bits ahead, VPMADDWD multiplies two bytes of a pixel by two weights of 8 outputs.
//
// One tile is 3 accumulators (24 outputs) by 4 pixels, 12 of the 16 registers:
//
//                                  weights of 2 input bytes: 3 loads
//                                 +-------+-------+-------+
//     pixel 0: 2 extended bytes   | acc00 | acc01 | acc02 |     one broadcast
//     ...                         |       |       |       |
//     pixel 3: 2 extended bytes   | acc30 | acc31 | acc32 |
//                                 +-------+-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx2_convolution.h"
#include "avx2_pyramid.h"
#include "avx2_transformed.h"
#include "x86_pyramid.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum { GROUP = 8, A = 3, P = 4, MOST_WORDS = PYRAMID_PART_PIXELS * TEXTPIN_PYRAMID_CHANNELS };

static void products(const void *packed, int32_t outputs, const int8_t *pixels, int32_t pixel_bytes, int32_t count, int32_t *sums)
{
    int16_t words[MOST_WORDS + 16];
    assert(count >= P && count * pixel_bytes <= MOST_WORDS);
    for (int32_t i = 0; i < count * pixel_bytes; i += 16) {
        _mm256_storeu_si256((__m256i *)(words + i), _mm256_cvtepi8_epi16(load_128(pixels + i)));
    }
    const int16_t *weights = packed;
    for (int32_t block = 0; block < outputs; block += A * GROUP, weights += A * GROUP * pixel_bytes) {
        for (int32_t x = 0; x < count; x += P) {
            const int32_t start = minimum(x, count - P);
            const int16_t *activations = words + start * pixel_bytes;
            __m256i tile[P * A];
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                tile[i] = _mm256_setzero_si256();
            }
            const int16_t *step_weights = weights;
            for (int32_t offset = 0; offset < pixel_bytes; offset += 2, step_weights += 2 * A * GROUP) {
                add_products(A, P, activations + offset, pixel_bytes, step_weights, tile);
            }
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                _mm256_storeu_si256((__m256i *)(sums + (start + i / A) * outputs + block + GROUP * (i % A)), tile[i]);
            }
        }
    }
}

/// The sum of the taps in column `column` of three rows, for 8 places.
TEXTPIN_INLINE __m256i add_taps(const int32_t *const rows[3], int32_t column)
{
    __m256i two = _mm256_add_epi32(load_256(rows[0] + GROUP * column), load_256(rows[1] + GROUP * (3 + column)));
    return _mm256_add_epi32(two, load_256(rows[2] + GROUP * (6 + column)));
}

TEXTPIN_INLINE void store_sum(int32_t *to, const int32_t *from, __m256i sum)
{
    _mm256_storeu_si256((__m256i *)to, _mm256_add_epi32(load_256(from), sum));
}

/// One group of places; `factor` is a constant.
TEXTPIN_INLINE void add_group(const int32_t *const group_rows[3], ptrdiff_t sums_stride, ptrdiff_t places, int32_t factor, int32_t columns,
                              const int32_t *from, ptrdiff_t from_stride, int32_t *to)
{
    const int32_t *rows[3] = {group_rows[0], group_rows[1], group_rows[2]};
    __m256i left = add_taps(rows, 0);
    rows[0] += sums_stride, rows[1] += sums_stride, rows[2] += sums_stride;
    __m256i first = add_taps(rows, 0), second = add_taps(rows, 1), third = add_taps(rows, 2);
    for (int32_t column = 0; column < columns; column++) {
        rows[0] += sums_stride, rows[1] += sums_stride, rows[2] += sums_stride;
        __m256i right = add_taps(rows, 2), before = _mm256_add_epi32(first, second);
        store_sum(to, from, _mm256_add_epi32(left, _mm256_add_epi32(second, third)));
        __m256i between = _mm256_add_epi32(before, third);
#pragma clang loop unroll(full)
        for (int32_t copy = 1; copy < factor - 1; copy++) {
            store_sum(to + copy * places, from + copy * from_stride, between);
        }
        store_sum(to + (factor - 1) * places, from + (factor - 1) * from_stride, _mm256_add_epi32(before, right));
        to += factor * places;
        from += factor * from_stride;
        left = first;
        first = add_taps(rows, 0);
        second = add_taps(rows, 1);
        third = right;
    }
}

void textpin_add_pyramid_line_avx2(const int32_t *const rows[3], ptrdiff_t sums_stride, int32_t places, int32_t factor, int32_t columns,
                                   const int32_t *from, ptrdiff_t from_stride, int32_t *to)
{
    for (int32_t place = 0; place < places; place += GROUP) {
        const int32_t *group_rows[3] = {rows[0] + PYRAMID_TAPS * place, rows[1] + PYRAMID_TAPS * place, rows[2] + PYRAMID_TAPS * place};
        if (factor == 2) {
            add_group(group_rows, sums_stride, places, 2, columns, from + place, from_stride, to + place);
        } else if (factor == 4) {
            add_group(group_rows, sums_stride, places, 4, columns, from + place, from_stride, to + place);
        } else {
            add_group(group_rows, sums_stride, places, 8, columns, from + place, from_stride, to + place);
        }
    }
}

#pragma clang attribute pop

static int32_t places(const struct textpin_weights *weights)
{
    return round_up(weights->output_channels, GROUP);
}

static int32_t channel_at(const struct textpin_weights *weights, int32_t place)
{
    return textpin_channel_of_place_avx2(weights->output_channels, place);
}

static const struct x86_pyramid_kernels kernels = {
    .packed_convolution_bytes = textpin_packed_convolution_bytes_avx2,
    .pack_convolution = textpin_pack_convolution_avx2,
    .places = places,
    .channel_at = channel_at,
    .continued_row = textpin_continued_row_avx2,
    .packed_transformed_bytes = textpin_packed_transformed_bytes_avx2,
    .pack_transformed = textpin_pack_transformed_avx2,
    .continued_band = textpin_transformed_band_avx2,
    .products = products,
    .add_line = textpin_add_pyramid_line_avx2,
    .group = GROUP,
    .block = A * GROUP,
    .step_bytes = 2,
    .weight_bytes = 2,
    .input_offset = 0,
};
TEXTPIN_X86_PYRAMID(avx2, kernels)

#endif
