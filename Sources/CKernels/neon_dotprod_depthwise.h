// The packed form of a depthwise convolution for NEON with the dot product extension.
#ifndef TEXTPIN_NEON_DOTPROD_DEPTHWISE_H
#define TEXTPIN_NEON_DOTPROD_DEPTHWISE_H

#include "neon.h"
#include "neon_kernels.h"

enum { CHUNK_CHANNELS = 16, GROUP_ROWS = 4 };

/// The packed form of 16 channels: this, then 64 bytes of weights, 4 of each channel, for rows 0...3 of each column, and of a fifth row for
/// its first column, then for its others, the last one first.
struct chunk_head {
    int32_t bias[CHUNK_CHANNELS];
    struct requantization requantization;
};

static inline bool slides(int32_t kernel_rows, int32_t kernel_columns)
{
    return kernel_rows == kernel_columns && (kernel_rows == 3 || kernel_rows == 5);
}

static inline size_t chunk_bytes(int32_t K)
{
    return sizeof(struct chunk_head) + GROUP_ROWS * CHUNK_CHANNELS * (size_t)(K == 3 ? 3 : 7);
}

#endif
