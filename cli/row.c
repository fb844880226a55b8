// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * row.c - turns an event into a row
 *
 * printf(3) would cost more than everything else in a row, so it is not used.
 *
 * Sections: numbers and addresses, table, JSON.
 */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/text.h"
#include "cli/row.h"
#include "cli/zone.h"

/* ------------------------------------------------------------------------
 * Numbers and addresses
 */

/* Add blanks until the field that began at `from` is `width` wide. */
static char *put_blanks(char *to, const char *from, int width)
{
	const char *end = from + width;

	while (to < end)
		*to++ = ' ';
	return to;
}

static char *put_number(char *to, uint64_t number)
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

/* Exactly that many digits, with zeros in front. */
static char *put_digits(char *to, uint32_t number, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		to[i] = '0' + number % 10;
		number /= 10;
	}
	return to + digits;
}

static bool is_v4(const struct accept_event *event)
{
	return event->family == AF_INET ||
	       (event->family == AF_INET6 && address_is_mapped(event->raddr));
}

/* address: event->raddr or event->laddr. */
static char *put_address(char *to, const struct accept_event *event,
			 const uint8_t *address)
{
	if (event->family == AF_INET)
		return put_ipv4(to, address);
	return is_v4(event) ? put_ipv4(to, address + 12) :
			      put_ipv6(to, address);
}

static uint16_t port_of(uint16_t port_be)
{
	const uint8_t *bytes = (const uint8_t *)&port_be;

	return bytes[0] << 8 | bytes[1];
}

static char *put_text(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	return to;
}

/* HH:MM:SS */
static char *put_clock(char *to, int seconds)
{
	to = put_digits(to, seconds / 3600, 2);
	*to++ = ':';
	to = put_digits(to, seconds / 60 % 60, 2);
	*to++ = ':';
	return put_digits(to, seconds % 60, 2);
}

/* number / divisor, rounded, as thousandths: 1.234. */
static char *put_thousandths(char *to, uint64_t number, uint64_t divisor)
{
	number = (number + divisor / 2) / divisor;
	to = put_number(to, number / 1000);
	*to++ = '.';
	return put_digits(to, number % 1000, 3);
}

/* How long the connection waited until it was accepted. */
static uint64_t wait_ns(const struct accept_event *event)
{
	/* Two CPUs read the clock, and may differ a little. */
	return event->ktime_ns > event->queued_ns ?
		       event->ktime_ns - event->queued_ns :
		       0;
}

/* ------------------------------------------------------------------------
 * Table
 */

struct row {
	const struct accept_event *event;
	const struct row_context *context;
};

/* Printable characters, up to a NUL; "?" for others: a terminal may act. */
static char *put_plain(char *to, const char *text, int length)
{
	for (int i = 0; i < length && text[i]; i++)
		*to++ = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	return to;
}

static char *put_unknown(char *to)
{
	*to++ = '-';
	return to;
}

static char *put_time(char *to, const struct row *row)
{
	return put_clock(to, row->context->local_s);
}

static char *put_seconds(char *to, const struct row *row)
{
	return put_thousandths(to, row->context->since_ns, 1000000);
}

static char *put_pid(char *to, const struct row *row)
{
	return put_number(to, row->event->pid);
}

static char *put_tid(char *to, const struct row *row)
{
	return put_number(to, row->event->tid);
}

static char *put_comm(char *to, const struct row *row)
{
	return put_plain(to, row->event->comm, 12);
}

/* The process's name: also that of its first thread. NULL if unknown. */
static const char *pcomm_of(const struct accept_event *event)
{
	if (!event->pcomm[ACCEPT_COMM_LEN - 1])
		return event->pcomm;
	return event->pid && event->tid == event->pid ? event->comm : NULL;
}

static char *put_pcomm(char *to, const struct row *row)
{
	const char *name = pcomm_of(row->event);

	return name ? put_plain(to, name, 12) : put_unknown(to);
}

static char *put_uid(char *to, const struct row *row)
{
	return put_number(to, row->event->uid);
}

static char *put_ip(char *to, const struct row *row)
{
	*to++ = is_v4(row->event) ? '4' : '6';
	return to;
}

static char *put_raddr(char *to, const struct row *row)
{
	return put_address(to, row->event, row->event->raddr);
}

static char *put_rport(char *to, const struct row *row)
{
	return put_number(to, port_of(row->event->rport_be));
}

static char *put_laddr(char *to, const struct row *row)
{
	return put_address(to, row->event, row->event->laddr);
}

static char *put_lport(char *to, const struct row *row)
{
	return put_number(to, row->event->lport);
}

static char *put_backlog(char *to, const struct row *row)
{
	if (row->event->backlog_max == ACCEPT_UNKNOWN)
		return put_unknown(to);
	to = put_number(to, row->event->backlog);
	*to++ = '/';
	return put_number(to, row->event->backlog_max);
}

static char *put_wait(char *to, const struct row *row)
{
	if (!row->event->queued_ns)
		return put_unknown(to);
	return put_thousandths(to, wait_ns(row->event), 1000);
}

static char *put_netns(char *to, const struct row *row)
{
	return row->event->netns ? put_number(to, row->event->netns) :
				   put_unknown(to);
}

static char *put_cgroup(char *to, const struct row *row)
{
	const char *path = row->context->cgroup;

	return path ? put_plain(to, path, CGROUP_PATH_MAX) : put_unknown(to);
}

/* Indexed by enum column. */
static const struct {
	const char *name;
	char *(*put)(char *to, const struct row *row);
	uint32_t wants;
	uint8_t width;
	/* Its width as the last column. */
	uint8_t last_width;
	/* Its width with -w. */
	uint8_t wide_width;
} columns[COLUMN_COUNT] = {
	{ "TIME", put_time, 0, 8, 0, 8 },
	{ "TIME(s)", put_seconds, 0, 8, 0, 8 },
	{ "PID", put_pid, 0, 6, 0, 6 },
	{ "TID", put_tid, 0, 6, 0, 6 },
	{ "COMM", put_comm, 0, 12, 0, 12 },
	{ "PCOMM", put_pcomm, ACCEPT_FIELD_PCOMM, 12, 0, 12 },
	{ "UID", put_uid, ACCEPT_FIELD_UID, 6, 0, 6 },
	{ "IP", put_ip, 0, 2, 0, 2 },
	{ "RADDR", put_raddr, 0, 16, 0, 39 },
	{ "RPORT", put_rport, 0, 5, 0, 5 },
	{ "LADDR", put_laddr, 0, 16, 0, 39 },
	/* In bcc's table LPORT is the last column, and 4 wide. */
	{ "LPORT", put_lport, 0, 5, 4, 5 },
	{ "BL", put_backlog, ACCEPT_FIELD_BACKLOG, 9, 0, 9 },
	{ "WAIT(ms)", put_wait, ACCEPT_FIELD_WAIT, 8, 0, 8 },
	{ "NETNS", put_netns, ACCEPT_FIELD_NETNS, 10, 0, 10 },
	{ "CGROUP", put_cgroup, ACCEPT_FIELD_CGROUP, 24, 0, 24 },
};

int column_find(const char *name, size_t length)
{
	for (int i = 0; i < COLUMN_COUNT; i++)
		if (strlen(columns[i].name) == length &&
		    !strncasecmp(columns[i].name, name, length))
			return i;
	/* In a shell "WAIT(ms)" would need quotes. */
	if (length == 4 && !strncasecmp(name, "WAIT", 4))
		return COLUMN_WAIT;
	return -1;
}

const char *column_name(enum column column)
{
	return columns[column].name;
}

bool view_has(const struct view *view, enum column column)
{
	for (int i = 0; i < view->count; i++)
		if (view->columns[i] == column)
			return true;
	return false;
}

/* Pad the i-th column of the view, which began at `from`. */
static char *end_column(char *to, const char *from, const struct view *view,
			int i)
{
	const enum column column = view->columns[i];

	if (i + 1 == view->count && !view->followed)
		return put_blanks(to, from, columns[column].last_width);
	to = put_blanks(to, from,
			view->wide ? columns[column].wide_width :
				     columns[column].width);
	*to++ = ' ';
	return to;
}

size_t row_names(char *to, const struct view *view)
{
	char *start = to, *from;

	for (int i = 0; i < view->count; i++) {
		from = to;
		to = put_text(to, columns[view->columns[i]].name);
		to = end_column(to, from, view, i);
	}
	return to - start;
}

/* Copy a name up to its NUL; what follows stays 0. */
static void keep_name(char *to, const char *name)
{
	memcpy(to, name, strnlen(name, ACCEPT_COMM_LEN - 1));
}

static void keep_column(struct accept_event *to,
			const struct accept_event *event, enum column column)
{
	const int mapped = event->family == AF_INET6 && is_v4(event) ? 12 : 0;
	const size_t size = is_v4(event) ? 4 : 16;
	const char *name;

	switch (column) {
	case COLUMN_PID:
		to->pid = event->pid;
		break;
	case COLUMN_TID:
		to->tid = event->tid;
		break;
	case COLUMN_COMM:
		keep_name(to->comm, event->comm);
		break;
	case COLUMN_PCOMM:
		name = pcomm_of(event);
		if (name)
			keep_name(to->pcomm, name);
		else
			to->pcomm[ACCEPT_COMM_LEN - 1] = 1;
		break;
	case COLUMN_UID:
		to->uid = event->uid;
		break;
	case COLUMN_RADDR:
		memcpy(to->raddr, event->raddr + mapped, size);
		break;
	case COLUMN_LADDR:
		memcpy(to->laddr, event->laddr + mapped, size);
		break;
	case COLUMN_LPORT:
		to->lport = event->lport;
		break;
	case COLUMN_NETNS:
		to->netns = event->netns;
		break;
	default:
		break;
	}
	/* The family is IP, and says how to show the addresses. */
	if (column == COLUMN_IP || column == COLUMN_RADDR ||
	    column == COLUMN_LADDR)
		to->family = is_v4(event) ? AF_INET : event->family;
}

struct accept_event row_group(const struct accept_event *event,
			      const struct view *view)
{
	struct accept_event group;

	memset(&group, 0, sizeof(group));
	for (int i = 0; i < view->count; i++)
		keep_column(&group, event, view->columns[i]);
	return group;
}

size_t row_columns(char *to, const struct accept_event *event,
		   const struct view *view, const struct row_context *context)
{
	const struct row row = { event, context };
	char *start = to, *from;

	for (int i = 0; i < view->count; i++) {
		from = to;
		to = columns[view->columns[i]].put(to, &row);
		to = end_column(to, from, view, i);
	}
	return to - start;
}

/* ------------------------------------------------------------------------
 * JSON Lines
 */

/* What the keys of every row need. */
#define JSON_WANTS (ACCEPT_FIELD_UID | ACCEPT_FIELD_NETNS | ACCEPT_FIELD_CGROUP)

/*
 * Decode the UTF-8 sequence at `text`, which has `left` bytes. Returns its
 * length, and the code point in *point; 0 if it is not UTF-8 (RFC 3629,
 * section 4).
 */
static int utf8_length(const unsigned char *text, int left, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int length = text[0] < 0x80	? 1 :
		     text[0] >> 5 == 6	? 2 :
		     text[0] >> 4 == 14 ? 3 :
		     text[0] >> 3 == 30 ? 4 :
					  0;

	if (!length || length > left)
		return 0;
	*point = length == 1 ? text[0] : text[0] & (0x7f >> length);
	for (int i = 1; i < length; i++) {
		if (text[i] >> 6 != 2)
			return 0;
		*point = *point << 6 | (text[i] & 0x3f);
	}
	if (*point < least[length] || *point > 0x10ffff ||
	    (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return length;
}

/* A range of code points: the first one, and how many. */
#define POINTS(first, count) ((uint32_t)(first) << 8 | (count))

/*
 * Whether a code point is invisible, or changes how others are shown: controls,
 * formats (Cf of Unicode 16, and unassigned ones between them), line and
 * paragraph separators.
 */
static bool is_hidden(uint32_t point)
{
	/* In ascending order. */
	static const uint32_t hidden[] = {
		POINTS(0, 32),	    POINTS(0x7f, 33),	POINTS(0xad, 1),
		POINTS(0x600, 6),   POINTS(0x61c, 1),	POINTS(0x6dd, 1),
		POINTS(0x70f, 1),   POINTS(0x890, 2),	POINTS(0x8e2, 1),
		POINTS(0x180e, 1),  POINTS(0x200b, 5),	POINTS(0x2028, 7),
		POINTS(0x2060, 16), POINTS(0xfeff, 1),	POINTS(0xfff9, 3),
		POINTS(0x110bd, 1), POINTS(0x110cd, 1), POINTS(0x13430, 16),
		POINTS(0x1bca0, 4), POINTS(0x1d173, 8), POINTS(0xe0001, 127),
	};

	for (size_t i = 0; i < countof(hidden) && point >= hidden[i] >> 8; i++)
		if (point - (hidden[i] >> 8) < (hidden[i] & 0xff))
			return true;
	return false;
}

static char *put_escape(char *to, uint32_t point)
{
	/* JSON escapes it as two of UTF-16. */
	if (point > 0xffff) {
		to = put_escape(to, 0xd7c0 + (point >> 10));
		point = 0xdc00 | (point & 0x3ff);
	}
	*to++ = '\\';
	*to++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[point >> shift & 15];
	return to;
}

/*
 * A string of at most `length` bytes, up to its NUL. Hidden code points are
 * escaped, and bytes that are not UTF-8 become U+FFFD: at most six bytes for
 * one.
 */
static char *put_string(char *to, const char *text, int length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t point = 0;
	int step;

	length = strnlen(text, length);
	*to++ = '"';
	for (int i = 0; i < length; i += step) {
		step = utf8_length(bytes + i, length - i, &point);
		if (!step || is_hidden(point)) {
			to = put_escape(to, step ? point : 0xfffd);
			step = step ? step : 1;
			continue;
		}
		if (point == '"' || point == '\\')
			*to++ = '\\';
		memcpy(to, bytes + i, step);
		to += step;
	}
	*to++ = '"';
	return to;
}

/* "2026-11-23T01:02:03.000123Z" */
static char *put_rfc3339(char *to, uint64_t real_ns)
{
	const uint64_t seconds = real_ns / 1000000000;
	const struct date utc = date_of(seconds / 86400);

	*to++ = '"';
	to = put_digits(to, utc.year, 4);
	*to++ = '-';
	to = put_digits(to, utc.month, 2);
	*to++ = '-';
	to = put_digits(to, utc.day, 2);
	*to++ = 'T';
	to = put_clock(to, seconds % 86400);
	*to++ = '.';
	to = put_digits(to, real_ns / 1000 % 1000000, 6);
	return put_text(to, "Z\"");
}

static char *put_key_number(char *to, const char *key, uint64_t number)
{
	return put_number(put_text(to, key), number);
}

static char *put_key_address(char *to, const char *key,
			     const struct accept_event *event,
			     const uint8_t *address)
{
	to = put_address(put_text(to, key), event, address);
	*to++ = '"';
	return to;
}

/* A string, or null. */
static char *put_key_string(char *to, const char *key, const char *text,
			    int length)
{
	to = put_text(to, key);
	return text ? put_string(to, text, length) : put_text(to, "null");
}

/* Add the key of a column, unless every row has it. */
static char *put_key_column(char *to, const struct row *row, enum column column)
{
	const struct accept_event *event = row->event;

	switch (column) {
	case COLUMN_TIME:
		to = put_clock(put_text(to, ",\"time\":\""),
			       row->context->local_s);
		return put_text(to, "\"");
	case COLUMN_SECONDS:
		return put_seconds(put_text(to, ",\"seconds\":"), row);
	case COLUMN_PCOMM:
		return put_key_string(to, ",\"pcomm\":", pcomm_of(event),
				      ACCEPT_COMM_LEN);
	case COLUMN_BACKLOG:
		if (event->backlog_max == ACCEPT_UNKNOWN)
			return put_text(to, ",\"backlog\":null"
					    ",\"backlog_max\":null");
		to = put_key_number(to, ",\"backlog\":", event->backlog);
		return put_key_number(to,
				      ",\"backlog_max\":", event->backlog_max);
	case COLUMN_WAIT:
		if (!event->queued_ns)
			return put_text(to, ",\"wait_us\":null");
		return put_key_number(
			to, ",\"wait_us\":", (wait_ns(event) + 500) / 1000);
	default:
		return to;
	}
}

static size_t json_row(char *to, const struct accept_event *event,
		       const struct view *view,
		       const struct row_context *context)
{
	const struct row row = { event, context };
	char *start = to;

	to = put_rfc3339(put_text(to, "{\"ts\":"), context->real_ns);
	to = put_key_number(to, ",\"pid\":", event->pid);
	to = put_key_number(to, ",\"tid\":", event->tid);
	to = put_key_string(to, ",\"comm\":", event->comm, ACCEPT_COMM_LEN);
	to = put_key_number(to, ",\"uid\":", event->uid);
	to = put_key_number(to, ",\"ip\":", is_v4(event) ? 4 : 6);
	to = put_key_address(to, ",\"raddr\":\"", event, event->raddr);
	to = put_key_number(to, ",\"rport\":", port_of(event->rport_be));
	to = put_key_address(to, ",\"laddr\":\"", event, event->laddr);
	to = put_key_number(to, ",\"lport\":", event->lport);
	if (event->netns)
		to = put_key_number(to, ",\"netns\":", event->netns);
	else
		to = put_text(to, ",\"netns\":null");
	to = put_key_string(to, ",\"cgroup\":", context->cgroup,
			    CGROUP_PATH_MAX);
	for (int i = 0; i < view->count; i++)
		to = put_key_column(to, &row, view->columns[i]);
	return put_text(to, "}\n") - start;
}

uint32_t view_wants(const struct view *view)
{
	return view_names(view) | (view->json ? JSON_WANTS : 0);
}

uint32_t view_names(const struct view *view)
{
	uint32_t wants = 0;

	for (int i = 0; i < view->count; i++)
		wants |= columns[view->columns[i]].wants;
	return wants;
}

size_t row_header(char *to, const struct view *view)
{
	size_t length;

	if (view->json)
		return 0;
	length = row_names(to, view);
	to[length++] = '\n';
	return length;
}

size_t row_format(char *to, const struct accept_event *event,
		  const struct view *view, const struct row_context *context)
{
	size_t length;

	if (view->json)
		return json_row(to, event, view, context);
	length = row_columns(to, event, view, context);
	to[length++] = '\n';
	return length;
}
