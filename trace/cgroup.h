/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cgroup.h - finds the path of a cgroup (v2) by its ID
 *
 * A path that was found is remembered, even when the cgroup has gone. If none
 * was found, cgroups_path() does not look again for a second.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Slots of the hash table, a power of two; a quarter of them stays empty. */
#define CGROUP_SLOTS 1024
/* Bytes for all paths. */
#define CGROUP_TEXT (128 << 10)

struct cgroups {
	/* Descriptors of the hierarchy's root and of /proc, or negative. */
	int root;
	int proc;
	/* The process that opens cgroups by their IDs; keeper_calls.h. */
	int keeper;
	/* cgroups_open() failed: never ask the keeper. */
	bool closed;
	/* The root's path, as /proc shows it; "" for "/". */
	char place[PATH_MAX];
	struct {
		/* The cgroup's ID; 0 if the slot is empty. */
		uint64_t id;
		/* If it was not found: when to ask again. CLOCK_MONOTONIC. */
		uint64_t again_ns;
		/* Offset of its path in `texts`; 0 if it was not found. */
		uint32_t at;
	} slots[CGROUP_SLOTS];
	/* How many slots are not empty. */
	int count;
	/* Paths, each with its NUL; the first one begins at 1. */
	char texts[CGROUP_TEXT];
	/* Where the last path ends; 0 if there is none. */
	uint32_t used;
};

/*
 * Open what the other functions need; call it before privileges are dropped.
 * Returns 0, or -errno: then cgroups_path() finds nothing.
 */
int cgroups_open(struct cgroups *cgroups);

/*
 * Return the path of the cgroup of that ID, from the hierarchy's root on, or
 * NULL if it is gone or cannot be found. It is valid until the next call.
 */
const char *cgroups_path(struct cgroups *cgroups, uint64_t id);

/*
 * For the keeper: write that path, with its NUL, to `to`, which has `size`
 * bytes; a longer one loses its beginning. Returns false if there is none.
 */
bool cgroups_find(const struct cgroups *cgroups, uint64_t id, char *to,
		  size_t size);

#endif
