/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * file.h - the small files of proc, sysfs and tracefs
 *
 * dir and path are those of openat(2).
 */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>

/*
 * Read the first `size` - 1 bytes of a file, and add a NUL. Returns how many
 * bytes were read, or -errno; then `text` has what was read before the error.
 */
int file_read(int dir, const char *path, char *text, size_t size);

/*
 * Read the number after `prefix` at the start of a file: 0 in "config:0".
 * Returns it, 0 to INT32_MAX, or -errno: EBADMSG if there is none.
 */
int file_number(int dir, const char *path, const char *prefix);

#endif
