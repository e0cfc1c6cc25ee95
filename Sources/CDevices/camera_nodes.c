#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera_internal.h"

struct textpin_camera_places textpin_camera_system_places(void)
{
    return (struct textpin_camera_places){"/dev", "/sys/class/video4linux", textpin_camera_kernel_calls()};
}

int32_t textpin_camera_write_text(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return count >= 0 && (size_t)count < size ? 0 : ENAMETOOLONG;
}

int32_t textpin_camera_node_path(const struct textpin_camera_places *places, int32_t number, char *path, size_t size)
{
    return textpin_camera_write_text(path, size, "%s/video%d", places->devices, number);
}

int32_t textpin_camera_node_number(const char *text)
{
    size_t count = strlen(text);
    if (count < 1 || count > 4 || strspn(text, "0123456789") != count)
        return -1;
    int32_t number = (int32_t)strtol(text, NULL, 10);
    return number < TEXTPIN_CAMERA_MOST_NODES ? number : -1;
}

// MARK: What a node is

int32_t textpin_camera_ask_node(const struct textpin_camera_places *places, const char *path, struct v4l2_capability *capability)
{
    int32_t file = textpin_camera_open_file(places->calls, path);
    if (file < 0)
        return -file;
    *capability = (struct v4l2_capability){0};
    int32_t error = textpin_camera_control(places->calls, file, VIDIOC_QUERYCAP, capability);
    places->calls->close(file);
    // libv4l2 makes one plane of several.
    uint32_t captures = V4L2_CAP_VIDEO_CAPTURE;
    if (textpin_camera_system_calls() != textpin_camera_kernel_calls())
        captures |= V4L2_CAP_VIDEO_CAPTURE_MPLANE;
    if (error == 0 && (textpin_camera_capabilities(capability) & captures) == 0)
        error = ENOTTY;
    return error;
}

int32_t textpin_camera_at_in(const struct textpin_camera_places *places, int32_t number, char *path, size_t size, char card[32])
{
    struct v4l2_capability capability;
    int32_t error = number < 0 || number >= TEXTPIN_CAMERA_MOST_NODES ? ENODEV : textpin_camera_node_path(places, number, path, size);
    if (error == 0)
        error = textpin_camera_ask_node(places, path, &capability);
    if (error == 0)
        textpin_camera_copy_text(card, 32, capability.card, sizeof capability.card);
    return error;
}

// MARK: What a user means

static int32_t resolve_card(const struct textpin_camera_places *places, const char *name, char *path, size_t size)
{
    int32_t partly = -1;
    int32_t error = ENODEV;
    for (int32_t number = 0; number < TEXTPIN_CAMERA_MOST_NODES; number++) {
        char card[32];
        int32_t result = textpin_camera_at_in(places, number, path, size, card);
        if (result == EACCES || result == ENAMETOOLONG)
            error = result;
        if (result != 0)
            continue;
        if (name[0] == '\0' || strcmp(card, name) == 0)
            return 0;
        if (partly < 0 && strcasestr(card, name) != NULL)
            partly = number;
    }
    return partly >= 0 ? textpin_camera_node_path(places, partly, path, size) : error;
}

static int32_t resolve_path(const char *name, char *path, size_t size)
{
    if (access(name, F_OK) != 0)
        return errno == ENOENT ? ENODEV : errno;
    return textpin_camera_write_text(path, size, "%s", name);
}

int32_t textpin_camera_resolve_in(const struct textpin_camera_places *places, const char *name, char *path, size_t size)
{
    char node[PATH_MAX];
    if (strchr(name, '/') != NULL)
        return resolve_path(name, path, size);
    int32_t number = textpin_camera_node_number(name);
    if (number >= 0) {
        int32_t error = textpin_camera_node_path(places, number, node, sizeof node);
        return error == 0 ? resolve_path(node, path, size) : error;
    }
    if (name[0] != '\0' && textpin_camera_write_text(node, sizeof node, "%s/v4l/by-id/%s", places->devices, name) == 0
        && access(node, F_OK) == 0)
        return resolve_path(node, path, size);
    return resolve_card(places, name, path, size);
}

int32_t textpin_camera_resolve(const char *name, char *path, size_t size)
{
    struct textpin_camera_places places = textpin_camera_system_places();
    return textpin_camera_resolve_in(&places, name, path, size);
}

bool textpin_camera_at(int32_t number, char path[32], char card[32])
{
    struct textpin_camera_places places = textpin_camera_system_places();
    return textpin_camera_at_in(&places, number, path, 32, card) == 0;
}
