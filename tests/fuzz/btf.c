// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * btf.c - layout_from_btf() of layout.c, and with it btf_find() of
 * btf.c, over any bytes
 *
 * The first byte tells what is asked for and how much one read gives, the
 * second which reads fail; the rest is the file. How reads go must not change
 * the answer: the file is read whole first.
 */
#include <errno.h>
#include <sys/types.h>

#include "fuzz.h"

/* In memory: a file descriptor would cost more than all the rest. */
static struct {
	const unsigned char *bytes;
	size_t size;
	/* The most that one read gives; 0: all. */
	size_t most;
	/* Every n-th read is interrupted; 0: none. */
	int interrupt;
	/* This read and those after fail; 0: none. */
	int fail;
	int reads;
} file;

static ssize_t file_pread(int fd, void *to, size_t length, off_t from)
{
	(void)fd;
	file.reads++;
	if (file.fail && file.reads >= file.fail) {
		errno = EIO;
		return -1;
	}
	if (file.interrupt && file.reads % file.interrupt == 0) {
		errno = EINTR;
		return -1;
	}
	if (from < 0 || (size_t)from >= file.size)
		return 0;
	if (length > file.size - from)
		length = file.size - from;
	if (file.most && length > file.most)
		length = file.most;
	memcpy(to, file.bytes + from, length);
	return length;
}

#define pread file_pread
#include "kernel/btf.c"
#include "kernel/layout.c"
#undef pread

static int find(struct layout *layout, bool more)
{
	const char *lacking;
	int error;

	file.reads = 0;
	error = layout_from_btf(layout, 0, more, &lacking);
	must(error == 0 || error == -EBADMSG || error == -EOPNOTSUPP ||
	     error == -ENOENT || (error == -EIO && file.fail));
	must((error == -ENOENT) == !!lacking);
	if (error)
		return error;
	/* What the program cannot do without. */
	for (int i = 0; i < SKC_NET; i++)
		must(member_names[i].need != NEED_ALWAYS ||
		     layout->found & MEMBER_BIT(i));
	must(more || !(layout->found >> SKC_NET));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t most[] = { 1, 3, 12, 13, 64, 100, 4096, 8191 };
	struct layout whole, pieces;
	unsigned char *copy;
	int error, again;
	bool more;

	if (size < 2)
		return 0;
	more = data[0] & 1;
	/* Of just that size: the sanitizer sees one byte more. */
	copy = fuzz_copy(data + 2, size - 2);
	file.bytes = copy;
	file.size = size - 2;
	file.most = 0;
	file.interrupt = 0;
	file.fail = 0;
	error = find(&whole, more);
	file.most = most[data[0] >> 1 & 7];
	/* Not each: it would be tried for ever. */
	file.interrupt = data[0] >> 4 ? 1 + (data[0] >> 4) : 0;
	file.fail = data[1];
	again = find(&pieces, more);
	if (again != -EIO) {
		must(error == again);
		must(error || !memcmp(&whole, &pieces, sizeof(whole)));
	}
	free(copy);
	return 0;
}
