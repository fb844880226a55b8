/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * words.h - words of the command line: numbers, networks, names, and lists of
 * them
 *
 * What is wrong with a word ends the program: one line, exit 2.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/filter.h"

/* A word, or a part of a list: `length` bytes. option: what it was given for.
 */
struct word {
	const char *option;
	const char *text;
	size_t length;
};

/* The word into `to`, cut, and safe to show. */
const char *shown(char *to, size_t size, const struct word *word);

/* "OPTION wants WANT, not 'WORD'"; "OPTION: WHY: 'WORD'". */
_Noreturn void die_word(const struct word *word, const char *want);
_Noreturn void die_list(const struct word *word, const char *why);

/* The next word of a list; false after the last. `full` starts as the list. */
bool next_word(struct word *word, const char **more);

/* A decimal number; strtoull(3) would accept " 1", "+1" and "-1" as well. */
uint64_t parse_number(const struct word *word, const char *what, uint64_t least,
		      uint64_t most);

/* ADDR[/LEN], with the bits of the host cleared, and IPv4 where it is mapped
 * into IPv6. */
struct accept_network parse_network(const struct word *word);

/*
 * Into the filters: a list of numbers, each once; a list of ADDR[/LEN], each
 * once; a task's name, cut as the kernel cuts it.
 */
void parse_numbers(struct filters *filters, enum accept_wants ask,
		   const char *option, const char *what, uint64_t least,
		   uint64_t most, const char *list);
void parse_networks(struct filters *filters, const char *list);
void parse_comm(struct filters *filters, const char *name);

/* A path that is not empty; whether it leads anywhere shows later. */
const char *parse_path(const char *option, const char *path);

#endif
