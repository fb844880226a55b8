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

enum member {
	SKC_FAMILY,
	SKC_ADDRPAIR,
	SKC_PORTPAIR,
	SKC_V6_DADDR,
	SKC_V6_RCV_SADDR,
	SKC_PROT,
	SK_PROT_CREATOR,
	INET_SPORT,
	TASK_FILES,
	FILES_FDT,
	FDTABLE_FD,
	FILE_PRIVATE_DATA,
	SOCKET_FILE,
	SOCKET_SK,
	SK_PROTOCOL,
	/* Those from here on only if more is asked for. */
	SKC_NET,
	NET_NS,
	NS_INUM,
	TASK_NSPROXY,
	NSPROXY_MNT_NS,
	MNT_NS_NS,
	TASK_GROUP_LEADER,
	TASK_COMM,
	MPTCP_FIRST,
	SK_ACK_BACKLOG,
	SK_MAX_ACK_BACKLOG,
	MEMBER_COUNT,
};

#define MEMBER_BIT(member) (1U << (member))

/* The symbol of accept.bpf.c for each. */
extern const char *const member_symbols[MEMBER_COUNT];

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
 * more: look for all members. 0, or -errno of raw_btf_find(), or -ENOENT with a
 * member that BTF lacks in *lacking.
 */
int layout_from_btf(struct layout *layout, int btf, bool more,
		    const char **lacking);
void layout_built_in(struct layout *layout);

/* A connection of our own: IPv4, to a listener of either family. */
struct sample {
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
const char *layout_confirm(struct layout *layout, const struct sample *samples,
			   int count);

#endif
