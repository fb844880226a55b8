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

/*
 * The sum of call(dir, name) over the entries of the directory `path` that are
 * numbers: processes, threads, descriptors. dir: that directory. Returns -errno
 * if it cannot be opened.
 */
int sum_numbered(int root, const char *path,
		 int (*call)(int dir, const char *name));

/* The same over its directories, but `.` and `..`. */
int sum_directories(int root, const char *path,
		    int (*call)(int dir, const char *name));

#endif
