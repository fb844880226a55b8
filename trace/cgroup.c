// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cgroup.c - finds the path of a cgroup (v2) by its ID
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf_raw.h"
#include "base/fs.h"
#include "base/text.h"
#include "trace/cgroup.h"
#include "trace/keeper_calls.h"

/*
 * The file handle of a cgroup's directory consists of the cgroup's ID
 * (kernfs_fh_to_dentry() in fs/kernfs/mount.c); its type is FILEID_KERNFS since
 * Linux 5.5, FILEID_INO32_GEN before.
 */
#define FILEID_KERNFS 0xfe
#define FILEID_INO32_GEN 1

/* How long to remember that a cgroup was not found. */
#define FORGET_NS 1000000000

/* Read the path of a descriptor from /proc; returns its length, or -1. */
static ssize_t path_of(const struct cgroups *cgroups, int fd, char *path,
		       size_t size)
{
	char name[32];
	ssize_t length;

	text_format(name, sizeof(name), "self/fd/%d", fd);
	length = readlinkat(cgroups->proc, name, path, size - 1);
	if (length >= 0)
		path[length] = '\0';
	return length;
}

/* Open the cgroup's directory; returns a descriptor, or -1. */
static int open_by_id(const struct cgroups *cgroups, uint64_t id)
{
	static const int types[] = { FILEID_KERNFS, FILEID_INO32_GEN };
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} of = { 0 };
	int fd = -1;

	of.handle.handle_bytes = sizeof(id);
	memcpy(of.handle.f_handle, &id, sizeof(id));
	for (int i = 0; i < 2 && fd < 0; i++) {
		of.handle.handle_type = types[i];
		fd = open_by_handle_at(cgroups->root, &of.handle,
				       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return fd;
}

/* open_by_handle_at(2) needs CAP_DAC_READ_SEARCH. */
static bool may_open_by_id(const struct cgroups *cgroups)
{
	int fd = open_by_id(cgroups, 1);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EPERM;
}

static int open_all(struct cgroups *cgroups)
{
	int root = fs_open(FS_CGROUP);
	ssize_t length;

	cgroups->root = cgroups->proc = -1;
	if (root < 0)
		return root;
	/* open_by_handle_at(2) does not accept a descriptor of O_PATH. */
	cgroups->root = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(root);
	if (cgroups->root < 0)
		return -errno;
	cgroups->proc = fs_open(FS_PROC);
	if (cgroups->proc < 0)
		return cgroups->proc;
	length = path_of(cgroups, cgroups->root, cgroups->place,
			 sizeof(cgroups->place));
	if (length < 0)
		return -errno;
	/* The path may have been truncated. */
	if (length == sizeof(cgroups->place) - 1)
		return -ENAMETOOLONG;
	/* "/": a mount that fs_open() made. */
	cgroups->place[length > 1 ? length : 0] = '\0';
	return may_open_by_id(cgroups) ? 0 : -EPERM;
}

int cgroups_open(struct cgroups *cgroups)
{
	const int error = open_all(cgroups);

	cgroups->closed = error;
	return error;
}

static bool is_same_file(int a, int b)
{
	struct stat one, other;

	return !fstat(a, &one) && !fstat(b, &other) &&
	       one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

/* Whether the directory is deleted: a name may end in " (deleted)", too. */
static bool is_deleted(const struct cgroups *cgroups, int fd, const char *path)
{
	static const char deleted[] = " (deleted)";
	const size_t length = strlen(path);
	bool alive;
	int named;

	if (length < strlen(deleted) ||
	    strcmp(path + length - strlen(deleted), deleted))
		return false;
	named = openat(cgroups->root, path + 1,
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	alive = named >= 0 && is_same_file(fd, named);
	if (named >= 0)
		close(named);
	return !alive;
}

/*
 * The part of the directory's path below the hierarchy's root; "" for the root.
 * NULL if the directory is deleted, or not below the root, as a cgroup outside
 * of our cgroup namespace.
 */
static const char *below_root(const struct cgroups *cgroups, int fd,
			      const char *path)
{
	const size_t place = strlen(cgroups->place);

	if (is_same_file(fd, cgroups->root))
		return "";
	if (strncmp(path, cgroups->place, place) || path[place] != '/' ||
	    !path[place + 1] || is_deleted(cgroups, fd, path + place))
		return NULL;
	return path + place;
}

bool cgroups_find(const struct cgroups *cgroups, uint64_t id, char *to,
		  size_t size)
{
	const char *from = NULL;
	char path[PATH_MAX];
	size_t length;
	int fd;

	fd = open_by_id(cgroups, id);
	if (fd < 0)
		return false;
	if (path_of(cgroups, fd, path, sizeof(path)) >= 0)
		from = below_root(cgroups, fd, path);
	close(fd);
	if (!from)
		return false;
	length = strlen(from);
	if (length < size)
		text_format(to, size, "%s", length ? from : "/");
	else
		text_format(to, size, "...%s", from + length - (size - 4));
	return true;
}

/* The slot of that ID, or the empty one that it would get. */
static size_t find_slot(const struct cgroups *cgroups, uint64_t id)
{
	/* IDs are inode numbers, with gaps: a cgroup's files have some, too. */
	size_t slot = id * 0x9e3779b97f4a7c15 >> 32;

	do
		slot = (slot + 1) % CGROUP_SLOTS;
	while (cgroups->slots[slot].id && cgroups->slots[slot].id != id);
	return slot;
}

/* Store a path, for which there is room; returns its offset, not 0. */
static uint32_t keep_text(struct cgroups *cgroups, const char *path)
{
	const size_t size = strlen(path) + 1;
	const uint32_t at = cgroups->used ? cgroups->used : 1;

	memcpy(cgroups->texts + at, path, size);
	cgroups->used = at + size;
	return at;
}

static void forget_all(struct cgroups *cgroups)
{
	memset(cgroups->slots, 0, sizeof(cgroups->slots));
	cgroups->count = 0;
	cgroups->used = 0;
}

const char *cgroups_path(struct cgroups *cgroups, uint64_t id)
{
	size_t slot = find_slot(cgroups, id);
	char path[CGROUP_PATH_MAX + 1];
	uint64_t now;

	if (!id || cgroups->closed)
		return NULL;
	if (cgroups->slots[slot].at)
		return cgroups->texts + cgroups->slots[slot].at;
	now = raw_now_ns();
	if (now < cgroups->slots[slot].again_ns)
		return NULL;
	/* A round trip of about 20 us, while nobody reads the rings. */
	if (keeper_cgroup(cgroups->keeper, id, path))
		path[0] = '\0';
	if (cgroups->count == CGROUP_SLOTS / 4 * 3 ||
	    strlen(path) + 2 > sizeof(cgroups->texts) - cgroups->used)
		forget_all(cgroups);
	slot = find_slot(cgroups, id);
	cgroups->count += !cgroups->slots[slot].id;
	cgroups->slots[slot].id = id;
	cgroups->slots[slot].again_ns = now + FORGET_NS;
	if (path[0])
		cgroups->slots[slot].at = keep_text(cgroups, path);
	return path[0] ? cgroups->texts + cgroups->slots[slot].at : NULL;
}
