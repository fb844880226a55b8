/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * function.h - a kernel function: where a kprobe on it may be, if it exists
 */
#ifndef FUNCTION_H
#define FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"

/* An offset near a function's start where a kprobe may be, and those left. */
struct entry {
	const uint8_t *at;
	const uint8_t *end;
};

/*
 * The first offset to try; `past`: only those behind ftrace's code
 * (MACHINE_ENTRIES_PAST_FTRACE in kernel/machine.h). entry_next() moves on to
 * the next one, and returns false if there is none.
 */
struct entry entry_first(bool past);
bool entry_next(struct entry *entry);

/* The offset, in bytes from the function's start. */
int entry_offset(struct entry entry);

/* Whether the kernel's -errno means that the next offset may be accepted. */
bool entry_is_refused(int error);

/*
 * Whether a kernel before 5.2 lacks this function. On those, ask before probing
 * it: a probe of an unknown function leaves "Could not insert probe at" in the
 * kernel's log (kernel/trace/trace_kprobe.c). Returns false on other kernels,
 * and where /proc/kallsyms does not say.
 */
bool function_is_missing(const char *symbol);

/* Set the reason: the function does not exist. Returns -ENOENT. */
int refuse_missing(struct reason *reason, const char *symbol);

#endif
