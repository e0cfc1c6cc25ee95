// A pyramid's convolution with AVX2: what its files share, and the sets with AVX2.
#ifndef TEXTPIN_AVX2_PYRAMID_H
#define TEXTPIN_AVX2_PYRAMID_H

#include "avx2_kernels.h"

/// add_line of struct x86_pyramid_kernels, for groups of 8 places.
void textpin_add_pyramid_line_avx2(const int32_t *const rows[3], ptrdiff_t sums_stride, int32_t places, int32_t factor, int32_t columns,
                                   const int32_t *from, ptrdiff_t from_stride, int32_t *to);

#endif
