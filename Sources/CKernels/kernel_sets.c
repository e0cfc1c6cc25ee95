// Which kernel sets there are, which of them this CPU runs, and how much room the packed weights of any of them take.
#include "kernels_private.h"

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
// The compiler's run time asks CPUID, and XGETBV for whether the operating system saves the registers.

static bool has_sse41(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.1");
}

static bool has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}

static bool has_avxvnni(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avxvnni");
}

static bool has_avx512vnni(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi");
}
#elif defined(__aarch64__)
static bool has_neon_dotprod(void)
{
#if defined(__linux__)
    // SQRDMLAH, too, which ARMv8.2 always has.
    const unsigned long wanted = HWCAP_ASIMDDP | HWCAP_ASIMDRDM;
    return (getauxval(AT_HWCAP) & wanted) == wanted;
#else
    return false;
#endif
}

static bool has_neon_i8mm(void)
{
#if defined(__linux__)
    return has_neon_dotprod() && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
#else
    return false;
#endif
}
#endif

struct candidate {
    const struct textpin_kernel_set *set;
    /// Whether the CPU has the instructions and the operating system saves their registers.
    bool (*runs_here)(void);
};

/// Best first: the choice of kernels stands here and nowhere else.
static const struct candidate candidates[] = {
#if defined(__x86_64__)
    {&textpin_avx512vnni_kernels, has_avx512vnni},
    {&textpin_avxvnni_kernels, has_avxvnni},
    {&textpin_avx2_kernels, has_avx2},
    {&textpin_sse41_kernels, has_sse41},
#elif defined(__aarch64__)
    {&textpin_neon_i8mm_kernels, has_neon_i8mm},
    {&textpin_neon_dotprod_kernels, has_neon_dotprod},
    {&textpin_neon_kernels, always},
#endif
    {&textpin_scalar_kernels, always},
};

const struct textpin_kernel_set *textpin_kernel_set_at(int32_t index)
{
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (candidates[i].runs_here() && index-- == 0) {
            return candidates[i].set;
        }
    }
    return NULL;
}

const struct textpin_kernel_set *textpin_kernel_set_named(const char *name)
{
    const struct textpin_kernel_set *set;
    for (int32_t index = 0; (set = textpin_kernel_set_at(index)) != NULL; index++) {
        if (strcmp(set->name, name) == 0) {
            return set;
        }
    }
    return NULL;
}

size_t textpin_packed_convolution_limit(const struct textpin_weights *weights)
{
    size_t channels = (size_t)round_up(weights->output_channels, 16);
    size_t row_bytes = (size_t)round_up(row_bytes_of(weights), 8);
    size_t bytes = channels * ((size_t)weights->kernel_rows * row_bytes + 40);
    if (weights->kernel_rows == 3 && weights->kernel_columns == 3) {
        // Equation 12's 36 weights of 2 bytes for 9, in place of these; the pyramid's (equation 11) take less.
        size_t transformed = 72 * (size_t)round_up(weights->input_channel_stride, 8) * (size_t)round_up(weights->output_channels, 4);
        bytes = transformed + 40 * channels > bytes ? transformed + 40 * channels : bytes;
    }
    return align_packed(bytes);
}

size_t textpin_packed_depthwise_limit(const struct textpin_weights *weights)
{
    size_t channels = (size_t)round_up(weights->output_channels, 64) + 64;
    size_t rows = (size_t)round_up(weights->kernel_rows, 4);
    return align_packed(channels * (rows * (size_t)weights->kernel_columns + 24));
}
