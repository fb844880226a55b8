// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * options.c - the command line
 *
 * Sections: columns, options.
 */
#include <string.h>
#include <strings.h>

#include "base/message.h"
#include "base/text.h"
#include "attach/rung.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/words.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

const char version_line[] = "tcpaccept " VERSION "\n";

/* PID_MAX_LIMIT of include/linux/threads.h: the limit of process IDs. */
#define PID_MAX 4194304
#define PORT_MAX 65535
/* (uid_t)-1 is not a user ID. */
#define UID_MAX 4294967294
#define ROWS_MAX 4294967295
/* A ring of 1 GiB where a page has 16 KiB. */
#define PAGES_MAX 65536

/* ------------------------------------------------------------------------
 * Columns
 */

/* Add a column, unless it is there. */
static void add_column(struct view *view, enum column column)
{
	if (!view_has(view, column))
		view->columns[view->count++] = column;
}

static _Noreturn void die_column(const struct word *word)
{
	char names[160] = "", text[40];

	for (int i = 0; i < COLUMN_COUNT; i++)
		text_format(names + strlen(names),
			    sizeof(names) - strlen(names), "%s%s",
			    i ? ", " : "", column_name(i));
	die_usage("unknown column '%s' for -o: columns are %s",
		  shown(text, sizeof(text), word), names);
}

/* Whether -C cannot count by this column: each row has another value. */
static bool differs_by_row(enum column column)
{
	return column == COLUMN_TIME || column == COLUMN_SECONDS ||
	       column == COLUMN_RPORT || column == COLUMN_DROPS ||
	       column == COLUMN_EXE;
}

/* The options that make the table: -T, -t, -o. */
struct table {
	bool time;
	bool seconds;
	/* The columns of -o; not all of its lists began with a plus. */
	struct view named;
	bool replaces;
};

static void parse_columns(struct table *table, const char *list)
{
	struct word word = { .option = "-o" };
	int column;

	if (*list == '+')
		list++;
	else
		table->replaces = true;
	while (next_word(&word, &list)) {
		if (word.length == 3 && !strncasecmp(word.text, "all", 3)) {
			for (column = 0; column < COLUMN_COUNT; column++)
				add_column(&table->named, column);
			continue;
		}
		column = column_find(word.text, word.length);
		if (column < 0)
			die_column(&word);
		add_column(&table->named, column);
	}
}

static void make_view(struct options *options, const struct table *table)
{
	static const enum column usual[] = { COLUMN_PID,   COLUMN_COMM,
					     COLUMN_IP,	   COLUMN_RADDR,
					     COLUMN_LADDR, COLUMN_LPORT };
	const struct view *named = &table->named;
	const bool counting = options->counting;
	struct view *view = &options->view;

	if (table->time)
		add_column(view, COLUMN_TIME);
	if (table->seconds)
		add_column(view, COLUMN_SECONDS);
	for (size_t i = 0; i < countof(usual); i++)
		if (!table->replaces && (!view->json || counting) &&
		    (!counting ||
		     (usual[i] != COLUMN_IP && usual[i] != COLUMN_RADDR &&
		      usual[i] != COLUMN_LADDR)))
			add_column(view, usual[i]);
	for (int i = 0; i < named->count; i++) {
		if (counting && differs_by_row(named->columns[i]))
			die_usage("-C cannot count by %s, which differs from "
				  "row to row",
				  column_name(named->columns[i]));
		add_column(view, named->columns[i]);
	}
}

/* ------------------------------------------------------------------------
 * Options
 */

/* Options without a letter, in place of one. */
enum {
	OPTION_HELP = 0x80,
	OPTION_PROBE,
	OPTION_NO_BTF,
	OPTION_CHECK,
	OPTION_LISTENERS,
	OPTION_NETNS,
	OPTION_CGROUP,
	OPTION_CONTAINER,
	OPTION_CGROUPMAP,
	OPTION_MNTNSMAP,
	OPTION_RING,
	OPTION_PACE,
	OPTION_LIST_COLUMNS,
	OPTION_STRICT,
	OPTION_TSV,
#ifdef DEBUG
	OPTION_DUMP,
#endif
};

/* LONG_VALUE: one that may follow its name and =, not its letter. */
enum value { NO_VALUE, A_VALUE, MAYBE_A_VALUE, LONG_VALUE };

static const struct option {
	char name[13];
	uint8_t letter;
	uint8_t value;
} options_known[] = {
	{ "h", 'h', NO_VALUE },
	{ "help", OPTION_HELP, NO_VALUE },
	{ "timestamp", 't', NO_VALUE },
	{ "time", 'T', LONG_VALUE },
	{ "pid", 'p', A_VALUE },
	{ "port", 'P', A_VALUE },
	{ "raddr", 'R', A_VALUE },
	{ "ipv4", '4', NO_VALUE },
	{ "ipv6", '6', NO_VALUE },
	{ "comm", 'c', A_VALUE },
	{ "uid", 'u', A_VALUE },
	{ "netns", OPTION_NETNS, A_VALUE },
	{ "cgroup", OPTION_CGROUP, A_VALUE },
	{ "container", OPTION_CONTAINER, A_VALUE },
	{ "cgroupmap", OPTION_CGROUPMAP, A_VALUE },
	{ "mntnsmap", OPTION_MNTNSMAP, A_VALUE },
	{ "output", 'o', A_VALUE },
	{ "list-columns", OPTION_LIST_COLUMNS, NO_VALUE },
	{ "no-header", 'H', NO_VALUE },
	{ "wide", 'w', NO_VALUE },
	{ "json", 'j', NO_VALUE },
	{ "tsv", OPTION_TSV, NO_VALUE },
	{ "duration", 'd', A_VALUE },
	{ "rows", 'n', A_VALUE },
	{ "summary", 'C', MAYBE_A_VALUE },
	{ "strict", OPTION_STRICT, NO_VALUE },
	{ "quiet", 'q', NO_VALUE },
	{ "verbose", 'v', NO_VALUE },
	{ "version", 'V', NO_VALUE },
	{ "check", OPTION_CHECK, NO_VALUE },
	{ "listeners", OPTION_LISTENERS, NO_VALUE },
	{ "no-btf", OPTION_NO_BTF, NO_VALUE },
	{ "probe", OPTION_PROBE, A_VALUE },
	{ "ring", OPTION_RING, A_VALUE },
	{ "pace", OPTION_PACE, A_VALUE },
#ifdef DEBUG
	{ "dump", OPTION_DUMP, NO_VALUE },
#endif
	{ "", 0, NO_VALUE },
};

/* The option, or the last entry, which has no name. */
static const struct option *find_option(uint8_t letter)
{
	const struct option *option = options_known;

	while (option->name[0] && option->letter != letter)
		option++;
	return option;
}

/* "-p (--pid)" or "--probe" */
static const char *option_text(char *to, size_t size, int letter)
{
	const char *name = find_option(letter)->name;

	if (letter < OPTION_HELP)
		text_format(to, size, "-%c (--%s)", letter, name);
	else
		text_format(to, size, "--%s", name);
	return to;
}

/*
 * The command line, read as by getopt_long(3), which with musl costs 4 KB more:
 * options may stand anywhere before "--".
 */
struct words {
	/* The next word; the last one is NULL. */
	char **next;
	/* The rest of a word with several short options, or "". */
	const char *letters;
	/* The value of the option that next_option() returned, or NULL. */
	const char *value;
	/* The first word that is neither an option nor a value, or NULL. */
	const char *stray;
};

static const char *next_value(struct words *words, int option)
{
	char text[32];

	if (!*words->next)
		die_usage("option %s needs a value",
			  option_text(text, sizeof(text), option));
	return *words->next++;
}

/*
 * Find a long option by its name, without "--", or by the name's beginning.
 * word: with "--", for messages. Dies if there is none, or more than one.
 */
static const struct option *find_long(const char *word, size_t length)
{
	const struct option *found = NULL;
	char all[200] = "", text[40];
	int count = 0;

	for (const struct option *option = options_known; option->name[0];
	     option++) {
		if (strncmp(option->name, word + 2, length))
			continue;
		if (!option->name[length])
			return option;
		found = option;
		text_format(all + strlen(all), sizeof(all) - strlen(all),
			    "%s--%s", count++ ? ", " : "", option->name);
	}
	quoted(text, sizeof(text), word);
	if (!count)
		die_usage("unknown option %s", text);
	if (count > 1)
		die_usage("option %s may be any of %s", text, all);
	return found;
}

static int next_long(struct words *words, const char *word)
{
	const size_t length = strcspn(word + 2, "=");
	const struct option *option = find_long(word, length);

	if (word[2 + length])
		words->value = word + 2 + length + 1;
	if (words->value && option->value == NO_VALUE)
		die_usage("option --%s does not take a value", option->name);
	if (!words->value && option->value == A_VALUE)
		words->value = next_value(words, option->letter);
	return option->letter;
}

static int next_short(struct words *words)
{
	const unsigned char letter = *words->letters++;
	const bool shows = letter > ' ' && letter <= '~';
	const struct option *option = find_option(letter);

	if (!shows || !option->name[0])
		die_usage("unknown option -%c", shows ? letter : '?');
	if (option->value == NO_VALUE || option->value == LONG_VALUE)
		return letter;
	if (*words->letters)
		words->value = words->letters;
	else if (option->value == A_VALUE)
		words->value = next_value(words, letter);
	words->letters = "";
	return letter;
}

/* Returns the next option's letter, or -1 at the end. */
static int next_option(struct words *words)
{
	const char *word;

	words->value = NULL;
	if (*words->letters)
		return next_short(words);
	while ((word = *words->next)) {
		words->next++;
		if (!strcmp(word, "--"))
			break;
		if (word[0] == '-' && word[1] == '-')
			return next_long(words, word);
		if (word[0] == '-' && word[1]) {
			words->letters = word + 1;
			return next_short(words);
		}
		if (!words->stray)
			words->stray = word;
	}
	if (!words->stray)
		words->stray = *words->next;
	return -1;
}

static uint64_t parse_time_of(const char *option, const char *text)
{
	const struct word word = { option, text, strlen(text) };

	return parse_time(&word);
}

static const struct numbers number_filters[] = {
	{ ACCEPT_FILTER_PIDS, ACCEPT_EXCEPT_PIDS, "-p", "process ID",
	  "1 to 4194304, or a range", NULL, 1, PID_MAX },
	{ ACCEPT_FILTER_PORTS, 0, "-P", "port",
	  "1 to 65535, a range such as 8000-8100, or a name in /etc/services",
	  "/etc/services", 1, PORT_MAX },
	{ ACCEPT_FILTER_UIDS, ACCEPT_EXCEPT_UIDS, "-u", "user",
	  "0 to 4294967294, a range, or a name in /etc/passwd", "/etc/passwd",
	  0, UID_MAX },
};

static void parse_filter(struct filters *filters, int option, const char *value)
{
	for (size_t i = 0; i < countof(number_filters); i++)
		if (option == number_filters[i].option[1])
			parse_numbers(filters, &number_filters[i], value);
	switch (option) {
	case 'R':
		parse_networks(filters, value);
		break;
	case 'c':
		parse_comm(filters, value);
		break;
	case OPTION_NETNS:
		filters->netns = parse_path("--netns", value);
		break;
	case OPTION_CGROUP:
		filters->cgroup = parse_path("--cgroup", value);
		filters->wanted |= ACCEPT_FILTER_CGROUP;
		break;
	case OPTION_CONTAINER:
		filters->container = parse_container(value);
		filters->wanted |= ACCEPT_FILTER_CGROUP;
		break;
	case OPTION_CGROUPMAP:
		filters->cgroup_map = parse_path("--cgroupmap", value);
		filters->wanted |= ACCEPT_FILTER_CGROUP_MAP;
		break;
	case OPTION_MNTNSMAP:
		filters->mntns_map = parse_path("--mntnsmap", value);
		filters->wanted |= ACCEPT_FILTER_MNTNS_MAP;
		break;
	}
}

/* A perf ring must have a power of two of pages: perf_mmap(). */
static uint32_t parse_pages(const char *text)
{
	const struct word word = { "--ring", text, strlen(text) };
	uint32_t pages = parse_number(&word, "number of pages", 1, PAGES_MAX);

	if (pages & (pages - 1))
		die_word(&word, "number of pages", "a power of two");
	return pages;
}

static const struct rung *parse_rung(const char *name)
{
	const struct word word = { "--probe", name, strlen(name) };

	for (size_t i = 0; i < RUNG_COUNT; i++)
		if (!strcmp(rungs[i]->name, name))
			return rungs[i];
	die_word(&word, "rung",
		 "graft, inet-accept, csk-return, syscall, cgroup, ftrace "
		 "or poll");
}

/* An option with a value. */
static void parse_value(struct options *options, struct table *table,
			int option, const char *value)
{
	const struct word word = { option == 'n' ? "-n" : "--pace", value,
				   strlen(value) };

	switch (option) {
	case 'o':
		parse_columns(table, value);
		break;
	case 'd':
		options->duration_ns = parse_time_of("-d", value);
		break;
	case 'n':
		options->rows =
			parse_number(&word, "number of rows", 1, ROWS_MAX);
		break;
	case OPTION_PROBE:
		options->request.only = parse_rung(value);
		break;
	case OPTION_RING:
		options->request.ring_pages = parse_pages(value);
		break;
	case OPTION_PACE:
		options->pace_ms = parse_number(&word, "number of milliseconds",
						0, PACE_MAX);
		options->request.look_ms = options->pace_ms + !options->pace_ms;
		break;
	default:
		parse_filter(&options->filters, option, value);
	}
}

/* The value of --time: there is but one. */
static bool is_iso(const char *value)
{
	const struct word word = { "--time", value, strlen(value) };

	if (strcmp(value, "iso"))
		die_word(&word, "form", "--time=iso, or --time alone");
	return true;
}

/* An option without a value, or with one that may be missing. */
static void parse_flag(struct options *options, struct table *table, int option,
		       const char *value)
{
	switch (option) {
	case 'h':
	case OPTION_HELP:
		help_and_exit(option == OPTION_HELP);
	case 'V':
		print_and_exit(version_line);
	case OPTION_LIST_COLUMNS:
		columns_and_exit();
	case 't':
		table->seconds = true;
		break;
	case 'T':
		table->time = true;
		options->view.iso = value && is_iso(value);
		break;
	case '4':
		options->filters.wanted |= ACCEPT_FILTER_IPV4;
		break;
	case '6':
		options->filters.wanted |= ACCEPT_FILTER_IPV6;
		break;
	case 'H':
		options->view.no_header = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	case OPTION_STRICT:
		options->strict = true;
		break;
	case 'w':
		options->view.wide = true;
		break;
	case OPTION_TSV:
		options->view.tsv = true;
		break;
	case 'j':
		options->view.json = true;
		break;
	case 'C':
		options->counting = true;
		options->interval_ns = value ? parse_time_of("-C", value) : 0;
		break;
	case 'v':
		options->request.verbose = true;
		break;
	case OPTION_CHECK:
		options->check = true;
		break;
	case OPTION_LISTENERS:
		options->listeners = true;
		break;
	case OPTION_NO_BTF:
		options->request.no_btf = true;
		break;
#ifdef DEBUG
	case OPTION_DUMP:
		options->dump = true;
		break;
#endif
	}
}

/* `-C 5` and `-C=5` work as `-C5`: no other argument can be a number. */
static void take_seconds(struct words *words)
{
	const char *word = *words->next;

	if (words->value && *words->value == '=')
		words->value++;
	if (words->value || *words->letters || !word || *word < '0' ||
	    *word > '9')
		return;
	words->value = word;
	words->next++;
}

/* Options that make sense with --check. */
static bool is_for_check(int option)
{
	return option == OPTION_CHECK || option == OPTION_NO_BTF ||
	       option == 'j' || option == OPTION_PROBE ||
	       option == OPTION_RING || option == 'q' || option == 'v';
}

/* The same with --listeners. */
static bool is_for_listeners(int option)
{
	return option == OPTION_LISTENERS || option == 'H' || option == 'j' ||
	       option == 'q' || option == 'w' || option == OPTION_TSV;
}

/* alone: --check or --listeners, other: an option that does not go with it. */
static void check_alone(int alone, int other)
{
	char text[32], with[32];

	if (other)
		die_usage("%s and %s do not go together: %s traces nothing",
			  option_text(text, sizeof(text), alone),
			  option_text(with, sizeof(with), other), text);
}

static void check_contradictions(const struct options *options, int for_rows,
				 int for_traces)
{
	const uint32_t both = ACCEPT_FILTER_IPV4 | ACCEPT_FILTER_IPV6;
	const uint32_t not_by_poll = ACCEPT_FILTER_MNTNS_MAP |
				     ACCEPT_FILTER_CGROUP |
				     ACCEPT_FILTER_CGROUP_MAP;

	if (options->check)
		check_alone(OPTION_CHECK, for_rows);
	if (options->listeners)
		check_alone(OPTION_LISTENERS, for_traces);
	if (options->request.only && options->request.only->only_named &&
	    (options->filters.netns || options->filters.wanted & not_by_poll))
		die_usage("--probe poll cannot filter by namespaces and "
			  "cgroups");
	if ((options->filters.wanted & both) == both)
		die_usage("-4 and -6 exclude each other");
	if (options->filters.cgroup && options->filters.container)
		die_usage("--cgroup and --container exclude each other");
	if (options->view.tsv && options->view.json)
		die_usage("-j and --tsv exclude each other");
	if (options->view.tsv && options->counting)
		die_usage("--tsv and -C do not go together: use -j for counts");
}

/*
 * The process ID of -p, if there is just one, or 0: it becomes a constant of
 * the program, and needs no map.
 */
static uint32_t only_pid(const struct filters *filters)
{
	uint32_t pid = 0;

	if (filters->wanted & ACCEPT_EXCEPT_PIDS)
		return 0;
	for (int i = 0; i < filters->chosen_count; i++) {
		if (filters->chosen[i].ask != ACCEPT_FILTER_PIDS)
			continue;
		if (pid)
			return 0;
		pid = filters->chosen[i].value[0];
	}
	return pid;
}

/* The same for the port of -P. */
static uint32_t only_port(const struct filters *filters)
{
	uint32_t only = 0;

	if (!(filters->wanted & ACCEPT_FILTER_PORTS))
		return 0;
	for (uint32_t port = 0; port <= PORT_MAX; port++) {
		if (!(filters->ports[port / 64] >> port % 64 & 1))
			continue;
		if (only)
			return 0;
		only = port;
	}
	return only;
}

static void make_request(struct options *options)
{
	struct request *request = &options->request;
	struct filters *filters = &options->filters;

	request->filters = filters;
	request->pid = only_pid(filters);
	if (request->pid)
		filters->wanted &= ~ACCEPT_FILTER_PIDS;
	request->port = only_port(filters);
	if (request->port)
		filters->wanted &= ~ACCEPT_FILTER_PORTS;
	request->wanted = filters->wanted | view_wants(&options->view);
	request->named = view_names(&options->view);
	request->exe = view_has(&options->view, COLUMN_EXE);
	/* -c compares the names of the thread and of its process. */
	if (filters->wanted & ACCEPT_FILTER_COMM)
		request->wanted |= ACCEPT_FIELD_PCOMM;
	if (filters->netns)
		request->wanted |= ACCEPT_FILTER_NETNS;
	/* Such single numbers need no map. */
	if (!request->wanted)
		filters->chosen_count = 0;
}

void options_parse(struct options *options, int argc, char **argv)
{
	/* Before Linux 5.18 execve(2) allows argc to be 0. */
	struct words words = { .next = argv + (argc > 0), .letters = "" };
	struct table table = { 0 };
	/* The first options that do not go with --check and --listeners. */
	int for_rows = 0, for_traces = 0;
	char text[40];
	int option;

	options->pace_ms = PACE_MS;
	options->request.look_ms = LOOK_PACE_MS;
	while ((option = next_option(&words)) != -1) {
		if (option == 'C')
			take_seconds(&words);
		if (!for_rows && !is_for_check(option))
			for_rows = option;
		if (!for_traces && !is_for_listeners(option))
			for_traces = option;
		if (words.value && find_option(option)->value == A_VALUE)
			parse_value(options, &table, option, words.value);
		else
			parse_flag(options, &table, option, words.value);
	}
	if (words.stray && !strcmp(words.stray, "iso"))
		die_usage("unexpected argument 'iso': the value of --time "
			  "follows =, as in --time=iso");
	if (words.stray)
		die_usage(
			"unexpected argument '%s': a filter needs its option, "
			"as in -p 181 or -P 80",
			quoted(text, sizeof(text), words.stray));
	check_contradictions(options, for_rows, for_traces);
	make_view(options, &table);
	if (!filters_settle(&options->filters))
		die_usage("-P leaves no port: use others than its exceptions");
	make_request(options);
}
