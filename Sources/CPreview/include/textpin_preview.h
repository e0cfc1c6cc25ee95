// An HTTP server for a few viewers of a running program, by libmicrohttpd, which is opened only when a server is started.
//
// Everything of HTTP happens in one thread of the server's own, at a lower priority than the caller's, so that nothing a viewer does can
// delay the caller. A viewer has so long for a request and so long to take the answer, however it goes about it; the numbers are in server.c.
#ifndef TEXTPIN_PREVIEW_H
#define TEXTPIN_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Addresses

struct textpin_preview_address {
    /// IPv6, or IPv4 mapped into it.
    uint8_t bytes[16];
    uint16_t port;
    bool is_ipv4;
    /// Nobody on another machine reaches it.
    bool is_loopback;
};

/// Reads "127.0.0.1:8080", "[::1]:8080", "localhost:8080" or ":8080", the last two meaning 127.0.0.1. False if it is none of them.
bool textpin_preview_read_address(const char *text, struct textpin_preview_address *address);

/// Whether a request's Host is a way to name this machine that no stranger's DNS controls: a numeric address, localhost, or this machine's
/// name, alone or in .local; each with or without a port.
bool textpin_preview_is_own_host(const char *host);

// MARK: Server

struct textpin_preview_server;

/// Enough for a server on every supported system; its memory must be aligned to 64 bytes.
#define TEXTPIN_PREVIEW_SERVER_BYTES 8192

/// What a viewer asks; all texts are zero-terminated and last until it is answered.
struct textpin_preview_request {
    const char *method;
    /// Percent signs decoded, without the query.
    const char *path;
    /// Header fields; null where there is none.
    const char *host;
    const char *origin;
    const char *authorization;
    /// The viewer's address: IPv6, or IPv4 mapped into it.
    uint8_t peer[16];
    void *connection;
};

/// The value of a query's argument, or null.
const char *textpin_preview_argument(const struct textpin_preview_request *request, const char *name);

struct textpin_preview_answer {
    uint32_t status;
    /// Of the body; null where there is none.
    const char *type;
    const uint8_t *bytes;
    size_t count;
    /// The bytes last as long as the program; others are copied.
    bool is_constant;
    /// One more header field, or null.
    const char *field;
    const char *field_value;
};

/// Answers one request; called in the server's thread, for one request after another.
typedef void (*textpin_preview_answerer)(
    void *context, const struct textpin_preview_request *request, struct textpin_preview_answer *answer);

/// Makes a server in `memory`; nothing runs yet.
struct textpin_preview_server *textpin_preview_prepare(void *memory);

/// ENOSYS, which is no constant to Swift without its Glibc module.
#define TEXTPIN_PREVIEW_NO_LIBRARY 38

/// Listens and starts the thread. Returns 0 or an errno, and then nothing runs: TEXTPIN_PREVIEW_NO_LIBRARY where libmicrohttpd is not
/// installed.
int32_t textpin_preview_start(
    struct textpin_preview_server *server, const struct textpin_preview_address *address, textpin_preview_answerer answer, void *context);

/// The port that a started server listens on.
uint16_t textpin_preview_port(const struct textpin_preview_server *server);

/// Ends the thread and closes all connections; waits a fifth of a second at most, and for an answer that is being made. A server that was not
/// started may be stopped.
void textpin_preview_stop(struct textpin_preview_server *server);

// MARK: What the caller's thread and the server's share

void textpin_preview_lock(struct textpin_preview_server *server);
/// False at once where the other thread holds it.
bool textpin_preview_try_lock(struct textpin_preview_server *server);
void textpin_preview_unlock(struct textpin_preview_server *server);

/// A time, in monotonic nanoseconds, that one thread sets and the other reads.
void textpin_preview_set_asked(struct textpin_preview_server *server, int64_t time);
int64_t textpin_preview_asked(const struct textpin_preview_server *server);

/// What is counted from the start.
enum textpin_preview_count {
    TEXTPIN_PREVIEW_COPIES = 0,
    TEXTPIN_PREVIEW_ENCODES = 1,
    TEXTPIN_PREVIEW_ANSWERS = 2,
    TEXTPIN_PREVIEW_REFUSALS = 3,
    TEXTPIN_PREVIEW_CONNECTIONS = 4,
    /// Connections that took too long.
    TEXTPIN_PREVIEW_LATE = 5,
    TEXTPIN_PREVIEW_COUNTS = 6,
};
void textpin_preview_add(struct textpin_preview_server *server, int32_t count);
uint64_t textpin_preview_counted(const struct textpin_preview_server *server, int32_t count);

// MARK: The page

/// A file of the page by its path, such as "/"; false if it has none of that path.
bool textpin_preview_page_file(const char *path, const uint8_t **bytes, size_t *count, const char **type, const char **encoding);

#endif
