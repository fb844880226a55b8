// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accept.bpf.c - the kernel side: from a hook to an event in a perf ring
 *
 * One program for the rungs of probe.c that meet the new connection's sock, one
 * for that of system calls, both through trace_accept(); one that copies a sock
 * for layout.c to look into. What differs between kernels, machines and command
 * lines is a symbol whose address the loader fills in before BPF_PROG_LOAD, so
 * one object serves them all and the verifier sees plain constants.
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
#else
#define NTOHS(be) (be)
#endif

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define ENOSPC 28

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Maps: a descriptor takes the place of the address. */
CONSTANT(rings);
CONSTANT(states);
CONSTANT(spill);
CONSTANT(captures);

/* Only this thread group, or all when 0. */
CONSTANT(FILTER_PID);

/* The PID namespace that counts, as nsfs has it; inode 0: the initial one. */
CONSTANT(PIDNS_DEVICE);
CONSTANT(PIDNS_INODE);

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
/* Since 5.7. The loader puts another in its place if it is not needed. */
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

/* A word of the context; the loader replaces the offset. */
ALWAYS_INLINE uint64_t ctx_word(const void *ctx, enum accept_ctx which)
{
	return *(const volatile uint64_t *)((const char *)ctx + which);
}

ALWAYS_INLINE const char *read_pointer(const char *from)
{
	const char *pointer = NULL;

	probe_read(&pointer, sizeof(pointer), from);
	return pointer;
}

ALWAYS_INLINE uint16_t read_u16(const char *from)
{
	uint16_t value = 0;

	probe_read(&value, sizeof(value), from);
	return value;
}

ALWAYS_INLINE bool is_tcp_prot(const char *prot)
{
	const uint64_t value = (uint64_t)prot;

	return value == K(PROT_1) || value == K(PROT_2) || value == K(PROT_3) ||
	       value == K(PROT_4) || value == K(PROT_5) || value == K(PROT_6);
}

ALWAYS_INLINE bool is_tcp(const char *sk)
{
	uint16_t protocol;
	uint8_t byte = 0;

	if (!K(SK_PROTOCOL_BITS))
		return !K(PROT_1) ||
		       is_tcp_prot(read_pointer(sk + K(SKC_PROT))) ||
		       is_tcp_prot(read_pointer(sk + K(SK_PROT_CREATOR)));
	if (K(SK_PROTOCOL_BITS) == 8) {
		probe_read(&byte, sizeof(byte), sk + K(SK_PROTOCOL));
		protocol = byte;
	} else {
		protocol = read_u16(sk + K(SK_PROTOCOL));
	}
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

/* A CPU that has come online has no ring before the reader knows of it. */
ALWAYS_INLINE void spill_event(volatile struct accept_state *state,
			       uint32_t cpu, const struct accept_event *event)
{
	uint64_t spilled = state->spilled;
	uint32_t slot = cpu * ACCEPT_SPILL + spilled % ACCEPT_SPILL;
	struct accept_event *to = map_lookup_elem(spill, &slot);

	if (!to || to->ktime_ns) {
		state->lost_other++;
		return;
	}
	*to = *event;
	state->spilled = spilled + 1;
}

/*
 * Hand the event over. in_flight tells the reader, who merges the rings by
 * time, that an event of that time is still to come.
 */
ALWAYS_INLINE void output_event(void *ctx, struct accept_event *event)
{
	uint32_t cpu = get_smp_processor_id();
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
	error = perf_event_output(ctx, rings, slot, event, sizeof(*event));
	if (error == -ENOSPC)
		state->lost_full++;
	else if (error)
		spill_event(state, cpu, event);
	state->in_flight = 0;
}

ALWAYS_INLINE void count_other(void)
{
	uint32_t cpu = get_smp_processor_id();
	volatile struct accept_state *state = map_lookup_elem(states, &cpu);

	if (state)
		state->others++;
}

/* The one path: every program ends here with the new connection's sock. */
ALWAYS_INLINE int trace_accept(void *ctx, const char *sk)
{
	struct accept_event event = {};

	if (!sk)
		return 0;
	event.family = read_u16(sk + K(SKC_FAMILY));
	if (event.family != AF_INET && event.family != AF_INET6) {
		count_other();
		return 0;
	}
	read_ids(&event);
	if (K(FILTER_PID) && K(FILTER_PID) != event.pid)
		return 0;
	if (!is_tcp(sk))
		return 0;
	read_addresses(&event, sk);
	read_ports(&event, sk);
	get_current_comm(event.comm, sizeof(event.comm));
	output_event(ctx, &event);
	/* 0: perf itself writes no record for this hit. */
	return 0;
}

/*
 * security_sock_graft(struct sock *sk, ...), __inet_accept(..., ..., struct
 * sock *newsk), or struct sock *inet_csk_accept() on its return
 */
SEC("kprobe") static int trace_kprobe(void *ctx)
{
	return trace_accept(ctx, (const char *)ctx_word(ctx, ACCEPT_CTX_SOCK));
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

/* syscalls:sys_exit_accept and sys_exit_accept4: only the new fd is known */
SEC("syscall") static int trace_syscall(void *ctx)
{
	int64_t fd = ctx_word(ctx, ACCEPT_CTX_SYSCALL_RET);
	const char *files, *fdt, *array, *file, *socket;

	if (fd < 0)
		return 0;
	files = read_pointer(get_current_task() + K(TASK_FILES));
	fdt = read_pointer(files + K(FILES_FDT));
	array = read_pointer(fdt + K(FDTABLE_FD));
	file = read_pointer(array + fd * sizeof(void *));
	if (!file)
		return 0;
	socket = read_pointer(file + K(FILE_PRIVATE_DATA));
	/*
	 * Another thread may have put some other file there by now; a socket
	 * is told by its pointer back to the file.
	 */
	if (read_pointer(socket + K(SOCKET_FILE)) != file)
		return 0;
	return trace_accept(ctx, read_pointer(socket + K(SOCKET_SK)));
}
