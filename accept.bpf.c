// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accept.bpf.c - the kernel side: from a hook to an event in a perf ring
 *
 * The programs, by section:
 *
 *	kprobe		rungs whose hook has the new connection's sock
 *	full		these with filters and columns; syscall and cgroup
 *	calling		socketcall(2) begins
 *	entered		inet_csk_accept() begins
 *	queued, gone, acceptor, state, entering
 *			the accept queue
 *	capture		copies a sock, for kernel/layout.c
 *	noted		a connection is established, for the rung cgroup
 *
 * What differs between kernels, machines and command lines is a symbol, whose
 * address the loader fills in before BPF_PROG_LOAD. So one object serves them
 * all, and the verifier sees plain constants. bpf/ has the parts.
 */
#include "bpf/columns.h"
#include "bpf/filters.h"
#include "bpf/output.h"
#include "bpf/socket.h"
#include "bpf/state.h"

#define SEC(name) __attribute__((section(name), used))

/* Calls of socketcall(2); linux/net.h. */
#define SYS_ACCEPT 5
#define SYS_ACCEPT4 18

/* A state of net/tcp_states.h. */
#define TCP_SYN_RECV 3

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Read the IDs of the process and thread, in PIDNS_* if that is set. */
ALWAYS_INLINE void read_ids(struct accept_event *event)
{
	uint64_t pid_tgid = get_current_pid_tgid();
	struct bpf_pidns_info ids = {};

	if (K(PIDNS_INODE)) {
		/* This clears them if the task is not in that namespace. */
		get_ns_current_pid_tgid(K(PIDNS_DEVICE), K(PIDNS_INODE), &ids,
					sizeof(ids));
		event->pid = ids.tgid;
		event->tid = ids.pid;
		return;
	}
	event->pid = pid_tgid >> 32;
	event->tid = pid_tgid;
}

/* Count a socket of another family. `full` as in trace_accept(). */
ALWAYS_INLINE void count_other(const bool full)
{
	volatile struct accept_state *state = current_state();

	if (!state)
		return;
	COUNT(state, others);
	if (full && WANTS(ACCEPT_FILTER_CGROUP) &&
	    current_task_under_cgroup(cgroups, 0) < 0)
		COUNT(state, others_unknown);
}

/* The thread returns from a call, whose start `entered` may have noted. */
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

/* What is known of a connection that was established is known of its accept. */
ALWAYS_INLINE void read_note(struct accept_event *event,
			     const struct accept_note *note)
{
	/* cppcheck-suppress ctunullpointer ; none but of `noted` gets here */
	__builtin_memcpy(event->raddr, note->raddr, ACCEPT_TUPLE);
	event->late = K(BY_RELEASE);
	if (!K(BY_RELEASE))
		event->queued_ns = note->since_ns;
}

/*
 * What `kprobe` and `full` share: from the new connection's sock, or from what
 * `noted` has kept of it, to the event. The compiler knows `full`, so that
 * `kprobe` has none of its code.
 */
ALWAYS_INLINE int trace_accept(void *ctx, const char *sk,
			       const struct accept_note *note, const bool full)
{
	const bool noted = full && K(BY_CGROUP);
	struct accept_sock_head head = {};
	struct accept_event event;
	uint16_t protocol = 0;

	if (K(BY_RETURN))
		note_returned();
	if (!noted && !sk)
		return 0;
	__builtin_memset(&event, 0, full ? sizeof(event) : ACCEPT_EVENT_BASE);
	if (noted)
		read_note(&event, note);
	else
		event.family = read_head(&head, sk);
	if (event.family != AF_INET && event.family != AF_INET6) {
		count_other(full);
		return 0;
	}
	if (full) {
		event.backlog = event.backlog_max = ACCEPT_UNKNOWN;
		event.drops = ACCEPT_UNKNOWN;
		event.pcomm[ACCEPT_COMM_LEN - 1] = '?';
		if (!noted && WANTS(ACCEPT_FIELDS_QUEUE))
			protocol = read_queue(&event, ctx, sk);
	}
	read_ids(&event);
	/* Each filter decides as soon as it can. */
	if (K(FILTER_PID) && K(FILTER_PID) != event.pid)
		return 0;
	if (full && !is_task_chosen(&event))
		return 0;
	if (!noted)
		read_ports(&event, sk, &head);
	if (K(FILTER_PORT) && K(FILTER_PORT) != event.lport)
		return 0;
	if (full && !is_port_chosen(&event))
		return 0;
	if (!noted)
		read_addresses(&event, sk, &head);
	if (full && !is_address_chosen(&event))
		return 0;
	if (!noted && !is_tcp(sk, protocol))
		return 0;
	get_current_comm(event.comm, sizeof(event.comm));
	if (full)
		read_more(&event, sk);
	if (full && !is_rest_chosen(&event))
		return 0;
	if (noted)
		output_shared(&event, WANTS(ACCEPT_WHOLE));
	else
		output_event(ctx, &event, full && WANTS(ACCEPT_WHOLE));
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
			    NULL, false);
}

/* Copy the sock that is accepted by the task whose name is CAPTURE_COMM_*. */
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

/*
 * The sock of the descriptor that the system call returns or is given, or
 * NULL.
 */
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
	 * Another thread may have put some other file there by now. Only a
	 * socket has a pointer back to its file here.
	 */
	if (read_pointer(socket + K(SOCKET_FILE)) != file)
		return NULL;
	return read_pointer(socket + K(SOCKET_SK));
}

/*
 * Whether the system call is an accept(). socketcall(2) may be any call of
 * sockets: `calling` has noted which.
 */
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
 * A task that is preempted in this program makes the kernel skip it for all
 * others on that CPU; it seldom sits in both copies. The first notes the thread
 * and does the work; the second drops the note, or works if there is none, or
 * one of before the second was attached. Whether there is nothing to do here.
 */
ALWAYS_INLINE bool is_for_twin(const void *ctx)
{
	uint32_t thread = get_current_pid_tgid(), nobody = ACCEPT_NOBODY;
	const uint64_t *noted, *since;
	uint64_t time;
	bool done;

	/* Servers that poll call accept() in vain now and then. */
	if ((int32_t)ctx_word(ctx, ACCEPT_CTX_SYSCALL) < 0)
		return false;
	if (K(TWIN) == ACCEPT_TWIN_FIRST) {
		time = ktime_get_ns();
		return map_update_elem(twins, &thread, &time, BPF_ANY);
	}
	noted = map_lookup_elem(twins, &thread);
	since = map_lookup_elem(twins, &nobody);
	if (!noted || !since)
		return false;
	done = *noted >= *since;
	map_delete_elem(twins, &thread);
	return done;
}

/* Whether the address is one of an IPv4 server of the loader's. */
ALWAYS_INLINE bool is_own_address(const uint8_t *address)
{
	return address[0] == ACCEPT_OWN_FIRST &&
	       address[1] == ACCEPT_OWN_SECOND && address[3] == ACCEPT_OWN_LAST;
}

/* The note of a connection whose accept is seen for the first time, or NULL. */
ALWAYS_INLINE const struct accept_note *take_note(void *sk)
{
	struct accept_note *note = sk_storage_get(notes, sk, NULL, 0);
	volatile struct accept_state *state = current_state();

	if (!note || !note->waits || !state)
		return NULL;
	note->waits = 0;
	if (state->proving &&
	    is_own_address(note->laddr + (note->family == AF_INET ? 0 : 12))) {
		COUNT_SHARED(state, own);
		return NULL;
	}
	COUNT_SHARED(state, taken);
	return note;
}

/*
 * Like trace_kprobe(), with filters and more columns. Also at sys_exit_accept
 * and sys_exit_accept4 of syscalls, where only the new descriptor is known.
 *
 * And at hooks of cgroups, which must return 1: getpeername4, getpeername6, run
 * within accept(2) if it is given an address, else within the first
 * getpeername(2); sock_release, in the task that closes the socket.
 */
SEC("full") static int trace_full(void *ctx)
{
	const struct accept_note *note = NULL;
	const char *sk = NULL;

	if (K(BY_CGROUP)) {
		note = take_note(K(BY_RELEASE) ?
					 ctx :
					 ((struct bpf_sock_addr *)ctx)->sk);
		if (!note)
			return 1;
	}
	if (K(TWIN) && is_for_twin(ctx))
		return 0;
	if (K(BY_SYSCALL) && !is_accept(ctx))
		return 0;
	if (K(BY_SYSCALL))
		sk = sock_of_syscall(ctx);
	else if (!K(BY_CGROUP))
		sk = (const char *)ctx_word(ctx, ACCEPT_CTX_SOCK);
	/* Another thread has already closed or replaced it. */
	if (K(BY_SYSCALL) && !sk &&
	    (int32_t)ctx_word(ctx, ACCEPT_CTX_SYSCALL) >= 0)
		COUNT_HERE(vanished);
	trace_accept(ctx, sk, note, true);
	return !!K(BY_CGROUP);
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
 * inet_csk_accept() on its start, where the kernel does not report the returns
 * that a kretprobe misses: a thread that is noted as being in a call, and
 * begins one, has returned unseen.
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

/* Whether it is a connection to an IPv4 server of the loader's. */
ALWAYS_INLINE bool is_own(const char *sk)
{
	uint8_t pair[8] = {};

	probe_read(pair, sizeof(pair), sk + K(SKC_ADDRPAIR));
	return pair[4] == ACCEPT_OWN_FIRST && pair[5] == ACCEPT_OWN_SECOND &&
	       pair[7] == ACCEPT_OWN_LAST;
}

/* A connection enters an accept queue. listener is 0 if it is not known. */
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

/* The thread accepts from a listener, which is 0 if it is not known. */
ALWAYS_INLINE void note_accepting(uint64_t listener)
{
	uint32_t thread = get_current_pid_tgid();

	if (listener)
		map_update_elem(acceptors, &thread, &listener, BPF_ANY);
	else
		map_delete_elem(acceptors, &thread);
}

/*
 * struct sock *inet_csk_reqsk_queue_add(struct sock *listener, struct
 * request_sock *, struct sock *child); also, where the compiler has inlined
 * that into it, inet_csk_complete_hashdance(struct sock *listener, struct sock
 * *child, ...). They run in a softirq as a rule.
 */
SEC("queued") static int connection_queued(void *ctx)
{
	note_queued(ctx_word(ctx, ACCEPT_CTX_CHILD),
		    ctx_word(ctx, ACCEPT_CTX_ARG1));
	return 0;
}

/*
 * void tcp_v4_destroy_sock(struct sock *), which IPv6 calls too; or its raw
 * tracepoint, tcp_destroy_sock
 */
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
 * The raw tracepoint inet_sock_set_state, in place of `queued`: a child has
 * this state from when it is made of its listener (inet_csk_clone_lock() in
 * net/ipv4/inet_connection_sock.c, 4.16 to 7.3), right before it enters the
 * accept queue.
 */
SEC("state") static int connection_state(void *ctx)
{
	if ((uint32_t)ctx_word(ctx, ACCEPT_CTX_STATE_NEW) == TCP_SYN_RECV)
		note_queued(ctx_word(ctx, ACCEPT_CTX_ARG1), 0);
	return 0;
}

/* syscalls:sys_enter_accept and sys_enter_accept4, in place of `acceptor` */
SEC("entering") static int thread_entering(void *ctx)
{
	note_accepting((uint64_t)sock_of_syscall(ctx));
	return 0;
}

/* Copy the addresses and ports of an established connection. */
ALWAYS_INLINE void read_tuple(struct accept_note *note,
			      const struct bpf_sock_ops *ctx)
{
	uint32_t *raddr = (uint32_t *)note->raddr;
	uint32_t *laddr = (uint32_t *)note->laddr;

	note->family = ctx->family;
	note->lport = ctx->local_port;
	/* The two bytes of the port in network order come first. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	note->rport_be = ctx->remote_port >> 16;
#else
	note->rport_be = ctx->remote_port;
#endif
	if (ctx->family == AF_INET) {
		raddr[0] = ctx->remote_ip4;
		laddr[0] = ctx->local_ip4;
		return;
	}
	raddr[0] = ctx->remote_ip6[0];
	raddr[1] = ctx->remote_ip6[1];
	raddr[2] = ctx->remote_ip6[2];
	raddr[3] = ctx->remote_ip6[3];
	laddr[0] = ctx->local_ip6[0];
	laddr[1] = ctx->local_ip6[1];
	laddr[2] = ctx->local_ip6[2];
	laddr[3] = ctx->local_ip6[3];
}

/*
 * sock_ops: what it returns, and the reply that it leaves alone, change nothing
 * for other programs at this hook, or the kernel.
 */
SEC("noted") static int connection_noted(const struct bpf_sock_ops *ctx)
{
	volatile struct accept_state *state;
	struct accept_note *note;
	struct bpf_sock *sk;

	if (ctx->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	sk = ctx->sk;
	state = current_state();
	if (!sk || !state)
		return 1;
	note = sk_storage_get(notes, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!note) {
		COUNT_SHARED(state, lost_other);
		return 1;
	}
	note->since_ns = ktime_get_ns();
	read_tuple(note, ctx);
	note->waits = 1;
	COUNT_SHARED(state, queued);
	return 1;
}
