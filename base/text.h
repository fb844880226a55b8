/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * text.h - a small snprintf(3), strtoull(3) and strstr(3), and the elements of
 * an array
 *
 * The formats are %s %c %d %u %x %%; d, u and x with l or ll, all with a width
 * and `-` or `0`. Printf(3) itself would bring its floating point: a tenth of
 * the program. The other two of musl bring 4 KB for bases and lengths that
 * nothing here has.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Elements of an array; not of a pointer. */
#define countof(array) (sizeof(array) / sizeof((array)[0]))

/* The text, with a NUL, cut to `size` bytes; returns its length, so cut. */
size_t text_format(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t text_list(char *to, size_t size, const char *format, va_list list)
	__attribute__((format(printf, 3, 0)));

/*
 * The decimal number at *at, behind blanks; *at is after it then. 0 if there is
 * none, UINT64_MAX if it is larger than that.
 */
uint64_t text_number(const char **at);

/* Where `word`, of one byte or more, is in `text`; or NULL. */
const char *text_find(const char *text, const char *word);

#endif
