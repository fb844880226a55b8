/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * text.h - a small snprintf(3), and the elements of an array
 *
 * %s %c %d %u %x %%, the latter three with l or ll, all with a width and `-` or
 * `0`. Printf(3) itself would bring its floating point: a tenth of the program.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* Elements of an array; not of a pointer. */
#define countof(array) (sizeof(array) / sizeof((array)[0]))

/* The text, with a NUL, cut to `size` bytes; returns its length, so cut. */
size_t text_format(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t text_list(char *to, size_t size, const char *format, va_list list)
	__attribute__((format(printf, 3, 0)));

#endif
