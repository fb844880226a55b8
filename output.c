// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * output.c - whole rows to stdout, and no wait that a signal cannot end
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "message.h"
#include "output.h"

/* What a pipe takes whole once poll(2) says it is writable (pipe(7)). */
#define OUTPUT_CHUNK 4096

/*
 * A terminal that poll(2) calls writable may lack room for a row, and a write
 * then waits without heed to signals. Ours does not block; the one that the
 * shell shares with us stays as it is.
 */
static int terminal_open(void)
{
	int fd = open("/proc/self/fd/1",
		      O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? STDOUT_FILENO : fd;
}

void output_open(struct output *output, bool timestamp, int signals)
{
	struct stat info;

	memset(output, 0, sizeof(*output));
	output->timestamp = timestamp;
	output->signals = signals;
	output->fd = STDOUT_FILENO;
	output->terminal = isatty(STDOUT_FILENO);
	if (output->terminal)
		output->fd = terminal_open();
	if (fstat(STDOUT_FILENO, &info))
		return;
	output->file = S_ISREG(info.st_mode);
	output->pipe = S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode);
}

/* False if stdout takes nothing and a signal wants us to end. */
static bool output_ready(const struct output *output)
{
	struct pollfd polls[] = {
		{ .fd = output->fd, .events = POLLOUT },
		{ .fd = output->signals, .events = POLLIN },
	};

	for (;;) {
		int count = poll(polls, output->ending ? 1 : 2,
				 output->ending ? STALL_MS : -1);

		if (count < 0 && errno == EINTR)
			continue;
		return count > 0 && polls[0].revents;
	}
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
		if (!output->file && !output_ready(output)) {
			output_close(output, from, 0);
			break;
		}
		if ((output->pipe || output->terminal) &&
		    length > OUTPUT_CHUNK) {
			newline = memrchr(from, '\n', OUTPUT_CHUNK);
			length = newline ? newline + 1 - from : OUTPUT_CHUNK;
		}
		length = write(output->fd, from, length);
		if (length > 0)
			from += length;
		else if (length < 0 && errno != EAGAIN && errno != EINTR)
			output_close(output, from, errno);
	}
	output->length = 0;
}

void output_header(struct output *output)
{
	const char *text = event_header(output->timestamp);

	output->length = strlen(text);
	memcpy(output->text, text, output->length);
	output_flush(output);
	/* Not a row. */
	output->unwritten = 0;
}

void output_event(struct output *output, const struct accept_event *event)
{
	uint64_t since_ns;

	if (!output->started)
		output->first_ns = event->ktime_ns;
	output->started = true;
	/* A late event of before the first: no negative time. */
	since_ns = event->ktime_ns > output->first_ns ?
			   event->ktime_ns - output->first_ns :
			   0;
	if (output->closed) {
		output->unwritten++;
		return;
	}
	if (output->length > sizeof(output->text) - EVENT_ROW_MAX)
		output_flush(output);
	output->length += event_row(output->text + output->length, event,
				    output->timestamp, since_ns);
	if (output->terminal)
		output_flush(output);
}
