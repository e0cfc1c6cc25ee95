// The packed form of AVX2's dense convolutions.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx2_convolution.h"
#include "avx2_lanes.h"

size_t textpin_block_bytes_avx2(int32_t accumulators, int32_t input_bytes)
{
    return (size_t)pairs_of(accumulators) * sizeof(struct lane_pair)
         + (size_t)(LANES * accumulators) * (sizeof(int32_t) + (size_t)input_bytes);
}

size_t textpin_packed_convolution_bytes_avx2(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        bytes += textpin_block_bytes_avx2(accumulators, weights->kernel_rows * row_bytes_of(weights));
    }
    return align_packed(bytes);
}

int32_t textpin_channel_of_place_avx2(int32_t output_channels, int32_t place)
{
    int32_t first = 0, accumulators = accumulators_of(output_channels);
    for (; place >= first + LANES * accumulators; accumulators = accumulators_of(output_channels - first)) {
        first += LANES * accumulators;
    }
    return first + channel_of_place(accumulators, place - first);
}

void textpin_pack_convolution_avx2(const struct textpin_weights *weights, void *packed)
{
    const int32_t row_bytes = row_bytes_of(weights), input_bytes = weights->kernel_rows * row_bytes;
    int8_t *next = packed;
    int32_t accumulators;
    for (int32_t first = 0; first < weights->output_channels; first += LANES * accumulators) {
        accumulators = accumulators_of(weights->output_channels - first);
        const int32_t places = LANES * accumulators;
        int8_t *bytes = pack_lane_head(weights, first, accumulators, next);
        for (int32_t index = 0; index < places * input_bytes; index++) {
            const int32_t byte = index / (2 * places) * 2 + index % 2, place = index / 2 % places;
            bytes[index] = weight_at(weights, first + channel_of_place(accumulators, place), byte / row_bytes, byte % row_bytes);
        }
        next += textpin_block_bytes_avx2(accumulators, input_bytes);
    }
}

#endif
