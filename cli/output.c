// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * output.c - writes whole rows to stdout; a signal ends any wait
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/message.h"
#include "base/text.h"
#include "attach/clock.h"
#include "trace/keeper_calls.h"
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
	struct winsize window;

	output->view = *view;
	output->exe = view_has(view, COLUMN_EXE);
	output->local = view_has(view, COLUMN_TIME);
	output->real = output->local || view->json;
	output->signals = signals;
	output->report_signal = -1;
	/* Later, the sandbox forbids to ask. */
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &window))
		output->lines = window.ws_row;
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
 * Whether a report would be seen, and tear no row, before what begins at `from`
 * is written: a terminal may have got a part of a row.
 */
static bool may_report(const struct output *output, const char *from)
{
	struct pollfd error = { .fd = STDERR_FILENO, .events = POLLOUT };

	return (from == output->text || from[-1] == '\n') &&
	       poll(&error, 1, 0) > 0 && error.revents & POLLOUT;
}

/*
 * Wait until stdout is writable, for what begins at `from`. Returns false if it
 * is time to end, and stdout has no room for STALL_MS.
 */
static bool output_ready(struct output *output, const char *from)
{
	struct pollfd polls[] = {
		{ .fd = STDOUT_FILENO, .events = POLLOUT },
		{ .fd = output->signals, .events = POLLIN },
		{ .fd = output->report_signal, .events = POLLIN },
	};

	for (;;) {
		int count = poll(polls, output->ending ? 1 : 3,
				 output->ending ? STALL_MS :
						  wait_ms(output->ends_ns));

		if (count < 0 && errno == EINTR)
			continue;
		if (output->ending || count < 0 || polls[0].revents)
			return count > 0;
		/* Else it is answered when stdout has had room. */
		if (polls[2].revents && !may_report(output, from))
			polls[2].fd = -1;
		else if (polls[2].revents)
			output->report(output->reporter);
		if (count && !polls[1].revents)
			continue;
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
	for (; rest < output->text + output->length; rest++)
		output->unwritten += *rest == '\n';
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
		if (!output->file && !output_ready(output, from)) {
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

char *output_room(struct output *output)
{
	if (output->length > sizeof(output->text) - ROW_MAX)
		output_flush(output);
	return output->text + output->length;
}

void output_took(struct output *output, size_t length)
{
	output->length += length;
	if (output->terminal)
		output_flush(output);
}

void output_head(struct output *output, size_t length)
{
	output->length += length;
	output->first_ns = clock_ns();
	output_flush(output);
	/* The header is not a row. */
	output->unwritten = 0;
}

void output_header(struct output *output)
{
	output_head(output, row_header(output->text, &output->view));
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

struct row_context output_context(struct output *output, uint64_t ktime_ns)
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
	context.iso = output->view.iso;
	context.offset_s = zone_offset(&output->zone, seconds);
	seconds += context.offset_s;
	context.local_s = (seconds % 86400 + 86400) % 86400;
	return context;
}

/* On a terminal a header begins each screen; the prompt needs a line. */
static void repeat_header(struct output *output)
{
	const uint64_t rows = output->lines - 2;

	if (output->lines > 3 && output->rows && !(output->rows % rows))
		output_took(output,
			    row_header(output_room(output), &output->view));
}

/*
 * The path for column EXE, in `path`, or NULL. A keeper that does not answer is
 * not asked again for a second: the rings do not wait.
 */
static const char *find_exe(struct output *output, uint32_t pid,
			    char path[EXE_PATH_MAX + 1])
{
	int error;

	if (!output->exe ||
	    (output->exe_again_ns && clock_ns() < output->exe_again_ns))
		return NULL;
	error = keeper_exe(output->cgroups.keeper, pid, path);
	output->exe_again_ns =
		error == -ETIMEDOUT ? clock_ns() + 1000000000 : 0;
	return error ? NULL : path;
}

void output_event(struct output *output, const struct accept_event *event)
{
	struct row_context row_context;
	char exe[EXE_PATH_MAX + 1], *to;

	if (!output->started)
		output->first_ns = event->ktime_ns;
	output->started = true;
	row_context = output_context(output, event->ktime_ns);
	if (event->cgroup)
		row_context.cgroup =
			cgroups_path(&output->cgroups, event->cgroup);
	row_context.exe = find_exe(output, event->pid, exe);
	repeat_header(output);
	/* This may write, and so fail. */
	to = output_room(output);
	if (output->closed) {
		output->unwritten++;
		return;
	}
	output->waits_unknown +=
		output->waits && !event->queued_ns && !event->late;
	output_took(output, row_format(to, event, &output->view, &row_context));
	output->rows++;
	output->done = output->rows == output->rows_max;
}
