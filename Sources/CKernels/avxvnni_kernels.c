// The AVX-VNNI set: AVX2's but for the convolutions.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avxvnni_kernels.h"

const struct textpin_kernel_set textpin_avxvnni_kernels = {
    .name = "avxvnni",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_avxvnni,
    .pack_convolution = textpin_pack_convolution_avxvnni,
    .convolution_row = textpin_convolution_row_avxvnni,
    .logits_row = textpin_logits_row_avxvnni,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_avxvnni,
    .pack_depthwise = textpin_pack_depthwise_avxvnni,
    .depthwise_row = textpin_depthwise_row_avxvnni,
    .combine_row = textpin_combine_row_avx2,
    .channel_sums = textpin_channel_sums_avx2,
    .lookup_row = textpin_lookup_row_avx2,
    .repeat_row = textpin_repeat_row_avx2,
    .maximum_row = textpin_maximum_row_avx2,
    .packed_pyramid_bytes = textpin_packed_pyramid_bytes_avxvnni,
    .pack_pyramid = textpin_pack_pyramid_avxvnni,
    .pyramid_rows = textpin_pyramid_rows_avxvnni,
    .frame_row = textpin_frame_row_avx2,
};

#endif
