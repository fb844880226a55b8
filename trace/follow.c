// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * follow.c - follows the paths of --cgroup and --netns to what is new there
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bpf_raw.h"
#include "base/message.h"
#include "base/text.h"
#include "trace/follow.h"

/* If something is gone for less than this, it is only being restarted. */
#define GONE_MS 1000

/* How often to look while it is gone: at first, and after GONE_MS. */
#define SOON_MS 10
#define LATER_MS 1000

/*
 * Watch every directory of the path for what is made or removed in it. One that
 * is missing now is watched once it is back.
 */
static void watch(int inotify, const char *path)
{
	const uint32_t changes = IN_CREATE | IN_DELETE | IN_MOVED_FROM |
				 IN_MOVED_TO | IN_ONLYDIR;
	char parent[PATH_MAX];
	const char *slash = path;

	if (*path != '/')
		inotify_add_watch(inotify, ".", changes);
	while ((slash = strchr(slash, '/')) &&
	       slash - path < (int)sizeof(parent) - 1) {
		slash++;
		memcpy(parent, path, slash - path);
		parent[slash - path] = '\0';
		inotify_add_watch(inotify, parent, changes);
	}
}

/* Whether the path leads to a file of the right file system; its fstat(2). */
static bool find(const struct followed *followed, struct stat *info)
{
	/* O_PATH: the file may be a device, which must not be opened. */
	const int fd = open(followed->path, O_PATH | O_CLOEXEC);
	struct statfs system;
	bool found;

	if (fd < 0)
		return false;
	found = !fstatfs(fd, &system) &&
		(long)system.f_type == followed->magic && !fstat(fd, info);
	close(fd);
	return found;
}

static void add(struct follow *follow, const char *option, const char *path,
		long magic, uint64_t device, uint64_t inode)
{
	follow->all[follow->count++] = (struct followed){
		.option = option,
		.path = path,
		.magic = magic,
		.device = device,
		.inode = inode,
	};
	watch(follow->inotify, path);
}

void follow_open(struct follow *follow, const struct filters *filters)
{
	struct stat info;

	memset(follow, 0, sizeof(*follow));
	follow->inotify = -1;
	if (!filters || (!filters->cgroup && !filters->netns_inode))
		return;
	/* If this fails, follow_timeout() asks for a look every LATER_MS. */
	follow->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (filters->cgroup && !fstat(filters->cgroup_fd, &info))
		add(follow, filters->container ? "--container" : "--cgroup",
		    filters->cgroup, CGROUP2_SUPER_MAGIC, info.st_dev,
		    info.st_ino);
	if (filters->netns_inode)
		add(follow, "--netns", filters->netns, NSFS_MAGIC,
		    filters->netns_device, filters->netns_inode);
}

int follow_timeout(const struct follow *follow)
{
	int timeout = follow->count && follow->inotify < 0 ? LATER_MS : -1;

	for (int i = 0; i < follow->count; i++) {
		if (!follow->all[i].gone_ns)
			continue;
		if (!follow->all[i].reported)
			return SOON_MS;
		timeout = LATER_MS;
	}
	return timeout;
}

/* 0, or -errno. */
static int replace_netns(int chosen, uint64_t was, uint64_t now)
{
	const struct accept_choice old = { ACCEPT_FILTER_NETNS, { was, 0 } };
	const struct accept_choice new = { ACCEPT_FILTER_NETNS, { now, 0 } };
	const uint8_t present = 1;
	int error = raw_map_put(chosen, &new, &present);

	return error ? error : raw_map_delete(chosen, &old);
}

static int replace_cgroup(int cgroups, const char *path)
{
	/* The map does not accept a descriptor of O_PATH. */
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 ? -errno : raw_map_set(cgroups, 0, &fd);

	if (fd >= 0)
		close(fd);
	return error;
}

/* The path leads to another file: put it into the maps. */
static void follow_new(struct followed *followed,
		       const struct filter_maps *maps, const struct stat *info,
		       char *text, size_t size)
{
	const bool cgroup = followed->magic == CGROUP2_SUPER_MAGIC;
	char shown[64];
	int error = 0;

	quoted(shown, sizeof(shown), followed->path);
	if (cgroup)
		error = replace_cgroup(maps->cgroups, followed->path);
	else if (info->st_ino != followed->inode)
		error = replace_netns(maps->chosen, followed->inode,
				      info->st_ino);
	followed->device = info->st_dev;
	followed->inode = info->st_ino;
	if (error)
		text_format(text, size,
			    "%s: '%s' was made anew, and cannot be followed: "
			    "%s; start again",
			    followed->option, shown, strerror(-error));
	else
		text_format(text, size,
			    "note: %s: '%s' was made anew; from here on what "
			    "the new one accepts is shown",
			    followed->option, shown);
}

/* Look at one path. Returns true with a message in `text`. */
static bool look(struct followed *followed, const struct filter_maps *maps,
		 char *text, size_t size)
{
	const uint64_t now = raw_now_ns();
	char shown[64];
	struct stat info;
	bool other;

	if (find(followed, &info)) {
		other = info.st_ino != followed->inode ||
			info.st_dev != followed->device;
		/* The inode number may have been given to a new one. */
		other = other || (followed->gone_ns && followed->reported);
		followed->gone_ns = 0;
		followed->reported = false;
		if (other)
			follow_new(followed, maps, &info, text, size);
		return other;
	}
	if (!followed->gone_ns)
		followed->gone_ns = now;
	if (followed->reported ||
	    now - followed->gone_ns < GONE_MS * 1000000ULL)
		return false;
	followed->reported = true;
	text_format(text, size,
		    "note: %s: '%s' is gone; until it is made anew, nothing "
		    "is shown",
		    followed->option,
		    quoted(shown, sizeof(shown), followed->path));
	return true;
}

bool follow_look(struct follow *follow, const struct filter_maps *maps,
		 char *text, size_t size)
{
	char events[4096];
	bool any = false;

	while (follow->inotify >= 0 &&
	       read(follow->inotify, events, sizeof(events)) > 0)
		any = true;
	for (int i = 0; i < follow->count; i++) {
		/* First, so that what is made after look() is noticed. */
		if (any)
			watch(follow->inotify, follow->all[i].path);
		if (look(&follow->all[i], maps, text, size))
			return true;
	}
	return false;
}
