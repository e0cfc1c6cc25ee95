#define _GNU_SOURCE
#include "textpin_streams.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(TEXTPIN_TRY_AGAIN == EAGAIN && TEXTPIN_NO_FOLDER == ENOTDIR, "Swift's errnos are the system's");

int32_t textpin_append_open(const char *path)
{
    // Non-blocking, for it may be a pipe that nobody reads.
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0644);
    return file >= 0 ? file : -errno;
}

int32_t textpin_output_open(int32_t descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return -errno;
    int file = -1;
    if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
        file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    }
    // Ordinary files do not wait, and a socket is told with each call not to. So does a terminal that may not be opened again, as a rule.
    if (file < 0)
        file = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    return file >= 0 ? file : -errno;
}

int32_t textpin_connect(const char *address)
{
    // 192.168.1.5:5000, [::1]:5000.
    char host[256];
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon == address || colon[1] == '\0' || (size_t)(colon - address) >= sizeof host)
        return -EINVAL;
    size_t length = (size_t)(colon - address);
    bool is_bracketed = address[0] == '[' && address[length - 1] == ']';
    if (is_bracketed)
        length -= 2;
    memcpy(host, address + is_bracketed, length);
    host[length] = '\0';
    // Asking a name server could take seconds.
    struct addrinfo wish = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, colon + 1, &wish, &found) != 0)
        return -EINVAL;
    int file = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error = file < 0 ? errno : 0;
    if (error == 0 && connect(file, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS) {
        error = errno;
        close(file);
    }
    freeaddrinfo(found);
    return error == 0 ? file : -error;
}

int32_t textpin_make_nonblocking(int32_t descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : errno;
}

void textpin_close(int32_t descriptor)
{
    close(descriptor);
}

int64_t textpin_write_some(int32_t descriptor, const void *bytes, size_t count)
{
    // Only sockets can be told for one call not to wait; other descriptors must be non-blocking.
    ssize_t written = send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written < 0 && errno == ENOTSOCK)
        written = write(descriptor, bytes, count);
    if (written >= 0)
        return written;
    return errno == EAGAIN || errno == EINTR || errno == ENOTCONN ? 0 : -errno;
}

int64_t textpin_read_some(int32_t descriptor, void *bytes, size_t count)
{
    ssize_t found;
    do
        found = read(descriptor, bytes, count);
    while (found < 0 && errno == EINTR);
    return found >= 0 ? found : -errno;
}

int32_t textpin_replace_file(const char *path, const void *bytes, size_t count)
{
    char fresh[4096];
    int length = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof fresh)
        return ENAMETOOLONG;
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        return errno;
    const char *next = bytes;
    int32_t error = 0;
    while (count > 0 && error == 0) {
        ssize_t written = write(file, next, count);
        if (written >= 0) {
            next += written;
            count -= (size_t)written;
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    if (close(file) != 0 && error == 0)
        error = errno;
    if (error == 0 && rename(fresh, path) != 0)
        error = errno;
    if (error != 0)
        unlink(fresh);
    return error;
}

int64_t textpin_read_file(const char *path, void *bytes, size_t capacity)
{
    // Non-blocking, for it may be a pipe that nobody writes to.
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return -errno;
    size_t count = 0;
    int64_t found = 1;
    while (count < capacity && found > 0) {
        found = textpin_read_some(file, (char *)bytes + count, capacity - count);
        if (found > 0)
            count += (size_t)found;
    }
    close(file);
    return found < 0 ? found : (int64_t)count;
}

bool textpin_is_terminal(int32_t descriptor)
{
    return isatty(descriptor) == 1;
}

static int is_ordinary(const struct dirent *entry)
{
    // What a file system does not tell is tried.
    return entry->d_name[0] != '.' && (entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN);
}

static int by_name(const struct dirent **first, const struct dirent **second)
{
    // By bytes, whatever the user's language: the same order everywhere.
    return strcmp((*first)->d_name, (*second)->d_name);
}

int32_t textpin_folder_open(struct textpin_folder *folder, const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_ordinary, by_name);
    *folder = (struct textpin_folder){ .count = count < 0 ? 0 : count, .entries = entries };
    return count < 0 ? errno : 0;
}

const char *textpin_folder_name(const struct textpin_folder *folder, int32_t index)
{
    return ((struct dirent **)folder->entries)[index]->d_name;
}

void textpin_folder_close(struct textpin_folder *folder)
{
    for (int32_t i = 0; i < folder->count; i++)
        free(((struct dirent **)folder->entries)[i]);
    free(folder->entries);
    *folder = (struct textpin_folder){0};
}

int32_t textpin_path_kind_of(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return TEXTPIN_PATH_NONE;
    if (S_ISDIR(status.st_mode))
        return TEXTPIN_PATH_FOLDER;
    return S_ISREG(status.st_mode) ? TEXTPIN_PATH_FILE : TEXTPIN_PATH_DEVICE;
}

int32_t textpin_folder_make(const char *path)
{
    return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : errno;
}
