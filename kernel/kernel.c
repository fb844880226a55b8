// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * kernel.c - what this kernel is, as far as tracing needs it
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"
#include "kernel/kernel.h"

/* Find our PID namespace: in a container, IDs are not those of the host. */
static void pidns_find(struct kernel *kernel)
{
	struct stat info;
	int proc;

	proc = fs_open(FS_PROC);
	if (proc < 0 || fstatat(proc, "self/ns/pid", &info, 0)) {
		kernel->pids_unknown = true;
	} else if (info.st_ino != 0xEFFFFFFC) {
		/*
		 * It is not PROC_PID_INIT_INO of linux/proc_ns.h, 3.8 to 7.2.
		 * The device is as MKDEV() of linux/kdev_t.h makes it.
		 */
		kernel->pidns_device =
			(uint64_t)major(info.st_dev) << 20 | minor(info.st_dev);
		kernel->pidns_inode = info.st_ino;
	}
	if (proc >= 0)
		close(proc);
}

/* Find the layout: by BTF if it can be used, else the built-in one. */
static int layout_find(struct kernel *kernel, const struct kernel_wants *wants,
		       struct reason *reason)
{
	struct layout *layout = &kernel->layout;
	const char *lacking = NULL;
	int btf, error = kernel->sysfs;

	if (wants->no_btf) {
		layout_built_in(layout);
		return 0;
	}
	if (kernel->sysfs >= 0) {
		btf = openat(kernel->sysfs, "kernel/btf/vmlinux",
			     O_RDONLY | O_CLOEXEC);
		error = btf < 0 ? -errno :
				  layout_from_btf(layout, btf, wants->all,
						  &lacking);
		if (btf >= 0)
			close(btf);
	}
	if (!error)
		return 0;
	if (lacking)
		reason_set(reason, STEP_BTF, 0,
			   "/sys/kernel/btf/vmlinux lacks %s", lacking);
	else
		reason_set(reason, STEP_BTF, error,
			   "cannot use /sys/kernel/btf/vmlinux");
	/* We lack something, not the kernel. */
	if (error == -EMFILE || error == -ENFILE || error == -ENOMEM)
		return error;
	if (wants->verbose)
		say("%s; trying the built-in layout", reason_text(reason));
	layout_built_in(layout);
	return 0;
}

void kernel_open(struct kernel *kernel)
{
	kernel->sysfs = fs_open(FS_SYS);
}

int kernel_find(struct kernel *kernel, const struct kernel_wants *wants,
		struct reason *reason)
{
	pidns_find(kernel);
	return layout_find(kernel, wants, reason);
}
