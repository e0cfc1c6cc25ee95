// What the camera's files share.
#ifndef TEXTPIN_CAMERA_INTERNAL_H
#define TEXTPIN_CAMERA_INTERNAL_H

#include <linux/videodev2.h>

#include "textpin_camera.h"

/// The kernel's own calls, which tell what a node is without libv4l2's asking for all that it offers.
const struct textpin_camera_calls *textpin_camera_kernel_calls(void);

/// Opens a device for non-blocking capture. Returns its descriptor, or an errno as a negative number.
int32_t textpin_camera_open_file(const struct textpin_camera_calls *calls, const char *path);

/// Asks a driver; again when a signal interrupts. Returns 0 or an errno.
int32_t textpin_camera_control(const struct textpin_camera_calls *calls, int32_t file, unsigned long request, void *argument);

/// What this node can do, of all that its device can.
uint32_t textpin_camera_capabilities(const struct v4l2_capability *capability);

/// Copies text that a driver should have ended with a zero.
void textpin_camera_copy_text(char *to, size_t size, const uint8_t *from, size_t from_size);

/// The length of the JPEG that starts a buffer, up to and with its end marker; 0 if there is none, or no end.
size_t textpin_jpeg_length(const uint8_t *bytes, size_t count);

#endif
