// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unit-summary.c - counts of kinds, their order, and where there is no more
 * room
 */
#include <stdio.h>
#include <string.h>

#include "summary.h"
#include "tap.h"

static struct summary summary;

static void add(const char *text, int times)
{
	while (times--)
		summary_add(&summary, text, strlen(text));
}

/* The n-th kind. */
static bool is_kind(int n, const char *text, uint64_t count)
{
	const struct kind *kind = &summary.kinds[n];

	return kind->count == count && kind->length == strlen(text) &&
	       !memcmp(kind->text, text, kind->length);
}

static void test_order(void)
{
	add("b", 3);
	add("a", 3);
	add("often", 7);
	add("", 1);
	add("ab", 3);
	summary_sort(&summary);
	ok(summary.count == 5 && is_kind(0, "often", 7) && is_kind(1, "a", 3) &&
		   is_kind(2, "ab", 3) && is_kind(3, "b", 3) &&
		   is_kind(4, "", 1),
	   "most first, then by text");
	summary_clear(&summary);
	ok(!summary.count && !summary.others, "nothing stays");
	add("a", 2);
	ok(summary.count == 1 && is_kind(0, "a", 2), "and it begins anew");
	summary_clear(&summary);
}

static void test_many(void)
{
	uint64_t sum = 0;
	char text[16];

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 2 * SUMMARY_KINDS; i++) {
			snprintf(text, sizeof(text), "kind %d", i);
			add(text, 1);
		}
	for (int i = 0; i < summary.count; i++)
		sum += summary.kinds[i].count;
	ok(summary.count == SUMMARY_KINDS && sum == 3 * SUMMARY_KINDS &&
		   summary.others == 3 * SUMMARY_KINDS,
	   "1024 kinds are told apart, the rest is counted together");
	summary_clear(&summary);
}

static void test_text(void)
{
	static char text[1000];
	uint64_t sum = 0;
	int most = SUMMARY_TEXT / (int)sizeof(text);

	for (int i = 0; i < most + 5; i++) {
		memset(text, 'x', sizeof(text));
		text[i] = 'y';
		summary_add(&summary, text, sizeof(text));
	}
	for (int i = 0; i < summary.count; i++)
		sum += summary.kinds[i].count;
	ok(summary.count == most && sum == (uint64_t)most &&
		   summary.others == 5 && summary.used <= SUMMARY_TEXT,
	   "so are those whose text finds no room");
	summary_clear(&summary);
}

int main(void)
{
	alarm(300);
	test_order();
	test_many();
	test_text();
	return done();
}
