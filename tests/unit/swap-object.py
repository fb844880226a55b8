#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""swap-object.py <OBJECT - a 64-bit BPF object in this machine's byte order

raw_object_program() reads no other, and tests look at the bytecode of the other
order, too. What is neither a header, a symbol, a relocation nor an instruction
stays as it is.
"""

import struct
import sys

SHT_SYMTAB, SHT_REL = 2, 9
SHF_EXECINSTR = 4

HEADER = "16sHHIQQQIHHHHHH"
SECTION = "IIQQQQIIQQ"
SYMBOL = "IBBHQQ"
RELOCATION = "QQ"
INSTRUCTION = "BBhi"


class Swapper:
    def __init__(self, data):
        self.data = bytearray(data)
        self.before = ">" if data[5] == 2 else "<"
        self.after = "<" if sys.byteorder == "little" else ">"

    def swap(self, form, at):
        """Swap what is there; return its fields."""
        fields = struct.unpack_from(self.before + form, self.data, at)
        struct.pack_into(self.after + form, self.data, at, *fields)
        return fields

    def swap_all(self, form, at, size):
        step = struct.calcsize("<" + form)
        for i in range(at, at + size, step):
            self.swap(form, i)
            # A byte has both registers, in the order of the machine's bits.
            if form == INSTRUCTION and self.before != self.after:
                both = self.data[i + 1]
                self.data[i + 1] = both >> 4 | (both & 15) << 4

    def run(self):
        header = self.swap(HEADER, 0)
        self.data[5] = 1 if self.after == "<" else 2
        start, step, count = header[6], header[11], header[12]
        for i in range(count):
            section = self.swap(SECTION, start + i * step)
            kind, flags, at, size = (section[j] for j in (1, 2, 4, 5))
            if kind == SHT_SYMTAB:
                self.swap_all(SYMBOL, at, size)
            elif kind == SHT_REL:
                self.swap_all(RELOCATION, at, size)
            elif flags & SHF_EXECINSTR:
                self.swap_all(INSTRUCTION, at, size)
        return bytes(self.data)


sys.stdout.buffer.write(Swapper(sys.stdin.buffer.read()).run())
