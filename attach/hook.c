// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook.c - a kprobe, a kretprobe or a tracepoint, opened for a program
 *
 * Sections: entries, symbols, PMU, tracefs, hooks.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>

#include "bpf_raw.h"
#include "base/file.h"
#include "base/fs.h"
#include "base/lines.h"
#include "base/text.h"
#include "kernel/machine.h"
#include "kernel/version.h"
#include "attach/hook.h"

/* ------------------------------------------------------------------------
 * Entries: where a kprobe at a function's start may be
 */

static const uint8_t entry_codes[] = MACHINE_ENTRIES;
static const uint8_t past_ftrace[] = MACHINE_ENTRIES_PAST_FTRACE;

struct entry {
	const uint8_t *at;
	const uint8_t *end;
};

static struct entry entry_first(const struct hook *hook)
{
	if (hook->past_ftrace)
		return (struct entry){ past_ftrace,
				       past_ftrace + sizeof(past_ftrace) };
	return (struct entry){ entry_codes, entry_codes + sizeof(entry_codes) };
}

static int entry_offset(struct entry entry)
{
	return *entry.at;
}

static bool entry_next(struct entry *entry)
{
	return ++entry->at < entry->end;
}

/* Nothing can be probed there, but something may elsewhere. */
static bool is_refused(int error)
{
	return error == -EINVAL || error == -EILSEQ;
}

/* ------------------------------------------------------------------------
 * Symbols
 */

struct symbol_search {
	const char *symbol;
	/* There was a line. */
	bool any;
};

/* "ffffffff81a0b0c0 T inet_csk_accept", and "\t[module]". */
static bool line_tells_symbol(void *argument, char *line)
{
	struct symbol_search *search = argument;
	const size_t length = strlen(search->symbol);
	const char *at = text_find(line, search->symbol);

	search->any = true;
	return at && at > line && at[-1] == ' ' &&
	       (!at[length] || at[length] == '\t');
}

/* Whether a list like that, of an open file, has lines and not that symbol. */
static bool lacks_symbol(int list, const char *symbol)
{
	struct symbol_search search = { .symbol = symbol };

	return !any_line_of(list, line_tells_symbol, &search) && search.any;
}

/*
 * Before 5.2 a probe of what there is not leaves a line in the kernel's log,
 * "Could not insert probe at" (kernel/trace/trace_kprobe.c). False where
 * /proc/kallsyms does not tell.
 */
static bool is_missing(const char *symbol)
{
	int proc = -1, list;

	if (kernel_version() < version_parse("5.2"))
		proc = fs_open(FS_PROC);
	if (proc < 0)
		return false;
	list = openat(proc, "kallsyms", O_RDONLY | O_CLOEXEC);
	close(proc);
	return list >= 0 && lacks_symbol(list, symbol);
}

static int refuse_missing(struct reason *reason, const char *symbol)
{
	return refuse(reason, STEP_KPROBE_EVENTS, -ENOENT, "cannot probe %s",
		      symbol);
}

/* ------------------------------------------------------------------------
 * PMU: /sys/bus/event_source/devices/kprobe
 */

static int open_by_pmu(const struct hook *hook, const char *symbol,
		       bool returns, int sysfs, int cpu, struct reason *reason)
{
	static const char pmu[] = "bus/event_source/devices/kprobe";
	struct entry entry;
	char path[64];
	int type, bit = -1, fd;

	if (sysfs < 0)
		return refuse(reason, STEP_SYSFS, sysfs, "cannot open sysfs");
	text_format(path, sizeof(path), "%s/type", pmu);
	type = file_number(sysfs, path, "");
	if (type >= 0 && returns) {
		text_format(path, sizeof(path), "%s/format/retprobe", pmu);
		bit = file_number(sysfs, path, "config:");
		if (bit < 0)
			type = bit;
	}
	if (type < 0)
		return refuse(reason, STEP_PMU, type, "cannot read /sys/%s",
			      path);
	if (is_missing(symbol))
		return refuse_missing(reason, symbol);
	entry = entry_first(hook);
	do
		fd = raw_kprobe_open(type, bit, symbol, entry_offset(entry),
				     cpu);
	while (!returns && is_refused(fd) && entry_next(&entry));
	if (fd < 0)
		return refuse(reason, STEP_ATTACH, fd, "cannot probe %s",
			      symbol);
	return fd;
}

/* ------------------------------------------------------------------------
 * tracefs: kprobe_events, Documentation/trace/kprobetrace.rst
 *
 * Our probes are tcpaccept/accept_PID_TIME: the name of no other process's, and
 * of none that there was before. A line written to the file adds or removes a
 * probe; opened with O_TRUNC it would remove everybody's. The kernel does not
 * remove a probe that a perf event holds (EBUSY), so whichever of ours it does
 * remove was left behind by a dead process - or is of one that has not opened
 * it yet: a lock on the file, one for all mounts of tracefs, keeps these out.
 */

#define GROUP "tcpaccept"
#define PREFIX GROUP "/accept_"

/* Two of the rung, and four of the accept queue. */
#define ADDED_MAX 6

/* Those that exit() is to remove, as nobody else does. */
static struct added {
	/* "": none. */
	char name[sizeof(((struct hook *)0)->name)];
	/* The event that holds it, and a copy: room for the two descriptors
	 * that removal takes. Or -1.
	 */
	int event;
	int spare;
} all_added[ADDED_MAX];

/* atexit(3) was called. */
static bool registered;

/* kprobe_events for writing, once hooks_keep() has opened it; or -1. */
static int commands = -1;

/* By its name; "" finds a free one. There is one: as many as hooks. */
static struct added *find_added(const char *name)
{
	struct added *added = all_added;

	while (added < all_added + ADDED_MAX - 1 && strcmp(added->name, name))
		added++;
	return added;
}

static int commands_open(int tracefs)
{
	return openat(tracefs, "kprobe_events",
		      O_WRONLY | O_APPEND | O_CLOEXEC);
}

/* A line to kprobe_events. 0, or -errno. */
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
 * The lock. Where kernels are slow to be done with a probe that was removed, it
 * is kept until they are: some panic if another one is placed there meanwhile
 * (reuse_unused_kprobe() in kernel/kprobes.c of 4.9.150 to 4.9.170 and 4.14.93
 * to 4.14.113 returns 11 where it should be 0, and is then believed to have
 * failed).
 */
static struct {
	int fd;
	/* Until then nothing may be added. */
	uint64_t settled_ns;
	/* It is such a kernel. */
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
 * 0, or -errno: EBUSY if another has it for a second, or for half a minute if
 * that matters.
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

/* Until something can be added. */
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

void hooks_settle(void)
{
	wait_settled();
	unlock_probes();
}

/* 0, or -errno: ENOENT if it is not there, EBUSY if it is in use. */
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

/* Two descriptors are free then. */
static void release_added(struct added *added)
{
	if (added->event >= 0)
		close(added->event);
	if (added->spare >= 0)
		close(added->spare);
	added->event = added->spare = -1;
}

static void remove_added(struct added *added)
{
	int tracefs;

	release_added(added);
	tracefs = fs_open(FS_TRACE);
	if (tracefs >= 0) {
		remove_probe(tracefs, added->name);
		close(tracefs);
	}
	added->name[0] = '\0';
}

static void remove_at_exit(void)
{
	for (int i = 0; i < ADDED_MAX; i++)
		if (all_added[i].name[0])
			remove_added(&all_added[i]);
	hooks_settle();
}

/* "p:tcpaccept/accept_1_2 ..." or "r4096:..."; the name, or NULL. */
static char *our_name(char *line)
{
	char *name = strchr(line, ':'), *end;

	if (!name || strncmp(name + 1, PREFIX, strlen(PREFIX)))
		return NULL;
	name += 1 + strlen(GROUP "/");
	end = name + strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (*end != ' ' || end - name >= (int)sizeof(((struct added *)0)->name))
		return NULL;
	*end = '\0';
	return name;
}

/* A probe as ours was there that somebody held: it may be left behind yet. */
static bool held_by_others;

/* True if it was a leftover: the lines after it may have moved up then. */
static bool remove_leftover(void *tracefs, char *line)
{
	char *name = our_name(line);

	if (!name)
		return false;
	if (!remove_probe(*(int *)tracefs, name))
		return true;
	held_by_others = true;
	return false;
}

static bool line_tells_maxactive(void *unused, char *line)
{
	(void)unused;
	return text_find(line, "r[maxactive]");
}

/*
 * Whether a kretprobe may follow more than the default number of calls: since
 * 4.12, of which the README of tracefs tells from 4.14 on. Before, the kernel
 * would make a probe of a name of its own choice out of it, in place of
 * another's of that name.
 */
static bool takes_maxactive(int tracefs)
{
	const uint32_t version = kernel_version();

	return (version >= version_parse("4.12") &&
		version < version_parse("4.14")) ||
	       any_line(tracefs, "README", line_tells_maxactive, NULL);
}

/* The descriptor of a perf event, or -errno; then there is no probe. */
static int open_added(struct hook *hook, int tracefs, const char *symbol,
		      int cpu, struct reason *reason)
{
	struct added *added;
	char path[96];
	int id, fd;

	text_format(path, sizeof(path), "events/" GROUP "/%s/id", hook->name);
	id = file_number(tracefs, path, "");
	if (id < 0)
		return refuse(reason, STEP_TRACEFS, id, "cannot read %s", path);
	fd = raw_tracepoint_open(id, cpu);
	if (fd < 0)
		return refuse(reason, STEP_ATTACH, fd,
			      "cannot open the probe of %s", symbol);
	added = find_added(hook->name);
	added->spare = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (added->spare < 0) {
		refuse(reason, STEP_ATTACH, -errno,
		       "cannot keep the probe of %s", symbol);
		close(fd);
		return reason->error;
	}
	added->event = fd;
	return fd;
}

/* There is no such probe, any more. */
static void forget_probe(struct hook *hook)
{
	find_added(hook->name)->name[0] = '\0';
	hook->name[0] = '\0';
}

static int add_at(const struct hook *hook, int tracefs, const char *symbol,
		  int offset, bool returns)
{
	char line[128], most[8] = "";

	if (hook->many)
		text_format(most, sizeof(most), "%d", HOOK_MANY);
	text_format(line, sizeof(line), "%c%s:" GROUP "/%s %s+%d\n",
		    returns ? 'r' : 'p', most, hook->name, symbol, offset);
	return command(tracefs, line);
}

static int add_probe(struct hook *hook, int tracefs, const char *symbol,
		     bool returns, struct reason *reason)
{
	struct added *added = find_added("");
	struct entry entry;
	int error;

	text_format(hook->name, sizeof(hook->name), "accept_%d_%llx", getpid(),
		    (unsigned long long)raw_now_ns());
	if (!registered)
		atexit(remove_at_exit);
	registered = true;
	memcpy(added->name, hook->name, sizeof(added->name));
	added->event = added->spare = -1;
	hook->many = returns && takes_maxactive(tracefs);
	entry = entry_first(hook);
	error = add_at(hook, tracefs, symbol, entry_offset(entry), returns);
	/* That many instances may be too much memory. */
	if (error && hook->many) {
		hook->many = false;
		error = add_at(hook, tracefs, symbol, 0, returns);
	}
	while (!returns && is_refused(error) && entry_next(&entry))
		error = add_at(hook, tracefs, symbol, entry_offset(entry),
			       false);
	if (!error)
		return 0;
	forget_probe(hook);
	return refuse(reason, STEP_KPROBE_EVENTS, error,
		      "cannot probe %s by tracefs", symbol);
}

static int open_by_tracefs(struct hook *hook, const char *symbol, bool returns,
			   int cpu, struct reason *reason)
{
	int tracefs, fd;

	tracefs = fs_open(FS_TRACE);
	if (tracefs < 0)
		return refuse(reason, STEP_TRACEFS, tracefs,
			      "cannot open tracefs");
	fd = lock_probes(tracefs);
	if (fd < 0 && lock.slow) {
		close(tracefs);
		return refuse(reason, STEP_KPROBE_EVENTS,
			      fd == -ENOENT ? -ENODEV : fd,
			      "cannot lock kprobe_events of tracefs");
	}
	/* There are kprobes, to ask for what is no function. */
	if (!fd && is_missing(symbol)) {
		unlock_probes();
		close(tracefs);
		return refuse_missing(reason, symbol);
	}
	wait_settled();
	fd = add_probe(hook, tracefs, symbol, returns, reason);
	if (!fd) {
		fd = open_added(hook, tracefs, symbol, cpu, reason);
		/* By what is open: descriptors may be what is wanting. */
		if (fd < 0) {
			remove_probe(tracefs, hook->name);
			forget_probe(hook);
		}
	}
	unlock_probes();
	close(tracefs);
	return fd;
}

int hook_reopen(struct hook *hook, int cpu, struct reason *reason)
{
	struct added *added = find_added(hook->name);
	const struct added old = *added;
	int tracefs = fs_open(FS_TRACE), fd;

	if (tracefs < 0)
		return refuse(reason, STEP_TRACEFS, tracefs,
			      "cannot open tracefs");
	fd = open_added(hook, tracefs, hook->name, cpu, reason);
	close(tracefs);
	if (fd < 0) {
		*added = old;
		return fd;
	}
	close(old.event);
	close(old.spare);
	hook->event = fd;
	return 0;
}

/* ------------------------------------------------------------------------
 * Hooks
 */

int hook_open_kprobe(struct hook *hook, const char *symbol, int sysfs, int cpu,
		     struct reason *reason)
{
	struct reason second;

	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	hook->past_ftrace = hook_ftrace_is_off();
	if (hook->past_ftrace && MACHINE_KPROBES_ON_FTRACE > 1)
		return refuse_dead(reason);
	hook->event = open_by_pmu(hook, symbol, false, sysfs, cpu, reason);
	if (hook->event >= 0)
		return 0;
	/* ENOENT: no such PMU, or no such function. tracefs tells. */
	if (hook->event == -EMFILE || hook->event == -EPERM)
		return hook->event;
	hook->event = open_by_tracefs(hook, symbol, false, cpu, &second);
	if (hook->event >= 0)
		return 0;
	*reason = second;
	return reason->error;
}

int hook_open_kretprobe(struct hook *hook, const char *symbol, int sysfs,
			int cpu, struct reason *reason)
{
	struct reason second;

	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	/* It is at the first byte, or nowhere. */
	if (hook_ftrace_is_off())
		return refuse_dead(reason);
	hook->event = open_by_tracefs(hook, symbol, true, cpu, reason);
	if (hook->event >= 0 || hook->event == -EMFILE)
		return hook->event >= 0 ? 0 : hook->event;
	hook->event = open_by_pmu(hook, symbol, true, sysfs, cpu, &second);
	if (hook->event >= 0)
		return 0;
	/* ENOENT: no such PMU. */
	if (second.error != -ENOENT)
		*reason = second;
	return reason->error;
}

int hook_open_tracepoint(struct hook *hook, const char *name, int cpu,
			 struct reason *reason)
{
	char path[64];
	int tracefs, id;

	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	tracefs = fs_open(FS_TRACE);
	if (tracefs < 0)
		return refuse(reason, STEP_TRACEFS, tracefs,
			      "cannot open tracefs");
	text_format(path, sizeof(path), "events/%s/id", name);
	id = file_number(tracefs, path, "");
	close(tracefs);
	if (id < 0)
		return refuse(reason, STEP_TRACEFS, id, "cannot read %s", path);
	hook->event = raw_tracepoint_open(id, cpu);
	if (hook->event < 0)
		return refuse(reason, STEP_ATTACH, hook->event,
			      "cannot open tracepoint %s", name);
	return 0;
}

bool hook_ftrace_is_off(void)
{
	char text[8] = "";

	if (MACHINE_KPROBES_ON_FTRACE)
		fs_read(FS_PROC, "sys/kernel/ftrace_enabled", text,
			sizeof(text));
	return text[0] == '0';
}

struct profile {
	const char *name;
	uint64_t missed;
};

bool hook_tells_missed(const struct hook *hook)
{
	return hook->name[0] && kernel_version() >= version_parse("5.17");
}

/* Name, hits, missed. */
static bool line_tells_missed(void *argument, char *line)
{
	struct profile *profile = argument;
	size_t length = strlen(profile->name);
	const char *at = line + strspn(line, " ");

	if (strncmp(at, profile->name, length) || at[length] != ' ')
		return false;
	at += length;
	text_number(&at);
	profile->missed = text_number(&at);
	return true;
}

static uint64_t read_missed(const char *name)
{
	struct profile profile = { name, 0 };
	int tracefs;

	tracefs = fs_open(FS_TRACE);
	if (tracefs < 0)
		return 0;
	any_line(tracefs, "kprobe_profile", line_tells_missed, &profile);
	close(tracefs);
	return profile.missed;
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

void hooks_prepare(void)
{
	lock.slow = kernel_version() < version_parse("5.1");
	remove_leftovers();
}

void hooks_leave(void)
{
	if (commands >= 0)
		remove_leftovers();
	hooks_settle();
}

void hooks_keep(void)
{
	bool any = held_by_others;
	int tracefs;

	for (int i = 0; i < ADDED_MAX; i++)
		any |= all_added[i].name[0];
	/* With no probe to remove, its mount is not ours to keep busy. */
	if (!any)
		return;
	fs_hold(FS_TRACE);
	tracefs = fs_open(FS_TRACE);
	if (tracefs < 0)
		return;
	commands = commands_open(tracefs);
	close(tracefs);
}

void hooks_give_away(void)
{
	for (int i = 0; i < ADDED_MAX; i++)
		all_added[i].name[0] = '\0';
}

void hook_close(struct hook *hook)
{
	if (hook->name[0]) {
		release_added(find_added(hook->name));
		hook->missed = read_missed(hook->name);
		remove_added(find_added(hook->name));
	} else if (hook->event >= 0) {
		close(hook->event);
	}
	hook->event = -1;
	hook->name[0] = '\0';
}
