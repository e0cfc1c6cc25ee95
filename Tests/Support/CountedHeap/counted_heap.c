// A program's own definitions come before those of the C library, also for the libraries that it loads (ELF symbol interposition); glibc
// exports its own under __libc_ names.
#define _GNU_SOURCE
#include "counted_heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
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
// Other threads of the process, such as a test library's, allocate as they like. This model of storage needs no call that may allocate.
static __attribute__((tls_model("initial-exec"))) _Thread_local bool is_watched;

static void count(void)
{
    if (is_watched && atomic_load_explicit(&counts, memory_order_relaxed))
        atomic_fetch_add(&calls, 1);
}

void counted_heap_watch(void)
{
    is_watched = true;
}

void counted_heap_start(void)
{
    atomic_store(&calls, 0);
    atomic_store(&counts, true);
}

uint64_t counted_heap_stop(void)
{
    atomic_store(&counts, false);
    is_watched = false;
    return atomic_load(&calls);
}

enum { most_watched_threads = 64 };

static struct watched_start {
    void *(*body)(void *);
    void *argument;
} starts[most_watched_threads];
static _Atomic uint32_t started;

static void *run_watched(void *start)
{
    struct watched_start *own = start;
    is_watched = true;
    return own->body(own->argument);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument)
{
    typedef int (*creator)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    creator create = (creator)dlsym(RTLD_NEXT, "pthread_create");
    if (!is_watched)
        return create(thread, attributes, body, argument);
    uint32_t slot = atomic_fetch_add(&started, 1);
    if (slot >= most_watched_threads)
        return EAGAIN;
    starts[slot] = (struct watched_start){body, argument};
    return create(thread, attributes, run_watched, &starts[slot]);
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
