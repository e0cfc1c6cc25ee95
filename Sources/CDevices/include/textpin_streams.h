// Bytes that come and go while a program runs: files that grow, sockets, standard input, folders.
#ifndef TEXTPIN_STREAMS_H
#define TEXTPIN_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Opens a file to append to, and makes it if there is none. Returns a descriptor, or minus an errno.
int32_t textpin_append_open(const char *path);
/// A descriptor of our own for standard output (1) or error (2), to which writing never waits. Returns it, or minus an errno.
///
/// A pipe or a terminal is opened anew, for making a shared descriptor non-blocking would change it for the other programs too.
int32_t textpin_output_open(int32_t descriptor);
/// Begins to connect to ADDRESS:PORT, which must be numeric, without waiting. Returns a
/// descriptor, or minus an errno; EINVAL for what is no such address.
int32_t textpin_connect(const char *address);
/// Makes reads of a descriptor return at once. Returns 0 or an errno.
int32_t textpin_make_nonblocking(int32_t descriptor);
void textpin_close(int32_t descriptor);

/// Writes what can be written at once to a socket or a non-blocking descriptor. Returns how many bytes, 0 if none just now, or minus an errno.
int64_t textpin_write_some(int32_t descriptor, const void *bytes, size_t count);
/// Reads what is there. Returns how many bytes, 0 at the end, or minus an errno: EAGAIN if nothing is there yet.
int64_t textpin_read_some(int32_t descriptor, void *bytes, size_t count);
/// EAGAIN and ENOTDIR, which are no constants to Swift without its Glibc module.
#define TEXTPIN_TRY_AGAIN 11
#define TEXTPIN_NO_FOLDER 20

/// Writes a whole file beside `path` and puts it there by renaming. Returns 0 or an errno, and then `path` is as before.
int32_t textpin_replace_file(const char *path, const void *bytes, size_t count);

/// Reads a whole file into memory of the caller's. Returns how many bytes, at most `capacity`, or minus an errno.
int64_t textpin_read_file(const char *path, void *bytes, size_t capacity);

/// Whether a descriptor is a terminal.
bool textpin_is_terminal(int32_t descriptor);

/// A folder's ordinary files in the order of their names.
struct textpin_folder {
    int32_t count;
    /// Private.
    void *entries;
};
/// Reads a folder. Returns 0 or an errno: ENOTDIR for what is none.
int32_t textpin_folder_open(struct textpin_folder *folder, const char *path);
/// The name of the file at `index`, below `count`.
const char *textpin_folder_name(const struct textpin_folder *folder, int32_t index);
void textpin_folder_close(struct textpin_folder *folder);
enum textpin_path_kind {
    TEXTPIN_PATH_NONE = 0,
    TEXTPIN_PATH_FILE = 1,
    TEXTPIN_PATH_FOLDER = 2,
    /// Such as a camera's node.
    TEXTPIN_PATH_DEVICE = 3,
};
/// What a path leads to, an enum textpin_path_kind.
int32_t textpin_path_kind_of(const char *path);

/// Makes a folder unless it is there. Returns 0 or an errno.
int32_t textpin_folder_make(const char *path);

#endif
