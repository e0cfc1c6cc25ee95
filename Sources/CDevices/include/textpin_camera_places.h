// Where cameras are looked for. Programs look in the system's own places, by the functions of textpin_camera.h; tests make a tree of theirs.
#ifndef TEXTPIN_CAMERA_PLACES_H
#define TEXTPIN_CAMERA_PLACES_H

#include "textpin_camera.h"

struct textpin_camera_places {
    /// /dev: the nodes, and in v4l/by-id links to them.
    const char *devices;
    /// /sys/class/video4linux: a folder for each node, with a link `device` to what it belongs to.
    const char *classes;
    /// By which nodes say what they are.
    const struct textpin_camera_calls *calls;
};

int32_t textpin_camera_identify_in(const struct textpin_camera_places *places, const char *path, struct textpin_camera_identity *identity);
int32_t textpin_camera_find_in(
    const struct textpin_camera_places *places, const struct textpin_camera_identity *identity, char *path, size_t size);
int32_t textpin_camera_resolve_in(const struct textpin_camera_places *places, const char *name, char *path, size_t size);
int32_t textpin_camera_at_in(const struct textpin_camera_places *places, int32_t number, char *path, size_t size, char card[32]);

#endif
