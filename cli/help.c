// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * help.c - the help texts
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/text.h"
#include "attach/unpack.h"
#include "cli/help.h"

/* The text of -h, a NUL, and that of --help. */
static const unsigned char packed_help[] = {
#include "help.inc"
};

_Noreturn void print_and_exit(const char *text)
{
	size_t length = strlen(text);

	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		die(errno, NULL, "cannot write to stdout");
	exit(EXIT_SUCCESS);
}

/* The text of --help, or that of -h. */
static char *unpack_help(bool whole)
{
	/* The last byte stays NUL. */
	static char text[8192];

	unpack((unsigned char *)text, sizeof(text) - 1, packed_help,
	       sizeof(packed_help));
	return whole ? text + strlen(text) + 1 : text;
}

_Noreturn void help_and_exit(bool whole)
{
	print_and_exit(unpack_help(whole));
}

_Noreturn void columns_and_exit(void)
{
	const char *title = text_find(unpack_help(true), "\nColumns ");
	char *lines = strchr(title + 1, '\n') + 1, *to = lines;

	/* Each line but for the blanks before it, in place. */
	for (const char *from = lines; *from == ' ';) {
		from += strspn(from, " ");
		do
			*to++ = *from;
		while (*from++ != '\n');
	}
	*to = '\0';
	print_and_exit(lines);
}
