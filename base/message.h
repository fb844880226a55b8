/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * message.h - what failed, why, what to do: one line on stderr
 *
 * error is an errno, or 0 if the text says it all; hint is a sentence of cause
 * and cure, or NULL. A message gets "tcpaccept: " before it, and a newline.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/hint.h"

/* How long a stalled reader of stdout or stderr can delay the end. */
#define STALL_MS 1000

/* Why something failed, for a caller that may try something else. */
struct reason {
	/* -errno. */
	int error;
	/* For reason_text(): "text: error", and what the hint is made of. */
	char text[320];
	enum step step;
	int hint_error;
};

/*
 * Set the reason. error is a -errno, or 0 if something is missing that the text
 * names. Returns the -errno, -ENOENT for 0.
 */
int reason_set(struct reason *reason, enum step step, int error,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a hook that is attached but does not fire: -ENODATA. */
int reason_silent(struct reason *reason);

/*
 * The same for what the kernel has in a form that we cannot use: -EOPNOTSUPP.
 * The text is "what where".
 */
int reason_kernel(struct reason *reason, const char *what, const char *where);

/*
 * The reason as "text: error; hint". To make the hint may read files and mount
 * filesystems, so ask only for what is shown.
 */
const char *reason_text(struct reason *reason);

/* From here on drop messages that begin with "note: ". */
void messages_quiet(void);
/* Whether messages are dropped if stderr has no room, or wait for STALL_MS. */
void messages_drop(bool drop);
/* Print a message. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Print the last lines of the verifier's log, as they are. */
void say_log(const char *text);
/* Print what failed, and exit with 1. */
void die(int error, const char *hint, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
/* Print what is wrong with the command line, and exit with 2. */
void die_usage(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* Copy a word of the user's, so that it is printable and fits; returns `to`. */
const char *quoted(char *to, size_t size, const char *word);

#endif
