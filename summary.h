/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * summary.h - how many rows of each kind, instead of the rows
 *
 * A kind is the text of a row, so whatever columns are shown tell kinds apart.
 * Memory is bounded: what finds no more room is counted together.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#define SUMMARY_KINDS 1024
#define SUMMARY_TEXT (256 << 10)

struct summary {
	struct kind {
		uint64_t count;
		/* In `text`; no NUL. */
		const char *text;
		size_t length;
	} kinds[SUMMARY_KINDS];
	int count;
	/* By hash: 1 + the number of a kind, or 0. */
	uint16_t slots[2 * SUMMARY_KINDS];
	/* Their texts, one after the other. */
	char text[SUMMARY_TEXT];
	size_t used;
	/* Rows of all other kinds. */
	uint64_t others;
};

void summary_add(struct summary *summary, const char *text, size_t length);

/* Most first; then summary->kinds are in that order, and no more can come. */
void summary_sort(struct summary *summary);

/* Begin anew. */
void summary_clear(struct summary *summary);

#endif
