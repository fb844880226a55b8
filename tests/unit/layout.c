// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * layout.c - layout_confirm() of layout.c over socks made by hand: as the
 * table has them, as other kernels might, and such as say nothing
 */
#include <sys/socket.h>

#include "kernel/layout.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define WORD sizeof(long)

/* Where a kernel that was never built keeps its members. */
struct kernel {
	uint32_t addrpair, portpair, family, prot, v6_daddr, v6_rcv_saddr;
	uint32_t sport, creator;
	/* 0: nothing in it is like sk_protocol. */
	uint32_t protocol;
	bool byte;
};

static const struct kernel usual = {
	.addrpair = 0,
	.portpair = 12,
	.family = 16,
	.prot = 24 + 2 * WORD,
	.v6_daddr = 24 + 4 * WORD,
	.v6_rcv_saddr = 40 + 4 * WORD,
	.sport = 790,
	.creator = 640,
};

#define TCP 0x81234560UL
#define TCPV6 0x81234780UL
#define MPTCP 0x81239000UL

/* As struct sock has it since 5.6, beside sk_type, and before. */
static void put_protocol(unsigned char *to, bool byte, uint16_t protocol)
{
	const uint16_t type = SOCK_STREAM;

	if (byte) {
		*to = protocol;
		memcpy(to + 1, &type, 2);
	} else {
		memcpy(to - 2, &type, 2);
		memcpy(to, &protocol, 2);
	}
}

static void put_mapped(unsigned char *to, const uint8_t *address)
{
	memset(to, 0, 10);
	memset(to + 10, 0xff, 2);
	memcpy(to + 12, address, 4);
}

/* A connection's sock; number tells it from others. */
static void sample_make(struct test_connection *sample,
			const struct kernel *kernel, int number,
			uint16_t family, unsigned long prot)
{
	const uint8_t raddr[] = { 127, 201, number, 77 };
	const uint8_t laddr[] = { 127, 93, number, 180 };
	unsigned char *bytes = sample->bytes;

	memset(sample, 0, sizeof(*sample));
	memcpy(sample->raddr, raddr, 4);
	memcpy(sample->laddr, laddr, 4);
	sample->family = family;
	sample->rport = 40000 + number;
	sample->lport = 50000 + 3 * number;
	sample->captured = true;
	/* What differs from sock to sock. */
	for (size_t i = 0; i < sizeof(sample->bytes); i++)
		bytes[i] = (i * 31 + number * 57) | 0x80;
	if (family == AF_INET) {
		memcpy(bytes + kernel->addrpair, raddr, 4);
		memcpy(bytes + kernel->addrpair + 4, laddr, 4);
		memset(bytes + kernel->v6_daddr, 0, 32);
	} else {
		put_mapped(bytes + kernel->v6_daddr, raddr);
		put_mapped(bytes + kernel->v6_rcv_saddr, laddr);
	}
	bytes[kernel->portpair] = sample->rport >> 8;
	bytes[kernel->portpair + 1] = sample->rport;
	memcpy(bytes + kernel->portpair + 2, &sample->lport, 2);
	memcpy(bytes + kernel->family, &family, 2);
	memcpy(bytes + kernel->prot, &prot, WORD);
	memcpy(bytes + kernel->creator, &prot, WORD);
	/* struct net, the same for all. */
	memset(bytes + kernel->prot + WORD, 0x88, WORD);
	bytes[kernel->sport] = sample->lport >> 8;
	bytes[kernel->sport + 1] = sample->lport;
	if (kernel->protocol)
		put_protocol(bytes + kernel->protocol, kernel->byte,
			     prot == MPTCP ? 262 : 6);
}

static struct test_connection samples[5];

static void samples_make(const struct kernel *kernel)
{
	sample_make(&samples[0], kernel, 1, AF_INET, TCP);
	sample_make(&samples[1], kernel, 2, AF_INET, TCP);
	sample_make(&samples[2], kernel, 3, AF_INET6, TCPV6);
	sample_make(&samples[3], kernel, 4, AF_INET6, TCPV6);
	sample_make(&samples[4], kernel, 5, AF_INET, MPTCP);
	samples[4].mptcp = true;
}

static bool is_found(const struct layout *layout, const struct kernel *kernel)
{
	return layout->offsets[SKC_ADDRPAIR] == kernel->addrpair &&
	       layout->offsets[SKC_PORTPAIR] == kernel->portpair &&
	       layout->offsets[SKC_FAMILY] == kernel->family &&
	       layout->offsets[SKC_PROT] == kernel->prot &&
	       layout->offsets[SK_PROT_CREATOR] == kernel->creator &&
	       layout->offsets[SKC_V6_DADDR] == kernel->v6_daddr &&
	       layout->offsets[SKC_V6_RCV_SADDR] == kernel->v6_rcv_saddr &&
	       layout->offsets[INET_SPORT] == kernel->sport;
}

static bool has_prot(const struct layout *layout, uint64_t prot)
{
	for (int i = 0; i < layout->prot_count; i++)
		if (layout->prots[i] == prot)
			return true;
	return false;
}

static bool finds(const struct kernel *kernel)
{
	const char *unsure;
	struct layout layout;

	samples_make(kernel);
	layout_built_in(&layout);
	unsure = layout_confirm(&layout, samples, LENGTH(samples));
	if (unsure)
		printf("# does not find %s\n", unsure);
	return !unsure && is_found(&layout, kernel) && layout.prot_count == 3 &&
	       has_prot(&layout, TCP) && has_prot(&layout, TCPV6) &&
	       has_prot(&layout, MPTCP);
}

/* The word that is missing, or NULL. */
static const char *misses(void)
{
	struct layout layout;

	layout_built_in(&layout);
	return layout_confirm(&layout, samples, LENGTH(samples));
}

static bool says(const char *unsure, const char *word)
{
	if (!unsure || !strstr(unsure, word))
		printf("# said: %s\n", unsure ? unsure : "nothing");
	return unsure && strstr(unsure, word);
}

static void test_found(void)
{
	struct kernel kernel = usual;

	ok(finds(&kernel), "the table is confirmed, three protocols are found");
	kernel.v6_daddr -= WORD;
	kernel.v6_rcv_saddr -= WORD;
	/* struct net would lie there. */
	kernel.prot -= WORD;
	ok(finds(&kernel),
	   "IPv6 addresses and protocol a word lower are found");
	kernel = usual;
	kernel.sport = ACCEPT_CAPTURE - 2;
	ok(finds(&kernel), "a port at the end of what is captured is found");
	kernel = (struct kernel){
		.addrpair = 8,
		.portpair = 20,
		.family = 2,
		.prot = 128,
		.v6_daddr = 80,
		.v6_rcv_saddr = 64,
		.sport = 1402,
		.creator = 1200,
	};
	ok(finds(&kernel), "a layout that is all different is found");
}

static void test_prot(void)
{
	unsigned long same = 0x88888800UL;

	/* Words that tell nothing: too small, askew, of one sock only. */
	samples_make(&usual);
	for (size_t i = 0; i < LENGTH(samples); i++)
		memcpy(samples[i].bytes + usual.prot, &same, WORD);
	ok(says(misses(), "protocol"),
	   "a pointer that both families share is not the protocol");
	samples_make(&usual);
	samples[1].bytes[usual.prot] ^= 4;
	ok(says(misses(), "protocol"),
	   "one that two connections do not share is not, either");
	samples_make(&usual);
	for (size_t i = 0; i < LENGTH(samples); i++)
		samples[i].bytes[usual.prot + 0] |= 1;
	ok(says(misses(), "protocol"), "nor is one that is not aligned");
}

static void test_creator(void)
{
	struct layout layout;

	samples_make(&usual);
	samples[1].bytes[usual.creator]++;
	layout_built_in(&layout);
	ok(!layout_confirm(&layout, samples, LENGTH(samples)) &&
		   !layout.offsets[SK_PROT_CREATOR] && layout.prot_count == 3,
	   "it can do without the second copy of the protocol");
}

/* Where it is found, or 0. */
static uint32_t protocol_at(const struct kernel *kernel, uint32_t bits)
{
	struct layout layout;

	samples_make(kernel);
	layout_built_in(&layout);
	if (layout_confirm(&layout, samples, LENGTH(samples)) ||
	    layout.protocol_bits != bits)
		return 0;
	return layout.offsets[SK_PROTOCOL];
}

static void test_protocol(void)
{
	struct kernel kernel = usual;
	struct layout layout;

	ok(!protocol_at(&kernel, 16), "no place that is like sk_protocol");
	kernel.protocol = 518;
	ok(protocol_at(&kernel, 16) == 518, "sk_protocol of 16 bits is found");
	/* One more, at another place. */
	for (size_t i = 0; i < LENGTH(samples); i++)
		put_protocol(samples[i].bytes + 1300, false, 6);
	layout_built_in(&layout);
	ok(!layout_confirm(&layout, samples, LENGTH(samples)) &&
		   layout.protocol_bits == 16,
	   "what MPTCP has otherwise is another's");
	samples[4].captured = false;
	layout_built_in(&layout);
	ok(!layout_confirm(&layout, samples, LENGTH(samples)) &&
		   !layout.protocol_bits,
	   "of two places that are like it none is taken");
	kernel.protocol = 401;
	kernel.byte = true;
	samples_make(&kernel);
	samples[4].captured = false;
	layout_built_in(&layout);
	ok(!layout_confirm(&layout, samples, LENGTH(samples)) &&
		   layout.protocol_bits == 8 &&
		   layout.offsets[SK_PROTOCOL] == 401,
	   "sk_protocol of 8 bits is found");
}

static void test_missing(void)
{
	struct layout layout;

	samples_make(&usual);
	samples[0].bytes[usual.family]++;
	ok(says(misses(), "family"), "a family that is nowhere is told");
	samples_make(&usual);
	samples[1].bytes[usual.addrpair + 5]++;
	ok(says(misses(), "IPv4"), "an IPv4 address that is nowhere is told");
	samples_make(&usual);
	samples[1].bytes[usual.portpair + 2]++;
	ok(says(misses(), "the ports"), "a port that is nowhere is told");
	samples_make(&usual);
	samples[3].bytes[usual.v6_rcv_saddr + 15]++;
	ok(says(misses(), "IPv6"), "an IPv6 address that is nowhere is told");
	samples_make(&usual);
	samples[0].bytes[usual.sport]++;
	ok(says(misses(), "reset"), "the second copy of a port is told");
	memset(samples, 0, sizeof(samples));
	ok(says(misses(), "no test connection"), "that there was none is told");
	samples_make(&usual);
	samples[2].captured = samples[3].captured = false;
	layout_built_in(&layout);
	ok(!layout_confirm(&layout, samples, LENGTH(samples)) &&
		   is_found(&layout, &usual) && layout.prot_count == 2,
	   "without IPv6 the rest is confirmed");
}

static void test_many(void)
{
	struct test_connection many[12];
	struct layout layout;

	for (size_t i = 0; i < LENGTH(many); i++) {
		sample_make(&many[i], &usual, i + 1, AF_INET,
			    i < 2 ? TCP : MPTCP + i * 64);
		many[i].mptcp = i >= 2;
	}
	layout_built_in(&layout);
	ok(!layout_confirm(&layout, many, LENGTH(many)) &&
		   layout.prot_count == PROT_MAX,
	   "no more protocols are kept than there is room for");
}

int main(void)
{
	test_found();
	test_prot();
	test_creator();
	test_protocol();
	test_missing();
	test_many();
	return done();
}
