// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lines.c - the lines of the kernel's files, however long the files are
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/lines.h"

bool any_line_of(int fd, bool (*call)(void *argument, char *line),
		 void *argument)
{
	char text[1024], *line, *end;
	size_t length = 0;
	bool found = false, skip = false;
	ssize_t more;

	while (!found &&
	       (more = read(fd, text + length, sizeof(text) - length)) > 0) {
		length += more;
		line = text;
		while (!found &&
		       (end = memchr(line, '\n', text + length - line))) {
			*end++ = '\0';
			found = !skip && call(argument, line);
			skip = false;
			line = end;
		}
		length -= line - text;
		memmove(text, line, length);
		if (length == sizeof(text)) {
			skip = true;
			length = 0;
		}
	}
	close(fd);
	return found;
}

bool any_line(int dir, const char *path,
	      bool (*call)(void *argument, char *line), void *argument)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && any_line_of(fd, call, argument);
}
