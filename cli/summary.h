/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * summary.h - counts rows by group
 *
 * A group has a key: any bytes. Memory is bounded: if there is no room for a
 * new group, it replaces one that has the lowest count, and continues that
 * count, which becomes its error (the algorithm Space-Saving of Metwally,
 * Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in
 * Data Streams", 2005). So the sum of the counts is the number of rows. No
 * count is too low, and none is too high by more than its error. No error is
 * above rows / SUMMARY_GROUPS, and every group with more rows than that is
 * kept.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUMMARY_GROUPS 1024
/* The longest key, in bytes. */
#define SUMMARY_KEY 680

struct summary {
	struct group {
		uint64_t count;
		/* By how much the count may be too high. */
		uint64_t error;
		uint32_t hash;
		/* The length of its key, in bytes. */
		uint16_t length;
		/* Its index in `ranks`. */
		uint16_t rank;
		/* 1 + the number of the next group in its chain, or 0. */
		uint16_t next;
	} groups[SUMMARY_GROUPS];
	int count;
	/* Numbers of groups, the highest counts first. */
	uint16_t ranks[SUMMARY_GROUPS];
	/* Indexed by hash: 1 + the number of a chain's first group, or 0. */
	uint16_t chains[SUMMARY_GROUPS];
	/* There were more groups than room. */
	bool overflowed;
	/* Secret: else clients could choose keys that share a chain. */
	uint64_t seed;
	/* Bytes for each key in `keys`, which is mapped memory. */
	size_t size;
	void *keys;
};

/*
 * Get memory for keys of up to `size` bytes, a multiple of 8 and at most
 * SUMMARY_KEY; what is not used of it costs nothing. seed: random. Returns
 * false, with errno, if there is none. *summary is all zeros before.
 */
bool summary_open(struct summary *summary, size_t size, uint64_t seed);

/*
 * Count a row of the group with that key. length: a multiple of 8. Returns the
 * group's number; a group with no rows before has a count of its error + 1.
 */
int summary_add(struct summary *summary, const void *key, size_t length);

/* The key of a group by its number; it has room for `size` bytes. */
void *summary_key(struct summary *summary, int number);

/*
 * Sort `ranks`: the highest counts first, groups of the same count by their
 * keys, which the caller may have changed. Afterwards only summary_clear() may
 * follow.
 */
void summary_sort(struct summary *summary);

/* Forget all groups. */
void summary_clear(struct summary *summary);

#endif
