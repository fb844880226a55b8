// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * function.c - whether a list of the kernel's symbols has a function
 */
#include <sys/mman.h>

#include "attach/function.c"

#include "tap.h"

/* A file with these bytes, at its start. */
static int list_of(const char *text)
{
	int fd = memfd_create("kallsyms", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

static bool lacks(const char *text)
{
	return lacks_symbol(list_of(text), "inet_csk_accept");
}

/* So many lines before the one that is looked for. */
static bool lacks_behind(int lines)
{
	static char text[1 << 20];
	char *end = text;

	for (int i = 0; i < lines; i++)
		end += text_format(end, 64, "%x t some_function_%d\n", i, i);
	strcpy(end, "ffffffff81a0b0c0 T inet_csk_accept\n");
	return lacks(text);
}

int main(void)
{
	int missing = 0;

	ok(!lacks("ffffffff81a0b0c0 T inet_csk_accept\n"), "it is there");
	ok(!lacks("0 t a\n0000000000000000 T inet_csk_accept\n0 t b\n"),
	   "it is between others, without addresses");
	ok(!lacks("ffffffffc0a0b0c0 t inet_csk_accept\t[ipv4]\n"),
	   "it is a module's");
	ok(lacks("0 t inet_csk_accept_foo\n"), "another begins like it");
	ok(lacks("0 t inet_csk_accept.isra.0\n"), "a part of it is not it");
	ok(lacks("0 r __ksymtab_inet_csk_accept\n"), "another ends like it");
	ok(lacks("0 t a\n0 t b\n"), "it is not there");
	ok(!lacks(""), "an empty list tells nothing");
	ok(!lacks_symbol(open("/", O_RDONLY | O_DIRECTORY), "inet_csk_accept"),
	   "nor does what cannot be read");
	for (int i = 0; i < 300; i++)
		missing += lacks_behind(i);
	ok(!missing, "it is at the end of 0 to 299 others");
	return done();
}
