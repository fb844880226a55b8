// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * filter.c - which accepts are shown: those that pass every kind of filter
 *
 * Sections: words, maps, without maps.
 */
#include <stddef.h>
#include <sys/socket.h>

#include "bpf_raw.h"
#include "attach/filter.h"
#include "attach/map.h"

/* ------------------------------------------------------------------------
 * Words
 */

bool filters_choose(struct filters *filters, uint32_t kind, uint64_t first,
		    uint64_t second)
{
	const uint64_t ask = kind & ~ACCEPT_EXCEPTIONS;
	const struct accept_choice choice = { ask, { first, second } };
	int count = 0;

	filters->wanted |= kind;
	for (int i = 0; i < filters->chosen_count; i++) {
		if (!memcmp(&filters->chosen[i], &choice, sizeof(choice)))
			return true;
		count += filters->chosen[i].ask == ask;
	}
	if (count == FILTER_MAX)
		return false;
	filters->chosen[filters->chosen_count++] = choice;
	return true;
}

void network_cut(struct accept_network *network)
{
	for (size_t i = network->prefix - 8; i < 128; i++)
		network->address[i / 8] &= ~(0x80 >> i % 8);
}

bool filters_choose_network(struct filters *filters,
			    const struct accept_network *network)
{
	struct accept_network *all = filters->networks;

	filters->wanted |= ACCEPT_FILTER_NETWORKS;
	for (int i = 0; i < filters->network_count; i++)
		if (!memcmp(&all[i], network, ACCEPT_NETWORK_SIZE)) {
			all[i].passes &= network->passes;
			return true;
		}
	if (filters->network_count == FILTER_MAX)
		return false;
	all[filters->network_count++] = *network;
	return true;
}

/* If all networks are exceptions, add all of IPv4 and of IPv6. */
static void settle_networks(struct filters *filters)
{
	struct accept_network all = { .prefix = 8, .passes = 1 };

	for (int i = 0; i < filters->network_count; i++)
		if (filters->networks[i].passes)
			return;
	for (all.version = 4; all.version <= 6; all.version += 2)
		filters_choose_network(filters, &all);
}

bool filters_settle(struct filters *filters)
{
	uint64_t some = 0, left = 0;

	if (filters->network_count)
		settle_networks(filters);
	/* Not to touch the pages of what is not used. */
	if (!(filters->wanted & ACCEPT_FILTER_PORTS))
		return true;
	for (int i = 0; i < ACCEPT_PORT_WORDS; i++)
		some |= filters->ports[i];
	for (int i = 0; i < ACCEPT_PORT_WORDS; i++) {
		if (!some)
			filters->ports[i] = i ? UINT64_MAX : UINT64_MAX << 1;
		filters->ports[i] &= ~filters->not_ports[i];
		left |= filters->ports[i];
	}
	return left;
}

/* ------------------------------------------------------------------------
 * Maps
 */

/*
 * Put keys into a map, with the values that are so many bytes behind them.
 * Returns the map, or -errno with the reason.
 */
static int fill_map(int map, const void *keys, size_t size, size_t value,
		    int count, struct reason *reason)
{
	const char *key = keys;
	int error = 0;

	for (; count-- && !error; key += size)
		error = raw_map_put(map, key, key + value);
	return error ? reason_set(reason, STEP_MAP, error,
				  "cannot store the filter list") :
		       map;
}

static int open_chosen(const struct filters *filters, struct reason *reason)
{
	/* One more: for a namespace that replaces that of --netns. */
	int map = map_create("accept_chosen", BPF_MAP_TYPE_HASH,
			     sizeof(filters->chosen[0]), sizeof(uint8_t),
			     filters->chosen_count + 1, 0, reason);

	/* Values are of no meaning. */
	return map < 0 ? map :
			 fill_map(map, filters->chosen,
				  sizeof(filters->chosen[0]), 0,
				  filters->chosen_count, reason);
}

static int open_ports(const struct filters *filters, struct reason *reason)
{
	struct entry {
		uint32_t index;
		uint32_t unused;
		uint64_t word;
	} port = { 0 };
	int map = map_create("accept_ports", BPF_MAP_TYPE_ARRAY,
			     sizeof(port.index), sizeof(port.word),
			     ACCEPT_PORT_WORDS, 0, reason);

	for (; map >= 0 && port.index < ACCEPT_PORT_WORDS; port.index++) {
		port.word = filters->ports[port.index];
		if (port.word)
			map = fill_map(map, &port, sizeof(port),
				       offsetof(struct entry, word), 1, reason);
	}
	return map;
}

/* An LPM trie (since 4.11), which must not be preallocated. */
static int open_networks(const struct filters *filters, struct reason *reason)
{
	int map = map_create("accept_networks", BPF_MAP_TYPE_LPM_TRIE,
			     ACCEPT_NETWORK_SIZE, sizeof(uint8_t),
			     filters->network_count, BPF_F_NO_PREALLOC, reason);

	if (map == -EINVAL)
		return reason_set(
			reason, STEP_MAP, map,
			"more than one network in -R needs Linux 4.11 "
			"(BPF_MAP_TYPE_LPM_TRIE)");
	return map < 0 ? map :
			 fill_map(map, filters->networks,
				  sizeof(filters->networks[0]),
				  ACCEPT_NETWORK_SIZE, filters->network_count,
				  reason);
}

static int open_cgroups(const struct filters *filters, struct reason *reason)
{
	int map, error = 0;

	map = map_create("accept_cgroup", BPF_MAP_TYPE_CGROUP_ARRAY,
			 sizeof(uint32_t), sizeof(int), 1, 0, reason);
	if (map == -EINVAL)
		return reason_set(reason, STEP_MAP, map,
				  "--cgroup needs Linux 4.9 (CONFIG_CGROUPS)");
	if (map >= 0)
		error = raw_map_set(map, 0, &filters->cgroup_fd);
	return error ? reason_set(reason, STEP_MAP, error,
				  "cannot store the directory of --cgroup") :
		       map;
}

int filters_open(const struct filters *filters, struct filter_maps *maps,
		 struct reason *reason)
{
	uint32_t wanted;

	*maps = (struct filter_maps){ -1, -1, -1, -1, -1, -1 };
	if (!filters)
		return 0;
	wanted = filters->wanted;
	if (wanted & ACCEPT_FILTER_CGROUP_MAP)
		maps->cgroup_map = filters->cgroup_map_fd;
	if (wanted & ACCEPT_FILTER_MNTNS_MAP)
		maps->mntns_map = filters->mntns_map_fd;
	if (filters->chosen_count) {
		maps->chosen = open_chosen(filters, reason);
		if (maps->chosen < 0)
			return maps->chosen;
	}
	if (wanted & ACCEPT_FILTER_PORTS) {
		maps->ports = open_ports(filters, reason);
		if (maps->ports < 0)
			return maps->ports;
	}
	/* A single one is a constant of the program. */
	if (filters->network_count > 1) {
		maps->networks = open_networks(filters, reason);
		if (maps->networks < 0)
			return maps->networks;
	}
	if (wanted & ACCEPT_FILTER_CGROUP) {
		maps->cgroups = open_cgroups(filters, reason);
		if (maps->cgroups < 0)
			return maps->cgroups;
	}
	return 0;
}

/* ------------------------------------------------------------------------
 * Without maps
 */

/* Whether a list has the value, or for exceptions has it not. */
static bool passes(const struct filters *filters, uint32_t wanted,
		   enum accept_wants kind, enum accept_wants except,
		   const uint64_t value[2])
{
	const struct accept_choice choice = { kind, { value[0], value[1] } };

	if (!(wanted & kind))
		return true;
	for (int i = 0; i < filters->chosen_count; i++)
		if (!memcmp(&filters->chosen[i], &choice, sizeof(choice)))
			return !(wanted & except);
	return wanted & except;
}

/* An IPv4 client's address, also that of an IPv6 socket, or NULL. */
static const uint8_t *version_4(const struct accept_event *event)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (event->family == AF_INET)
		return event->raddr;
	return memcmp(event->raddr, mapped, sizeof(mapped)) ?
		       NULL :
		       event->raddr + sizeof(mapped);
}

/* Of all networks that have the client, the longest decides. */
static bool passes_networks(const struct filters *filters,
			    const struct accept_event *event)
{
	const uint8_t *client = version_4(event);
	const uint8_t version = client ? 4 : 6;
	uint32_t longest = 0;
	bool result = false;

	if (!client)
		client = event->raddr;
	for (int i = 0; i < filters->network_count; i++) {
		const struct accept_network *network = &filters->networks[i];
		struct accept_network own = {
			.prefix = network->prefix,
			.version = version,
		};

		memcpy(own.address, client, version == 4 ? 4 : 16);
		network_cut(&own);
		if (network->prefix < longest ||
		    memcmp(&own, network, ACCEPT_NETWORK_SIZE))
			continue;
		longest = network->prefix;
		result = filters->network_count == 1 || network->passes;
	}
	return result;
}

bool filters_pass(const struct filters *filters, uint32_t wanted,
		  const struct accept_event *event)
{
	const uint64_t pid[2] = { event->pid, 0 }, uid[2] = { event->uid, 0 };
	const bool is_4 = version_4(event);
	uint64_t name[2];

	memcpy(name, event->comm, sizeof(name));
	if (!passes(filters, wanted, ACCEPT_FILTER_PIDS, ACCEPT_EXCEPT_PIDS,
		    pid) ||
	    !passes(filters, wanted, ACCEPT_FILTER_UIDS, ACCEPT_EXCEPT_UIDS,
		    uid) ||
	    !passes(filters, wanted, ACCEPT_FILTER_COMM, ACCEPT_EXCEPT_COMM,
		    name))
		return false;
	if (wanted & ACCEPT_FILTER_PORTS &&
	    !(filters->ports[event->lport / 64] >> event->lport % 64 & 1))
		return false;
	if (wanted & (is_4 ? ACCEPT_FILTER_IPV6 : ACCEPT_FILTER_IPV4))
		return false;
	return !filters->network_count || passes_networks(filters, event);
}
