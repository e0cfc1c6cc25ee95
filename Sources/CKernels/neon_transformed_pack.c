// Packs dense 3x3 weights for the plain NEON set as equation 12 transforms them.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_kernels.h"
#include "neon_transformed.h"

static int32_t depth_of(const struct textpin_weights *weights)
{
    return round_up(weights->input_channel_stride, 8);
}

size_t textpin_packed_transformed_bytes_neon(const struct textpin_weights *weights)
{
    const int32_t depth = depth_of(weights);
    if (weights->kernel_rows != 3 || weights->kernel_columns != 3 || depth > MOST_INPUT_CHANNELS || weights->output_channels % 8 != 0
        || weights->output_channels > MOST_OUTPUT_CHANNELS) {
        return 0;
    }
    return align_packed(heads_bytes(weights->output_channels)
                        + sizeof(int16_t) * (size_t)(POSITIONS * depth * weights->output_channels));
}

/// The weights as equation 12 transforms them: [position][up to 24 output channels][input channel][output channel].
void textpin_pack_transformed_neon(const struct textpin_weights *weights, void *packed)
{
    static const int16_t transform[WINDOW][3] = {{1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {1, 2, 4}, {1, -2, 4}, {0, 0, 1}};
    int8_t *head = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        head = textpin_pack_block_head_neon(weights, first, false, head);
    }
    int16_t *next = (int16_t *)(void *)((int8_t *)packed + heads_bytes(weights->output_channels));
    const int32_t depth = depth_of(weights);
    for (int32_t position = 0; position < POSITIONS; position++) {
        const int16_t *down = transform[position / WINDOW], *across = transform[position % WINDOW];
        for (int32_t first = 0; first < weights->output_channels; first += 8 * vectors_of(weights->output_channels - first)) {
            for (int32_t index = 0; index < 8 * vectors_of(weights->output_channels - first) * depth; index++) {
                const int32_t width = 8 * vectors_of(weights->output_channels - first), channel = index / width;
                int32_t sum = 0;
                for (int32_t tap = 0; tap < 9 && channel < weights->input_channel_stride; tap++) {
                    int8_t weight = weight_at(weights, first + index % width, tap / 3, tap % 3 * weights->input_channel_stride + channel);
                    sum += down[tap / 3] * across[tap % 3] * weight;
                }
                *next++ = (int16_t)sum;
            }
        }
    }
}

#endif
