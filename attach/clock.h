/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clock.h - CLOCK_MONOTONIC as bpf_ktime_get_ns() has it
 *
 * In a time namespace (time_namespaces(7), since 5.6) ours is another, so that
 * the times of events would lie in the future or long ago.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#include "base/message.h"

/* Find out how far they are apart. 0, or -errno with the reason. */
int clock_find(struct reason *reason);

/* Now, in nanoseconds; never ahead of what a program has. */
uint64_t clock_ns(void);

#endif
