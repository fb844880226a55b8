// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * find.c - opens what the words of filters name: namespaces, cgroups, maps
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bpf_newer.h"
#include "base/fs.h"
#include "base/rights.h"
#include "base/text.h"
#include "attach/filter.h"

/*
 * Die of a user's word that names nothing usable. It is wrong usage, unless
 * rights are missing.
 */
static _Noreturn void die_unusable(const char *option, const char *what,
				   const char *word, int error)
{
	char shown[40];

	quoted(shown, sizeof(shown), word);
	if (error == EPERM || error == EACCES)
		die(error,
		    geteuid() ? "run it as root" :
				"a sandbox or a security module forbids it",
		    "%s: cannot open '%s'", option, shown);
	die_usage("%s wants %s, not '%s'%s%s", option, what, shown,
		  error ? ": " : "", error ? strerror(error) : "");
}

static bool is_number(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == '\0';
}

/* Whether it is a network namespace; before 4.11, any file of nsfs. */
static bool is_netns(int fd)
{
	struct statfs system;
	int kind;

	if (fstatfs(fd, &system) || system.f_type != NSFS_MAGIC)
		return false;
	kind = ioctl(fd, NS_GET_NSTYPE);
	return kind < 0 || kind == CLONE_NEWNET;
}

static const char want_netns[] = "a process ID or a network namespace's file";

/* Open a process's "181/ns/net" in /proc: a descriptor, or -1. */
static int open_netns_of(int proc, const char *pid)
{
	char path[32];

	text_format(path, sizeof(path), "%s/ns/net", pid);
	return openat(proc, path, O_RDONLY | O_CLOEXEC);
}

/*
 * Open a namespace's file by the user's path: a descriptor, or -1. O_PATH
 * first, as to open another kind of file could block or have an effect.
 */
static int open_netns_at(int proc, const char *word)
{
	struct statfs system;
	char path[32];
	int at, fd;

	at = open(word, O_PATH | O_CLOEXEC);
	if (at < 0)
		die_unusable("--netns", want_netns, word, errno);
	if (fstatfs(at, &system) || system.f_type != NSFS_MAGIC)
		die_unusable("--netns", want_netns, word, 0);
	text_format(path, sizeof(path), "self/fd/%d", at);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	close(at);
	return fd;
}

static void find_netns(struct filters *filters)
{
	const char *word = filters->netns;
	const bool process = is_number(word) && strlen(word) < 12;
	const int proc = fs_open(FS_PROC);
	struct stat info;
	int fd;

	if (proc < 0)
		die(-proc, "run it as root, or mount it on /proc",
		    "--netns: cannot open proc");
	fd = process ? open_netns_of(proc, word) : open_netns_at(proc, word);
	if (fd < 0)
		die_unusable("--netns", want_netns, word, errno);
	if (!is_netns(fd) || fstat(fd, &info))
		die_unusable("--netns", want_netns, word, 0);
	filters_choose(filters, ACCEPT_FILTER_NETNS, info.st_ino, 0);
	if (!process) {
		filters->netns_device = info.st_dev;
		filters->netns_inode = info.st_ino;
	}
	close(fd);
	close(proc);
}

static void find_cgroup(struct filters *filters)
{
	static const char want[] = "a directory of cgroup v2";
	struct statfs system;
	int fd;

	fd = open(filters->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die_unusable("--cgroup", want, filters->cgroup, errno);
	if (fstatfs(fd, &system) || system.f_type != CGROUP2_SUPER_MAGIC)
		die_unusable("--cgroup", want, filters->cgroup, 0);
	filters->cgroup_fd = fd;
}

/* Open a pinned hash map with keys of 8 bytes: a descriptor. */
static int find_map(const char *option, const char *word)
{
	static const char want[] = "a pinned BPF hash map with keys of 8 bytes";
	struct bpf_map_info info;
	struct statfs system;
	int fd, error;

	if (statfs(word, &system))
		die_unusable(option, want, word, errno);
	if (system.f_type != BPF_FS_MAGIC)
		die_unusable(option, want, word, 0);
	fd = raw_map_pinned(word);
	/* EACCES is also the error for a pinned object that is not a map. */
	if (fd == -EACCES && has_capability(CAP_SYS_ADMIN))
		die_unusable(option, want, word, 0);
	if (fd < 0)
		die_unusable(option, want, word, -fd);
	error = raw_map_info(fd, &info);
	if (error)
		die(-error, "it needs Linux 4.13", "%s: cannot look at '%s'",
		    option, word);
	/* For a pinned link or program, info holds other members. */
	if (info.key_size != 8 || !info.max_entries ||
	    (info.type != BPF_MAP_TYPE_HASH &&
	     info.type != BPF_MAP_TYPE_PERCPU_HASH &&
	     info.type != BPF_MAP_TYPE_LRU_HASH &&
	     info.type != BPF_MAP_TYPE_LRU_PERCPU_HASH))
		die_unusable(option, want, word, 0);
	return fd;
}

void filters_find(struct filters *filters)
{
	if (filters->netns)
		find_netns(filters);
	if (filters->cgroup)
		find_cgroup(filters);
	if (filters->cgroup_map)
		filters->cgroup_map_fd =
			find_map("--cgroupmap", filters->cgroup_map);
	if (filters->mntns_map)
		filters->mntns_map_fd =
			find_map("--mntnsmap", filters->mntns_map);
}
