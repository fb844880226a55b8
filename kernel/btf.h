/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * btf.h - where members of structures lie, by BTF
 */
#ifndef BTF_H
#define BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* type and member are asked for, the rest is the answer. */
struct btf_wanted {
	const char *type;
	const char *member;
	/* Where it starts in its type, and its size if it is an integer. */
	uint32_t bit_offset;
	uint32_t bit_size;
	bool found;
};

/*
 * Find where members of structures lie, by a BTF file.
 *
 * fd: /sys/kernel/btf/vmlinux, or any file of that form that has positions.
 * Uses about 30 KiB of stack, whatever the file's size.
 *
 * Returns 0 with `found` set in the members that are there, or -errno: EBADMSG
 * for bytes that are not BTF, that of a read that failed, EOPNOTSUPP for a kind
 * of type it does not know (kinds up to ENUM64 of 6.0 are known), E2BIG for too
 * many names.
 */
int btf_find(int fd, struct btf_wanted *members, size_t count);

#endif
