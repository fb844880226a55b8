// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rings.c - a perf ring and a state for each CPU, in maps
 *
 * Sections: rings, taps, keeper, maps.
 */
#include <linux/netlink.h>
#include <linux/version.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/rights.h"
#include "base/text.h"
#include "kernel/version.h"
#include "attach/map.h"
#include "attach/program.h"
#include "attach/rings.h"

/*
 * Bytes of a ring's data by default, or one page where that is more; and of all
 * together: with more than 64 CPUs each has less.
 */
#define RING_SIZE (256 << 10)
#define RINGS_SIZE (16 << 20)

/* The largest NR_CPUS of any configuration of 4.4 to 7.2. */
#define CPU_MAX 8192

/* ------------------------------------------------------------------------
 * Rings
 */

/*
 * Open a socket for uevents, such as "online@/devices/system/cpu/cpu1":
 * netlink(7), NETLINK_KOBJECT_UEVENT. Returns -1 if there are none; the reader
 * then looks for CPUs once a second.
 */
static int uevents_open(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		/* Those of the kernel, not those of udevd. */
		.nl_groups = 1,
	};
	int fd;

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    NETLINK_KOBJECT_UEVENT);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Bytes of each ring's data. pages: as --ring has it, or 0. */
static size_t ring_size(uint32_t pages, size_t page, uint32_t cpus)
{
	size_t size = RING_SIZE;

	if (pages)
		return pages * page;
	while (size > page && size * cpus > RINGS_SIZE)
		size /= 2;
	return size > page ? size : page;
}

/* Map the rings of all CPUs that are online: 0, or -errno with the reason. */
static int rings_start(struct rings *rings, struct reason *reason)
{
	int error = 0;

	for (int i = 0; i < rings->count && !error; i++) {
		if (rings->cpus[i].ring.fd < 0)
			continue;
		error = raw_ring_start(&rings->cpus[i].ring, rings->size);
		if (error)
			reason_set(reason, STEP_RING, error,
				   "cannot open the perf ring of CPU %d", i);
	}
	return error;
}

/*
 * perf_event_open(2) shows which CPUs there are: ENODEV is one that is offline,
 * EINVAL is past the last one. No file has to be read for that.
 */
static int rings_open_all(struct rings *rings, uint32_t pages,
			  struct reason *reason)
{
	int error, i;

	for (i = 0; i < CPU_MAX; i++) {
		error = raw_ring_events(&rings->cpus[i].ring, i);
		if (error == -EINVAL && rings->first >= 0)
			break;
		if (error && error != -ENODEV)
			return reason_set(reason, STEP_RING, error,
					  "cannot open the perf ring of CPU %d",
					  i);
		if (!error && rings->first < 0)
			rings->first = i;
		rings->online += !error;
	}
	rings->count = i;
	rings->size = ring_size(pages, getpagesize(), rings->online);
	return rings_start(rings, reason);
}

/*
 * More than the number of any CPU: sched_getaffinity(2) returns the size of the
 * kernel's set of CPUs, in bytes.
 */
static int cpus_bound(void)
{
	unsigned long set[CPU_MAX / 8 / sizeof(unsigned long)];
	const long size = syscall(SYS_sched_getaffinity, 0, sizeof(set), set);

	return size > 0 ? size * 8 : CPU_MAX;
}

int rings_open(struct rings *rings, uint32_t pages, struct reason *reason)
{
	int error;

	rings->cpu_map = -1;
	/* Possible on a 32-bit machine. */
	if (pages > SIZE_MAX / 2 / getpagesize())
		return reason_set(reason, STEP_RING, -ENOMEM,
				  "cannot open perf rings of %u pages", pages);
	/* First, so that no CPU that comes online meanwhile is missed. */
	rings->uevents = uevents_open();
	limit_raise(RLIMIT_NOFILE);
	/* Rings beyond kernel.perf_event_mlock_kb count as locked memory. */
	limit_raise(RLIMIT_MEMLOCK);
	/* Unused pages cost nothing. */
	rings->cpus = mmap(NULL, CPU_MAX * sizeof(*rings->cpus),
			   PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (rings->cpus == MAP_FAILED)
		return reason_set(reason, STEP_RING, -errno,
				  "cannot allocate the table of perf rings");
	rings->first = -1;
	error = rings_open_all(rings, pages, reason);
	if (error) {
		rings->count = cpus_bound();
		rings_close(rings);
	}
	return error;
}

void rings_close(struct rings *rings)
{
	for (int i = 0; i < rings->count; i++) {
		struct raw_ring *ring = &rings->cpus[i].ring;

		if (ring->fd > 0)
			raw_ring_close(ring);
		ring->fd = ring->wakeup_fd = -1;
	}
	/* The map holds its events. */
	if (rings->map > 0)
		close(rings->map);
	rings->map = rings->first = -1;
}

const char *rings_memory(const struct rings *rings, char *text, size_t size)
{
	const unsigned int each = (rings->size + getpagesize()) >> 10;

	text_format(text, size, "%u KiB for each of %d CPUs, %llu MiB in all",
		    each, rings->online,
		    ((unsigned long long)each * rings->online + 1023) >> 10);
	return text;
}

/* Put a CPU's ring, if it has one, into the map. */
static int ring_publish(const struct rings *rings, int number,
			struct reason *reason)
{
	const struct raw_ring *ring = &rings->cpus[number].ring;
	int error;

	/* Without BPF there is no map. */
	if (ring->fd < 0 || rings->map <= 0)
		return 0;
	error = raw_map_set(rings->map, ACCEPT_RING(number, 0), &ring->fd);
	if (!error)
		error = raw_map_set(rings->map, ACCEPT_RING(number, 1),
				    &ring->wakeup_fd);
	if (error)
		return reason_set(reason, STEP_MAP, error,
				  "cannot set the perf ring of CPU %d", number);
	return 0;
}

static int rings_publish(const struct rings *rings, struct reason *reason)
{
	int error = 0;

	for (int i = 0; i < rings->count && !error; i++)
		error = ring_publish(rings, i, reason);
	return error;
}

/* ------------------------------------------------------------------------
 * Taps: tracepoints that write to the rings by themselves
 */

/* Hits of other families are left out, as most are of AF_UNIX. */
static const char tap_filter[] = "family == 2 || family == 10";

/* Returns 0, or -errno; the tap is not enabled yet. */
static int tap_open(struct rings *rings, int number)
{
	struct cpu_rings *cpu = &rings->cpus[number];

	cpu->tap = raw_tap_open(&cpu->ring, number, rings->tapped, tap_filter);
	if (cpu->tap > 0)
		return 0;
	number = cpu->tap;
	cpu->tap = 0;
	return number;
}

static void tap_close(struct rings *rings, struct cpu_rings *cpu)
{
	if (!cpu->tap)
		return;
	rings->hits += raw_event_count(cpu->tap);
	close(cpu->tap);
	cpu->tap = 0;
}

int rings_tap(struct rings *rings, int tracepoint, struct reason *reason)
{
	int error = 0;

	rings->tapped = tracepoint;
	for (int i = 0; i < rings->count && !error; i++) {
		if (rings->cpus[i].ring.fd < 0)
			continue;
		error = tap_open(rings, i);
		/* The CPU has gone offline: its ring is dead, too. */
		if (error == -ENODEV)
			error = 0;
		else if (error)
			reason_set(reason, STEP_ATTACH, error,
				   "cannot open the probe on CPU %d", i);
		else
			ioctl(rings->cpus[i].tap, PERF_EVENT_IOC_ENABLE, 0);
	}
	return error;
}

void rings_empty(struct rings *rings)
{
	for (int i = 0; i < rings->count; i++) {
		struct cpu_rings *cpu = &rings->cpus[i];

		if (cpu->tap)
			ioctl(cpu->tap, PERF_EVENT_IOC_DISABLE, 0);
		if (cpu->ring.page) {
			raw_ring_snapshot(&cpu->ring);
			cpu->ring.tail = cpu->ring.head;
			raw_ring_release(&cpu->ring);
		}
		if (!cpu->tap)
			continue;
		ioctl(cpu->tap, PERF_EVENT_IOC_RESET, 0);
		ioctl(cpu->tap, PERF_EVENT_IOC_ENABLE, 0);
	}
	rings->hits = 0;
}

uint64_t rings_hits(const struct rings *rings)
{
	uint64_t hits = rings->hits;

	for (int i = 0; i < rings->count; i++)
		if (rings->cpus[i].tap)
			hits += raw_event_count(rings->cpus[i].tap);
	return hits;
}

void rings_untap(struct rings *rings)
{
	for (int i = 0; i < rings->count; i++)
		tap_close(rings, &rings->cpus[i]);
	rings->tapped = 0;
}

/* ------------------------------------------------------------------------
 * Keeper
 */

/*
 * Keep the descriptors of a ring that is in the map until the map has another
 * one: if the map alone held an event, 4.4 would release it where it must not
 * sleep (fd_array_map_update_elem() in kernel/bpf/arraymap.c, called with
 * rcu_read_lock() held).
 */
static void ring_retire(struct cpu_rings *cpu)
{
	cpu->retired = cpu->ring;
	memset(&cpu->ring, 0, sizeof(cpu->ring));
	cpu->ring.fd = cpu->ring.wakeup_fd = -1;
}

void rings_keep(struct rings *rings)
{
	for (int i = 0; i < rings->count; i++) {
		struct cpu_rings *cpu = &rings->cpus[i];

		/* fork(2) does not copy the memory of perf events. */
		cpu->ring.page = NULL;
		ring_retire(cpu);
	}
}

int rings_open_one(struct rings *rings, uint64_t number)
{
	struct raw_ring *ring;
	int error;

	if (number >= (uint64_t)rings->count)
		return -EINVAL;
	rings->untapped = true;
	ring = &rings->cpus[number].ring;
	/* A ring of an earlier call, which the reader could not map. */
	raw_ring_close(ring);
	error = raw_ring_open(ring, number, rings->size);
	if (error || !rings->tapped)
		return error ? error : ring->fd;
	/* That of the ring before, whose CPU has gone since. */
	tap_close(rings, &rings->cpus[number]);
	error = tap_open(rings, number);
	if (!error)
		ioctl(rings->cpus[number].tap, PERF_EVENT_IOC_ENABLE, 0);
	return error ? error : ring->fd;
}

int rings_publish_one(struct rings *rings, uint64_t number)
{
	struct reason reason;
	struct cpu_rings *cpu;
	int error;

	if (number >= (uint64_t)rings->count)
		return -EINVAL;
	cpu = &rings->cpus[number];
	error = ring_publish(rings, number, &reason);
	/* The reader has its own mapping. */
	raw_ring_unmap(&cpu->ring);
	/* The map may still have the old one: close nothing. */
	if (error)
		return error;
	raw_ring_close(&cpu->retired);
	ring_retire(cpu);
	return 0;
}

/* ------------------------------------------------------------------------
 * Maps
 */

/*
 * Parse sysfs's list of possible CPUs, "0-3,8-11" and a newline, into their
 * numbers. If the list is cut off, as the kernel does at the end of a page, the
 * last number, which may be incomplete, is ignored.
 */
static void parse_possible(const char *text, uint64_t *numbers)
{
	uint32_t first, last, count = 0;

	while (*text >= '0' && *text <= '9') {
		first = last = text_number(&text);
		if (*text == '-') {
			text++;
			last = text_number(&text);
		}
		if (!*text)
			return;
		for (; first <= last && count < CPU_MAX; first++)
			numbers[count++] = first;
		text += *text == ',';
	}
}

int rings_create_cpu_map(struct rings *rings, int sysfs, struct reason *reason)
{
	/* bpf(2) reads one value for each possible CPU. */
	static uint64_t numbers[CPU_MAX];
	/* A page and a NUL. */
	static char text[4096 + 1];
	const uint32_t zero = 0;
	int map, error;

	for (uint32_t i = 0; i < CPU_MAX; i++)
		numbers[i] = i;
	if (sysfs >= 0 && file_read(sysfs, "devices/system/cpu/possible", text,
				    sizeof(text)) > 0)
		parse_possible(text, numbers);
	map = map_create("accept_cpus", BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(zero),
			 sizeof(numbers[0]), 1, 0, reason);
	if (map < 0)
		return map;
	error = raw_map_put(map, &zero, numbers);
	if (error) {
		close(map);
		return reason_set(reason, STEP_MAP, error,
				  "cannot store the numbers of CPUs");
	}
	rings->cpu_map = map;
	return 0;
}

/* Map a BPF map into memory. Returns NULL if the kernel cannot (before 5.5). */
static void *map_memory(int map, size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/*
 * Whether tasks can be preempted in programs of system calls' tracepoints
 * (trace_call_bpf_faultable() in kernel/trace/bpf_trace.c, 7.2).
 */
static bool programs_preempt(void)
{
	return kernel_version() >= KERNEL_VERSION(7, 2, 0);
}

int rings_create_maps(struct rings *rings, struct reason *reason)
{
	static const struct accept_state asleep = { .wake = 1 };
	const int slots = rings->count * ACCEPT_SPILL;
	int error = 0;

	rings->state_count = rings->count * (programs_preempt() ? 2 : 1);
	rings->states = map_create("accept_states", BPF_MAP_TYPE_ARRAY,
				   sizeof(uint32_t), sizeof(asleep),
				   rings->state_count, BPF_F_MMAPABLE, reason);
	if (rings->states < 0)
		return rings->states;
	rings->mapped =
		map_memory(rings->states, rings->state_count * sizeof(asleep));
	for (int i = 0; i < rings->state_count && !error; i++)
		error = raw_map_set(rings->states, i, &asleep);
	if (error)
		return reason_set(reason, STEP_MAP, error,
				  "cannot set a slot of a BPF map");
	if (rings->first < 0)
		return 0;
	rings->spill = map_create("accept_spill", BPF_MAP_TYPE_ARRAY,
				  sizeof(uint32_t), sizeof(struct accept_event),
				  slots, BPF_F_MMAPABLE, reason);
	if (rings->spill < 0)
		return rings->spill;
	rings->map = map_create("accept_rings", BPF_MAP_TYPE_PERF_EVENT_ARRAY,
				sizeof(uint32_t), sizeof(int),
				ACCEPT_RING(rings->count, 0), 0, reason);
	if (rings->map < 0)
		return rings->map;
	error = rings_publish(rings, reason);
	rings->spilled =
		map_memory(rings->spill, slots * sizeof(struct accept_event));
	/* Use both or neither. */
	if (!rings->spilled)
		rings->mapped = NULL;
	return error;
}

uint64_t rings_sum(const struct rings *rings, size_t counter)
{
	struct accept_state state;
	uint64_t sum = 0;

	for (int i = 0; i < rings->state_count; i++) {
		if (rings->mapped)
			state = rings->mapped[i];
		else if (raw_map_get(rings->states, i, &state))
			continue;
		sum += *(uint64_t *)((char *)&state + counter);
	}
	return sum;
}

void rings_mark_proving(const struct rings *rings, bool proving)
{
	struct accept_state state;

	for (int i = 0; i < rings->state_count; i++) {
		if (rings->mapped) {
			raw_shared_store(&rings->mapped[i].proving, proving);
		} else if (!raw_map_get(rings->states, i, &state)) {
			/* Only counts of tests can be lost by this. */
			state.proving = proving;
			raw_map_set(rings->states, i, &state);
		}
	}
}

void rings_set_symbols(const struct rings *rings, struct symbols *symbols)
{
	const bool by_map = rings->cpu_map >= 0;

	symbols_set(symbols, SYM_CPU_BY_MAP, by_map);
	symbols_set(symbols, SYM_STATES_AT, 0);
	/* An unused symbol still needs a valid map. */
	symbols_set_map(symbols, SYM_CPU_NUMBERS,
			by_map ? rings->cpu_map : rings->states);
}
