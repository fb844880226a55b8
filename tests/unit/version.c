// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * version.c - kernel_version(): the number that kernels before 5.0 want of a
 * kprobe's program
 */
#include <sys/utsname.h>

#include "kernel/version.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void test_parse(void)
{
	static const struct {
		const char *text;
		uint32_t version;
	} some[] = {
		{ "4.4.155", 0x04049b },
		{ "4.9.168-1", 0x0409a8 },
		{ "4.9.257-custom", 0x0409ff },
		{ "4.19.304", 0x0413ff },
		{ "6.1.0-56-cloud-amd64", 0x060100 },
		{ "7.2", 0x070200 },
		{ "7.3-rc7", 0x070300 },
		{ "5", 0x050000 },
		{ "5.", 0x050000 },
		{ "", 0 },
		{ "x.4.4", 0 },
		{ "-4.4", 0 },
		{ "4.99999999999999999999.1", 0x04ff01 },
	};

	for (size_t i = 0; i < LENGTH(some); i++) {
		uint32_t version = version_parse(some[i].text);

		if (version != some[i].version)
			printf("# %#x\n", version);
		ok(version == some[i].version, "\"%s\" is %#x", some[i].text,
		   some[i].version);
	}
}

/* The release has no sublevel on Debian and Ubuntu: only what both tell. */
static void test_running(void)
{
	uint32_t version = kernel_version(), vdso = version_vdso();
	struct utsname name;

	uname(&name);
	printf("# %#x, by the vDSO %#x, %s\n", version, vdso, name.release);
	ok(version >> 8 == version_parse(name.release) >> 8,
	   "the running kernel's version is that of uname(2)");
	ok(!vdso || vdso == version, "the vDSO's goes first");
}

int main(void)
{
	test_parse();
	test_running();
	return done();
}
