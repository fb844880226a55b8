// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * object.c - raw_object_program() and raw_program_*() of bpf_raw.h over
 * the object that program.c carries, whole and damaged
 */
#include "accept.h"
#include "bpf_raw.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* As in program.c: no program is longer. */
#define INSN_MAX 2048

static const unsigned char object[] __attribute__((aligned(8))) = {
#include "accept.bpf.inc"
};

/* In their order, the letters of `uses`. */
static const char *const sections[] = { "kprobe", "more",     "capture",
					"queued", "gone",     "acceptor",
					"state",  "entering", "calling",
					"entered" };
static const char letters[] = "kmcqgaseSE";

/* All that accept.bpf.c asks for; values of both halves. */
static const struct raw_symbol symbols[] = {
	{ "FILTER_PID", 0x8000000180000002, false },
	{ "SKC_FAMILY", 0x0000000000000010, false },
	{ "SKC_ADDRPAIR", 0x1111111122222222, false },
	{ "SKC_PORTPAIR", 0xffffffffffffffff, false },
	{ "SKC_V6_DADDR", 0x00000000ffffffff, false },
	{ "SKC_V6_RCV_SADDR", 0xffffffff00000000, false },
	{ "SK_PROTOCOL", 0x7fffffff7fffffff, false },
	{ "INET_SPORT", 0x0123456789abcdef, false },
	{ "TASK_FILES", 0x1000000000000001, false },
	{ "FILES_FDT", 0x2000000000000002, false },
	{ "FDTABLE_FD", 0x3000000000000003, false },
	{ "FILE_PRIVATE_DATA", 0x4000000000000004, false },
	{ "SOCKET_FILE", 0x5000000000000005, false },
	{ "SOCKET_SK", 0x6000000000000006, false },
	{ "SK_PROTOCOL_BITS", 0x7000000000000007, false },
	{ "SKC_PROT", 0x7100000000000008, false },
	{ "PROT_1", 0xffff888000000001, false },
	{ "PROT_2", 0xffff888000000002, false },
	{ "PROT_3", 0xffff888000000003, false },
	{ "PROT_4", 0xffff888000000004, false },
	{ "PROT_5", 0xffff888000000005, false },
	{ "PROT_6", 0xffff888000000006, false },
	{ "PIDNS_DEVICE", 0x7200000000000009, false },
	{ "PIDNS_INODE", 0x730000000000000a, false },
	{ "CAPTURE_COMM_1", 0x740000000000000b, false },
	{ "CAPTURE_COMM_2", 0x750000000000000c, false },
	{ "captures", 11, true },
	{ "SK_PROT_CREATOR", 0x760000000000000d, false },
	{ "rings", 23, true },
	{ "states", 42, true },
	{ "spill", 43, true },
	{ "ASKED", 0x0a01000000000001, false },
	{ "BY_SYSCALL", 0x0a02000000000002, false },
	{ "SKC_NET", 0x0a03000000000003, false },
	{ "NET_NS", 0x0a04000000000004, false },
	{ "NS_INUM", 0x0a05000000000005, false },
	{ "TASK_NSPROXY", 0x0a06000000000006, false },
	{ "NSPROXY_MNT_NS", 0x0a07000000000007, false },
	{ "MNT_NS_NS", 0x0a08000000000008, false },
	{ "TASK_GROUP_LEADER", 0x0a09000000000009, false },
	{ "TASK_COMM", 0x0a0a00000000000a, false },
	{ "MPTCP_FIRST", 0x0a0b00000000000b, false },
	{ "SK_ACK_BACKLOG", 0x0a0c00000000000c, false },
	{ "SK_MAX_ACK_BACKLOG", 0x0a0d00000000000d, false },
	{ "SK_BACKLOG_BITS", 0x0a0e00000000000e, false },
	{ "chosen", 50, true },
	{ "networks", 51, true },
	{ "cgroups", 52, true },
	{ "cgroup_map", 53, true },
	{ "mntns_map", 54, true },
	{ "queue", 55, true },
	{ "acceptors", 56, true },
	{ "POINTER_SIZE", 0x0a0f00000000000f, false },
	{ "SOCKETCALL", 0x0b0000000000000b, false },
	{ "calls", 57, true },
	{ "here", 58, true },
	{ "CPU_BY_MAP", 0x0c0000000000000c, false },
	{ "BY_RETURN", 0x0d0000000000000d, false },
	{ "INSTANCES", 0x0e0000000000000e, false },
};

/* The sections that ask for each. */
static const char *const uses[] = {
	"km",	"km",	 "kmqs",  "km", "km", "km",   "km",  "km",  "me",
	"me",	"me",	 "me",	  "me", "me", "km",   "km",  "km",  "km",
	"km",	"km",	 "km",	  "km", "km", "km",   "c",   "c",   "c",
	"km",	"km",	 "kmqsE", "km", "m",  "m",    "m",   "m",   "m",
	"m",	"m",	 "m",	  "m",	"m",  "m",    "m",   "m",   "m",
	"m",	"m",	 "m",	  "m",	"m",  "mqgs", "mae", "kme", "m",
	"kmSE", "kmqsE", "kmqsE", "km", "E",
};

_Static_assert(LENGTH(uses) == LENGTH(symbols), "one for each");

static bool is_ld_imm64(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static uint64_t imm64(const struct bpf_insn *insn)
{
	return (uint32_t)insn[0].imm | (uint64_t)(uint32_t)insn[1].imm << 32;
}

/* The symbol whose value is in the instruction, or NULL. */
static const struct raw_symbol *symbol_of(const struct bpf_insn *insn)
{
	for (size_t i = 0; i < LENGTH(symbols); i++)
		if (symbols[i].value == imm64(insn))
			return &symbols[i];
	return NULL;
}

/* The section's bytes by hand, with a straight walk over the ELF file. */
static size_t section_insns(const char *name, struct bpf_insn *insns)
{
	Elf64_Ehdr header;
	Elf64_Shdr section, names;
	size_t at;

	memcpy(&header, object, sizeof(header));
	memcpy(&names,
	       object + header.e_shoff + header.e_shstrndx * sizeof(names),
	       sizeof(names));
	for (int i = 0; i < header.e_shnum; i++) {
		at = header.e_shoff + i * sizeof(section);
		memcpy(&section, object + at, sizeof(section));
		if (strcmp((const char *)object + names.sh_offset +
				   section.sh_name,
			   name))
			continue;
		memcpy(insns, object + section.sh_offset, section.sh_size);
		return section.sh_size / sizeof(*insns);
	}
	return 0;
}

static int load(const char *section, struct bpf_insn *insns, size_t most)
{
	return raw_object_program(object, sizeof(object), section, symbols,
				  LENGTH(symbols), insns, most);
}

/* What differs from the section's bytes is what relocation is to change. */
static bool is_relocated(const char *section, uint64_t *seen)
{
	struct bpf_insn insns[INSN_MAX], plain[INSN_MAX];
	const struct raw_symbol *symbol;
	int count = load(section, insns, INSN_MAX);

	if (count <= 0 || (size_t)count != section_insns(section, plain))
		return false;
	for (int i = 0; i < count; i++) {
		/* Other ld_imm64 are constants of the program's own. */
		if (is_ld_imm64(&plain[i]) && !imm64(&plain[i])) {
			symbol = symbol_of(&insns[i]);
			if (!symbol ||
			    insns[i].src_reg !=
				    (symbol->is_map ? BPF_PSEUDO_MAP_FD : 0))
				return false;
			*seen |= 1ULL << (symbol - symbols);
			plain[i].imm = insns[i].imm;
			plain[i].src_reg = insns[i].src_reg;
			plain[i + 1].imm = insns[i + 1].imm;
		}
	}
	return !memcmp(insns, plain, count * sizeof(*insns));
}

/* What a section asks for is what is written down of it. */
static bool asks_as_told(uint64_t seen, char letter)
{
	bool all = true;

	for (size_t i = 0; i < LENGTH(symbols); i++) {
		bool told = strchr(uses[i], letter);

		if (told == (seen >> i & 1))
			continue;
		printf("# %c and %s\n", letter, symbols[i].name);
		all = false;
	}
	return all;
}

static void test_sections(void)
{
	for (size_t i = 0; i < LENGTH(sections); i++) {
		uint64_t seen = 0;

		ok(is_relocated(sections[i], &seen),
		   "%s loads, its symbols filled in and nothing else changed",
		   sections[i]);
		ok(asks_as_told(seen, letters[i]),
		   "%s asks for the symbols that it needs, and no others",
		   sections[i]);
	}
}

/* Each in turn is the symbol that is left out. */
static void test_missing(void)
{
	struct raw_symbol some[LENGTH(symbols)];
	struct bpf_insn insns[INSN_MAX];
	bool all = true;

	for (size_t out = 0; out < LENGTH(symbols); out++) {
		size_t count = 0;

		for (size_t i = 0; i < LENGTH(symbols); i++)
			if (i != out)
				some[count++] = symbols[i];
		for (size_t s = 0; s < LENGTH(sections); s++)
			all = all &&
			      (raw_object_program(object, sizeof(object),
						  sections[s], some, count,
						  insns, INSN_MAX) ==
			       -ENOENT) == !!strchr(uses[out], letters[s]);
	}
	ok(all, "a symbol that is missing is told, whichever it is");
	ok(raw_object_program(object, sizeof(object), "kprobe", NULL, 0, insns,
			      INSN_MAX) == -ENOENT,
	   "no symbols at all is told");
	memcpy(some, symbols, sizeof(symbols));
	for (size_t i = 0; i < LENGTH(symbols); i++)
		if (!strcmp(some[i].name, "FILTER_PID"))
			some[i].name = "FILTER_PI";
	ok(raw_object_program(object, sizeof(object), "kprobe", some,
			      LENGTH(some), insns, INSN_MAX) == -ENOENT,
	   "the start of a symbol's name is not the symbol");
}

static void test_section_name(void)
{
	static const char *const names[] = { "none", "graf", "graft2", "raft",
					     "MORE" };
	struct bpf_insn insns[INSN_MAX];
	bool all = true;

	for (size_t i = 0; i < LENGTH(names); i++)
		all = all && load(names[i], insns, INSN_MAX) == -ENOENT;
	ok(all, "a section that is not there is told");
	/* 13 bytes are no instructions. */
	ok(load("license", insns, INSN_MAX) == -EBADMSG,
	   "a section that is not of instructions is refused");
}

static void test_room(void)
{
	struct bpf_insn whole[INSN_MAX], *insns;
	bool small = true, exact = true;

	for (size_t i = 0; i < LENGTH(sections); i++) {
		size_t count = load(sections[i], whole, INSN_MAX);

		insns = malloc(count * sizeof(*insns));
		exact = exact &&
			load(sections[i], insns, count) == (int)count &&
			!memcmp(insns, whole, count * sizeof(*insns));
		free(insns);
		insns = malloc((count - 1) * sizeof(*insns));
		small = small && load(sections[i], insns, count - 1) == -E2BIG;
		free(insns);
		small = small && load(sections[i], NULL, 0) == -E2BIG;
	}
	ok(exact, "a program fits into room for just its instructions");
	ok(small, "a program longer than the room is refused");
}

/* ------------------------------------------------------------------------
 * Patches
 */

/* Loads, stores and calls that are, or only look like, those meant. */
static const struct bpf_insn lookalikes[] = {
	{ BPF_LDX | BPF_MEM | BPF_DW, 1, 6, 0x7f00, 0 },
	{ BPF_LDX | BPF_MEM | BPF_DW, 2, 7, 0x7f00, 0 },
	{ BPF_LDX | BPF_MEM | BPF_DW, 1, 6, 0x7f08, 0 },
	{ BPF_LDX | BPF_MEM | BPF_W, 1, 6, 0x7f00, 0 },
	{ BPF_LDX | BPF_MEM | BPF_H, 1, 6, 0x7f00, 0 },
	{ BPF_STX | BPF_MEM | BPF_DW, 1, 6, 0x7f00, 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 0x7f00 },
	{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel },
	{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns },
	{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel },
	{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0,
	  BPF_FUNC_probe_read_kernel },
	{ BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0, BPF_FUNC_probe_read_kernel },
	{ BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, BPF_FUNC_probe_read_kernel },
	{ BPF_LDX | BPF_MEM | BPF_DW, 1, 6, 0x7f00, 0 },
};

/* The look-alikes, patched, are `expected`. */
static bool patches_to(const struct bpf_insn *patched,
		       const struct bpf_insn *expected)
{
	return !memcmp(patched, expected, sizeof(lookalikes));
}

static void test_context(void)
{
	struct bpf_insn insns[LENGTH(lookalikes)], expected[LENGTH(lookalikes)];
	static const size_t meant[] = { 0, 1, LENGTH(lookalikes) - 1 };
	struct raw_program program = { .insns = insns };

	memcpy(insns, lookalikes, sizeof(insns));
	memcpy(expected, lookalikes, sizeof(expected));
	raw_program_context(&program, 0x7f00, 112, 8);
	ok(patches_to(insns, expected),
	   "a program of no length is not patched");
	program.count = LENGTH(insns);
	raw_program_context(&program, 0x7f10, 112, 8);
	ok(patches_to(insns, expected),
	   "a mark that is not there is not patched");
	raw_program_context(&program, 0x7f00, 112, 8);
	for (size_t i = 0; i < LENGTH(meant); i++)
		expected[meant[i]].off = 112;
	ok(patches_to(insns, expected),
	   "64-bit loads at the mark get the offset, nothing else changes");
	memcpy(insns, lookalikes, sizeof(insns));
	raw_program_context(&program, 0x7f00, 24, 4);
	for (size_t i = 0; i < LENGTH(meant); i++) {
		expected[meant[i]].off = 24;
		expected[meant[i]].code = BPF_LDX | BPF_MEM | BPF_W;
	}
	ok(patches_to(insns, expected),
	   "with words of 4 bytes the loads are 32-bit ones");
}

static void test_helper(void)
{
	struct bpf_insn insns[LENGTH(lookalikes)], expected[LENGTH(lookalikes)];
	struct raw_program program = { .insns = insns };

	memcpy(insns, lookalikes, sizeof(insns));
	memcpy(expected, lookalikes, sizeof(expected));
	program.count = LENGTH(insns);
	raw_program_helper(&program, BPF_FUNC_probe_read_user,
			   BPF_FUNC_probe_read);
	ok(patches_to(insns, expected),
	   "a helper that is not called is not replaced");
	raw_program_helper(&program, BPF_FUNC_probe_read_kernel,
			   BPF_FUNC_probe_read);
	expected[7].imm = expected[9].imm = BPF_FUNC_probe_read;
	ok(patches_to(insns, expected),
	   "calls of the helper are replaced, nothing else changes");
}

/* In each program the marks are gone once they are given offsets. */
static void test_marks(void)
{
	static const struct {
		int mark, count[LENGTH(sections)];
	} marks[] = {
		{ ACCEPT_CTX_SOCK, { 1, 1, 1, 0, 0, 0, 0, 0 } },
		/* Once more, to see whether it vanished. */
		{ ACCEPT_CTX_SYSCALL, { 0, 2, 0, 0, 0, 0, 0, 1, 1 } },
		{ ACCEPT_CTX_NUMBER, { 0, 1, 0, 0, 0, 0, 0, 0 } },
		{ ACCEPT_CTX_ARG1, { 0, 0, 0, 1, 1, 1, 0, 0 } },
		{ ACCEPT_CTX_CHILD, { 0, 0, 0, 1, 0, 0, 0, 0 } },
		{ ACCEPT_CTX_STATE_SOCK, { 0, 0, 0, 0, 0, 0, 1, 0 } },
		{ ACCEPT_CTX_STATE_OLD, { 0, 0, 0, 0, 0, 0, 1, 0 } },
		{ ACCEPT_CTX_STATE_NEW, { 0, 0, 0, 0, 0, 0, 1, 0 } },
	};
	struct bpf_insn insns[INSN_MAX];
	struct raw_program program = { .insns = insns };
	bool all = true;

	for (size_t s = 0; s < LENGTH(sections); s++) {
		program.count = load(sections[s], insns, INSN_MAX);
		for (size_t m = 0; m < LENGTH(marks); m++) {
			int before = 0, after = 0;

			for (size_t i = 0; i < program.count; i++)
				before += insns[i].off == marks[m].mark;
			raw_program_context(&program, marks[m].mark, 16, 8);
			for (size_t i = 0; i < program.count; i++)
				after += insns[i].off == marks[m].mark;
			all = all && before == marks[m].count[s] && !after;
		}
	}
	ok(all, "each program has the marks of its hook until patched");
}

/* ------------------------------------------------------------------------
 * Hostile: heap copies of the exact size, so that a sanitizer sees an overrun
 */

/* A count, or an errno negated. */
static bool is_result(int result)
{
	return result > -4096 && result <= INSN_MAX;
}

/* All sections of a damaged object; the sum of what loads, or -1. */
static int load_damaged(const unsigned char *bytes, size_t size,
			struct bpf_insn *insns)
{
	int loads = 0;

	for (size_t i = 0; i < LENGTH(sections); i++) {
		int result =
			raw_object_program(bytes, size, sections[i], symbols,
					   LENGTH(symbols), insns, INSN_MAX);

		if (!is_result(result))
			return -1;
		loads += result >= 0;
	}
	return loads;
}

static void test_truncated(void)
{
	struct bpf_insn *insns = malloc(INSN_MAX * sizeof(*insns));
	int wild = load_damaged(NULL, 0, insns), loaded = 0;

	for (size_t size = 1; size < sizeof(object); size++) {
		unsigned char *bytes = malloc(size);
		int loads;

		memcpy(bytes, object, size);
		loads = load_damaged(bytes, size, insns);
		wild += loads < 0;
		/* The table of sections is the last part of the file. */
		loaded += loads > 0;
		free(bytes);
	}
	free(insns);
	ok(!wild, "an object cut short anywhere is survived");
	ok(!loaded, "an object cut short anywhere is refused");
}

static void test_flipped(void)
{
	static const uint8_t masks[] = { 0x01, 0x08, 0x80, 0xff };
	struct bpf_insn *insns = malloc(INSN_MAX * sizeof(*insns));
	unsigned char *bytes = malloc(sizeof(object));
	const size_t step = tap_valgrind() ? 17 : 1;
	int wild = 0, loaded = 0, refused = 0;

	memcpy(bytes, object, sizeof(object));
	for (size_t i = 0; i < sizeof(object); i += step) {
		for (size_t m = 0; m < LENGTH(masks); m++) {
			int loads;

			bytes[i] ^= masks[m];
			loads = load_damaged(bytes, sizeof(object), insns);
			bytes[i] ^= masks[m];
			wild += loads < 0;
			loaded += loads == LENGTH(sections);
			refused += loads >= 0 && loads < (int)LENGTH(sections);
		}
	}
	ok(!wild && !memcmp(bytes, object, sizeof(object)),
	   "an object with any byte changed is survived");
	printf("# %d loaded whole, %d refused in part\n", loaded, refused);
	ok(loaded > 100 && refused > 100, "changed bytes that matter were met");
	free(bytes);
	free(insns);
}

/* Several bytes at once in the headers, the relocations and the symbols. */
static void test_random(void)
{
	struct bpf_insn *insns = malloc(INSN_MAX * sizeof(*insns));
	unsigned char *bytes = malloc(sizeof(object));
	const int runs = tap_valgrind() ? 1000 : 30000;
	uint64_t state = 42;
	Elf64_Ehdr header;
	int wild = 0;

	memcpy(&header, object, sizeof(header));
	for (int run = 0; run < runs; run++) {
		memcpy(bytes, object, sizeof(object));
		for (int i = 2 + tap_random(&state) % 6; i; i--) {
			uint64_t random = tap_random(&state);
			size_t from = run % 3 ? header.e_shoff : 0;
			size_t at = from + random % (sizeof(object) - from);

			if (run % 7 == 0)
				at = random % sizeof(header);
			bytes[at] = random >> 56;
		}
		wild += load_damaged(bytes, sizeof(object), insns) < 0;
	}
	ok(!wild, "an object with some bytes changed is survived");
	free(bytes);
	free(insns);
}

/* Set `width` bytes of section header `index`, or of the file's, and load. */
static int with_field(int index, size_t offset, size_t width, uint64_t value)
{
	struct bpf_insn *insns = malloc(INSN_MAX * sizeof(*insns));
	unsigned char *bytes = malloc(sizeof(object));
	Elf64_Ehdr header;
	int result;

	memcpy(bytes, object, sizeof(object));
	memcpy(&header, object, sizeof(header));
	if (index >= 0)
		offset += header.e_shoff + index * sizeof(Elf64_Shdr);
	memcpy(bytes + offset, &value, width);
	/* What is beyond the program looks as if it could be relocated. */
	memset(insns, BPF_LD | BPF_IMM | BPF_DW, INSN_MAX * sizeof(*insns));
	result = raw_object_program(bytes, sizeof(object), "kprobe", symbols,
				    LENGTH(symbols), insns, INSN_MAX);
	free(bytes);
	free(insns);
	return result;
}

static void test_string(void)
{
	static const char bytes[7] = { 'a', 0, 'b', 'c', 0, 'd', 'e' };
	char *text = memcpy(malloc(sizeof(bytes)), bytes, sizeof(bytes));
	Elf64_Shdr table = { .sh_offset = 2, .sh_size = 3 };
	const char *found = raw_object_string(text, 7, &table, 1);
	bool all;

	ok(found == text + 3 && !strcmp(found, "c"),
	   "a string starts anywhere in its table");
	all = !raw_object_string(text, 7, &table, 3) &&
	      !raw_object_string(text, 7, &table, UINT32_MAX);
	ok(all, "a string beyond its table is refused");
	table.sh_size = 2;
	all = !raw_object_string(text, 7, &table, 0);
	table.sh_size = 5;
	all = all && !raw_object_string(text, 7, &table, 3);
	ok(all, "a string without an end in its table is refused");
	table.sh_size = 6;
	ok(!raw_object_string(text, 7, &table, 0),
	   "a table of strings beyond the file is refused");
	free(text);
}

#define WITH(type, index, field, value)                                      \
	with_field(index, offsetof(type, field), sizeof(((type *)0)->field), \
		   value)
#define WITH_FILE(field, value) WITH(Elf64_Ehdr, -1, field, value)
#define WITH_SECTION(index, field, value) WITH(Elf64_Shdr, index, field, value)

static void test_header(void)
{
	const uint16_t count = ((const Elf64_Ehdr *)object)->e_shnum;

	ok(WITH_FILE(e_ident[EI_MAG0], 0) == -EBADMSG &&
		   WITH_FILE(e_ident[EI_MAG3], 'f') == -EBADMSG,
	   "what is no ELF is refused");
	ok(WITH_FILE(e_ident[EI_CLASS], ELFCLASS32) == -EBADMSG,
	   "a 32-bit object is refused");
	ok(WITH_FILE(e_ident[EI_DATA], ELFDATA2MSB) == -EBADMSG,
	   "an object of the other byte order is refused");
	ok(WITH_FILE(e_machine, EM_X86_64) == -EBADMSG,
	   "an object of another machine is refused");
	ok(WITH_FILE(e_shentsize, 40) == -EBADMSG &&
		   WITH_FILE(e_shentsize, 0) == -EBADMSG,
	   "section headers of another size are refused");
	ok(WITH_FILE(e_shoff, UINT64_MAX) == -EBADMSG &&
		   WITH_FILE(e_shoff, sizeof(object) - 63) == -EBADMSG &&
		   WITH_FILE(e_shoff, 0ULL - 64) == -EBADMSG &&
		   WITH_FILE(e_shoff, sizeof(object)) == -EBADMSG,
	   "section headers beyond the file are refused");
	ok(WITH_FILE(e_shstrndx, 0xffff) == -EBADMSG &&
		   WITH_FILE(e_shstrndx, count) == -EBADMSG,
	   "section names in no section are refused");
	ok(WITH_FILE(e_shnum, 0) == -EBADMSG,
	   "an object of no sections is refused");
	ok(WITH_FILE(e_shnum, count + 1) == -EBADMSG &&
		   WITH_FILE(e_shnum, 0xffff) == -EBADMSG,
	   "more sections than the file has are refused");
}

/* The parts of the first program, by their section's number. */
struct parts {
	int strings, insns, rels, symbols;
	/* The first relocation, and how many symbols there are. */
	Elf64_Rel rel;
	size_t symbol_count;
};

static struct parts parts_find(void)
{
	struct parts parts = { 0 };
	Elf64_Shdr section;
	Elf64_Ehdr header;

	memcpy(&header, object, sizeof(header));
	parts.strings = header.e_shstrndx;
	parts.insns =
		raw_object_find(object, sizeof(object), "kprobe", &section);
	for (int i = 0; i < header.e_shnum; i++) {
		raw_object_section(object, sizeof(object), i, &section);
		if (section.sh_type == SHT_SYMTAB) {
			parts.symbols = i;
			parts.symbol_count =
				section.sh_size / sizeof(Elf64_Sym);
		}
		if (section.sh_type != SHT_REL ||
		    section.sh_info != (uint32_t)parts.insns)
			continue;
		parts.rels = i;
		memcpy(&parts.rel, object + section.sh_offset,
		       sizeof(parts.rel));
	}
	return parts;
}

static void test_fields(void)
{
	const struct parts parts = parts_find();
	/* Where the first relocation is, and half of what it is of. */
	const uint64_t half = parts.rel.r_offset + 8;

	ok(WITH_SECTION(parts.strings, sh_offset, UINT64_MAX) == -EBADMSG &&
		   WITH_SECTION(parts.strings, sh_size, UINT64_MAX) ==
			   -EBADMSG &&
		   WITH_SECTION(parts.strings, sh_size, 8) == -EBADMSG,
	   "strings beyond their section are refused");
	ok(WITH_SECTION(parts.insns, sh_offset, sizeof(object)) == -EBADMSG &&
		   WITH_SECTION(parts.insns, sh_offset, 0ULL - 8) == -EBADMSG,
	   "instructions beyond the file are refused");
	ok(WITH_SECTION(parts.insns, sh_size, 8 * 256 + 1) == -EBADMSG &&
		   WITH_SECTION(parts.insns, sh_size, 0ULL - 8) == -EBADMSG,
	   "instructions in parts, or more than the file has, are refused");
	ok(WITH_SECTION(parts.insns, sh_size, 8 * (INSN_MAX + 1)) == -E2BIG,
	   "more instructions than there is room for are refused");
	/* Relocations of instructions that are not there any more. */
	ok(WITH_SECTION(parts.insns, sh_size, half) == -EBADMSG &&
		   WITH_SECTION(parts.insns, sh_size, 8) == -EBADMSG &&
		   WITH_SECTION(parts.insns, sh_size, 0) == -EBADMSG,
	   "a relocation beyond the instructions is refused");
	ok(WITH_SECTION(parts.rels, sh_offset, sizeof(object)) == -EBADMSG &&
		   WITH_SECTION(parts.rels, sh_size, UINT64_MAX) == -EBADMSG,
	   "relocations beyond the file are refused");
	ok(WITH_SECTION(parts.rels, sh_link, 0xffff) == -EBADMSG &&
		   WITH_SECTION(parts.rels, sh_link, UINT32_MAX) == -EBADMSG,
	   "relocations by no symbols are refused");
	ok(WITH_SECTION(parts.symbols, sh_link, 0xffff) == -EBADMSG &&
		   WITH_SECTION(parts.symbols, sh_size, 24) == -EBADMSG &&
		   WITH_SECTION(parts.symbols, sh_offset, 0ULL - 24) ==
			   -EBADMSG,
	   "symbols beyond their section are refused");
}

/* The first relocation, made anew. */
static int with_rel(uint64_t offset, uint64_t info)
{
	const struct parts parts = parts_find();
	Elf64_Rel rel = { .r_offset = offset, .r_info = info };
	struct bpf_insn *insns = malloc(INSN_MAX * sizeof(*insns));
	unsigned char *bytes = malloc(sizeof(object));
	Elf64_Shdr section = { 0 };
	int result;

	memcpy(bytes, object, sizeof(object));
	raw_object_section(object, sizeof(object), parts.rels, &section);
	memcpy(bytes + section.sh_offset, &rel, sizeof(rel));
	result = raw_object_program(bytes, sizeof(object), "kprobe", symbols,
				    LENGTH(symbols), insns, INSN_MAX);
	free(bytes);
	free(insns);
	return result;
}

static void test_relocations(void)
{
	const struct parts parts = parts_find();
	const uint64_t at = parts.rel.r_offset, info = parts.rel.r_info;
	struct bpf_insn insns[INSN_MAX];
	const size_t count = section_insns("kprobe", insns);
	const uint64_t end = count * sizeof(*insns);

	ok(with_rel(at, info) == (int)count,
	   "the same relocation again is fine");
	ok(with_rel(at, ELF64_R_INFO(ELF64_R_SYM(info), 2)) == -EOPNOTSUPP,
	   "a relocation of another kind is told as such");
	ok(with_rel(at + 1, info) == -EBADMSG &&
		   with_rel(at + 4, info) == -EBADMSG,
	   "a relocation within an instruction is refused");
	ok(with_rel(at + 8, info) == -EBADMSG && with_rel(0, info) == -EBADMSG,
	   "a relocation of another instruction is refused");
	ok(with_rel(end - 8, info) == -EBADMSG &&
		   with_rel(end, info) == -EBADMSG &&
		   with_rel(0ULL - 8, info) == -EBADMSG &&
		   with_rel(0ULL - 16, info) == -EBADMSG,
	   "a relocation at or beyond the end is refused");
	ok(with_rel(at, ELF64_R_INFO(parts.symbol_count, 1)) == -EBADMSG &&
		   with_rel(at, ELF64_R_INFO(UINT32_MAX, 1)) == -EBADMSG,
	   "a relocation by a symbol that is not there is refused");
	/* Symbol 0 has no name. */
	ok(with_rel(at, ELF64_R_INFO(0, 1)) == -ENOENT,
	   "a relocation by a symbol without a name is told");
}

/*
 * The program ends with the first half of an ld_imm64 that a relocation is of.
 * insns has no place for the other half.
 */
static void test_half(void)
{
	const struct parts parts = parts_find();
	const uint64_t size = parts.rel.r_offset + sizeof(struct bpf_insn);
	struct bpf_insn *insns = malloc(size);
	unsigned char *bytes = malloc(sizeof(object));
	Elf64_Ehdr header;
	size_t place;

	memcpy(bytes, object, sizeof(object));
	memcpy(&header, object, sizeof(header));
	place = header.e_shoff + parts.insns * sizeof(Elf64_Shdr) +
		offsetof(Elf64_Shdr, sh_size);
	memcpy(bytes + place, &size, sizeof(size));
	ok(raw_object_program(bytes, sizeof(object), "kprobe", symbols,
			      LENGTH(symbols), insns,
			      size / sizeof(*insns)) == -EBADMSG,
	   "half a 64-bit constant at the end is refused");
	free(bytes);
	free(insns);
}

int main(void)
{
	alarm(300);
	test_sections();
	test_missing();
	test_section_name();
	test_room();
	test_context();
	test_helper();
	test_marks();
	test_truncated();
	test_flipped();
	test_random();
	test_string();
	test_header();
	test_fields();
	test_relocations();
	test_half();
	return done();
}
