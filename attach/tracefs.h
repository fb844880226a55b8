/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracefs.h - kprobes through kprobe_events of tracefs
 *
 * Any kernel with kprobes has these, but no descriptor removes them when it is
 * closed: they are removed by name, by tracefs_probe_close(), at exit(3), or,
 * after SIGKILL, by the next tcpaccept.
 */
#ifndef TRACEFS_H
#define TRACEFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"

/* The most at once: two of the rung, and four of the accept queue. */
#define TRACEFS_PROBES_MAX 6

/* The most calls that a kretprobe may follow: KRETPROBE_MAXACTIVE_MAX. */
#define TRACEFS_MANY 4096

struct tracefs_probe {
	/* "" in a free slot. */
	char name[48];
	/* It is a kretprobe that follows up to TRACEFS_MANY calls at once. */
	bool many;
	/* The number of its tracepoint. */
	int id;
	/*
	 * The perf event to attach to, and a duplicate of it; or -1. They are
	 * closed first, which frees the two descriptors that removal needs.
	 */
	int event;
	int spare;
};

/* The longest text of fetch arguments, with its NUL. */
#define TRACEFS_ARGUMENTS 2560

/*
 * Probe the start of a function, or its return. arguments: "", or what to fetch
 * (kprobetrace.rst), each with a blank before it. past_ftrace: only behind
 * ftrace's code. cpu: one that is online. Returns the probe, which is valid
 * until it is closed, or NULL with the reason.
 */
struct tracefs_probe *tracefs_probe_open(const char *symbol,
					 const char *arguments, bool returns,
					 bool past_ftrace, int cpu,
					 struct reason *reason);

/*
 * Open the file that says where its hits have what it fetches. Returns a
 * descriptor, or -errno.
 */
int tracefs_probe_format(const struct tracefs_probe *probe);

/* How many hits there were, on any CPU; those that were skipped are not. */
uint64_t tracefs_probe_hits(const struct tracefs_probe *probe);

/*
 * Open another perf event for it, as each keeps its first program. Some kernels
 * would panic if the probe were removed and added again. Returns 0, or -errno
 * with the reason; then the probe is unchanged.
 */
int tracefs_probe_reopen(struct tracefs_probe *probe, int cpu,
			 struct reason *reason);

/*
 * Remove it. Returns how many hits the kernel skipped, as far as it counts them
 * in kprobe_profile of tracefs: before 5.17 not those for which a kretprobe had
 * no free instance, unless that kernel is patched.
 */
uint64_t tracefs_probe_close(struct tracefs_probe *probe);

/* Call this first: it removes what a killed tcpaccept has left in tracefs. */
void tracefs_prepare(void);

/* Wait until the kernel has finished with the probes that were removed. */
void tracefs_settle(void);

/*
 * After fork(2), for the process that removes the probes: open now what that
 * needs, as it may later neither mount nor open a file for writing.
 */
void tracefs_keep(void);
/*
 * For that process, at its end: remove what another tcpaccept held at the start
 * and has left behind since.
 */
void tracefs_leave(void);
/* For the other process: forget the probes, so that exit(3) leaves them. */
void tracefs_give_away(void);

#endif
