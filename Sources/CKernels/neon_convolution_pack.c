// Packs dense weights for NEON.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_convolution.h"

size_t textpin_packed_convolution_bytes_neon(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        bytes += block_bytes(accumulators_of(weights->output_channels - first), weights->kernel_rows, row_bytes_of(weights));
    }
    return align_packed(bytes);
}

/// `run`: how many of a channel's 4 weights lie side by side. 4 for SDOT; 2 for SADALP, which adds neighbours: the vector's lower half
/// then holds weights 0 and 1 of 4 channels, its upper half weights 2 and 3.
static void pack(const struct textpin_weights *weights, void *packed, int32_t run)
{
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        struct block_head *head = (struct block_head *)next;
        for (int32_t lane = 0; lane < BLOCK_CHANNELS; lane++) {
            head->bias[lane] = first + lane < weights->output_channels ? weights->bias[first + lane] : 0;
            set_requantization(&head->requantization, lane, weights, first + lane);
        }
        next += sizeof *head;
        int32_t accumulators = accumulators_of(weights->output_channels - first);
        for (int32_t row = 0; row < weights->kernel_rows; row++) {
            for (int32_t offset = 0; offset < row_bytes_of(weights); offset += 4) {
                for (int32_t index = 0; index < 16 * accumulators; index++) {
                    int32_t part = index % 16 / (4 * run), channel = index / 16 * 4 + index % (4 * run) / run;
                    *next++ = weight_at(weights, first + channel, row, offset + part * run + index % run);
                }
            }
        }
    }
}

void textpin_pack_convolution_neon(const struct textpin_weights *weights, void *packed)
{
    pack(weights, packed, 2);
}

void textpin_pack_convolution_neon_dotprod(const struct textpin_weights *weights, void *packed)
{
    pack(weights, packed, 4);
}

#endif
