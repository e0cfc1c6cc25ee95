// Packs dense weights for the plain NEON set, with bytes in an order in which four products fit 16 bits wherever there is one.
#include "kernels_private.h"

#if defined(__aarch64__)
#include "neon_spread.h"

#define SPREAD(a, b, c, d) {a, b, a, b, a, b, a, b, c, d, c, d, c, d, c, d}
#define ORDER(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                                                            \
    {{{SPREAD(a, b, c, d), SPREAD(e, f, g, h)}, {SPREAD(i, j, k, l), SPREAD(m, n, o, p)}}}

/// Any two bytes meet in one of the first five orders, in one of the next five, and so on: parallel classes of affine planes of order 4.
const struct window_order textpin_window_orders_neon[ORDERS] = {
    ORDER(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15),
    ORDER(0, 1, 5, 4, 10, 11, 15, 14, 2, 3, 7, 6, 8, 9, 13, 12),
    ORDER(0, 1, 6, 7, 11, 10, 13, 12, 2, 3, 4, 5, 9, 8, 15, 14),
    ORDER(0, 1, 7, 6, 9, 8, 14, 15, 2, 3, 5, 4, 11, 10, 12, 13),
    ORDER(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15),
    ORDER(1, 12, 14, 4, 0, 9, 11, 6, 7, 10, 5, 8, 2, 13, 3, 15),
    ORDER(1, 12, 4, 14, 2, 13, 15, 3, 7, 10, 8, 5, 0, 9, 6, 11),
    ORDER(1, 12, 5, 8, 13, 2, 6, 11, 7, 10, 14, 4, 9, 0, 15, 3),
    ORDER(1, 12, 8, 5, 9, 0, 3, 15, 7, 10, 4, 14, 13, 2, 11, 6),
    ORDER(1, 14, 12, 4, 7, 5, 10, 8, 0, 11, 9, 6, 2, 3, 13, 15),
    ORDER(0, 13, 3, 6, 9, 8, 5, 14, 7, 1, 11, 12, 10, 4, 15, 2),
    ORDER(0, 13, 6, 3, 10, 4, 2, 15, 7, 1, 12, 11, 9, 8, 14, 5),
    ORDER(0, 13, 11, 12, 4, 10, 14, 5, 7, 1, 3, 6, 8, 9, 2, 15),
    ORDER(0, 13, 12, 11, 8, 9, 15, 2, 7, 1, 6, 3, 4, 10, 5, 14),
    ORDER(0, 3, 13, 6, 7, 11, 1, 12, 9, 5, 8, 14, 10, 15, 4, 2),
    ORDER(10, 11, 14, 0, 6, 15, 2, 12, 8, 13, 9, 7, 1, 3, 4, 5),
};

/// Whether four products of a step fit 16 bits in every lane: 128 times the sum of the weights' magnitudes stays below 2^15.
static bool fits(const struct textpin_weights *weights, int32_t first_channel, int32_t row, int32_t offset, int32_t order, int32_t step)
{
    for (int32_t channel = first_channel; channel < minimum(first_channel + BLOCK_CHANNELS, weights->output_channels); channel++) {
        int32_t sums[2] = {0};
        for (int32_t byte = 0; byte < STEP_BYTES; byte++) {
            int32_t weight = weight_at(weights, channel, row, offset + ordered_byte(order, step, byte));
            sums[byte % 2] += weight < 0 ? -weight : weight;
        }
        if (sums[0] > 255 || sums[1] > 255) {
            return false;
        }
    }
    return true;
}

/// The choice for a window of a block: both steps fit, or one, or AS_THEY_ARE.
static uint8_t choose(const struct textpin_weights *weights, int32_t first_channel, int32_t row, int32_t offset)
{
    int32_t choice = AS_THEY_ARE;
    for (int32_t order = 0; order < ORDERS; order++) {
        const bool first = fits(weights, first_channel, row, offset, order, 0);
        const bool second = fits(weights, first_channel, row, offset, order, 1);
        if (first && second) {
            return (uint8_t)order;
        }
        if (first || second) {
            choice = HALF_FITS + 2 * order + (second ? 1 : 0);
        }
    }
    return (uint8_t)choice;
}

/// 4 bytes of each channel from `bytes`: the vector's lower half holds the first two of 4 channels, its upper half the others.
static int8_t *pack_four(const struct textpin_weights *weights, int32_t first_channel, int32_t row, const int32_t bytes[4], int8_t *next)
{
    for (int32_t index = 0; index < 4 * LANE_CHANNELS; index++) {
        *next++ = weight_at(weights, first_channel + index % 8 / 2, row, bytes[index / 8 * 2 + index % 2]);
    }
    return next;
}

/// 4 A channels' weights of some bytes, given by fours.
static int8_t *pack_fours(const struct textpin_weights *weights, int32_t first_channel, int32_t row, const int32_t *bytes, int32_t fours,
                          int8_t *next)
{
    const int32_t end = first_channel + LANE_CHANNELS * accumulators_of(weights->output_channels - first_channel);
    for (int32_t channel = first_channel; channel < end; channel += LANE_CHANNELS) {
        for (int32_t four = 0; four < fours; four++) {
            next = pack_four(weights, channel, row, bytes + 4 * four, next);
        }
    }
    return next;
}

/// A step of a window.
static int8_t *pack_ordered_step(const struct textpin_weights *weights, int32_t first_channel, int32_t row, int32_t offset, int32_t order,
                                 int32_t step, int8_t *next)
{
    int32_t bytes[STEP_BYTES];
    for (int32_t byte = 0; byte < STEP_BYTES; byte++) {
        bytes[byte] = offset + ordered_byte(order, step, byte);
    }
    return pack_fours(weights, first_channel, row, bytes, 2, next);
}

/// `count` bytes as they are: 8 or 4.
static int8_t *pack_as_they_are(const struct textpin_weights *weights, int32_t first_channel, int32_t row, int32_t offset, int32_t count,
                                int8_t *next)
{
    int32_t bytes[STEP_BYTES];
    for (int32_t byte = 0; byte < count; byte++) {
        bytes[byte] = offset + byte;
    }
    return pack_fours(weights, first_channel, row, bytes, count / 4, next);
}

/// A row of a block, with choices of its own. Moves `choices` past the row's end.
static int8_t *pack_row(const struct textpin_weights *weights, int32_t first_channel, int32_t row, uint8_t **choices, int8_t *next)
{
    const int32_t row_bytes = row_bytes_of(weights);
    int32_t offset = 0, as_they_are = 0;
    while (offset + STEP_BYTES <= row_bytes) {
        const uint8_t choice = offset + WINDOW_BYTES <= row_bytes ? choose(weights, first_channel, row, offset) : AS_THEY_ARE;
        if (as_they_are > 0 && (choice != AS_THEY_ARE || as_they_are == MOST_AS_THEY_ARE)) {
            *(*choices)++ = (uint8_t)(AS_THEY_ARE + as_they_are);
            as_they_are = 0;
        }
        if (choice == AS_THEY_ARE) {
            as_they_are++;
            next = pack_as_they_are(weights, first_channel, row, offset, STEP_BYTES, next);
            offset += STEP_BYTES;
            continue;
        }
        const bool both = choice < HALF_FITS;
        const int32_t order = both ? choice : (choice - HALF_FITS) / 2, first = both ? 0 : choice % 2;
        next = pack_ordered_step(weights, first_channel, row, offset, order, first, next);
        next = pack_ordered_step(weights, first_channel, row, offset, order, 1 - first, next);
        *(*choices)++ = choice;
        offset += WINDOW_BYTES;
    }
    if (as_they_are > 0) {
        *(*choices)++ = (uint8_t)(AS_THEY_ARE + as_they_are);
    }
    *(*choices)++ = AS_THEY_ARE;
    return offset < row_bytes ? pack_as_they_are(weights, first_channel, row, offset, row_bytes - offset, next) : next;
}

/// A row of a block without choices.
static int8_t *pack_whole_row(const struct textpin_weights *weights, int32_t first_channel, int32_t row, int8_t *next)
{
    for (int32_t offset = 0; offset < row_bytes_of(weights); offset += STEP_BYTES) {
        next = pack_as_they_are(weights, first_channel, row, offset, minimum(STEP_BYTES, row_bytes_of(weights) - offset), next);
    }
    return next;
}

size_t textpin_packed_convolution_bytes_neon(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        bytes += spread_block_bytes(accumulators_of(weights->output_channels - first), weights->kernel_rows, row_bytes_of(weights));
    }
    return align_packed(bytes);
}

void textpin_pack_convolution_neon(const struct textpin_weights *weights, void *packed)
{
    const int32_t rows = weights->kernel_rows, row_bytes = row_bytes_of(weights);
    int8_t *next = packed;
    for (int32_t first = 0; first < weights->output_channels; first += BLOCK_CHANNELS) {
        next = textpin_pack_block_head_neon(weights, first, false, next);
        uint8_t *choices = (uint8_t *)next;
        next += choices_bytes(rows, row_bytes);
        if (!has_choices(rows, row_bytes)) {
            choices[0] = WHOLE_ROW;
            choices[1] = AS_THEY_ARE;
        }
        for (int32_t row = 0; row < rows; row++) {
            next = has_choices(rows, row_bytes) ? pack_row(weights, first, row, &choices, next) : pack_whole_row(weights, first, row, next);
        }
    }
}

#endif
