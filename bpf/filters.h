/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filters.h - which accepts are shown
 */
#ifndef BPF_FILTERS_H
#define BPF_FILTERS_H

#include "bpf/socket.h"
#include "bpf/state.h"

/* Which of these bits of enum accept_wants are set. */
#define WANTS(bits) (K(WANTED) & (bits))

/* Whether a filter's list has a number, or a name in two words. */
ALWAYS_INLINE bool is_chosen(enum accept_wants ask, uint64_t first,
			     uint64_t second)
{
	const struct accept_choice choice = { ask, { first, second } };

	return map_lookup_elem(chosen, &choice);
}

/* Whether the 16 bytes are an IPv4 address, in ::ffff:0:0/96. */
ALWAYS_INLINE bool is_v4_mapped(const uint8_t *address)
{
	uint32_t words[3];

	__builtin_memcpy(words, address, sizeof(words));
	return !words[0] && !words[1] && NTOHL(words[2]) == 0xffff;
}

/* 4 or 6; it is 4 for an IPv4 client of an IPv6 socket, too. */
ALWAYS_INLINE int ip_version(const struct accept_event *event)
{
	return event->family == AF_INET || is_v4_mapped(event->raddr) ? 4 : 6;
}

/* Whether the client is in the only network of -R. */
ALWAYS_INLINE bool in_network(const struct accept_event *event)
{
	uint64_t words[2];
	uint32_t address;

	if (ip_version(event) != (int)K(NETWORK_VERSION))
		return false;
	__builtin_memcpy(words, event->raddr, sizeof(words));
	if (K(NETWORK_VERSION) == 6)
		return (words[0] & K(NETWORK_MASK_1)) == K(NETWORK_1) &&
		       (words[1] & K(NETWORK_MASK_2)) == K(NETWORK_2);
	/* IPv4: the first 4 bytes, or the last of a mapped address. */
	if (event->family == AF_INET6)
		__builtin_memcpy(&address, event->raddr + 12, 4);
	else
		__builtin_memcpy(&address, event->raddr, 4);
	return (address & K(NETWORK_MASK_1)) == K(NETWORK_1);
}

/* Whether -R lets the client through: its longest network decides. */
ALWAYS_INLINE bool in_networks(const struct accept_event *event)
{
	struct accept_network network = { .version = ip_version(event) };
	const uint8_t *value;

	network.prefix = 8 * (1 + sizeof(network.address));
	if (event->family == AF_INET6 && network.version == 4)
		__builtin_memcpy(network.address, event->raddr + 12, 4);
	else
		__builtin_memcpy(network.address, event->raddr, 16);
	value = map_lookup_elem(networks, &network);
	return value && *value;
}

/* Whether the user's pinned map has the task's cgroup. */
ALWAYS_INLINE bool in_cgroup_map(void)
{
	uint64_t id = get_current_cgroup_id();

	return map_lookup_elem(cgroup_map, &id);
}

/* Whether the user's pinned map has the task's mount namespace. */
ALWAYS_INLINE bool in_mntns_map(void)
{
	const char *nsproxy =
		read_pointer(get_current_task() + K(TASK_NSPROXY));
	const char *ns = read_pointer(nsproxy + K(NSPROXY_MNT_NS));
	uint64_t inode = read_u32(ns + K(MNT_NS_NS) + K(NS_INUM));

	return map_lookup_elem(mntns_map, &inode);
}

/*
 * Whether the task is in the cgroup. Errors are counted: before 4.19 the helper
 * fails where softirqs are disabled (in_interrupt()), as they are in
 * security_sock_graft() under the write_lock_bh() of sock_graft().
 */
ALWAYS_INLINE bool in_cgroup(void)
{
	long answer = current_task_under_cgroup(cgroups, 0);

	if (answer < 0)
		COUNT_HERE(cgroup_unknown);
	return answer == 1;
}

/* Whether -p lets the process through. */
ALWAYS_INLINE bool is_pid_chosen(uint32_t pid)
{
	const bool listed = is_chosen(ACCEPT_FILTER_PIDS, pid, 0);

	return WANTS(ACCEPT_EXCEPT_PIDS) ? !listed : listed;
}

/* Whether -u lets the task's user through. */
ALWAYS_INLINE bool is_uid_chosen(void)
{
	const uint32_t uid = get_current_uid_gid();
	const bool listed = is_chosen(ACCEPT_FILTER_UIDS, uid, 0);

	return WANTS(ACCEPT_EXCEPT_UIDS) ? !listed : listed;
}

/* Whether the filters that look at the task let it through. */
ALWAYS_INLINE bool is_task_chosen(const struct accept_event *event)
{
	if (WANTS(ACCEPT_FILTER_PIDS) && !is_pid_chosen(event->pid))
		return false;
	if (WANTS(ACCEPT_FILTER_UIDS) && !is_uid_chosen())
		return false;
	if (WANTS(ACCEPT_FILTER_CGROUP) && !in_cgroup())
		return false;
	if (WANTS(ACCEPT_FILTER_CGROUP_MAP) && !in_cgroup_map())
		return false;
	return !WANTS(ACCEPT_FILTER_MNTNS_MAP) || in_mntns_map();
}

/* Zero all after the NUL, where the kernel leaves an earlier, longer name. */
ALWAYS_INLINE void cut_name(uint64_t words[2])
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t first = words[0], second = words[1];
#else
	uint64_t first = __builtin_bswap64(words[0]);
	uint64_t second = __builtin_bswap64(words[1]);
#endif
	/* The top bit of the first zero byte, or 0 if none is zero. */
	uint64_t end =
		(first - 0x0101010101010101) & ~first & 0x8080808080808080;

	end &= -end;
	if (end) {
		first &= end - 1;
		second = 0;
	}
	end = (second - 0x0101010101010101) & ~second & 0x8080808080808080;
	end &= -end;
	second &= end - 1;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	words[0] = first;
	words[1] = second;
#else
	words[0] = __builtin_bswap64(first);
	words[1] = __builtin_bswap64(second);
#endif
}

/* Whether the list has the thread's name, or its process's if it is known. */
ALWAYS_INLINE bool is_name_listed(const struct accept_event *event)
{
	uint64_t name[2];

	__builtin_memcpy(name, event->comm, sizeof(name));
	if (is_chosen(ACCEPT_FILTER_COMM, name[0], name[1]))
		return true;
	if (!WANTS(ACCEPT_FIELD_PCOMM))
		return false;
	__builtin_memcpy(name, event->pcomm, sizeof(name));
	cut_name(name);
	return is_chosen(ACCEPT_FILTER_COMM, name[0], name[1]);
}

/* Whether -c lets the thread and its process through. */
ALWAYS_INLINE bool is_name_chosen(const struct accept_event *event)
{
	const bool listed = is_name_listed(event);

	return WANTS(ACCEPT_EXCEPT_COMM) ? !listed : listed;
}

/* Whether the filter of local ports lets the connection through. */
ALWAYS_INLINE bool is_port_chosen(const struct accept_event *event)
{
	uint32_t index = event->lport / 64;
	const uint64_t *word;

	if (!WANTS(ACCEPT_FILTER_PORTS))
		return true;
	word = map_lookup_elem(ports, &index);
	return word && *word >> event->lport % 64 & 1;
}

/* Whether the filters that look at the client's address let it through. */
ALWAYS_INLINE bool is_address_chosen(const struct accept_event *event)
{
	if (WANTS(ACCEPT_FILTER_IPV4) && ip_version(event) != 4)
		return false;
	if (WANTS(ACCEPT_FILTER_IPV6) && ip_version(event) != 6)
		return false;
	if (K(NETWORK_VERSION))
		return in_network(event);
	return !WANTS(ACCEPT_FILTER_NETWORKS) || in_networks(event);
}

/* Whether those that look at what read_more() has read do. */
ALWAYS_INLINE bool is_rest_chosen(const struct accept_event *event)
{
	if (WANTS(ACCEPT_FILTER_COMM) && !is_name_chosen(event))
		return false;
	return !WANTS(ACCEPT_FILTER_NETNS) ||
	       is_chosen(ACCEPT_FILTER_NETNS, event->netns, 0);
}

#endif
