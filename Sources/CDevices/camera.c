#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "camera_internal.h"

// More formats and sizes than any driver lists, and longer sides: what ends the questions to a driver that never does.
enum { MOST_FORMATS = 256, MOST_SIZES = 512, LONGEST_SIDE = 16384 };

uint32_t textpin_camera_capabilities(const struct v4l2_capability *capability)
{
    return capability->capabilities & V4L2_CAP_DEVICE_CAPS ? capability->device_caps : capability->capabilities;
}

void textpin_camera_copy_text(char *to, size_t size, const uint8_t *from, size_t from_size)
{
    assert(size > 0);
    size_t count = strnlen((const char *)from, from_size < size - 1 ? from_size : size - 1);
    memcpy(to, from, count);
    to[count] = '\0';
}

int32_t textpin_camera_open(struct textpin_camera *camera, const struct textpin_camera_calls *calls, const char *path)
{
    *camera = (struct textpin_camera){.calls = calls, .file = -1};
    int32_t file = textpin_camera_open_file(calls, path);
    if (file < 0)
        return -file;
    camera->file = file;
    struct v4l2_capability capability = {0};
    int32_t error = textpin_camera_control(calls, file, VIDIOC_QUERYCAP, &capability);
    const uint32_t needed = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    if (error == 0 && (textpin_camera_capabilities(&capability) & needed) != needed)
        error = ENOTTY;
    if (error != 0) {
        textpin_camera_close(camera);
        return error;
    }
    textpin_camera_copy_text(camera->card, sizeof camera->card, capability.card, sizeof capability.card);
    textpin_camera_copy_text(camera->driver, sizeof camera->driver, capability.driver, sizeof capability.driver);
    return 0;
}

bool textpin_camera_format(const struct textpin_camera *camera, int32_t index, struct textpin_camera_format *format)
{
    assert(camera->file >= 0);
    if (index < 0 || index >= MOST_FORMATS)
        return false;
    struct v4l2_fmtdesc description = {.index = (uint32_t)index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    if (textpin_camera_control(camera->calls, camera->file, VIDIOC_ENUM_FMT, &description) != 0)
        return false;
    format->fourcc = description.pixelformat;
    format->is_converted = (description.flags & V4L2_FMT_FLAG_EMULATED) != 0;
    return true;
}

struct size_choice {
    int32_t wished_width;
    int32_t wished_height;
    int32_t width;
    int32_t height;
};

static bool is_enough(const struct size_choice *choice, int32_t width, int32_t height)
{
    return width >= choice->wished_width && height >= choice->wished_height;
}

static void consider(struct size_choice *choice, uint32_t width, uint32_t height)
{
    if (width < 1 || height < 1 || width > LONGEST_SIDE || height > LONGEST_SIDE)
        return;
    int32_t area = (int32_t)(width * height);
    int32_t chosen_area = choice->width * choice->height;
    bool enough = is_enough(choice, (int32_t)width, (int32_t)height);
    bool chosen_is_enough = chosen_area > 0 && is_enough(choice, choice->width, choice->height);
    if (enough == chosen_is_enough ? (enough && chosen_area > 0 ? area < chosen_area : area > chosen_area) : enough) {
        choice->width = (int32_t)width;
        choice->height = (int32_t)height;
    }
}

// The least of `least`, `least + step`, … that is at least the wished one, or the last one up to `most`.
static uint32_t nearest_step(uint32_t wished, uint32_t least, uint32_t most, uint32_t step)
{
    if (most > LONGEST_SIDE)
        most = LONGEST_SIDE;
    if (least > most)
        return 0;
    if (step == 0)
        step = 1;
    uint32_t last = least + (most - least) / step * step;
    if (wished <= least)
        return least;
    if (wished >= last)
        return last;
    return least + (wished - least + step - 1) / step * step;
}

void textpin_camera_nearest_size(const struct textpin_camera *camera, uint32_t fourcc, int32_t *width, int32_t *height)
{
    assert(camera->file >= 0 && *width > 0 && *height > 0 && *width <= LONGEST_SIDE && *height <= LONGEST_SIDE);
    struct size_choice choice = {.wished_width = *width, .wished_height = *height};
    for (uint32_t index = 0; index < MOST_SIZES; index++) {
        struct v4l2_frmsizeenum size = {.index = index, .pixel_format = fourcc};
        if (textpin_camera_control(camera->calls, camera->file, VIDIOC_ENUM_FRAMESIZES, &size) != 0)
            break;
        if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
            consider(&choice, size.discrete.width, size.discrete.height);
            continue;
        }
        const struct v4l2_frmsize_stepwise *steps = &size.stepwise;
        consider(
            &choice, nearest_step((uint32_t)*width, steps->min_width, steps->max_width, steps->step_width),
            nearest_step((uint32_t)*height, steps->min_height, steps->max_height, steps->step_height));
        break;
    }
    if (choice.width > 0) {
        *width = choice.width;
        *height = choice.height;
    }
}
