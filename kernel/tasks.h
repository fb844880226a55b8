/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tasks.h - the machine's threads, as /proc shows them
 */
#ifndef TASKS_H
#define TASKS_H

#include <sys/types.h>

/*
 * Count the threads that wait in accept() of a TCP listener: those of a process
 * or, if pid is 0, of all that /proc shows us. Returns the count, or -errno
 * without /proc.
 */
int tasks_in_accept(pid_t pid);

#endif
