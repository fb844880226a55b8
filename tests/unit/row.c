// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * row.c - row_header() and row_format() byte for byte
 *
 * The rows are those of bcc's tcpaccept_example.txt, with the blanks at their
 * ends that its text lost: its formats are "%-6d %-12.12s %-2d %-16s %-16s
 * %-4d", and "%-9.3f" in front with -t.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "trace/keeper_calls.h"
#include "kernel/container.h"
#include "cli/put.h"
#include "cli/row.h"
#include "tap.h"
#include "json_keys.h"

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

/* The columns of the first tcpaccept. */
static struct view usual(bool timestamp)
{
	static const enum column columns[] = { COLUMN_SECONDS, COLUMN_PID,
					       COLUMN_COMM,    COLUMN_IP,
					       COLUMN_RADDR,   COLUMN_LADDR,
					       COLUMN_LPORT };
	struct view view = { .count = LENGTH(columns) - !timestamp };

	memcpy(view.columns, columns + !timestamp,
	       view.count * sizeof(columns[0]));
	return view;
}

/* The row, on the heap with not a byte more than it may have, ends so. */
static char *row_of(const struct accept_event *event, bool timestamp,
		    uint64_t since_ns)
{
	const struct row_context context = { .since_ns = since_ns };
	const struct view view = usual(timestamp);
	char *row = malloc(ROW_MAX);
	size_t length = row_format(row, event, &view, &context);
	char *text;

	if (length > ROW_MAX || memchr(row, 0, length))
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

static bool is_header(const struct view *view, const char *expected)
{
	char *header = malloc(ROW_MAX);
	size_t length = row_header(header, view);
	bool same =
		length == strlen(expected) && !memcmp(header, expected, length);

	if (!same)
		printf("# got      [%.*s]\n# expected [%s]\n", (int)length,
		       header, expected);
	free(header);
	return same;
}

static void test_header(void)
{
	const struct view plain = usual(false), timed = usual(true);

	ok(is_header(&plain,
		     "PID    COMM         IP RADDR            LADDR            "
		     "LPORT\n"),
	   "the header is the seed's");
	ok(is_header(&timed, "TIME(s)  PID    COMM         IP RADDR            "
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

/* ------------------------------------------------------------------------
 * Columns
 */

/* Whatever can be shown, and is. */
static struct accept_event full_event(void)
{
	struct accept_event event =
		event_of(4242, "worker", AF_INET6, LONG_IPV6, "::1", 443);

	event.tid = 4243;
	event.cgroup = 77;
	event.queued_ns = event.ktime_ns - 300123456;
	event.uid = 1000;
	event.netns = 4026531840;
	event.backlog = 4;
	event.backlog_max = 8;
	event.drops = 7;
	memcpy(event.pcomm, "server", 6);
	return event;
}

static const struct row_context full_around = {
	.since_ns = 1234567890,
	/* 2026-11-23 01:02:03.000123 UTC. */
	.real_ns = 1795395723000123456,
	.local_s = 13 * 3600 + 5 * 60 + 9,
	.cgroup = "/system.slice/web.service",
};

static struct view view_of(const enum column *columns, int count)
{
	struct view view = { .count = count };

	memcpy(view.columns, columns, count * sizeof(*columns));
	return view;
}

#define VIEW(...)                                              \
	view_of((const enum column[]){ __VA_ARGS__ },          \
		sizeof((const enum column[]){ __VA_ARGS__ }) / \
			sizeof(enum column))

/* Header and row of a view. */
static bool shows(const struct view *view, const struct accept_event *event,
		  const char *header, const char *expected)
{
	char *row = malloc(ROW_MAX);
	size_t length = row_format(row, event, view, &full_around);
	bool same =
		length == strlen(expected) && !memcmp(row, expected, length);

	if (!same)
		printf("# got      [%.*s]\n# expected [%s]\n", (int)length, row,
		       expected);
	free(row);
	return is_header(view, header) && same;
}

static void test_columns(void)
{
	struct accept_event event = full_event();
	struct view view;

	view = VIEW(COLUMN_TIME, COLUMN_SECONDS, COLUMN_PID, COLUMN_TID,
		    COLUMN_COMM, COLUMN_PCOMM, COLUMN_UID, COLUMN_IP,
		    COLUMN_RADDR, COLUMN_RPORT, COLUMN_LADDR, COLUMN_LPORT,
		    COLUMN_BACKLOG, COLUMN_WAIT, COLUMN_DROPS, COLUMN_NETNS,
		    COLUMN_CGROUP, COLUMN_CONTAINER, COLUMN_EXE);
	ok(shows(&view, &event,
		 "TIME     TIME(s)  PID    TID    COMM         PCOMM        "
		 "UID    IP RADDR            RPORT LADDR            LPORT "
		 "BL       WAIT(ms) DROPS  NETNS      CGROUP                   "
		 "CONTAINER    EXE\n",
		 "13:05:09 1.235    4242   4243   worker       server       "
		 "1000   6  " LONG_IPV6 " 12345 ::1              443   "
		 "4/8      300.123  7      4026531840 /system.slice/web.service "
		 "-            -\n"),
	   "every column, header and row");
	view.wide = true;
	ok(shows(&view, &event,
		 "TIME     TIME(s)  PID    TID    COMM         PCOMM        "
		 "UID    IP RADDR                                   RPORT "
		 "LADDR                                   LPORT "
		 "BL       WAIT(ms) DROPS  NETNS      CGROUP                   "
		 "CONTAINER    EXE\n",
		 "13:05:09 1.235    4242   4243   worker       server       "
		 "1000   6  " LONG_IPV6 "          12345 "
		 "::1                                     443   "
		 "4/8      300.123  7      4026531840 /system.slice/web.service "
		 "-            -\n"),
	   "-w gives addresses 39 bytes");
	view = VIEW(COLUMN_LPORT, COLUMN_PID);
	ok(shows(&view, &event, "LPORT PID\n", "443   4242\n"),
	   "the last column is not padded");
	view = VIEW(COLUMN_PID, COLUMN_LPORT);
	ok(shows(&view, &event, "PID    LPORT\n", "4242   443 \n"),
	   "but LPORT, to 4");
	view.followed = true;
	ok(is_header(&view, "PID    LPORT \n"),
	   "nor is it the last if something follows");
	view = VIEW(COLUMN_TIME, COLUMN_BACKLOG, COLUMN_LPORT, COLUMN_CGROUP);
	view.tsv = true;
	ok(shows(&view, &event, "TIME\tBL\tLPORT\tCGROUP\n",
		 "13:05:09\t4/8\t443\t/system.slice/web.service\n"),
	   "--tsv: tabs, and no blanks");
	view.count = 3;
	ok(shows(&view, &event, "TIME\tBL\tLPORT\n", "13:05:09\t4/8\t443\n"),
	   "nor after LPORT");
	view.no_header = true;
	ok(!row_header(NULL, &view), "-H: no header");
}

#define ID_END "456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID "0123" ID_END
#define OTHER_ID "fedc" ID_END

/* Where a container's ID is in a path: what follows it, or NULL. */
static const char *after_id(const char *path, const char *id)
{
	const char *found = container_find(path, strlen(path));

	return found && !strncmp(found, id, strlen(id)) ? found + strlen(id) :
							  NULL;
}

static void test_container(void)
{
	static const char *const none[] = {
		"",
		"/",
		"/system.slice/web.service",
		"/machine.slice/libpod-conmon-" ID ".scope",
		"/x/" ID "0",
		"/x/0" ID,
		"/x/" ID_END,
		"/kubepods/pod01234567-89ab-cdef-0123-456789abcdef",
	};
	bool all = true;

	ok(!strcmp(after_id("/system.slice/docker-" ID ".scope", ID),
		   ".scope") &&
		   !strcmp(after_id("/docker/" ID, ID), "") &&
		   !strcmp(after_id(ID, ID), "") &&
		   !strcmp(after_id("...x-" ID "/container", ID), "/container"),
	   "a container's ID is found in the path of its cgroup");
	ok(!strcmp(after_id("/docker/" ID "/docker/" OTHER_ID "/init",
			    OTHER_ID),
		   "/init"),
	   "of containers in each other that of the innermost");
	for (size_t i = 0; i < LENGTH(none); i++)
		all = all && !container_find(none[i], strlen(none[i]));
	ok(all, "monitors, units, and what is longer or shorter are none");
}

static void test_container_column(void)
{
	struct view view = VIEW(COLUMN_CONTAINER, COLUMN_PID);
	struct accept_event event = full_event();
	struct row_context context = {
		.cgroup = "/machine.slice/libpod-" ID ".scope/container",
	};
	char row[ROW_MAX], *end;

	end = row + row_format(row, &event, &view, &context);
	*end = '\0';
	ok(!strcmp(row, "0123456789ab 4242\n"),
	   "CONTAINER is the first 12 digits");
	view.json = true;
	end = row + row_format(row, &event, &view, &context);
	*end = '\0';
	ok(strstr(row, "\"container\":\"" ID "\""), "in JSON all of them");
	context.cgroup = NULL;
	end = row + row_format(row, &event, &view, &context);
	*end = '\0';
	ok(strstr(row, "\"container\":null"), "or null");
}

/* TIME at so many seconds since 1970, with this offset. */
static bool is_iso(int64_t utc_s, int offset_s, const char *expected)
{
	struct row_context context = {
		.real_ns = utc_s * 1000000000 + 999999999,
		.offset_s = offset_s,
		.local_s = ((utc_s + offset_s) % 86400 + 86400) % 86400,
		.iso = true,
	};
	char text[64];

	*put_local_time(text, &context) = '\0';
	if (strcmp(text, expected))
		printf("# %s\n", text);
	return !strcmp(text, expected);
}

static void test_iso(void)
{
	static const char header[] = "TIME                          PID\n";
	struct view view = VIEW(COLUMN_TIME, COLUMN_PID);

	ok(is_iso(1795395723, 3600, "2026-11-23T02:02:03.999+01:00") &&
		   is_iso(1795395723, 0, "2026-11-23T01:02:03.999+00:00"),
	   "--time=iso: date, milliseconds cut, offset");
	ok(is_iso(1795395723, -(4 * 3600 + 30 * 60),
		  "2026-11-22T20:32:03.999-04:30") &&
		   is_iso(951868800 - 1, 86340,
			  "2000-03-01T23:58:59.999+23:59"),
	   "the date is that of the local time");
	ok(is_iso(10, -3600, "1969-12-31T23:00:10.999-01:00"),
	   "also before 1970, where a machine does not know the time");
	view.iso = true;
	ok(is_header(&view, header), "TIME is as wide as it then is");
}

static void test_unknown(void)
{
	struct accept_event event = full_event();
	struct row_context context = { 0 };
	char row[ROW_MAX];
	struct view view;
	size_t length;

	event.queued_ns = 0;
	event.backlog_max = event.drops = ACCEPT_UNKNOWN;
	event.netns = 0;
	memset(event.pcomm, '?', sizeof(event.pcomm));
	view = VIEW(COLUMN_PCOMM, COLUMN_BACKLOG, COLUMN_WAIT, COLUMN_DROPS,
		    COLUMN_NETNS, COLUMN_CGROUP);
	length = row_columns(row, &event, &view, &context);
	ok(length == 50 && !memcmp(row,
				   "-            -        -        "
				   "-      -          -",
				   50),
	   "what is not known is a dash");
	event.tid = event.pid;
	length = row_columns(row, &event, &view, &context);
	ok(!memcmp(row, "worker ", 7),
	   "a first thread's name is its process's");
	event = full_event();
	memset(event.pcomm, 0, sizeof(event.pcomm));
	length = row_columns(row, &event, &view, &context);
	ok(!memcmp(row, "             4/8", 16), "a name may be empty");
	event.queued_ns = event.ktime_ns + 5;
	event.backlog_max = 0;
	event.backlog = 0;
	view = VIEW(COLUMN_BACKLOG, COLUMN_WAIT);
	ok(shows(&view, &event, "BL       WAIT(ms)\n", "0/0      0.000\n"),
	   "a backlog of 0 is one, and no wait is negative");
	memcpy(event.pcomm, "\033[31mred\n\"\\\xff", 12);
	view = VIEW(COLUMN_PCOMM);
	ok(shows(&view, &event, "PCOMM\n", "?[31mred?\"\\?\n"),
	   "a process's name cannot act on a terminal");
	context.cgroup = "/a\nb\033\x9b";
	view = VIEW(COLUMN_CGROUP);
	length = row_format(row, &event, &view, &context);
	ok(length == 7 && !memcmp(row, "/a?b??\n", 7), "nor can a cgroup's");
}

static void test_names(void)
{
	bool all = true;

	for (int i = 0; i < COLUMN_COUNT; i++) {
		const char *name = column_name(i);
		char lower[16] = "";

		for (size_t c = 0; name[c]; c++)
			lower[c] = name[c] | (name[c] >= 'A' ? 0x20 : 0);
		all = all && column_find(name, strlen(name)) == i &&
		      column_find(lower, strlen(lower)) == i &&
		      column_find(name, strlen(name) - 1) !=
			      (int)i + COLUMN_COUNT;
	}
	ok(all, "columns are found by name, in capitals or not");
	ok(column_find("WAIT", 4) == COLUMN_WAIT &&
		   column_find("PIDS", 4) == -1 && column_find("PI", 2) == -1 &&
		   column_find("", 0) == -1 &&
		   column_find("TIME", 4) == COLUMN_TIME,
	   "WAIT is short for WAIT(ms), and nothing else is short");
}

/* ------------------------------------------------------------------------
 * JSON
 */

static bool is_json(const struct accept_event *event, const struct view *view,
		    const struct row_context *context, const char *expected)
{
	char *row = malloc(ROW_MAX);
	size_t length = row_format(row, event, view, context);
	bool same =
		length == strlen(expected) && !memcmp(row, expected, length);

	if (!same)
		printf("# got      %.*s# expected %s", (int)length, row,
		       expected);
	free(row);
	return same;
}

/* With every column: no key is gone, renamed, or in another place. */
static void test_json_keys(void)
{
	const struct accept_event event = full_event();
	struct view view = { .json = true, .count = COLUMN_COUNT };
	char row[ROW_MAX];

	for (int i = 0; i < COLUMN_COUNT; i++)
		view.columns[i] = i;
	row[row_format(row, &event, &view, &full_around)] = '\0';
	ok(has_promised_keys("row", row), "the keys are those promised");
}

static void test_json(void)
{
	struct accept_event event = full_event();
	struct view view = { .json = true };
	struct row_context context = { .real_ns = 951782399999999999 };

	ok(is_header(&view, ""), "JSON has no header");
	ok(is_json(&event, &view, &full_around,
		   "{\"ts\":\"2026-11-23T01:02:03.000123Z\",\"pid\":4242,"
		   "\"tid\":4243,\"comm\":\"worker\",\"uid\":1000,\"ip\":6,"
		   "\"raddr\":\"" LONG_IPV6 "\",\"rport\":12345,"
		   "\"laddr\":\"::1\",\"lport\":443,\"netns\":4026531840,"
		   "\"cgroup\":\"/system.slice/web.service\"}\n"),
	   "the keys that are always there");
	view = VIEW(COLUMN_TIME, COLUMN_SECONDS, COLUMN_PID, COLUMN_PCOMM,
		    COLUMN_BACKLOG, COLUMN_WAIT);
	view.json = true;
	ok(is_json(&event, &view, &full_around,
		   "{\"ts\":\"2026-11-23T01:02:03.000123Z\",\"pid\":4242,"
		   "\"tid\":4243,\"comm\":\"worker\",\"uid\":1000,\"ip\":6,"
		   "\"raddr\":\"" LONG_IPV6 "\",\"rport\":12345,"
		   "\"laddr\":\"::1\",\"lport\":443,\"netns\":4026531840,"
		   "\"cgroup\":\"/system.slice/web.service\","
		   "\"time\":\"13:05:09\",\"seconds\":1.235,"
		   "\"pcomm\":\"server\",\"backlog\":4,\"backlog_max\":8,"
		   "\"wait_us\":300123}\n"),
	   "and those that are asked for");
	event = event_of(1, "x", AF_INET6, "::ffff:10.1.2.3", "::ffff:10.0.0.1",
			 80);
	event.backlog_max = ACCEPT_UNKNOWN;
	event.pcomm[ACCEPT_COMM_LEN - 1] = '?';
	ok(is_json(&event, &view, &context,
		   "{\"ts\":\"2000-02-28T23:59:59.999999Z\",\"pid\":1,"
		   "\"tid\":99999,\"comm\":\"x\",\"uid\":0,\"ip\":4,"
		   "\"raddr\":\"10.1.2.3\",\"rport\":12345,"
		   "\"laddr\":\"10.0.0.1\",\"lport\":80,\"netns\":null,"
		   "\"cgroup\":null,\"time\":\"00:00:00\",\"seconds\":0.000,"
		   "\"pcomm\":null,\"backlog\":null,\"backlog_max\":null,"
		   "\"wait_us\":null}\n"),
	   "what is not known is null");
	/* As the rung poll has it where no process is found. */
	event.pid = event.tid = event.uid = ACCEPT_UNKNOWN;
	memset(event.comm, 0, sizeof(event.comm));
	event.comm[ACCEPT_COMM_LEN - 1] = '?';
	view = VIEW(COLUMN_PID);
	view.json = true;
	ok(is_json(&event, &view, &context,
		   "{\"ts\":\"2000-02-28T23:59:59.999999Z\",\"pid\":null,"
		   "\"tid\":null,\"comm\":null,\"uid\":null,\"ip\":4,"
		   "\"raddr\":\"10.1.2.3\",\"rport\":12345,"
		   "\"laddr\":\"10.0.0.1\",\"lport\":80,\"netns\":null,"
		   "\"cgroup\":null}\n"),
	   "so is a process that is not known, and its name");
	view = VIEW(COLUMN_PID, COLUMN_COMM, COLUMN_PCOMM);
	ok(is_json(&event, &view, &context, "-      -            -\n"),
	   "in the table they are -");
}

/* The name as a JSON string, of a row that has no other quotes context it. */
static bool is_string(const char *comm, const char *expected)
{
	struct accept_event event =
		event_of(1, comm, AF_INET, "1.2.3.4", "1.2.3.4", 80);
	const struct row_context context = { 0 };
	const struct view view = { .json = true };
	char row[ROW_MAX], want[128];

	row[row_format(row, &event, &view, &context) - 1] = '\0';
	snprintf(want, sizeof(want), ",\"comm\":\"%s\",\"uid\":", expected);
	if (!strstr(row, want))
		printf("# got %s, not %s\n", row, want);
	return strstr(row, want);
}

/* The code point as a name, alone, is escaped as it should be. */
static bool is_point(uint32_t point, bool escaped)
{
	char name[8] = "", expected[16];

	if (point < 0x800) {
		name[0] = (char)(0xc0 | point >> 6);
	} else if (point < 0x10000) {
		name[0] = (char)(0xe0 | point >> 12);
		name[1] = (char)(0x80 | (point >> 6 & 0x3f));
	} else {
		name[0] = (char)(0xf0 | point >> 18);
		name[1] = (char)(0x80 | (point >> 12 & 0x3f));
		name[2] = (char)(0x80 | (point >> 6 & 0x3f));
	}
	name[strlen(name)] = (char)(0x80 | (point & 0x3f));
	if (!escaped)
		snprintf(expected, sizeof(expected), "%s", name);
	else if (point < 0x10000)
		snprintf(expected, sizeof(expected), "\\u%04x", point);
	else
		snprintf(expected, sizeof(expected), "\\u%04x\\u%04x",
			 0xd800 + ((point - 0x10000) >> 10),
			 0xdc00 + ((point - 0x10000) & 0x3ff));
	return is_string(name, expected);
}

/* Cf, Zl and Zp of UnicodeData.txt. */
static void test_json_formats(void)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x80, 0x9f },	      { 0xad, 0xad },
		{ 0x600, 0x605 },     { 0x61c, 0x61c },
		{ 0x6dd, 0x6dd },     { 0x70f, 0x70f },
		{ 0x890, 0x891 },     { 0x8e2, 0x8e2 },
		{ 0x180e, 0x180e },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },   { 0xfff9, 0xfffb },
		{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
		{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a }, { 0xe0001, 0xe007f },
	};
	bool all = true, others = true;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (uint32_t at = ranges[i].first; at <= ranges[i].last; at++)
			all = all && is_point(at, true);
		others = others && is_point(ranges[i].last + 1, false) &&
			 (i == 0 || is_point(ranges[i].first - 1, false));
	}
	ok(all, "format characters and line ends are escaped");
	ok(others && is_point(0x10ffff, false) && is_point(0x10000, false),
	   "those beside them are not");
	ok(is_string("a\xe2\x80\xae"
		     "b",
		     "a\\u202eb"),
	   "a name cannot turn what follows it context");
}

static void test_json_names(void)
{
	ok(is_string("a\"b\\c/d", "a\\\"b\\\\c/d"),
	   "quotes and backslashes are escaped");
	ok(is_string("\n\t\033[0m\x01\x7f",
		     "\\u000a\\u0009\\u001b[0m\\u0001\\u007f"),
	   "control bytes are escaped");
	ok(is_string("h\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7",
		     "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7"),
	   "UTF-8 of two, three and four bytes stays");
	ok(is_string("\xc2\x9b\xc2\x85", "\\u009b\\u0085"),
	   "controls past ASCII are escaped");
	ok(is_string("\xff\xfe\x80", "\\ufffd\\ufffd\\ufffd"),
	   "bytes that are no UTF-8 are U+FFFD");
	ok(is_string("\xc3", "\\ufffd") &&
		   is_string("\xe2\x82", "\\ufffd\\ufffd") &&
		   is_string("\xf0\x9f\x90", "\\ufffd\\ufffd\\ufffd"),
	   "so are sequences cut short");
	ok(is_string("\xc0\xaf", "\\ufffd\\ufffd") &&
		   is_string("\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd") &&
		   is_string("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd") &&
		   is_string("\xf4\x90\x80\x80",
			     "\\ufffd\\ufffd\\ufffd\\ufffd"),
	   "overlong forms, surrogates, and what is past U+10FFFF");
	ok(is_string("\xc3\"", "\\ufffd\\\""),
	   "a cut sequence does not swallow the quote behind it");
}

static void test_longest(void)
{
	static const char longest[] = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
	static char path[CGROUP_PATH_MAX + 100];
	struct accept_event event = event_of(UINT32_MAX - 1, "sixteen bytes...",
					     AF_INET6, longest, longest, 65535);
	struct row_context context = { .since_ns = UINT64_MAX - 500000 };
	struct view view = usual(true);
	char *row = malloc(ROW_MAX);
	size_t length = row_format(row, &event, &view, &context);

	ok(length == 129 && length <= ROW_MAX,
	   "the usual row is 129 bytes at most");
	ok(row[length - 1] == '\n' && !memchr(row, '\n', length - 1),
	   "the longest row is one line");
	/* Six bytes for each. */
	memset(path, '\x01', sizeof(path) - 1);
	memset(event.comm, '\xff', sizeof(event.comm));
	memset(event.pcomm, '\x02', sizeof(event.pcomm));
	event.uid = event.netns = event.backlog = UINT32_MAX;
	event.backlog_max = UINT32_MAX - 1;
	event.queued_ns = 1;
	event.ktime_ns = UINT64_MAX;
	context.real_ns = UINT64_MAX;
	context.cgroup = path;
	view.count = 0;
	for (int i = 0; i < COLUMN_COUNT; i++)
		view.columns[view.count++] = i;
	view.json = true;
	length = row_format(row, &event, &view, &context);
	printf("# JSON of %zu bytes\n", length);
	ok(length < ROW_MAX && row[length - 1] == '\n',
	   "the longest JSON fits");
	view.json = false;
	view.wide = view.followed = true;
	length = row_format(row, &event, &view, &context);
	ok(length < ROW_MAX && row[length - 1] == '\n',
	   "the longest row of all columns fits");
	free(row);
}

static bool group_is(const struct accept_event *a, const struct accept_event *b,
		     enum column column)
{
	const struct view view = { .columns = { column }, .count = 1 };
	const struct accept_event one = row_group(a, &view);
	const struct accept_event two = row_group(b, &view);

	return !memcmp(&one, &two, sizeof(one));
}

/* What differs only where no column shows it is one group. */
static void test_group(void)
{
	struct accept_event a = event_of(7, "php-fpm-poolA1", AF_INET,
					 "192.0.2.1", "192.0.2.2", 80);
	struct accept_event b =
		event_of(7, "php-fpm-poolB2", AF_INET6, "::ffff:192.0.2.1",
			 "::ffff:192.0.2.2", 80);

	ok(!group_is(&a, &b, COLUMN_COMM),
	   "names that differ after what is shown are two groups");
	strcpy(b.comm, "php-fpm-poolA1");
	ok(group_is(&a, &b, COLUMN_COMM), "the same name is one");
	b.comm[15] = 'x';
	ok(group_is(&a, &b, COLUMN_COMM), "whatever is behind its end");
	strcpy(a.comm, "a\377");
	strcpy(b.comm, "a\376");
	ok(!group_is(&a, &b, COLUMN_COMM), "so are bytes that show as ?");
	ok(group_is(&a, &b, COLUMN_IP) && group_is(&a, &b, COLUMN_RADDR) &&
		   group_is(&a, &b, COLUMN_LADDR),
	   "an address is the same by an IPv6 socket");
	b.pid = 8;
	a.pcomm[15] = b.pcomm[15] = 1;
	a.tid = a.pid;
	ok(!group_is(&a, &b, COLUMN_PCOMM),
	   "a process's name that is known, and one that is not");
	strcpy(b.pcomm, "a\377");
	b.pcomm[15] = '\0';
	ok(group_is(&a, &b, COLUMN_PCOMM), "known in two ways");
	ok(!group_is(&a, &b, COLUMN_PID) && group_is(&a, &b, COLUMN_LPORT),
	   "no column, no difference");
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
	test_columns();
	test_iso();
	test_container();
	test_container_column();
	test_unknown();
	test_names();
	test_json();
	test_json_keys();
	test_json_names();
	test_json_formats();
	test_longest();
	test_group();
	return done();
}
