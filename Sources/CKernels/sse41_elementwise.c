// Combine, sums, table and maximum for SSE4.1, and the set itself.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "scalar_kernels.h"
#include "sse41.h"
#include "sse41_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_SSE41))), apply_to = function)

/// Channels that combine and the sums handle at a time.
enum { CHUNK_CHANNELS = 8 };

void textpin_combine_row_sse41(const struct textpin_combine *combine, const int8_t *a, ptrdiff_t a_stride, const int8_t *b,
                               ptrdiff_t b_stride, int8_t *output, ptrdiff_t output_stride, int32_t pixels)
{
    __m128i weights_b = _mm_set1_epi16((int16_t)combine->weight_b);
    __m128i count = _mm_cvtsi32_si128(combine->shift);
    int32_t repeat_shift = __builtin_ctz((unsigned)combine->repeat_b);
    for (int32_t first = 0; first < combine->channels; first += CHUNK_CHANNELS) {
        int32_t used = minimum(combine->channels - first, CHUNK_CHANNELS);
        int16_t weight_a[CHUNK_CHANNELS] = {0};
        int32_t bias[CHUNK_CHANNELS] = {0};
        memcpy(weight_a, combine->weight_a + first, (size_t)used * sizeof *weight_a);
        memcpy(bias, combine->bias + first, (size_t)used * sizeof *bias);
        __m128i low_weights = _mm_unpacklo_epi16(load_128(weight_a), weights_b), low_bias = load_128(bias);
        __m128i high_weights = _mm_unpackhi_epi16(load_128(weight_a), weights_b), high_bias = load_128(bias + 4);
        for (int32_t x = 0; x < pixels; x++) {
            __m128i from_a = load_words(a + x * a_stride + first);
            __m128i from_b = b != NULL ? load_words(b + (x >> repeat_shift) * b_stride + first) : _mm_setzero_si128();
            __m128i low = _mm_add_epi32(_mm_madd_epi16(_mm_unpacklo_epi16(from_a, from_b), low_weights), low_bias);
            __m128i high = _mm_add_epi32(_mm_madd_epi16(_mm_unpackhi_epi16(from_a, from_b), high_weights), high_bias);
            __m128i words = _mm_packs_epi32(_mm_sra_epi32(low, count), _mm_sra_epi32(high, count));
            store_first(output + x * output_stride + first, _mm_packs_epi16(words, words), used);
        }
    }
}

void textpin_channel_sums_sse41(const int8_t *input, ptrdiff_t pixel_stride, int32_t pixels, int32_t channels, int32_t *sums)
{
    // 255 bytes of either sign stay within 16 bits.
    enum { RUN = 255 };
    for (int32_t first = 0; first < channels; first += CHUNK_CHANNELS) {
        int32_t used = minimum(channels - first, CHUNK_CHANNELS);
        int32_t chunk[CHUNK_CHANNELS] = {0};
        memcpy(chunk, sums + first, (size_t)used * sizeof *sums);
        __m128i low = load_128(chunk), high = load_128(chunk + 4);
        for (int32_t start = 0; start < pixels; start += RUN) {
            __m128i run = _mm_setzero_si128();
            for (int32_t x = start; x < minimum(start + RUN, pixels); x++) {
                run = _mm_add_epi16(run, load_words(input + x * pixel_stride + first));
            }
            low = _mm_add_epi32(low, _mm_cvtepi16_epi32(run));
            high = _mm_add_epi32(high, _mm_cvtepi16_epi32(_mm_srli_si128(run, 8)));
        }
        _mm_storeu_si128((__m128i *)chunk, low);
        _mm_storeu_si128((__m128i *)(chunk + 4), high);
        memcpy(sums + first, chunk, (size_t)used * sizeof *sums);
    }
}

/// Equation 2a: sixteen tables of 16 entries, each as its difference (exclusive or) from the one before. An index from 0 to 127 less 16 i
/// is negative in all tables after its own.
TEXTPIN_INLINE __m128i look_up_half(__m128i index, const __m128i *differences)
{
    __m128i value = _mm_shuffle_epi8(differences[0], index);
#pragma clang loop unroll(full)
    for (int32_t part = 1; part < 8; part++) {
        index = _mm_sub_epi8(index, _mm_set1_epi8(16));
        value = _mm_xor_si128(value, _mm_shuffle_epi8(differences[part], index));
    }
    return value;
}

void textpin_lookup_row_sse41(const int8_t *table, const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride,
                              int32_t channels, int32_t pixels)
{
    __m128i differences[16];
    for (int32_t part = 0; part < 16; part++) {
        differences[part] = load_128(table + 16 * part);
        if (part % 8 != 0) {
            differences[part] = _mm_xor_si128(differences[part], load_128(table + 16 * (part - 1)));
        }
    }
    if (input_stride == channels && output_stride == channels) {
        channels *= pixels;
        pixels = 1;
    }
    for (int32_t x = 0; x < pixels; x++) {
        const int8_t *source = input + x * input_stride;
        int8_t *target = output + x * output_stride;
        int32_t channel = 0;
        for (; channel + 16 <= channels; channel += 16) {
            __m128i values = load_128(source + channel);
            // Each half is right for one sign of the index; the blend drops the other.
            __m128i positive = look_up_half(values, differences + 8);
            __m128i negative = look_up_half(_mm_xor_si128(values, _mm_set1_epi8(INT8_MIN)), differences);
            _mm_storeu_si128((__m128i *)(target + channel), _mm_blendv_epi8(positive, negative, values));
        }
        // One by one: convolutions look up their outputs in place, and those have no bytes to spare after them.
        for (; channel < channels; channel++) {
            target[channel] = table[source[channel] + 128];
        }
    }
}

void textpin_maximum_row_sse41(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, int32_t rows,
                               int32_t columns, int32_t stride, int8_t *output, ptrdiff_t output_stride, int32_t channels, int32_t pixels)
{
    for (int32_t x = 0; x < pixels; x++) {
        for (int32_t first = 0; first < channels; first += 16) {
            const int8_t *corner = input + x * stride * input_pixel_stride + first;
            __m128i greatest = load_128(corner);
            for (int32_t row = 0; row < rows; row++) {
                for (int32_t column = 0; column < columns; column++) {
                    greatest = _mm_max_epi8(greatest, load_128(corner + row * input_row_stride + column * input_pixel_stride));
                }
            }
            store_first(output + x * output_stride + first, greatest, channels - first);
        }
    }
}

#pragma clang attribute pop

const struct textpin_kernel_set textpin_sse41_kernels = {
    .name = "sse41",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_sse41,
    .pack_convolution = textpin_pack_convolution_sse41,
    .convolution_row = textpin_convolution_row_sse41,
    .logits_row = textpin_logits_row_sse41,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_sse41,
    .pack_depthwise = textpin_pack_depthwise_sse41,
    .depthwise_row = textpin_depthwise_row_sse41,
    .combine_row = textpin_combine_row_sse41,
    .channel_sums = textpin_channel_sums_sse41,
    .lookup_row = textpin_lookup_row_sse41,
    .repeat_row = textpin_repeat_row_scalar,
    .maximum_row = textpin_maximum_row_sse41,
    .packed_pyramid_bytes = textpin_packed_pyramid_bytes_sse41,
    .pack_pyramid = textpin_pack_pyramid_sse41,
    .pyramid_rows = textpin_pyramid_rows_sse41,
    .frame_row = textpin_frame_row_sse41,
};

#endif
