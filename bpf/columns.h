/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * columns.h - members of the event that only the program `full` fills
 */
#ifndef BPF_COLUMNS_H
#define BPF_COLUMNS_H

#include "bpf/filters.h"

/* The length of a listener's accept queue, or its limit. */
ALWAYS_INLINE uint32_t read_backlog(const char *from)
{
	return K(SK_BACKLOG_BITS) == 16 ? read_u16(from) : read_u32(from);
}

/* The sock that has a queue or is in one: the first subflow's for MPTCP. */
ALWAYS_INLINE const char *tcp_of(const char *sk)
{
	if (K(MPTCP_FIRST) && read_protocol(sk) == IPPROTO_MPTCP)
		return read_pointer(sk + K(MPTCP_FIRST));
	return sk;
}

/*
 * Read what the programs of the accept queue have noted of this connection, and
 * delete their note, whether or not the connection is shown.
 */
ALWAYS_INLINE void read_queue(struct accept_event *event, const char *sk)
{
	uint32_t thread = get_current_pid_tgid();
	const struct accept_queued *queued;
	const char *listener = NULL;
	const uint64_t *at;
	uint64_t key = (uint64_t)tcp_of(sk);

	queued = map_lookup_elem(queue, &key);
	if (queued) {
		event->queued_ns = queued->since_ns;
		listener = (const char *)queued->listener;
		map_delete_elem(queue, &key);
	}
	/* This is there for one that was queued before we started, too. */
	at = map_lookup_elem(acceptors, &thread);
	if (at) {
		listener = (const char *)*at;
		map_delete_elem(acceptors, &thread);
	}
	if (!listener || !WANTS(ACCEPT_FIELD_BACKLOG | ACCEPT_FIELD_DROPS))
		return;
	listener = tcp_of(listener);
	if (WANTS(ACCEPT_FIELD_DROPS))
		event->drops = read_u32(listener + K(SK_DROPS));
	if (!WANTS(ACCEPT_FIELD_BACKLOG))
		return;
	event->backlog = read_backlog(listener + K(SK_ACK_BACKLOG));
	event->backlog_max = read_backlog(listener + K(SK_MAX_ACK_BACKLOG));
}

/* Read the user, cgroup, network namespace and process, if wanted. */
ALWAYS_INLINE void read_more(struct accept_event *event, const char *sk)
{
	const char *from;

	if (WANTS(ACCEPT_FIELD_UID))
		event->uid = get_current_uid_gid();
	if (WANTS(ACCEPT_FIELD_CGROUP))
		event->cgroup = get_current_cgroup_id();
	if (WANTS(ACCEPT_FIELD_NETNS | ACCEPT_FILTER_NETNS)) {
		from = read_pointer(sk + K(SKC_NET));
		event->netns = read_u32(from + K(NET_NS) + K(NS_INUM));
	}
	if (WANTS(ACCEPT_FIELD_PCOMM)) {
		from = read_pointer(get_current_task() + K(TASK_GROUP_LEADER));
		probe_read(event->pcomm, sizeof(event->pcomm),
			   from + K(TASK_COMM));
	}
}

#endif
