// Saves pictures in a thread of its own, so that a slow card never delays the camera.
#ifndef TEXTPIN_SAMPLE_WRITER_H
#define TEXTPIN_SAMPLE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct textpin_sample_writer;

/// Starts a writer that takes pictures of at most `width` x `height`. Null if there is not enough memory, or no thread to be had.
struct textpin_sample_writer *textpin_sample_writer_start(uint32_t width, uint32_t height);

/// Memory for the next picture's pixels, 3 bytes each, red first; null while the last one is still being written.
uint8_t *textpin_sample_writer_pixels(struct textpin_sample_writer *writer);

/// Has the picture in that memory written as a JPEG to `path`, whole or not at all.
void textpin_sample_writer_write(struct textpin_sample_writer *writer, uint32_t width, uint32_t height, const char *path);

/// How many were written so far, and the errno of the last attempt: 0 if it went well.
uint32_t textpin_sample_writer_count(const struct textpin_sample_writer *writer);
int32_t textpin_sample_writer_error(const struct textpin_sample_writer *writer);

/// Waits for the last picture, and ends the thread.
void textpin_sample_writer_stop(struct textpin_sample_writer *writer);

#endif
