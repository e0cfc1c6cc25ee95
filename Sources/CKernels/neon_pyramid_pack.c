// Packs the weights of a pyramid's parts for all NEON sets (equation 11).
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_pyramid.h"

size_t textpin_packed_pyramid_bytes_for(const struct pyramid_kernels *kernels, const struct textpin_pyramid *pyramid)
{
    size_t bytes = bias_bytes(pyramid->output_channels);
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        bytes += part_bytes(kernels, &pyramid->parts[index], pyramid->output_channels);
    }
    return bytes;
}

void textpin_pack_pyramid_for(const struct pyramid_kernels *kernels, const struct textpin_weights *weights,
                              const struct textpin_pyramid *pyramid, void *packed)
{
    static const int32_t zeros[TAPS * MOST_CHANNELS];
    static const uint8_t no_shifts[TAPS * MOST_CHANNELS];
    const int32_t channels = pyramid->output_channels;
    memcpy(packed, weights->bias, sizeof(int32_t) * (size_t)channels);
    int8_t *next = (int8_t *)packed + bias_bytes(channels);
    int32_t first_channel = 0;
    for (int32_t index = 0; index < pyramid->part_count; index++) {
        const struct textpin_pyramid_part *part = &pyramid->parts[index];
        int8_t ordered[TAPS * MOST_CHANNELS * MOST_CHANNELS];
        struct textpin_weights own = part_shape(part, channels);
        for (int32_t n = 0; n < channels; n++) {
            for (int32_t tap = 0; tap < TAPS; tap++) {
                int32_t output = n / LANE_CHANNELS * LANE_CHANNELS * TAPS + tap * LANE_CHANNELS + n % LANE_CHANNELS;
                int32_t place = part->factor == 1 ? n * TAPS + tap : output;
                const int8_t *from = weights->weights + (n * TAPS + tap) * weights->input_channels + first_channel;
                memcpy(ordered + place * part->channels, from, (size_t)part->channels);
            }
        }
        // Sums start from the other parts', so no bias is read; here it says how far those reach, for equation 1d.
        int32_t start_reach[MOST_CHANNELS];
        for (int32_t n = 0; n < channels; n++) {
            start_reach[n] = (int32_t)reach_of(weights, n, 1);
        }
        own.weights = ordered;
        own.bias = part->factor == 1 ? start_reach : zeros;
        own.multiplier = part->factor == 1 ? weights->multiplier : zeros;
        own.shift = part->factor == 1 ? weights->shift : no_shifts;
        own.output_multiplier = part->factor == 1 ? weights->output_multiplier : NULL;
        if (is_transformed(kernels, part, channels)) {
            kernels->pack_transformed(&own, next);
        } else {
            kernels->pack_convolution(&own, next);
        }
        next += part_bytes(kernels, part, channels);
        first_channel += part->channels;
    }
}

#endif
