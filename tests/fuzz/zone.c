// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * zone.c - zone_parse() and zone_parse_rules() over any bytes, and
 * zone_offset() of what they took
 */
#include "fuzz.h"
#include "cli/zone.h"

/* What the input begins with; behind it is a file, or rules. */
struct start {
	/* Seconds, from 1970 on. */
	uint64_t at;
};

/* The last second of the year 9999. */
#define MOST 253402300799

static struct zone zone;

/* Any time has one of the offsets that the zone tells of. */
static void check_offset(int64_t at, uint32_t types)
{
	const int32_t offset = zone_offset(&zone, at);
	const uint8_t *type = zone.types;

	if (zone.ruled && (offset == zone.standard ||
			   (zone.summers && offset == zone.summer)))
		return;
	for (; types; types--, type += 6)
		if ((uint32_t)offset ==
		    ((uint32_t)type[0] << 24 | type[1] << 16 | type[2] << 8 |
		     type[3]))
			return;
	must(!"an offset that no rule has");
}

static void check_times(uint64_t at, uint32_t types)
{
	check_offset(at % (MOST + 1), types);
	check_offset(0, types);
	check_offset(MOST, types);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct start start;
	size_t claimed;
	uint8_t *copy;
	char *text;

	fuzz_take(&start, sizeof(start), &data, &size);
	copy = fuzz_copy(data, size);
	claimed = size;
#ifdef PLANT_A_BUG
	/* For fuzz.t: what lies behind a header is taken for the file's. */
	if (size >= 44)
		claimed += 256;
#endif
	memset(&zone, 0, offsetof(struct zone, file));
	if (zone_parse(&zone, copy, claimed))
		/* No more of them than there is room for. */
		check_times(start.at, (claimed - (zone.types - copy)) / 6);
	free(copy);
	text = calloc(1, size + 1);
	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	memset(&zone, 0, offsetof(struct zone, file));
	if (zone_parse_rules(&zone, text, '\0'))
		check_times(start.at, 0);
	free(text);
	return 0;
}
