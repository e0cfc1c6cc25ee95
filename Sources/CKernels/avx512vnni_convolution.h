// How the AVX512-VNNI set lays out the channels of a dense convolution; drawn in ./README.md.
#ifndef TEXTPIN_AVX512VNNI_CONVOLUTION_H
#define TEXTPIN_AVX512VNNI_CONVOLUTION_H

#include "avx512vnni.h"

/// Input bytes that one accumulator consumes of each pixel and step. At 4, an accumulator's 16 lanes are 16 channels. At 8, they are
/// 8 channels, of which lane pairs add up: fewer lanes are lost to a tail of 8 channels and one broadcast serves twice the products,
/// for 3 instructions more in the epilogue of 16 outputs.
enum { DEPTH_4 = 4, DEPTH_8 = 8 };

/// A block of output channels that one pass over the pixels computes, and its place in the packed form.
struct block {
    int32_t accumulators;
    int32_t channels;
};

static inline int32_t depth_of(int32_t output_channels, int32_t kernel_rows, int32_t row_bytes)
{
    // Quarters of a Zen 5 cycle: a VPDPBUSD takes 2, an instruction of the epilogue 1.
    int64_t steps = (int64_t)kernel_rows * round_up(row_bytes, 8) / 8;
    int64_t cost_of_4 = (output_channels + 15) / 16 * (4 * steps + 10);
    int64_t cost_of_8 = (output_channels + 7) / 8 * 2 * steps + (output_channels + 15) / 16 * 13;
    return output_channels > 8 && cost_of_4 <= cost_of_8 ? DEPTH_4 : DEPTH_8;
}

/// The next block of the channels that remain. At depth 4, four accumulators while there are as many: their 64 outputs fill a vector. At
/// depth 8 as few blocks as the registers allow, of even sizes. Only the last block may hold an odd number of 8 channels.
static inline struct block next_block(int32_t depth, int32_t remaining_channels)
{
    int32_t lanes = depth == DEPTH_4 ? 16 : 8;
    int32_t most = depth == DEPTH_4 ? 4 : 6;
    int32_t accumulators = (remaining_channels + lanes - 1) / lanes;
    int32_t blocks = (accumulators + most - 1) / most;
    if (blocks > 1) {
        accumulators = depth == DEPTH_4 ? most : round_up((accumulators + blocks - 1) / blocks, 2);
    }
    return (struct block){accumulators, minimum(remaining_channels, accumulators * lanes)};
}

/// The channel of a block that lane `lane` of accumulator `accumulator` sums: such that packing with signed saturation, which
/// interleaves its operands by 128-bit lanes, leaves the channels in order.
static inline int32_t channel_of_lane(int32_t depth, int32_t accumulators, int32_t accumulator, int32_t lane)
{
    if (depth == DEPTH_4) {
        return lane / 4 * 4 * accumulators + 4 * accumulator + lane % 4;
    }
    return lane / 4 * 2 * accumulators + 2 * accumulator + lane % 4 / 2;
}

/// Half vectors of 8 outputs that one accumulator gives.
static inline int32_t halves(int32_t depth, int32_t accumulators)
{
    return depth == DEPTH_4 ? 2 * accumulators : accumulators;
}

/// Pixels that share one 64-byte vector of outputs, a power of two.
static inline int32_t group_pixels(int32_t depth, int32_t accumulators)
{
    int32_t half_vectors = halves(depth, accumulators);
    return half_vectors == 1 ? 8 : half_vectors == 2 ? 4 : half_vectors <= 4 ? 2 : 1;
}

/// Vectors of 16 outputs before they are packed into those 64 bytes.
static inline int32_t group_vectors(int32_t depth, int32_t accumulators)
{
    return (group_pixels(depth, accumulators) * halves(depth, accumulators) + 1) / 2;
}

/// Distinct vectors of requantization parameters: the group's vectors repeat after so many.
static inline int32_t parameter_vectors(int32_t depth, int32_t accumulators)
{
    return depth == DEPTH_4 ? accumulators : minimum(accumulators, group_vectors(depth, accumulators));
}

/// The head of a packed block; then requantization by vector, bias by accumulator, and the weights.
struct block_head {
    /// Word w of the outputs in order, pixel by pixel, is word order[w] of the packed vector.
    _Alignas(64) uint16_t order[32];
    /// Word w of the packed vector is word place[w] of the outputs in order.
    uint16_t place[32];
    /// As hard_swish_64 takes them.
    int16_t output_multiplier[2][32];
};

static inline size_t head_bytes(int32_t depth, int32_t accumulators)
{
    return sizeof(struct block_head) + sizeof(struct requantization_vector) * (size_t)parameter_vectors(depth, accumulators)
        + 64 * (size_t)accumulators;
}

static inline size_t block_bytes(int32_t depth, int32_t accumulators, int32_t kernel_rows, int32_t row_bytes)
{
    return head_bytes(depth, accumulators)
        + 64 * (size_t)accumulators * (size_t)kernel_rows * (size_t)((row_bytes + depth - 1) / depth);
}

#endif
