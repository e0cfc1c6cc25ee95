// The calls that stand for open, close, ioctl, mmap and munmap.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_camera_state.h"

static bool fails(struct fake_camera *camera, enum fake_camera_call call)
{
    if (camera->faults[call].calls_until == 0 || --camera->faults[call].calls_until > 0)
        return false;
    errno = camera->faults[call].error;
    return true;
}

static struct open_file *file_of(int descriptor, struct fake_camera **camera)
{
    for (int32_t i = 0; i < MOST_CAMERAS * MOST_FILES; i++) {
        struct fake_camera *owner = &fake_cameras[i / MOST_FILES];
        struct open_file *file = &owner->files[i % MOST_FILES];
        if (owner->is_used && file->program_end >= 0 && file->program_end == descriptor) {
            *camera = owner;
            return file;
        }
    }
    errno = EBADF;
    return NULL;
}

static int open_plugged(struct fake_camera *camera, int flags)
{
    struct open_file *file = NULL;
    for (int32_t i = 0; i < MOST_FILES && file == NULL; i++)
        if (camera->files[i].program_end < 0)
            file = &camera->files[i];
    if (file == NULL) {
        errno = EMFILE;
        return -1;
    }
    if ((flags & (O_NONBLOCK | O_CLOEXEC)) != (O_NONBLOCK | O_CLOEXEC) || (flags & O_ACCMODE) != O_RDWR)
        camera->counts.violations += 1;
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0)
        return -1;
    *file = (struct open_file){ends[0], ends[1]};
    camera->counts.opens += 1;
    camera->counts.open_files += 1;
    return file->program_end;
}

static int open_camera(const char *path, int flags, ...)
{
    pthread_mutex_lock(&fake_camera_lock);
    int result = -1;
    errno = ENOENT;
    for (int32_t i = 0; i < MOST_CAMERAS; i++) {
        struct fake_camera *camera = &fake_cameras[i];
        if (!camera->is_used || !camera->is_plugged || strcmp(camera->path, path) != 0)
            continue;
        result = fails(camera, FAKE_CAMERA_OPEN) ? -1 : open_plugged(camera, flags);
        break;
    }
    pthread_mutex_unlock(&fake_camera_lock);
    return result;
}

static int close_camera(int descriptor)
{
    pthread_mutex_lock(&fake_camera_lock);
    struct fake_camera *camera;
    struct open_file *file = file_of(descriptor, &camera);
    int result = -1;
    if (file != NULL) {
        if (camera->owner == file)
            fake_camera_free_buffers(camera);
        close(file->program_end);
        if (file->driver_end >= 0)
            close(file->driver_end);
        *file = (struct open_file){-1, -1};
        camera->counts.open_files -= 1;
        result = fails(camera, FAKE_CAMERA_CLOSE) ? -1 : 0;
    }
    pthread_mutex_unlock(&fake_camera_lock);
    return result;
}

static int control_camera(int descriptor, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    pthread_mutex_lock(&fake_camera_lock);
    struct fake_camera *camera;
    struct open_file *file = file_of(descriptor, &camera);
    int error = EBADF;
    if (file != NULL) {
        camera->counts.controls += 1;
        if (fails(camera, FAKE_CAMERA_CONTROL))
            error = errno;
        else if (file->driver_end < 0)
            error = ENODEV;
        else if (camera->request_error != 0 && camera->failing_request == request)
            error = camera->request_error;
        else
            error = fake_camera_answer(camera, file, request, argument);
    }
    pthread_mutex_unlock(&fake_camera_lock);
    errno = error;
    return error == 0 ? 0 : -1;
}

static struct mapping *free_mapping(struct fake_camera *camera)
{
    for (int32_t i = 0; i < MOST_MAPPINGS; i++)
        if (camera->program_mappings[i].pages == NULL)
            return &camera->program_mappings[i];
    return NULL;
}

static void *map_buffer(void *start, size_t length, int protection, int flags, int descriptor, int64_t offset)
{
    (void)start;
    pthread_mutex_lock(&fake_camera_lock);
    struct fake_camera *camera;
    struct open_file *file = file_of(descriptor, &camera);
    void *result = MAP_FAILED;
    if (file != NULL && !fails(camera, FAKE_CAMERA_MAP)) {
        struct mapping *mapping = free_mapping(camera);
        errno = EINVAL;
        if (file->driver_end < 0) {
            errno = ENODEV;
        } else if (
            mapping != NULL && camera->owner == file && offset >> 16 < camera->buffer_count && length == camera->buffer_length
            && flags == MAP_SHARED && (protection & PROT_READ) != 0
            && fake_camera_map_to_guard(mapping, camera->memory, (uint32_t)(offset >> 16), length)) {
            result = mapping->bytes;
            camera->counts.maps += 1;
        }
    }
    pthread_mutex_unlock(&fake_camera_lock);
    return result;
}

static int unmap_buffer(void *start, size_t length)
{
    (void)length;
    pthread_mutex_lock(&fake_camera_lock);
    int result = -1;
    errno = EINVAL;
    for (int32_t i = 0; i < MOST_CAMERAS * MOST_MAPPINGS && result != 0; i++) {
        struct fake_camera *camera = &fake_cameras[i / MOST_MAPPINGS];
        struct mapping *mapping = &camera->program_mappings[i % MOST_MAPPINGS];
        if (!camera->is_used || mapping->bytes != start || mapping->pages == NULL)
            continue;
        if (fails(camera, FAKE_CAMERA_UNMAP))
            break;
        fake_camera_unmap(mapping);
        camera->counts.maps -= 1;
        result = 0;
    }
    pthread_mutex_unlock(&fake_camera_lock);
    return result;
}

const struct textpin_camera_calls *fake_camera_calls(void)
{
    static const struct textpin_camera_calls calls = {open_camera, close_camera, control_camera, map_buffer, unmap_buffer};
    return &calls;
}
