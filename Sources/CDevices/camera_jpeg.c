#define _GNU_SOURCE
#include <string.h>

#include "camera_internal.h"

// Markers of ITU-T T.81, table B.1; each stands behind a byte 0xff.
enum {
    STUFFED_ZERO = 0x00,
    FIRST_WITH_SEGMENT = 0xc0,
    RESTART_FIRST = 0xd0,
    RESTART_LAST = 0xd7,
    START_OF_IMAGE = 0xd8,
    END_OF_IMAGE = 0xd9,
    START_OF_SCAN = 0xda,
};

static bool belongs_to_scan(uint8_t marker)
{
    return marker == STUFFED_ZERO || (marker >= RESTART_FIRST && marker <= RESTART_LAST);
}

// The offset of the next marker's second byte at or behind `offset`, past a scan's data; `count` if there is none.
static size_t next_marker(const uint8_t *bytes, size_t count, size_t offset)
{
    while (offset < count) {
        const uint8_t *prefix = memchr(bytes + offset, 0xff, count - offset);
        if (prefix == NULL)
            return count;
        offset = (size_t)(prefix - bytes) + 1;
        // Any number of 0xff may fill up before a marker.
        while (offset < count && bytes[offset] == 0xff)
            offset++;
        if (offset < count && !belongs_to_scan(bytes[offset]))
            return offset;
    }
    return count;
}

// Walked forward, segment by segment: what stands behind the end may be zeros or what is left of an older frame, with an end of its own,
// and a frame that was cut off may have an end in a segment, such as a thumbnail's.
size_t textpin_jpeg_length(const uint8_t *bytes, size_t count)
{
    if (count < 4 || bytes[0] != 0xff || bytes[1] != START_OF_IMAGE)
        return 0;
    bool had_scan = false;
    for (size_t offset = 2; (offset = next_marker(bytes, count, offset)) < count;) {
        uint8_t marker = bytes[offset++];
        if (marker == END_OF_IMAGE)
            return had_scan ? offset : 0;
        if (marker < FIRST_WITH_SEGMENT || marker == START_OF_IMAGE || count - offset < 2)
            return 0;
        size_t length = (size_t)bytes[offset] << 8 | bytes[offset + 1];
        if (length < 2 || length > count - offset)
            return 0;
        offset += length;
        had_scan |= marker == START_OF_SCAN;
    }
    return 0;
}
