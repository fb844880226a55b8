// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * verifier.c - the programs that tcpaccept carries, for either byte order
 * and many a command line, before verifiers of old kernels as verifier.c knows
 * them; and these before bytecode that has one fault
 */
#include "attach/program.c"

#include "tap.h"
#include "verifier_model.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* That for machines of the other byte order. */
static const unsigned char foreign_bytes[] = {
#include "../bpfeb/insns.inc"
};

/* Which program of these, as programs[] of program.c has it. */
static const struct {
	char name[BPF_OBJ_NAME_LEN];
	uint16_t first;
	uint16_t count;
} foreign_programs[PROGRAM_COUNT] = {
#include "../bpfeb/programs.inc"
};

/* ------------------------------------------------------------------------
 * Programs that tcpaccept carries
 */

enum {
	RINGS = 10,
	STATES,
	SPILL,
	CAPTURES,
	CHOSEN,
	NETWORKS,
	CGROUPS,
	PORTS,
	CGROUP_MAP,
	MNTNS_MAP,
	QUEUE,
	ACCEPTORS,
	CALLS,
	HERE,
	OTHER,
};

/* As probe.c, rings.c, selftest.c, queue.c and filter.c create them. */
static const struct {
	enum symbol symbol;
	struct old_map map;
} maps[] = {
	{ SYM_RINGS, { RINGS, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4 } },
	{ SYM_STATES,
	  { STATES, BPF_MAP_TYPE_ARRAY, 4, sizeof(struct accept_state) } },
	{ SYM_SPILL,
	  { SPILL, BPF_MAP_TYPE_ARRAY, 4, sizeof(struct accept_event) } },
	{ SYM_CAPTURES,
	  { CAPTURES, BPF_MAP_TYPE_ARRAY, 4, ACCEPT_CAPTURE_PIECE } },
	{ SYM_CHOSEN,
	  { CHOSEN, BPF_MAP_TYPE_HASH, sizeof(struct accept_choice), 1 } },
	{ SYM_PORTS, { PORTS, BPF_MAP_TYPE_ARRAY, 4, 8 } },
	{ SYM_NETWORKS,
	  { NETWORKS, BPF_MAP_TYPE_LPM_TRIE, ACCEPT_NETWORK_SIZE, 1 } },
	{ SYM_CGROUPS, { CGROUPS, BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4 } },
	{ SYM_CGROUP_MAP, { CGROUP_MAP, BPF_MAP_TYPE_HASH, 8, 1 } },
	{ SYM_MNTNS_MAP, { MNTNS_MAP, BPF_MAP_TYPE_HASH, 8, 1 } },
	{ SYM_QUEUE,
	  { QUEUE, BPF_MAP_TYPE_LRU_HASH, 8, sizeof(struct accept_queued) } },
	{ SYM_ACCEPTORS, { ACCEPTORS, BPF_MAP_TYPE_LRU_HASH, 4, 8 } },
	{ SYM_CALLS, { CALLS, BPF_MAP_TYPE_LRU_HASH, 4, 4 } },
	{ SYM_CPU_NUMBERS, { HERE, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8 } },
	/* Of newer kernels: where they are used is folded away. */
	{ SYM_NOTES, { OTHER, BPF_MAP_TYPE_ARRAY, 4, 4 } },
	{ SYM_RINGBUF, { OTHER, BPF_MAP_TYPE_ARRAY, 4, 4 } },
	{ SYM_TWINS, { OTHER, BPF_MAP_TYPE_HASH, 4, 8 } },
};

/* Bits of what a command line and a machine ask for, beside accept_wants. */
enum {
	WITH_CPU_BY_MAP = 1 << 0,
	WITH_PID = 1 << 1,
	WITH_PIDNS = 1 << 2,
	WITH_BY_RETURN = 1 << 3,
	/* sk_protocol has 8 bits; 16; neither: what tells TCP is its proto. */
	WITH_PROTOCOL_8 = 1 << 4,
	WITH_PROTOCOL_16 = 1 << 5,
	WITH_PROTS = 1 << 6,
	WITH_POINTERS_OF_4 = 1 << 7,
	WITH_BY_SYSCALL = 1 << 8,
	WITH_SOCKETCALL = 1 << 9,
	WITH_MPTCP = 1 << 10,
	WITH_BACKLOG_16 = 1 << 11,
	/* No member that others are read with lies beside these. */
	WITH_APART = 1 << 12,
	WITH_PORT = 1 << 13,
	WITH_NETWORK_4 = 1 << 14,
	WITH_NETWORK_6 = 1 << 15,
	WITH_BY_LISTENER = 1 << 16,
	WITH_ALL = (1 << 17) - 1,
};

/* Each program but `full`, and what of that it asks for. */
static const struct {
	enum program id;
	enum bpf_prog_type type;
	unsigned int with;
} tried[] = {
	{ PROGRAM_KPROBE, BPF_PROG_TYPE_KPROBE, 0xff | WITH_APART | WITH_PORT },
	{ PROGRAM_CAPTURE, BPF_PROG_TYPE_KPROBE, 0 },
	{ PROGRAM_QUEUED, BPF_PROG_TYPE_KPROBE, WITH_CPU_BY_MAP },
	{ PROGRAM_GONE, BPF_PROG_TYPE_KPROBE, 0 },
	{ PROGRAM_ACCEPTOR, BPF_PROG_TYPE_KPROBE, 0 },
	{ PROGRAM_ENTERED, BPF_PROG_TYPE_KPROBE, WITH_CPU_BY_MAP },
	/* It is for raw tracepoints, which these kernels do not have. */
	{ PROGRAM_STATE, BPF_PROG_TYPE_KPROBE, WITH_CPU_BY_MAP },
	{ PROGRAM_CALLING, BPF_PROG_TYPE_TRACEPOINT, 0 },
	{ PROGRAM_ENTERING, BPF_PROG_TYPE_TRACEPOINT, WITH_POINTERS_OF_4 },
};

static void add_layout(struct symbols *symbols, unsigned int with)
{
	struct layout layout;

	memset(&layout, 0, sizeof(layout));
	layout_built_in(&layout);
	/* The table has not all members; far enough for any. */
	for (int i = 0; i < MEMBER_COUNT; i++)
		if (!layout.offsets[i] && i != SKC_ADDRPAIR)
			layout.offsets[i] = 1000 + 8 * i;
	if (!(with & WITH_MPTCP))
		layout.offsets[MPTCP_FIRST] = 0;
	if (with & WITH_APART) {
		layout.offsets[SKC_FAMILY] += 8;
		layout.offsets[SKC_V6_RCV_SADDR] += 8;
	}
	symbols_set_layout(symbols, &layout);
	symbols_set(symbols, SYM_POINTER_SIZE,
		    with & WITH_POINTERS_OF_4 ? 4 : 8);
}

static void add_network(struct symbols *symbols, unsigned int with)
{
	int version = with & WITH_NETWORK_6 ? 6 : 0;

	if (with & WITH_NETWORK_4)
		version = 4;
	symbols_set(symbols, SYM_NETWORK_VERSION, version);
	symbols_set(symbols, SYM_NETWORK_1, 0x7f000001);
	symbols_set(symbols, SYM_NETWORK_2, 0);
	symbols_set(symbols, SYM_NETWORK_MASK_1, 0xffffffffff00ffff);
	symbols_set(symbols, SYM_NETWORK_MASK_2, 0xff);
}

static void add_all(struct symbols *symbols, uint32_t asked, unsigned int with)
{
	int protocol = with & WITH_PROTOCOL_16 ? 16 : 0;

	if (with & WITH_PROTOCOL_8)
		protocol = 8;
	memset(symbols, 0, sizeof(*symbols));
	add_layout(symbols, with);
	for (size_t i = 0; i < PROT_MAX; i++)
		symbols_set(symbols, SYM_PROT_1 + i,
			    with & WITH_PROTS ? 0xffffffff81e00000 + 512 * i :
						0);
	symbols_set(symbols, SYM_WANTED, asked);
	symbols_set(symbols, SYM_CPU_BY_MAP, !!(with & WITH_CPU_BY_MAP));
	symbols_set(symbols, SYM_FILTER_PID, with & WITH_PID ? 4711 : 0);
	symbols_set(symbols, SYM_FILTER_PORT, with & WITH_PORT ? 443 : 0);
	add_network(symbols, with);
	symbols_set(symbols, SYM_PIDNS_DEVICE, 4);
	symbols_set(symbols, SYM_PIDNS_INODE,
		    with & WITH_PIDNS ? 0xf0000012 : 0);
	symbols_set(symbols, SYM_BY_RETURN, !!(with & WITH_BY_RETURN));
	symbols_set(symbols, SYM_BY_SYSCALL, !!(with & WITH_BY_SYSCALL));
	symbols_set(symbols, SYM_BY_LISTENER, !!(with & WITH_BY_LISTENER));
	symbols_set(symbols, SYM_SOCKETCALL, with & WITH_SOCKETCALL ? 102 : 0);
	symbols_set(symbols, SYM_INSTANCES, 4096);
	symbols_set(symbols, SYM_BY_CGROUP, 0);
	symbols_set(symbols, SYM_BY_RELEASE, 0);
	symbols_set(symbols, SYM_TWIN, 0);
	symbols_set(symbols, SYM_STATES_AT, 0);
	symbols_set(symbols, SYM_SK_PROTOCOL_BITS, protocol);
	symbols_set(symbols, SYM_SK_BACKLOG_BITS,
		    with & WITH_BACKLOG_16 ? 16 : 32);
	symbols_set(symbols, SYM_CAPTURE_COMM_1, 0x3030303030706374);
	symbols_set(symbols, SYM_CAPTURE_COMM_2, 0x30303030);
	for (size_t i = 0; i < LENGTH(maps); i++)
		symbols_set_map(symbols, maps[i].symbol, maps[i].map.fd);
}

/* For which byte order, and whether it is folded, as it is before it is loaded.
 */
struct source {
	const char *name;
	bool is_foreign;
	bool is_folded;
};

/* An instruction of the other byte order in that of this machine. */
static struct bpf_insn to_native(const unsigned char *bytes)
{
	struct bpf_insn insn;
	unsigned char turned[sizeof(insn)] = {
		bytes[0], bytes[1] << 4 | bytes[1] >> 4,
		bytes[3], bytes[2],
		bytes[7], bytes[6],
		bytes[5], bytes[4],
	};

	memcpy(&insn, turned, sizeof(insn));
	return insn;
}

/* The program's instructions as they are embedded: how many. */
static size_t copy_program(struct bpf_insn *insns, bool is_foreign,
			   enum program id)
{
	static struct bpf_insn all[BYTECODE_INSNS];
	size_t first, count;

	if (!is_foreign) {
		unpack((unsigned char *)all, sizeof(all), packed,
		       sizeof(packed));
		memcpy(insns, all + programs[id].first,
		       programs[id].count * sizeof(*insns));
		return programs[id].count;
	}
	first = foreign_programs[id].first;
	count = foreign_programs[id].count;
	for (size_t i = 0; i < count; i++)
		insns[i] =
			to_native(foreign_bytes + (first + i) * sizeof(*insns));
	return count;
}

/* As prepare() and load() of program.c do it; 0 if that fails. */
static size_t make(struct bpf_insn *insns, const struct source *source,
		   enum program id, uint32_t asked, unsigned int with)
{
	struct raw_program program = { .insns = insns };
	struct symbols symbols;

	add_all(&symbols, asked, with);
	program.count = copy_program(insns, source->is_foreign, id);
	if (fill_symbols(insns, program.count, &symbols))
		return 0;
	fill_context(&program, BPF_PROG_TYPE_KPROBE, MACHINE_ARG1);
	if (source->is_folded)
		program.count = fold(insns, program.count);
	raw_program_helper(&program, BPF_FUNC_probe_read_kernel,
			   BPF_FUNC_probe_read);
	return program.count;
}

static struct verdict judge(const struct old_kernel *kernel,
			    enum bpf_prog_type type,
			    const struct bpf_insn *insns, size_t count)
{
	struct old_map all[LENGTH(maps)];

	for (size_t i = 0; i < LENGTH(maps); i++)
		all[i] = maps[i].map;
	return verify(kernel, type, insns, count, all, LENGTH(all));
}

static bool is_lacking_call(const struct old_kernel *kernel,
			    const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) &&
	       !verifier_has_helper(kernel, insn->imm);
}

/* It is taken, but where it calls what the kernel does not have. */
static bool is_as_it_should(const struct old_kernel *kernel,
			    enum bpf_prog_type type,
			    const struct bpf_insn *insns, size_t count,
			    const struct verdict *verdict)
{
	if (type == BPF_PROG_TYPE_TRACEPOINT && kernel->rules < RULES_4_9)
		return verdict->error == -EINVAL && !verdict->processed;
	for (size_t i = 0; i < count; i++)
		if (is_lacking_call(kernel, &insns[i]))
			return verdict->error == -EINVAL &&
			       is_lacking_call(kernel, &insns[verdict->at]);
	return count && !verdict->error;
}

/* What came of all that was put before a kernel. */
struct record {
	unsigned int tried, taken, wrong, most;
};

static void try_one(const struct source *source, enum program id,
		    enum bpf_prog_type type, uint32_t asked, unsigned int with,
		    struct record records[OLD_KERNELS])
{
	static struct bpf_insn insns[FOLD_MAX];
	const size_t count = make(insns, source, id, asked, with);
	struct verdict verdict;

	for (int i = 0; i < OLD_KERNELS; i++) {
		struct record *record = &records[i];
		const struct old_kernel *kernel = &old_kernels[i];

		verdict = judge(kernel, type, insns, count);
		record->tried++;
		record->taken += !verdict.error;
		if (verdict.processed > record->most)
			record->most = verdict.processed;
		if (is_as_it_should(kernel, type, insns, count, &verdict))
			continue;
		if (!record->wrong++)
			printf("# %s: %s, asked %#x, with %#x: at %zu of %zu, "
			       "%s\n",
			       kernel->release, programs[id].name, asked, with,
			       verdict.at, count,
			       verdict.why ? verdict.why : "taken");
	}
}

static void tell(const struct source *source, const char *what,
		 const struct record records[OLD_KERNELS])
{
	for (int i = 0; i < OLD_KERNELS; i++)
		ok(!records[i].wrong,
		   "%s, %s: Linux %s takes %u of %u, all that it has helpers "
		   "for; it processes %u instructions at most",
		   source->name, what, old_kernels[i].release, records[i].taken,
		   records[i].tried, records[i].most);
}

static void test_programs(const struct source *source)
{
	struct record records[OLD_KERNELS];

	for (size_t i = 0; i < LENGTH(tried); i++) {
		memset(records, 0, sizeof(records));
		for (unsigned int with = 0; with <= tried[i].with; with++)
			if (!(with & ~tried[i].with))
				try_one(source, tried[i].id, tried[i].type, 0,
					with, records);
		tell(source, programs[tried[i].id].name, records);
	}
}

static void try_full(const struct source *source, uint32_t asked,
		     uint64_t *seed, struct record records[OLD_KERNELS])
{
	const unsigned int with = tap_random(seed) & WITH_ALL;

	for (int i = 0; i < 2; i++) {
		const unsigned int other = with ^ (i * WITH_POINTERS_OF_4);

		try_one(source, PROGRAM_FULL,
			other & WITH_BY_SYSCALL ? BPF_PROG_TYPE_TRACEPOINT :
						  BPF_PROG_TYPE_KPROBE,
			asked, other, records);
	}
}

/* Nothing, each bit, each two, all, and any. */
static void test_full(const struct source *source)
{
	const uint32_t last = ACCEPT_EXCEPT_COMM, all = 2 * last - 1;
	struct record records[OLD_KERNELS] = { 0 };
	uint64_t seed = 11;

	for (uint32_t one = 1; one <= last; one *= 2)
		for (uint32_t two = one; two <= last; two *= 2)
			try_full(source, one | two, &seed, records);
	for (int i = 0; i < 300; i++)
		try_full(source, tap_random(&seed) & all, &seed, records);
	for (unsigned int with = 0; with <= WITH_ALL; with++) {
		/* Without what none has a helper for; below, 4.4 neither. */
		const uint32_t some =
			all & ~(ACCEPT_FILTER_CGROUP_MAP | ACCEPT_FIELD_CGROUP);

		if (with & (WITH_PIDNS | WITH_PID | WITH_PORT | WITH_PROTS |
			    WITH_BY_LISTENER) ||
		    (with & WITH_PROTOCOL_8 && with & WITH_PROTOCOL_16) ||
		    (with & WITH_NETWORK_4 && with & WITH_NETWORK_6))
			continue;
		try_one(source, PROGRAM_FULL, BPF_PROG_TYPE_KPROBE,
			some & ~(ACCEPT_FILTER_CGROUP | ACCEPT_FIELD_PCOMM |
				 ACCEPT_FILTER_MNTNS_MAP),
			with & ~WITH_BY_SYSCALL, records);
		try_one(source, PROGRAM_FULL,
			with & WITH_BY_SYSCALL ? BPF_PROG_TYPE_TRACEPOINT :
						 BPF_PROG_TYPE_KPROBE,
			some, with, records);
	}
	tell(source, "full", records);
}

static void test_unfolded(void)
{
	static const struct source source = { "as compiled", false, false };
	static struct bpf_insn insns[FOLD_MAX];
	struct verdict verdicts[OLD_KERNELS];
	size_t count = make(insns, &source, PROGRAM_FULL, 0, 0);

	verdicts[0] =
		judge(&old_kernels[0], BPF_PROG_TYPE_KPROBE, insns, count);
	ok(verdicts[0].error == -EINVAL || verdicts[0].error == -E2BIG,
	   "full, not folded: Linux 4.4.155 refuses it: %s", verdicts[0].why);
	count = make(insns, &source, PROGRAM_KPROBE, 0, 0);
	for (int i = 0; i < OLD_KERNELS; i++)
		verdicts[i] = judge(&old_kernels[i], BPF_PROG_TYPE_KPROBE,
				    insns, count);
	ok(verdicts[2].error == -EFAULT && verdicts[3].error == -EFAULT &&
		   insns[verdicts[2].at].imm == BPF_FUNC_map_lookup_elem,
	   "kprobe, not folded: Linux 4.12.4 and 4.14.0 refuse it: %s",
	   verdicts[2].why);
	count = make(insns, &source, PROGRAM_KPROBE, 0, WITH_PIDNS);
	verdicts[4] =
		judge(&old_kernels[4], BPF_PROG_TYPE_KPROBE, insns, count);
	ok(verdicts[4].error == -EINVAL,
	   "kprobe, not folded, in a PID namespace: Linux 4.14.67 refuses it: "
	   "%s",
	   verdicts[4].why);
}

/* ------------------------------------------------------------------------
 * Faults, by hand
 */

#define INSN(code, dst, src, off, imm)           \
	{                                        \
		code, (dst), (src), (off), (imm) \
	}
#define MOV(reg, number) INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, number)
#define COPY(to, from) INSN(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define ALU(operation, reg, number) \
	INSN(BPF_ALU64 | (operation) | BPF_K, reg, 0, 0, number)
#define ALU_X(operation, reg, other) \
	INSN(BPF_ALU64 | (operation) | BPF_X, reg, other, 0, 0)
#define IF(reg, operation, number, skip) \
	INSN(BPF_JMP | (operation) | BPF_K, reg, 0, skip, number)
#define GOTO(skip) INSN(BPF_JMP | BPF_JA, 0, 0, skip, 0)
#define CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##helper)
#define LOAD(size, to, from, off) \
	INSN(BPF_LDX | BPF_MEM | (size), to, from, off, 0)
#define STORE(size, to, off, from) \
	INSN(BPF_STX | BPF_MEM | (size), to, from, off, 0)
#define SET(size, to, off, number) \
	INSN(BPF_ST | BPF_MEM | (size), to, 0, off, number)
#define XADD(size, to, off, from) \
	INSN(BPF_STX | BPF_XADD | (size), to, from, off, 0)
#define LONG(reg, number) \
	INSN(BPF_LD | BPF_IMM | BPF_DW, reg, 0, 0, number), INSN(0, 0, 0, 0, 0)
#define MAP_OF(reg, fd)                                                 \
	INSN(BPF_LD | BPF_IMM | BPF_DW, reg, BPF_PSEUDO_MAP_FD, 0, fd), \
		INSN(0, 0, 0, 0, 0)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define END MOV(0, 0), EXIT

/* r0 is what a lookup found; 6 instructions. The second has a test of it. */
#define FIND                                                     \
	SET(BPF_W, 10, -4, 0), COPY(2, 10), ALU(BPF_ADD, 2, -4), \
		MAP_OF(1, STATES), CALL(map_lookup_elem)
#define FOUND FIND, IF(0, BPF_JNE, 0, 2), END

#define INSNS_OF_FAULT 32

struct fault {
	const char *what;
	/* What each of old_kernels[] fails with. */
	int errors[OLD_KERNELS];
	struct bpf_insn insns[INSNS_OF_FAULT];
};

#define ALL(error)                                \
	{                                         \
		error, error, error, error, error \
	}

static const struct fault faults[] = {
	/* Graph and encoding. */
	{ "a loop", ALL(-EINVAL), { MOV(0, 0), GOTO(-2), EXIT } },
	{ "an instruction that cannot be reached",
	  ALL(-EINVAL),
	  { MOV(0, 0), EXIT, MOV(1, 0), EXIT } },
	{ "a jump past the end", ALL(-EINVAL), { MOV(0, 0), GOTO(3), EXIT } },
	{ "a jump into a ld_imm64",
	  ALL(-EINVAL),
	  { MOV(0, 0), IF(0, BPF_JNE, 1, 1), LONG(1, 0), EXIT } },
	{ "JLT, which is of 4.14",
	  { -EINVAL, -EINVAL, -EINVAL, 0, 0 },
	  { MOV(0, 0), IF(0, BPF_JLT, 1, 0), EXIT } },
	{ "a jump by 32 bits",
	  ALL(-EINVAL),
	  { MOV(0, 0), INSN(0x06 | BPF_JEQ, 0, 0, 0, 0), EXIT } },
	{ "a call of a function of its own",
	  ALL(-EINVAL),
	  { INSN(BPF_JMP | BPF_CALL, 0, 1, 0, 1), EXIT, END } },
	{ "a division by zero",
	  ALL(-EINVAL),
	  { MOV(0, 0), ALU(BPF_DIV, 0, 0), EXIT } },
	{ "a shift by 64 bits",
	  ALL(-EINVAL),
	  { MOV(0, 0), ALU(BPF_LSH, 0, 64), EXIT } },
	{ "a register 11", ALL(-EINVAL), { MOV(11, 0), END } },
	{ "a reserved field that is not 0",
	  ALL(-EINVAL),
	  { INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 1, 0), EXIT } },
	/* Registers. */
	{ "r0 not set at the end", ALL(-EACCES), { EXIT } },
	{ "r1 used after a call",
	  ALL(-EACCES),
	  { CALL(ktime_get_ns), COPY(0, 1), EXIT } },
	{ "the frame pointer set", ALL(-EACCES), { MOV(10, 0), END } },
	/* Stack. */
	{ "stack read, not written",
	  ALL(-EACCES),
	  { LOAD(BPF_DW, 0, 10, -8), EXIT } },
	{ "half of it written",
	  ALL(-EACCES),
	  { SET(BPF_W, 10, -8, 0), LOAD(BPF_DW, 0, 10, -8), EXIT } },
	{ "a store below the stack",
	  ALL(-EACCES),
	  { SET(BPF_DW, 10, -520, 0), END } },
	{ "a store above it", ALL(-EACCES), { SET(BPF_DW, 10, 0, 0), END } },
	{ "a store that is not aligned",
	  ALL(-EACCES),
	  { SET(BPF_DW, 10, -12, 0), END } },
	{ "half of a pointer loaded",
	  ALL(-EACCES),
	  { STORE(BPF_DW, 10, -8, 1), LOAD(BPF_W, 0, 10, -8), EXIT } },
	{ "a number kept on the stack, then a size",
	  ALL(-EACCES),
	  { MOV(2, 8), STORE(BPF_DW, 10, -8, 2), SET(BPF_DW, 10, -16, 0),
	    LOAD(BPF_DW, 2, 10, -8), COPY(1, 10), ALU(BPF_ADD, 1, -16),
	    CALL(get_current_comm), END } },
	{ "two constants added to the frame pointer, which are of 4.9",
	  { -EACCES, 0, 0, 0, 0 },
	  { COPY(1, 10), ALU(BPF_ADD, 1, -16), ALU(BPF_ADD, 1, 8),
	    SET(BPF_DW, 1, 0, 0), END } },
	/* Context. */
	{ "a store to the context",
	  ALL(-EACCES),
	  { SET(BPF_DW, 1, 0, 0), END } },
	{ "an atomic addition there",
	  ALL(-EACCES),
	  { MOV(2, 0), XADD(BPF_DW, 1, 0, 2), END } },
	{ "a load beyond the context",
	  ALL(-EACCES),
	  { LOAD(BPF_DW, 0, 1, 168), EXIT } },
	{ "a load from what is read there",
	  ALL(-EACCES),
	  { LOAD(BPF_DW, 1, 1, 0), LOAD(BPF_DW, 0, 1, 0), EXIT } },
	/* A map's value. */
	{ "a map's value used without a test",
	  ALL(-EACCES),
	  { FIND, LOAD(BPF_DW, 0, 0, 0), EXIT } },
	{ "one used where the test says NULL",
	  ALL(-EACCES),
	  { FIND, IF(0, BPF_JEQ, 0, 1), MOV(0, 0), LOAD(BPF_DW, 0, 0, 0),
	    EXIT } },
	{ "a copy of it, tested in the other register",
	  { -EACCES, 0, 0, 0, 0 },
	  { FIND, COPY(7, 0), IF(0, BPF_JNE, 0, 2), END, LOAD(BPF_DW, 0, 7, 0),
	    EXIT } },
	{ "a copy of it, tested by its spilled one",
	  { -EACCES, 0, 0, 0, 0 },
	  { FIND, STORE(BPF_DW, 10, -16, 0), IF(0, BPF_JNE, 0, 2), END,
	    LOAD(BPF_DW, 7, 10, -16), LOAD(BPF_DW, 0, 7, 0), EXIT } },
	{ "a load beyond it",
	  ALL(-EACCES),
	  { FOUND, LOAD(BPF_DW, 0, 0, 128), EXIT } },
	{ "a load that is not aligned",
	  ALL(-EACCES),
	  { FOUND, LOAD(BPF_W, 0, 0, 2), EXIT } },
	{ "a store through one to which a constant was added",
	  { -EACCES, 0, 0, 0, 0 },
	  { FIND, IF(0, BPF_JNE, 0, 2), END, COPY(7, 0), MOV(6, 1), COPY(1, 7),
	    ALU(BPF_ADD, 1, 16), STORE(BPF_DW, 1, 0, 6), END } },
	{ "one beyond it",
	  ALL(-EACCES),
	  { FOUND, ALU(BPF_ADD, 0, 128), SET(BPF_DW, 0, 0, 1), END } },
	{ "the same with a negative one",
	  { -EACCES, -EACCES, -EACCES, 0, 0 },
	  { FOUND, ALU(BPF_ADD, 0, 16), ALU(BPF_ADD, 0, -8),
	    SET(BPF_DW, 0, 0, 1), END } },
	{ "the same after it was on the stack",
	  { -EACCES, -EACCES, 0, 0, 0 },
	  { FOUND, STORE(BPF_DW, 10, -16, 0), LOAD(BPF_DW, 1, 10, -16),
	    ALU(BPF_ADD, 1, 16), SET(BPF_DW, 1, 0, 1), END } },
	{ "the same, on the stack in between",
	  { -EACCES, -EACCES, 0, 0, 0 },
	  { FOUND, ALU(BPF_ADD, 0, 16), STORE(BPF_DW, 10, -16, 0),
	    LOAD(BPF_DW, 1, 10, -16), SET(BPF_DW, 1, 0, 1), END } },
	{ "any number added",
	  { -EACCES, -EACCES, -EACCES, -EINVAL, -EINVAL },
	  { FOUND, LOAD(BPF_DW, 1, 0, 0), ALU_X(BPF_ADD, 0, 1),
	    SET(BPF_DW, 0, 0, 1), END } },
	/* Helpers. */
	{ "get_current_task(), which is of 4.8",
	  { -EINVAL, 0, 0, 0, 0 },
	  { CALL(get_current_task), EXIT } },
	{ "get_current_cgroup_id(), which is of 4.18",
	  ALL(-EINVAL),
	  { CALL(get_current_cgroup_id), EXIT } },
	{ "a key in a map's value",
	  ALL(-EACCES),
	  { FOUND, COPY(2, 0), MAP_OF(1, STATES), CALL(map_lookup_elem),
	    END } },
	{ "a key that was not written",
	  ALL(-EACCES),
	  { COPY(2, 10), ALU(BPF_ADD, 2, -4), MAP_OF(1, STATES),
	    CALL(map_lookup_elem), END } },
	{ "a lookup in a perf ring's map",
	  ALL(-EINVAL),
	  { SET(BPF_W, 10, -4, 0), COPY(2, 10), ALU(BPF_ADD, 2, -4),
	    MAP_OF(1, RINGS), CALL(map_lookup_elem), END } },
	{ "a number for a map",
	  ALL(-EACCES),
	  { SET(BPF_W, 10, -4, 0), COPY(2, 10), ALU(BPF_ADD, 2, -4),
	    MOV(1, STATES), CALL(map_lookup_elem), END } },
	{ "room that was not written, which is of 4.9",
	  { -EACCES, 0, 0, 0, 0 },
	  { COPY(1, 10), ALU(BPF_ADD, 1, -16), MOV(2, 16),
	    CALL(get_current_comm), LOAD(BPF_DW, 0, 10, -8), EXIT } },
	{ "room in a map's value, which is of 4.10",
	  { -EACCES, -EACCES, 0, 0, 0 },
	  { FOUND, COPY(1, 0), MOV(2, 16), CALL(get_current_comm), END } },
	{ "more room than the stack has",
	  ALL(-EACCES),
	  { COPY(1, 10), ALU(BPF_ADD, 1, -8), MOV(2, 16),
	    CALL(get_current_comm), END } },
	{ "a size that is not known",
	  ALL(-EACCES),
	  { LOAD(BPF_DW, 2, 1, 0), SET(BPF_DW, 10, -8, 0), COPY(1, 10),
	    ALU(BPF_ADD, 1, -8), CALL(get_current_comm), END } },
	/* Numbers that are known, and code that these make dead. */
	{ "a lookup in code that a ld_imm64 makes dead",
	  { 0, 0, -EFAULT, -EFAULT, 0 },
	  { LONG(6, 0), IF(6, BPF_JEQ, 0, 6), FIND, END } },
	{ "a helper there that no kernel has",
	  { -EINVAL, -EINVAL, -EFAULT, -EFAULT, 0 },
	  { LONG(6, 0), IF(6, BPF_JEQ, 0, 1), CALL(get_current_cgroup_id),
	    END } },
	{ "a fault in code that a ld_imm64 makes dead",
	  { -EACCES, -EACCES, 0, 0, 0 },
	  { LONG(6, 7), IF(6, BPF_JEQ, 7, 1), COPY(0, 5), END } },
	{ "a fault in code that a sum makes dead",
	  { -EACCES, 0, 0, 0, 0 },
	  { MOV(6, 1), ALU(BPF_ADD, 6, 1), IF(6, BPF_JEQ, 2, 1), COPY(0, 5),
	    END } },
	{ "a fault in code that an AND makes dead",
	  { -EACCES, -EACCES, 0, 0, 0 },
	  { MOV(6, 3), ALU(BPF_AND, 6, 1), IF(6, BPF_JEQ, 1, 1), COPY(0, 5),
	    END } },
	{ "a fault in code that an earlier branch makes dead",
	  { 0, -EACCES, -EACCES, 0, 0 },
	  { LOAD(BPF_DW, 6, 1, 0), IF(6, BPF_JNE, 5, 2), IF(6, BPF_JEQ, 5, 1),
	    COPY(0, 5), END } },
	{ "a fault where a known number is another",
	  ALL(-EACCES),
	  { MOV(6, 3), IF(6, BPF_JNE, 1, 1), COPY(0, 5), END } },
};

static bool is_refused(const struct fault *fault)
{
	size_t count = INSNS_OF_FAULT;
	bool all = true;

	while (!fault->insns[count - 1].code)
		count--;
	for (int i = 0; i < OLD_KERNELS; i++) {
		const struct verdict verdict =
			judge(&old_kernels[i], BPF_PROG_TYPE_KPROBE,
			      fault->insns, count);

		if (verdict.error == fault->errors[i])
			continue;
		printf("# %s: %d at %zu, %s, not %d\n", old_kernels[i].release,
		       verdict.error, verdict.at,
		       verdict.why ? verdict.why : "taken", fault->errors[i]);
		all = false;
	}
	return all;
}

static void test_faults(void)
{
	for (size_t i = 0; i < LENGTH(faults); i++)
		ok(is_refused(&faults[i]), "%s: %s", faults[i].what,
		   faults[i].errors[4] ? "all refuse it" :
					 "those refuse it that are to");
}

/* So many branches that all lead to the end. */
static size_t make_branches(struct bpf_insn *insns, int count)
{
	const struct bpf_insn end[] = { END };
	struct bpf_insn *next = insns;

	*next++ = (struct bpf_insn)LOAD(BPF_DW, 6, 1, 0);
	for (int i = 0; i < count; i++)
		*next++ = (struct bpf_insn)IF(6, BPF_JGT, i, count - 1 - i);
	memcpy(next, end, sizeof(end));
	return next - insns + LENGTH(end);
}

/* Twice as many states with each branch; and 1500 instructions that have all.
 */
static size_t make_ways(struct bpf_insn *insns, int count)
{
	struct bpf_insn *next = insns;

	*next++ = (struct bpf_insn)LOAD(BPF_DW, 6, 1, 0);
	for (int i = 0; i < count; i++) {
		*next++ = (struct bpf_insn)IF(6, BPF_JGT, i, 1);
		*next++ = (struct bpf_insn)SET(BPF_DW, 10, -8 - 8 * i, 0);
	}
	for (int i = 0; i < 1500; i++)
		*next++ = (struct bpf_insn)MOV(0, 0);
	*next++ = (struct bpf_insn)EXIT;
	return next - insns;
}

static void test_limits(void)
{
	static struct bpf_insn insns[FOLD_MAX];
	const enum bpf_prog_type type = BPF_PROG_TYPE_KPROBE;
	size_t count;
	int wrong = 0;

	for (int i = 0; i < OLD_KERNELS; i++) {
		const struct old_kernel *kernel = &old_kernels[i];

		count = make_branches(insns, 1024);
		wrong += !!judge(kernel, type, insns, count).error;
		count = make_branches(insns, 1025);
		wrong += judge(kernel, type, insns, count).error != -EFAULT;
		/* 2^4 * 1500 instructions; more than 32768; than any takes. */
		count = make_ways(insns, 4);
		wrong += !!judge(kernel, type, insns, count).error;
		count = make_ways(insns, 5);
		wrong += judge(kernel, type, insns, count).error !=
			 (kernel->rules == RULES_4_4 ? -E2BIG : 0);
		count = make_ways(insns, 7);
		wrong += judge(kernel, type, insns, count).error != -E2BIG;
	}
	ok(!wrong, "1024 branches may wait, and so many instructions be "
		   "processed, no more");
	wrong = judge(&old_kernels[0], BPF_PROG_TYPE_TRACEPOINT, insns, count)
			.error;
	ok(wrong == -EINVAL, "Linux 4.4 has no programs for tracepoints");
}

int main(void)
{
	static const struct source sources[] = {
		{ "this byte order", false, true },
		{ "the other one", true, true },
	};

	for (size_t i = 0; i < LENGTH(sources); i++) {
		test_programs(&sources[i]);
		test_full(&sources[i]);
	}
	test_unfolded();
	test_faults();
	test_limits();
	return done();
}
