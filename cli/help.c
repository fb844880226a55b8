// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * help.c - the help texts
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
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

_Noreturn void help_and_exit(bool whole)
{
	/* The last byte stays NUL. */
	static char text[8192];

	unpack((unsigned char *)text, sizeof(text) - 1, packed_help,
	       sizeof(packed_help));
	print_and_exit(whole ? text + strlen(text) + 1 : text);
}
