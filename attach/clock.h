/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clock.h - the clock of bpf_ktime_get_ns(): CLOCK_MONOTONIC of the initial
 * time namespace
 *
 * In another time namespace (time_namespaces(7), since 5.6) CLOCK_MONOTONIC is
 * shifted: against it, events would lie in the future or long ago.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#include "base/message.h"

/*
 * Measure how far this process's clock is from that one; call it once, before
 * clock_ns(). Returns 0, or -errno with the reason.
 */
int clock_find(struct reason *reason);

/* The same without BPF: as /proc/self/timens_offsets has it, if it does. */
void clock_read(void);

/*
 * The time in nanoseconds; it is never ahead of what a BPF program reads at
 * that moment.
 */
uint64_t clock_ns(void);

#endif
