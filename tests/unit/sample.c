// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sample.c - events from samples of a probe (attach/sample.c), and the filters
 * of attach/filter.c that look at them
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "attach/filter.h"
#include "attach/sample.h"
#include "kernel/machine.h"
#include "tap.h"

/* As 6.1 has it of the probe, but for some lines that say nothing. */
static const char *const lines[] = {
	"name: accept_93_1ace21ceb",
	"format:",
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;",
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;",
	"",
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;",
	"\tfield:u16 family;\toffset:16;\tsize:2;\tsigned:0;",
	"\tfield:u32 ports;\toffset:18;\tsize:4;\tsigned:0;",
	"\tfield:u64 pair;\toffset:22;\tsize:8;\tsigned:0;",
	"\tfield:u64 raddr1;\toffset:30;\tsize:8;\tsigned:0;",
	"\tfield:u64 raddr2;\toffset:38;\tsize:8;\tsigned:0;",
	"\tfield:u64 laddr1;\toffset:46;\tsize:8;\tsigned:0;",
	"\tfield:u64 laddr2;\toffset:54;\tsize:8;\tsigned:0;",
	"\tfield:u16 sport;\toffset:62;\tsize:2;\tsigned:0;",
	"\tfield:u16 protocol;\toffset:64;\tsize:2;\tsigned:0;",
	"\tfield:u32 uid;\toffset:66;\tsize:4;\tsigned:0;",
	"\tfield:u32 netns;\toffset:70;\tsize:4;\tsigned:0;",
	"\tfield:__data_loc char[] comm;\toffset:74;\tsize:4;\tsigned:1;",
	"",
	"print fmt: \"(%lx) family=%u ports=%u\", REC->__probe_ip, REC->family",
};
#define COMM_AT 78

static struct sample_format read_format(size_t count)
{
	struct sample_format format = { 0 };
	char line[256];

	for (size_t i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "%s", lines[i]);
		sample_line(&format, line);
	}
	return format;
}

static void put(struct sample *sample, size_t at, const void *bytes,
		size_t length)
{
	memcpy(sample->bytes + at, bytes, length);
}

static void put_16(struct sample *sample, size_t at, uint16_t value)
{
	put(sample, at, &value, sizeof(value));
}

static void put_32(struct sample *sample, size_t at, uint32_t value)
{
	put(sample, at, &value, sizeof(value));
}

/* One of 192.0.2.7:40000 to 192.0.2.1:443, or of 2001:db8::7 to ::1. */
static struct sample make_sample(uint16_t family)
{
	static const uint8_t pair[8] = { 192, 0, 2, 7, 192, 0, 2, 1 };
	static const uint8_t client[16] = { 0x20, 1, 0xd, 0xb8, [15] = 7 };
	static const uint8_t server[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	struct sample sample = {
		.tap = { 181, 182, 1234567890123 },
		.size = COMM_AT + 10,
	};

	put_16(&sample, 16, family);
	put_16(&sample, 18, htons(40000));
	put_16(&sample, 20, 443);
	put(&sample, 22, pair, 8);
	put(&sample, 30, client, 16);
	put(&sample, 46, server, 16);
	put_16(&sample, 62, htons(443));
	put_16(&sample, 64, 6);
	put_32(&sample, 66, 1000);
	put_32(&sample, 70, 4026531840);
	put_32(&sample, 74, 6 << 16 | COMM_AT);
	put(&sample, COMM_AT, "nginx\0junk", 10);
	return sample;
}

static const struct layout by_protocol = { .protocol_bits = 16 };

static void test_events(void)
{
	const struct sample_format format = read_format(20);
	struct sample sample = make_sample(AF_INET);
	struct accept_event event;
	char text[64];

	ok(sample_is_whole(&format), "the format has all fields");
	ok(sample_event(&sample, &format, &by_protocol, &event) &&
		   event.pid == 181 && event.tid == 182 &&
		   event.ktime_ns == 1234567890123 && event.lport == 443 &&
		   event.rport_be == htons(40000) && event.uid == 1000 &&
		   event.netns == 4026531840,
	   "IPv4: the numbers");
	ok(!memcmp(event.raddr, "\300\0\2\7\0\0", 6) &&
		   !memcmp(event.laddr, "\300\0\2\1\0\0", 6),
	   "IPv4: the addresses, then zeros");
	ok(!memcmp(event.comm, "nginx\0\0\0\0\0\0\0\0\0\0", 16),
	   "the name ends with zeros alone");
	ok(event.backlog_max == ACCEPT_UNKNOWN &&
		   event.drops == ACCEPT_UNKNOWN && event.pcomm[15],
	   "what it cannot know is unknown");
	sample = make_sample(AF_INET6);
	ok(sample_event(&sample, &format, &by_protocol, &event) &&
		   !strcmp(inet_ntop(AF_INET6, event.raddr, text, sizeof(text)),
			   "2001:db8::7") &&
		   !strcmp(inet_ntop(AF_INET6, event.laddr, text, sizeof(text)),
			   "2001:db8::1"),
	   "IPv6: the addresses");
	put_16(&sample, 20, 0);
	ok(sample_event(&sample, &format, &by_protocol, &event) &&
		   event.lport == 443,
	   "one that was reset has its port");
	sample = make_sample(AF_UNIX);
	ok(!sample_event(&sample, &format, &by_protocol, &event),
	   "AF_UNIX is none");
	sample = make_sample(AF_INET);
	put_16(&sample, 64, 132);
	ok(!sample_event(&sample, &format, &by_protocol, &event),
	   "SCTP is none");
	put_16(&sample, 64, 262);
	ok(sample_event(&sample, &format, &by_protocol, &event),
	   "MPTCP is one");
}

/* As accept.h has a name that is not known. */
static bool is_nameless(const struct accept_event *event)
{
	return !event->comm[0] && event->comm[ACCEPT_COMM_LEN - 1];
}

/* Whatever the kernel sends, nothing outside of the sample is read. */
static void test_damaged(void)
{
	const struct sample_format format = read_format(20);
	struct sample sample = make_sample(AF_INET);
	struct accept_event event;
	struct sample_format other = { 0 };
	char line[] = "\tfield:u16 family;\toffset:4000;\tsize:2;";

	put_32(&sample, 74, 0xffffffff);
	ok(sample_event(&sample, &format, &by_protocol, &event) &&
		   is_nameless(&event),
	   "a name outside of the sample is not known");
	put_32(&sample, 74, 0);
	ok(sample_event(&sample, &format, &by_protocol, &event) &&
		   is_nameless(&event),
	   "so is an empty one");
	sample.size = 40;
	ok(!sample_event(&sample, &format, &by_protocol, &event),
	   "a sample that is cut off is none");
	sample_line(&other, line);
	ok(!other.fields[FIELD_FAMILY].size, "a field far away is not there");
	other = read_format(13);
	ok(!sample_is_whole(&other), "nor is the format whole then");
}

static void test_arguments(void)
{
	struct layout layout = { .protocol_bits = 8 };
	struct sample_format format = read_format(14);
	struct sample sample = make_sample(AF_INET);
	struct accept_event event;
	const uint64_t prot = 0xffffffff;
	char text[1024];

	layout.offsets[SK_UID] = 560;
	layout.offsets[SKC_NET] = 48;
	layout.offsets[NS_INUM] = 144;
	sample_arguments(text, sizeof(text), &layout, "%di", 0, true);
	ok(!strncmp(text, " family=+0(%di):u16 ", 20) &&
		   strstr(text, " protocol=+0(%di):u8 ") &&
		   !strstr(text, " prot=") && !strstr(text, "uid=") &&
		   strstr(text, " comm=$comm:string"),
	   "what is not wanted is not fetched");
	layout.protocol_bits = 0;
	sample_arguments(text, sizeof(text), &layout, "%di",
			 ACCEPT_FIELD_NETNS | ACCEPT_FILTER_UIDS, false);
	ok(strstr(text, " prot=+0(%di):u") &&
		   strstr(text, " creator=+0(%di):u") &&
		   strstr(text, " uid=+560(%di):u32") &&
		   strstr(text, " netns=+144(+48(%di)):u32") &&
		   !strstr(text, "comm"),
	   "what is wanted is");
	/* Without sk_protocol. */
	format.fields[FIELD_PROT].at = 64;
	format.fields[FIELD_PROT].size = 8;
	put(&sample, 64, &prot, sizeof(prot));
	layout.prots[0] = prot + 1;
	layout.prot_count = 1;
	ok(sample_is_whole(&format) &&
		   !sample_event(&sample, &format, &layout, &event),
	   "a struct proto of others is not TCP");
	layout.prots[0] = prot;
	ok(sample_event(&sample, &format, &layout, &event) &&
		   event.uid == ACCEPT_UNKNOWN && is_nameless(&event),
	   "that of TCP is; the user and the name are not known");
}

/* Whether an event of that client passes -R with these networks. */
static bool passes(const struct filters *filters, uint16_t family,
		   const char *client)
{
	struct accept_event event = { .family = family };

	inet_pton(family, client, event.raddr);
	return filters_pass(filters, filters->wanted, &event);
}

static void add_network(struct filters *filters, int version,
			const char *address, int bits, bool passes)
{
	struct accept_network network = {
		.prefix = 8 + bits,
		.version = version,
		.passes = passes,
	};

	inet_pton(version == 4 ? AF_INET : AF_INET6, address, network.address);
	filters_choose_network(filters, &network);
}

static void test_networks(void)
{
	static struct filters filters;

	add_network(&filters, 4, "192.0.2.0", 24, true);
	filters_settle(&filters);
	ok(passes(&filters, AF_INET, "192.0.2.9") &&
		   passes(&filters, AF_INET6, "::ffff:192.0.2.9") &&
		   !passes(&filters, AF_INET, "192.0.3.9") &&
		   !passes(&filters, AF_INET6, "2001:db8::7"),
	   "one network");
	add_network(&filters, 4, "192.0.2.9", 32, false);
	add_network(&filters, 6, "::", 0, true);
	ok(!passes(&filters, AF_INET, "192.0.2.9") &&
		   !passes(&filters, AF_INET6, "::ffff:192.0.2.9") &&
		   passes(&filters, AF_INET, "192.0.2.8") &&
		   passes(&filters, AF_INET6, "2001:db8::7"),
	   "of three networks the longest decides");
	memset(&filters, 0, sizeof(filters));
	filters.wanted = ACCEPT_FILTER_IPV6;
	ok(!passes(&filters, AF_INET, "192.0.2.9") &&
		   !passes(&filters, AF_INET6, "::ffff:192.0.2.9") &&
		   passes(&filters, AF_INET6, "::1"),
	   "-6");
}

static void test_lists(void)
{
	struct accept_event event = { .pid = 181, .uid = 5, .lport = 443 };
	static struct filters filters;
	uint64_t name[2];

	memcpy(event.comm, "nginx", 5);
	memcpy(name, event.comm, sizeof(name));
	filters_choose(&filters, ACCEPT_FILTER_PIDS, 181, 0);
	filters_choose(&filters, ACCEPT_FILTER_COMM, name[0], name[1]);
	ok(filters_pass(&filters, filters.wanted, &event), "-p and -c");
	event.comm[5] = 'x';
	ok(!filters_pass(&filters, filters.wanted, &event), "another name");
	event.comm[5] = '\0';
	event.pid = 5;
	ok(!filters_pass(&filters, filters.wanted, &event),
	   "another process, of the same number as the user");
	event.pid = 181;
	filters_choose(&filters, ACCEPT_FILTER_UIDS | ACCEPT_EXCEPT_UIDS, 0, 0);
	ok(filters_pass(&filters, filters.wanted, &event), "all users but one");
	event.uid = 0;
	ok(!filters_pass(&filters, filters.wanted, &event), "not that one");
	event.uid = 5;
	filters.wanted |= ACCEPT_FILTER_PORTS;
	ok(!filters_pass(&filters, filters.wanted, &event), "no such port");
	filters.ports[443 / 64] = 1ULL << 443 % 64;
	ok(filters_pass(&filters, filters.wanted, &event), "that port");
}

int main(void)
{
	test_events();
	test_damaged();
	test_arguments();
	test_networks();
	test_lists();
	return done();
}
