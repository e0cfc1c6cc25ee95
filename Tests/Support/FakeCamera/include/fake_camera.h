// A camera that does what a test tells it to, behind the calls that a real one is spoken to by.
//
// Each test makes cameras of its own, so tests may run at the same time. Any thread may call. Like a driver, a camera checks the order of
// what is asked of it (no second queueing of a buffer, no new format while buffers exist), and buffers end at a page that may not be read.
//
//     struct fake_camera *camera = fake_camera_create();
//     fake_camera_offer(camera, TEXTPIN_FOURCC('Y', 'U', 'Y', 'V'), 64, 48);
//     textpin_camera_open(&opened, fake_camera_calls(), fake_camera_path(camera));
//     ...
//     fake_camera_push(camera, bytes, 64 * 48 * 2, 0, 1000);   // or fake_camera_play, and frames come by themselves
//     ...
//     fake_camera_destroy(camera);
#ifndef FAKE_CAMERA_H
#define FAKE_CAMERA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "textpin_camera.h"

struct fake_camera;

/// What `textpin_camera_open` takes; one table for all fake cameras, which are told apart by their paths.
const struct textpin_camera_calls *fake_camera_calls(void);

/// A plugged-in camera that offers no format yet; null if 256 are in use.
struct fake_camera *fake_camera_create(void);
/// Ends a camera and frees what is still open or mapped of it.
void fake_camera_destroy(struct fake_camera *camera);
/// Opens this camera, and no other; /dev/fake-camera/N/video0.
const char *fake_camera_path(const struct fake_camera *camera);
/// Lets the camera be opened by another path: what a replug as another /dev/videoN is.
void fake_camera_move(struct fake_camera *camera, const char *path);

// What it is and offers. To be said before it is opened; a format that changes at a replug is `forget_offers` and other `offer`s.

/// At first "fake" and "Fake Camera".
void fake_camera_name(struct fake_camera *camera, const char *driver, const char *card);
/// V4L2_CAP_… of the node; at first video capture and streaming.
void fake_camera_set_capabilities(struct fake_camera *camera, uint32_t capabilities);
/// Offers a size of a format; formats are listed in the order of their first size. At most 16 sizes.
void fake_camera_offer(struct fake_camera *camera, uint32_t fourcc, uint32_t width, uint32_t height);
/// Offers a range of sizes of a format.
void fake_camera_offer_range(
    struct fake_camera *camera, uint32_t fourcc, uint32_t least_width, uint32_t most_width, uint32_t width_step, uint32_t least_height,
    uint32_t most_height, uint32_t height_step);
/// Marks a format as converted by libv4l2.
void fake_camera_mark_converted(struct fake_camera *camera, uint32_t fourcc);
void fake_camera_forget_offers(struct fake_camera *camera);
/// Bytes behind each row of raw formats; at first 0.
void fake_camera_pad_rows(struct fake_camera *camera, uint32_t bytes);

// Frames. A frame needs a buffer that the program has queued: without one it is lost, and its sequence number with it.

/// Time of a frame whose driver does not use the monotonic clock.
#define FAKE_CAMERA_OTHER_CLOCK INT64_MIN

/// Makes a frame of `count` bytes ready. `flags` are V4L2_BUF_FLAG_ERROR or 0, `time` monotonic nanoseconds (whole microseconds reach the
/// program). False if it was lost: not streaming, no buffer queued, or more bytes than a buffer has.
bool fake_camera_push(struct fake_camera *camera, const void *bytes, size_t count, uint32_t flags, int64_t time);

/// What a maker of frames writes into a buffer.
struct fake_camera_frame {
    uint8_t *bytes;
    size_t capacity;
    uint32_t fourcc;
    uint32_t width;
    uint32_t height;
    uint32_t row_stride;
    uint32_t sequence;
    /// To be set: at first all bytes of a raw frame, or 0 of a compressed one.
    size_t count;
    /// To be set: at first 0, and the time now.
    uint32_t flags;
    int64_t time;
};
/// Returns false for no frame this time: a silent camera.
typedef bool (*fake_camera_maker)(void *context, struct fake_camera_frame *frame);

/// Has the camera make frames by itself: one when streaming starts, and one whenever a buffer is given back and no frame is ready. So one
/// frame is ready at most, and the next comes after the program gave one back. Null: no more. A maker is called with the camera locked.
void fake_camera_play(struct fake_camera *camera, fake_camera_maker maker, void *context);
/// Makers of raw frames: `context` points to a byte that all bytes of a frame have; noise that the sequence number seeds.
bool fake_camera_make_plain(void *context, struct fake_camera_frame *frame);
bool fake_camera_make_noise(void *context, struct fake_camera_frame *frame);
/// While silent, neither `play` nor `push` makes a frame ready; after silence `play` goes on.
void fake_camera_set_silent(struct fake_camera *camera, bool is_silent);
/// The sequence number of the next frame.
void fake_camera_set_sequence(struct fake_camera *camera, uint32_t sequence);

// Faults.

/// From now on every call answers ENODEV and opening ENOENT; who polls sees POLLHUP.
void fake_camera_unplug(struct fake_camera *camera);
/// Makes it openable again. Who still has it open goes on seeing ENODEV.
void fake_camera_plug(struct fake_camera *camera);

enum fake_camera_call {
    FAKE_CAMERA_OPEN,
    FAKE_CAMERA_CONTROL,
    FAKE_CAMERA_MAP,
    FAKE_CAMERA_UNMAP,
    FAKE_CAMERA_CLOSE,
};
/// Has the `k`-th call of a kind from now, counted from 1, fail once with an errno; k = 0 takes that back. What fails has no effect, but a
/// file is closed nevertheless, as Linux does.
void fake_camera_fail(struct fake_camera *camera, enum fake_camera_call call, uint64_t k, int error);
/// Has all controls of a request (VIDIOC_…) fail with an errno until it is taken back with error = 0. One request at a time.
void fake_camera_fail_request(struct fake_camera *camera, unsigned long request, int error);

/// An answer of the driver's that is replaced by a wrong one.
enum fake_camera_answer {
    FAKE_CAMERA_FOURCC,
    FAKE_CAMERA_WIDTH,
    FAKE_CAMERA_HEIGHT,
    FAKE_CAMERA_ROW_STRIDE,
    FAKE_CAMERA_IMAGE_BYTES,
    /// Of VIDIOC_REQBUFS.
    FAKE_CAMERA_BUFFER_COUNT,
    /// Of VIDIOC_QUERYBUF.
    FAKE_CAMERA_BUFFER_LENGTH,
    /// Of VIDIOC_DQBUF.
    FAKE_CAMERA_BUFFER_INDEX,
    FAKE_CAMERA_BYTES_USED,
    FAKE_CAMERA_ANSWERS,
};
void fake_camera_lie(struct fake_camera *camera, enum fake_camera_answer answer, uint32_t value);
void fake_camera_tell_truth(struct fake_camera *camera);

// What happened.

struct fake_camera_counts {
    /// Now: a program that closed its camera leaves both 0.
    int32_t open_files;
    int32_t maps;
    /// Since `create`.
    uint64_t opens;
    uint64_t controls;
    uint64_t frames_ready;
    uint64_t frames_lost;
    uint64_t frames_taken;
    /// Requests that no driver would grant: a buffer queued twice, a format set while buffers exist, a frame taken without a stream.
    uint64_t violations;
};
struct fake_camera_counts fake_camera_count(const struct fake_camera *camera);
/// Of the frames per second that VIDIOC_S_PARM asked for, in 1/1000; 0 if it did not.
uint32_t fake_camera_asked_rate(const struct fake_camera *camera);

#endif
