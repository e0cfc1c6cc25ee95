#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#include "camera_internal.h"
#include "textpin_clock.h"

// More than any frame needs, and little enough that no sum of sizes overflows.
static const uint64_t most_frame_bytes = 1 << 30;

struct raw_layout {
    uint32_t fourcc;
    // Of the first plane. YUYV goes by pairs of pixels.
    uint32_t bytes_per_group;
    uint32_t pixels_per_group;
    // Planes of half the height follow: one of the same stride, or two of half of it.
    bool has_chroma_planes;
};

static const struct raw_layout raw_layouts[] = {
    {V4L2_PIX_FMT_YUYV, 4, 2, false}, {V4L2_PIX_FMT_NV12, 1, 1, true},   {V4L2_PIX_FMT_YUV420, 1, 1, true},
    {V4L2_PIX_FMT_GREY, 1, 1, false}, {V4L2_PIX_FMT_RGB24, 3, 1, false}, {V4L2_PIX_FMT_BGR24, 3, 1, false},
};

static const struct raw_layout *raw_layout_of(uint32_t fourcc)
{
    for (size_t i = 0; i < sizeof raw_layouts / sizeof raw_layouts[0]; i++)
        if (raw_layouts[i].fourcc == fourcc)
            return &raw_layouts[i];
    return NULL;
}

static bool is_jpeg(uint32_t fourcc)
{
    return fourcc == V4L2_PIX_FMT_MJPEG || fourcc == V4L2_PIX_FMT_JPEG;
}

static int32_t ask(const struct textpin_camera *camera, unsigned long request, void *argument)
{
    return textpin_camera_control(camera->calls, camera->file, request, argument);
}

// Every buffer is the driver's or is held by the caller, and the counts say so.
static bool accounts_balance(const struct textpin_camera *camera)
{
    int32_t queued = 0;
    int32_t held = 0;
    for (int32_t i = 0; i < camera->buffer_count; i++)
        *(camera->buffers[i].is_queued ? &queued : &held) += 1;
    return queued == camera->queued_count && queued + held == camera->buffer_count;
}

// MARK: Format and rate

static int32_t take_over_format(struct textpin_camera *camera, const struct v4l2_pix_format *answer)
{
    const struct raw_layout *layout = raw_layout_of(answer->pixelformat);
    if (answer->width < 1 || answer->height < 1 || answer->width > INT16_MAX || answer->height > INT16_MAX)
        return EPROTO;
    uint64_t frame_bytes = answer->sizeimage;
    uint64_t row_stride = 0;
    if (layout != NULL) {
        row_stride = answer->bytesperline;
        uint64_t groups = (answer->width + layout->pixels_per_group - 1) / layout->pixels_per_group;
        uint64_t half_height = (answer->height + 1) / 2;
        // Two planes of half a stride, rounded down as V4L2 has it, never need more than one of the whole.
        frame_bytes = row_stride * (answer->height + (layout->has_chroma_planes ? half_height : 0));
        if (row_stride < groups * layout->bytes_per_group || answer->sizeimage < frame_bytes)
            return EPROTO;
    }
    if (frame_bytes < 1 || answer->sizeimage > most_frame_bytes)
        return EPROTO;
    camera->fourcc = answer->pixelformat;
    camera->width = (int32_t)answer->width;
    camera->height = (int32_t)answer->height;
    camera->row_stride = (int32_t)row_stride;
    camera->frame_bytes = (size_t)frame_bytes;
    camera->padded_frame_bytes = answer->sizeimage;
    return 0;
}

static int32_t rate_in_thousandths(const struct v4l2_streamparm *parameters)
{
    const struct v4l2_fract *period = &parameters->parm.capture.timeperframe;
    if (period->numerator == 0)
        return 0;
    uint64_t rate = (uint64_t)period->denominator * 1000 / period->numerator;
    return rate <= INT32_MAX ? (int32_t)rate : 0;
}

// A camera without a rate to set is as good; one that is gone is noticed at the next question.
static void set_rate(struct textpin_camera *camera, int32_t frames_per_second)
{
    struct v4l2_streamparm parameters = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    camera->rate_thousandths = 0;
    if (frames_per_second > 0) {
        parameters.parm.capture.timeperframe = (struct v4l2_fract){1, (uint32_t)frames_per_second};
        if (ask(camera, VIDIOC_S_PARM, &parameters) == 0) {
            camera->rate_thousandths = rate_in_thousandths(&parameters);
            return;
        }
        parameters = (struct v4l2_streamparm){.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    }
    if (ask(camera, VIDIOC_G_PARM, &parameters) == 0)
        camera->rate_thousandths = rate_in_thousandths(&parameters);
}

// MARK: Buffers

static int32_t queue(struct textpin_camera *camera, int32_t index)
{
    assert(index >= 0 && index < camera->buffer_count && !camera->buffers[index].is_queued);
    struct v4l2_buffer buffer = {.index = (uint32_t)index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int32_t error = ask(camera, VIDIOC_QBUF, &buffer);
    if (error != 0)
        return error;
    camera->buffers[index].is_queued = true;
    camera->queued_count += 1;
    assert(accounts_balance(camera));
    return 0;
}

static int32_t request_buffers(const struct textpin_camera *camera, uint32_t *count)
{
    struct v4l2_requestbuffers request = {.count = *count, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int32_t error = ask(camera, VIDIOC_REQBUFS, &request);
    *count = request.count;
    return error;
}

static int32_t map_buffer(struct textpin_camera *camera)
{
    int32_t index = camera->buffer_count;
    struct v4l2_buffer buffer = {.index = (uint32_t)index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int32_t error = ask(camera, VIDIOC_QUERYBUF, &buffer);
    if (error != 0)
        return error;
    if (buffer.length < camera->frame_bytes || buffer.length > most_frame_bytes)
        return EPROTO;
    void *bytes = camera->calls->map(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, camera->file, buffer.m.offset);
    if (bytes == MAP_FAILED)
        return errno;
    camera->buffers[index].bytes = bytes;
    camera->buffers[index].count = buffer.length;
    camera->buffers[index].is_queued = false;
    camera->buffer_count = index + 1;
    return 0;
}

static int32_t start_stream(struct textpin_camera *camera)
{
    uint32_t granted = TEXTPIN_CAMERA_BUFFERS;
    int32_t error = request_buffers(camera, &granted);
    // Some drivers start only with all of their buffers queued, so none may be left out.
    if (error == 0 && (granted < 1 || granted > TEXTPIN_CAMERA_BUFFERS))
        error = EPROTO;
    while (error == 0 && camera->buffer_count < (int32_t)granted)
        error = map_buffer(camera);
    for (int32_t index = 0; error == 0 && index < camera->buffer_count; index++)
        error = queue(camera, index);
    if (error == 0) {
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        error = ask(camera, VIDIOC_STREAMON, &type);
    }
    camera->is_streaming = error == 0;
    return error;
}

// Also for a start that went wrong halfway. What fails here has no remedy but to go on.
static void stop_stream(struct textpin_camera *camera)
{
    if (camera->buffer_count > 0) {
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        ask(camera, VIDIOC_STREAMOFF, &type);
    }
    for (int32_t index = 0; index < camera->buffer_count; index++) {
        camera->calls->unmap(camera->buffers[index].bytes, camera->buffers[index].count);
        camera->buffers[index].bytes = NULL;
        camera->buffers[index].count = 0;
        camera->buffers[index].is_queued = false;
    }
    camera->buffer_count = 0;
    camera->queued_count = 0;
    camera->is_streaming = false;
    uint32_t none = 0;
    request_buffers(camera, &none);
}

int32_t textpin_camera_start(struct textpin_camera *camera, uint32_t fourcc, int32_t width, int32_t height, int32_t frames_per_second)
{
    assert(camera->file >= 0 && !camera->is_streaming && camera->buffer_count == 0);
    if ((raw_layout_of(fourcc) == NULL && !is_jpeg(fourcc)) || width < 1 || height < 1)
        return EINVAL;
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    format.fmt.pix.pixelformat = fourcc;
    format.fmt.pix.width = (uint32_t)width;
    format.fmt.pix.height = (uint32_t)height;
    int32_t error = ask(camera, VIDIOC_S_FMT, &format);
    if (error == 0)
        error = format.fmt.pix.pixelformat == fourcc ? take_over_format(camera, &format.fmt.pix) : EPROTO;
    if (error != 0)
        return error;
    set_rate(camera, frames_per_second);
    error = start_stream(camera);
    if (error != 0)
        stop_stream(camera);
    return error;
}

void textpin_camera_close(struct textpin_camera *camera)
{
    if (camera->file < 0)
        return;
    if (camera->buffer_count > 0)
        stop_stream(camera);
    // Linux has closed the descriptor even if it says otherwise; once more could close another's.
    camera->calls->close(camera->file);
    camera->file = -1;
}

// MARK: Frames

// The driver's clock is the one that intervals are measured by, if it says so and its time can be.
static int64_t time_of(const struct v4l2_buffer *buffer)
{
    int64_t now = textpin_monotonic_nanoseconds();
    int64_t seconds = buffer->timestamp.tv_sec;
    int64_t microseconds = buffer->timestamp.tv_usec;
    if ((buffer->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC || seconds < 0
        || seconds > now / 1000000000 || microseconds < 0 || microseconds >= 1000000)
        return now;
    int64_t time = seconds * 1000000000 + microseconds * 1000;
    return time <= now ? time : now;
}

static int32_t examine(const struct textpin_camera *camera, const struct v4l2_buffer *buffer, struct textpin_camera_frame *frame)
{
    if (buffer->flags & V4L2_BUF_FLAG_ERROR)
        return TEXTPIN_FRAME_FLAGGED;
    if (buffer->bytesused > camera->buffers[buffer->index].count)
        return TEXTPIN_FRAME_WRONG_LENGTH;
    if (is_jpeg(camera->fourcc)) {
        if (buffer->bytesused == 0)
            return TEXTPIN_FRAME_WRONG_LENGTH;
        frame->count = textpin_jpeg_length(frame->bytes, buffer->bytesused);
        return frame->count > 0 ? TEXTPIN_FRAME_WHOLE : TEXTPIN_FRAME_WRONG_MARKERS;
    }
    // Some drivers count the rows that pad an image as well.
    if (buffer->bytesused != camera->frame_bytes && buffer->bytesused != camera->padded_frame_bytes)
        return TEXTPIN_FRAME_WRONG_LENGTH;
    frame->count = camera->frame_bytes;
    return TEXTPIN_FRAME_WHOLE;
}

int32_t textpin_camera_take(struct textpin_camera *camera, struct textpin_camera_frame *frame)
{
    assert(camera->is_streaming);
    struct v4l2_buffer buffer = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int32_t error = ask(camera, VIDIOC_DQBUF, &buffer);
    if (error != 0)
        return error;
    if (buffer.index >= (uint32_t)camera->buffer_count || !camera->buffers[buffer.index].is_queued)
        return EPROTO;
    camera->buffers[buffer.index].is_queued = false;
    camera->queued_count -= 1;
    assert(accounts_balance(camera));
    *frame = (struct textpin_camera_frame){
        .bytes = camera->buffers[buffer.index].bytes,
        .time = time_of(&buffer),
        .sequence = buffer.sequence,
        .buffer = (int32_t)buffer.index,
    };
    frame->damage = examine(camera, &buffer, frame);
    return 0;
}

int32_t textpin_camera_give_back(struct textpin_camera *camera, int32_t buffer)
{
    assert(camera->is_streaming);
    return queue(camera, buffer);
}
