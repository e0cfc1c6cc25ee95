#define _GNU_SOURCE
#include "textpin_machine.h"

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

// The first bytes of a file of the kernel's, zero-terminated; empty if it cannot be read.
static void read_start(const char *path, char *text, size_t size)
{
    size_t count = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        for (ssize_t part; count + 1 < size && (part = read(file, text + count, size - 1 - count)) > 0;)
            count += (size_t)part;
        close(file);
    }
    text[count] = '\0';
}

// The rest of the line behind `key` and a colon in a file of such lines, or null.
static const char *value_of(const char *text, const char *key)
{
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, strlen(key)) == 0) {
            const char *colon = line + strcspn(line, ":\n");
            if (*colon == ':')
                return colon + 1 + strspn(colon + 1, " \t");
        }
    }
    return NULL;
}

int32_t textpin_cpu_count(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
}

const char *textpin_core_name(int32_t index)
{
    char path[80];
    char text[32];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/regs/identification/midr_el1", index);
    read_start(path, text, sizeof text);
    uint64_t identification = strtoull(text, NULL, 16);
    // Bits 31...24: who designed it, 0x41 for Arm; bits 15...4: which of their cores (Arm ARM, MIDR_EL1).
    if (identification >> 24 != 0x41)
        return NULL;
    const struct {
        uint32_t part;
        const char *name;
    } cores[] = {
        {0xd03, "cortex-a53"}, {0xd05, "cortex-a55"}, {0xd07, "cortex-a57"}, {0xd08, "cortex-a72"}, {0xd09, "cortex-a73"},
        {0xd0a, "cortex-a75"}, {0xd0b, "cortex-a76"}, {0xd41, "cortex-a78"}, {0xd44, "cortex-x1"},
    };
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; i++)
        if ((identification >> 4 & 0xfff) == cores[i].part)
            return cores[i].name;
    return "another of Arm's";
}

const char *textpin_cpu_feature(int32_t index)
{
#if defined(__aarch64__)
    const struct {
        const char *name;
        bool present;
    } features[] = {
        {"asimd", (getauxval(AT_HWCAP) & HWCAP_ASIMD) != 0},
        {"asimddp", (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0},
        {"i8mm", (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0},
        {"sve", (getauxval(AT_HWCAP) & HWCAP_SVE) != 0},
    };
#elif defined(__x86_64__)
    __builtin_cpu_init();
    const struct {
        const char *name;
        bool present;
    } features[] = {
        {"avx2", __builtin_cpu_supports("avx2")},
        {"avx512f", __builtin_cpu_supports("avx512f")},
        {"avx512vnni", __builtin_cpu_supports("avx512vnni")},
        {"avx512vbmi", __builtin_cpu_supports("avx512vbmi")},
    };
#endif
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
        if (features[i].present && index-- == 0)
            return features[i].name;
    return NULL;
}

void textpin_machine_name(char *name, size_t size)
{
    read_start("/proc/device-tree/model", name, size);
    if (name[0] != '\0' || size == 0)
        return;
    char text[4096];
    read_start("/proc/cpuinfo", text, sizeof text);
    const char *value = value_of(text, "model name");
    if (value == NULL)
        return;
    size_t count = strcspn(value, "\n");
    if (count > size - 1)
        count = size - 1;
    memcpy(name, value, count);
    name[count] = '\0';
}

// A size of /proc/meminfo, which counts in KiB.
static uint64_t memory_information(const char *key)
{
    char text[4096];
    read_start("/proc/meminfo", text, sizeof text);
    const char *value = value_of(text, key);
    return value != NULL ? strtoull(value, NULL, 10) * 1024 : 0;
}

uint64_t textpin_memory_bytes(void)
{
    return memory_information("MemTotal");
}

uint64_t textpin_available_memory_bytes(void)
{
    return memory_information("MemAvailable");
}

uint64_t textpin_peak_resident_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

int32_t textpin_temperature_thousandths(void)
{
    // More than any board has; they are numbered without gaps.
    enum { most_zones = 16 };
    long hottest = 0;
    for (int zone = 0; zone < most_zones; zone++) {
        char path[64];
        char text[16];
        snprintf(path, sizeof path, "/sys/class/thermal/thermal_zone%d/temp", zone);
        read_start(path, text, sizeof text);
        if (text[0] == '\0')
            break;
        long value = strtol(text, NULL, 10);
        if (value > hottest && value < 200000)
            hottest = value;
    }
    return (int32_t)hottest;
}

int64_t textpin_clock_kilohertz(void)
{
    char text[24];
    read_start("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", text, sizeof text);
    return strtoll(text, NULL, 10);
}

// A field of a cache of the first core, by the number that the kernel gives it: levels 1 to 3, the first in two parts, are 4.
static void read_cache(int32_t number, const char *field, char *text, size_t size)
{
    char path[80];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", number, field);
    read_start(path, text, size);
}

bool textpin_cache_at(int32_t level, struct textpin_cache *cache)
{
    enum { most_caches = 8 };
    for (int32_t number = 0; number < most_caches; number++) {
        char text[256];
        read_cache(number, "level", text, sizeof text);
        if (strtol(text, NULL, 10) != level)
            continue;
        read_cache(number, "type", text, sizeof text);
        if (strncmp(text, "Instruction", strlen("Instruction")) == 0)
            continue;
        read_cache(number, "size", text, sizeof text);
        // Always in KiB: "1024K".
        cache->bytes = strtoll(text, NULL, 10) * 1024;
        // A mask in hexadecimal digits, with commas among them.
        read_cache(number, "shared_cpu_map", text, sizeof text);
        cache->cpus = 0;
        for (const char *digit = text; *digit != '\0'; digit++) {
            const char one[] = {*digit, '\0'};
            cache->cpus += __builtin_popcountl(strtoul(one, NULL, 16));
        }
        return cache->bytes > 0 && cache->cpus > 0;
    }
    return false;
}
