// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dump.c - prints what the set-up found, for developers; with make DEBUG=1
 */
#include <stdio.h>

#include "base/text.h"
#include "attach/ladder.h"
#include "attach/program.h"
#include "attach/tracefs.h"
#include "attach/rung.h"
#include "cli/dump.h"

static const char *const symbol_names[SYMBOL_COUNT] = {
#include "symbols.inc"
};

#define MEMBER_NAME(id, structure, name, needed) [id] = #structure "." #name,
static const char *const member_texts[MEMBER_COUNT] = { LAYOUT_MEMBERS(
	MEMBER_NAME) };

/* For program_watch: print a program that is about to be loaded. */
static void dump_program(const char *name, const struct symbols *symbols,
			 int whole, int folded)
{
	printf("program %s: %d instructions, %d after folding\n", name, whole,
	       folded);
	for (int i = 0; i < SYMBOL_COUNT; i++)
		if (symbols->all[i].is_set)
			printf("\t%s %s = %llu\n",
			       symbols->all[i].is_map ? "map" : "constant",
			       symbol_names[i],
			       (unsigned long long)symbols->all[i].value);
}

static void dump_layout(const struct layout *layout)
{
	printf("layout: %s\n", layout->built_in ? "built in" : "of BTF");
	/* BTF is searched only for what columns and filters need. */
	for (int i = 0; i < MEMBER_COUNT; i++)
		if (layout->built_in || layout->found & MEMBER_BIT(i))
			printf("\toffset %s = %u\n", member_texts[i],
			       layout->offsets[i]);
	printf("\tbits of sk_protocol = %u\n", layout->protocol_bits);
	printf("\tbits of sk_ack_backlog = %u\n", layout->backlog_bits);
	for (int i = 0; i < layout->prot_count; i++)
		printf("\tstruct proto = %#llx\n",
		       (unsigned long long)layout->prots[i]);
}

static void dump_hook(const char *point, const struct hook *hook)
{
	if (hook->event < 0)
		return;
	printf("\thook %s: perf event %d%s%s\n", point, hook->event,
	       hook->probe ? ", tracefs " : "",
	       hook->probe ? hook->probe->name : "");
}

static void dump_hooks(const struct tracer *tracer)
{
	const struct probe *probe = &tracer->probe;
	const struct rung *rung = probe->rung;

	printf("rung %s: %s\n", rung->name, rung->description);
	for (size_t i = 0; i < countof(probe->hooks); i++)
		if (rung->points[i])
			dump_hook(rung->points[i], &probe->hooks[i]);
	dump_hook("where calls begin", &probe->entry.hook);
	for (int i = 0; i < tracer->queue.count; i++)
		dump_hook("of the accept queue", &tracer->queue.hooks[i]);
}

/* Print what the kernel made of the program that is attached. */
static void dump_loaded(int program)
{
	struct bpf_prog_info info;

	if (raw_program_info(program, &info))
		return;
	printf("loaded %s: id %u, %u instructions, %u bytes of machine code\n",
	       info.name, info.id,
	       info.xlated_prog_len / (unsigned int)sizeof(struct bpf_insn),
	       info.jited_prog_len);
}

bool dump(const struct request *request)
{
	static struct tracer tracer;

	/* Test accepts fork(2): a buffer with text would be printed twice. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	program_watch = dump_program;
	tracer_open(&tracer, request);
	dump_layout(&tracer.kernel.layout);
	dump_hooks(&tracer);
	dump_loaded(tracer.probe.program);
	queue_close(&tracer.queue);
	probe_close(&tracer.probe);
	return !fflush(stdout) && !ferror(stdout);
}
