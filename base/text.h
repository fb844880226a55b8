/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * text.h - a small snprintf(3), strtoull(3) and strstr(3), and the number of
 * elements of an array
 *
 * The formats are %s %c %d %u %x %%. d, u and x may have l or ll, and each a
 * width, `-` and `0`. printf(3) itself would bring its floating point: a tenth
 * of the program. musl's strtoull(3) and strstr(3) would bring 4 KB for bases
 * and lengths that are not used here.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* How many elements an array has; not for a pointer. */
#define countof(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Put the text into `to`, cut to `size` bytes with a NUL. Returns its length
 * after the cut.
 */
size_t text_format(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t text_list(char *to, size_t size, const char *format, va_list list)
	__attribute__((format(printf, 3, 0)));

/*
 * Read the decimal number at *at, after any blanks, and move *at past it.
 * Returns 0 if there is none, UINT64_MAX if it is larger than that.
 */
uint64_t text_number(const char **at);

/* Where `word`, of one byte or more, is in `text`, or NULL. */
const char *text_find(const char *text, const char *word);

#endif
