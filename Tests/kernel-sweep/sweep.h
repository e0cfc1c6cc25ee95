// Holds every kernel set that this CPU runs equal to the scalar oracle, over drawn shapes and data.
#ifndef SWEEP_H
#define SWEEP_H

#include "textpin_kernels.h"

/// Uniform in low...high, from a generator that gives the same numbers everywhere.
int32_t draw(int32_t low, int32_t high);
bool one_in(int32_t count);

/// A block of memory with an end that AddressSanitizer watches.
struct buffer {
    int8_t *bytes;
    size_t size;
};

struct buffer new_buffer(size_t size);
/// TEXTPIN_ALIGNMENT, for packed weights.
struct buffer new_aligned_buffer(size_t size);
struct buffer copy_of(struct buffer buffer);
void fill(struct buffer buffer, int32_t low, int32_t high);
/// Activations: any, or only the two extremes.
void fill_activations(struct buffer buffer);
bool same_bytes(struct buffer a, struct buffer b);
void release(struct buffer buffer);

/// Counts one case; a failed one is printed with the numbers that describe it, up to a few dozen.
__attribute__((format(printf, 2, 3))) void expect(bool passed, const char *format, ...);

/// What accumulators stay below.
int32_t accumulator_limit(bool finely);

/// Weights and requantization drawn for a shape, and what they were packed to by one set.
struct layer {
    struct textpin_weights weights;
    struct buffer storage;
    int32_t bias[256];
    int32_t multiplier[256];
    uint8_t shift[256];
    int16_t output_multiplier[256];
    struct textpin_hard_swish hard_swish;
};

/// Draws all but the shape, which has `taps` weights for each output channel, for accumulators below `limit`.
void draw_layer(struct layer *layer, int32_t taps, int32_t limit);

/// Any, and often 0.
int32_t draw_zero_point(void);

/// A table or none; none with hard-swish.
const int8_t *draw_table(int8_t table[256], bool hard_swish);

void sweep_convolution(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle);
void sweep_logits(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle);
void sweep_depthwise(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle);
void sweep_pyramids(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle);
void sweep_transformed(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle);
void sweep_elementwise(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle);
void sweep_frames(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle);

#endif
