#define _GNU_SOURCE
#include "textpin_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int32_t textpin_map_file(const char *path, const void **bytes, size_t *count)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    int32_t error = 0;
    struct stat status;
    if (fstat(file, &status) != 0) {
        error = errno;
    } else if (S_ISDIR(status.st_mode)) {
        error = EISDIR;
    } else if (!S_ISREG(status.st_mode) || status.st_size == 0) {
        error = EINVAL;
    } else {
        void *mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (mapped == MAP_FAILED) {
            error = errno;
        } else {
            *bytes = mapped;
            *count = (size_t)status.st_size;
        }
    }
    close(file);
    return error;
}

void textpin_unmap_file(const void *bytes, size_t count)
{
    munmap((void *)bytes, count);
}

void *textpin_map_memory(size_t count)
{
    void *memory = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void textpin_unmap_memory(void *memory, size_t count)
{
    munmap(memory, count);
}

const char *textpin_environment(const char *name)
{
    return getenv(name);
}
