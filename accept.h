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
};

_Static_assert(offsetof(struct accept_event, raddr) == 16, "event layout");
_Static_assert(offsetof(struct accept_event, family) == 48, "event layout");
_Static_assert(offsetof(struct accept_event, comm) == 56, "event layout");
_Static_assert(sizeof(struct accept_event) == 72, "event layout");

/*
 * Slot of the map `states`, one for each CPU and a cache line each. The reader
 * maps it, as bpf(2) on a map would keep every program on that CPU from running
 * while the caller is preempted in it.
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
	uint64_t unused[2];
};

#define ACCEPT_IN_FLIGHT 1

/*
 * Slots of the map `rings`: a CPU's ring has two descriptors, an event through
 * the first gathers in it, one through the second wakes the reader as well.
 */
#define ACCEPT_RING(cpu, wake) (2 * (cpu) + (wake))

_Static_assert(sizeof(struct accept_state) == 64, "state layout");

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
	/* syscalls:sys_exit_*: the field `ret`. */
	ACCEPT_CTX_SYSCALL_RET = 0x7f08,
};

#endif
