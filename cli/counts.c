// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * counts.c - counts rows by group, and shows the counts
 *
 * Sections: measures, counting, table, JSON, show.
 */
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "base/message.h"
#include "base/text.h"
#include "attach/clock.h"
#include "kernel/container.h"
#include "trace/keeper_calls.h"
#include "cli/counts.h"
#include "cli/json.h"
#include "cli/put.h"
#include "cli/row.h"

/* ------------------------------------------------------------------------
 * Measures
 */

/*
 * Waits are counted in buckets, of which each power of two has STEPS: a
 * percentile is at most 1 / STEPS too high. Below STEPS, a bucket is 1 us.
 */
#define STEPS 16
/* Waits of more than 71 minutes are in the last bucket. */
#define BUCKETS (29 * STEPS)

/* What was measured of a group's rows. */
struct measure {
	/* The longest accept queue, and its limit then. */
	uint32_t backlog;
	uint32_t backlog_max;
	/* Rows whose wait is known; the sum of these waits, and the longest. */
	uint64_t waits;
	uint64_t sum_us;
	uint64_t longest_us;
	uint32_t buckets[BUCKETS];
};

/* The upper bits of a wait, which choose the bucket; and how many are left. */
static int shift_of(uint32_t us)
{
	const int bits = us ? 32 - __builtin_clz(us) : 0;

	return bits > 5 ? bits - 5 : 0;
}

static void measure_wait(struct measure *measure, uint64_t ns)
{
	const uint64_t us = (ns + 500) / 1000;
	const uint32_t within = us < UINT32_MAX ? us : UINT32_MAX;
	const int shift = shift_of(within);

	measure->waits++;
	measure->sum_us += us;
	if (us > measure->longest_us)
		measure->longest_us = us;
	measure->buckets[shift * STEPS + (within >> shift)]++;
}

static void measure_event(struct measure *measure,
			  const struct accept_event *event)
{
	if (event->queued_ns)
		measure_wait(measure, wait_ns(event));
	if (event->backlog_max == ACCEPT_UNKNOWN)
		return;
	if (event->backlog >= measure->backlog) {
		measure->backlog = event->backlog;
		measure->backlog_max = event->backlog_max;
	}
}

/* The wait that 99 of 100 rows do not exceed: the end of its bucket. */
static uint64_t percentile_us(const struct measure *measure)
{
	uint64_t left = measure->waits - measure->waits / 100, end;
	int bucket = 0, shift;

	while (measure->buckets[bucket] < left)
		left -= measure->buckets[bucket++];
	shift = bucket < 2 * STEPS ? 0 : bucket / STEPS - 1;
	end = ((uint64_t)(bucket - shift * STEPS + 1) << shift) - 1;
	return end < measure->longest_us ? end : measure->longest_us;
}

/* ------------------------------------------------------------------------
 * Counting
 */

#define BIT(column) (1U << (column))
#define TIMES (BIT(COLUMN_TIME) | BIT(COLUMN_SECONDS))
#define MEASURES (BIT(COLUMN_BACKLOG) | BIT(COLUMN_WAIT))

/* The view with only these of its columns. */
static struct view view_of(const struct view *view, uint32_t columns)
{
	struct view some = *view;

	some.count = 0;
	for (int i = 0; i < view->count; i++)
		if (columns & BIT(view->columns[i]))
			some.columns[some.count++] = view->columns[i];
	return some;
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

/* Whether the key of a group has a path. */
static bool by_cgroup(const struct view *view)
{
	return view_has(view, COLUMN_CGROUP) ||
	       view_has(view, COLUMN_CONTAINER);
}

static void memory_open(struct counts *counts)
{
	const struct view *view = &counts->groups;
	const char *random = (const char *)getauxval(AT_RANDOM);
	uint64_t seed = 0;

	/* libc uses the first 8 of the 16 bytes. */
	if (random)
		memcpy(&seed, random + 8, sizeof(seed));
	if (counts->waits || counts->backlogs)
		counts->measures =
			mmap(NULL, SUMMARY_GROUPS * sizeof(*counts->measures),
			     PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (counts->measures == MAP_FAILED ||
	    !summary_open(&counts->summary,
			  by_cgroup(view) ? SUMMARY_KEY : ROW_GROUP_MAX, seed))
		die(errno, NULL, "cannot keep counts for -C");
}

void counts_event(struct counts *counts, struct output *output,
		  const struct accept_event *event)
{
	const struct view *view = &counts->groups;
	struct group_key key = { .event = row_group(event, view) };
	const struct group *group;
	const char *cgroup = NULL;
	size_t length = 0, most = CGROUP_PATH_MAX;
	int number;

	if (by_cgroup(view))
		cgroup = cgroups_path(&output->cgroups, event->cgroup);
	if (cgroup && !view_has(view, COLUMN_CGROUP)) {
		/* The ID alone: cgroups of one container are one group. */
		cgroup = container_find(cgroup, CGROUP_PATH_MAX);
		most = CONTAINER_ID;
	}
	if (cgroup) {
		length = strnlen(cgroup, most);
		memcpy(key.path, cgroup, length);
		/* The NUL belongs to the key; round up to a multiple of 8. */
		length = (length / 8 + 1) * 8;
	}
	number =
		summary_add(&counts->summary, &key, sizeof(key.event) + length);
	counts->rows++;
	output->waits_unknown += output->waits && !event->queued_ns;
	if (!counts->measures)
		return;
	group = &counts->summary.groups[number];
	/* The group is new, or has taken the place of another one. */
	if (group->count == group->error + 1)
		memset(&counts->measures[number], 0, sizeof(*counts->measures));
	measure_event(&counts->measures[number], event);
}

/* ------------------------------------------------------------------------
 * Table
 */

/* End a line, without blanks before its end. */
static char *put_newline(char *to)
{
	while (to[-1] == ' ')
		to--;
	*to++ = '\n';
	return to;
}

static size_t put_header(char *to, const struct counts *counts)
{
	char *end = to;

	if (counts->view.json || counts->view.no_header)
		return 0;
	end += row_names(to, &counts->view);

	end = put_text(end, "ACCEPTS  RATE/s  ");
	if (counts->backlogs)
		end = put_text(end, " BL-MAX   ");
	if (counts->waits)
		end = put_text(end, " AVG(ms)  P99(ms)  MAX(ms)");
	return put_newline(end) - to;
}

void counts_header(struct counts *counts, struct output *output)
{
	const struct view *view = &output->view;

	counts->backlogs = view_has(view, COLUMN_BACKLOG);
	counts->waits = view_has(view, COLUMN_WAIT);
	counts->view = view_of(view, ~MEASURES);
	counts->view.followed = true;
	counts->groups = view_of(&counts->view, ~TIMES);
	memory_open(counts);
	output_head(output, put_header(output_room(output), counts));
	counts->headed = true;
	counts->since_ns = output->first_ns;
	/* The line about the interval, the header, and the prompt. */
	if (!counts->most && output->lines > 4)
		counts->most = output->lines - 3;
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

/* Put a wait into a column that began at `from`. */
static char *put_ms(char *to, uint64_t us, uint64_t divisor)
{
	char *from = to;

	*to++ = ' ';
	return put_blanks(put_thousandths(to, us, divisor), from, 9);
}

static char *put_measures(char *to, const struct counts *counts, int number)
{
	const struct measure *measure = &counts->measures[number];
	char *from = to;

	if (counts->backlogs) {
		*to++ = ' ';
		if (measure->backlog_max) {
			to = put_number(to, measure->backlog);
			*to++ = '/';
			to = put_number(to, measure->backlog_max);
		} else {
			*to++ = '-';
		}
		to = put_blanks(to, from, 10);
	}
	if (counts->waits && measure->waits) {
		to = put_ms(to, measure->sum_us, measure->waits);
		to = put_ms(to, percentile_us(measure), 1);
		to = put_ms(to, measure->longest_us, 1);
	} else if (counts->waits) {
		to = put_text(to, " -        -        -       ");
	}
	return to;
}

/* What a row of counts, or an object of it, is made from. */
struct line {
	const struct counts *counts;
	const struct group *group;
	/* Its number. */
	int number;
	/* Its key, or what has replaced that. */
	const void *key;
	/* Accepts per second, times ten. */
	uint64_t tenths;
	struct row_context context;
};

/*
 * A row: the time, the group, its count, its rate, what was measured, and by
 * how much the count may be too high, if it may.
 */
static char *put_row(char *to, const struct line *line)
{
	const struct view times = view_of(&line->counts->view, TIMES);
	const struct accept_event none = { 0 };
	char *from;

	to += row_columns(to, &none, &times, &line->context);
	memcpy(to, line->key, line->group->length);
	to += line->group->length;
	to += text_format(to, 32, "%-8llu ",
			  (unsigned long long)line->group->count);
	from = to;
	to = put_number(to, line->tenths / 10);
	*to++ = '.';
	to = put_digits(to, line->tenths % 10, 1);
	if (line->counts->measures)
		to = put_measures(put_blanks(to, from, 8), line->counts,
				  line->number);
	if (line->group->error) {
		to = put_text(put_blanks(to, from, 8), " -");
		to = put_number(to, line->group->error);
	}
	return put_newline(to);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* What is said of an interval. */
struct interval {
	uint64_t ns;
	/* How many groups are shown. */
	int shown;
	const struct meanwhile *meanwhile;
	/* Of its end. */
	struct row_context context;
};

static char *put_interval(char *to, const struct counts *counts,
			  const struct interval *interval)
{
	const bool overflowed = counts->summary.overflowed;
	const int groups = counts->summary.count;

	to = put_local_time(to, &interval->context);
	to += text_format(to, 128, "  %llu accept%s, %d%s group%s",
			  (unsigned long long)counts->rows,
			  plural(counts->rows), groups,
			  overflowed ? " or more" : "", plural(groups));
	if (interval->shown < groups || overflowed)
		to += text_format(to, 32, ", %d shown", interval->shown);
	return put_newline(to);
}

/* ------------------------------------------------------------------------
 * JSON
 */

static char *put_json_us(char *to, const char *key, bool known, uint64_t us)
{
	to = put_text(to, key);
	return known ? put_number(to, us) : put_text(to, "null");
}

static char *put_json_measures(char *to, const struct counts *counts,
			       int number)
{
	const struct measure *measure = &counts->measures[number];
	const uint64_t waits = measure->waits;

	if (counts->backlogs) {
		to = put_json_us(to, ",\"backlog_peak\":", measure->backlog_max,
				 measure->backlog);
		to = put_json_us(to, ",\"backlog_max\":", measure->backlog_max,
				 measure->backlog_max);
	}
	if (!counts->waits)
		return to;
	to = put_json_us(to, ",\"wait_avg_us\":", waits,
			 waits ? (measure->sum_us + waits / 2) / waits : 0);
	to = put_json_us(to, ",\"wait_p99_us\":", waits,
			 waits ? percentile_us(measure) : 0);
	return put_json_us(to, ",\"wait_max_us\":", waits, measure->longest_us);
}

static char *put_object(char *to, const struct line *line)
{
	const struct group *group = line->group;
	struct row_context context = line->context;
	struct group_key key = { 0 };

	memcpy(&key, line->key, group->length);
	if (group->length > sizeof(key.event))
		context.cgroup = key.path;
	to = json_begin(to, &context);
	to = json_columns(to, &key.event, &line->counts->view, &context);
	to += text_format(to, 128,
			  ",\"accepts\":%llu,\"error\":%llu,"
			  "\"rate\":%llu.%llu",
			  (unsigned long long)group->count,
			  (unsigned long long)group->error,
			  (unsigned long long)line->tenths / 10,
			  (unsigned long long)line->tenths % 10);
	if (line->counts->measures)
		to = put_json_measures(to, line->counts, line->number);
	return put_text(to, "}\n");
}

static char *put_json_interval(char *to, const struct counts *counts,
			       const struct interval *interval)
{
	const struct meanwhile *meanwhile = interval->meanwhile;

	to = put_text(json_begin(to, &interval->context), ",\"seconds\":");
	to = put_thousandths(to, interval->ns, 1000000);
	return to + text_format(to, 256,
				",\"accepts\":%llu,\"groups\":%d,"
				"\"more_groups\":%s,\"shown\":%d,"
				"\"lost\":%llu,\"missed\":%llu,"
				"\"dropped\":%llu}\n",
				(unsigned long long)counts->rows,
				counts->summary.count,
				counts->summary.overflowed ? "true" : "false",
				interval->shown,
				(unsigned long long)meanwhile->lost,
				(unsigned long long)meanwhile->missed,
				(unsigned long long)meanwhile->dropped);
}

/* ------------------------------------------------------------------------
 * Show
 */

static void show_interval(struct counts *counts, struct output *output,
			  const struct interval *interval)
{
	char *start = output_room(output), *to = start;

	if (output->view.json) {
		to = put_json_interval(to, counts, interval);
	} else {
		to = put_interval(to, counts, interval);
		/* On a terminal the last one may have gone out of sight. */
		if (output->terminal && !counts->headed)
			to += put_header(to, counts);
	}
	counts->headed = false;
	output_took(output, to - start);
}

static void show_group(struct counts *counts, struct output *output,
		       const struct interval *interval, int number)
{
	const struct group *group = &counts->summary.groups[number];
	/* + 1: never divide by 0, whatever the clock says. */
	const uint64_t us = interval->ns / 1000 + 1;
	const struct line line = {
		.counts = counts,
		.group = group,
		.number = number,
		.key = summary_key(&counts->summary, number),
		.tenths = (group->count * 10000000 + us / 2) / us,
		.context = interval->context,
	};
	char *start = output_room(output);

	if (output->closed)
		output->unwritten++;
	else
		output_took(output,
			    (output->view.json ? put_object(start, &line) :
						 put_row(start, &line)) -
				    start);
}

void counts_show(struct counts *counts, struct output *output, uint64_t now_ns,
		 const struct meanwhile *meanwhile)
{
	struct summary *summary = &counts->summary;
	struct interval interval = {
		.ns = now_ns - counts->since_ns,
		.shown = summary->count,
		.meanwhile = meanwhile,
	};

	output->ahead_ns = 0;
	interval.context = output_context(output, now_ns);
	if (summary->overflowed && !counts->overflowed)
		say("more than %d groups at a time: a count with -N behind it "
		    "may be up to N too high",
		    SUMMARY_GROUPS);
	counts->overflowed |= summary->overflowed;
	if (counts->most && counts->most < (uint32_t)summary->count)
		interval.shown = counts->most;
	for (int i = 0; i < summary->count && !output->view.json; i++)
		replace_key(counts, i);
	summary_sort(summary);
	show_interval(counts, output, &interval);
	for (int i = 0; i < interval.shown; i++)
		show_group(counts, output, &interval, summary->ranks[i]);
	output_flush(output);
	summary_clear(summary);
	counts->rows = 0;
	counts->since_ns = now_ns;
}
