// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * words.c - parses words of the command line: numbers, networks, names, lists
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/message.h"
#include "base/text.h"
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

_Noreturn void die_word(const struct word *word, const char *want)
{
	char text[40];

	die_usage("%s wants %s, not '%s'", word->option, want,
		  shown(text, sizeof(text), word));
}

uint64_t parse_number(const struct word *word, const char *what, uint64_t least,
		      uint64_t most)
{
	uint64_t number = 0;
	char want[80];

	text_format(want, sizeof(want), "%s from %llu to %llu", what,
		    (unsigned long long)least, (unsigned long long)most);
	for (size_t i = 0; i < word->length; i++) {
		if (word->text[i] < '0' || word->text[i] > '9')
			die_word(word, what);
		number = number * 10 + word->text[i] - '0';
		if (number > most)
			die_word(word, want);
	}
	if (!word->length)
		die_word(word, what);
	if (number < least)
		die_word(word, want);
	return number;
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

static void check_room(const struct word *word, int count)
{
	if (count == FILTER_MAX)
		die_list(word, "more words than the 1024 it can keep");
}

void parse_numbers(struct filters *filters, const struct numbers *numbers,
		   const char *list)
{
	struct word word = { .option = numbers->option };
	uint64_t number;
	int count = 0;

	for (; next_word(&word, &list); count++) {
		number = parse_number(&word, numbers->what, numbers->least,
				      numbers->most);
		check_room(&word, count);
		if (!filters_choose(filters, numbers->filter, number, 0))
			die_list(&word, "twice in the list");
	}
}

struct accept_network parse_network(const struct word *word)
{
	static const char want[] = "ADDRESS or ADDRESS/LENGTH, of IPv4 or IPv6";
	struct accept_network network = { 0 };
	char address[INET6_ADDRSTRLEN];
	struct word length = *word;
	size_t at = 0, bits = 128;

	while (at < word->length && word->text[at] != '/')
		at++;
	if (at >= sizeof(address))
		die_word(word, want);
	memcpy(address, word->text, at);
	address[at] = '\0';
	network.version = strchr(address, ':') ? 6 : 4;
	if (inet_pton(network.version == 6 ? AF_INET6 : AF_INET, address,
		      network.address) != 1)
		die_word(word, want);
	if (network.version == 4)
		bits = 32;
	if (at < word->length) {
		length.text += at + 1;
		length.length -= at + 1;
		bits = parse_number(&length, "a prefix length", 0, bits);
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

	while (next_word(&word, &list)) {
		network = parse_network(&word);
		check_room(&word, filters->network_count);
		for (int i = 0; i < filters->network_count; i++)
			if (!memcmp(&filters->networks[i], &network,
				    sizeof(network)))
				die_list(&word, "twice in the list");
		filters->networks[filters->network_count++] = network;
	}
	filters->wanted |= ACCEPT_FILTER_NETWORKS;
}

void parse_comm(struct filters *filters, const char *name)
{
	const struct word word = { "-c", name, strlen(name) };
	uint64_t words[2] = { 0, 0 };
	size_t length = word.length;

	if (!length)
		die_word(&word, "a name");
	if (length > ACCEPT_COMM_LEN - 1)
		length = ACCEPT_COMM_LEN - 1;
	memcpy(words, name, length);
	filters_choose(filters, ACCEPT_FILTER_COMM, words[0], words[1]);
}

const char *parse_path(const char *option, const char *path)
{
	const struct word word = { option, path, strlen(path) };

	if (!*path)
		die_word(&word, "a path");
	return path;
}
