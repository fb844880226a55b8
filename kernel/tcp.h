/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcp.h - the TCP sockets of this network namespace, as proc(5) shows them
 */
#ifndef TCP_H
#define TCP_H

#include <stdbool.h>
#include <stdint.h>

/* Those states of include/net/tcp_states.h that are looked for. */
enum tcp_state {
	TCP_STATE_ESTABLISHED = 1,
	TCP_STATE_SYN_SENT = 2,
	TCP_STATE_SYN_RECV = 3,
	TCP_STATE_CLOSE_WAIT = 8,
	TCP_STATE_LISTEN = 10,
};

/* The same members, in the same order, as in struct accept_event. */
struct tcp_tuple {
	/* Network order. AF_INET has the first four bytes, then zeros. */
	uint8_t raddr[16];
	uint8_t laddr[16];
	uint16_t family;
	uint16_t rport_be;
	/* Host order. */
	uint16_t lport;
	/* 0. */
	uint16_t unused;
};

struct tcp_socket {
	struct tcp_tuple tuple;
	enum tcp_state state;
	/* Bytes to be read; of a listener, the length of its accept queue. */
	uint32_t queue;
	/* Whose socket it is, in the user namespace of the reader. */
	uint32_t uid;
	/* In sockfs; 0 if no descriptor leads to it, not yet or no more. */
	uint64_t inode;
};

/*
 * Read a line of /proc/net/tcp or tcp6. Returns false if it is none of a
 * socket, as the first one is.
 */
bool tcp_line(struct tcp_socket *to, const char *line);

/*
 * Call `call` for each socket of self/net/tcp and tcp6 below proc, listeners
 * first in either. Returns 0, or -errno: some sockets are missing, also if a
 * call has set errno. A socket may be left out, or come twice, while others
 * end.
 */
int tcp_sockets(int proc, void (*call)(const struct tcp_socket *socket));

#endif
