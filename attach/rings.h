/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rings.h - a perf ring and a state for each CPU, in maps
 */
#ifndef RINGS_H
#define RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf_raw.h"
#include "accept.h"
#include "base/message.h"

/* The perf rings of a CPU. */
struct cpu_rings {
	/* The descriptors are -1 until the CPU has been online. */
	struct raw_ring ring;
	/* In the keeper: the ring in the map, until `ring` replaces it. */
	struct raw_ring retired;
	/* A tracepoint that writes to the ring; or 0. */
	int tap;
};

struct rings {
	/* By the CPU's number, which also gives its slots in the maps. */
	struct cpu_rings *cpus;
	int count;
	/* A CPU that was online at the start; -1 if there are no rings. */
	int first;
	/* How many were. */
	int online;
	/* Each ring's data in bytes. */
	size_t size;
	/*
	 * Without BPF: the tracepoint whose hits go to the rings, or 0; and how
	 * many hits were to go there, but for those of taps that are open.
	 */
	int tapped;
	uint64_t hits;
	/* A CPU came online since: there may be hits without a tap. */
	bool untapped;
	/* A socket, readable when CPUs may have come online; or -1. */
	int uevents;
	/* Maps. The perf rings' descriptors: ACCEPT_RING() in accept.h. */
	int map;
	/*
	 * state_count of struct accept_state: one for each CPU, and where tasks
	 * can be preempted in programs another one, for their second copies.
	 */
	int states;
	int state_count;
	/* Events that found no ring: ACCEPT_SPILL slots for each CPU. */
	int spill;
	/*
	 * The number of each CPU, for programs where the helper that returns it
	 * fails; or -1.
	 */
	int cpu_map;
	/* `states` and `spill`, mapped; NULL before 5.5. */
	struct accept_state *mapped;
	struct accept_event *spilled;
};

/*
 * Open a ring for each CPU that is online. *rings must be all zeros. pages: of
 * data, a power of two, or 0 for the default size. Returns 0, or -errno with
 * the reason; then there are CPUs, but no rings.
 */
int rings_open(struct rings *rings, uint32_t pages, struct reason *reason);

/* Close all rings; the CPUs' states stay. */
void rings_close(struct rings *rings);

/*
 * How much memory they have at the start, for a message: "260 KiB for each of 2
 * CPUs, 1 MiB in all". Returns `text`, which has `size` bytes.
 */
const char *rings_memory(const struct rings *rings, char *text, size_t size);

/*
 * After rings_open(): create the maps, and put the rings into theirs. Each
 * event wakes the reader until reader_wake() (trace/reader.h) changes that.
 * Returns 0, or -errno with the reason.
 */
int rings_create_maps(struct rings *rings, struct reason *reason);

/*
 * Create cpu_map, if program_helpers_work() (program.h) is false. sysfs: a
 * descriptor of its root, or -errno. Returns 0, or -errno with the reason.
 */
int rings_create_cpu_map(struct rings *rings, int sysfs, struct reason *reason);

/* Set the symbols by which a program finds its CPU's number and first state. */
struct symbols;
void rings_set_symbols(const struct rings *rings, struct symbols *symbols);

/*
 * For the keeper, once: forget the rings' memory, which fork(2) does not copy.
 */
void rings_keep(struct rings *rings);
/*
 * For the keeper: open a ring for a CPU that came online. Returns a descriptor,
 * which the reader maps, or -errno.
 */
int rings_open_one(struct rings *rings, uint64_t number);
/* For the keeper: put that ring into the map. Returns 0, or -errno. */
int rings_publish_one(struct rings *rings, uint64_t number);

/*
 * Have the hits of a tracepoint write their fields to the rings (raw_tap_open()
 * in bpf_raw.h), on CPUs that come online, too. Returns 0, or -errno with the
 * reason; then rings_untap() has to be called as well.
 */
int rings_tap(struct rings *rings, int tracepoint, struct reason *reason);
/* Forget what the rings hold, before they are read. */
void rings_empty(struct rings *rings);
/* How many hits there were since then: all that the rings had room for, or not.
 */
uint64_t rings_hits(const struct rings *rings);
/* End that; a second call is harmless. */
void rings_untap(struct rings *rings);

/* The sum over all CPUs of a counter of struct accept_state, by its offset. */
uint64_t rings_sum(const struct rings *rings, size_t counter);

/* During set-up: whether programs count test connections in `own`. */
void rings_mark_proving(const struct rings *rings, bool proving);

#endif
