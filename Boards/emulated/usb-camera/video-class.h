// What makes a USB device a camera: descriptors and requests of the USB Video Class 1.0, with one bulk endpoint.
#ifndef TEXTPIN_VIDEO_CLASS_H
#define TEXTPIN_VIDEO_CLASS_H

#include "usb-ip.h"

enum video_format { VIDEO_YUYV, VIDEO_MJPG, VIDEO_FORMATS };

/// A payload: a header and pixels. uvcvideo takes at most 32 packets of 512 bytes at once.
#define VIDEO_PAYLOAD 16384

struct video_camera {
    uint16_t width;
    uint16_t height;
    uint32_t frames_per_second;
    const char *serial_number;
    /// In the order in which they are offered.
    enum video_format formats[VIDEO_FORMATS];
    uint8_t format_count;
    /// What the host has asked for: an index of `formats`.
    uint8_t format;
    bool is_streaming;
};

/// A `usb_control` whose context is a struct video_camera.
int32_t video_control(void *camera, struct usb_request request, uint8_t data[USB_IP_ANSWER]);

#endif
