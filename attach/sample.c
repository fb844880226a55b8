// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sample.c - events from the samples of a kprobe, without BPF
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "kernel/machine.h"
#include "attach/sample.h"

#define SAMPLE_MPTCP 262

/* Of each field: its name, and what of the sock it fetches. */
static const struct {
	const char *name;
	enum member member;
	/* Bytes behind that member's begin; bits, where they do not vary. */
	uint8_t behind;
	uint8_t bits;
	/* It is fetched only if one of these bits of accept_wants is wanted. */
	uint32_t wanted;
} fetched[FIELD_COUNT] = {
	[FIELD_FAMILY] = { "family", SKC_FAMILY, 0, 16, 0 },
	[FIELD_PORTS] = { "ports", SKC_PORTPAIR, 0, 32, 0 },
	[FIELD_PAIR] = { "pair", SKC_ADDRPAIR, 0, 64, 0 },
	[FIELD_RADDR_1] = { "raddr1", SKC_V6_DADDR, 0, 64, 0 },
	[FIELD_RADDR_2] = { "raddr2", SKC_V6_DADDR, 8, 64, 0 },
	[FIELD_LADDR_1] = { "laddr1", SKC_V6_RCV_SADDR, 0, 64, 0 },
	[FIELD_LADDR_2] = { "laddr2", SKC_V6_RCV_SADDR, 8, 64, 0 },
	[FIELD_SPORT] = { "sport", INET_SPORT, 0, 16, 0 },
	[FIELD_PROTOCOL] = { "protocol", SK_PROTOCOL, 0, 0, 0 },
	[FIELD_PROT] = { "prot", SKC_PROT, 0, 0, 0 },
	[FIELD_CREATOR] = { "creator", SK_PROT_CREATOR, 0, 0, 0 },
	[FIELD_UID] = { "uid", SK_UID, 0, 32,
			ACCEPT_FIELD_UID | ACCEPT_FILTER_UIDS },
	[FIELD_NETNS] = { "netns", SKC_NET, 0, 32, ACCEPT_FIELD_NETNS },
	[FIELD_COMM] = { "comm", MEMBER_COUNT, 0, 0, 0 },
};

/* The size of what is fetched; 0: the field is not needed. */
static uint32_t bits_of(enum sample_field field, const struct layout *layout,
			uint32_t wanted)
{
	const bool by_prot = !layout->protocol_bits;

	if (fetched[field].wanted && !(fetched[field].wanted & wanted))
		return 0;
	if (field == FIELD_PROTOCOL)
		return layout->protocol_bits;
	if (field == FIELD_PROT || field == FIELD_CREATOR)
		return by_prot ? 8 * machine_word() : 0;
	return fetched[field].bits;
}

void sample_arguments(char *text, size_t size, const struct layout *layout,
		      const char *first, uint32_t wanted, bool with_comm)
{
	const uint32_t *offsets = layout->offsets;
	size_t end = 0;

	text[0] = '\0';
	for (int i = 0; i < FIELD_COUNT; i++) {
		const uint32_t bits = bits_of(i, layout, wanted);

		if (i == FIELD_NETNS && bits)
			end += text_format(text + end, size - end,
					   " netns=+%u(+%u(%s)):u32",
					   offsets[NET_NS] + offsets[NS_INUM],
					   offsets[SKC_NET], first);
		else if (bits)
			end += text_format(text + end, size - end,
					   " %s=+%u(%s):u%u", fetched[i].name,
					   offsets[fetched[i].member] +
						   fetched[i].behind,
					   first, bits);
	}
	if (with_comm)
		text_format(text + end, size - end, " comm=$comm:string");
}

/* The number after `key` in the line, or 0. */
static uint32_t number_after(const char *line, const char *key)
{
	const char *at = text_find(line, key);

	if (!at)
		return 0;
	at += strlen(key);
	return text_number(&at);
}

/*
 * "\tfield:u16 family;\toffset:16;\tsize:2;\tsigned:0;"; of a string, "field:
 * __data_loc char[] comm", it is four bytes that say where it is.
 */
bool sample_line(void *argument, char *line)
{
	struct sample_format *format = argument;
	const uint32_t at = number_after(line, "\toffset:");
	const uint32_t size = number_after(line, "\tsize:");
	char *name;

	line[strcspn(line, ";")] = '\0';
	name = strrchr(line, ' ');
	if (!name || at + size > SAMPLE_MAX || at > SAMPLE_MAX)
		return false;
	for (int i = 0; i < FIELD_COUNT; i++) {
		if (strcmp(name + 1, fetched[i].name))
			continue;
		format->fields[i].at = at;
		format->fields[i].size = size;
	}
	return false;
}

bool sample_is_whole(const struct sample_format *format)
{
	for (int i = FIELD_FAMILY; i <= FIELD_SPORT; i++)
		if (format->fields[i].size * 8 != fetched[i].bits)
			return false;
	return format->fields[FIELD_PROTOCOL].size ||
	       format->fields[FIELD_PROT].size;
}

/* Copy a field, as the kernel's memory has it; zeros if there is none. */
static void get(const struct sample *sample, const struct sample_format *format,
		enum sample_field field, void *to, size_t size)
{
	const uint32_t at = format->fields[field].at;

	memset(to, 0, size);
	if (format->fields[field].size == size && at + size <= sample->size)
		memcpy(to, sample->bytes + at, size);
}

/* A pointer, or a number of one, two, four or eight bytes. */
static uint64_t get_number(const struct sample *sample,
			   const struct sample_format *format,
			   enum sample_field field)
{
	uint64_t wide;
	uint32_t word;
	uint16_t half;
	uint8_t byte;

	switch (format->fields[field].size) {
	case sizeof(wide):
		get(sample, format, field, &wide, sizeof(wide));
		return wide;
	case sizeof(word):
		get(sample, format, field, &word, sizeof(word));
		return word;
	case sizeof(half):
		get(sample, format, field, &half, sizeof(half));
		return half;
	default:
		get(sample, format, field, &byte, sizeof(byte));
		return byte;
	}
}

static bool is_tcp_prot(const struct layout *layout, uint64_t prot)
{
	for (int i = 0; i < layout->prot_count; i++)
		if (layout->prots[i] == prot)
			return true;
	return false;
}

/* As is_tcp() of bpf/socket.h. */
static bool is_tcp(const struct sample *sample,
		   const struct sample_format *format,
		   const struct layout *layout)
{
	const uint32_t protocol = get_number(sample, format, FIELD_PROTOCOL);

	if (layout->protocol_bits)
		return protocol == IPPROTO_TCP || protocol == SAMPLE_MPTCP;
	return !layout->prot_count ||
	       is_tcp_prot(layout, get_number(sample, format, FIELD_PROT)) ||
	       is_tcp_prot(layout, get_number(sample, format, FIELD_CREATOR));
}

/* Its text is elsewhere in the sample: the offset, and the size << 16. */
static void get_comm(const struct sample *sample,
		     const struct sample_format *format,
		     char comm[ACCEPT_COMM_LEN])
{
	uint32_t where, at, size;

	get(sample, format, FIELD_COMM, &where, sizeof(where));
	at = where & 0xffff;
	size = where >> 16;
	memset(comm, 0, ACCEPT_COMM_LEN);
	if (!size || at + size > sample->size) {
		comm[ACCEPT_COMM_LEN - 1] = '?';
		return;
	}
	if (size >= ACCEPT_COMM_LEN)
		size = ACCEPT_COMM_LEN - 1;
	/* A filter compares all bytes. */
	memcpy(comm, sample->bytes + at,
	       strnlen((const char *)sample->bytes + at, size));
}

static void get_addresses(const struct sample *sample,
			  const struct sample_format *format,
			  struct accept_event *event)
{
	unsigned char pair[8];

	if (event->family == AF_INET6) {
		get(sample, format, FIELD_RADDR_1, event->raddr, 8);
		get(sample, format, FIELD_RADDR_2, event->raddr + 8, 8);
		get(sample, format, FIELD_LADDR_1, event->laddr, 8);
		get(sample, format, FIELD_LADDR_2, event->laddr + 8, 8);
		return;
	}
	get(sample, format, FIELD_PAIR, pair, sizeof(pair));
	memcpy(event->raddr, pair, 4);
	memcpy(event->laddr, pair + 4, 4);
}

bool sample_event(const struct sample *sample,
		  const struct sample_format *format,
		  const struct layout *layout, struct accept_event *event)
{
	uint16_t ports[2];

	memset(event, 0, sizeof(*event));
	event->family = get_number(sample, format, FIELD_FAMILY);
	if ((event->family != AF_INET && event->family != AF_INET6) ||
	    !is_tcp(sample, format, layout))
		return false;
	event->ktime_ns = sample->tap.time_ns;
	event->pid = sample->tap.pid;
	event->tid = sample->tap.tid;
	get(sample, format, FIELD_PORTS, ports, sizeof(ports));
	event->rport_be = ports[0];
	/* One that was reset in the queue: read_ports() of bpf/socket.h. */
	event->lport = ports[1] ?
			       ports[1] :
			       ntohs(get_number(sample, format, FIELD_SPORT));
	get_addresses(sample, format, event);
	get_comm(sample, format, event->comm);
	event->uid = format->fields[FIELD_UID].size ?
			     get_number(sample, format, FIELD_UID) :
			     ACCEPT_UNKNOWN;
	event->netns = format->fields[FIELD_NETNS].size ?
			       get_number(sample, format, FIELD_NETNS) :
			       0;
	event->backlog = event->backlog_max = event->drops = ACCEPT_UNKNOWN;
	event->pcomm[ACCEPT_COMM_LEN - 1] = '?';
	return true;
}
