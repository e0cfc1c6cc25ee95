#define _POSIX_C_SOURCE 200809L
#include "textpin_clock.h"

#include <stdio.h>
#include <time.h>

int64_t textpin_monotonic_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void textpin_wall_clock(char text[25])
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    // Years beyond 9999 do not fit, and a clock that says one is wrong anyway.
    char date[64];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, 25, "%.19s.%03dZ", date, (int)(now.tv_nsec / 1000000) % 1000);
}
