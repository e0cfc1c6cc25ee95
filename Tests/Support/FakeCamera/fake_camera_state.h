// What the script of a fake camera and its driver share.
#ifndef FAKE_CAMERA_STATE_H
#define FAKE_CAMERA_STATE_H

#include <linux/videodev2.h>
#include <pthread.h>

#include "fake_camera.h"

enum {
    MOST_CAMERAS = 256,
    MOST_FORMATS = 16,
    MOST_SIZES = 16,
    MOST_FILES = 4,
    MOST_BUFFERS = 8,
    MOST_MAPPINGS = 2 * MOST_BUFFERS,
    FAULT_KINDS = FAKE_CAMERA_CLOSE + 1,
};

struct offered_format {
    uint32_t fourcc;
    bool is_converted;
    // Sizes, or one range.
    bool has_range;
    struct v4l2_frmsize_stepwise range;
    int32_t size_count;
    struct v4l2_frmsize_discrete sizes[MOST_SIZES];
};

enum buffer_state { WITH_PROGRAM, QUEUED, READY };

struct driver_buffer {
    enum buffer_state state;
    uint32_t bytes_used;
    uint32_t flags;
    uint32_t sequence;
    int64_t time;
    // Where it stands in the line of queued or ready buffers.
    uint64_t order;
};

// Memory that ends at a page that may not be read.
struct mapping {
    uint8_t *bytes;
    uint8_t *pages;
    size_t page_bytes;
};

// The ends of a pipe with a byte for each frame that is ready: the program polls one; -1 while closed.
struct open_file {
    int program_end;
    int driver_end;
};

struct fake_camera {
    bool is_used;
    bool is_plugged;
    bool is_silent;
    char path[128];
    char driver[16];
    char card[32];
    uint32_t capabilities;
    uint32_t row_padding;
    int32_t format_count;
    struct offered_format formats[MOST_FORMATS];
    struct open_file files[MOST_FILES];

    // The stream, and the file that has it; null while there are no buffers.
    struct open_file *owner;
    struct v4l2_pix_format format;
    uint32_t rate;
    bool is_streaming;
    uint32_t buffer_count;
    uint32_t buffer_length;
    struct driver_buffer buffers[MOST_BUFFERS];
    // The buffers' memory as a file, the driver's own view of it, and the program's; the program's may last longer.
    int memory;
    struct mapping driver_mappings[MOST_BUFFERS];
    struct mapping program_mappings[MOST_MAPPINGS];
    uint64_t order;
    uint32_t sequence;

    fake_camera_maker maker;
    void *maker_context;

    struct {
        uint64_t calls_until;
        int error;
    } faults[FAULT_KINDS];
    unsigned long failing_request;
    int request_error;
    bool lies[FAKE_CAMERA_ANSWERS];
    uint32_t lie_values[FAKE_CAMERA_ANSWERS];

    struct fake_camera_counts counts;
};

/// Of all cameras.
extern pthread_mutex_t fake_camera_lock;
extern struct fake_camera fake_cameras[MOST_CAMERAS];

/// The buffer that came first into a state; null if none is in it.
struct driver_buffer *fake_camera_first(struct fake_camera *camera, enum buffer_state state);
/// Where the driver writes a buffer's bytes.
uint8_t *fake_camera_bytes(struct fake_camera *camera, const struct driver_buffer *buffer);
/// Moves a queued buffer that was filled to the ready ones.
void fake_camera_make_ready(struct fake_camera *camera, struct driver_buffer *buffer);
/// Has the maker, if there is one, fill a buffer, if no frame is ready.
void fake_camera_make_frame(struct fake_camera *camera);
/// Maps part of a file, up to a page that may not be read. False if the system is out of memory.
bool fake_camera_map_to_guard(struct mapping *mapping, int memory, uint32_t index, size_t length);
void fake_camera_unmap(struct mapping *mapping);
/// Allocates buffers of the driver's. False if the system is out of memory.
bool fake_camera_allocate(struct fake_camera *camera, struct open_file *owner, uint32_t count, uint32_t length);
/// Ends the stream: all buffers are the program's, and no frame is ready.
void fake_camera_stop(struct fake_camera *camera);
/// Ends the stream and frees its buffers; what the program has mapped stays.
void fake_camera_free_buffers(struct fake_camera *camera);
/// Does what a control asks for. Returns 0 or an errno.
int fake_camera_answer(struct fake_camera *camera, struct open_file *file, unsigned long request, void *argument);

#endif
