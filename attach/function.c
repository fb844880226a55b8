// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * function.c - a kernel function: where a kprobe on it may be, if it exists
 *
 * Sections: entries, symbols.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/lines.h"
#include "base/text.h"
#include "kernel/machine.h"
#include "kernel/version.h"
#include "attach/function.h"

/* ------------------------------------------------------------------------
 * Entries: where a kprobe at a function's start may be
 */

static const uint8_t any_entries[] = MACHINE_ENTRIES;
static const uint8_t past_entries[] = MACHINE_ENTRIES_PAST_FTRACE;

struct entry entry_first(bool past)
{
	if (past)
		return (struct entry){ past_entries,
				       past_entries + sizeof(past_entries) };
	return (struct entry){ any_entries, any_entries + sizeof(any_entries) };
}

int entry_offset(struct entry entry)
{
	return *entry.at;
}

bool entry_next(struct entry *entry)
{
	return ++entry->at < entry->end;
}

bool entry_is_refused(int error)
{
	return error == -EINVAL || error == -EILSEQ;
}

/* ------------------------------------------------------------------------
 * Symbols: /proc/kallsyms
 */

struct symbol_search {
	const char *symbol;
	/* The list has lines. */
	bool any;
};

/* A line: "ffffffff81a0b0c0 T inet_csk_accept", then maybe "\t[module]". */
static bool line_has_symbol(void *argument, char *line)
{
	struct symbol_search *search = argument;
	const size_t length = strlen(search->symbol);
	const char *at = text_find(line, search->symbol);

	search->any = true;
	return at && at > line && at[-1] == ' ' &&
	       (!at[length] || at[length] == '\t');
}

/* Whether such a list, an open file, has lines, but none of that symbol. */
static bool lacks_symbol(int list, const char *symbol)
{
	struct symbol_search search = { .symbol = symbol };

	return !any_line_of(list, line_has_symbol, &search) && search.any;
}

bool function_is_missing(const char *symbol)
{
	int proc = -1, list;

	if (kernel_version() < version_parse("5.2"))
		proc = fs_open(FS_PROC);
	if (proc < 0)
		return false;
	list = openat(proc, "kallsyms", O_RDONLY | O_CLOEXEC);
	close(proc);
	return list >= 0 && lacks_symbol(list, symbol);
}

int refuse_missing(struct reason *reason, const char *symbol)
{
	return reason_set(reason, STEP_KPROBE_EVENTS, -ENOENT,
			  "cannot probe %s", symbol);
}
