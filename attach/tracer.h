/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracer.h - all that traces: rings, maps, program, hooks; in the end it is the
 * keeper's
 */
#ifndef TRACER_H
#define TRACER_H

#include "accept.h"
#include "base/message.h"
#include "kernel/kernel.h"
#include "kernel/machine.h"
#include "attach/filter.h"
#include "attach/probe.h"
#include "attach/queue.h"
#include "attach/rings.h"

/* What is asked for. */
struct request {
	/* That process only, or 0: all, or those of the filters. */
	uint32_t pid;
	/* Bits of enum accept_wants; 0: the plain program will do. */
	uint32_t wanted;
	/* Of these what a column of -o needs, which the user has named. */
	uint32_t named;
	/* Or NULL. */
	const struct filters *filters;
	/* That rung, or NULL for the first that works. */
	const struct rung *only;
	/* Of data in each CPU's perf ring, a power of two; 0: as it sees fit.
	 */
	uint32_t ring_pages;
	/* As if the kernel had no BTF. */
	bool no_btf;
	/* Look for all that may be asked for, as --check tells of it. */
	bool check;
	/* Say what is used and why. */
	bool verbose;
};

struct tracer {
	struct request request;
	struct kernel kernel;
	struct rings rings;
	/* Of what is asked for, what this kernel can do. */
	uint32_t granted;
	/* Bytes of an event in a ring. */
	uint32_t event_size;
	struct filter_maps filter_maps;
	struct queue queue;
	struct probe probe;
};

#endif
