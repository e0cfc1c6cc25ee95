// Files and the environment, for code that may not allocate.
#ifndef TEXTPIN_FILES_H
#define TEXTPIN_FILES_H

#include <stddef.h>
#include <stdint.h>

/// Maps a whole regular file read-only. Returns 0 and sets `bytes` and `count`, or returns an errno (EINVAL for an empty file).
int32_t textpin_map_file(const char *path, const void **bytes, size_t *count);
void textpin_unmap_file(const void *bytes, size_t count);

/// Anonymous zeroed memory, aligned to a page, or null. What an arena is made of.
void *textpin_map_memory(size_t count);
void textpin_unmap_memory(void *memory, size_t count);

/// The value of an environment variable, or null.
const char *textpin_environment(const char *name);

#endif
