/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - which accepts are shown: those that pass every kind of filter
 *
 * The command line fills a struct filters (cli/words.c). Once, filters_find()
 * opens what it names (attach/find.c), and filters_open() creates the maps in
 * which the program `full` looks filters up.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "accept.h"
#include "base/message.h"

/* How many words a list may have; ranges count as all that they have. */
#define FILTER_MAX 1024

struct filters {
	/* Which filters are set: bits of enum accept_wants. */
	uint32_t wanted;
	/* Three lists (-p, -u, -c) and a single word (--netns). */
	struct accept_choice chosen[3 * FILTER_MAX + 1];
	int chosen_count;
	/* A range is among the process IDs. */
	bool pid_range;
	/* As in the map `ports`: those of -P, and those that it excepts. */
	uint64_t ports[ACCEPT_PORT_WORDS];
	uint64_t not_ports[ACCEPT_PORT_WORDS];
	/* And all of IPv4 and IPv6, if -R only excepts. */
	struct accept_network networks[FILTER_MAX + 2];
	int network_count;
	/* The user's words, or NULL. A process ID or a file of nsfs. */
	const char *netns;
	/* A directory of cgroup v2. */
	const char *cgroup;
	/* The first digits of a container's ID; its cgroup becomes `cgroup`. */
	const char *container;
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
	int ports;
	int networks;
	int cgroups;
	int cgroup_map;
	int mntns_map;
};

/*
 * Add a value, one or two numbers, to the filters of this kind: one of
 * ACCEPT_FILTER_PIDS, UIDS, COMM and NETNS, with its ACCEPT_EXCEPT_ bit if the
 * value is excepted, as all values of the kind then must be. Nothing happens if
 * it is there already. Returns false if the kind has FILTER_MAX values.
 */
bool filters_choose(struct filters *filters, uint32_t kind, uint64_t first,
		    uint64_t second);
/* The same for -R. The bits of the host are 0. */
bool filters_choose_network(struct filters *filters,
			    const struct accept_network *network);

/*
 * All ports and networks are there: where nothing but exceptions was given, all
 * others pass. Returns whether any port is left.
 */
bool filters_settle(struct filters *filters);

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

/*
 * For a rung without BPF, the like of bpf/filters.h: whether the filters that
 * `wanted` has let an event through. These may be the lists of processes, users
 * and names; ports, networks, and IPv4 or IPv6.
 */
bool filters_pass(const struct filters *filters, uint32_t wanted,
		  const struct accept_event *event);

#endif
