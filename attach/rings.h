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
	/* Its descriptors are -1 while the CPU has never been online. */
	struct raw_ring ring;
	/* The keeper's: the ring that the map has; `ring` is to follow it. */
	struct raw_ring retired;
};

struct rings {
	/* By number, which also says what slots of the maps are the CPU's:
	 * accept.h.
	 */
	struct cpu_rings *cpus;
	int count;
	/* A CPU that was online at the start. */
	int first;
	/* Bytes of data in each ring. */
	size_t size;
	/* Readable when CPUs come online; or -1. */
	int uevents;
	/* Maps: the perf rings; struct accept_state of each CPU; events that
	 * found no ring.
	 */
	int map;
	int states;
	int spill;
	/* A map from which programs learn their CPU, where the helper fails; or
	 * -1. */
	int cpu_map;
	/* states and spill as memory; NULL where the kernel cannot
	 * (before 5.5). */
	struct accept_state *mapped;
	struct accept_event *spilled;
};

/*
 * Open a ring for each CPU that is online, with so many pages of data, a power
 * of two; 0: a size of ours. 0, or -errno with the reason.
 */
int rings_open(struct rings *rings, uint32_t pages, struct reason *reason);

/*
 * After rings_open(): create the maps, and set the rings in theirs. Until
 * reader_wake() (trace/reader.h) each event wakes the reader. 0, or -errno with
 * the reason.
 */
int rings_create_maps(struct rings *rings, struct reason *reason);

/*
 * Create cpu_map: a word for each CPU, its number. sysfs: a descriptor, or
 * -errno. 0, or -errno with the reason.
 */
int rings_create_cpu_map(struct rings *rings, int sysfs, struct reason *reason);

/* Add to a program's constants how it learns its CPU. */
struct symbols;
void rings_set_symbols(const struct rings *rings, struct symbols *symbols);

/*
 * For the keeper, which shares no ring's memory with its parent: forget that
 * memory, once. Then open a ring for a CPU: a descriptor, which the reader is
 * to map, or -errno; and set that ring in the map: 0, or -errno.
 */
void rings_keep(struct rings *rings);
int rings_open_one(struct rings *rings, uint64_t number);
int rings_publish_one(struct rings *rings, uint64_t number);

/* A counter of struct accept_state, by its offset: its sum over all CPUs. */
uint64_t rings_sum(const struct rings *rings, size_t counter);

/* At set-up: whether the programs count connections of our own in `own`. */
void rings_mark_proving(const struct rings *rings, bool proving);

#endif
