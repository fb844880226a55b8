// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accept.bpf.c - the kernel side: from a hook to an event in a perf ring
 *
 * One program for the rungs of attach/rung.c that meet the new connection's
 * sock; one, `more`, for that of system calls and for whoever asks for more;
 * both through trace_accept(); five that follow the accept queue; one that
 * copies a sock for layout.c to look into. What differs between kernels,
 * machines and command lines is a symbol whose address the loader fills in
 * before BPF_PROG_LOAD, so one object serves them all and the verifier sees
 * plain constants.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include "accept.h"

#define SEC(name) __attribute__((section(name), used))

/* weak: or clang takes the address for never NULL and drops the test of it. */
#define CONSTANT(name) extern const char name[] __attribute__((weak))
#define K(name) ((uint64_t)(name))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NTOHS(be) __builtin_bswap16(be)
#define NTOHL(be) __builtin_bswap32(be)
#else
#define NTOHS(be) (be)
#define NTOHL(be) (be)
#endif

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define ENOSPC 28

/* What socketcall(2) may be told to do; linux/net.h. */
#define SYS_ACCEPT 5
#define SYS_ACCEPT4 18

/* States of net/tcp_states.h. */
#define TCP_ESTABLISHED 1
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Maps: a descriptor takes the place of the address. */
CONSTANT(rings);
CONSTANT(states);
CONSTANT(spill);
CONSTANT(captures);
CONSTANT(chosen);
CONSTANT(networks);
CONSTANT(cgroups);
CONSTANT(cgroup_map);
CONSTANT(mntns_map);
CONSTANT(queue);
CONSTANT(acceptors);
CONSTANT(calls);
CONSTANT(here);

/* Whether the map `here` is to tell the CPU, as the helper would not. */
CONSTANT(CPU_BY_MAP);

/* Only this thread group, or all when 0. */
CONSTANT(FILTER_PID);

/* Bits of enum accept_ask. */
CONSTANT(ASKED);
/* Whether the context is that of a system call's tracepoint. */
CONSTANT(BY_SYSCALL);
/* The number of socketcall(2), or 0 where there is none. */
CONSTANT(SOCKETCALL);
/* Whether `entered` is there to learn of returns. */
CONSTANT(BY_RETURN);
/* So many calls at a time the kernel follows to their return, at the least. */
CONSTANT(INSTANCES);

/* The PID namespace that counts, as nsfs has it; inode 0: the initial one. */
CONSTANT(PIDNS_DEVICE);
CONSTANT(PIDNS_INODE);

/* Bytes of a pointer of the kernel's: 4 or 8. */
CONSTANT(POINTER_SIZE);

/*
 * Byte offsets in kernel structures. skc_addrpair is skc_daddr, skc_rcv_saddr;
 * skc_portpair is skc_dport, skc_num (include/net/sock.h, 3.9 to 7.2).
 */
CONSTANT(SKC_FAMILY);
CONSTANT(SKC_ADDRPAIR);
CONSTANT(SKC_PORTPAIR);
CONSTANT(SKC_V6_DADDR);
CONSTANT(SKC_V6_RCV_SADDR);
CONSTANT(SK_PROTOCOL);
CONSTANT(INET_SPORT);
CONSTANT(TASK_FILES);
CONSTANT(FILES_FDT);
CONSTANT(FDTABLE_FD);
CONSTANT(FILE_PRIVATE_DATA);
CONSTANT(SOCKET_FILE);
CONSTANT(SOCKET_SK);
CONSTANT(SKC_NET);
CONSTANT(NET_NS);
CONSTANT(NS_INUM);
CONSTANT(TASK_NSPROXY);
CONSTANT(NSPROXY_MNT_NS);
CONSTANT(MNT_NS_NS);
CONSTANT(TASK_GROUP_LEADER);
CONSTANT(TASK_COMM);
CONSTANT(MPTCP_FIRST);
CONSTANT(SK_ACK_BACKLOG);
CONSTANT(SK_MAX_ACK_BACKLOG);
/* Size of the latter two: 16 bits before 5.0, 32 since. */
CONSTANT(SK_BACKLOG_BITS);

/*
 * Size of sk_protocol: an 8-bit field before 5.6, 16 bits since; 0: unknown, as
 * without BTF. Then it is the protocol's struct proto that tells: skc_prot, or
 * sk_prot_creator where something has put itself in between (a sockmap).
 */
CONSTANT(SK_PROTOCOL_BITS);
CONSTANT(SKC_PROT);
CONSTANT(SK_PROT_CREATOR);
/* Those of TCP and MPTCP over IPv4 and IPv6, some twice; 0: any will do. */
CONSTANT(PROT_1);
CONSTANT(PROT_2);
CONSTANT(PROT_3);
CONSTANT(PROT_4);
CONSTANT(PROT_5);
CONSTANT(PROT_6);

/* What `capture` looks for: a task's name, as two words. */
CONSTANT(CAPTURE_COMM_1);
CONSTANT(CAPTURE_COMM_2);

/* Helpers, by number; bpf-helpers(7). */
/* clang-format off */
static void *(*const map_lookup_elem)(const void *map, const void *key) =
	(void *)BPF_FUNC_map_lookup_elem;
/* The loader turns this into probe_read where a kernel before 5.5 lacks it. */
static long (*const probe_read)(void *to, uint32_t size, const void *from) =
	(void *)BPF_FUNC_probe_read_kernel;
static uint64_t (*const ktime_get_ns)(void) = (void *)BPF_FUNC_ktime_get_ns;
static uint32_t (*const get_smp_processor_id)(void) =
	(void *)BPF_FUNC_get_smp_processor_id;
static uint64_t (*const get_current_pid_tgid)(void) =
	(void *)BPF_FUNC_get_current_pid_tgid;
static long (*const get_current_comm)(void *to, uint32_t size) =
	(void *)BPF_FUNC_get_current_comm;
static const char *(*const get_current_task)(void) =
	(void *)BPF_FUNC_get_current_task;
static long (*const map_update_elem)(const void *map, const void *key,
				     const void *value, uint64_t flags) =
	(void *)BPF_FUNC_map_update_elem;
static long (*const map_delete_elem)(const void *map, const void *key) =
	(void *)BPF_FUNC_map_delete_elem;
static uint64_t (*const get_current_uid_gid)(void) =
	(void *)BPF_FUNC_get_current_uid_gid;
/* Since 4.18 and 4.8; called only if asked for. */
static uint64_t (*const get_current_cgroup_id)(void) =
	(void *)BPF_FUNC_get_current_cgroup_id;
static long (*const current_task_under_cgroup)(const void *map,
					       uint32_t index) =
	(void *)BPF_FUNC_current_task_under_cgroup;
/* Since 5.7; called only in a PID namespace. */
static long (*const get_ns_current_pid_tgid)(uint64_t device, uint64_t inode,
					     struct bpf_pidns_info *ids,
					     uint32_t size) =
	(void *)BPF_FUNC_get_ns_current_pid_tgid;
static long (*const perf_event_output)(void *ctx, const void *map,
				       uint64_t flags, const void *data,
				       uint64_t size) =
	(void *)BPF_FUNC_perf_event_output;
/* clang-format on */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/*
 * The end of what clang is not to join with the like of it.
 *
 * After a store to a map's value: or it makes one of two such ends, through a
 * pointer to the member, which verifiers before 4.9 do not take for one into
 * the value any more (PTR_TO_MAP_VALUE_ADJ in kernel/bpf/verifier.c).
 */
#define APART() __asm__ volatile("" ::"i"(__COUNTER__) : "memory")

/* One more in a member of a struct accept_state. */
#define COUNT(state, member)       \
	do {                       \
		(state)->member++; \
		APART();           \
	} while (0)

/* A word of the context; the loader replaces the offset. */
ALWAYS_INLINE uint64_t ctx_word(const void *ctx, enum accept_ctx which)
{
	return *(const volatile uint64_t *)((const char *)ctx + which);
}

ALWAYS_INLINE uint32_t current_cpu(void)
{
	const uint32_t zero = 0;
	const uint64_t *cpu;

	if (!K(CPU_BY_MAP))
		return get_smp_processor_id();
	cpu = map_lookup_elem(here, &zero);
	return cpu ? *cpu : 0;
}

ALWAYS_INLINE const char *read_pointer(const char *from)
{
	uint64_t pointer = 0;

	/*
	 * Old verifiers take no size but a number, and do not follow one that
	 * was on the stack: two calls, not one with a size of its own.
	 */
	if (K(POINTER_SIZE) == 4) {
		probe_read(&pointer, 4, from);
		APART();
	} else {
		probe_read(&pointer, 8, from);
	}
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	pointer >>= 64 - 8 * K(POINTER_SIZE);
#endif
	return (const char *)pointer;
}

ALWAYS_INLINE uint16_t read_u16(const char *from)
{
	uint16_t value = 0;

	probe_read(&value, sizeof(value), from);
	return value;
}

ALWAYS_INLINE uint32_t read_u32(const char *from)
{
	uint32_t value = 0;

	probe_read(&value, sizeof(value), from);
	return value;
}

ALWAYS_INLINE bool is_tcp_prot(const char *prot)
{
	const uint64_t value = (uint64_t)prot;

	return value == K(PROT_1) || value == K(PROT_2) || value == K(PROT_3) ||
	       value == K(PROT_4) || value == K(PROT_5) || value == K(PROT_6);
}

ALWAYS_INLINE uint16_t read_protocol(const char *sk)
{
	uint8_t byte = 0;

	if (K(SK_PROTOCOL_BITS) != 8)
		return read_u16(sk + K(SK_PROTOCOL));
	probe_read(&byte, sizeof(byte), sk + K(SK_PROTOCOL));
	return byte;
}

ALWAYS_INLINE bool is_tcp(const char *sk)
{
	uint16_t protocol;

	if (!K(SK_PROTOCOL_BITS))
		return !K(PROT_1) ||
		       is_tcp_prot(read_pointer(sk + K(SKC_PROT))) ||
		       is_tcp_prot(read_pointer(sk + K(SK_PROT_CREATOR)));
	protocol = read_protocol(sk);
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

ALWAYS_INLINE void read_addresses(struct accept_event *event, const char *sk)
{
	uint32_t pair[2] = {};

	if (event->family == AF_INET6) {
		probe_read(event->raddr, 16, sk + K(SKC_V6_DADDR));
		probe_read(event->laddr, 16, sk + K(SKC_V6_RCV_SADDR));
		return;
	}
	probe_read(pair, sizeof(pair), sk + K(SKC_ADDRPAIR));
	__builtin_memcpy(event->raddr, &pair[0], 4);
	__builtin_memcpy(event->laddr, &pair[1], 4);
}

ALWAYS_INLINE void read_ports(struct accept_event *event, const char *sk)
{
	uint16_t pair[2] = {};

	probe_read(pair, sizeof(pair), sk + K(SKC_PORTPAIR));
	event->rport_be = pair[0];
	event->lport = pair[1];
	/*
	 * A connection that was reset while it waited in the accept queue has
	 * lost skc_num (tcp_set_state(), inet_put_port()), but not inet_sport.
	 */
	if (!event->lport)
		event->lport = NTOHS(read_u16(sk + K(INET_SPORT)));
}

ALWAYS_INLINE void read_ids(struct accept_event *event)
{
	uint64_t pid_tgid = get_current_pid_tgid();
	struct bpf_pidns_info ids = {};

	if (K(PIDNS_INODE)) {
		/* Cleared if the task is not in that namespace. */
		get_ns_current_pid_tgid(K(PIDNS_DEVICE), K(PIDNS_INODE), &ids,
					sizeof(ids));
		event->pid = ids.tgid;
		event->tid = ids.pid;
		return;
	}
	event->pid = pid_tgid >> 32;
	event->tid = pid_tgid;
}

/*
 * More: filters, and members of the event that are not always asked for.
 */

/* Whether that was asked for. */
#define ASKED_FOR(bits) (K(ASKED) & (bits))

/* This CPU's, or NULL: the kernel has more CPUs than it said at our start. */
ALWAYS_INLINE volatile struct accept_state *current_state(void)
{
	uint32_t cpu = current_cpu();

	/* It leads into the map. */
	/* cppcheck-suppress returnDanglingLifetime */
	return map_lookup_elem(states, &cpu);
}

/* `more` as in trace_accept(). */
ALWAYS_INLINE void count_other(const bool more)
{
	volatile struct accept_state *state = current_state();

	if (!state)
		return;
	COUNT(state, others);
	if (more && ASKED_FOR(ACCEPT_ASK_CGROUP) &&
	    current_task_under_cgroup(cgroups, 0) < 0)
		COUNT(state, others_unknown);
}

/* One more in a member of this CPU's. */
#define COUNT_HERE(member)                                           \
	do {                                                         \
		volatile struct accept_state *own = current_state(); \
		if (own)                                             \
			COUNT(own, member);                          \
	} while (0)

ALWAYS_INLINE bool is_chosen(enum accept_ask ask, uint64_t first,
			     uint64_t second)
{
	const struct accept_choice choice = { ask, { first, second } };

	return map_lookup_elem(chosen, &choice);
}

ALWAYS_INLINE bool is_v4_mapped(const uint8_t *address)
{
	uint32_t words[3];

	__builtin_memcpy(words, address, sizeof(words));
	return !words[0] && !words[1] && NTOHL(words[2]) == 0xffff;
}

/* 4 for an IPv4 client of an IPv6 socket, too. */
ALWAYS_INLINE int ip_version(const struct accept_event *event)
{
	return event->family == AF_INET || is_v4_mapped(event->raddr) ? 4 : 6;
}

ALWAYS_INLINE bool is_of_networks(const struct accept_event *event)
{
	struct accept_network network = { .version = ip_version(event) };

	network.prefix = 8 * (1 + sizeof(network.address));
	if (event->family == AF_INET6 && network.version == 4)
		__builtin_memcpy(network.address, event->raddr + 12, 4);
	else
		__builtin_memcpy(network.address, event->raddr, 16);
	return map_lookup_elem(networks, &network);
}

ALWAYS_INLINE bool is_of_cgroup_map(void)
{
	uint64_t id = get_current_cgroup_id();

	return map_lookup_elem(cgroup_map, &id);
}

ALWAYS_INLINE bool is_of_mntns_map(void)
{
	const char *nsproxy =
		read_pointer(get_current_task() + K(TASK_NSPROXY));
	const char *ns = read_pointer(nsproxy + K(NSPROXY_MNT_NS));
	uint64_t inode = read_u32(ns + K(MNT_NS_NS) + K(NS_INUM));

	return map_lookup_elem(mntns_map, &inode);
}

/*
 * An error is no answer, so it is counted: before 4.19 the helper gives one
 * where softirqs are switched off (in_interrupt()), as they are in
 * security_sock_graft() under the write_lock_bh() of sock_graft().
 */
ALWAYS_INLINE bool is_of_cgroup(void)
{
	long answer = current_task_under_cgroup(cgroups, 0);

	if (answer < 0)
		COUNT_HERE(cgroup_unknown);
	return answer == 1;
}

/* Of the filters those that look at the task. */
ALWAYS_INLINE bool is_task_chosen(const struct accept_event *event)
{
	if (ASKED_FOR(ACCEPT_ASK_PIDS) &&
	    !is_chosen(ACCEPT_ASK_PIDS, event->pid, 0))
		return false;
	if (ASKED_FOR(ACCEPT_ASK_UIDS) &&
	    !is_chosen(ACCEPT_ASK_UIDS, (uint32_t)get_current_uid_gid(), 0))
		return false;
	if (ASKED_FOR(ACCEPT_ASK_CGROUP) && !is_of_cgroup())
		return false;
	if (ASKED_FOR(ACCEPT_ASK_CGROUP_MAP) && !is_of_cgroup_map())
		return false;
	return !ASKED_FOR(ACCEPT_ASK_MNTNS_MAP) || is_of_mntns_map();
}

ALWAYS_INLINE uint32_t read_backlog(const char *from)
{
	return K(SK_BACKLOG_BITS) == 16 ? read_u16(from) : read_u32(from);
}

/* What has the queue, or is in it: of MPTCP the first subflow. */
ALWAYS_INLINE const char *tcp_of(const char *sk)
{
	if (K(MPTCP_FIRST) && read_protocol(sk) == IPPROTO_MPTCP)
		return read_pointer(sk + K(MPTCP_FIRST));
	return sk;
}

/*
 * What the programs below know of this connection, and take it from their maps,
 * whether or not it is shown.
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
	/* Also of one that was queued before there was a program to see it. */
	at = map_lookup_elem(acceptors, &thread);
	if (at) {
		listener = (const char *)*at;
		map_delete_elem(acceptors, &thread);
	}
	if (!listener || !ASKED_FOR(ACCEPT_SHOW_BACKLOG))
		return;
	listener = tcp_of(listener);
	event->backlog = read_backlog(listener + K(SK_ACK_BACKLOG));
	event->backlog_max = read_backlog(listener + K(SK_MAX_ACK_BACKLOG));
}

/* The kernel leaves what an earlier, longer name had behind the NUL. */
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

/* The name of the thread, or that of its process, where that is known. */
ALWAYS_INLINE bool is_name_chosen(const struct accept_event *event)
{
	uint64_t name[2];

	__builtin_memcpy(name, event->comm, sizeof(name));
	if (is_chosen(ACCEPT_ASK_COMM, name[0], name[1]))
		return true;
	if (!ASKED_FOR(ACCEPT_SHOW_PCOMM))
		return false;
	__builtin_memcpy(name, event->pcomm, sizeof(name));
	cut_name(name);
	return is_chosen(ACCEPT_ASK_COMM, name[0], name[1]);
}

/* Of the filters the others. */
ALWAYS_INLINE bool is_connection_chosen(const struct accept_event *event)
{
	if (ASKED_FOR(ACCEPT_ASK_PORTS) &&
	    !is_chosen(ACCEPT_ASK_PORTS, event->lport, 0))
		return false;
	if (ASKED_FOR(ACCEPT_ASK_IPV4) && ip_version(event) != 4)
		return false;
	if (ASKED_FOR(ACCEPT_ASK_IPV6) && ip_version(event) != 6)
		return false;
	if (ASKED_FOR(ACCEPT_ASK_COMM) && !is_name_chosen(event))
		return false;
	if (ASKED_FOR(ACCEPT_ASK_NETNS) &&
	    !is_chosen(ACCEPT_ASK_NETNS, event->netns, 0))
		return false;
	return !ASKED_FOR(ACCEPT_ASK_NETWORKS) || is_of_networks(event);
}

ALWAYS_INLINE void read_more(struct accept_event *event, const char *sk)
{
	const char *from;

	event->uid = get_current_uid_gid();
	if (ASKED_FOR(ACCEPT_SHOW_CGROUP))
		event->cgroup = get_current_cgroup_id();
	if (ASKED_FOR(ACCEPT_SHOW_NETNS | ACCEPT_ASK_NETNS)) {
		from = read_pointer(sk + K(SKC_NET));
		event->netns = read_u32(from + K(NET_NS) + K(NS_INUM));
	}
	if (ASKED_FOR(ACCEPT_SHOW_PCOMM)) {
		from = read_pointer(get_current_task() + K(TASK_GROUP_LEADER));
		probe_read(event->pcomm, sizeof(event->pcomm),
			   from + K(TASK_COMM));
	}
}

/* A CPU that has come online has no ring before the reader knows of it. */
ALWAYS_INLINE void spill_event(volatile struct accept_state *state,
			       uint32_t cpu, const struct accept_event *event,
			       bool whole)
{
	uint64_t spilled = state->spilled;
	uint32_t slot = cpu * ACCEPT_SPILL + spilled % ACCEPT_SPILL;
	struct accept_event *to = map_lookup_elem(spill, &slot);

	if (!to || to->ktime_ns) {
		COUNT(state, lost_other);
		return;
	}
	__builtin_memcpy(to, event, ACCEPT_EVENT_BASE);
	if (whole)
		__builtin_memcpy(&to->cgroup, &event->cgroup,
				 sizeof(*event) - ACCEPT_EVENT_BASE);
	state->spilled = spilled + 1;
	APART();
}

/*
 * Hand the event over. in_flight tells the reader, who merges the rings by
 * time, that an event of that time is still to come.
 */
ALWAYS_INLINE void output_event(void *ctx, struct accept_event *event,
				bool whole)
{
	uint32_t cpu = current_cpu();
	volatile struct accept_state *state = map_lookup_elem(states, &cpu);
	uint64_t slot;
	long error;

	if (!state)
		return;
	state->in_flight = ACCEPT_IN_FLIGHT;
	event->ktime_ns = ktime_get_ns();
	state->in_flight = event->ktime_ns;
	/* Not BPF_F_CURRENT_CPU, which kernels before 4.7 do not know. */
	slot = ACCEPT_RING(cpu, state->wake & 1);
	error = perf_event_output(ctx, rings, slot, event,
				  whole ? sizeof(*event) : ACCEPT_EVENT_BASE);
	if (error == -ENOSPC) {
		COUNT(state, lost_full);
	} else if (error) {
		spill_event(state, cpu, event, whole);
	} else {
		COUNT(state, sent);
	}
	state->in_flight = 0;
	APART();
}

/* A call that `entered` saw begin. */
ALWAYS_INLINE void note_returned(void)
{
	uint32_t thread = get_current_pid_tgid(), nobody = ACCEPT_NOBODY;
	uint32_t *inside;

	if (map_delete_elem(calls, &thread))
		return;
	inside = map_lookup_elem(calls, &nobody);
	if (inside)
		__sync_fetch_and_add(inside, -1);
}

/*
 * The one path: every program that traces ends here with the new connection's
 * sock. `more` is known to the compiler, so the others have nothing of it.
 */
ALWAYS_INLINE int trace_accept(void *ctx, const char *sk, const bool more)
{
	struct accept_event event;

	if (K(BY_RETURN))
		note_returned();
	if (!sk)
		return 0;
	__builtin_memset(&event, 0, more ? sizeof(event) : ACCEPT_EVENT_BASE);
	event.family = read_u16(sk + K(SKC_FAMILY));
	if (event.family != AF_INET && event.family != AF_INET6) {
		count_other(more);
		return 0;
	}
	if (more) {
		event.backlog = event.backlog_max = ACCEPT_UNKNOWN;
		event.pcomm[ACCEPT_COMM_LEN - 1] = '?';
		if (ASKED_FOR(ACCEPT_SHOW_BACKLOG | ACCEPT_SHOW_WAIT))
			read_queue(&event, sk);
	}
	read_ids(&event);
	if (K(FILTER_PID) && K(FILTER_PID) != event.pid)
		return 0;
	if (more && !is_task_chosen(&event))
		return 0;
	if (!is_tcp(sk))
		return 0;
	read_addresses(&event, sk);
	read_ports(&event, sk);
	get_current_comm(event.comm, sizeof(event.comm));
	if (more && ASKED_FOR(ACCEPT_WHOLE)) {
		read_more(&event, sk);
		if (!is_connection_chosen(&event))
			return 0;
	}
	output_event(ctx, &event, more && ASKED_FOR(ACCEPT_WHOLE));
	/* 0: perf itself writes no record for this hit. */
	return 0;
}

/*
 * security_sock_graft(struct sock *sk, ...), __inet_accept(..., ..., struct
 * sock *newsk), or struct sock *inet_csk_accept() on its return
 */
SEC("kprobe") static int trace_kprobe(void *ctx)
{
	return trace_accept(ctx, (const char *)ctx_word(ctx, ACCEPT_CTX_SOCK),
			    false);
}

/* The bytes of the sock that the task of a certain name accepts. */
SEC("capture") static int capture_sock(void *ctx)
{
	const char *sk = (const char *)ctx_word(ctx, ACCEPT_CTX_SOCK);
	char piece[ACCEPT_CAPTURE_PIECE] = {};
	uint64_t comm[2] = {};

	get_current_comm(comm, sizeof(comm));
	if (comm[0] != K(CAPTURE_COMM_1) || comm[1] != K(CAPTURE_COMM_2) || !sk)
		return 0;
#pragma unroll
	for (uint32_t i = 0; i < ACCEPT_CAPTURE_PIECES; i++) {
		uint32_t key = i;

		probe_read(piece, sizeof(piece), sk + i * sizeof(piece));
		map_update_elem(captures, &key, piece, BPF_ANY);
	}
	return 0;
}

/* The sock of the descriptor that the system call returns or is given. */
ALWAYS_INLINE const char *sock_of_syscall(const void *ctx)
{
	int64_t fd = (int32_t)ctx_word(ctx, ACCEPT_CTX_SYSCALL);
	const char *files, *fdt, *array, *file, *socket;

	if (fd < 0)
		return NULL;
	files = read_pointer(get_current_task() + K(TASK_FILES));
	fdt = read_pointer(files + K(FILES_FDT));
	array = read_pointer(fdt + K(FDTABLE_FD));
	file = read_pointer(array + fd * K(POINTER_SIZE));
	if (!file)
		return NULL;
	socket = read_pointer(file + K(FILE_PRIVATE_DATA));
	/*
	 * Another thread may have put some other file there by now; a socket
	 * is told by its pointer back to the file.
	 */
	if (read_pointer(socket + K(SOCKET_FILE)) != file)
		return NULL;
	return read_pointer(socket + K(SOCKET_SK));
}

/* Of socketcall(2), which may be any call of sockets, `calling` knows. */
ALWAYS_INLINE bool is_accept(const void *ctx)
{
	uint32_t thread = get_current_pid_tgid();

	if (!K(SOCKETCALL) || ctx_word(ctx, ACCEPT_CTX_NUMBER) != K(SOCKETCALL))
		return true;
	if (!map_lookup_elem(calls, &thread))
		return false;
	map_delete_elem(calls, &thread);
	return true;
}

/*
 * In place of it where more is asked for; and at syscalls:sys_exit_accept and
 * sys_exit_accept4, where only the new descriptor is known.
 */
SEC("more") static int trace_more(void *ctx)
{
	const char *sk;

	if (K(BY_SYSCALL) && !is_accept(ctx))
		return 0;
	if (K(BY_SYSCALL))
		sk = sock_of_syscall(ctx);
	else
		sk = (const char *)ctx_word(ctx, ACCEPT_CTX_SOCK);
	/* Another thread was quicker to close it, or dup2(2)ed over it. */
	if (K(BY_SYSCALL) && !sk &&
	    (int32_t)ctx_word(ctx, ACCEPT_CTX_SYSCALL) >= 0)
		COUNT_HERE(vanished);
	return trace_accept(ctx, sk, true);
}

/* syscalls:sys_enter_socketcall; a thread is in one such call at most. */
SEC("calling") static int socketcall_entered(void *ctx)
{
	const uint32_t call = ctx_word(ctx, ACCEPT_CTX_SYSCALL);
	uint32_t thread = get_current_pid_tgid();

	if (call == SYS_ACCEPT || call == SYS_ACCEPT4)
		map_update_elem(calls, &thread, &call, BPF_ANY);
	else
		map_delete_elem(calls, &thread);
	return 0;
}

/*
 * inet_csk_accept() on its start, where the kernel does not tell what returns a
 * kretprobe could not follow: a thread that is within a call yet has returned
 * meanwhile.
 */
SEC("entered") static int accept_entered(void *ctx)
{
	uint32_t thread = get_current_pid_tgid(), nobody = ACCEPT_NOBODY;
	uint32_t *inside = map_lookup_elem(calls, &nobody);
	uint32_t *before = map_lookup_elem(calls, &thread);
	uint32_t doubtful;

	(void)ctx;
	if (!inside)
		return 0;
	doubtful = *inside >= K(INSTANCES) ? ACCEPT_DOUBTFUL : 0;
	if (map_update_elem(calls, &thread, &doubtful, BPF_ANY) || before)
		COUNT_HERE(unfollowed);
	else
		__sync_fetch_and_add(inside, 1);
	return 0;
}

/* A connection to an IPv4 server of our own. */
ALWAYS_INLINE bool is_own(const char *sk)
{
	uint8_t pair[8] = {};

	probe_read(pair, sizeof(pair), sk + K(SKC_ADDRPAIR));
	return pair[4] == ACCEPT_OWN_FIRST && pair[5] == ACCEPT_OWN_SECOND &&
	       pair[7] == ACCEPT_OWN_LAST;
}

/* A connection enters an accept queue; listener: 0 if that is not known. */
ALWAYS_INLINE void note_queued(uint64_t child, uint64_t listener)
{
	struct accept_queued queued = {
		.since_ns = ktime_get_ns(),
		.listener = listener,
	};
	volatile struct accept_state *state = current_state();

	map_update_elem(queue, &child, &queued, BPF_ANY);
	if (!state)
		return;
	COUNT(state, queued);
	if (state->proving && is_own((const char *)child))
		COUNT(state, own);
}

/* The thread asks that listener, or none that is known. */
ALWAYS_INLINE void note_accepting(uint64_t listener)
{
	uint32_t thread = get_current_pid_tgid();

	if (listener)
		map_update_elem(acceptors, &thread, &listener, BPF_ANY);
	else
		map_delete_elem(acceptors, &thread);
}

/*
 * The accept queue: struct sock *inet_csk_reqsk_queue_add(struct sock
 * *listener, struct request_sock *, struct sock *child); and, where the
 * compiler has put that into it, inet_csk_complete_hashdance(struct sock
 * *listener, struct sock *child, ...). In a softirq as a rule.
 */
SEC("queued") static int connection_queued(void *ctx)
{
	note_queued(ctx_word(ctx, ACCEPT_CTX_CHILD),
		    ctx_word(ctx, ACCEPT_CTX_ARG1));
	return 0;
}

/* void tcp_v4_destroy_sock(struct sock *), which IPv6 calls too */
SEC("gone") static int connection_gone(void *ctx)
{
	uint64_t sk = ctx_word(ctx, ACCEPT_CTX_ARG1);

	map_delete_elem(queue, &sk);
	return 0;
}

/* struct sock *inet_csk_accept(struct sock *listener, ...), on its start */
SEC("acceptor") static int thread_accepting(void *ctx)
{
	note_accepting(ctx_word(ctx, ACCEPT_CTX_ARG1));
	return 0;
}

/*
 * The same without kprobes. sock:inet_sock_set_state, since 4.16: a child is
 * established right after it has entered the queue. One that is reset there is
 * closed, and no longer followed.
 */
SEC("state") static int connection_state(void *ctx)
{
	uint64_t sk = ctx_word(ctx, ACCEPT_CTX_STATE_SOCK);
	uint32_t before = ctx_word(ctx, ACCEPT_CTX_STATE_OLD);
	uint32_t after = ctx_word(ctx, ACCEPT_CTX_STATE_NEW);

	if (after == TCP_CLOSE)
		map_delete_elem(queue, &sk);
	else if (before == TCP_SYN_RECV && after == TCP_ESTABLISHED)
		note_queued(sk, 0);
	return 0;
}

/* syscalls:sys_enter_accept and sys_enter_accept4 */
SEC("entering") static int thread_entering(void *ctx)
{
	note_accepting((uint64_t)sock_of_syscall(ctx));
	return 0;
}
