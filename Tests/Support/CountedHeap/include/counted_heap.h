// A heap that counts: linked into a test program, it takes the place of the C library's malloc and its relatives.
#ifndef COUNTED_HEAP_H
#define COUNTED_HEAP_H

#include <stdint.h>

/// From now on the calling thread, and the threads that it starts, are those whose calls count. At most 64 threads may be started.
void counted_heap_watch(void);

/// Counts from now on.
void counted_heap_start(void);

/// Ends counting and watching, and returns how many calls of malloc, calloc, realloc, free and their relatives there were.
uint64_t counted_heap_stop(void);

#endif
