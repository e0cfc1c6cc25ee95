#include "textpin_self_check.h"

static uint8_t clamp(int32_t value)
{
    return (uint8_t)(value > 255 ? 255 : value);
}

void textpin_self_check_picture(uint8_t *pixels, int32_t width, int32_t height)
{
    uint32_t state = 1;
    for (int32_t y = 0; y < height; y++) {
        for (int32_t x = 0; x < width; x++, pixels += 3) {
            state = state * 1664525u + 1013904223u;
            int32_t noise = (int32_t)(state >> 24) / 8;
            pixels[0] = clamp(((x >> 4 ^ y >> 4) & 1) * 160 + noise);
            pixels[1] = clamp(((x >> 2) & 1) * ((y >> 5) & 1) * 200 + noise);
            pixels[2] = clamp((x * 255 / width + y * 255 / height) / 2 + noise);
        }
    }
}
