/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * socket.h - read a struct sock: whether it is TCP, its addresses, its ports
 */
#ifndef BPF_SOCKET_H
#define BPF_SOCKET_H

#include "bpf/helpers.h"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262

/*
 * read_pointer(), read_u16() and read_u32() read the kernel's memory, and
 * return 0 where it cannot be read. A pointer has POINTER_SIZE bytes.
 */
ALWAYS_INLINE const char *read_pointer(const char *from)
{
	uint64_t pointer = 0;

	/*
	 * Old verifiers need a constant size, and lose track of one that was
	 * on the stack: hence two calls.
	 */
	if (K(POINTER_SIZE) == 4) {
		probe_read(&pointer, 4, from);
		APART();
	} else {
		probe_read(&pointer, 8, from);
	}
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	pointer >>= 64 - 8 * K(POINTER_SIZE);
#endif
	return (const char *)pointer;
}

ALWAYS_INLINE uint16_t read_u16(const char *from)
{
	uint16_t value = 0;

	probe_read(&value, sizeof(value), from);
	return value;
}

ALWAYS_INLINE uint32_t read_u32(const char *from)
{
	uint32_t value = 0;

	probe_read(&value, sizeof(value), from);
	return value;
}

/* Whether a struct proto is one of TCP or MPTCP. */
ALWAYS_INLINE bool is_tcp_prot(const char *prot)
{
	const uint64_t value = (uint64_t)prot;

	return value == K(PROT_1) || value == K(PROT_2) || value == K(PROT_3) ||
	       value == K(PROT_4) || value == K(PROT_5) || value == K(PROT_6);
}

/* Read sk_protocol, IPPROTO_*. Its size must be known. */
ALWAYS_INLINE uint16_t read_protocol(const char *sk)
{
	uint8_t byte = 0;

	if (K(SK_PROTOCOL_BITS) != 8)
		return read_u16(sk + K(SK_PROTOCOL));
	probe_read(&byte, sizeof(byte), sk + K(SK_PROTOCOL));
	return byte;
}

/*
 * Whether it is a sock of TCP or MPTCP; true if nothing shows that. protocol:
 * sk_protocol, or 0 if it was not read yet.
 */
ALWAYS_INLINE bool is_tcp(const char *sk, uint16_t protocol)
{
	if (!K(SK_PROTOCOL_BITS))
		return !K(PROT_1) ||
		       is_tcp_prot(read_pointer(sk + K(SKC_PROT))) ||
		       is_tcp_prot(read_pointer(sk + K(SK_PROT_CREATOR)));
	if (!protocol)
		protocol = read_protocol(sk);
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

/* Read the family; where all lies together, what the next two need as well. */
ALWAYS_INLINE uint16_t read_head(struct accept_sock_head *head, const char *sk)
{
	if (!K(SKC_HEAD))
		return read_u16(sk + K(SKC_FAMILY));
	probe_read(head, sizeof(*head), sk);
	return head->family;
}

/* Read both addresses, in network order; IPv4's are the first 4 bytes. */
ALWAYS_INLINE void read_addresses(struct accept_event *event, const char *sk,
				  struct accept_sock_head *head)
{
	if (event->family == AF_INET6) {
		if (K(SKC_V6_PAIR)) {
			/* In the event, too, one is right behind the other. */
			probe_read(event->raddr, 32, sk + K(SKC_V6_DADDR));
			return;
		}
		probe_read(event->raddr, 16, sk + K(SKC_V6_DADDR));
		probe_read(event->laddr, 16, sk + K(SKC_V6_RCV_SADDR));
		return;
	}
	if (!K(SKC_HEAD))
		probe_read(head->addresses, sizeof(head->addresses),
			   sk + K(SKC_ADDRPAIR));
	__builtin_memcpy(event->raddr, &head->addresses[0], 4);
	__builtin_memcpy(event->laddr, &head->addresses[1], 4);
}

/* Read the remote port, in network order, and the local, in host order. */
ALWAYS_INLINE void read_ports(struct accept_event *event, const char *sk,
			      struct accept_sock_head *head)
{
	if (!K(SKC_HEAD))
		probe_read(head->ports, sizeof(head->ports),
			   sk + K(SKC_PORTPAIR));
	event->rport_be = head->ports[0];
	event->lport = head->ports[1];
	/*
	 * A connection that was reset while it waited in the accept queue has
	 * lost skc_num (tcp_set_state(), inet_put_port()), but not inet_sport.
	 */
	if (!event->lport)
		event->lport = NTOHS(read_u16(sk + K(INET_SPORT)));
}

#endif
