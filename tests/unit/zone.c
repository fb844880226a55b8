// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * zone.c - dates and offsets against those of libc, and files that are
 * none
 */
#include <ftw.h>
#include <limits.h>
#include <time.h>

#include "tap.h"
#include "cli/zone.h"

#define ZONES "/usr/share/zoneinfo"

static struct zone zone;

static void zone_reset(void)
{
	memset(&zone, 0, offsetof(struct zone, file));
}

static int32_t libc_offset(int64_t at)
{
	time_t seconds = at;
	struct tm local;

	localtime_r(&seconds, &local);
	return local.tm_gmtoff;
}

static void libc_zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static int64_t seconds_of(int year, int month, int day, int hour)
{
	struct tm utc = { .tm_year = year - 1900,
			  .tm_mon = month - 1,
			  .tm_mday = day,
			  .tm_hour = hour };

	return timegm(&utc);
}

static void test_dates(void)
{
	time_t seconds;
	struct date date;
	struct tm utc;
	bool good = true;

	for (int32_t days = -719162; days < 2932896; days++) {
		seconds = (time_t)days * 86400;
		gmtime_r(&seconds, &utc);
		date = date_of(days);
		good &= date.year == utc.tm_year + 1900 &&
			date.month == utc.tm_mon + 1 && date.day == utc.tm_mday;
	}
	ok(good, "each day of the years 1 to 9999 is that of gmtime(3)");
}

/* At random times of 1970 to 2100, and at each hour of some years. */
static bool same_as_libc(uint64_t *random)
{
	bool good = true;
	int64_t at;

	for (int i = 0; i < 200 && good; i++) {
		at = tap_random(random) % 4102444800;
		good = zone_offset(&zone, at) == libc_offset(at);
		if (!good)
			printf("# %s at %lld: %d, not %d\n", getenv("TZ"),
			       (long long)at, zone_offset(&zone, at),
			       libc_offset(at));
	}
	return good;
}

static bool same_all_year(const char *tz)
{
	const int64_t first = seconds_of(2023, 12, 20, 0);
	bool good = true;

	zone_reset();
	libc_zone(tz);
	if (!zone_parse_rules(&zone, tz, '\0'))
		return false;
	for (int64_t at = first; at < first + 400 * 86400; at += 1800)
		good &= zone_offset(&zone, at) == libc_offset(at) &&
			zone_offset(&zone, at - 1) == libc_offset(at - 1);
	return good;
}

static void test_rules(void)
{
	static const char *const texts[] = {
		"UTC0",
		"<+03>-3",
		"<-0330>+3:30",
		"XYZ-5:30:15",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"EST5EDT,M3.2.0,M11.1.0",
		"EST5EDT",
		"AEST-10AEDT,M10.1.0,M4.1.0/3",
		"<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
		"IST-2IDT,M3.4.4/26,M10.5.0",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
		"IST-1GMT0,M10.5.0,M3.5.0/1",
		"AAA3BBB,J60/0,J300/0",
		"AAA3BBB,59/0,300/0",
	};
	bool good = true;
	int64_t at;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ok(same_all_year(texts[i]), "%s: as libc has it", texts[i]);
	/* That of glibc asks for the year in UTC. */
	zone_reset();
	at = seconds_of(2024, 12, 30, 20);
	ok(zone_parse_rules(&zone, "AAA-3BBB-4,J1/0,J365/0", '\0') &&
		   zone_offset(&zone, at - 1) == 4 * 3600 &&
		   zone_offset(&zone, at) == 3 * 3600 &&
		   zone_offset(&zone, at + 25 * 3600 - 1) == 3 * 3600 &&
		   zone_offset(&zone, at + 25 * 3600) == 4 * 3600,
	   "a year's first moment by the local time");
	zone_reset();
	ok(zone_parse_rules(&zone, "XXX3EDT4,0/0,J365/23", '\0'),
	   "summer time that is never over, as RFC 9636 has it");
	for (at = seconds_of(2023, 12, 20, 0); at < seconds_of(2025, 1, 10, 0);
	     at += 1800)
		good &= zone_offset(&zone, at) == -4 * 3600;
	ok(good, "is never over");
}

static int text_append(char *to, const char *format, ...)
{
	va_list list;
	int length;

	va_start(list, format);
	length = vsprintf(to, format, list);
	va_end(list);
	return length;
}

static char *random_rule(char *to, uint64_t *random, int least, int most)
{
	const int day = least + tap_random(random) % (most - least);

	switch (tap_random(random) % 3) {
	case 0:
		to += text_append(to, ",M%d.%d.%d", day / 31 + 1,
				  (int)(tap_random(random) % 5 + 1),
				  (int)(tap_random(random) % 7));
		break;
	case 1:
		to += text_append(to, ",J%d", day);
		break;
	default:
		to += text_append(to, ",%d", day);
	}
	if (tap_random(random) % 2)
		to += text_append(to, "/%d:%02d",
				  (int)(tap_random(random) % 25),
				  (int)(tap_random(random) % 60));
	return to;
}

/* The two changes are in different halves of a year. */
static void test_random_rules(void)
{
	uint64_t random = 2026;
	bool good = true;
	char text[128], *to;

	for (int i = 0; i < 3000 && good; i++) {
		const bool south = i % 2;

		to = text + sprintf(text, "AB%c%d<+%02d>%d", 'C' + i % 20,
				    (int)(tap_random(&random) % 23) - 11,
				    i % 100,
				    (int)(tap_random(&random) % 23) - 11);
		to = random_rule(to, &random, south ? 200 : 40,
				 south ? 320 : 150);
		random_rule(to, &random, south ? 40 : 200, south ? 150 : 320);
		zone_reset();
		libc_zone(text);
		good = zone_parse_rules(&zone, text, '\0') &&
		       same_as_libc(&random);
	}
	ok(good, "3000 random rules: as libc has them, 1970 to 2100");
}

static void test_no_rules(void)
{
	static const char *const texts[] = {
		"",
		"UTC",
		"5",
		"<+03",
		"<>3",
		"A168",
		"A1:60",
		"A1:",
		"A-",
		"A--1",
		"A3B,",
		"A3B,M3.5.0",
		"A3B,M3.5.0,",
		"A3B,M0.5.0,M4.1.0",
		"A3B,M13.5.0,M4.1.0",
		"A3B,M3.0.0,M4.1.0",
		"A3B,M3.6.0,M4.1.0",
		"A3B,M3.5.7,M4.1.0",
		"A3B,M3.5,M4.1.0",
		"A3B,J0,J5",
		"A3B,J366,J5",
		"A3B,366,5",
		"A3B,1/168,5",
		"A3B,1,5x",
		"A3B,1,5,6",
		"A3 ",
		"A99999999999999999999",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		zone_reset();
		ok(!zone_parse_rules(&zone, texts[i], '\0'), "no rules: '%s'",
		   texts[i]);
	}
}

/* ------------------------------------------------------------------------
 * Files
 */

static uint8_t file[4096];
static size_t size;

static void put_number(int64_t number, int width)
{
	while (width--)
		file[size++] = number >> 8 * width;
}

/* Types: 0 is UTC, 1 an hour, 2 two hours east. */
static void put_block(char version, int width, const int64_t *times,
		      const uint8_t *numbers, int count)
{
	memcpy(file + size, "TZif", 4);
	file[size + 4] = version;
	memset(file + size + 5, 0, 15);
	size += 20;
	/* isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt */
	put_number(3, 4);
	put_number(2, 4);
	put_number(1, 4);
	put_number(count, 4);
	put_number(3, 4);
	put_number(4, 4);
	for (int i = 0; i < count; i++)
		put_number(times[i], width);
	for (int i = 0; i < count; i++)
		put_number(numbers[i], 1);
	for (int i = 0; i < 3; i++) {
		put_number(i * 3600, 4);
		put_number(i, 1);
		put_number(0, 1);
	}
	put_number('A' << 24, 4);
	put_number(78796800, width);
	put_number(1, 4);
	put_number(0, 2);
	put_number(0, 3);
}

static const int64_t times[] = { -1000, 1000, 5000 };
static const uint8_t numbers[] = { 2, 1, 2 };

/* In a block of just its size. */
static bool parses(size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);
	bool good;

	memcpy(copy, file, length);
	zone_reset();
	good = zone_parse(&zone, copy, length);
	free(copy);
	return good;
}

static void make_file(char version, const char *footer)
{
	size = 0;
	put_block(version, 4, times, numbers, 3);
	if (!version)
		return;
	/* Other times, to tell which are used. */
	size = 0;
	put_block(version, 4, times, numbers, 1);
	put_block(version, 8, times, numbers, 3);
	memcpy(file + size, footer, strlen(footer));
	size += strlen(footer);
}

static bool offsets_are(const int *hours)
{
	static const int64_t at[] = { -1001, -1000, 999,  1000,
				      4999,  5000,  9999, 1900000000 };
	bool good = true;

	zone_reset();
	good = zone_parse(&zone, file, size);
	for (int i = 0; i < 8 && good; i++)
		good = zone_offset(&zone, at[i]) == hours[i] * 3600;
	return good;
}

static void test_files(void)
{
	static const int as_table[] = { 0, 2, 2, 1, 1, 2, 2, 2 };
	static const int as_rules[] = { 0, 2, 2, 1, 1, -3, -3, -3 };

	make_file('\0', "");
	ok(offsets_are(as_table),
	   "version 1: each transition from its second on");
	make_file('2', "\n\n");
	ok(offsets_are(as_table), "version 2: those of 64 bits");
	make_file('3', "\n<-03>3\n");
	ok(offsets_are(as_rules), "after the last one by the rules, if any");
}

static void test_bad_files(void)
{
	int taken = 0;

	make_file('2', "\n<-03>3\n");
	for (size_t i = 0; i < size; i++)
		taken += parses(i);
	ok(!taken, "no file that is cut is taken");
	make_file('\0', "");
	for (size_t i = 0; i < size; i++)
		taken += parses(i);
	ok(!taken, "nor one of version 1");
	/* Each byte of the headers: any count too high is found. */
	for (size_t i = 20; i < 44; i++) {
		make_file('\0', "");
		file[i] = 0xff;
		taken += parses(size);
	}
	ok(!taken, "nor one with a count that is too high");
	memset(file + 20, 0xff, 24);
	ok(!parses(size), "nor with all of them");
	make_file('\0', "");
	file[44 + 3 * 4 + 1] = 3;
	ok(!parses(size), "nor one with a type that there is not");
	make_file('2', "\nA3B,M3\n");
	ok(!parses(size), "nor one with rules that are none");
	make_file('2', "\n<-03>3x");
	ok(!parses(size), "nor one whose rules do not end");
	make_file('2', "<-03>3\n");
	ok(!parses(size), "nor one whose rules do not begin");
	make_file('\0', "");
	file[0] = 't';
	ok(!parses(size), "nor one that is another kind of file");
	size = 0;
	put_block('\0', 4, times, numbers, 0);
	file[20 + 4 * 4 + 3] = 0;
	ok(!parses(size), "nor one without a type");
}

/* ------------------------------------------------------------------------
 * Those of this machine
 */

static int files, bad;

static int compare_file(const char *path, const struct stat *info, int kind,
			struct FTW *at)
{
	uint64_t random = 1 + files;
	char tz[PATH_MAX];
	size_t length;
	FILE *stream;

	(void)info;
	(void)at;
	/* Theirs count leap seconds. */
	if (kind != FTW_F || strstr(path, "/right/"))
		return 0;
	stream = fopen(path, "r");
	length = fread(zone.file, 1, sizeof(zone.file), stream);
	fclose(stream);
	if (length < 4 || memcmp(zone.file, "TZif", 4))
		return 0;
	zone_reset();
	snprintf(tz, sizeof(tz), ":%s", path);
	libc_zone(tz);
	files++;
	bad += !zone_parse(&zone, zone.file, length) || !same_as_libc(&random);
	return 0;
}

static void test_machine(void)
{
	const char *claim = "each zone of this machine is as libc has it";

	nftw(ZONES, compare_file, 16, FTW_PHYS);
	printf("# %d files\n", files);
	if (files)
		ok(!bad, "%s", claim);
	else
		skip(claim, "no tzdata here");
}

static const char *opened(const char *tz)
{
	zone_reset();
	return zone_open(&zone, tz);
}

static bool is_utc(void)
{
	return !zone_offset(&zone, 0) && !zone_offset(&zone, 1900000000);
}

static void test_open(void)
{
	char path[] = "/tmp/zone-XXXXXX";
	int fd = mkstemp(path);
	char tz[64];

	make_file('3', "\n<-03>3\n");
	ok(write(fd, file, size) == (ssize_t)size && !opened(path) &&
		   zone_offset(&zone, 1900000000) == -3 * 3600,
	   "a file by its path");
	snprintf(tz, sizeof(tz), ":%s", path);
	ok(!opened(tz) && zone_offset(&zone, 1900000000) == -3 * 3600,
	   "with a colon in front");
	ok(!ftruncate(fd, 0) && zone_offset(&zone, 1900000000) == -3 * 3600,
	   "which is not looked at again");
	ok(opened(path) && is_utc(), "an empty one: UTC, and why");
	ok(!ftruncate(fd, 1 << 20) && opened(path) && is_utc(),
	   "one that is too long");
	unlink(path);
	ok(opened(path) && is_utc(), "one that is not there");
	ok(!mkfifo(path, 0600) && opened(path) && is_utc(),
	   "a FIFO, which nobody writes to");
	unlink(path);
	ok(opened("/") && is_utc(), "a directory");
	ok(opened("Nowhere/City") && is_utc(), "a zone that there is not");
	ok(opened("Europe/../../etc/passwd") && is_utc(), "a way out");
	ok(!opened("") && is_utc() && !opened("UTC") && is_utc() &&
		   !opened("GMT") && is_utc() && !opened(":") && is_utc(),
	   "nothing, UTC and GMT are UTC");
	ok(!opened("XYZ-5:30") && zone_offset(&zone, 0) == 5 * 3600 + 1800,
	   "rules");
	close(fd);
}

int main(void)
{
	alarm(300);
	test_dates();
	test_rules();
	test_random_rules();
	test_no_rules();
	test_files();
	test_bad_files();
	test_open();
	test_machine();
	return done();
}
