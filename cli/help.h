/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * help.h - the help texts
 *
 * cli/usage.txt is what -h prints: the usage of bcc's tcpaccept, to the byte,
 * and one line more. cli/help.txt is what --help prints. The build packs both.
 */
#ifndef HELP_H
#define HELP_H

#include <stdbool.h>

/* Print a text, and exit with 0; or die with 1 if not all can be written. */
_Noreturn void print_and_exit(const char *text);
/* The same for the help. whole: that of --help, not that of -h. */
_Noreturn void help_and_exit(bool whole);
/* The same for the lines of --help about columns. */
_Noreturn void columns_and_exit(void);

#endif
