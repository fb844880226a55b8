// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rings.c - the CPUs that there may be, as sysfs tells them
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

int main(void)
{
	test_lists();
	test_cut();
	test_holes();
	return done();
}
