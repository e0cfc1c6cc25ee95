// libgpiod 2.x, as Debian 13 has it. Prototypes and numbers are those of its gpiod.h, so that it is not needed to build.
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>

#include "lines_internal.h"
#include "shared_library.h"

struct gpiod_chip;
struct gpiod_line_settings;
struct gpiod_line_config;
struct gpiod_request_config;
struct gpiod_line_request;
struct gpiod_edge_event_buffer;

enum gpiod_line_value { GPIOD_LINE_VALUE_ERROR = -1, GPIOD_LINE_VALUE_INACTIVE = 0, GPIOD_LINE_VALUE_ACTIVE = 1 };
enum gpiod_line_direction { GPIOD_LINE_DIRECTION_INPUT = 2, GPIOD_LINE_DIRECTION_OUTPUT = 3 };
enum gpiod_line_edge { GPIOD_LINE_EDGE_NONE = 1, GPIOD_LINE_EDGE_RISING = 2 };

static struct {
    struct gpiod_chip *(*chip_open)(const char *path);
    void (*chip_close)(struct gpiod_chip *chip);
    struct gpiod_line_request *(*chip_request_lines)(
        struct gpiod_chip *chip, struct gpiod_request_config *req_cfg, struct gpiod_line_config *line_cfg);
    struct gpiod_line_settings *(*settings_new)(void);
    void (*settings_free)(struct gpiod_line_settings *settings);
    int (*settings_set_direction)(struct gpiod_line_settings *settings, enum gpiod_line_direction direction);
    int (*settings_set_edge_detection)(struct gpiod_line_settings *settings, enum gpiod_line_edge edge);
    void (*settings_set_active_low)(struct gpiod_line_settings *settings, bool active_low);
    int (*settings_set_output_value)(struct gpiod_line_settings *settings, enum gpiod_line_value value);
    struct gpiod_line_config *(*line_config_new)(void);
    void (*line_config_free)(struct gpiod_line_config *config);
    int (*line_config_add_line_settings)(
        struct gpiod_line_config *config, const unsigned int *offsets, size_t num_offsets, struct gpiod_line_settings *settings);
    struct gpiod_request_config *(*request_config_new)(void);
    void (*request_config_free)(struct gpiod_request_config *config);
    void (*request_config_set_consumer)(struct gpiod_request_config *config, const char *consumer);
    void (*request_release)(struct gpiod_line_request *request);
    int (*request_set_value)(struct gpiod_line_request *request, unsigned int offset, enum gpiod_line_value value);
    int (*request_get_fd)(struct gpiod_line_request *request);
    int (*request_read_edge_events)(struct gpiod_line_request *request, struct gpiod_edge_event_buffer *buffer, size_t max_events);
    struct gpiod_edge_event_buffer *(*event_buffer_new)(size_t capacity);
    void (*event_buffer_free)(struct gpiod_edge_event_buffer *buffer);
} gpiod;

static enum gpiod_line_value value_of(bool is_on)
{
    return is_on ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
}

static void release(struct textpin_line *line)
{
    if (line->is_requested)
        gpiod.request_release(line->request);
    if (line->events != NULL)
        gpiod.event_buffer_free(line->events);
    *line = (struct textpin_line){0};
}

struct wish {
    enum gpiod_line_direction direction;
    enum gpiod_line_edge edge;
    bool is_active_low;
    bool is_on;
};

// False with an errno set.
static bool configure(
    struct gpiod_line_settings *settings, struct gpiod_line_config *lines, unsigned int offset, const struct wish *wish)
{
    gpiod.settings_set_active_low(settings, wish->is_active_low);
    return gpiod.settings_set_direction(settings, wish->direction) == 0
        && gpiod.settings_set_edge_detection(settings, wish->edge) == 0
        && gpiod.settings_set_output_value(settings, value_of(wish->is_on)) == 0
        && gpiod.line_config_add_line_settings(lines, &offset, 1, settings) == 0;
}

static int32_t request(
    struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, const struct wish *wish)
{
    assert(!line->is_requested);
    *line = (struct textpin_line){.offset = place->offset};
    errno = 0;
    struct gpiod_chip *chip = gpiod.chip_open(place->chip_path);
    if (chip == NULL)
        return textpin_line_error();
    struct gpiod_line_settings *settings = gpiod.settings_new();
    struct gpiod_line_config *lines = gpiod.line_config_new();
    struct gpiod_request_config *config = gpiod.request_config_new();
    if (settings != NULL && lines != NULL && config != NULL && configure(settings, lines, place->offset, wish)) {
        gpiod.request_config_set_consumer(config, consumer);
        line->request = gpiod.chip_request_lines(chip, config, lines);
    }
    int32_t error = line->request != NULL ? 0 : textpin_line_error();
    line->is_requested = error == 0;
    if (config != NULL)
        gpiod.request_config_free(config);
    if (lines != NULL)
        gpiod.line_config_free(lines);
    if (settings != NULL)
        gpiod.settings_free(settings);
    // A request does without its chip.
    gpiod.chip_close(chip);
    return error;
}

static int32_t request_output(
    struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low, bool is_on)
{
    const struct wish wish = {GPIOD_LINE_DIRECTION_OUTPUT, GPIOD_LINE_EDGE_NONE, is_active_low, is_on};
    return request(line, place, consumer, &wish);
}

static int32_t set(struct textpin_line *line, bool is_on)
{
    assert(line->is_requested);
    errno = 0;
    return gpiod.request_set_value(line->request, line->offset, value_of(is_on)) == 0 ? 0 : textpin_line_error();
}

static int32_t descriptor(const struct textpin_line *line)
{
    return line->is_requested ? gpiod.request_get_fd(line->request) : -1;
}

static int32_t request_input(struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low)
{
    const struct wish wish = {GPIOD_LINE_DIRECTION_INPUT, GPIOD_LINE_EDGE_RISING, is_active_low, false};
    int32_t error = request(line, place, consumer, &wish);
    if (error != 0)
        return error;
    line->events = gpiod.event_buffer_new(1);
    error = line->events != NULL ? textpin_line_set_non_blocking(descriptor(line)) : textpin_line_error();
    if (error != 0)
        release(line);
    return error;
}

static int32_t take_event(struct textpin_line *line)
{
    assert(line->is_requested && line->events != NULL);
    errno = 0;
    return gpiod.request_read_edge_events(line->request, line->events, 1) > 0 ? 0 : textpin_line_error();
}

const struct textpin_line_calls *textpin_line_load_gpiod2(void)
{
    const struct textpin_library_symbol symbols[] = {
        {"gpiod_chip_open", &gpiod.chip_open},
        {"gpiod_chip_close", &gpiod.chip_close},
        {"gpiod_chip_request_lines", &gpiod.chip_request_lines},
        {"gpiod_line_settings_new", &gpiod.settings_new},
        {"gpiod_line_settings_free", &gpiod.settings_free},
        {"gpiod_line_settings_set_direction", &gpiod.settings_set_direction},
        {"gpiod_line_settings_set_edge_detection", &gpiod.settings_set_edge_detection},
        {"gpiod_line_settings_set_active_low", &gpiod.settings_set_active_low},
        {"gpiod_line_settings_set_output_value", &gpiod.settings_set_output_value},
        {"gpiod_line_config_new", &gpiod.line_config_new},
        {"gpiod_line_config_free", &gpiod.line_config_free},
        {"gpiod_line_config_add_line_settings", &gpiod.line_config_add_line_settings},
        {"gpiod_request_config_new", &gpiod.request_config_new},
        {"gpiod_request_config_free", &gpiod.request_config_free},
        {"gpiod_request_config_set_consumer", &gpiod.request_config_set_consumer},
        {"gpiod_line_request_release", &gpiod.request_release},
        {"gpiod_line_request_set_value", &gpiod.request_set_value},
        {"gpiod_line_request_get_fd", &gpiod.request_get_fd},
        {"gpiod_line_request_read_edge_events", &gpiod.request_read_edge_events},
        {"gpiod_edge_event_buffer_new", &gpiod.event_buffer_new},
        {"gpiod_edge_event_buffer_free", &gpiod.event_buffer_free},
    };
    static const struct textpin_line_calls calls = {request_output, set, request_input, descriptor, take_event, release};
    return textpin_load_library("libgpiod.so.3", symbols, sizeof symbols / sizeof symbols[0]) ? &calls : NULL;
}
