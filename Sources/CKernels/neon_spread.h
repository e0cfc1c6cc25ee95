// The packed form of a dense convolution for the plain NEON set, and how it spreads input bytes over lanes.
#ifndef TEXTPIN_NEON_SPREAD_H
#define TEXTPIN_NEON_SPREAD_H

#include "neon_convolution.h"

enum {
    /// A step takes 8 input bytes. Two steps take the 16 bytes of a window in one of several orders.
    STEP_BYTES = 8,
    WINDOW_BYTES = 16,
    ORDERS = 16,
};

/// What a row does next, a byte: below HALF_FITS, a window in that order, of which four products fit 16 bits.
enum {
    /// Plus twice the order, plus the step that fits and comes first: a window of which the other step's do not.
    HALF_FITS = ORDERS,
    /// Plus how many: steps that take their bytes as they are, of which four products do not fit. Plus 0: the row ends.
    AS_THEY_ARE = HALF_FITS + 2 * ORDERS,
    MOST_AS_THEY_ARE = 200,
    /// All steps of a row: in blocks of longer rows, whose choices would make the packed form larger than its limit.
    WHOLE_ROW = 255,
    /// For a block: with its head no more than the 40 bytes for each of 16 channels that textpin_packed_convolution_limit adds to weights.
    MOST_CHOICES = 208,
};

/// The indices with which two TBL spread a step's bytes, for both steps of a window: bytes 0, 2, 4 and 6 of a step meet in one lane of 16
/// bits, bytes 1, 3, 5 and 7 in its neighbour.
struct window_order {
    uint8_t indices[2][2][16];
};

extern const struct window_order textpin_window_orders_neon[ORDERS];

/// The input byte of a window that order `order` takes as byte `byte` of step `step`.
static inline int32_t ordered_byte(int32_t order, int32_t step, int32_t byte)
{
    return textpin_window_orders_neon[order].indices[step][byte / 4][byte % 4 / 2 * 8 + byte % 2];
}

/// How many choices a row has at most, its end among them.
static inline int32_t row_choices(int32_t row_bytes)
{
    return row_bytes / STEP_BYTES + 1;
}

/// Whether a block has choices of its own for each row.
static inline bool has_choices(int32_t kernel_rows, int32_t row_bytes)
{
    return kernel_rows * row_choices(row_bytes) <= MOST_CHOICES;
}

/// Behind a block's head.
static inline int32_t choices_bytes(int32_t kernel_rows, int32_t row_bytes)
{
    return has_choices(kernel_rows, row_bytes) ? round_up(kernel_rows * row_choices(row_bytes), 16) : 16;
}

static inline size_t spread_block_bytes(int32_t accumulators, int32_t kernel_rows, int32_t row_bytes)
{
    return block_bytes(accumulators, kernel_rows, row_bytes) + (size_t)choices_bytes(kernel_rows, row_bytes);
}

_Static_assert(sizeof(struct block_head) + MOST_CHOICES <= 40 * BLOCK_CHANNELS, "a block's packed form stays below its limit");

#endif
