/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * file.h - the small files of proc, sysfs and tracefs
 *
 * dir and path are as those of openat(2).
 */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>

/*
 * The first `size` - 1 bytes of a file, and a NUL. Returns how many bytes there
 * are before the NUL, or -errno; then the text is what was read until then.
 */
int file_read(int dir, const char *path, char *text, size_t size);

/*
 * The number after `prefix`, with which a file of one line begins: "8",
 * "config:0". Returns it, 0 to INT32_MAX, or -errno: EBADMSG if there is none.
 */
int file_number(int dir, const char *path, const char *prefix);

#endif
