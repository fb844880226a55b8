// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bytecode OBJECT DIR - make the files that tcpaccept embeds of accept.bpf.c;
 * the build runs it
 *
 * OBJECT is the ELF file that clang made of accept.bpf.c, of either byte order:
 * see elf(5), and Documentation/bpf/llvm_reloc.rst of the kernel. Each section
 * of instructions is a program. Each R_BPF_64_64 relocation names an undefined
 * symbol; its `ld_imm64` gets that symbol's value when the program is loaded.
 * The files, in DIR:
 *
 *	bytecode.h	enum symbol, enum program, and how many instructions
 *			all programs have, and the largest one
 *	programs.inc	each program's name, first instruction, and their number
 *	symbols.inc	the names of the symbols, as strings, for --dump
 *	accept.insns	all instructions, in the byte order of the object
 *
 * The instructions that need a symbol's value have SYMBOL_MARK of
 * attach/unpack.h as their source register, and the symbol's number as their
 * immediate.
 */
#include <ctype.h>
#include <elf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "attach/unpack.h"

#define OBJECT_MAX (1 << 20)
#define SYMBOL_MAX 256
#define PROGRAM_MAX 32

/* Older elf.h lacks these. */
#define MACHINE_BPF 247
#define RELOCATION_64_64 1

struct program {
	const char *name;
	uint64_t section;
	uint64_t offset;
	uint64_t size;
};

static unsigned char object[OBJECT_MAX];
static size_t object_size;
static bool is_big_endian;

static const char *symbols[SYMBOL_MAX];
static size_t symbol_count;
static struct program programs[PROGRAM_MAX];
static size_t program_count;

__attribute__((format(printf, 1, 2))) static _Noreturn void
die(const char *format, ...)
{
	va_list list;

	fputs("bytecode: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

/* ------------------------------------------------------------------------
 * The object. Its fields are read one by one, as its byte order may be another.
 */

/* Where `length` bytes at `offset` are; ends if the object is shorter. */
static unsigned char *bytes_at(uint64_t offset, uint64_t length)
{
	if (offset > object_size || length > object_size - offset)
		die("the object ends before byte %llu",
		    (unsigned long long)offset + length);
	return object + offset;
}

/* The number of `width` bytes at `offset`. */
static uint64_t number_at(uint64_t offset, size_t width)
{
	const unsigned char *bytes = bytes_at(offset, width);
	uint64_t number = 0;

	for (size_t i = 0; i < width; i++)
		number = number << 8 | bytes[is_big_endian ? i : width - 1 - i];
	return number;
}

/* A field of the structure `type` that begins at `offset`. */
#define FIELD(offset, type, field) \
	number_at((offset) + offsetof(type, field), sizeof(((type *)0)->field))

/* Where the header of section `index` begins. */
static uint64_t section_at(uint64_t index)
{
	uint64_t at;

	if (index >= FIELD(0, Elf64_Ehdr, e_shnum))
		die("there is no section %llu", (unsigned long long)index);
	at = FIELD(0, Elf64_Ehdr, e_shoff) + index * sizeof(Elf64_Shdr);
	bytes_at(at, sizeof(Elf64_Shdr));
	return at;
}

/* The string at `at` of the table in section `index`. */
static const char *string_at(uint64_t index, uint64_t at)
{
	const uint64_t table = section_at(index);
	const uint64_t size = FIELD(table, Elf64_Shdr, sh_size);
	const unsigned char *bytes =
		bytes_at(FIELD(table, Elf64_Shdr, sh_offset), size);

	if (at >= size || !memchr(bytes + at, 0, size - at))
		die("a name lies outside of its table");
	return (const char *)bytes + at;
}

static void read_object(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		die("cannot open %s", path);
	object_size = fread(object, 1, sizeof(object), file);
	if (ferror(file) || object_size == sizeof(object))
		die("cannot read all of %s", path);
	fclose(file);
	if (memcmp(bytes_at(0, sizeof(Elf64_Ehdr)), ELFMAG, SELFMAG) ||
	    object[EI_CLASS] != ELFCLASS64)
		die("%s is not a 64-bit ELF file", path);
	is_big_endian = object[EI_DATA] == ELFDATA2MSB;
	if (FIELD(0, Elf64_Ehdr, e_machine) != MACHINE_BPF ||
	    FIELD(0, Elf64_Ehdr, e_shentsize) != sizeof(Elf64_Shdr))
		die("%s is not a BPF object", path);
}

/* ------------------------------------------------------------------------
 * Programs and symbols
 */

static void find_programs(void)
{
	const uint64_t count = FIELD(0, Elf64_Ehdr, e_shnum);
	const uint64_t names = FIELD(0, Elf64_Ehdr, e_shstrndx);

	for (uint64_t i = 0; i < count; i++) {
		const uint64_t at = section_at(i);
		struct program *program = &programs[program_count];

		if (!(FIELD(at, Elf64_Shdr, sh_flags) & SHF_EXECINSTR) ||
		    !FIELD(at, Elf64_Shdr, sh_size))
			continue;
		if (program_count++ == PROGRAM_MAX)
			die("there are more than %d programs", PROGRAM_MAX);
		program->section = i;
		program->name =
			string_at(names, FIELD(at, Elf64_Shdr, sh_name));
		program->offset = FIELD(at, Elf64_Shdr, sh_offset);
		program->size = FIELD(at, Elf64_Shdr, sh_size);
		bytes_at(program->offset, program->size);
		if (program->size % sizeof(struct bpf_insn))
			die("%s ends within an instruction", program->name);
	}
	if (!program_count)
		die("there is no program");
}

/* The name of symbol `index` of the table in section `table`. */
static const char *symbol_name(uint64_t table, uint64_t index)
{
	const uint64_t at = section_at(table);
	const uint64_t offset = index * sizeof(Elf64_Sym);
	uint64_t symbol;

	if (offset >= FIELD(at, Elf64_Shdr, sh_size))
		die("there is no symbol %llu", (unsigned long long)index);
	symbol = FIELD(at, Elf64_Shdr, sh_offset) + offset;
	if (FIELD(symbol, Elf64_Sym, st_shndx) != SHN_UNDEF)
		die("a relocation needs a symbol that accept.bpf.c defines");
	return string_at(FIELD(at, Elf64_Shdr, sh_link),
			 FIELD(symbol, Elf64_Sym, st_name));
}

/*
 * Call `call` for each relocation of a program, with its instruction and the
 * name of the symbol whose value that needs.
 */
static void each_relocation(const struct program *program,
			    void (*call)(unsigned char *insn, const char *name))
{
	const uint64_t count = FIELD(0, Elf64_Ehdr, e_shnum);

	for (uint64_t i = 0; i < count; i++) {
		const uint64_t at = section_at(i);
		const uint64_t first = FIELD(at, Elf64_Shdr, sh_offset);
		const uint64_t size = FIELD(at, Elf64_Shdr, sh_size);

		if (FIELD(at, Elf64_Shdr, sh_type) != SHT_REL ||
		    FIELD(at, Elf64_Shdr, sh_info) != program->section)
			continue;
		for (uint64_t rel = 0; rel < size; rel += sizeof(Elf64_Rel)) {
			const uint64_t info =
				FIELD(first + rel, Elf64_Rel, r_info);
			const uint64_t insn =
				FIELD(first + rel, Elf64_Rel, r_offset);

			if (ELF64_R_TYPE(info) != RELOCATION_64_64 ||
			    insn % sizeof(struct bpf_insn) ||
			    insn + 2 * sizeof(struct bpf_insn) > program->size)
				die("%s has a relocation of another kind",
				    program->name);
			call(bytes_at(program->offset + insn,
				      2 * sizeof(struct bpf_insn)),
			     symbol_name(FIELD(at, Elf64_Shdr, sh_link),
					 ELF64_R_SYM(info)));
		}
	}
}

static int compare_names(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Add the symbol, unless it is known. */
static void note_symbol(unsigned char *insn, const char *name)
{
	(void)insn;
	for (size_t i = 0; i < symbol_count; i++)
		if (!strcmp(symbols[i], name))
			return;
	if (symbol_count == SYMBOL_MAX)
		die("there are more than %d symbols", SYMBOL_MAX);
	symbols[symbol_count++] = name;
}

static bool is_zero(const unsigned char *bytes, size_t length)
{
	while (length--)
		if (bytes[length])
			return false;
	return true;
}

/* Put the symbol's number where its value will be. */
static void mark_symbol(unsigned char *insn, const char *name)
{
	size_t number = 0;

	while (strcmp(symbols[number], name))
		number++;
	/* Big-endian machines have the source register in the lower half. */
	if (insn[0] != (BPF_LD | BPF_IMM | BPF_DW) ||
	    insn[1] & (is_big_endian ? 0x0f : 0xf0) || !is_zero(insn + 4, 4) ||
	    !is_zero(insn + 12, 4))
		die("%s is not the operand of a plain ld_imm64", name);
	insn[1] |= is_big_endian ? SYMBOL_MARK : SYMBOL_MARK << 4;
	insn[is_big_endian ? 7 : 4] = number;
}

/* ------------------------------------------------------------------------
 * Files
 */

static FILE *open_output(const char *dir, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "wb");
	if (!file)
		die("cannot write %s", path);
	return file;
}

static void close_output(FILE *file)
{
	if (fflush(file) || ferror(file))
		die("cannot write all");
	fclose(file);
}

/* Write a constant of an enum. */
static void put_upper(FILE *file, const char *prefix, const char *name)
{
	fprintf(file, "\t%s", prefix);
	for (; *name; name++)
		fputc(toupper((unsigned char)*name), file);
	fputs(",\n", file);
}

static void write_symbols(const char *dir)
{
	FILE *file = open_output(dir, "bytecode.h");
	size_t count, total = 0, largest = 0;

	fputs("/* Made by tools/bytecode.c of accept.bpf.c. */\n"
	      "#ifndef BYTECODE_H\n#define BYTECODE_H\n\nenum symbol {\n",
	      file);
	for (size_t i = 0; i < symbol_count; i++)
		put_upper(file, "SYM_", symbols[i]);
	fputs("\tSYMBOL_COUNT\n};\n\nenum program {\n", file);
	for (size_t i = 0; i < program_count; i++) {
		put_upper(file, "PROGRAM_", programs[i].name);
		count = programs[i].size / sizeof(struct bpf_insn);
		total += count;
		if (count > largest)
			largest = count;
	}
	fputs("\tPROGRAM_COUNT\n};\n\n", file);
	fprintf(file,
		"enum { BYTECODE_INSNS = %zu, BYTECODE_LARGEST = %zu };\n\n",
		total, largest);
	fputs("#endif\n", file);
	close_output(file);
}

static void write_names(const char *dir)
{
	FILE *file = open_output(dir, "symbols.inc");

	for (size_t i = 0; i < symbol_count; i++)
		fprintf(file, "\"%s\",\n", symbols[i]);
	close_output(file);
}

static void write_programs(const char *dir)
{
	FILE *file = open_output(dir, "programs.inc");
	size_t first = 0, count;

	for (size_t i = 0; i < program_count; i++) {
		count = programs[i].size / sizeof(struct bpf_insn);
		fprintf(file, "{ \"%s\", %zu, %zu },\n", programs[i].name,
			first, count);
		first += count;
	}
	close_output(file);
}

static void write_instructions(const char *dir)
{
	FILE *file = open_output(dir, "accept.insns");

	for (size_t i = 0; i < program_count; i++)
		fwrite(object + programs[i].offset, 1, programs[i].size, file);
	close_output(file);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: bytecode OBJECT DIR");
	read_object(argv[1]);
	find_programs();
	for (size_t i = 0; i < program_count; i++)
		each_relocation(&programs[i], note_symbol);
	qsort(symbols, symbol_count, sizeof(*symbols), compare_names);
	for (size_t i = 0; i < program_count; i++)
		each_relocation(&programs[i], mark_symbol);
	/* This is first, so that make finds the others newer. */
	write_instructions(argv[2]);
	write_symbols(argv[2]);
	write_programs(argv[2]);
	write_names(argv[2]);
	return 0;
}
