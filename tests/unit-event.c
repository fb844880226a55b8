// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unit-event.c - event_header() and event_row() byte for byte
 *
 * The rows are those of bcc's tcpaccept_example.txt, with the blanks at their
 * ends that its text lost: its formats are "%-6d %-12.12s %-2d %-16s %-16s
 * %-4d", and "%-9.3f" in front with -t.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "event.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND 1000000000ULL

#define LONG_IPV6 "1234:ab12:2040:5020:2299:0:5:0"

static struct accept_event event_of(uint32_t pid, const char *comm, int family,
				    const char *raddr, const char *laddr,
				    uint16_t lport)
{
	struct accept_event event = {
		.ktime_ns = 0x1234567890,
		.pid = pid,
		.tid = 99999,
		.family = family,
		.rport_be = 0x3930,
		.lport = lport,
	};

	inet_pton(family, raddr, event.raddr);
	inet_pton(family, laddr, event.laddr);
	memcpy(event.comm, comm, strnlen(comm, sizeof(event.comm)));
	return event;
}

/* The row, on the heap with not a byte more than it may have, ends so. */
static char *row_of(const struct accept_event *event, bool timestamp,
		    uint64_t since_ns)
{
	char *row = malloc(EVENT_ROW_MAX);
	size_t length = event_row(row, event, timestamp, since_ns);
	char *text;

	if (length > EVENT_ROW_MAX || memchr(row, 0, length))
		length = 0;
	text = strndup(row, length);
	free(row);
	return text;
}

static bool is_row(const struct accept_event *event, bool timestamp,
		   uint64_t since_ns, const char *expected)
{
	char *row = row_of(event, timestamp, since_ns);
	bool same = !strcmp(row, expected);

	if (!same)
		printf("# got      [%s]\n# expected [%s]\n", row, expected);
	free(row);
	return same;
}

static void test_header(void)
{
	ok(!strcmp(event_header(false),
		   "PID    COMM         IP RADDR            LADDR            "
		   "LPORT\n"),
	   "the header is the seed's");
	ok(!strcmp(event_header(true),
		   "TIME(s)  PID    COMM         IP RADDR            "
		   "LADDR            LPORT\n"),
	   "the header of -t is the seed's");
}

static void test_seed(void)
{
	struct accept_event sshd, local, perl;

	sshd = event_of(907, "sshd", AF_INET, "192.168.56.1", "192.168.56.102",
			22);
	local = event_of(907, "sshd", AF_INET, "127.0.0.1", "127.0.0.1", 22);
	perl = event_of(5389, "perl", AF_INET6, LONG_IPV6, LONG_IPV6, 7001);
	ok(is_row(&sshd, false, 5 * SECOND,
		  "907    sshd         4  192.168.56.1     192.168.56.102   "
		  "22  \n"),
	   "the seed's first row");
	ok(is_row(&local, false, 0,
		  "907    sshd         4  127.0.0.1        127.0.0.1        "
		  "22  \n"),
	   "the seed's second row");
	ok(is_row(&perl, false, 0,
		  "5389   perl         6  " LONG_IPV6 " " LONG_IPV6 " 7001\n"),
	   "the seed's third row");
	ok(is_row(&local, true, 0,
		  "0.000    907    sshd         4  127.0.0.1        "
		  "127.0.0.1        22  \n"),
	   "the seed's first row of -t");
	ok(is_row(&perl, true, 10 * SECOND / 1000,
		  "0.010    5389   perl         6  " LONG_IPV6 " " LONG_IPV6
		  " 7001\n"),
	   "the seed's second row of -t");
	ok(is_row(&local, true, 992 * SECOND / 1000,
		  "0.992    907    sshd         4  127.0.0.1        "
		  "127.0.0.1        22  \n"),
	   "the seed's third row of -t");
	ok(is_row(&local, true, 1984 * SECOND / 1000,
		  "1.984    907    sshd         4  127.0.0.1        "
		  "127.0.0.1        22  \n"),
	   "the seed's fourth row of -t");
}

static void test_widths(void)
{
	struct accept_event event;

	event = event_of(4194304, "twelve-chars", AF_INET, "255.255.255.255",
			 "1.2.3.4", 65535);
	ok(is_row(&event, false, 0,
		  "4194304 twelve-chars 4  255.255.255.255  1.2.3.4          "
		  "65535\n"),
	   "a wide PID and a wide port take the room they need");
	event = event_of(1, "fifteen-letters", AF_INET, "0.0.0.0", "0.0.0.0",
			 0);
	ok(is_row(&event, false, 0,
		  "1      fifteen-lett 4  0.0.0.0          0.0.0.0          "
		  "0   \n"),
	   "a name of 15 bytes is cut to 12");
	event = event_of(1, "", AF_INET6, "::", "::1", 80);
	ok(is_row(&event, false, 0,
		  "1                   6  ::               ::1              "
		  "80  \n"),
	   "an empty name leaves its column blank");
	event = event_of(65432, "nc", AF_INET6, "fe80::1:2:3",
			 "fe80::1234:5678:9abc", 443);
	ok(is_row(&event, false, 0,
		  "65432  nc           6  fe80::1:2:3      "
		  "fe80::1234:5678:9abc 443 \n"),
	   "an address of more than 16 bytes pushes the rest on");
}

static void test_comm(void)
{
	struct accept_event event;

	event = event_of(7, "a\tb\nc\x1b[31m\r", AF_INET, "1.1.1.1", "2.2.2.2",
			 9);
	ok(is_row(&event, false, 0,
		  "7      a?b?c?[31m?  4  1.1.1.1          2.2.2.2          "
		  "9   \n"),
	   "control bytes in a name are shown as ?");
	event = event_of(7, "caf\xc3\xa9\x7f\x80\xff\x9b\x01~ ", AF_INET,
			 "1.1.1.1", "2.2.2.2", 9);
	ok(is_row(&event, false, 0,
		  "7      caf???????~  4  1.1.1.1          2.2.2.2          "
		  "9   \n"),
	   "UTF-8, 0x7f and bytes above in a name are shown as ?");
	memset(event.comm, 'W', sizeof(event.comm));
	ok(is_row(&event, false, 0,
		  "7      WWWWWWWWWWWW 4  1.1.1.1          2.2.2.2          "
		  "9   \n"),
	   "a name without a NUL ends in time");
	strcpy(event.comm, "ab");
	memcpy(event.comm + 3, "rest", 4);
	ok(is_row(&event, false, 0,
		  "7      ab           4  1.1.1.1          2.2.2.2          "
		  "9   \n"),
	   "what is behind a name's NUL is not shown");
}

/* Every byte, alone and in its place. */
static void test_comm_bytes(void)
{
	struct accept_event event;
	bool all = true;

	for (int byte = 1; byte < 256; byte++) {
		char expected[100], shown = byte;

		event = event_of(7, "a.b", AF_INET, "1.1.1.1", "2.2.2.2", 9);
		event.comm[1] = byte;
		if (byte < 0x20 || byte > 0x7e)
			shown = '?';
		sprintf(expected,
			"7      a%cb          4  1.1.1.1          "
			"2.2.2.2          9   \n",
			shown);
		all = all && is_row(&event, false, 0, expected);
	}
	ok(all, "of all bytes in a name 0x20 to 0x7e are shown as they are");
}

static void test_mapped(void)
{
	struct accept_event event;

	event = event_of(7, "a", AF_INET6, "::ffff:192.168.56.1",
			 "::ffff:10.0.0.255", 9);
	ok(is_row(&event, false, 0,
		  "7      a            4  192.168.56.1     10.0.0.255       "
		  "9   \n"),
	   "a v4-mapped connection is shown as IPv4");
	event = event_of(7, "a", AF_INET6, "::fffe:192.168.56.1",
			 "::1:ffff:a00:1", 9);
	ok(is_row(&event, false, 0,
		  "7      a            6  ::fffe:c0a8:3801 ::1:ffff:a00:1   "
		  "9   \n"),
	   "what is only like a v4-mapped address is shown as IPv6");
	/* ::ffff:1.2.3.4 begins with no address of IPv4. */
	event = event_of(7, "a", AF_INET, "1.2.3.4", "5.6.7.8", 9);
	memcpy(event.raddr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4", 16);
	ok(is_row(&event, false, 0,
		  "7      a            4  0.0.0.0          5.6.7.8          "
		  "9   \n"),
	   "an IPv4 socket's address is its first four bytes");
}

/* ------------------------------------------------------------------------
 * Columns against libc
 */

/* Those that end in IPv4's form with inet_ntop(): ::a.b.c.d. */
static bool is_compatible(const uint8_t *address)
{
	static const uint8_t zero[12];

	return !memcmp(address, zero, 12) && (address[12] || address[13]);
}

static bool is_mapped(const uint8_t *address)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(address, prefix, 12);
}

/* Random, with none to all of its groups zero, or small. */
static void random_address(uint8_t *address, uint64_t *state)
{
	uint64_t how = tap_random(state);

	for (int i = 0; i < 8; i++) {
		uint64_t group = tap_random(state) >> 48;

		/* A group of 0 to 4 digits; half of all are 0 in one of two. */
		group >>= 4 * (how >> 4 * i & 3);
		if (how >> 62 & 1 && how >> (32 + i) & 1)
			group = 0;
		if (how >> 60 == 0xf && i < 6)
			group = 0;
		address[2 * i] = group >> 8;
		address[2 * i + 1] = group;
	}
}

/* The address as inet_ntop() shows it, or should for ::a.b.c.d. */
static void address_text(const uint8_t *address, char *text)
{
	inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
	if (is_compatible(address))
		sprintf(text, "::%x:%x", address[12] << 8 | address[13],
			address[14] << 8 | address[15]);
}

static bool is_address_row(const struct accept_event *event)
{
	char expected[200], raddr[INET6_ADDRSTRLEN], laddr[INET6_ADDRSTRLEN];

	address_text(event->raddr, raddr);
	address_text(event->laddr, laddr);
	sprintf(expected, "%-6d %-12.12s %-2d %-16s %-16s %-4d\n", event->pid,
		event->comm, 6, raddr, laddr, event->lport);
	return is_row(event, false, 0, expected);
}

static void test_ipv6(void)
{
	struct accept_event event = event_of(1, "x", AF_INET6, "::", "::", 1);
	const int count = tap_valgrind() ? 10000 : 200000;
	uint64_t state = 1;
	int compatible = 0;
	bool all = true;

	for (int i = 0; i < count && all; i++) {
		random_address(event.raddr, &state);
		random_address(event.laddr, &state);
		compatible += is_compatible(event.laddr);
		if (!is_mapped(event.raddr) && !is_mapped(event.laddr))
			all = is_address_row(&event);
	}
	ok(all, "%d IPv6 addresses are shown as inet_ntop() does", 2 * count);
	ok(compatible > count / 100, "no IPv6 address ends in dots");
}

/* Each group is 0 or not: all 256 patterns of where "::" may be. */
static void test_ipv6_zeros(void)
{
	struct accept_event event = event_of(1, "x", AF_INET6, "::", "::", 1);
	bool all = true;

	for (int pattern = 0; pattern < 256; pattern++) {
		for (int i = 0; i < 8; i++) {
			uint16_t group = pattern >> i & 1 ? 0x10 << i : 0;

			event.raddr[2 * i] = event.laddr[2 * i] = group >> 8;
			event.raddr[2 * i + 1] = event.laddr[2 * i + 1] = group;
		}
		all = all && is_address_row(&event);
	}
	ok(all, "the first longest run of zero groups is ::");
}

static void test_ipv4(void)
{
	struct accept_event event =
		event_of(1, "x", AF_INET, "0.0.0.0", "0.0.0.0", 1);
	const int count = tap_valgrind() ? 5000 : 50000;
	char expected[200], raddr[16], laddr[16];
	uint64_t state = 2;
	bool all = true;

	for (int i = 0; i < count && all; i++) {
		uint64_t bytes = tap_random(&state);

		if (i < 256)
			bytes = i * 0x0101010101010101ULL;
		memcpy(event.raddr, &bytes, 4);
		bytes >>= 32;
		memcpy(event.laddr, &bytes, 4);
		inet_ntop(AF_INET, event.raddr, raddr, sizeof(raddr));
		inet_ntop(AF_INET, event.laddr, laddr, sizeof(laddr));
		sprintf(expected, "%-6d %-12s %-2d %-16s %-16s %-4d\n", 1, "x",
			4, raddr, laddr, 1);
		all = is_row(&event, false, 0, expected);
	}
	ok(all, "%d IPv4 addresses are shown as inet_ntop() does", 2 * count);
}

static void test_ports(void)
{
	struct accept_event event =
		event_of(1, "x", AF_INET, "1.2.3.4", "5.6.7.8", 1);
	char expected[200];
	bool all = true;

	for (int port = 0; port < 65536 && all; port++) {
		event.lport = port;
		sprintf(expected, "%-6d %-12s %-2d %-16s %-16s %-4d\n", 1, "x",
			4, "1.2.3.4", "5.6.7.8", port);
		all = is_row(&event, false, 0, expected);
	}
	ok(all, "all ports are shown as printf() does");
}

static void test_pids(void)
{
	struct accept_event event =
		event_of(1, "x", AF_INET, "1.2.3.4", "5.6.7.8", 80);
	const int step = tap_valgrind() ? 4001 : 101;
	char expected[200];
	bool all = true;

	for (int64_t pid = 0; pid <= UINT32_MAX && all; pid += step) {
		/* Ever faster beyond what the kernel has. */
		if (pid > 4200000)
			pid += pid / 10;
		event.pid = pid;
		sprintf(expected, "%-6u %-12s %-2d %-16s %-16s %-4d\n",
			event.pid, "x", 4, "1.2.3.4", "5.6.7.8", 80);
		all = is_row(&event, false, 0, expected);
	}
	for (uint32_t pid = 1; pid < 1000000000; pid *= 10) {
		for (uint32_t near = pid - 1; near <= pid + 1; near++) {
			event.pid = near;
			sprintf(expected, "%-6u %-12s %-2d %-16s %-16s %-4d\n",
				near, "x", 4, "1.2.3.4", "5.6.7.8", 80);
			all = all && is_row(&event, false, 0, expected);
		}
	}
	ok(all, "PIDs are shown as printf() does");
}

/* ------------------------------------------------------------------------
 * Time
 */

/* The row starts with `time`, and the PID comes at once. */
static bool is_time(uint64_t since_ns, const char *time)
{
	static const char rest[] =
		"1      x            4  1.2.3.4          5.6.7.8          80  "
		"\n";
	struct accept_event event =
		event_of(1, "x", AF_INET, "1.2.3.4", "5.6.7.8", 80);
	char expected[200];

	sprintf(expected, "%s%s", time, rest);
	return is_row(&event, true, since_ns, expected);
}

static void test_time(void)
{
	const int count = tap_valgrind() ? 5000 : 100000;
	uint64_t state = 3, since_ns;
	char expected[40];
	bool all = true;

	for (int i = 0; i < count && all; i++) {
		since_ns = tap_random(&state) % (1000 * SECOND);
		since_ns >>= tap_random(&state) % 40;
		/* printf() rounds half a millisecond to the even one. */
		if (since_ns % 1000000 == 500000)
			since_ns++;
		sprintf(expected, "%-9.3f", since_ns / 1e9);
		all = is_time(since_ns, expected);
	}
	ok(all, "%d times are shown as printf() does", count);
}

static void test_time_rounds(void)
{
	ok(is_time(499999, "0.000    ") && is_time(500000, "0.001    ") &&
		   is_time(1499999, "0.001    ") &&
		   is_time(1500000, "0.002    "),
	   "half a millisecond is rounded up, less is rounded down");
	ok(is_time(SECOND - 500001, "0.999    ") &&
		   is_time(SECOND - 500000, "1.000    ") &&
		   is_time(60 * SECOND - 1, "60.000   "),
	   "rounding up carries into the seconds");
}

static void test_time_wide(void)
{
	ok(is_time(999999 * SECOND / 1000, "999.999  ") &&
		   is_time(1000 * SECOND, "1000.000 ") &&
		   is_time(9999999 * (SECOND / 1000), "9999.999 "),
	   "up to 9999.999 s the time has its 9 columns");
	ok(is_time(10000 * SECOND - 500000, "10000.000 ") &&
		   is_time(10000 * SECOND, "10000.000 "),
	   "from 10000.000 s on one blank stands before the PID");
	ok(is_time(100000 * SECOND, "100000.000 ") &&
		   is_time(31536000 * SECOND, "31536000.000 ") &&
		   is_time(18446744073 * SECOND, "18446744073.000 "),
	   "one blank stands before the PID however late it is");
}

static void test_longest(void)
{
	static const char longest[] = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
	struct accept_event event = event_of(UINT32_MAX, "sixteen bytes...",
					     AF_INET6, longest, longest, 65535);
	char *row = malloc(EVENT_ROW_MAX);
	size_t length = event_row(row, &event, true, UINT64_MAX - 500000);

	ok(length == 129 && length <= EVENT_ROW_MAX,
	   "the longest row is 129 bytes long, for which there is room");
	ok(row[length - 1] == '\n' && !memchr(row, '\n', length - 1),
	   "the longest row is one line");
	free(row);
}

int main(void)
{
	alarm(300);
	test_header();
	test_seed();
	test_widths();
	test_comm();
	test_comm_bytes();
	test_mapped();
	test_ipv6();
	test_ipv6_zeros();
	test_ipv4();
	test_ports();
	test_pids();
	test_time();
	test_time_rounds();
	test_time_wide();
	test_longest();
	return done();
}
