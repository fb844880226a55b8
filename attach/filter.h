/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - which accepts are shown: those that pass every kind of filter
 *
 * The command line fills a struct filters (cli/words.c). Once, filters_find()
 * opens what it names, and filters_open() creates the maps in which the program
 * `full` looks filters up.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "accept.h"
#include "base/message.h"

/* How many words a list may have. */
#define FILTER_MAX 1024

struct filters {
	/* Which filters are set: bits of enum accept_wants. */
	uint32_t wanted;
	/* Three lists (-p, -P, -u) and two single words (-c, --netns). */
	struct accept_choice chosen[3 * FILTER_MAX + 2];
	int chosen_count;
	struct accept_network networks[FILTER_MAX];
	int network_count;
	/* The user's words, or NULL. A process ID or a file of nsfs. */
	const char *netns;
	/* A directory of cgroup v2. */
	const char *cgroup;
	/* Pinned BPF maps. */
	const char *cgroup_map;
	const char *mntns_map;
	/*
	 * The namespace that the path of --netns leads to, by stat(2); 0 if
	 * --netns is a process ID or is not set.
	 */
	uint64_t netns_device;
	uint64_t netns_inode;
	/* Descriptors of that directory and of these maps. */
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

/*
 * Add a value, one or two numbers, to the filters of this kind. Returns false
 * if it is there already. The caller keeps to the size of chosen[].
 */
bool filters_choose(struct filters *filters, enum accept_wants kind,
		    uint64_t first, uint64_t second);

/* Clear the bits of the host, which do not matter. The prefix is 8 or more. */
void network_cut(struct accept_network *network);

/*
 * Open what the user's words name, or die: with 2 if they name no such thing,
 * with 1 if rights or the kernel do not allow it.
 */
void filters_find(struct filters *filters);

/*
 * Create and fill the maps. filters may be NULL: no map is needed then. Returns
 * 0, or -errno with the reason.
 */
int filters_open(const struct filters *filters, struct filter_maps *maps,
		 struct reason *reason);

#endif
