// What AVX2's dense convolutions and logits read: the input bytes of a pixel, kernel row after kernel row, extended to 16 bits.
#ifndef TEXTPIN_AVX2_WINDOWS_H
#define TEXTPIN_AVX2_WINDOWS_H

#include "avx2.h"

enum {
    /// A pixel's bytes are cut into segments of so many: with a block's weights and MOST_WORDS, about what the first cache holds.
    SEGMENT = 384,
    /// Pixels that are extended together at least; a multiple of every tile's.
    LEAST_PIXELS = 24,
    /// What an extension may write past its last word.
    WORDS_SLACK = 16,
    MOST_WORDS = (SEGMENT + WORDS_SLACK) * LEAST_PIXELS,
};

/// Where the windows of some pixels are.
struct windows {
    const int8_t *input;
    ptrdiff_t row_stride;
    ptrdiff_t pixel_step;
    int32_t row_bytes;
};

#pragma clang attribute push(__attribute__((target(TEXTPIN_TARGET_AVX2))), apply_to = function)

TEXTPIN_INLINE void extend_bytes(const int8_t *bytes, int32_t count, int16_t *words)
{
    for (int32_t i = 0; i < count; i += 16) {
        _mm256_storeu_si256((__m256i *)(words + i), _mm256_cvtepi8_epi16(load_128(bytes + i)));
    }
}

/// Extends bytes first ..< first + count of the windows of some pixels, a segment. Returns the words from pixel to pixel.
static inline int32_t extend_windows(const struct windows *windows, int32_t first, int32_t count, int32_t pixels, int16_t *words)
{
    const int8_t *row = windows->input + first / windows->row_bytes * windows->row_stride;
    int32_t offset = first % windows->row_bytes, run = minimum(windows->row_bytes - offset, count);
    if (run == count && windows->pixel_step == count) {
        // No gap from pixel to pixel.
        extend_bytes(row + offset, count * pixels, words);
        return count;
    }
    // What is written past a run is written again, but for a pixel's last one.
    const int32_t pixel_words = count + WORDS_SLACK;
    for (int32_t done = 0; done < count; done += run, offset = 0, row += windows->row_stride) {
        run = minimum(windows->row_bytes - offset, count - done);
        for (int32_t i = 0; i < run; i += 16) {
            const int8_t *bytes = row + offset + i;
            int16_t *next = words + done + i;
            for (int32_t x = 0; x < pixels; x++, bytes += windows->pixel_step, next += pixel_words) {
                _mm256_storeu_si256((__m256i *)next, _mm256_cvtepi8_epi16(load_128(bytes)));
            }
        }
    }
    return pixel_words;
}

#pragma clang attribute pop
#endif
