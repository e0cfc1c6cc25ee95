// The packed form of a depthwise convolution for NEON with the dot product extension.
#ifndef TEXTPIN_NEON_DOTPROD_DEPTHWISE_H
#define TEXTPIN_NEON_DOTPROD_DEPTHWISE_H

#include "neon_depthwise.h"

enum { GROUP_ROWS = 4 };

static inline bool slides(int32_t kernel_rows, int32_t kernel_columns)
{
    return kernel_rows == kernel_columns && (kernel_rows == 3 || kernel_rows == 5);
}

/// A head, then 64 bytes of weights, 4 of each channel, for rows 0...3 of each column, and of a fifth row for its first column, then for its
/// others, the last one first.
static inline size_t chunk_bytes(int32_t K)
{
    return sizeof(struct chunk_head) + GROUP_ROWS * CHUNK_CHANNELS * (size_t)(K == 3 ? 3 : 7);
}

#endif
