/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracefs.h - kprobes by kprobe_events of tracefs
 *
 * Any kernel with kprobes has these, but they don't go with a descriptor: they
 * must be removed by name, by tracefs_probe_close(), at exit(3), or, if we are
 * killed, by the next tcpaccept.
 */
#ifndef TRACEFS_H
#define TRACEFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"

/* At a time: two of the rung, and four of the accept queue. */
#define TRACEFS_PROBES_MAX 6

/* The most that the kernel takes: KRETPROBE_MAXACTIVE_MAX. */
#define TRACEFS_MANY 4096

struct tracefs_probe {
	/* "": none. */
	char name[48];
	/* A kretprobe that can follow TRACEFS_MANY calls at a time. */
	bool many;
	/*
	 * The perf event that holds it, to attach to, and a copy: room for the
	 * two descriptors that removal takes. Or -1.
	 */
	int event;
	int spare;
};

/*
 * Probe the start of a function, or its return. past_ftrace: only behind
 * ftrace's code. cpu: one that is online. The probe, which stays where it is
 * until it is closed, or NULL with the reason.
 */
struct tracefs_probe *tracefs_probe_open(const char *symbol, bool returns,
					 bool past_ftrace, int cpu,
					 struct reason *reason);

/*
 * Another perf event for it, as one takes one program: to remove the probe and
 * add it again is what some kernels panic of. 0, or -errno with the reason;
 * then the probe is as it was.
 */
int tracefs_probe_reopen(struct tracefs_probe *probe, int cpu,
			 struct reason *reason);

/*
 * Remove it. Returns the hits that the kernel left out, for want of an instance
 * or else, as far as it tells (kprobe_profile of tracefs; of a kretprobe's,
 * kernels before 5.17 tell less, unless patched).
 */
uint64_t tracefs_probe_close(struct tracefs_probe *probe);

/* First: remove what a tcpaccept that was killed has left in tracefs. */
void tracefs_prepare(void);

/* Wait until the kernel is done with probes that were removed. */
void tracefs_settle(void);

/*
 * fork(2) has given the probes to another process. tracefs_keep(): that is us,
 * and we may mount nothing later, nor open a file for writing. tracefs_leave():
 * at our end, remove what was held by another tcpaccept at our start, if that
 * has left it behind. tracefs_give_away(): they are not ours to remove any
 * more.
 */
void tracefs_keep(void);
void tracefs_leave(void);
void tracefs_give_away(void);

#endif
