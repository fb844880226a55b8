// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * text.c - text_format() of text.c against snprintf(3), its text_number() and
 * text_find()
 */
#include <limits.h>

#include "tap.h"
#include "base/text.h"

/* The same text in every size of buffer, and nothing after it. */
#define SAME(...)                                                         \
	({                                                                \
		char mine_[64], theirs_[64];                              \
		bool all_ = true;                                         \
		for (size_t size_ = 1; size_ <= sizeof(mine_); size_++) { \
			memset(mine_, '#', sizeof(mine_));                \
			memset(theirs_, '#', sizeof(theirs_));            \
			size_t length_ =                                  \
				text_format(mine_, size_, __VA_ARGS__);   \
			snprintf(theirs_, size_, __VA_ARGS__);            \
			all_ = all_ && length_ == strlen(theirs_) &&      \
			       !memcmp(mine_, theirs_, sizeof(mine_));    \
		}                                                         \
		if (!all_)                                                \
			printf("# [%s] [%s]\n", mine_, theirs_);          \
		ok(all_, "%s", #__VA_ARGS__);                             \
	})

static void test_number(void)
{
	static const struct {
		const char *text;
		uint64_t number;
		const char *rest;
	} some[] = {
		{ "181", 181, "" },
		{ "  42 43", 42, " 43" },
		{ "007x", 7, "x" },
		{ "x7", 0, "x7" },
		{ "", 0, "" },
		{ "\t5", 0, "\t5" },
		{ "-5", 0, "-5" },
		{ "18446744073709551615,", UINT64_MAX, "," },
		{ "18446744073709551616,", UINT64_MAX, "," },
		{ "99999999999999999999999.", UINT64_MAX, "." },
	};

	for (size_t i = 0; i < countof(some); i++) {
		const char *at = some[i].text;
		uint64_t number = text_number(&at);

		ok(number == some[i].number && !strcmp(at, some[i].rest),
		   "the number of \"%s\"", some[i].text);
	}
}

static void test_find(void)
{
	static const char text[] = "none [integrity] confidentiality";

	ok(text_find(text, "none") == text, "a word is at the start");
	ok(text_find(text, "[integrity]") == text + 5, "or in the middle");
	ok(text_find(text, "ality") == text + sizeof(text) - 6,
	   "or at the end");
	ok(!text_find(text, "[none]") && !text_find("", "a") &&
		   !text_find("abc", "abcd"),
	   "what is not there is not found");
}

int main(void)
{
	SAME("%s", "");
	SAME("plain, and 100%%");
	SAME("%s and %s", "this", "that");
	SAME("%-13s %-4s %s", "kernel", "", "Linux");
	SAME("%13s|%-2s|", "right", "longer");
	SAME("%d %d %d", 0, 181, -181);
	SAME("%d %d", INT_MAX, INT_MIN);
	SAME("%u", UINT_MAX);
	SAME("%5d|%-5d|%05d", 42, 42, 42);
	SAME("%x %04x %08lx", 0xbeefU, 0xfU, 0xfeedUL);
	SAME("%lu %ld", ULONG_MAX, LONG_MIN);
	SAME("%llu %llx", ULLONG_MAX, ULLONG_MAX);
	SAME("%lld %lld", LLONG_MAX, LLONG_MIN);
	SAME("%c%c-%3c|", 'a', 'b', 'c');
	SAME("p%s:tcpaccept/%s %s\n", "", "accept_1_2f", "inet_csk_accept");
	ok(text_format(NULL, 0, "%s", "nothing") == 0, "no room, no text");
	test_number();
	test_find();
	return done();
}
