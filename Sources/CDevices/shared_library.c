#define _GNU_SOURCE
#include "shared_library.h"

#include <dlfcn.h>
#include <string.h>

bool textpin_load_library(const char *name, const struct textpin_library_symbol *symbols, size_t count)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        void *address = dlsym(library, symbols[i].name);
        if (address == NULL) {
            dlclose(library);
            return false;
        }
        // ISO C knows no cast from an object's pointer to a function's.
        memcpy(symbols[i].place, &address, sizeof address);
    }
    return true;
}
