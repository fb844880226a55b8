/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * selftest.h - whether a rung's hooks fire, seen by test connections
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include "attach/probe.h"

/*
 * With the hooks open, before a program is attached: see TCP test accepts come
 * through. Returns 0, also if no connection could be made, or -errno with the
 * reason.
 */
int selftest_tcp(struct probe *probe, const struct rung *rung,
		 struct reason *reason);
/*
 * Do the same, and confirm or correct the built-in layout by them; also for a
 * rung without BPF, of which no hook is open yet.
 */
int selftest_layout(struct probe *probe, const struct rung *rung,
		    struct reason *reason);

/*
 * With the programs of the rung cgroup attached: see TCP test accepts over IPv4
 * and IPv6 come through, which are not shown. Returns 0, also if no connection
 * could be made, or -errno with the reason.
 */
int selftest_cgroup(struct probe *probe, struct reason *reason);

/*
 * With the rings tapped (rings.h): see TCP test accepts come through. Returns
 * 0, also if no connection could be made, or -errno with the reason.
 */
int selftest_taps(struct probe *probe, struct reason *reason);

/*
 * With the program attached: see AF_UNIX test accepts come through, and that
 * the kernel can say there whether a task is in the cgroup of --cgroup. Returns
 * 0, or -errno with the reason.
 */
int selftest_unix(struct probe *probe, const struct rung *rung,
		  struct reason *reason);

/*
 * For the process that holds the hooks: make the connections that
 * selftest_is_dead() accepts.
 */
void selftest_watch(struct probe *probe);
/*
 * At the end: whether something has switched the hooks off, as far as that can
 * be known. It needs accept4(2).
 */
bool selftest_is_dead(const struct probe *probe);

#endif
