// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * summary.c - counts of groups, their order, and what is true of them
 * where there are more than there is room for
 */
#include <stdio.h>
#include <string.h>

#include "cli/summary.h"
#include "tap.h"

static struct summary summary;

/* A key of that text, and zeros up to its length. */
static size_t key_of(char key[SUMMARY_KEY], const char *text)
{
	size_t length = (strlen(text) / 8 + 1) * 8;

	memset(key, 0, length);
	memcpy(key, text, strlen(text));
	return length;
}

static void add(const char *text, int times)
{
	char key[SUMMARY_KEY];
	size_t length = key_of(key, text);

	while (times--)
		summary_add(&summary, key, length);
}

static const struct group *ranked(int n)
{
	return &summary.groups[summary.ranks[n]];
}

/* The group at the n-th place. */
static bool is_group(int n, const char *text, uint64_t count, uint64_t error)
{
	char key[SUMMARY_KEY];
	size_t length = key_of(key, text);

	return ranked(n)->count == count && ranked(n)->error == error &&
	       ranked(n)->length == length &&
	       !memcmp(summary_key(&summary, summary.ranks[n]), key, length);
}

static uint64_t sum(void)
{
	uint64_t all = 0;

	for (int i = 0; i < summary.count; i++)
		all += ranked(i)->count;
	return all;
}

static void test_order(void)
{
	summary_open(&summary, 16, 1);
	add("b", 3);
	add("a", 3);
	add("often", 7);
	add("", 1);
	add("ab", 3);
	add("a longer one", 3);
	summary_sort(&summary);
	ok(summary.count == 6 && is_group(0, "often", 7, 0) &&
		   is_group(1, "a", 3, 0) &&
		   is_group(2, "a longer one", 3, 0) &&
		   is_group(3, "ab", 3, 0) && is_group(4, "b", 3, 0) &&
		   is_group(5, "", 1, 0),
	   "the highest counts first, then by key");
	ok(!summary.overflowed, "there was room for all");
	summary_clear(&summary);
	ok(!summary.count, "nothing stays");
	add("a", 2);
	summary_sort(&summary);
	ok(summary.count == 1 && is_group(0, "a", 2, 0), "and it begins anew");
	summary_clear(&summary);
}

/* 1,024 clients once each, then one very often. */
static void test_late(void)
{
	char text[16];

	summary_open(&summary, 16, 2);
	for (int i = 0; i < SUMMARY_GROUPS; i++) {
		snprintf(text, sizeof(text), "client %d", i);
		add(text, 1);
	}
	ok(!summary.overflowed, "1024 groups are not too many");
	add("late", 3000);
	summary_sort(&summary);
	ok(summary.overflowed && summary.count == SUMMARY_GROUPS &&
		   is_group(0, "late", 3001, 1),
	   "one that comes late is first, its error known");
	ok(sum() == SUMMARY_GROUPS + 3000 && ranked(1)->count == 1 &&
		   !ranked(1)->error,
	   "the counts add up, and others are exact");
	summary_clear(&summary);
	add("late", 1);
	summary_sort(&summary);
	ok(!summary.overflowed && is_group(0, "late", 1, 0),
	   "the next interval knows nothing of it");
	summary_clear(&summary);
}

/* What the header promises of any stream, looked at every so often. */
static bool promises_hold(const uint64_t *truth, int kinds, uint64_t rows)
{
	const uint64_t most = rows / SUMMARY_GROUPS;
	static bool there[1 << 16];
	const struct group *group;
	bool good = sum() == rows;
	uint16_t kind;

	memset(there, 0, sizeof(there));
	for (int i = 0; i < summary.count; i++) {
		group = ranked(i);
		memcpy(&kind, summary_key(&summary, summary.ranks[i]), 2);
		good &= !there[kind] && group->rank == i &&
			group->error <= most && group->count >= truth[kind] &&
			group->count - group->error <= truth[kind] &&
			(!i || group->count <= ranked(i - 1)->count);
		there[kind] = true;
	}
	for (int i = 0; i < kinds; i++)
		good &= there[i] || truth[i] <= most;
	return good;
}

/* Kinds that differ in their sizes by `skew`; rows at random. */
static bool random_holds(int kinds, int skew, uint64_t seed)
{
	static uint64_t truth[1 << 16];
	char key[24] = "";
	bool good = true;
	uint64_t kind;

	memset(truth, 0, sizeof(truth));
	summary_open(&summary, sizeof(key), seed);
	for (int rows = 1; rows <= 100000; rows++) {
		kind = tap_random(&seed) % kinds;
		for (int i = 0; i < skew; i++)
			kind = tap_random(&seed) % (kind + 1);
		memcpy(key, &kind, 2);
		/* Keys of different lengths; of one kind always the same. */
		summary_add(&summary, key, 8 + kind % 3 * 8);
		truth[kind]++;
		if (rows % 9973 == 0 || rows == 1500)
			good &= promises_hold(truth, kinds, rows);
	}
	summary_clear(&summary);
	return good;
}

static void test_promises(void)
{
	uint64_t seed = 0x0f1e2d3c4b5a6978;

	for (int skew = 0; skew < 6; skew++)
		ok(random_holds(1 << 16, skew, tap_random(&seed)),
		   "65536 kinds, skew %d: what is promised holds", skew);
	ok(random_holds(1100, 0, tap_random(&seed)),
	   "1100 kinds: what is promised holds");
	ok(random_holds(1000, 1, tap_random(&seed)),
	   "1000 kinds: all is exact");
}

static int longest_chain(void)
{
	int most = 0, length;

	for (int i = 0; i < SUMMARY_GROUPS; i++) {
		length = 0;
		for (int next = summary.chains[i]; next;
		     next = summary.groups[next - 1].next)
			length++;
		most = length > most ? length : most;
	}
	return most;
}

/* Keys that are in one chain under one seed are not under another one. */
static void test_seed(void)
{
	static const uint64_t seeds[] = { 0x8f3a6c5e21d4b907,
					  0xf1e2d3c4b5a69788 };
	static uint64_t same[SUMMARY_GROUPS];
	int count = 0;

	summary_open(&summary, 8, seeds[0]);
	for (uint64_t key = 0; count < SUMMARY_GROUPS; key++) {
		summary_clear(&summary);
		summary_add(&summary, &key, sizeof(key));
		if (summary.chains[0])
			same[count++] = key;
	}
	for (int seed = 0; seed < 2; seed++) {
		summary_clear(&summary);
		summary_open(&summary, 8, seeds[seed]);
		for (int i = 0; i < count; i++)
			summary_add(&summary, &same[i], sizeof(same[i]));
		if (!seed)
			ok(longest_chain() == SUMMARY_GROUPS,
			   "keys can be chosen so that all are in one chain");
		else
			ok(longest_chain() < 32, "but not under another seed");
	}
	summary_clear(&summary);
}

/* The longest keys, all different only at their ends. */
static void test_long(void)
{
	char key[SUMMARY_KEY];
	uint32_t last;

	memset(key, 'x', sizeof(key));
	summary_open(&summary, sizeof(key), 3);
	for (uint32_t i = 0; i < 3 * SUMMARY_GROUPS; i++) {
		memcpy(key + sizeof(key) - sizeof(i), &i, sizeof(i));
		summary_add(&summary, key, sizeof(key));
	}
	memcpy(&last,
	       (char *)summary_key(&summary, SUMMARY_GROUPS - 1) + sizeof(key) -
		       sizeof(last),
	       sizeof(last));
	ok(summary.count == SUMMARY_GROUPS && sum() == 3 * SUMMARY_GROUPS &&
		   last < 3 * SUMMARY_GROUPS,
	   "there is room for 1024 of the longest keys");
	summary_clear(&summary);
}

int main(void)
{
	alarm(300);
	test_order();
	test_late();
	test_promises();
	test_seed();
	test_long();
	return done();
}
