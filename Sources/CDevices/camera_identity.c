#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera_internal.h"

// Longer ones are none to us, and the port is taken.
enum { LONGEST_SERIAL = 96 };

// The first line of a file of a node's folder. False if it cannot be read, is empty, or is longer than `text`.
static bool read_attribute(const struct textpin_camera_places *places, int32_t number, const char *name, char *text, size_t size)
{
    char path[PATH_MAX];
    if (textpin_camera_write_text(path, sizeof path, "%s/video%d/%s", places->classes, number, name) != 0)
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

struct usb_node {
    char vendor[8];
    char product[8];
    // Empty for a camera without one.
    char serial[LONGEST_SERIAL];
    // Where its device is plugged in: "1-1.2" of the interface "1-1.2:1.0".
    char port[32];
    // Which of the device's cameras it is, a colour and an infrared one say: "1.0".
    char interface[8];
    // Which of the interface's nodes: one has pictures, another their metadata.
    char index[8];
};

static bool read_port(const struct textpin_camera_places *places, int32_t number, struct usb_node *node)
{
    char path[PATH_MAX];
    char target[PATH_MAX];
    if (textpin_camera_write_text(path, sizeof path, "%s/video%d/device", places->classes, number) != 0)
        return false;
    ssize_t count = readlink(path, target, sizeof target - 1);
    if (count <= 0)
        return false;
    target[count] = '\0';
    const char *slash = strrchr(target, '/');
    const char *port = slash != NULL ? slash + 1 : target;
    const char *colon = strchr(port, ':');
    return colon != NULL && textpin_camera_write_text(node->port, sizeof node->port, "%.*s", (int)(colon - port), port) == 0
        && textpin_camera_write_text(node->interface, sizeof node->interface, "%s", colon + 1) == 0;
}

static bool read_usb_node(const struct textpin_camera_places *places, int32_t number, struct usb_node *node)
{
    // The folder `device` is the interface's, and the device's is the one above.
    if (!read_attribute(places, number, "device/../idVendor", node->vendor, sizeof node->vendor)
        || !read_attribute(places, number, "device/../idProduct", node->product, sizeof node->product)
        || !read_attribute(places, number, "index", node->index, sizeof node->index) || !read_port(places, number, node))
        return false;
    if (!read_attribute(places, number, "device/../serial", node->serial, sizeof node->serial))
        node->serial[0] = '\0';
    return true;
}

static bool is_same_but_for_port(const struct usb_node *a, const struct usb_node *b)
{
    return strcmp(a->vendor, b->vendor) == 0 && strcmp(a->product, b->product) == 0 && strcmp(a->serial, b->serial) == 0
        && strcmp(a->interface, b->interface) == 0 && strcmp(a->index, b->index) == 0;
}

// Makers give one serial number to all cameras of a kind, too.
static bool has_twin(const struct textpin_camera_places *places, int32_t number, const struct usb_node *node)
{
    for (int32_t other = 0; other < TEXTPIN_CAMERA_MOST_NODES; other++) {
        struct usb_node other_node;
        if (other != number && read_usb_node(places, other, &other_node) && is_same_but_for_port(node, &other_node))
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

// What a device says of itself comes last, so that it can look like nothing else.
static int32_t write_usb_identity(const struct usb_node *node, bool is_by_serial, struct textpin_camera_identity *identity)
{
    return textpin_camera_write_text(
        identity->text, sizeof identity->text, "usb %s of %s:%s, interface %s, node %s: %s", is_by_serial ? "serial" : "port", node->vendor,
        node->product, node->interface, node->index, is_by_serial ? node->serial : node->port);
}

static int32_t write_driver_identity(const struct textpin_camera_places *places, int32_t number, struct textpin_camera_identity *identity)
{
    char path[PATH_MAX];
    struct v4l2_capability capability;
    int32_t error = textpin_camera_node_path(places, number, path, sizeof path);
    if (error == 0)
        error = textpin_camera_ask_node(places, path, &capability);
    if (error != 0)
        return error;
    char driver[17], card[33], bus[33];
    textpin_camera_copy_text(driver, sizeof driver, capability.driver, sizeof capability.driver);
    textpin_camera_copy_text(card, sizeof card, capability.card, sizeof capability.card);
    textpin_camera_copy_text(bus, sizeof bus, capability.bus_info, sizeof capability.bus_info);
    return textpin_camera_write_text(identity->text, sizeof identity->text, "driver %s, card %s, bus %s", driver, card, bus);
}

static int32_t write_identity(
    const struct textpin_camera_places *places, int32_t number, enum identity_kind kind, struct textpin_camera_identity *identity)
{
    struct usb_node node;
    if (read_usb_node(places, number, &node))
        return write_usb_identity(&node, kind == BY_SERIAL, identity);
    // Opening a node can wake what is behind it, so that is left alone for a camera that it cannot be.
    return kind == BY_DRIVER ? write_driver_identity(places, number, identity) : ENODEV;
}

int32_t textpin_camera_identify_in(const struct textpin_camera_places *places, const char *path, struct textpin_camera_identity *identity)
{
    char node[PATH_MAX];
    if (realpath(path, node) == NULL)
        return errno;
    const char *name = strrchr(node, '/') + 1;
    int32_t number = strncmp(name, "video", 5) == 0 ? textpin_camera_node_number(name + 5) : -1;
    if (number < 0)
        return ENOTTY;
    *identity = (struct textpin_camera_identity){0};
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
    for (int32_t number = 0; number < TEXTPIN_CAMERA_MOST_NODES; number++) {
        struct textpin_camera_identity other;
        if (write_identity(places, number, kind, &other) != 0 || strcmp(identity->text, other.text) != 0)
            continue;
        // Two that cannot be told apart: one of them is another camera.
        if (found >= 0)
            return ENODEV;
        found = number;
    }
    return found >= 0 ? textpin_camera_node_path(places, found, path, size) : ENODEV;
}

int32_t textpin_camera_identify(const char *path, struct textpin_camera_identity *identity)
{
    struct textpin_camera_places places = textpin_camera_system_places();
    return textpin_camera_identify_in(&places, path, identity);
}

int32_t textpin_camera_find(const struct textpin_camera_identity *identity, char *path, size_t size)
{
    struct textpin_camera_places places = textpin_camera_system_places();
    return textpin_camera_find_in(&places, identity, path, size);
}
