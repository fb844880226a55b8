/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sandbox.h - gives up what is no longer needed
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Close all descriptors from 3 on, except those of `kept`, which has `count`
 * members, and `another`.
 */
void close_all_but(const struct pollfd *kept, size_t count, int another);

/*
 * For the process that reads rings and writes rows: it keeps no capability,
 * gains none by exec(2), dumps no core, and may make only the system calls that
 * it needs: any other kills it. What the kernel does not support is left out.
 * readable: the one descriptor from which it may read(2), or -1.
 *
 * Returns how many system calls are left, or -errno if something could not be
 * given up: EINVAL if the kernel has no filters (CONFIG_SECCOMP_FILTER).
 */
int sandbox_enter(int readable);

/*
 * For the keeper: it keeps only the capabilities that its tasks need, and the
 * system calls with the arguments that they need: it can load no program, make
 * no map and open no file for writing. Any other call fails with EPERM; one by
 * another machine's calling convention kills.
 *
 * exe: also the capability that keeper_exe() needs for other users' processes.
 * looks: that, the right to read their directories and a call to list them, and
 * no other, as for the rung poll.
 *
 * Returns 0, or -errno if something could not be given up.
 */
int sandbox_enter_keeper(bool exe, bool looks);

#endif
