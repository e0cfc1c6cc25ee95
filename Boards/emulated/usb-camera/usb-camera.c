// A scripted USB camera, for a kernel with vhci_hcd and uvcvideo. It says on its standard output what it does, a line each with the time in
// milliseconds, so that a test knows what the camera showed without asking who looked.
//
// usage: usb-camera [--size 320x240] [--rate 10] [--formats YUYV,MJPG] [--serial TEXT] [--port 0]
// The script comes on standard input, a step a line:
//     show FILE [FRAMES] [FAULT]   Sends the file's bytes as a frame, that often, or until the next line comes.
//         error    every payload has the error bit         half     half of the bytes
//         torn     half of the bytes, and no end           double   the bytes twice
//     silence [FRAMES]             Sends nothing for as long.
//     unplug                       Ends. So do a signal, and the script's end behind a step that is counted.
// Nothing is counted while nobody looks.
// Exit status: 64 for a wrong command line, 65 for a wrong script, 69 where it cannot be plugged in, 70 if the kernel hangs up.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "video-class.h"

enum fault { FAULT_NONE, FAULT_ERROR, FAULT_HALF, FAULT_TORN, FAULT_DOUBLE };

struct step {
    bool is_showing;
    /// Lasts until the next line comes.
    bool is_lasting;
    uint32_t frames_left;
    enum fault fault;
    char name[256];
    const uint8_t *bytes;
    size_t size;
};

struct show {
    struct usb_ip usb;
    struct video_camera camera;
    /// At first a silence of no frames.
    struct step step;
    /// A frame is on its way.
    bool is_sending;
    size_t sent;
    uint8_t frame_bit;
    uint32_t number;
    int64_t next_time;
    /// What has come of the script and was not taken yet.
    char script[4096];
    size_t script_size;
    bool is_script_read;
    bool has_ended;
};

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("%lld ", (long long)milliseconds());
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
}

__attribute__((format(printf, 2, 3), noreturn)) static void fail(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("usb-camera: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(status);
}

/// A number from 1 to `most`.
static uint32_t number(const char *text, uint32_t most, const char *what) {
    char *end = NULL;
    errno = 0;
    unsigned long value = text == NULL ? 0 : strtoul(text, &end, 10);
    if (errno != 0 || text == NULL || *end != 0 || value < 1 || value > most) {
        fail(65, "'%s' is no %s: a number from 1 to %u was expected.", text == NULL ? "" : text, what, most);
    }
    return (uint32_t)value;
}

static void open_picture(struct step *step) {
    struct stat status;
    int file = open(step->name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) {
        fail(65, "%s: %s.", step->name, strerror(errno));
    }
    if (!S_ISREG(status.st_mode) || status.st_size < 4) {
        fail(65, "%s is no file with a picture.", step->name);
    }
    step->size = (size_t)status.st_size;
    void *bytes = mmap(NULL, step->size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (bytes == MAP_FAILED) {
        fail(65, "%s: %s.", step->name, strerror(errno));
    }
    step->bytes = bytes;
}

static enum fault fault_named(const char *word) {
    static const char *names[] = {[FAULT_ERROR] = "error", [FAULT_HALF] = "half", [FAULT_TORN] = "torn", [FAULT_DOUBLE] = "double"};
    for (int fault = FAULT_ERROR; fault <= FAULT_DOUBLE; fault++) {
        if (strcmp(word, names[fault]) == 0) {
            return (enum fault)fault;
        }
    }
    return FAULT_NONE;
}

static void take_line(struct show *show, char *line) {
    struct step step = {0};
    char *place = NULL, *verb = strtok_r(line, " \t", &place);
    if (verb == NULL || verb[0] == '#') {
        return;
    }
    say("step %s%s%s", verb, *place != 0 ? " " : "", place);
    if (strcmp(verb, "unplug") == 0) {
        show->has_ended = true;
        return;
    }
    if (strcmp(verb, "show") == 0) {
        char *name = strtok_r(NULL, " \t", &place);
        if (name == NULL || strlen(name) >= sizeof(step.name)) {
            fail(65, "show needs a file's name.");
        }
        strcpy(step.name, name);
        step.is_showing = true;
        open_picture(&step);
    } else if (strcmp(verb, "silence") != 0) {
        fail(65, "'%s' is no step: show, silence or unplug was expected.", verb);
    }
    step.is_lasting = true;
    for (char *word; (word = strtok_r(NULL, " \t", &place)) != NULL;) {
        enum fault fault = step.is_showing ? fault_named(word) : FAULT_NONE;
        if (fault != FAULT_NONE) {
            step.fault = fault;
        } else {
            step.frames_left = number(word, 1000000000, "number of frames or fault");
            step.is_lasting = false;
        }
    }
    if (show->step.bytes != NULL) {
        munmap((void *)show->step.bytes, show->step.size);
    }
    show->step = step;
}

/// Takes the script's next line. False if it is not there.
static bool take_next_line(struct show *show) {
    char line[sizeof(show->script)];
    char *end = memchr(show->script, '\n', show->script_size);
    if (end == NULL) {
        return false;
    }
    *end = 0;
    size_t size = (size_t)(end - show->script) + 1;
    memcpy(line, show->script, size);
    show->script_size -= size;
    memmove(show->script, end + 1, show->script_size);
    take_line(show, line);
    return true;
}

static void read_script(struct show *show) {
    size_t room = sizeof(show->script) - show->script_size;
    ssize_t count = room == 0 ? -1 : read(STDIN_FILENO, show->script + show->script_size, room);
    if (count < 0) {
        fail(65, "the script cannot be read, or has too many lines at once.");
    }
    show->script_size += (size_t)count;
    show->is_script_read = count == 0;
}

/// Sends as much of the current frame as the host has asked for.
static bool send_payloads(struct show *show) {
    enum { END_OF_HEADER = 0x80, ERROR = 0x40, END_OF_FRAME = 0x02, HEADER = 2 };
    struct step *step = &show->step;
    size_t size = step->size;
    if (step->fault == FAULT_HALF || step->fault == FAULT_TORN) {
        size /= 2;
    } else if (step->fault == FAULT_DOUBLE) {
        size *= 2;
    }
    while (show->is_sending && show->usb.waiting_count > 0) {
        static uint8_t payload[VIDEO_PAYLOAD];
        size_t room = show->usb.waiting[0].size < VIDEO_PAYLOAD ? show->usb.waiting[0].size : VIDEO_PAYLOAD;
        if (room <= HEADER) {
            return false;
        }
        size_t count = size - show->sent < room - HEADER ? size - show->sent : room - HEADER;
        bool is_last = show->sent + count == size;
        payload[0] = HEADER;
        payload[1] = END_OF_HEADER | show->frame_bit;
        payload[1] |= step->fault == FAULT_ERROR ? ERROR : 0;
        payload[1] |= is_last && step->fault != FAULT_TORN ? END_OF_FRAME : 0;
        for (size_t i = 0; i < count; i++) {
            payload[HEADER + i] = step->bytes[(show->sent + i) % step->size];
        }
        show->sent += count;
        if (is_last) {
            show->is_sending = false;
            show->number += 1;
            say("frame %u %s", show->number, step->name);
        }
        if (!usb_ip_send(&show->usb, payload, (uint32_t)(HEADER + count))) {
            return false;
        }
    }
    return true;
}

/// Begins a frame when it is time. A step is left behind only between frames, and nothing counts while nobody looks.
static void begin_frame(struct show *show) {
    struct step *step = &show->step;
    if (show->is_sending || milliseconds() < show->next_time) {
        return;
    }
    while (!show->has_ended && (step->is_lasting || step->frames_left == 0)) {
        if (take_next_line(show)) {
            continue;
        }
        show->has_ended = show->is_script_read && !step->is_lasting;
        break;
    }
    show->next_time = milliseconds() + 1000 / show->camera.frames_per_second;
    if (!show->camera.is_streaming || show->has_ended || (!step->is_lasting && step->frames_left == 0)) {
        return;
    }
    if (!step->is_lasting) {
        step->frames_left -= 1;
    }
    if (step->is_showing) {
        show->is_sending = true;
        show->sent = 0;
        show->frame_bit ^= 1;
    }
}

static void run(struct show *show) {
    while (!show->has_ended) {
        struct pollfd files[] = {{show->usb.socket, POLLIN, 0}, {show->is_script_read ? -1 : STDIN_FILENO, POLLIN, 0}};
        int64_t wait = show->next_time - milliseconds();
        if (poll(files, 2, wait < 1 ? (show->is_sending ? 1000 : 1) : (int)wait) < 0 && errno != EINTR) {
            fail(70, "poll: %s.", strerror(errno));
        }
        if (files[1].revents != 0) {
            read_script(show);
        }
        bool was_streaming = show->camera.is_streaming;
        if (files[0].revents != 0 && !usb_ip_handle(&show->usb, video_control, &show->camera)) {
            fail(70, "the kernel has unplugged the camera.");
        }
        if (was_streaming != show->camera.is_streaming) {
            show->is_sending = false;
            say(was_streaming ? "stopped" : "streaming %s", show->camera.formats[show->camera.format] == VIDEO_YUYV ? "YUYV" : "MJPG");
        }
        begin_frame(show);
        if (!send_payloads(show)) {
            fail(70, "the kernel has unplugged the camera.");
        }
    }
}

static void take_formats(struct video_camera *camera, char *text) {
    char *place = NULL;
    camera->format_count = 0;
    for (char *name = strtok_r(text, ",", &place); name != NULL; name = strtok_r(NULL, ",", &place)) {
        bool is_raw = strcmp(name, "YUYV") == 0;
        if ((!is_raw && strcmp(name, "MJPG") != 0) || camera->format_count == VIDEO_FORMATS) {
            fail(64, "'%s' is not expected there: YUYV and MJPG are the formats.", name);
        }
        camera->formats[camera->format_count++] = is_raw ? VIDEO_YUYV : VIDEO_MJPG;
    }
    if (camera->format_count == 0) {
        fail(64, "a camera needs a format: YUYV, MJPG or both.");
    }
}

int main(int count, char **arguments) {
    static struct show show;
    show.camera = (struct video_camera){
        .width = 320, .height = 240, .frames_per_second = 10, .serial_number = "1", .formats = {VIDEO_YUYV, VIDEO_MJPG}, .format_count = 2};
    uint32_t port = 0;
    for (int i = 1; i < count; i += 2) {
        const char *option = arguments[i];
        char *value = i + 1 < count ? arguments[i + 1] : NULL, *place = NULL;
        if (value == NULL) {
            fail(64, "'%s' needs a value, or is no option.", option);
        } else if (strcmp(option, "--size") == 0) {
            show.camera.width = (uint16_t)number(strtok_r(value, "x", &place), 4096, "width");
            show.camera.height = (uint16_t)number(place, 4096, "height");
        } else if (strcmp(option, "--rate") == 0) {
            show.camera.frames_per_second = number(value, 100, "rate");
        } else if (strcmp(option, "--formats") == 0) {
            take_formats(&show.camera, value);
        } else if (strcmp(option, "--serial") == 0) {
            show.camera.serial_number = value;
        } else if (strcmp(option, "--port") == 0) {
            port = strcmp(value, "0") == 0 ? 0 : number(value, 14, "port");
        } else {
            fail(64, "there is no option '%s'.", option);
        }
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    int status = usb_ip_plug(&show.usb, port);
    if (status != 0) {
        fail(69, "it cannot be plugged in: %s. Is vhci_hcd loaded, and port %u free?", strerror(status), port);
    }
    say("plugged");
    run(&show);
    say("unplugged");
    return 0;
}
