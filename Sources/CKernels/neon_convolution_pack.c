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

/// `pairs`: for SMMLA.
static int8_t *pack_head(const struct textpin_weights *weights, int32_t first, bool pairs, int8_t *next)
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

/// `step`: input bytes of a step. `run`: how many of a channel's weights in it lie side by side: all for SDOT and SMMLA; 2 of 4 for SADALP,
/// which adds neighbours: the vector's lower half then holds weights 0 and 1 of 4 channels, its upper half weights 2 and 3.
static void pack(const struct textpin_weights *weights, void *packed, int32_t step, int32_t run)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        next = pack_head(weights, first, step == 8, next);
        int32_t accumulators = accumulators_of(weights->output_channels - first);
        for (int32_t row = 0; row < weights->kernel_rows; row++) {
            for (int32_t offset = 0; offset < row_bytes_of(weights); offset += step) {
                for (int32_t index = 0; index < 4 * step * accumulators; index++) {
                    int32_t part = index % (4 * step) / (4 * run);
                    int32_t channel = index / (4 * step) * LANE_CHANNELS + index % (4 * run) / run;
                    *next++ = weight_at(weights, first + channel, row, offset + part * run + index % run);
                }
            }
        }
    }
}

/// For each 4 channels all rows, in steps of 16 bytes of each channel.
static void pack_long(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        next = pack_head(weights, first, false, next);
        int32_t accumulators = accumulators_of(weights->output_channels - first);
        for (int32_t four = first; four < first + LANE_CHANNELS * accumulators; four += LANE_CHANNELS) {
            for (int32_t row = 0; row < weights->kernel_rows; row++) {
                for (int32_t offset = 0; offset < row_bytes_of(weights); offset += 16) {
                    for (int32_t index = 0; index < 16 * LANE_CHANNELS; index++) {
                        *next++ = weight_at(weights, four + index / 16, row, offset + index % 16);
                    }
                }
            }
        }
    }
}

size_t textpin_packed_convolution_bytes_neon(const struct textpin_weights *weights)
{
    return packed_bytes(weights, 4);
}

size_t textpin_packed_convolution_bytes_neon_i8mm(const struct textpin_weights *weights)
{
    return packed_bytes(weights, 8);
}

void textpin_pack_convolution_neon(const struct textpin_weights *weights, void *packed)
{
    if (is_long(weights->kernel_rows, row_bytes_of(weights))) {
        pack_long(weights, packed);
    } else {
        pack(weights, packed, 4, 2);
    }
}

void textpin_pack_convolution_neon_dotprod(const struct textpin_weights *weights, void *packed)
{
    pack(weights, packed, 4, 4);
}

void textpin_pack_convolution_neon_i8mm(const struct textpin_weights *weights, void *packed)
{
    pack(weights, packed, 8, 8);
}

#endif
