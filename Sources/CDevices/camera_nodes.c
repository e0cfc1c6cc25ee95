#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera_internal.h"
#include "textpin_camera_places.h"

// The numbers of nodes that are looked at; boards with many decoders have about 40.
enum { MOST_NODES = 64, LONGEST_SERIAL = 96 };

static struct textpin_camera_places system_places(void)
{
    return (struct textpin_camera_places){"/dev", "/sys/class/video4linux", textpin_camera_kernel_calls()};
}

__attribute__((format(printf, 3, 4))) static int32_t write_text(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return count >= 0 && (size_t)count < size ? 0 : ENAMETOOLONG;
}

static int32_t node_path(const struct textpin_camera_places *places, int32_t number, char *path, size_t size)
{
    return write_text(path, size, "%s/video%d", places->devices, number);
}

// The number that a whole text is; -1 if it is none, or none of a node's.
static int32_t number_of(const char *text)
{
    size_t count = strlen(text);
    if (count < 1 || count > 4 || strspn(text, "0123456789") != count)
        return -1;
    int32_t number = (int32_t)strtol(text, NULL, 10);
    return number < MOST_NODES ? number : -1;
}

// MARK: What a node is

static int32_t ask_node(const struct textpin_camera_places *places, const char *path, struct v4l2_capability *capability)
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
    int32_t error = number < 0 || number >= MOST_NODES ? ENODEV : node_path(places, number, path, size);
    if (error == 0)
        error = ask_node(places, path, &capability);
    if (error == 0)
        textpin_camera_copy_text(card, 32, capability.card, sizeof capability.card);
    return error;
}

// MARK: Identity

// The first line of a file of a node's folder. False if it cannot be read, is empty, or is longer than `text`.
static bool read_attribute(const struct textpin_camera_places *places, int32_t number, const char *name, char *text, size_t size)
{
    char path[PATH_MAX];
    if (write_text(path, sizeof path, "%s/video%d/%s", places->classes, number, name) != 0)
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t count = read(file, text, size);
    close(file);
    if (count <= 0)
        return false;
    const char *end = memchr(text, '\n', (size_t)count);
    size_t length = end != NULL ? (size_t)(end - text) : (size_t)count;
    if (length < 1 || length >= size)
        return false;
    text[length] = '\0';
    return true;
}

// The port that a USB camera is plugged into, by its device's name: "1-1.2" of the interface "1-1.2:1.0".
static bool read_port(const struct textpin_camera_places *places, int32_t number, char port[32])
{
    char path[PATH_MAX];
    char target[PATH_MAX];
    if (write_text(path, sizeof path, "%s/video%d/device", places->classes, number) != 0)
        return false;
    ssize_t count = readlink(path, target, sizeof target - 1);
    if (count <= 0)
        return false;
    target[count] = '\0';
    const char *slash = strrchr(target, '/');
    const char *name = slash != NULL ? slash + 1 : target;
    return write_text(port, 32, "%.*s", (int)strcspn(name, ":"), name) == 0 && port[0] != '\0';
}

struct usb_node {
    char vendor[8];
    char product[8];
    char index[8];
    // Empty for a camera without one.
    char serial[LONGEST_SERIAL];
};

static bool read_usb_node(const struct textpin_camera_places *places, int32_t number, struct usb_node *node)
{
    // The folder `device` is the interface's, and the device's is the one above.
    if (!read_attribute(places, number, "device/../idVendor", node->vendor, sizeof node->vendor)
        || !read_attribute(places, number, "device/../idProduct", node->product, sizeof node->product)
        || !read_attribute(places, number, "index", node->index, sizeof node->index))
        return false;
    if (!read_attribute(places, number, "device/../serial", node->serial, sizeof node->serial))
        node->serial[0] = '\0';
    return true;
}

static bool is_same_usb_node(const struct usb_node *a, const struct usb_node *b)
{
    return strcmp(a->vendor, b->vendor) == 0 && strcmp(a->product, b->product) == 0 && strcmp(a->index, b->index) == 0
        && strcmp(a->serial, b->serial) == 0;
}

// Makers give one serial number to all cameras of a kind, too.
static bool has_twin(const struct textpin_camera_places *places, int32_t number, const struct usb_node *node)
{
    for (int32_t other = 0; other < MOST_NODES; other++) {
        struct usb_node other_node;
        if (other != number && read_usb_node(places, other, &other_node) && is_same_usb_node(node, &other_node))
            return true;
    }
    return false;
}

enum identity_kind { BY_SERIAL, BY_PORT, BY_DRIVER };

static enum identity_kind kind_of(const struct textpin_camera_identity *identity)
{
    if (strncmp(identity->text, "usb serial ", 11) == 0)
        return BY_SERIAL;
    return strncmp(identity->text, "usb port ", 9) == 0 ? BY_PORT : BY_DRIVER;
}

static int32_t write_identity(
    const struct textpin_camera_places *places, int32_t number, enum identity_kind kind, struct textpin_camera_identity *identity)
{
    struct usb_node node;
    char port[32];
    char path[PATH_MAX];
    struct v4l2_capability capability;
    *identity = (struct textpin_camera_identity){0};
    bool is_usb = read_usb_node(places, number, &node);
    switch (kind) {
    case BY_SERIAL:
        if (!is_usb || node.serial[0] == '\0')
            return ENODEV;
        return write_text(
            identity->text, sizeof identity->text, "usb serial %s %s:%s node %s", node.serial, node.vendor, node.product, node.index);
    case BY_PORT:
        if (!is_usb || !read_port(places, number, port))
            return ENODEV;
        return write_text(
            identity->text, sizeof identity->text, "usb port %s %s:%s node %s", port, node.vendor, node.product, node.index);
    case BY_DRIVER:
        break;
    }
    int32_t error = is_usb ? ENODEV : node_path(places, number, path, sizeof path);
    if (error == 0)
        error = ask_node(places, path, &capability);
    if (error != 0)
        return error;
    char driver[17], card[33], bus[33];
    textpin_camera_copy_text(driver, sizeof driver, capability.driver, sizeof capability.driver);
    textpin_camera_copy_text(card, sizeof card, capability.card, sizeof capability.card);
    textpin_camera_copy_text(bus, sizeof bus, capability.bus_info, sizeof capability.bus_info);
    return write_text(identity->text, sizeof identity->text, "driver %s, card %s, bus %s", driver, card, bus);
}

int32_t textpin_camera_identify_in(const struct textpin_camera_places *places, const char *path, struct textpin_camera_identity *identity)
{
    char node[PATH_MAX];
    if (realpath(path, node) == NULL)
        return errno;
    const char *name = strrchr(node, '/') + 1;
    int32_t number = strncmp(name, "video", 5) == 0 ? number_of(name + 5) : -1;
    if (number < 0)
        return ENOTTY;
    struct usb_node usb;
    enum identity_kind kind = BY_DRIVER;
    if (read_usb_node(places, number, &usb))
        kind = usb.serial[0] != '\0' && !has_twin(places, number, &usb) ? BY_SERIAL : BY_PORT;
    return write_identity(places, number, kind, identity);
}

int32_t textpin_camera_find_in(
    const struct textpin_camera_places *places, const struct textpin_camera_identity *identity, char *path, size_t size)
{
    enum identity_kind kind = kind_of(identity);
    int32_t found = -1;
    for (int32_t number = 0; number < MOST_NODES; number++) {
        struct textpin_camera_identity other;
        if (write_identity(places, number, kind, &other) != 0 || strcmp(identity->text, other.text) != 0)
            continue;
        // Two that cannot be told apart: one of them is another camera.
        if (found >= 0)
            return ENODEV;
        found = number;
    }
    return found >= 0 ? node_path(places, found, path, size) : ENODEV;
}

// MARK: What a user means

static int32_t resolve_card(const struct textpin_camera_places *places, const char *name, char *path, size_t size)
{
    int32_t partly = -1;
    int32_t error = ENODEV;
    for (int32_t number = 0; number < MOST_NODES; number++) {
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
    return partly >= 0 ? node_path(places, partly, path, size) : error;
}

static int32_t resolve_path(const char *name, char *path, size_t size)
{
    if (access(name, F_OK) != 0)
        return errno == ENOENT ? ENODEV : errno;
    return write_text(path, size, "%s", name);
}

int32_t textpin_camera_resolve_in(const struct textpin_camera_places *places, const char *name, char *path, size_t size)
{
    char node[PATH_MAX];
    if (strchr(name, '/') != NULL)
        return resolve_path(name, path, size);
    int32_t number = number_of(name);
    if (number >= 0) {
        int32_t error = node_path(places, number, node, sizeof node);
        return error == 0 ? resolve_path(node, path, size) : error;
    }
    if (name[0] != '\0' && write_text(node, sizeof node, "%s/v4l/by-id/%s", places->devices, name) == 0 && access(node, F_OK) == 0)
        return resolve_path(node, path, size);
    return resolve_card(places, name, path, size);
}

// MARK: The system's own

int32_t textpin_camera_identify(const char *path, struct textpin_camera_identity *identity)
{
    struct textpin_camera_places places = system_places();
    return textpin_camera_identify_in(&places, path, identity);
}

int32_t textpin_camera_find(const struct textpin_camera_identity *identity, char *path, size_t size)
{
    struct textpin_camera_places places = system_places();
    return textpin_camera_find_in(&places, identity, path, size);
}

int32_t textpin_camera_resolve(const char *name, char *path, size_t size)
{
    struct textpin_camera_places places = system_places();
    return textpin_camera_resolve_in(&places, name, path, size);
}

bool textpin_camera_at(int32_t number, char path[32], char card[32])
{
    struct textpin_camera_places places = system_places();
    return textpin_camera_at_in(&places, number, path, 32, card) == 0;
}
