// The model file (.dbq): one little-endian file that is read in place, by mmap, on every CPU.
//
//     header | tensor records | step records | constants (weights, biases, multipliers, shifts, tables, texts)
//
// Offsets count bytes from the file's first byte, arena offsets from the arena's first byte. Records and constants of 4 bytes and
// more a value lie on multiples of 8. `Inference.Model` checks every field before use; `Calibration.ModelWriter` writes them.
#ifndef TEXTPIN_MODEL_FILE_H
#define TEXTPIN_MODEL_FILE_H

#include <stddef.h>
#include <stdint.h>

#define TEXTPIN_MODEL_MAGIC 0x31514244u /* "DBQ1" */
#define TEXTPIN_MODEL_VERSION 3u
/// Where the header's checksum lies.
#define TEXTPIN_MODEL_CHECKSUM_OFFSET 12

/// Logits are int16 in units of 1 / TEXTPIN_LOGIT_ONE.
#define TEXTPIN_LOGIT_ONE 2048
/// Entries of the score table: the probability, in 1/65535, of the logit -8 + (i + 0.5) / 64.
#define TEXTPIN_SCORE_ENTRIES 1024
/// No tensor, no constant.
#define TEXTPIN_NONE 0xffffffffu

/// A piece of the file.
struct textpin_model_span {
    uint32_t offset;
    uint32_t bytes;
};

struct textpin_model_header {
    uint32_t magic;
    uint32_t version;
    /// Of the whole file.
    uint32_t bytes;
    /// CRC-32 (IEEE 802.3) of the whole file with this field as 0.
    uint32_t checksum;

    uint32_t tensor_count;
    uint32_t tensors_offset;
    uint32_t step_count;
    uint32_t steps_offset;

    /// The network's input, in pixels.
    uint32_t input_width;
    uint32_t input_height;
    /// 0: red first; 1: blue first.
    uint32_t blue_first;
    /// What surrounds the picture, in the order of the input's channels: the mean colour, which is 0 to the float network.
    uint8_t padding_colour[4];

    uint32_t input_tensor;
    /// Logits of the probability map.
    uint32_t probability_tensor;
    /// Logits of the approximate binary map, or TEXTPIN_NONE where the network has no threshold head.
    uint32_t binary_tensor;

    /// Default settings of box formation that suit these weights: a logit, 1/65535, 1/256.
    int32_t threshold_logit;
    uint32_t minimum_score;
    uint32_t unclip_ratio;

    /// The arena's exact size: activations, packed weights, box formation and read slack.
    uint64_t arena_bytes;
    /// Where box formation works; it may share bytes with activations that are dead by then.
    uint64_t boxes_offset;
    uint64_t boxes_bytes;
    /// Where the frame is scaled to the input's size, row by row.
    uint64_t frame_offset;
    uint64_t frame_bytes;
    /// TEXTPIN_WORKERS_BYTES for the threads' pool.
    uint64_t workers_offset;
    /// Multiply-accumulates of one inference.
    uint64_t multiply_accumulates;

    struct textpin_model_span score_table;
    /// UTF-8, not terminated.
    struct textpin_model_span name;
    struct textpin_model_span source;
    struct textpin_model_span licence;
    /// How it was calibrated: images, ranges, date-free so that the same inputs give the same bytes.
    struct textpin_model_span calibration;
};

enum textpin_element {
    TEXTPIN_ELEMENT_INT8 = 0,
    TEXTPIN_ELEMENT_INT16 = 1,
    /// Scratch of squeeze-and-excitation: sums, hidden values, and per-channel weights and biases of a combine step.
    TEXTPIN_ELEMENT_GATE = 2,
};

/// A tensor in the arena: NHWC, with a border of pixels that hold the zero point, so that no kernel tests for edges.
struct textpin_model_tensor {
    float scale;
    int32_t zero_point;
    uint32_t element;
    uint32_t channels;
    /// Bytes from pixel to pixel.
    uint32_t channel_stride;
    uint32_t height;
    uint32_t width;
    uint32_t border_top;
    uint32_t border_left;
    uint32_t border_bottom;
    uint32_t border_right;
    /// The tensor whose bytes these are: itself, or the concatenation that this one is a slice of.
    uint32_t storage;
    /// The arena offset of the first byte of this tensor's channels, border included.
    uint64_t arena_offset;
    /// Bytes of the storage, border included; 0 for a slice.
    uint64_t arena_bytes;
    /// The steps that first write and last read the storage; the input's first step is 0, box formation's is step_count.
    uint32_t first_step;
    uint32_t last_step;
    struct textpin_model_span name;
};

enum textpin_step_kind {
    TEXTPIN_STEP_CONVOLUTION = 0,
    TEXTPIN_STEP_DEPTHWISE = 1,
    /// 2x2, stride 2: four 1x1 convolutions with a depth-to-space write; weights [2][2][outputChannels][inputChannels].
    TEXTPIN_STEP_TRANSPOSED = 2,
    /// A convolution with one output channel, kept in int16.
    TEXTPIN_STEP_LOGITS = 3,
    /// A transposed convolution with one output channel, kept in int16.
    TEXTPIN_STEP_TRANSPOSED_LOGITS = 4,
    /// Sum of one or two tensors, each weighted (kernels' equation 3).
    TEXTPIN_STEP_COMBINE = 5,
    /// The gate of squeeze-and-excitation: mean, two small layers, the weights of the combine step that follows.
    TEXTPIN_STEP_GATE = 6,
    TEXTPIN_STEP_LOOKUP = 7,
    /// Nearest upsampling by `factor`.
    TEXTPIN_STEP_REPEAT = 8,
    TEXTPIN_STEP_BILINEAR = 9,
    TEXTPIN_STEP_MAXIMUM = 10,
    /// Logits of the approximate binary map, 50 (P - T), from the logits of P and T (Liao et al. 2020, equation 2).
    TEXTPIN_STEP_BINARY_MAP = 11,
};

/// What a step is needed for: bits of `needed_for`.
#define TEXTPIN_NEEDED_FOR_PROBABILITY 1u
#define TEXTPIN_NEEDED_FOR_BINARY 2u

struct textpin_model_step {
    uint32_t kind;
    uint32_t needed_for;
    /// TEXTPIN_NONE where there is none. Combine: a, b, gate. Convolution: the input, what is added to the output (equation 8).
    uint32_t inputs[3];
    uint32_t output;

    uint32_t kernel_rows;
    uint32_t kernel_columns;
    uint32_t stride;
    uint32_t padding_top;
    uint32_t padding_left;
    /// Repeat and bilinear: output pixels per input pixel; combine: pixels that each pixel of b serves, in both directions.
    uint32_t factor;

    /// Convolutions: int8 weights, int32 bias, int32 multiplier, uint8 shift (struct textpin_weights); TEXTPIN_STEP_GATE has its own.
    struct textpin_model_span weights;
    struct textpin_model_span bias;
    struct textpin_model_span multipliers;
    struct textpin_model_span shifts;
    /// int16 per output channel: the last factor of hard-swish (kernels' equation 5); bytes 0 where the step has none.
    struct textpin_model_span output_multipliers;
    /// The constants of struct textpin_hard_swish, in its order.
    int16_t hard_swish[4];
    /// 256 int8: the activation; bytes 0 for none. Lookup: the function itself. Bilinear: see Inference.
    struct textpin_model_span table;
    /// Where the packed weights go in the arena.
    uint64_t packed_offset;
    uint64_t packed_bytes;

    /// Convolutions: the zero point of what is requantized, ahead of the table; the output's own where there is none.
    int32_t zero_point;
    /// 0.
    uint32_t reserved;

    /// Combine without a gate: int16 weight_a per channel in `weights`, int32 per channel in `bias`. Convolution that adds: weight_b is the
    /// addend's multiplier.
    int32_t weight_b;
    int32_t shift;

    /// Gate: hidden channels; the rest says how Q15 gates become weights (see Inference.GateStep).
    uint32_t hidden_channels;
    int32_t gate_offset;
    int32_t gate_multiplier;
    int32_t gate_shift;
    int32_t gate_bias;
    /// Multiply-accumulates of this step.
    uint32_t multiply_accumulates;

    struct textpin_model_span name;
};

/// CRC-32 (IEEE 802.3, reflected, as zlib's) of `bytes` bytes, continuing from `checksum` (0 to start).
uint32_t textpin_checksum(uint32_t checksum, const void *data, size_t bytes);

#endif
