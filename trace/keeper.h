/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * keeper.h - the process that keeps the privileges while the other one reads
 */
#ifndef KEEPER_H
#define KEEPER_H

struct tracer;
struct cgroups;

/*
 * Fork the keeper. It has the program, its hooks and its maps, and answers the
 * requests of keeper_calls.h; the caller reads the events (reader_take()), and
 * can give up its privileges. Once the caller has ended, in whatever way, the
 * keeper takes the hooks away and ends.
 *
 * Returns the `keeper` of keeper_calls.h, and sets cgroups->keeper. It is
 * readable when the keeper has something to say, or has gone, which ends the
 * tracing. signals: readable once it is time to end. Dies if it cannot.
 */
int keeper_start(struct tracer *tracer, struct cgroups *cgroups, int signals);

#endif
