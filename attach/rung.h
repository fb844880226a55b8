/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rung.h - the rungs of the ladder
 *
 * A rung is a struct rung (probe.h) in a file of its own, attach/rung_*.c, and
 * a line in the table in rung.c.
 */
#ifndef RUNG_H
#define RUNG_H

#include "attach/probe.h"

extern const struct rung rung_graft, rung_inet_accept, rung_csk_return,
	rung_syscall, rung_cgroup, rung_ftrace, rung_poll;

/* What the last one can, for whom no other works. */
extern const char rung_poll_offer[];

/* The ladder, best first; the last is only for who names it. */
#define RUNG_LADDER 6
#define RUNG_COUNT (RUNG_LADDER + 1)
extern const struct rung *const rungs[RUNG_COUNT];

/* A `possible` for kprobes: refuses kernels that are known to panic on them. */
int kprobe_possible(const struct tracer *tracer, const struct rung *rung,
		    struct reason *reason);

/*
 * Set what the program `full` is asked for, and the size of its events: the
 * whole only for columns, as filters look at members that the reader need not
 * have.
 */
void tracer_grant(struct tracer *tracer, uint32_t wanted);

/*
 * Load a program that sends events, or for hooks of cgroups. hook: that hook,
 * else 0. Sets probe.host_pids. Returns a descriptor, or -errno with the
 * reason.
 */
int rung_load(struct tracer *tracer, const struct rung *rung,
	      enum program program, enum bpf_prog_type type,
	      enum bpf_attach_type hook, struct reason *reason);

/*
 * The rest of a rung's open(), once its hooks are open (probe.h) and, if need
 * be, tested over TCP: load the program that sends accepts, attach it, and test
 * it over AF_UNIX if the hook meets that. It is the last step because loading
 * needs most of the time. Returns 0, or -errno with the reason.
 */
int rung_run(struct tracer *tracer, const struct rung *rung,
	     struct reason *reason);

/* Whether it is a -errno for something that the user can give more of. */
bool is_short(int error);

/* Why it need not be tried after tracer_prepare() (ladder.h), or NULL. */
struct reason *rung_lacks(struct tracer *tracer, const struct rung *rung);

/*
 * After tracer_prepare() (ladder.h): open this rung and see it work; it traces
 * from then on. Returns 0, or -errno with the reason; then all of it is closed.
 * probe_close() undoes it.
 */
int tracer_try(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason);

#endif
