// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * layout.c - where the kernel's structures have what accept.bpf.c reads
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/btf.h"
#include "kernel/layout.h"
#include "kernel/machine.h"

/* ------------------------------------------------------------------------
 * Members
 */

enum need { NEED_ALWAYS, NEED_FILES, NEED_NOT };

#define MEMBER_NAMES(id, structure, name, needed) \
	[id] = { .type = #structure, .member = #name, .need = (needed) },
static const struct {
	const char *type;
	const char *member;
	enum need need;
} member_names[MEMBER_COUNT] = { LAYOUT_MEMBERS(MEMBER_NAMES) };

/* ------------------------------------------------------------------------
 * BTF
 */

int layout_from_btf(struct layout *layout, int btf, bool more,
		    const char **lacking)
{
	const size_t count = more ? MEMBER_COUNT : SKC_NET;
	struct btf_wanted asked[MEMBER_COUNT];
	int error;

	memset(layout, 0, sizeof(*layout));
	memset(asked, 0, sizeof(asked));
	*lacking = NULL;
	for (size_t i = 0; i < count; i++) {
		asked[i].type = member_names[i].type;
		asked[i].member = member_names[i].member;
	}
	error = btf_find(btf, asked, count);
	for (size_t i = 0; i < count && !error; i++) {
		if (!asked[i].found && member_names[i].need == NEED_ALWAYS)
			*lacking = member_names[i].member;
		if (!asked[i].found && member_names[i].need == NEED_FILES)
			layout->no_files = member_names[i].member;
		layout->offsets[i] = asked[i].bit_offset / 8;
		if (asked[i].found)
			layout->found |= MEMBER_BIT(i);
	}
	layout->backlog_bits = asked[SK_ACK_BACKLOG].bit_size;
	layout->protocol_bits = asked[SK_PROTOCOL].bit_size;
	return !error && *lacking ? -ENOENT : error;
}

/* ------------------------------------------------------------------------
 * Table: struct sock_common of include/net/sock.h, 3.13 to 7.2, of a kernel
 * with CONFIG_NET_NS. It begins with skc_addrpair, skc_hash, skc_portpair,
 * skc_family, skc_state, skc_reuse..., skc_bound_dev_if (24 bytes), and the two
 * pointers of skc_bind_node. Then come skc_prot, skc_net (only with
 * CONFIG_NET_NS) and the IPv6 addresses.
 */

#define WORD machine_word()

void layout_built_in(struct layout *layout)
{
	memset(layout, 0, sizeof(*layout));
	layout->built_in = true;
	layout->no_files = "files";
	layout->offsets[SKC_ADDRPAIR] = 0;
	layout->offsets[SKC_PORTPAIR] = 12;
	layout->offsets[SKC_FAMILY] = 16;
	layout->offsets[SKC_PROT] = 24 + 2 * WORD;
	layout->offsets[SKC_V6_DADDR] = 24 + 4 * WORD;
	layout->offsets[SKC_V6_RCV_SADDR] = 40 + 4 * WORD;
	/* Kernels differ too much in it: layout_confirm() looks for it. */
	layout->offsets[INET_SPORT] = 0;
}

/* ------------------------------------------------------------------------
 * Confirmation
 */

/* struct sock_common is not larger, and its members are aligned. */
#define COMMON_MAX 256

static bool is_zero(const unsigned char *bytes, size_t length)
{
	while (length--)
		if (bytes[length])
			return false;
	return true;
}

/* Whether an IPv6 address is that IPv4 address, ::ffff:a.b.c.d. */
static bool is_mapped(const unsigned char *bytes, const uint8_t *address)
{
	return is_zero(bytes, 10) && bytes[10] == 0xff && bytes[11] == 0xff &&
	       !memcmp(bytes + 12, address, 4);
}

/* A number in host order. */
static uint16_t sock_number(const unsigned char *bytes)
{
	uint16_t number;

	memcpy(&number, bytes, sizeof(number));
	return number;
}

/* A number in network order. */
static uint16_t port_at(const unsigned char *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

static uint64_t pointer_at(const unsigned char *bytes)
{
	uint64_t wide;
	uint32_t narrow;

	memcpy(&narrow, bytes, sizeof(narrow));
	memcpy(&wide, bytes, sizeof(wide));
	return WORD == sizeof(wide) ? wide : narrow;
}

/* Whether this sample may have `member` at `at`. */
static bool may_be(const struct test_connection *sample, enum member member,
		   size_t at)
{
	const unsigned char *bytes = sample->bytes + at;

	switch (member) {
	case SKC_FAMILY:
		return sock_number(bytes) == sample->family;
	case SKC_ADDRPAIR:
		return sample->family != AF_INET ||
		       (!memcmp(bytes, sample->raddr, 4) &&
			!memcmp(bytes + 4, sample->laddr, 4));
	case SKC_PORTPAIR:
		return port_at(bytes) == sample->rport &&
		       sock_number(bytes + 2) == sample->lport;
	case SKC_V6_DADDR:
		return sample->family == AF_INET ||
		       is_mapped(bytes, sample->raddr);
	case SKC_V6_RCV_SADDR:
		return sample->family == AF_INET ||
		       is_mapped(bytes, sample->laddr);
	case INET_SPORT:
		return port_at(bytes) == sample->lport;
	default:
		return false;
	}
}

struct evidence {
	const struct test_connection *samples;
	int count;
};

/* Whether it is an ordinary sock: MPTCP's show the protocol only. */
static bool is_usual(const struct test_connection *sample)
{
	return sample->captured && !sample->mptcp && !sample->mptcp_listener;
}

static bool all_may_be(const struct evidence *evidence, enum member member,
		       size_t at)
{
	for (int i = 0; i < evidence->count; i++)
		if (is_usual(&evidence->samples[i]) &&
		    !may_be(&evidence->samples[i], member, at))
			return false;
	return true;
}

/* Find a member: at the table's place, else at the first that it may be. */
static bool locate(struct layout *layout, const struct evidence *evidence,
		   enum member member, size_t first, size_t last, size_t step)
{
	uint32_t *offset = &layout->offsets[member];

	if (*offset >= first && all_may_be(evidence, member, *offset))
		return true;
	for (size_t at = first; at < last; at += step) {
		if (!all_may_be(evidence, member, at))
			continue;
		*offset = at;
		return true;
	}
	return false;
}

/*
 * Whether skc_prot may be at `at`: all connections of one family have the same
 * pointer, those of the other family have another one.
 */
static bool may_be_prot(const struct evidence *evidence, size_t at)
{
	uint64_t found[2] = { 0, 0 }, value;

	for (int i = 0; i < evidence->count; i++) {
		const struct test_connection *sample = &evidence->samples[i];
		uint64_t *known = &found[sample->family != AF_INET];

		if (!is_usual(sample))
			continue;
		value = pointer_at(sample->bytes + at);
		/* No structure is in the first page, or unaligned. */
		if (value < 4096 || value % 4 || (*known && *known != value))
			return false;
		*known = value;
	}
	return found[0] && found[0] != found[1];
}

static bool locate_prot(struct layout *layout, const struct evidence *evidence)
{
	uint32_t *offset = &layout->offsets[SKC_PROT];

	if (may_be_prot(evidence, *offset))
		return true;
	/* Begin after skc_family and skc_state, which differ by family, too. */
	for (size_t at = layout->offsets[SKC_FAMILY] / WORD * WORD + WORD;
	     at < COMMON_MAX; at += WORD) {
		if (!may_be_prot(evidence, at))
			continue;
		*offset = at;
		return true;
	}
	return false;
}

/* Find sk_prot_creator: the same pointer once more, or 0 if there is none. */
static void locate_prot_creator(struct layout *layout,
				const struct evidence *evidence)
{
	const size_t prot = layout->offsets[SKC_PROT];
	bool same;

	layout->offsets[SK_PROT_CREATOR] = 0;
	for (size_t at = prot + WORD; at < ACCEPT_CAPTURE; at += WORD) {
		same = true;
		for (int i = 0; i < evidence->count; i++)
			if (is_usual(&evidence->samples[i]) &&
			    memcmp(evidence->samples[i].bytes + at,
				   evidence->samples[i].bytes + prot, WORD))
				same = false;
		if (!same)
			continue;
		layout->offsets[SK_PROT_CREATOR] = at;
		return;
	}
}

static void add_prot(struct layout *layout, uint64_t prot)
{
	for (int i = 0; i < layout->prot_count; i++)
		if (layout->prots[i] == prot)
			return;
	if (layout->prot_count < PROT_MAX)
		layout->prots[layout->prot_count++] = prot;
}

#define PROTOCOL_TCP 6
#define PROTOCOL_MPTCP 262

/*
 * Whether sk_protocol, of so many bits, may be at `at`. It is next to sk_type:
 * since 5.6 both have 16 bits, and sk_type is the first, or (6.18, 7.2) the
 * second; before, sk_protocol is the byte before sk_type.
 */
static bool may_be_protocol(const struct test_connection *sample, size_t at,
			    int bits)
{
	const unsigned char *bytes = sample->bytes + at;

	if (bits == 8)
		return *bytes == PROTOCOL_TCP &&
		       sock_number(bytes + 1) == SOCK_STREAM;
	if (sock_number(bytes - 2) != SOCK_STREAM &&
	    sock_number(bytes + 2) != SOCK_STREAM)
		return false;
	if (sample->mptcp)
		return sock_number(bytes) == PROTOCOL_MPTCP;
	/* For a client of plain TCP, an MPTCP listener may have either. */
	return sock_number(bytes) == PROTOCOL_TCP ||
	       (sample->mptcp_listener && sock_number(bytes) == PROTOCOL_MPTCP);
}

static bool all_may_be_protocol(const struct evidence *evidence, size_t at,
				int bits)
{
	for (int i = 0; i < evidence->count; i++)
		if (evidence->samples[i].captured &&
		    !may_be_protocol(&evidence->samples[i], at, bits))
			return false;
	return true;
}

/*
 * Find sk_protocol: the only place after skc_prot where it may be. If there are
 * more, or none, it is not known.
 */
static void locate_protocol(struct layout *layout,
			    const struct evidence *evidence)
{
	int found = 0;

	layout->protocol_bits = 0;
	for (size_t at = layout->offsets[SKC_PROT] + WORD;
	     at < ACCEPT_CAPTURE - 4; at++) {
		const int bits = at % 2 ? 8 : 16;

		if (!all_may_be_protocol(evidence, at, bits))
			continue;
		found++;
		layout->offsets[SK_PROTOCOL] = at;
		layout->protocol_bits = bits;
	}
	if (found != 1)
		layout->protocol_bits = 0;
}

static bool any_is(const struct evidence *evidence, int family)
{
	for (int i = 0; i < evidence->count; i++)
		if (is_usual(&evidence->samples[i]) &&
		    evidence->samples[i].family == family)
			return true;
	return false;
}

const char *layout_confirm(struct layout *layout,
			   const struct test_connection *samples, int count)
{
	const struct evidence evidence = { samples, count };

	if (!any_is(&evidence, AF_INET))
		return "anything, as no test connection was seen";
	if (!locate(layout, &evidence, SKC_FAMILY, 0, COMMON_MAX, 2))
		return "the address family";
	if (!locate(layout, &evidence, SKC_ADDRPAIR, 0, COMMON_MAX, 4))
		return "the IPv4 addresses";
	if (!locate(layout, &evidence, SKC_PORTPAIR, 0, COMMON_MAX, 4))
		return "the ports";
	if (any_is(&evidence, AF_INET6) &&
	    (!locate(layout, &evidence, SKC_V6_DADDR, 0, COMMON_MAX, 4) ||
	     !locate(layout, &evidence, SKC_V6_RCV_SADDR, 0, COMMON_MAX, 4)))
		return "the IPv6 addresses";
	if (!locate_prot(layout, &evidence))
		return "the protocol";
	locate_prot_creator(layout, &evidence);
	locate_protocol(layout, &evidence);
	for (int i = 0; i < count; i++)
		if (samples[i].captured)
			add_prot(layout, pointer_at(samples[i].bytes +
						    layout->offsets[SKC_PROT]));
	/* It lies after struct sock, which is larger than this. */
	if (!locate(layout, &evidence, INET_SPORT, COMMON_MAX, ACCEPT_CAPTURE,
		    2))
		return "the port of a connection that was reset";
	return NULL;
}
