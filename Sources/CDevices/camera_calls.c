#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "camera_internal.h"
#include "shared_library.h"

// The C library's open, ioctl and mmap have other types on some systems.
static int kernel_open(const char *path, int flags, ...)
{
    return open(path, flags);
}

static int kernel_control(int file, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return ioctl(file, request, argument);
}

static void *kernel_map(void *start, size_t length, int protection, int flags, int file, int64_t offset)
{
    return mmap(start, length, protection, flags, file, (off_t)offset);
}

static const struct textpin_camera_calls kernel_calls = {kernel_open, close, kernel_control, kernel_map, munmap};

// libv4l2.h's prototypes are those of the table, so that neither a development package nor the library is needed to build and start.
static struct textpin_camera_calls library_calls;
static bool has_library;

static void load_library(void)
{
    FILE **log;
    const struct textpin_library_symbol symbols[] = {
        {"v4l2_open", &library_calls.open}, {"v4l2_close", &library_calls.close},   {"v4l2_ioctl", &library_calls.control},
        {"v4l2_mmap", &library_calls.map},  {"v4l2_munmap", &library_calls.unmap}, {"v4l2_log_file", &log},
    };
    has_library = textpin_load_library("libv4l2.so.0", symbols, sizeof symbols / sizeof symbols[0]);
    // Its own words on standard error, at every attempt of a camera that fails, would be a second log beside the program's.
    if (has_library && *log == NULL && getenv("LIBV4L2_LOG_FILENAME") == NULL)
        *log = fopen("/dev/null", "we");
}

static bool library_is_there(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_library);
    return has_library;
}

const struct textpin_camera_calls *textpin_camera_system_calls(void)
{
    return library_is_there() ? &library_calls : &kernel_calls;
}

const char *textpin_camera_library(void)
{
    return library_is_there() ? "libv4l2" : "the kernel";
}

const struct textpin_camera_calls *textpin_camera_kernel_calls(void)
{
    return &kernel_calls;
}

int32_t textpin_camera_open_file(const struct textpin_camera_calls *calls, const char *path)
{
    int file;
    do
        file = calls->open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    while (file < 0 && errno == EINTR);
    return file < 0 ? -errno : file;
}

int32_t textpin_camera_control(const struct textpin_camera_calls *calls, int32_t file, unsigned long request, void *argument)
{
    int result;
    do
        result = calls->control(file, request, argument);
    while (result < 0 && errno == EINTR);
    return result < 0 ? errno : 0;
}
