// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung.c - the rungs of the ladder, and how one is tried
 *
 * Sections: rungs, program, try.
 */
#include "attach/clock.h"
#include "attach/program.h"
#include "attach/rung.h"
#include "attach/selftest.h"
#include "attach/tracer.h"

/* ------------------------------------------------------------------------
 * Rungs
 */

const struct rung *const rungs[RUNG_COUNT] = {
	&rung_graft,  &rung_inet_accept, &rung_csk_return, &rung_syscall,
	&rung_cgroup, &rung_ftrace,	 &rung_poll,
};

/* ------------------------------------------------------------------------
 * Program
 */

/* Set a map; an unused symbol still needs a valid one, for which any does. */
static void set_map(struct symbols *symbols, const struct tracer *tracer,
		    enum symbol symbol, int map)
{
	symbols_set_map(symbols, symbol, map >= 0 ? map : tracer->rings.states);
}

_Static_assert(SYM_PROT_6 - SYM_PROT_1 == PROT_MAX - 1,
	       "PROT_MAX symbols in a row");

/* Set two symbols in a row to an address, or one to that of IPv4. */
static void set_address(struct symbols *symbols, enum symbol first,
			const struct accept_network *network)
{
	uint64_t words[2];
	uint32_t word;

	memcpy(words, network->address, sizeof(words));
	memcpy(&word, network->address, sizeof(word));
	symbols_set(symbols, first, network->version == 4 ? word : words[0]);
	symbols_set(symbols, first + 1, words[1]);
}

_Static_assert(SYM_NETWORK_2 - SYM_NETWORK_1 == 1 &&
		       SYM_NETWORK_MASK_2 - SYM_NETWORK_MASK_1 == 1,
	       "two symbols in a row");

/* Set the only network of -R; version 0: there is none, or a map of several. */
static void set_network(struct symbols *symbols, const struct filters *filters)
{
	struct accept_network network = { .prefix = 8 };

	if (filters && filters->network_count == 1)
		network = filters->networks[0];
	symbols_set(symbols, SYM_NETWORK_VERSION, network.version);
	set_address(symbols, SYM_NETWORK_1, &network);
	memset(network.address, 0xff, sizeof(network.address));
	network_cut(&network);
	set_address(symbols, SYM_NETWORK_MASK_1, &network);
}

/* Set the symbols that only the program `full` has. */
static void set_full(struct symbols *symbols, const struct tracer *tracer,
		     const struct rung *rung)
{
	const struct filter_maps *maps = &tracer->filter_maps;
	const struct layout *layout = &tracer->kernel.layout;

	symbols_set(symbols, SYM_WANTED, tracer->granted);
	symbols_set(symbols, SYM_BY_SYSCALL, rung->kind == HOOK_TRACEPOINT);
	symbols_set(symbols, SYM_BY_CGROUP, rung->kind == HOOK_CGROUP);
	symbols_set(symbols, SYM_TWIN, tracer->probe.twin.loads);
	symbols_set(symbols, SYM_BY_LISTENER, tracer->by_listener);
	symbols_set(symbols, SYM_SOCKETCALL, MACHINE_SOCKETCALL);
	symbols_set(symbols, SYM_SK_BACKLOG_BITS, layout->backlog_bits);
	set_network(symbols, tracer->request.filters);
	set_map(symbols, tracer, SYM_CHOSEN, maps->chosen);
	set_map(symbols, tracer, SYM_PORTS, maps->ports);
	set_map(symbols, tracer, SYM_NETWORKS, maps->networks);
	set_map(symbols, tracer, SYM_CGROUPS, maps->cgroups);
	set_map(symbols, tracer, SYM_CGROUP_MAP, maps->cgroup_map);
	set_map(symbols, tracer, SYM_MNTNS_MAP, maps->mntns_map);
	set_map(symbols, tracer, SYM_QUEUE, tracer->queue.connections);
	set_map(symbols, tracer, SYM_ACCEPTORS, tracer->queue.acceptors);
}

/* own_pids: show process IDs of our PID namespace, not the host's. */
static void set_all(struct symbols *symbols, const struct tracer *tracer,
		    const struct rung *rung, bool own_pids)
{
	const struct layout *layout = &tracer->kernel.layout;

	memset(symbols, 0, sizeof(*symbols));
	symbols->pidns_helper = own_pids;
	symbols_set_layout(symbols, layout);
	rings_set_symbols(&tracer->rings, symbols);
	if (tracer->probe.twin.loads == ACCEPT_TWIN_SECOND)
		symbols_set(symbols, SYM_STATES_AT, tracer->rings.count);
	symbols_set(symbols, SYM_SK_PROTOCOL_BITS, layout->protocol_bits);
	/* Unused ones repeat the first. */
	for (int i = 0; i < PROT_MAX; i++)
		symbols_set(symbols, SYM_PROT_1 + i,
			    layout->prots[i < layout->prot_count ? i : 0]);
	symbols_set(symbols, SYM_FILTER_PID, tracer->request.pid);
	symbols_set(symbols, SYM_FILTER_PORT, tracer->request.port);
	symbols_set(symbols, SYM_PIDNS_DEVICE, tracer->kernel.pidns_device);
	symbols_set(symbols, SYM_PIDNS_INODE,
		    own_pids ? tracer->kernel.pidns_inode : 0);
	symbols_set_map(symbols, SYM_RINGS, tracer->rings.map);
	symbols_set_map(symbols, SYM_STATES, tracer->rings.states);
	symbols_set_map(symbols, SYM_SPILL, tracer->rings.spill);
	symbols_set(symbols, SYM_BY_RETURN,
		    rung->kind == HOOK_KRETPROBE &&
			    tracer->probe.entry.threads >= 0);
	set_map(symbols, tracer, SYM_CALLS, tracer->probe.entry.threads);
	set_map(symbols, tracer, SYM_TWINS, tracer->probe.twin.seen);
	set_full(symbols, tracer, rung);
	symbols_set_map(symbols, SYM_RINGBUF, tracer->probe.cgroup.ringbuf);
	symbols_set_map(symbols, SYM_NOTES, tracer->probe.cgroup.notes);
}

void tracer_grant(struct tracer *tracer, uint32_t wanted)
{
	const bool whole = wanted & ACCEPT_FIELDS;

	tracer->granted = wanted | (whole ? ACCEPT_WHOLE : 0);
	tracer->event_size =
		whole ? sizeof(struct accept_event) : ACCEPT_EVENT_BASE;
}

int rung_load(struct tracer *tracer, const struct rung *rung,
	      enum program program, enum bpf_prog_type type,
	      enum bpf_attach_type hook, struct reason *reason)
{
	bool own_pids = tracer->kernel.pidns_inode, silent;
	struct raw_log log = { 0 };
	struct symbols symbols;
	int fd;

	for (;;) {
		set_all(&symbols, tracer, rung, own_pids);
		symbols.hook = hook;
		symbols_set(&symbols, SYM_BY_RELEASE,
			    hook == BPF_CGROUP_INET_SOCK_RELEASE);
		fd = program_load(type, program, &symbols, rung->sock, &log);
		if (fd != -EINVAL || !own_pids)
			break;
		/* The helper exists since 5.7, for cgroups since 6.10. */
		own_pids = false;
	}
	tracer->probe.host_pids = tracer->kernel.pidns_inode && !own_pids;
	if (fd < 0 && log.text && tracer->request.verbose)
		say_log(log.text);
	silent = !log.text || !log.text[0];
	raw_log_free(&log);
	if (fd == -EINVAL && silent)
		return reason_kernel(reason, "this kernel has no BPF for",
				     rung->description);
	return fd < 0 ? reason_set(reason, STEP_LOAD, fd,
				   "cannot load the BPF program") :
			fd;
}

/* ------------------------------------------------------------------------
 * Try
 */

/* The second copy is about to be attached: notes of before are not for it. */
static int twin_begins(const struct probe *probe, struct reason *reason)
{
	const uint32_t nobody = ACCEPT_NOBODY;
	const uint64_t now = clock_ns();
	int error = 0;

	if (probe->twin.seen >= 0)
		error = raw_map_put(probe->twin.seen, &nobody, &now);
	return error ? reason_set(reason, STEP_MAP, error,
				  "cannot store when it began") :
		       0;
}

int rung_run(struct tracer *tracer, const struct rung *rung,
	     struct reason *reason)
{
	const bool full = tracer->granted || rung->kind == HOOK_TRACEPOINT;
	struct probe *probe = &tracer->probe;
	int error;

	probe->program =
		rung_load(tracer, rung, full ? PROGRAM_FULL : PROGRAM_KPROBE,
			  rung_type(rung), 0, reason);
	if (probe->program < 0)
		return probe->program;
	error = twin_begins(probe, reason);
	if (error)
		return error;
	error = hooks_attach(probe, rung, probe->program, reason);
	if (error)
		return error;
	error = entry_attach(probe, reason);
	if (error)
		return error;
	return rung->sees_unix_accepts ? selftest_unix(probe, rung, reason) : 0;
}

bool is_short(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

struct reason *rung_lacks(struct tracer *tracer, const struct rung *rung)
{
	/* It is no way out where the user can give more. */
	const bool tries =
		rung->without_bpf && tracer->rings.first >= 0 &&
		(tracer->request.only || !is_short(tracer->lacks.error));

	if (rung->only_named)
		return NULL;
	if (tracer->lacks.error && !tries)
		return &tracer->lacks;
	if (rung->without_perf)
		return NULL;
	if (tracer->no_perf.error)
		return &tracer->no_perf;
	return tracer->refused.error && !rung->without_bpf ? &tracer->refused :
							     NULL;
}

int tracer_try(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason)
{
	const struct reason *lacks = rung_lacks(tracer, rung);
	int error;

	if (lacks) {
		*reason = *lacks;
		return reason->error;
	}
	error = rung->possible(tracer, rung, reason);
	if (error)
		return error;
	error = rung->open(tracer, rung, reason);
	if (error) {
		probe_close(&tracer->probe);
		return error;
	}
	tracer->probe.rung = rung;
	return 0;
}
