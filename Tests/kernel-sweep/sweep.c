// usage: sweep [SET…]: holds these kernel sets, or all that this CPU runs, equal to the scalar oracle.
// One line a set says how many cases passed and failed; exit status 0 says only that the sweep came to its end.
#include "sweep.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;
static int32_t passed_cases, failed_cases;

int32_t draw(int32_t low, int32_t high)
{
    // SplitMix64 (Steele, Lea and Flood, 2014).
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (int32_t)(low + (int64_t)(z % (uint64_t)((int64_t)high - low + 1)));
}

bool one_in(int32_t count)
{
    return draw(1, count) == 1;
}

struct buffer new_aligned_buffer(size_t size)
{
    // A multiple of the alignment, as aligned_alloc wants it.
    size_t rounded = (size + TEXTPIN_ALIGNMENT - 1) / TEXTPIN_ALIGNMENT * TEXTPIN_ALIGNMENT;
    struct buffer buffer = {aligned_alloc(TEXTPIN_ALIGNMENT, rounded == 0 ? TEXTPIN_ALIGNMENT : rounded), size};
    if (buffer.bytes == NULL) {
        fprintf(stderr, "sweep: no memory for %zu bytes\n", size);
        exit(70);
    }
    return buffer;
}

struct buffer new_buffer(size_t size)
{
    struct buffer buffer = {malloc(size == 0 ? 1 : size), size};
    if (buffer.bytes == NULL) {
        fprintf(stderr, "sweep: no memory for %zu bytes\n", size);
        exit(70);
    }
    return buffer;
}

struct buffer copy_of(struct buffer buffer)
{
    struct buffer copy = new_buffer(buffer.size);
    memcpy(copy.bytes, buffer.bytes, buffer.size);
    return copy;
}

void fill(struct buffer buffer, int32_t low, int32_t high)
{
    for (size_t i = 0; i < buffer.size; i++) {
        buffer.bytes[i] = (int8_t)draw(low, high);
    }
}

void fill_activations(struct buffer buffer)
{
    bool extremes = one_in(4);
    for (size_t i = 0; i < buffer.size; i++) {
        buffer.bytes[i] = (int8_t)(extremes ? (one_in(2) ? INT8_MIN : INT8_MAX) : draw(INT8_MIN, INT8_MAX));
    }
}

bool same_bytes(struct buffer a, struct buffer b)
{
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

void release(struct buffer buffer)
{
    free(buffer.bytes);
}

void expect(bool passed, const char *format, ...)
{
    if (passed) {
        passed_cases++;
        return;
    }
    if (++failed_cases <= 40) {
        va_list arguments;
        va_start(arguments, format);
        printf("failed: ");
        vprintf(format, arguments);
        printf("\n");
        va_end(arguments);
    }
}

static void sweep(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    int32_t passed_before = passed_cases, failed_before = failed_cases;
    state = 20261122;
    sweep_convolution(set, oracle);
    sweep_logits(set, oracle);
    sweep_depthwise(set, oracle);
    sweep_pyramids(set, oracle);
    sweep_transformed(set, oracle);
    sweep_elementwise(set, oracle);
    sweep_frames(set, oracle);
    printf("%s: %d passed, %d failed\n", set->name, passed_cases - passed_before, failed_cases - failed_before);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct textpin_kernel_set *oracle = textpin_kernel_set_named("scalar");
    for (int argument = 1; argument < argc; argument++) {
        const struct textpin_kernel_set *set = textpin_kernel_set_named(argv[argument]);
        if (set == NULL) {
            fprintf(stderr, "sweep: this CPU has no kernel set named %s\n", argv[argument]);
            return 69;
        }
        sweep(set, oracle);
    }
    const struct textpin_kernel_set *set;
    for (int32_t index = 0; argc == 1 && (set = textpin_kernel_set_at(index)) != NULL; index++) {
        if (set != oracle) {
            sweep(set, oracle);
        }
    }
    return 0;
}
