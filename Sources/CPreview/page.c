#include "textpin_preview.h"

#include <string.h>

// C23's, which clang has as an extension of C11.
#pragma clang diagnostic ignored "-Wc23-extensions"

// Boards/cross/build compresses the page, which a board would keep 10 KB larger, into a folder for --embed-dir.
#if __has_embed("preview.html.gz") && __has_embed("preview.js.gz") && __has_embed("preview.css.gz")
#define ENCODING "gzip"
#define PAGE "preview.html.gz"
#define SCRIPT "preview.js.gz"
#define STYLE "preview.css.gz"
#else
#define ENCODING NULL
#define PAGE "page/preview.html"
#define SCRIPT "page/preview.js"
#define STYLE "page/preview.css"
#endif

static const uint8_t page[] = {
#embed PAGE
};
static const uint8_t script[] = {
#embed SCRIPT
};
static const uint8_t style[] = {
#embed STYLE
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
    const char *encoding;
} files[] = {
    {"/", page, sizeof page, "text/html; charset=utf-8", ENCODING},
    {"/preview.js", script, sizeof script, "text/javascript; charset=utf-8", ENCODING},
    {"/preview.css", style, sizeof style, "text/css; charset=utf-8", ENCODING},
    {"/icon.svg", icon, sizeof icon, "image/svg+xml", NULL},
};

bool textpin_preview_page_file(const char *path, const uint8_t **bytes, size_t *count, const char **type, const char **encoding)
{
    for (size_t index = 0; index < sizeof files / sizeof files[0]; index++) {
        if (strcmp(path, files[index].path) != 0)
            continue;
        *bytes = files[index].bytes;
        *count = files[index].count;
        *type = files[index].type;
        *encoding = files[index].encoding;
        return true;
    }
    return false;
}
