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
	/* CLOCK_MONOTONIC nanoseconds, taken as accept() gets its socket. */
	uint64_t ktime_ns;
	/*
	 * Thread group and thread, as the PID namespace asked for has them: 0
	 * for a task that is not in it.
	 */
	uint32_t pid;
	uint32_t tid;
	/* Network order. AF_INET: the first four bytes, the rest is zero. */
	uint8_t raddr[16];
	uint8_t laddr[16];
	/* AF_INET or AF_INET6 of the socket (a v4-mapped peer has AF_INET6). */
	uint16_t family;
	uint16_t rport_be;
	/* Host order. */
	uint16_t lport;
	uint16_t unused;
	/* The accepting task's name: NUL-terminated, otherwise any bytes. */
	char comm[ACCEPT_COMM_LEN];

	/*
	 * From here on only from the program `full`; what is not known is 0,
	 * or ACCEPT_UNKNOWN.
	 */

	/* ID of the task's cgroup in the v2 hierarchy. */
	uint64_t cgroup;
	/* When the connection entered the accept queue; as ktime_ns. */
	uint64_t queued_ns;
	/* As the initial user namespace has it. */
	uint32_t uid;
	/* Inode of the connection's network namespace. */
	uint32_t netns;
	/* Connections that still wait in the accept queue; its limit. */
	uint32_t backlog;
	uint32_t backlog_max;
	/*
	 * The name of the task's process (thread group leader); its last byte
	 * is not NUL if it is not known.
	 */
	char pcomm[ACCEPT_COMM_LEN];
};

/* What the other programs fill and send. */
#define ACCEPT_EVENT_BASE offsetof(struct accept_event, cgroup)

#define ACCEPT_UNKNOWN UINT32_MAX

_Static_assert(offsetof(struct accept_event, raddr) == 16, "event layout");
_Static_assert(offsetof(struct accept_event, family) == 48, "event layout");
_Static_assert(offsetof(struct accept_event, comm) == 56, "event layout");
_Static_assert(ACCEPT_EVENT_BASE == 72, "event layout");
_Static_assert(offsetof(struct accept_event, pcomm) == 104, "event layout");
_Static_assert(sizeof(struct accept_event) == 120, "event layout");

/* What the program `full` is asked for: bits of its constant WANTED. */
enum accept_wants {
	/* Filters: let through only what the map `chosen` has. */
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
	/* Filters: let through only what a map of the user's has. */
	ACCEPT_FILTER_CGROUP_MAP = 1 << 9,
	ACCEPT_FILTER_MNTNS_MAP = 1 << 10,
	/* Members of the event. */
	ACCEPT_FIELD_CGROUP = 1 << 11,
	ACCEPT_FIELD_NETNS = 1 << 12,
	ACCEPT_FIELD_PCOMM = 1 << 13,
	ACCEPT_FIELD_UID = 1 << 14,
	ACCEPT_FIELD_BACKLOG = 1 << 15,
	ACCEPT_FIELD_WAIT = 1 << 16,
	/* The whole event, whatever of it is known. */
	ACCEPT_WHOLE = 1 << 17,
};

/* What a filter may let through: the key of the map `chosen`. */
struct accept_choice {
	/* One of ACCEPT_FILTER_PIDS to ACCEPT_FILTER_NETNS. */
	uint64_t ask;
	/* A number, or a task's name in both. */
	uint64_t value[2];
};

/* The key of the map `networks`, an LPM trie: so many bits of what follows. */
struct accept_network {
	uint32_t prefix;
	/* 4 or 6; so that no network holds addresses of the other family. */
	uint8_t version;
	uint8_t address[16];
	uint8_t unused[3];
};

#define ACCEPT_NETWORK_SIZE offsetof(struct accept_network, unused)

/* The value of the map `queue`; its key is the new connection's sock. */
struct accept_queued {
	uint64_t since_ns;
	/* The listener's sock. */
	uint64_t listener;
};

/*
 * Slot of the map `states`, one for each CPU and two cache lines each. The
 * reader maps it, as bpf(2) on a map would keep every program on that CPU from
 * running while the caller is preempted in it.
 */
struct accept_state {
	/*
	 * While an event is on its way into the ring: its ktime_ns, or
	 * ACCEPT_IN_FLIGHT while not even that is known; else 0.
	 */
	uint64_t in_flight;
	/* Events that did not get into the ring: for want of room, or else. */
	uint64_t lost_full;
	uint64_t lost_other;
	/*
	 * Written by the reader: 1 while it sleeps, or is about to, and an
	 * event must wake it; 0 while it looks by itself every so often.
	 */
	uint64_t wake;
	/* Hits that met no IPv4 or IPv6 socket. They show that the hook works.
	 */
	uint64_t others;
	/*
	 * So many events found no ring, as the CPU has just come online, and
	 * went to the map `spill`.
	 */
	uint64_t spilled;
	/* Connections that entered an accept queue. */
	uint64_t queued;
	/*
	 * Written by the loader: 1 while it looks whether `queued` counts
	 * connections of its own; those to 127.93.N.180 are in `own`.
	 */
	uint64_t proving;

	uint64_t own;
	/*
	 * System calls that returned a descriptor, which no longer led to a
	 * socket when the program looked at it.
	 */
	uint64_t vanished;
	/*
	 * Events that perf says it took. Before 5.2 it says so as well where
	 * the ring had no room (bpf_perf_event_output() in
	 * kernel/trace/bpf_trace.c).
	 */
	uint64_t sent;
	/*
	 * Sockets of whose task the kernel would not say whether it is of the
	 * cgroup asked for: of IPv4 and IPv6; of the rest of families, where it
	 * shows before the first connection that this hook is of no use.
	 */
	uint64_t cgroup_unknown;
	uint64_t others_unknown;
	/* Calls whose return was not followed, as the thread's next shows. */
	uint64_t unfollowed;
	uint64_t unused[2];
};

#define ACCEPT_IN_FLIGHT 1

/* Where servers of our own listen (loopback.c): 127.93.N.180. */
#define ACCEPT_OWN_FIRST 127
#define ACCEPT_OWN_SECOND 93
#define ACCEPT_OWN_LAST 180

/*
 * The map `calls`: threads that are within a call. Of csk-return's, the value
 * is ACCEPT_DOUBTFUL where as many were in one already as the kernel follows
 * at the least; and nobody's slot is how many there are now.
 */
#define ACCEPT_NOBODY 0
#define ACCEPT_DOUBTFUL 1

/*
 * Slots of the map `rings`: a CPU's ring has two descriptors, an event through
 * the first gathers in it, one through the second wakes the reader as well.
 */
#define ACCEPT_RING(cpu, wake) (2 * (cpu) + (wake))

_Static_assert(sizeof(struct accept_state) == 128, "state layout");
_Static_assert(offsetof(struct accept_state, own) == 64, "state layout");

/*
 * Slots of the map `spill` that a CPU has, each a struct accept_event, used in
 * turn. The reader sets ktime_ns to 0 once it has taken it. A power of two.
 */
#define ACCEPT_SPILL 32

/*
 * The program `capture` copies a struct sock, as far as that is interesting, to
 * the map `captures` in pieces: what it reads goes over its stack first, and
 * kernels before 4.10 take no other memory.
 */
#define ACCEPT_CAPTURE_PIECE 256
#define ACCEPT_CAPTURE_PIECES 8
#define ACCEPT_CAPTURE (ACCEPT_CAPTURE_PIECE * ACCEPT_CAPTURE_PIECES)

/*
 * The program's context differs between machines. accept.bpf.c loads from one
 * of these impossible offsets, and the loader puts the machine's own offset
 * and word size into the instruction.
 */
enum accept_ctx {
	/* struct pt_regs: what holds the new struct sock *, by rung. */
	ACCEPT_CTX_SOCK = 0x7f00,
	/* syscalls:sys_exit_*: the field `ret`; sys_enter_*: the first
	 * argument.
	 */
	ACCEPT_CTX_SYSCALL = 0x7f08,
	/* syscalls:sys_enter_* and sys_exit_*: the call's number, an int. */
	ACCEPT_CTX_NUMBER = 0x7f38,
	/* struct pt_regs: the first argument, and that which is the child. */
	ACCEPT_CTX_ARG1 = 0x7f10,
	ACCEPT_CTX_CHILD = 0x7f18,
	/* sock:inet_sock_set_state: skaddr, and two ints, oldstate, newstate.
	 */
	ACCEPT_CTX_STATE_SOCK = 0x7f20,
	ACCEPT_CTX_STATE_OLD = 0x7f28,
	ACCEPT_CTX_STATE_NEW = 0x7f30,
};

#endif
