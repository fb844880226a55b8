// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * summary.c - counts rows by group
 */
#include <string.h>
#include <sys/mman.h>

#include "cli/summary.h"

void *summary_key(struct summary *summary, int number)
{
	return (char *)summary->keys + number * summary->size;
}

static uint64_t word_at(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Multiply word by word with a secret: the high bits depend on all bits. */
static uint32_t hash(uint64_t seed, const void *key, size_t length)
{
	uint64_t value = 0;

	for (size_t i = 0; i < length; i += sizeof(value))
		value = (value >> 32 ^ value ^ word_at((const char *)key + i)) *
			(seed | 1);
	return value >> 32;
}

/* Faster than memcmp(3), which with musl compares bytes. */
static bool is_same(const char *a, const char *b, size_t length)
{
	while (length && word_at(a + length - 8) == word_at(b + length - 8))
		length -= 8;
	return !length;
}

static uint16_t *find_chain(struct summary *summary, uint32_t value)
{
	return &summary->chains[value / (UINT32_MAX / SUMMARY_GROUPS + 1)];
}

/* Returns the group's number, or -1. */
static int find_group(struct summary *summary, const void *key, size_t length,
		      uint32_t value)
{
	const struct group *group;
	int next;

	for (next = *find_chain(summary, value); next; next = group->next) {
		group = &summary->groups[next - 1];
		if (group->hash == value && group->length == length &&
		    is_same(summary_key(summary, next - 1), key, length))
			return next - 1;
	}
	return -1;
}

/* Remove the group of the lowest count from its chain; returns its number. */
static int evict(struct summary *summary)
{
	const int number = summary->ranks[SUMMARY_GROUPS - 1];
	const struct group *group = &summary->groups[number];
	uint16_t *link = find_chain(summary, group->hash);

	while (*link != number + 1)
		link = &summary->groups[*link - 1].next;
	*link = group->next;
	return number;
}

/* Add one to a group's count, and keep `ranks` in order. */
static void count_one(struct summary *summary, int number)
{
	struct group *groups = summary->groups, *group = &groups[number];
	uint16_t *ranks = summary->ranks;
	int first = 0, last = group->rank, middle;

	/* It changes places with the first group of the same count. */
	while (first < last) {
		middle = (first + last) / 2;
		if (groups[ranks[middle]].count > group->count)
			first = middle + 1;
		else
			last = middle;
	}
	ranks[group->rank] = ranks[first];
	groups[ranks[first]].rank = group->rank;
	ranks[first] = number;
	group->rank = first;
	group->count++;
}

/* Make a group for that key; returns its number. */
static int make_group(struct summary *summary, const void *key, size_t length,
		      uint32_t value)
{
	uint16_t *chain = find_chain(summary, value);
	struct group *group;
	int number;

	if (summary->count < SUMMARY_GROUPS) {
		number = summary->count++;
		group = &summary->groups[number];
		group->count = group->error = 0;
		group->rank = summary->ranks[number] = number;
	} else {
		number = evict(summary);
		group = &summary->groups[number];
		group->error = group->count;
		summary->overflowed = true;
	}
	group->hash = value;
	group->length = length;
	group->next = *chain;
	*chain = number + 1;
	memcpy(summary_key(summary, number), key, length);
	return number;
}

int summary_add(struct summary *summary, const void *key, size_t length)
{
	const uint32_t value = hash(summary->seed, key, length);
	int number = find_group(summary, key, length, value);

	if (number < 0)
		number = make_group(summary, key, length, value);
	count_one(summary, number);
	return number;
}

/* Returns less than 0 if group a comes before group b. */
static int compare(struct summary *summary, int a, int b)
{
	const struct group *one = &summary->groups[a];
	const struct group *two = &summary->groups[b];
	int order;

	if (one->count != two->count)
		return one->count < two->count ? 1 : -1;
	order = memcmp(summary_key(summary, a), summary_key(summary, b),
		       one->length < two->length ? one->length : two->length);
	return order ? order : one->length - two->length;
}

void summary_sort(struct summary *summary)
{
	uint16_t *ranks = summary->ranks, number;
	int gap = summary->count, at;

	/* Shellsort: qsort(3) of musl would cost 2 KB. */
	while ((gap /= 2))
		for (int i = gap; i < summary->count; i++) {
			number = ranks[i];
			for (at = i; at >= gap; at -= gap) {
				if (compare(summary, ranks[at - gap], number) <=
				    0)
					break;
				ranks[at] = ranks[at - gap];
			}
			ranks[at] = number;
		}
}

bool summary_open(struct summary *summary, size_t size, uint64_t seed)
{
	summary->size = size;
	summary->seed = seed;
	summary->keys =
		mmap(NULL, SUMMARY_GROUPS * size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return summary->keys != MAP_FAILED;
}

void summary_clear(struct summary *summary)
{
	summary->count = 0;
	summary->overflowed = false;
	memset(summary->chains, 0, sizeof(summary->chains));
}
