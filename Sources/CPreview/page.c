#include "textpin_preview.h"

#include <string.h>

// C23's, which clang has as an extension of C11.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t page[] = {
#embed "page/preview.html"
};
static const uint8_t script[] = {
#embed "page/preview.js"
};
static const uint8_t style[] = {
#embed "page/preview.css"
};
static const uint8_t icon[] = {
#embed "page/icon.svg"
};

_Static_assert(sizeof page + sizeof script + sizeof style + sizeof icon <= 100 * 1024, "the page stays small enough for a slow radio link");

static const struct {
    const char *path;
    const uint8_t *bytes;
    size_t count;
    const char *type;
} files[] = {
    {"/", page, sizeof page, "text/html; charset=utf-8"},
    {"/preview.js", script, sizeof script, "text/javascript; charset=utf-8"},
    {"/preview.css", style, sizeof style, "text/css; charset=utf-8"},
    {"/icon.svg", icon, sizeof icon, "image/svg+xml"},
};

bool textpin_preview_page_file(const char *path, const uint8_t **bytes, size_t *count, const char **type)
{
    for (size_t index = 0; index < sizeof files / sizeof files[0]; index++) {
        if (strcmp(path, files[index].path) != 0)
            continue;
        *bytes = files[index].bytes;
        *count = files[index].count;
        *type = files[index].type;
        return true;
    }
    return false;
}
