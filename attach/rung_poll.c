// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung_poll.c - poll: looks at /proc/net/tcp, where nothing reports accepts
 *
 * Only for who asks for it, as it does not see all.
 */
#include <linux/capability.h>

#include "base/rights.h"
#include "attach/clock.h"
#include "attach/rung.h"
#include "attach/sockets.h"
#include "attach/tracer.h"

const char rung_poll_offer[] = "--probe poll shows connections that last 0.1 s";

/* The filters are those that options.c lets through. */
static int poll_possible(const struct tracer *tracer, const struct rung *rung,
			 struct reason *reason)
{
	(void)tracer;
	(void)rung;
	(void)reason;
	return 0;
}

static int poll_open(struct tracer *tracer, const struct rung *rung,
		     struct reason *reason)
{
	int error;

	(void)rung;
	clock_read();
	error = sockets_open(&tracer->probe.look, &tracer->request, reason);
	if (!error)
		tracer->granted = tracer->request.wanted &
				  ~(ACCEPT_FIELD_CGROUP | ACCEPT_FIELDS_QUEUE);
	return error;
}

static void poll_say(const struct probe *probe)
{
	(void)probe;
	if (!has_capability(CAP_SYS_PTRACE) || in_user_namespace())
		say("note: PID and COMM are - for other users' processes, "
		    "which needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
}

static struct unseen poll_stop(struct probe *probe)
{
	struct unseen none = { 0 };

	(void)probe;
	sockets_stop();
	return none;
}

const struct rung rung_poll = {
	.name = "poll",
	.description = "looks at /proc/net/tcp",
	.limits = "connections that end within 0.1 s (--pace), between two "
		  "looks, or whose listener was there for less than ten; how "
		  "many is reported at the end",
	.possible = poll_possible,
	.open = poll_open,
	.say = poll_say,
	.stop = poll_stop,
	.without_bpf = true,
	.without_perf = true,
	.only_named = true,
};
