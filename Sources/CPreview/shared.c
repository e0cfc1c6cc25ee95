#include "server.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(struct textpin_preview_server) <= TEXTPIN_PREVIEW_SERVER_BYTES, "a server fits the memory that it is given");

struct textpin_preview_server *textpin_preview_prepare(void *memory)
{
    assert(((uintptr_t)memory & 63) == 0);
    struct textpin_preview_server *server = memory;
    memset(server, 0, sizeof *server);
    pthread_mutex_init(&server->lock, NULL);
    return server;
}

void textpin_preview_lock(struct textpin_preview_server *server)
{
    pthread_mutex_lock(&server->lock);
}

bool textpin_preview_try_lock(struct textpin_preview_server *server)
{
    return pthread_mutex_trylock(&server->lock) == 0;
}

void textpin_preview_unlock(struct textpin_preview_server *server)
{
    pthread_mutex_unlock(&server->lock);
}

void textpin_preview_set_asked(struct textpin_preview_server *server, int64_t time)
{
    atomic_store_explicit(&server->asked, time, memory_order_relaxed);
}

int64_t textpin_preview_asked(const struct textpin_preview_server *server)
{
    return atomic_load_explicit(&server->asked, memory_order_relaxed);
}

void textpin_preview_add(struct textpin_preview_server *server, int32_t count)
{
    assert(count >= 0 && count < TEXTPIN_PREVIEW_COUNTS);
    atomic_fetch_add_explicit(&server->counts[count], 1, memory_order_relaxed);
}

uint64_t textpin_preview_counted(const struct textpin_preview_server *server, int32_t count)
{
    assert(count >= 0 && count < TEXTPIN_PREVIEW_COUNTS);
    return atomic_load_explicit(&server->counts[count], memory_order_relaxed);
}
