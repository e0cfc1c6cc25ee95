// The packed form of AVX2's convolutions by transformed weights (equation 12).
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_lanes.h"
#include "avx2_transformed.h"

size_t textpin_transformed_block_bytes_avx2(int32_t accumulators, int32_t depth)
{
    const size_t place_bytes = sizeof(int32_t) + sizeof(int16_t) * (size_t)(POSITIONS * depth);
    return (size_t)pairs_of(accumulators) * sizeof(struct lane_pair) + (size_t)(LANES * accumulators) * place_bytes;
}

size_t textpin_packed_transformed_bytes_avx2(const struct textpin_weights *weights)
{
    if (weights->kernel_rows != 3 || weights->kernel_columns != 3 || weights->input_channel_stride > MOST_INPUT_CHANNELS
        || weights->output_channels % LANES != 0) {
        return 0;
    }
    size_t bytes = 0;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        bytes += textpin_transformed_block_bytes_avx2(accumulators, weights->input_channel_stride);
    }
    return align_packed(bytes);
}

/// Equation 12a's weights of one output and one input channel: each position's, `stride` apart.
static void transform_weights(const struct textpin_weights *weights, int32_t output_channel, int32_t channel, int16_t *words,
                              int32_t stride)
{
    static const int32_t transform[WINDOW][3] = {{6, 0, 0}, {1, 1, 1}, {1, -1, 1}, {1, 2, 4}, {1, -2, 4}, {0, 0, 6}};
    int32_t taps[9];
    for (int32_t tap = 0; tap < 9; tap++) {
        taps[tap] = weight_at(weights, output_channel, tap / 3, tap % 3 * weights->input_channel_stride + channel);
    }
    for (int32_t position = 0; position < POSITIONS; position++) {
        const int32_t *down = transform[position / WINDOW], *across = transform[position % WINDOW];
        int32_t sum = 0;
        for (int32_t tap = 0; tap < 9; tap++) {
            sum += down[tap / 3] * across[tap % 3] * taps[tap];
        }
        words[position * stride] = (int16_t)sum;
    }
}

void textpin_pack_transformed_avx2(const struct textpin_weights *weights, void *packed)
{
    const int32_t depth = weights->input_channel_stride;
    int8_t *next = packed;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        const int32_t places = LANES * accumulators;
        int16_t *words = pack_lane_head(weights, first, accumulators, next);
        for (int32_t place = 0; place < places; place++) {
            const int32_t output_channel = first + channel_of_place(accumulators, place);
            for (int32_t channel = 0; channel < depth; channel++) {
                int16_t *word = words + (channel / 2 * places + place) * 2 + channel % 2;
                transform_weights(weights, output_channel, channel, word, depth * places);
            }
        }
        next += textpin_transformed_block_bytes_avx2(accumulators, depth);
    }
}

#endif
