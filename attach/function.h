/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * function.h - a function of the kernel, as far as kprobes need to know it
 */
#ifndef FUNCTION_H
#define FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"

/* A place near a function's start where a kprobe may be, and those after it. */
struct entry {
	const uint8_t *at;
	const uint8_t *end;
};

/*
 * The first place to try, and the next one, false if there is none. past: only
 * behind ftrace's code (kernel/machine.h).
 */
struct entry entry_first(bool past);
bool entry_next(struct entry *entry);

/* Of a place: bytes from the function's start. */
int entry_offset(struct entry entry);

/* Whether, by this -errno of the kernel's, the next place is worth a try. */
bool entry_is_refused(int error);

/*
 * Whether a kernel before 5.2 lacks that function: there a probe of what is not
 * there leaves a line in the kernel's log, "Could not insert probe at"
 * (kernel/trace/trace_kprobe.c). False for other kernels, and where
 * /proc/kallsyms does not say.
 */
bool function_is_missing(const char *symbol);

/* Note that as the reason; returns -ENOENT. */
int refuse_missing(struct reason *reason, const char *symbol);

#endif
