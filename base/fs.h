/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fs.h - the kernel's file systems, whether mounted or not
 *
 * One that is not mounted at its usual place gets a private mount, which nobody
 * else sees, and which ends when its descriptor is closed.
 */
#ifndef FS_H
#define FS_H

#include <stdbool.h>
#include <stddef.h>

enum fs { FS_PROC, FS_SYS, FS_TRACE, FS_DEBUG, FS_SECURITY, FS_CGROUP };

/* Open the root directory. Returns a descriptor, or -errno. */
int fs_open(enum fs fs);

/*
 * Open it now and keep it open: from then on fs_open() duplicates that
 * descriptor, and needs to mount nothing.
 */
void fs_hold(enum fs fs);

/* Its name, as mount(8) has it. */
const char *fs_type(enum fs fs);
/* Where it is usually mounted. */
const char *fs_place(enum fs fs);
/* Where it is mounted so that fs_open() can use it; NULL if nowhere. */
const char *fs_mounted(enum fs fs);

/*
 * Read the start of a file as file_read() does. Returns the length, or -errno;
 * then the text is what was read before the error.
 */
int fs_read(enum fs fs, const char *path, char *text, size_t size);

/* Whether lockdown=confidentiality forbids everybody to read the kernel. */
bool fs_is_locked_down(void);

#endif
