#define _GNU_SOURCE
#include "server.h"

#include "textpin_clock.h"

#include <arpa/inet.h>
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECONDS INT64_C(1000000000)

// How long a connection may take, in nanoseconds: for a request, from when it is opened or the last answer was taken; to take an answer.
static const int64_t request_time = 10 * SECONDS;
static const int64_t answer_time = 15 * SECONDS;
// How long the thread sleeps when nothing happens, in milliseconds.
static const int32_t nap = 200;
// What all answers on their way may take together; a larger one can go alone.
static const size_t most_answer_bytes = 8 << 20;

_Static_assert(TEXTPIN_PREVIEW_NO_LIBRARY == ENOSYS, "the header states its number");

// MARK: libmicrohttpd

static struct {
    __typeof__(MHD_start_daemon) *start_daemon;
    __typeof__(MHD_stop_daemon) *stop_daemon;
    __typeof__(MHD_run_wait) *run_wait;
    __typeof__(MHD_get_connection_info) *get_connection_info;
    __typeof__(MHD_lookup_connection_value) *lookup_connection_value;
    __typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
    __typeof__(MHD_add_response_header) *add_response_header;
    __typeof__(MHD_queue_response) *queue_response;
    __typeof__(MHD_destroy_response) *destroy_response;
} http;

static bool find(void *library, const char *name, void *function)
{
    // POSIX lets a function's address travel as an object's.
    void *address = dlsym(library, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

// Loads the library, once; it stays.
static bool load_library(void)
{
    static bool is_loaded;
    if (is_loaded)
        return true;
    void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
    // MHD_run_wait, the newest of these, came with 0.9.72.
    is_loaded = find(library, "MHD_start_daemon", &http.start_daemon) && find(library, "MHD_stop_daemon", &http.stop_daemon)
        && find(library, "MHD_run_wait", &http.run_wait) && find(library, "MHD_get_connection_info", &http.get_connection_info)
        && find(library, "MHD_lookup_connection_value", &http.lookup_connection_value)
        && find(library, "MHD_create_response_from_buffer", &http.create_response_from_buffer)
        && find(library, "MHD_add_response_header", &http.add_response_header)
        && find(library, "MHD_queue_response", &http.queue_response) && find(library, "MHD_destroy_response", &http.destroy_response);
    if (!is_loaded)
        dlclose(library);
    return is_loaded;
}

// MARK: Connections

static void note_connection(
    void *context, struct MHD_Connection *connection, void **place, enum MHD_ConnectionNotificationCode code)
{
    struct textpin_preview_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*place != NULL)
            ((struct viewer_connection *)*place)->is_open = false;
        return;
    }
    textpin_preview_add(server, TEXTPIN_PREVIEW_CONNECTIONS);
    const union MHD_ConnectionInfo *information = http.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    for (int32_t index = 0; information != NULL && index < MOST_CONNECTIONS; index++) {
        struct viewer_connection *viewer = &server->connections[index];
        if (viewer->is_open)
            continue;
        *viewer = (struct viewer_connection){
            .is_open = true, .socket = information->connect_fd, .deadline = textpin_monotonic_nanoseconds() + request_time};
        *place = viewer;
        return;
    }
}

static void note_completion(
    void *context, struct MHD_Connection *connection, void **place, enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct textpin_preview_server *server = context;
    struct viewer_connection *viewer = *place;
    if (viewer == NULL)
        return;
    server->answer_bytes -= viewer->answer_bytes;
    viewer->answer_bytes = 0;
    viewer->deadline = textpin_monotonic_nanoseconds() + request_time;
}

// MHD's own time-out begins anew with every byte, so that one a second would keep a connection for hours.
static void end_late_connections(struct textpin_preview_server *server)
{
    int64_t now = textpin_monotonic_nanoseconds();
    for (int32_t index = 0; index < MOST_CONNECTIONS; index++) {
        struct viewer_connection *viewer = &server->connections[index];
        if (!viewer->is_open || now < viewer->deadline)
            continue;
        // MHD, to which the socket belongs, sees the end and closes it.
        shutdown(viewer->socket, SHUT_RDWR);
        viewer->deadline = INT64_MAX;
        textpin_preview_add(server, TEXTPIN_PREVIEW_LATE);
    }
}

// MARK: Requests

static void read_peer(struct MHD_Connection *connection, uint8_t peer[16])
{
    memset(peer, 0, 16);
    const union MHD_ConnectionInfo *information = http.get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (information == NULL || information->client_addr == NULL)
        return;
    if (information->client_addr->sa_family == AF_INET) {
        const struct sockaddr_in *address = (const void *)information->client_addr;
        peer[10] = peer[11] = 0xFF;
        memcpy(peer + 12, &address->sin_addr, 4);
    } else if (information->client_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const void *)information->client_addr;
        memcpy(peer, &address->sin6_addr, 16);
    }
}

const char *textpin_preview_argument(const struct textpin_preview_request *request, const char *name)
{
    return http.lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

// For every answer: nothing of another origin is loaded, shown around the page or told of it, and nothing is kept.
static const struct {
    const char *name;
    const char *value;
} fields[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

static enum MHD_Result queue(struct MHD_Connection *connection, const struct textpin_preview_answer *answer)
{
    // The library only reads what it is told to copy or to keep.
    struct MHD_Response *response = http.create_response_from_buffer(
        answer->count, (void *)(uintptr_t)answer->bytes, answer->is_constant ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    bool is_complete = true;
    for (size_t index = 0; index < sizeof fields / sizeof fields[0]; index++)
        is_complete = http.add_response_header(response, fields[index].name, fields[index].value) == MHD_YES && is_complete;
    if (answer->type != NULL)
        is_complete = http.add_response_header(response, "Content-Type", answer->type) == MHD_YES && is_complete;
    if (answer->field != NULL)
        is_complete = http.add_response_header(response, answer->field, answer->field_value) == MHD_YES && is_complete;
    enum MHD_Result result = is_complete ? http.queue_response(connection, answer->status, response) : MHD_NO;
    http.destroy_response(response);
    return result;
}

static bool has_body(struct MHD_Connection *connection)
{
    return http.lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length") != NULL
        || http.lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") != NULL;
}

static enum MHD_Result handle(
    void *context, struct MHD_Connection *connection, const char *path, const char *method, const char *version, const char *body,
    size_t *body_bytes, void **place)
{
    (void)version;
    (void)body;
    (void)body_bytes;
    struct textpin_preview_server *server = context;
    const union MHD_ConnectionInfo *information = http.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct viewer_connection *viewer = information == NULL ? NULL : information->socket_context;
    if (viewer == NULL)
        return MHD_NO;
    if (*place == NULL) {
        *place = viewer;
        viewer->deadline = textpin_monotonic_nanoseconds() + answer_time;
        // An answer at the first call ends the connection after it, which is right where a body would follow that nobody wants.
        if (!has_body(connection))
            return MHD_YES;
    }

    struct textpin_preview_request request = {
        .method = method,
        .path = path,
        .host = http.lookup_connection_value(connection, MHD_HEADER_KIND, "Host"),
        .origin = http.lookup_connection_value(connection, MHD_HEADER_KIND, "Origin"),
        .authorization = http.lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization"),
        .connection = connection,
    };
    read_peer(connection, request.peer);
    struct textpin_preview_answer answer = {0};
    server->answer(server->context, &request, &answer);
    if (server->answer_bytes > 0 && answer.count > most_answer_bytes - server->answer_bytes)
        answer = (struct textpin_preview_answer){.status = 503, .field = "Retry-After", .field_value = "1"};
    if (!answer.is_constant) {
        viewer->answer_bytes = answer.count;
        server->answer_bytes += answer.count;
    }
    textpin_preview_add(server, TEXTPIN_PREVIEW_ANSWERS);
    return queue(connection, &answer);
}

// MARK: Start and stop

static int listen_at(const struct textpin_preview_address *address, uint16_t *port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } name = {0};
    socklen_t size;
    if (address->is_ipv4) {
        name.four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(address->port)};
        memcpy(&name.four.sin_addr, address->bytes + 12, 4);
        size = sizeof name.four;
    } else {
        name.six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
        memcpy(&name.six.sin6_addr, address->bytes, 16);
        size = sizeof name.six;
    }
    int file = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0)
        return -1;
    int yes = 1;
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(file, &name.any, size) == 0 && listen(file, MOST_CONNECTIONS) == 0 && getsockname(file, &name.any, &size) == 0) {
        *port = ntohs(address->is_ipv4 ? name.four.sin_port : name.six.sin6_port);
        return file;
    }
    int error = errno;
    close(file);
    errno = error;
    return -1;
}

static void *serve(void *argument)
{
    struct textpin_preview_server *server = argument;
    pthread_setname_np(pthread_self(), "preview");
    // A thread's own on Linux: viewers get the time that frames leave. Where that is forbidden, they still cannot make a frame wait.
    setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
    while (!atomic_load_explicit(&server->stopping, memory_order_acquire)) {
        http.run_wait(server->daemon, nap);
        end_late_connections(server);
    }
    return NULL;
}

static int32_t start_thread(struct textpin_preview_server *server)
{
    // Signals are for the program's own threads.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&server->thread, NULL, serve, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

int32_t textpin_preview_start(
    struct textpin_preview_server *server, const struct textpin_preview_address *address, textpin_preview_answerer answer, void *context)
{
    assert(!server->is_running);
    if (!load_library())
        return TEXTPIN_PREVIEW_NO_LIBRARY;
    int file = listen_at(address, &server->port);
    if (file < 0)
        return errno;
    server->answer = answer;
    server->context = context;
    // Without a flag MHD waits by select, which is quick enough for so few connections: with MHD_USE_EPOLL and run_wait it sleeps over requests
    // that are there (0.9.75).
    server->daemon = http.start_daemon(
        MHD_NO_FLAG, server->port, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET, file, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned int)MOST_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int)MOST_CONNECTIONS_OF_A_PEER,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES, MHD_OPTION_NOTIFY_CONNECTION, note_connection, server,
        MHD_OPTION_NOTIFY_COMPLETED, note_completion, server, MHD_OPTION_END);
    if (server->daemon == NULL) {
        close(file);
        return ENOMEM;
    }
    int32_t error = start_thread(server);
    if (error != 0) {
        http.stop_daemon(server->daemon);
        return error;
    }
    server->is_running = true;
    return 0;
}

uint16_t textpin_preview_port(const struct textpin_preview_server *server)
{
    return server->port;
}

void textpin_preview_stop(struct textpin_preview_server *server)
{
    if (!server->is_running)
        return;
    atomic_store_explicit(&server->stopping, true, memory_order_release);
    pthread_join(server->thread, NULL);
    http.stop_daemon(server->daemon);
    server->is_running = false;
}
