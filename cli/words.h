/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * words.h - parses words of the command line: numbers, networks, names, lists
 *
 * If a word is wrong, the program ends with one line and exit status 2.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/filter.h"

/* A word of `length` bytes, of a list or not, that was given for `option`. */
struct word {
	const char *option;
	const char *text;
	size_t length;
};

/* Write the word to `to`, shortened and safe to show; returns `to`. */
const char *shown(char *to, size_t size, const struct word *word);

/* Die: "OPTION wants WANT, not 'WORD'". */
_Noreturn void die_word(const struct word *word, const char *want);
/* Die: "OPTION: WHY: 'WORD'". */
_Noreturn void die_list(const struct word *word, const char *why);

/*
 * Get the next word of a list with commas; returns false after the last one.
 * *more is the list at first, then the rest of it.
 */
bool next_word(struct word *word, const char **more);

/*
 * Parse a decimal number; strtoull(3) would accept " 1", "+1" and "-1", too.
 * what: "a port", for messages.
 */
uint64_t parse_number(const struct word *word, const char *what, uint64_t least,
		      uint64_t most);

/*
 * Parse ADDR[/LEN]. The bits of the host are cleared; IPv4 that is mapped into
 * IPv6 becomes IPv4.
 */
struct accept_network parse_network(const struct word *word);

/* An option that filters by a list of numbers. */
struct numbers {
	enum accept_wants filter;
	/* "-P" and "a port", for messages. */
	const char *option;
	const char *what;
	uint64_t least;
	uint64_t most;
};

/* Add the numbers of a list to the filters; each may be there once. */
void parse_numbers(struct filters *filters, const struct numbers *numbers,
		   const char *list);
/* Add the ADDR[/LEN] of a list to the filters; each may be there once. */
void parse_networks(struct filters *filters, const char *list);
/* Add a task's name to the filters, truncated as the kernel does it. */
void parse_comm(struct filters *filters, const char *name);

/* Returns the path, which must not be empty; it is not looked up yet. */
const char *parse_path(const char *option, const char *path);

#endif
