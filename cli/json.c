// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * json.c - turns an event into a line of JSON Lines
 */
#include <string.h>

#include "base/text.h"
#include "kernel/container.h"
#include "trace/keeper_calls.h"
#include "cli/json.h"
#include "cli/put.h"

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
char *json_string(char *to, const char *text, int length)
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

	*to++ = '"';
	to = put_date_time(to, seconds / 86400, seconds % 86400);
	*to++ = '.';
	to = put_digits(to, real_ns / 1000 % 1000000, 6);
	return put_text(to, "Z\"");
}

static char *put_key_number(char *to, const char *key, uint64_t number)
{
	return put_number(put_text(to, key), number);
}

/* The same, or null for ACCEPT_UNKNOWN. */
static char *put_key_known(char *to, const char *key, uint32_t number)
{
	if (number == ACCEPT_UNKNOWN)
		return put_text(put_text(to, key), "null");
	return put_key_number(to, key, number);
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
	return text ? json_string(to, text, length) : put_text(to, "null");
}

static char *put_key_netns(char *to, uint32_t netns)
{
	to = put_text(to, ",\"netns\":");
	return netns ? put_number(to, netns) : put_text(to, "null");
}

static char *put_key_backlog(char *to, const struct accept_event *event)
{
	if (event->backlog_max == ACCEPT_UNKNOWN)
		return put_text(to, ",\"backlog\":null,\"backlog_max\":null");
	to = put_key_number(to, ",\"backlog\":", event->backlog);
	return put_key_number(to, ",\"backlog_max\":", event->backlog_max);
}

static char *put_key_wait(char *to, const struct accept_event *event)
{
	if (!event->queued_ns)
		return put_text(to, ",\"wait_us\":null");
	return put_key_number(to,
			      ",\"wait_us\":", (wait_ns(event) + 500) / 1000);
}

/* Add a comma, and the key of a column with its value. */
static char *put_key_column(char *to, const struct accept_event *event,
			    const struct row_context *context,
			    enum column column)
{
	switch (column) {
	case COLUMN_TIME:
		to = put_local_time(put_text(to, ",\"time\":\""), context);
		return put_text(to, "\"");
	case COLUMN_SECONDS:
		return put_thousandths(put_text(to, ",\"seconds\":"),
				       context->since_ns, 1000000);
	case COLUMN_PID:
		return put_key_known(to, ",\"pid\":", event->pid);
	case COLUMN_TID:
		return put_key_known(to, ",\"tid\":", event->tid);
	case COLUMN_COMM:
		return put_key_string(to, ",\"comm\":", comm_of(event),
				      ACCEPT_COMM_LEN);
	case COLUMN_PCOMM:
		return put_key_string(to, ",\"pcomm\":", pcomm_of(event),
				      ACCEPT_COMM_LEN);
	case COLUMN_UID:
		return put_key_known(to, ",\"uid\":", event->uid);
	case COLUMN_IP:
		return put_key_number(to, ",\"ip\":", is_v4(event) ? 4 : 6);
	case COLUMN_RADDR:
		return put_key_address(to, ",\"raddr\":\"", event,
				       event->raddr);
	case COLUMN_RPORT:
		return put_key_number(to,
				      ",\"rport\":", port_of(event->rport_be));
	case COLUMN_LADDR:
		return put_key_address(to, ",\"laddr\":\"", event,
				       event->laddr);
	case COLUMN_LPORT:
		return put_key_number(to, ",\"lport\":", event->lport);
	case COLUMN_BACKLOG:
		return put_key_backlog(to, event);
	case COLUMN_WAIT:
		return put_key_wait(to, event);
	case COLUMN_DROPS:
		return put_key_known(to, ",\"drops\":", event->drops);
	case COLUMN_NETNS:
		return put_key_netns(to, event->netns);
	case COLUMN_CGROUP:
		return put_key_string(to, ",\"cgroup\":", context->cgroup,
				      CGROUP_PATH_MAX);
	case COLUMN_CONTAINER:
		return put_key_string(to, ",\"container\":",
				      context->cgroup ?
					      container_find(context->cgroup,
							     CGROUP_PATH_MAX) :
					      NULL,
				      CONTAINER_ID);
	case COLUMN_EXE:
		return put_key_string(to, ",\"exe\":", context->exe,
				      EXE_PATH_MAX);
	default:
		return to;
	}
}

char *json_begin(char *to, const struct row_context *context)
{
	return put_rfc3339(put_text(to, "{\"ts\":"), context->real_ns);
}

char *json_columns(char *to, const struct accept_event *event,
		   const struct view *view, const struct row_context *context)
{
	for (int i = 0; i < view->count; i++)
		to = put_key_column(to, event, context, view->columns[i]);
	return to;
}

/* The keys of every row, in order. */
static const struct view always = {
	.columns = { COLUMN_PID, COLUMN_TID, COLUMN_COMM, COLUMN_UID, COLUMN_IP,
		     COLUMN_RADDR, COLUMN_RPORT, COLUMN_LADDR, COLUMN_LPORT,
		     COLUMN_NETNS, COLUMN_CGROUP },
	.count = 11,
};

size_t json_row(char *to, const struct accept_event *event,
		const struct view *view, const struct row_context *context)
{
	char *end = json_begin(to, context);

	end = json_columns(end, event, &always, context);
	for (int i = 0; i < view->count; i++)
		if (!view_has(&always, view->columns[i]))
			end = put_key_column(end, event, context,
					     view->columns[i]);
	return put_text(end, "}\n") - to;
}
