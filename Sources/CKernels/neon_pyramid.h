// What the NEON sets' pyramids (equation 11) pack and run by.
#ifndef TEXTPIN_NEON_PYRAMID_H
#define TEXTPIN_NEON_PYRAMID_H

#include "neon_kernels.h"
#include "neon_transformed.h"

enum { TAPS = 9, MOST_CHANNELS = TEXTPIN_PYRAMID_CHANNELS };

/// What a set has of its own.
struct pyramid_kernels {
    size_t (*packed_convolution_bytes)(const struct textpin_weights *weights);
    void (*pack_convolution)(const struct textpin_weights *weights, void *packed);
    textpin_partial_row partial_row;
    /// Null where there are no transformed weights.
    size_t (*packed_transformed_bytes)(const struct textpin_weights *weights);
    void (*pack_transformed)(const struct textpin_weights *weights, void *packed);
};

/// The shape of an enlarged part's products: a 1x1 convolution with an output for each channel and tap.
static inline struct textpin_weights products_shape(const struct textpin_pyramid_part *part, int32_t output_channels)
{
    return (struct textpin_weights){.output_channels = TAPS * output_channels,
                                    .kernel_rows = 1,
                                    .kernel_columns = 1,
                                    .input_channels = part->channels,
                                    .input_channel_stride = round_up(part->channels, 4)};
}

static inline struct textpin_weights own_shape(const struct textpin_pyramid_part *part, int32_t output_channels)
{
    return (struct textpin_weights){.output_channels = output_channels,
                                    .kernel_rows = 3,
                                    .kernel_columns = 3,
                                    .input_channels = part->channels,
                                    .input_channel_stride = round_up(part->channels, 4)};
}

static inline struct textpin_weights part_shape(const struct textpin_pyramid_part *part, int32_t output_channels)
{
    return part->factor == 1 ? own_shape(part, output_channels) : products_shape(part, output_channels);
}

/// Whether the part of the output's size goes by transformed weights.
static inline bool is_transformed(const struct pyramid_kernels *kernels, const struct textpin_pyramid_part *part, int32_t output_channels)
{
    const struct textpin_weights shape = own_shape(part, output_channels);
    return part->factor == 1 && part->width >= SIDE && part->height >= SIDE && kernels->packed_transformed_bytes != NULL
           && kernels->packed_transformed_bytes(&shape) > 0;
}

static inline size_t part_bytes(const struct pyramid_kernels *kernels, const struct textpin_pyramid_part *part, int32_t output_channels)
{
    const struct textpin_weights shape = part_shape(part, output_channels);
    return is_transformed(kernels, part, output_channels) ? kernels->packed_transformed_bytes(&shape)
                                                          : kernels->packed_convolution_bytes(&shape);
}

/// The packed form: the bias, then each part's weights.
static inline size_t bias_bytes(int32_t output_channels)
{
    return align_packed(sizeof(int32_t) * (size_t)output_channels);
}

size_t textpin_packed_pyramid_bytes_for(const struct pyramid_kernels *kernels, const struct textpin_pyramid *pyramid);
void textpin_pack_pyramid_for(const struct pyramid_kernels *kernels, const struct textpin_weights *weights,
                              const struct textpin_pyramid *pyramid, void *packed);

#endif
