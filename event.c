// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * event.c - an event as a row. Without printf(3), which would cost more than
 * all the rest of a row.
 */
#include <string.h>
#include <sys/socket.h>

#include "event.h"

/* Blanks until the field that began at `from` is `width` wide. */
static char *put_blanks(char *to, const char *from, int width)
{
	while (to - from < width)
		*to++ = ' ';
	return to;
}

static char *put_number(char *to, uint64_t number)
{
	char digits[20];
	int count = 0;

	do
		digits[count++] = '0' + number % 10;
	while (number /= 10);
	while (count)
		*to++ = digits[--count];
	return to;
}

static char *put_ipv4(char *to, const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++) {
		to = put_number(to, bytes[i]);
		*to++ = '.';
	}
	return to - 1;
}

static char *put_hex(char *to, unsigned int group)
{
	int shift = 12;

	while (shift && !(group >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[group >> shift & 15];
	return to;
}

/* As RFC 5952 says: the first longest run of two or more 0 groups is "::". */
static char *put_ipv6(char *to, const uint8_t *bytes)
{
	int best = 0, best_length = 1, run = 0;

	for (int i = 0; i < 8; i++) {
		run = bytes[2 * i] || bytes[2 * i + 1] ? 0 : run + 1;
		if (run > best_length) {
			best_length = run;
			best = i + 1 - run;
		}
	}
	if (best_length < 2)
		best = 8;
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			*to++ = ':';
			*to++ = ':';
			i += best_length - 1;
			continue;
		}
		if (i && i != best + best_length)
			*to++ = ':';
		to = put_hex(to, bytes[2 * i] << 8 | bytes[2 * i + 1]);
	}
	return to;
}

/* An IPv6 socket's IPv4 connection: ::ffff:a.b.c.d. */
static bool is_v4_mapped(const uint8_t *bytes)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(bytes, prefix, sizeof(prefix));
}

/* A task's name is any bytes; a terminal gets none that could act on it. */
static char *put_comm(char *to, const char *comm)
{
	for (int i = 0; i < 12 && comm[i]; i++)
		*to++ = comm[i] >= ' ' && comm[i] <= '~' ? comm[i] : '?';
	return to;
}

/* "%-9.3f", but never without a blank behind it. */
static char *put_seconds(char *to, uint64_t ns)
{
	uint64_t ms = (ns + 500000) / 1000000;
	char *from = to;

	to = put_number(to, ms / 1000);
	*to++ = '.';
	*to++ = '0' + ms / 100 % 10;
	*to++ = '0' + ms / 10 % 10;
	*to++ = '0' + ms % 10;
	return put_blanks(to, from, to - from < 9 ? 9 : to - from + 1);
}

const char *event_header(bool timestamp)
{
	static const char text[] =
		"TIME(s)  "
		"PID    COMM         IP RADDR            LADDR            LPORT\n";

	return timestamp ? text : text + 9;
}

size_t event_row(char *row, const struct accept_event *event, bool timestamp,
		 uint64_t since_ns)
{
	bool mapped = event->family == AF_INET6 && is_v4_mapped(event->raddr);
	bool v4 = event->family == AF_INET || mapped;
	const uint8_t *addresses[] = { event->raddr, event->laddr };
	char *to = row, *from;

	if (timestamp)
		to = put_seconds(to, since_ns);
	from = to;
	to = put_blanks(put_number(to, event->pid), from, 6);
	*to++ = ' ';
	from = to;
	to = put_blanks(put_comm(to, event->comm), from, 12);
	*to++ = ' ';
	*to++ = v4 ? '4' : '6';
	*to++ = ' ';
	*to++ = ' ';
	for (int i = 0; i < 2; i++) {
		from = to;
		to = v4 ? put_ipv4(to, addresses[i] + (mapped ? 12 : 0)) :
			  put_ipv6(to, addresses[i]);
		to = put_blanks(to, from, 16);
		*to++ = ' ';
	}
	from = to;
	to = put_blanks(put_number(to, event->lport), from, 4);
	*to++ = '\n';
	return to - row;
}
