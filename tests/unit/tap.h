/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tap.h - claims and whether they hold, in the form that prove(1) reads
 *
 * A case's name is a claim. main() ends with `return done();`.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 4, 5))) static inline bool
tap_ok(bool holds, const char *file, int line, const char *format, ...)
{
	va_list list;

	printf("%sok %d - ", holds ? "" : "not ", ++tap_count);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n");
	if (!holds)
		printf("# at %s line %d\n", file, line);
	tap_failed += !holds;
	/* A child must not find, and print again, what is buffered. */
	fflush(stdout);
	return holds;
}

/* ok(condition, format, ...): one case; gives back the condition. */
#define ok(condition, ...) \
	tap_ok(!!(condition), __FILE__, __LINE__, __VA_ARGS__)

/* A case that cannot be tried here, and why. */
static inline void skip(const char *claim, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, claim, reason);
	fflush(stdout);
}

/* The plan, and what main() returns. */
static inline int done(void)
{
	printf("1..%d\n", tap_count);
	fflush(stdout);
	return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The same numbers in every run (xorshift64*); *state must not be 0. */
static inline uint64_t tap_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

/* valgrind(1) takes memory and time of its own. */
static inline bool tap_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

#endif
