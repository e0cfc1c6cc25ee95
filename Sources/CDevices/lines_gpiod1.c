// libgpiod 1.6, as Debian 12 has it. Prototypes and numbers are those of its gpiod.h, so that it is not needed to build.
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <time.h>

#include "lines_internal.h"
#include "shared_library.h"

struct gpiod_chip;
struct gpiod_line;

struct gpiod_line_request_config {
    const char *consumer;
    int request_type;
    int flags;
};

struct gpiod_line_event {
    struct timespec ts;
    int event_type;
};

enum {
    GPIOD_LINE_REQUEST_DIRECTION_OUTPUT = 3,
    GPIOD_LINE_REQUEST_EVENT_RISING_EDGE = 5,
};

enum { GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW = 1 << 2 };

static struct {
    struct gpiod_chip *(*chip_open)(const char *path);
    void (*chip_close)(struct gpiod_chip *chip);
    struct gpiod_line *(*chip_get_line)(struct gpiod_chip *chip, unsigned int offset);
    int (*line_request)(struct gpiod_line *line, const struct gpiod_line_request_config *config, int default_val);
    int (*line_set_value)(struct gpiod_line *line, int value);
    void (*line_release)(struct gpiod_line *line);
    int (*line_event_get_fd)(struct gpiod_line *line);
    int (*line_event_read)(struct gpiod_line *line, struct gpiod_line_event *event);
} gpiod;

static void release(struct textpin_line *line)
{
    if (line->is_requested)
        gpiod.line_release(line->request);
    if (line->chip != NULL)
        gpiod.chip_close(line->chip);
    *line = (struct textpin_line){0};
}

static int32_t request(
    struct textpin_line *line, const struct textpin_line_place *place, const struct gpiod_line_request_config *config, bool is_on)
{
    assert(!line->is_requested);
    *line = (struct textpin_line){.offset = place->offset};
    errno = 0;
    line->chip = gpiod.chip_open(place->chip_path);
    if (line->chip != NULL)
        line->request = gpiod.chip_get_line(line->chip, place->offset);
    if (line->request == NULL || gpiod.line_request(line->request, config, is_on) != 0) {
        int32_t error = textpin_line_error();
        release(line);
        return error;
    }
    line->is_requested = true;
    return 0;
}

static int32_t request_output(
    struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low, bool is_on)
{
    const struct gpiod_line_request_config config = {
        .consumer = consumer,
        .request_type = GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
        .flags = is_active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
    };
    return request(line, place, &config, is_on);
}

static int32_t set(struct textpin_line *line, bool is_on)
{
    assert(line->is_requested);
    errno = 0;
    return gpiod.line_set_value(line->request, is_on) == 0 ? 0 : textpin_line_error();
}

static int32_t descriptor(const struct textpin_line *line)
{
    return line->is_requested ? gpiod.line_event_get_fd(line->request) : -1;
}

static int32_t request_input(struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low)
{
    const struct gpiod_line_request_config config = {
        .consumer = consumer,
        .request_type = GPIOD_LINE_REQUEST_EVENT_RISING_EDGE,
        .flags = is_active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
    };
    int32_t error = request(line, place, &config, false);
    if (error != 0)
        return error;
    error = textpin_line_set_non_blocking(descriptor(line));
    if (error != 0)
        release(line);
    return error;
}

static int32_t take_event(struct textpin_line *line)
{
    assert(line->is_requested);
    struct gpiod_line_event event;
    errno = 0;
    return gpiod.line_event_read(line->request, &event) == 0 ? 0 : textpin_line_error();
}

const struct textpin_line_calls *textpin_line_load_gpiod1(void)
{
    const struct textpin_library_symbol symbols[] = {
        {"gpiod_chip_open", &gpiod.chip_open},
        {"gpiod_chip_close", &gpiod.chip_close},
        {"gpiod_chip_get_line", &gpiod.chip_get_line},
        {"gpiod_line_request", &gpiod.line_request},
        {"gpiod_line_set_value", &gpiod.line_set_value},
        {"gpiod_line_release", &gpiod.line_release},
        {"gpiod_line_event_get_fd", &gpiod.line_event_get_fd},
        {"gpiod_line_event_read", &gpiod.line_event_read},
    };
    static const struct textpin_line_calls calls = {request_output, set, request_input, descriptor, take_event, release};
    return textpin_load_library("libgpiod.so.2", symbols, sizeof symbols / sizeof symbols[0]) ? &calls : NULL;
}
