// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * row.c - turns an event into a row
 */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/text.h"
#include "kernel/container.h"
#include "trace/keeper_calls.h"
#include "cli/json.h"
#include "cli/put.h"
#include "cli/row.h"

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

static char *put_known(char *to, uint32_t number)
{
	return number == ACCEPT_UNKNOWN ? put_unknown(to) :
					  put_number(to, number);
}

static char *put_time(char *to, const struct row *row)
{
	return put_local_time(to, row->context);
}

static char *put_seconds(char *to, const struct row *row)
{
	return put_thousandths(to, row->context->since_ns, 1000000);
}

static char *put_pid(char *to, const struct row *row)
{
	return put_known(to, row->event->pid);
}

static char *put_tid(char *to, const struct row *row)
{
	return put_known(to, row->event->tid);
}

/* name: or NULL, if it is not known. */
static char *put_name(char *to, const char *name)
{
	return name ? put_plain(to, name, 12) : put_unknown(to);
}

static char *put_comm(char *to, const struct row *row)
{
	return put_name(to, comm_of(row->event));
}

static char *put_pcomm(char *to, const struct row *row)
{
	return put_name(to, pcomm_of(row->event));
}

static char *put_uid(char *to, const struct row *row)
{
	return put_known(to, row->event->uid);
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

static char *put_drops(char *to, const struct row *row)
{
	return put_known(to, row->event->drops);
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

static char *put_container(char *to, const struct row *row)
{
	const char *path = row->context->cgroup;
	const char *id = path ? container_find(path, CGROUP_PATH_MAX) : NULL;

	return id ? put_plain(to, id, CONTAINER_SHORT) : put_unknown(to);
}

static char *put_exe(char *to, const struct row *row)
{
	const char *path = row->context->exe;

	return path ? put_plain(to, path, EXE_PATH_MAX) : put_unknown(to);
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
	{ "BL", put_backlog, ACCEPT_FIELD_BACKLOG, 8, 0, 8 },
	{ "WAIT(ms)", put_wait, ACCEPT_FIELD_WAIT, 8, 0, 8 },
	{ "DROPS", put_drops, ACCEPT_FIELD_DROPS, 6, 0, 6 },
	{ "NETNS", put_netns, ACCEPT_FIELD_NETNS, 10, 0, 10 },
	{ "CGROUP", put_cgroup, ACCEPT_FIELD_CGROUP, 24, 0, 24 },
	{ "CONTAINER", put_container, ACCEPT_FIELD_CGROUP, 12, 0, 12 },
	{ "EXE", put_exe, 0, 24, 0, 24 },
};

/* In a shell parentheses would need quotes; and the keys of JSON. */
static const struct {
	char name[12];
	uint8_t column;
} other_names[] = {
	{ "SECONDS", COLUMN_SECONDS },	   { "WAIT", COLUMN_WAIT },
	{ "WAIT_US", COLUMN_WAIT },	   { "BACKLOG", COLUMN_BACKLOG },
	{ "BACKLOG_MAX", COLUMN_BACKLOG },
};

int column_find(const char *name, size_t length)
{
	for (int i = 0; i < COLUMN_COUNT; i++)
		if (strlen(columns[i].name) == length &&
		    !strncasecmp(columns[i].name, name, length))
			return i;
	for (size_t i = 0; i < countof(other_names); i++)
		if (strlen(other_names[i].name) == length &&
		    !strncasecmp(other_names[i].name, name, length))
			return other_names[i].column;
	return -1;
}

const char *column_name(enum column column)
{
	return columns[column].name;
}

/* 2026-11-23T01:02:03.000+01:00 */
#define ISO_WIDTH 29

/* End the i-th column of the view, which began at `from`. */
static char *end_column(char *to, const char *from, const struct view *view,
			int i)
{
	const enum column column = view->columns[i];
	const bool last = i + 1 == view->count && !view->followed;
	int width = columns[column].width;

	if (last)
		width = columns[column].last_width;
	else if (column == COLUMN_TIME && view->iso)
		width = ISO_WIDTH;
	else if (view->wide)
		width = columns[column].wide_width;
	if (!view->tsv)
		to = put_blanks(to, from, width);
	if (!last)
		*to++ = view->tsv ? '\t' : ' ';
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

/*
 * Copy a name up to its NUL; what follows is 0. NULL, for one that is not
 * known, becomes what it is in an event.
 */
static void keep_name(char *to, const char *name)
{
	memset(to, 0, ACCEPT_COMM_LEN);
	if (name)
		memcpy(to, name, strnlen(name, ACCEPT_COMM_LEN - 1));
	else
		to[ACCEPT_COMM_LEN - 1] = 1;
}

static void keep_column(struct accept_event *to,
			const struct accept_event *event, enum column column)
{
	const int mapped = event->family == AF_INET6 && is_v4(event) ? 12 : 0;
	const size_t size = is_v4(event) ? 4 : 16;

	switch (column) {
	case COLUMN_PID:
		to->pid = event->pid;
		break;
	case COLUMN_TID:
		to->tid = event->tid;
		break;
	case COLUMN_COMM:
		keep_name(to->comm, comm_of(event));
		break;
	case COLUMN_PCOMM:
		keep_name(to->pcomm, pcomm_of(event));
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
	/* Without COMM there is none, which may stand for the process's. */
	keep_name(group.comm, NULL);
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

/* What the keys of every JSON row need. */
#define JSON_WANTS (ACCEPT_FIELD_UID | ACCEPT_FIELD_NETNS | ACCEPT_FIELD_CGROUP)

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

	if (view->json || view->no_header)
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
