/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fetch.h - what test connections look like in the kernel, without BPF
 */
#ifndef FETCH_H
#define FETCH_H

#include "kernel/loopback.h"
#include "attach/probe.h"

/*
 * Make the test connections, with two kprobes of tracefs on the rung's
 * function, each of which fetches half of the new sock: sets `captured` and
 * `bytes` of those that were seen. *made: what loopback_run() returned. Returns
 * how many were seen, or -errno with the reason.
 */
int fetch_socks(const struct probe *probe, const struct rung *rung,
		struct test_connection *samples, int count, int *made,
		struct reason *reason);

#endif
