#ifndef TEXTPIN_PICTURES_H
#define TEXTPIN_PICTURES_H

// JPEG and PNG files in memory to and from 8-bit RGB: shims over libturbojpeg and libpng.
//
// Pixels are rows from top to bottom, three bytes each, red first, without padding. Every buffer is the caller's. No function keeps
// state between calls or lets one of the libraries' long jumps out, so any number of threads may call them at once.
//
// A function that can fail returns a `textpin_picture_status`. For TEXTPIN_PICTURE_DAMAGED the library's own words stand in `message`,
// zero-terminated and cut to TEXTPIN_PICTURE_MESSAGE_BYTES.

#include <stddef.h>
#include <stdint.h>

#define TEXTPIN_PICTURE_MESSAGE_BYTES 200

typedef enum {
    TEXTPIN_PICTURE_OK = 0,
    TEXTPIN_PICTURE_DAMAGED = 1,
    /// Four inks for print (CMYK or YCCK): there is no right RGB for them without a colour profile.
    TEXTPIN_PICTURE_CMYK = 2,
    TEXTPIN_PICTURE_OUT_OF_MEMORY = 3,
    /// The buffer is not of the size that the header, or the bound, asks for.
    TEXTPIN_PICTURE_WRONG_BUFFER = 4
} textpin_picture_status;

/// The size that a JPEG's header states, in pixels.
textpin_picture_status textpin_jpeg_size(
    const uint8_t *data, size_t length, uint32_t *width, uint32_t *height, char message[TEXTPIN_PICTURE_MESSAGE_BYTES]);

/// Decodes a JPEG, colour or grey, into width * height * 3 bytes.
///
/// What libjpeg only warns of (a file cut short, broken entropy coding) is damage here: it would fill the rest with grey.
textpin_picture_status textpin_jpeg_decode(
    const uint8_t *data, size_t length, uint8_t *rgb, size_t rgb_length, char message[TEXTPIN_PICTURE_MESSAGE_BYTES]);

/// A decoder for many JPEGs of a camera's, one at a time.
struct textpin_jpeg_decoder;
/// Null if there is not enough memory.
struct textpin_jpeg_decoder *textpin_jpeg_decoder_make(void);
void textpin_jpeg_decoder_free(struct textpin_jpeg_decoder *decoder);
/// As textpin_jpeg_size and textpin_jpeg_decode; each reads the header anew.
textpin_picture_status textpin_jpeg_decoder_size(
    struct textpin_jpeg_decoder *decoder, const uint8_t *data, size_t length, uint32_t *width, uint32_t *height);
textpin_picture_status textpin_jpeg_decoder_decode(
    struct textpin_jpeg_decoder *decoder, const uint8_t *data, size_t length, uint8_t *rgb, size_t rgb_length);

/// The most bytes that textpin_jpeg_encode can write for a picture of this size; 0 where the size is not one that JPEG has.
size_t textpin_jpeg_bound(uint32_t width, uint32_t height);

/// Encodes RGB as a JPEG of 4:4:4 at `quality` (1 to 100) into `capacity` bytes, at least textpin_jpeg_bound's.
textpin_picture_status textpin_jpeg_encode(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t *data, size_t capacity, size_t *length,
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES]);

/// The same at 4:2:0 and with the fastest transforms, in about half the time: for pictures that are looked at for a moment.
textpin_picture_status textpin_jpeg_encode_quickly(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t *data, size_t capacity, size_t *length,
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES]);

/// The size that a PNG's header states, in pixels.
textpin_picture_status textpin_png_size(
    const uint8_t *data, size_t length, uint32_t *width, uint32_t *height, char message[TEXTPIN_PICTURE_MESSAGE_BYTES]);

/// Decodes a PNG of any colour type, depth and interlacing into width * height * 3 bytes.
///
/// 16-bit samples are rounded to 8 bits. Transparent pixels are laid over white, as a page shows them. The numbers are otherwise the file's:
/// a gAMA chunk or a colour profile changes nothing, as in OpenCV, which the networks were trained with.
textpin_picture_status textpin_png_decode(
    const uint8_t *data, size_t length, uint8_t *rgb, size_t rgb_length, char message[TEXTPIN_PICTURE_MESSAGE_BYTES]);

/// The most bytes that textpin_png_encode can write for a picture of this size; 0 where that does not fit size_t.
size_t textpin_png_bound(uint32_t width, uint32_t height);

/// Encodes RGB as an 8-bit PNG into `capacity` bytes, at least textpin_png_bound's.
textpin_picture_status textpin_png_encode(
    const uint8_t *rgb, uint32_t width, uint32_t height, uint8_t *data, size_t capacity, size_t *length,
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES]);

#endif
