// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * counts.c - counts rows by group, and shows the counts
 */
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/message.h"
#include "base/text.h"
#include "attach/clock.h"
#include "trace/keeper_calls.h"
#include "cli/counts.h"

/* The columns to count by: all but those of time, which come first. */
static struct view view_groups(const struct view *view)
{
	struct view groups = *view;
	int i;

	groups.count = 0;
	for (i = 0; i < view->count; i++)
		if (view->columns[i] != COLUMN_TIME &&
		    view->columns[i] != COLUMN_SECONDS)
			groups.columns[groups.count++] = view->columns[i];
	return groups;
}

/* The key of a group: rows with the same key are counted together. */
struct group_key {
	struct accept_event event;
	/* The cgroup's path, if it is shown and known; zeros up to the end. */
	char path[(CGROUP_PATH_MAX / 8 + 1) * 8];
};

_Static_assert(sizeof(struct group_key) % 8 == 0, "summary.h");
_Static_assert(SUMMARY_KEY >= sizeof(struct group_key), "keys fit");
_Static_assert(SUMMARY_KEY >= ROW_GROUP_MAX + CGROUP_PATH_MAX + 1,
	       "so do the columns in their place");
_Static_assert(ROW_GROUP_MAX % 8 == 0, "summary.h");

static void memory_open(struct counts *counts)
{
	const struct view *view = &counts->groups;
	const char *random = (const char *)getauxval(AT_RANDOM);
	uint64_t seed = 0;

	/* libc uses the first 8 of the 16 bytes. */
	if (random)
		memcpy(&seed, random + 8, sizeof(seed));
	if (!summary_open(&counts->summary,
			  view_has(view, COLUMN_CGROUP) ? SUMMARY_KEY :
							  ROW_GROUP_MAX,
			  seed))
		die(errno, NULL, "cannot keep counts for -C");
}

void counts_header(struct counts *counts, struct output *output)
{
	struct view *view = &counts->view;
	char *to = output_room(output);
	size_t length;

	*view = output->view;
	view->followed = true;
	counts->groups = view_groups(view);
	memory_open(counts);
	length = row_names(to, view);
	length +=
		text_format(to + length, 32, "%-8s %s\n", "ACCEPTS", "RATE/s");
	output_head(output, length);
	counts->since_ns = output->first_ns;
}

void counts_event(struct counts *counts, struct output *output,
		  const struct accept_event *event)
{
	const struct view *view = &counts->groups;
	struct group_key key = { .event = row_group(event, view) };
	const char *cgroup = NULL;
	size_t length = 0;

	if (view_has(view, COLUMN_CGROUP))
		cgroup = cgroups_path(&output->cgroups, event->cgroup);
	if (cgroup) {
		length = strnlen(cgroup, CGROUP_PATH_MAX);
		memcpy(key.path, cgroup, length);
		/* The NUL belongs to the key; round up to a multiple of 8. */
		length = (length / 8 + 1) * 8;
	}
	summary_add(&counts->summary, &key, sizeof(key.event) + length);
}

/* Replace a group's key by its columns, as text. */
static void replace_key(struct counts *counts, int number)
{
	struct group *group = &counts->summary.groups[number];
	void *slot = summary_key(&counts->summary, number);
	struct row_context row_context = { 0 };
	struct group_key key = { 0 };
	char text[ROW_MAX];

	memcpy(&key, slot, group->length);
	if (group->length > sizeof(key.event))
		row_context.cgroup = key.path;
	group->length =
		row_columns(text, &key.event, &counts->groups, &row_context);
	memcpy(slot, text, group->length);
}

/* Put by how much a count may be too high, in a column behind the rate. */
static char *put_error(char *to, const char *rate, uint64_t error)
{
	do
		*to++ = ' ';
	while (to < rate + 9);
	return to + text_format(to, 32, "-%llu", (unsigned long long)error);
}

/*
 * Add a row of counts to the buffer: the time, the group, its count, its rate
 * per second, and by how much the count may be too high, if it may.
 */
static void show_group(struct counts *counts, struct output *output,
		       uint64_t now_ns, int number)
{
	const struct group *group = &counts->summary.groups[number];
	const struct row_context row_context = output_context(output, now_ns);
	/* + 1: never divide by 0, whatever the clock says. */
	const uint64_t us = (now_ns - counts->since_ns) / 1000 + 1;
	const uint64_t tenths = (group->count * 10000000 + us / 2) / us;
	const struct accept_event none = { 0 };
	struct view times = counts->view;
	char *start = output_room(output), *to = start, *from;

	if (output->closed) {
		output->unwritten++;
		return;
	}
	times.count -= counts->groups.count;
	to += row_columns(to, &none, &times, &row_context);
	memcpy(to, summary_key(&counts->summary, number), group->length);
	to += group->length;
	to += text_format(to, 32, "%-8llu ", (unsigned long long)group->count);
	from = to;
	to += text_format(to, 32, "%llu.%llu", (unsigned long long)tenths / 10,
			  (unsigned long long)tenths % 10);
	if (group->error)
		to = put_error(to, from, group->error);
	*to++ = '\n';
	output_took(output, to - start);
}

void counts_show(struct counts *counts, struct output *output, uint64_t now_ns)
{
	struct summary *summary = &counts->summary;

	output->ahead_ns = 0;
	if (summary->overflowed && !counts->overflowed)
		say("more than %d groups at a time: a count with -N behind it "
		    "may be up to N too high",
		    SUMMARY_GROUPS);
	counts->overflowed |= summary->overflowed;
	for (int i = 0; i < summary->count; i++)
		replace_key(counts, i);
	summary_sort(summary);
	for (int i = 0; i < summary->count; i++)
		show_group(counts, output, now_ns, summary->ranks[i]);
	summary_clear(summary);
	counts->since_ns = now_ns;
}
