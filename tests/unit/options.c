// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * options.c - the command line and the hints: what is taken, what is
 * refused, in which words
 *
 * Sections: run, options, refusals, filters, hints.
 */
#include <linux/seccomp.h>
#include <linux/filter.h>
#include <sched.h>
#include <sys/wait.h>

#include "tap.h"

#include "cli/options.c"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define WORDS_MAX 8

/* A search for leaks at the end of each child would be most of the time that
 * this needs. The test itself is still searched.
 */
static int is_child;
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return is_child;
}

/* ------------------------------------------------------------------------
 * Run: options_parse() in a child
 */

struct run {
	char out[8192], err[4096];
	/* Exit status, or -1 if something else ended it. */
	int status;
};

/* What was understood, on stdout. */
static void child(int argc, char **argv)
{
	static struct options options;

	options_parse(&options, argc, argv);
	dprintf(STDOUT_FILENO, "timestamp %d verbose %d pid %u rung %s%s%s\n",
		view_has(&options.view, COLUMN_SECONDS),
		options.request.verbose, options.request.pid,
		options.request.only ? options.request.only->name : "-",
		options.request.no_btf ? " no-btf" : "",
		options.check ? " check" : "");
}

/* The words as argv[1] and so on, up to NULL. */
static struct run run(const char *const *words)
{
	FILE *out = tmpfile(), *err = tmpfile();
	char *argv[WORDS_MAX + 2] = { (char[]){ "tcpaccept" } };
	struct run result = { 0 };
	int argc = 1, status;
	pid_t pid;

	while (words[argc - 1]) {
		argv[argc] = strdup(words[argc - 1]);
		argc++;
	}
	pid = fork();
	if (!pid) {
		is_child = 1;
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		child(argc, argv);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	rewind(out);
	rewind(err);
	if (!fread(result.out, 1, sizeof(result.out) - 1, out))
		result.out[0] = '\0';
	if (!fread(result.err, 1, sizeof(result.err) - 1, err))
		result.err[0] = '\0';
	fclose(out);
	fclose(err);
	while (--argc)
		free(argv[argc]);
	return result;
}

/* Words for run(). */
#define WORDS(...) ((const char *const[WORDS_MAX + 1]){ __VA_ARGS__ })

static bool takes(const char *const *words, const char *expected)
{
	struct run result = run(words);
	bool same = !result.status && !result.err[0] &&
		    !strcmp(result.out, expected);

	if (!same)
		printf("# %d: [%s] [%s]\n", result.status, result.out,
		       result.err);
	return same;
}

/* ------------------------------------------------------------------------
 * Options
 */

static void test_help(void)
{
	static const char usage[] = "usage: tcpaccept [-h] [-t] [-p PID]\n";
	struct run brief = run(WORDS("-h")), full = run(WORDS("--help"));
	struct run late = run(WORDS("-t", "-p", "1", "-h"));

	ok(!strncmp(brief.out, usage, strlen(usage)),
	   "-h begins with the usage");
	ok(!brief.status && !brief.err[0], "-h is no error");
	ok(!late.status && !strcmp(brief.out, late.out),
	   "-h behind others is the same");
	ok(!full.status && !full.err[0] && strlen(full.out) > 2000,
	   "--help is no error");
	ok(!strcmp(run(WORDS("--he")).out, full.out),
	   "an abbreviation of --help is not -h");
}

/* Each line of the help that names an option, tried. */
static void test_help_options(void)
{
	struct run usage = run(WORDS("--help"));
	bool all = true;

	for (size_t i = 1; options_known[i].name[0]; i++) {
		char word[32];

		snprintf(word, sizeof(word), "--%s", options_known[i].name);
		all = all && strstr(usage.out, word);
		if (options_known[i].letter >= OPTION_HELP)
			continue;
		snprintf(word, sizeof(word), "-%c, --%s",
			 options_known[i].letter, options_known[i].name);
		all = all && strstr(usage.out, word);
	}
	for (size_t i = 0; i < RUNG_COUNT; i++)
		all = all && strstr(usage.out, rungs[i]->name);
	ok(all, "--help names every option and every way to trace");
	all = true;
	for (const char *at = usage.out; *at; at = strchr(at, '\n') + 1)
		all = all && strchr(at, '\n') - at <= 80;
	ok(all, "no line of --help is longer than 80 columns");
}

static void test_version(void)
{
	ok(takes(WORDS("-V"), "tcpaccept " VERSION "\n") &&
		   takes(WORDS("--version"), "tcpaccept " VERSION "\n"),
	   "-V and --version say name and version");
}

static void test_plain(void)
{
	static const char none[] = "timestamp 0 verbose 0 pid 0 rung -\n";
	static const char time[] = "timestamp 1 verbose 0 pid 0 rung -\n";
	static const char verbose[] = "timestamp 0 verbose 1 pid 0 rung -\n";

	ok(takes(WORDS(NULL), none), "no option is needed");
	ok(takes(WORDS("--"), none), "-- alone says nothing");
	ok(takes(WORDS("-t"), time), "-t is taken");
	ok(takes(WORDS("--timestamp"), time), "--timestamp is taken");
	ok(takes(WORDS("--times"), time), "an option may be abbreviated");
	ok(takes(WORDS("-t", "-t"), time), "-t twice is -t");
	ok(takes(WORDS("--no-btf"),
		 "timestamp 0 verbose 0 pid 0 rung - no-btf\n"),
	   "--no-btf is taken");
	ok(takes(WORDS("--check"),
		 "timestamp 0 verbose 0 pid 0 rung - check\n"),
	   "--check is taken");
	ok(takes(WORDS("-v"), verbose) && takes(WORDS("--verbose"), verbose),
	   "-v and --verbose are taken");
}

static void test_pid(void)
{
	static const char pid[] = "timestamp 0 verbose 0 pid 181 rung -\n";
	static const char both[] = "timestamp 1 verbose 0 pid 181 rung -\n";

	ok(takes(WORDS("-p", "181"), pid), "-p 181 is taken");
	ok(takes(WORDS("-p181"), pid), "-p181 is taken");
	ok(takes(WORDS("--pid", "181"), pid), "--pid 181 is taken");
	ok(takes(WORDS("--pid=181"), pid), "--pid=181 is taken");
	ok(takes(WORDS("-tp", "181"), both), "-tp 181 is taken");
	ok(takes(WORDS("-tp181"), both), "-tp181 is taken");
	ok(takes(WORDS("-p", "181", "-t"), both) &&
		   takes(WORDS("--pid=181", "--timestamp"), both),
	   "options are taken in any order");
	ok(takes(WORDS("-p", "1"), "timestamp 0 verbose 0 pid 1 rung -\n") &&
		   takes(WORDS("-p", "4194304"),
			 "timestamp 0 verbose 0 pid 4194304 rung -\n"),
	   "PIDs from 1 to 4194304 are taken");
	ok(takes(WORDS("-p", "0181"), pid),
	   "a PID is decimal, 0 in front or not");
}

static void test_probe(void)
{
	bool all = true;

	for (size_t i = 0; i < RUNG_COUNT; i++) {
		char word[40], expected[80];

		snprintf(word, sizeof(word), "--probe=%s", rungs[i]->name);
		snprintf(expected, sizeof(expected),
			 "timestamp 0 verbose 0 pid 0 rung %s\n",
			 rungs[i]->name);
		all = all && takes(WORDS(word), expected) &&
		      takes(WORDS("--probe", rungs[i]->name), expected);
	}
	ok(all, "--probe takes each way to trace");
}

/* ------------------------------------------------------------------------
 * Refusals
 */

/* One line to stderr that names `offender`, and nothing else. */
static bool refuses(const char *const *words, const char *offender)
{
	struct run result = run(words);
	size_t length = strlen(result.err);
	bool all = result.status == 2 && !result.out[0] && length > 12;

	all = all && !strncmp(result.err, "tcpaccept: ", 11);
	all = all && strchr(result.err, '\n') == result.err + length - 1;
	for (size_t i = 0; all && i < length - 1; i++)
		all = result.err[i] >= ' ' && result.err[i] <= '~';
	all = all && strstr(result.err, offender);
	if (!all)
		printf("# %d: [%s] [%s], not [%s]\n", result.status, result.out,
		       result.err, offender);
	return all;
}

static void test_bad_pid(void)
{
	static const struct {
		const char *word, *offender;
	} bad[] = {
		{ "", "''" },
		{ "0", "'0'" },
		{ "-1", "'-1'" },
		{ "+1", "'+1'" },
		{ " 1", "' 1'" },
		{ "1 ", "'1 '" },
		{ "1x", "'1x'" },
		{ "x", "'x'" },
		{ "1,", "''" },
		{ "1,,2", "''" },
		{ ",1", "''" },
		{ "1,x", "'x'" },
		{ "2-1", "'2-1'" },
		{ "1-", "'1-'" },
		{ "1-2-3", "'1-2-3'" },
		{ "!", "''" },
		{ "!!1", "'!1'" },
		{ "1,!2", "'2'" },
		{ "1-1025", "'1-1025'" },
		{ "0x10", "'0x10'" },
		{ "00", "'00'" },
		{ "1.0", "'1.0'" },
		{ "4194305", "'4194305'" },
		{ "4294967297", "'4294967297'" },
		{ "18446744073709551617", "'18446744073709551617'" },
		{ "99999999999999999999", "'99999999999999999999'" },
		{ "\x1b[31m", "'?[31m'" },
		{ "1\n2", "'1?2'" },
		{ "\xc3\xa9", "'?\?'" },
	};

	for (size_t i = 0; i < LENGTH(bad); i++) {
		char word[40];
		bool all;

		snprintf(word, sizeof(word), "--pid=%s", bad[i].word);
		all = refuses(WORDS("-p", bad[i].word), bad[i].offender) &&
		      refuses(WORDS("-t", word), bad[i].offender);
		ok(all, "-p %s is refused", bad[i].offender);
	}
	ok(refuses(WORDS("-p", "-t"), "'-t'"), "-t is no PID");
}

/* The option is named as it was given, or in its long form. */
static bool wants_value(const char *const *words, const char *name)
{
	return refuses(words, name) && refuses(words, " needs a value");
}

static bool takes_none(const char *const *words, const char *name)
{
	return refuses(words, name) && refuses(words, " does not take a value");
}

static void test_bad_value(void)
{
	ok(wants_value(WORDS("-p"), "-p"), "-p without a PID is refused");
	ok(wants_value(WORDS("-tp"), "p"), "-tp without a PID is refused");
	ok(wants_value(WORDS("stray", "-p"), "-p"),
	   "-p without a PID is refused behind a stray argument");
	ok(wants_value(WORDS("--pid"), "--pid"),
	   "--pid without a PID is refused");
	ok(wants_value(WORDS("stray", "stray", "--pid"), "--pid"),
	   "--pid without a PID is refused behind stray arguments");
	ok(wants_value(WORDS("--probe"), "--probe"),
	   "--probe without a value is refused");
	ok(takes_none(WORDS("--timestamp=1"), "--timestamp"),
	   "--timestamp=1 is refused");
	ok(takes_none(WORDS("stray", "--help="), "--help"),
	   "--help= is refused");
}

static void test_bad_option(void)
{
	ok(refuses(WORDS("-x"), "option -x"), "-x is refused");
	ok(refuses(WORDS("-tx"), "option -x"), "-x is refused behind -t");
	ok(refuses(WORDS("-t", "-x", "-h"), "option -x"),
	   "-x is refused before -h is obeyed");
	ok(refuses(WORDS("--unknown"), "option --unknown"),
	   "--unknown is refused");
	ok(refuses(WORDS("--unknown=1"), "option --unknown"),
	   "--unknown=1 is refused");
	ok(refuses(WORDS("--ver"), "option --ver"),
	   "an abbreviation of two options is refused");
	ok(refuses(WORDS("-?"), "option -?"), "-? is refused");
	ok(refuses(WORDS("-:"), "option -:"), "-: is refused");
}

static void test_bad_cluster(void)
{
	ok(refuses(WORDS("-xt"), "option -x"), "-x is refused before t");
	ok(refuses(WORDS("--timestamp", "-xt"), "option -x"),
	   "-x is refused behind a long option, and named");
	ok(refuses(WORDS("--pid=181", "-xt"), "option -x"),
	   "-x is refused behind --pid=181, and named");
	ok(refuses(WORDS("-p", "181", "-xt"), "option -x"),
	   "-x is refused behind -p 181, and named");
}

static void test_bad_argument(void)
{
	ok(refuses(WORDS("stray"), "'stray'"), "a stray argument is refused");
	ok(refuses(WORDS("-t", "stray", "-v"), "'stray'"),
	   "a stray argument among options is refused");
	ok(refuses(WORDS("-p", "1", "181"), "'181'"),
	   "a second PID is refused");
	ok(refuses(WORDS("--", "-t"), "'-t'"),
	   "an option behind -- is refused");
	ok(refuses(WORDS(""), "''"), "an empty argument is refused");
	ok(refuses(WORDS("-"), "'-'"), "- is refused");
	ok(refuses(WORDS("--probe", "nonsense"), "'nonsense'"),
	   "a way to trace that is not known is refused");
	ok(refuses(WORDS("--probe="), "''") &&
		   refuses(WORDS("--probe", "graf"), "'graf'") &&
		   refuses(WORDS("--probe", "graft2"), "'graft2'"),
	   "a way to trace is not abbreviated");
}

/* Bytes that a terminal would act on, everywhere where they can be. */
static void test_bad_bytes(void)
{
	char longest[3000];

	ok(refuses(WORDS("\x1b]0;title\x07"), "'?]0;title?'"),
	   "a stray argument with ESC is shown without");
	ok(refuses(WORDS("--\x1b[31m"), "--?[31m") &&
		   refuses(WORDS("--timestamp=\x1b[31m"), "--timestamp"),
	   "a long option with ESC is shown without");
	ok(refuses(WORDS("-\x1b"), "-?") && refuses(WORDS("-\xc3"), "-?") &&
		   refuses(WORDS("-\n"), "-?"),
	   "an option that is no letter is shown without");
	ok(refuses(WORDS("-\x1b[31m"), "option -?") &&
		   refuses(WORDS("-t", "-\xc3\xa9"), "option -?"),
	   "an option that is no letter is not taken for the one before");
	ok(refuses(WORDS("--probe", "\x1b[31m\n"), "'?[31m?'"),
	   "a way to trace with ESC is shown without");
	ok(refuses(WORDS("a\nb\rc\td\x7f"), "'a?b?c?d?'"),
	   "a stray argument of several lines is shown as one");
	memset(longest, 'A', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ok(refuses(WORDS(longest), "AAAAAAAA...'"),
	   "a long argument is shown in part");
	memcpy(longest, "--", 2);
	ok(refuses(WORDS(longest), "--AAAAAA") &&
		   refuses(WORDS("-p", longest), "--AAAAAA"),
	   "a long option is shown in part");
}

/* ------------------------------------------------------------------------
 * Filters, columns, counts: what options_parse() makes of the words, in a child
 */

/* Whether a child that parses the words then finds `holds` true. */
static bool makes(const char *const *words,
		  bool (*holds)(const struct options *options))
{
	char *argv[WORDS_MAX + 2] = { (char[]){ "tcpaccept" } };
	static struct options options;
	int argc = 1, status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		for (; words[argc - 1]; argc++)
			argv[argc] = strdup(words[argc - 1]);
		options_parse(&options, argc, argv);
		_exit(holds(&options) ? 0 : 99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool has_choice(const struct filters *filters, enum accept_wants ask,
		       uint64_t first, uint64_t second)
{
	for (int i = 0; i < filters->chosen_count; i++)
		if (filters->chosen[i].ask == ask &&
		    filters->chosen[i].value[0] == first &&
		    filters->chosen[i].value[1] == second)
			return true;
	return false;
}

static bool is_plain(const struct options *options)
{
	return !options->request.wanted && !options->filters.chosen_count &&
	       options->view.count == 6 && !options->view.json;
}

static bool is_one_pid(const struct options *options)
{
	return is_plain(options) && options->request.pid == 181;
}

static bool is_one_port(const struct options *options)
{
	return is_plain(options) && options->request.port == 443;
}

static bool has_port(const struct options *options, unsigned int port)
{
	return options->filters.ports[port / 64] >> port % 64 & 1;
}

static int count_ports(const struct options *options)
{
	int count = 0;

	for (unsigned int port = 0; port <= 65535; port++)
		count += has_port(options, port);
	return count;
}

static bool is_port_range(const struct options *options)
{
	return options->request.wanted == ACCEPT_FILTER_PORTS &&
	       has_port(options, 80) && has_port(options, 8000) &&
	       !has_port(options, 8050) && has_port(options, 8100) &&
	       count_ports(options) == 101;
}

static bool is_web(const struct options *options)
{
	return has_port(options, 80) && has_port(options, 443) &&
	       count_ports(options) == 2;
}

static bool is_no_ssh(const struct options *options)
{
	return !has_port(options, 22) && !has_port(options, 8) &&
	       !has_port(options, 9) && count_ports(options) == 65532;
}

static bool is_not_pid(const struct options *options)
{
	return options->request.wanted ==
		       (ACCEPT_FILTER_PIDS | ACCEPT_EXCEPT_PIDS) &&
	       !options->request.pid && options->filters.chosen_count == 1 &&
	       has_choice(&options->filters, ACCEPT_FILTER_PIDS, 181, 0);
}

static bool is_not_root(const struct options *options)
{
	return options->request.wanted ==
		       (ACCEPT_FILTER_UIDS | ACCEPT_EXCEPT_UIDS) &&
	       options->filters.chosen_count == 1 &&
	       has_choice(&options->filters, ACCEPT_FILTER_UIDS, 0, 0);
}

static bool has_network(const struct options *options, const char *text,
			bool passes)
{
	const struct word word = { "-R", text, strlen(text) };
	const struct accept_network network = parse_network(&word);
	const struct filters *filters = &options->filters;

	for (int i = 0; i < filters->network_count; i++)
		if (!memcmp(&filters->networks[i], &network,
			    ACCEPT_NETWORK_SIZE))
			return filters->networks[i].passes == passes;
	return false;
}

static bool is_no_ten(const struct options *options)
{
	return options->filters.network_count == 3 &&
	       has_network(options, "10.0.0.0/8", false) &&
	       has_network(options, "0.0.0.0/0", true) &&
	       has_network(options, "::/0", true);
}

static bool is_ten_but(const struct options *options)
{
	return options->filters.network_count == 2 &&
	       has_network(options, "10.0.0.0/8", true) &&
	       has_network(options, "10.1.0.0/16", false);
}

static bool is_pids(const struct options *options)
{
	return options->request.wanted == ACCEPT_FILTER_PIDS &&
	       !options->request.pid && options->filters.chosen_count == 2 &&
	       has_choice(&options->filters, ACCEPT_FILTER_PIDS, 1, 0) &&
	       has_choice(&options->filters, ACCEPT_FILTER_PIDS, 4194304, 0);
}

static bool is_pid_and_more(const struct options *options)
{
	const struct filters *filters = &options->filters;

	return options->request.pid == 7 &&
	       options->request.wanted ==
		       (ACCEPT_FILTER_PORTS | ACCEPT_FILTER_UIDS) &&
	       filters->ports[1023] == 1ULL << 63 && filters->ports[0] == 2 &&
	       has_choice(filters, ACCEPT_FILTER_UIDS, 4294967294, 0) &&
	       has_choice(filters, ACCEPT_FILTER_UIDS, 0, 0);
}

static bool is_comm(const struct options *options)
{
	uint64_t words[2] = { 0, 0 };

	memcpy(words, "systemd-journal", 15);
	return has_choice(&options->filters, ACCEPT_FILTER_COMM, words[0],
			  words[1]);
}

static bool is_time(const struct options *options)
{
	return options->view.columns[0] == COLUMN_TIME &&
	       options->view.columns[1] == COLUMN_SECONDS &&
	       options->view.columns[2] == COLUMN_PID &&
	       options->view.count == 8 && !options->request.wanted;
}

static bool is_own_columns(const struct options *options)
{
	return options->view.columns[0] == COLUMN_SECONDS &&
	       options->view.columns[1] == COLUMN_LPORT &&
	       options->view.columns[2] == COLUMN_WAIT &&
	       options->view.count == 3 &&
	       options->request.wanted == ACCEPT_FIELD_WAIT;
}

static bool is_added(const struct options *options)
{
	return options->view.columns[0] == COLUMN_PID &&
	       options->view.columns[5] == COLUMN_LPORT &&
	       options->view.columns[6] == COLUMN_RPORT &&
	       options->view.columns[7] == COLUMN_CGROUP &&
	       options->view.count == 8;
}

static bool is_json(const struct options *options)
{
	return options->view.json && options->view.count == 1 &&
	       options->view.columns[0] == COLUMN_BACKLOG &&
	       options->request.wanted ==
		       (ACCEPT_FIELD_BACKLOG | ACCEPT_FIELD_UID |
			ACCEPT_FIELD_NETNS | ACCEPT_FIELD_CGROUP);
}

static bool is_counting(const struct options *options)
{
	return options->counting && !options->interval_ns &&
	       options->view.count == 3 &&
	       options->view.columns[2] == COLUMN_LPORT;
}

static bool is_counting_timed(const struct options *options)
{
	return options->counting && !options->interval_ns &&
	       options->view.count == 4 &&
	       options->view.columns[0] == COLUMN_SECONDS;
}

static bool is_counting_5(const struct options *options)
{
	return options->counting && options->interval_ns == 5000000000;
}

static bool is_prompt(const struct options *options)
{
	return options->pace_ms == 0;
}

static bool is_usual(const struct options *options)
{
	return options->pace_ms == 10;
}

static bool is_ending(const struct options *options)
{
	return options->duration_ns == 31536000000000000 &&
	       options->rows == 4294967295 && options->view.wide;
}

static bool is_netns(const struct options *options)
{
	return !strcmp(options->filters.netns, "/x") &&
	       options->request.wanted & ACCEPT_FILTER_NETNS;
}

static bool is_all(const struct options *options)
{
	const struct view *view = &options->view;
	bool all = view->count == COLUMN_COUNT && !view->no_header &&
		   !options->quiet && !options->strict;

	for (int i = 0; i < COLUMN_COUNT && all; i++)
		all = (int)view->columns[i] == i;
	return all;
}

static bool is_all_after_rport(const struct options *options)
{
	return options->view.count == COLUMN_COUNT &&
	       options->view.columns[0] == COLUMN_RPORT &&
	       options->view.columns[1] == COLUMN_TIME;
}

static bool is_by_keys(const struct options *options)
{
	static const enum column columns[] = { COLUMN_SECONDS, COLUMN_BACKLOG,
					       COLUMN_WAIT, COLUMN_DROPS };

	return options->view.count == 4 &&
	       !memcmp(options->view.columns, columns, sizeof(columns));
}

static bool is_bare(const struct options *options)
{
	return options->view.no_header && options->quiet && options->strict;
}

static bool is_tsv_iso(const struct options *options)
{
	return options->view.tsv && options->view.iso &&
	       options->view.columns[0] == COLUMN_TIME &&
	       options->view.columns[1] == COLUMN_SECONDS;
}

static bool is_time_alone(const struct options *options)
{
	return !options->view.iso && is_time(options);
}

static bool is_container(const struct options *options)
{
	return !strcmp(options->filters.container, "0123456789ab") &&
	       !options->filters.cgroup &&
	       options->request.wanted & ACCEPT_FILTER_CGROUP;
}

static void test_more(void)
{
	ok(makes(WORDS("-v"), is_plain), "nothing more is asked for");
	ok(makes(WORDS("-p", "181"), is_one_pid),
	   "nor for one process, which the plain program can tell");
	ok(makes(WORDS("-p", "1,4194304"), is_pids), "-p takes a list");
	ok(makes(WORDS("-p", "7", "-P1,65535", "--uid=0,4294967294"),
		 is_pid_and_more),
	   "-P and -u take lists");
	ok(makes(WORDS("-P", "443"), is_one_port),
	   "one port is no list: the plain program can tell");
	ok(makes(WORDS("-p", "1,1", "--pid=4194304,1"), is_pids),
	   "twice is once, and an option that is given twice adds up");
	ok(makes(WORDS("-P", "8000-8049,8051-8100,80"), is_port_range) &&
		   makes(WORDS("-P", "!8050,80", "-P8000-8100"), is_port_range),
	   "-P takes ranges, and exceptions in any order");
	if (access("/etc/services", R_OK))
		skip("-P takes names", "there is no /etc/services");
	else
		ok(makes(WORDS("-P", "https,www"), is_web),
		   "-P takes names, also the further ones");
	ok(makes(WORDS("-P", "!22,!8-9"), is_no_ssh),
	   "-P takes exceptions alone, which leave the rest");
	ok(makes(WORDS("-p", "!181"), is_not_pid) &&
		   makes(WORDS("-u", "!root"), is_not_root),
	   "-p and -u take exceptions, which go to the kernel, and names");
	ok(makes(WORDS("-R", "!10.0.0.0/8"), is_no_ten) &&
		   makes(WORDS("-R", "!10.0.0.0/8,!10.1.2.3/8"), is_no_ten) &&
		   makes(WORDS("-R", "10.0.0.0/8,!10.1.0.0/16,10.1.0.0/16"),
			 is_ten_but),
	   "-R takes exceptions, which win");
	ok(makes(WORDS("-c", "systemd-journald"), is_comm),
	   "a name is cut as the kernel cuts it");
	ok(makes(WORDS("-t", "-T"), is_time), "TIME comes before TIME(s)");
	ok(makes(WORDS("-o", "lport,Wait", "-t"), is_own_columns),
	   "-o makes the table, -t in front");
	ok(makes(WORDS("-o", "+RPORT,CGROUP"), is_added), "-o + adds to it");
	ok(makes(WORDS("-o", "all"), is_all) &&
		   makes(WORDS("-o", "rport,All,pid"), is_all_after_rport),
	   "-o all is all columns that are not there yet");
	ok(makes(WORDS("-o", "seconds,backlog,backlog_max,wait_us,wait,drops"),
		 is_by_keys),
	   "-o knows columns by their keys");
	ok(makes(WORDS("--time=iso", "--tsv", "-t"), is_tsv_iso) &&
		   makes(WORDS("-tT", "--time=iso", "--tsv"), is_tsv_iso) &&
		   makes(WORDS("--time=iso", "-Tt"), is_time_alone),
	   "--time has a value, which -T has not, and the last one counts");
	ok(makes(WORDS("-Hq", "--strict"), is_bare) &&
		   makes(WORDS("--no-header", "--quiet", "--strict"), is_bare),
	   "-H, -q and --strict are flags");
	ok(makes(WORDS("-o", "lport", "-o", "+Wait,lport,TIME(s)", "-t"),
		 is_own_columns) &&
		   makes(WORDS("-o", "+RPORT,pid", "-o", "+CGROUP,rport"),
			 is_added),
	   "-o adds up, and no column is there twice");
	ok(makes(WORDS("-j", "-o", "BL"), is_json),
	   "-j has its own, -o adds to these");
	ok(makes(WORDS("-C"), is_counting), "-C counts by three");
	ok(makes(WORDS("-C", "5"), is_counting_5) &&
		   makes(WORDS("-C5"), is_counting_5) &&
		   makes(WORDS("--summary=5"), is_counting_5),
	   "-C takes seconds, with a blank or without");
	ok(makes(WORDS("--pace", "0"), is_prompt) &&
		   makes(WORDS("-t"), is_usual),
	   "--pace 0 is no pause, and 10 ms is the default");
	ok(makes(WORDS("-C", "-t"), is_counting_timed),
	   "-C does not take an option for seconds");
	ok(makes(WORDS("-d", "31536000", "-n4294967295", "-w"), is_ending) &&
		   makes(WORDS("-d1", "-n1", "-d365d", "-n4294967295", "-w"),
			 is_ending) &&
		   makes(WORDS("-d8760h", "-n4294967295", "-w"), is_ending),
	   "-d and -n take as much as they can count, and the last one counts");
	ok(makes(WORDS("-C", "5.0s"), is_counting_5) &&
		   makes(WORDS("-C=5"), is_counting_5) &&
		   makes(WORDS("-C1", "-C5"), is_counting_5) &&
		   makes(WORDS("-C5", "-C"), is_counting),
	   "-C takes times, and the last one counts");
	ok(makes(WORDS("--netns", "/x"), is_netns), "--netns is for later");
	ok(makes(WORDS("--container", "0123456789ab"), is_container),
	   "so is --container, which is a filter by cgroup");
}

/* A network as the program has it: version, bits, hexadecimal address. */
static bool is_network(const char *text, const char *expected)
{
	const struct word word = { "-R", text, strlen(text) };
	struct accept_network network = parse_network(&word);
	char got[64];
	int at;

	at = snprintf(got, sizeof(got), "%u/%u ", network.version,
		      network.prefix - 8);
	for (int i = 0; i < 16; i++)
		at += snprintf(got + at, sizeof(got) - at, "%02x",
			       network.address[i]);
	if (strcmp(got, expected))
		printf("# %s: %s\n", text, got);
	return !strcmp(got, expected);
}

static void test_networks(void)
{
	static const char rest[] = "000000000000000000000000";
	char text[64];

	snprintf(text, sizeof(text), "4/32 0a010203%s", rest);
	ok(is_network("10.1.2.3", text), "an address is a network of one");
	ok(is_network("::ffff:10.1.2.3", text) &&
		   is_network("::ffff:a01:203/128", text),
	   "an IPv4 address may be written as IPv6");
	snprintf(text, sizeof(text), "4/8 0a000000%s", rest);
	ok(is_network("10.1.2.3/8", text) &&
		   is_network("::ffff:10.1.2.3/104", text),
	   "bits of the host do not count");
	snprintf(text, sizeof(text), "4/0 00000000%s", rest);
	ok(is_network("0.0.0.0/0", text) && is_network("::ffff:0:0/96", text),
	   "/0 is any IPv4 address");
	ok(is_network("::/0", "6/0 00000000000000000000000000000000"),
	   "::/0 is any IPv6 address, and no other");
	ok(is_network("2001:db8::1/33",
		      "6/33 20010db8000000000000000000000000") &&
		   is_network("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127",
			      "6/127 fffffffffffffffffffffffffffffffe"),
	   "IPv6 networks");
}

static void test_bad_more(void)
{
	static const struct {
		const char *option, *word, *offender;
	} bad[] = {
		{ "-P", "0", "'0'" },
		{ "-P", "65536", "'65536'" },
		{ "-P", "22-", "'22-'" },
		{ "-P", "0-1", "'0-1'" },
		{ "-P", "65535-65536", "'65535-65536'" },
		{ "-P", "no-such-name", "'no-such-name'" },
		{ "-P", "80,!80", "-P leaves no port" },
		{ "-u", "4294967295", "'4294967295'" },
		{ "-u", "no-such-name", "'no-such-name'" },
		{ "-u", "0,!0", "'0'" },
		{ "-u", "", "''" },
		{ "-R", "", "''" },
		{ "-R", "10.0.0", "'10.0.0'" },
		{ "-R", "10.0.0.0/33", "'33'" },
		{ "-R", "::/129", "'129'" },
		{ "-R", "10.0.0.0/", "''" },
		{ "-R", "/8", "'/8'" },
		{ "-R", "!", "''" },
		{ "-R", "!10.0.0", "'10.0.0'" },
		{ "-R", "fe80::1%eth0", "'fe80::1%eth0'" },
		{ "-R", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555",
		  "'ffff:" },
		{ "-c", "", "''" },
		{ "-c", "!", "''" },
		{ "--netns", "", "''" },
		{ "--cgroup", "", "''" },
		{ "--container", "", "''" },
		{ "--container", "0123ABC", "'0123ABC'" },
		{ "--container", "web", "'web'" },
		{ "--container",
		  "01234567890123456789012345678901"
		  "012345678901234567890123456789012",
		  "'0123456789" },
		{ "--container=0", "--cgroup=/", "--cgroup and --container" },
		{ "--cgroupmap", "", "''" },
		{ "--mntnsmap", "", "''" },
		{ "-o", "", "column ''" },
		{ "-o", "+", "column ''" },
		{ "-o", "PID,", "column ''" },
		{ "-o", "NOPE", "TIME, TIME(s), PID, TID, COMM, PCOMM, UID" },
		{ "-o", "PID,NOPE", "unknown column 'NOPE'" },
		{ "-d", "0", "'0'" },
		{ "-d", "0.0", "'0.0'" },
		{ "-d", "1.", "'1.'" },
		{ "-d", ".5", "'.5'" },
		{ "-d", "5x", "'5x'" },
		{ "-d", "5mm", "'5mm'" },
		{ "-d", "0.0004", "'0.0004'" },
		{ "-d", "366d", "'366d'" },
		{ "-d", "31536001", "'31536001'" },
		{ "-n", "0", "'0'" },
		{ "--ring", "0", "'0'" },
		{ "--ring", "3", "power of two" },
		{ "--ring", "131072", "'131072'" },
		{ "--ring", "4K", "'4K'" },
		{ "--pace", "-1", "'-1'" },
		{ "--pace", "1001", "'1001'" },
		{ "--pace", "", "''" },
		{ "-n", "-1", "'-1'" },
		{ "-n", "4294967296", "'4294967296'" },
		{ "-C0", NULL, "'0'" },
		{ "-Cx", NULL, "'x'" },
		{ "-46", NULL, "-4 and -6" },
		{ "--time=", NULL, "''" },
		{ "--time=date", NULL, "'date'" },
		{ "-Tiso", NULL, "-i" },
		{ "--tsv", "-C", "--tsv and -C" },
		{ "--tsv", "-j", "-j and --tsv" },
	};

	for (size_t i = 0; i < LENGTH(bad); i++)
		ok(refuses(WORDS(bad[i].option, bad[i].word), bad[i].offender),
		   "%s %s is refused", bad[i].option,
		   bad[i].word ? bad[i].word : "");
	ok(refuses(WORDS("-C", "-o", "+RPORT"), "by RPORT") &&
		   refuses(WORDS("-C", "-o", "TIME"), "by TIME"),
	   "-C does not count by columns that differ by row");
}

/* ------------------------------------------------------------------------
 * Hints
 */

static const char *const steps[] = { "RING",	"MAP",		 "SYSFS",
				     "BTF",	"LOAD",		 "PMU",
				     "TRACEFS", "KPROBE_EVENTS", "ATTACH",
				     "FIRE",	"CGROUP",	 "FORK",
				     "WRITE",	"OTHER" };

/* A step, an error and a word of the hint; NULL: no hint. */
struct hint {
	enum step step;
	int error;
	const char *word;
};

static void test_hints(void)
{
	static const struct hint hints[] = {
		{ STEP_WRITE, EPERM, NULL },
		{ STEP_WRITE, EACCES, NULL },
		{ STEP_RING, ENOMEM, "memory" },
		{ STEP_MAP, ENOMEM, "memory" },
		{ STEP_LOAD, ENOMEM, "memory" },
		{ STEP_RING, EMFILE, "ulimit -n" },
		{ STEP_MAP, EMFILE, "ulimit -n" },
		{ STEP_RING, ENOSYS, "CONFIG_PERF_EVENTS" },
		{ STEP_OTHER, ENOMEM, "memory" },
		{ STEP_OTHER, EMFILE, "ulimit -n" },
		{ STEP_OTHER, ENOSYS, NULL },
		{ STEP_OTHER, EPERM, NULL },
		{ STEP_MAP, ENOSYS, "CONFIG_BPF_SYSCALL" },
		{ STEP_LOAD, ENOSYS, "CONFIG_BPF_SYSCALL" },
		/* fsopen(2), before 5.2. */
		{ STEP_SYSFS, ENOSYS, "mount sysfs on /sys" },
		{ STEP_TRACEFS, ENOSYS, "mount tracefs on" },
		{ STEP_WRITE, ENOSPC, "space" },
		{ STEP_MAP, ENOSPC, NULL },
		{ STEP_RING, ENOSPC, NULL },
		{ STEP_ATTACH, EADDRNOTAVAIL, "several functions" },
		{ STEP_BTF, ENOENT, "CONFIG_DEBUG_INFO_BTF" },
		{ STEP_BTF, EIO, NULL },
		{ STEP_BTF, EBADMSG, "unknown to this version" },
		{ STEP_BTF, EOPNOTSUPP, "unknown to this version" },
		{ STEP_BTF, 0, "unknown to this version" },
		{ STEP_SYSFS, ENOENT, "mount sysfs on /sys" },
		{ STEP_SYSFS, ENODEV, "mount sysfs on /sys" },
		{ STEP_PMU, ENOENT, "CONFIG_KPROBE_EVENTS" },
		{ STEP_PMU, EBADMSG, "CONFIG_KPROBE_EVENTS" },
		{ STEP_TRACEFS, ENOENT, "mount tracefs on" },
		{ STEP_TRACEFS, ENODEV, "neither probes nor tracepoints" },
		{ STEP_KPROBE_EVENTS, ENOENT, "no such function" },
		{ STEP_KPROBE_EVENTS, EINVAL, "be probed" },
		{ STEP_FIRE, ENODATA, "keeps it from running" },
		{ STEP_CGROUP, ENODEV, "CONFIG_CGROUP_BPF" },
		{ STEP_CGROUP, EINVAL, "CONFIG_CGROUP_BPF" },
		{ STEP_CGROUP, EIO, NULL },
		/* The verifier's no. */
		{ STEP_LOAD, EACCES, "-v shows why" },
		{ STEP_LOAD, EINVAL, "-v shows why" },
		{ STEP_LOAD, E2BIG, "-v shows why" },
		{ STEP_LOAD, EKEYREJECTED, "are signed" },
		{ STEP_ATTACH, ENOENT, "no such function" },
		{ STEP_ATTACH, EINVAL, "be probed" },
		{ STEP_ATTACH, EILSEQ, "be probed" },
		{ STEP_ATTACH, EBUSY, "another tracer" },
		{ STEP_ATTACH, E2BIG, "64 BPF programs" },
		{ STEP_ATTACH, ENODEV, NULL },
		{ STEP_RING, EINVAL, NULL },
		{ STEP_MAP, EINVAL, NULL },
		{ STEP_WRITE, EIO, NULL },
		{ STEP_WRITE, EPIPE, NULL },
		{ STEP_FORK, EAGAIN, "pids.max" },
	};

	for (size_t i = 0; i < LENGTH(hints); i++) {
		const struct hint *hint = &hints[i];
		const char *text = hint_for(hint->step, hint->error);
		bool same =
			hint->word ? text && strstr(text, hint->word) : !text;

		if (!same)
			printf("# %s\n", text ? text : "none");
		ok(same, "%s and \"%s\": %s%s", steps[hint->step],
		   hint->error ? strerror(hint->error) : "0",
		   hint->word ? "the hint says " : "there is no hint",
		   hint->word ? hint->word : "");
	}
}

/* A hint is a clause: no capital, no full stop, no control byte. */
static void test_hint_form(void)
{
	bool all = true;

	for (enum step step = STEP_RING; step <= STEP_OTHER; step++) {
		for (int error = 0; error < 600; error++) {
			const char *text = hint_for(step, error);

			if (!text)
				continue;
			all = all && strlen(text) > 10 && strlen(text) < 200 &&
			      text[strlen(text) - 1] != '.';
			for (; *text; text++)
				all = all && *text >= ' ' && *text <= '~';
		}
	}
	ok(all, "every hint is a clause of one line");
}

/* ------------------------------------------------------------------------
 * Hints on permissions: in children that give theirs away
 */

/* The capabilities in use; false if this fails. */
static bool set_capabilities(uint64_t mask)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .effective = mask, .permitted = mask },
		{ .effective = mask >> 32, .permitted = mask >> 32 },
	};

	return !syscall(SYS_capset, &header, data);
}

/* A new user namespace gives all capabilities within it. */
static bool enter_namespace(void)
{
	return !unshare(CLONE_NEWUSER);
}

/* A filter that refuses bpf(2) and perf_event_open(2), or nothing. */
static bool enter_seccomp(bool refuse)
{
	const uint32_t answer =
		refuse ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW;
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, answer),
	};
	struct sock_fprog filter = { .len = LENGTH(lines), .filter = lines };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static bool is_filtered(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) > 0;
}

static bool is_locked(void)
{
	char text[80] = "";
	FILE *lockdown = fopen("/sys/kernel/security/lockdown", "re");

	if (lockdown && !fgets(text, sizeof(text), lockdown))
		text[0] = '\0';
	if (lockdown)
		fclose(lockdown);
	return strstr(text, "[confidentiality]");
}

static bool has_hint(const char *word)
{
	static const enum step some[] = { STEP_RING,  STEP_MAP,	 STEP_SYSFS,
					  STEP_BTF,   STEP_LOAD, STEP_PMU,
					  STEP_ATTACH };
	bool all = true;

	for (size_t i = 0; i < LENGTH(some); i++) {
		const char *text = hint_for(some[i], EPERM);

		all = all && text && strstr(text, word);
	}
	/* As open(2) has it. */
	return all && hint_for(STEP_BTF, EACCES) == hint_for(STEP_BTF, EPERM);
}

/* No capability at all, or not all of what is needed. */
static int without_capabilities(void)
{
	const uint64_t bpf = 1ULL << 39, perfmon = 1ULL << 38;
	bool all = true;

	if (!enter_namespace())
		return -1;
	/* Each has fewer than the one before: that is always allowed. */
	all = set_capabilities(bpf | perfmon) && !has_hint("CAP_PERFMON");
	all = all && set_capabilities(bpf) &&
	      strstr(hint_for(STEP_RING, EPERM), "CAP_PERFMON is missing");
	all = all && set_capabilities(0) && has_hint("run as root");
	return all;
}

static int in_namespace(void)
{
	if (is_locked() || is_filtered() || !enter_namespace())
		return -1;
	return has_hint("user namespace");
}

/* One that has nothing to do with it, as most containers have. */
static int with_other_filter(void)
{
	if (is_locked() || !enter_namespace() || !enter_seccomp(false))
		return -1;
	return strstr(hint_for(STEP_LOAD, EPERM), "user namespace") &&
	       strstr(hint_for(STEP_RING, EPERM), "user namespace") &&
	       strstr(hint_for(STEP_MAP, ENOSYS), "CONFIG_BPF_SYSCALL");
}

/* Of the host, without any filter: what else could be wanting is here. */
static bool is_host_root(void)
{
	char text[128] = "";
	FILE *map = fopen("/proc/self/uid_map", "re");

	if (map && !fgets(text, sizeof(text), map))
		text[0] = '\0';
	if (map)
		fclose(map);
	return !is_locked() && !is_filtered() && !geteuid() &&
	       strstr(text, "4294967295") && !has_hint("run as root");
}

static int with_filter(void)
{
	if (!is_host_root() || !enter_seccomp(true))
		return -1;
	return has_hint("seccomp filter") &&
	       strstr(hint_for(STEP_LOAD, EPERM), "forbids bpf(2)") &&
	       strstr(hint_for(STEP_MAP, ENOSYS), "forbids bpf(2)") &&
	       strstr(hint_for(STEP_RING, EPERM), "forbids perf_event_open") &&
	       strstr(hint_for(STEP_SYSFS, EPERM), "may forbid") &&
	       strstr(hint_for(STEP_OTHER, EPERM), "may forbid");
}

static bool set_locked(rlim_t most)
{
	struct rlimit limit = { .rlim_cur = most, .rlim_max = most };

	return !setrlimit(RLIMIT_MEMLOCK, &limit);
}

/* Nothing is wanting: it must be somebody's policy. */
static int as_root(void)
{
	if (!set_locked(RLIM_INFINITY) || !is_host_root())
		return -1;
	return has_hint("security policy");
}

/* Enough for bpf(2), not for all settings. */
static int as_half_root(void)
{
	if (!set_locked(RLIM_INFINITY) || !is_host_root())
		return -1;
	return set_capabilities(1ULL << 39 | 1ULL << 38) &&
	       has_hint("not enough here");
}

/* What counts as locked memory is maps and programs; rings, but not for all. */
static int with_limit(void)
{
	if (!set_locked(1 << 16) || !is_host_root())
		return -1;
	return strstr(hint_for(STEP_MAP, EPERM), "ulimit -l") &&
	       strstr(hint_for(STEP_LOAD, EPERM), "ulimit -l") &&
	       !strstr(hint_for(STEP_RING, EPERM), "ulimit -l") &&
	       !strstr(hint_for(STEP_ATTACH, EPERM), "ulimit -l");
}

/* Also of user 0, who cannot be told to become it. */
static int with_ring_limit(void)
{
	const char *hint;

	if (!set_locked(1 << 16) || !is_host_root() ||
	    !set_capabilities(1ULL << CAP_BPF | 1ULL << CAP_PERFMON))
		return -1;
	hint = hint_for(STEP_RING, EPERM);
	return strstr(hint, "--ring with fewer pages, ulimit -l, or "
			    "kernel.perf_event_mlock_kb") &&
	       !strstr(hint, "as root") &&
	       !strstr(hint_for(STEP_RING, EACCES), "ulimit -l") &&
	       !strstr(hint_for(STEP_RING, EACCES), "run it as root") &&
	       !strstr(hint_for(STEP_MAP, EPERM), "as root");
}

/* die(errno, hint_for(step, errno), ...) may ask for the hint first. */
static int with_errno(void)
{
	bool all = true;

	/* In a namespace all files are looked at. */
	if (!enter_namespace())
		return -1;
	for (enum step step = STEP_RING; step <= STEP_OTHER; step++) {
		for (int error = 1; error < 130; error++) {
			errno = error;
			hint_for(step, error);
			all = all && errno == error;
		}
	}
	return all;
}

/* In a child: 1 holds, 0 does not, -1 cannot be tried. */
static void ok_child(int (*claim_holds)(void), const char *claim)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(claim_holds() + 1);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		skip(claim, "it needs what is not allowed here");
	else
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 2, "%s", claim);
}

static void test_permissions(void)
{
	ok_child(without_capabilities,
		 "capabilities that are wanting are named");
	ok_child(in_namespace, "a user namespace is told");
	ok_child(with_filter, "a seccomp filter is told");
	ok_child(with_other_filter, "a filter that lets it pass is not");
	ok_child(as_root, "where nothing is wanting a policy is told");
	ok_child(with_limit, "a limit of locked memory is told");
	ok_child(with_ring_limit, "so it is of rings, and what helps");
	ok_child(as_half_root, "where two capabilities do not do it is told");
	ok_child(with_errno, "asking for a hint leaves errno as it is");
}

int main(void)
{
	alarm(300);
	test_help();
	test_help_options();
	test_version();
	test_plain();
	test_pid();
	test_probe();
	test_bad_pid();
	test_bad_value();
	test_bad_option();
	test_bad_cluster();
	test_bad_argument();
	test_bad_bytes();
	test_more();
	test_networks();
	test_bad_more();
	test_hints();
	test_hint_form();
	test_permissions();
	return done();
}
