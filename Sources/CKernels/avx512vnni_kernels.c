// The AVX512-VNNI set.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni_kernels.h"

const struct textpin_kernel_set textpin_avx512vnni_kernels = {
    .name = "avx512vnni",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_avx512vnni,
    .pack_convolution = textpin_pack_convolution_avx512vnni,
    .convolution_row = textpin_convolution_row_avx512vnni,
    .logits_row = textpin_logits_row_avx512vnni,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_avx512vnni,
    .pack_depthwise = textpin_pack_depthwise_avx512vnni,
    .depthwise_row = textpin_depthwise_row_avx512vnni,
    .combine_row = textpin_combine_row_avx512vnni,
    .channel_sums = textpin_channel_sums_avx512vnni,
    .lookup_row = textpin_lookup_row_avx512vnni,
    .repeat_row = textpin_repeat_row_avx512vnni,
    .maximum_row = textpin_maximum_row_avx512vnni,
    .packed_pyramid_bytes = textpin_packed_pyramid_bytes_avx512vnni,
    .pack_pyramid = textpin_pack_pyramid_avx512vnni,
    .pyramid_rows = textpin_pyramid_rows_avx512vnni,
    .frame_row = textpin_frame_row_avx512vnni,
};

#endif
