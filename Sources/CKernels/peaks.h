// What the files with peak loops share.
#ifndef TEXTPIN_PEAKS_H
#define TEXTPIN_PEAKS_H

#include "kernels_private.h"
#include "textpin_peak.h"

enum { PEAK_ACTIVATION = 3, PEAK_WEIGHT = -5 };
_Static_assert(PEAK_ACTIVATION * PEAK_WEIGHT == TEXTPIN_PEAK_PRODUCT, "as the contract says");

extern const struct textpin_peak textpin_scalar_peak;
#if defined(__x86_64__)
extern const struct textpin_peak textpin_sse41_peak;
extern const struct textpin_peak textpin_avx2_peak;
extern const struct textpin_peak textpin_avxvnni_peak;
extern const struct textpin_peak textpin_avx512vnni_peak;
uint32_t textpin_peak_read_avx2(const void *bytes, size_t count);
#endif
#if defined(__aarch64__)
extern const struct textpin_peak textpin_neon_peak;
extern const struct textpin_peak textpin_neon_dotprod_peak;
extern const struct textpin_peak textpin_neon_i8mm_peak;
uint32_t textpin_peak_read_neon(const void *bytes, size_t count);
#endif

/// The sum of lanes, modulo 2^32.
static inline uint32_t sum_of_lanes(const uint32_t *lanes, size_t count)
{
    uint32_t sum = 0;
    for (size_t lane = 0; lane < count; lane++) {
        sum += lanes[lane];
    }
    return sum;
}

/// The exclusive or of lanes.
static inline uint32_t xor_of_lanes(const uint32_t *lanes, size_t count)
{
    uint32_t all = 0;
    for (size_t lane = 0; lane < count; lane++) {
        all ^= lanes[lane];
    }
    return all;
}

#endif
