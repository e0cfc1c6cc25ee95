// Time for measurements and time-outs.
#ifndef TEXTPIN_CLOCK_H
#define TEXTPIN_CLOCK_H

#include <stdint.h>

/// Nanoseconds of the monotonic clock, which no change of the wall clock moves.
int64_t textpin_monotonic_nanoseconds(void);

/// The wall clock as 2026-11-23T01:02:03.456Z, for people to read; no timer depends on it.
void textpin_wall_clock(char text[25]);

#endif
