/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracer.h - all that traces: rings, maps, programs and hooks
 *
 * After the fork it belongs to the keeper.
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
	/* Only this process; 0: all, or those of the filters. */
	uint32_t pid;
	/* Only this local port; 0: all, or those of the filters. */
	uint32_t port;
	/* Bits of enum accept_wants; 0: the program `kprobe` is enough. */
	uint32_t wanted;
	/* Those of these bits that columns named in -o need. */
	uint32_t named;
	/* NULL if there are none. */
	const struct filters *filters;
	/* Only this rung; NULL: the first that works. */
	const struct rung *only;
	/* Pages of data in each CPU's ring, a power of two; 0: the default. */
	uint32_t ring_pages;
	/* How often the rung poll looks, in milliseconds. */
	uint32_t look_ms;
	/* Rows show what their processes run: column EXE. */
	bool exe;
	/* Act as if the kernel had no BTF. */
	bool no_btf;
	/* Find out all that --check reports, asked for or not. */
	bool check;
	/* Say what is used and why. */
	bool verbose;
};

struct tracer {
	struct request request;
	struct kernel kernel;
	struct rings rings;
	/*
	 * Why the rings and maps of BPF programs, or the filters in them, could
	 * not be opened: only rungs without BPF can be tried then. Its error is
	 * 0 if they were.
	 */
	struct reason lacks;
	/* If its error is not 0: why there are no perf rings. */
	struct reason no_perf;
	/* The same of the accept queue (queue.h). */
	struct reason no_queue;
	/* And of a filter that only the rung cgroup may have. */
	struct reason refused;
	/* Those bits of request.wanted that this kernel can grant. */
	uint32_t granted;
	/* The rung's hook itself has the listener, which BL needs. */
	bool by_listener;
	/* Bytes of an event in a ring. */
	uint32_t event_size;
	struct filter_maps filter_maps;
	struct queue queue;
	struct probe probe;
};

#endif
