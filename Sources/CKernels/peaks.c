// Which peak loops belong to which kernel set.
#include "peaks.h"

struct entry {
    const struct textpin_kernel_set *set;
    const struct textpin_peak *peak;
};

static const struct entry entries[] = {
#if defined(__x86_64__)
    {&textpin_avx512vnni_kernels, &textpin_avx512vnni_peak},
    {&textpin_avxvnni_kernels, &textpin_avxvnni_peak},
    {&textpin_avx2_kernels, &textpin_avx2_peak},
    {&textpin_sse41_kernels, &textpin_sse41_peak},
#elif defined(__aarch64__)
    {&textpin_neon_i8mm_kernels, &textpin_neon_i8mm_peak},
    {&textpin_neon_dotprod_kernels, &textpin_neon_dotprod_peak},
    {&textpin_neon_kernels, &textpin_neon_peak},
#endif
};

const struct textpin_peak *textpin_peak_of(const struct textpin_kernel_set *set)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (entries[i].set == set) {
            return entries[i].peak;
        }
    }
    return &textpin_scalar_peak;
}
