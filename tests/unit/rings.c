// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rings.c - the CPUs that there may be, as sysfs has them; the rings' sizes
 */
#include <stdio.h>

#include "attach/rings.c"

#include "tap.h"

#define END UINT64_MAX

static uint64_t numbers[CPU_MAX];

/* How many; those after them are as they were. */
static int parsed(const char *text)
{
	int count = 0;

	for (int i = 0; i < CPU_MAX; i++)
		numbers[i] = END;
	parse_possible(text, numbers);
	while (count < CPU_MAX && numbers[count] != END)
		count++;
	return count;
}

static void test_lists(void)
{
	ok(parsed("0\n") == 1 && numbers[0] == 0, "one CPU");
	ok(parsed("0-3\n") == 4 && numbers[3] == 3, "a range");
	ok(parsed("0-1,8,10-11\n") == 5 && numbers[2] == 8 &&
		   numbers[3] == 10 && numbers[4] == 11,
	   "ranges and holes");
	ok(parsed("\n") == 0 && parsed("") == 0, "none");
	ok(parsed("0-99999\n") == CPU_MAX, "no more than there is room for");
}

/* As if the rest had not found room. */
static void test_cut(void)
{
	ok(parsed("0,2,11") == 2 && numbers[1] == 2,
	   "a number that is cut is left out: it may be 115");
	ok(parsed("0,2-1") == 1, "so is a range whose end is cut");
	ok(parsed("0,2-") == 1, "or is not there");
	ok(parsed("0,2,") == 2, "one before the cut is whole");
}

/* A list that is as long as 800 words. */
static void test_holes(void)
{
	char text[4096] = "";
	size_t length = 0;

	for (int i = 0; i < 1600; i += 2)
		length += snprintf(text + length, sizeof(text) - length, "%s%d",
				   i ? "," : "", i);
	snprintf(text + length, sizeof(text) - length, "\n");
	ok(parsed(text) == 800 && numbers[799] == 1598,
	   "a list of 800 words: all");
}

/* All together have 16 MiB at most, but each has a page. */
static void test_sizes(void)
{
	ok(ring_size(0, 4096, 1) == 256 << 10 &&
		   ring_size(0, 4096, 64) == 256 << 10,
	   "up to 64 CPUs: 256 KiB each");
	ok(ring_size(0, 4096, 65) == 128 << 10 &&
		   ring_size(0, 4096, 128) == 128 << 10 &&
		   ring_size(0, 4096, 129) == 64 << 10 &&
		   ring_size(0, 4096, 1024) == 16 << 10,
	   "more CPUs: less, so that all have 16 MiB at most");
	ok(ring_size(0, 4096, CPU_MAX) == 4096 &&
		   ring_size(0, 65536, 512) == 65536,
	   "a page at least");
	ok(ring_size(0, 512 << 10, 2) == 512 << 10, "also a very large one");
	ok(ring_size(64, 4096, 4096) == 256 << 10 &&
		   ring_size(1, 4096, 1) == 4096,
	   "--ring decides, whatever that makes");
}

int main(void)
{
	test_sizes();
	test_lists();
	test_cut();
	test_holes();
	return done();
}
