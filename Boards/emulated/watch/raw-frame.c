// Turns a JPEG into a raw frame of a camera: YUYV, at a quarter of its size, on standard output. Runs on the workstation.
// usage: raw-frame PHOTO.jpg
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <turbojpeg.h>

/// One row of YUYV takes its colours from two pixels each.
static void write_row(const uint8_t *luma, const uint8_t *blue, const uint8_t *red, int width) {
    for (int x = 0; x + 1 < width; x += 2) {
        putchar(luma[x]);
        putchar((blue[x] + blue[x + 1] + 1) / 2);
        putchar(luma[x + 1]);
        putchar((red[x] + red[x + 1] + 1) / 2);
    }
}

int main(int count, char **arguments) {
    static uint8_t photo[1 << 22];
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fputs("raw-frame: a photo was expected: raw-frame PHOTO.jpg\n", stderr);
        return 64;
    }
    size_t size = fread(photo, 1, sizeof(photo), file);
    fclose(file);
    tjhandle decoder = tjInitDecompress();
    int width, height, sampling, colours;
    if (decoder == NULL || tjDecompressHeader3(decoder, photo, size, &width, &height, &sampling, &colours) != 0) {
        fprintf(stderr, "raw-frame: %s is no JPEG of at most 4 MB.\n", arguments[1]);
        return 65;
    }
    (void)sampling;
    (void)colours;
    width = (width + 3) / 4;
    height = (height + 3) / 4;
    size_t pixels = (size_t)width * (size_t)height;
    uint8_t *colour = malloc(3 * pixels), *planes = malloc(3 * pixels);
    if (colour == NULL || planes == NULL || tjDecompress2(decoder, photo, size, colour, width, 0, height, TJPF_RGB, 0) != 0 ||
        width % 2 != 0) {
        fprintf(stderr, "raw-frame: %s cannot be decoded.\n", arguments[1]);
        return 65;
    }
    // JPEG's colours, scaled to the range of video, 16 to 235 and 240.
    for (size_t i = 0; i < pixels; i++) {
        double r = colour[3 * i], g = colour[3 * i + 1], b = colour[3 * i + 2];
        double y = 0.299 * r + 0.587 * g + 0.114 * b;
        planes[i] = (uint8_t)(16.5 + y * 219 / 255);
        planes[pixels + i] = (uint8_t)(128.5 + (b - y) / 1.772 * 224 / 255);
        planes[2 * pixels + i] = (uint8_t)(128.5 + (r - y) / 1.402 * 224 / 255);
    }
    for (int y = 0; y < height; y++) {
        size_t row = (size_t)y * (size_t)width;
        write_row(planes + row, planes + pixels + row, planes + 2 * pixels + row, width);
    }
    return fflush(stdout) == 0 ? 0 : 74;
}
