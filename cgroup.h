/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cgroup.h - the path of a cgroup of the v2 hierarchy, by its ID
 *
 * Once known it is remembered, also when the cgroup has gone.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

#define CGROUP_SLOTS 64

struct cgroups {
	/* Descriptors of the hierarchy's root and of /proc, or -errno. */
	int root;
	int proc;
	/* Opens them by their IDs; keeper.h. */
	int keeper;
	/* Where the root is, as /proc shows paths; "" for "/". */
	char place[128];
	struct {
		uint64_t id;
		char path[EVENT_CGROUP_MAX + 1];
	} slots[CGROUP_SLOTS];
};

/* 0, or -errno: then no path will be found. */
int cgroups_open(struct cgroups *cgroups);

/* From the hierarchy's root on; NULL if it is gone, or cannot be found. */
const char *cgroups_path(struct cgroups *cgroups, uint64_t id);
/* By the keeper: the same; one that is too long loses its head. */
bool cgroups_find(const struct cgroups *cgroups, uint64_t id, char *to,
		  size_t size);

#endif
