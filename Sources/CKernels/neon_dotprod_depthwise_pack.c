// Packs depthwise weights for NEON with the dot product extension.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_dotprod_depthwise.h"

size_t textpin_packed_depthwise_bytes_neon_dotprod(const struct textpin_weights *weights)
{
    if (!slides(weights->kernel_rows, weights->kernel_columns)) {
        return textpin_packed_depthwise_bytes_neon(weights);
    }
    size_t chunks = (size_t)round_up(weights->output_channels, CHUNK_CHANNELS) / CHUNK_CHANNELS;
    return align_packed(chunks * chunk_bytes(weights->kernel_rows));
}

void textpin_pack_depthwise_neon_dotprod(const struct textpin_weights *weights, void *packed)
{
    if (!slides(weights->kernel_rows, weights->kernel_columns)) {
        textpin_pack_depthwise_neon(weights, packed);
        return;
    }
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += CHUNK_CHANNELS) {
        struct chunk_head *head = (struct chunk_head *)next;
        pack_chunk_head(weights, first, head);
        set_directness(&head->requantization, weights, first, weights->output_channels, false);
        next += sizeof *head;
        const int32_t K = weights->kernel_rows;
        for (int32_t group = 0; group < (K == 3 ? 3 : 7); group++) {
            for (int32_t index = 0; index < GROUP_ROWS * CHUNK_CHANNELS; index++) {
                const int32_t tap = index % GROUP_ROWS, channel = first + index / GROUP_ROWS;
                if (group < K) {
                    *next++ = depthwise_weight_at(weights, tap, group, channel);
                } else if (group == K) {
                    *next++ = tap == 0 ? depthwise_weight_at(weights, K - 1, 0, channel) : 0;
                } else {
                    *next++ = depthwise_weight_at(weights, K - 1, K - 1 - tap, channel);
                }
            }
        }
    }
}

#endif
