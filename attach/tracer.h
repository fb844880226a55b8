/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracer.h - the kernel's half of a tracer: rings, maps, program, hooks
 */
#ifndef TRACER_H
#define TRACER_H

#include "accept.h"
#include "base/message.h"
#include "kernel/kernel.h"
#include "kernel/machine.h"
#include "attach/filter.h"
#include "attach/hook.h"
#include "attach/queue.h"
#include "attach/rings.h"

enum hook_kind { HOOK_KPROBE, HOOK_KRETPROBE, HOOK_TRACEPOINT };

/* One way to see accepts. */
struct rung {
	const char *name;
	const char *description;
	enum hook_kind kind;
	/* Kprobes: what register of struct pt_regs has the new sock. */
	enum machine_reg sock;
	/* Accepts of AF_UNIX sockets pass there, too. */
	bool meets_unix;
	/* Kernel symbols, or tracepoints; only the first must exist. */
	const char *points[3];
	/* What it cannot see, or NULL. */
	const char *limits;
};

/* What is asked for. */
struct request {
	/* That process only, or 0: all, or those of the filters. */
	uint32_t pid;
	/* Bits of enum accept_ask; 0: the plain program will do. */
	uint32_t asked;
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

/* What the kernel kept from the programs, as far as it tells. */
struct unseen {
	/* Hits, not all of them accepts. */
	uint64_t skipped;
	/* Returns that it did not follow. */
	uint64_t missed;
};

struct tracer {
	struct request request;
	struct kernel kernel;
	struct rings rings;
	/* Process IDs are the host's, not ours. */
	bool host_pids;
	/* Threads that waited in accept() when csk-return began; or -errno. */
	int waiting;
	/* Of what is asked for, what this kernel can do. */
	uint32_t asked;
	/* Bytes of an event in a ring. */
	uint32_t event_size;
	struct filter_maps filter_maps;
	struct queue queue;
	const struct rung *rung;
	int program;
	struct hook hooks[3];
	/*
	 * What notes that calls begin, where their end does not tell enough:
	 * a socketcall(2), or inet_csk_accept() before 5.17; its program, and
	 * the map with the threads that are in one. Or -1.
	 */
	struct hook calling;
	int calling_program;
	int calls;
	/* Connections that wait to be accepted at the end, or -1. */
	int witness;
};

#endif
