// The packed form of a depthwise convolution for AVX512-VNNI; drawn in ./README.md.
#include "kernels_private.h"

#if defined(__x86_64__)
#include "avx512vnni_depthwise.h"
#include "avx512vnni_kernels.h"

size_t textpin_packed_depthwise_bytes_avx512vnni(const struct textpin_weights *weights)
{
    size_t bytes = 0;
    for (int32_t first = 0; first < weights->output_channels; first += chunk_width(weights->output_channels - first)) {
        bytes += chunk_bytes(weights->kernel_rows, weights->kernel_columns);
    }
    return bytes;
}

/// The weight of tap `tap` of a group: by columns of 4 rows where outputs slide, else in the order of the model file.
static int8_t grouped_weight(const struct textpin_weights *weights, int32_t group, int32_t tap, int32_t channel)
{
    int32_t columns = weights->kernel_columns;
    if (slides(weights->kernel_rows, columns)) {
        return depthwise_weight_at(weights, group / columns * GROUP_TAPS + tap, group % columns, channel);
    }
    int32_t index = group * GROUP_TAPS + tap;
    return depthwise_weight_at(weights, index / columns, index % columns, channel);
}

void textpin_pack_depthwise_avx512vnni(const struct textpin_weights *weights, void *packed)
{
    int8_t *next = packed;
    int32_t groups = tap_groups(weights->kernel_rows, weights->kernel_columns);
    int32_t width;
    for (int32_t first = 0; first < weights->output_channels; first += width) {
        width = chunk_width(weights->output_channels - first);
        // Up to 8 channels fill 16 lanes twice, for rows where two pixels lie side by side.
        int32_t period = weights->output_channels - first <= 8 ? 8 : width;
        struct chunk_head *head = (struct chunk_head *)next;
        next += sizeof *head;
        for (int32_t index = 0; index < 64; index++) {
            // Lane 4 i + j of vector v becomes byte 16 i + 4 v + j.
            int32_t vector = index / 16, lane = index % 16;
            int32_t channel = first + (lane / 4 * 16 + 4 * vector + lane % 4) % period;
            bool used = channel < weights->output_channels;
            textpin_set_requantization(&head->requantization[vector], lane, used ? weights->multiplier[channel] : 0,
                                       used ? weights->shift[channel] : TEXTPIN_SHIFT_MINIMUM);
            bool swishes = used && weights->output_multiplier != NULL;
            head->output_multiplier[vector / 2][lane / 4 * 8 + vector % 2 * 4 + lane % 4] =
                swishes ? weights->output_multiplier[channel] : 0;
            uint32_t bias = used ? (uint32_t)weights->bias[channel] : 0;
            for (int32_t group = 0; group < groups; group++) {
                for (int32_t tap = 0; tap < GROUP_TAPS; tap++) {
                    int8_t weight = grouped_weight(weights, group, tap, channel);
                    next[256 * group + 4 * index + tap] = weight;
                    // Activations are offset by 128 to be unsigned (equation 6).
                    bias -= 128u * (uint32_t)weight;
                }
            }
            head->bias[index] = bias;
        }
        next += 256 * groups;
    }
}

#endif
