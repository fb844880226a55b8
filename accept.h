/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * accept.h - what accept.bpf.c and the program that loads it agree on
 *
 * The event is the raw body of a perf sample. It has no hidden padding and the
 * same bytes on 32- and 64-bit machines of one byte order.
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include <stddef.h>
#include <stdint.h>

#define ACCEPT_COMM_LEN 16

struct accept_event {
	/* CLOCK_MONOTONIC in nanoseconds, when accept() got its socket. */
	uint64_t ktime_ns;
	/*
	 * IDs of the thread group and the thread in the reader's PID
	 * namespace; 0 for a task that is not in it.
	 */
	uint32_t pid;
	uint32_t tid;
	/* Network order. AF_INET has the first four bytes, then zeros. */
	uint8_t raddr[16];
	uint8_t laddr[16];
	/* The socket's: AF_INET, or AF_INET6 also with a v4-mapped peer. */
	uint16_t family;
	uint16_t rport_be;
	/* Host order. */
	uint16_t lport;
	/* 1 if it comes at close(2), as accept() was given no address. */
	uint16_t late;
	/*
	 * The accepting task's name: NUL-terminated, otherwise any bytes. If it
	 * is not known, it is empty, and the last byte is not NUL.
	 */
	char comm[ACCEPT_COMM_LEN];

	/*
	 * Only the program `full` fills what follows. What it does not know is
	 * 0, or ACCEPT_UNKNOWN.
	 */

	/* ID of the task's cgroup in the v2 hierarchy. */
	uint64_t cgroup;
	/* When the connection entered the accept queue, as ktime_ns. */
	uint64_t queued_ns;
	/* The task's, in the initial user namespace; or ACCEPT_UNKNOWN. */
	uint32_t uid;
	/* Inode of the connection's network namespace. */
	uint32_t netns;
	/* Connections that still wait in the accept queue; its limit. */
	uint32_t backlog;
	uint32_t backlog_max;
	/*
	 * The name of the task's process (thread group leader). If it is not
	 * known, the last byte is not NUL.
	 */
	char pcomm[ACCEPT_COMM_LEN];
	/* Connections that the listener has dropped: sk_drops. */
	uint32_t drops;
	uint32_t unused2;
};

/* How many bytes the other programs fill and send. */
#define ACCEPT_EVENT_BASE offsetof(struct accept_event, cgroup)

#define ACCEPT_UNKNOWN UINT32_MAX

_Static_assert(offsetof(struct accept_event, raddr) == 16, "event layout");
_Static_assert(offsetof(struct accept_event, laddr) == 32, "event layout");
_Static_assert(offsetof(struct accept_event, family) == 48, "event layout");
_Static_assert(offsetof(struct accept_event, comm) == 56, "event layout");
_Static_assert(ACCEPT_EVENT_BASE == 72, "event layout");
_Static_assert(offsetof(struct accept_event, pcomm) == 104, "event layout");
_Static_assert(sizeof(struct accept_event) == 128, "event layout");

/*
 * How a struct sock begins on every kernel that we have seen (struct
 * sock_common of include/net/sock.h, 3.9 to 7.3): all of it is then read at
 * once.
 */
struct accept_sock_head {
	/* skc_daddr and skc_rcv_saddr, in network order. */
	uint32_t addresses[2];
	uint32_t hash;
	/* skc_dport in network order, skc_num in host order. */
	uint16_t ports[2];
	uint16_t family;
	uint16_t unused;
};

/* What the program `full` is asked for: bits of its constant WANTED. */
enum accept_wants {
	/*
	 * Filters: let through only what the map `chosen` has; for ports, the
	 * map `ports`.
	 */
	ACCEPT_FILTER_PIDS = 1 << 0,
	ACCEPT_FILTER_PORTS = 1 << 1,
	ACCEPT_FILTER_UIDS = 1 << 2,
	ACCEPT_FILTER_COMM = 1 << 3,
	ACCEPT_FILTER_NETNS = 1 << 4,
	/* Filters: one of the networks; a family; a cgroup's subtree. */
	ACCEPT_FILTER_NETWORKS = 1 << 5,
	ACCEPT_FILTER_IPV4 = 1 << 6,
	ACCEPT_FILTER_IPV6 = 1 << 7,
	ACCEPT_FILTER_CGROUP = 1 << 8,
	/* Filters: let through only what the user's pinned map has. */
	ACCEPT_FILTER_CGROUP_MAP = 1 << 9,
	ACCEPT_FILTER_MNTNS_MAP = 1 << 10,
	/* Members of the event. */
	ACCEPT_FIELD_CGROUP = 1 << 11,
	ACCEPT_FIELD_NETNS = 1 << 12,
	ACCEPT_FIELD_PCOMM = 1 << 13,
	ACCEPT_FIELD_UID = 1 << 14,
	ACCEPT_FIELD_BACKLOG = 1 << 15,
	ACCEPT_FIELD_WAIT = 1 << 16,
	ACCEPT_FIELD_DROPS = 1 << 17,
	/* What needs to know the listener, and what needs hooks for either. */
	ACCEPT_FIELDS_LISTENER = ACCEPT_FIELD_BACKLOG | ACCEPT_FIELD_DROPS,
	ACCEPT_FIELDS_QUEUE = ACCEPT_FIELDS_LISTENER | ACCEPT_FIELD_WAIT,
	/* The whole event, as far as it is known: some of these members. */
	ACCEPT_WHOLE = 1 << 18,
	/* These filters let through what `chosen` does not have. */
	ACCEPT_EXCEPT_PIDS = 1 << 19,
	ACCEPT_EXCEPT_UIDS = 1 << 20,
	ACCEPT_EXCEPT_COMM = 1 << 21,
	ACCEPT_EXCEPTIONS =
		ACCEPT_EXCEPT_PIDS | ACCEPT_EXCEPT_UIDS | ACCEPT_EXCEPT_COMM,
	ACCEPT_FIELDS = ACCEPT_FIELD_CGROUP | ACCEPT_FIELD_NETNS |
			ACCEPT_FIELD_PCOMM | ACCEPT_FIELD_UID |
			ACCEPT_FIELDS_QUEUE,
};

/* What a filter lets through: a key of the map `chosen`. */
struct accept_choice {
	/* One of ACCEPT_FILTER_PIDS to ACCEPT_FILTER_NETNS, but not ports. */
	uint64_t ask;
	/* A number in the first, or a task's name in both. */
	uint64_t value[2];
};

/*
 * The map `ports` has a bit for each local port: port % 64 of the value with
 * the index port / 64.
 */
#define ACCEPT_PORT_WORDS (65536 / 64)

/*
 * The key of the map `networks`, an LPM trie, and its value: 1, or 0 for a
 * network whose clients are not let through.
 */
struct accept_network {
	/* How many bits of what follows count. */
	uint32_t prefix;
	/* 4 or 6, so that no network has addresses of the other family. */
	uint8_t version;
	uint8_t address[16];
	/* The value; no part of the key. */
	uint8_t passes;
	uint8_t unused[2];
};

#define ACCEPT_NETWORK_SIZE offsetof(struct accept_network, passes)

/* The value of the map `queue`; its key is the new connection's sock. */
struct accept_queued {
	uint64_t since_ns;
	/* The listener's sock. */
	uint64_t listener;
};

/*
 * What the program `noted` keeps with a new connection's sock until an accept
 * is seen: the last members are those of struct accept_event.
 */
struct accept_note {
	/* When the connection was established, as ktime_ns. */
	uint64_t since_ns;
	uint8_t raddr[16];
	uint8_t laddr[16];
	uint16_t family;
	uint16_t rport_be;
	uint16_t lport;
	/* 1 until the event is sent. */
	uint16_t waits;
};

/* From raddr on, in either. */
#define ACCEPT_TUPLE (sizeof(struct accept_note) - 8)

_Static_assert(offsetof(struct accept_note, waits) -
			       offsetof(struct accept_note, raddr) ==
		       offsetof(struct accept_event, late) -
			       offsetof(struct accept_event, raddr),
	       "the same layout");

/*
 * A slot of the map `states`, which has one of two cache lines for each CPU.
 * The reader mmaps them: while a task is preempted inside bpf(2) on a map, no
 * program runs on that CPU.
 */
struct accept_state {
	/*
	 * While an event is on its way into the ring: its ktime_ns, or
	 * ACCEPT_IN_FLIGHT before that is known; else 0.
	 */
	uint64_t in_flight;
	/* Lost events: those that found the ring full, and all others. */
	uint64_t lost_full;
	uint64_t lost_other;
	/*
	 * Written by the reader: 1 while it sleeps, or is about to, and an
	 * event must wake it; 0 while it reads the rings at intervals.
	 */
	uint64_t wake;
	/* Hits with a socket of another family: they prove the hook. */
	uint64_t others;
	/*
	 * Events that went to the map `spill`, as the CPU has just come online
	 * and has no ring yet.
	 */
	uint64_t spilled;
	/* Connections that entered an accept queue. */
	uint64_t queued;
	/*
	 * Written by the loader: 1 while it checks that connections to its own
	 * servers are counted, which then are in `own` as well.
	 */
	uint64_t proving;
	uint64_t own;
	/*
	 * System calls that returned a descriptor which did not lead to a
	 * socket any more when the program followed it.
	 */
	uint64_t vanished;
	/*
	 * Events that perf reported as written. Before 5.2 it does so where
	 * the ring is full, too (bpf_perf_event_output() in
	 * kernel/trace/bpf_trace.c).
	 */
	uint64_t sent;
	/*
	 * Hits at which the helper could not find whether the task is in the
	 * cgroup: with IPv4 and IPv6 sockets; with others, which show before
	 * the first connection that this hook is of no use.
	 */
	uint64_t cgroup_unknown;
	uint64_t others_unknown;
	/* Calls whose return was missed, as the thread's next call shows. */
	uint64_t unfollowed;
	/* Of the connections in `queued`, those whose accept was seen; */
	uint64_t taken;
	/* and those of them that are sent late. */
	uint64_t late;
};

#define ACCEPT_IN_FLIGHT 1

/* Where the loader's servers listen (kernel/loopback.c): 127.93.N.180. */
#define ACCEPT_OWN_FIRST 127
#define ACCEPT_OWN_SECOND 93
#define ACCEPT_OWN_LAST 180

/*
 * The map `calls` has the threads that are in a call. For the rung csk-return,
 * the value is ACCEPT_DOUBTFUL where the kernel may have had no kretprobe
 * instance left, and the key ACCEPT_NOBODY has the number of these threads.
 */
#define ACCEPT_NOBODY 0
#define ACCEPT_DOUBTFUL 1

/*
 * Two copies of one program, of which each accept needs but one
 * (rung_syscall.c). The map `twins` has by thread when the first copy saw its
 * accept; the key ACCEPT_NOBODY has when the second was attached.
 * CLOCK_MONOTONIC, nanoseconds.
 */
#define ACCEPT_TWIN_FIRST 1
#define ACCEPT_TWIN_SECOND 2

/*
 * Slots of the map `rings`: each CPU's ring has two. An event sent to the first
 * gathers in the ring, one sent to the second wakes the reader as well.
 */
#define ACCEPT_RING(cpu, wake) (2 * (cpu) + (wake))

_Static_assert(sizeof(struct accept_state) == 128, "state layout");
_Static_assert(offsetof(struct accept_state, own) == 64, "state layout");

/*
 * How many slots of the map `spill` a CPU has, a power of two. Each is a struct
 * accept_event; they are used in turn. The reader sets ktime_ns to 0 when it
 * has read one.
 */
#define ACCEPT_SPILL 32

/*
 * The program `capture` copies the start of a struct sock to the map `captures`
 * in pieces, as they go over its stack: before 4.10 helpers accept no other
 * memory.
 */
#define ACCEPT_CAPTURE_PIECE 256
#define ACCEPT_CAPTURE_PIECES 8
#define ACCEPT_CAPTURE (ACCEPT_CAPTURE_PIECE * ACCEPT_CAPTURE_PIECES)

/*
 * The program's context differs between machines. accept.bpf.c loads from these
 * impossible offsets; the loader puts the machine's offset and word size into
 * the instructions.
 */
enum accept_ctx {
	/* struct pt_regs: the register of the new struct sock *, by rung. */
	ACCEPT_CTX_SOCK = 0x7f00,
	/* syscalls:sys_exit_*: `ret`; sys_enter_*: the first argument. */
	ACCEPT_CTX_SYSCALL = 0x7f08,
	/* syscalls:sys_enter_* and sys_exit_*: the call's number, an int. */
	ACCEPT_CTX_NUMBER = 0x7f38,
	/*
	 * struct pt_regs: the first argument, also that of a raw tracepoint;
	 * the one that is the child.
	 */
	ACCEPT_CTX_ARG1 = 0x7f10,
	ACCEPT_CTX_CHILD = 0x7f18,
	/* inet_sock_set_state, a raw tracepoint: the third, the new state. */
	ACCEPT_CTX_STATE_NEW = 0x7f30,
};

#endif
