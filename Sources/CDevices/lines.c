#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "lines_internal.h"

int32_t textpin_line_error(void)
{
    return errno != 0 ? errno : EIO;
}

int32_t textpin_line_set_non_blocking(int file)
{
    int flags = fcntl(file, F_GETFL);
    return flags >= 0 && fcntl(file, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : textpin_line_error();
}

// MARK: Without libgpiod

static int32_t request_no_output(
    struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low, bool is_on)
{
    (void)line, (void)place, (void)consumer, (void)is_active_low, (void)is_on;
    return ENOSYS;
}

static int32_t request_no_input(struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low)
{
    (void)line, (void)place, (void)consumer, (void)is_active_low;
    return ENOSYS;
}

static int32_t set_none(struct textpin_line *line, bool is_on)
{
    (void)line, (void)is_on;
    return ENOSYS;
}

static int32_t no_descriptor(const struct textpin_line *line)
{
    (void)line;
    return -1;
}

static int32_t take_no_event(struct textpin_line *line)
{
    (void)line;
    return ENOSYS;
}

static void release_none(struct textpin_line *line)
{
    (void)line;
}

static const struct textpin_line_calls calls_without_library
    = {request_no_output, set_none, request_no_input, no_descriptor, take_no_event, release_none};

// MARK: The version that is installed

static const struct textpin_line_calls *system_calls = &calls_without_library;
static const char *library_name;

static void choose_library(void)
{
    const struct textpin_line_calls *calls;
    if ((calls = textpin_line_load_gpiod2()) != NULL) {
        system_calls = calls;
        library_name = "libgpiod 2";
    } else if ((calls = textpin_line_load_gpiod1()) != NULL) {
        system_calls = calls;
        library_name = "libgpiod 1";
    }
}

static void choose_library_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_library);
}

const struct textpin_line_calls *textpin_line_system_calls(void)
{
    choose_library_once();
    return system_calls;
}

const char *textpin_line_library(void)
{
    choose_library_once();
    return library_name;
}
