#define _GNU_SOURCE
#include "fake_lines.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "textpin_clock.h"

enum { MOST_LINES = 64, MOST_EVENTS = 1 << 16 };

struct fake_line {
    bool is_there;
    struct textpin_line_place place;
    bool is_requested;
    bool is_active_low;
    bool level;
    // What an input's edges are told by; -1 for an output.
    int events;
    int32_t event_count;
    int request_error;
    int32_t sets_until_failure;
    int set_error;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct fake_line lines[MOST_LINES];
static struct fake_line_event traces[MOST_LINES][MOST_EVENTS];

// MARK: The script

// The line of a name; null if there is none. To be called with the mutex held.
static struct fake_line *line_of(const char *name)
{
    for (int32_t i = 0; i < MOST_LINES; i++)
        if (lines[i].is_there && strcmp(lines[i].place.name, name) == 0)
            return &lines[i];
    return NULL;
}

static struct fake_line *lock(const char *name)
{
    pthread_mutex_lock(&mutex);
    struct fake_line *line = line_of(name);
    assert(line != NULL);
    return line;
}

static void unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

static void let_go(struct fake_line *line)
{
    if (line->is_requested && line->events >= 0)
        close(line->events);
    line->events = -1;
    line->is_requested = false;
}

bool fake_line_create(const char *name, struct textpin_line_place *place)
{
    if (strlen(name) >= sizeof place->name)
        return false;
    pthread_mutex_lock(&mutex);
    struct fake_line *line = line_of(name);
    for (int32_t i = 0; i < MOST_LINES && line == NULL; i++)
        if (!lines[i].is_there)
            line = &lines[i];
    if (line != NULL) {
        let_go(line);
        *line = (struct fake_line){.is_there = true, .events = -1};
        line->place.offset = (uint32_t)(line - lines);
        strcpy(line->place.name, name);
        strcpy(line->place.chip_label, "fake-chip");
        strcpy(line->place.chip_path, "/dev/fake-gpiochip");
        *place = line->place;
    }
    pthread_mutex_unlock(&mutex);
    return line != NULL;
}

void fake_line_destroy(const char *name)
{
    struct fake_line *line = lock(name);
    let_go(line);
    line->is_there = false;
    unlock();
}

bool fake_line_level(const char *name)
{
    bool level = lock(name)->level;
    unlock();
    return level;
}

bool fake_line_is_requested(const char *name)
{
    bool is_requested = lock(name)->is_requested;
    unlock();
    return is_requested;
}

const char *fake_line_consumer(const char *name)
{
    const char *consumer = lock(name)->place.consumer;
    unlock();
    return consumer;
}

int32_t fake_line_event_count(const char *name)
{
    int32_t count = lock(name)->event_count;
    unlock();
    return count;
}

bool fake_line_event_at(const char *name, int32_t index, struct fake_line_event *event)
{
    struct fake_line *line = lock(name);
    bool is_kept = index >= 0 && index < line->event_count && index < MOST_EVENTS;
    if (is_kept)
        *event = traces[line - lines][index];
    unlock();
    return is_kept;
}

void fake_line_forget_events(const char *name)
{
    lock(name)->event_count = 0;
    unlock();
}

void fake_line_fail_request(const char *name, int error)
{
    lock(name)->request_error = error;
    unlock();
}

void fake_line_fail_set(const char *name, int32_t k, int error)
{
    struct fake_line *line = lock(name);
    line->sets_until_failure = k;
    line->set_error = error;
    unlock();
}

bool fake_line_trigger(const char *name)
{
    struct fake_line *line = lock(name);
    bool is_heard = line->is_requested && line->events >= 0 && eventfd_write(line->events, 1) == 0;
    unlock();
    return is_heard;
}

// MARK: The calls

static void record(struct fake_line *line, enum fake_line_action action)
{
    if (line->event_count < MOST_EVENTS)
        traces[line - lines][line->event_count]
            = (struct fake_line_event){.time = textpin_monotonic_nanoseconds(), .action = action, .level = line->level};
    line->event_count += 1;
}

// With the mutex held. Returns 0 or an errno.
static int32_t request(struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, struct fake_line **fake)
{
    *line = (struct textpin_line){0};
    *fake = line_of(place->name);
    if (*fake == NULL)
        return ENODEV;
    if ((*fake)->request_error != 0)
        return (*fake)->request_error;
    if ((*fake)->is_requested)
        return EBUSY;
    *line = (struct textpin_line){.request = *fake, .offset = place->offset, .is_requested = true};
    (*fake)->is_requested = true;
    snprintf((*fake)->place.consumer, sizeof (*fake)->place.consumer, "%s", consumer);
    return 0;
}

static int32_t request_output(
    struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low, bool is_on)
{
    pthread_mutex_lock(&mutex);
    struct fake_line *fake;
    int32_t error = request(line, place, consumer, &fake);
    if (error == 0) {
        fake->is_active_low = is_active_low;
        fake->level = is_on != is_active_low;
        record(fake, FAKE_LINE_REQUESTED_OUTPUT);
    }
    unlock();
    return error;
}

static int32_t set(struct textpin_line *line, bool is_on)
{
    pthread_mutex_lock(&mutex);
    struct fake_line *fake = line->request;
    assert(line->is_requested && fake->events < 0);
    int32_t error = 0;
    if (fake->sets_until_failure > 0 && --fake->sets_until_failure == 0)
        error = fake->set_error;
    if (error == 0) {
        fake->level = is_on != fake->is_active_low;
        record(fake, FAKE_LINE_SET);
    }
    unlock();
    return error;
}

static int32_t request_input(struct textpin_line *line, const struct textpin_line_place *place, const char *consumer, bool is_active_low)
{
    pthread_mutex_lock(&mutex);
    struct fake_line *fake;
    int32_t error = request(line, place, consumer, &fake);
    if (error == 0) {
        fake->is_active_low = is_active_low;
        // A semaphore: each event is taken once.
        fake->events = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC | EFD_SEMAPHORE);
        if (fake->events < 0) {
            error = errno;
            let_go(fake);
            *line = (struct textpin_line){0};
        } else {
            record(fake, FAKE_LINE_REQUESTED_INPUT);
        }
    }
    unlock();
    return error;
}

static int32_t descriptor(const struct textpin_line *line)
{
    return line->is_requested ? ((const struct fake_line *)line->request)->events : -1;
}

static int32_t take_event(struct textpin_line *line)
{
    assert(line->is_requested);
    eventfd_t taken;
    return eventfd_read(descriptor(line), &taken) == 0 ? 0 : errno;
}

static void release(struct textpin_line *line)
{
    pthread_mutex_lock(&mutex);
    if (line->is_requested) {
        struct fake_line *fake = line->request;
        let_go(fake);
        record(fake, FAKE_LINE_RELEASED);
    }
    *line = (struct textpin_line){0};
    unlock();
}

const struct textpin_line_calls *fake_line_calls(void)
{
    static const struct textpin_line_calls calls = {request_output, set, request_input, descriptor, take_event, release};
    return &calls;
}
