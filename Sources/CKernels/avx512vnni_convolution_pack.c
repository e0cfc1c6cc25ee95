// The packed form of a dense convolution for AVX512-VNNI; drawn in ./README.md.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni_convolution.h"
#include "avx512vnni_kernels.h"

size_t textpin_packed_convolution_bytes_avx512vnni(const struct textpin_weights *weights)
{
    int32_t depth = depth_of(weights->output_channels, weights->kernel_rows, row_bytes_of(weights));
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels;) {
        struct block block = next_block(depth, weights->output_channels - first);
        bytes += block_bytes(depth, block.accumulators, weights->kernel_rows, row_bytes_of(weights));
        first += block.channels;
    }
    return bytes;
}

/// The channel of a block that lane `lane` of group vector `vector` is: at DEPTH_8, a vector's 128-bit lanes hold two channels of each of
/// two accumulators.
static int32_t channel_of_vector_lane(int32_t depth, int32_t accumulators, int32_t vector, int32_t lane)
{
    int32_t accumulator = depth == DEPTH_4 ? vector : 2 * vector + lane % 4 / 2;
    int32_t source_lane = depth == DEPTH_4 ? lane : lane / 4 * 4 + lane % 2 * 2;
    return channel_of_lane(depth, accumulators, accumulator % accumulators, source_lane);
}

static void pack_requantization(const struct textpin_weights *weights, int32_t depth, struct block block, int32_t first,
                                struct requantization_vector *requantization)
{
    for (int32_t vector = 0; vector < parameter_vectors(depth, block.accumulators); vector++) {
        for (int32_t lane = 0; lane < 16; lane++) {
            int32_t channel = channel_of_vector_lane(depth, block.accumulators, vector, lane);
            bool used = channel < block.channels;
            textpin_set_requantization(&requantization[vector], lane, used ? weights->multiplier[first + channel] : 0,
                                       used ? weights->shift[first + channel] : TEXTPIN_SHIFT_MINIMUM);
        }
    }
}

static void pack_output_multipliers(const struct textpin_weights *weights, int32_t depth, struct block block, int32_t first,
                                    struct block_head *head)
{
    for (int32_t vector = 0; vector < 4; vector++) {
        for (int32_t lane = 0; lane < 16; lane++) {
            int32_t channel = channel_of_vector_lane(depth, block.accumulators, vector, lane);
            bool used = weights->output_multiplier != NULL && channel < block.channels;
            head->output_multiplier[vector / 2][lane / 4 * 8 + vector % 2 * 4 + lane % 4] =
                used ? weights->output_multiplier[first + channel] : 0;
        }
    }
}

static void pack_order(int32_t depth, int32_t accumulators, struct block_head *head)
{
    int32_t half_vectors = halves(depth, accumulators);
    int32_t pixels = group_pixels(depth, accumulators);
    memset(head->order, 0, sizeof head->order);
    memset(head->place, 0, sizeof head->place);
    for (int32_t pixel = 0; pixel < pixels; pixel++) {
        for (int32_t half = 0; half < half_vectors; half++) {
            for (int32_t lane = 0; lane < 4; lane++) {
                int32_t output = pixel * 32 / pixels + lane * half_vectors + half, packed = 8 * lane + pixel * half_vectors + half;
                head->order[output] = (uint16_t)packed;
                head->place[packed] = (uint16_t)output;
            }
        }
    }
}

static int8_t *pack_weights(const struct textpin_weights *weights, int32_t depth, struct block block, int32_t first, int8_t *next,
                            uint32_t *bias)
{
    for (int32_t row = 0; row < weights->kernel_rows; row++) {
        for (int32_t offset = 0; offset < row_bytes_of(weights); offset += depth) {
            for (int32_t accumulator = 0; accumulator < block.accumulators; accumulator++) {
                for (int32_t lane = 0; lane < 16; lane++) {
                    int32_t channel = channel_of_lane(depth, block.accumulators, accumulator, lane);
                    int32_t start = offset + (depth == DEPTH_4 ? 0 : lane % 2 * 4);
                    for (int32_t byte = 0; byte < 4; byte++) {
                        int8_t weight = channel < block.channels ? weight_at(weights, first + channel, row, start + byte) : 0;
                        *next++ = weight;
                        // Activations are offset by 128 to be unsigned (equation 6). Unsigned: the sum may wrap, and wraps back.
                        bias[16 * accumulator + lane] -= 128u * (uint32_t)weight;
                    }
                }
            }
        }
    }
    return next;
}

void textpin_pack_convolution_avx512vnni(const struct textpin_weights *weights, void *packed)
{
    int32_t depth = depth_of(weights->output_channels, weights->kernel_rows, row_bytes_of(weights));
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels;) {
        struct block block = next_block(depth, weights->output_channels - first);
        struct block_head *head = (struct block_head *)next;
        struct requantization_vector *requantization = (struct requantization_vector *)(head + 1);
        uint32_t *bias = (uint32_t *)(requantization + parameter_vectors(depth, block.accumulators));
        pack_order(depth, block.accumulators, head);
        pack_output_multipliers(weights, depth, block, first, head);
        pack_requantization(weights, depth, block, first, requantization);
        for (int32_t index = 0; index < 16 * block.accumulators; index++) {
            int32_t channel = channel_of_lane(depth, block.accumulators, index / 16, index % 16);
            bool used = channel < block.channels && (depth == DEPTH_4 || index % 2 == 0);
            bias[index] = used ? (uint32_t)weights->bias[first + channel] : 0;
        }
        next = pack_weights(weights, depth, block, first, (int8_t *)(bias + 16 * block.accumulators), bias);
        first += block.channels;
    }
}
#endif
