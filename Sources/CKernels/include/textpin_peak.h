// What a CPU can do at most with a kernel set: its inner product on registers alone, and reading memory. `bench --peak` times these loops.
#ifndef TEXTPIN_PEAK_H
#define TEXTPIN_PEAK_H

#include <stddef.h>
#include <stdint.h>

#include "textpin_kernels.h"

/// What every multiplication of a peak loop gives: 3 times -5.
#define TEXTPIN_PEAK_PRODUCT (-15)
/// Bytes that a peak loop reads at least, and a multiple of which it reads.
#define TEXTPIN_PEAK_BLOCK 512

/// The limits of one kernel set, as loops to be timed.
struct textpin_peak {
    /// The instructions of the inner product, as ../README.md lists them.
    const char *instructions;
    /// Of one round.
    int32_t multiply_accumulates;
    /// Computes `rounds` times the inner products of one tile, with accumulators enough to hide their latency and no access to memory. Returns
    /// the sum of all accumulators modulo 2^32: rounds * multiply_accumulates * TEXTPIN_PEAK_PRODUCT.
    uint32_t (*multiply)(int64_t rounds);
    /// Reads `count` bytes, a multiple of TEXTPIN_PEAK_BLOCK, from an address aligned to TEXTPIN_ALIGNMENT, with the set's widest loads. Returns
    /// the exclusive or of all words of 32 bits.
    uint32_t (*read)(const void *bytes, size_t count);
};

/// The peak loops of a kernel set that `textpin_kernel_set_at` or `textpin_kernel_set_named` has returned.
const struct textpin_peak *textpin_peak_of(const struct textpin_kernel_set *set);

#endif
