// Buffers and frames, as a driver keeps them.
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_camera_state.h"
#include "textpin_clock.h"

enum { PAGE_BYTES = 4096 };

static size_t whole_pages(size_t length)
{
    return (length + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

bool fake_camera_map_to_guard(struct mapping *mapping, int memory, uint32_t index, size_t length)
{
    size_t page_bytes = whole_pages(length);
    uint8_t *pages = mmap(NULL, page_bytes + PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return false;
    if (mmap(pages, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, (off_t)(index * page_bytes)) == MAP_FAILED) {
        munmap(pages, page_bytes + PAGE_BYTES);
        return false;
    }
    *mapping = (struct mapping){.bytes = pages + page_bytes - length, .pages = pages, .page_bytes = page_bytes};
    return true;
}

void fake_camera_unmap(struct mapping *mapping)
{
    if (mapping->pages != NULL)
        munmap(mapping->pages, mapping->page_bytes + PAGE_BYTES);
    *mapping = (struct mapping){0};
}

bool fake_camera_allocate(struct fake_camera *camera, struct open_file *owner, uint32_t count, uint32_t length)
{
    camera->memory = memfd_create("fake camera", MFD_CLOEXEC);
    if (camera->memory < 0)
        return false;
    bool is_done = ftruncate(camera->memory, (off_t)(whole_pages(length) * count)) == 0;
    camera->owner = owner;
    camera->buffer_length = length;
    for (camera->buffer_count = 0; is_done && camera->buffer_count < count; camera->buffer_count += is_done) {
        uint32_t index = camera->buffer_count;
        camera->buffers[index] = (struct driver_buffer){.state = WITH_PROGRAM};
        is_done = fake_camera_map_to_guard(&camera->driver_mappings[index], camera->memory, index, length);
    }
    if (!is_done)
        fake_camera_free_buffers(camera);
    return is_done;
}

void fake_camera_free_buffers(struct fake_camera *camera)
{
    if (camera->owner == NULL)
        return;
    fake_camera_stop(camera);
    for (uint32_t i = 0; i < camera->buffer_count; i++)
        fake_camera_unmap(&camera->driver_mappings[i]);
    close(camera->memory);
    camera->buffer_count = 0;
    camera->owner = NULL;
}

struct driver_buffer *fake_camera_first(struct fake_camera *camera, enum buffer_state state)
{
    struct driver_buffer *first = NULL;
    for (uint32_t i = 0; i < camera->buffer_count; i++)
        if (camera->buffers[i].state == state && (first == NULL || camera->buffers[i].order < first->order))
            first = &camera->buffers[i];
    return first;
}

uint8_t *fake_camera_bytes(struct fake_camera *camera, const struct driver_buffer *buffer)
{
    return camera->driver_mappings[buffer - camera->buffers].bytes;
}

void fake_camera_make_ready(struct fake_camera *camera, struct driver_buffer *buffer)
{
    buffer->state = READY;
    buffer->order = ++camera->order;
    buffer->sequence = camera->sequence++;
    camera->counts.frames_ready += 1;
    uint8_t byte = 0;
    if (write(camera->owner->driver_end, &byte, 1) != 1)
        camera->counts.violations += 1;
}

void fake_camera_make_frame(struct fake_camera *camera)
{
    struct driver_buffer *buffer = camera->is_streaming && !camera->is_silent ? fake_camera_first(camera, QUEUED) : NULL;
    if (camera->maker == NULL || buffer == NULL || fake_camera_first(camera, READY) != NULL)
        return;
    struct fake_camera_frame frame = {
        .bytes = fake_camera_bytes(camera, buffer),
        .capacity = camera->buffer_length,
        .fourcc = camera->format.pixelformat,
        .width = camera->format.width,
        .height = camera->format.height,
        .row_stride = camera->format.bytesperline,
        .sequence = camera->sequence,
        .count = camera->format.bytesperline > 0 ? camera->format.sizeimage : 0,
        .time = textpin_monotonic_nanoseconds(),
    };
    if (!camera->maker(camera->maker_context, &frame) || frame.count > frame.capacity)
        return;
    buffer->bytes_used = (uint32_t)frame.count;
    buffer->flags = frame.flags;
    buffer->time = frame.time;
    fake_camera_make_ready(camera, buffer);
}

void fake_camera_stop(struct fake_camera *camera)
{
    camera->is_streaming = false;
    for (uint32_t i = 0; i < camera->buffer_count; i++) {
        uint8_t byte;
        if (camera->buffers[i].state == READY && read(camera->owner->program_end, &byte, 1) != 1)
            camera->counts.violations += 1;
        camera->buffers[i].state = WITH_PROGRAM;
    }
}
