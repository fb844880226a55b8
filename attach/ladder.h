/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ladder.h - the first rung that works
 */
#ifndef LADDER_H
#define LADDER_H

#include "attach/tracer.h"

/*
 * Trace: when it returns, every accept is seen. Dies if no rung works, and says
 * why.
 */
void tracer_open(struct tracer *tracer, const struct request *request);

/*
 * The first step of tracer_open(), which all rungs share; then tracer_try()
 * (rung.h). 0, or -errno with the reason.
 */
int tracer_prepare(struct tracer *tracer, const struct request *request,
		   struct reason *reason);

/*
 * Stop tracing, by who has the hooks: what was skipped and missed. The rings
 * still hold what came before.
 */
struct unseen tracer_stop(struct tracer *tracer);

#endif
