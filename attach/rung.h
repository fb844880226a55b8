/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rung.h - the ways to see accepts
 *
 * A rung is a struct rung (probe.h) in a file of its own, attach/rung_*.c, and
 * a line of the table in rung.c.
 */
#ifndef RUNG_H
#define RUNG_H

#include "attach/probe.h"

extern const struct rung rung_graft, rung_inet_accept, rung_csk_return,
	rung_syscall;

/* The ladder, best first. */
#define RUNG_COUNT 4
extern const struct rung *const rungs[RUNG_COUNT];

/* A `possible`, for kprobes: whether they are known to kill this kernel. */
int kprobe_possible(const struct tracer *tracer, const struct rung *rung,
		    struct reason *reason);

/*
 * The rest of open(), once the hooks are open (probe.h) and known to fire as
 * far as TCP can show that: load the program that sends accepts, attach it, and
 * see it run where it meets AF_UNIX. It comes last, as to load a program needs
 * most of the time. 0, or -errno with the reason.
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
