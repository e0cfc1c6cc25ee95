// The oracle: rows of camera frames.
#include "frames.h"
#include "scalar_kernels.h"

/// Equation 9 for one channel of one pixel.
static int32_t scaled_sample(const struct textpin_frame_row *row, const struct textpin_frame_column *column, int32_t channel)
{
    bool chroma = has_chroma(row->layout) && channel > 0;
    int32_t first = chroma ? column->chroma_first : column->first;
    int32_t across = chroma ? column->chroma_weight : column->weight;
    int32_t down = chroma ? row->chroma_weight : row->weight;
    struct frame_channel upper = frame_channel_at(row->layout, &row->upper, channel);
    struct frame_channel lower = frame_channel_at(row->layout, &row->lower, channel);
    int32_t left = first * upper.step, right = left + (across == 0 ? 0 : upper.step);
    int32_t above = upper.samples[left] * (256 - across) + upper.samples[right] * across;
    int32_t below = lower.samples[left] * (256 - across) + lower.samples[right] * across;
    return (above * (256 - down) + below * down + (1 << 15)) >> 16;
}

static uint8_t clamp_byte(int32_t value)
{
    return (uint8_t)(value < 0 ? 0 : value > UINT8_MAX ? UINT8_MAX : value);
}

/// Equation 10: Y, Cb, Cr to red, green, blue.
static void colour(const int32_t samples[3], uint8_t rgb[3])
{
    int32_t luma = (samples[0] < 16 ? 0 : samples[0] - 16) * LUMA_FACTOR + (1 << (COLOUR_SHIFT - 1));
    int32_t cb = samples[1] - 128, cr = samples[2] - 128;
    rgb[0] = clamp_byte((luma + cr * CR_TO_RED) >> COLOUR_SHIFT);
    rgb[1] = clamp_byte((luma + cb * CB_TO_GREEN + cr * CR_TO_GREEN) >> COLOUR_SHIFT);
    rgb[2] = clamp_byte((luma + cb * CB_TO_BLUE) >> COLOUR_SHIFT);
}

void textpin_frame_row_scalar(const struct textpin_frame_row *row, int8_t *output)
{
    assert_frame_row(row);
    for (int32_t x = 0; x < row->pixels; x++) {
        int32_t samples[3];
        for (int32_t channel = 0; channel < 3; channel++) {
            samples[channel] = scaled_sample(row, row->columns + x, channel);
        }
        uint8_t rgb[3] = {(uint8_t)samples[0], (uint8_t)samples[1], (uint8_t)samples[2]};
        if (has_chroma(row->layout)) {
            colour(samples, rgb);
        }
        for (int32_t channel = 0; channel < 3; channel++) {
            output[4 * x + channel] = (int8_t)(rgb[row->blue_first ? 2 - channel : channel] - 128);
        }
        output[4 * x + 3] = 0;
    }
}

void textpin_frame_rgb_row(int32_t layout, const struct textpin_frame_planes *row, int32_t width, uint8_t *rgb)
{
    struct frame_channel channels[3];
    for (int32_t channel = 0; channel < 3; channel++) {
        channels[channel] = frame_channel_at(layout, row, channel);
    }
    for (int32_t x = 0; x < width; x++, rgb += 3) {
        int32_t samples[3];
        for (int32_t channel = 0; channel < 3; channel++) {
            int32_t index = has_chroma(layout) && channel > 0 ? x / 2 : x;
            samples[channel] = channels[channel].samples[index * channels[channel].step];
        }
        if (has_chroma(layout)) {
            colour(samples, rgb);
        } else {
            for (int32_t channel = 0; channel < 3; channel++) {
                rgb[channel] = (uint8_t)samples[channel];
            }
        }
    }
}
