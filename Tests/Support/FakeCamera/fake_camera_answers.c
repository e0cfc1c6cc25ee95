// The driver's answers to controls: 0, or an errno.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_camera_state.h"

static int refuse(struct fake_camera *camera, int error)
{
    camera->counts.violations += 1;
    return error;
}

static uint32_t answer(const struct fake_camera *camera, enum fake_camera_answer answer, uint32_t truth)
{
    return camera->lies[answer] ? camera->lie_values[answer] : truth;
}

// MARK: What it is and offers

static int query_capabilities(struct fake_camera *camera, struct v4l2_capability *capability)
{
    *capability = (struct v4l2_capability){.capabilities = V4L2_CAP_DEVICE_CAPS, .device_caps = camera->capabilities};
    memcpy(capability->driver, camera->driver, sizeof capability->driver);
    memcpy(capability->card, camera->card, sizeof capability->card);
    snprintf((char *)capability->bus_info, sizeof capability->bus_info, "fake-%d", (int)(camera - fake_cameras));
    return 0;
}

static int list_format(struct fake_camera *camera, struct v4l2_fmtdesc *description)
{
    if (description->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || description->index >= (uint32_t)camera->format_count)
        return EINVAL;
    const struct offered_format *format = &camera->formats[description->index];
    description->pixelformat = format->fourcc;
    description->flags = format->is_converted ? V4L2_FMT_FLAG_EMULATED : 0;
    return 0;
}

static int list_size(struct fake_camera *camera, struct v4l2_frmsizeenum *size)
{
    for (int32_t i = 0; i < camera->format_count; i++) {
        const struct offered_format *format = &camera->formats[i];
        if (format->fourcc != size->pixel_format)
            continue;
        if (format->has_range && size->index == 0) {
            size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
            size->stepwise = format->range;
            return 0;
        }
        if (!format->has_range && size->index < (uint32_t)format->size_count) {
            size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
            size->discrete = format->sizes[size->index];
            return 0;
        }
    }
    return EINVAL;
}

// MARK: Format

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

static uint32_t limited(uint32_t value, uint32_t least, uint32_t most)
{
    return value < least ? least : value > most ? most : value;
}

static void choose_size(const struct offered_format *format, struct v4l2_pix_format *wish)
{
    if (format->has_range) {
        wish->width = limited(wish->width, format->range.min_width, format->range.max_width);
        wish->height = limited(wish->height, format->range.min_height, format->range.max_height);
        return;
    }
    const struct v4l2_frmsize_discrete *nearest = &format->sizes[0];
    for (int32_t i = 1; i < format->size_count; i++) {
        const struct v4l2_frmsize_discrete *size = &format->sizes[i];
        if (distance(size->width, wish->width) + distance(size->height, wish->height)
            < distance(nearest->width, wish->width) + distance(nearest->height, wish->height))
            nearest = size;
    }
    wish->width = nearest->width;
    wish->height = nearest->height;
}

static void lay_out(const struct fake_camera *camera, struct v4l2_pix_format *format)
{
    uint32_t rows = format->height;
    uint32_t stride = 0;
    switch (format->pixelformat) {
    case V4L2_PIX_FMT_YUYV: stride = format->width * 2; break;
    case V4L2_PIX_FMT_RGB24:
    case V4L2_PIX_FMT_BGR24: stride = format->width * 3; break;
    case V4L2_PIX_FMT_GREY: stride = format->width; break;
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_YUV420:
        stride = format->width;
        rows += (rows + 1) / 2;
        break;
    }
    format->bytesperline = stride > 0 ? stride + camera->row_padding : 0;
    format->sizeimage = stride > 0 ? format->bytesperline * rows : format->width * format->height * 2 + 4096;
}

static int set_format(struct fake_camera *camera, struct v4l2_format *format)
{
    if (camera->owner != NULL)
        return refuse(camera, EBUSY);
    if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || camera->format_count == 0)
        return EINVAL;
    struct v4l2_pix_format *wish = &format->fmt.pix;
    // A driver that lacks a format takes another one instead.
    const struct offered_format *chosen = &camera->formats[0];
    for (int32_t i = 0; i < camera->format_count; i++)
        if (camera->formats[i].fourcc == wish->pixelformat)
            chosen = &camera->formats[i];
    wish->pixelformat = chosen->fourcc;
    choose_size(chosen, wish);
    lay_out(camera, wish);
    camera->format = *wish;
    wish->pixelformat = answer(camera, FAKE_CAMERA_FOURCC, wish->pixelformat);
    wish->width = answer(camera, FAKE_CAMERA_WIDTH, wish->width);
    wish->height = answer(camera, FAKE_CAMERA_HEIGHT, wish->height);
    wish->bytesperline = answer(camera, FAKE_CAMERA_ROW_STRIDE, wish->bytesperline);
    wish->sizeimage = answer(camera, FAKE_CAMERA_IMAGE_BYTES, wish->sizeimage);
    return 0;
}

static int set_rate(struct fake_camera *camera, struct v4l2_streamparm *parameters)
{
    const struct v4l2_fract *period = &parameters->parm.capture.timeperframe;
    camera->rate = period->numerator > 0 ? (uint32_t)(period->denominator * 1000ull / period->numerator) : 0;
    return 0;
}

static int get_rate(struct fake_camera *camera, struct v4l2_streamparm *parameters)
{
    parameters->parm.capture.timeperframe = (struct v4l2_fract){1000, camera->rate > 0 ? camera->rate : 30000};
    return 0;
}

// MARK: Buffers

static int request_buffers(struct fake_camera *camera, struct open_file *file, struct v4l2_requestbuffers *request)
{
    if (camera->owner != NULL && camera->owner != file)
        return EBUSY;
    fake_camera_free_buffers(camera);
    if (request->count == 0)
        return 0;
    uint32_t count = request->count < MOST_BUFFERS ? request->count : MOST_BUFFERS;
    // A driver that pads its frames has buffers to match.
    uint32_t claimed = answer(camera, FAKE_CAMERA_IMAGE_BYTES, 0);
    uint32_t length = camera->format.sizeimage;
    if (claimed > length && claimed < 1 << 26)
        length = claimed;
    if (length == 0 || !fake_camera_allocate(camera, file, count, length))
        return ENOMEM;
    request->count = answer(camera, FAKE_CAMERA_BUFFER_COUNT, count);
    return 0;
}

static int query_buffer(struct fake_camera *camera, struct v4l2_buffer *buffer)
{
    if (buffer->index >= camera->buffer_count)
        return EINVAL;
    buffer->length = answer(camera, FAKE_CAMERA_BUFFER_LENGTH, camera->buffer_length);
    buffer->m.offset = buffer->index << 16;
    return 0;
}

static int queue_buffer(struct fake_camera *camera, const struct v4l2_buffer *request)
{
    if (request->index >= camera->buffer_count || camera->buffers[request->index].state != WITH_PROGRAM)
        return refuse(camera, EINVAL);
    struct driver_buffer *buffer = &camera->buffers[request->index];
    buffer->state = QUEUED;
    buffer->order = ++camera->order;
    fake_camera_make_frame(camera);
    return 0;
}

static int take_buffer(struct fake_camera *camera, struct v4l2_buffer *result)
{
    if (!camera->is_streaming)
        return refuse(camera, EINVAL);
    struct driver_buffer *buffer = fake_camera_first(camera, READY);
    if (buffer == NULL)
        return EAGAIN;
    uint8_t byte;
    if (read(camera->owner->program_end, &byte, 1) != 1)
        camera->counts.violations += 1;
    buffer->state = WITH_PROGRAM;
    camera->counts.frames_taken += 1;
    uint32_t index = (uint32_t)(buffer - camera->buffers);
    *result = (struct v4l2_buffer){
        .index = answer(camera, FAKE_CAMERA_BUFFER_INDEX, index),
        .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
        .memory = V4L2_MEMORY_MMAP,
        .bytesused = answer(camera, FAKE_CAMERA_BYTES_USED, buffer->bytes_used),
        .length = camera->buffer_length,
        .sequence = buffer->sequence,
        .flags = buffer->flags,
        .m.offset = index << 16,
    };
    if (buffer->time != FAKE_CAMERA_OTHER_CLOCK) {
        result->flags |= V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
        result->timestamp.tv_sec = buffer->time / 1000000000;
        result->timestamp.tv_usec = buffer->time % 1000000000 / 1000;
    }
    return 0;
}

static int start(struct fake_camera *camera)
{
    if (camera->is_streaming || fake_camera_first(camera, QUEUED) == NULL)
        return refuse(camera, EINVAL);
    camera->is_streaming = true;
    fake_camera_make_frame(camera);
    return 0;
}

static int stop(struct fake_camera *camera)
{
    fake_camera_stop(camera);
    return 0;
}

// MARK: All of them

int fake_camera_answer(struct fake_camera *camera, struct open_file *file, unsigned long request, void *argument)
{
    switch (request) {
    case VIDIOC_QUERYCAP: return query_capabilities(camera, argument);
    case VIDIOC_ENUM_FMT: return list_format(camera, argument);
    case VIDIOC_ENUM_FRAMESIZES: return list_size(camera, argument);
    case VIDIOC_S_FMT: return set_format(camera, argument);
    case VIDIOC_S_PARM: return set_rate(camera, argument);
    case VIDIOC_G_PARM: return get_rate(camera, argument);
    case VIDIOC_REQBUFS: return request_buffers(camera, file, argument);
    }
    // The rest is about buffers, and theirs who requested them.
    if (camera->owner != file)
        return request == VIDIOC_STREAMOFF ? 0 : EINVAL;
    switch (request) {
    case VIDIOC_QUERYBUF: return query_buffer(camera, argument);
    case VIDIOC_QBUF: return queue_buffer(camera, argument);
    case VIDIOC_DQBUF: return take_buffer(camera, argument);
    case VIDIOC_STREAMON: return start(camera);
    case VIDIOC_STREAMOFF: return stop(camera);
    }
    return ENOTTY;
}
