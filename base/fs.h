/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fs.h - the kernel's file systems, whether mounted or not
 *
 * What is not mounted at its usual place is had as a private mount, which
 * nobody else sees and which goes with its descriptor.
 */
#ifndef FS_H
#define FS_H

#include <stdbool.h>
#include <stddef.h>

enum fs { FS_PROC, FS_SYS, FS_TRACE, FS_DEBUG, FS_SECURITY, FS_CGROUP };

/* A descriptor of the root directory, or -errno. */
int fs_open(enum fs fs);

/* Open it now, for fs_open() to copy from then on: nothing is mounted later. */
void fs_hold(enum fs fs);

/* Its name, its usual place, and where it is mounted for our use, or NULL. */
const char *fs_type(enum fs fs);
const char *fs_place(enum fs fs);
const char *fs_mounted(enum fs fs);

/*
 * The start of a file, as much as fits, with a NUL. The length, or -errno;
 * then the text is empty.
 */
int fs_read(enum fs fs, const char *path, char *text, size_t size);

/* lockdown=confidentiality: the kernel shows nothing of itself to anybody. */
bool fs_is_locked_down(void);

#endif
