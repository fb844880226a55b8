/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel.h - what this kernel is, as far as tracing needs it
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"
#include "kernel/layout.h"

struct kernel {
	/* A descriptor of sysfs, or -errno. */
	int sysfs;
	struct layout layout;
	/* Our PID namespace as nsfs has it; the inode is 0 for the initial one.
	 */
	uint64_t pidns_device;
	uint64_t pidns_inode;
	/* Which PID namespace is ours could not be found out. */
	bool pids_unknown;
};

/* How kernel_find() is to go about it. */
struct kernel_wants {
	/* As if the kernel had no BTF. */
	bool no_btf;
	/* Also the members that only some columns and filters need. */
	bool all;
	/* Say what is used and why. */
	bool verbose;
};

/* Open sysfs. `kernel` is all zeros before. */
void kernel_open(struct kernel *kernel);

/*
 * After the limit of descriptors was raised: find the PID namespace, and the
 * layout by BTF, where there is any of use; else the built-in one, which is to
 * be confirmed (layout.h). 0, or -errno with the reason.
 */
int kernel_find(struct kernel *kernel, const struct kernel_wants *wants,
		struct reason *reason);

#endif
