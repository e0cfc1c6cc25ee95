// Dense convolution for AVX512-VNNI: VPDPBUSD multiplies and adds 64 pairs of bytes.
//
// One tile is A accumulators (16 A or 8 A channels, see avx512vnni_convolution.h) by P pixels, all in registers:
//
//                      weights of this step: A loads
//                     +-------+-------+ ... +-------+
//     pixel 0: bytes  | acc00 | acc01 |     | acc0A |     bytes: 4 or 8 of the pixel's kernel row, broadcast and
//     pixel 1: bytes  | acc10 | acc11 |     | acc1A |     offset to unsigned by one VPXORD with embedded broadcast
//     ...             |       |       |     |       |
//     pixel P: bytes  | accP0 | accP1 |     | accPA |     A x P <= 24, at least 8 to hide the latency of VPDPBUSD
//                     +-------+-------+ ... +-------+
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni_convolution.h"
#include "avx512vnni_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX512VNNI))), apply_to = function)

/// Where a block of channels reads and writes; the same for every tile of a row.
struct pass {
    const int8_t *packed;
    const int8_t *table;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int8_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_step;
    /// What sums start from in place of the bias, by lanes; null for the bias.
    const int32_t *initial;
    ptrdiff_t initial_stride;
    /// Null for none.
    const int8_t *addend;
    ptrdiff_t addend_pixel_stride;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t kernel_rows;
    int32_t row_bytes;
    int32_t channels;
    int32_t zero_point;
    int32_t addend_multiplier;
};

enum { MOST_ACCUMULATORS = 24 };

TEXTPIN_INLINE __m512i broadcast_unsigned(const int8_t *bytes, int32_t depth, __m512i sign_bits)
{
    if (depth == DEPTH_4) {
        int32_t four;
        memcpy(&four, bytes, sizeof four);
        return _mm512_xor_si512(_mm512_set1_epi32(four), sign_bits);
    }
    int64_t eight;
    memcpy(&eight, bytes, sizeof eight);
    return _mm512_xor_si512(_mm512_set1_epi64(eight), sign_bits);
}

/// What accumulator `a` of a pixel starts from: at DEPTH_8 in the first lane of each pair.
TEXTPIN_INLINE __m512i load_initial(const int32_t *initial, int32_t depth, int32_t a)
{
    return depth == DEPTH_4 ? _mm512_loadu_si512(initial + 16 * a)
                            : _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(initial + 8 * a)));
}

/// sums[p * A + a] = bias of accumulator a, or what stands at `initial` for pixel p, + the products of pixel p.
TEXTPIN_INLINE void accumulate_tile(const struct pass *pass, int32_t depth, int32_t A, int32_t P, const int8_t *input,
                                    const int32_t *initial, __m512i *sums)
{
    const int8_t *head = pass->packed + head_bytes(depth, A);
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p++) {
#pragma clang loop unroll(full)
        for (int32_t a = 0; a < A; a++) {
            sums[p * A + a] = initial != NULL ? load_initial(initial + p * pass->initial_stride, depth, a)
                                              : _mm512_load_si512(head - 64 * (A - a));
        }
    }
    __m512i sign_bits = _mm512_set1_epi8(INT8_MIN);
    // Hides the constant, else the compiler offsets the scalar and broadcasts it after: three instructions for one.
    __asm__("" : "+v"(sign_bits));
    const int8_t *weights = head;
    for (int32_t row = 0; row < pass->kernel_rows; row++) {
        const int8_t *bytes = input + row * pass->input_row_stride;
        for (const int8_t *end = bytes + pass->row_bytes; bytes < end; bytes += depth) {
            __m512i step_weights[6];
#pragma clang loop unroll(full)
            for (int32_t a = 0; a < A; a++) {
                step_weights[a] = _mm512_load_si512(weights + 64 * a);
            }
            weights += 64 * A;
#pragma clang loop unroll(full)
            for (int32_t p = 0; p < P; p++) {
                __m512i activations = broadcast_unsigned(bytes + p * pass->input_pixel_step, depth, sign_bits);
#pragma clang loop unroll(full)
                for (int32_t a = 0; a < A; a++) {
                    sums[p * A + a] = _mm512_dpbusd_epi32(sums[p * A + a], activations, step_weights[a]);
                }
            }
        }
    }
}

/// Half vector `half` of a group at DEPTH_8, counted on through its pixels; past the last one, any.
TEXTPIN_INLINE __m512i half_of_group(const __m512i *sums, int32_t half, int32_t count)
{
    return sums[half < count ? half : 0];
}

/// Lane pairs added up: lanes 4 i, 4 i + 1 from `a`, 4 i + 2, 4 i + 3 from `b`.
TEXTPIN_INLINE __m512i add_lane_pairs(__m512i a, __m512i b)
{
    __m512 first = _mm512_castsi512_ps(a), second = _mm512_castsi512_ps(b);
    return _mm512_add_epi32(_mm512_castps_si512(_mm512_shuffle_ps(first, second, 0x88)),
                            _mm512_castps_si512(_mm512_shuffle_ps(first, second, 0xDD)));
}

TEXTPIN_INLINE void load_parameters(const int8_t *packed, int32_t count, struct requantization_registers parameters[4])
{
    const struct requantization_vector *vectors = (const struct requantization_vector *)(packed + sizeof(struct block_head));
#pragma clang loop unroll(full)
    for (int32_t vector = 0; vector < count; vector++) {
        parameters[vector] = load_requantization(&vectors[vector]);
    }
}

/// Vector `vector` of the group of pixels whose sums start at `sums`, requantized; finely: times TEXTPIN_FINE_SCALE first.
TEXTPIN_INLINE __m512i group_vector(const struct requantization_registers parameters[4], int32_t depth, int32_t A, int32_t group,
                                    const __m512i *sums, int32_t vector, bool finely)
{
    int32_t count = group * A;
    __m512i sum = depth == DEPTH_4 ? sums[vector]
                                   : add_lane_pairs(half_of_group(sums, 2 * vector, count), half_of_group(sums, 2 * vector + 1, count));
    return requantize_16(finely ? scale_finely(sum) : sum, parameters[vector % parameter_vectors(depth, A)]);
}

/// Reads the addends of a group of pixels as 64 bytes in order.
TEXTPIN_INLINE __m512i load_addends(const struct pass *pass, int32_t group, const int8_t *addend)
{
    ptrdiff_t stride = pass->addend_pixel_stride;
    if (group == 1 || stride == 64 / group) {
        return _mm512_loadu_si512(addend);
    }
    _Alignas(64) int8_t pieces[64];
#pragma clang loop unroll(full)
    for (int32_t pixel = 0; pixel < group; pixel++) {
        memcpy(pieces + 64 / group * pixel, addend + pixel * stride, 64 / (size_t)group);
    }
    return _mm512_load_si512(pieces);
}

/// Writes the outputs of a group of pixels from its 64 bytes in order, but the first `skip` pixels.
TEXTPIN_INLINE void store_group(const struct pass *pass, int32_t group, __m512i bytes, int8_t *output, int32_t skip)
{
    ptrdiff_t stride = pass->output_pixel_stride;
    if (skip > 0) {
        _Alignas(64) int8_t pieces[64];
        _mm512_store_si512(pieces, bytes);
        for (int32_t pixel = skip; pixel < group; pixel++) {
            memcpy(output + pixel * stride, pieces + 64 / group * pixel, (size_t)pass->channels);
        }
        return;
    }
    if (group > 1 && stride == 64 / group && pass->channels == 64 / group) {
        _mm512_storeu_si512(output, bytes);
        return;
    }
    __mmask64 mask = first_bytes(pass->channels);
    if (group == 1) {
        _mm512_mask_storeu_epi8(output, mask, bytes);
    } else if (group == 2) {
        _mm256_mask_storeu_epi8(output, (__mmask32)mask, _mm512_castsi512_si256(bytes));
        _mm256_mask_storeu_epi8(output + stride, (__mmask32)mask, _mm512_extracti64x4_epi64(bytes, 1));
    } else if (group == 4) {
        _mm_mask_storeu_epi8(output, (__mmask16)mask, _mm512_castsi512_si128(bytes));
        _mm_mask_storeu_epi8(output + stride, (__mmask16)mask, _mm512_extracti32x4_epi32(bytes, 1));
        _mm_mask_storeu_epi8(output + 2 * stride, (__mmask16)mask, _mm512_extracti32x4_epi32(bytes, 2));
        _mm_mask_storeu_epi8(output + 3 * stride, (__mmask16)mask, _mm512_extracti32x4_epi32(bytes, 3));
    } else {
        _Alignas(64) int8_t pieces[64];
        _mm512_store_si512(pieces, bytes);
        for (int32_t pixel = 0; pixel < 8; pixel++) {
            memcpy(output + pixel * stride, pieces + 8 * pixel, (size_t)pass->channels);
        }
    }
}

/// What follows requantization.
enum epilogue { TO_8_BITS, HARD_SWISH, RESIDUAL_ADD };

/// Stores all pixels of a tile but the first `skip`.
TEXTPIN_INLINE void store_tile(const struct pass *pass, int32_t depth, int32_t A, int32_t P, const __m512i *sums, int32_t x, int32_t skip,
                               enum epilogue epilogue)
{
    const int32_t group = minimum(group_pixels(depth, A), P);
    const int32_t used = (group * halves(depth, A) + 1) / 2;
    __m512i zero_point = _mm512_set1_epi16((int16_t)pass->zero_point);
    // Loaded before the first store, which might change them as far as the compiler knows.
    struct requantization_registers parameters[4];
    load_parameters(pass->packed, parameter_vectors(depth, A), parameters);
    const struct block_head *head = (const struct block_head *)pass->packed;
    __m512i order = _mm512_load_si512(head->order), place = _mm512_load_si512(head->place);
    __m512i output_multipliers[2] = {_mm512_load_si512(head->output_multiplier[0]), _mm512_load_si512(head->output_multiplier[1])};
#pragma clang loop unroll(full)
    for (int32_t p = 0; p < P; p += group) {
        __m512i vectors[4];
#pragma clang loop unroll(full)
        for (int32_t vector = 0; vector < 4; vector++) {
            vectors[vector] = vector < used
                ? group_vector(parameters, depth, A, group, sums + p * A, vector, epilogue != TO_8_BITS)
                : vectors[0];
        }
        __m512i bytes;
        if (epilogue == RESIDUAL_ADD) {
            __m512i addends = load_addends(pass, group, pass->addend + (x + p) * pass->addend_pixel_stride);
            if (halves(depth, A) != 8) {
                addends = _mm512_permutexvar_epi16(place, addends);
            }
            bytes = add_64(vectors, addends, _mm512_set1_epi16((int16_t)pass->addend_multiplier), zero_point);
        } else {
            bytes = epilogue == HARD_SWISH ? hard_swish_64(vectors, pass->hard_swish, output_multipliers, zero_point)
                                           : pack_64(vectors, zero_point);
        }
        if (halves(depth, A) != 8) {
            bytes = _mm512_permutexvar_epi16(order, bytes);
        }
        if (epilogue == TO_8_BITS && pass->table != NULL) {
            bytes = look_up_64(bytes, pass->table);
        }
        store_group(pass, group, bytes, pass->output + (x + p) * pass->output_pixel_stride, skip - p);
    }
}

TEXTPIN_INLINE void convolve_tile(const struct pass *pass, int32_t depth, int32_t A, int32_t P, int32_t x, int32_t skip)
{
    __m512i sums[MOST_ACCUMULATORS];
    const int32_t *initial = pass->initial != NULL ? pass->initial + x * pass->initial_stride : NULL;
    accumulate_tile(pass, depth, A, P, pass->input + x * pass->input_pixel_step, initial, sums);
    if (pass->hard_swish != NULL) {
        store_tile(pass, depth, A, P, sums, x, 0, HARD_SWISH);
    } else if (pass->addend != NULL) {
        store_tile(pass, depth, A, P, sums, x, skip, RESIDUAL_ADD);
    } else {
        store_tile(pass, depth, A, P, sums, x, 0, TO_8_BITS);
    }
}

/// The last tile of a row starts earlier where pixels are left over: it computes some outputs again, but does not store them, for what was
/// stored may have taken the place of their addends.
TEXTPIN_INLINE void convolve_pixels(const struct pass *row, int32_t depth, int32_t A, int32_t P, int32_t pixels)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    if (pixels < P) {
        for (int32_t x = 0; x < pixels; x++) {
            convolve_tile(pass, depth, A, 1, x, 0);
        }
        return;
    }
    for (int32_t x = 0; x < pixels; x += P) {
        int32_t start = minimum(x, pixels - P);
        convolve_tile(pass, depth, A, P, start, x - start);
    }
}

/// One function per tile, so that its sizes are constants.
#define TILE(depth, A, P)                                                                                                                \
    static __attribute__((noinline)) void convolve_##depth##_##A##x##P(const struct pass *pass, int32_t pixels)                          \
    {                                                                                                                                    \
        convolve_pixels(pass, depth, A, P, pixels);                                                                                      \
    }
TILE(4, 1, 8)
TILE(4, 2, 8)
TILE(4, 3, 5)
TILE(4, 4, 5)
TILE(8, 1, 8)
TILE(8, 2, 8)
TILE(8, 3, 8)
TILE(8, 4, 4)
TILE(8, 5, 4)
TILE(8, 6, 4)
#undef TILE

typedef void (*tile_function)(const struct pass *pass, int32_t pixels);
static const tile_function tiles_of_depth_4[] = {convolve_4_1x8, convolve_4_2x8, convolve_4_3x5, convolve_4_4x5};
static const tile_function tiles_of_depth_8[] = {convolve_8_1x8, convolve_8_2x8, convolve_8_3x8,
                                                 convolve_8_4x4, convolve_8_5x4, convolve_8_6x4};

static void convolve_row(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                         ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, const int32_t *initial,
                         ptrdiff_t initial_stride, int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    int32_t depth = depth_of(convolution->output_channels, convolution->kernel_rows, convolution->row_bytes);
    const tile_function *tiles = depth == DEPTH_4 ? tiles_of_depth_4 : tiles_of_depth_8;
    struct pass pass = {
        .packed = convolution->packed,
        .table = convolution->table,
        .input = input,
        .input_row_stride = input_row_stride,
        .input_pixel_step = input_pixel_step,
        .initial = initial,
        .initial_stride = initial_stride,
        .addend = addend,
        .addend_pixel_stride = addend_pixel_stride,
        .output = output,
        .output_pixel_stride = output_pixel_stride,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
        .zero_point = convolution->output_zero_point,
        .addend_multiplier = convolution->addend_multiplier,
    };
    struct hard_swish_vectors hard_swish;
    if (convolution->hard_swish != NULL) {
        broadcast_hard_swish(convolution->hard_swish, &hard_swish);
        pass.hard_swish = &hard_swish;
    }
    for (int32_t first = 0; first < convolution->output_channels; first += pass.channels) {
        struct block block = next_block(depth, convolution->output_channels - first);
        pass.channels = block.channels;
        tiles[block.accumulators - 1](&pass, pixels);
        pass.packed += block_bytes(depth, block.accumulators, convolution->kernel_rows, convolution->row_bytes);
        pass.output += block.channels;
        pass.addend = addend != NULL ? pass.addend + block.channels : NULL;
        assert(initial == NULL || pass.channels == convolution->output_channels);
    }
}

void textpin_convolution_row_avx512vnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                        ptrdiff_t input_pixel_step, const int8_t *addend, ptrdiff_t addend_pixel_stride, int8_t *output,
                                        ptrdiff_t output_pixel_stride, int32_t pixels)
{
    convolve_row(convolution, input, input_row_stride, input_pixel_step, addend, addend_pixel_stride, NULL, 0, output,
                 output_pixel_stride, pixels);
}

void textpin_continued_row_avx512vnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                      ptrdiff_t input_pixel_step, const int32_t *initial, ptrdiff_t initial_stride, int8_t *output,
                                      ptrdiff_t output_pixel_stride, int32_t pixels)
{
    convolve_row(convolution, input, input_row_stride, input_pixel_step, NULL, 0, initial, initial_stride, output, output_pixel_stride,
                 pixels);
}

void textpin_logits_row_avx512vnni(const struct textpin_convolution *convolution, const int8_t *input, ptrdiff_t input_row_stride,
                                   ptrdiff_t input_pixel_step, int16_t *const *outputs, ptrdiff_t output_pixel_step, int32_t pixels)
{
    assert(convolution->output_channels <= 4);
    struct pass pass = {
        .packed = convolution->packed,
        .input_row_stride = input_row_stride,
        .input_pixel_step = input_pixel_step,
        .kernel_rows = convolution->kernel_rows,
        .row_bytes = convolution->row_bytes,
    };
    struct requantization_registers parameters;
    load_parameters(pass.packed, 1, &parameters);
    int32_t x = 0;
    for (; pixels >= 8 && x < pixels; x += 8) {
        int32_t start = minimum(x, pixels - 8);
        __m512i sums[8];
        accumulate_tile(&pass, DEPTH_8, 1, 8, input + start * input_pixel_step, NULL, sums);
#pragma clang loop unroll(full)
        for (int32_t half = 0; half < 2; half++) {
            __m512i four = _mm512_packs_epi32(group_vector(&parameters, DEPTH_8, 1, 8, sums, 2 * half, true),
                                              group_vector(&parameters, DEPTH_8, 1, 8, sums, 2 * half + 1, true));
            // Lane i of 128 bits holds channels 2 i and 2 i + 1 of four pixels.
            int16_t values[16];
            _mm256_storeu_si256((__m256i *)values, _mm512_castsi512_si256(four));
            store_logits(values, convolution->output_channels, 4, outputs, output_pixel_step, start + 4 * half);
        }
    }
    for (; x < pixels; x++) {
        __m512i sum;
        accumulate_tile(&pass, DEPTH_8, 1, 1, input + x * input_pixel_step, NULL, &sum);
        __m512i one = group_vector(&parameters, DEPTH_8, 1, 1, &sum, 0, true);
        _Alignas(64) int32_t values[16];
        _mm512_store_si512(values, one);
        for (int32_t channel = 0; channel < convolution->output_channels; channel++) {
            outputs[channel][x * output_pixel_step] = saturate16(values[channel / 2 * 4 + channel % 2]);
        }
    }
}

#pragma clang attribute pop
#endif
