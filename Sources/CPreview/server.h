// A server's parts, for the files that implement it.
#ifndef TEXTPIN_PREVIEW_SERVER_H
#define TEXTPIN_PREVIEW_SERVER_H

#include "textpin_preview.h"

#include <pthread.h>
#include <stdatomic.h>

struct MHD_Daemon;

// A connection, and when it is closed if its request is not there, or its answer not taken, by then.
struct viewer_connection {
    bool is_open;
    int socket;
    int64_t deadline;
    // Bytes of an answer that is on its way.
    size_t answer_bytes;
};

enum {
    // A viewer's browser opens up to six.
    MOST_CONNECTIONS = 32,
    MOST_CONNECTIONS_OF_A_PEER = 16,
    // What a connection may take for a request's head; MHD answers longer ones with 431.
    REQUEST_BYTES = 16 * 1024,
};

struct textpin_preview_server {
    pthread_mutex_t lock;
    _Atomic int64_t asked;
    _Atomic uint64_t counts[TEXTPIN_PREVIEW_COUNTS];
    _Atomic bool stopping;
    bool is_running;
    pthread_t thread;
    struct MHD_Daemon *daemon;
    uint16_t port;
    textpin_preview_answerer answer;
    void *context;
    // Bytes of all answers that are on their way.
    size_t answer_bytes;
    struct viewer_connection connections[MOST_CONNECTIONS];
};

#endif
