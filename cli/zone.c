// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * zone.c - dates, and the time zone
 *
 * Sections: dates, rules, files, zone.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/zone.h"

#define HOUR 3600
#define DAY (24 * HOUR)

/* ------------------------------------------------------------------------
 * Dates
 *
 * Years begin in March here: then a leap day is the last one of its year, and
 * the months before a month have (153 * month + 2) / 5 days. 400 years have
 * 146097 days; 1970-01-01 is day 719468 after the March 1 of year 0.
 */

#define EPOCH 719468
#define YEARS_400 146097

struct date date_of(int32_t days)
{
	const uint32_t all = days + EPOCH, rest = all % YEARS_400;
	const uint32_t year =
		(rest - rest / 1460 + rest / 36524 - rest / (YEARS_400 - 1)) /
		365;
	const uint32_t day = rest - (365 * year + year / 4 - year / 100);
	const uint32_t month = (5 * day + 2) / 153;

	return (struct date){
		.year = all / YEARS_400 * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day - (153 * month + 2) / 5 + 1,
	};
}

/*
 * Days from 1970-01-01 to a month's first day; month 13 is January of the next
 * year.
 */
static int32_t days_before(int year, int month)
{
	month -= 3;
	if (month < 0) {
		month += 12;
		year--;
	}
	return 365 * year + year / 4 - year / 100 + year / 400 +
	       (153 * month + 2) / 5 - EPOCH;
}

/* ------------------------------------------------------------------------
 * Rules: POSIX.1-2024, 8.3, "TZ"; with hours from -167 to 167, as in RFC 9636
 */

static bool take(const char **at, char byte)
{
	if (**at != byte)
		return false;
	(*at)++;
	return true;
}

/* Returns false if there are no digits, or the number is above `most`. */
static bool take_number(const char **at, int most, int *number)
{
	const char *start = *at;

	*number = 0;
	for (; **at >= '0' && **at <= '9' && *number <= most; (*at)++)
		*number = *number * 10 + **at - '0';
	return *at > start && *number <= most;
}

/* [+-]h[:m[:s]]; the result is in seconds. */
static bool take_time(const char **at, int32_t *seconds)
{
	const bool minus = take(at, '-');
	int number;

	if (!minus)
		take(at, '+');
	if (!take_number(at, 167, &number))
		return false;
	*seconds = number * HOUR;
	for (int unit = 60; unit && take(at, ':'); unit /= 60) {
		if (!take_number(at, 59, &number))
			return false;
		*seconds += number * unit;
	}
	if (minus)
		*seconds = -*seconds;
	return true;
}

/* A zone's name: letters; between < and > also digits and signs. */
static bool skip_name(const char **at)
{
	const bool quoted = take(at, '<');
	const char *start = *at;

	while ((**at >= 'a' && **at <= 'z') || (**at >= 'A' && **at <= 'Z') ||
	       (quoted &&
		((**at >= '0' && **at <= '9') || **at == '+' || **at == '-')))
		(*at)++;
	return *at > start && (!quoted || take(at, '>'));
}

/* ",DAY" or ",DAY/TIME" */
static bool take_rule(const char **at, struct zone_rule *rule)
{
	int month, week, day;

	if (!take(at, ','))
		return false;
	rule->form = 0;
	if (take(at, 'M')) {
		rule->form = 'M';
		if (!take_number(at, 12, &month) || !month || !take(at, '.') ||
		    !take_number(at, 5, &week) || !week || !take(at, '.') ||
		    !take_number(at, 6, &day))
			return false;
		rule->month = month;
		rule->week = week;
	} else {
		if (take(at, 'J'))
			rule->form = 'J';
		if (!take_number(at, 365, &day) || (rule->form && !day))
			return false;
	}
	rule->day = day;
	rule->seconds = 2 * HOUR;
	return !take(at, '/') || take_time(at, &rule->seconds);
}

bool zone_parse_rules(struct zone *zone, const char *text, char end)
{
	/* If a summer time has no rules: the same as in tzcode and glibc. */
	const char *usual = ",M3.2.0,M11.1.0";
	int32_t west;

	if (!skip_name(&text) || !take_time(&text, &west))
		return false;
	zone->standard = -west;
	zone->summers = *text != end;
	zone->ruled = true;
	if (!zone->summers)
		return true;
	if (!skip_name(&text))
		return false;
	zone->summer = zone->standard + HOUR;
	if (*text != end && *text != ',') {
		if (!take_time(&text, &west))
			return false;
		zone->summer = -west;
	}
	if (*text == end)
		return take_rule(&usual, &zone->begin) &&
		       take_rule(&usual, &zone->end);
	return take_rule(&text, &zone->begin) && take_rule(&text, &zone->end) &&
	       *text == end;
}

/* When a rule applies in that year; seconds since 1970, of local time. */
static int64_t rule_at(const struct zone_rule *rule, int year)
{
	const int32_t first = days_before(year, 1),
		      march = days_before(year, 3);
	int32_t day = rule->day, month;

	if (rule->form == 'M') {
		month = days_before(year, rule->month);
		/*
		 * Counted from March 1 of year 0, a Wednesday (3), so that
		 * the number is positive.
		 */
		day = (day - (month + EPOCH + 3) % 7 + 7) % 7;
		day += month + (rule->week - 1) * 7;
		while (day >= days_before(year, rule->month + 1))
			day -= 7;
	} else {
		if (rule->form == 'J')
			day -= day < 60 || march - first == 59;
		day += first;
	}
	return (int64_t)day * DAY + rule->seconds;
}

/* What the rules say: the last change within three years before `at`. */
static int32_t rules_offset(const struct zone *zone, int64_t at)
{
	const int year = date_of((at + zone->standard) / DAY).year;
	int32_t offset = zone->standard;
	int64_t last = INT64_MIN, next;

	for (int i = year - 1; zone->summers && i <= year + 1; i++) {
		next = rule_at(&zone->begin, i) - zone->standard;
		if (next <= at && next >= last) {
			last = next;
			offset = zone->summer;
		}
		next = rule_at(&zone->end, i) - zone->summer;
		if (next <= at && next >= last) {
			last = next;
			offset = zone->standard;
		}
	}
	return offset;
}

/* ------------------------------------------------------------------------
 * Files
 *
 * The header has "TZif", a version, 15 bytes, and six counts: isutcnt,
 * isstdcnt, leapcnt, timecnt, typecnt, charcnt. Then there is a block: the
 * times of transitions; a byte for each, its type; the types, 6 bytes each, of
 * which the first 4 are seconds east of UTC; names; leap seconds; flags that we
 * skip. Times have 4 bytes. From version 2 on there are a second header and
 * block, with times of 8 bytes, and then, between newlines, the rules for the
 * time after the last transition, if any. Numbers are big-endian.
 */

#define HEADER 44

static int64_t number_at(const uint8_t *at, int width)
{
	uint64_t number = 0;

	for (int i = 0; i < width; i++)
		number = number << 8 | at[i];
	return width == 4 ? (int32_t)number : (int64_t)number;
}

static uint64_t count_at(const uint8_t *header, int which)
{
	return (uint32_t)number_at(header + 20 + 4 * which, 4);
}

/* Parse a header and its block, and move *at to their end. */
static bool parse_block(struct zone *zone, const uint8_t **at,
			const uint8_t *end, int width)
{
	const uint8_t *header = *at;
	uint64_t count, types, length;

	if (end - header < HEADER || memcmp(header, "TZif", 4))
		return false;
	count = count_at(header, 3);
	types = count_at(header, 4);
	length = count * (width + 1) + types * 6 + count_at(header, 5) +
		 count_at(header, 2) * (width + 4) + count_at(header, 1) +
		 count_at(header, 0);
	if (length > (uint64_t)(end - header - HEADER))
		return false;
	zone->width = width;
	zone->count = count;
	zone->times = header + HEADER;
	zone->numbers = zone->times + count * width;
	zone->types = zone->numbers + count;
	*at = header + HEADER + length;
	for (uint64_t i = 0; i < count; i++)
		if (zone->numbers[i] >= types)
			return false;
	/* Only the first block of two may be empty. */
	return types || width == 4;
}

/* A newline, rules or nothing, a newline. */
static bool parse_footer(struct zone *zone, const uint8_t *at,
			 const uint8_t *end)
{
	const char *text = (const char *)at + 1;

	if (end - at < 2 || *at != '\n' || !memchr(text, '\n', end - at - 1))
		return false;
	return *text == '\n' || zone_parse_rules(zone, text, '\n');
}

bool zone_parse(struct zone *zone, const uint8_t *bytes, size_t size)
{
	const uint8_t *at = bytes, *end = bytes + size;

	if (!parse_block(zone, &at, end, 4))
		return false;
	if (!bytes[4])
		return count_at(bytes, 4);
	return parse_block(zone, &at, end, 8) && parse_footer(zone, at, end);
}

int32_t zone_offset(const struct zone *zone, int64_t at)
{
	uint32_t low = 0, high = zone->count, middle;

	/* Find how many transitions there were by then. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (number_at(zone->times + (size_t)middle * zone->width,
			      zone->width) <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->count && zone->ruled)
		return rules_offset(zone, at);
	if (!zone->types)
		return 0;
	return number_at(zone->types + (low ? zone->numbers[low - 1] * 6 : 0),
			 4);
}

/* ------------------------------------------------------------------------
 * Zone
 */

static const char *const folders[] = {
	"/usr/share/zoneinfo/",
	"/share/zoneinfo/",
	"/etc/zoneinfo/",
};

/*
 * Read and parse a file. Returns 0, or an errno. O_NONBLOCK: TZ may name
 * anything, such as a pipe.
 */
static int zone_read(struct zone *zone, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat info;
	size_t size = 0;
	ssize_t more;

	if (fd < 0)
		return errno;
	if (fstat(fd, &info) || !S_ISREG(info.st_mode)) {
		close(fd);
		return EINVAL;
	}
	while ((more = read(fd, zone->file + size, ZONE_SIZE - size)) > 0)
		size += more;
	close(fd);
	return !more && size < ZONE_SIZE && zone_parse(zone, zone->file, size) ?
		       0 :
		       EINVAL;
}

/* Read the file of that name in one of the folders. */
static int file_find(struct zone *zone, const char *name)
{
	char path[PATH_MAX];
	int error = ENOENT;

	/* No "..": the file must be in the folders. */
	if (strchr(name, '.') || strlen(name) > NAME_MAX)
		return EINVAL;
	for (size_t i = 0; i < 3 && error == ENOENT; i++) {
		text_format(path, sizeof(path), "%s%s", folders[i], name);
		error = zone_read(zone, path);
	}
	return error;
}

static int find_zone(struct zone *zone, const char *tz)
{
	static const char local[] = "/etc/localtime";
	int error;

	if (!tz) {
		error = zone_read(zone, local);
		return error == ENOENT ? 0 : error;
	}
	if (*tz == ':')
		tz++;
	else if (zone_parse_rules(zone, tz, '\0'))
		return 0;
	zone->ruled = false;
	if (!*tz || !strcmp(tz, "UTC") || !strcmp(tz, "GMT"))
		return 0;
	if (*tz != '/' && *tz != '.')
		return file_find(zone, tz);
	/* With set-user-ID we might read a file that the user may not. */
	if (getauxval(AT_SECURE) && strcmp(tz, local))
		return EPERM;
	return zone_read(zone, tz);
}

const char *zone_open(struct zone *zone, const char *tz)
{
	int error = find_zone(zone, tz);

	if (!error)
		return NULL;
	zone->count = 0;
	zone->types = NULL;
	zone->ruled = false;
	return error == EINVAL ? "it is no time zone file" : strerror(error);
}
