// The NEON sets: plain ARMv8.0; with the dot product extension, which differs in the convolutions alone; and with the matrix
// multiplication extension, which differs from that in the dense ones.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_kernels.h"

const struct textpin_kernel_set textpin_neon_kernels = {
    .name = "neon",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_neon,
    .pack_convolution = textpin_pack_convolution_neon,
    .convolution_row = textpin_convolution_row_neon,
    .logits_row = textpin_logits_row_neon,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_neon,
    .pack_depthwise = textpin_pack_depthwise_neon,
    .depthwise_row = textpin_depthwise_row_neon,
    .combine_row = textpin_combine_row_neon,
    .channel_sums = textpin_channel_sums_neon,
    .lookup_row = textpin_lookup_row_neon,
    .repeat_row = textpin_repeat_row_neon,
    .maximum_row = textpin_maximum_row_neon,
    .packed_transformed_bytes = textpin_packed_transformed_bytes_neon,
    .pack_transformed = textpin_pack_transformed_neon,
    .transformed_rows = textpin_transformed_rows_neon,
    .packed_pyramid_bytes = textpin_packed_pyramid_bytes_neon,
    .pack_pyramid = textpin_pack_pyramid_neon,
    .pyramid_rows = textpin_pyramid_rows_neon,
    .frame_row = textpin_frame_row_neon,
};

const struct textpin_kernel_set textpin_neon_dotprod_kernels = {
    .name = "neon-dotprod",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_neon_dotprod,
    .pack_convolution = textpin_pack_convolution_neon_dotprod,
    .convolution_row = textpin_convolution_row_neon_dotprod,
    .logits_row = textpin_logits_row_neon_dotprod,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_neon_dotprod,
    .pack_depthwise = textpin_pack_depthwise_neon_dotprod,
    .depthwise_row = textpin_depthwise_row_neon_dotprod,
    .combine_row = textpin_combine_row_neon,
    .channel_sums = textpin_channel_sums_neon,
    .lookup_row = textpin_lookup_row_neon,
    .repeat_row = textpin_repeat_row_neon,
    .maximum_row = textpin_maximum_row_neon,
    .packed_pyramid_bytes = textpin_packed_pyramid_bytes_neon_dotprod,
    .pack_pyramid = textpin_pack_pyramid_neon_dotprod,
    .pyramid_rows = textpin_pyramid_rows_neon_dotprod,
    .frame_row = textpin_frame_row_neon,
};

const struct textpin_kernel_set textpin_neon_i8mm_kernels = {
    .name = "neon-i8mm",
    .packed_convolution_bytes = textpin_packed_convolution_bytes_neon_i8mm,
    .pack_convolution = textpin_pack_convolution_neon_i8mm,
    .convolution_row = textpin_convolution_row_neon_i8mm,
    .logits_row = textpin_logits_row_neon_i8mm,
    .packed_depthwise_bytes = textpin_packed_depthwise_bytes_neon_dotprod,
    .pack_depthwise = textpin_pack_depthwise_neon_dotprod,
    .depthwise_row = textpin_depthwise_row_neon_dotprod,
    .combine_row = textpin_combine_row_neon,
    .channel_sums = textpin_channel_sums_neon,
    .lookup_row = textpin_lookup_row_neon,
    .repeat_row = textpin_repeat_row_neon,
    .maximum_row = textpin_maximum_row_neon,
    .packed_pyramid_bytes = textpin_packed_pyramid_bytes_neon_i8mm,
    .pack_pyramid = textpin_pack_pyramid_neon_i8mm,
    .pyramid_rows = textpin_pyramid_rows_neon_i8mm,
    .frame_row = textpin_frame_row_neon,
};

#endif
