// A pyramid's products and their sums for SSE4.1: bytes are extended to 16 bits ahead, PMADDWD multiplies two bytes of a pixel by two
// weights of 4 outputs.
//
// One tile is 3 accumulators (12 outputs) by 3 pixels, 9 of the 16 registers:
//
//                                  weights of 2 input bytes: 3 loads
//                                 +-------+-------+-------+
//     pixel 0: 2 extended bytes   | acc00 | acc01 | acc02 |     one PSHUFD
//     pixel 1: 2 extended bytes   | acc10 | acc11 | acc12 |
//     pixel 2: 2 extended bytes   | acc20 | acc21 | acc22 |
//                                 +-------+-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "sse41.h"
#include "sse41_kernels.h"
#include "x86_pyramid.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_SSE41))), apply_to = function)

enum { GROUP = 4, A = 3, P = 3, MOST_WORDS = PYRAMID_PART_PIXELS * TEXTPIN_PYRAMID_CHANNELS };

static void products(const void *packed, int32_t outputs, const int8_t *pixels, int32_t pixel_bytes, int32_t count, int32_t *sums)
{
    int16_t words[MOST_WORDS + 8];
    assert(count >= P && count * pixel_bytes <= MOST_WORDS);
    for (int32_t i = 0; i < count * pixel_bytes; i += 8) {
        _mm_storeu_si128((__m128i *)(words + i), load_words(pixels + i));
    }
    const int16_t *weights = packed;
    for (int32_t block = 0; block < outputs; block += A * GROUP, weights += A * GROUP * pixel_bytes) {
        for (int32_t x = 0; x < count; x += P) {
            const int32_t start = minimum(x, count - P);
            const int16_t *activations = words + start * pixel_bytes;
            __m128i tile[P][A];
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                tile[i / A][i % A] = _mm_setzero_si128();
            }
            const int16_t *step_weights = weights;
            for (int32_t offset = 0; offset < pixel_bytes; offset += 2, step_weights += 2 * A * GROUP) {
                __m128i column[A];
#pragma clang loop unroll(full)
                for (int32_t a = 0; a < A; a++) {
                    column[a] = load_128(step_weights + 2 * GROUP * a);
                }
#pragma clang loop unroll(full)
                for (int32_t p = 0; p < P; p++) {
                    int32_t two;
                    memcpy(&two, activations + p * pixel_bytes + offset, sizeof two);
                    __m128i pair = _mm_set1_epi32(two);
#pragma clang loop unroll(full)
                    for (int32_t a = 0; a < A; a++) {
                        tile[p][a] = _mm_add_epi32(tile[p][a], _mm_madd_epi16(pair, column[a]));
                    }
                }
            }
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < P * A; i++) {
                _mm_storeu_si128((__m128i *)(sums + (start + i / A) * outputs + block + GROUP * (i % A)), tile[i / A][i % A]);
            }
        }
    }
}

/// The sum of the taps in column `column` of three rows, for 4 places.
TEXTPIN_INLINE __m128i add_taps(const int32_t *const rows[3], int32_t column)
{
    __m128i two = _mm_add_epi32(load_128(rows[0] + GROUP * column), load_128(rows[1] + GROUP * (3 + column)));
    return _mm_add_epi32(two, load_128(rows[2] + GROUP * (6 + column)));
}

TEXTPIN_INLINE void store_sum(int32_t *to, const int32_t *from, __m128i sum)
{
    _mm_storeu_si128((__m128i *)to, _mm_add_epi32(load_128(from), sum));
}

/// One group of places; `factor` is a constant.
TEXTPIN_INLINE void add_group(const int32_t *const group_rows[3], ptrdiff_t sums_stride, ptrdiff_t places, int32_t factor, int32_t columns,
                              const int32_t *from, ptrdiff_t from_stride, int32_t *to)
{
    const int32_t *rows[3] = {group_rows[0], group_rows[1], group_rows[2]};
    __m128i left = add_taps(rows, 0);
    rows[0] += sums_stride, rows[1] += sums_stride, rows[2] += sums_stride;
    __m128i first = add_taps(rows, 0), second = add_taps(rows, 1), third = add_taps(rows, 2);
    for (int32_t column = 0; column < columns; column++) {
        rows[0] += sums_stride, rows[1] += sums_stride, rows[2] += sums_stride;
        __m128i right = add_taps(rows, 2), before = _mm_add_epi32(first, second);
        store_sum(to, from, _mm_add_epi32(left, _mm_add_epi32(second, third)));
        __m128i between = _mm_add_epi32(before, third);
#pragma clang loop unroll(full)
        for (int32_t copy = 1; copy < factor - 1; copy++) {
            store_sum(to + copy * places, from + copy * from_stride, between);
        }
        store_sum(to + (factor - 1) * places, from + (factor - 1) * from_stride, _mm_add_epi32(before, right));
        to += factor * places;
        from += factor * from_stride;
        left = first;
        first = add_taps(rows, 0);
        second = add_taps(rows, 1);
        third = right;
    }
}

static void add_line(const int32_t *const rows[3], ptrdiff_t sums_stride, int32_t places, int32_t factor, int32_t columns,
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
    (void)weights;
    return place;
}

static const struct x86_pyramid_kernels kernels = {
    .packed_convolution_bytes = textpin_packed_convolution_bytes_sse41,
    .pack_convolution = textpin_pack_convolution_sse41,
    .places = places,
    .channel_at = channel_at,
    .continued_row = textpin_continued_row_sse41,
    .products = products,
    .add_line = add_line,
    .group = GROUP,
    .block = A * GROUP,
    .step_bytes = 2,
    .weight_bytes = 2,
    .input_offset = 0,
};
TEXTPIN_X86_PYRAMID(sse41, kernels)

#endif
