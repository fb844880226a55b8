/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * keeper.h - the process that keeps the privileges while the other one reads
 */
#ifndef KEEPER_H
#define KEEPER_H

struct tracer;
struct cgroups;

/*
 * Fork the keeper. It holds the program, its hooks and its maps, and answers
 * the requests of keeper_calls.h; the caller reads the events (reader_take()),
 * and can give up its privileges. When the caller ends, for whatever reason,
 * the keeper removes the hooks and ends.
 *
 * Returns the socket that keeper_calls.h calls `keeper`, and puts it into
 * cgroups->keeper, too. It is readable when the keeper has a message, or has
 * ended, and the tracing with it. signals: a descriptor that is readable once
 * it is time to end. Dies if there can be no second process.
 */
int keeper_start(struct tracer *tracer, struct cgroups *cgroups, int signals);

#endif
