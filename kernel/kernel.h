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
	/* Our PID namespace, by nsfs; the inode is 0 for the initial one. */
	uint64_t pidns_device;
	uint64_t pidns_inode;
	/* Whether our PID namespace could not be found. */
	bool pids_unknown;
};

/* What kernel_find() is to do. */
struct kernel_wants {
	/* Do as if the kernel had no BTF. */
	bool no_btf;
	/* Find also the members that only some columns and filters need. */
	bool all;
	/* Print why BTF is not used. */
	bool verbose;
};

/* Open sysfs. `kernel` must be all zeros before. */
void kernel_open(struct kernel *kernel);

/*
 * Find the PID namespace and the layout, after kernel_open() and after the
 * limit of descriptors was raised. Where BTF cannot be used, the layout is the
 * built-in one, which layout_confirm() must confirm. Returns 0, or -errno with
 * the reason.
 */
int kernel_find(struct kernel *kernel, const struct kernel_wants *wants,
		struct reason *reason);

#endif
