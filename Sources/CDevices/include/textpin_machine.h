// What machine this is.
#ifndef TEXTPIN_MACHINE_H
#define TEXTPIN_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/// CPUs that this process may run on.
int32_t textpin_cpu_count(void);

/// The instruction-set extension of the kernels' interest at `index` that this CPU has, from 0; null past the last.
const char *textpin_cpu_feature(int32_t index);

/// Writes the board's name as its device tree has it, or else the CPU's as /proc/cpuinfo has it; zero-terminated and cut to `size` bytes,
/// empty if there is neither.
void textpin_machine_name(char *name, size_t size);

/// Bytes of memory, in all and not in use by programs; 0 if the system does not say.
uint64_t textpin_memory_bytes(void);
uint64_t textpin_available_memory_bytes(void);

/// The most bytes of memory that this process ever had resident.
uint64_t textpin_peak_resident_bytes(void);

#endif
