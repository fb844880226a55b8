// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * btf.c - btf_find() of btf.c over files that this test builds
 *
 * Sections: file, builder, answers, forms, size, strings, hostile, kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

/* ------------------------------------------------------------------------
 * File: how reads of it go
 */

static struct {
	/* The most that one read gives; 0: all. */
	size_t most;
	/* Every n-th read is interrupted; 0: none. */
	int interrupt;
	/* This read and those after fail; 0: none. */
	int fail;
	int reads;
} file;

static ssize_t file_pread(int fd, void *to, size_t length, off_t from)
{
	file.reads++;
	if (file.fail && file.reads >= file.fail) {
		errno = EIO;
		return -1;
	}
	if (file.interrupt && file.reads % file.interrupt == 0) {
		errno = EINTR;
		return -1;
	}
	if (file.most && length > file.most)
		length = file.most;
	return pread(fd, to, length, from);
}

#define pread file_pread
#include "kernel/btf.c"
#undef pread

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------------
 * Builder: a header, types, strings
 */

/* Bytes that grow. */
struct buffer {
	unsigned char *bytes;
	size_t size, room;
};

static void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
	if (buffer->size + size > buffer->room) {
		buffer->room = 2 * (buffer->size + size);
		buffer->bytes = realloc(buffer->bytes, buffer->room);
	}
	memcpy(buffer->bytes + buffer->size, bytes, size);
	buffer->size += size;
}

struct blob {
	struct buffer types, strings;
	/* Bytes of no meaning after the header and after the types. */
	struct buffer gap;
	/* The type that was made last. */
	uint32_t id;
	bool strings_first;
};

static struct blob blob_open(void)
{
	struct blob blob = { 0 };

	buffer_add(&blob.strings, "", 1);
	return blob;
}

static void blob_close(struct blob *blob)
{
	free(blob->types.bytes);
	free(blob->strings.bytes);
	free(blob->gap.bytes);
}

/* A string's offset; it is there once, as the kernel's strings are. */
static uint32_t blob_string(struct blob *blob, const char *text)
{
	const unsigned char *start = blob->strings.bytes, *at = start;
	const unsigned char *end = start + blob->strings.size;
	uint32_t offset = blob->strings.size;

	if (!text)
		return 0;
	for (; at < end; at += strlen((const char *)at) + 1)
		if (!strcmp((const char *)at, text))
			return at - start;
	buffer_add(&blob->strings, text, strlen(text) + 1);
	return offset;
}

static void blob_word(struct blob *blob, uint32_t word)
{
	buffer_add(&blob->types, &word, sizeof(word));
}

/* A type of whatever kind; `last` is its size or the type it refers to. */
static uint32_t blob_type(struct blob *blob, const char *name, uint32_t kind,
			  uint32_t vlen, uint32_t last)
{
	blob_word(blob, blob_string(blob, name));
	blob_word(blob, kind << 24 | vlen);
	blob_word(blob, last);
	return ++blob->id;
}

/* An integer whose `bits` lie `offset` bits into its `size` bytes. */
static uint32_t blob_int(struct blob *blob, const char *name, uint32_t size,
			 uint32_t offset, uint32_t bits)
{
	blob_type(blob, name, BTF_KIND_INT, 0, size);
	blob_word(blob, offset << 16 | bits);
	return blob->id;
}

/* Its members, `vlen` of them, must follow. */
static uint32_t blob_struct(struct blob *blob, const char *name, uint32_t vlen)
{
	return blob_type(blob, name, BTF_KIND_STRUCT, vlen, 64);
}

static uint32_t blob_union(struct blob *blob, const char *name, uint32_t vlen)
{
	return blob_type(blob, name, BTF_KIND_UNION, vlen, 64);
}

/* A struct with the flag that members' offsets hold bit field sizes too. */
static uint32_t blob_kflag(struct blob *blob, const char *name, uint32_t vlen)
{
	blob_struct(blob, name, vlen);
	blob->types.bytes[blob->types.size - 5] |= 0x80;
	return blob->id;
}

/* offset in bits; with the flag: size of the bit field << 24 | bits. */
static void blob_member(struct blob *blob, const char *name, uint32_t type,
			uint32_t offset)
{
	blob_word(blob, blob_string(blob, name));
	blob_word(blob, type);
	blob_word(blob, offset);
}

static struct btf_header blob_header(const struct blob *blob)
{
	struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_off = blob->gap.size,
		.type_len = blob->types.size,
		.str_off = blob->types.size + 2 * blob->gap.size,
		.str_len = blob->strings.size,
	};

	if (blob->strings_first) {
		header.str_off = blob->gap.size;
		header.type_off = blob->strings.size + 2 * blob->gap.size;
	}
	return header;
}

/* The whole file as bytes. */
static struct buffer blob_bytes(const struct blob *blob)
{
	const struct buffer *first = &blob->types, *then = &blob->strings;
	struct btf_header header = blob_header(blob);
	struct buffer bytes = { 0 };

	if (blob->strings_first) {
		first = &blob->strings;
		then = &blob->types;
	}
	buffer_add(&bytes, &header, sizeof(header));
	if (blob->gap.size)
		buffer_add(&bytes, blob->gap.bytes, blob->gap.size);
	buffer_add(&bytes, first->bytes, first->size);
	if (blob->gap.size)
		buffer_add(&bytes, blob->gap.bytes, blob->gap.size);
	buffer_add(&bytes, then->bytes, then->size);
	return bytes;
}

static int file_open(const void *bytes, size_t size)
{
	int fd = memfd_create("btf", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) {
		perror("memfd_create");
		exit(EXIT_FAILURE);
	}
	return fd;
}

/* ------------------------------------------------------------------------
 * Answers
 */

static int find_bytes(const void *bytes, size_t size,
		      struct btf_wanted *members, size_t count)
{
	int fd = file_open(bytes, size);
	int result;

	file.reads = 0;
	result = btf_find(fd, members, count);
	close(fd);
	return result;
}

static int find_all(const struct blob *blob, struct btf_wanted *members,
		    size_t count)
{
	struct buffer bytes = blob_bytes(blob);
	int result = find_bytes(bytes.bytes, bytes.size, members, count);

	free(bytes.bytes);
	return result;
}

/* The search gives `expected`, and no member. */
static bool gives(const struct blob *blob, const char *type, const char *member,
		  int expected)
{
	struct btf_wanted answer = {
		.type = type,
		.member = member,
		.found = true,
	};
	int result = find_all(blob, &answer, 1);

	if (result != expected)
		printf("# %s.%s: %d, not %d\n", type, member, result, expected);
	return result == expected && (result || !answer.found);
}

static bool is_missing(const struct blob *blob, const char *type,
		       const char *member)
{
	return gives(blob, type, member, 0);
}

/* The member is at that bit and has so many bits. */
static bool is_at(const struct blob *blob, const char *type, const char *member,
		  uint32_t bit_offset, uint32_t bit_size)
{
	struct btf_wanted answer = {
		.type = type,
		.member = member,
		.bit_offset = 0xdead,
		.bit_size = 0xdead,
	};
	int result = find_all(blob, &answer, 1);

	if (!result && answer.found && answer.bit_offset == bit_offset &&
	    answer.bit_size == bit_size)
		return true;
	printf("# %s.%s: %d, %sfound, bit %u size %u, not bit %u size %u\n",
	       type, member, result, answer.found ? "" : "not ",
	       answer.bit_offset, answer.bit_size, bit_offset, bit_size);
	return false;
}

/* ------------------------------------------------------------------------
 * Forms
 */

static void test_direct(void)
{
	struct blob blob = blob_open();
	uint32_t u16 = blob_int(&blob, "u16", 2, 0, 16);
	uint32_t u8 = blob_int(&blob, "u8", 1, 0, 8);

	blob_struct(&blob, "pair", 3);
	blob_member(&blob, "first", u16, 0);
	blob_member(&blob, "second", u8, 16);
	blob_member(&blob, "third", u16, 8000000);
	blob_union(&blob, "choice", 2);
	blob_member(&blob, "one", u8, 0);
	blob_member(&blob, "other", u16, 0);
	ok(is_at(&blob, "pair", "first", 0, 16), "a first member is found");
	ok(is_at(&blob, "pair", "second", 16, 8), "a later member is found");
	ok(is_at(&blob, "pair", "third", 8000000, 16),
	   "a member far into its struct is found");
	ok(is_at(&blob, "choice", "other", 0, 16),
	   "a member of a named union is found");
	ok(is_missing(&blob, "pair", "fourth"),
	   "a member whose name is nowhere is not found");
	ok(is_missing(&blob, "pair", "other"),
	   "a member that only another struct has is not found");
	ok(is_missing(&blob, "trio", "first"),
	   "a member of a struct that is nowhere is not found");
	ok(is_missing(&blob, "first", "first"),
	   "a member of a name that is no struct is not found");
	blob_close(&blob);
}

static void test_many(void)
{
	struct btf_wanted asked[] = {
		{ .type = "b", .member = "y" },
		{ .type = "a", .member = "x" },
		{ .type = "a", .member = "none" },
		{ .type = "a", .member = "y" },
		{ .type = "b", .member = "x" },
		{ .type = "a", .member = "x" },
	};
	static const uint32_t bits[] = { 64, 8, 0, 16, 32, 8 };
	struct blob blob = blob_open();
	uint32_t u8 = blob_int(&blob, "u8", 1, 0, 8);
	bool all;

	blob_struct(&blob, "a", 2);
	blob_member(&blob, "x", u8, 8);
	blob_member(&blob, "y", u8, 16);
	blob_struct(&blob, "b", 2);
	blob_member(&blob, "x", u8, 32);
	blob_member(&blob, "y", u8, 64);
	all = !find_all(&blob, asked, LENGTH(asked));
	for (size_t i = 0; i < LENGTH(asked); i++)
		all = all && asked[i].found == !!bits[i] &&
		      (!bits[i] || asked[i].bit_offset == bits[i]);
	ok(all, "many members are found at once, each in its own struct");
	blob_close(&blob);
}

/* Types that a member refers to come later, and nothing else that is wanted. */
static void test_forward(void)
{
	struct blob blob = blob_open();

	blob_struct(&blob, "target", 2);
	blob_member(&blob, NULL, 2, 64);
	blob_member(&blob, "size", 5, 32);
	blob_union(&blob, NULL, 1);
	blob_member(&blob, "inner", 3, 8);
	blob_type(&blob, "t", BTF_KIND_TYPEDEF, 0, 4);
	blob_int(&blob, "u16", 2, 0, 16);
	ok(is_at(&blob, "target", "inner", 72, 16),
	   "types may come behind the members that have them");
	ok(gives(&blob, "target", "size", -EBADMSG),
	   "a member of a type behind the last is an error");
	blob_close(&blob);
}

static void test_anonymous(void)
{
	struct blob blob = blob_open();
	uint32_t u32 = blob_int(&blob, "u32", 4, 0, 32);
	uint32_t inner, middle, outer, named;

	inner = blob_struct(&blob, NULL, 2);
	blob_member(&blob, "deep", u32, 96);
	blob_member(&blob, "deeper", u32, 128);
	middle = blob_union(&blob, NULL, 2);
	blob_member(&blob, "flat", u32, 0);
	blob_member(&blob, NULL, inner, 0);
	outer = blob_struct(&blob, NULL, 2);
	blob_member(&blob, "before", u32, 0);
	blob_member(&blob, NULL, middle, 32);
	named = blob_struct(&blob, "named", 1);
	blob_member(&blob, "hidden", u32, 0);
	blob_struct(&blob, "whole", 4);
	blob_member(&blob, NULL, middle, 1024);
	blob_member(&blob, NULL, outer, 2048);
	blob_member(&blob, "part", named, 4096);
	blob_member(&blob, "after", u32, 8192);

	ok(is_at(&blob, "whole", "flat", 1024, 32),
	   "a member of an anonymous union is found");
	ok(is_at(&blob, "whole", "deeper", 1024 + 128, 32),
	   "a member of an anonymous struct in an anonymous union is found");
	ok(is_at(&blob, "whole", "before", 2048, 32),
	   "a member of an anonymous struct is found");
	ok(is_at(&blob, "whole", "after", 8192, 32),
	   "a member behind anonymous ones is found");
	ok(is_missing(&blob, "whole", "hidden"),
	   "a member of a member with a name is not taken for the struct's");
	ok(is_missing(&blob, "whole", "nowhere"),
	   "an anonymous member is not taken for one whose name is nowhere");
	blob_close(&blob);
}

/* What follows an array's type could be a member of that name. */
static void test_anonymous_other(void)
{
	struct blob blob = blob_open();
	uint32_t u8 = blob_int(&blob, "u8", 1, 0, 8);
	uint32_t array = blob_type(&blob, NULL, BTF_KIND_ARRAY, 0, 0);

	blob_word(&blob, blob_string(&blob, "member"));
	blob_word(&blob, u8);
	blob_word(&blob, 0);
	blob_struct(&blob, "whole", 3);
	blob_member(&blob, NULL, u8, 0);
	blob_member(&blob, NULL, array, 0);
	blob_member(&blob, "behind", u8, 8);
	ok(is_missing(&blob, "whole", "member") &&
		   is_at(&blob, "whole", "behind", 8, 8),
	   "an anonymous member that is no struct or union has no members");
	blob_close(&blob);
}

/* The member is in `depth` anonymous structs, each a byte into the next. */
static struct blob nested(int depth)
{
	struct blob blob = blob_open();
	uint32_t u8 = blob_int(&blob, "u8", 1, 0, 8);
	uint32_t id = blob_struct(&blob, depth ? NULL : "whole", 1);

	blob_member(&blob, "core", u8, 8);
	for (int i = 1; i <= depth; i++) {
		uint32_t within = id;

		id = blob_struct(&blob, i == depth ? "whole" : NULL, 1);
		blob_member(&blob, NULL, within, 8);
	}
	return blob;
}

static void test_depth(void)
{
	struct blob blob;
	bool all = true;

	for (int depth = 0; depth <= BTF_DEPTH; depth++) {
		blob = nested(depth);
		all = all && is_at(&blob, "whole", "core", 8 * (depth + 1), 8);
		blob_close(&blob);
	}
	ok(all, "a member up to %d anonymous structs deep is found", BTF_DEPTH);
	blob = nested(BTF_DEPTH + 1);
	ok(is_missing(&blob, "whole", "core"), "a member deeper is not found");
	blob_close(&blob);
}

static void test_bitfields(void)
{
	struct blob blob = blob_open();
	uint32_t u32 = blob_int(&blob, "u32", 4, 0, 32);
	uint32_t three = blob_int(&blob, "three", 4, 5, 3);
	uint32_t inner, old;

	inner = blob_kflag(&blob, NULL, 2);
	blob_member(&blob, "within", u32, 7 << 24 | 9);
	blob_member(&blob, "plain", u32, 32);
	old = blob_struct(&blob, NULL, 1);
	blob_member(&blob, "old_within", three, 8);
	blob_kflag(&blob, "new", 5);
	blob_member(&blob, "bits", u32, 5 << 24 | 65);
	blob_member(&blob, "word", u32, 96);
	blob_member(&blob, "widest", u32, 255u << 24 | 0xffffff);
	blob_member(&blob, NULL, inner, 128);
	blob_member(&blob, NULL, old, 256);
	blob_struct(&blob, "old", 3);
	blob_member(&blob, "bits", three, 64);
	blob_member(&blob, "far", u32, 0x01000040);
	blob_member(&blob, NULL, inner, 0x01000040);

	ok(is_at(&blob, "new", "bits", 65, 5),
	   "a bit field of kind_flag has its own offset and size");
	ok(is_at(&blob, "new", "word", 96, 32),
	   "no bit field beside bit fields has its type's size");
	ok(is_at(&blob, "new", "widest", 0xffffff, 255),
	   "a bit field's size and offset are 8 and 24 bits");
	ok(is_at(&blob, "new", "within", 128 + 9, 7),
	   "a bit field in an anonymous struct is found");
	ok(is_at(&blob, "new", "plain", 128 + 32, 32),
	   "a bit field before it leaves a member its size");
	ok(is_at(&blob, "old", "bits", 64 + 5, 3),
	   "a bit field of old has its offset and size from its integer");
	ok(is_at(&blob, "new", "old_within", 256 + 8 + 5, 3),
	   "a bit field of old in a struct of new is found");
	ok(is_at(&blob, "old", "far", 0x01000040, 32),
	   "without kind_flag an offset has 32 bits");
	ok(is_at(&blob, "old", "within", 0x01000040 + 9, 7),
	   "a bit field of new in a struct of old is found");
	blob_close(&blob);
}

static void test_sizes(void)
{
	struct blob blob = blob_open();
	uint32_t u16 = blob_int(&blob, "u16", 2, 0, 16);
	uint32_t ids[12], count = 0, id = u16;
	static const uint32_t chain[] = { BTF_KIND_TYPEDEF,  BTF_KIND_CONST,
					  BTF_KIND_VOLATILE, BTF_KIND_RESTRICT,
					  18 /* TYPE_TAG */, BTF_KIND_TYPEDEF };
	char name[8];

	for (size_t i = 0; i < LENGTH(chain); i++)
		id = blob_type(&blob, "alias", chain[i], 0, id);
	ids[count++] = id;
	for (int i = 0; i < 20; i++)
		id = blob_type(&blob, NULL, BTF_KIND_CONST, 0, id);
	ids[count++] = id;
	ids[count++] = blob_type(&blob, NULL, BTF_KIND_PTR, 0, id);
	ids[count++] = blob_type(&blob, "e", BTF_KIND_ENUM, 0, 4);
	ids[count++] = blob_type(&blob, "e64", 19, 0, 8);
	ids[count++] = blob_struct(&blob, "inner", 0);
	ids[count++] = blob_type(&blob, NULL, BTF_KIND_ARRAY, 0, 0);
	blob_word(&blob, u16);
	blob_word(&blob, u16);
	blob_word(&blob, 4);
	blob_struct(&blob, "all", count);
	for (uint32_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		blob_member(&blob, name, ids[i], 64 * i);
	}
	ok(is_at(&blob, "all", "m0", 0, 16),
	   "the size is found behind typedef, const, volatile, restrict, tag");
	ok(is_at(&blob, "all", "m1", 64, 16),
	   "the size is found behind a chain of 26");
	ok(is_at(&blob, "all", "m2", 128, 64), "a pointer has 64 bits");
	ok(is_at(&blob, "all", "m3", 192, 32), "an enum has its size");
	ok(is_at(&blob, "all", "m4", 256, 64), "an enum64 has its size");
	ok(is_at(&blob, "all", "m5", 320, 0), "a struct has no integer's size");
	ok(is_at(&blob, "all", "m6", 384, 0), "an array has no integer's size");
	blob_close(&blob);
}

/* Everything that may have the struct's name before the struct comes. */
static void test_same_name(void)
{
	static const uint32_t kinds[] = { BTF_KIND_FWD, BTF_KIND_TYPEDEF,
					  BTF_KIND_FUNC, BTF_KIND_ENUM,
					  BTF_KIND_FLOAT };
	struct blob blob = blob_open();
	uint32_t u8 = blob_int(&blob, "u8", 1, 0, 8);

	for (size_t i = 0; i < LENGTH(kinds); i++)
		blob_type(&blob, "sock", kinds[i], 0, u8);
	/* Its values have the form of members. */
	blob_type(&blob, "sock", 19 /* ENUM64 */, 1, 8);
	blob_member(&blob, "member", u8, 0);
	blob_struct(&blob, "sock", 0);
	blob_struct(&blob, "sock", 1);
	blob_member(&blob, "other", u8, 8);
	blob_struct(&blob, "sock", 1);
	blob_member(&blob, "member", u8, 16);
	blob_struct(&blob, "sock", 1);
	blob_member(&blob, "member", u8, 24);
	blob_struct(&blob, "member", 1);
	blob_member(&blob, "sock", u8, 32);
	ok(is_at(&blob, "sock", "member", 16, 8),
	   "the first struct of that name that has the member answers");
	ok(is_at(&blob, "sock", "other", 8, 8),
	   "a struct of that name without the member stands in no one's way");
	ok(is_at(&blob, "member", "sock", 32, 8),
	   "a name may be a struct's and a member's");
	blob_close(&blob);
}

/* Each kind with what follows it: words of all ones, no end if misread. */
static void test_kinds(void)
{
	static const struct {
		const char *name;
		uint32_t kind, vlen, words;
	} kinds[] = {
		{ "INT", 1, 0, 1 },
		{ "PTR", 2, 0, 0 },
		{ "ARRAY", 3, 0, 3 },
		{ "STRUCT", 4, 3, 9 },
		{ "UNION", 5, 3, 9 },
		{ "ENUM", 6, 3, 6 },
		{ "FWD", 7, 0, 0 },
		{ "TYPEDEF", 8, 0, 0 },
		{ "VOLATILE", 9, 0, 0 },
		{ "CONST", 10, 0, 0 },
		{ "RESTRICT", 11, 0, 0 },
		{ "FUNC", 12, 0, 0 },
		{ "FUNC with linkage", 12, 2, 0 },
		{ "FUNC_PROTO", 13, 3, 6 },
		{ "VAR", 14, 0, 1 },
		{ "DATASEC", 15, 3, 9 },
		{ "FLOAT", 16, 0, 0 },
		{ "DECL_TAG", 17, 0, 1 },
		{ "TYPE_TAG", 18, 0, 0 },
		{ "ENUM64", 19, 3, 9 },
		{ "large STRUCT", 4, 1000, 3000 },
		{ "largest ENUM", 6, 65535, 131070 },
		{ "DATASEC of more than 16 bits", 15, 65546, 196638 },
		{ "DATASEC of 200,000", 15, 200000, 600000 },
	};

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		struct blob blob = blob_open();

		blob_type(&blob, "front", kinds[i].kind, kinds[i].vlen, 4);
		for (uint32_t word = 0; word < kinds[i].words; word++)
			blob_word(&blob, UINT32_MAX);
		blob_int(&blob, "u8", 1, 0, 8);
		blob_struct(&blob, "target", 1);
		blob_member(&blob, "member", 2, 40);
		ok(is_at(&blob, "target", "member", 40, 8),
		   "a type behind %s is found", kinds[i].name);
		blob_close(&blob);
	}
}

static void test_unknown_kind(void)
{
	static const uint32_t kinds[] = { 0, 20, 31, 32, 127 };
	bool all = true;

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		struct blob blob = blob_open();

		blob_type(&blob, "front", kinds[i], 0, 0);
		blob_string(&blob, "target");
		all = all && gives(&blob, "target", "front", -EOPNOTSUPP);
		blob_close(&blob);
	}
	ok(all, "a kind unknown to us is told as such");
}

/*
 * As gives(), of a file with a layout section: each of `count` kinds has 8
 * bytes more, and 4 for each of its elements.
 */
static bool gives_by_layout(const struct blob *blob, uint32_t count,
			    uint32_t offset, int expected)
{
	static const uint8_t kind[] = { 8, 4, 0, 0 };
	struct btf_wanted asked = { .type = "target", .member = "member" };
	struct btf_header header = blob_header(blob);
	struct buffer whole = blob_bytes(blob), bytes = { 0 };
	uint32_t layout[] = { whole.size - BTF_HEADER_SIZE + offset,
			      4 * count };
	int result;

	header.hdr_len = 32;
	buffer_add(&bytes, &header, BTF_HEADER_SIZE);
	buffer_add(&bytes, layout, sizeof(layout));
	buffer_add(&bytes, whole.bytes + BTF_HEADER_SIZE,
		   whole.size - BTF_HEADER_SIZE);
	for (uint32_t i = 0; i < count; i++)
		buffer_add(&bytes, kind, sizeof(kind));
	result = find_bytes(bytes.bytes, bytes.size, &asked, 1);
	free(whole.bytes);
	free(bytes.bytes);
	return result == expected &&
	       (result || (asked.found && asked.bit_offset == 40));
}

/* The target is behind a type of 2 + 5 words. */
static struct blob behind_unknown(uint32_t kind)
{
	struct blob blob = blob_open();

	blob_type(&blob, "front", kind, 5, 4);
	for (int word = 0; word < 7; word++)
		blob_word(&blob, UINT32_MAX);
	blob_int(&blob, "u8", 1, 0, 8);
	blob_struct(&blob, "target", 1);
	blob_member(&blob, "member", 2, 40);
	return blob;
}

static void test_layout(void)
{
	struct blob blob = behind_unknown(20), last = behind_unknown(127);

	ok(gives_by_layout(&blob, 21, 0, 0) &&
		   gives_by_layout(&last, 128, 0, 0) &&
		   gives_by_layout(&last, 1000, 0, 0),
	   "a type behind a kind that the layout section has is found");
	ok(gives_by_layout(&blob, 20, 0, -EOPNOTSUPP) &&
		   gives_by_layout(&last, 127, 0, -EOPNOTSUPP) &&
		   gives_by_layout(&blob, 0, 0, -EOPNOTSUPP),
	   "a kind that it does not have is unknown");
	ok(gives_by_layout(&blob, 21, 1, -EOPNOTSUPP) &&
		   gives_by_layout(&blob, 21, UINT32_MAX - 1000, -EOPNOTSUPP),
	   "a layout section beyond the file is none");
	blob_close(&blob);
	blob_close(&last);
	blob = behind_unknown(15);
	ok(gives_by_layout(&blob, 21, 0, -EBADMSG),
	   "a kind known to us has the size that we know");
	blob_close(&blob);
}

/* nested(1) with a header of a version to come, longer by 40 bytes. */
static bool long_header(const struct blob *blob)
{
	struct btf_wanted asked = { .type = "whole", .member = "core" };
	struct btf_header header = blob_header(blob);
	struct buffer whole = blob_bytes(blob), bytes = { 0 };
	unsigned char more[40];
	int result;

	header.hdr_len += sizeof(more);
	memset(more, 0xff, sizeof(more));
	buffer_add(&bytes, &header, sizeof(header));
	buffer_add(&bytes, more, sizeof(more));
	buffer_add(&bytes, whole.bytes + sizeof(header),
		   whole.size - sizeof(header));
	result = find_bytes(bytes.bytes, bytes.size, &asked, 1);
	free(whole.bytes);
	free(bytes.bytes);
	return !result && asked.found && asked.bit_offset == 16;
}

static void test_sections(void)
{
	struct blob blob = nested(1);
	unsigned char gap[100];

	memset(gap, 0xff, sizeof(gap));
	buffer_add(&blob.gap, gap, sizeof(gap));
	ok(is_at(&blob, "whole", "core", 16, 8),
	   "sections may have bytes between them");
	blob.strings_first = true;
	ok(is_at(&blob, "whole", "core", 16, 8),
	   "strings may come before types");
	blob_close(&blob);

	blob = nested(1);
	ok(long_header(&blob), "a header may be longer than the one we know");
	blob_close(&blob);
}

/* ------------------------------------------------------------------------
 * Size: many types, one window, an index of limited length
 */

/* Types of all lengths; every 1000th, and the first and last, anonymous. */
#define CROWD_STEP 1000

static uint32_t crowd_bit(uint32_t id)
{
	return id * 5;
}

static void crowd_name(char *name, uint32_t id)
{
	sprintf(name, "m%u", id);
}

static void crowd_anonymous(struct blob *blob, bool named)
{
	char name[16];

	crowd_name(name, blob->id + 1);
	blob_struct(blob, NULL, 1);
	if (named)
		blob_member(blob, name, 1, crowd_bit(blob->id));
	else
		/* The strings stay few. */
		blob_member(blob, "filler", 1, 0);
}

/* `count` types, and then struct crowd of all that are anonymous. */
static struct blob crowd(uint32_t count)
{
	struct blob blob = blob_open();
	uint32_t members = (count - 2 + CROWD_STEP - 1) / CROWD_STEP + 1;

	blob_int(&blob, "u8", 1, 0, 8);
	while (blob.id < count) {
		if (blob.id % CROWD_STEP == 1 || blob.id + 1 == count)
			crowd_anonymous(&blob, true);
		else if (blob.id % 3)
			blob_type(&blob, NULL, BTF_KIND_PTR, 0, 1);
		else if (blob.id % 2)
			crowd_anonymous(&blob, false);
		else
			blob_int(&blob, "u8", 1, 0, 8);
	}
	blob_struct(&blob, "crowd", members);
	for (uint32_t id = 2; id < count; id += CROWD_STEP)
		blob_member(&blob, NULL, id, 0);
	blob_member(&blob, NULL, count, 0);
	return blob;
}

/* Each anonymous struct's member is found through struct crowd. */
static bool crowd_found(uint32_t count)
{
	struct blob blob = crowd(count);
	struct buffer bytes = blob_bytes(&blob);
	struct btf_wanted asked[BTF_NAMES - 1];
	char names[BTF_NAMES - 1][16];
	uint32_t ids[BTF_NAMES - 1];
	uint32_t id = 2, asked_count;
	bool all = true;

	do {
		memset(asked, 0, sizeof(asked));
		for (asked_count = 0; asked_count < LENGTH(asked) && id;) {
			ids[asked_count] = id;
			crowd_name(names[asked_count], id);
			asked[asked_count].type = "crowd";
			asked[asked_count].member = names[asked_count];
			asked_count++;
			if (id == count)
				id = 0;
			else
				id = id + CROWD_STEP < count ? id + CROWD_STEP :
							       count;
		}
		all = all &&
		      !find_bytes(bytes.bytes, bytes.size, asked, asked_count);
		for (uint32_t i = 0; i < asked_count; i++)
			all = all && asked[i].found &&
			      asked[i].bit_offset == crowd_bit(ids[i]) &&
			      asked[i].bit_size == 8;
	} while (id && all);
	free(bytes.bytes);
	blob_close(&blob);
	return all;
}

static void test_crowd(void)
{
	/* The index has 4096 places, at first one for each 16th type. */
	const uint32_t edge = BTF_INDEX * 16;
	bool all = true;

	ok(crowd_found(1000), "a type among 1,000 is found by its number");
	for (uint32_t count = edge - 18; count <= edge + 34; count += 13)
		all = all && crowd_found(count);
	for (uint32_t count = edge - 1; count <= edge + 1; count++)
		all = all && crowd_found(count);
	ok(all, "a type is found by its number as the index fills up");
	all = crowd_found(2 * edge - 1) && crowd_found(2 * edge) &&
	      crowd_found(2 * edge + 1);
	ok(all, "a type is found by its number as the index thins out");
	ok(crowd_found(200000), "a type among 200,000 is found by its number");
	if (!tap_valgrind())
		ok(crowd_found(600001),
		   "a type among 600,001 is found by its number");
}

/* Bytes from the window are the file's, whatever was asked for before. */
static void test_window(void)
{
	static struct btf_file btf;
	const size_t size = 5 * BTF_WINDOW / 2;
	unsigned char *bytes = malloc(size);
	uint64_t state = 99;
	bool same = true, within = true;

	for (size_t i = 0; i < size; i++)
		bytes[i] = tap_random(&state) >> 56;
	memset(&btf, 0, sizeof(btf));
	btf.fd = file_open(bytes, size);
	btf.window = btf.buffer;
	for (int i = 0; i < 20000; i++) {
		uint64_t at = tap_random(&state) % (size + 100);
		size_t need = tap_random(&state) % 100;
		const unsigned char *found;

		if (i % 7 == 0)
			need = tap_random(&state) % (BTF_WINDOW + 1);
		/* The next piece, mostly. */
		if (i % 3)
			at = btf.at + tap_random(&state) % (btf.length + 50);
		file.most = 1 + tap_random(&state) % 5000;
		need += !need;
		found = btf_bytes(&btf, at, need);
		if (!found != (at + need > size) ||
		    (found && memcmp(found, bytes + at, need)))
			same = false;
		if (btf.length > sizeof(btf.buffer) ||
		    (found && found + need > btf.window + btf.length))
			within = false;
	}
	file.most = 0;
	close(btf.fd);
	free(bytes);
	ok(same, "the window shows the bytes of the file and none beyond it");
	ok(within, "the window holds all that was asked for");
}

static void test_reads(void)
{
	static const size_t most[] = { 4096, 4095, 100, 7, 1 };
	struct blob blob = crowd(3000);

	for (size_t i = 0; i < LENGTH(most); i++) {
		file.most = most[i];
		ok(is_at(&blob, "crowd", "m2002", crowd_bit(2002), 8),
		   "a file that gives %zu bytes a read is read", most[i]);
	}
	file.most = 1000;
	file.interrupt = 3;
	ok(is_at(&blob, "crowd", "m2002", crowd_bit(2002), 8),
	   "an interrupted read is done again");
	file.most = file.interrupt = 0;
	blob_close(&blob);
}

static void test_read_fails(void)
{
	struct blob blob = crowd(3000);
	bool all;
	int reads;

	file.most = 1000;
	all = is_at(&blob, "crowd", "m2002", crowd_bit(2002), 8);
	reads = file.reads;
	for (file.fail = 1; file.fail <= reads; file.fail++)
		all = all && gives(&blob, "crowd", "m2002", -EIO);
	file.fail = file.most = 0;
	ok(all && reads > 10, "a read that fails is told, whichever it is");
	blob_close(&blob);
}

/* ------------------------------------------------------------------------
 * Strings
 */

/* A struct and its member behind `size` bytes of strings of `each` bytes. */
static struct blob behind_strings(size_t size, size_t each)
{
	struct blob blob = blob_open();
	char *filler = malloc(each + 1);

	memset(filler, 'x', each);
	filler[each] = '\0';
	while (blob.strings.size + each + 1 <= size)
		buffer_add(&blob.strings, filler, each + 1);
	while (blob.strings.size < size)
		buffer_add(&blob.strings, "", 1);
	free(filler);
	blob_int(&blob, NULL, 1, 0, 8);
	blob_struct(&blob, "skc_common_name", 1);
	blob_member(&blob, "skc_member", 1, 8);
	return blob;
}

static bool found_behind_strings(size_t size, size_t each)
{
	struct blob blob = behind_strings(size, each);
	bool all = is_at(&blob, "skc_common_name", "skc_member", 8, 8);

	blob_close(&blob);
	return all;
}

static void test_string_places(void)
{
	const size_t window = BTF_WINDOW;
	bool all = true;

	for (size_t size = 1; size < 300; size++)
		all = all && found_behind_strings(size, 20);
	ok(all, "names are found wherever they start");
	for (size_t size = window - 200; size < window + 100; size++)
		all = all && found_behind_strings(size, 20);
	for (size_t size = 3 * window - 200; size < 3 * window + 100; size++)
		all = all && found_behind_strings(size, 13);
	ok(all, "names across the end of the window are found");
	file.most = 4096;
	for (size_t size = 4096 - 100; size < 4096 + 100; size++)
		all = all && found_behind_strings(size, 20);
	file.most = 0;
	ok(all, "names across the end of a page are found");
}

static void test_string_long(void)
{
	const size_t window = BTF_WINDOW;
	bool all = true;

	for (size_t each = 60; each < 70; each++)
		all = all && found_behind_strings(10 * each, each);
	ok(all, "names behind strings as long as the longest name are found");
	for (size_t each = window - 4; each < window + 4; each++)
		all = all && found_behind_strings(3 * each, each);
	all = all && found_behind_strings(100000, 99990);
	ok(all, "names behind strings longer than the window are found");
}

/*
 * A long string ends in the name: wherever the window cuts it, its end is not
 * the name. The name itself comes later, and the struct has that one.
 */
static bool found_behind_tail(size_t length)
{
	struct blob blob = blob_open();
	char *text = malloc(length + 11);
	bool found;

	memset(text, 'x', length);
	memcpy(text + length, "skc_member", sizeof("skc_member"));
	blob_string(&blob, text);
	free(text);
	blob_int(&blob, NULL, 1, 0, 8);
	blob_struct(&blob, "common", 1);
	blob_member(&blob, "skc_member", 1, 8);
	found = is_at(&blob, "common", "skc_member", 8, 8);
	blob_close(&blob);
	return found;
}

static void test_string_tail(void)
{
	const size_t window = BTF_WINDOW;
	bool all = true;

	for (size_t length = 1; length < 200; length++)
		all = all && found_behind_tail(length);
	for (size_t length = window - 100; length < window + 100; length++)
		all = all && found_behind_tail(length);
	for (size_t length = 2 * window - 100; length < 2 * window; length++)
		all = all && found_behind_tail(length);
	ok(all, "the end of a longer string is not taken for a name");
}

static void test_string_like(void)
{
	static const char *const like[] = { "skc_membe",  "skc_members",
					    "kc_member",  "sXc_member",
					    "skc_nember", "skc_mem",
					    "Skc_member" };
	struct blob blob = blob_open();

	for (size_t i = 0; i < LENGTH(like); i++)
		blob_string(&blob, like[i]);
	blob_int(&blob, NULL, 1, 0, 8);
	blob_struct(&blob, "common", LENGTH(like) + 1);
	for (size_t i = 0; i < LENGTH(like); i++)
		blob_member(&blob, like[i], 1, 8 * i);
	blob_member(&blob, "skc_member", 1, 800);
	ok(is_at(&blob, "common", "skc_member", 800, 8),
	   "names that are alike are told apart");
	blob_close(&blob);
}

/* No BTF that was deduplicated has it so. */
static void test_string_twice(void)
{
	struct blob blob = blob_open();
	uint32_t u8 = blob_int(&blob, NULL, 1, 0, 8);

	blob_string(&blob, "common");
	for (int i = 0; i < 5; i++)
		buffer_add(&blob.strings, "common", sizeof("common"));
	blob_struct(&blob, "common", 1);
	blob_member(&blob, "member", u8, 8);
	ok(is_at(&blob, "common", "member", 8, 8),
	   "a name that is there twice does not end the search for others");
	blob_close(&blob);
}

static void test_name_limits(void)
{
	struct btf_wanted asked[BTF_NAMES];
	char names[BTF_NAMES][16], longest[BTF_NAME_MAX + 2];
	struct blob blob = blob_open();
	bool all;

	memset(longest, 'n', sizeof(longest));
	longest[BTF_NAME_MAX] = '\0';
	blob_int(&blob, NULL, 1, 0, 8);
	blob_struct(&blob, "common", BTF_NAMES + 1);
	blob_member(&blob, longest, 1, 8);
	memset(asked, 0, sizeof(asked));
	for (uint32_t i = 0; i < BTF_NAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		blob_member(&blob, names[i], 1, 8 * i);
		asked[i].type = "common";
		asked[i].member = names[i];
	}
	ok(is_at(&blob, "common", longest, 8, 8), "a name of %d bytes is found",
	   BTF_NAME_MAX);
	longest[BTF_NAME_MAX] = 'n';
	longest[BTF_NAME_MAX + 1] = '\0';
	ok(gives(&blob, "common", longest, -E2BIG),
	   "a name of %d bytes is refused", BTF_NAME_MAX + 1);
	all = !find_all(&blob, asked, BTF_NAMES - 1);
	for (uint32_t i = 0; i < BTF_NAMES - 1; i++)
		all = all && asked[i].found && asked[i].bit_offset == 8 * i;
	ok(all, "%d names are looked for at once", BTF_NAMES);
	ok(find_all(&blob, asked, BTF_NAMES) == -E2BIG, "%d names are refused",
	   BTF_NAMES + 1);
	blob_close(&blob);
}

/* ------------------------------------------------------------------------
 * Hostile
 */

/* A little of everything, and the names looked for last. */
static struct blob sampler(void)
{
	struct blob blob = blob_open();
	uint32_t u32, u16, inner;

	u32 = blob_int(&blob, "int", 4, 0, 32);
	u16 = blob_type(&blob, "t", BTF_KIND_TYPEDEF, 0, 3);
	blob_int(&blob, "s", 2, 0, 16);
	blob_type(&blob, "e", BTF_KIND_ENUM, 1, 4);
	blob_word(&blob, 1);
	blob_word(&blob, 7);
	inner = blob_union(&blob, NULL, 2);
	blob_member(&blob, "u", u32, 0);
	blob_member(&blob, "family", u16, 0);
	blob_kflag(&blob, "common", 3);
	blob_member(&blob, "first", u32, 0);
	blob_member(&blob, NULL, inner, 64);
	blob_member(&blob, "bits", u32, 8 << 24 | 128);
	return blob;
}

/* What sampler() holds, asked of `bytes`. */
static int find_sample(const void *bytes, size_t size,
		       struct btf_wanted asked[2])
{
	memset(asked, 0, 2 * sizeof(*asked));
	asked[0].type = asked[1].type = "common";
	asked[0].member = "family";
	asked[1].member = "bits";
	return find_bytes(bytes, size, asked, 2);
}

static bool is_sample(const struct btf_wanted asked[2])
{
	return asked[0].found && asked[0].bit_offset == 64 &&
	       asked[0].bit_size == 16 && asked[1].found &&
	       asked[1].bit_offset == 128 && asked[1].bit_size == 8;
}

static void test_truncated(void)
{
	struct blob blob = sampler();
	struct buffer bytes = blob_bytes(&blob);
	struct btf_wanted asked[2];
	bool all = true, whole;

	whole = !find_sample(bytes.bytes, bytes.size, asked) &&
		is_sample(asked);
	/* The last byte is the NUL of the last name that is looked for. */
	for (size_t size = 0; size < bytes.size; size++)
		all = all && find_sample(bytes.bytes, size, asked) == -EBADMSG;
	ok(whole && all, "a file cut short anywhere is an error");
	free(bytes.bytes);
	blob_close(&blob);
}

static void test_bytes(void)
{
	static const uint8_t flips[] = { 0x01, 0x10, 0x80, 0xff };
	struct blob blob = sampler();
	struct buffer bytes = blob_bytes(&blob);
	struct btf_wanted asked[2];
	int errors = 0, right = 0, others = 0, wild = 0;

	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char kept = bytes.bytes[i];

		for (size_t way = 0; way < 2 + LENGTH(flips); way++) {
			int result;

			bytes.bytes[i] = way == 0 ? 0x00 :
					 way == 1 ? 0xff :
						    kept ^ flips[way - 2];
			result = find_sample(bytes.bytes, bytes.size, asked);
			if (result < 0 && result > -4096)
				errors++;
			else if (result)
				wild++;
			else if (is_sample(asked))
				right++;
			else
				others++;
		}
		bytes.bytes[i] = kept;
	}
	printf("# errors %d, same answer %d, other answer %d\n", errors, right,
	       others);
	ok(!wild, "a file with any byte changed gives answers or an error");
	ok(errors > 100 && right > 100 && others > 100,
	   "changed bytes were met in all sections");
	free(bytes.bytes);
	blob_close(&blob);
}

static void test_random(void)
{
	struct blob blob = sampler();
	struct buffer bytes = blob_bytes(&blob);
	unsigned char *copy = malloc(bytes.size);
	struct btf_wanted asked[2];
	const int runs = tap_valgrind() ? 2000 : 30000;
	uint64_t state = 4711;
	int wild = 0, result;

	for (int run = 0; run < runs; run++) {
		memcpy(copy, bytes.bytes, bytes.size);
		for (int i = 1 + tap_random(&state) % 8; i; i--)
			copy[tap_random(&state) % bytes.size] =
				tap_random(&state) >> 60;
		result = find_sample(copy, bytes.size, asked);
		wild += result > 0 || result <= -4096;
	}
	ok(!wild, "a file with some bytes changed gives answers or an error");
	free(copy);
	free(bytes.bytes);
	blob_close(&blob);
}

/* sampler() with one field of the header set. */
static int with_header(size_t offset, size_t width, uint32_t value)
{
	struct blob blob = sampler();
	struct buffer bytes = blob_bytes(&blob);
	struct btf_wanted asked[2];
	int result;

	memcpy(bytes.bytes + offset, &value, width);
	result = find_sample(bytes.bytes, bytes.size, asked);
	free(bytes.bytes);
	blob_close(&blob);
	return result;
}

#define WITH_HEADER(field, value)                       \
	with_header(offsetof(struct btf_header, field), \
		    sizeof(((struct btf_header *)0)->field), value)

/* Sizes and offsets beyond the file. */
static const uint32_t far[] = { 100000, 0x7fffffff, 0x80000000, 0xfffffff0,
				UINT32_MAX };

static void test_header(void)
{
	bool types = true, strings = true, header = true;

	ok(WITH_HEADER(magic, 0xeb9e) == -EBADMSG &&
		   WITH_HEADER(magic, 0x9feb) == -EBADMSG &&
		   WITH_HEADER(magic, 0) == -EBADMSG,
	   "a file without BTF's magic number is no BTF");
	ok(WITH_HEADER(version, 0) == -EBADMSG &&
		   WITH_HEADER(version, 2) == -EBADMSG,
	   "BTF of another version is an error");
	ok(WITH_HEADER(hdr_len, 0) == -EBADMSG &&
		   WITH_HEADER(hdr_len, 23) == -EBADMSG,
	   "a header shorter than the first there was is an error");
	for (size_t i = 0; i < LENGTH(far); i++) {
		types = types && WITH_HEADER(type_off, far[i]) == -EBADMSG;
		strings = strings && WITH_HEADER(str_off, far[i]) == -EBADMSG;
		header = header && WITH_HEADER(hdr_len, far[i]) == -EBADMSG;
	}
	ok(header, "a header longer than the file is an error");
	ok(types, "types beyond the file are an error");
	ok(strings, "strings beyond the file are an error");
}

/* The names are not there, and the strings are said to go on. */
static void test_str_len(void)
{
	struct blob blob = sampler();
	struct buffer bytes = blob_bytes(&blob);
	struct btf_header header = blob_header(&blob);
	struct btf_wanted asked = { .type = "none", .member = "none" };
	bool all;

	all = !find_bytes(bytes.bytes, bytes.size, &asked, 1) && !asked.found;
	header.str_len++;
	memcpy(bytes.bytes, &header, sizeof(header));
	all = all && find_bytes(bytes.bytes, bytes.size, &asked, 1) == -EBADMSG;
	header.str_len = UINT32_MAX;
	memcpy(bytes.bytes, &header, sizeof(header));
	all = all && find_bytes(bytes.bytes, bytes.size, &asked, 1) == -EBADMSG;
	ok(all, "strings longer than the file are an error");
	free(bytes.bytes);
	blob_close(&blob);
}

/* The NUL of the last name is not in its section any more. */
static void test_str_cut(void)
{
	struct blob blob = sampler();
	struct buffer bytes = blob_bytes(&blob);
	struct btf_header header = blob_header(&blob);
	struct btf_wanted asked[2];
	int result;

	header.str_len--;
	memcpy(bytes.bytes, &header, sizeof(header));
	result = find_sample(bytes.bytes, bytes.size, asked);
	ok(!result && asked[0].found && !asked[1].found,
	   "a string that goes on beyond the strings is no name");
	free(bytes.bytes);
	blob_close(&blob);
}

static void test_type_len(void)
{
	struct blob blob = sampler();
	struct blob cut = blob;
	struct buffer bytes = blob_bytes(&blob);
	struct btf_header header = blob_header(&blob);
	/* The names are there, but no such member. */
	struct btf_wanted none = { .type = "common", .member = "int" };
	bool all;

	all = !find_bytes(bytes.bytes, bytes.size, &none, 1) && !none.found;
	for (size_t i = 0; i < LENGTH(far); i++) {
		header.type_len = far[i];
		memcpy(bytes.bytes, &header, sizeof(header));
		all = all && find_bytes(bytes.bytes, bytes.size, &none, 1) < 0;
	}
	ok(all, "types that go on beyond the file are an error");
	free(bytes.bytes);

	/* What is read beyond may also look like a kind unknown to us. */
	for (size_t less = 1; less < 48; less++) {
		struct btf_wanted asked = { .type = "common",
					    .member = "bits" };

		cut.types.size = blob.types.size - less;
		all = all && find_all(&cut, &asked, 1) < 0;
	}
	ok(all, "a type beyond the end of the types is an error");
	blob_close(&blob);
}

static void test_vlen(void)
{
	static const uint32_t kinds[] = { 4, 5, 6, 13, 15, 19 };
	bool all = true;

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		struct blob blob = blob_open();

		blob_type(&blob, "common", kinds[i], 65535, 4);
		blob_member(&blob, "member", 1, 0);
		all = all && gives(&blob, "common", "member", -EBADMSG);
		blob_close(&blob);
	}
	ok(all, "more members than the file has are an error");
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void test_loops(void)
{
	struct blob blob = blob_open();
	double start = cpu_seconds();
	bool all;

	blob_int(&blob, "member", 1, 0, 8);
	blob_struct(&blob, "self", 1);
	blob_member(&blob, NULL, 2, 8);
	/* Twice itself, and others: 2^8 or 100^8 ways to go. */
	blob_struct(&blob, "twice", 2);
	blob_member(&blob, NULL, 3, 8);
	blob_member(&blob, NULL, 3, 8);
	blob_struct(&blob, "hundred", 100);
	for (int i = 0; i < 100; i++)
		blob_member(&blob, NULL, 4, 0xffffffff);
	blob_type(&blob, "loop", BTF_KIND_TYPEDEF, 0, 5);
	blob_struct(&blob, "typedef", 1);
	blob_member(&blob, "member", 5, 8);
	blob_struct(&blob, "anonymous typedef", 1);
	blob_member(&blob, NULL, 5, 8);
	ok(is_missing(&blob, "self", "member"),
	   "a struct that is in itself has no such member");
	all = is_missing(&blob, "twice", "member");
	all = all && gives(&blob, "hundred", "member", -EBADMSG);
	ok(all, "a struct that is in itself many times is given up");
	all = gives(&blob, "typedef", "member", -EBADMSG);
	all = all && is_missing(&blob, "anonymous typedef", "member");
	ok(all, "a typedef of itself is given up");
	ok(cpu_seconds() - start < (tap_valgrind() ? 60 : 5),
	   "such loops do not take long");
	blob_close(&blob);
}

static void test_ids(void)
{
	static const uint32_t ids[] = { 0, 3, 4, 0x7fffffff, UINT32_MAX };
	bool members = true, anonymous = true, chains = true;

	for (size_t i = 0; i < LENGTH(ids); i++) {
		struct blob blob = blob_open();

		blob_type(&blob, "t", BTF_KIND_TYPEDEF, 0, ids[i]);
		blob_struct(&blob, "common", 3);
		blob_member(&blob, "chain", 1, 0);
		blob_member(&blob, "direct", ids[i], 0);
		blob_member(&blob, NULL, ids[i], 0);
		blob_string(&blob, "none");
		members = members && gives(&blob, "common", "direct", -EBADMSG);
		chains = chains && gives(&blob, "common", "chain", -EBADMSG);
		anonymous =
			anonymous && gives(&blob, "common", "none", -EBADMSG);
		blob_close(&blob);
	}
	ok(members, "a member of a type that is not there is an error");
	ok(chains, "a typedef of a type that is not there is an error");
	ok(anonymous, "an anonymous member of no type is an error");
}

static void test_structs(void)
{
	struct blob blob = blob_open();
	bool all;

	blob_int(&blob, NULL, 1, 0, 8);
	for (int i = 0; i < BTF_STRUCTS - 1; i++)
		blob_struct(&blob, "common", 0);
	blob_struct(&blob, "common", 1);
	blob_member(&blob, "member", 1, 8);
	all = is_at(&blob, "common", "member", 8, 8);
	ok(all, "%d structs of one name are looked at", BTF_STRUCTS);
	blob_close(&blob);

	blob = blob_open();
	blob_int(&blob, NULL, 1, 0, 8);
	for (int i = 0; i < BTF_STRUCTS; i++)
		blob_struct(&blob, "common", 0);
	blob_struct(&blob, "common", 1);
	blob_member(&blob, "member", 1, 8);
	ok(gives(&blob, "common", "member", -EBADMSG),
	   "more structs of one name are an error");
	blob_close(&blob);
}

/* As pahole leaves them at times; and structs that are named like a member. */
static void test_copies(void)
{
	enum { KINDS = 20, COPIES = 3 };
	struct btf_wanted asked[KINDS] = { 0 };
	struct blob blob = blob_open();
	char types[KINDS][8], members[KINDS][8];
	bool all;

	blob_int(&blob, NULL, 1, 0, 8);
	for (int i = 0; i < COPIES * KINDS; i++) {
		const int kind = i % KINDS;

		snprintf(types[kind], sizeof(types[kind]), "type%d", kind);
		snprintf(members[kind], sizeof(members[kind]), "file%d", kind);
		/* The last one has it. */
		blob_struct(&blob, types[kind], i >= (COPIES - 1) * KINDS);
		if (i >= (COPIES - 1) * KINDS)
			blob_member(&blob, members[kind], 1, 8 * kind);
		blob_struct(&blob, members[kind], 0);
	}
	for (int i = 0; i < KINDS; i++) {
		asked[i].type = types[i];
		asked[i].member = members[i];
	}
	all = !find_all(&blob, asked, KINDS);
	for (int i = 0; i < KINDS; i++)
		all = all && asked[i].found &&
		      asked[i].bit_offset == (uint32_t)(8 * i);
	ok(all,
	   "three copies of each of 20 structs, and some named like members");
	blob_close(&blob);
}

static void test_no_file(void)
{
	struct btf_wanted asked = { .type = "common", .member = "bits" };
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ok(btf_find(-1, &asked, 1) == -EBADF &&
		   btf_find(fd, &asked, 1) == -EISDIR && !asked.found,
	   "what is no file is told");
	close(fd);
}

/* ------------------------------------------------------------------------
 * Kernel: its own BTF, and how much memory one of its size takes
 */

/* The same by reading a copy as by the kernel's own file, which may be mapped.
 */
static bool copy_gives(int from, const struct btf_wanted *asked, size_t count)
{
	struct btf_wanted again[16] = { 0 };
	int copy = memfd_create("btf", MFD_CLOEXEC);
	char part[4096];
	ssize_t size;
	bool same;

	lseek(from, 0, SEEK_SET);
	while ((size = read(from, part, sizeof(part))) > 0)
		if (write(copy, part, size) != size)
			return false;
	for (size_t i = 0; i < count; i++) {
		again[i].type = asked[i].type;
		again[i].member = asked[i].member;
	}
	same = !btf_find(copy, again, count);
	for (size_t i = 0; i < count; i++)
		same = same && again[i].found == asked[i].found &&
		       again[i].bit_offset == asked[i].bit_offset &&
		       again[i].bit_size == asked[i].bit_size;
	close(copy);
	return same;
}

static void test_kernel(void)
{
	static const char claim[] = "the running kernel's members are found";
	struct btf_wanted asked[] = {
		{ .type = "sock_common", .member = "skc_family" },
		{ .type = "sock_common", .member = "skc_portpair" },
		{ .type = "sock_common", .member = "skc_addrpair" },
		{ .type = "sock", .member = "sk_protocol" },
		{ .type = "inet_sock", .member = "inet_sport" },
		{ .type = "file", .member = "private_data" },
		{ .type = "sock", .member = "skc_family" },
	};
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	bool all;

	if (fd < 0) {
		skip(claim, "no /sys/kernel/btf/vmlinux");
		return;
	}
	all = !btf_find(fd, asked, LENGTH(asked)) &&
	      copy_gives(fd, asked, LENGTH(asked));
	close(fd);
	for (size_t i = 0; i < 3; i++)
		all = all && asked[i].found;
	all = all && asked[0].bit_offset == 16 * 8 && asked[0].bit_size == 16;
	all = all && asked[1].bit_offset == 12 * 8 && asked[1].bit_size == 32;
	all = all && asked[2].bit_offset == 0 && asked[2].bit_size == 64;
	all = all && asked[3].found &&
	      (asked[3].bit_size == 8 || asked[3].bit_size == 16);
	all = all && asked[4].found && asked[4].bit_size == 16;
	all = all && asked[5].found && asked[5].bit_size == 64;
	all = all && !asked[6].found;
	ok(all, "%s", claim);
}

#if !defined(__SANITIZE_ADDRESS__)
/* KiB, or -1. */
static long peak_kib(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	long peak = -1;

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, "VmHWM:", 6))
			peak = strtol(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return peak;
}

/*
 * What one search makes the process grow by, in KiB; -1 if it failed. First
 * its peak, which is inexact: code that is already in memory counts in chunks
 * of 64 KiB as it is used, and each CPU counts 128 KiB before it tells. Second
 * its page faults, which are exact.
 */
static void grow(int fd, long growth[2])
{
	struct btf_wanted asked = { .type = "crowd", .member = "m2" };
	struct rusage before, after;
	long peak;

	/* Each page of memory that is new is one fault, none is huge. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	peak_kib();
	peak = peak_kib();
	getrusage(RUSAGE_SELF, &before);
	if (btf_find(fd, &asked, 1) || !asked.found || peak < 0) {
		growth[0] = growth[1] = -1;
		return;
	}
	getrusage(RUSAGE_SELF, &after);
	growth[0] = peak_kib() - peak;
	growth[1] = (after.ru_minflt - before.ru_minflt) *
		    (sysconf(_SC_PAGESIZE) / 1024);
}
#endif

static void test_memory(void)
{
	static const char claim[] =
		"a file of over 5 MB is searched in less than 256 KiB";
#if defined(__SANITIZE_ADDRESS__)
	skip(claim, "the sanitizer has memory of its own");
#else
	struct blob blob = crowd(400000);
	struct buffer bytes = blob_bytes(&blob);
	int fd = file_open(bytes.bytes, bytes.size), pipes[2], status;
	long growth[2] = { -1, -1 };
	pid_t pid;

	if (tap_valgrind()) {
		skip(claim, "valgrind has memory of its own");
	} else if (pipe(pipes) || (pid = fork()) < 0) {
		ok(false, "%s", claim);
	} else if (!pid) {
		/* Of the parent's memory it needs none. */
		grow(fd, growth);
		_exit(write(pipes[1], growth, sizeof(growth)) !=
		      sizeof(growth));
	} else {
		close(pipes[1]);
		ok(read(pipes[0], growth, sizeof(growth)) == sizeof(growth) &&
			   waitpid(pid, &status, 0) == pid && !status &&
			   bytes.size > 5000000 && growth[0] >= 0 &&
			   growth[0] < 512 && growth[1] >= 0 && growth[1] < 256,
		   "%s", claim);
		printf("# peak +%ld KiB, faults %ld KiB, file %zu bytes\n",
		       growth[0], growth[1], bytes.size);
		close(pipes[0]);
	}
	close(fd);
	free(bytes.bytes);
	blob_close(&blob);
#endif
}

int main(void)
{
	alarm(300);
	test_direct();
	test_many();
	test_forward();
	test_anonymous();
	test_anonymous_other();
	test_depth();
	test_bitfields();
	test_sizes();
	test_same_name();
	test_kinds();
	test_unknown_kind();
	test_layout();
	test_sections();
	test_crowd();
	test_window();
	test_reads();
	test_read_fails();
	test_string_places();
	test_string_long();
	test_string_tail();
	test_string_like();
	test_string_twice();
	test_name_limits();
	test_truncated();
	test_bytes();
	test_random();
	test_header();
	test_str_len();
	test_str_cut();
	test_type_len();
	test_vlen();
	test_loops();
	test_ids();
	test_structs();
	test_copies();
	test_no_file();
	test_kernel();
	test_memory();
	return done();
}
