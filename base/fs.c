// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fs.c - the kernel's file systems, whether mounted or not
 */
#include <linux/magic.h>

#include "bpf_raw.h"
#include "base/fs.h"
#include "base/text.h"

static const struct {
	const char *type;
	long magic;
	/* Where it is used to be mounted; the second may be missing. */
	const char *places[2];
	/* A place where it is read-only does not do (containers). */
	bool writable;
} systems[] = {
	[FS_PROC] = { "proc", PROC_SUPER_MAGIC, { "/proc" }, false },
	[FS_SYS] = { "sysfs", SYSFS_MAGIC, { "/sys" }, false },
	[FS_TRACE] = { "tracefs",
		       TRACEFS_MAGIC,
		       { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" },
		       true },
	[FS_DEBUG] = { "debugfs",
		       DEBUGFS_MAGIC,
		       { "/sys/kernel/debug" },
		       false },
	[FS_SECURITY] = { "securityfs",
			  SECURITYFS_MAGIC,
			  { "/sys/kernel/security" },
			  false },
	/* The second where the first has the hierarchies of v1. */
	[FS_CGROUP] = { "cgroup2",
			CGROUP2_SUPER_MAGIC,
			{ "/sys/fs/cgroup", "/sys/fs/cgroup/unified" },
			false },
};

/* What fs_hold() opened, plus 1; 0: nothing. */
static int held[countof(systems)];

const char *fs_place(enum fs fs)
{
	return systems[fs].places[0];
}

const char *fs_type(enum fs fs)
{
	return systems[fs].type;
}

/* That of another PID namespace, in which we are not, has no `self`. */
static bool is_of_ours(int proc)
{
	char text[16];

	return readlinkat(proc, "self", text, sizeof(text)) > 0;
}

/* As mounted: a descriptor and its place, or -errno. */
static int open_mounted(enum fs fs, const char **place)
{
	int fd = -ENOENT;

	for (int i = 0; i < 2 && systems[fs].places[i] && fd < 0; i++) {
		*place = systems[fs].places[i];
		fd = raw_fs_open(*place, systems[fs].magic,
				 systems[fs].writable);
	}
	if (fs == FS_PROC && fd >= 0 && !is_of_ours(fd)) {
		close(fd);
		fd = -ENOENT;
	}
	return fd;
}

const char *fs_mounted(enum fs fs)
{
	const char *place = NULL;
	int fd = open_mounted(fs, &place);

	if (fd < 0)
		return NULL;
	close(fd);
	return place;
}

bool fs_is_locked_down(void)
{
	char text[64];

	fs_read(FS_SECURITY, "lockdown", text, sizeof(text));
	return raw_find(text, "[confidentiality]");
}

int fs_open(enum fs fs)
{
	const char *place;
	int fd;

	if (held[fs]) {
		fd = fcntl(held[fs] - 1, F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : fd;
	}
	fd = open_mounted(fs, &place);
	if (fd >= 0)
		return fd;
	/*
	 * Then tracefs is empty, and a kernel from 6.12 on (7.3 still) dies
	 * when the last mount of it goes: the root directory's inode is not
	 * one that tracefs made (tracefs_destroy_inode()).
	 */
	if (fs == FS_TRACE && fs_is_locked_down())
		return -EPERM;
	return raw_fs_private(systems[fs].type);
}

void fs_hold(enum fs fs)
{
	int fd = fs_open(fs);

	if (fd >= 0)
		held[fs] = fd + 1;
}

int fs_read(enum fs fs, const char *path, char *text, size_t size)
{
	int root = fs_open(fs), length;

	text[0] = '\0';
	if (root < 0)
		return root;
	length = raw_file_read(root, path, text, size);
	close(root);
	return length;
}
