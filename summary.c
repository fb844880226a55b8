// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * summary.c - how many rows of each kind, instead of the rows
 */
#include <string.h>

#include "summary.h"

/* FNV-1a, 32 bits. */
static uint32_t hash(const char *text, size_t length)
{
	uint32_t value = 2166136261;

	while (length--)
		value = (value ^ (unsigned char)*text++) * 16777619;
	return value;
}

/* Where the kind's number is, or is to be. */
static uint16_t *find_slot(struct summary *summary, const char *text,
			   size_t length)
{
	const size_t most = 2 * SUMMARY_KINDS;
	size_t at = hash(text, length) % most;
	const struct kind *kind;

	/* Half of the slots stay empty. */
	for (; summary->slots[at]; at = (at + 1) % most) {
		kind = &summary->kinds[summary->slots[at] - 1];
		if (kind->length == length && !memcmp(kind->text, text, length))
			break;
	}
	return &summary->slots[at];
}

void summary_add(struct summary *summary, const char *text, size_t length)
{
	uint16_t *slot = find_slot(summary, text, length);
	struct kind *kind;

	if (*slot) {
		summary->kinds[*slot - 1].count++;
		return;
	}
	if (summary->count == SUMMARY_KINDS ||
	    length > sizeof(summary->text) - summary->used) {
		summary->others++;
		return;
	}
	kind = &summary->kinds[summary->count++];
	kind->count = 1;
	kind->text = summary->text + summary->used;
	kind->length = length;
	memcpy(summary->text + summary->used, text, length);
	summary->used += length;
	*slot = summary->count;
}

static int compare(const struct kind *a, const struct kind *b)
{
	const size_t least = a->length < b->length ? a->length : b->length;
	int order;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	order = memcmp(a->text, b->text, least);
	return order ? order :
		       (a->length > b->length) - (a->length < b->length);
}

void summary_sort(struct summary *summary)
{
	struct kind *kinds = summary->kinds, kind;
	int gap = summary->count, at;

	/* Shell's; qsort(3) of musl has 2 KB. */
	while ((gap /= 2))
		for (int i = gap; i < summary->count; i++) {
			kind = kinds[i];
			for (at = i; at >= gap; at -= gap) {
				if (compare(&kinds[at - gap], &kind) <= 0)
					break;
				kinds[at] = kinds[at - gap];
			}
			kinds[at] = kind;
		}
}

void summary_clear(struct summary *summary)
{
	summary->count = 0;
	summary->used = 0;
	summary->others = 0;
	memset(summary->slots, 0, sizeof(summary->slots));
}
