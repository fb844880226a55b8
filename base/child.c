// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * child.c - a function that runs in a process of its own
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/child.h"

#define STACK_SIZE (64 << 10)

struct child {
	int (*function)(void *argument);
	void *argument;
	int result;
};

static int child_main(void *argument)
{
	struct child *child = argument;

	child->result = child->function(child->argument);
	return 0;
}

int run_in_child(int flags, int (*function)(void *argument), void *argument)
{
	struct child child = { function, argument, -ECHILD };
	char *stack;
	pid_t pid;

	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -errno;
	pid = clone(child_main, stack + STACK_SIZE,
		    flags | CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD,
		    &child);
	if (pid < 0)
		child.result = -errno;
	else
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	munmap(stack, STACK_SIZE);
	return child.result;
}
