/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * layout.h - where the kernel's structures have what accept.bpf.c reads
 *
 * The layout comes from the kernel's BTF, or from a table that test
 * connections, whose addresses and ports are known, then confirm or correct.
 * Nothing here but layout_from_btf() looks at the system.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"

/*
 * MEMBER(symbol of accept.bpf.c, structure of the kernel, its member, need):
 * NEED_ALWAYS; NEED_FILES by the rung that finds sockets by their descriptors;
 * NEED_NOT as kernels may lack it, or only some columns and filters need it.
 */
#define LAYOUT_READ(MEMBER)                                               \
	MEMBER(SKC_FAMILY, sock_common, skc_family, NEED_ALWAYS)          \
	MEMBER(SKC_ADDRPAIR, sock_common, skc_addrpair, NEED_ALWAYS)      \
	MEMBER(SKC_PORTPAIR, sock_common, skc_portpair, NEED_ALWAYS)      \
	/* A kernel without CONFIG_IPV6 lacks these two. */               \
	MEMBER(SKC_V6_DADDR, sock_common, skc_v6_daddr, NEED_NOT)         \
	MEMBER(SKC_V6_RCV_SADDR, sock_common, skc_v6_rcv_saddr, NEED_NOT) \
	/* Read where BTF does not show sk_protocol. */                   \
	MEMBER(SKC_PROT, sock_common, skc_prot, NEED_NOT)                 \
	MEMBER(SK_PROT_CREATOR, sock, sk_prot_creator, NEED_NOT)          \
	MEMBER(INET_SPORT, inet_sock, inet_sport, NEED_ALWAYS)            \
	MEMBER(TASK_FILES, task_struct, files, NEED_FILES)                \
	MEMBER(FILES_FDT, files_struct, fdt, NEED_FILES)                  \
	MEMBER(FDTABLE_FD, fdtable, fd, NEED_FILES)                       \
	MEMBER(FILE_PRIVATE_DATA, file, private_data, NEED_FILES)         \
	MEMBER(SOCKET_FILE, socket, file, NEED_FILES)                     \
	MEMBER(SOCKET_SK, socket, sk, NEED_FILES)                         \
	MEMBER(SK_PROTOCOL, sock, sk_protocol, NEED_ALWAYS)               \
	/* What follows is looked for only by layout_from_btf(more). */   \
	MEMBER(SKC_NET, sock_common, skc_net, NEED_NOT)                   \
	MEMBER(NET_NS, net, ns, NEED_NOT)                                 \
	MEMBER(NS_INUM, ns_common, inum, NEED_NOT)                        \
	MEMBER(TASK_NSPROXY, task_struct, nsproxy, NEED_NOT)              \
	MEMBER(NSPROXY_MNT_NS, nsproxy, mnt_ns, NEED_NOT)                 \
	MEMBER(MNT_NS_NS, mnt_namespace, ns, NEED_NOT)                    \
	MEMBER(TASK_GROUP_LEADER, task_struct, group_leader, NEED_NOT)    \
	MEMBER(TASK_COMM, task_struct, comm, NEED_NOT)                    \
	MEMBER(MPTCP_FIRST, mptcp_sock, first, NEED_NOT)                  \
	MEMBER(SK_ACK_BACKLOG, sock, sk_ack_backlog, NEED_NOT)            \
	MEMBER(SK_MAX_ACK_BACKLOG, sock, sk_max_ack_backlog, NEED_NOT)    \
	MEMBER(SK_DROPS, sock, sk_drops, NEED_NOT)

/* And what only the rung ftrace fetches, which has no program. */
#define LAYOUT_MEMBERS(MEMBER) \
	LAYOUT_READ(MEMBER)    \
	MEMBER(SK_UID, sock, sk_uid, NEED_NOT)

#define MEMBER_ID(id, structure, name, needed) id,
enum member { LAYOUT_MEMBERS(MEMBER_ID) MEMBER_COUNT };

#define MEMBER_BIT(member) (1U << (member))

/* How many there are: TCP and MPTCP, over IPv4 and IPv6, and variants. */
#define PROT_MAX 6

struct layout {
	/* In bytes. */
	uint32_t offsets[MEMBER_COUNT];
	/* MEMBER_BIT() of each member that BTF has. */
	uint32_t found;
	/* The size of SK_PROTOCOL; 0 if it is not known. */
	uint32_t protocol_bits;
	/* The size of SK_ACK_BACKLOG and SK_MAX_ACK_BACKLOG. */
	uint32_t backlog_bits;
	/*
	 * If SK_PROTOCOL is not known: TCP's struct protos, to which skc_prot
	 * points, or sk_prot_creator where a sockmap has replaced that.
	 */
	uint64_t prots[PROT_MAX];
	int prot_count;
	/*
	 * The member for want of which the rung `syscall` cannot find the
	 * socket of a descriptor, or NULL.
	 */
	const char *no_files;
	/* From the table, so that each rung must confirm it. */
	bool built_in;
};

/*
 * Get the layout from a BTF file; with `more`, also the members that only some
 * columns and filters need. Returns 0, or -errno of btf_find(), or -ENOENT with
 * *lacking set to a needed member that BTF lacks.
 */
int layout_from_btf(struct layout *layout, int btf, bool more,
		    const char **lacking);

/* Get the layout from the table. */
void layout_built_in(struct layout *layout);

/* An IPv4 connection that we make, to a listener of either family. */
struct test_connection {
	/* The listener's, AF_INET or AF_INET6. */
	uint16_t family;
	/* Both ends use MPTCP; only the listener does. */
	bool mptcp;
	bool mptcp_listener;
	/* In host order; the addresses are in network order. */
	uint16_t rport;
	uint16_t lport;
	uint8_t raddr[4];
	uint8_t laddr[4];
	/* The first bytes of its struct sock, zeros if it was not captured. */
	bool captured;
	unsigned char bytes[ACCEPT_CAPTURE];
};

/*
 * Correct the built-in layout by what the samples show. Returns NULL, or a name
 * of what they neither confirm nor correct.
 */
const char *layout_confirm(struct layout *layout,
			   const struct test_connection *samples, int count);

#endif
