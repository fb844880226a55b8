/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * summary.h - how many rows each group has, instead of the rows
 *
 * A group is known by its key, any bytes. Memory is bounded: where there is no
 * more room, a newcomer takes the place of a group that has the fewest, and
 * goes on from that count, which is then its error (Metwally, Agrawal, El
 * Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
 * Streams", 2005, the algorithm Space-Saving). So the counts add up to the
 * rows; none is too low, and none is too high by more than its error; no error
 * is above rows / SUMMARY_GROUPS, and each group that has more rows than that
 * is there.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUMMARY_GROUPS 1024
/* Bytes of a key at most. */
#define SUMMARY_KEY 664

struct summary {
	struct group {
		uint64_t count;
		/* So many of these may be others'. */
		uint64_t error;
		uint32_t hash;
		/* Bytes of its key. */
		uint16_t length;
		/* Its place in `ranks`. */
		uint16_t rank;
		/* 1 + the number of the next one in its chain, or 0. */
		uint16_t next;
	} groups[SUMMARY_GROUPS];
	int count;
	/* Numbers of groups, those with the highest counts first. */
	uint16_t ranks[SUMMARY_GROUPS];
	/* By hash: 1 + the number of a chain's first group, or 0. */
	uint16_t chains[SUMMARY_GROUPS];
	/* There were more groups than room. */
	bool overflowed;
	/* Unknown to who chooses keys, lest they all get into one chain. */
	uint64_t seed;
	/* Each has so many bytes of `keys`, pages of its own. */
	size_t size;
	void *keys;
};

/*
 * size: the longest key; a multiple of 8, up to SUMMARY_KEY. False if there is
 * no memory for that; what is not touched of it costs nothing.
 */
bool summary_open(struct summary *summary, size_t size, uint64_t seed);

/* length: a multiple of 8. */
void summary_add(struct summary *summary, const void *key, size_t length);

/* The key of the group of that number: `size` bytes. */
void *summary_key(struct summary *summary, int number);

/*
 * The highest counts first, those of one count in the order of their keys,
 * which may be others by now: then `ranks` is in that order, and no more can
 * come.
 */
void summary_sort(struct summary *summary);

/* Begin anew. */
void summary_clear(struct summary *summary);

#endif
