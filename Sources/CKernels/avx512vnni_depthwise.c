// Depthwise convolution for AVX512-VNNI. VPDPBUSD wants four taps of one channel side by side, so groups of four input vectors are
// transposed by unpacking bytes, then words; packing the outputs undoes the order that this leaves (see pack_64).
//
// A row is cut into strips, so that a vector is always full: a chunk of 64, 32 or 16 channels is computed for 1, 2 or 4 pixels at a
// time, each in a strip of its own. Strips overlap where the row does not divide: some outputs are computed twice, to the same bytes.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni_depthwise.h"
#include "avx512vnni_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX512VNNI))), apply_to = function)

/// What does not change along a row of one chunk.
struct pass {
    const struct chunk_head *head;
    const int8_t *weights;
    const int8_t *table;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int8_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_stride;
    /// Bytes from strip to strip.
    ptrdiff_t input_strip_step[4];
    ptrdiff_t output_strip_step[4];
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t kernel_rows;
    int32_t kernel_columns;
    int32_t stride;
    int32_t channels;
    int32_t zero_point;
    /// Output pixels of a strip.
    int32_t length;
};

/// 64 / strips channels of one pixel of each strip, offset to unsigned.
TEXTPIN_INLINE __m512i load_unsigned(const struct pass *pass, int32_t strips, const int8_t *input)
{
    __m512i bytes;
    if (strips == 1) {
        bytes = _mm512_loadu_si512(input);
    } else if (strips == 2) {
        bytes = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)input));
        bytes = _mm512_inserti64x4(bytes, _mm256_loadu_si256((const __m256i *)(input + pass->input_strip_step[1])), 1);
    } else {
        bytes = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)input));
        bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const __m128i *)(input + pass->input_strip_step[1])), 1);
        bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const __m128i *)(input + pass->input_strip_step[2])), 2);
        bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const __m128i *)(input + pass->input_strip_step[3])), 3);
    }
    return _mm512_xor_si512(bytes, _mm512_set1_epi8(INT8_MIN));
}

/// Four vectors of bytes to four of dwords that hold a channel's four bytes: lane 4 i + j of vector v is channel 16 i + 4 v + j.
TEXTPIN_INLINE void transpose(const __m512i taps[4], __m512i groups[4])
{
    __m512i low01 = _mm512_unpacklo_epi8(taps[0], taps[1]), high01 = _mm512_unpackhi_epi8(taps[0], taps[1]);
    __m512i low23 = _mm512_unpacklo_epi8(taps[2], taps[3]), high23 = _mm512_unpackhi_epi8(taps[2], taps[3]);
    groups[0] = _mm512_unpacklo_epi16(low01, low23);
    groups[1] = _mm512_unpackhi_epi16(low01, low23);
    groups[2] = _mm512_unpacklo_epi16(high01, high23);
    groups[3] = _mm512_unpackhi_epi16(high01, high23);
}

TEXTPIN_INLINE void multiply_add(__m512i sums[4], const __m512i groups[4], const int8_t *weights)
{
#pragma clang loop unroll(full)
    for (int32_t vector = 0; vector < 4; vector++) {
        sums[vector] = _mm512_dpbusd_epi32(sums[vector], groups[vector], _mm512_load_si512(weights + 64 * vector));
    }
}

TEXTPIN_INLINE void start_sums(const struct pass *pass, __m512i sums[4])
{
#pragma clang loop unroll(full)
    for (int32_t vector = 0; vector < 4; vector++) {
        sums[vector] = _mm512_load_si512(pass->head->bias + 16 * vector);
    }
}

TEXTPIN_INLINE void requantize_chunk(const struct pass *pass, const __m512i sums[4], bool finely, __m512i vectors[4])
{
#pragma clang loop unroll(full)
    for (int32_t vector = 0; vector < 4; vector++) {
        vectors[vector] = requantize_16(finely ? scale_finely(sums[vector]) : sums[vector],
                                        load_requantization(&pass->head->requantization[vector]));
    }
}

TEXTPIN_INLINE void store_outputs(const struct pass *pass, int32_t strips, const __m512i sums[4], int8_t *output)
{
    __m512i vectors[4], bytes, zero_point = _mm512_set1_epi16((int16_t)pass->zero_point);
    if (pass->hard_swish != NULL) {
        requantize_chunk(pass, sums, true, vectors);
        __m512i output_multipliers[2] = {_mm512_load_si512(pass->head->output_multiplier[0]),
                                         _mm512_load_si512(pass->head->output_multiplier[1])};
        bytes = hard_swish_64(vectors, pass->hard_swish, output_multipliers, zero_point);
    } else {
        requantize_chunk(pass, sums, false, vectors);
        bytes = pack_64(vectors, zero_point);
        if (pass->table != NULL) {
            bytes = look_up_64(bytes, pass->table);
        }
    }
    __mmask64 mask = first_bytes(pass->channels);
    if (strips == 1) {
        _mm512_mask_storeu_epi8(output, mask, bytes);
    } else if (strips == 2) {
        _mm256_mask_storeu_epi8(output, (__mmask32)mask, _mm512_castsi512_si256(bytes));
        _mm256_mask_storeu_epi8(output + pass->output_strip_step[1], (__mmask32)mask, _mm512_extracti64x4_epi64(bytes, 1));
    } else {
        _mm_mask_storeu_epi8(output, (__mmask16)mask, _mm512_castsi512_si128(bytes));
        _mm_mask_storeu_epi8(output + pass->output_strip_step[1], (__mmask16)mask, _mm512_extracti32x4_epi32(bytes, 1));
        _mm_mask_storeu_epi8(output + pass->output_strip_step[2], (__mmask16)mask, _mm512_extracti32x4_epi32(bytes, 2));
        _mm_mask_storeu_epi8(output + pass->output_strip_step[3], (__mmask16)mask, _mm512_extracti32x4_epi32(bytes, 3));
    }
}

/// Any other kernel: four taps after four.
TEXTPIN_INLINE void convolve_taps(const struct pass *row, int32_t strips, const ptrdiff_t *tap_offsets, int32_t groups)
{
    const struct pass copy = *row, *pass = &copy;
    for (int32_t x = 0; x < pass->length; x++) {
        const int8_t *input = pass->input + (ptrdiff_t)x * pass->stride * pass->input_pixel_stride;
        const int8_t *weights = pass->weights;
        __m512i sums[4];
        start_sums(pass, sums);
        for (int32_t group = 0; group < groups; group++) {
            __m512i taps[4], transposed[4];
#pragma clang loop unroll(full)
            for (int32_t tap = 0; tap < 4; tap++) {
                taps[tap] = load_unsigned(pass, strips, input + tap_offsets[GROUP_TAPS * group + tap]);
            }
            transpose(taps, transposed);
            multiply_add(sums, transposed, weights);
            weights += 256;
        }
        store_outputs(pass, strips, sums, pass->output + x * pass->output_pixel_stride);
    }
}

/// A transposed column serves every output whose window it is in, all of them in registers.
///
///     column c, rows 0...3 -> 4 vectors   x   weights of kernel column k   ->   output (c - k) / S,   k = 0..<K where S divides c - k
///
/// The sums take turns: output x has those numbered x mod `live`, so live * S columns are one round of the loop.
TEXTPIN_INLINE void convolve_sliding(const struct pass *row, int32_t strips, int32_t K, int32_t S)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    const int32_t live = (K + S - 1) / S, round = live * S, row_groups = (K + 3) / 4;
    const int32_t columns = (pass->length - 1) * S + K;
    __m512i sums[5][4], bias[4];
    start_sums(pass, bias);
    if (live <= 3) {
        // There are registers to spare, but the compiler would rather load anew.
        __asm__("" : "+v"(bias[0]), "+v"(bias[1]), "+v"(bias[2]), "+v"(bias[3]));
    }
#pragma clang loop unroll(full)
    for (int32_t turn = 0; turn < live; turn++) {
        memcpy(sums[turn], bias, sizeof bias);
    }
    for (int32_t first = 0;; first += round) {
#pragma clang loop unroll(full)
        for (int32_t turn = 0; turn < round; turn++) {
            int32_t column = first + turn;
            if (column == columns) {
                return;
            }
            const int8_t *input = pass->input + column * pass->input_pixel_stride;
            if (turn % S == 0) {
                memcpy(sums[turn / S], bias, sizeof bias);
            }
#pragma clang loop unroll(full)
            for (int32_t row_group = 0; row_group < row_groups; row_group++) {
                __m512i taps[4], transposed[4];
#pragma clang loop unroll(full)
                for (int32_t tap = 0; tap < 4; tap++) {
                    // Past the kernel's last row the weights are 0, and any byte does.
                    int32_t row_index = minimum(4 * row_group + tap, K - 1);
                    taps[tap] = 4 * row_group + tap < K ? load_unsigned(pass, strips, input + row_index * pass->input_row_stride)
                                                        : taps[tap - 1];
                }
                transpose(taps, transposed);
#pragma clang loop unroll(full)
                for (int32_t k = 0; k < K; k++) {
                    if ((turn + round - k) % S == 0) {
                        multiply_add(sums[(turn + round - k) / S % live], transposed, pass->weights + 256 * (row_group * K + k));
                    }
                }
            }
            if (column >= K - 1 && (turn + round - (K - 1)) % S == 0) {
                ptrdiff_t x = (column - (K - 1)) / S;
                store_outputs(pass, strips, sums[(turn + round - (K - 1)) / S % live], pass->output + x * pass->output_pixel_stride);
            }
        }
    }
}

/// One function per number of strips, kernel and stride, so that they are constants.
#define SLIDING(strips, K, S)                                                                                                            \
    static __attribute__((noinline)) void sliding_##strips##_##K##_##S(const struct pass *pass)                                          \
    {                                                                                                                                    \
        convolve_sliding(pass, strips, K, S);                                                                                            \
    }
#define STRIPS(strips)                                                                                                                   \
    SLIDING(strips, 3, 1)                                                                                                                \
    SLIDING(strips, 3, 2)                                                                                                                \
    SLIDING(strips, 5, 1)                                                                                                                \
    SLIDING(strips, 5, 2)                                                                                                                \
    static __attribute__((noinline)) void taps_##strips(const struct pass *pass, const ptrdiff_t *tap_offsets, int32_t groups)           \
    {                                                                                                                                    \
        convolve_taps(pass, strips, tap_offsets, groups);                                                                                \
    }
STRIPS(1)
STRIPS(2)
STRIPS(4)
#undef STRIPS
#undef SLIDING

static void convolve_chunk(const struct pass *pass, int32_t strips)
{
    if (slides(pass->kernel_rows, pass->kernel_columns)) {
        static void (*const sliding[3][2][2])(const struct pass *pass) = {
            {{sliding_1_3_1, sliding_1_3_2}, {sliding_1_5_1, sliding_1_5_2}},
            {{sliding_2_3_1, sliding_2_3_2}, {sliding_2_5_1, sliding_2_5_2}},
            {{sliding_4_3_1, sliding_4_3_2}, {sliding_4_5_1, sliding_4_5_2}},
        };
        sliding[strips / 2][pass->kernel_rows / 4][pass->stride - 1](pass);
        return;
    }
    ptrdiff_t tap_offsets[MOST_TAPS];
    int32_t groups = tap_groups(pass->kernel_rows, pass->kernel_columns);
    for (int32_t index = 0; index < GROUP_TAPS * groups; index++) {
        int32_t row = index / pass->kernel_columns, column = index % pass->kernel_columns;
        // Past the last tap the weights are 0, and any byte of the input does.
        tap_offsets[index] = row < pass->kernel_rows ? row * pass->input_row_stride + column * pass->input_pixel_stride : 0;
    }
    (strips == 1 ? taps_1 : strips == 2 ? taps_2 : taps_4)(pass, tap_offsets, groups);
}

/// Rows of 8 channels without gaps, in pairs of pixels: at stride 1, pixels x and x + 1 side by side are one pixel of 16 channels, and
/// the kernel steps by two of the columns that it reads. The same sums, with all lanes used.
static bool pairs_pixels(const struct textpin_depthwise *depthwise, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    return depthwise->channels == 8 && depthwise->stride == 1 && depthwise->input_channel_stride == 8 && output_pixel_stride == 8
        && pixels % 2 == 0;
}

void textpin_depthwise_row_avx512vnni(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                      int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    assert(depthwise->stride == 1 || depthwise->stride == 2);
    assert(GROUP_TAPS * tap_groups(depthwise->kernel_rows, depthwise->kernel_columns) <= MOST_TAPS);
    int32_t channels = depthwise->channels, stride = depthwise->stride;
    if (pairs_pixels(depthwise, output_pixel_stride, pixels)) {
        channels = 16;
        stride = 2;
        output_pixel_stride = 16;
        pixels /= 2;
    }
    struct hard_swish_vectors hard_swish;
    if (depthwise->hard_swish != NULL) {
        broadcast_hard_swish(depthwise->hard_swish, &hard_swish);
    }
    const int8_t *packed = depthwise->packed;
    int32_t width;
    for (int32_t first = 0; first < channels; first += width) {
        width = chunk_width(channels - first);
        int32_t strips = 64 / width;
        struct pass pass = {
            .head = (const struct chunk_head *)packed,
            .weights = packed + sizeof(struct chunk_head),
            .table = depthwise->table,
            .hard_swish = depthwise->hard_swish != NULL ? &hard_swish : NULL,
            .input = input + first,
            .input_row_stride = input_row_stride,
            .input_pixel_stride = depthwise->input_channel_stride,
            .output = output + first,
            .output_pixel_stride = output_pixel_stride,
            .kernel_rows = depthwise->kernel_rows,
            .kernel_columns = depthwise->kernel_columns,
            .stride = stride,
            .channels = minimum(width, channels - first),
            .zero_point = depthwise->output_zero_point,
            .length = (pixels + strips - 1) / strips,
        };
        for (int32_t strip = 0; strip < strips; strip++) {
            int32_t start = minimum(strip * pass.length, pixels - pass.length);
            pass.input_strip_step[strip] = (ptrdiff_t)start * stride * depthwise->input_channel_stride;
            pass.output_strip_step[strip] = start * output_pixel_stride;
        }
        convolve_chunk(&pass, strips);
        packed += chunk_bytes(depthwise->kernel_rows, depthwise->kernel_columns);
    }
}

#pragma clang attribute pop
#endif
