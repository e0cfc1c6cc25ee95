// GPIO lines that are driven and listened to, by libgpiod 1.6 or 2.x, whichever is installed (libgpiod.so.2 or .so.3).
//
// Lines are found by the kernel's own questions, which request nothing. A line that is driven belongs to this process until it is released;
// when a process dies, the kernel releases its lines, and what level they then have is up to the chip's driver.
#ifndef TEXTPIN_LINES_H
#define TEXTPIN_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Where a line is, and who has it.
struct textpin_line_place {
    /// All zero-terminated.
    char chip_path[32];
    char chip_label[32];
    char name[32];
    /// Who holds it; empty if nobody does.
    char consumer[32];
    uint32_t offset;
    bool is_used;
};

/// Finds the line of a name, `count` bytes long. Returns 0, ENOENT, EEXIST if several lines have it, or EACCES if none was found and there are
/// chips that this user may not ask.
int32_t textpin_line_find_named(const char *name, size_t count, struct textpin_line_place *place);
/// Finds the line at an offset of the chip with a label, `count` bytes long. Returns the same, and EINVAL for an offset past the chip's last.
int32_t textpin_line_find_offset(const char *label, size_t count, uint32_t offset, struct textpin_line_place *place);
/// The line at `offset` of the chip of a number, for lists. False past the last, and where there is no such chip or no right to ask it.
bool textpin_line_at(int32_t chip, uint32_t offset, struct textpin_line_place *place);

/// "libgpiod 1" or "libgpiod 2"; null if neither is installed.
const char *textpin_line_library(void);

/// A requested line; all zero while it is not.
struct textpin_line {
    /// libgpiod's own objects.
    void *chip;
    void *request;
    void *events;
    uint32_t offset;
    bool is_requested;
};

/// What drives lines. Tests put a double here that records a trace.
struct textpin_line_calls {
    /// Requests an output as `consumer` and sets its first level in the same call, so that nothing flickers. Returns 0 or an errno: EBUSY if
    /// somebody holds it, ENOSYS without libgpiod.
    int32_t (*request_output)(
        struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low, bool is_on);
    int32_t (*set)(struct textpin_line *line, bool is_on);
    /// Requests an input whose rising edges (falling ones if active low) are events.
    int32_t (*request_input)(struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low);
    /// Pollable, or -1.
    int32_t (*descriptor)(const struct textpin_line *line);
    /// Takes an event. Returns 0, EAGAIN if there is none, or another errno.
    int32_t (*take_event)(struct textpin_line *line);
    /// Releases a line; one that is not requested may be released.
    void (*release)(struct textpin_line *line);
};

const struct textpin_line_calls *textpin_line_system_calls(void);
/// Lines that are only told of: every request goes well, and no pin moves.
const struct textpin_line_calls *textpin_line_dry_calls(void);

#endif
