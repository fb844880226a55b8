/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ladder.h - the first rung that works
 */
#ifndef LADDER_H
#define LADDER_H

#include "attach/tracer.h"

/*
 * Start tracing: once this returns, every accept is seen. If no rung works it
 * dies with the reason.
 */
void tracer_open(struct tracer *tracer, const struct request *request);

/*
 * The part of tracer_open() that all rungs share: kernel, rings, maps and
 * filters. tracer_try() (rung.h) comes next. Returns 0, also where there is no
 * BPF (tracer->lacks), or -errno with the reason.
 */
int tracer_prepare(struct tracer *tracer, const struct request *request,
		   struct reason *reason);

/*
 * Stop tracing; for the process that holds the hooks. Returns what was skipped
 * and missed. The rings still hold earlier events.
 */
struct unseen tracer_stop(struct tracer *tracer);

#endif
