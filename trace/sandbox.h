/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sandbox.h - give up what is not needed any more
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* Close all descriptors from 3 on, but these and one more. */
void close_all_but(const struct pollfd *kept, size_t count, int another);

/*
 * For who reads the rings and writes rows: no capability, nothing to be gained
 * by exec(2), no core dump, and no system call but those that this takes: any
 * other one kills. Where the kernel lacks a part, it goes without.
 *
 * Returns how many system calls are left, or -errno of what could not be given
 * up: EINVAL for a kernel without filters (CONFIG_SECCOMP_FILTER).
 */
int sandbox_enter(void);

/*
 * For the keeper: no capability but those that its tasks need, and no system
 * call but theirs, with arguments that those need: no program is loaded, no map
 * made, no file opened for writing. Any other one fails with EPERM; one by
 * another machine's calling convention kills.
 *
 * Returns 0, or -errno of what could not be given up.
 */
int sandbox_enter_keeper(void);

#endif
