// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * options.c - options_parse() of options.c over any words
 *
 * A NUL ends each word. message.c is here too: what it says of a wrong word
 * must be one line that no terminal acts on.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <unistd.h>

#include "fuzz.h"

/* Where exit(3) leads, as a process for each input would be too slow. */
static jmp_buf ended;

static _Noreturn void fake_exit(int status)
{
	/* A jump gives no 0. */
	longjmp(ended, 1 + status);
}

/* What was said, by stream. */
static struct {
	int lines[3];
} said;

static ssize_t fake_write(int fd, const char *text, size_t length)
{
	must(fd == STDOUT_FILENO || fd == STDERR_FILENO);
	must(length && text[length - 1] == '\n');
	for (size_t i = 0; i < length; i++) {
		must((text[i] >= ' ' && text[i] <= '~') || text[i] == '\n');
		said.lines[fd] += text[i] == '\n';
	}
	return length;
}

static int fake_poll(struct pollfd *polled, nfds_t count, int wait)
{
	(void)polled;
	(void)wait;
	return count;
}

/* All headers first: the names are theirs too. */
#include "base/message.h"
#include "cli/help.h"
#include "cli/options.h"
#define exit fake_exit
#define write fake_write
#define poll(polled, count, wait) fake_poll(polled, count, wait)
#include "base/message.c"
#include "cli/help.c"
#include "cli/options.c"
#undef poll
#undef write
#undef exit

#define WORDS_MAX 64

static bool is_choice(const struct accept_choice *choice)
{
	switch (choice->ask) {
	case ACCEPT_FILTER_PIDS:
		return choice->value[0] && choice->value[0] <= PID_MAX;
	case ACCEPT_FILTER_UIDS:
		return choice->value[0] <= UID_MAX;
	case ACCEPT_FILTER_COMM:
		return choice->value[0] && !(choice->value[1] >> 56);
	}
	return false;
}

static bool is_network(const struct accept_network *network)
{
	const unsigned int most = network->version == 4 ? 32 : 128;
	unsigned int bits = network->prefix - 8;

	if ((network->version != 4 && network->version != 6) || bits > most)
		return false;
	for (; bits < 128; bits++)
		if (network->address[bits / 8] & 0x80 >> bits % 8)
			return false;
	return true;
}

static void check_filters(const struct filters *filters)
{
	must(filters->chosen_count >= 0 &&
	     filters->chosen_count <= 3 * FILTER_MAX + 1);
	for (int i = 0; i < filters->chosen_count; i++)
		must(is_choice(&filters->chosen[i]));
	must(filters->network_count >= 0 &&
	     filters->network_count <= FILTER_MAX + 2);
	for (int i = 0; i < filters->network_count; i++)
		must(is_network(&filters->networks[i]));
	must(!filters->network_count ==
	     !(filters->wanted & ACCEPT_FILTER_NETWORKS));
	for (int i = 0; i < ACCEPT_PORT_WORDS; i++)
		must(!(filters->ports[i] & filters->not_ports[i]));
	must(!filters->netns || *filters->netns);
	must(!filters->cgroup || *filters->cgroup);
	must(!filters->cgroup_map || *filters->cgroup_map);
	must(!filters->mntns_map || *filters->mntns_map);
}

static void check_view(const struct view *view)
{
	uint32_t seen = 0;

	must(view->count >= 0 && view->count <= COLUMN_COUNT);
	for (int i = 0; i < view->count; i++) {
		must((unsigned int)view->columns[i] < COLUMN_COUNT);
		must(!(seen >> view->columns[i] & 1));
		seen |= 1U << view->columns[i];
	}
	must(view->count || view->json);
}

static void check(const struct options *options)
{
	const struct request *request = &options->request;

	check_filters(&options->filters);
	check_view(&options->view);
	must(request->filters == &options->filters);
	must(request->pid <= PID_MAX);
	must(request->ring_pages <= PAGES_MAX &&
	     !(request->ring_pages & (request->ring_pages - 1)));
	must(options->pace_ms <= PACE_MAX);
	must(options->duration_ns <= TIME_MAX_MS * 1000000 &&
	     options->interval_ns <= TIME_MAX_MS * 1000000);
	must(options->rows <= ROWS_MAX);
	must(!options->view.tsv || (!options->view.json && !options->counting));
}

/* Blocks of their size, so that the sanitizer sees one byte more. */
static int split(char **words, const uint8_t *data, size_t size)
{
	int count = 0;

	words[count++] = strdup("tcpaccept");
	while (size && count < WORDS_MAX) {
		size_t length = strnlen((const char *)data, size);
		char *word = calloc(1, length + 1);

		if (!word)
			abort();
		memcpy(word, data, length);
		words[count++] = word;
		length += length < size;
		data += length;
		size -= length;
	}
	words[count] = NULL;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options options;
	static char *words[WORDS_MAX + 1];
	static int count;
	int status;

	memset(&options, 0, sizeof(options));
	memset(&said, 0, sizeof(said));
	count = split(words, data, size);
	status = setjmp(ended);
	if (!status) {
		options_parse(&options, count, words);
		check(&options);
		must(!said.lines[STDOUT_FILENO] && !said.lines[STDERR_FILENO]);
	} else {
		/* -h or -V, or wrong usage. */
		must(status == 1 + EXIT_SUCCESS || status == 1 + 2);
		must((status == 1) == (said.lines[STDOUT_FILENO] > 0));
		must(said.lines[STDERR_FILENO] == (status == 3));
	}
	while (count)
		free(words[--count]);
	return 0;
}
