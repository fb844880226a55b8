/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bpf_newer.h - what bpf(2) has since Linux 4.12: test runs, information,
 * links, storage of sockets, tokens. Like bpf_raw.h, mechanism only.
 */
#ifndef BPF_NEWER_H
#define BPF_NEWER_H

#include <linux/btf.h>

#include "bpf_raw.h"

/* raw_map_info - raw_object_info() of a map */
static inline int raw_map_info(int map, struct bpf_map_info *info)
{
	return raw_object_info(map, info, sizeof(*info));
}

/*
 * raw_program_run - BPF_PROG_TEST_RUN of bpf(2), since 4.12: run a program of
 * sockets once, on an empty packet; 0, or -errno
 */
static inline int raw_program_run(int program)
{
	/* The kernel needs ETH_HLEN bytes (linux/if_ether.h) at least. */
	static const unsigned char packet[14];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = program;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	return raw_bpf(BPF_PROG_TEST_RUN, &attr);
}

/*
 * raw_token_create - BPF_TOKEN_CREATE of bpf(2), since 6.9: a token by a bpffs
 * that was mounted with delegate_* options, given by a descriptor of its root
 *
 * Returns a descriptor, or -errno: ENOENT if nothing is delegated, EINVAL
 * before 6.9.
 */
static inline int raw_token_create(int bpffs)
{
	const struct {
		uint32_t flags;
		uint32_t bpffs;
	} attr = { 0, bpffs };
	int fd = syscall(SYS_bpf, 36 /* BPF_TOKEN_CREATE */, &attr,
			 sizeof(attr));

	return fd < 0 ? -errno : fd;
}

/*
 * raw_link_create - BPF_LINK_CREATE of bpf(2), since 5.7: attach a program to a
 * cgroup, given by a descriptor of its directory
 *
 * Other programs at the same hook stay, and it goes away with its descriptor.
 * Returns a descriptor, or -errno: EPERM if another program is attached there
 * or above so that it allows no second one.
 */
static inline int raw_link_create(int program, int cgroup,
				  enum bpf_attach_type hook)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = program;
	attr.link_create.target_fd = cgroup;
	attr.link_create.attach_type = hook;
	return raw_bpf(BPF_LINK_CREATE, &attr);
}

/*
 * raw_storage_create - BPF_MAP_CREATE of bpf(2): a map that keeps a value with
 * a socket, as long as that lives (BPF_MAP_TYPE_SK_STORAGE, since 5.2)
 *
 * name: as in raw_map_create(). size: of the value, a multiple of 4 bytes. Such
 * a map needs BTF, by which the value is an array of 32-bit numbers. Returns a
 * descriptor, or -errno.
 */
static inline int raw_storage_create(const char *name, uint32_t size)
{
	const struct {
		struct btf_header header;
		struct btf_type number;
		uint32_t bits;
		struct btf_type array;
		struct btf_array of;
		char names[4];
	} btf = {
		.header = {
			.magic = BTF_MAGIC,
			.version = BTF_VERSION,
			.hdr_len = sizeof(btf.header),
			.type_len = offsetof(typeof(btf), names) -
				    sizeof(btf.header),
			.str_off = offsetof(typeof(btf), names) -
				   sizeof(btf.header),
			.str_len = sizeof(btf.names),
		},
		.number = { 1, BTF_KIND_INT << 24, { .size = 4 } },
		.bits = 32,
		.array = { 0, BTF_KIND_ARRAY << 24, { 0 } },
		.of = { .type = 1, .index_type = 1, .nelems = size / 4 },
		.names = "\0u4",
	};
	union bpf_attr attr;
	int fd, map;

	memset(&attr, 0, sizeof(attr));
	attr.btf = (uintptr_t)&btf;
	attr.btf_size = sizeof(btf);
	fd = raw_bpf(BPF_BTF_LOAD, &attr);
	if (fd < 0)
		return fd;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_SK_STORAGE;
	attr.key_size = sizeof(int);
	attr.value_size = size;
	attr.map_flags = BPF_F_NO_PREALLOC;
	attr.btf_fd = fd;
	attr.btf_key_type_id = 1;
	attr.btf_value_type_id = 2;
	strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	map = raw_bpf(BPF_MAP_CREATE, &attr);
	close(fd);
	return map;
}

#endif
