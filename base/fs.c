// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fs.c - the kernel's file systems, whether mounted or not
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <linux/mount.h>

#include "base/child.h"
#include "base/file.h"
#include "base/fs.h"
#include "base/text.h"

static const struct {
	const char *type;
	long magic;
	/* Where it is usually mounted; the second may be NULL. */
	const char *places[2];
	/* A read-only mount, as in containers, is of no use. */
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
	/* It is at the second where the first has the hierarchies of v1. */
	[FS_CGROUP] = { "cgroup2",
			CGROUP2_SUPER_MAGIC,
			{ "/sys/fs/cgroup", "/sys/fs/cgroup/unified" },
			false },
};

/* What fs_hold() opened, plus 1; 0 if it opened nothing. */
static int held[countof(systems)];

const char *fs_place(enum fs fs)
{
	return systems[fs].places[0];
}

const char *fs_type(enum fs fs)
{
	return systems[fs].type;
}

/*
 * Mount file system `type` over our root, and open it. The caller is in a mount
 * namespace of its own. The root is used as there may be no other directory;
 * "/.." leads to the topmost mount there (follow_dotdot() in fs/namei.c). The
 * mount ends when the descriptor is closed.
 */
static int mount_and_open(void *type)
{
	int fd;

	/* Else it would show in the namespace that we come from. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/", type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return -errno;
	fd = open("/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * Mount file system `type` where nobody else sees it: by fsopen(2) and
 * fsmount(2), since 5.2, or in a mount namespace that exists that long. The
 * mount ends when its descriptor is closed; the machine's mounts stay as they
 * are.
 *
 * Returns a directory descriptor, or -errno: ENODEV for a file system that the
 * kernel does not have.
 */
static int open_private(const char *type)
{
	int context, mounted = -1;

	context = syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	if (context < 0 && errno == ENODEV)
		return -ENODEV;
	if (context < 0)
		return run_in_child(CLONE_NEWNS, mount_and_open, (void *)type);
	if (!syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mounted = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	if (mounted < 0)
		mounted = -errno;
	close(context);
	return mounted;
}

/*
 * Open the root of the file system mounted at `path`. f_type of statfs(2) must
 * be `magic` (linux/magic.h), as the path may be an empty mount point or have
 * something else on it.
 *
 * Returns a directory descriptor, or -errno: ENOENT if it is another file
 * system, EROFS if it is read-only and must be writable.
 */
static int open_root(const char *path, long magic, bool writable)
{
	struct statfs info;
	int fd, error = -ENOENT;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &info) && (long)info.f_type == magic) {
		/* ST_RDONLY, f_flags of statfs(2). */
		if (!writable || !(info.f_flags & 1))
			return fd;
		error = -EROFS;
	}
	close(fd);
	return error;
}

/* Whether it is a /proc of a PID namespace with us in it, which has `self`. */
static bool has_self(int proc)
{
	char text[16];

	return readlinkat(proc, "self", text, sizeof(text)) > 0;
}

/* Open it where it is mounted. Returns a descriptor, sets *place; or -errno. */
static int open_mounted(enum fs fs, const char **place)
{
	int fd = -ENOENT;

	for (int i = 0; i < 2 && systems[fs].places[i] && fd < 0; i++) {
		*place = systems[fs].places[i];
		fd = open_root(*place, systems[fs].magic, systems[fs].writable);
	}
	if (fs == FS_PROC && fd >= 0 && !has_self(fd)) {
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
	return text_find(text, "[confidentiality]");
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
	 * Under lockdown tracefs is empty, and a kernel from 6.12 on (7.3
	 * still) crashes when its last mount ends: the root directory's inode
	 * is not one that tracefs made (tracefs_destroy_inode()).
	 */
	if (fs == FS_TRACE && fs_is_locked_down())
		return -EPERM;
	return open_private(systems[fs].type);
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
	length = file_read(root, path, text, size);
	close(root);
	return length;
}
