// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * token.c - a BPF token, by which bpf(2) serves a user namespace
 */
#include <fcntl.h>
#include <stdlib.h>

#include "bpf_newer.h"
#include "attach/token.h"

bool token_open(void)
{
	static bool tried;
	const char *path = secure_getenv("LIBBPF_BPF_TOKEN_PATH");
	int bpffs, token;

	if (tried)
		return false;
	tried = true;
	bpffs = open(path ? path : "/sys/fs/bpf",
		     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bpffs < 0)
		return false;
	/* The kernel makes it close-on-exec, and refuses other file systems. */
	token = raw_token_create(bpffs);
	close(bpffs);
	if (token < 0)
		return false;
	raw_token = token;
	return true;
}
