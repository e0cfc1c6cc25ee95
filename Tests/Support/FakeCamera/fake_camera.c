// The script: what a test tells the camera to do.
#define _GNU_SOURCE
#include "fake_camera.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_camera_state.h"

pthread_mutex_t fake_camera_lock = PTHREAD_MUTEX_INITIALIZER;
struct fake_camera fake_cameras[MOST_CAMERAS];

static void lock(void)
{
    pthread_mutex_lock(&fake_camera_lock);
}

static void unlock(void)
{
    pthread_mutex_unlock(&fake_camera_lock);
}

static void close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

struct fake_camera *fake_camera_create(void)
{
    lock();
    struct fake_camera *camera = NULL;
    for (int32_t i = 0; i < MOST_CAMERAS && camera == NULL; i++)
        if (!fake_cameras[i].is_used)
            camera = &fake_cameras[i];
    if (camera != NULL) {
        *camera = (struct fake_camera){
            .is_used = true,
            .is_plugged = true,
            .driver = "fake",
            .card = "Fake Camera",
            .capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
        };
        for (int32_t i = 0; i < MOST_FILES; i++)
            camera->files[i] = (struct open_file){-1, -1};
        snprintf(camera->path, sizeof camera->path, "/dev/fake-camera/%d/video0", (int)(camera - fake_cameras));
    }
    unlock();
    return camera;
}

void fake_camera_destroy(struct fake_camera *camera)
{
    lock();
    fake_camera_free_buffers(camera);
    for (int32_t i = 0; i < MOST_MAPPINGS; i++)
        fake_camera_unmap(&camera->program_mappings[i]);
    for (int32_t i = 0; i < MOST_FILES; i++) {
        close_end(&camera->files[i].program_end);
        close_end(&camera->files[i].driver_end);
    }
    camera->is_used = false;
    unlock();
}

const char *fake_camera_path(const struct fake_camera *camera)
{
    return camera->path;
}

void fake_camera_move(struct fake_camera *camera, const char *path)
{
    lock();
    assert(strlen(path) < sizeof camera->path);
    strcpy(camera->path, path);
    unlock();
}

// MARK: What it is and offers

void fake_camera_name(struct fake_camera *camera, const char *driver, const char *card)
{
    lock();
    // Text that fills its array is not ended by a zero, which drivers have done.
    strncpy(camera->driver, driver, sizeof camera->driver);
    strncpy(camera->card, card, sizeof camera->card);
    unlock();
}

void fake_camera_set_capabilities(struct fake_camera *camera, uint32_t capabilities)
{
    lock();
    camera->capabilities = capabilities;
    unlock();
}

static struct offered_format *format_of(struct fake_camera *camera, uint32_t fourcc)
{
    for (int32_t i = 0; i < camera->format_count; i++)
        if (camera->formats[i].fourcc == fourcc)
            return &camera->formats[i];
    assert(camera->format_count < MOST_FORMATS);
    struct offered_format *format = &camera->formats[camera->format_count++];
    *format = (struct offered_format){.fourcc = fourcc};
    return format;
}

void fake_camera_offer(struct fake_camera *camera, uint32_t fourcc, uint32_t width, uint32_t height)
{
    lock();
    struct offered_format *format = format_of(camera, fourcc);
    assert(!format->has_range && format->size_count < MOST_SIZES);
    format->sizes[format->size_count++] = (struct v4l2_frmsize_discrete){width, height};
    unlock();
}

void fake_camera_offer_range(
    struct fake_camera *camera, uint32_t fourcc, uint32_t least_width, uint32_t most_width, uint32_t width_step, uint32_t least_height,
    uint32_t most_height, uint32_t height_step)
{
    lock();
    struct offered_format *format = format_of(camera, fourcc);
    assert(!format->has_range && format->size_count == 0);
    format->has_range = true;
    format->range = (struct v4l2_frmsize_stepwise){least_width, most_width, width_step, least_height, most_height, height_step};
    unlock();
}

void fake_camera_mark_converted(struct fake_camera *camera, uint32_t fourcc)
{
    lock();
    format_of(camera, fourcc)->is_converted = true;
    unlock();
}

void fake_camera_forget_offers(struct fake_camera *camera)
{
    lock();
    camera->format_count = 0;
    unlock();
}

void fake_camera_pad_rows(struct fake_camera *camera, uint32_t bytes)
{
    lock();
    camera->row_padding = bytes;
    unlock();
}

// MARK: Frames

bool fake_camera_push(struct fake_camera *camera, const void *bytes, size_t count, uint32_t flags, int64_t time)
{
    lock();
    struct driver_buffer *buffer = camera->is_streaming && !camera->is_silent ? fake_camera_first(camera, QUEUED) : NULL;
    bool delivered = camera->is_plugged && buffer != NULL && count <= camera->buffer_length;
    if (delivered) {
        memcpy(fake_camera_bytes(camera, buffer), bytes, count);
        buffer->bytes_used = (uint32_t)count;
        buffer->flags = flags;
        buffer->time = time;
        fake_camera_make_ready(camera, buffer);
    } else {
        camera->sequence += 1;
        camera->counts.frames_lost += 1;
    }
    unlock();
    return delivered;
}

void fake_camera_play(struct fake_camera *camera, fake_camera_maker maker, void *context)
{
    lock();
    camera->maker = maker;
    camera->maker_context = context;
    fake_camera_make_frame(camera);
    unlock();
}

bool fake_camera_make_plain(void *context, struct fake_camera_frame *frame)
{
    memset(frame->bytes, *(const uint8_t *)context, frame->count);
    return true;
}

bool fake_camera_make_noise(void *context, struct fake_camera_frame *frame)
{
    (void)context;
    uint32_t state = frame->sequence * 2654435761u | 1;
    for (size_t i = 0; i < frame->count; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        frame->bytes[i] = (uint8_t)state;
    }
    return true;
}

void fake_camera_set_silent(struct fake_camera *camera, bool is_silent)
{
    lock();
    camera->is_silent = is_silent;
    fake_camera_make_frame(camera);
    unlock();
}

void fake_camera_set_sequence(struct fake_camera *camera, uint32_t sequence)
{
    lock();
    camera->sequence = sequence;
    unlock();
}

// MARK: Faults

void fake_camera_unplug(struct fake_camera *camera)
{
    lock();
    camera->is_plugged = false;
    fake_camera_free_buffers(camera);
    // Whoever polls the other ends sees POLLHUP.
    for (int32_t i = 0; i < MOST_FILES; i++)
        close_end(&camera->files[i].driver_end);
    unlock();
}

void fake_camera_plug(struct fake_camera *camera)
{
    lock();
    camera->is_plugged = true;
    unlock();
}

void fake_camera_fail(struct fake_camera *camera, enum fake_camera_call call, uint64_t k, int error)
{
    lock();
    camera->faults[call].calls_until = k;
    camera->faults[call].error = error;
    unlock();
}

void fake_camera_fail_request(struct fake_camera *camera, unsigned long request, int error)
{
    lock();
    camera->failing_request = request;
    camera->request_error = error;
    unlock();
}

void fake_camera_lie(struct fake_camera *camera, enum fake_camera_answer answer, uint32_t value)
{
    lock();
    camera->lies[answer] = true;
    camera->lie_values[answer] = value;
    unlock();
}

void fake_camera_tell_truth(struct fake_camera *camera)
{
    lock();
    memset(camera->lies, 0, sizeof camera->lies);
    unlock();
}

// MARK: What happened

struct fake_camera_counts fake_camera_count(const struct fake_camera *camera)
{
    lock();
    struct fake_camera_counts counts = camera->counts;
    unlock();
    return counts;
}

uint32_t fake_camera_asked_rate(const struct fake_camera *camera)
{
    lock();
    uint32_t rate = camera->rate;
    unlock();
    return rate;
}
