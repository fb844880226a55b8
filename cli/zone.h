/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * zone.h - dates, and the time zone: a TZif file (RFC 9636), or a string as in
 * TZ
 *
 * libc maps a zone's file and trusts its counts. This reads the file into a
 * buffer, and checks it before anything of it is used.
 */
#ifndef ZONE_H
#define ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file must be smaller than this; the longest of tzdata has 5 KB. */
#define ZONE_SIZE (64 << 10)

/* When in a year the clocks change. */
struct zone_rule {
	/* How TZ gives the day: 'M', 'J', or 0 for a plain number. */
	char form;
	/* 'M': the month, 1 to 12. */
	uint8_t month;
	/* 'M': the week of the month; 5 is the last. */
	uint8_t week;
	/*
	 * 'M': day of the week, 0 is Sunday. 'J': day of a year without
	 * February 29, 1 to 365. 0: day of the year, 0 to 365.
	 */
	uint16_t day;
	/* Seconds since midnight; may be negative, or more than a day. */
	int32_t seconds;
};

/* A zone of all zeros is UTC. */
struct zone {
	/* In the file: times of transitions, big-endian, `width` bytes each. */
	const uint8_t *times;
	/* In the file: a byte for each transition, the type that it begins. */
	const uint8_t *numbers;
	/* In the file: the types, 6 bytes each. */
	const uint8_t *types;
	/* How many transitions there are. */
	uint32_t count;
	/* 4 or 8. */
	int width;
	/* The members below apply after the last transition. */
	bool ruled;
	/* There is a summer time, from `begin` to `end`. */
	bool summers;
	/* Seconds east of UTC: standard time, and summer time. */
	int32_t standard;
	int32_t summer;
	struct zone_rule begin;
	struct zone_rule end;
	/* What zone_open() read. */
	uint8_t file[ZONE_SIZE];
};

/*
 * Open the zone that tz, the value of TZ, names; if tz is NULL, the zone of
 * /etc/localtime, or UTC if there is none. Returns NULL, or why the zone cannot
 * be used: then it is UTC.
 */
const char *zone_open(struct zone *zone, const char *tz);

/*
 * Use the bytes of a TZif file, which must stay as long as the zone. Returns
 * false if they are no such file.
 */
bool zone_parse(struct zone *zone, const uint8_t *bytes, size_t size);

/*
 * Parse rules like "CET-1CEST,M3.5.0,M10.5.0/3", up to `end`, NUL or newline.
 * Returns false if they are wrong.
 */
bool zone_parse_rules(struct zone *zone, const char *text, char end);

/*
 * Return the seconds east of UTC at a time in seconds since 1970; years 1 to
 * 9999.
 */
int32_t zone_offset(const struct zone *zone, int64_t at);

struct date {
	int year;
	/* Month and day count from 1. */
	int month;
	int day;
};

/* Return the date so many days after 1970-01-01; years 1 to 9999. */
struct date date_of(int32_t days);

#endif
