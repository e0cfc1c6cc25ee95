// Combine, sums, table, repeat and maximum for AVX2, and the set itself.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx2_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

/// Channels that combine and the sums handle at a time.
enum { CHUNK_CHANNELS = 16 };

/// Equation 3's constants for 16 channels: those of channels 0...3 and 8...11, then the others.
struct combine_vectors {
    __m256i weights[2];
    __m256i bias[2];
    __m256i shift;
};

/// The outputs of 16 channels of a pixel, in 16 bits.
TEXTPIN_INLINE __m256i combine_16(const struct combine_vectors *vectors, __m256i a, __m256i b)
{
    // Interleaving leaves channels 0...3 and 8...11 in the first vector, the others in the second; packing undoes it.
    __m256i first = _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), vectors->weights[0]);
    __m256i second = _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), vectors->weights[1]);
    first = _mm256_srav_epi32(_mm256_add_epi32(first, vectors->bias[0]), vectors->shift);
    second = _mm256_srav_epi32(_mm256_add_epi32(second, vectors->bias[1]), vectors->shift);
    return _mm256_packs_epi32(first, second);
}

/// 16 channels of a row, or the first `used` of them, two pixels at a time.
TEXTPIN_INLINE void combine_chunk(const struct combine_vectors *vectors, const int8_t *a, ptrdiff_t a_stride, const int8_t *b,
                                  ptrdiff_t b_stride, int32_t repeat_shift, int8_t *output, ptrdiff_t output_stride, int32_t pixels,
                                  int32_t used)
{
    for (int32_t x = 0; x < pixels; x += 2) {
        const int32_t next = minimum(x + 1, pixels - 1);
        __m256i from_a[2] = {_mm256_cvtepi8_epi16(load_128(a + x * a_stride)), _mm256_cvtepi8_epi16(load_128(a + next * a_stride))};
        __m256i from_b[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        if (b != NULL) {
            from_b[0] = _mm256_cvtepi8_epi16(load_128(b + (x >> repeat_shift) * b_stride));
            from_b[1] = _mm256_cvtepi8_epi16(load_128(b + (next >> repeat_shift) * b_stride));
        }
        __m256i both = _mm256_packs_epi16(combine_16(vectors, from_a[0], from_b[0]), combine_16(vectors, from_a[1], from_b[1]));
        both = _mm256_permute4x64_epi64(both, _MM_SHUFFLE(3, 1, 2, 0));
        store_first(output + x * output_stride, _mm256_castsi256_si128(both), used);
        store_first(output + next * output_stride, _mm256_extracti128_si256(both, 1), used);
    }
}

void textpin_combine_row_avx2(const struct textpin_combine *combine, const int8_t *a, ptrdiff_t a_stride, const int8_t *b,
                              ptrdiff_t b_stride, int8_t *output, ptrdiff_t output_stride, int32_t pixels)
{
    const __m256i weights_b = _mm256_set1_epi16((int16_t)combine->weight_b);
    const int32_t repeat_shift = __builtin_ctz((unsigned)combine->repeat_b);
    for (int32_t first = 0; first < combine->channels; first += CHUNK_CHANNELS) {
        const int32_t used = minimum(combine->channels - first, CHUNK_CHANNELS);
        int16_t weight_a[CHUNK_CHANNELS] = {0};
        int32_t bias[CHUNK_CHANNELS] = {0};
        memcpy(weight_a, combine->weight_a + first, (size_t)used * sizeof *weight_a);
        memcpy(bias, combine->bias + first, (size_t)used * sizeof *bias);
        const struct combine_vectors vectors = {
            .weights = {_mm256_unpacklo_epi16(load_256(weight_a), weights_b), _mm256_unpackhi_epi16(load_256(weight_a), weights_b)},
            .bias = {_mm256_permute2x128_si256(load_256(bias), load_256(bias + 8), 0x20),
                     _mm256_permute2x128_si256(load_256(bias), load_256(bias + 8), 0x31)},
            .shift = _mm256_set1_epi32(combine->shift),
        };
        const int8_t *first_b = b != NULL ? b + first : NULL;
        if (used < CHUNK_CHANNELS) {
            combine_chunk(&vectors, a + first, a_stride, first_b, b_stride, repeat_shift, output + first, output_stride, pixels, used);
        } else if (b != NULL) {
            combine_chunk(&vectors, a + first, a_stride, first_b, b_stride, repeat_shift, output + first, output_stride, pixels,
                          CHUNK_CHANNELS);
        } else {
            combine_chunk(&vectors, a + first, a_stride, NULL, 0, 0, output + first, output_stride, pixels, CHUNK_CHANNELS);
        }
    }
}

void textpin_channel_sums_avx2(const int8_t *input, ptrdiff_t pixel_stride, int32_t pixels, int32_t channels, int32_t *sums)
{
    // 255 bytes of either sign stay within 16 bits.
    enum { RUN = 255 };
    for (int32_t first = 0; first < channels; first += CHUNK_CHANNELS) {
        int32_t used = minimum(channels - first, CHUNK_CHANNELS);
        int32_t chunk[CHUNK_CHANNELS] = {0};
        memcpy(chunk, sums + first, (size_t)used * sizeof *sums);
        __m256i low = load_256(chunk), high = load_256(chunk + 8);
        for (int32_t start = 0; start < pixels; start += RUN) {
            __m256i run = _mm256_setzero_si256();
            for (int32_t x = start; x < minimum(start + RUN, pixels); x++) {
                run = _mm256_add_epi16(run, _mm256_cvtepi8_epi16(load_128(input + x * pixel_stride + first)));
            }
            low = _mm256_add_epi32(low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(run)));
            high = _mm256_add_epi32(high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(run, 1)));
        }
        _mm256_storeu_si256((__m256i *)chunk, low);
        _mm256_storeu_si256((__m256i *)(chunk + 8), high);
        memcpy(sums + first, chunk, (size_t)used * sizeof *sums);
    }
}

/// Equation 2a: sixteen tables of 16 entries, each as its difference (exclusive or) from the one before, for VPSHUFB, which gives 0 where
/// bit 7 of an index is set and else looks at its lower 4 bits. An index from 0 to 127 less 16 i is negative in all tables after its own.
TEXTPIN_INLINE __m256i look_up_half(__m256i index, const __m256i *differences)
{
    __m256i value = _mm256_shuffle_epi8(differences[0], index);
#pragma clang loop unroll(full)
    for (int32_t part = 1; part < 8; part++) {
        index = _mm256_sub_epi8(index, _mm256_set1_epi8(16));
        value = _mm256_xor_si256(value, _mm256_shuffle_epi8(differences[part], index));
    }
    return value;
}

void textpin_lookup_row_avx2(const int8_t *table, const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride,
                             int32_t channels, int32_t pixels)
{
    __m256i differences[16];
    for (int32_t part = 0; part < 16; part++) {
        __m128i entries = load_128(table + 16 * part);
        if (part % 8 != 0) {
            entries = _mm_xor_si128(entries, load_128(table + 16 * (part - 1)));
        }
        differences[part] = _mm256_broadcastsi128_si256(entries);
    }
    if (input_stride == channels && output_stride == channels) {
        channels *= pixels;
        pixels = 1;
    }
    for (int32_t x = 0; x < pixels; x++) {
        const int8_t *source = input + x * input_stride;
        int8_t *target = output + x * output_stride;
        int32_t channel = 0;
        for (; channel + 32 <= channels; channel += 32) {
            __m256i values = load_256(source + channel);
            // Each half is right for one sign of the index; the blend drops the other.
            __m256i positive = look_up_half(values, differences + 8);
            __m256i negative = look_up_half(_mm256_xor_si256(values, _mm256_set1_epi8(INT8_MIN)), differences);
            _mm256_storeu_si256((__m256i *)(target + channel), _mm256_blendv_epi8(positive, negative, values));
        }
        for (; channel < channels; channel++) {
            target[channel] = table[source[channel] + 128];
        }
    }
}

void textpin_repeat_row_avx2(const int8_t *input, ptrdiff_t input_stride, int8_t *output, ptrdiff_t output_stride, int32_t channels,
                             int32_t output_pixels, int32_t factor)
{
    for (int32_t first = 0; first < channels; first += 16) {
        const int8_t *source = input + first;
        for (int32_t x = 0; x < output_pixels; x += factor, source += input_stride) {
            __m128i bytes = load_128(source);
            for (int32_t copy = x; copy < minimum(x + factor, output_pixels); copy++) {
                store_first(output + copy * output_stride + first, bytes, channels - first);
            }
        }
    }
}

void textpin_maximum_row_avx2(const int8_t *input, ptrdiff_t input_row_stride, ptrdiff_t input_pixel_stride, int32_t rows, int32_t columns,
                              int32_t stride, int8_t *output, ptrdiff_t output_stride, int32_t channels, int32_t pixels)
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

const struct textpin_kernel_set textpin_avx2_kernels = {
    .name = "avx2",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_avx2,
    .pack_convolution = textpin_pack_convolution_avx2,
    .convolution_row = textpin_convolution_row_avx2,
    .logits_row = textpin_logits_row_avx2,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_avx2,
    .pack_depthwise = textpin_pack_depthwise_avx2,
    .depthwise_row = textpin_depthwise_row_avx2,
    .combine_row = textpin_combine_row_avx2,
    .channel_sums = textpin_channel_sums_avx2,
    .lookup_row = textpin_lookup_row_avx2,
    .repeat_row = textpin_repeat_row_avx2,
    .maximum_row = textpin_maximum_row_avx2,
    .packed_transformed_bytes = textpin_packed_transformed_bytes_avx2,
    .pack_transformed = textpin_pack_transformed_avx2,
    .transformed_rows = textpin_transformed_rows_avx2,
    .packed_pyramid_bytes = textpin_packed_pyramid_bytes_avx2,
    .pack_pyramid = textpin_pack_pyramid_avx2,
    .pyramid_rows = textpin_pyramid_rows_avx2,
    .frame_row = textpin_frame_row_avx2,
};

#endif
