/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hook.h - a kprobe, a kretprobe or a tracepoint, opened for a program
 *
 * Kprobes by the `kprobe` PMU (since 4.17), which go with their descriptor; or
 * by tracefs (tracefs.h).
 */
#ifndef HOOK_H
#define HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"
#include "attach/tracefs.h"

struct hook {
	/* A perf event to attach to, or -1. */
	int event;
	/* By tracefs: the probe there; else NULL. */
	struct tracefs_probe *probe;
	/* A kretprobe that can follow TRACEFS_MANY calls at a time. */
	bool many;
	/* ftrace was switched off: it is behind that, and does without. */
	bool past_ftrace;
	/* Once closed: hits left out, as tracefs_probe_close() has them. */
	uint64_t missed;
};

/*
 * Open one for the start of a function, for its return, or for a tracepoint. No
 * more than TRACEFS_PROBES_MAX at a time. sysfs: a descriptor of its root, or
 * -errno if there is none. cpu: one that is online.
 *
 * These return 0, or -errno with the reason.
 */
int hook_open_kprobe(struct hook *hook, const char *symbol, int sysfs, int cpu,
		     struct reason *reason);
int hook_open_kretprobe(struct hook *hook, const char *symbol, int sysfs,
			int cpu, struct reason *reason);
/* name: as "syscalls/sys_exit_accept". */
int hook_open_tracepoint(struct hook *hook, const char *name, int cpu,
			 struct reason *reason);

/* Close what was opened; a hook whose event is -1 is left as it is. */
void hook_close(struct hook *hook);

/*
 * Of a kretprobe, whether `missed` will have the calls that the kernel could
 * not follow to their return: kprobe_profile does, since 5.17.
 */
bool hook_counts_missed(const struct hook *hook);

/* tracefs_probe_reopen() for a hook that has such a probe. */
int hook_reopen(struct hook *hook, int cpu, struct reason *reason);

/*
 * Where a kprobe at the start of a function is ftrace's business, whether that
 * is switched off. The kernel takes such a kprobe then, does not arm it, and
 * breaks (6.1: "Failed to disarm kprobe-ftrace", then ftrace is dead) once
 * ftrace is on again: ask first.
 */
bool hook_ftrace_is_off(void);

#endif
