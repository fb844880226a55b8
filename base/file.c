// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * file.c - the small files of proc, sysfs and tracefs
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

int file_read(int dir, const char *path, char *text, size_t size)
{
	size_t length = 0;
	ssize_t more;
	int fd;

	text[0] = '\0';
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((more = read(fd, text + length, size - 1 - length)) > 0)
		length += more;
	text[length] = '\0';
	if (more < 0)
		more = -errno;
	close(fd);
	return more < 0 ? (int)more : (int)length;
}

int file_number(int dir, const char *path, const char *prefix)
{
	size_t skip = strlen(prefix);
	char text[32] = { 0 };
	const char *at = text + skip;
	uint64_t number;
	int length;

	length = file_read(dir, path, text, sizeof(text));
	if (length < 0)
		return length;
	if (strncmp(text, prefix, skip) || *at < '0' || *at > '9')
		return -EBADMSG;
	number = text_number(&at);
	return number > INT32_MAX ? -EBADMSG : (int)number;
}
