// Time for measurements and time-outs.
#ifndef TEXTPIN_CLOCK_H
#define TEXTPIN_CLOCK_H

#include <stdint.h>

/// Nanoseconds of the monotonic clock, which no change of the wall clock moves.
int64_t textpin_monotonic_nanoseconds(void);

#endif
