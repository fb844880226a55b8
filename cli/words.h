/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * words.h - parses words of the command line: numbers, times, networks, names,
 * lists
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

/* A year: the longest time. */
#define TIME_MAX_MS (365 * 86400000ULL)

/* Die: "invalid WHAT 'WORD' for OPTION: use USE". */
_Noreturn void die_word(const struct word *word, const char *what,
			const char *use);
/* Die: "OPTION: WHY: 'WORD'". */
_Noreturn void die_list(const struct word *word, const char *why);

/*
 * Get the next word of a list with commas; returns false after the last one.
 * *more is the list at first, then the rest of it.
 */
bool next_word(struct word *word, const char **more);

/*
 * Parse a decimal number; strtoull(3) would accept " 1", "+1" and "-1", too.
 * what: "prefix length", for messages.
 */
uint64_t parse_number(const struct word *word, const char *what, uint64_t least,
		      uint64_t most);

/*
 * Parse seconds, with decimals or not, or a number with the unit s, m, h or d.
 * Returns nanoseconds: whole milliseconds, 1 to TIME_MAX_MS of them.
 */
uint64_t parse_time(const struct word *word);

/*
 * Parse ADDR[/LEN]. The bits of the host are cleared; IPv4 that is mapped into
 * IPv6 becomes IPv4.
 */
struct accept_network parse_network(const struct word *word);

/* An option that filters by a list of numbers. */
struct numbers {
	enum accept_wants filter;
	/* Its ACCEPT_EXCEPT_ bit; 0 for ports, whose lists may have both. */
	enum accept_wants except;
	/* "-P", "port" and what to write, for messages. */
	const char *option;
	const char *what;
	const char *use;
	/* /etc/services or /etc/passwd, or NULL if there are no names. */
	const char *file;
	uint64_t least;
	uint64_t most;
};

/*
 * Add a list to the filters: numbers, ranges, and names of the file, with `!`
 * before what is excepted.
 */
void parse_numbers(struct filters *filters, const struct numbers *numbers,
		   const char *list);
/* Add a list of ADDR[/LEN], each with or without `!`. */
void parse_networks(struct filters *filters, const char *list);
/* Add a task's name, with or without `!`, truncated as the kernel does it. */
void parse_comm(struct filters *filters, const char *name);

/* Returns the first digits, or all, of a container's ID. */
const char *parse_container(const char *digits);

/* Returns the path, which must not be empty; it is not looked up yet. */
const char *parse_path(const char *option, const char *path);

#endif
