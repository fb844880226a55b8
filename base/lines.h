/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lines.h - the lines of the kernel's files, however long these are
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>

/*
 * Call for each line of an open file, without its newline, until a call returns
 * true: true then, else false. A line of 1,024 bytes or more is left out.
 * Closes the file.
 */
bool any_line_of(int fd, bool (*call)(void *argument, char *line),
		 void *argument);

/* The same for a file of a directory; false, too, if it is not there. */
bool any_line(int dir, const char *path,
	      bool (*call)(void *argument, char *line), void *argument);

#endif
