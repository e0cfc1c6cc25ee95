// Rows of camera frames for ARMv8.0 NEON.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "frames.h"
#include "neon.h"
#include "neon_kernels.h"

/// Pixels of one vector of 16-bit values.
enum { PIXELS = 8 };

/// Eight pixels' samples in one row, by channel: bytes left, right, left, right, ...
TEXTPIN_INLINE void split_channels(const uint8_t samples[PIXELS][8], uint8x16_t pair_order, uint8x16_t channels[3])
{
    // Of two pixels each, 4 bytes of channel 0, 4 of channel 1, 4 of channel 2.
    uint32x4_t pairs[4];
    for (int32_t pair = 0; pair < 4; pair++) {
        pairs[pair] = vreinterpretq_u32_u8(vqtbl1q_u8(vld1q_u8(samples[2 * pair]), pair_order));
    }
    uint64x2_t first = vreinterpretq_u64_u32(vtrn1q_u32(pairs[0], pairs[1]));
    uint64x2_t second = vreinterpretq_u64_u32(vtrn1q_u32(pairs[2], pairs[3]));
    channels[0] = vreinterpretq_u8_u64(vtrn1q_u64(first, second));
    channels[2] = vreinterpretq_u8_u64(vtrn2q_u64(first, second));
    first = vreinterpretq_u64_u32(vtrn2q_u32(pairs[0], pairs[1]));
    second = vreinterpretq_u64_u32(vtrn2q_u32(pairs[2], pairs[3]));
    channels[1] = vreinterpretq_u8_u64(vtrn1q_u64(first, second));
}

/// The weights of the rows above and below, in bytes.
struct row_weights {
    uint8x16_t upper;
    uint8x16_t lower;
};

TEXTPIN_INLINE struct row_weights broadcast_row_weights(int32_t weight)
{
    // 256 does not fit a byte; but then both rows are the same, and count half each.
    int32_t lower = weight == 0 ? 128 : weight;
    return (struct row_weights){vdupq_n_u8((uint8_t)(256 - lower)), vdupq_n_u8((uint8_t)lower)};
}

/// Equation 9 for one channel.
TEXTPIN_INLINE uint16x8_t scale(uint8x16_t above, uint8x16_t below, struct row_weights down, uint16x8_t right_weights)
{
    uint16x8_t low = vmull_u8(vget_low_u8(above), vget_low_u8(down.upper)), high = vmull_high_u8(above, down.upper);
    low = vmlal_u8(low, vget_low_u8(below), vget_low_u8(down.lower));
    high = vmlal_high_u8(high, below, down.lower);
    uint16x8_t left = vuzp1q_u16(low, high), right = vuzp2q_u16(low, high);
    uint16x8_t left_weights = vsubq_u16(vdupq_n_u16(256), right_weights);
    uint32x4_t first = vmull_u16(vget_low_u16(left), vget_low_u16(left_weights)), second = vmull_high_u16(left, left_weights);
    first = vmlal_u16(first, vget_low_u16(right), vget_low_u16(right_weights));
    second = vmlal_high_u16(second, right, right_weights);
    return vrshrn_high_n_u32(vrshrn_n_u32(first, 16), second, 16);
}

/// Four pixels of one colour times 2^4, from Y, Cb and Cr with their factors.
TEXTPIN_INLINE int16x4_t colour_4(int32x4_t luma, int16x4_t cb, int32_t cb_factor, int16x4_t cr, int32_t cr_factor)
{
    int32x4_t sum = luma;
    sum = cb_factor == 0 ? sum : vmlaq_n_s32(sum, vmovl_s16(cb), cb_factor);
    sum = cr_factor == 0 ? sum : vmlaq_n_s32(sum, vmovl_s16(cr), cr_factor);
    return vshrn_n_s32(sum, 16);
}

/// Equation 10a: Y, Cb, Cr to red, green, blue less 128.
TEXTPIN_INLINE void colour(const uint16x8_t channels[3], int8x8_t colours[3])
{
    static const int32_t factors[3][2] = {{0, CR_TO_RED}, {CB_TO_GREEN, CR_TO_GREEN}, {CB_TO_BLUE, 0}};
    uint16x8_t above_black = vqsubq_u16(channels[0], vdupq_n_u16(16));
    int16x8_t cb = vsubq_s16(vreinterpretq_s16_u16(channels[1]), vdupq_n_s16(128));
    int16x8_t cr = vsubq_s16(vreinterpretq_s16_u16(channels[2]), vdupq_n_s16(128));
    int32x4_t rounding = vdupq_n_s32(COLOUR_ROUNDING);
    int32x4_t first = vmlaq_n_s32(rounding, vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(above_black))), LUMA_FACTOR);
    int32x4_t second = vmlaq_n_s32(rounding, vreinterpretq_s32_u32(vmovl_high_u16(above_black)), LUMA_FACTOR);
    for (int32_t channel = 0; channel < 3; channel++) {
        const int32_t *factor = factors[channel];
        int16x4_t low = colour_4(first, vget_low_s16(cb), factor[0], vget_low_s16(cr), factor[1]);
        int16x4_t high = colour_4(second, vget_high_s16(cb), factor[0], vget_high_s16(cr), factor[1]);
        colours[channel] = vqshrn_n_s16(vcombine_s16(low, high), COLOUR_SHIFT - 16);
    }
}

TEXTPIN_INLINE void mix_pixels(const struct frame_block *block, bool is_coloured, int8_t *output)
{
    uint8x16_t pair_order = vld1q_u8(block->pair_order);
    struct row_weights down = broadcast_row_weights(block->row->weight), chroma_down = broadcast_row_weights(block->row->chroma_weight);
    bool blue_first = block->row->blue_first;
    for (int32_t x = 0; x < FRAME_BLOCK; x += PIXELS) {
        uint8x16_t above[3], below[3];
        split_channels(block->upper + x, pair_order, above);
        split_channels(block->lower + x, pair_order, below);
        uint16x8x4_t columns = vld4q_u16(&block->columns[x].first);
        uint16x8_t channels[3] = {
            scale(above[0], below[0], down, columns.val[1]),
            scale(above[1], below[1], chroma_down, columns.val[3]),
            scale(above[2], below[2], chroma_down, columns.val[3]),
        };
        int8x8_t colours[3];
        if (is_coloured) {
            colour(channels, colours);
        } else {
            for (int32_t channel = 0; channel < 3; channel++) {
                colours[channel] = vreinterpret_s8_u8(veor_u8(vmovn_u16(channels[channel]), vdup_n_u8(128)));
            }
        }
        int8x8x4_t pixels = {{colours[blue_first ? 2 : 0], colours[1], colours[blue_first ? 0 : 2], vdup_n_s8(0)}};
        vst4_s8(output + 4 * x, pixels);
    }
}

static void mix_block(const struct frame_block *block, int8_t *output)
{
    if (has_chroma(block->row->layout)) {
        mix_pixels(block, true, output);
    } else {
        mix_pixels(block, false, output);
    }
}

void textpin_frame_row_neon(const struct textpin_frame_row *row, int8_t *output)
{
    textpin_frame_row_in_blocks(row, mix_block, output);
}

#endif
