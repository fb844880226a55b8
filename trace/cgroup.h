/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cgroup.h - the path of a cgroup of the v2 hierarchy, by its ID
 *
 * What is found is remembered, also when the cgroup has gone; that nothing is
 * found, for a second.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By hash, a power of two; a quarter of them stays empty. */
#define CGROUP_SLOTS 1024
#define CGROUP_TEXT (128 << 10)

struct cgroups {
	/* Descriptors of the hierarchy's root and of /proc, or -errno. */
	int root;
	int proc;
	/* Opens them by their IDs; keeper_calls.h. */
	int keeper;
	/* There is no use in asking it. */
	bool closed;
	/* Where the root is, as /proc shows paths; "" for "/". */
	char place[PATH_MAX];
	struct {
		/* 0: empty. */
		uint64_t id;
		/* When to ask again, if it was not found. */
		uint64_t again_ns;
		/* The path in `texts`; 0: it was not found. */
		uint32_t at;
	} slots[CGROUP_SLOTS];
	/* How many are not empty. */
	int count;
	/* Paths, each with its NUL; `used` bytes, once there is one. */
	char texts[CGROUP_TEXT];
	uint32_t used;
};

/* 0, or -errno: then no path will be looked for. */
int cgroups_open(struct cgroups *cgroups);

/* From the hierarchy's root on; NULL if it is gone, or cannot be found. */
const char *cgroups_path(struct cgroups *cgroups, uint64_t id);
/* By the keeper: the same; one that is too long loses its head. */
bool cgroups_find(const struct cgroups *cgroups, uint64_t id, char *to,
		  size_t size);

#endif
