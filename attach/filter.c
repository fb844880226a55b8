// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * filter.c - which accepts are shown: those that pass every kind of filter
 *
 * Sections: words, maps, without maps.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bpf_newer.h"
#include "base/fs.h"
#include "base/rights.h"
#include "base/text.h"
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

/*
 * Die of a user's word that names nothing usable. It is wrong usage, unless
 * rights are missing.
 */
static _Noreturn void die_unusable(const char *option, const char *what,
				   const char *word, int error)
{
	char shown[40];

	quoted(shown, sizeof(shown), word);
	if (error == EPERM || error == EACCES)
		die(error,
		    geteuid() ? "run it as root" :
				"a sandbox or a security module forbids it",
		    "%s: cannot open '%s'", option, shown);
	die_usage("%s wants %s, not '%s'%s%s", option, what, shown,
		  error ? ": " : "", error ? strerror(error) : "");
}

static bool is_number(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == '\0';
}

/* Whether it is a network namespace; before 4.11, any file of nsfs. */
static bool is_netns(int fd)
{
	struct statfs system;
	int kind;

	if (fstatfs(fd, &system) || system.f_type != NSFS_MAGIC)
		return false;
	kind = ioctl(fd, NS_GET_NSTYPE);
	return kind < 0 || kind == CLONE_NEWNET;
}

static const char want_netns[] = "a process ID or a network namespace's file";

/* Open a process's "181/ns/net" in /proc: a descriptor, or -1. */
static int open_netns_of(int proc, const char *pid)
{
	char path[32];

	text_format(path, sizeof(path), "%s/ns/net", pid);
	return openat(proc, path, O_RDONLY | O_CLOEXEC);
}

/*
 * Open a namespace's file by the user's path: a descriptor, or -1. O_PATH
 * first, as to open another kind of file could block or have an effect.
 */
static int open_netns_at(int proc, const char *word)
{
	struct statfs system;
	char path[32];
	int at, fd;

	at = open(word, O_PATH | O_CLOEXEC);
	if (at < 0)
		die_unusable("--netns", want_netns, word, errno);
	if (fstatfs(at, &system) || system.f_type != NSFS_MAGIC)
		die_unusable("--netns", want_netns, word, 0);
	text_format(path, sizeof(path), "self/fd/%d", at);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	close(at);
	return fd;
}

static void find_netns(struct filters *filters)
{
	const char *word = filters->netns;
	const bool process = is_number(word) && strlen(word) < 12;
	const int proc = fs_open(FS_PROC);
	struct stat info;
	int fd;

	if (proc < 0)
		die(-proc, "run it as root, or mount it on /proc",
		    "--netns: cannot open proc");
	fd = process ? open_netns_of(proc, word) : open_netns_at(proc, word);
	if (fd < 0)
		die_unusable("--netns", want_netns, word, errno);
	if (!is_netns(fd) || fstat(fd, &info))
		die_unusable("--netns", want_netns, word, 0);
	filters_choose(filters, ACCEPT_FILTER_NETNS, info.st_ino, 0);
	if (!process) {
		filters->netns_device = info.st_dev;
		filters->netns_inode = info.st_ino;
	}
	close(fd);
	close(proc);
}

static void find_cgroup(struct filters *filters)
{
	static const char want[] = "a directory of cgroup v2";
	struct statfs system;
	int fd;

	fd = open(filters->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die_unusable("--cgroup", want, filters->cgroup, errno);
	if (fstatfs(fd, &system) || system.f_type != CGROUP2_SUPER_MAGIC)
		die_unusable("--cgroup", want, filters->cgroup, 0);
	filters->cgroup_fd = fd;
}

/* Open a pinned hash map with keys of 8 bytes: a descriptor. */
static int find_map(const char *option, const char *word)
{
	static const char want[] = "a pinned BPF hash map with keys of 8 bytes";
	struct bpf_map_info info;
	struct statfs system;
	int fd, error;

	if (statfs(word, &system))
		die_unusable(option, want, word, errno);
	if (system.f_type != BPF_FS_MAGIC)
		die_unusable(option, want, word, 0);
	fd = raw_map_pinned(word);
	/* EACCES is also the error for a pinned object that is not a map. */
	if (fd == -EACCES && has_capability(CAP_SYS_ADMIN))
		die_unusable(option, want, word, 0);
	if (fd < 0)
		die_unusable(option, want, word, -fd);
	error = raw_map_info(fd, &info);
	if (error)
		die(-error, "it needs Linux 4.13", "%s: cannot look at '%s'",
		    option, word);
	/* For a pinned link or program, info holds other members. */
	if (info.key_size != 8 || !info.max_entries ||
	    (info.type != BPF_MAP_TYPE_HASH &&
	     info.type != BPF_MAP_TYPE_PERCPU_HASH &&
	     info.type != BPF_MAP_TYPE_LRU_HASH &&
	     info.type != BPF_MAP_TYPE_LRU_PERCPU_HASH))
		die_unusable(option, want, word, 0);
	return fd;
}

void filters_find(struct filters *filters)
{
	if (filters->netns)
		find_netns(filters);
	if (filters->cgroup)
		find_cgroup(filters);
	if (filters->cgroup_map)
		filters->cgroup_map_fd =
			find_map("--cgroupmap", filters->cgroup_map);
	if (filters->mntns_map)
		filters->mntns_map_fd =
			find_map("--mntnsmap", filters->mntns_map);
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
