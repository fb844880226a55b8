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

/*
 * Mount file system `type` over our root, and open it. To be called in a mount
 * namespace of its own. Over the root, as there may be no other directory;
 * "/.." looks up from the top of what is mounted there (follow_dotdot() in
 * fs/namei.c). The mount goes with the descriptor.
 */
static int mount_and_open(void *type)
{
	int fd;

	/* Or it would show in the namespace that we come from. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/", type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return -errno;
	fd = open("/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * A view of file system `type` that nobody else sees.
 *
 * fsopen(2) and fsmount(2), since 5.2, or a mount namespace that exists for
 * that long: the mount hangs on the descriptor and goes with it; the machine's
 * own mounts stay as they are.
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
 * The root of the file system mounted at `path`.
 *
 * path may be an empty mount point, or hold something else: f_type of
 * statfs(2) must be `magic` (linux/magic.h).
 *
 * Returns a directory descriptor, or -errno: ENOENT if it is another one,
 * EROFS if `writable` is asked for and it is not.
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
		fd = open_root(*place, systems[fs].magic, systems[fs].writable);
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
	 * Then tracefs is empty, and a kernel from 6.12 on (7.3 still) dies
	 * when the last mount of it goes: the root directory's inode is not
	 * one that tracefs made (tracefs_destroy_inode()).
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
