/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * follow.h - what --cgroup and --netns name by a path, when it is made anew
 *
 * A service that is restarted has a new cgroup of the same path, and
 * ip-netns(8) makes a new network namespace of the same name. The keeper looks
 * the path up again and puts what is there now into the maps of the filters.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/filter.h"

struct followed {
	/* As the user calls it. */
	const char *option;
	const char *path;
	/* f_type of its file system; linux/magic.h. */
	long magic;
	/* What the maps have now. */
	uint64_t device;
	uint64_t inode;
	/* Since when it has been missing, or 0; that this was told. */
	uint64_t gone_ns;
	bool told;
};

struct follow {
	/* Readable when one of the paths may have changed; or -1. */
	int inotify;
	struct followed all[2];
	int count;
};

/* Before the keeper's sandbox; the first follow_look() may find something. */
void follow_open(struct follow *follow, const struct filters *filters);

/* How long to wait for `inotify`, at the most, before a look; ms, -1: for ever.
 */
int follow_timeout(const struct follow *follow);

/*
 * Look whether anything was made anew, or is gone. True with a message for the
 * user in `text`; then there may be more.
 */
bool follow_look(struct follow *follow, const struct filter_maps *maps,
		 char *text, size_t size);

#endif
