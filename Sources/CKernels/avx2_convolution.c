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

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

enum {
    TILE_ACCUMULATORS = 12,
    /// Input bytes of a segment at most: with a block's weights and MOST_WORDS, about what the first cache holds.
    SEGMENT = 384,
    /// Pixels whose sums are held between segments, a multiple of every tile's.
    SUMS_PIXELS = 24,
    MOST_WORDS = SEGMENT * SUMS_PIXELS,
    MOST_SUMS = SUMS_PIXELS * LANES * MOST_ACCUMULATORS,
};

/// The packed form of a block: pairs, the bias by places, then bytes of weights [step of 2 input bytes][place][2].
static size_t block_bytes(int32_t accumulators, int32_t input_bytes)
{
    return (size_t)pairs_of(accumulators) * sizeof(struct lane_pair)
         + (size_t)(LANES * accumulators) * (sizeof(int32_t) + (size_t)input_bytes);
}

size_t textpin_packed_convolution_bytes_avx2(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        bytes += block_bytes(accumulators, weights->kernel_rows * row_bytes_of(weights));
    }
    return align_packed(bytes);
}

int32_t textpin_channel_of_place_avx2(int32_t output_channels, int32_t place)
{
    int32_t first = 0, accumulators = accumulators_of(output_channels);
    for (; place >= first + LANES * accumulators; accumulators = accumulators_of(output_channels - first)) {
        first += LANES * accumulators;
    }
    return first + channel_of_place(accumulators, place - first);
}

void textpin_pack_convolution_avx2(const struct textpin_weights *weights, void *packed)
{
    const int32_t row_bytes = row_bytes_of(weights), input_bytes = weights->kernel_rows * row_bytes;
    int8_t *next = packed;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        const int32_t places = LANES * accumulators;
        struct lane_pair *pairs = (struct lane_pair *)(void *)next;
        pack_lane_pairs(weights, first, accumulators, pairs);
        int32_t *bias = (int32_t *)(void *)(pairs + pairs_of(accumulators));
        for (int32_t place = 0; place < places; place++) {
            const int32_t channel = first + channel_of_place(accumulators, place);
            bias[place] = channel < weights->output_channels ? weights->bias[channel] : 0;
        }
        int8_t *bytes = (int8_t *)(bias + places);
        for (int32_t index = 0; index < places * input_bytes; index++) {
            const int32_t byte = index / (2 * places) * 2 + index % 2, place = index / 2 % places;
            bytes[index] = weight_at(weights, first + channel_of_place(accumulators, place), byte / row_bytes, byte % row_bytes);
        }
        next += block_bytes(accumulators, input_bytes);
    }
}

/// Where a row's windows are.
struct windows {
    const int8_t *input;
    ptrdiff_t row_stride;
    ptrdiff_t pixel_step;
    int32_t row_bytes;
};

/// Writes 16 words past the last one at most.
TEXTPIN_INLINE void extend_bytes(const int8_t *bytes, int32_t count, int16_t *words)
{
    for (int32_t i = 0; i < count; i += 16) {
        _mm256_storeu_si256((__m256i *)(words + i), _mm256_cvtepi8_epi16(load_128(bytes + i)));
    }
}

/// Bytes first ..< first + count of the windows of some pixels, side by side.
static void extend_windows(const struct windows *windows, int32_t first, int32_t count, int32_t pixels, int16_t *words)
{
    if (count == windows->row_bytes && windows->pixel_step == count) {
        // One row of the kernel, and no gap from pixel to pixel.
        extend_bytes(windows->input + first / count * windows->row_stride, count * pixels, words);
        return;
    }
    const int8_t *start = windows->input + first / windows->row_bytes * windows->row_stride;
    for (int32_t x = 0; x < pixels; x++, start += windows->pixel_step) {
        const int8_t *row = start;
        int32_t run;
        for (int32_t done = 0, offset = first % windows->row_bytes; done < count; done += run, offset = 0, row += windows->row_stride) {
            run = minimum(windows->row_bytes - offset, count - done);
            extend_bytes(row + offset, run, words + done);
        }
        words += count;
    }
}

/// One segment of a block of channels; the same for every tile of some pixels.
struct pass {
    const int16_t *words;
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
    const int16_t *weights = pass->weights, *words = pass->words + x * pass->segment_bytes;
    for (const int16_t *end = words + pass->segment_bytes; words < end; words += 2, weights += 2 * LANES * A) {
        __m256i step_weights[2];
#pragma clang loop unroll(full)
        for (int32_t a = 0; a < minimum(A, 2); a++) {
            step_weights[a] = load_256(weights + 2 * LANES * a);
            // Else the compiler would read these from memory for each pixel, too.
            __asm__("" : "+x"(step_weights[a]));
        }
#pragma clang loop unroll(full)
        for (int32_t p = 0; p < P; p++) {
            int32_t two;
            memcpy(&two, words + p * pass->segment_bytes, sizeof two);
            const __m256i activations = _mm256_set1_epi32(two);
#pragma clang loop unroll(full)
            for (int32_t a = 0; a < minimum(A, 2); a++) {
                sums[p * A + a] = _mm256_add_epi32(sums[p * A + a], _mm256_madd_epi16(activations, step_weights[a]));
            }
            if (A == 3) {
                // No register is left for these weights: an operand in memory, and not the same value for all pixels.
                sums[p * A + 2] = _mm256_add_epi32(sums[p * A + 2], _mm256_madd_epi16(activations, load_256(weights + 4 * LANES)));
                __asm__ volatile("" : : : "memory");
            }
        }
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

/// What is extended at a time: bytes first ..< first + count of the windows of some pixels.
struct extension {
    int32_t first;
    int32_t count;
    int16_t words[MOST_WORDS + 16];
    int16_t weights[SEGMENT * LANES * MOST_ACCUMULATORS];
};

/// Convolves some pixels, MOST_WORDS / SEGMENT or as many as fit MOST_WORDS where the windows are one segment. `pass` says where outputs go
/// and what sums start from; outputs stay sums where `last_sums` is not null.
static void convolve_block(const struct windows *windows, int32_t input_bytes, const int8_t *packed_weights, int32_t accumulators,
                           struct pass *pass, int32_t *last_sums, int32_t pixels, struct extension *extension)
{
    static void (*const tiles[])(const struct pass *pass, int32_t pixels) = {convolve_1x8, convolve_2x6, convolve_3x4};
    // A tile that starts earlier reads again what the segment before left: segments take turns.
    int32_t sums[2][MOST_SUMS];
    for (int32_t first = 0; first < input_bytes; first += SEGMENT) {
        const int32_t count = minimum(SEGMENT, input_bytes - first), places = LANES * accumulators;
        if (extension->first != first) {
            extend_windows(windows, first, count, pixels, extension->words);
            extension->first = first;
        }
        extend_bytes(packed_weights + first * places, count * places, extension->weights);
        pass->words = extension->words;
        pass->weights = extension->weights;
        pass->segment_bytes = count;
        pass->sums = first + count < input_bytes ? sums[first / SEGMENT % 2] : last_sums;
        tiles[accumulators - 1](pass, pixels);
        pass->initial = pass->sums;
        pass->initial_stride = places;
    }
}

/// How many pixels are extended at a time.
static int32_t pixels_at_once(int32_t input_bytes)
{
    return input_bytes >= SEGMENT ? SUMS_PIXELS : MOST_WORDS / input_bytes / SUMS_PIXELS * SUMS_PIXELS;
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
            convolve_block(&windows, input_bytes, (const int8_t *)(bias + LANES * accumulators), accumulators, &pass, NULL, count,
                           &extension);
            packed += block_bytes(accumulators, input_bytes);
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

void textpin_logits_row_avx2(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                             ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= 4);
    const int32_t input_bytes = convolution->kernel_rows * convolution->row_bytes;
    const struct lane_pair *pair = convolution->packed;
    const int32_t *bias = (const int32_t *)(const void *)(pair + 1);
    // Of words as requantize_pair leaves pixels 0 and 2, 1 and 3: channels 0 and 1 of both, then channels 2 and 3 of both.
    const __m256i by_channels = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 8, 9, 4, 5, 12, 13, 2, 3, 10, 11, 6, 7, 14, 15));
    struct extension extension;
    for (int32_t start = 0; start < pixels; start += SUMS_PIXELS) {
        const int32_t count = minimum(SUMS_PIXELS, pixels - start);
        const struct windows windows = {input + start * input_pixel_step, input_row_stride, input_pixel_step, convolution->row_bytes};
        int32_t sums[SUMS_PIXELS * LANES];
        struct pass pass = {.initial = bias, .initial_stride = 0};
        extension.first = -1;
        convolve_block(&windows, input_bytes, (const int8_t *)(bias + LANES), 1, &pass, sums, count, &extension);
        for (int32_t x = 0; x < count; x += 4) {
            // The lower lanes of four pixels, or the last one again.
            __m128i pixel[4];
            for (int32_t i = 0; i < 4; i++) {
                pixel[i] = load_128(sums + minimum(x + i, count - 1) * LANES);
            }
            const __m256i first = scale_finely(_mm256_set_m128i(pixel[1], pixel[0]));
            const __m256i second = scale_finely(_mm256_set_m128i(pixel[3], pixel[2]));
            const __m256i words = _mm256_shuffle_epi8(requantize_pair(first, second, pair), by_channels);
            int16_t values[16];
            _mm256_storeu_si256((__m256i *)values, _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
            store_logits(values, convolution->output_channels, minimum(4, count - x), outputs, output_pixel_step, start + x);
        }
    }
}

#pragma clang attribute pop
#endif
