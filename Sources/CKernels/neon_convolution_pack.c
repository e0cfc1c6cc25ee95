// Packs dense weights for NEON.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_convolution.h"

static size_t packed_bytes(const struct textpin_weights *weights, int32_t step)
{
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        int32_t accumulators = accumulators_of(weights->output_channels - first);
        bytes += block_bytes(accumulators, weights->kernel_rows, round_up(row_bytes_of(weights), step));
    }
    return align_packed(bytes);
}

int8_t *textpin_pack_block_head_neon(const struct textpin_weights *weights, int32_t first, bool pairs, int8_t *next)
{
    struct block_head *head = (struct block_head *)next;
    memset(head->bias, 0, sizeof head->bias);
    for (int32_t lane = 0; lane < BLOCK_CHANNELS; lane++) {
        const int32_t bias = first + lane < weights->output_channels ? weights->bias[first + lane] : 0;
        if (pairs) {
            int32_t *place = head->bias + pair_place(lane);
            place[0] = place[2] = bias;
        } else {
            head->bias[lane] = bias;
        }
        set_requantization(&head->requantization, lane, weights, first + lane);
    }
    set_directness(&head->requantization, weights, first, 1, pairs);
    return next + sizeof *head;
}

/// `step`: input bytes of a step, which lie side by side for each channel. `pairs`: for SMMLA.
static void pack(const struct textpin_weights *weights, void *packed, int32_t step, bool pairs)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        next = textpin_pack_block_head_neon(weights, first, pairs, next);
        int32_t accumulators = accumulators_of(weights->output_channels - first);
        for (int32_t row = 0; row < weights->kernel_rows; row++) {
            for (int32_t offset = 0; offset < row_bytes_of(weights); offset += step) {
                for (int32_t index = 0; index < step * LANE_CHANNELS * accumulators; index++) {
                    *next++ = weight_at(weights, first + index / step, row, offset + index % step);
                }
            }
        }
    }
}

size_t textpin_packed_convolution_bytes_neon_dotprod(const struct textpin_weights *weights)
{
    return packed_bytes(weights, 4);
}

size_t textpin_packed_convolution_bytes_neon_i8mm(const struct textpin_weights *weights)
{
    return packed_bytes(weights, 8);
}

void textpin_pack_convolution_neon_dotprod(const struct textpin_weights *weights, void *packed)
{
    pack(weights, packed, 4, false);
}

void textpin_pack_convolution_neon_i8mm(const struct textpin_weights *weights, void *packed)
{
    pack(weights, packed, 8, true);
}

#endif
