#define _GNU_SOURCE
#include "textpin_service.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int32_t textpin_signals_open(void)
{
    sigset_t taken;
    sigemptyset(&taken);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &taken, NULL) != 0)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
}

int32_t textpin_signals_take(int32_t descriptor)
{
    struct signalfd_siginfo information;
    if (read(descriptor, &information, sizeof information) != sizeof information)
        return TEXTPIN_SIGNAL_NONE;
    return information.ssi_signo == SIGHUP ? TEXTPIN_SIGNAL_RELOAD : TEXTPIN_SIGNAL_END;
}

uint32_t textpin_wait(const int32_t *descriptors, int32_t count, int64_t nanoseconds)
{
    assert(count >= 0 && count <= 32);
    struct pollfd polled[32];
    for (int32_t i = 0; i < count; i++)
        polled[i] = (struct pollfd){ .fd = descriptors[i], .events = POLLIN };
    if (nanoseconds < 0)
        nanoseconds = 0;
    struct timespec limit = { .tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000 };
    uint32_t ready = 0;
    if (ppoll(polled, (nfds_t)count, &limit, NULL) > 0)
        for (int32_t i = 0; i < count; i++)
            if (polled[i].revents != 0)
                ready |= (uint32_t)1 << i;
    return ready;
}

void textpin_notify(const char *state, size_t count)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    size_t length = strlen(path);
    memcpy(address.sun_path, path, length);
    // Linux's abstract names begin with a zero.
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int socket_file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_file < 0)
        return;
    (void)sendto(socket_file, state, count, MSG_NOSIGNAL, (const struct sockaddr *)&address,
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(socket_file);
}

int64_t textpin_watchdog_nanoseconds(void)
{
    const char *limit = getenv("WATCHDOG_USEC");
    const char *process = getenv("WATCHDOG_PID");
    if (limit == NULL || (process != NULL && strtoll(process, NULL, 10) != getpid()))
        return 0;
    long long microseconds = strtoll(limit, NULL, 10);
    return microseconds > 0 && microseconds < INT64_MAX / 1000 ? microseconds * 1000 : 0;
}
