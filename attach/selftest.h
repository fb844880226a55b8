/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * selftest.h - whether the hooks of a rung fire, by accepts of our own
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include "attach/probe.h"

/*
 * With the hooks open, and before they run our program: see TCP accepts of our
 * own come through; confirm the built-in layout by them, or correct it. 0, also
 * where no connection of our own could be made; or -errno with the reason.
 */
int selftest_tcp(struct probe *probe, const struct rung *rung,
		 struct reason *reason);
int selftest_layout(struct probe *probe, const struct rung *rung,
		    struct reason *reason);

/*
 * With our program attached: see AF_UNIX accepts of our own come through, and
 * that the kernel can say there whether a task is of --cgroup's cgroup. 0, or
 * -errno with the reason.
 */
int selftest_unix(struct probe *probe, const struct rung *rung,
		  struct reason *reason);

/*
 * By who has the hooks: prepare for selftest_is_dead(), which finds out at the
 * end whether something has switched the hooks off, as far as that can be
 * known. It needs accept4(2).
 */
void selftest_watch(struct probe *probe);
bool selftest_is_dead(const struct probe *probe);

#endif
