/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rung.h - the ways to see accepts
 *
 * A rung is a constant in a file of its own, attach/rung_*.c, and a line of the
 * table in rung.c.
 */
#ifndef RUNG_H
#define RUNG_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf_raw.h"
#include "base/message.h"
#include "kernel/machine.h"

struct tracer;

/* What the kernel kept from the programs, as far as it tells. */
struct unseen {
	/* Hits, not all of them accepts. */
	uint64_t skipped;
	/* Returns that it did not follow. */
	uint64_t missed;
};

enum hook_kind { HOOK_KPROBE, HOOK_KRETPROBE, HOOK_TRACEPOINT };

/* One way to see accepts. */
struct rung {
	const char *name;
	const char *description;
	/* What it cannot see, or NULL. */
	const char *limits;
	/*
	 * Whether it may be tried on this kernel, found out without opening
	 * anything. 0, or -errno with the reason.
	 */
	int (*possible)(const struct tracer *tracer, const struct rung *rung,
			struct reason *reason);
	/*
	 * Trace by it, and see an accept of our own come through. 0, or -errno
	 * with the reason; what is open then, probe_close() closes.
	 */
	int (*open)(struct tracer *tracer, const struct rung *rung,
		    struct reason *reason);
	/* Say what the user should know, once it is in use; or NULL. */
	void (*say)(const struct tracer *tracer);
	/* Take the hooks away, by who has them. A second call is harmless. */
	struct unseen (*stop)(struct tracer *tracer);

	/* Of hooks (probe.h): kernel symbols, or tracepoints; only the first
	 * must exist.
	 */
	enum hook_kind kind;
	const char *points[3];
	/* Kprobes: what register of struct pt_regs has the new sock. */
	enum machine_reg sock;
	/* Accepts of AF_UNIX sockets pass there, too. */
	bool meets_unix;
};

extern const struct rung rung_graft, rung_inet_accept, rung_csk_return,
	rung_syscall;

/* The ladder, best first. */
#define RUNG_COUNT 4
extern const struct rung *const rungs[RUNG_COUNT];

/*
 * The rest of open(), once the hooks are open (probe.h) and known to fire as
 * far as TCP can show that: load the program that sends accepts, attach it, and
 * see it run where it meets AF_UNIX. 0, or -errno with the reason.
 */
int rung_run(struct tracer *tracer, const struct rung *rung,
	     struct reason *reason);

/*
 * After tracer_prepare() (ladder.h): open this rung, see it work, and have it
 * trace. 0, or -errno with the reason; then nothing of it is left.
 */
int tracer_try(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason);
/* Undo tracer_try(). */
void tracer_release(struct tracer *tracer);

#endif
