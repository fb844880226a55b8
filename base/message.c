// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * message.c - everything that goes to stderr
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hint.h"
#include "base/message.h"
#include "base/text.h"

static const char *error_text(int error)
{
	/* ENOTSUPP of the kernel, which bpf(2) leaks to user space. */
	return strerror(error == 524 ? EOPNOTSUPP : error);
}

/* Put "text: error; hint" into `to`, cut to `size`. */
__attribute__((format(printf, 5, 0))) static void
message_format(char *to, size_t size, int error, const char *hint,
	       const char *format, va_list list)
{
	size_t length;

	text_list(to, size, format, list);
	length = strlen(to);
	if (error)
		length += text_format(to + length, size - length, ": %s",
				      error_text(error));
	if (hint && length < size)
		text_format(to + length, size - length, "; %s", hint);
}

/* How long a message waits for room in stderr. */
static int patience_ms = STALL_MS;

static bool without_notes;

void messages_quiet(void)
{
	without_notes = true;
}

void messages_drop(bool drop)
{
	patience_ms = drop ? 0 : STALL_MS;
}

/* False if stderr has no room: a stopped terminal must not block us. */
static bool write_error(const char *text, size_t length)
{
	struct pollfd polled = { .fd = STDERR_FILENO, .events = POLLOUT };
	int ready;

	do
		ready = poll(&polled, 1, patience_ms);
	while (ready < 0 && errno == EINTR);
	/* Write also if poll(2) failed. */
	return ready && write(STDERR_FILENO, text, length) == (ssize_t)length;
}

__attribute__((format(printf, 3, 0))) static void
message(int error, const char *hint, const char *format, va_list list)
{
	char text[512] = "tcpaccept: ";
	size_t length = strlen(text);

	/* One write(2), with room for the newline: no line is ever torn. */
	message_format(text + length, sizeof(text) - length - 1, error, hint,
		       format, list);
	if (without_notes &&
	    !strncmp(text + length, "note: ", strlen("note: ")))
		return;
	length = strlen(text);
	text[length++] = '\n';
	/* There is no other place to report a failure. */
	write_error(text, length);
}

/* The verifier's complaint is at the end, after all that it accepted. */
#define LOG_LINES 20

void say_log(const char *text)
{
	size_t left, length = 0;
	const char *tail = text + strlen(text);

	/* Go back to the newline before those lines. */
	for (int lines = 0; tail > text && lines <= LOG_LINES; tail--)
		lines += tail[-1] == '\n';
	text = tail > text ? tail + 1 : text;
	left = strlen(text);

	/* A pipe takes a piece of PIPE_BUF as a whole, or not at all. */
	do {
		text += length;
		left -= length;
		length = left < 4096 ? left : 4096;
	} while (length && write_error(text, length));
}

void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	message(0, NULL, format, list);
	va_end(list);
}

void die(int error, const char *hint, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	message(error, hint, format, list);
	va_end(list);
	exit(EXIT_FAILURE);
}

void die_usage(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	message(0, "see tcpaccept --help", format, list);
	va_end(list);
	exit(2);
}

const char *quoted(char *to, size_t size, const char *word)
{
	size_t i;

	for (i = 0; word[i] && i < size - 1; i++)
		to[i] = word[i] >= ' ' && word[i] <= '~' ? word[i] : '?';
	to[i] = '\0';
	if (word[i])
		memcpy(to + size - 4, "...", 4);
	return to;
}

int reason_set(struct reason *reason, enum step step, int error,
	       const char *format, ...)
{
	va_list list;

	va_start(list, format);
	message_format(reason->text, sizeof(reason->text), -error, NULL, format,
		       list);
	va_end(list);
	reason->step = step;
	reason->hint_error = -error;
	reason->error = error ? error : -ENOENT;
	return reason->error;
}

int reason_kernel(struct reason *reason, const char *what, const char *where)
{
	reason_set(reason, STEP_FIRE, 0, "%s %s", what, where);
	reason->error = -EOPNOTSUPP;
	return reason->error;
}

int reason_silent(struct reason *reason)
{
	reason_set(reason, STEP_FIRE, 0, "it does not fire");
	reason->hint_error = ENODATA;
	reason->error = -ENODATA;
	return reason->error;
}

const char *reason_text(struct reason *reason)
{
	const size_t length = strlen(reason->text);
	const char *hint = NULL;

	if (reason->hint_error)
		hint = hint_for(reason->step, reason->hint_error);
	if (hint)
		text_format(reason->text + length,
			    sizeof(reason->text) - length, "; %s", hint);
	reason->hint_error = 0;
	return reason->text;
}
