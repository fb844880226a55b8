/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * put.h - numbers, times and addresses as text
 *
 * A function put_*() writes at `to`, without a NUL, and returns the end of what
 * it wrote. The caller has made room.
 */
#ifndef PUT_H
#define PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "accept.h"
#include "cli/view.h"

/* Add blanks until the field that began at `from` is `width` wide. */
char *put_blanks(char *to, const char *from, int width);
char *put_text(char *to, const char *text);
char *put_number(char *to, uint64_t number);
/* Exactly that many digits, with zeros in front. */
char *put_digits(char *to, uint32_t number, int digits);
/* number / divisor, rounded, as thousandths: 1.234. */
char *put_thousandths(char *to, uint64_t number, uint64_t divisor);
/* HH:MM:SS; seconds: since midnight. */
char *put_clock(char *to, int seconds);
/* YYYY-MM-DDTHH:MM:SS; days: since 1970-01-01. */
char *put_date_time(char *to, int32_t days, int seconds);
/* What column TIME shows. */
char *put_local_time(char *to, const struct row_context *context);
/* address: event->raddr or event->laddr. */
char *put_address(char *to, const struct accept_event *event,
		  const uint8_t *address);

/* Whether it is an IPv4 address mapped into IPv6: ::ffff:a.b.c.d. */
bool address_is_mapped(const uint8_t *bytes);
/* Whether the connection is shown as one of IPv4. */
bool is_v4(const struct accept_event *event);
/* A port in host order. */
uint16_t port_of(uint16_t port_be);
/* How long the connection waited until it was accepted. */
uint64_t wait_ns(const struct accept_event *event);
/* The thread's name; NULL if unknown. */
const char *comm_of(const struct accept_event *event);
/* The process's name: also that of its first thread. NULL if unknown. */
const char *pcomm_of(const struct accept_event *event);

#endif
