/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rung.h - the ways to see accepts
 */
#ifndef RUNG_H
#define RUNG_H

#include "attach/tracer.h"

/* The ladder, best first. */
#define RUNG_COUNT 4
extern const struct rung rungs[RUNG_COUNT];

/*
 * After tracer_prepare() (ladder.h): open this rung, see it work, and have it
 * trace. 0, or -errno with the reason; then nothing of it is left.
 */
int tracer_try(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason);
/* Undo tracer_try(). */
void tracer_release(struct tracer *tracer);

#endif
