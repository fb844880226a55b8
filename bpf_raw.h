/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bpf_raw.h - bpf(2) and perf_event_open(2) with nothing in between
 *
 * Mechanism only: nothing here prints, exits, or keeps state between calls, but
 * for raw_token.
 * A function returns a descriptor, a count or 0, else -errno. Results go to the
 * caller's memory; each descriptor is close-on-exec. Bytes from the kernel are
 * input: each length is checked before it is used.
 *
 * A tracer calls, in this order:
 *
 *	raw_ring_open()			a perf ring for each CPU
 *	raw_map_create(), raw_map_set()	the map in which the program finds them
 *	raw_program_load()
 *	raw_kprobe_open(), raw_tracepoint_open(), raw_rawpoint_open(),
 *	raw_event_count(), raw_event_attach()
 *	raw_ring_snapshot(), raw_ring_next(), raw_ring_release()
 */
#ifndef BPF_RAW_H
#define BPF_RAW_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/perf_event.h>

/* ------------------------------------------------------------------------
 * Shared memory: 64-bit words that the kernel or a BPF program writes while we
 * read, or the other way round. 32-bit machines access them in two halves.
 */

/*
 * raw_half_load - read 32 bits (acquire: what was written before them is seen
 * by the reads that follow)
 *
 * ARM before v6 has no barrier: the kernel does what its processor needs, at an
 * address that libgcc calls (kuser_memory_barrier of
 * arch/arm/kernel/entry-armv.S). clang would call libatomic instead.
 */
static inline uint32_t raw_half_load(const uint32_t *half)
{
#if defined(__ARM_ARCH) && __ARM_ARCH < 6
	const uint32_t value = *(const volatile uint32_t *)half;

	__sync_synchronize();
	return value;
#else
	return __atomic_load_n(half, __ATOMIC_ACQUIRE);
#endif
}

/*
 * raw_shared_load - read a word (acquire)
 *
 * On 32 bits the two halves may come from two consecutive values.
 */
static inline uint64_t raw_shared_load(const uint64_t *word)
{
#if __SIZEOF_LONG__ == 8
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
#else
	const uint32_t *halves = (const uint32_t *)word;
	uint64_t value[2] = { raw_half_load(&halves[0]),
			      raw_half_load(&halves[1]) };
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return value[1] << 32 | value[0];
#else
	return value[0] << 32 | value[1];
#endif
#endif
}

/* raw_half_store - write 32 bits after all earlier accesses (release) */
static inline void raw_half_store(uint32_t *half, uint32_t value)
{
#if defined(__ARM_ARCH) && __ARM_ARCH < 6
	__sync_synchronize();
	*(volatile uint32_t *)half = value;
#else
	__atomic_store_n(half, value, __ATOMIC_RELEASE);
#endif
}

/* raw_shared_store - write a word (release) */
static inline void raw_shared_store(uint64_t *word, uint64_t value)
{
#if __SIZEOF_LONG__ == 8
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
#else
	uint32_t *halves = (uint32_t *)word;
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	raw_half_store(&halves[big], (uint32_t)value);
	raw_half_store(&halves[!big], value >> 32);
#endif
}

/* ------------------------------------------------------------------------
 * System calls: bpf(2), perf_event_open(2)
 */

/*
 * A BPF token, since Linux 6.9 (token_open() in attach/token.h), or 0: the
 * right to create maps and BTF and to load programs, which the caller may lack.
 */
__attribute__((weak)) int raw_token;

/* raw_bpf_by_token - bpf(2) with a token; other commands need none */
static inline long raw_bpf_by_token(enum bpf_cmd command,
				    const union bpf_attr *attr)
{
	/* Headers before 6.9 have no tokens: words of union bpf_attr. */
	const size_t flags = command == BPF_MAP_CREATE ? 4 :
			     command == BPF_PROG_LOAD  ? 11 :
							 8;
	const size_t token = command == BPF_MAP_CREATE ? 19 :
			     command == BPF_PROG_LOAD  ? 36 :
							 9;
	uint32_t words[(sizeof(*attr) > 152 ? sizeof(*attr) : 152) / 4] = { 0 };

	memcpy(words, attr, sizeof(*attr));
	if (command == BPF_MAP_CREATE || command == BPF_PROG_LOAD ||
	    command == BPF_BTF_LOAD) {
		words[flags] |= 1 << 16 /* BPF_F_TOKEN_FD */;
		words[token] = raw_token;
	}
	return syscall(SYS_bpf, command, words, sizeof(words));
}

/*
 * raw_bpf - bpf(2)
 *
 * All of attr must be cleared first: the kernel refuses stray bytes (E2BIG). It
 * accepts a tail that it does not know as long as that is zero
 * (bpf_check_uarg_tail_zero() in kernel/bpf/syscall.c, since 4.4).
 * BPF_PROG_LOAD returns EAGAIN when a signal is pending (kernel/bpf/verifier.c,
 * since 5.0), so such a call is made up to five times.
 *
 * Returns what the command returns, or -errno.
 */
static inline int raw_bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	int result, tries = 5;

	do
		result = raw_token ?
				 raw_bpf_by_token(command, attr) :
				 syscall(SYS_bpf, command, attr, sizeof(*attr));
	while (result < 0 && errno == EAGAIN && --tries);
	return result < 0 ? -errno : result;
}

/*
 * raw_perf_open - perf_event_open(2) for one CPU and every task on it
 *
 * Returns a close-on-exec descriptor, or -errno: ENODEV for a CPU that is
 * offline, EINVAL for one past nr_cpu_ids (perf_event_alloc() and
 * perf_event_open() in kernel/events/core.c, 4.4 to 7.2).
 */
static inline int raw_perf_open(struct perf_event_attr *attr, int cpu)
{
	int fd;

	attr->size = sizeof(*attr);
	fd = syscall(SYS_perf_event_open, attr, -1, cpu, -1,
		     PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* raw_now_ns - CLOCK_MONOTONIC in nanoseconds, as bpf_ktime_get_ns() has it */
static inline uint64_t raw_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* ------------------------------------------------------------------------
 * Maps: bpf(2)
 */

/*
 * raw_map_create - BPF_MAP_CREATE of bpf(2)
 *
 * name: up to 15 of [A-Za-z0-9_], shown by bpftool(8), or NULL. key_size (4
 * for arrays, whose keys are indexes) and value_size are in bytes. flags:
 * BPF_F_*.
 *
 * Returns a descriptor, or -errno: EINVAL for any name before 4.15.
 */
static inline int raw_map_create(const char *name, enum bpf_map_type type,
				 uint32_t key_size, uint32_t value_size,
				 uint32_t max_entries, uint32_t flags)
{
	union bpf_attr attr;

	/* No initialiser: compilers differ on clearing a union's tail. */
	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = max_entries;
	attr.map_flags = flags;
	if (name)
		strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	return raw_bpf(BPF_MAP_CREATE, &attr);
}

/*
 * raw_map_element - a command of bpf(2) on one element of a map; 0, or -errno
 *
 * value points to the element's value, or for BPF_MAP_GET_NEXT_KEY to room for
 * the next key: union bpf_attr has both at the same place.
 */
static inline int raw_map_element(enum bpf_cmd command, int map,
				  const void *key, const void *value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	return raw_bpf(command, &attr);
}

/*
 * raw_map_put - BPF_MAP_UPDATE_ELEM of bpf(2); 0, or -errno
 *
 * The value is a perf descriptor (int) in a BPF_MAP_TYPE_PERF_EVENT_ARRAY, a
 * descriptor of a cgroup v2 directory in a BPF_MAP_TYPE_CGROUP_ARRAY.
 */
static inline int raw_map_put(int map, const void *key, const void *value)
{
	return raw_map_element(BPF_MAP_UPDATE_ELEM, map, key, value);
}

/* raw_map_delete - BPF_MAP_DELETE_ELEM of bpf(2); 0, or -errno */
static inline int raw_map_delete(int map, const void *key)
{
	return raw_map_element(BPF_MAP_DELETE_ELEM, map, key, NULL);
}

/* raw_map_set - raw_map_put() into slot `key` of an array */
static inline int raw_map_set(int map, uint32_t key, const void *value)
{
	return raw_map_put(map, &key, value);
}

/* raw_map_get - BPF_MAP_LOOKUP_ELEM of bpf(2) in an array; 0, or -errno */
static inline int raw_map_get(int map, uint32_t key, void *value)
{
	return raw_map_element(BPF_MAP_LOOKUP_ELEM, map, &key, value);
}

/*
 * raw_map_next - BPF_MAP_GET_NEXT_KEY of bpf(2): put the key after `key`, or
 * the first one if the map has no such key, into `next`
 *
 * A hash map's keys have no order. Returns 0, or -errno: ENOENT at the end.
 */
static inline int raw_map_next(int map, const void *key, void *next)
{
	return raw_map_element(BPF_MAP_GET_NEXT_KEY, map, key, next);
}

/*
 * raw_map_pinned - BPF_OBJ_GET of bpf(2): open what is pinned at `path`
 *
 * Returns a descriptor, or -errno: EACCES for a file that is not in a bpffs
 * (bpf_obj_do_get() in kernel/bpf/inode.c, 4.4 to 7.2), else as open(2).
 */
static inline int raw_map_pinned(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	return raw_bpf(BPF_OBJ_GET, &attr);
}

/* ------------------------------------------------------------------------
 * Program: bpf(2), BPF_PROG_LOAD
 */

struct raw_program {
	enum bpf_prog_type type;
	/* For programs of cgroups, their hook; else 0. */
	enum bpf_attach_type hook;
	/* Shown by bpftool: up to 15 of [A-Za-z0-9_.]. */
	const char *name;
	const char *license;
	/* LINUX_VERSION_CODE of the kernel; kprobes need it before 5.0. */
	uint32_t version;
	struct bpf_insn *insns;
	size_t count;
};

/*
 * raw_program_context - set the offset of loads from the context
 *
 * Each 64-bit load at offset `mark` becomes a load of `word` bytes (4 or 8) at
 * `offset`.
 */
static inline void raw_program_context(struct raw_program *program, int mark,
				       int offset, size_t word)
{
	for (size_t i = 0; i < program->count; i++) {
		struct bpf_insn *insn = &program->insns[i];

		if (insn->code != (BPF_LDX | BPF_MEM | BPF_DW) ||
		    insn->off != mark)
			continue;
		insn->off = offset;
		if (word == 4)
			insn->code = BPF_LDX | BPF_MEM | BPF_W;
	}
}

/* raw_program_helper - call helper `to` wherever the program calls `from` */
static inline void raw_program_helper(struct raw_program *program,
				      enum bpf_func_id from,
				      enum bpf_func_id to)
{
	for (size_t i = 0; i < program->count; i++) {
		struct bpf_insn *insn = &program->insns[i];

		if (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
		    insn->imm == (int)from)
			insn->imm = to;
	}
}

/* raw_program_try - BPF_PROG_LOAD, with a log of `size` bytes unless it is 0 */
static inline int raw_program_try(const struct raw_program *program, bool named,
				  char *log, uint32_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = program->type;
	attr.expected_attach_type = program->hook;
	attr.insns = (uintptr_t)program->insns;
	attr.insn_cnt = program->count;
	attr.license = (uintptr_t)program->license;
	attr.kern_version = program->version;
	if (size) {
		attr.log_level = 1;
		attr.log_buf = (uintptr_t)log;
		attr.log_size = size;
	}
	if (named)
		strncpy(attr.prog_name, program->name,
			sizeof(attr.prog_name) - 1);
	return raw_bpf(BPF_PROG_LOAD, &attr);
}

/* What the verifier wrote; text is NULL if it wrote nothing. */
struct raw_log {
	char *text;
	size_t size;
};

/* raw_log_free - free the log's memory, if there is any */
static inline void raw_log_free(struct raw_log *log)
{
	if (log->text)
		munmap(log->text, log->size);
	log->text = NULL;
}

/* raw_log_alloc - replace the log by `size` bytes; NULL without memory */
static inline char *raw_log_alloc(struct raw_log *log, size_t size)
{
	raw_log_free(log);
	log->size = size;
	log->text = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (log->text == MAP_FAILED)
		log->text = NULL;
	return log->text;
}

/*
 * raw_program_load - BPF_PROG_LOAD of bpf(2)
 *
 * Loads without a log, and without the name where the kernel refuses it (before
 * 4.15). If that fails and log is not NULL, loads again with a verifier log of
 * 64 KiB, doubled while the kernel returns ENOSPC, up to 16 MiB - 1 (UINT32_MAX
 * >> 8, the limit before 5.18). The caller frees the log.
 *
 * Returns a descriptor, or -errno of the load without a log.
 */
static inline int raw_program_load(const struct raw_program *program,
				   struct raw_log *log)
{
	const uint32_t max = UINT32_MAX >> 8;
	uint32_t size = 64 << 10;
	int fd, again;

	fd = raw_program_try(program, true, NULL, 0);
	if (fd == -E2BIG || fd == -EINVAL)
		fd = raw_program_try(program, false, NULL, 0);
	while (fd < 0 && log && raw_log_alloc(log, size)) {
		again = raw_program_try(program, false, log->text, size);
		if (again >= 0)
			return again;
		if (again != -ENOSPC || size == max)
			break;
		size = size > max / 2 ? max : size * 2;
	}
	return fd;
}

/*
 * raw_object_info - BPF_OBJ_GET_INFO_BY_FD of bpf(2)
 *
 * info, of size bytes, is struct bpf_prog_info for a program, struct
 * bpf_map_info for a map. Members that the kernel does not know are 0. Returns
 * 0, or -errno: EINVAL before 4.13.
 */
static inline int raw_object_info(int fd, void *info, uint32_t size)
{
	union bpf_attr attr;

	memset(info, 0, size);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = size;
	attr.info.info = (uintptr_t)info;
	return raw_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/* raw_program_info - raw_object_info() of a program */
static inline int raw_program_info(int program, struct bpf_prog_info *info)
{
	return raw_object_info(program, info, sizeof(*info));
}

/*
 * raw_program_missed - how many runs of a program the kernel skipped
 *
 * It skips a run while another program runs on that CPU, or while a task that
 * was preempted there is inside bpf(2). Returns recursion_misses of
 * raw_program_info(), 0 where the kernel does not count them (before 5.12).
 */
static inline uint64_t raw_program_missed(int program)
{
	struct bpf_prog_info info;

	return raw_program_info(program, &info) ? 0 : info.recursion_misses;
}

/* ------------------------------------------------------------------------
 * Events: perf_event_open(2). A program that is attached to one event runs on
 * every CPU, whichever CPU that event was opened for (trace_call_bpf() in
 * kernel/trace/bpf_trace.c looks at the probe, not at the CPU).
 */

/*
 * raw_kprobe_open - put a kprobe or kretprobe by the `kprobe` PMU, since 4.17
 * (perf_kprobe in kernel/events/core.c)
 *
 * type and retprobe_bit are those in /sys/bus/event_source/devices/kprobe/;
 * retprobe_bit is -1 for a kprobe. offset: bytes after the symbol. The kernel
 * removes the probe when the descriptor is closed, however the process ends.
 *
 * Returns a descriptor, or -errno: ENOENT for an unknown symbol, EADDRNOTAVAIL
 * for one that is not unique (since 6.6), EINVAL where no probe may be.
 */
static inline int raw_kprobe_open(int type, int retprobe_bit,
				  const char *symbol, int offset, int cpu)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.type = type;
	if (retprobe_bit >= 0)
		attr.config = 1ULL << retprobe_bit;
	attr.config1 = (uintptr_t)symbol;
	attr.config2 = offset;
	return raw_perf_open(&attr, cpu);
}

/*
 * A tracepoint's own fields follow 8 common bytes (struct trace_entry). Those
 * of syscalls:sys_enter_* and sys_exit_* are longs: the call's number, then its
 * arguments or its return value.
 */
#define RAW_TRACEPOINT_FIELDS 8

/*
 * raw_tracepoint_open - open the tracepoint whose tracefs file `id` has that
 * number; a descriptor, or -errno
 */
static inline int raw_tracepoint_open(int id, int cpu)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = id;
	return raw_perf_open(&attr, cpu);
}

/*
 * raw_rawpoint_open - run a program, of BPF_PROG_TYPE_RAW_TRACEPOINT, at each
 * hit of a tracepoint
 *
 * BPF_RAW_TRACEPOINT_OPEN, since 4.17. The program's context has the arguments
 * of the tracepoint, 8 bytes each. Returns a descriptor, which ends that when
 * it is closed, or -errno.
 */
static inline int raw_rawpoint_open(const char *name, int program)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.name = (uintptr_t)name;
	attr.raw_tracepoint.prog_fd = program;
	return raw_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

/*
 * raw_event_count - how often a kprobe was hit, while no program was attached,
 * on the CPU that its event is for; 0 if that cannot be read
 */
static inline uint64_t raw_event_count(int event)
{
	uint64_t count;

	return read(event, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/*
 * raw_event_attach - run a program at each hit of a kprobe or tracepoint
 *
 * PERF_EVENT_IOC_SET_BPF (since 4.1) and _ENABLE. Returns 0, or -errno.
 */
static inline int raw_event_attach(int event, int program)
{
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program) ||
	    ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------------
 * Ring: perf_event_open(2), "MMAP layout"
 *
 * A page with a struct perf_event_mmap_page, then the data: 2^n pages that the
 * kernel fills in a circle. data_head and data_tail only grow; modulo the size
 * they are places in the circle. A 32-bit kernel counts modulo 2^32 (local_t of
 * struct perf_buffer). So do we on 32 bits, whatever the kernel is: it uses
 * data_tail modulo the size only. A record is a struct perf_event_header, which
 * is 8-aligned and so never wraps, and a body, which may wrap:
 *
 *	PERF_RECORD_SAMPLE	u32 size, then size bytes: those that the
 *				program sent, and 0 to 7 bytes more; of a tap,
 *				behind a struct raw_tap
 *	PERF_RECORD_LOST	u64 id, u64 lost: that many found the ring full
 */

struct raw_ring {
	/* Events sent to it gather in the ring. This is the one to poll(2). */
	int fd;
	/* Events sent to it go to the same ring, and wake the poll. */
	int wakeup_fd;
	/* Bytes of data, a power of two. */
	size_t size;
	struct perf_event_mmap_page *page;
	const unsigned char *data;
	/* How far we have read, and how far the kernel had written. */
	unsigned long tail;
	unsigned long head;
};

/* raw_ring_unmap - unmap the ring, and leave its descriptors open */
static inline void raw_ring_unmap(struct raw_ring *ring)
{
	if (ring->page)
		munmap(ring->page, getpagesize() + ring->size);
	ring->page = NULL;
}

/* raw_ring_close - unmap the ring, and close its descriptors */
static inline void raw_ring_close(struct raw_ring *ring)
{
	raw_ring_unmap(ring);
	if (ring->wakeup_fd >= 0)
		close(ring->wakeup_fd);
	if (ring->fd >= 0)
		close(ring->fd);
	memset(ring, 0, sizeof(*ring));
	ring->fd = ring->wakeup_fd = -1;
}

/*
 * raw_ring_map - map the ring of ring->fd, with `size` bytes of data
 *
 * Another process may map it too: one that received the descriptor (unix(7),
 * SCM_RIGHTS) can read the ring without being allowed perf_event_open(2).
 *
 * Returns 0, or -errno: EPERM if size is over what RLIMIT_MEMLOCK and
 * perf_event_mlock_kb allow, EINVAL if it is mapped with another size.
 */
static inline int raw_ring_map(struct raw_ring *ring, size_t size)
{
	size_t page = getpagesize();
	void *memory;

	memory = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      ring->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	ring->size = size;
	ring->page = memory;
	ring->data = (const unsigned char *)memory + page;
	return 0;
}

/*
 * raw_ring_events - open the events of a CPU's perf ring, which has no memory
 * yet
 *
 * Each wake-up costs an interrupt (irq_work in perf_output_wakeup()). So events
 * sent to fd wake the reader only once a whole ring has been written. Each
 * event sent to wakeup_fd wakes it.
 *
 * Returns 0, or -errno as raw_perf_open() does.
 */
static inline int raw_ring_events(struct raw_ring *ring, int cpu)
{
	struct perf_event_attr attr;
	int error;

	memset(ring, 0, sizeof(*ring));
	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_BPF_OUTPUT;
	attr.sample_type = PERF_SAMPLE_RAW;
	attr.sample_period = 1;
	attr.watermark = 1;
	attr.wakeup_watermark = UINT32_MAX;
	/* That of raw_tap_open(), as the kernel mixes no clocks in a ring. */
	attr.use_clockid = 1;
	attr.clockid = CLOCK_MONOTONIC;
	ring->fd = raw_perf_open(&attr, cpu);
	attr.watermark = 0;
	attr.wakeup_events = 1;
	ring->wakeup_fd = ring->fd < 0 ? ring->fd : raw_perf_open(&attr, cpu);
	error = ring->wakeup_fd < 0 ? ring->wakeup_fd : 0;
	if (error)
		raw_ring_close(ring);
	return error;
}

/*
 * raw_ring_start - after raw_ring_events(): map the ring, with `size` bytes of
 * data, and direct both events to it (PERF_EVENT_IOC_SET_OUTPUT)
 *
 * size: a power of two, at least a page. Returns 0, or -errno as raw_ring_map()
 * does; then the ring is closed.
 */
static inline int raw_ring_start(struct raw_ring *ring, size_t size)
{
	int error = raw_ring_map(ring, size);

	if (!error &&
	    ioctl(ring->wakeup_fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd))
		error = -errno;
	if (error)
		raw_ring_close(ring);
	return error;
}

/* raw_ring_open - raw_ring_events() and raw_ring_start() */
static inline int raw_ring_open(struct raw_ring *ring, int cpu, size_t size)
{
	int error = raw_ring_events(ring, cpu);

	return error ? error : raw_ring_start(ring, size);
}

/*
 * raw_tap_open - have each hit of a tracepoint (raw_tracepoint_open()) on the
 * ring's CPU write a sample to the ring, and wake its reader, once it is
 * enabled (PERF_EVENT_IOC_ENABLE)
 *
 * The sample has a struct raw_tap before what raw_ring_next() reads, which is
 * the tracepoint's fields. filter: of these (PERF_EVENT_IOC_SET_FILTER), or
 * NULL; it does no harm if that fails, as the reader filters, too.
 *
 * Returns a descriptor, or -errno.
 */
static inline int raw_tap_open(const struct raw_ring *ring, int cpu, int id,
			       const char *filter)
{
	struct perf_event_attr attr;
	int fd, error;

	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = id;
	attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW;
	attr.sample_period = 1;
	attr.wakeup_events = 1;
	attr.disabled = 1;
	attr.use_clockid = 1;
	attr.clockid = CLOCK_MONOTONIC;
	fd = raw_perf_open(&attr, cpu);
	if (fd < 0)
		return fd;
	if (filter)
		ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter);
	if (!ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* The begin of a tap's sample: PERF_SAMPLE_TID and _TIME. */
struct raw_tap {
	/* In the PID namespace of who opened it; 0 for others. */
	uint32_t pid;
	uint32_t tid;
	/* CLOCK_MONOTONIC of the initial time namespace. */
	uint64_t time_ns;
};

/*
 * raw_ring_snapshot - note how far the kernel has written
 *
 * Acquire: the records before head are complete (pairs with the write barrier
 * in perf_output_put_handle(), kernel/events/ring_buffer.c).
 *
 * Returns the number of unread bytes.
 */
static inline unsigned long raw_ring_snapshot(struct raw_ring *ring)
{
	ring->head = raw_shared_load((uint64_t *)&ring->page->data_head);
	return ring->head - ring->tail;
}

/*
 * raw_ring_release - let the kernel overwrite what was read
 *
 * Release: our reads are done before the kernel may write there again.
 */
static inline void raw_ring_release(struct raw_ring *ring)
{
	raw_shared_store((uint64_t *)&ring->page->data_tail, ring->tail);
}

/* raw_ring_copy - copy `length` bytes from position `from`, which may wrap */
static inline void raw_ring_copy(const struct raw_ring *ring,
				 unsigned long from, void *to, size_t length)
{
	size_t start = from & (ring->size - 1);
	size_t first = ring->size - start;

	if (first > length)
		first = length;
	memcpy(to, ring->data + start, first);
	memcpy((unsigned char *)to + first, ring->data, length - first);
}

/*
 * raw_ring_find - find the next sample before the snapshot
 *
 * before: how many bytes it has before its size: 0, or sizeof(struct raw_tap).
 * Sets *from to its position, for raw_ring_copy(), and *length to that size.
 * Adds up LOST records in *lost, and skips other kinds.
 *
 * Returns 1 for a sample, 0 at the snapshot, -EBADMSG for a damaged record. It
 * skips that record, or all up to the snapshot if the length cannot be right.
 */
static inline int raw_ring_find(struct raw_ring *ring, uint32_t before,
				unsigned long *from, uint32_t *length,
				uint64_t *lost)
{
	struct perf_event_header header;
	uint64_t count;

	/* The kernel never has more unread than the ring holds. */
	if (ring->head - ring->tail > ring->size) {
		ring->tail = ring->head;
		return -EBADMSG;
	}
	while (ring->tail != ring->head) {
		*from = ring->tail;
		if (ring->head - *from >= sizeof(header))
			raw_ring_copy(ring, *from, &header, sizeof(header));
		else
			header.size = 0;
		if (header.size < sizeof(header) || header.size % 8 ||
		    header.size > ring->head - *from) {
			ring->tail = ring->head;
			return -EBADMSG;
		}
		ring->tail += header.size;
		*from += sizeof(header);
		header.size -= sizeof(header);
		if (header.type == PERF_RECORD_LOST) {
			if (header.size < 16)
				return -EBADMSG;
			raw_ring_copy(ring, *from + 8, &count, sizeof(count));
			*lost += count;
		} else if (header.type == PERF_RECORD_SAMPLE) {
			if (header.size < before + sizeof(*length))
				return -EBADMSG;
			raw_ring_copy(ring, *from + before, length,
				      sizeof(*length));
			return *length > header.size - before -
						       sizeof(*length) ?
				       -EBADMSG :
				       1;
		}
	}
	return 0;
}

/*
 * raw_ring_next - raw_ring_find(), and copy the first `size` bytes of the
 * sample to `sample`, as it is not 8-aligned in the ring
 */
static inline int raw_ring_next(struct raw_ring *ring, void *sample,
				uint32_t size, uint64_t *lost)
{
	unsigned long from = 0;
	uint32_t length = 0;
	const int result = raw_ring_find(ring, 0, &from, &length, lost);

	if (result <= 0)
		return result;
	if (length < size)
		return -EBADMSG;
	raw_ring_copy(ring, from + sizeof(length), sample, size);
	return 1;
}

#endif
