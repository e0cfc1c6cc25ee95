// Frames from a V4L2 camera, by libv4l2 where it is installed and by the kernel's own calls where it is not.
//
// Capture by memory-mapped buffers, non-blocking. Nothing is allocated here; libv4l2 takes memory of its own when a camera is opened and
// when it converts. One thread may use a camera.
#ifndef TEXTPIN_CAMERA_H
#define TEXTPIN_CAMERA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TEXTPIN_CAMERA_BUFFERS 4

/// How a camera's device is spoken to. Tests put a camera of their own here.
struct textpin_camera_calls {
    int (*open)(const char *path, int flags, ...);
    int (*close)(int file);
    int (*control)(int file, unsigned long request, ...);
    void *(*map)(void *start, size_t length, int protection, int flags, int file, int64_t offset);
    int (*unmap)(void *start, size_t length);
};

/// libv4l2's calls if it is installed, or else the kernel's.
const struct textpin_camera_calls *textpin_camera_system_calls(void);
/// "libv4l2" or "the kernel".
const char *textpin_camera_library(void);

/// V4L2's four letters as a number.
#define TEXTPIN_FOURCC(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

struct textpin_camera_format {
    uint32_t fourcc;
    /// By libv4l2 from another format of the camera's.
    bool is_converted;
};

struct textpin_camera {
    const struct textpin_camera_calls *calls;
    /// Pollable; -1 while closed.
    int32_t file;
    /// Zero-terminated, as the driver says them.
    char card[32];
    char driver[16];

    // What streams, after `start`.
    uint32_t fourcc;
    int32_t width;
    int32_t height;
    /// Bytes from row to row of the first plane; 0 for compressed formats.
    int32_t row_stride;
    /// The bytes of a whole raw frame; the most of a compressed one.
    size_t frame_bytes;
    /// The same with what the driver pads a frame by.
    size_t padded_frame_bytes;
    /// Frames a second in 1/1000, 0 if the driver does not say.
    int32_t rate_thousandths;
    bool is_streaming;
    int32_t buffer_count;
    /// Buffers that the driver has; the others were taken and not given back.
    int32_t queued_count;
    struct {
        uint8_t *bytes;
        size_t count;
        bool is_queued;
    } buffers[TEXTPIN_CAMERA_BUFFERS];
};

/// Opens a capture device. Returns 0 or an errno: ENOTTY for a device that captures no video or cannot stream.
int32_t textpin_camera_open(struct textpin_camera *camera, const struct textpin_camera_calls *calls, const char *path);

/// The format at `index`, from 0. False past the last.
bool textpin_camera_format(const struct textpin_camera *camera, int32_t index, struct textpin_camera_format *format);

/// The smallest offered size that is at least as wide and as high as the wished one, or else the largest. Leaves the wish for a driver that
/// offers no list.
void textpin_camera_nearest_size(const struct textpin_camera *camera, uint32_t fourcc, int32_t *width, int32_t *height);

/// Sets the format, with the rate nearest to `frames_per_second` (0: the driver's), and starts streaming. Returns 0 or an errno: EPROTO where
/// the driver answers with a format other than the one it took, or with sizes that contradict each other.
int32_t textpin_camera_start(struct textpin_camera *camera, uint32_t fourcc, int32_t width, int32_t height, int32_t frames_per_second);

enum textpin_frame_damage {
    TEXTPIN_FRAME_WHOLE = 0,
    /// The driver flagged it (V4L2_BUF_FLAG_ERROR).
    TEXTPIN_FRAME_FLAGGED = 1,
    /// Fewer or more bytes than a raw frame has, or none.
    TEXTPIN_FRAME_WRONG_LENGTH = 2,
    /// Compressed, and without JPEG's markers of begin and end.
    TEXTPIN_FRAME_WRONG_MARKERS = 3,
};

struct textpin_camera_frame {
    const uint8_t *bytes;
    /// Of a JPEG: up to its end marker.
    size_t count;
    /// The kernel's time stamp, monotonic nanoseconds; the time of taking if the driver's clock is another, or its time is still to come.
    int64_t time;
    uint32_t sequence;
    int32_t buffer;
    /// An enum textpin_frame_damage. A damaged frame must be given back like any other, and must not be looked at.
    int32_t damage;
};

/// Takes the oldest frame that is ready. Returns 0, EAGAIN if there is none, or another errno, after which the camera is to be closed.
int32_t textpin_camera_take(struct textpin_camera *camera, struct textpin_camera_frame *frame);
/// Gives a taken buffer back to the driver. Returns 0 or an errno, after which the camera is to be closed.
int32_t textpin_camera_give_back(struct textpin_camera *camera, int32_t buffer);

/// Stops, unmaps and closes; whatever fails on the way, the rest is done. A closed camera may be closed.
void textpin_camera_close(struct textpin_camera *camera);

/// What stays the same of a camera when it is unplugged and plugged in again: USB vendor, product, serial number or else port, and the index
/// of its node; of others driver, card and bus. Zero-terminated text.
struct textpin_camera_identity {
    char text[192];
};

/// Returns 0 or an errno.
int32_t textpin_camera_identify(const char *path, struct textpin_camera_identity *identity);

/// Writes the path of the node that this camera has now. Returns 0, ENODEV if it is not there, or an errno. Never another camera's.
int32_t textpin_camera_find(const struct textpin_camera_identity *identity, char *path, size_t size);

/// Writes the path of the node that a user means: a path (/dev/video0, /dev/v4l/by-id/…), a number, a name in /dev/v4l/by-id, or (part of)
/// a card's name; an empty text means the first camera. Returns 0, ENODEV if there is none, or an errno.
int32_t textpin_camera_resolve(const char *name, char *path, size_t size);

/// Describes the capture node of a number (below 64) for lists: its path and card. False where there is none.
bool textpin_camera_at(int32_t number, char path[32], char card[32]);

#endif
