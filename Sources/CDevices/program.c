#define _GNU_SOURCE
#include "textpin_program.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(TEXTPIN_NO_SUCH_FILE == ENOENT && TEXTPIN_INVALID == EINVAL && TEXTPIN_BUSY == EBUSY && TEXTPIN_ALREADY_THERE == EEXIST,
    "Swift's errnos are the system's");

static int32_t argument_count;
static char **arguments;

// Embedded Swift has no CommandLine. The C libraries of Linux pass main's arguments to constructors too.
__attribute__((constructor)) static void keep_arguments(int count, char **values)
{
    argument_count = count;
    arguments = values;
}

int32_t textpin_argument_count(void)
{
    return argument_count;
}

const char *textpin_argument(int32_t index)
{
    return index >= 0 && index < argument_count ? arguments[index] : NULL;
}

const uint8_t *textpin_keep_sentence(const char *sentence, size_t count)
{
    static _Thread_local uint8_t places[8][TEXTPIN_SENTENCE_BYTES];
    static _Thread_local uint32_t next;
    assert(count <= TEXTPIN_SENTENCE_BYTES);
    return memcpy(places[next++ % 8], sentence, count);
}

bool textpin_write(int32_t descriptor, const void *bytes, size_t count)
{
    const char *next = bytes;
    while (count > 0) {
        ssize_t written = write(descriptor, next, count);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return false;
        }
        next += written;
        count -= (size_t)written;
    }
    return true;
}

const char *textpin_error_text(int32_t error)
{
    const char *text = strerrordesc_np(error);
    return text != NULL ? text : "unknown error";
}

int32_t textpin_process(void)
{
    return getpid();
}

bool textpin_process_exists(int32_t process)
{
    return process > 0 && (kill(process, 0) == 0 || errno == EPERM);
}

_Noreturn void textpin_exit(int32_t status)
{
    exit(status);
}
