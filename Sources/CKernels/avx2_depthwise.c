// Depthwise convolution for AVX2: VPMADDWD multiplies two taps of 8 channels by their weights and adds the two.
//
// 16 channels of some pixels at a time. Their input is extended to 16 bits and two taps brought side by side once for all outputs that
// read them: pixels of rows 0 and 1, of rows 2 and 3, ..., and where a last row is left over, each of its pixels and the next one.
//
//     rows 0 and 1 of column k:   | c0 01 | c1 01 | c2 01 | c3 01 | c8 01 | ... | c11 01 |     then channels 4...7 and 12...15
//     the last row, k and k + 1:  | c0 kk'| c1 kk'| ...
//
// One tile is these two accumulators by 4 pixels.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_lanes.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum {
    CHUNK_CHANNELS = 16,
    MOST_TAPS = 64,
    TILE_PIXELS = 4,
    /// Columns of taps side by side that are held at a time, of all pairs of rows together, and the words of one.
    MOST_COLUMNS = 256,
    COLUMN_WORDS = 2 * CHUNK_CHANNELS,
};

/// The packed form of 16 channels: this, then for each pair of taps 16 pairs of weights, by lanes.
struct chunk_head {
    struct lane_pair pair;
    int32_t bias[CHUNK_CHANNELS];
};

static int32_t tap_pairs(int32_t kernel_rows, int32_t kernel_columns)
{
    return (kernel_rows * kernel_columns + 1) / 2;
}

static size_t chunk_bytes(int32_t kernel_rows, int32_t kernel_columns)
{
    return sizeof(struct chunk_head) + 2 * CHUNK_CHANNELS * (size_t)tap_pairs(kernel_rows, kernel_columns);
}

size_t textpin_packed_depthwise_bytes_avx2(const struct textpin_weights *weights)
{
    size_t chunks = (size_t)round_up(weights->output_channels, CHUNK_CHANNELS) / CHUNK_CHANNELS;
    return align_packed(chunks * chunk_bytes(weights->kernel_rows, weights->kernel_columns));
}

/// The channel of a chunk in lane `lane` of accumulator `accumulator`.
static int32_t channel_of_lane(int32_t accumulator, int32_t lane)
{
    return lane / 4 * 8 + 4 * accumulator + lane % 4;
}

void textpin_pack_depthwise_avx2(const struct textpin_weights *weights, void *packed)
{
    const int32_t rows = weights->kernel_rows, columns = weights->kernel_columns, row_pairs = rows / 2;
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += CHUNK_CHANNELS) {
        struct chunk_head *head = (struct chunk_head *)(void *)next;
        memset(head, 0, sizeof *head);
        for (int32_t place = 0; place < CHUNK_CHANNELS; place++) {
            const int32_t channel = first + channel_of_lane(place / LANES, place % LANES);
            set_lane(&head->pair, place / LANES, place % LANES, weights, channel);
            head->bias[place] = channel < weights->output_channels ? weights->bias[channel] : 0;
        }
        next += sizeof *head;
        for (int32_t pair = 0; pair < tap_pairs(rows, columns); pair++) {
            const bool by_rows = pair < row_pairs * columns;
            const int32_t row = by_rows ? 2 * (pair / columns) : rows - 1;
            const int32_t column = by_rows ? pair % columns : 2 * (pair - row_pairs * columns);
            for (int32_t index = 0; index < 2 * CHUNK_CHANNELS; index++) {
                const int32_t channel = first + channel_of_lane(index / 2 / LANES, index / 2 % LANES), second = index % 2;
                *next++ = depthwise_weight_at(weights, by_rows ? row + second : row, by_rows ? column : column + second, channel);
            }
        }
    }
}

/// Two taps of 16 channels, side by side.
TEXTPIN_INLINE void interleave(__m256i first, __m256i second, int16_t *words)
{
    _mm256_storeu_si256((__m256i *)words, _mm256_unpacklo_epi16(first, second));
    _mm256_storeu_si256((__m256i *)(words + CHUNK_CHANNELS), _mm256_unpackhi_epi16(first, second));
}

/// `columns` pixels of 16 channels of all rows, as taps side by side.
static void bring_together(const int8_t *input, ptrdiff_t row_stride, ptrdiff_t pixel_stride, int32_t rows, int32_t columns,
                           int16_t *words)
{
    for (int32_t row = 0; row + 1 < rows; row += 2, input += 2 * row_stride) {
        for (int32_t column = 0; column < columns; column++, words += COLUMN_WORDS) {
            const int8_t *bytes = input + column * pixel_stride;
            interleave(_mm256_cvtepi8_epi16(load_128(bytes)), _mm256_cvtepi8_epi16(load_128(bytes + row_stride)), words);
        }
    }
    if (rows % 2 == 1) {
        __m256i pixel = _mm256_cvtepi8_epi16(load_128(input));
        for (int32_t column = 1; column < columns; column++, words += COLUMN_WORDS) {
            __m256i next = _mm256_cvtepi8_epi16(load_128(input + column * pixel_stride));
            interleave(pixel, next, words);
            pixel = next;
        }
        // The weight of what is next to the last one is 0.
        interleave(pixel, pixel, words);
    }
}

/// Where a chunk of channels reads and writes; the same for every tile of some pixels.
struct pass {
    const struct chunk_head *head;
    const int16_t *words;
    /// Of each pair of taps, its first pixel's words.
    const int32_t *offsets;
    int32_t pairs;
    struct lane_output output;
};

/// Stores the outputs of a tile. `whole`: all channels of the chunk.
TEXTPIN_INLINE void store_tile(const struct pass *pass, int32_t P, enum epilogue epilogue, bool whole, const __m256i *sums, int32_t x)
{
    // Channels from the words that requantize_pair leaves.
    const __m256i in_order = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15));
    const __m256i zero_point = _mm256_set1_epi16((int16_t)pass->output.zero_point);
    const struct lane_pair *pair = pass->output.pairs;
    const int32_t channels = whole ? CHUNK_CHANNELS : pass->output.channels;
    int8_t *bytes = pass->output.bytes + x * pass->output.pixel_stride;
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p += 2) {
        const int32_t next = minimum(p + 1, P - 1);
        __m256i first = finish_pair(&pass->output, epilogue, pair, sums[2 * p], sums[2 * p + 1], _mm_setzero_si128());
        __m256i second = finish_pair(&pass->output, epilogue, pair, sums[2 * next], sums[2 * next + 1], _mm_setzero_si128());
        __m256i both = _mm256_shuffle_epi8(saturate_32(first, second, zero_point), in_order);
        store_first(bytes + p * pass->output.pixel_stride, _mm256_castsi256_si128(both), channels);
        store_first(bytes + next * pass->output.pixel_stride, _mm256_extracti128_si256(both, 1), channels);
    }
}

TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t stride, int32_t P, int32_t x)
{
    __m256i sums[2 * TILE_PIXELS];
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < 2 * P; i++) {
        sums[i] = load_256(pass->head->bias + i % 2 * LANES);
    }
    const int8_t *weights = (const int8_t *)(pass->head + 1);
    for (int32_t pair = 0; pair < pass->pairs; pair++, weights += 2 * CHUNK_CHANNELS) {
        const int16_t *words = pass->words + pass->offsets[pair] + x * stride * COLUMN_WORDS;
        const __m256i low = _mm256_cvtepi8_epi16(load_128(weights)), high = _mm256_cvtepi8_epi16(load_128(weights + CHUNK_CHANNELS));
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            const int16_t *taps = words + p * stride * COLUMN_WORDS;
            sums[2 * p] = _mm256_add_epi32(sums[2 * p], _mm256_madd_epi16(low, load_256(taps)));
            sums[2 * p + 1] = _mm256_add_epi32(sums[2 * p + 1], _mm256_madd_epi16(high, load_256(taps + CHUNK_CHANNELS)));
        }
    }
    const bool whole = pass->output.channels >= CHUNK_CHANNELS;
    if (!whole) {
        store_tile(pass, P, pass->output.hard_swish != NULL ? HARD_SWISH : TO_8_BITS, false, sums, x);
    } else if (pass->output.hard_swish != NULL) {
        store_tile(pass, P, HARD_SWISH, true, sums, x);
    } else {
        store_tile(pass, P, TO_8_BITS, true, sums, x);
    }
}

/// The last tile starts earlier where pixels are left over, and computes some outputs again.
TEXTPIN_INLINE void convolve_pixels(const struct pass *row, int32_t stride, int32_t pixels)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    for (int32_t x = 0; x < pixels && pixels < TILE_PIXELS; x++) {
        convolve_tile(pass, stride, 1, x);
    }
    for (int32_t x = 0; x < pixels && pixels >= TILE_PIXELS; x += TILE_PIXELS) {
        convolve_tile(pass, stride, TILE_PIXELS, minimum(x, pixels - TILE_PIXELS));
    }
}

/// One function per stride, so that it is a constant.
static __attribute__((noinline)) void convolve_at_1(const struct pass *pass, int32_t pixels)
{
    convolve_pixels(pass, 1, pixels);
}

static __attribute__((noinline)) void convolve_at_2(const struct pass *pass, int32_t pixels)
{
    convolve_pixels(pass, 2, pixels);
}

void textpin_depthwise_row_avx2(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride, int8_t *output,
                                ptrdiff_t output_pixel_stride, int32_t pixels)
{
    const int32_t rows = depthwise->kernel_rows, columns = depthwise->kernel_columns, stride = depthwise->stride;
    assert(rows * columns <= MOST_TAPS && (stride == 1 || stride == 2));
    // Columns that are held of each pair of rows, and the outputs that they make.
    const int32_t held = MOST_COLUMNS / ((rows + 1) / 2), most = (held - columns) / stride + 1;
    const int32_t step = most < TILE_PIXELS ? most : most / TILE_PIXELS * TILE_PIXELS;
    int16_t words[MOST_COLUMNS * COLUMN_WORDS];
    int32_t offsets[MOST_TAPS / 2];
    struct hard_swish_vectors hard_swish;
    if (depthwise->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(depthwise->hard_swish);
    }
    for (int32_t start = 0; start < pixels; start += step) {
        const int32_t count = minimum(step, pixels - start), input_columns = (count - 1) * stride + columns;
        const int8_t *bytes = input + (ptrdiff_t)start * stride * depthwise->input_channel_stride;
        const int32_t pairs = tap_pairs(rows, columns), row_pairs = rows / 2;
        for (int32_t pair = 0; pair < pairs; pair++) {
            const int32_t row_pair = minimum(pair / columns, row_pairs), rest = pair - row_pair * columns;
            offsets[pair] = (row_pair * input_columns + (row_pair < row_pairs ? rest : 2 * rest)) * COLUMN_WORDS;
        }
        const int8_t *packed = depthwise->packed;
        for (int32_t first = 0; first < depthwise->channels; first += CHUNK_CHANNELS) {
            bring_together(bytes + first, input_row_stride, depthwise->input_channel_stride, rows, input_columns, words);
            const struct chunk_head *head = (const struct chunk_head *)(const void *)packed;
            const struct pass pass = {
                .head = head,
                .words = words,
                .offsets = offsets,
                .pairs = pairs,
                .output =
                    {
                        .pairs = &head->pair,
                        .hard_swish = depthwise->hard_swish != NULL ? &hard_swish : NULL,
                        .bytes = output + start * output_pixel_stride + first,
                        .pixel_stride = output_pixel_stride,
                        .channels = depthwise->channels - first,
                        .zero_point = depthwise->output_zero_point,
                    },
            };
            if (stride == 1) {
                convolve_at_1(&pass, count);
            } else {
                convolve_at_2(&pass, count);
            }
            packed += chunk_bytes(rows, columns);
        }
    }
    if (depthwise->table != NULL) {
        textpin_lookup_row_avx2(depthwise->table, output, output_pixel_stride, output, output_pixel_stride, depthwise->channels, pixels);
    }
}

#pragma clang attribute pop
#endif
