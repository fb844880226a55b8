/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hook.h - a kprobe, a kretprobe or a tracepoint, opened for a program
 *
 * Kprobes are opened through the `kprobe` PMU (since 4.17), which removes them
 * when their descriptor is closed, or through tracefs (tracefs.h).
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
	/* The probe in tracefs, or NULL if the hook is not one. */
	struct tracefs_probe *probe;
	/* It is a kretprobe that follows up to TRACEFS_MANY calls at once. */
	bool many;
	/* ftrace was off: the probe is behind its code, independent of it. */
	bool past_ftrace;
	/* After hook_close(): skipped hits (tracefs_probe_close()). */
	uint64_t missed;
};

/*
 * Open a hook on the start of a function, on its return, or on a tracepoint; at
 * most TRACEFS_PROBES_MAX may be open at once. sysfs: a descriptor of its root,
 * or -errno if there is none. cpu: one that is online.
 *
 * These return 0, or -errno with the reason.
 */
int hook_open_kprobe(struct hook *hook, const char *symbol, int sysfs, int cpu,
		     struct reason *reason);
/* The same by tracefs, with fetch arguments (tracefs_probe_open()). */
int hook_open_fetch(struct hook *hook, const char *symbol,
		    const char *arguments, int cpu, struct reason *reason);
int hook_open_kretprobe(struct hook *hook, const char *symbol, int sysfs,
			int cpu, struct reason *reason);
/* name: for example "syscalls/sys_exit_accept". */
int hook_open_tracepoint(struct hook *hook, const char *name, int cpu,
			 struct reason *reason);

/* Close a hook; one whose event is -1 stays as it is. */
void hook_close(struct hook *hook);

/*
 * Whether `missed` of a kretprobe will include the calls whose return the
 * kernel could not follow: in tracefs it does since 5.17 (kprobe_profile).
 */
bool hook_counts_missed(const struct hook *hook);

/* tracefs_probe_reopen() for a hook that has such a probe. */
int hook_reopen(struct hook *hook, int cpu, struct reason *reason);

/*
 * Whether ftrace is switched off on a machine where it implements the kprobes
 * at a function's start. Ask before opening one: the kernel would accept it,
 * not arm it, and break once ftrace is on again (6.1: "Failed to disarm
 * kprobe-ftrace", then ftrace is dead).
 */
bool hook_ftrace_is_off(void);

#endif
