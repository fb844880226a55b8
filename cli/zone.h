/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * zone.h - dates, and the time zone: a TZif file (RFC 9636), or a string as in
 * TZ
 *
 * libc maps a zone's file and believes its counts. Here it is read into memory
 * of our own and checked before anything of it is used.
 */
#ifndef ZONE_H
#define ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file is no longer; the longest of tzdata has 5 KB. */
#define ZONE_SIZE (64 << 10)

/* When in a year the clocks change. */
struct zone_rule {
	/* Of the three ways to tell a day: 'M', 'J', or 0. */
	char form;
	/* 'M': so many weeks, 5 for the last, into the month. */
	uint8_t month;
	uint8_t week;
	/* 'M': day of the week, 0 for Sunday; 'J': of a year without
	 * February 29, 1 to 365; 0: of the year, 0 to 365.
	 */
	uint16_t day;
	/* Seconds of that day, maybe before or after it. */
	int32_t seconds;
};

/* UTC if all is zero. */
struct zone {
	/* In the file: transitions, big-endian, of `width` bytes each; the
	 * number of the type that each begins; the types.
	 */
	const uint8_t *times;
	const uint8_t *numbers;
	const uint8_t *types;
	uint32_t count;
	int width;
	/* After the last transition, if there are rules: seconds east of UTC,
	 * and if it has summer time, that, and its first and last moment.
	 */
	bool ruled;
	bool summers;
	int32_t standard;
	int32_t summer;
	struct zone_rule begin;
	struct zone_rule end;
	/* What zone_open() read. */
	uint8_t file[ZONE_SIZE];
};

/*
 * The zone that TZ tells, or NULL: /etc/localtime, if it is there. Returns
 * NULL, or why it cannot be used; then the zone is UTC.
 */
const char *zone_open(struct zone *zone, const char *tz);

/* Bytes of a TZif file, which the zone keeps pointing to; false if they are
 * none.
 */
bool zone_parse(struct zone *zone, const uint8_t *bytes, size_t size);

/* "CET-1CEST,M3.5.0,M10.5.0/3", up to `end`, NUL or newline; false if it is
 * none.
 */
bool zone_parse_rules(struct zone *zone, const char *text, char end);

/* Seconds east of UTC at that time, seconds since 1970: of the years 1 to 9999.
 */
int32_t zone_offset(const struct zone *zone, int64_t at);

struct date {
	int year;
	/* Both from 1 on. */
	int month;
	int day;
};

/* So many days after 1970-01-01; of the same years. */
struct date date_of(int32_t days);

#endif
