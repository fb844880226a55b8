// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tracefs.c - kprobes through kprobe_events of tracefs
 *
 * Documentation/trace/kprobetrace.rst.
 *
 * A probe is called tcpaccept/accept_PID_TIME, a name that no other process has
 * or had. A line that is written to the file adds or removes a probe; opening
 * it with O_TRUNC would remove everybody's. The kernel does not remove a probe
 * that a perf event holds (EBUSY). So a probe of a tcpaccept that can be
 * removed was left behind by a dead process, or belongs to one that has not
 * opened its perf event yet: a lock on the file, which all mounts of tracefs
 * share, excludes that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "bpf_raw.h"
#include "base/file.h"
#include "base/fs.h"
#include "base/lines.h"
#include "base/text.h"
#include "kernel/version.h"
#include "attach/function.h"
#include "attach/tracefs.h"

#define GROUP "tcpaccept"
#define PREFIX GROUP "/accept_"

/* The probes that exit(3) has to remove. */
static struct tracefs_probe tracefs_probes[TRACEFS_PROBES_MAX];

/* Whether there was a probe, so that exit(3) has to look. */
static bool any_probe;

/* kprobe_events for writing, once tracefs_keep() has opened it; or -1. */
static int commands = -1;

/* A free slot; there is one, as callers have at most TRACEFS_PROBES_MAX. */
static struct tracefs_probe *find_free(void)
{
	struct tracefs_probe *probe = tracefs_probes;

	while (probe < tracefs_probes + TRACEFS_PROBES_MAX - 1 &&
	       probe->name[0])
		probe++;
	return probe;
}

static int commands_open(int tracefs)
{
	return openat(tracefs, "kprobe_events",
		      O_WRONLY | O_APPEND | O_CLOEXEC);
}

/* Write a line to kprobe_events. Returns 0, or -errno. */
static int command(int tracefs, const char *line)
{
	size_t length = strlen(line);
	int fd = commands, error = 0;

	if (fd < 0)
		fd = commands_open(tracefs);
	/* Without kprobes there is no such file. */
	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	if (write(fd, line, length) != (ssize_t)length)
		error = -errno;
	if (fd != commands)
		close(fd);
	return error;
}

/*
 * The lock. On kernels that are slow to remove a probe it is held until they
 * have finished, as some panic if another one is placed there meanwhile:
 * reuse_unused_kprobe() in kernel/kprobes.c of 4.9.150 to 4.9.170 and 4.14.93
 * to 4.14.113 returns 11 where it should return 0, which counts as a failure.
 */
static struct {
	int fd;
	/* No probe may be added before this time. */
	uint64_t settled_ns;
	/* This may be such a kernel. */
	bool slow;
} lock = { .fd = -1 };

/* OPTIMIZE_DELAY of kernel/kprobes.c is 5 jiffies, of at most 10 ms. */
#define SETTLE_NS 150000000

static void pause_ns(long ns)
{
	const struct timespec pause = { .tv_nsec = ns };

	nanosleep(&pause, NULL);
}

/*
 * Take the lock. Returns 0, or -errno: -EBUSY if another process holds it for a
 * second, or for half a minute on a slow kernel.
 */
static int lock_probes(int tracefs)
{
	const int tries = lock.slow ? 3000 : 100;

	if (lock.fd >= 0)
		return 0;
	lock.fd = openat(tracefs, "kprobe_events", O_RDONLY | O_CLOEXEC);
	if (lock.fd < 0)
		return -errno;
	for (int i = 0; i < tries; i++) {
		if (!flock(lock.fd, LOCK_EX | LOCK_NB))
			return 0;
		pause_ns(10000000);
	}
	close(lock.fd);
	lock.fd = -1;
	return -EBUSY;
}

/* Wait until a probe may be added. */
static void wait_settled(void)
{
	while (raw_now_ns() < lock.settled_ns)
		pause_ns(10000000);
}

static void unlock_probes(void)
{
	if (lock.fd < 0 || raw_now_ns() < lock.settled_ns)
		return;
	close(lock.fd);
	lock.fd = -1;
}

void tracefs_settle(void)
{
	wait_settled();
	unlock_probes();
}

/* Returns 0, or -errno: -ENOENT if there is none, -EBUSY if it is in use. */
static int remove_probe(int tracefs, const char *name)
{
	char line[64];
	int error;

	if (lock.slow)
		lock_probes(tracefs);
	text_format(line, sizeof(line), "-:" GROUP "/%s\n", name);
	error = command(tracefs, line);
	if (!error && lock.slow)
		lock.settled_ns = raw_now_ns() + SETTLE_NS;
	return error;
}

/* Close the probe's perf event, which frees two descriptors. */
static void release_probe(struct tracefs_probe *probe)
{
	if (probe->event >= 0)
		close(probe->event);
	if (probe->spare >= 0)
		close(probe->spare);
	probe->event = probe->spare = -1;
}

static void close_probe(struct tracefs_probe *probe)
{
	int tracefs;

	release_probe(probe);
	tracefs = fs_open(FS_TRACE);
	if (tracefs >= 0) {
		remove_probe(tracefs, probe->name);
		close(tracefs);
	}
	probe->name[0] = '\0';
}

/* atexit(3) would bring musl's malloc(3), 1 KB. */
__attribute__((destructor(102))) static void remove_at_exit(void)
{
	if (!any_probe)
		return;
	for (int i = 0; i < TRACEFS_PROBES_MAX; i++)
		if (tracefs_probes[i].name[0])
			close_probe(&tracefs_probes[i]);
	tracefs_settle();
}

/*
 * The name in "p:tcpaccept/accept_1_2 ..." or "r4096:...", or NULL if the line
 * is not of a tcpaccept's probe.
 */
static char *probe_name(char *line)
{
	char *name = strchr(line, ':'), *end;

	if (!name || strncmp(name + 1, PREFIX, strlen(PREFIX)))
		return NULL;
	name += 1 + strlen(GROUP "/");
	end = name + strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (*end != ' ' ||
	    end - name >= (int)sizeof(((struct tracefs_probe *)0)->name))
		return NULL;
	*end = '\0';
	return name;
}

/* Another tcpaccept held a probe at our start, and may leave it behind. */
static bool held_by_others;

/* Returns true if it removed one, which may have moved the lines after it. */
static bool remove_leftover(void *tracefs, char *line)
{
	char *name = probe_name(line);

	if (!name)
		return false;
	if (!remove_probe(*(int *)tracefs, name))
		return true;
	held_by_others = true;
	return false;
}

static bool line_has_maxactive(void *unused, char *line)
{
	(void)unused;
	return text_find(line, "r[maxactive]");
}

/*
 * Whether a kretprobe may follow more calls than by default: since 4.12, and
 * tracefs's README says so since 4.14. Before 4.12, the kernel would choose a
 * name for the probe itself, and replace another probe of that name.
 */
static bool takes_maxactive(int tracefs)
{
	const uint32_t version = kernel_version();

	return (version >= version_parse("4.12") &&
		version < version_parse("4.14")) ||
	       any_line(tracefs, "README", line_has_maxactive, NULL);
}

/*
 * Open a perf event of the probe, and store it there. Returns its descriptor,
 * or -errno with the reason.
 */
static int open_event(struct tracefs_probe *probe, int tracefs,
		      const char *symbol, int cpu, struct reason *reason)
{
	char path[96];
	int id, fd;

	text_format(path, sizeof(path), "events/" GROUP "/%s/id", probe->name);
	id = file_number(tracefs, path, "");
	if (id < 0)
		return reason_set(reason, STEP_TRACEFS, id, "cannot read %s",
				  path);
	probe->id = id;
	fd = raw_tracepoint_open(id, cpu);
	if (fd < 0)
		return reason_set(reason, STEP_ATTACH, fd,
				  "cannot open the probe of %s", symbol);
	probe->spare = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (probe->spare < 0) {
		reason_set(reason, STEP_ATTACH, -errno,
			   "cannot keep the probe of %s", symbol);
		close(fd);
		return reason->error;
	}
	probe->event = fd;
	return fd;
}

int tracefs_probe_format(const struct tracefs_probe *probe)
{
	int tracefs = fs_open(FS_TRACE), fd;
	char path[96];

	if (tracefs < 0)
		return tracefs;
	text_format(path, sizeof(path), "events/" GROUP "/%s/format",
		    probe->name);
	fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(tracefs);
	return fd;
}

/* What is probed: as tracefs_probe_open() has it. */
struct probed {
	const char *symbol;
	const char *arguments;
	bool returns;
};

/* Add the probe at an offset. Returns 0, or -errno. */
static int add_at(const struct tracefs_probe *probe, int tracefs,
		  const struct probed *point, int offset)
{
	char line[128 + TRACEFS_ARGUMENTS], most[8] = "";

	if (probe->many)
		text_format(most, sizeof(most), "%d", TRACEFS_MANY);
	text_format(line, sizeof(line), "%c%s:" GROUP "/%s %s+%d%s\n",
		    point->returns ? 'r' : 'p', most, probe->name,
		    point->symbol, offset, point->arguments);
	return command(tracefs, line);
}

/* Add a probe at the first offset that works; or NULL with the reason. */
static struct tracefs_probe *add_probe(int tracefs, const struct probed *point,
				       struct entry entry,
				       struct reason *reason)
{
	const bool returns = point->returns;
	struct tracefs_probe *probe = find_free();
	int error;

	text_format(probe->name, sizeof(probe->name), "accept_%d_%llx",
		    getpid(), (unsigned long long)raw_now_ns());
	any_probe = true;
	probe->event = probe->spare = -1;
	probe->many = returns && takes_maxactive(tracefs);
	error = add_at(probe, tracefs, point, entry_offset(entry));
	/* There may be too little memory for so many instances. */
	if (error && probe->many) {
		probe->many = false;
		error = add_at(probe, tracefs, point, 0);
	}
	while (!returns && entry_is_refused(error) && entry_next(&entry))
		error = add_at(probe, tracefs, point, entry_offset(entry));
	if (!error)
		return probe;
	probe->name[0] = '\0';
	reason_set(reason, STEP_KPROBE_EVENTS, error,
		   "cannot probe %s by tracefs", point->symbol);
	return NULL;
}

/* tracefs_probe_open() in an open tracefs. */
static struct tracefs_probe *open_probe(int tracefs, const struct probed *point,
					struct entry entry, int cpu,
					struct reason *reason)
{
	const char *symbol = point->symbol;
	struct tracefs_probe *probe;
	int error;

	error = lock_probes(tracefs);
	if (error && lock.slow) {
		reason_set(reason, STEP_KPROBE_EVENTS,
			   error == -ENOENT ? -ENODEV : error,
			   "cannot lock kprobe_events of tracefs");
		return NULL;
	}
	/* There are kprobes: does the function exist? */
	if (!error && function_is_missing(symbol)) {
		refuse_missing(reason, symbol);
		return NULL;
	}
	wait_settled();
	probe = add_probe(tracefs, point, entry, reason);
	/* Remove it by the open tracefs: descriptors may have run out. */
	if (probe && open_event(probe, tracefs, symbol, cpu, reason) < 0) {
		remove_probe(tracefs, probe->name);
		probe->name[0] = '\0';
		return NULL;
	}
	return probe;
}

struct tracefs_probe *tracefs_probe_open(const char *symbol,
					 const char *arguments, bool returns,
					 bool past_ftrace, int cpu,
					 struct reason *reason)
{
	const struct probed point = { symbol, arguments, returns };
	struct tracefs_probe *probe;
	int tracefs = fs_open(FS_TRACE);

	if (tracefs < 0) {
		reason_set(reason, STEP_TRACEFS, tracefs,
			   "cannot open tracefs");
		return NULL;
	}
	probe = open_probe(tracefs, &point, entry_first(past_ftrace), cpu,
			   reason);
	unlock_probes();
	close(tracefs);
	return probe;
}

int tracefs_probe_reopen(struct tracefs_probe *probe, int cpu,
			 struct reason *reason)
{
	const struct tracefs_probe old = *probe;
	int tracefs = fs_open(FS_TRACE), fd;

	if (tracefs < 0)
		return reason_set(reason, STEP_TRACEFS, tracefs,
				  "cannot open tracefs");
	fd = open_event(probe, tracefs, probe->name, cpu, reason);
	close(tracefs);
	if (fd < 0) {
		*probe = old;
		return fd;
	}
	close(old.event);
	close(old.spare);
	return 0;
}

/* A probe in kprobe_profile, its hits, and those that it missed. */
struct profile {
	const char *name;
	uint64_t hits;
	uint64_t missed;
};

/* A line has a probe's name, its hits, and those that it missed. */
static bool line_has_missed(void *argument, char *line)
{
	struct profile *profile = argument;
	size_t length = strlen(profile->name);
	const char *at = line + strspn(line, " ");

	if (strncmp(at, profile->name, length) || at[length] != ' ')
		return false;
	at += length;
	profile->hits = text_number(&at);
	profile->missed = text_number(&at);
	return true;
}

static struct profile read_profile(const struct tracefs_probe *probe)
{
	struct profile profile = { .name = probe->name };
	int tracefs;

	tracefs = fs_open(FS_TRACE);
	if (tracefs < 0)
		return profile;
	any_line(tracefs, "kprobe_profile", line_has_missed, &profile);
	close(tracefs);
	return profile;
}

uint64_t tracefs_probe_hits(const struct tracefs_probe *probe)
{
	return read_profile(probe).hits;
}

uint64_t tracefs_probe_close(struct tracefs_probe *probe)
{
	uint64_t missed;

	release_probe(probe);
	missed = read_profile(probe).missed;
	close_probe(probe);
	return missed;
}

static void remove_leftovers(void)
{
	int tracefs = fs_open(FS_TRACE);

	if (tracefs < 0)
		return;
	if (!lock_probes(tracefs)) {
		while (any_line(tracefs, "kprobe_events", remove_leftover,
				&tracefs))
			;
		unlock_probes();
	}
	close(tracefs);
}

void tracefs_prepare(void)
{
	lock.slow = kernel_version() < version_parse("5.1");
	remove_leftovers();
}

void tracefs_leave(void)
{
	if (commands >= 0)
		remove_leftovers();
	tracefs_settle();
}

void tracefs_keep(void)
{
	bool any = held_by_others;
	int tracefs;

	for (int i = 0; i < TRACEFS_PROBES_MAX; i++)
		any |= tracefs_probes[i].name[0];
	/* Do not hold tracefs needlessly: it could not be unmounted. */
	if (!any)
		return;
	fs_hold(FS_TRACE);
	tracefs = fs_open(FS_TRACE);
	if (tracefs < 0)
		return;
	commands = commands_open(tracefs);
	close(tracefs);
}

void tracefs_give_away(void)
{
	for (int i = 0; i < TRACEFS_PROBES_MAX; i++)
		tracefs_probes[i].name[0] = '\0';
}
