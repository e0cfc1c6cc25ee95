// What machine this is.
#ifndef TEXTPIN_MACHINE_H
#define TEXTPIN_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// CPUs that this process may run on.
int32_t textpin_cpu_count(void);

/// The design of a core, such as "cortex-a53"; null where the kernel does not say, or past the last core. From 0.
const char *textpin_core_name(int32_t index);

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

/// The hottest of the SoC's sensors in 1/1000 degree Celsius, and the first core's clock in kHz; 0 where the kernel does not say.
int32_t textpin_temperature_thousandths(void);
int64_t textpin_clock_kilohertz(void);

/// A cache that holds data, beside the first core.
struct textpin_cache {
    int64_t bytes;
    /// CPUs that share it, at least 1.
    int32_t cpus;
};

/// The cache of a level, 1 for the one next to the core. False where there is none, or the kernel does not say.
bool textpin_cache_at(int32_t level, struct textpin_cache *cache);

// GPIO chips and lines: nothing is requested or changed.

struct textpin_gpio_chip {
    /// Zero-terminated.
    char label[32];
    int32_t lines;
};

/// Chips have numbers below this, some of them unused; a number says nothing, for it may change with every boot.
int32_t textpin_gpio_chip_limit(void);

/// Describes the chip of a number. Returns 0 or an errno: ENOENT where there is none, EACCES where this user may not ask.
int32_t textpin_gpio_chip(int32_t number, struct textpin_gpio_chip *chip);

/// Whether a chip that this user may ask has a line of this name, `count` bytes long.
bool textpin_gpio_has_line(const char *name, size_t count);

#endif
