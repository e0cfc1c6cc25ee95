#include "textpin_pictures.h"

#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/// The rest of a file in memory, and where an error's words go.
typedef struct {
    const uint8_t *next;
    size_t left;
    char *message;
} png_source;

static void take_bytes(png_structp png, png_bytep out, size_t count)
{
    png_source *source = png_get_io_ptr(png);
    if (count > source->left) png_error(png, "the file ends too early");
    memcpy(out, source->next, count);
    source->next += count;
    source->left -= count;
}

static void keep_error(png_structp png, png_const_charp text)
{
    png_source *source = png_get_error_ptr(png);
    snprintf(source->message, TEXTPIN_PICTURE_MESSAGE_BYTES, "%s", text);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

/// Asks libpng for 8-bit RGB, whatever the file holds.
static void set_transforms(png_structp png, png_infop info)
{
    bool transparent = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    png_set_expand(png);
    if (transparent) {
        // In 8 bits even where the file has 16: libpng rounds the samples before it composes them.
        png_color_16 white = {.index = 0, .red = 255, .green = 255, .blue = 255, .gray = 255};
        png_set_background(png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
    }
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
}

textpin_picture_status textpin_png_size(
    const uint8_t *data, size_t length, uint32_t *width, uint32_t *height, char message[TEXTPIN_PICTURE_MESSAGE_BYTES])
{
    // The signature, the header chunk's length (13) and name, then width and height: libpng would refuse a width of 0 in vaguer words.
    static const uint8_t start[16] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    if (length < 24 || memcmp(data, start, sizeof start) != 0) {
        snprintf(message, TEXTPIN_PICTURE_MESSAGE_BYTES, "it does not begin with a header chunk");
        return TEXTPIN_PICTURE_DAMAGED;
    }
    *width = png_get_uint_32(data + 16);
    *height = png_get_uint_32(data + 20);
    return TEXTPIN_PICTURE_OK;
}

/// libpng leaves by a long jump to this frame's setjmp: a local that changed after it would be lost in the error path, so none does.
textpin_picture_status textpin_png_decode(
    const uint8_t *data, size_t length, uint8_t *rgb, size_t rgb_length, char message[TEXTPIN_PICTURE_MESSAGE_BYTES])
{
    uint32_t width = 0;
    uint32_t height = 0;
    textpin_picture_status status = textpin_png_size(data, length, &width, &height, message);
    if (status != TEXTPIN_PICTURE_OK) return status;
    if (height > SIZE_MAX / 3 / ((size_t)width + 1) || (size_t)width * height * 3 != rgb_length) return TEXTPIN_PICTURE_WRONG_BUFFER;

    png_source source = {.next = data, .left = length, .message = message};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, keep_error, ignore_warning);
    if (png == NULL) return TEXTPIN_PICTURE_OUT_OF_MEMORY;
    png_infop info = png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        return TEXTPIN_PICTURE_OUT_OF_MEMORY;
    }
    if (setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_read_struct(&png, &info, NULL);
        return TEXTPIN_PICTURE_DAMAGED;
    }
    png_set_read_fn(png, &source, take_bytes);
    // The buffer's size already bounds the picture; libpng's own limit on a side is lower than a buffer may be.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(png, info);
    set_transforms(png, info);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row_bytes = (size_t)width * 3;
    if (png_get_image_height(png, info) != height || png_get_rowbytes(png, info) != row_bytes) png_error(png, "its rows are not 8-bit RGB");
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < height; y++) png_read_row(png, rgb + (size_t)y * row_bytes, NULL);
    // A file without its end was cut, even where all pixels came through.
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
    return TEXTPIN_PICTURE_OK;
}

static png_image rgb_image(uint32_t width, uint32_t height)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB};
    return image;
}

size_t textpin_png_bound(uint32_t width, uint32_t height)
{
    // libpng's macro counts the image's bytes in 32 bits.
    if (width == 0 || height == 0 || (uint64_t)width * height > UINT32_C(1) << 30) return 0;
    png_image image = rgb_image(width, height);
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

textpin_picture_status textpin_png_encode(
    const uint8_t *rgb, uint32_t width, uint32_t height, uint8_t *data, size_t capacity, size_t *length,
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES])
{
    size_t bound = textpin_png_bound(width, height);
    if (bound == 0 || capacity < bound) return TEXTPIN_PICTURE_WRONG_BUFFER;
    png_image image = rgb_image(width, height);
    png_alloc_size_t written = capacity;
    if (png_image_write_to_memory(&image, data, &written, 0, rgb, 0, NULL) == 0) {
        snprintf(message, TEXTPIN_PICTURE_MESSAGE_BYTES, "%s", image.message);
        return TEXTPIN_PICTURE_DAMAGED;
    }
    *length = (size_t)written;
    return TEXTPIN_PICTURE_OK;
}
