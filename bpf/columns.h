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

/*
 * The sock that has a queue or is in one: the first subflow's for MPTCP. Sets
 * *protocol to sk_protocol where it reads that.
 */
ALWAYS_INLINE const char *tcp_of(const char *sk, uint16_t *protocol)
{
	if (!K(MPTCP_FIRST))
		return sk;
	*protocol = read_protocol(sk);
	if (*protocol != IPPROTO_MPTCP)
		return sk;
	return read_pointer(sk + K(MPTCP_FIRST));
}

/*
 * Read when the connection entered its queue, and delete that note, whether or
 * not the connection is shown. Returns its listener if that was noted, or NULL.
 */
ALWAYS_INLINE const char *read_queued(struct accept_event *event,
				      const char *sk, uint16_t *protocol)
{
	uint64_t key = (uint64_t)tcp_of(sk, protocol);
	const struct accept_queued *queued = map_lookup_elem(queue, &key);
	const char *listener;

	if (!queued)
		return NULL;
	event->queued_ns = queued->since_ns;
	listener = (const char *)queued->listener;
	map_delete_elem(queue, &key);
	return listener;
}

/* The listener of the accept() that the thread is in, or NULL; forget it. */
ALWAYS_INLINE const char *listener_of_thread(void)
{
	uint32_t thread = get_current_pid_tgid();
	const uint64_t *at = map_lookup_elem(acceptors, &thread);
	const char *listener;

	if (!at)
		return NULL;
	listener = (const char *)*at;
	map_delete_elem(acceptors, &thread);
	return listener;
}

/*
 * Read what there is about the accept queue, as far as it is wanted. Returns
 * the connection's sk_protocol, or 0 if it was not needed.
 */
ALWAYS_INLINE uint16_t read_queue(struct accept_event *event, const void *ctx,
				  const char *sk)
{
	const char *listener = NULL, *other;
	uint16_t protocol = 0, unused;

	if (!K(BY_LISTENER) || WANTS(ACCEPT_FIELD_WAIT))
		listener = read_queued(event, sk, &protocol);
	if (!WANTS(ACCEPT_FIELDS_LISTENER))
		return protocol;
	if (K(BY_LISTENER)) {
		listener = read_pointer(
			(const char *)ctx_word(ctx, ACCEPT_CTX_ARG1) +
			K(SOCKET_SK));
	} else {
		/* For one that was queued before we started, too. */
		other = listener_of_thread();
		if (other)
			listener = other;
	}
	if (!listener)
		return protocol;
	listener = tcp_of(listener, &unused);
	if (WANTS(ACCEPT_FIELD_DROPS))
		event->drops = read_u32(listener + K(SK_DROPS));
	if (!WANTS(ACCEPT_FIELD_BACKLOG))
		return protocol;
	event->backlog = read_backlog(listener + K(SK_ACK_BACKLOG));
	event->backlog_max = read_backlog(listener + K(SK_MAX_ACK_BACKLOG));
	return protocol;
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
