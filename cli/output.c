// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * output.c - writes whole rows to stdout; a signal ends any wait
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/message.h"
#include "base/text.h"
#include "attach/clock.h"
#include "cli/output.h"

/* A pipe that poll(2) calls writable has room for this (pipe(7)). */
#define OUTPUT_CHUNK 4096

/*
 * A write(2) may block, and a signal does not end that, even when poll(2) calls
 * the file writable: a terminal may lack room for a row, and other processes
 * may write to a pipe. So open the file again with O_NONBLOCK, which changes
 * nothing for those who share it. If that fails (another user's pipe, no
 * /proc), it stays as it was.
 */
static void unblock(int fd)
{
	int proc = fs_open(FS_PROC), own;
	char name[32];

	text_format(name, sizeof(name), "self/fd/%d", fd);
	own = openat(proc, name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (own >= 0) {
		dup2(own, fd);
		close(own);
	}
	if (proc >= 0)
		close(proc);
}

static bool is_kind(int fd, mode_t kind)
{
	struct stat info;

	return !fstat(fd, &info) && (info.st_mode & S_IFMT) == kind;
}

void output_open(struct output *output, const struct view *view, int signals)
{
	output->view = *view;
	output->local = view_has(view, COLUMN_TIME);
	output->real = output->local || view->json;
	output->signals = signals;
	output->terminal = isatty(STDOUT_FILENO);
	output->file = is_kind(STDOUT_FILENO, S_IFREG);
	output->socket = is_kind(STDOUT_FILENO, S_IFSOCK);
	output->pipe = output->socket || is_kind(STDOUT_FILENO, S_IFIFO);
	if (output->terminal || (output->pipe && !output->socket))
		unblock(STDOUT_FILENO);
	/* stderr may be the same pipe. */
	if (is_kind(STDERR_FILENO, S_IFIFO))
		unblock(STDERR_FILENO);
}

int wait_ms(uint64_t then_ns)
{
	const uint64_t now = clock_ns();
	uint64_t left_ms;

	if (!then_ns)
		return -1;
	left_ms = now < then_ns ? (then_ns - now) / 1000000 + 1 : 0;
	return left_ms < INT_MAX ? left_ms : INT_MAX;
}

/*
 * Wait until stdout is writable. Returns false if it is time to end, and stdout
 * has no room for STALL_MS.
 */
static bool output_ready(struct output *output)
{
	struct pollfd polls[] = {
		{ .fd = STDOUT_FILENO, .events = POLLOUT },
		{ .fd = output->signals, .events = POLLIN },
	};

	for (;;) {
		int count = poll(polls, output->ending ? 1 : 2,
				 output->ending ? STALL_MS :
						  wait_ms(output->ends_ns));

		if (count < 0 && errno == EINTR)
			continue;
		if (output->ending || count < 0 || polls[0].revents)
			return count > 0;
		/* The end is further away than poll(2) can wait. */
		if (!count && wait_ms(output->ends_ns))
			continue;
		/* A reader that is only slow still gets the rest. */
		output->ending = true;
	}
}

static ssize_t output_write(const struct output *output, const char *text,
			    size_t length)
{
	if (output->socket)
		return send(STDOUT_FILENO, text, length,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(STDOUT_FILENO, text, length);
}

static void output_close(struct output *output, const char *rest, int error)
{
	/* An empty line ends an interval: it is not a row. */
	for (; rest < output->text + output->length; rest++)
		output->unwritten += *rest == '\n' && rest > output->text &&
				     rest[-1] != '\n';
	output->closed = true;
	output->error = error;
}

void output_flush(struct output *output)
{
	const char *from = output->text, *end = from + output->length;
	const char *newline;
	ssize_t length;

	while (from < end && !output->closed) {
		length = end - from;
		if (!output->file && !output_ready(output)) {
			output_close(output, from, 0);
			break;
		}
		if ((output->pipe || output->terminal) &&
		    length > OUTPUT_CHUNK) {
			newline = memrchr(from, '\n', OUTPUT_CHUNK);
			length = newline ? newline + 1 - from : OUTPUT_CHUNK;
		}
		length = output_write(output, from, length);
		if (length > 0)
			from += length;
		else if (length < 0 && errno != EAGAIN && errno != EINTR)
			output_close(output, from, errno);
	}
	output->length = 0;
	/* The clock may be set before the next row. */
	output->ahead_ns = 0;
}

/* Make room for a row; returns the end of the text. */
static char *output_room(struct output *output)
{
	if (output->length > sizeof(output->text) - ROW_MAX)
		output_flush(output);
	return output->text + output->length;
}

static void output_took(struct output *output, size_t length)
{
	output->length += length;
	if (output->terminal)
		output_flush(output);
}

/* The columns to count by: all but those of time, which come first. */
static struct view view_counted(const struct view *view)
{
	struct view counted = *view;
	int i;

	counted.count = 0;
	for (i = 0; i < view->count; i++)
		if (view->columns[i] != COLUMN_TIME &&
		    view->columns[i] != COLUMN_SECONDS)
			counted.columns[counted.count++] = view->columns[i];
	return counted;
}

/* The key of a group: rows with the same key are counted together. */
struct group_key {
	struct accept_event event;
	/* The cgroup's path, if it is shown and known; zeros up to the end. */
	char path[(CGROUP_PATH_MAX / 8 + 1) * 8];
};

_Static_assert(sizeof(struct group_key) % 8 == 0, "summary.h");
_Static_assert(SUMMARY_KEY >= sizeof(struct group_key), "keys fit");
_Static_assert(SUMMARY_KEY >= ROW_GROUP_MAX + CGROUP_PATH_MAX + 1,
	       "so do the columns in their place");
_Static_assert(ROW_GROUP_MAX % 8 == 0, "summary.h");

static void counting_open(struct output *output)
{
	const struct view *view = &output->counted;
	const char *random = (const char *)getauxval(AT_RANDOM);
	uint64_t seed = 0;

	/* libc uses the first 8 of the 16 bytes. */
	if (random)
		memcpy(&seed, random + 8, sizeof(seed));
	if (!summary_open(&output->summary,
			  view_has(view, COLUMN_CGROUP) ? SUMMARY_KEY :
							  ROW_GROUP_MAX,
			  seed))
		die(errno, NULL, "cannot keep counts for -C");
}

void output_header(struct output *output)
{
	struct view *view = &output->view;
	char *to = output->text;

	output->since_ns = output->first_ns = clock_ns();
	if (output->counting) {
		view->followed = true;
		output->counted = view_counted(view);
		counting_open(output);
		output->length = row_names(to, view);
		output->length += text_format(to + output->length, 32,
					      "%-8s %s\n", "ACCEPTS", "RATE/s");
	} else {
		output->length = row_header(to, view);
	}
	output_flush(output);
	/* The header is not a row. */
	output->unwritten = 0;
}

/* How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC. */
static uint64_t clocks_apart(void)
{
	uint64_t before, after, real, least = UINT64_MAX, apart = 0;
	struct timespec now;

	/* We may be interrupted between two clocks: use the closest. */
	for (int i = 0; i < 3; i++) {
		before = clock_ns();
		clock_gettime(CLOCK_REALTIME, &now);
		after = clock_ns();
		real = now.tv_sec * 1000000000ULL + now.tv_nsec;
		if (after - before >= least)
			continue;
		least = after - before;
		apart = real - before - least / 2;
	}
	return apart;
}

/* What a row needs besides its event, as far as it is shown. */
static struct row_context context_at(struct output *output, uint64_t ktime_ns)
{
	struct row_context context = { 0 };
	int64_t seconds;

	/* A late event may be older than the first: its time is 0. */
	if (ktime_ns > output->first_ns)
		context.since_ns = ktime_ns - output->first_ns;
	if (!output->real)
		return context;
	if (!output->ahead_ns)
		output->ahead_ns = clocks_apart();
	context.real_ns = ktime_ns + output->ahead_ns;
	if (!output->local)
		return context;
	seconds = context.real_ns / 1000000000;
	seconds += zone_offset(&output->zone, seconds);
	context.local_s = (seconds % 86400 + 86400) % 86400;
	return context;
}

static void output_count(struct output *output,
			 const struct accept_event *event, const char *cgroup)
{
	const struct view *view = &output->counted;
	struct group_key key = { .event = row_group(event, view) };
	size_t length = 0;

	if (cgroup && view_has(view, COLUMN_CGROUP)) {
		length = strnlen(cgroup, CGROUP_PATH_MAX);
		memcpy(key.path, cgroup, length);
		/* The NUL belongs to the key; round up to a multiple of 8. */
		length = (length / 8 + 1) * 8;
	}
	summary_add(&output->summary, &key, sizeof(key.event) + length);
}

/* Replace a group's key by its columns, as text. */
static void group_show(struct output *output, int number)
{
	struct group *group = &output->summary.groups[number];
	void *slot = summary_key(&output->summary, number);
	struct row_context row_context = { 0 };
	struct group_key key = { 0 };
	char text[ROW_MAX];

	memcpy(&key, slot, group->length);
	if (group->length > sizeof(key.event))
		row_context.cgroup = key.path;
	group->length =
		row_columns(text, &key.event, &output->counted, &row_context);
	memcpy(slot, text, group->length);
}

void output_event(struct output *output, const struct accept_event *event)
{
	struct row_context row_context;
	char *to;

	if (!output->started && !output->counting)
		output->first_ns = event->ktime_ns;
	output->started = true;
	row_context = context_at(output, event->ktime_ns);
	if (event->cgroup)
		row_context.cgroup =
			cgroups_path(&output->cgroups, event->cgroup);
	if (output->counting) {
		output_count(output, event, row_context.cgroup);
		return;
	}
	/* This may write, and so fail. */
	to = output_room(output);
	if (output->closed) {
		output->unwritten++;
		return;
	}
	output->waits_unknown += output->waits && !event->queued_ns;
	output_took(output, row_format(to, event, &output->view, &row_context));
	output->rows++;
	output->done = output->rows == output->rows_max;
}

/* Put by how much a count may be too high, in a column behind the rate. */
static char *put_error(char *to, const char *rate, uint64_t error)
{
	do
		*to++ = ' ';
	while (to < rate + 9);
	return to + text_format(to, 32, "-%llu", (unsigned long long)error);
}

/*
 * Add a row of counts to the buffer: the time, the group, its count, its rate
 * per second, and by how much the count may be too high, if it may.
 */
static void output_group(struct output *output, uint64_t now_ns, int number)
{
	const struct group *group = &output->summary.groups[number];
	const struct row_context row_context = context_at(output, now_ns);
	/* + 1: never divide by 0, whatever the clock says. */
	const uint64_t us = (now_ns - output->since_ns) / 1000 + 1;
	const uint64_t tenths = (group->count * 10000000 + us / 2) / us;
	const struct accept_event none = { 0 };
	struct view times = output->view;
	char *start = output_room(output), *to = start, *from;

	if (output->closed) {
		output->unwritten++;
		return;
	}
	times.count -= output->counted.count;
	to += row_columns(to, &none, &times, &row_context);
	memcpy(to, summary_key(&output->summary, number), group->length);
	to += group->length;
	to += text_format(to, 32, "%-8llu ", (unsigned long long)group->count);
	from = to;
	to += text_format(to, 32, "%llu.%llu", (unsigned long long)tenths / 10,
			  (unsigned long long)tenths % 10);
	if (group->error)
		to = put_error(to, from, group->error);
	*to++ = '\n';
	output_took(output, to - start);
}

void output_summary(struct output *output, uint64_t now_ns)
{
	struct summary *summary = &output->summary;

	output->ahead_ns = 0;
	if (summary->overflowed && !output->overflowed)
		say("more than %d groups at a time: a count with -N behind it "
		    "may be up to N too high",
		    SUMMARY_GROUPS);
	output->overflowed |= summary->overflowed;
	for (int i = 0; i < summary->count; i++)
		group_show(output, i);
	summary_sort(summary);
	for (int i = 0; i < summary->count; i++)
		output_group(output, now_ns, summary->ranks[i]);
	summary_clear(summary);
	output->since_ns = now_ns;
}

void output_line(struct output *output)
{
	*output_room(output) = '\n';
	output_took(output, 1);
	output_flush(output);
}
