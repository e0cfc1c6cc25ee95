#include "video-class.h"

#include <string.h>

// Numbers of the USB specification, chapter 9, and of the USB Video Class 1.0, appendix A.
enum { DESCRIPTOR_DEVICE = 1, DESCRIPTOR_CONFIGURATION = 2, DESCRIPTOR_STRING = 3, DESCRIPTOR_INTERFACE = 4, DESCRIPTOR_ENDPOINT = 5 };
enum { DESCRIPTOR_ASSOCIATION = 0x0b, DESCRIPTOR_CLASS = 0x24, CLASS_VIDEO = 0x0e };
enum { REQUEST_CLEAR_FEATURE = 1, REQUEST_GET_DESCRIPTOR = 6, REQUEST_GET_STATUS = 0, REQUEST_SET_CONFIGURATION = 9, REQUEST_SET_INTERFACE = 11 };
enum { TYPE_CLASS_OUT = 0x21, TYPE_CLASS_IN = 0xa1, TYPE_ENDPOINT_OUT = 0x02, CONTROL_INTERFACE = 0, STREAMING_INTERFACE = 1 };
enum { VIDEO_SET_CURRENT = 0x01, VIDEO_GET_LENGTH = 0x85, VIDEO_GET_INFORMATION = 0x86, CONTROL_PROBE = 1, CONTROL_COMMIT = 2 };
enum { BULK_ENDPOINT = 0x81, BULK_PACKET = 512, PROBE_SIZE = 26 };
enum { STRING_LANGUAGES, STRING_MAKER, STRING_PRODUCT, STRING_SERIAL };

/// Bytes in the order in which descriptors have them, little-endian.
struct writer {
    uint8_t *bytes;
    uint32_t count;
};

static void put8(struct writer *writer, uint32_t value) { writer->bytes[writer->count++] = (uint8_t)value; }
static void put16(struct writer *writer, uint32_t value) {
    put8(writer, value);
    put8(writer, value >> 8);
}
static void put32(struct writer *writer, uint32_t value) {
    put16(writer, value);
    put16(writer, value >> 16);
}
static void put(struct writer *writer, uint32_t count, const uint8_t *bytes) {
    for (uint32_t i = 0; i < count; i++) {
        put8(writer, bytes[i]);
    }
}
#define PUT(writer, ...) put(writer, sizeof((const uint8_t[]){__VA_ARGS__}), (const uint8_t[]){__VA_ARGS__})

static uint32_t frame_bytes(const struct video_camera *camera) { return 2u * camera->width * camera->height; }
/// In units of 100 ns.
static uint32_t frame_interval(const struct video_camera *camera) { return 10000000 / camera->frames_per_second; }

static void put_device(struct writer *writer) {
    PUT(writer, 18, DESCRIPTOR_DEVICE, 0x00, 0x02);
    // The class of devices with an interface association; packets of 64 bytes at the control endpoint.
    PUT(writer, 0xef, 0x02, 0x01, 64);
    // pid.codes' number for tests.
    put16(writer, 0x1209);
    put16(writer, 0x0001);
    put16(writer, 0x0100);
    PUT(writer, STRING_MAKER, STRING_PRODUCT, STRING_SERIAL, 1);
}

static void put_format(struct writer *writer, const struct video_camera *camera, uint8_t index) {
    static const uint8_t yuyv[16] = {'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71};
    bool is_raw = camera->formats[index] == VIDEO_YUYV;
    uint8_t number = (uint8_t)(index + 1);
    if (is_raw) {
        PUT(writer, 27, DESCRIPTOR_CLASS, 0x04, number, 1);
        put(writer, sizeof(yuyv), yuyv);
        PUT(writer, 16, 1, 0, 0, 0, 0);
    } else {
        PUT(writer, 11, DESCRIPTOR_CLASS, 0x06, number, 1, 0, 1, 0, 0, 0, 0);
    }
    // The one frame size.
    uint32_t bits_per_second = frame_bytes(camera) * 8 * camera->frames_per_second;
    PUT(writer, 30, DESCRIPTOR_CLASS, is_raw ? 0x05 : 0x07, 1, 0);
    put16(writer, camera->width);
    put16(writer, camera->height);
    put32(writer, bits_per_second);
    put32(writer, bits_per_second);
    put32(writer, frame_bytes(camera));
    put32(writer, frame_interval(camera));
    put8(writer, 1);
    put32(writer, frame_interval(camera));
    // Colours: BT.709, its transfer, SMPTE 170M's matrix.
    PUT(writer, 6, DESCRIPTOR_CLASS, 0x0d, 1, 1, 4);
}

static void put_configuration(struct writer *writer, const struct video_camera *camera) {
    PUT(writer, 9, DESCRIPTOR_CONFIGURATION, 0, 0, 2, 1, 0, 0x80, 250);
    PUT(writer, 8, DESCRIPTOR_ASSOCIATION, CONTROL_INTERFACE, 2, CLASS_VIDEO, 0x03, 0x00, STRING_PRODUCT);

    PUT(writer, 9, DESCRIPTOR_INTERFACE, CONTROL_INTERFACE, 0, 0, CLASS_VIDEO, 0x01, 0x00, STRING_PRODUCT);
    // Header (version 1.0; the size of the three; 48 MHz), camera terminal 1 without controls, output terminal 2 that streams it.
    PUT(writer, 13, DESCRIPTOR_CLASS, 0x01, 0x00, 0x01, 13 + 18 + 9, 0, 0x00, 0x6c, 0xdc, 0x02, 1, STREAMING_INTERFACE);
    PUT(writer, 18, DESCRIPTOR_CLASS, 0x02, 1, 0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0);
    PUT(writer, 9, DESCRIPTOR_CLASS, 0x03, 2, 0x01, 0x01, 0, 1, 0);

    PUT(writer, 9, DESCRIPTOR_INTERFACE, STREAMING_INTERFACE, 0, 1, CLASS_VIDEO, 0x02, 0x00, 0);
    uint32_t header = writer->count;
    PUT(writer, (uint8_t)(13 + camera->format_count), DESCRIPTOR_CLASS, 0x01, camera->format_count, 0, 0, BULK_ENDPOINT, 0, 2, 0, 0, 0, 1);
    for (uint8_t i = 0; i < camera->format_count; i++) {
        put8(writer, 0);
    }
    for (uint8_t i = 0; i < camera->format_count; i++) {
        put_format(writer, camera, i);
    }
    writer->bytes[header + 4] = (uint8_t)(writer->count - header);
    writer->bytes[header + 5] = (uint8_t)((writer->count - header) >> 8);
    PUT(writer, 7, DESCRIPTOR_ENDPOINT, BULK_ENDPOINT, 0x02, BULK_PACKET & 0xff, BULK_PACKET >> 8, 0);

    writer->bytes[2] = (uint8_t)writer->count;
    writer->bytes[3] = (uint8_t)(writer->count >> 8);
}

static int32_t put_string(struct writer *writer, const struct video_camera *camera, uint8_t index) {
    const char *texts[] = {[STRING_MAKER] = "TextPin", [STRING_PRODUCT] = "TextPin test camera", [STRING_SERIAL] = camera->serial_number};
    if (index == STRING_LANGUAGES) {
        PUT(writer, 4, DESCRIPTOR_STRING, 0x09, 0x04);
        return (int32_t)writer->count;
    }
    if (index > STRING_SERIAL) {
        return -1;
    }
    size_t count = strnlen(texts[index], 120);
    PUT(writer, (uint8_t)(2 + 2 * count), DESCRIPTOR_STRING);
    for (size_t i = 0; i < count; i++) {
        put16(writer, (uint8_t)texts[index][i]);
    }
    return (int32_t)writer->count;
}

static int32_t get_descriptor(const struct video_camera *camera, uint16_t value, uint8_t data[USB_IP_ANSWER]) {
    struct writer writer = {data, 0};
    switch (value >> 8) {
    case DESCRIPTOR_DEVICE:
        put_device(&writer);
        return (int32_t)writer.count;
    case DESCRIPTOR_CONFIGURATION:
        put_configuration(&writer, camera);
        return (int32_t)writer.count;
    case DESCRIPTOR_STRING:
        return put_string(&writer, camera, (uint8_t)value);
    default:
        return -1;
    }
}

/// The probe and the commit control, which settle what is streamed.
static int32_t negotiate(struct video_camera *camera, struct usb_request request, uint8_t data[USB_IP_ANSWER]) {
    uint8_t control = request.value >> 8;
    if (control != CONTROL_PROBE && control != CONTROL_COMMIT) {
        return -1;
    }
    if (request.request == VIDEO_SET_CURRENT) {
        if (request.length < PROBE_SIZE || data[2] < 1 || data[2] > camera->format_count) {
            return -1;
        }
        camera->format = data[2] - 1;
        camera->is_streaming = camera->is_streaming || control == CONTROL_COMMIT;
        return 0;
    }
    struct writer writer = {data, 0};
    switch (request.request) {
    case VIDEO_GET_LENGTH:
        put16(&writer, PROBE_SIZE);
        return 2;
    case VIDEO_GET_INFORMATION:
        // It may be read and written.
        put8(&writer, 3);
        return 1;
    default:
        PUT(&writer, 1, 0, (uint8_t)(camera->format + 1), 1);
        put32(&writer, frame_interval(camera));
        PUT(&writer, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        put32(&writer, frame_bytes(camera));
        put32(&writer, VIDEO_PAYLOAD);
        return PROBE_SIZE;
    }
}

int32_t video_control(void *context, struct usb_request request, uint8_t data[USB_IP_ANSWER]) {
    struct video_camera *camera = context;
    if (request.type == TYPE_CLASS_IN || request.type == TYPE_CLASS_OUT) {
        return request.index == STREAMING_INTERFACE ? negotiate(camera, request, data) : -1;
    }
    switch (request.request) {
    case REQUEST_GET_DESCRIPTOR:
        return get_descriptor(camera, request.value, data);
    case REQUEST_GET_STATUS:
        return 2;
    case REQUEST_CLEAR_FEATURE:
        // The video class ends a bulk stream so.
        if (request.type == TYPE_ENDPOINT_OUT) {
            camera->is_streaming = false;
        }
        return 0;
    case REQUEST_SET_CONFIGURATION:
    case REQUEST_SET_INTERFACE:
        return 0;
    default:
        return -1;
    }
}
