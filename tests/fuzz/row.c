// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * row.c - row_header(), row_format(), their parts and row_group()
 * over any event, any columns, any path
 *
 * A table is lines of printable ASCII. JSON is read back by a reader of this
 * file's own, which knows of it what RFC 8259 says, and no more than that of
 * row.c.
 */
#include <arpa/inet.h>

#include "cli/put.h"
#include "cli/row.h"
#include "fuzz.h"
#include "trace/keeper_calls.h"

/* What the input begins with; behind it is the cgroup's path. */
struct start {
	struct accept_event event;
	uint64_t since_ns;
	uint64_t real_ns;
	uint32_t local_s;
	/* WIDE and so on. */
	uint8_t flags;
	uint8_t count;
	/* Which of those that are left comes next. */
	uint8_t columns[COLUMN_COUNT];
};

enum {
	WIDE = 1,
	FOLLOWED = 2,
	NO_PATH = 4,
	MAPPED = 8,
	FAMILY = 0x30,
	ISO = 0x40
};

/* What is in memory that no row wrote. */
#define UNTOUCHED '\x7f'

/* ------------------------------------------------------------------------
 * JSON
 */

/* A code point of UTF-8, or -1: RFC 3629, the table of section 4. */
static long next_point(const unsigned char **at, const unsigned char *end)
{
	static const struct {
		uint8_t first, last, from, to, more;
	} forms[] = {
		{ 0x00, 0x7f, 0x80, 0xbf, 0 }, { 0xc2, 0xdf, 0x80, 0xbf, 1 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 2 }, { 0xe1, 0xec, 0x80, 0xbf, 2 },
		{ 0xed, 0xed, 0x80, 0x9f, 2 }, { 0xee, 0xef, 0x80, 0xbf, 2 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 3 }, { 0xf1, 0xf3, 0x80, 0xbf, 3 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 3 },
	};
	const unsigned char *byte = *at;
	long point;

	if (byte >= end)
		return -1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (*byte < forms[i].first || *byte > forms[i].last)
			continue;
		if (end - byte <= forms[i].more)
			return -1;
		point = forms[i].more ? *byte & (0x3f >> forms[i].more) : *byte;
		for (int j = 1; j <= forms[i].more; j++) {
			if (byte[j] < (j == 1 ? forms[i].from : 0x80) ||
			    byte[j] > (j == 1 ? forms[i].to : 0xbf))
				return -1;
			point = point << 6 | (byte[j] & 0x3f);
		}
		*at = byte + 1 + forms[i].more;
		return point;
	}
	return -1;
}

struct json {
	const unsigned char *at, *end;
};

static bool takes(struct json *json, const char *text)
{
	size_t length = strlen(text);

	if ((size_t)(json->end - json->at) < length ||
	    memcmp(json->at, text, length))
		return false;
	json->at += length;
	return true;
}

static int digits(struct json *json)
{
	const unsigned char *start = json->at;

	while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
		json->at++;
	return json->at - start;
}

/* Behind the first quote, up to the last. No controls, not those of C1 either.
 */
static void read_string(struct json *json, char *text, size_t size)
{
	const unsigned char *start = json->at;
	long point;

	while (!takes(json, "\"")) {
		if (takes(json, "\\u")) {
			for (int i = 0; i < 4; i++, json->at++)
				must(json->at < json->end &&
				     strchr("0123456789abcdef", *json->at) &&
				     *json->at);
			continue;
		}
		if (takes(json, "\\\"") || takes(json, "\\\\"))
			continue;
		point = next_point(&json->at, json->end);
		must(point >= ' ' && point != '\\' &&
		     !(point >= 0x7f && point < 0xa0) &&
		     !(point >= 0x202a && point <= 0x202e));
	}
	if ((size_t)(json->at - start) <= size) {
		memcpy(text, start, json->at - start - 1);
		text[json->at - start - 1] = '\0';
	}
}

static void read_number(struct json *json)
{
	bool zero = json->at < json->end && *json->at == '0';
	int length = digits(json);

	must(length && (length == 1 || !zero));
	must(!takes(json, ".") || digits(json));
}

/* As it stands there, it is this address. */
static void check_address(const char *text, const struct accept_event *event,
			  const uint8_t *address)
{
	const uint8_t *expected = address;
	uint8_t bytes[16];
	int size = 16;

	if (event->family == AF_INET)
		size = 4;
	else if (event->family == AF_INET6 && address_is_mapped(event->raddr)) {
		size = 4;
		expected += 12;
	}
	must(inet_pton(size == 4 ? AF_INET : AF_INET6, text, bytes) == 1);
	must(!memcmp(bytes, expected, size));
}

/* One object, flat, each key once, and a newline. */
static void check_json(const char *row, size_t length,
		       const struct accept_event *event)
{
	struct json json = { (const unsigned char *)row,
			     (const unsigned char *)row + length };
	char keys[24][16] = { "" }, text[64];
	int count = 0;

	must(takes(&json, "{"));
	do {
		must(takes(&json, "\"") && count < 24);
		read_string(&json, keys[count], sizeof(keys[count]));
		must(keys[count][0] && takes(&json, ":"));
		for (int i = 0; i < count; i++)
			must(strcmp(keys[i], keys[count]));
		text[0] = '\0';
		if (takes(&json, "\""))
			read_string(&json, text, sizeof(text));
		else if (!takes(&json, "null"))
			read_number(&json);
		if (!strcmp(keys[count], "raddr"))
			check_address(text, event, event->raddr);
		if (!strcmp(keys[count], "laddr"))
			check_address(text, event, event->laddr);
		count++;
	} while (takes(&json, ","));
	must(takes(&json, "}\n") && json.at == json.end);
	/* ts, pid, tid, comm, uid, ip, four of addresses, netns, cgroup. */
	must(count >= 12);
}

/* ------------------------------------------------------------------------
 * Table
 */

static void check_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		must(text[i] >= ' ' && text[i] <= '~');
}

static void check_line(const char *text, size_t length)
{
	must(length && length < ROW_MAX && text[length - 1] == '\n');
	check_plain(text, length - 1);
}

/* All four functions; those without a newline give the same without it. */
static void check_table(char *to, const struct start *start,
			const struct view *view,
			const struct row_context *context)
{
	size_t length, columns;
	char *copy;

	length = row_header(to, view);
	check_line(to, length);
	copy = fuzz_copy(to, length);
	columns = row_names(to, view);
	must(columns == length - 1 && !memcmp(copy, to, columns));
	free(copy);
	length = row_format(to, &start->event, view, context);
	check_line(to, length);
	copy = fuzz_copy(to, length);
	columns = row_columns(to, &start->event, view, context);
	must(columns == length - 1 && !memcmp(copy, to, columns));
	free(copy);
}

/* What is left of an event shows as all of it, for the columns of groups. */
static void check_group(char *to, const struct accept_event *event,
			const struct view *view)
{
	static const struct row_context none;
	struct view groups = { .wide = view->wide, .followed = true };
	struct accept_event group;
	enum column column;
	size_t length;
	char *copy;

	for (int i = 0; i < view->count; i++) {
		column = view->columns[i];
		if (column != COLUMN_TIME && column != COLUMN_SECONDS &&
		    column != COLUMN_RPORT && column != COLUMN_BACKLOG &&
		    column != COLUMN_WAIT && column != COLUMN_DROPS &&
		    column != COLUMN_CGROUP && column != COLUMN_EXE)
			groups.columns[groups.count++] = column;
	}
	length = row_columns(to, event, &groups, &none);
	must(length <= ROW_GROUP_MAX);
	copy = fuzz_copy(to, length);
	group = row_group(event, &groups);
	must(row_columns(to, &group, &groups, &none) == length &&
	     !memcmp(copy, to, length));
	free(copy);
}

/* ------------------------------------------------------------------------
 * Input
 */

/* Each column once, as options.c sees to. */
static void choose_columns(struct view *view, const struct start *start)
{
	enum column left[COLUMN_COUNT];
	int have = COLUMN_COUNT, which;

	for (int i = 0; i < COLUMN_COUNT; i++)
		left[i] = i;
	view->count = start->count % (COLUMN_COUNT + 1);
	for (int i = 0; i < view->count; i++) {
		which = start->columns[i] % have;
		view->columns[i] = left[which];
		left[which] = left[--have];
	}
}

/* Of a thousand families the fuzzer would seldom find these. */
static void choose_family(struct accept_event *event, uint8_t flags)
{
	if ((flags & FAMILY) == 0x10)
		event->family = AF_INET;
	if ((flags & FAMILY) == 0x20)
		event->family = AF_INET6;
	if (!(flags & MAPPED))
		return;
	memset(event->raddr, 0, 10);
	memset(event->raddr + 10, 0xff, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct row_context context = { 0 };
	struct view view = { 0 };
	struct start start;
	char *to, *path;
	size_t length, have;

	fuzz_take(&start, sizeof(start), &data, &size);
	choose_family(&start.event, start.flags);
	choose_columns(&view, &start);
	view.wide = start.flags & WIDE;
	view.followed = start.flags & FOLLOWED;
	/* With its NUL, or as much as is shown, and not a byte more. */
	have = size < CGROUP_PATH_MAX ? size + 1 : CGROUP_PATH_MAX;
	path = calloc(1, have);
	to = malloc(ROW_MAX);
	if (!path || !to)
		abort();
	if (size)
		memcpy(path, data, size < have ? size : have);
	context.since_ns = start.since_ns;
	context.real_ns = start.real_ns;
	/* As localtime(3) gives it, with a leap second. */
	context.local_s = start.local_s % 86401;
	context.offset_s = (int)(start.since_ns % 187199) - 93599;
	context.iso = view.iso = start.flags & ISO;
	context.cgroup = start.flags & NO_PATH ? NULL : path;
	context.exe = context.cgroup;
	memset(to, UNTOUCHED, ROW_MAX);
	check_table(to, &start, &view, &context);
	check_group(to, &start.event, &view);
	view.json = true;
	must(!row_header(to, &view));
	length = row_format(to, &start.event, &view, &context);
	must(length < ROW_MAX);
	check_json(to, length, &start.event);
	free(to);
	free(path);
	return 0;
}
