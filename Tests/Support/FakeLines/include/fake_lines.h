// GPIO lines that write down what is done to them.
//
// Each line is the place that a test makes up; a line is known by its name, which must be unique among tests that run at the same time.
// Any thread may call.
#ifndef FAKE_LINES_H
#define FAKE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "textpin_lines.h"

/// What drives fake lines.
const struct textpin_line_calls *fake_line_calls(void);

/// Makes a line of a name that nobody holds, at low level, with an empty trace; one that exists is made anew. The place is what
/// `textpin_line_find_named` would say of it. False if 64 are in use or the name is longer than 31 bytes.
bool fake_line_create(const char *name, struct textpin_line_place *place);
/// Ends a line.
void fake_line_destroy(const char *name);

/// The electrical level: for an active-low line the opposite of on.
bool fake_line_level(const char *name);
bool fake_line_is_requested(const char *name);
/// Who requested it last; empty if nobody did.
const char *fake_line_consumer(const char *name);

enum fake_line_action {
    /// Requested as an output: `level` is the first.
    FAKE_LINE_REQUESTED_OUTPUT = 1,
    FAKE_LINE_REQUESTED_INPUT = 2,
    FAKE_LINE_SET = 3,
    FAKE_LINE_RELEASED = 4,
};

struct fake_line_event {
    /// Monotonic nanoseconds.
    int64_t time;
    enum fake_line_action action;
    /// The electrical level after it.
    bool level;
};

/// Actions in the order they were done. The first 65536 are kept, and all are counted.
int32_t fake_line_event_count(const char *name);
/// False past the last that is kept.
bool fake_line_event_at(const char *name, int32_t index, struct fake_line_event *event);
void fake_line_forget_events(const char *name);

/// Has each request of a line fail with an errno (EBUSY: somebody else's) until it is taken back with 0.
void fake_line_fail_request(const char *name, int error);
/// Has the `k`-th set from now, counted from 1, fail once with an errno (EIO: an expander that is gone); k = 0 takes that back.
void fake_line_fail_set(const char *name, int32_t k, int error);
/// An edge that makes an input active. False if nobody listens.
bool fake_line_trigger(const char *name);

#endif
