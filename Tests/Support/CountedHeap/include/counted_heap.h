// A heap that counts: linked into a test program, it takes the place of the C library's malloc and its relatives.
#ifndef COUNTED_HEAP_H
#define COUNTED_HEAP_H

#include <stdint.h>

/// Counts from now on, on all threads of the process: a test that uses it needs a process of its own.
void counted_heap_start(void);

/// Ends counting and returns how many calls of malloc, calloc, realloc, free and their relatives there were meanwhile.
uint64_t counted_heap_stop(void);

#endif
