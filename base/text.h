/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * text.h - as snprintf(3), for what our messages need of it
 *
 * %s %c %d %u %x %%, the latter three with l or ll, all with a width and `-` or
 * `0`. Printf(3) itself would bring its floating point: a tenth of the program.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* The text, with a NUL, cut to `size` bytes; returns its length, so cut. */
size_t text_format(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t text_list(char *to, size_t size, const char *format, va_list list)
	__attribute__((format(printf, 3, 0)));

#endif
