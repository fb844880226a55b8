// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * program.c - the programs that tcpaccept carries: their symbols, and the
 * patches of raw_program_context() and raw_program_helper()
 */
#include "attach/program.c"

#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* By enum program, the letters of `uses`. */
static const char letters[PROGRAM_COUNT] = {
	[PROGRAM_KPROBE] = 'k',	 [PROGRAM_FULL] = 'm',
	[PROGRAM_CAPTURE] = 'c', [PROGRAM_QUEUED] = 'q',
	[PROGRAM_GONE] = 'g',	 [PROGRAM_ACCEPTOR] = 'a',
	[PROGRAM_STATE] = 's',	 [PROGRAM_ENTERING] = 'e',
	[PROGRAM_CALLING] = 'S', [PROGRAM_ENTERED] = 'E',
	[PROGRAM_NOTED] = 'n',
};

/* The programs that ask for each. */
static const char *const uses[SYMBOL_COUNT] = {
	[SYM_FILTER_PID] = "km",
	[SYM_FILTER_PORT] = "km",
	[SYM_SKC_FAMILY] = "km",
	[SYM_SKC_HEAD] = "km",
	[SYM_SKC_ADDRPAIR] = "kmqs",
	[SYM_SKC_PORTPAIR] = "km",
	[SYM_SKC_V6_DADDR] = "km",
	[SYM_SKC_V6_RCV_SADDR] = "km",
	[SYM_SKC_V6_PAIR] = "km",
	[SYM_SK_PROTOCOL] = "km",
	[SYM_INET_SPORT] = "km",
	[SYM_TASK_FILES] = "me",
	[SYM_FILES_FDT] = "me",
	[SYM_FDTABLE_FD] = "me",
	[SYM_FILE_PRIVATE_DATA] = "me",
	[SYM_SOCKET_FILE] = "me",
	[SYM_SOCKET_SK] = "me",
	[SYM_SK_PROTOCOL_BITS] = "km",
	[SYM_SKC_PROT] = "km",
	[SYM_PROT_1] = "km",
	[SYM_PROT_2] = "km",
	[SYM_PROT_3] = "km",
	[SYM_PROT_4] = "km",
	[SYM_PROT_5] = "km",
	[SYM_PROT_6] = "km",
	[SYM_PIDNS_DEVICE] = "km",
	[SYM_PIDNS_INODE] = "km",
	[SYM_CAPTURE_COMM_1] = "c",
	[SYM_CAPTURE_COMM_2] = "c",
	[SYM_CAPTURES] = "c",
	[SYM_SK_PROT_CREATOR] = "km",
	[SYM_RINGS] = "km",
	[SYM_STATES] = "kmqsEn",
	[SYM_SPILL] = "km",
	[SYM_WANTED] = "m",
	[SYM_NETWORK_VERSION] = "m",
	[SYM_NETWORK_1] = "m",
	[SYM_NETWORK_2] = "m",
	[SYM_NETWORK_MASK_1] = "m",
	[SYM_NETWORK_MASK_2] = "m",
	[SYM_BY_SYSCALL] = "m",
	[SYM_SKC_NET] = "m",
	[SYM_NET_NS] = "m",
	[SYM_NS_INUM] = "m",
	[SYM_TASK_NSPROXY] = "m",
	[SYM_NSPROXY_MNT_NS] = "m",
	[SYM_MNT_NS_NS] = "m",
	[SYM_TASK_GROUP_LEADER] = "m",
	[SYM_TASK_COMM] = "m",
	[SYM_MPTCP_FIRST] = "m",
	[SYM_SK_ACK_BACKLOG] = "m",
	[SYM_SK_MAX_ACK_BACKLOG] = "m",
	[SYM_SK_BACKLOG_BITS] = "m",
	[SYM_SK_DROPS] = "m",
	[SYM_CHOSEN] = "m",
	[SYM_PORTS] = "m",
	[SYM_NETWORKS] = "m",
	[SYM_CGROUPS] = "m",
	[SYM_CGROUP_MAP] = "m",
	[SYM_MNTNS_MAP] = "m",
	[SYM_QUEUE] = "mqgs",
	[SYM_BY_LISTENER] = "m",
	[SYM_ACCEPTORS] = "mae",
	[SYM_POINTER_SIZE] = "kme",
	[SYM_SOCKETCALL] = "m",
	[SYM_CALLS] = "kmSE",
	[SYM_CPU_NUMBERS] = "kmqsEn",
	[SYM_CPU_BY_MAP] = "kmqsEn",
	[SYM_BY_RETURN] = "km",
	[SYM_INSTANCES] = "E",
	[SYM_BY_CGROUP] = "m",
	[SYM_BY_RELEASE] = "m",
	[SYM_NOTES] = "mn",
	[SYM_RINGBUF] = "m",
	[SYM_TWINS] = "m",
	[SYM_TWIN] = "m",
	[SYM_STATES_AT] = "kmqsEn",
};

/* Those that stand for maps. */
static const bool is_map[SYMBOL_COUNT] = {
	[SYM_CAPTURES] = true,	  [SYM_RINGS] = true,
	[SYM_STATES] = true,	  [SYM_SPILL] = true,
	[SYM_CHOSEN] = true,	  [SYM_NETWORKS] = true,
	[SYM_CGROUPS] = true,	  [SYM_CGROUP_MAP] = true,
	[SYM_MNTNS_MAP] = true,	  [SYM_QUEUE] = true,
	[SYM_ACCEPTORS] = true,	  [SYM_CALLS] = true,
	[SYM_CPU_NUMBERS] = true, [SYM_NOTES] = true,
	[SYM_RINGBUF] = true,	  [SYM_TWINS] = true,
	[SYM_PORTS] = true,
};

/* A value of both halves, another for each; a descriptor has no upper one. */
static uint64_t value_of(size_t symbol)
{
	return is_map[symbol] ? 100 + symbol :
				(0x8a00000090000000 + symbol) ^ symbol << 40;
}

/* All symbols but that one. */
static void set_all_but(struct symbols *symbols, size_t but)
{
	memset(symbols, 0, sizeof(*symbols));
	for (size_t i = 0; i < SYMBOL_COUNT; i++)
		if (i != but && is_map[i])
			symbols_set_map(symbols, i, value_of(i));
		else if (i != but)
			symbols_set(symbols, i, value_of(i));
}

static struct bpf_insn carried[BYTECODE_INSNS];

/* The program's instructions as they are embedded. */
static size_t copy_program(size_t id, struct bpf_insn *insns)
{
	memcpy(insns, carried + programs[id].first,
	       programs[id].count * sizeof(*insns));
	return programs[id].count;
}

static uint64_t imm64(const struct bpf_insn *insn)
{
	return (uint32_t)insn[0].imm | (uint64_t)(uint32_t)insn[1].imm << 32;
}

/* Filled in, the program differs where the marks were; *seen: by symbol. */
static bool is_filled(size_t id, bool seen[SYMBOL_COUNT])
{
	struct bpf_insn insns[BYTECODE_LARGEST], plain[BYTECODE_LARGEST];
	size_t count = copy_program(id, insns), symbol;
	struct symbols symbols;

	copy_program(id, plain);
	set_all_but(&symbols, SYMBOL_COUNT);
	if (fill_symbols(insns, count, &symbols))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (plain[i].src_reg != SYMBOL_MARK)
			continue;
		symbol = plain[i].imm;
		if (symbol >= SYMBOL_COUNT ||
		    plain[i].code != (BPF_LD | BPF_IMM | BPF_DW) ||
		    imm64(&insns[i]) != value_of(symbol) ||
		    insns[i].src_reg !=
			    (is_map[symbol] ? BPF_PSEUDO_MAP_FD : 0))
			return false;
		seen[symbol] = true;
		plain[i].imm = insns[i].imm;
		plain[i].src_reg = insns[i].src_reg;
		plain[i + 1].imm = insns[i + 1].imm;
	}
	return !memcmp(insns, plain, count * sizeof(*insns));
}

/* What a program asks for is what is written down of it. */
static bool asks_as_told(const bool seen[SYMBOL_COUNT], char letter)
{
	bool all = true;

	for (size_t i = 0; i < SYMBOL_COUNT; i++) {
		if (!!strchr(uses[i], letter) == seen[i])
			continue;
		printf("# %c and symbol %zu\n", letter, i);
		all = false;
	}
	return all;
}

static void test_programs(void)
{
	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		bool seen[SYMBOL_COUNT] = { 0 };

		ok(is_filled(i, seen),
		   "%s: its symbols are filled in, and nothing else changes",
		   programs[i].name);
		ok(asks_as_told(seen, letters[i]),
		   "%s asks for the symbols that it needs, and no others",
		   programs[i].name);
	}
}

/* Each in turn is the symbol that is left out. */
static void test_missing(void)
{
	struct bpf_insn insns[BYTECODE_LARGEST];
	struct symbols symbols;
	bool all = true;

	for (size_t out = 0; out < SYMBOL_COUNT; out++) {
		set_all_but(&symbols, out);
		for (size_t i = 0; i < PROGRAM_COUNT; i++)
			all = all &&
			      (fill_symbols(insns, copy_program(i, insns),
					    &symbols) == -ENOENT) ==
				      !!strchr(uses[out], letters[i]);
	}
	ok(all, "a symbol that is not set is refused, whichever it is");
}

/* They lie one behind the other, and fill what is embedded. */
static void test_whole(void)
{
	size_t next = 0, largest = 0;
	bool all = true;

	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		all = all && programs[i].first == next && programs[i].count;
		next += programs[i].count;
		if (programs[i].count > largest)
			largest = programs[i].count;
	}
	ok(all && next == BYTECODE_INSNS && largest == BYTECODE_LARGEST,
	   "the programs, one behind the other, are all that is embedded");
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
		int mark, count[PROGRAM_COUNT];
	} marks[] = {
		{ ACCEPT_CTX_SOCK,
		  { [PROGRAM_KPROBE] = 1,
		    [PROGRAM_FULL] = 1,
		    [PROGRAM_CAPTURE] = 1 } },
		/* Also to see whether it failed, and whether it vanished. */
		{ ACCEPT_CTX_SYSCALL,
		  { [PROGRAM_FULL] = 3,
		    [PROGRAM_ENTERING] = 1,
		    [PROGRAM_CALLING] = 1 } },
		{ ACCEPT_CTX_NUMBER, { [PROGRAM_FULL] = 1 } },
		{ ACCEPT_CTX_ARG1,
		  { [PROGRAM_FULL] = 1,
		    [PROGRAM_STATE] = 1,
		    [PROGRAM_QUEUED] = 1,
		    [PROGRAM_GONE] = 1,
		    [PROGRAM_ACCEPTOR] = 1 } },
		{ ACCEPT_CTX_CHILD, { [PROGRAM_QUEUED] = 1 } },
		{ ACCEPT_CTX_STATE_NEW, { [PROGRAM_STATE] = 1 } },
	};
	struct bpf_insn insns[BYTECODE_LARGEST];
	struct raw_program program = { .insns = insns };
	bool all = true;

	for (size_t s = 0; s < PROGRAM_COUNT; s++) {
		program.count = copy_program(s, insns);
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

int main(void)
{
	unpack((unsigned char *)carried, sizeof(carried), packed,
	       sizeof(packed));
	test_whole();
	test_programs();
	test_missing();
	test_context();
	test_helper();
	test_marks();
	return done();
}
