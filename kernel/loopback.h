/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loopback.h - make test connections and accept them, to see if that is traced
 *
 * loopback_run() does so in a child process and, where the kernel has them, in
 * a new network namespace: the state of the machine's loopback does not matter,
 * no firewall or packet capture sees the connections, and nothing stays behind.
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <sys/types.h>

#include "kernel/layout.h"

struct loopback {
	/* The caller sets family, mptcp and mptcp_listener of each. */
	struct test_connection *samples;
	int count;
	/* The name of the task that accepts. */
	char comm[ACCEPT_COMM_LEN];
	/* Called for each after its accept(), in that task; or NULL. */
	void (*accepted)(void *argument, struct test_connection *sample);
	void *argument;
	/* Accept on this CPU, if the task may run there. */
	bool has_cpu;
	int cpu;
	/* Set to that task. */
	pid_t pid;
};

/*
 * Make the connections; those that the kernel does not know are left out.
 * Returns how many were accepted, or -errno if none was.
 */
int loopback_run(struct loopback *loopback);

/*
 * Make a TCP listener on the machine's loopback, to which nobody connects.
 * Returns its descriptor, or -errno.
 */
int loopback_listen(void);

/* Accept one AF_UNIX connection in this task. Returns 0, or -errno. */
int loopback_unix(void);

/*
 * Make an AF_UNIX listener on which `count` connections wait, and nobody else
 * can connect. Returns its descriptor, or -errno.
 */
int loopback_unix_prepare(int count);

/*
 * Accept one of them, and close it: only accept4(2) and close(2) are called.
 * Returns 0, or -errno: EAGAIN if none is left.
 */
int loopback_unix_take(int listener);

#endif
