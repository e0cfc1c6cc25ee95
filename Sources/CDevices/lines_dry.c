// Lines that are only told of: every request goes well, and no pin moves.
#include "textpin_lines.h"

#include <errno.h>
#include <stddef.h>

static int32_t request_output(
    struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low, bool is_on)
{
    (void)place, (void)consumer, (void)is_active_low, (void)is_on;
    *line = (struct textpin_line){ .is_requested = true };
    return 0;
}

static int32_t set(struct textpin_line *line, bool is_on)
{
    (void)line, (void)is_on;
    return 0;
}

static int32_t request_input(
    struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low)
{
    return request_output(line, place, consumer, is_active_low, false);
}

static int32_t descriptor(const struct textpin_line *line)
{
    (void)line;
    return -1;
}

static int32_t take_event(struct textpin_line *line)
{
    (void)line;
    return EAGAIN;
}

static void release(struct textpin_line *line)
{
    *line = (struct textpin_line){0};
}

const struct textpin_line_calls *textpin_line_dry_calls(void)
{
    static const struct textpin_line_calls calls = {request_output, set, request_input, descriptor, take_event, release};
    return &calls;
}
