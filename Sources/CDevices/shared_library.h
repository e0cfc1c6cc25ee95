// Shared libraries that a machine may lack, so that programs start without them.
#ifndef TEXTPIN_SHARED_LIBRARY_H
#define TEXTPIN_SHARED_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct textpin_library_symbol {
    const char *name;
    /// Where its address goes: a pointer to a pointer to the function or variable.
    void *place;
};

/// Loads a library for good. False if it is not installed, or lacks one of the symbols.
bool textpin_load_library(const char *name, const struct textpin_library_symbol *symbols, size_t count);

#endif
