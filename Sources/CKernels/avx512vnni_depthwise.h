// How the AVX512-VNNI set lays out a depthwise convolution; drawn in ./README.md.
#ifndef TEXTPIN_AVX512VNNI_DEPTHWISE_H
#define TEXTPIN_AVX512VNNI_DEPTHWISE_H

#include "avx512vnni.h"

/// Taps of one channel that one dword of a vector holds: 4 rows of one column where outputs slide along it, else any 4 in order.
enum { GROUP_TAPS = 4, MOST_TAPS = 64 };

/// The packed form of a chunk of channels: these constants, then 256 bytes of weights for each group of taps.
struct chunk_head {
    struct requantization_vector requantization[4];
    uint32_t bias[64];
    /// As hard_swish_64 takes them.
    int16_t output_multiplier[2][32];
};

/// Channels side by side in a vector: 64, 32 or 16.
static inline int32_t chunk_width(int32_t remaining_channels)
{
    return remaining_channels > 48 ? 64 : remaining_channels > 16 ? 32 : 16;
}

/// Whether outputs share transposed columns: the kernels that leave registers for it, 3x3 and 5x5.
static inline bool slides(int32_t kernel_rows, int32_t kernel_columns)
{
    return kernel_rows == kernel_columns && (kernel_rows == 3 || kernel_rows == 5);
}

static inline int32_t tap_groups(int32_t kernel_rows, int32_t kernel_columns)
{
    return slides(kernel_rows, kernel_columns) ? (kernel_rows + 3) / 4 * kernel_columns : (kernel_rows * kernel_columns + 3) / 4;
}

static inline size_t chunk_bytes(int32_t kernel_rows, int32_t kernel_columns)
{
    return sizeof(struct chunk_head) + 256 * (size_t)tap_groups(kernel_rows, kernel_columns);
}

#endif
