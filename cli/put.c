// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * put.c - numbers, times and addresses as text
 *
 * printf(3) would cost more than everything else in a row, so it is not used.
 */
#include <string.h>
#include <sys/socket.h>

#include "cli/put.h"
#include "cli/zone.h"

char *put_blanks(char *to, const char *from, int width)
{
	const char *end = from + width;

	while (to < end)
		*to++ = ' ';
	return to;
}

char *put_number(char *to, uint64_t number)
{
	char *start = to, *end, digit;

	do
		*to++ = '0' + number % 10;
	while (number /= 10);
	/* The digits are in reverse order. */
	for (end = to - 1; start < end; start++, end--) {
		digit = *start;
		*start = *end;
		*end = digit;
	}
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

/* RFC 5952: the longest run of two or more 0 groups, or its first, is "::". */
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

bool address_is_mapped(const uint8_t *bytes)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(bytes, prefix, sizeof(prefix));
}

char *put_digits(char *to, uint32_t number, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		to[i] = '0' + number % 10;
		number /= 10;
	}
	return to + digits;
}

bool is_v4(const struct accept_event *event)
{
	return event->family == AF_INET ||
	       (event->family == AF_INET6 && address_is_mapped(event->raddr));
}

char *put_address(char *to, const struct accept_event *event,
		  const uint8_t *address)
{
	if (event->family == AF_INET)
		return put_ipv4(to, address);
	return is_v4(event) ? put_ipv4(to, address + 12) :
			      put_ipv6(to, address);
}

uint16_t port_of(uint16_t port_be)
{
	const uint8_t *bytes = (const uint8_t *)&port_be;

	return bytes[0] << 8 | bytes[1];
}

char *put_text(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	return to;
}

char *put_clock(char *to, int seconds)
{
	to = put_digits(to, seconds / 3600, 2);
	*to++ = ':';
	to = put_digits(to, seconds / 60 % 60, 2);
	*to++ = ':';
	return put_digits(to, seconds % 60, 2);
}

char *put_date_time(char *to, int32_t days, int seconds)
{
	const struct date date = date_of(days);

	to = put_digits(to, date.year, 4);
	*to++ = '-';
	to = put_digits(to, date.month, 2);
	*to++ = '-';
	to = put_digits(to, date.day, 2);
	*to++ = 'T';
	return put_clock(to, seconds);
}

char *put_local_time(char *to, const struct row_context *context)
{
	const int64_t utc_s = context->real_ns / 1000000000;
	const int64_t midnight = utc_s + context->offset_s - context->local_s;
	const int east =
		context->offset_s < 0 ? -context->offset_s : context->offset_s;

	if (!context->iso)
		return put_clock(to, context->local_s);
	to = put_date_time(to, midnight / 86400, context->local_s);
	*to++ = '.';
	to = put_digits(to, context->real_ns / 1000000 % 1000, 3);
	*to++ = context->offset_s < 0 ? '-' : '+';
	to = put_digits(to, east / 3600, 2);
	*to++ = ':';
	return put_digits(to, east / 60 % 60, 2);
}

char *put_thousandths(char *to, uint64_t number, uint64_t divisor)
{
	number = (number + divisor / 2) / divisor;
	to = put_number(to, number / 1000);
	*to++ = '.';
	return put_digits(to, number % 1000, 3);
}

uint64_t wait_ns(const struct accept_event *event)
{
	/* Two CPUs read the clock, and may differ a little. */
	return event->ktime_ns > event->queued_ns ?
		       event->ktime_ns - event->queued_ns :
		       0;
}

const char *comm_of(const struct accept_event *event)
{
	const bool unknown =
		!event->comm[0] && event->comm[ACCEPT_COMM_LEN - 1];

	return unknown ? NULL : event->comm;
}

const char *pcomm_of(const struct accept_event *event)
{
	if (!event->pcomm[ACCEPT_COMM_LEN - 1])
		return event->pcomm;
	return event->pid && event->tid == event->pid ? comm_of(event) : NULL;
}
