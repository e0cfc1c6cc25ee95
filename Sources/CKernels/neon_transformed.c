// 3x3 convolution at stride 1 for ARMv8.0 NEON by Winograd's F(4x4, 3x3), exactly (equation 12): 36 products of 16 bits for 144 of 8.
//
// A row of tiles, a few tiles at a time:
//
//     6x6 pixels of a tile  -->  V [36][tile][channel], 16 bits        8 channels at a time, down the columns of all tiles first
//     V, U                  -->  M [36][tile][output channel]          36 matrix products: 4 tiles by up to 24 output channels
//     M                     -->  4x4 pixels of a tile                  4 output channels at a time
//
// A product's tile, for each input channel (a lane of 8 that are loaded at once):
//
//                        weights of an input channel: 1.5 loads
//                       +-------+-------+     +-------+
//     tile 0: 8 inputs  | acc00 | acc01 | ... | acc05 |     SMLAL and SMLAL2 by lane; an accumulator's 4 lanes are 4 output channels
//     ...               |       |       |     |       |
//     tile 3: 8 inputs  | acc30 | acc31 | ... | acc35 |
//                       +-------+-------+     +-------+
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_transformed.h"

enum { MOST_PIXELS = 4 };

#include "neon_convolution_store.h"

enum {
    /// How many tiles share a pass over the weights.
    TILES = 8,
    TILES_AT_ONCE = 4,
    /// Of a pass: neighbours share two columns of their windows.
    MOST_COLUMNS = SIDE * TILES + WINDOW - SIDE,
    /// 9 times this is 1 modulo 2^32.
    INVERSE_OF_9 = 954437177,
};

/// Equation 12's transformation of six inputs, with differences that occur twice in the place of some of them.
TEXTPIN_INLINE void transform(int16x8_t even, int16x8_t odd, int16x8_t near, int16x8_t far, int16x8_t first, int16x8_t last,
                              int16x8_t v[WINDOW])
{
    int16x8_t twice = vshlq_n_s16(far, 1);
    v[0] = vmlaq_n_s16(near, first, 4);
    v[1] = vaddq_s16(even, odd);
    v[2] = vsubq_s16(even, odd);
    v[3] = vaddq_s16(near, twice);
    v[4] = vsubq_s16(near, twice);
    v[5] = vmlsq_n_s16(last, far, 4);
}

/// Down the columns, of bytes.
TEXTPIN_INLINE void transform_bytes(const int8x8_t d[WINDOW], int16x8_t v[WINDOW])
{
    const int8x8_t four = vdup_n_s8(4);
    transform(vmlsl_s8(vmovl_s8(d[4]), d[2], four), vmlsl_s8(vmovl_s8(d[3]), d[1], four), vsubl_s8(d[4], d[2]), vsubl_s8(d[3], d[1]),
              vsubl_s8(d[0], d[2]), vsubl_s8(d[5], d[3]), v);
}

/// Across.
TEXTPIN_INLINE void transform_words(const int16x8_t d[WINDOW], int16x8_t v[WINDOW])
{
    transform(vmlsq_n_s16(d[4], d[2], 4), vmlsq_n_s16(d[3], d[1], 4), vsubq_s16(d[4], d[2]), vsubq_s16(d[3], d[1]),
              vsubq_s16(d[0], d[2]), vsubq_s16(d[5], d[3]), v);
}

/// Equation 12's transformation of six sums of products to 24, 12, 6 and 6 times four outputs.
TEXTPIN_INLINE void transform_output(const int32x4_t m[WINDOW], int32x4_t y[SIDE])
{
    int32x4_t p = vaddq_s32(m[1], m[2]), q = vsubq_s32(m[2], m[1]), r = vaddq_s32(m[3], m[4]), s = vsubq_s32(m[3], m[4]);
    y[0] = vmlaq_n_s32(vmlsq_n_s32(r, p, 4), m[0], 6);
    y[1] = vmlaq_n_s32(s, q, 2);
    y[2] = vsubq_s32(r, p);
    y[3] = vmlaq_n_s32(vmlaq_n_s32(q, s, 2), m[5], 6);
}

/// The place of tile `tile` of a row of `pixels`: the last one begins earlier where pixels are left over.
TEXTPIN_INLINE int32_t place_of(int32_t tile, int32_t pixels)
{
    return minimum(SIDE * tile, pixels - SIDE);
}

/// The transformed inputs of the tiles of `pixels` output pixels: V, of which `depth` values lie side by side, then a position's tiles.
static void transform_tiles(const int8_t *input, ptrdiff_t row_stride, ptrdiff_t pixel_stride, int32_t pixels, int32_t depth,
                            int16_t *transformed)
{
    const ptrdiff_t position_bytes = (ptrdiff_t)sizeof(int16_t) * TILES * depth;
    for (int32_t channel = 0; channel < depth; channel += 8) {
        int16x8_t down[WINDOW][MOST_COLUMNS];
        const int8_t *from = input + channel;
        for (int32_t column = 0; column < pixels + WINDOW - SIDE; column++, from += pixel_stride) {
            int8x8_t bytes[WINDOW];
            int16x8_t v[WINDOW];
#pragma clang loop unroll(full)
            for (int32_t row = 0; row < WINDOW; row++) {
                bytes[row] = vld1_s8(from + row * row_stride);
            }
            transform_bytes(bytes, v);
#pragma clang loop unroll(full)
            for (int32_t row = 0; row < WINDOW; row++) {
                down[row][column] = v[row];
            }
        }
        int16_t *tile_start = transformed + channel;
        for (int32_t tile = 0; SIDE * tile < pixels; tile++, tile_start += depth) {
            const int32_t column = place_of(tile, pixels);
            int16_t *to = tile_start;
#pragma clang loop unroll(full)
            for (int32_t row = 0; row < WINDOW; row++) {
                int16x8_t v[WINDOW];
                transform_words(&down[row][column], v);
#pragma clang loop unroll(full)
                for (int32_t position = 0; position < WINDOW; position++) {
                    // In one instruction: left to itself, the compiler adds up each place.
                    __asm__ volatile("st1 {%1.8h}, [%0], %2" : "+r"(to) : "w"(v[position]), "r"(position_bytes) : "memory");
                }
            }
        }
    }
}

/// 16 weights in one instruction.
TEXTPIN_INLINE int16x8x2_t take_weights(const int16_t **weights)
{
    int16x8x2_t both;
    __asm__ volatile("ldp %q0, %q1, [%2], #32" : "=w"(both.val[0]), "=w"(both.val[1]), "+r"(*weights) : : "memory");
    return both;
}

/// The products of lane `lane` of four tiles' inputs and vector v of that input channel's weights.
#define MULTIPLY_LANE(weights_of_8, lane, v)                                                                                             \
    _Pragma("clang loop unroll(full)") for (int32_t tile = 0; tile < TILES_AT_ONCE; tile++)                                              \
    {                                                                                                                                    \
        int32x4_t *two = &accumulators[tile][2 * (v)];                                                                                   \
        two[0] = vmlal_laneq_s16(two[0], vget_low_s16(weights_of_8), eight[tile], lane);                                                 \
        two[1] = vmlal_high_laneq_s16(two[1], weights_of_8, eight[tile], lane);                                                          \
        /* Keeps the order: the registers hold the weights of one input channel. */                                                      \
        __asm__ volatile("" : "+w"(two[0]), "+w"(two[1]) : : "memory");                                                                  \
    }
/// Pair `pair` of all vectors of weights of 8 input channels.
#define MULTIPLY_PAIR(V, pair)                                                                                                           \
    {                                                                                                                                    \
        const int16x8x2_t both = take_weights(&weights);                                                                                 \
        MULTIPLY_LANE(both.val[0], 2 * (pair) / (V), 2 * (pair) % (V))                                                                   \
        MULTIPLY_LANE(both.val[1], (2 * (pair) + 1) / (V), (2 * (pair) + 1) % (V))                                                       \
    }
#define PAIRS_1 PAIR(1, 0) PAIR(1, 1) PAIR(1, 2) PAIR(1, 3)
#define PAIRS_2 PAIR(2, 0) PAIR(2, 1) PAIR(2, 2) PAIR(2, 3) PAIR(2, 4) PAIR(2, 5) PAIR(2, 6) PAIR(2, 7)
#define PAIRS_3                                                                                                                          \
    PAIR(3, 0) PAIR(3, 1) PAIR(3, 2) PAIR(3, 3) PAIR(3, 4) PAIR(3, 5) PAIR(3, 6) PAIR(3, 7) PAIR(3, 8) PAIR(3, 9) PAIR(3, 10) PAIR(3, 11)
#define PAIR(V, pair) MULTIPLY_PAIR(V, pair)

/// One position's product of TILES_AT_ONCE tiles and 8 V output channels.
#define MULTIPLY(V)                                                                                                                      \
    static void multiply_##V(const int16_t *transformed, int32_t depth, const int16_t *weights, int32_t *sums, int32_t output_channels)  \
    {                                                                                                                                    \
        int32x4_t accumulators[TILES_AT_ONCE][2 * (V)];                                                                                  \
        _Pragma("clang loop unroll(full)") for (int32_t i = 0; i < 2 * (V) * TILES_AT_ONCE; i++)                                         \
        {                                                                                                                                \
            accumulators[i / (2 * (V))][i % (2 * (V))] = vdupq_n_s32(0);                                                                 \
        }                                                                                                                                \
        for (int32_t channel = 0; channel < depth; channel += 8) {                                                                       \
            int16x8_t eight[TILES_AT_ONCE];                                                                                              \
            _Pragma("clang loop unroll(full)") for (int32_t tile = 0; tile < TILES_AT_ONCE; tile++)                                      \
            {                                                                                                                            \
                eight[tile] = vld1q_s16(transformed + tile * depth + channel);                                                           \
            }                                                                                                                            \
            PAIRS_##V                                                                                                                    \
        }                                                                                                                                \
        _Pragma("clang loop unroll(full)") for (int32_t i = 0; i < 2 * (V) * TILES_AT_ONCE; i++)                                         \
        {                                                                                                                                \
            vst1q_s32(sums + i / (2 * (V)) * output_channels + i % (2 * (V)) * 4, accumulators[i / (2 * (V))][i % (2 * (V))]);           \
        }                                                                                                                                \
    }
MULTIPLY(1)
MULTIPLY(2)
MULTIPLY(3)
#undef MULTIPLY
#undef PAIR
#undef MULTIPLY_PAIR
#undef MULTIPLY_LANE

/// M of all positions, tiles and output channels.
static void multiply_all(const int16_t *transformed, int32_t tiles, int32_t depth, const int16_t *weights, int32_t output_channels,
                         int32_t *sums)
{
    for (int32_t position = 0; position < POSITIONS; position++) {
        int32_t vectors = 0;
        for (int32_t first = 0; first < output_channels; first += 8 * vectors, weights += 8 * vectors * depth) {
            vectors = vectors_of(output_channels - first);
            for (int32_t tile = 0; tile < tiles; tile += TILES_AT_ONCE) {
                const int16_t *from = transformed + (position * TILES + tile) * depth;
                int32_t *to = sums + (position * TILES + tile) * output_channels + first;
                if (vectors == 3) {
                    multiply_3(from, depth, weights, to, output_channels);
                } else if (vectors == 2) {
                    multiply_2(from, depth, weights, to, output_channels);
                } else {
                    multiply_1(from, depth, weights, to, output_channels);
                }
            }
        }
    }
}

/// start + value / 2^power.
TEXTPIN_INLINE int32x4_t add_shifted(int32x4_t start, int32x4_t value, int32_t power)
{
    switch (power) {
    case 2: return vsraq_n_s32(start, value, 2);
    case 3: return vsraq_n_s32(start, value, 3);
    case 4: return vsraq_n_s32(start, value, 4);
    case 5: return vsraq_n_s32(start, value, 5);
    default: return vsraq_n_s32(start, value, 6);
    }
}

/// 4 output channels of a tile's 16 pixels: their sums and what they start from, those of row r from initial[r], `initial_stride` apart.
TEXTPIN_INLINE void transform_sums(const int32_t *sums, int32_t output_channels, const int32_t *const initial[SIDE],
                                   ptrdiff_t initial_stride, int32x4_t pixels[SIDE * SIDE])
{
    const ptrdiff_t position_bytes = (ptrdiff_t)sizeof(int32_t) * TILES * output_channels;
    int32x4_t across[WINDOW][SIDE];
#pragma clang loop unroll(full)
    for (int32_t row = 0; row < WINDOW; row++) {
        int32x4_t m[WINDOW];
#pragma clang loop unroll(full)
        for (int32_t column = 0; column < WINDOW; column++) {
            __asm__ volatile("ld1 {%1.4s}, [%0], %2" : "+r"(sums), "=w"(m[column]) : "r"(position_bytes) : "memory");
        }
        transform_output(m, across[row]);
    }
    // What the rows and columns are multiples of beside 3, as powers of 2.
    static const int32_t powers[SIDE] = {3, 2, 1, 1};
#pragma clang loop unroll(full)
    for (int32_t column = 0; column < SIDE; column++) {
        int32x4_t m[WINDOW], y[SIDE];
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < WINDOW; row++) {
            m[row] = across[row][column];
        }
        transform_output(m, y);
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < SIDE; row++) {
            int32x4_t start = vld1q_s32(initial[row] + column * initial_stride);
            pixels[row * SIDE + column] = add_shifted(start, vmulq_n_s32(y[row], INVERSE_OF_9), powers[row] + powers[column]);
        }
    }
}

/// Bytes of a tile, whose first pixel is pixel x, from its sums on.
static void store_tile_rows(const struct pass *pass, const int32_t *sums, int32_t x, int32_t output_channels,
                            const int32_t *const initial[SIDE], ptrdiff_t output_row_stride, int32_t first_row, int32_t end_row)
{
    const int32_t A = accumulators_of(pass->channels);
    int32x4_t rows[MOST_ACCUMULATORS][SIDE * SIDE];
    for (int32_t a = 0; a < A; a++) {
        const int32_t *starts[SIDE];
        for (int32_t row = 0; row < SIDE; row++) {
            starts[row] = initial[row] + x * pass->initial_stride + LANE_CHANNELS * a;
        }
        transform_sums(sums + LANE_CHANNELS * a, output_channels, starts, pass->initial_stride, rows[a]);
    }
    for (int32_t row = first_row; row < end_row; row++) {
        struct pass line = *pass;
        line.output += row * output_row_stride;
        int32x4_t ordered[MOST_ACCUMULATORS * SIDE];
        if (A == 4) {
            for (int32_t i = 0; i < 16; i++) {
                ordered[i] = rows[i % 4][row * SIDE + i / 4];
            }
            store_tile(&line, &line, 4, SIDE, ordered, x, 0);
        } else {
            for (int32_t i = 0; i < 8; i++) {
                ordered[i] = rows[i % 2][row * SIDE + i / 2];
            }
            store_tile(&line, &line, 2, SIDE, ordered, x, 0);
        }
    }
}

void textpin_transformed_tiles_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                    ptrdiff_t input_pixel_stride, const int32_t *const initial[SIDE], int8_t *output,
                                    ptrdiff_t output_row_stride, ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row,
                                    int32_t pixels)
{
    const int32_t channels = convolution->output_channels, depth = round_up(convolution->row_bytes / 3, 8);
    assert(depth <= MOST_INPUT_CHANNELS && channels <= MOST_OUTPUT_CHANNELS && channels % 8 == 0 && pixels >= SIDE);
    const struct block_head *heads = convolution->packed;
    const int16_t *weights = (const int16_t *)(const void *)((const int8_t *)convolution->packed + heads_bytes(channels));
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    _Alignas(16) int16_t transformed[POSITIONS * TILES * MOST_INPUT_CHANNELS];
    _Alignas(16) int32_t sums[POSITIONS * TILES * MOST_OUTPUT_CHANNELS];
    for (int32_t x = 0; x < pixels; x += SIDE * TILES) {
        // A pass has whole tiles: its last one begins in the pass before where fewer pixels than a tile has are left over.
        const int32_t start = minimum(x, pixels - SIDE), some = minimum(SIDE * TILES, pixels - start);
        const int32_t tiles = (some + SIDE - 1) / SIDE;
        transform_tiles(input + start * input_pixel_stride, input_row_stride, input_pixel_stride, some, depth, transformed);
        multiply_all(transformed, tiles, depth, weights, channels, sums);
        for (int32_t first = 0; first < channels; first += BLOCK_CHANNELS) {
            const struct block_head *head = heads + first / BLOCK_CHANNELS;
            struct pass pass = {
                .head = head,
                .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
                .initial_stride = initial != NULL ? channels : 0,
                .output = output + first,
                .output_pixel_stride = output_pixel_stride,
                .channels = minimum(channels - first, BLOCK_CHANNELS),
                .zero_point = convolution->output_zero_point,
            };
            pass.epilogue = epilogue_of(&pass);
            const int32_t *starts[SIDE];
            for (int32_t row = 0; row < SIDE; row++) {
                starts[row] = initial != NULL ? initial[row] + first : head->bias;
            }
            for (int32_t tile = 0; tile < tiles; tile++) {
                store_tile_rows(&pass, sums + tile * channels + first, start + place_of(tile, some), channels, starts, output_row_stride,
                                first_row, end_row);
            }
        }
    }
}

void textpin_transformed_rows_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_stride, int8_t *output, ptrdiff_t output_row_stride,
                                   ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row, int32_t pixels)
{
    assert(end_row >= SIDE);
    for (int32_t y = first_row; y < end_row; y += SIDE) {
        // The last tiles begin earlier where rows are left over.
        const int32_t row = minimum(y, end_row - SIDE);
        textpin_transformed_tiles_neon(convolution, input + row * input_row_stride, input_row_stride, input_pixel_stride, NULL,
                                       output + row * output_row_stride, output_row_stride, output_pixel_stride, y - row, SIDE, pixels);
        for (int32_t line = y; convolution->table != NULL && line < minimum(y + SIDE, end_row); line++) {
            int8_t *bytes = output + line * output_row_stride;
            textpin_lookup_row_neon(convolution->table, bytes, output_pixel_stride, bytes, output_pixel_stride,
                                    convolution->output_channels, pixels);
        }
    }
}

#endif
