// The two versions of libgpiod, of which one is used.
#ifndef TEXTPIN_LINES_INTERNAL_H
#define TEXTPIN_LINES_INTERNAL_H

#include "textpin_lines.h"

/// Null where the version is not installed.
const struct textpin_line_calls *textpin_line_load_gpiod1(void);
const struct textpin_line_calls *textpin_line_load_gpiod2(void);

/// The errno that a library's function left behind, and EIO for one that left none.
int32_t textpin_line_error(void);

/// Makes an events' descriptor answer EAGAIN where it would wait. Returns 0 or an errno.
int32_t textpin_line_set_non_blocking(int file);

#endif
