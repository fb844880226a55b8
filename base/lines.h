/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lines.h - the lines of the kernel's files, however long the files are
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>

/*
 * Call `call` for each line of an open file, without its newline, until it
 * returns true. Skips lines of 1,024 bytes or more, and closes the file.
 * Returns whether a call returned true.
 */
bool any_line_of(int fd, bool (*call)(void *argument, char *line),
		 void *argument);

/* The same for a path of openat(2); false also if it cannot be opened. */
bool any_line(int dir, const char *path,
	      bool (*call)(void *argument, char *line), void *argument);

#endif
