#include "textpin_sample_writer.h"

#include "textpin_pictures.h"
#include "textpin_streams.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct textpin_sample_writer {
    uint8_t *pixels;
    uint8_t *jpeg;
    size_t pixel_bytes;
    size_t jpeg_bytes;
    // Below, what the lock guards.
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_full;
    bool is_ending;
    uint32_t width;
    uint32_t height;
    char path[1024];
    pthread_t thread;
    _Atomic uint32_t count;
    _Atomic int32_t error;
};

static int32_t save(struct textpin_sample_writer *writer)
{
    char message[TEXTPIN_PICTURE_MESSAGE_BYTES];
    size_t length = 0;
    // 95: networks are calibrated with these, so they should not learn JPEG's faults.
    if (textpin_jpeg_encode(writer->pixels, writer->width, writer->height, 95, writer->jpeg, writer->jpeg_bytes, &length, message)
        != TEXTPIN_PICTURE_OK)
        return ENOMEM;
    return textpin_replace_file(writer->path, writer->jpeg, length);
}

static void *work(void *argument)
{
    struct textpin_sample_writer *writer = argument;
    pthread_mutex_lock(&writer->lock);
    while (true) {
        while (!writer->is_full && !writer->is_ending)
            pthread_cond_wait(&writer->changed, &writer->lock);
        if (!writer->is_full)
            break;
        // Nobody else touches the picture while `is_full`.
        pthread_mutex_unlock(&writer->lock);
        int32_t error = save(writer);
        atomic_store(&writer->error, error);
        if (error == 0)
            atomic_fetch_add(&writer->count, 1);
        pthread_mutex_lock(&writer->lock);
        writer->is_full = false;
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

static void release(struct textpin_sample_writer *writer)
{
    free(writer->pixels);
    free(writer->jpeg);
    free(writer);
}

struct textpin_sample_writer *textpin_sample_writer_start(uint32_t width, uint32_t height)
{
    struct textpin_sample_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return NULL;
    writer->pixel_bytes = (size_t)width * height * 3;
    writer->jpeg_bytes = textpin_jpeg_bound(width, height);
    writer->pixels = malloc(writer->pixel_bytes);
    writer->jpeg = malloc(writer->jpeg_bytes);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->changed, NULL);
    if (writer->pixels == NULL || writer->jpeg == NULL || writer->jpeg_bytes == 0
        || pthread_create(&writer->thread, NULL, work, writer) != 0) {
        release(writer);
        return NULL;
    }
    return writer;
}

uint8_t *textpin_sample_writer_pixels(struct textpin_sample_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool is_full = writer->is_full;
    pthread_mutex_unlock(&writer->lock);
    return is_full ? NULL : writer->pixels;
}

void textpin_sample_writer_write(struct textpin_sample_writer *writer, uint32_t width, uint32_t height, const char *path)
{
    assert((size_t)width * height * 3 <= writer->pixel_bytes);
    pthread_mutex_lock(&writer->lock);
    assert(!writer->is_full);
    writer->width = width;
    writer->height = height;
    snprintf(writer->path, sizeof writer->path, "%s", path);
    writer->is_full = true;
    pthread_cond_signal(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
}

uint32_t textpin_sample_writer_count(const struct textpin_sample_writer *writer)
{
    return atomic_load(&writer->count);
}

int32_t textpin_sample_writer_error(const struct textpin_sample_writer *writer)
{
    return atomic_load(&writer->error);
}

void textpin_sample_writer_stop(struct textpin_sample_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->is_ending = true;
    pthread_cond_signal(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    release(writer);
}
