/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * message.h - what failed, why, what to do: one line on stderr
 *
 * error is an errno, or 0 where the text says it all; hint is a sentence of
 * cause and cure, or NULL. say() returns, die() exits with 1, die_usage()
 * with 2.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/hint.h"

/* How long a stalled reader of stdout or stderr can hold up the end. */
#define STALL_MS 1000

/* Why something does not work, where that is not the end of it. */
struct reason {
	/* "text: error; hint" */
	char text[320];
	/* -errno. */
	int error;
};

/*
 * Note the reason. error is a -errno, or 0: something is not there. Returns
 * the -errno, -ENOENT for 0.
 */
int reason_set(struct reason *reason, enum step step, int error,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a hook that is attached and does nothing: -ENODATA. */
int reason_silent(struct reason *reason);

/* The kernel has it, but in a form that we cannot use: "what where";
 * -EOPNOTSUPP. */
int reason_kernel(struct reason *reason, const char *what, const char *where);

/* From here on what stderr does not take at once is dropped, or not. */
void messages_drop(bool drop);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The last lines of the kernel's log of a program, as they are. */
void say_log(const char *text);
void die(int error, const char *hint, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void die_usage(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* A word of the user's, safe to show: printable, not too long. */
const char *quoted(char *to, size_t size, const char *word);

#endif
