// What a machine must compute to be trusted: golden vectors for its kernels, and a whole small network with its result.
#ifndef TEXTPIN_SELF_CHECK_H
#define TEXTPIN_SELF_CHECK_H

#include <stddef.h>
#include <stdint.h>

struct textpin_kernel_set;

int32_t textpin_golden_vector_count(void);

/// The CRC-32 that vector `index` must have, from 0: computed in exact integers by make-golden-vectors, without the kernels.
uint32_t textpin_golden_vector_digest(int32_t index);

/// The CRC-32 of what these kernels give for vector `index`. Not for several threads at once: it works in memory of its own.
uint32_t textpin_golden_vector_run(int32_t index, const struct textpin_kernel_set *kernels);

/// A model file with every kind of step that leads to the probability map, at 32x32, with drawn weights; aligned as mapped files are.
const uint8_t *textpin_self_check_network(void);
size_t textpin_self_check_network_bytes(void);

/// The CRC-32 of its logits for the picture below. `SelfCheckTests` holds it to the equations, computed without the kernels.
uint32_t textpin_self_check_network_digest(void);

/// Fills an RGB picture with stripes and squares of several sizes and noise, the same every time and everywhere: every layer finds something.
void textpin_self_check_picture(uint8_t *pixels, int32_t width, int32_t height);

#endif
