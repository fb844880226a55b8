// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * counts.c - what -C measures of a group: the wait's average, 99th percentile
 * and maximum, and the longest queue, against all waits in order
 */
#include <stdlib.h>

#include "cli/counts.c"
#include "tap.h"
#include "json_keys.h"

#define WAITS 5000

static uint64_t waits[WAITS];

static int compare(const void *a, const void *b)
{
	const uint64_t *one = a, *two = b;

	return *one < *two ? -1 : *one > *two;
}

/* Measure the first `count` waits, of microseconds. */
static struct measure measured(int count)
{
	static struct measure measure;

	memset(&measure, 0, sizeof(measure));
	for (int i = 0; i < count; i++)
		measure_wait(&measure, waits[i] * 1000);
	return measure;
}

/* Whether it is what sorting them gives, P99 at most a sixteenth too high. */
static bool is_right(int count)
{
	const struct measure measure = measured(count);
	const uint64_t p99 = percentile_us(&measure);
	uint64_t sum = 0, exact;

	for (int i = 0; i < count; i++)
		sum += waits[i];
	qsort(waits, count, sizeof(waits[0]), compare);
	exact = waits[count - count / 100 - 1];
	return measure.waits == (uint64_t)count && measure.sum_us == sum &&
	       measure.longest_us == waits[count - 1] && p99 >= exact &&
	       p99 <= exact + exact / STEPS && p99 <= measure.longest_us;
}

static void test_waits(void)
{
	uint64_t state = 1;
	bool right = true;

	for (uint64_t us = 0; us < 1000; us++) {
		waits[0] = us;
		right = right && is_right(1);
	}
	ok(right, "one wait is its own percentile");
	for (int shift = 0; shift < 32; shift++)
		for (int of = -1; of < 2; of++) {
			waits[0] = (1ULL << shift) + of;
			waits[1] = 3;
			right = right && is_right(2);
		}
	ok(right, "so is the longer one of two, about each power of two");
	for (int round = 0; round < 32; round++) {
		for (int i = 0; i < WAITS; i++)
			waits[i] = tap_random(&state) >>
				   (33 + tap_random(&state) % 31);
		right = right && is_right(1 + tap_random(&state) % WAITS);
	}
	ok(right, "of many, all are right");
	for (int i = 0; i < 100; i++)
		waits[i] = i ? 10 : 1000;
	ok(measured(100).longest_us == 1000 && is_right(100) && waits[98] == 10,
	   "one in a hundred may be longer than P99");
	waits[0] = 1ULL << 40;
	ok(measured(1).longest_us == 1ULL << 40,
	   "a wait of days is kept as the longest");
}

static void test_backlog(void)
{
	struct accept_event event = { .backlog_max = ACCEPT_UNKNOWN };
	static struct measure measure;

	measure_event(&measure, &event);
	ok(!measure.backlog_max && !measure.waits, "what is not known is not");
	event.backlog = 3;
	event.backlog_max = 8;
	measure_event(&measure, &event);
	event.backlog = 1;
	event.backlog_max = 9;
	measure_event(&measure, &event);
	ok(measure.backlog == 3 && measure.backlog_max == 8,
	   "the longest queue, with its limit");
}

/* The objects of -j, as the manual promises them. */
static void test_json(void)
{
	static struct measure measure;
	static struct counts counts = { .measures = &measure,
					.waits = true,
					.backlogs = true,
					.view = { .columns = { COLUMN_PID },
						  .count = 1 } };
	static const struct meanwhile meanwhile;
	const struct interval interval = { .meanwhile = &meanwhile };
	const struct group group = { .count = 1,
				     .length = sizeof(struct accept_event) };
	const struct accept_event event = { .pid = 1 };
	const struct line line = { .counts = &counts,
				   .group = &group,
				   .key = &event };
	char text[ROW_MAX];

	*put_json_interval(text, &counts, &interval) = '\0';
	ok(has_promised_keys("interval", text),
	   "an interval's keys are those promised");
	*put_object(text, &line) = '\0';
	ok(has_promised_keys("group", text), "and so are a group's");
}

int main(void)
{
	test_waits();
	test_backlog();
	test_json();
	return done();
}
