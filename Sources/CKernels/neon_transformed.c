// 3x3 convolution at stride 1 for ARMv8.0 NEON by Winograd's F(4x4, 3x3), exactly (equation 12): 36 products of 16 bits for 144 of 8.
//
// A row of tiles, a few tiles at a time:
//
//     6x6 pixels of a tile  -->  V [36][tile][channel], 16 bits        8 channels at a time
//     V, U                  -->  M [36][tile][output channel]          36 matrix products: 4 tiles by up to 24 output channels
//     M                     -->  4x4 pixels of a tile                  4 output channels at a time
//
// A product's tile, for each input channel (a lane of 8 that are loaded at once):
//
//                        weights of an input channel: 3 loads
//                       +-------+-------+     +-------+
//     tile 0: 8 inputs  | acc00 | acc01 | ... | acc05 |     SMLAL and SMLAL2 by lane; an accumulator's 4 lanes are 4 output channels
//     ...               |       |       |     |       |
//     tile 3: 8 inputs  | acc30 | acc31 | ... | acc35 |
//                       +-------+-------+     +-------+
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_convolution.h"

enum { MOST_PIXELS = 4 };

#include "neon_convolution_store.h"

enum {
    /// A tile's side in the output and in the input.
    SIDE = 4,
    WINDOW = 6,
    POSITIONS = WINDOW * WINDOW,
    /// How many tiles share a pass over the weights.
    TILES = 8,
    TILES_AT_ONCE = 4,
    /// 9 x 128 x 127 x 64 times as many stay below 2^31.
    MOST_INPUT_CHANNELS = 128,
    MOST_OUTPUT_CHANNELS = 32,
    /// Of 8 output channels.
    MOST_VECTORS = 3,
    /// 9 times this is 1 modulo 2^32.
    INVERSE_OF_9 = 954437177,
};

static int32_t depth_of(const struct textpin_weights *weights)
{
    return round_up(weights->input_channel_stride, 8);
}

static size_t heads_bytes(int32_t output_channels)
{
    return align_packed(sizeof(struct block_head) * (size_t)((output_channels + BLOCK_CHANNELS - 1) / BLOCK_CHANNELS));
}

size_t textpin_packed_transformed_bytes_neon(const struct textpin_weights *weights)
{
    const int32_t depth = depth_of(weights);
    if (weights->kernel_rows != 3 || weights->kernel_columns != 3 || depth > MOST_INPUT_CHANNELS || weights->output_channels % 8 != 0
        || weights->output_channels > MOST_OUTPUT_CHANNELS) {
        return 0;
    }
    return align_packed(heads_bytes(weights->output_channels)
                        + sizeof(int16_t) * (size_t)(POSITIONS * depth * weights->output_channels));
}

/// Vectors of 8 output channels that a product's tile takes of those that remain.
static int32_t vectors_of(int32_t remaining_channels)
{
    return minimum(remaining_channels / 8, MOST_VECTORS);
}

/// The weights as equation 12 transforms them: [position][up to 24 output channels][input channel][output channel].
void textpin_pack_transformed_neon(const struct textpin_weights *weights, void *packed)
{
    static const int16_t transform[WINDOW][3] = {{1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {1, 2, 4}, {1, -2, 4}, {0, 0, 1}};
    struct block_head *head = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS, head++) {
        for (int32_t lane = 0; lane < BLOCK_CHANNELS; lane++) {
            head->bias[lane] = first + lane < weights->output_channels ? weights->bias[first + lane] : 0;
            set_requantization(&head->requantization, lane, weights, first + lane);
        }
        set_directness(&head->requantization, weights, first, 1, false);
    }
    int16_t *next = (int16_t *)(void *)((int8_t *)packed + heads_bytes(weights->output_channels));
    const int32_t depth = depth_of(weights);
    for (int32_t position = 0; position < POSITIONS; position++) {
        const int16_t *down = transform[position / WINDOW], *across = transform[position % WINDOW];
        for (int32_t first = 0; first < weights->output_channels; first += 8 * vectors_of(weights->output_channels - first)) {
            for (int32_t index = 0; index < 8 * vectors_of(weights->output_channels - first) * depth; index++) {
                const int32_t width = 8 * vectors_of(weights->output_channels - first), channel = index / width;
                int32_t sum = 0;
                for (int32_t tap = 0; tap < 9 && channel < weights->input_channel_stride; tap++) {
                    int8_t weight = weight_at(weights, first + index % width, tap / 3, tap % 3 * weights->input_channel_stride + channel);
                    sum += down[tap / 3] * across[tap % 3] * weight;
                }
                *next++ = (int16_t)sum;
            }
        }
    }
}

/// Equation 12's transformation of six inputs.
TEXTPIN_INLINE void transform_input(const int16x8_t d[WINDOW], int16x8_t v[WINDOW])
{
    int16x8_t even = vmlsq_n_s16(d[4], d[2], 4), odd = vmlsq_n_s16(d[3], d[1], 4);
    int16x8_t near = vsubq_s16(d[4], d[2]), far = vshlq_n_s16(vsubq_s16(d[3], d[1]), 1);
    v[0] = vmlaq_n_s16(vsubq_s16(even, d[2]), d[0], 4);
    v[1] = vaddq_s16(even, odd);
    v[2] = vsubq_s16(even, odd);
    v[3] = vaddq_s16(near, far);
    v[4] = vsubq_s16(near, far);
    v[5] = vmlsq_n_s16(vsubq_s16(d[5], odd), d[3], 4);
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

/// The transformed inputs of a tile: V, of which `depth` values lie side by side, and a position's TILES tiles.
static void transform_tile(const int8_t *input, ptrdiff_t row_stride, ptrdiff_t pixel_stride, int32_t depth, int16_t *transformed)
{
    for (int32_t channel = 0; channel < depth; channel += 8) {
        int16x8_t down[WINDOW][WINDOW];
#pragma clang loop unroll(full)
        for (int32_t column = 0; column < WINDOW; column++) {
            int16x8_t pixels[WINDOW], v[WINDOW];
#pragma clang loop unroll(full)
            for (int32_t row = 0; row < WINDOW; row++) {
                pixels[row] = vmovl_s8(vld1_s8(input + row * row_stride + column * pixel_stride + channel));
            }
            transform_input(pixels, v);
#pragma clang loop unroll(full)
            for (int32_t row = 0; row < WINDOW; row++) {
                down[row][column] = v[row];
            }
        }
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < WINDOW; row++) {
            int16x8_t v[WINDOW];
            transform_input(down[row], v);
#pragma clang loop unroll(full)
            for (int32_t column = 0; column < WINDOW; column++) {
                vst1q_s16(transformed + (row * WINDOW + column) * TILES * depth + channel, v[column]);
            }
        }
    }
}

/// One position's product of TILES_AT_ONCE tiles and 8 V output channels.
TEXTPIN_INLINE void multiply(int32_t V, const int16_t *transformed, int32_t depth, const int16_t *weights, int32_t *sums,
                             int32_t output_channels)
{
    int32x4_t accumulators[TILES_AT_ONCE][2 * MOST_VECTORS];
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < 2 * V * TILES_AT_ONCE; i++) {
        accumulators[i / (2 * V)][i % (2 * V)] = vdupq_n_s32(0);
    }
    for (int32_t channel = 0; channel < depth; channel += 8) {
        int16x8_t eight[TILES_AT_ONCE];
#pragma clang loop unroll(full)
        for (int32_t tile = 0; tile < TILES_AT_ONCE; tile++) {
            eight[tile] = vld1q_s16(transformed + tile * depth + channel);
        }
#define MULTIPLY_LANE(lane)                                                                                                              \
    {                                                                                                                                    \
        int16x8_t row[MOST_VECTORS];                                                                                                     \
        _Pragma("clang loop unroll(full)") for (int32_t v = 0; v < V; v++, weights += 8)                                                 \
        {                                                                                                                                \
            row[v] = vld1q_s16(weights);                                                                                                 \
        }                                                                                                                                \
        _Pragma("clang loop unroll(full)") for (int32_t i = 0; i < V * TILES_AT_ONCE; i++)                                               \
        {                                                                                                                                \
            const int32_t v = i / TILES_AT_ONCE, tile = i % TILES_AT_ONCE;                                                               \
            int32x4_t *two = &accumulators[tile][2 * v];                                                                                 \
            two[0] = vmlal_laneq_s16(two[0], vget_low_s16(row[v]), eight[tile], lane);                                                   \
            two[1] = vmlal_high_laneq_s16(two[1], row[v], eight[tile], lane);                                                            \
            /* Keeps the order: the registers hold the weights of one input channel. */                                                  \
            __asm__ volatile("" : "+w"(two[0]), "+w"(two[1]) : : "memory");                                                              \
        }                                                                                                                                \
    }
        MULTIPLY_LANE(0)
        MULTIPLY_LANE(1)
        MULTIPLY_LANE(2)
        MULTIPLY_LANE(3)
        MULTIPLY_LANE(4)
        MULTIPLY_LANE(5)
        MULTIPLY_LANE(6)
        MULTIPLY_LANE(7)
#undef MULTIPLY_LANE
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < 2 * V * TILES_AT_ONCE; i++) {
        vst1q_s32(sums + i / (2 * V) * output_channels + i % (2 * V) * 4, accumulators[i / (2 * V)][i % (2 * V)]);
    }
}

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
                    multiply(3, from, depth, weights, to, output_channels);
                } else if (vectors == 2) {
                    multiply(2, from, depth, weights, to, output_channels);
                } else {
                    multiply(1, from, depth, weights, to, output_channels);
                }
            }
        }
    }
}

/// 4 output channels of a tile's 16 pixels: their sums, bias included.
TEXTPIN_INLINE void transform_sums(const int32_t *sums, int32_t output_channels, int32x4_t bias, int32x4_t pixels[SIDE * SIDE])
{
    int32x4_t down[SIDE][WINDOW];
#pragma clang loop unroll(full)
    for (int32_t column = 0; column < WINDOW; column++) {
        int32x4_t m[WINDOW], y[SIDE];
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < WINDOW; row++) {
            m[row] = vld1q_s32(sums + (row * WINDOW + column) * TILES * output_channels);
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
        int32x4_t y[SIDE];
        transform_output(down[row], y);
#pragma clang loop unroll(full)
        for (int32_t column = 0; column < SIDE; column++) {
            int32x4_t shift = vdupq_n_s32(-(powers[row] + powers[column]));
            pixels[row * SIDE + column] = vaddq_s32(bias, vshlq_s32(vmulq_n_s32(y[column], INVERSE_OF_9), shift));
        }
    }
}

/// Bytes of the tiles' rows but the first `skip`.
static void store_tiles(const struct pass *pass, const int32_t *sums, int32_t tiles, int32_t first_tile, int32_t output_channels,
                        int32_t skip, ptrdiff_t output_row_stride, int32_t pixels)
{
    const int32_t A = accumulators_of(pass->channels);
    for (int32_t tile = 0; tile < tiles; tile++) {
        int32x4_t rows[MOST_ACCUMULATORS][SIDE * SIDE];
        for (int32_t a = 0; a < A; a++) {
            int32x4_t bias = vld1q_s32(pass->head->bias + LANE_CHANNELS * a);
            transform_sums(sums + tile * output_channels + LANE_CHANNELS * a, output_channels, bias, rows[a]);
        }
        const int32_t x = minimum(SIDE * (first_tile + tile), pixels - SIDE);
        for (int32_t row = skip; row < SIDE; row++) {
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
}

void textpin_transformed_rows_neon(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_stride, int8_t *output, ptrdiff_t output_row_stride,
                                   ptrdiff_t output_pixel_stride, int32_t first_row, int32_t end_row, int32_t pixels)
{
    const int32_t channels = convolution->output_channels, depth = round_up(convolution->row_bytes / 3, 8);
    assert(depth <= MOST_INPUT_CHANNELS && channels <= MOST_OUTPUT_CHANNELS && channels % 8 == 0 && end_row >= SIDE && pixels >= SIDE);
    const struct block_head *heads = convolution->packed;
    const int16_t *weights = (const int16_t *)(const void *)((const int8_t *)convolution->packed + heads_bytes(channels));
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    _Alignas(16) int16_t transformed[POSITIONS * TILES * MOST_INPUT_CHANNELS];
    _Alignas(16) int32_t sums[POSITIONS * TILES * MOST_OUTPUT_CHANNELS];
    const int32_t all_tiles = (pixels + SIDE - 1) / SIDE;
    for (int32_t y = first_row; y < end_row; y += SIDE) {
        // The last tiles begin earlier where rows or pixels are left over.
        const int32_t row = minimum(y, end_row - SIDE);
        for (int32_t first_tile = 0; first_tile < all_tiles; first_tile += TILES) {
            const int32_t tiles = minimum(TILES, all_tiles - first_tile);
            for (int32_t tile = 0; tile < tiles; tile++) {
                const int32_t x = minimum(SIDE * (first_tile + tile), pixels - SIDE);
                transform_tile(input + row * input_row_stride + x * input_pixel_stride, input_row_stride, input_pixel_stride, depth,
                               transformed + tile * depth);
            }
            multiply_all(transformed, tiles, depth, weights, channels, sums);
            for (int32_t first = 0; first < channels; first += BLOCK_CHANNELS) {
                struct pass pass = {
                    .head = heads + first / BLOCK_CHANNELS,
                    .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
                    .output = output + row * output_row_stride + first,
                    .output_pixel_stride = output_pixel_stride,
                    .channels = minimum(channels - first, BLOCK_CHANNELS),
                    .zero_point = convolution->output_zero_point,
                };
                pass.epilogue = epilogue_of(&pass);
                store_tiles(&pass, sums + first, tiles, first_tile, channels, y - row, output_row_stride, pixels);
            }
        }
        if (convolution->table != NULL) {
            for (int32_t line = y; line < minimum(y + SIDE, end_row); line++) {
                int8_t *bytes = output + line * output_row_stride;
                textpin_lookup_row_neon(convolution->table, bytes, output_pixel_stride, bytes, output_pixel_stride, channels, pixels);
            }
        }
    }
}

#endif
