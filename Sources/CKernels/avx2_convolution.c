// Dense convolution for AVX2: bytes are extended to 16 bits ahead, and VPMADDWD multiplies 16 pairs and adds neighbours, exactly.
//
// A lane is one channel and two input bytes. One tile is A accumulators (8 A channels) by P pixels, A x P <= 12 of the 16 registers:
//
//                                  weights of 2 input bytes: A loads
//                                 +-------+-------+-------+
//     pixel 0: 2 extended bytes   | acc00 | acc01 | acc02 |     one broadcast
//     ...                         |       |       |       |
//     pixel P: 2 extended bytes   | accP0 | accP1 | accP2 |
//                                 +-------+-------+-------+
//
// The input bytes of a pixel, kernel row after kernel row, are cut into segments; a few pixels' windows are brought together and extended
// at a time, and a block's weights. What is summed up of one segment is what the next one starts from.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_convolution.h"
#include "avx2_lanes.h"
#include "avx2_windows.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum { TILE_ACCUMULATORS = 12, MOST_SUMS = LEAST_PIXELS * LANES * MOST_ACCUMULATORS };

/// One segment of a block of channels; the same for every tile of some pixels.
struct pass {
    const int16_t *words;
    ptrdiff_t pixel_words;
    const int16_t *weights;
    int32_t segment_bytes;
    /// What a pixel's sums start from, by places.
    const int32_t *initial;
    ptrdiff_t initial_stride;
    /// Where sums go, LANES A places a pixel; null where outputs are wanted.
    int32_t *sums;
    struct lane_output output;
};

/// sums[p * A + a] = what accumulator a of pixel p starts from + its products.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x, __m256i *sums)
{
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        sums[i] = load_256(pass->initial + (x + i / A) * pass->initial_stride + LANES * (i % A));
    }
    const int16_t *weights = pass->weights, *words = pass->words + x * pass->pixel_words;
    for (const int16_t *end = words + pass->segment_bytes; words < end; words += 2, weights += 2 * LANES * A) {
        add_products(A, P, words, pass->pixel_words, weights, sums);
    }
}

/// Stores all pixels of a tile but the first `skip`.
TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t A, int32_t P, int32_t x, int32_t skip)
{
    __m256i sums[TILE_ACCUMULATORS];
    accumulate_tile(pass, A, P, x, sums);
    if (pass->sums == NULL) {
        store_lanes(&pass->output, A, P, sums, x, skip);
        return;
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < A * P; i++) {
        _mm256_storeu_si256((__m256i *)(pass->sums + (x * A + i) * LANES), sums[i]);
    }
}

/// The last tile starts earlier where pixels are left over: it computes some outputs again, but does not store them, for what was stored
/// may have taken the place of their addends.
TEXTPIN_INLINE void convolve_pixels(const struct pass *row, int32_t A, int32_t P, int32_t pixels)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    if (pixels < P) {
        for (int32_t x = 0; x < pixels; x++) {
            convolve_tile(pass, A, 1, x, 0);
        }
        return;
    }
    for (int32_t x = 0; x < pixels; x += P) {
        int32_t start = minimum(x, pixels - P);
        convolve_tile(pass, A, P, start, x - start);
    }
}

/// One function per tile, so that its sizes are constants.
#define TILE(A, P)                                                                                                                       \
    static __attribute__((noinline)) void convolve_##A##x##P(const struct pass *pass, int32_t pixels)                                    \
    {                                                                                                                                    \
        convolve_pixels(pass, A, P, pixels);                                                                                             \
    }
TILE(1, 8)
TILE(2, 6)
TILE(3, 4)
#undef TILE

/// What is extended at a time: a segment of some pixels' windows, the first byte of which is `first`, and of a block's weights.
struct extension {
    int32_t first;
    int32_t pixel_words;
    int16_t words[MOST_WORDS + WORDS_SLACK];
    int16_t weights[SEGMENT * LANES * MOST_ACCUMULATORS];
};

/// Convolves some pixels, as many as pixels_at_once. `pass` says where outputs go and what sums start from.
static void convolve_block(const struct windows *windows, int32_t input_bytes, const int8_t *packed_weights, int32_t accumulators,
                           struct pass *pass, int32_t pixels, struct extension *extension)
{
    static void (*const tiles[])(const struct pass *pass, int32_t pixels) = {convolve_1x8, convolve_2x6, convolve_3x4};
    // A tile that starts earlier reads again what the segment before left: segments take turns.
    int32_t sums[2][MOST_SUMS];
    const int32_t places = LANES * accumulators;
    for (int32_t first = 0; first < input_bytes; first += SEGMENT) {
        const int32_t count = minimum(SEGMENT, input_bytes - first);
        if (extension->first != first) {
            extension->pixel_words = extend_windows(windows, first, count, pixels, extension->words);
            extension->first = first;
        }
        extend_bytes(packed_weights + first * places, count * places, extension->weights);
        pass->words = extension->words;
        pass->pixel_words = extension->pixel_words;
        pass->weights = extension->weights;
        pass->segment_bytes = count;
        pass->sums = first + count < input_bytes ? sums[first / SEGMENT % 2] : NULL;
        tiles[accumulators - 1](pass, pixels);
        pass->initial = pass->sums;
        pass->initial_stride = places;
    }
}

/// How many pixels are extended at a time: as many as fit where their windows are one segment.
static int32_t pixels_at_once(int32_t input_bytes)
{
    return input_bytes > SEGMENT ? LEAST_PIXELS : MOST_WORDS / (input_bytes + WORDS_SLACK) / LEAST_PIXELS * LEAST_PIXELS;
}

static void convolve_row(const struct textpin_convolution *convolution, const struct windows *row, const int8_t *addend,
                         ptrdiff_t addend_pixel_stride, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                         ptrdiff_t output_pixel_stride, int32_t pixels)
{
    const int32_t input_bytes = convolution->kernel_rows * convolution->row_bytes;
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(convolution->hard_swish);
    }
    struct extension extension;
    const int32_t step = pixels_at_once(input_bytes);
    for (int32_t start = 0; start < pixels; start += step) {
        const int32_t count = minimum(step, pixels - start);
        struct windows windows = *row;
        windows.input += start * row->pixel_step;
        extension.first = -1;
        const int8_t *packed = convolution->packed;
        int32_t accumulators;
        for (int32_t first = 0; first < convolution->output_channels; first += LANES * accumulators) {
            accumulators = accumulators_of(convolution->output_channels - first);
            const struct lane_pair *pairs = (const struct lane_pair *)(const void *)packed;
            const int32_t *bias = (const int32_t *)(const void *)(pairs + pairs_of(accumulators));
            struct pass pass = {
                .initial = initial != NULL ? initial + start * initial_stride + first : bias,
                .initial_stride = initial_stride,
                .output =
                    {
                        .pairs = pairs,
                        .hard_swish = convolution->hard_swish != NULL ? &hard_swish : NULL,
                        .addend = addend != NULL ? addend + start * addend_pixel_stride + first : NULL,
                        .addend_pixel_stride = addend_pixel_stride,
                        .bytes = output + start * output_pixel_stride + first,
                        .pixel_stride = output_pixel_stride,
                        .channels = minimum(convolution->output_channels - first, LANES * accumulators),
                        .zero_point = convolution->output_zero_point,
                        .addend_multiplier = convolution->addend_multiplier,
                    },
            };
            convolve_block(&windows, input_bytes, (const int8_t *)(bias + LANES * accumulators), accumulators, &pass, count, &extension);
            packed += textpin_block_bytes_avx2(accumulators, input_bytes);
        }
    }
    if (convolution->table != NULL) {
        textpin_lookup_row_avx2(convolution->table, output, output_pixel_stride, output, output_pixel_stride, convolution->output_channels,
                                pixels);
    }
}

void textpin_convolution_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                  ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                  ptrdiff_t output_pixel_stride, int32_t pixels)
{
    const struct windows row = {input, input_row_stride, input_pixel_step, convolution->row_bytes};
    convolve_row(convolution, &row, addend, addend_pixel_stride, NULL, 0, output, output_pixel_stride, pixels);
}

void textpin_continued_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                ptrdiff_t output_pixel_stride, int32_t pixels)
{
    const struct windows row = {input, input_row_stride, input_pixel_step, convolution->row_bytes};
    convolve_row(convolution, &row, NULL, 0, initial, initial_stride, output, output_pixel_stride, pixels);
}

#pragma clang attribute pop
#endif
