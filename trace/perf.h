/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * perf.h - the perf rings of a CPU, as a source
 */
#ifndef PERF_H
#define PERF_H

#include "bpf_raw.h"
#include "trace/source.h"

/* A CPU that there may be. */
struct cpu {
	struct source source;
	/* Its descriptor is -1 while the CPU has never been online. */
	struct raw_ring ring;
	/* The ring before, while it may hold events; they are older. */
	struct raw_ring previous;
	uint64_t replaced_ns;
	/* Bytes of an event in the rings. */
	uint32_t event_size;
	/* It has come online, and needs another ring; that it got none was
	 * said.
	 */
	bool needs_ring;
	bool complained;
	/* How many of its spilled events were shown. */
	uint64_t spill_read;
};

/* cpu->source, with `ring` as the CPU's first one. `cpu` is all zeros before.
 */
void perf_source_open(struct cpu *cpu, const struct raw_ring *ring,
		      uint32_t event_size);

/* Another ring in place of this one; cpu->previous is closed before. */
void perf_source_renew(struct cpu *cpu, const struct raw_ring *ring);

#endif
