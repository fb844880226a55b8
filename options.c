// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * options.c - the command line
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "options.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

/* PID_MAX_LIMIT of include/linux/threads.h: no process ID is above. */
#define PID_MOST 4194304

static const char help[] =
	"usage: tcpaccept [-h] [-t] [-p PID] [-v] [-V] [--probe RUNG]\n"
	"                 [--check] [--no-btf]\n"
	"\n"
	"Trace TCP accepts\n"
	"\n"
	"optional arguments:\n"
	"  -h, --help         show this help message and exit\n"
	"  -t, --timestamp    include timestamp on output\n"
	"  -p PID, --pid PID  trace this PID only\n"
	"  -v, --verbose      say on stderr how accepts are traced\n"
	"  -V, --version      show the version and exit\n"
	"  --check            say what of it works on this machine, and exit\n"
	"  --probe RUNG       trace this way only: graft, inet-accept,\n"
	"                     csk-return or syscall\n"
	"  --no-btf           do without the kernel's BTF\n"
	"\n"
	"examples:\n"
	"    ./tcpaccept           # trace all TCP accept()s\n"
	"    ./tcpaccept -t        # include timestamps\n"
	"    ./tcpaccept -p 181    # only trace PID 181\n";

static uint32_t parse_pid(const char *word)
{
	unsigned long long pid;
	char shown[40], *end;

	/* strtoull() alone would take " 1", "+1" and "-1". */
	pid = *word >= '0' && *word <= '9' ? strtoull(word, &end, 10) : 0;
	if (*word < '0' || *word > '9' || *end)
		die_usage("-p wants a process ID, not '%s'",
			  quoted(shown, sizeof(shown), word));
	if (!pid || pid > PID_MOST)
		die_usage("-p wants a process ID from 1 to %d, not '%s'",
			  PID_MOST, quoted(shown, sizeof(shown), word));
	return pid;
}

static const struct rung *parse_rung(const char *word)
{
	char shown[40];

	for (size_t i = 0; i < RUNG_COUNT; i++)
		if (!strcmp(rungs[i].name, word))
			return &rungs[i];
	die_usage("--probe knows graft, inet-accept, csk-return and syscall, "
		  "not '%s'",
		  quoted(shown, sizeof(shown), word));
}

/* Print what was asked for, which is all this run is for. */
static _Noreturn void print_and_exit(const char *text)
{
	size_t length = strlen(text);

	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		die(errno, NULL, "cannot write to stdout");
	exit(EXIT_SUCCESS);
}

/* Beyond Unicode, as musl gives wide characters for what it does not know. */
enum { OPTION_PROBE = 0x110000, OPTION_NO_BTF, OPTION_CHECK };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "timestamp", no_argument, NULL, 't' },
	{ "pid", required_argument, NULL, 'p' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "no-btf", no_argument, NULL, OPTION_NO_BTF },
	{ "probe", required_argument, NULL, OPTION_PROBE },
	{ 0 },
};

/* Say what getopt_long() did not take: `word` is what it looked at. */
static _Noreturn void die_option(int result, const char *word)
{
	char shown[40];

	/* musl counts the value as taken, and has no word to point at. */
	if (result == ':')
		die_usage("option %s wants a value",
			  optopt == OPTION_PROBE ? "--probe" : "-p, --pid");
	quoted(shown, sizeof(shown), word);
	/* 0 for a long option that it does not know. */
	if (optopt && optopt < OPTION_PROBE && !strchr("htpvV", optopt))
		die_usage("unknown option -%c",
			  optopt > ' ' && optopt <= '~' ? optopt : '?');
	die_usage(optopt ? "option %s takes no value" :
			   "unknown or ambiguous option %s",
		  shown);
}

struct options options_parse(int argc, char **argv)
{
	struct options options = { 0 };
	char shown[40];
	int result;

	opterr = 0;
	while ((result = getopt_long(argc, argv, ":htp:vV", long_options,
				     NULL)) != -1) {
		switch (result) {
		case 'h':
			print_and_exit(help);
		case 't':
			options.timestamp = true;
			break;
		case 'p':
			options.request.pid = parse_pid(optarg);
			break;
		case 'v':
			options.request.verbose = true;
			break;
		case 'V':
			print_and_exit("tcpaccept " VERSION "\n");
		case OPTION_CHECK:
			options.check = true;
			break;
		case OPTION_NO_BTF:
			options.request.no_btf = true;
			break;
		case OPTION_PROBE:
			options.request.only = parse_rung(optarg);
			break;
		default:
			die_option(result, argv[optind - 1]);
		}
	}
	if (optind < argc)
		die_usage("unexpected argument '%s'",
			  quoted(shown, sizeof(shown), argv[optind]));
	return options;
}
