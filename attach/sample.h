/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sample.h - events from the samples of a kprobe that fetches members of the
 * new sock, without BPF
 *
 * Nothing here looks at the system.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"
#include "bpf_raw.h"
#include "kernel/layout.h"

/* What is fetched: fields of a sample. */
enum sample_field {
	FIELD_FAMILY,
	/* skc_portpair. */
	FIELD_PORTS,
	/* skc_addrpair, and the IPv6 addresses in two halves. */
	FIELD_PAIR,
	FIELD_RADDR_1,
	FIELD_RADDR_2,
	FIELD_LADDR_1,
	FIELD_LADDR_2,
	FIELD_SPORT,
	/* sk_protocol, or what skc_prot and sk_prot_creator point to. */
	FIELD_PROTOCOL,
	FIELD_PROT,
	FIELD_CREATOR,
	FIELD_UID,
	FIELD_NETNS,
	FIELD_COMM,
	FIELD_COUNT
};

struct sample_format {
	/* Of each field, in bytes; the size of one that there is not is 0. */
	struct {
		uint16_t at;
		uint16_t size;
	} fields[FIELD_COUNT];
};

/* The most bytes of a sample that are looked at. */
#define SAMPLE_MAX 256

struct sample {
	struct raw_tap tap;
	/* How many bytes follow. */
	uint32_t size;
	unsigned char bytes[SAMPLE_MAX];
};

/*
 * Write the arguments of the probe, each with a blank before it. first: the
 * name of the register that has the sock. wanted: bits of enum accept_wants;
 * with_comm: the kernel knows $comm (since 4.8).
 */
void sample_arguments(char *text, size_t size, const struct layout *layout,
		      const char *first, uint32_t wanted, bool with_comm);

/*
 * For any_line() (base/lines.h): note where the field of that line of the
 * probe's file `format` is. Returns false.
 */
bool sample_line(void *format, char *line);

/* Whether all is there that sample_event() needs. */
bool sample_is_whole(const struct sample_format *format);

/*
 * Make the event, the whole of it. Returns false if the sample is not of TCP or
 * MPTCP.
 */
bool sample_event(const struct sample *sample,
		  const struct sample_format *format,
		  const struct layout *layout, struct accept_event *event);

#endif
