// A program's own definitions come before those of the C library, also for the libraries that it loads (ELF symbol interposition); glibc
// exports its own under __libc_ names.
#include "counted_heap.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void *memory);

static _Atomic bool counts;
static _Atomic uint64_t calls;

static void count(void)
{
    if (atomic_load_explicit(&counts, memory_order_relaxed))
        atomic_fetch_add(&calls, 1);
}

void counted_heap_start(void)
{
    atomic_store(&calls, 0);
    atomic_store(&counts, true);
}

uint64_t counted_heap_stop(void)
{
    atomic_store(&counts, false);
    return atomic_load(&calls);
}

void *malloc(size_t bytes)
{
    count();
    return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes)
{
    count();
    return __libc_calloc(number, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    count();
    return __libc_realloc(memory, bytes);
}

void free(void *memory)
{
    count();
    __libc_free(memory);
}

void *memalign(size_t alignment, size_t bytes)
{
    count();
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    count();
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    count();
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    void *found = __libc_memalign(alignment, bytes);
    if (found == NULL)
        return ENOMEM;
    *memory = found;
    return 0;
}
