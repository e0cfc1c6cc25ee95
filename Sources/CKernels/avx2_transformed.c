// 3x3 convolution at stride 1 for AVX2 by Winograd's F(4x4, 3x3), exactly (equation 12): 36 products for 144.
//
// A row of tiles, a few tiles at a time:
//
//     6x6 pixels of a tile  -->  V [36][tile][channel], 16 bits        16 channels at a time; columns of neighbours are shared
//     V, U                  -->  M [36][tile][output channel]          36 matrix products: up to 24 output channels by 4 or 8 tiles
//     M                     -->  4x4 pixels of a tile                  8 output channels at a time
//
// One tile of a product is A accumulators (8 A output channels) by P tiles of the output, A x P <= 12 of the 16 registers:
//
//                                weights of 2 input channels: A loads
//                               +-------+-------+-------+
//     tile 0: 2 input channels  | acc00 | acc01 | acc02 |     one broadcast; VPMADDWD
//     ...                       |       |       |       |
//     tile P                    | accP0 | accP1 | accP2 |
//                               +-------+-------+-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_lanes.h"
#include "avx2_transformed.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum {
    /// How many tiles share a pass over the weights.
    TILES = 8,
    /// Input channels that are transformed together.
    CHANNELS_AT_ONCE = 16,
    /// Words between the positions of V beside their own: a cache line, so that not all positions share a few sets.
    POSITION_GAP = 32,
    /// 9 times this is 1 modulo 2^32.
    INVERSE_OF_9 = 954437177,
};

/// Equation 12's transformation of six inputs.
TEXTPIN_INLINE void transform_input(const __m256i d[WINDOW], __m256i v[WINDOW])
{
    const __m256i even = _mm256_sub_epi16(d[4], _mm256_slli_epi16(d[2], 2)), odd = _mm256_sub_epi16(d[3], _mm256_slli_epi16(d[1], 2));
    const __m256i near = _mm256_sub_epi16(d[4], d[2]), half = _mm256_sub_epi16(d[3], d[1]), far = _mm256_add_epi16(half, half);
    v[0] = _mm256_add_epi16(_mm256_sub_epi16(even, d[2]), _mm256_slli_epi16(d[0], 2));
    v[1] = _mm256_add_epi16(even, odd);
    v[2] = _mm256_sub_epi16(even, odd);
    v[3] = _mm256_add_epi16(near, far);
    v[4] = _mm256_sub_epi16(near, far);
    v[5] = _mm256_sub_epi16(_mm256_sub_epi16(d[5], odd), _mm256_slli_epi16(d[3], 2));
}

/// Equation 12a's transformation of six sums of products to 24, 12, 6 and 6 times four outputs.
TEXTPIN_INLINE void transform_output(const __m256i m[WINDOW], __m256i y[SIDE])
{
    const __m256i p = _mm256_add_epi32(m[1], m[2]), q = _mm256_sub_epi32(m[2], m[1]);
    const __m256i r = _mm256_add_epi32(m[3], m[4]), s = _mm256_sub_epi32(m[3], m[4]);
    y[0] = _mm256_sub_epi32(_mm256_add_epi32(m[0], r), _mm256_slli_epi32(p, 2));
    y[1] = _mm256_add_epi32(_mm256_add_epi32(q, q), s);
    y[2] = _mm256_sub_epi32(r, p);
    y[3] = _mm256_add_epi32(_mm256_add_epi32(q, m[5]), _mm256_add_epi32(s, s));
}

/// Where the tiles of a pass read, and the words between the tiles of V and between its positions.
struct tiles {
    const int8_t *input;
    ptrdiff_t row_stride;
    ptrdiff_t pixel_stride;
    int32_t depth;
    int32_t count;
    /// Each tile's first column less the first tile's.
    int32_t columns[TILES];
    ptrdiff_t tile_words;
    ptrdiff_t position_words;
};

/// V of all tiles.
static void transform_tiles(const struct tiles *tiles, int16_t *transformed)
{
    for (int32_t channel = 0; channel < tiles->depth; channel += CHANNELS_AT_ONCE) {
        __m256i down[SIDE * TILES + 2][WINDOW];
        for (int32_t column = 0; column < tiles->columns[tiles->count - 1] + WINDOW; column++) {
            __m256i pixels[WINDOW];
#pragma clang loop unroll(full)
            for (int32_t row = 0; row < WINDOW; row++) {
                const int8_t *bytes = tiles->input + row * tiles->row_stride + column * tiles->pixel_stride + channel;
                pixels[row] = _mm256_cvtepi8_epi16(load_128(bytes));
            }
            transform_input(pixels, down[column]);
        }
        for (int32_t tile = 0; tile < tiles->count; tile++) {
            int16_t *words = transformed + tile * tiles->tile_words + channel;
#pragma clang loop unroll(full)
            for (int32_t row = 0; row < WINDOW; row++) {
                __m256i across[WINDOW], v[WINDOW];
#pragma clang loop unroll(full)
                for (int32_t column = 0; column < WINDOW; column++) {
                    across[column] = down[tiles->columns[tile] + column][row];
                }
                transform_input(across, v);
#pragma clang loop unroll(full)
                for (int32_t column = 0; column < WINDOW; column++) {
                    _mm256_storeu_si256((__m256i *)(words + (row * WINDOW + column) * tiles->position_words), v[column]);
                }
            }
        }
    }
}

/// One position's product of P tiles and A accumulators.
TEXTPIN_INLINE void multiply(int32_t A, int32_t P, const int16_t *transformed, ptrdiff_t tile_words, int32_t depth, const int16_t *weights,
                             int32_t *sums)
{
    __m256i accumulators[TILES * MOST_ACCUMULATORS];
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        accumulators[i] = _mm256_setzero_si256();
    }
    for (int32_t channel = 0; channel < depth; channel += 2, weights += 2 * LANES * A) {
        add_products(A, P, transformed + channel, tile_words, weights, accumulators);
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        _mm256_storeu_si256((__m256i *)(sums + LANES * i), accumulators[i]);
    }
}

/// M of all positions and tiles for a block of output channels: [position][tile][place].
TEXTPIN_INLINE void multiply_block(int32_t A, int32_t P, const struct tiles *tiles, const int16_t *transformed, const int16_t *weights,
                                   int32_t *sums)
{
    for (int32_t position = 0; position < POSITIONS; position++, weights += tiles->depth * LANES * A) {
        for (int32_t tile = 0; tile < tiles->count; tile += P) {
            multiply(A, P, transformed + position * tiles->position_words + tile * tiles->tile_words, tiles->tile_words, tiles->depth,
                     weights, sums + (position * TILES + tile) * LANES * A);
        }
    }
}

/// 8 places of a tile's 16 pixels, A apart: their sums less what they start from.
TEXTPIN_INLINE void transform_sums(int32_t A, const int32_t *sums, __m256i *pixels)
{
    __m256i down[SIDE][WINDOW];
#pragma clang loop unroll(full)
    for (int32_t column = 0; column < WINDOW; column++) {
        __m256i m[WINDOW], y[SIDE];
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < WINDOW; row++) {
            m[row] = load_256(sums + (row * WINDOW + column) * TILES * LANES * A);
        }
        transform_output(m, y);
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < SIDE; row++) {
            down[row][column] = y[row];
        }
    }
    // What the rows and columns are multiples of beside 3, as powers of 2.
    static const int32_t powers[SIDE] = {3, 2, 1, 1};
#pragma clang loop unroll(full)
    for (int32_t row = 0; row < SIDE; row++) {
        __m256i y[SIDE];
        transform_output(down[row], y);
#pragma clang loop unroll(full)
        for (int32_t column = 0; column < SIDE; column++) {
            const __m256i product = _mm256_mullo_epi32(y[column], _mm256_set1_epi32(INVERSE_OF_9));
            pixels[(row * SIDE + column) * A] = _mm256_srai_epi32(product, powers[row] + powers[column]);
        }
    }
}

/// Output rows of a band of SIDE: those that are wanted, where they are, and what their sums start from, by places.
struct band {
    int32_t first;
    int32_t end;
    ptrdiff_t row_stride;
    const int32_t *initial[SIDE];
    ptrdiff_t initial_stride;
};

/// One block of output channels of all tiles.
TEXTPIN_INLINE void finish_block(int32_t A, const struct tiles *tiles, const int32_t *sums, const struct band *band,
                                 const struct lane_output *output)
{
    struct lane_output line_output = *output;
    for (int32_t tile = 0; tile < tiles->count; tile++) {
        const int32_t x = tiles->columns[tile];
        __m256i pixels[SIDE * SIDE * MOST_ACCUMULATORS];
        for (int32_t a = 0; a < A; a++) {
            transform_sums(A, sums + (tile * A + a) * LANES, pixels + a);
        }
        for (int32_t row = band->first; row < band->end; row++) {
            const int32_t *initial = band->initial[row] + x * band->initial_stride;
            __m256i line[SIDE * MOST_ACCUMULATORS];
#pragma clang loop unroll(full)
            for (int32_t i = 0; i < SIDE * A; i++) {
                line[i] = _mm256_add_epi32(pixels[row * SIDE * A + i], load_256(initial + i / A * band->initial_stride + i % A * LANES));
            }
            line_output.bytes = output->bytes + row * band->row_stride;
            store_lanes(&line_output, A, SIDE, line, x, 0);
        }
    }
}

/// All of a block of output channels, the number of which is a constant.
#define BLOCK(A, P)                                                                                                                      \
    static __attribute__((noinline)) void compute_block_##A(const struct tiles *tiles, const int16_t *transformed,                       \
                                                            const int16_t *weights, const struct band *band,                             \
                                                            const struct lane_output *output)                                            \
    {                                                                                                                                    \
        _Alignas(32) int32_t sums[POSITIONS * TILES * LANES * A];                                                                        \
        multiply_block(A, P, tiles, transformed, weights, sums);                                                                         \
        finish_block(A, tiles, sums, band, output);                                                                                      \
    }
BLOCK(1, 8)
BLOCK(2, 4)
BLOCK(3, 4)
#undef BLOCK

void textpin_transformed_band_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_stride, const int32_t *const *initial, ptrdiff_t initial_stride, int8_t *output,
                                   ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row,
                                   int32_t pixels)
{
    static void (*const compute[])(const struct tiles *tiles, const int16_t *transformed, const int16_t *weights, const struct band *band,
                                   const struct lane_output *output) = {compute_block_1, compute_block_2, compute_block_3};
    const int32_t depth = convolution->row_bytes / 3;
    assert(depth <= MOST_INPUT_CHANNELS && convolution->output_channels % LANES == 0 && pixels >= SIDE && end_row <= SIDE);
    _Alignas(32) int16_t transformed[POSITIONS * (TILES * MOST_INPUT_CHANNELS + POSITION_GAP)];
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    struct tiles tiles = {
        .row_stride = input_row_stride,
        .pixel_stride = input_pixel_stride,
        .depth = depth,
        .tile_words = round_up(depth, CHANNELS_AT_ONCE),
        .position_words = TILES * round_up(depth, CHANNELS_AT_ONCE) + POSITION_GAP,
    };
    for (int32_t start = 0; start < pixels; start += SIDE * TILES) {
        // The last tile begins earlier where pixels are left over.
        const int32_t first = minimum(start, pixels - SIDE);
        tiles.count = minimum(TILES, (pixels - start + SIDE - 1) / SIDE);
        for (int32_t tile = 0; tile < tiles.count; tile++) {
            tiles.columns[tile] = minimum(start + SIDE * tile, pixels - SIDE) - first;
        }
        tiles.input = input + first * input_pixel_stride;
        transform_tiles(&tiles, transformed);
        const int8_t *packed = convolution->packed;
        int32_t accumulators;
        for (int32_t channel = 0; channel < convolution->output_channels; channel += LANES * accumulators) {
            accumulators = accumulators_of(convolution->output_channels - channel);
            const struct lane_pair *pairs = (const struct lane_pair *)(const void *)packed;
            const int32_t *bias = (const int32_t *)(const void *)(pairs + pairs_of(accumulators));
            struct band band = {
                .first = first_row, .end = end_row, .row_stride = output_row_stride, .initial_stride = initial_stride};
            for (int32_t row = 0; row < SIDE; row++) {
                band.initial[row] = initial == NULL ? bias : initial[row] + first * initial_stride + channel;
            }
            const struct lane_output block_output = {
                .pairs = pairs,
                .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
                .bytes = output + first * output_pixel_stride + channel,
                .pixel_stride = output_pixel_stride,
                .channels = LANES * accumulators,
                .zero_point = convolution->output_zero_point,
            };
            const int16_t *weights = (const int16_t *)(const void *)(bias + LANES * accumulators);
            compute[accumulators - 1](&tiles, transformed, weights, &band, &block_output);
            packed += textpin_transformed_block_bytes_avx2(accumulators, depth);
        }
    }
    for (int32_t row = first_row; row < end_row && convolution->table != NULL; row++) {
        int8_t *bytes = output + row * output_row_stride;
        textpin_lookup_row_avx2(convolution->table, bytes, output_pixel_stride, bytes, output_pixel_stride, convolution->output_channels,
                                pixels);
    }
}

void textpin_transformed_rows_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_stride, int8_t *output, ptrdiff_t output_row_stride,
                                   ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row, int32_t pixels)
{
    assert(end_row >= SIDE);
    for (int32_t y = first_row; y < end_row; y += SIDE) {
        // The last band begins earlier where rows are left over.
        const int32_t row = minimum(y, end_row - SIDE);
        textpin_transformed_band_avx2(convolution, input + row * input_row_stride, input_row_stride, input_pixel_stride, NULL, 0,
                                      output + row * output_row_stride, output_row_stride, output_pixel_stride, y - row, SIDE, pixels);
    }
}

#pragma clang attribute pop
#endif
