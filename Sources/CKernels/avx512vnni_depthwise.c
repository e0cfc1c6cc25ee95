// Depthwise convolution for AVX512-VNNI. VPDPBUSD wants four taps of one channel side by side, so groups of four input vectors are
// transposed by unpacking bytes, then words; packing the outputs undoes the order that this leaves (see pack_64).
//
// A row is cut into strips, so that a vector is always full: a chunk of 64, 32 or 16 channels is computed for 1, 2 or 4 pixels at a
// time, each in a strip of its own. Strips overlap where the row does not divide: some outputs are computed twice, to the same bytes.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni.h"
#include "avx512vnni_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX512VNNI))), apply_to = function)

/// Taps of one channel that one dword of a vector holds: 4 rows of one column where outputs slide along it, else any 4 in order.
enum { GROUP_TAPS = 4, MOST_TAPS = 64 };

/// The packed form of a chunk of channels: these constants, then 256 bytes of weights for each group of taps.
struct chunk_head {
    struct requantization_vector requantization[4];
    uint32_t bias[64];
};

/// Channels side by side in a vector: 64, 32 or 16.
static int32_t chunk_width(int32_t remaining_channels)
{
    return remaining_channels > 48 ? 64 : remaining_channels > 16 ? 32 : 16;
}

/// Whether outputs share transposed columns: the kernels that leave registers for it, 3x3 and 5x5.
static bool slides(int32_t kernel_rows, int32_t kernel_columns)
{
    return kernel_rows == kernel_columns && (kernel_rows == 3 || kernel_rows == 5);
}

static int32_t tap_groups(int32_t kernel_rows, int32_t kernel_columns)
{
    return slides(kernel_rows, kernel_columns) ? (kernel_rows + 3) / 4 * kernel_columns : (kernel_rows * kernel_columns + 3) / 4;
}

static size_t chunk_bytes(int32_t kernel_rows, int32_t kernel_columns)
{
    return sizeof(struct chunk_head) + 256 * (size_t)tap_groups(kernel_rows, kernel_columns);
}

size_t textpin_packed_depthwise_bytes_avx512vnni(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels; first += chunk_width(weights->output_channels - first)) {
        bytes += chunk_bytes(weights->kernel_rows, weights->kernel_columns);
    }
    return bytes;
}

/// The weight of tap `tap` of a group: by columns of 4 rows where outputs slide, else in the order of the model file.
static int8_t grouped_weight(const struct textpin_weights *weights, int32_t group, int32_t tap, int32_t channel)
{
    int32_t columns = weights->kernel_columns;
    if (slides(weights->kernel_rows, columns)) {
        return depthwise_weight_at(weights, group / columns * GROUP_TAPS + tap, group % columns, channel);
    }
    int32_t index = group * GROUP_TAPS + tap;
    return depthwise_weight_at(weights, index / columns, index % columns, channel);
}

void textpin_pack_depthwise_avx512vnni(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    int32_t groups = tap_groups(weights->kernel_rows, weights->kernel_columns);
    int32_t width;
    for (int32_t first = 0; first < weights->output_channels; first += width) {
        width = chunk_width(weights->output_channels - first);
        struct chunk_head *head = (struct chunk_head *)next;
        next += sizeof *head;
        for (int32_t index = 0; index < 64; index++) {
            // Lane 4 i + j of vector v becomes byte 16 i + 4 v + j.
            int32_t vector = index / 16, lane = index % 16;
            int32_t channel = first + (lane / 4 * 16 + 4 * vector + lane % 4) % width;
            bool used = channel < weights->output_channels;
            textpin_set_requantization(&head->requantization[vector], lane, used ? weights->multiplier[channel] : 0,
                                       used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM);
            uint32_t bias = used ? (uint32_t)weights->bias[channel] : 0;
            for (int32_t group = 0; group < groups; group++) {
                for (int32_t tap = 0; tap < GROUP_TAPS; tap++) {
                    int8_t weight = grouped_weight(weights, group, tap, channel);
                    next[256 * group + 4 * index + tap] = weight;
                    // Activations are offset by 128 to be unsigned (equation 5).
                    bias -= 128u * (uint32_t)weight;
                }
            }
            head->bias[index] = bias;
        }
        next += 256 * groups;
    }
}

/// What does not change along a row of one chunk.
struct pass {
    const struct chunk_head *head;
    const int8_t *weights;
    const int8_t *table;
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

TEXTPIN_INLINE void store_outputs(const struct pass *pass, int32_t strips, const __m512i sums[4], int8_t *output)
{
    __m512i vectors[4];
#pragma clang loop unroll(full)
    for (int32_t vector = 0; vector < 4; vector++) {
        vectors[vector] = requantize_16(sums[vector], load_requantization(&pass->head->requantization[vector]));
    }
    __m512i bytes = pack_64(vectors, _mm512_set1_epi16((int16_t)pass->zero_point));
    if (pass->table != NULL) {
        bytes = look_up_64(bytes, pass->table);
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

/// Any kernel and stride: four taps after four.
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

/// Stride 1: a transposed column serves the K outputs whose window it is in, all of them in registers.
///
///     column c, rows 0...3 -> 4 vectors   x   weights of kernel column k   ->   output c - k,   k = 0..<K
///
/// The sums take turns: output x has the sums numbered x mod K, so K columns are one round of the loop.
TEXTPIN_INLINE void convolve_sliding(const struct pass *row, int32_t strips, int32_t K)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    const int32_t row_groups = (K + 3) / 4;
    const int32_t columns = pass->length + K - 1;
    __m512i sums[5][4], bias[4];
    start_sums(pass, bias);
    if (K == 3) {
        // There are registers to spare, but the compiler would rather load anew.
        __asm__("" : "+v"(bias[0]), "+v"(bias[1]), "+v"(bias[2]), "+v"(bias[3]));
    }
#pragma clang loop unroll(full)
    for (int32_t turn = 0; turn < K; turn++) {
        memcpy(sums[turn], bias, sizeof bias);
    }
    for (int32_t first = 0;; first += K) {
#pragma clang loop unroll(full)
        for (int32_t turn = 0; turn < K; turn++) {
            int32_t column = first + turn;
            if (column == columns) {
                return;
            }
            const int8_t *input = pass->input + column * pass->input_pixel_stride;
            memcpy(sums[turn], bias, sizeof bias);
#pragma clang loop unroll(full)
            for (int32_t row_group = 0; row_group < row_groups; row_group++) {
                __m512i taps[4], transposed[4];
#pragma clang loop unroll(full)
                for (int32_t tap = 0; tap < 4; tap++) {
                    // Past the kernel's last row the weights are 0, and any byte does.
                    int32_t row = minimum(4 * row_group + tap, K - 1);
                    taps[tap] = 4 * row_group + tap < K ? load_unsigned(pass, strips, input + row * pass->input_row_stride) : taps[tap - 1];
                }
                transpose(taps, transposed);
#pragma clang loop unroll(full)
                for (int32_t k = 0; k < K; k++) {
                    multiply_add(sums[(turn + K - k) % K], transposed, pass->weights + 256 * (row_group * K + k));
                }
            }
            if (column >= K - 1) {
                store_outputs(pass, strips, sums[(turn + 1) % K], pass->output + (column - (K - 1)) * pass->output_pixel_stride);
            }
        }
    }
}

/// One function per number of strips and kernel, so that they are constants.
#define STRIPS(strips)                                                                                                                   \
    static __attribute__((noinline)) void taps_##strips(const struct pass *pass, const ptrdiff_t *tap_offsets, int32_t groups)           \
    {                                                                                                                                    \
        convolve_taps(pass, strips, tap_offsets, groups);                                                                                \
    }                                                                                                                                    \
    static __attribute__((noinline)) void sliding_3_##strips(const struct pass *pass)                                                    \
    {                                                                                                                                    \
        convolve_sliding(pass, strips, 3);                                                                                               \
    }                                                                                                                                    \
    static __attribute__((noinline)) void sliding_5_##strips(const struct pass *pass)                                                    \
    {                                                                                                                                    \
        convolve_sliding(pass, strips, 5);                                                                                               \
    }
STRIPS(1)
STRIPS(2)
STRIPS(4)
#undef STRIPS

static void convolve_chunk(const struct pass *pass, int32_t strips)
{
    if (pass->stride == 1 && slides(pass->kernel_rows, pass->kernel_columns)) {
        if (pass->kernel_rows == 3) {
            (strips == 1 ? sliding_3_1 : strips == 2 ? sliding_3_2 : sliding_3_4)(pass);
        } else {
            (strips == 1 ? sliding_5_1 : strips == 2 ? sliding_5_2 : sliding_5_4)(pass);
        }
        return;
    }
    ptrdiff_t tap_offsets[MOST_TAPS];
    int32_t groups = tap_groups(pass->kernel_rows, pass->kernel_columns);
    for (int32_t index = 0; index < GROUP_TAPS * groups; index++) {
        bool by_column = slides(pass->kernel_rows, pass->kernel_columns);
        int32_t group = index / GROUP_TAPS, tap = index % GROUP_TAPS;
        int32_t row = by_column ? group / pass->kernel_columns * GROUP_TAPS + tap : index / pass->kernel_columns;
        int32_t column = by_column ? group % pass->kernel_columns : index % pass->kernel_columns;
        // Past the last tap the weights are 0, and any byte of the input does.
        tap_offsets[index] = row < pass->kernel_rows ? row * pass->input_row_stride + column * pass->input_pixel_stride : 0;
    }
    (strips == 1 ? taps_1 : strips == 2 ? taps_2 : taps_4)(pass, tap_offsets, groups);
}

void textpin_depthwise_row_avx512vnni(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                      int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    assert(GROUP_TAPS * tap_groups(depthwise->kernel_rows, depthwise->kernel_columns) <= MOST_TAPS);
    const int8_t *packed = depthwise->packed;
    int32_t width;
    for (int32_t first = 0; first < depthwise->channels; first += width) {
        width = chunk_width(depthwise->channels - first);
        int32_t strips = 64 / width;
        struct pass pass = {
            .head = (const struct chunk_head *)packed,
            .weights = packed + sizeof(struct chunk_head),
            .table = depthwise->table,
            .input = input + first,
            .input_row_stride = input_row_stride,
            .input_pixel_stride = depthwise->input_channel_stride,
            .output = output + first,
            .output_pixel_stride = output_pixel_stride,
            .kernel_rows = depthwise->kernel_rows,
            .kernel_columns = depthwise->kernel_columns,
            .stride = depthwise->stride,
            .channels = minimum(width, depthwise->channels - first),
            .zero_point = depthwise->output_zero_point,
            .length = (pixels + strips - 1) / strips,
        };
        for (int32_t strip = 0; strip < strips; strip++) {
            int32_t start = minimum(strip * pass.length, pixels - pass.length);
            pass.input_strip_step[strip] = (ptrdiff_t)start * depthwise->stride * depthwise->input_channel_stride;
            pass.output_strip_step[strip] = start * output_pixel_stride;
        }
        convolve_chunk(&pass, strips);
        packed += chunk_bytes(depthwise->kernel_rows, depthwise->kernel_columns);
    }
}

#pragma clang attribute pop
#endif
