// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * find.c - opens what the words of filters name
 *
 * Sections: network namespaces, cgroups, maps.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bpf_newer.h"
#include "base/fs.h"
#include "base/lines.h"
#include "base/rights.h"
#include "base/text.h"
#include "kernel/container.h"
#include "kernel/tasks.h"
#include "attach/filter.h"

/* How far below the root cgroups are looked for: each level needs stack. */
#define CGROUP_DEPTH 64

/* PID_MAX_LIMIT of include/linux/threads.h. */
#define PIDS_MAX 4194304

/*
 * Die of a user's word that names nothing usable. It is wrong usage, unless
 * rights are missing. what: "cgroup"; use: what to write instead.
 */
static _Noreturn void die_unusable(const char *option, const char *what,
				   const char *word, int error, const char *use)
{
	char shown[40];

	quoted(shown, sizeof(shown), word);
	if (error == EPERM || error == EACCES)
		die(error,
		    geteuid() ? "run it as root" :
				"a sandbox or a security module forbids it",
		    "%s: cannot open '%s'", option, shown);
	die_usage("invalid %s '%s' for %s%s%s: use %s", what, shown, option,
		  error ? ": " : "", error ? strerror(error) : "", use);
}

/* ------------------------------------------------------------------------
 * Network namespaces
 */

static _Noreturn void die_netns(const char *word, int error)
{
	die_unusable("--netns", "network namespace", word, error,
		     "a process ID, an inode number such as 4026531840, a name "
		     "of ip-netns(8), or a file");
}

/* The number that the word is, or 0. */
static uint64_t word_number(const char *word)
{
	const uint64_t number = *word == ' ' ? 0 : text_number(&word);

	return *word ? 0 : number;
}

/*
 * The inode that the word names: net:[4026531840], as readlink(1) shows it, or
 * a number that no process can have. Else 0.
 */
static uint64_t inode_of(const char *word)
{
	static const char kind[] = "net:[";
	uint64_t number;

	if (strncmp(word, kind, strlen(kind))) {
		number = word_number(word);
		return number > PIDS_MAX ? number : 0;
	}
	word += strlen(kind);
	number = text_number(&word);
	return strcmp(word, "]") ? 0 : number;
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

/* Open a process's "181/ns/net" in /proc: a descriptor, or -1. */
static int open_netns_of(int proc, const char *pid)
{
	char path[32];

	text_format(path, sizeof(path), "%s/ns/net", pid);
	return openat(proc, path, O_RDONLY | O_CLOEXEC);
}

/* Where ip-netns(8) has a namespace of that name; else the word itself. */
static const char *place_of(const char *word)
{
	static const char *const places[] = { "/run/netns", "/var/run/netns" };
	static char path[PATH_MAX];

	for (size_t i = 0; !strchr(word, '/') && i < countof(places); i++) {
		text_format(path, sizeof(path), "%s/%s", places[i], word);
		if (!access(path, F_OK))
			return path;
	}
	return word;
}

/*
 * Open a namespace's file by its path: a descriptor, or -1. O_PATH first, as to
 * open another kind of file could block or have an effect.
 */
static int open_netns_at(int proc, const char *path)
{
	struct statfs system;
	char name[32];
	int at, fd;

	at = open(path, O_PATH | O_CLOEXEC);
	if (at < 0)
		die_netns(path, errno);
	if (fstatfs(at, &system) || system.f_type != NSFS_MAGIC)
		die_netns(path, 0);
	text_format(name, sizeof(name), "self/fd/%d", at);
	fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	close(at);
	return fd;
}

/* The inode that is looked for. */
static uint64_t sought_netns;

/* 1 if that process is in the namespace; sum_numbered() calls it. */
static int is_in_netns(int proc, const char *pid)
{
	char path[32];
	struct stat info;

	text_format(path, sizeof(path), "%s/ns/net", pid);
	return !fstatat(proc, path, &info, 0) && info.st_ino == sought_netns;
}

/* Whoever mistypes an inode waits for ever: say that nobody has it now. */
static void say_empty_netns(uint64_t inode)
{
	const int proc = fs_open(FS_PROC);

	if (proc < 0)
		return;
	sought_netns = inode;
	if (!sum_numbered(proc, ".", is_in_netns))
		say("note: no process that /proc shows is in network namespace "
		    "%llu now; --netns waits for one",
		    (unsigned long long)inode);
	close(proc);
}

static void find_netns(struct filters *filters)
{
	const char *word = filters->netns;
	const bool process = word_number(word);
	const uint64_t inode = inode_of(word);
	struct stat info;
	int proc, fd;

	if (inode) {
		filters_choose(filters, ACCEPT_FILTER_NETNS, inode, 0);
		say_empty_netns(inode);
		return;
	}
	proc = fs_open(FS_PROC);
	if (proc < 0)
		die(-proc, "run it as root, or mount it on /proc",
		    "--netns: cannot open proc");
	if (!process)
		filters->netns = place_of(word);
	fd = process ? open_netns_of(proc, word) :
		       open_netns_at(proc, filters->netns);
	if (fd < 0)
		die_netns(word, process && errno == ENOENT ? ESRCH : errno);
	if (!is_netns(fd) || fstat(fd, &info))
		die_netns(word, 0);
	filters_choose(filters, ACCEPT_FILTER_NETNS, info.st_ino, 0);
	if (!process) {
		filters->netns_device = info.st_dev;
		filters->netns_inode = info.st_ino;
	}
	close(fd);
	close(proc);
}

/* ------------------------------------------------------------------------
 * Cgroups
 */

/* Whether the cgroup's name has a container's ID that begins so. */
static bool is_of_container(const char *name, const char *digits)
{
	const char *id = container_find(name, strlen(name));

	return id && !strncmp(id, digits, strlen(digits));
}

/* What is looked for below the hierarchy's root, and what was found. */
static struct {
	const char *word;
	/* The word is a container's; else the end of a path. */
	bool container;
	/* Where the search is, from the root on. */
	char path[PATH_MAX];
	size_t length;
	int depth;
	/* The first two that were found. */
	char found[2][PATH_MAX];
	int count;
	/* errno of a directory that could not be read, or 0. */
	int error;
} sought;

/* Whether the search is at what it looks for. */
static bool is_found(const char *name)
{
	const size_t word = strlen(sought.word);
	const char *tail = sought.path + sought.length - word;

	if (sought.container)
		return is_of_container(name, sought.word);
	return sought.length > word && tail[-1] == '/' &&
	       !strcmp(tail, sought.word);
}

/* Look at a directory; sum_directories() calls it. */
static int see_cgroup(int dir, const char *name)
{
	const size_t before = sought.length;
	const bool whole = sought.container;
	int count;

	if (sought.depth == CGROUP_DEPTH ||
	    before + 1 + strlen(name) >= sizeof(sought.path))
		return 0;
	sought.depth++;
	sought.length += text_format(sought.path + before,
				     sizeof(sought.path) - before, "/%s", name);
	if (is_found(name)) {
		if (sought.count < 2)
			memcpy(sought.found[sought.count], sought.path,
			       sought.length + 1);
		sought.count++;
	}
	/* What is below a container is in it. */
	if (!whole || !is_found(name)) {
		count = sum_directories(dir, name, see_cgroup);
		/* One that is removed meanwhile is no error. */
		if (count < 0 && count != -ENOENT)
			sought.error = -count;
	}
	sought.length = before;
	sought.depth--;
	return 0;
}

static _Noreturn void die_cgroup(const struct filters *filters, int error)
{
	if (filters->container)
		die_unusable("--container", "container ID", filters->container,
			     0,
			     "the first digits of one that runs, as docker ps "
			     "or podman ps shows it");
	die_unusable("--cgroup", "cgroup", filters->cgroup, error,
		     "a directory of cgroup v2, what the column CGROUP shows, "
		     "or a unit such as nginx.service");
}

static _Noreturn void die_many(void)
{
	char shown[40], one[160], another[160];

	die_usage(
		"'%s' may be any of %d cgroups, as %s and %s: use --cgroup with "
		"the path of one",
		quoted(shown, sizeof(shown), sought.word), sought.count,
		quoted(one, sizeof(one), sought.found[0]),
		quoted(another, sizeof(another), sought.found[1]));
}

/*
 * The path below the root of what the words name: a path from there on, the end
 * of one, or a container; NULL if there is none.
 */
static const char *find_below(int root, const struct filters *filters)
{
	char shown[40];
	int count;

	sought.container = filters->container;
	sought.word = filters->container ? filters->container : filters->cgroup;
	if (*sought.word == '/')
		return sought.word;
	count = sum_directories(root, ".", see_cgroup);
	if (count < 0)
		sought.error = -count;
	if (sought.count > 1)
		die_many();
	if (!sought.count && sought.error)
		die(sought.error,
		    sought.error == EMFILE ? "raise the limit: ulimit -n 1024" :
					     "use --cgroup with a whole path",
		    "cannot look for '%s' in all cgroups",
		    quoted(shown, sizeof(shown), sought.word));
	return sought.count ? sought.found[0] : NULL;
}

/* Open a directory of cgroup v2: a descriptor, or -1 with errno or 0. */
static int open_cgroup(const char *path)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs system;

	if (fd < 0 ||
	    (!fstatfs(fd, &system) && system.f_type == CGROUP2_SUPER_MAGIC))
		return fd;
	close(fd);
	errno = 0;
	return -1;
}

/* Undo what proc(5) does to blanks and backslashes: "\040" is a blank. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text == '\\' && text[1] && text[2] && text[3]) {
			*to++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 |
				(text[3] - '0');
			text += 3;
		} else {
			*to++ = *text;
		}
	*to = '\0';
}

/* "none /cgroup cgroup2 rw 0 0": proc(5). Its place is put into `place`. */
static bool is_cgroup_mount(void *place, char *line)
{
	char *path = strchrnul(line, ' '), *type;

	path += *path == ' ';
	type = strchrnul(path, ' ');
	if (strncmp(type, " cgroup2 ", strlen(" cgroup2 ")))
		return false;
	*type = '\0';
	unescape(path);
	text_format(place, PATH_MAX, "%s", path);
	return true;
}

/* Where the hierarchy is mounted, which may be another place than usual. */
static const char *cgroup_place(void)
{
	static char place[PATH_MAX];
	const char *usual = fs_mounted(FS_CGROUP);
	bool found;
	int proc;

	if (usual)
		return usual;
	proc = fs_open(FS_PROC);
	found = proc >= 0 &&
		any_line(proc, "self/mounts", is_cgroup_mount, place);
	if (proc >= 0)
		close(proc);
	return found ? place : NULL;
}

/* The word is a directory's path, or is looked for below the root. */
static void find_cgroup(struct filters *filters)
{
	static char path[2 * PATH_MAX];
	const char *place, *below = NULL;
	int error = 0, root;

	if (filters->cgroup) {
		filters->cgroup_fd = open_cgroup(filters->cgroup);
		error = errno;
		if (filters->cgroup_fd >= 0)
			return;
	}
	place = cgroup_place();
	root = place ? open_cgroup(place) : -1;
	if (root < 0 && (filters->container || !strchr(filters->cgroup, '/')))
		die(0, "mount it: mount -t cgroup2 none /sys/fs/cgroup",
		    "%s: cgroup v2 is not mounted",
		    filters->container ? "--container" : "--cgroup");
	if (root >= 0 && error != EACCES && error != EPERM) {
		below = find_below(root, filters);
		close(root);
	}
	if (!below)
		die_cgroup(filters, error);
	text_format(path, sizeof(path), "%s%s", place, below);
	filters->cgroup_fd = open_cgroup(path);
	if (filters->cgroup_fd < 0)
		die_cgroup(filters, errno);
	filters->cgroup = path;
}

/* ------------------------------------------------------------------------
 * Maps
 */

static _Noreturn void die_map(const char *option, const char *word, int error)
{
	die_unusable(option, "map", word, error,
		     "the file of a pinned BPF hash map with keys of 8 bytes");
}

/* Open a pinned hash map with keys of 8 bytes: a descriptor. */
static int find_map(const char *option, const char *word)
{
	struct bpf_map_info info;
	struct statfs system;
	int fd, error;

	if (statfs(word, &system))
		die_map(option, word, errno);
	if (system.f_type != BPF_FS_MAGIC)
		die_map(option, word, 0);
	fd = raw_map_pinned(word);
	/* EACCES is also the error for a pinned object that is not a map. */
	if (fd == -EACCES && has_capability(CAP_SYS_ADMIN))
		die_map(option, word, 0);
	if (fd < 0)
		die_map(option, word, -fd);
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
		die_map(option, word, 0);
	return fd;
}

void filters_find(struct filters *filters)
{
	if (filters->netns)
		find_netns(filters);
	if (filters->cgroup || filters->container)
		find_cgroup(filters);
	if (filters->cgroup_map)
		filters->cgroup_map_fd =
			find_map("--cgroupmap", filters->cgroup_map);
	if (filters->mntns_map)
		filters->mntns_map_fd =
			find_map("--mntnsmap", filters->mntns_map);
}
