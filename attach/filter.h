/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - which accepts are shown: all that every kind of filter lets pass
 *
 * cli/words.c fills a struct filters; filters_find() looks for what it names,
 * once, and filters_open() makes the maps that the program `full` asks.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "accept.h"
#include "base/message.h"

/* Words of a list. */
#define FILTER_MAX 1024

struct filters {
	/* Which there are: bits of enum accept_wants. */
	uint32_t wanted;
	/* For three lists and two single words. */
	struct accept_choice chosen[3 * FILTER_MAX + 2];
	int chosen_count;
	struct accept_network networks[FILTER_MAX];
	int network_count;
	/* Words of the user's, or NULL: a process ID or a file; a directory;
	 * pinned maps.
	 */
	const char *netns;
	const char *cgroup;
	const char *cgroup_map;
	const char *mntns_map;
	/* The namespace that a path of --netns leads to, as stat(2) has it; 0:
	 * there is no such path.
	 */
	uint64_t netns_device;
	uint64_t netns_inode;
	/* Their descriptors. */
	int cgroup_fd;
	int cgroup_map_fd;
	int mntns_map_fd;
};

/* Descriptors of maps, or -1 for those that are not needed. */
struct filter_maps {
	int chosen;
	int networks;
	int cgroups;
	int cgroup_map;
	int mntns_map;
};

/* False if it is there already. */
bool filters_choose(struct filters *filters, enum accept_wants kind,
		    uint64_t first, uint64_t second);

/* Find what the words name, or die. */
void filters_find(struct filters *filters);

/* filters may be NULL. 0, or -errno with the reason. */
int filters_open(const struct filters *filters, struct filter_maps *maps,
		 struct reason *reason);

#endif
