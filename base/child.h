/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * child.h - a function that runs in a process of its own
 */
#ifndef CHILD_H
#define CHILD_H

/*
 * Call function(argument) in a child process, and wait until it is done. flags:
 * the namespaces that are new for the child (CLONE_NEWNS, CLONE_NEWNET), or 0.
 * The child shares our memory and descriptors, and has 64 KiB of stack. This
 * thread does not run meanwhile (CLONE_VFORK of clone(2)).
 *
 * Returns what the function returned, or -errno of clone(2): EINVAL if the
 * kernel has no such namespaces, EPERM without CAP_SYS_ADMIN.
 */
int run_in_child(int flags, int (*function)(void *argument), void *argument);

#endif
