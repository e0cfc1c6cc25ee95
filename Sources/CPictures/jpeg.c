#include "textpin_pictures.h"

#include <limits.h>
#include <stdio.h>
#include <turbojpeg.h>

static textpin_picture_status damaged(tjhandle handle, char *message)
{
    snprintf(message, TEXTPIN_PICTURE_MESSAGE_BYTES, "%s", tjGetErrorStr2(handle));
    return TEXTPIN_PICTURE_DAMAGED;
}

static textpin_picture_status read_header(
    tjhandle handle, const uint8_t *data, size_t length, int *width, int *height, char *message)
{
    int subsampling = 0;
    int colour_space = 0;
    if (tjDecompressHeader3(handle, data, (unsigned long)length, width, height, &subsampling, &colour_space) != 0)
        return damaged(handle, message);
    return colour_space == TJCS_CMYK || colour_space == TJCS_YCCK ? TEXTPIN_PICTURE_CMYK : TEXTPIN_PICTURE_OK;
}

textpin_picture_status textpin_jpeg_size(
    const uint8_t *data, size_t length, uint32_t *width, uint32_t *height, char message[TEXTPIN_PICTURE_MESSAGE_BYTES])
{
    tjhandle handle = tjInitDecompress();
    if (handle == NULL) return TEXTPIN_PICTURE_OUT_OF_MEMORY;
    int stated_width = 0;
    int stated_height = 0;
    textpin_picture_status status = read_header(handle, data, length, &stated_width, &stated_height, message);
    *width = (uint32_t)stated_width;
    *height = (uint32_t)stated_height;
    tjDestroy(handle);
    return status;
}

static textpin_picture_status decode(
    tjhandle handle, const uint8_t *data, size_t length, uint8_t *rgb, size_t rgb_length, int flags, char *message)
{
    int width = 0;
    int height = 0;
    textpin_picture_status status = read_header(handle, data, length, &width, &height, message);
    if (status == TEXTPIN_PICTURE_OK && (uint64_t)width * (uint64_t)height * 3 != rgb_length) status = TEXTPIN_PICTURE_WRONG_BUFFER;
    // LIMITSCANS: a progressive file of a few kilobytes can otherwise ask for minutes of work.
    flags |= TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
    if (status == TEXTPIN_PICTURE_OK
        && tjDecompress2(handle, data, (unsigned long)length, rgb, width, width * 3, height, TJPF_RGB, flags) != 0)
        status = damaged(handle, message);
    return status;
}

textpin_picture_status textpin_jpeg_decode(
    const uint8_t *data, size_t length, uint8_t *rgb, size_t rgb_length, char message[TEXTPIN_PICTURE_MESSAGE_BYTES])
{
    tjhandle handle = tjInitDecompress();
    if (handle == NULL) return TEXTPIN_PICTURE_OUT_OF_MEMORY;
    textpin_picture_status status = decode(handle, data, length, rgb, rgb_length, TJFLAG_ACCURATEDCT, message);
    tjDestroy(handle);
    return status;
}

// The handle is the decoder: the type is the header's alone, so that Swift does not mix it up with another pointer.
struct textpin_jpeg_decoder *textpin_jpeg_decoder_make(void)
{
    return (struct textpin_jpeg_decoder *)tjInitDecompress();
}

void textpin_jpeg_decoder_free(struct textpin_jpeg_decoder *decoder)
{
    tjDestroy((tjhandle)decoder);
}

textpin_picture_status textpin_jpeg_decoder_size(
    struct textpin_jpeg_decoder *decoder, const uint8_t *data, size_t length, uint32_t *width, uint32_t *height)
{
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES];
    int stated_width = 0;
    int stated_height = 0;
    textpin_picture_status status = read_header((tjhandle)decoder, data, length, &stated_width, &stated_height, message);
    *width = (uint32_t)stated_width;
    *height = (uint32_t)stated_height;
    return status;
}

textpin_picture_status textpin_jpeg_decoder_decode(
    struct textpin_jpeg_decoder *decoder, const uint8_t *data, size_t length, uint8_t *rgb, size_t rgb_length)
{
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES];
    // Accurate as for photos, so that a saved frame gives the same boxes as the live one.
    return decode((tjhandle)decoder, data, length, rgb, rgb_length, TJFLAG_ACCURATEDCT, message);
}

size_t textpin_jpeg_bound(uint32_t width, uint32_t height)
{
    if (width == 0 || height == 0 || width > 65500 || height > 65500) return 0;
    unsigned long bound = tjBufSize((int)width, (int)height, TJSAMP_444);
    return bound == ULONG_MAX ? 0 : (size_t)bound;
}

static textpin_picture_status encode(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality, int subsampling, int flags, uint8_t *data, size_t capacity,
    size_t *length, char *message)
{
    size_t bound = textpin_jpeg_bound(width, height);
    if (bound == 0 || capacity < bound) return TEXTPIN_PICTURE_WRONG_BUFFER;
    tjhandle handle = tjInitCompress();
    if (handle == NULL) return TEXTPIN_PICTURE_OUT_OF_MEMORY;
    unsigned long written = (unsigned long)capacity;
    textpin_picture_status status = TEXTPIN_PICTURE_OK;
    if (tjCompress2(
            handle, rgb, (int)width, (int)(width * 3), (int)height, TJPF_RGB, &data, &written, subsampling, quality,
            flags | TJFLAG_NOREALLOC) != 0)
        status = damaged(handle, message);
    *length = (size_t)written;
    tjDestroy(handle);
    return status;
}

textpin_picture_status textpin_jpeg_encode(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t *data, size_t capacity, size_t *length,
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES])
{
    // Half the letters' edge colours would be lost at 4:2:0, and annotated pictures are looked at for their letters.
    return encode(rgb, width, height, quality, TJSAMP_444, TJFLAG_ACCURATEDCT, data, capacity, length, message);
}

textpin_picture_status textpin_jpeg_encode_quickly(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t *data, size_t capacity, size_t *length,
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES])
{
    return encode(rgb, width, height, quality, TJSAMP_420, TJFLAG_FASTDCT, data, capacity, length, message);
}
