/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe.h - the kernel's half of a tracer: rings, maps, program, hook
 *
 * tracer_open() returns once every accept is seen, or dies saying why not;
 * tracer_detach() ends that, with the rings still to be read.
 */
#ifndef PROBE_H
#define PROBE_H

#include "accept.h"
#include "bpf_raw.h"

enum hook { HOOK_KPROBE, HOOK_KRETPROBE, HOOK_TRACEPOINT };

/* One way to see accepts. */
struct rung {
	const char *name;
	const char *description;
	enum hook hook;
	/* Kprobes: where struct pt_regs has the new sock, in bytes. */
	int sock;
	/* Kernel symbols, or tracepoints; only the first must exist. */
	const char *points[2];
	/* What it cannot see, or NULL. */
	const char *limits;
};

struct cpu {
	int number;
	struct raw_ring ring;
	/* The oldest event taken from the ring but not printed, if any. */
	struct accept_event event;
	bool full;
};

struct tracer {
	struct cpu *cpus;
	int cpu_count;
	/* CPU numbers, and with them the slots of both maps, are below. */
	int cpu_limit;
	int first_cpu;
	/* Maps: the CPUs' perf rings, and their struct accept_state. */
	int rings;
	int states;
	/* The latter as memory, or NULL where the kernel cannot. */
	struct accept_state *mapped;
	/* Open during set-up only. */
	int sysfs;
	const struct rung *rung;
	int program;
	int events[2];
	/* The sum of the LOST records that the reader has met. */
	uint64_t ring_lost;
};

/* The ladder, best first. */
#define RUNG_COUNT 4
extern const struct rung rungs[RUNG_COUNT];

/*
 * pid: that process only, or 0 for all. only: that rung, or NULL for the first
 * that works. verbose: say which and why.
 */
void tracer_open(struct tracer *tracer, uint32_t pid, const struct rung *only,
		 bool verbose);
void tracer_detach(struct tracer *tracer);

/*
 * The time up to which all events are in the rings, if it is now_ns
 * (CLOCK_MONOTONIC) now; ask before looking at the rings.
 */
uint64_t tracer_settled(const struct tracer *tracer, uint64_t now_ns);

/*
 * Whether events are to wake who polls the rings. Programs that run just now
 * may not know yet. Where the kernel cannot be told (before 5.5), they do.
 */
void tracer_wake(const struct tracer *tracer, bool wake);

/* Accepts that the hook met and no ring holds. */
struct losses {
	/* For want of room. */
	uint64_t full;
	/* For want of a ring. */
	uint64_t other;
	/* Hits, not all of them accepts, that the kernel kept from us. */
	uint64_t skipped;
};

/* last: tracing is over. Before that, what costs a bpf(2) is left out. */
struct losses tracer_losses(const struct tracer *tracer, bool last);

#endif
