// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.c - the kernel's half of a tracer: rings, maps, program, hook
 *
 * Sections: types, setup, ladder, tracer.
 */
#include <linux/capability.h>
#include <sys/resource.h>

#include "message.h"
#include "probe.h"

/* Data of one perf ring in bytes, or one page where that is more. */
#define RING_SIZE (256 << 10)

/*
 * Without a view of what is in flight (before 5.5), an event younger than this
 * may have an elder on its way into another ring.
 */
#define HOLD_NS 1000000

/* The most that any configuration of 4.4 to 7.2 has (NR_CPUS). */
#define CPU_MOST 8192

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------------
 * Types
 */

/* The constants of accept.bpf.c, in the order of `members`, then others. */
struct layout {
	struct raw_symbol symbols[32];
	size_t count;
	/* Why rung `syscall` cannot work: a member that BTF lacks, or NULL. */
	const char *no_files;
};

static const unsigned char object[] __attribute__((aligned(8))) = {
#include "accept.bpf.inc"
};

const struct rung rungs[RUNG_COUNT] = {
	{
		.name = "graft",
		.description = "kprobe security_sock_graft",
		.hook = HOOK_KPROBE,
		.sock = RAW_REGS_ARG1,
		.points = { "security_sock_graft" },
	},
	{
		.name = "inet-accept",
		.description = "kprobe __inet_accept",
		.hook = HOOK_KPROBE,
		.sock = RAW_REGS_ARG3,
		.points = { "__inet_accept" },
	},
	{
		.name = "csk-return",
		.description = "kretprobe inet_csk_accept",
		.hook = HOOK_KRETPROBE,
		.sock = RAW_REGS_RETVAL,
		.points = { "inet_csk_accept" },
		.limits = "threads that already wait in accept() are missed, "
			  "and most of those that wait in great numbers",
	},
	{
		.name = "syscall",
		.description = "tracepoints sys_exit_accept, sys_exit_accept4",
		.hook = HOOK_TRACEPOINT,
		.points = { "accept4", "accept" },
		.limits = "accepts by io_uring, by the kernel itself and by "
			  "32-bit programs on a 64-bit kernel are missed",
	},
};

/* ------------------------------------------------------------------------
 * Setup: all that the rungs share
 */

static void raise_limit(int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	if (resource == RLIMIT_MEMLOCK)
		limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
	setrlimit(resource, &limit);
}

/*
 * A ring for each CPU that is online. CPU numbers have holes (ENODEV); the
 * kernel says where they end (EINVAL), so no file need be read for that.
 */
static void rings_open(struct tracer *tracer)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t size = page > RING_SIZE ? page : RING_SIZE;
	struct cpu *slot;
	int error, cpu;

	raise_limit(RLIMIT_NOFILE);
	/* Pages that are not used cost nothing. */
	tracer->cpus = mmap(NULL, CPU_MOST * sizeof(*tracer->cpus),
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (tracer->cpus == MAP_FAILED)
		die(errno, hint_for(STEP_RING, errno),
		    "cannot keep the perf rings");
	for (cpu = 0; cpu < CPU_MOST; cpu++) {
		slot = &tracer->cpus[tracer->cpu_count];
		error = raw_ring_open(&slot->ring, cpu, size);
		if (error == -ENODEV)
			continue;
		if (error == -EINVAL && tracer->cpu_count)
			break;
		if (error)
			die(-error, hint_for(STEP_RING, -error),
			    "cannot open the perf ring of CPU %d", cpu);
		slot->number = cpu;
		tracer->cpu_count++;
	}
	tracer->first_cpu = tracer->cpus[0].number;
	tracer->cpu_limit = cpu;
}

static int map_create(enum bpf_map_type type, uint32_t value_size,
		      uint32_t entries, uint32_t flags)
{
	int fd = raw_map_create(type, value_size, entries, flags);

	/* Before 5.11 maps and programs count as locked memory. */
	if (fd == -EPERM) {
		raise_limit(RLIMIT_MEMLOCK);
		fd = raw_map_create(type, value_size, entries, flags);
	}
	/* Before 5.5 an array cannot be mapped. */
	if (fd == -EINVAL && flags)
		fd = raw_map_create(type, value_size, entries, 0);
	if (fd < 0)
		die(-fd, hint_for(STEP_MAP, -fd), "cannot create a BPF map");
	return fd;
}

static void map_set(int map, uint32_t key, const void *value)
{
	int error = raw_map_set(map, key, value);

	if (error)
		die(-error, hint_for(STEP_MAP, -error),
		    "cannot set slot %u of a BPF map", key);
}

static void maps_create(struct tracer *tracer)
{
	static const struct accept_state asleep = { .wake = 1 };
	void *memory;

	tracer->states = map_create(BPF_MAP_TYPE_ARRAY, sizeof(asleep),
				    tracer->cpu_limit, BPF_F_MMAPABLE);
	for (int i = 0; i < tracer->cpu_limit; i++)
		map_set(tracer->states, i, &asleep);
	memory = mmap(NULL, tracer->cpu_limit * sizeof(asleep),
		      PROT_READ | PROT_WRITE, MAP_SHARED, tracer->states, 0);
	tracer->mapped = memory == MAP_FAILED ? NULL : memory;
	tracer->rings = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, sizeof(int),
				   ACCEPT_RING(tracer->cpu_limit, 0), 0);
	for (int i = 0; i < tracer->cpu_count; i++) {
		const struct cpu *cpu = &tracer->cpus[i];

		map_set(tracer->rings, ACCEPT_RING(cpu->number, 0),
			&cpu->ring.fd);
		map_set(tracer->rings, ACCEPT_RING(cpu->number, 1),
			&cpu->ring.bell);
	}
}

/* Where the kernel's structures keep what accept.bpf.c reads. */
enum need { NEED_ALWAYS, NEED_FILES, NEED_NOT };

static const struct {
	const char *symbol;
	const char *type;
	const char *member;
	enum need need;
} members[] = {
	{ "SKC_FAMILY", "sock_common", "skc_family", NEED_ALWAYS },
	{ "SKC_ADDRPAIR", "sock_common", "skc_addrpair", NEED_ALWAYS },
	{ "SKC_PORTPAIR", "sock_common", "skc_portpair", NEED_ALWAYS },
	/* Not there in a kernel without CONFIG_IPV6. */
	{ "SKC_V6_DADDR", "sock_common", "skc_v6_daddr", NEED_NOT },
	{ "SKC_V6_RCV_SADDR", "sock_common", "skc_v6_rcv_saddr", NEED_NOT },
	{ "INET_SPORT", "inet_sock", "inet_sport", NEED_ALWAYS },
	{ "TASK_FILES", "task_struct", "files", NEED_FILES },
	{ "FILES_FDT", "files_struct", "fdt", NEED_FILES },
	{ "FDTABLE_FD", "fdtable", "fd", NEED_FILES },
	{ "FILE_PRIVATE_DATA", "file", "private_data", NEED_FILES },
	{ "SOCKET_FILE", "socket", "file", NEED_FILES },
	{ "SOCKET_SK", "socket", "sk", NEED_FILES },
	{ "SK_PROTOCOL", "sock", "sk_protocol", NEED_ALWAYS },
};

static void layout_add(struct layout *layout, const char *name, uint64_t value,
		       bool is_map)
{
	layout->symbols[layout->count++] = (struct raw_symbol){
		.name = name,
		.value = value,
		.is_map = is_map,
	};
}

static void layout_from_btf(struct layout *layout, int btf)
{
	struct raw_btf_member asked[LENGTH(members)];
	uint32_t protocol_bits = 0;
	int error;

	memset(asked, 0, sizeof(asked));
	for (size_t i = 0; i < LENGTH(members); i++) {
		asked[i].type = members[i].type;
		asked[i].member = members[i].member;
	}
	error = raw_btf_find(btf, asked, LENGTH(asked));
	if (error)
		die(-error, hint_for(STEP_BTF, -error),
		    "cannot use /sys/kernel/btf/vmlinux");
	for (size_t i = 0; i < LENGTH(members); i++) {
		if (!asked[i].found && members[i].need == NEED_ALWAYS)
			die(0, hint_for(STEP_BTF, 0),
			    "/sys/kernel/btf/vmlinux lacks %s in struct %s",
			    members[i].member, members[i].type);
		if (!asked[i].found && members[i].need == NEED_FILES)
			layout->no_files = members[i].member;
		layout_add(layout, members[i].symbol, asked[i].bit_offset / 8,
			   false);
		protocol_bits = asked[i].bit_size;
	}
	/* SK_PROTOCOL is the last. */
	layout_add(layout, "SK_PROTOCOL_BITS", protocol_bits, false);
}

static void layout_open(struct layout *layout, const struct tracer *tracer,
			uint32_t pid)
{
	int btf;

	memset(layout, 0, sizeof(*layout));
	btf = openat(tracer->sysfs, "kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	if (btf < 0)
		die(errno, hint_for(STEP_BTF, errno),
		    "cannot open /sys/kernel/btf/vmlinux");
	layout_from_btf(layout, btf);
	close(btf);
	layout_add(layout, "FILTER_PID", pid, false);
	layout_add(layout, "rings", tracer->rings, true);
	layout_add(layout, "states", tracer->states, true);
}

static int sysfs_open(void)
{
	int fd = raw_fs_open("/sys", RAW_SYSFS_MAGIC);

	if (fd == -ENOENT)
		fd = raw_fs_private("sysfs");
	if (fd < 0)
		die(-fd, hint_for(STEP_SYSFS, -fd), "cannot open sysfs");
	return fd;
}

/* Where it is mounted, or else a view of our own. */
static int tracefs_open(void)
{
	int fd = raw_fs_open("/sys/kernel/tracing", RAW_TRACEFS_MAGIC);

	if (fd < 0)
		fd = raw_fs_open("/sys/kernel/debug/tracing",
				 RAW_TRACEFS_MAGIC);
	return fd < 0 ? raw_fs_private("tracefs") : fd;
}

/* ------------------------------------------------------------------------
 * Ladder: take the first rung that works, keep the reasons of the others
 */

/* Why a rung does not work. */
struct reason {
	char text[256];
	int error;
};

static int refuse(struct reason *reason, enum step step, int error,
		  const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Returns the error, or -ENOENT if that is 0: it lacks something. */
static int refuse(struct reason *reason, enum step step, int error,
		  const char *format, ...)
{
	va_list list;

	va_start(list, format);
	message_format(reason->text, sizeof(reason->text), -error,
		       error ? hint_for(step, -error) : NULL, format, list);
	va_end(list);
	reason->error = error ? error : -ENOENT;
	return reason->error;
}

/* A descriptor of the loaded program, or -errno with the verifier's log. */
static int rung_load(const struct rung *rung, const struct layout *layout,
		     struct raw_log *log)
{
	struct bpf_insn insns[512];
	struct raw_program program = {
		.type = rung->hook == HOOK_TRACEPOINT ?
				BPF_PROG_TYPE_TRACEPOINT :
				BPF_PROG_TYPE_KPROBE,
		.name = "tcpaccept",
		.license = "Dual BSD/GPL",
		.insns = insns,
	};
	int count, fd;

	count = raw_object_program(object, sizeof(object),
				   rung->hook == HOOK_TRACEPOINT ? "syscall" :
								   "kprobe",
				   layout->symbols, layout->count, insns,
				   LENGTH(insns));
	if (count < 0)
		return count;
	program.count = count;
	raw_program_context(&program, ACCEPT_CTX_SOCK, rung->sock,
			    sizeof(long));
	raw_program_context(&program, ACCEPT_CTX_SYSCALL_RET, RAW_SYS_EXIT_RET,
			    sizeof(long));
	fd = raw_program_load(&program, NULL);
	if (fd == -EPERM) {
		raise_limit(RLIMIT_MEMLOCK);
		fd = raw_program_load(&program, NULL);
	}
	if (fd >= 0)
		return fd;
	/* Kernels before 5.5 have one helper for all addresses. */
	raw_program_helper(&program, BPF_FUNC_probe_read_kernel,
			   BPF_FUNC_probe_read);
	return raw_program_load(&program, log);
}

static int rung_open_kprobe(const struct tracer *tracer,
			    const struct rung *rung, const char *point,
			    struct reason *reason)
{
	static const char pmu[] = "bus/event_source/devices/kprobe";
	char path[64];
	int type, bit = -1, fd;

	snprintf(path, sizeof(path), "%s/type", pmu);
	type = raw_file_number(tracer->sysfs, path, "");
	if (type >= 0 && rung->hook == HOOK_KRETPROBE) {
		snprintf(path, sizeof(path), "%s/format/retprobe", pmu);
		bit = raw_file_number(tracer->sysfs, path, "config:");
		if (bit < 0)
			type = bit;
	}
	if (type < 0)
		return refuse(reason, STEP_PMU, type, "cannot read /sys/%s",
			      path);
	fd = raw_kprobe_open(type, bit, point, tracer->first_cpu);
	if (fd < 0)
		return refuse(reason, STEP_ATTACH, fd, "cannot probe %s",
			      point);
	return fd;
}

static int rung_open_tracepoint(const struct tracer *tracer, const char *point,
				struct reason *reason)
{
	int tracefs, id, fd;
	char path[64];

	tracefs = tracefs_open();
	if (tracefs < 0)
		return refuse(reason, STEP_TRACEFS, tracefs,
			      "cannot open tracefs");
	snprintf(path, sizeof(path), "events/syscalls/sys_exit_%s/id", point);
	id = raw_file_number(tracefs, path, "");
	close(tracefs);
	if (id < 0)
		return refuse(reason, STEP_TRACEFS, id, "cannot read %s", path);
	fd = raw_tracepoint_open(id, tracer->first_cpu);
	if (fd < 0)
		return refuse(reason, STEP_ATTACH, fd,
			      "cannot open tracepoint sys_exit_%s", point);
	return fd;
}

/* Open the probes or tracepoints of a rung; they do nothing yet. */
static int rung_open(struct tracer *tracer, const struct rung *rung,
		     struct reason *reason)
{
	const char *point;

	for (size_t i = 0; i < LENGTH(rung->points); i++) {
		point = rung->points[i];
		if (!point)
			break;
		tracer->events[i] =
			rung->hook == HOOK_TRACEPOINT ?
				rung_open_tracepoint(tracer, point, reason) :
				rung_open_kprobe(tracer, rung, point, reason);
		/* Not every machine has an accept(2) beside accept4(2). */
		if (tracer->events[i] < 0 &&
		    (!i || tracer->events[i] != -ENOENT))
			return tracer->events[i];
	}
	return 0;
}

static int rung_attach(const struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	int error;

	for (size_t i = 0; i < LENGTH(tracer->events); i++) {
		if (tracer->events[i] < 0)
			continue;
		error = raw_event_attach(tracer->events[i], tracer->program);
		if (error)
			return refuse(reason, STEP_ATTACH, error,
				      "cannot attach to %s", rung->points[i]);
	}
	return 0;
}

void tracer_detach(struct tracer *tracer)
{
	for (size_t i = 0; i < LENGTH(tracer->events); i++) {
		if (tracer->events[i] >= 0)
			close(tracer->events[i]);
		tracer->events[i] = -1;
	}
}

/*
 * 0 if accepts are traced from here on, -1 with the reason. What is cheap to
 * find out comes first: to load a program takes most of the time.
 */
static int rung_try(struct tracer *tracer, const struct rung *rung,
		    const struct layout *layout, bool verbose,
		    struct reason *reason)
{
	struct raw_log log = { 0 };

	if (rung->hook == HOOK_TRACEPOINT && layout->no_files)
		return refuse(reason, STEP_BTF, 0,
			      "/sys/kernel/btf/vmlinux lacks member %s",
			      layout->no_files);
	if (rung_open(tracer, rung, reason)) {
		tracer_detach(tracer);
		return -1;
	}
	tracer->program = rung_load(rung, layout, &log);
	if (tracer->program < 0 && log.text && verbose)
		dprintf(STDERR_FILENO, "%s", log.text);
	raw_log_free(&log);
	if (tracer->program < 0)
		refuse(reason, STEP_LOAD, tracer->program,
		       "cannot load the BPF program");
	else if (!rung_attach(tracer, rung, reason))
		return 0;
	else
		close(tracer->program);
	tracer_detach(tracer);
	return -1;
}

static void ladder_climb(struct tracer *tracer, const struct layout *layout,
			 const struct rung *only, bool verbose)
{
	struct reason reasons[RUNG_COUNT];
	bool lacking = true;
	size_t i;

	memset(reasons, 0, sizeof(reasons));
	for (i = 0; i < RUNG_COUNT; i++) {
		if (only && only != &rungs[i])
			continue;
		if (!rung_try(tracer, &rungs[i], layout, verbose, &reasons[i]))
			break;
		lacking = lacking && reasons[i].error == -ENOENT;
	}
	if (i < RUNG_COUNT) {
		tracer->rung = &rungs[i];
		reasons[i].text[0] = '\0';
	}
	for (i = 0; i < RUNG_COUNT; i++)
		if (reasons[i].text[0] && (!tracer->rung || verbose))
			say("%s (%s): %s", rungs[i].name, rungs[i].description,
			    reasons[i].text);
	if (!tracer->rung)
		die(0,
		    only    ? "leave out --probe to try the others" :
		    lacking ? "it needs kprobes (CONFIG_KPROBE_EVENTS) or "
			      "syscall tracepoints (CONFIG_FTRACE_SYSCALLS)" :
			      "the lines above say what to do",
		    "no way to trace accepts on this kernel");
	if (verbose)
		say("tracing by %s (%s)", tracer->rung->description,
		    tracer->rung->name);
	if (tracer->rung->limits)
		say("note: %s, as %s cannot see them", tracer->rung->limits,
		    tracer->rung->description);
}

/* ------------------------------------------------------------------------
 * Tracer
 */

void tracer_open(struct tracer *tracer, uint32_t pid, const struct rung *only,
		 bool verbose)
{
	struct layout layout;

	memset(tracer, 0, sizeof(*tracer));
	tracer->events[0] = tracer->events[1] = -1;
	rings_open(tracer);
	maps_create(tracer);
	tracer->sysfs = sysfs_open();
	layout_open(&layout, tracer, pid);
	ladder_climb(tracer, &layout, only, verbose);
	close(tracer->sysfs);
}

uint64_t tracer_settled(const struct tracer *tracer, uint64_t now_ns)
{
	uint64_t until = now_ns, in_flight;

	if (!tracer->mapped)
		return now_ns - HOLD_NS;
	for (int i = 0; i < tracer->cpu_limit; i++) {
		in_flight = __atomic_load_n(&tracer->mapped[i].in_flight,
					    __ATOMIC_ACQUIRE);
		if (in_flight == ACCEPT_IN_FLIGHT)
			return 0;
		if (in_flight && in_flight <= until)
			until = in_flight - 1;
	}
	return until;
}

void tracer_wake(const struct tracer *tracer, bool wake)
{
	for (int i = 0; tracer->mapped && i < tracer->cpu_limit; i++)
		__atomic_store_n(&tracer->mapped[i].wake, wake,
				 __ATOMIC_RELEASE);
}

/*
 * A full ring is counted twice, by the program (not before 5.2, where it is
 * not told) and by LOST records (not for the last ones): the larger is right.
 */
struct losses tracer_losses(const struct tracer *tracer, bool last)
{
	struct losses losses = { 0 };
	struct accept_state state;

	for (int i = 0; i < tracer->cpu_limit; i++) {
		if (tracer->mapped)
			state = tracer->mapped[i];
		else if (!last || raw_map_get(tracer->states, i, &state))
			continue;
		losses.full += state.lost_full;
		losses.other += state.lost_other;
	}
	if (losses.full < tracer->ring_lost)
		losses.full = tracer->ring_lost;
	if (last)
		losses.skipped = raw_program_missed(tracer->program);
	return losses;
}
