/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * perf.h - a source: the perf rings of a CPU
 */
#ifndef PERF_H
#define PERF_H

#include "bpf_raw.h"
#include "attach/tracer.h"
#include "trace/source.h"

/* A possible CPU: it need not be online. */
struct cpu {
	struct source source;
	/* ring.fd is -1 while the CPU has never been online. */
	struct raw_ring ring;
	/* The ring before that, while it may hold events; these are older. */
	struct raw_ring previous;
	/* When it was replaced; CLOCK_MONOTONIC. */
	uint64_t replaced_ns;
	/* Size of an event in the rings, in bytes. */
	uint32_t event_size;
	/* Set for the rung ftrace, whose samples the rings hold instead. */
	const struct tracer *samples;
	/* The CPU has come online, and needs another ring. */
	bool needs_ring;
	/* The user was told that no ring could be opened. */
	bool complained;
	/* How many of the CPU's spilled events were shown. */
	uint64_t spill_read;
	/*
	 * Since when, at each look, an event whose time is not known has been
	 * on its way; or 0. CLOCK_MONOTONIC.
	 */
	uint64_t untimed_ns[2];
};

/*
 * Set up cpu->source, with `ring` as the CPU's first ring. `cpu` must be all
 * zeros. event_size: of an event in the ring, in bytes.
 */
void perf_source_open(struct cpu *cpu, const struct raw_ring *ring,
		      uint32_t event_size);

/*
 * Replace the CPU's ring. The old one becomes cpu->previous, where an earlier
 * one must have been closed.
 */
void perf_source_renew(struct cpu *cpu, const struct raw_ring *ring);

#endif
