/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loopback.h - accepts of our own, to see how the kernel shows them
 *
 * By a process of its own and, where the kernel has them, in a network
 * namespace of its own: no state of the machine's loopback matters, no firewall
 * or other tracer of it sees the connections, and nothing stays behind.
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <sys/types.h>

#include "kernel/layout.h"

struct loopback {
	/* What to do: family, mptcp, mptcp_listener of each; the rest is done.
	 */
	struct test_connection *samples;
	int count;
	/* The name of the task that accepts. */
	char comm[ACCEPT_COMM_LEN];
	/* Called for each in turn after its accept(), in that task. */
	void (*accepted)(void *argument, struct test_connection *sample);
	void *argument;
	/* That task. */
	pid_t pid;
};

/*
 * How many were accepted: kinds that the kernel does not have are left out.
 * -errno if that is none.
 */
int loopback_run(struct loopback *loopback);

/* One accept of an AF_UNIX socket, by the caller; 0, or -errno. */
int loopback_unix(void);

/*
 * The same for later, by nothing but accept4(2): a listening socket with
 * `count` connections, and none of a stranger's to come; or -errno. Then one of
 * them; 0, or -errno, EAGAIN if there is none left.
 */
int loopback_unix_prepare(int count);
int loopback_unix_take(int listener);

#endif
