// Depthwise convolution for AVX-VNNI, 16 channels at a time. VPDPBUSD wants four taps of one channel side by side, so four taps of 16
// channels are transposed to two vectors.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avxvnni_kernels.h"

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVXVNNI))), apply_to = function)

/// Taps of a channel in one dword: 4 rows of one column where outputs slide along it, else any 4 in order.
enum { CHUNK_CHANNELS = 16, GROUP_TAPS = 4, MOST_TAPS = 64 };

/// The packed form of 16 channels: this, then 64 bytes of weights for each group of taps. Lane 4 i + j of vector v is channel
/// 8 i + 4 v + j, which pack_16 leaves in order.
struct chunk_head {
    _Alignas(64) struct requantization_vector requantization[2];
    uint32_t bias[2][8];
    int16_t output_multiplier[CHUNK_CHANNELS];
};

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
    return sizeof(struct chunk_head) + GROUP_TAPS * CHUNK_CHANNELS * (size_t)tap_groups(kernel_rows, kernel_columns);
}

size_t textpin_packed_depthwise_bytes_avxvnni(const struct textpin_weights *weights)
{
    size_t chunks = (size_t)round_up(weights->output_channels, CHUNK_CHANNELS) / CHUNK_CHANNELS;
    return chunks * chunk_bytes(weights->kernel_rows, weights->kernel_columns);
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

void textpin_pack_depthwise_avxvnni(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += CHUNK_CHANNELS) {
        struct chunk_head *head = (struct chunk_head *)next;
        memset(head, 0, sizeof *head);
        next += sizeof *head;
        int32_t groups = tap_groups(weights->kernel_rows, weights->kernel_columns);
        for (int32_t index = 0; index < CHUNK_CHANNELS; index++) {
            int32_t vector = index / 8, lane = index % 8, offset = lane / 4 * 8 + 4 * vector + lane % 4, channel = first + offset;
            bool used = channel < weights->output_channels;
            set_requantization(&head->requantization[vector], lane, used ? weights->multiplier[channel] : 0,
                               used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM);
            head->output_multiplier[offset] = used && weights->output_multiplier != NULL ? weights->output_multiplier[channel] : 0;
            uint32_t bias = used ? (uint32_t)weights->bias[channel] : 0;
            for (int32_t group = 0; group < groups; group++) {
                for (int32_t tap = 0; tap < GROUP_TAPS; tap++) {
                    int8_t weight = grouped_weight(weights, group, tap, channel);
                    next[GROUP_TAPS * (CHUNK_CHANNELS * group + index) + tap] = weight;
                    // Activations are offset by 128 to be unsigned (equation 6).
                    bias -= 128u * (uint32_t)weight;
                }
            }
            head->bias[vector][lane] = bias;
        }
        next += GROUP_TAPS * CHUNK_CHANNELS * groups;
    }
}

/// What does not change along a row of one chunk.
struct pass {
    const struct chunk_head *head;
    const int8_t *weights;
    /// Null for none.
    const struct hard_swish_vectors *hard_swish;
    const int8_t *input;
    ptrdiff_t input_row_stride;
    ptrdiff_t input_pixel_stride;
    int8_t *output;
    ptrdiff_t output_pixel_stride;
    int32_t channels;
    int32_t zero_point;
    int32_t pixels;
};

/// Two vectors of 16 bytes, side by side and offset to unsigned.
TEXTPIN_INLINE __m256i load_unsigned(const int8_t *low, const int8_t *high)
{
    __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(load_128(low)), load_128(high), 1);
    return _mm256_xor_si256(bytes, _mm256_set1_epi8(INT8_MIN));
}

/// Four taps of 16 channels to dwords that hold a channel's four bytes, in the order of chunk_head.
TEXTPIN_INLINE void load_group(const int8_t *const taps[4], __m256i group[2])
{
    __m256i even = load_unsigned(taps[0], taps[2]), odd = load_unsigned(taps[1], taps[3]);
    // Taps 0 and 1 of channels 0...7 beside taps 2 and 3 of them; the same of channels 8...15.
    __m256i low = _mm256_unpacklo_epi8(even, odd), high = _mm256_unpackhi_epi8(even, odd);
    __m256i first = _mm256_permute2x128_si256(low, high, 0x20), second = _mm256_permute2x128_si256(low, high, 0x31);
    group[0] = _mm256_unpacklo_epi16(first, second);
    group[1] = _mm256_unpackhi_epi16(first, second);
}

TEXTPIN_INLINE void multiply_add(__m256i sums[2], const __m256i group[2], const int8_t *weights)
{
    sums[0] = _mm256_dpbusd_avx_epi32(sums[0], group[0], load_256(weights));
    sums[1] = _mm256_dpbusd_avx_epi32(sums[1], group[1], load_256(weights + 32));
}

TEXTPIN_INLINE void start_sums(const struct pass *pass, __m256i sums[2])
{
    sums[0] = load_256(pass->head->bias[0]);
    sums[1] = load_256(pass->head->bias[1]);
}

TEXTPIN_INLINE void store_outputs(const struct pass *pass, const __m256i sums[2], int32_t x)
{
    const struct chunk_head *head = pass->head;
    __m256i zero_point = _mm256_set1_epi16((int16_t)pass->zero_point);
    __m128i bytes;
    if (pass->hard_swish != NULL) {
        __m256i words = _mm256_packs_epi32(requantize_8(scale_finely(sums[0]), &head->requantization[0]),
                                           requantize_8(scale_finely(sums[1]), &head->requantization[1]));
        bytes = saturate_16(hard_swish_16(words, pass->hard_swish, head->output_multiplier), zero_point);
    } else {
        bytes = pack_16(requantize_8(sums[0], &head->requantization[0]), requantize_8(sums[1], &head->requantization[1]), zero_point);
    }
    store_first(pass->output + x * pass->output_pixel_stride, bytes, pass->channels);
}

/// Any other kernel: four taps after four.
static void convolve_taps(const struct pass *row, const struct textpin_depthwise *depthwise)
{
    const struct pass copy = *row, *pass = &copy;
    int32_t groups = tap_groups(depthwise->kernel_rows, depthwise->kernel_columns);
    ptrdiff_t tap_offsets[MOST_TAPS];
    for (int32_t index = 0; index < GROUP_TAPS * groups; index++) {
        int32_t tap_row = index / depthwise->kernel_columns, column = index % depthwise->kernel_columns;
        // Past the last tap the weights are 0, and any byte of the input does.
        tap_offsets[index] = tap_row < depthwise->kernel_rows ? tap_row * pass->input_row_stride + column * pass->input_pixel_stride : 0;
    }
    for (int32_t x = 0; x < pass->pixels; x++) {
        const int8_t *input = pass->input + (ptrdiff_t)x * depthwise->stride * pass->input_pixel_stride;
        __m256i sums[2], transposed[2];
        start_sums(pass, sums);
        for (int32_t group = 0; group < groups; group++) {
            const ptrdiff_t *offsets = tap_offsets + GROUP_TAPS * group;
            const int8_t *taps[4] = {input + offsets[0], input + offsets[1], input + offsets[2], input + offsets[3]};
            load_group(taps, transposed);
            multiply_add(sums, transposed, pass->weights + 64 * group);
        }
        store_outputs(pass, sums, x);
    }
}

/// A transposed column serves every output whose window it is in, all of them in registers.
///
///     column c, rows 0...3 -> 2 vectors   x   weights of kernel column k   ->   output (c - k) / S,   k = 0..<K where S divides c - k
///
/// The sums take turns: output x has those numbered x mod `live`, at most 5 x 2 registers; live * S columns are one round of the loop.
TEXTPIN_INLINE void convolve_sliding(const struct pass *row, int32_t K, int32_t S)
{
    // A copy of its own, which no store of an output can change: it stays in registers.
    const struct pass copy = *row, *pass = &copy;
    const int32_t live = (K + S - 1) / S, round = live * S, row_groups = (K + 3) / 4;
    const int32_t columns = (pass->pixels - 1) * S + K;
    __m256i sums[5][2];
#pragma clang loop unroll(full)
    for (int32_t turn = 0; turn < live; turn++) {
        start_sums(pass, sums[turn]);
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
                start_sums(pass, sums[turn / S]);
            }
#pragma clang loop unroll(full)
            for (int32_t row_group = 0; row_group < row_groups; row_group++) {
                const int8_t *taps[4];
                __m256i transposed[2];
#pragma clang loop unroll(full)
                for (int32_t tap = 0; tap < 4; tap++) {
                    // Past the kernel's last row the weights are 0, and any byte does.
                    taps[tap] = input + minimum(4 * row_group + tap, K - 1) * pass->input_row_stride;
                }
                load_group(taps, transposed);
#pragma clang loop unroll(full)
                for (int32_t k = 0; k < K; k++) {
                    if ((turn + round - k) % S == 0) {
                        multiply_add(sums[(turn + round - k) / S % live], transposed, pass->weights + 64 * (row_group * K + k));
                    }
                }
            }
            if (column >= K - 1 && (turn + round - (K - 1)) % S == 0) {
                store_outputs(pass, sums[(turn + round - (K - 1)) / S % live], (column - (K - 1)) / S);
            }
        }
    }
}

/// One function per kernel and stride, so that they are constants.
#define SLIDING(K, S)                                                                                                                    \
    static __attribute__((noinline)) void sliding_##K##_##S(const struct pass *pass)                                                     \
    {                                                                                                                                    \
        convolve_sliding(pass, K, S);                                                                                                    \
    }
SLIDING(3, 1)
SLIDING(3, 2)
SLIDING(5, 1)
SLIDING(5, 2)
#undef SLIDING

void textpin_depthwise_row_avxvnni(const struct textpin_depthwise *depthwise, const int8_t *input, ptrdiff_t input_row_stride,
                                   int8_t *output, ptrdiff_t output_pixel_stride, int32_t pixels)
{
    static void (*const sliding[2][2])(const struct pass *pass) = {{sliding_3_1, sliding_3_2}, {sliding_5_1, sliding_5_2}};
    assert(depthwise->stride == 1 || depthwise->stride == 2);
    assert(GROUP_TAPS * tap_groups(depthwise->kernel_rows, depthwise->kernel_columns) <= MOST_TAPS);
    struct hard_swish_vectors hard_swish;
    if (depthwise->hard_swish != NULL) {
        hard_swish = broadcast_hard_swish(depthwise->hard_swish);
    }
    const int8_t *packed = depthwise->packed;
    for (int32_t first = 0; first < depthwise->channels; first += CHUNK_CHANNELS) {
        const struct pass pass = {
            .head = (const struct chunk_head *)packed,
            .weights = packed + sizeof(struct chunk_head),
            .hard_swish = depthwise->hard_swish != NULL ? &hard_swish : NULL,
            .input = input + first,
            .input_row_stride = input_row_stride,
            .input_pixel_stride = depthwise->input_channel_stride,
            .output = output + first,
            .output_pixel_stride = output_pixel_stride,
            .channels = depthwise->channels - first,
            .zero_point = depthwise->output_zero_point,
            .pixels = pixels,
        };
        if (slides(depthwise->kernel_rows, depthwise->kernel_columns)) {
            sliding[depthwise->kernel_rows / 4][depthwise->stride - 1](&pass);
        } else {
            convolve_taps(&pass, depthwise);
        }
        packed += chunk_bytes(depthwise->kernel_rows, depthwise->kernel_columns);
    }
    if (depthwise->table != NULL) {
        textpin_lookup_row_avx2(depthwise->table, output, output_pixel_stride, output, output_pixel_stride, depthwise->channels, pixels);
    }
}

#pragma clang attribute pop
#endif
