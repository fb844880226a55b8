// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * words.c - parses words of the command line: numbers, networks, names, lists
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>

#include "base/lines.h"
#include "base/message.h"
#include "base/text.h"
#include "kernel/container.h"
#include "cli/put.h"
#include "cli/words.h"

const char *shown(char *to, size_t size, const struct word *word)
{
	char copy[64];

	text_format(copy, sizeof(copy), "%s", word->text);
	if (word->length < sizeof(copy))
		copy[word->length] = '\0';
	return quoted(to, size, copy);
}

_Noreturn void die_word(const struct word *word, const char *what,
			const char *use)
{
	char text[40];

	die_usage("invalid %s '%s' for %s: use %s", what,
		  shown(text, sizeof(text), word), word->option, use);
}

/* Read the digits at `at`. Returns false if there are none, or too many. */
static bool read_digits(const struct word *word, size_t *at, uint64_t *number)
{
	const size_t start = *at;

	for (*number = 0; *at < word->length; ++*at) {
		const unsigned char digit = word->text[*at] - '0';

		if (digit > 9)
			break;
		if (*number > UINT32_MAX)
			return false;
		*number = *number * 10 + digit;
	}
	return *at > start;
}

uint64_t parse_number(const struct word *word, const char *what, uint64_t least,
		      uint64_t most)
{
	uint64_t number;
	char use[80];
	size_t at = 0;

	if (read_digits(word, &at, &number) && at == word->length &&
	    number >= least && number <= most)
		return number;
	text_format(use, sizeof(use), "a number from %llu to %llu",
		    (unsigned long long)least, (unsigned long long)most);
	die_word(word, what, use);
}

/* Read digits after a point as thousandths. Returns false if there are none. */
static bool read_thousandths(const struct word *word, size_t *at,
			     uint64_t *number)
{
	const size_t start = *at;

	for (uint32_t unit = 100; *at < word->length; ++*at, unit /= 10) {
		const unsigned char digit = word->text[*at] - '0';

		if (digit > 9)
			break;
		*number += digit * unit;
	}
	return *at > start;
}

/* Read a letter that is a unit of time, or nothing: its seconds, or 0. */
static uint32_t read_unit(const struct word *word, size_t *at)
{
	if (*at == word->length)
		return 1;
	switch (word->text[(*at)++]) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	}
	return 0;
}

uint64_t parse_time(const struct word *word)
{
	uint64_t seconds = 0, ms = 0;
	size_t at = 0;
	bool good = read_digits(word, &at, &seconds);

	if (good && at < word->length && word->text[at] == '.') {
		at++;
		good = read_thousandths(word, &at, &ms);
	}
	ms = (ms + seconds * 1000) * read_unit(word, &at);
	if (!good || at < word->length || !ms || ms > TIME_MAX_MS)
		die_word(word, "time",
			 "seconds such as 90 or 1.5, or 5m, 1h, up to 365d");
	return ms * 1000000;
}

bool next_word(struct word *word, const char **more)
{
	if (!*more)
		return false;
	word->text = *more;
	word->length = strcspn(word->text, ",");
	*more += word->length;
	*more = **more ? *more + 1 : NULL;
	return true;
}

/* ------------------------------------------------------------------------
 * Lists: words between commas
 */

_Noreturn void die_list(const struct word *word, const char *why)
{
	char text[40];

	die_usage("%s: %s: '%s'", word->option, why,
		  shown(text, sizeof(text), word));
}

static _Noreturn void die_full(const struct word *word)
{
	die_list(word, "more than the 1024 items that a list can have");
}

/* Step over the `!` of an exception; returns whether there was one. */
static bool take_exception(struct word *word)
{
	const bool excepted = word->length && *word->text == '!';

	word->text += excepted;
	word->length -= excepted;
	return excepted;
}

/* What is looked for in a file of names, and the number that it has there. */
struct name {
	const struct word *word;
	uint64_t number;
};

/* "http 80/tcp www # comment": services(5) */
static bool is_service(void *argument, char *line)
{
	struct name *name = argument;
	const size_t want = name->word->length;
	const char *number = line + strcspn(line, " \t");
	size_t length;

	number += strspn(number, " \t");
	name->number = text_number(&number);
	line[strcspn(line, "#")] = '\0';
	for (; (length = strcspn(line, " \t")) != want ||
	       memcmp(line, name->word->text, want);
	     line += length + 1)
		if (!line[length])
			return false;
	return length;
}

/* "www-data:x:33:...": passwd(5) */
static bool is_user(void *argument, char *line)
{
	struct name *name = argument;
	const size_t length = name->word->length;
	const char *at = line + length;

	if (strncmp(line, name->word->text, length) || *at != ':')
		return false;
	at = strchrnul(at + 1, ':');
	at += *at == ':';
	name->number = text_number(&at);
	return length;
}

/* Parse a number, a range, or a name of the filter's file: *first to *last. */
static void parse_range(const struct word *word, const struct numbers *numbers,
			uint64_t *first, uint64_t *last)
{
	struct name name = { word, 0 };
	size_t at = 0;
	bool good = read_digits(word, &at, first);

	*last = *first;
	if (good && at < word->length && word->text[at] == '-') {
		at++;
		good = read_digits(word, &at, last);
	}
	if ((!good || at < word->length) && numbers->file) {
		good = any_line(AT_FDCWD, numbers->file,
				numbers->filter == ACCEPT_FILTER_PORTS ?
					is_service :
					is_user,
				&name);
		at = word->length;
		*first = *last = name.number;
	}
	if (!good || at < word->length || *first < numbers->least ||
	    *first > *last || *last > numbers->most)
		die_word(word, numbers->what, numbers->use);
}

/*
 * Add a value to a filter of either values or exceptions. except: the bit of
 * exceptions.
 */
static void choose(struct filters *filters, const struct word *word,
		   uint32_t kind, uint32_t except, bool excepted,
		   const uint64_t value[2])
{
	if (filters->wanted & kind && !(filters->wanted & except) == excepted)
		die_list(word, "a list has `!` before all words, or none");
	if (!filters_choose(filters, kind | (excepted ? except : 0), value[0],
			    value[1]))
		die_full(word);
}

static void choose_port(struct filters *filters, bool excepted, uint64_t port)
{
	uint64_t *ports = excepted ? filters->not_ports : filters->ports;

	filters->wanted |= ACCEPT_FILTER_PORTS;
	ports[port / 64] |= 1ULL << port % 64;
}

void parse_numbers(struct filters *filters, const struct numbers *numbers,
		   const char *list)
{
	struct word word = { .option = numbers->option };
	uint64_t value[2] = { 0, 0 }, last;
	bool excepted;

	while (next_word(&word, &list)) {
		excepted = take_exception(&word);
		parse_range(&word, numbers, &value[0], &last);
		filters->pid_range |= numbers->filter == ACCEPT_FILTER_PIDS &&
				      last > value[0];
		for (; value[0] <= last; value[0]++)
			if (numbers->except)
				choose(filters, &word, numbers->filter,
				       numbers->except, excepted, value);
			else
				choose_port(filters, excepted, value[0]);
	}
}

struct accept_network parse_network(const struct word *word)
{
	static const char use[] = "an address or network such as 192.0.2.1, "
				  "10.0.0.0/8 or 2001:db8::/32; names are not "
				  "looked up";
	struct accept_network network = { 0 };
	char address[INET6_ADDRSTRLEN];
	struct word length = *word;
	size_t at = 0, bits = 128;

	while (at < word->length && word->text[at] != '/')
		at++;
	if (at >= sizeof(address))
		die_word(word, "network", use);
	memcpy(address, word->text, at);
	address[at] = '\0';
	network.version = strchr(address, ':') ? 6 : 4;
	if (inet_pton(network.version == 6 ? AF_INET6 : AF_INET, address,
		      network.address) != 1)
		die_word(word, "network", use);
	if (network.version == 4)
		bits = 32;
	if (at < word->length) {
		length.text += at + 1;
		length.length -= at + 1;
		bits = parse_number(&length, "prefix length", 0, bits);
	}
	/* Connections from mapped addresses are shown as IPv4. */
	if (network.version == 6 && bits >= 96 &&
	    address_is_mapped(network.address)) {
		network.version = 4;
		bits -= 96;
		memcpy(network.address, network.address + 12, 4);
		memset(network.address + 4, 0, 12);
	}
	network.prefix = 8 + bits;
	network_cut(&network);
	return network;
}

void parse_networks(struct filters *filters, const char *list)
{
	struct word word = { .option = "-R" };
	struct accept_network network;
	bool excepted;

	while (next_word(&word, &list)) {
		excepted = take_exception(&word);
		network = parse_network(&word);
		network.passes = !excepted;
		if (!filters_choose_network(filters, &network))
			die_full(&word);
	}
}

void parse_comm(struct filters *filters, const char *name)
{
	struct word word = { "-c", name, strlen(name) };
	const bool excepted = take_exception(&word);
	uint64_t words[2] = { 0, 0 };
	size_t length = word.length;

	if (!length)
		die_word(&word, "name", "that of a thread or process");
	if (length > ACCEPT_COMM_LEN - 1)
		length = ACCEPT_COMM_LEN - 1;
	memcpy(words, word.text, length);
	choose(filters, &word, ACCEPT_FILTER_COMM, ACCEPT_EXCEPT_COMM, excepted,
	       words);
}

const char *parse_container(const char *digits)
{
	const struct word word = { "--container", digits, strlen(digits) };

	if (!word.length || word.length > CONTAINER_ID ||
	    strspn(digits, "0123456789abcdef") < word.length)
		die_word(&word, "container ID",
			 "its first digits, as docker ps or podman ps shows "
			 "them");
	return digits;
}

const char *parse_path(const char *option, const char *path)
{
	const struct word word = { option, path, strlen(path) };

	if (!*path)
		die_word(&word, "name", "a path");
	return path;
}
