/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * layout.h - where the kernel's structures keep what accept.bpf.c reads
 *
 * From the kernel's BTF, or from a table that connections of our own, whose
 * addresses and ports are known, then confirm or correct. Pure functions but
 * for the reading of BTF.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"

/*
 * MEMBER(symbol of accept.bpf.c, structure of the kernel, its member, when it
 * is needed): ALWAYS, for the rung that finds sockets by descriptors (FILES),
 * or NOT, as it is not in all kernels, or only for some columns and filters.
 */
#define LAYOUT_MEMBERS(MEMBER)                                            \
	MEMBER(SKC_FAMILY, sock_common, skc_family, NEED_ALWAYS)          \
	MEMBER(SKC_ADDRPAIR, sock_common, skc_addrpair, NEED_ALWAYS)      \
	MEMBER(SKC_PORTPAIR, sock_common, skc_portpair, NEED_ALWAYS)      \
	/* Not there in a kernel without CONFIG_IPV6. */                  \
	MEMBER(SKC_V6_DADDR, sock_common, skc_v6_daddr, NEED_NOT)         \
	MEMBER(SKC_V6_RCV_SADDR, sock_common, skc_v6_rcv_saddr, NEED_NOT) \
	/* Without BTF. */                                                \
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
	/* From here on only if more is asked for. */                     \
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
	MEMBER(SK_MAX_ACK_BACKLOG, sock, sk_max_ack_backlog, NEED_NOT)

#define MEMBER_ID(id, structure, name, needed) id,
enum member { LAYOUT_MEMBERS(MEMBER_ID) MEMBER_COUNT };

#define MEMBER_BIT(member) (1U << (member))

/* TCP and MPTCP, over IPv4 and IPv6, and the kernel's variants of them. */
#define PROT_MAX 6

struct layout {
	/* In bytes. */
	uint32_t offsets[MEMBER_COUNT];
	/* Bits of the members that BTF has. */
	uint32_t found;
	/* Of SK_PROTOCOL. 0: not known, so skc_prot or sk_prot_creator shows
	 * the protocol, which a sockmap may have changed both.
	 */
	uint32_t protocol_bits;
	/* The size of SK_ACK_BACKLOG and SK_MAX_ACK_BACKLOG. */
	uint32_t backlog_bits;
	/* Then these values of it are TCP. */
	uint64_t prots[PROT_MAX];
	int prot_count;
	/*
	 * Why a descriptor's socket cannot be found, as rung `syscall` has to:
	 * the member that is not known, or NULL.
	 */
	const char *no_files;
	/* From our own table, for each rung to confirm. */
	bool built_in;
};

/*
 * more: look for all members. 0, or -errno of btf_find(), or -ENOENT with a
 * member that BTF lacks in *lacking.
 */
int layout_from_btf(struct layout *layout, int btf, bool more,
		    const char **lacking);
void layout_built_in(struct layout *layout);

/* A connection of our own: IPv4, to a listener of either family. */
struct test_connection {
	/* AF_INET or AF_INET6 of the listener. */
	uint16_t family;
	/* Listener and client use MPTCP; the listener does, the client not. */
	bool mptcp;
	bool mptcp_listener;
	/* Host order, and as in a packet. */
	uint16_t rport;
	uint16_t lport;
	uint8_t raddr[4];
	uint8_t laddr[4];
	/* The first bytes of its struct sock; all zero if there are none. */
	bool captured;
	unsigned char bytes[ACCEPT_CAPTURE];
};

/*
 * Correct the table by what the samples show. NULL, or what of it they neither
 * confirm nor correct.
 */
const char *layout_confirm(struct layout *layout,
			   const struct test_connection *samples, int count);

#endif
