/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * btf.h - find members of structures in BTF
 */
#ifndef BTF_H
#define BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A question, `type` and `member`, and its answer. */
struct btf_wanted {
	const char *type;
	const char *member;
	/* Where it starts in its type; its size if it is an integer, else 0. */
	uint32_t bit_offset;
	uint32_t bit_size;
	bool found;
};

/*
 * Find where members of structures lie.
 *
 * fd: /sys/kernel/btf/vmlinux, which is mapped if the kernel lets us, or any
 * file of that form that pread(2) reads. Needs about 30 KiB of stack, whatever
 * the file's size.
 *
 * The file is read as far as the answers need it: no error is seen behind them.
 *
 * Returns 0 and sets `found` of the members that are there, or -errno: EBADMSG
 * for bytes that are not BTF, that of pread(2) if it failed, EOPNOTSUPP for a
 * kind of type that is unknown here (kinds up to ENUM64 of Linux 6.0 are known)
 * and to the file's layout section (Linux 7.2), E2BIG for too many names.
 */
int btf_find(int fd, struct btf_wanted *members, size_t count);

#endif
