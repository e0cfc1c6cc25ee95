// The packed form of a pyramid's convolution for the x86 sets: the bias by places, then each part's weights; ./README.md has their order.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "x86_pyramid.h"

struct x86_pyramid_layout textpin_x86_pyramid_layout(const struct x86_pyramid_kernels *kernels, const struct textpin_pyramid *pyramid)
{
    struct x86_pyramid_layout layout = {
        .own = {.output_channels = pyramid->output_channels, .kernel_rows = 3, .kernel_columns = 3}};
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        const struct textpin_pyramid_part *part = &pyramid->parts[index];
        if (part->factor == 1) {
            layout.own.input_channels = part->channels;
            layout.own.input_channel_stride = round_up(part->channels, 4);
            // Strips are a whole number of tiles, or 4 columns at least.
            layout.is_transformed = kernels->packed_transformed_bytes != NULL && part->width % PYRAMID_BAND == 0
                && part->height >= PYRAMID_BAND && kernels->packed_transformed_bytes(&layout.own) > 0;
        }
    }
    layout.places = kernels->places(&layout.own);
    layout.products = round_up(PYRAMID_TAPS * layout.places, kernels->block);
    assert(layout.places <= TEXTPIN_PYRAMID_CHANNELS && layout.products <= PYRAMID_PRODUCTS);
    return layout;
}

size_t textpin_x86_pyramid_bias_bytes(const struct x86_pyramid_layout *layout)
{
    return align_packed(sizeof(int32_t) * (size_t)layout->places);
}

size_t textpin_x86_pyramid_part_bytes(const struct x86_pyramid_kernels *kernels, const struct x86_pyramid_layout *layout,
                                      const struct textpin_pyramid_part *part)
{
    if (part->factor == 1) {
        return layout->is_transformed ? kernels->packed_transformed_bytes(&layout->own) : kernels->packed_convolution_bytes(&layout->own);
    }
    return align_packed((size_t)layout->products * (size_t)round_up(part->channels, 4) * (size_t)kernels->weight_bytes);
}

/// The packed form: the bias by places, then each part's weights.
size_t textpin_x86_packed_pyramid_bytes(const struct x86_pyramid_kernels *kernels, const struct textpin_pyramid *pyramid)
{
    const struct x86_pyramid_layout layout = textpin_x86_pyramid_layout(kernels, pyramid);
    size_t bytes = textpin_x86_pyramid_bias_bytes(&layout);
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        bytes += textpin_x86_pyramid_part_bytes(kernels, &layout, &pyramid->parts[index]);
    }
    return bytes;
}

static void pack_bias(const struct x86_pyramid_kernels *kernels, const struct textpin_weights *weights,
                      const struct x86_pyramid_layout *layout, uint32_t *bias)
{
    const size_t count = (size_t)(PYRAMID_TAPS * weights->input_channels);
    for (int32_t place = 0; place < layout->places; place++) {
        const int32_t channel = kernels->channel_at(&layout->own, place);
        bias[place] = 0;
        if (channel < weights->output_channels) {
            // Unsigned: the sum may wrap, and wraps back.
            bias[place] = (uint32_t)weights->bias[channel];
            for (size_t i = 0; i < count; i++) {
                bias[place] -= (uint32_t)kernels->input_offset * (uint32_t)weights->weights[(size_t)channel * count + i];
            }
        }
    }
}

static void pack_own(const struct x86_pyramid_kernels *kernels, const struct textpin_weights *weights,
                     const struct x86_pyramid_layout *layout, int32_t first_channel, void *packed)
{
    int8_t ordered[PYRAMID_PRODUCTS * TEXTPIN_PYRAMID_CHANNELS];
    struct textpin_weights own = layout->own;
    for (int32_t tap = 0; tap < weights->output_channels * PYRAMID_TAPS; tap++) {
        memcpy(ordered + tap * own.input_channels, weights->weights + tap * weights->input_channels + first_channel,
               (size_t)own.input_channels);
    }
    own.weights = ordered;
    own.bias = weights->bias;
    own.multiplier = weights->multiplier;
    own.shift = weights->shift;
    own.output_multiplier = weights->output_multiplier;
    if (layout->is_transformed) {
        kernels->pack_transformed(&own, packed);
    } else {
        kernels->pack_convolution(&own, packed);
    }
}

/// The weight that product `product` of a pixel has for byte `byte`.
static int8_t product_weight(const struct x86_pyramid_kernels *kernels, const struct textpin_weights *weights,
                             const struct x86_pyramid_layout *layout, const struct textpin_pyramid_part *part, int32_t first_channel,
                             int32_t product, int32_t byte)
{
    const int32_t group = product / (PYRAMID_TAPS * kernels->group);
    const int32_t tap = product / kernels->group % PYRAMID_TAPS;
    const int32_t place = group * kernels->group + product % kernels->group;
    const int32_t channel = place < layout->places ? kernels->channel_at(&layout->own, place) : weights->output_channels;
    if (channel >= weights->output_channels || byte >= part->channels) {
        return 0;
    }
    return weights->weights[(channel * PYRAMID_TAPS + tap) * weights->input_channels + first_channel + byte];
}

static void pack_products(const struct x86_pyramid_kernels *kernels, const struct textpin_weights *weights,
                          const struct x86_pyramid_layout *layout, const struct textpin_pyramid_part *part, int32_t first_channel,
                          void *packed)
{
    int8_t *bytes = packed;
    int16_t *words = packed;
    for (int32_t block = 0; block < layout->products; block += kernels->block) {
        for (int32_t offset = 0; offset < round_up(part->channels, 4); offset += kernels->step_bytes) {
            for (int32_t product = block; product < block + kernels->block; product++) {
                for (int32_t byte = offset; byte < offset + kernels->step_bytes; byte++) {
                    const int8_t weight = product_weight(kernels, weights, layout, part, first_channel, product, byte);
                    if (kernels->weight_bytes == 1) {
                        *bytes++ = weight;
                    } else {
                        *words++ = weight;
                    }
                }
            }
        }
    }
}

void textpin_x86_pack_pyramid(const struct x86_pyramid_kernels *kernels, const struct textpin_weights *weights,
                              const struct textpin_pyramid *pyramid, void *packed)
{
    const struct x86_pyramid_layout layout = textpin_x86_pyramid_layout(kernels, pyramid);
    pack_bias(kernels, weights, &layout, packed);
    int8_t *next = (int8_t *)packed + textpin_x86_pyramid_bias_bytes(&layout);
    int32_t first_channel = 0;
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        const struct textpin_pyramid_part *part = &pyramid->parts[index];
        if (part->factor == 1) {
            pack_own(kernels, weights, &layout, first_channel, next);
        } else {
            pack_products(kernels, weights, &layout, part, first_channel, next);
        }
        next += textpin_x86_pyramid_part_bytes(kernels, &layout, part);
        first_channel += part->channels;
    }
}

#endif
