// A program's arguments, output and end, for code that may not allocate.
#ifndef TEXTPIN_PROGRAM_H
#define TEXTPIN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many arguments the program was started with, its own name included.
int32_t textpin_argument_count(void);
/// The argument at `index`, from 0 for the program's name; null past the last.
const char *textpin_argument(int32_t index);

/// Writes all bytes to a file descriptor. False if they could not all be written.
bool textpin_write(int32_t descriptor, const void *bytes, size_t count);

/// ENOENT, EINVAL, EBUSY and EEXIST, which are no constants to Swift without its Glibc module.
#define TEXTPIN_NO_SUCH_FILE 2
#define TEXTPIN_INVALID 22
#define TEXTPIN_BUSY 16
#define TEXTPIN_ALREADY_THERE 17

/// The system's words for an errno, which last.
const char *textpin_error_text(int32_t error);

/// The longest sentence that is kept whole.
#define TEXTPIN_SENTENCE_BYTES 512
/// Keeps a sentence for this thread, until the eighth that it keeps after it, and returns where; there is no zero behind.
const uint8_t *textpin_keep_sentence(const char *sentence, size_t count);

/// This process's number.
int32_t textpin_process(void);
/// Whether there is a process of that number.
bool textpin_process_exists(int32_t process);

_Noreturn void textpin_exit(int32_t status);

#endif
