/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hook.h - a kprobe, a kretprobe or a tracepoint, opened for a program
 *
 * Kprobes by the `kprobe` PMU (since 4.17), which go with their descriptor; or
 * by tracefs' kprobe_events, which must be taken away by name: by hook_close(),
 * at exit(3), or, if we are killed, by the next tcpaccept.
 */
#ifndef HOOK_H
#define HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"

/* The most that the kernel takes: KRETPROBE_MAXACTIVE_MAX. */
#define HOOK_MANY 4096

struct hook {
	/* A perf event to attach to, or -1. */
	int event;
	/* By tracefs: the probe's name there; else "". */
	char name[48];
	/* A kretprobe that can follow HOOK_MANY calls at a time. */
	bool many;
	/* ftrace was switched off: it is behind that, and does without. */
	bool past_ftrace;
	/*
	 * Once closed: hits that the kernel left out, for want of an instance
	 * or else, as far as it tells (kprobe_profile of tracefs; of a
	 * kretprobe's, kernels before 5.17 tell less, unless patched).
	 */
	uint64_t missed;
};

/*
 * These return 0, or -errno with the reason; no more than six at a time.
 * sysfs: a descriptor of its root, or -errno if there is none. cpu: one that is
 * online.
 */
int hook_open_kprobe(struct hook *hook, const char *symbol, int sysfs, int cpu,
		     struct reason *reason);
int hook_open_kretprobe(struct hook *hook, const char *symbol, int sysfs,
			int cpu, struct reason *reason);
/* name: as "syscalls/sys_exit_accept". */
int hook_open_tracepoint(struct hook *hook, const char *name, int cpu,
			 struct reason *reason);

void hook_close(struct hook *hook);

/*
 * Of a kretprobe, whether `missed` will have the calls that the kernel could
 * not follow to their return: kprobe_profile does, since 5.17.
 */
bool hook_tells_missed(const struct hook *hook);

/*
 * Another perf event for the probe of tracefs that the hook has, as one takes
 * one program: to remove the probe and add it again is what some kernels panic
 * of. 0, or -errno with the reason; then the hook is as it was.
 */
int hook_reopen(struct hook *hook, int cpu, struct reason *reason);

/* Wait until the kernel is done with probes that were removed. */
void hooks_settle(void);

/*
 * fork(2) has given the hooks to another process. hooks_keep(): that is us, and
 * we may mount nothing later, nor open a file for writing. hooks_leave(): at
 * our end, remove what was held by another tcpaccept at our start, if that has
 * left it behind. hooks_give_away(): they are not ours to remove any more.
 */
void hooks_keep(void);
void hooks_leave(void);
void hooks_give_away(void);

/*
 * Where a kprobe at the start of a function is ftrace's business, whether that
 * is switched off. The kernel takes such a kprobe then, does not arm it, and
 * breaks (6.1: "Failed to disarm kprobe-ftrace", then ftrace is dead) once
 * ftrace is on again: ask first.
 */
bool hook_ftrace_is_off(void);

/* First: remove what a tcpaccept that was killed has left in tracefs. */
void hooks_prepare(void);

#endif
