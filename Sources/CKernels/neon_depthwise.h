// What depthwise convolutions for NEON share: the head of a chunk's packed form.
#ifndef TEXTPIN_NEON_DEPTHWISE_H
#define TEXTPIN_NEON_DEPTHWISE_H

#include "neon.h"
#include "neon_kernels.h"

enum { CHUNK_CHANNELS = 16 };

/// Ahead of the weights of 16 channels.
struct chunk_head {
    int32_t bias[CHUNK_CHANNELS];
    struct requantization requantization;
};

/// The head of the chunk that begins with channel `first`, but equation 1d's part of it.
static inline void pack_chunk_head(const struct textpin_weights *weights, int32_t first, struct chunk_head *head)
{
    for (int32_t lane = 0; lane < CHUNK_CHANNELS; lane++) {
        head->bias[lane] = first + lane < weights->output_channels ? weights->bias[first + lane] : 0;
        set_requantization(&head->requantization, lane, weights, first + lane);
    }
}

#endif
