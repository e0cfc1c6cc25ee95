// Combine, sums, table, repeat and maximum for AVX512 with VBMI.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni.h"
#include "avx512vnni_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX512VNNI))), apply_to = function)

/// Channels that combine_chunk computes at a time.
enum { COMBINE_CHANNELS = 32 };

/// Where a chunk of combine's channels reads and writes.
struct combine_pass {
    const int8_t *a;
    ptrdiff_t a_stride;
    /// Null for none.
    const int8_t *b;
    ptrdiff_t b_stride;
    int8_t *output;
    ptrdiff_t output_stride;
    int32_t repeat_shift;
    int32_t channels;
};

/// Equation 3 for at most 32 channels of a row. VPMADDWD multiplies pairs (a, b) by pairs (weight_a, weight_b) and adds: at most 2^23,
/// so that with |bias| < 2^30 nothing overflows. Interleaving leaves channels 8 i + 0...3 in `low` and 8 i + 4...7 in `high`; packing
/// undoes it.
static void combine_chunk(const struct combine_pass *row, const int16_t weight_a[COMBINE_CHANNELS], const int32_t bias[COMBINE_CHANNELS],
                          int32_t weight_b, int32_t shift, int32_t pixels)
{
    const struct combine_pass pass = *row;
    __m512i weights_a = _mm512_loadu_si512(weight_a), weights_b = _mm512_set1_epi16((int16_t)weight_b);
    __m512i low_weights = _mm512_unpacklo_epi16(weights_a, weights_b), high_weights = _mm512_unpackhi_epi16(weights_a, weights_b);
    __m512i first_bias = _mm512_loadu_si512(bias), second_bias = _mm512_loadu_si512(bias + 16);
    __m512i low_order = _mm512_set_epi32(27, 26, 25, 24, 19, 18, 17, 16, 11, 10, 9, 8, 3, 2, 1, 0);
    __m512i low_bias = _mm512_permutex2var_epi32(first_bias, low_order, second_bias);
    __m512i high_bias = _mm512_permutex2var_epi32(first_bias, _mm512_add_epi32(low_order, _mm512_set1_epi32(4)), second_bias);
    __m128i count = _mm_cvtsi32_si128(shift);
    __mmask32 mask = (__mmask32)first_bytes(pass.channels);
    for (int32_t x = 0; x < pixels; x++) {
        __m512i from_a = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(pass.a + x * pass.a_stride)));
        __m512i from_b = _mm512_setzero_si512();
        if (pass.b != NULL) {
            from_b = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(pass.b + (x >> pass.repeat_shift) * pass.b_stride)));
        }
        __m512i low = _mm512_madd_epi16(_mm512_unpacklo_epi16(from_a, from_b), low_weights);
        __m512i high = _mm512_madd_epi16(_mm512_unpackhi_epi16(from_a, from_b), high_weights);
        low = _mm512_sra_epi32(_mm512_add_epi32(low, low_bias), count);
        high = _mm512_sra_epi32(_mm512_add_epi32(high, high_bias), count);
        __m256i bytes = _mm512_cvtsepi16_epi8(_mm512_packs_epi32(low, high));
        _mm256_mask_storeu_epi8(pass.output + x * pass.output_stride, mask, bytes);
    }
}

void textpin_combine_row_avx512vnni(const struct textpin_combine *combine, const int8_t *a, ptrdiff_t a_stride, const int8_t *b,
                                    ptrdiff_t b_stride, int8_t *output, ptrdiff_t output_stride, int32_t pixels)
{
    int32_t channels = combine->channels;
    // Pixels that lie side by side count as one of 32 channels, where whole pixels fill it.
    bool dense = a_stride == channels && output_stride == channels && (b == NULL || (b_stride == channels && combine->repeat_b == 1));
    int32_t together = dense && COMBINE_CHANNELS % channels == 0 ? minimum(COMBINE_CHANNELS / channels, pixels) : 1;
    for (int32_t first = 0; first < channels; first += COMBINE_CHANNELS) {
        int32_t used = minimum(channels - first, COMBINE_CHANNELS);
        int16_t weight_a[COMBINE_CHANNELS] = {0};
        int32_t bias[COMBINE_CHANNELS] = {0};
        for (int32_t pixel = 0; pixel < together; pixel++) {
            memcpy(weight_a + pixel * used, combine->weight_a + first, (size_t)used * sizeof *weight_a);
            memcpy(bias + pixel * used, combine->bias + first, (size_t)used * sizeof *bias);
        }
        struct combine_pass pass = {
            .a = a + first,
            .a_stride = a_stride * together,
            .b = b == NULL ? NULL : b + first,
            .b_stride = b_stride * together,
            .output = output + first,
            .output_stride = output_stride * together,
            .repeat_shift = __builtin_ctz((unsigned)combine->repeat_b),
            .channels = used * together,
        };
        int32_t groups = pixels / together, rest = pixels % together;
        combine_chunk(&pass, weight_a, bias, combine->weight_b, combine->shift, groups);
        if (rest > 0) {
            pass.a += groups * pass.a_stride;
            pass.b = b == NULL ? NULL : pass.b + groups * pass.b_stride;
            pass.output += groups * pass.output_stride;
            pass.channels = used * rest;
            combine_chunk(&pass, weight_a, bias, combine->weight_b, combine->shift, 1);
        }
    }
}

void textpin_channel_sums_avx512vnni(const int8_t *input, ptrdiff_t pixel_stride, int32_t pixels, int32_t channels, int32_t *sums)
{
    // 255 bytes of either sign stay within 16 bits.
    enum { RUN = 255, CHANNELS = 32 };
    for (int32_t first = 0; first < channels; first += CHANNELS) {
        int32_t used = minimum(channels - first, CHANNELS);
        __mmask16 low_mask = (__mmask16)first_bytes(minimum(used, 16));
        __mmask16 high_mask = (__mmask16)(first_bytes(used) >> 16);
        __m512i low = _mm512_maskz_loadu_epi32(low_mask, sums + first);
        __m512i high = _mm512_maskz_loadu_epi32(high_mask, sums + first + 16);
        for (int32_t start = 0; start < pixels; start += RUN) {
            __m512i run = _mm512_setzero_si512();
            for (int32_t x = start; x < minimum(start + RUN, pixels); x++) {
                __m256i bytes = _mm256_loadu_si256((const __m256i *)(input + x * pixel_stride + first));
                run = _mm512_add_epi16(run, _mm512_cvtepi8_epi16(bytes));
            }
            low = _mm512_add_epi32(low, _mm512_cvtepi16_epi32(_mm512_castsi512_si256(run)));
            high = _mm512_add_epi32(high, _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(run, 1)));
        }
        _mm512_mask_storeu_epi32(sums + first, low_mask, low);
        _mm512_mask_storeu_epi32(sums + first + 16, high_mask, high);
    }
}

void textpin_lookup_row_avx512vnni(const int8_t *table, const int8_t *input, ptrdiff_t input_stride, int8_t *output,
                                   ptrdiff_t output_stride, int32_t channels, int32_t pixels)
{
    if (input_stride == channels && output_stride == channels) {
        channels *= pixels;
        pixels = 1;
    }
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t first = 0; first < channels; first += 64) {
            __m512i values = look_up_64(_mm512_loadu_si512(input + x * input_stride + first), table);
            _mm512_mask_storeu_epi8(output + x * output_stride + first, first_bytes(channels - first), values);
        }
    }
}

void textpin_repeat_row_avx512vnni(const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride,
                                   int32_t channels, int32_t output_pixels, int32_t factor)
{
    for (int32_t first = 0; first < channels; first += 64) {
        __mmask64 mask = first_bytes(channels - first);
        const int8_t *source = input + first;
        for (int32_t x = 0; x < output_pixels; x += factor, source += input_stride) {
            __m512i bytes = _mm512_loadu_si512(source);
            for (int32_t copy = x; copy < minimum(x + factor, output_pixels); copy++) {
                _mm512_mask_storeu_epi8(output + copy * output_stride + first, mask, bytes);
            }
        }
    }
}

void textpin_maximum_row_avx512vnni(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, int32_t rows,
                                    int32_t columns, int32_t stride, int8_t *output, ptrdiff_t output_stride, int32_t channels,
                                    int32_t pixels)
{
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t first = 0; first < channels; first += 64) {
            const int8_t *corner = input + x * stride * input_pixel_stride + first;
            __m512i greatest = _mm512_loadu_si512(corner);
            for (int32_t row = 0; row < rows; row++) {
                for (int32_t column = 0; column < columns; column++) {
                    const int8_t *bytes = corner + row * input_row_stride + column * input_pixel_stride;
                    greatest = _mm512_max_epi8(greatest, _mm512_loadu_si512(bytes));
                }
            }
            _mm512_mask_storeu_epi8(output + x * output_stride + first, first_bytes(channels - first), greatest);
        }
    }
}

#pragma clang attribute pop
#endif
