#!/usr/bin/env python3
"""Turns the instruction tables (target-ppc/*.isa) into C and documentation.

    isagen.py --out DIR FILE...    writes DIR/target-ppc/{isa_gen.h,isa_decode.c,isa_rc.c}
                                   (C files among them: translators of rows, see translators())
    isagen.py --docs OUT FILE...   writes the instruction list as Markdown
    isagen.py --check FILE...      only checks

The table's format is described at the head of target-ppc/ppc.isa.  Every
error is one line, FILE:LINE: what; the exit status is then 1 and nothing is
written.  Operands and forms may be used before (and in other files than)
the line that defines them.

Masks and values are 64 bits here, the prefix of a prefixed instruction (ISA
3.1, primary opcode 1) in the upper half; its bits are written with a p: p6-7.
In the C tables prefixed rows stand behind the others and have a finder of
their own.
"""
import argparse
import os
import re
import sys

# In the order of target-ppc/models.h.
FEATURES = ("B 64 FP FPX FPG VMX VSX DFP V2 206 207 300 310 SEG32 CLS SLB TM").split()
FACILITIES = "FP VEC VSX VXX TM TAR EBB BHRB SCV MSGP".split()
KINDS = ("gpr gpr0 gprp fpr fprp vr vsr vsrp acc crf crb uimm simm disp rel abs spr bit mask "
         "pcrel ndisp").split()
SIGNED = {"simm", "disp", "ndisp", "rel", "abs"}
SLOTS = list("abcdefgh") + ["imm"]
RC_KINDS = {"RT": 31, "RA": 31, "cr1": 31, "cr6": 21}


class TableError(Exception):
    pass


def fail(where, what):
    raise TableError(f"{where[0]}:{where[1]}: {what}")


def number(where, text):
    try:
        return int(text, 0)
    except ValueError:
        fail(where, f"'{text}' is no number")


def bit_range(where, text):
    """'6-10' or '31' -> (first, last), the book's numbers; those of a prefix less 32."""
    first, _, last = text.removeprefix("p").partition("-")
    a, b = number(where, first), number(where, last or first)
    if not 0 <= a <= b <= 31:
        fail(where, f"bits '{text}' are not within 0-31, or run backwards")
    return (a - 32, b - 32) if text[0] == "p" else (a, b)


# tr_NAME() written out, or one line of a family: TR_SOMETHING(NAME, ...) or TR_SOMETHING(NAME).
TRANSLATOR = re.compile(r"^(?:bool tr_(\w+)\(Tr \*t, const PpcOp \*op\)|TR_\w+\((\w+)[,)])")


def translators(files):
    """Where tr_NAME() is defined, by NAME: what target-ppc/tr.h describes."""
    found = {}
    for path in files:
        with open(path, encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                m = TRANSLATOR.match(line)
                name = m and (m.group(1) or m.group(2))
                if name in found:
                    fail((path, n), f"tr_{name} is also at {found[name][0]}:{found[name][1]}")
                if name:
                    found[name] = (path, n)
    return found


def low(v):
    return v & 0xffffffff


def range_mask(first, last):
    return ((1 << (last - first + 1)) - 1) << (31 - last)


class Operand:
    def __init__(self, where, words):
        self.where = where
        if len(words) < 4:
            fail(where, "operand needs NAME BITS KIND slot=X")
        self.name, bits, self.kind = words[1:4]
        self.parts = [bit_range(where, p) for p in bits.split(",")]
        if self.kind not in KINDS:
            fail(where, f"unknown operand kind '{self.kind}'")
        self.shift, self.slot = 0, None
        for w in words[4:]:
            key, _, value = w.partition("=")
            if key == "shift":
                self.shift = number(where, value)
            elif key == "slot" and value in SLOTS:
                self.slot = value
            else:
                fail(where, f"unknown word '{w}' in an operand line")
        if self.slot is None:
            fail(where, f"operand {self.name} needs a slot")
        self.mask = 0
        for first, last in self.parts:
            if self.mask & range_mask(first, last):
                fail(where, f"parts of operand {self.name} overlap")
            self.mask |= range_mask(first, last)
        self.width = sum(b - a + 1 for a, b in self.parts)
        if self.slot != "imm" and (self.kind in SIGNED or self.width + self.shift > 8):
            fail(where, f"operand {self.name} does not fit into byte slot {self.slot}")

    def same(self, other):
        return (self.parts, self.kind, self.shift, self.slot) == \
            (other.parts, other.kind, other.shift, other.slot)

    def raw(self):
        """C expression for the joined bits of `word`."""
        terms, below = [], self.width
        for first, last in self.parts:
            n = last - first + 1
            below -= n
            word, right = ("prefix", -1 - last) if last < 0 else ("word", 31 - last)
            field = f"{word} >> {right}" if right else word
            field = f"{field} & {(1 << n) - 1:#x}"
            if self.width > 32:
                field = f"(uint64_t)({field})"
            terms.append(f"({field}) << {below}" if below else f"({field})")
        return terms[0][1:-1] if len(terms) == 1 else " | ".join(terms)

    def decode(self):
        """C lines that fill op->NAME from `word`."""
        raw, to = self.raw(), f"op->{self.name}"
        if self.kind == "gpr0":
            return [f"{to} = ({raw}) ? {raw} : 32;"]
        if self.kind in ("gprp", "fprp"):
            return [f"{to} = {raw};", f"if ({to} & 1)", "\treturn false;"]
        if self.kind == "vsrp":  # TX || Tp: VSR 32 * TX + 2 * Tp
            return [f"{to} = ({raw}) << 1;"]
        if self.kind == "ndisp":
            return [f"{to} = ((int64_t)({raw}) - {1 << self.width}) * {1 << self.shift};"]
        if self.kind == "pcrel":  # R: relative to this instruction, so without RA
            return [f"{to} = {raw};", f"if ({to} && op->RA0 != 32)", "\treturn false;"]
        if self.kind in SIGNED:
            shift = f" * {1 << self.shift}" if self.shift else ""
            return [f"{to} = sext64({raw}, {self.width}){shift};"]
        shift = f" << {self.shift}" if self.shift else ""
        return [f"{to} = ({raw}){shift};" if shift else f"{to} = {raw};"]


class Form:
    def __init__(self, where, words):
        self.where, self.name = where, words[1]
        self.fields = []
        for w in words[2:]:
            field, sep, bits = w.partition(":")
            if not sep:
                fail(where, f"'{w}' in a form line is not FIELD:BITS")
            self.fields.append((field, *bit_range(where, bits)))
        used = 0
        for field, first, last in self.fields:
            if used & range_mask(first, last):
                fail(where, f"field {field} of form {self.name} overlaps another")
            used |= range_mask(first, last)

    def same(self, other):
        return self.fields == other.fields


class Row:
    def __init__(self, where, words, table):
        self.where = where
        if len(words) < 5:
            fail(where, "a row needs MNEMONIC FORM VALUES OPERANDS FEATURE")
        self.mnemonic, form, values, self.text, features = words[:5]
        self.form = table.forms.get(form)
        if self.form is None:
            fail(where, f"unknown form '{form}'")
        self.mask = self.value = 0
        self.set_fields(values)
        self.set_operands(table)
        self.features, self.without = [], []
        for f in features.split("+"):
            if f.lstrip("!") not in FEATURES:
                fail(where, f"unknown feature '{f}'")
            (self.without if f[0] == "!" else self.features).append(f.lstrip("!"))
        self.rc, self.fac, self.ex, self.pre = None, None, None, None
        self.cname = self.mnemonic.replace(".", "_").replace("+", "p").replace("-", "m")
        self.flags = []
        for w in words[5:]:
            self.attribute(w)
        self.check_fields()

    def set_fields(self, values):
        values = values.split(",")
        if len(values) != len(self.form.fields):
            fail(self.where, f"form {self.form.name} has {len(self.form.fields)} fields, "
                             f"{len(values)} values are given")
        for text, (field, first, last) in zip(values, self.form.fields):
            v = number(self.where, text)
            if v >> (last - first + 1):
                fail(self.where, f"{text} does not fit into field {field}")
            self.mask |= range_mask(first, last)
            self.value |= v << (31 - last)
        self.fixed = self.mask
        self.prefixed = self.mask >> 32 != 0

    def set_operands(self, table):
        self.operands, self.memory = [], set()
        if self.text == "-":
            return
        for item in self.text.split(","):
            names = item.rstrip(")").split("(") if item.endswith(")") else [item]
            if len(names) > 2:
                fail(self.where, f"operand '{item}' not understood")
            for i, name in enumerate(names):
                if name not in table.operands:
                    fail(self.where, f"unknown operand '{name}'")
                if i:
                    self.memory.add(len(self.operands))
                self.operands.append(table.operands[name])

    def attribute(self, w):
        key, sep, value = w.partition("=")
        if key == "rc" and value in RC_KINDS:
            self.rc = value
        elif key == "must" and value:
            bits, _, v = value.partition(":")
            first, last = bit_range(self.where, bits)
            m, v = range_mask(first, last), number(self.where, v)
            if m & self.mask:
                fail(self.where, f"{w} overlaps a fixed field")
            if v >> (last - first + 1):
                fail(self.where, f"value of {w} does not fit")
            self.mask |= m
            self.value |= v << (31 - last)
        elif key == "fac" and value in FACILITIES:
            self.fac = value
        elif w in ("priv", "hv", "end"):
            self.flags.append(w.upper())
        elif key == "ex" and value:
            self.ex = value
        elif key == "name" and value:
            self.cname = value
        elif key == "pre" and value:
            self.pre = value
        else:
            fail(self.where, f"unknown attribute '{w}'")

    def check_fields(self):
        used, slots = 0, {}
        for o in self.operands:
            if o.mask & self.fixed:
                fail(self.where, f"operand {o.name} overlaps a fixed field of form "
                                 f"{self.form.name}")
            if o.mask & used:
                fail(self.where, f"operand {o.name} overlaps another operand")
            if o.slot in slots:
                fail(self.where, f"operands {slots[o.slot]} and {o.name} share slot {o.slot}")
            used |= o.mask
            slots[o.slot] = o.name
        if self.pre and "imm" in slots:
            fail(self.where, f"pre= and operand {slots['imm']} share slot imm")
        self.operand_mask = used
        self.rc_bit = 0
        if self.rc:
            self.rc_bit = 1 << (31 - RC_KINDS[self.rc])
            if self.rc_bit & (self.mask | used):
                fail(self.where, f"rc={self.rc}: the Rc bit is in a field")
            names = [o.name for o in self.operands]
            if self.rc in ("RT", "RA") and self.rc not in names:
                fail(self.where, f"rc={self.rc} without an operand {self.rc}")
            if self.rc == "cr6" and not {"VRT", "XT"} & set(names):
                fail(self.where, "rc=cr6 without an operand VRT or XT")

    def ex_name(self):
        return self.ex or self.cname

    def rc_target(self):
        if self.rc == "cr6":
            return "VRT" if "VRT" in [o.name for o in self.operands] else "XT"
        return self.rc

    def rc_name(self):
        """The wrapper of the dotted form; rows with ex= share one."""
        return f"{self.ex_name()}__{self.rc_target()}" if self.ex else self.cname

    def needs(self):
        return set(self.features) - {"B"}

    def rank(self):
        return bin(self.mask).count("1"), len(self.needs())


class Table:
    def __init__(self, files):
        self.operands, self.forms, self.rows = {}, {}, []
        lines = []
        self.translators = translators(p for p in files if p.endswith(".c"))
        for path in files:
            if path.endswith(".c"):
                continue
            with open(path, encoding="utf-8") as f:
                for n, text in enumerate(f, 1):
                    words = text.split("#", 1)[0].split()
                    if words:
                        lines.append(((path, n), words))
        rows = []
        for where, words in lines:
            if words[0] == "operand":
                self.define(self.operands, Operand(where, words))
            elif words[0] == "form":
                if len(words) < 3:
                    fail(where, "form needs NAME FIELD:BITS...")
                self.define(self.forms, Form(where, words))
            else:
                rows.append((where, words))
        self.rows = [Row(where, words, self) for where, words in rows]
        self.rows.sort(key=lambda r: r.prefixed)
        self.words = sum(not r.prefixed for r in self.rows)
        if not self.rows:
            raise TableError("no rows")
        self.check_names()
        self.check_ambiguous()

    def define(self, where_to, item):
        old = where_to.get(item.name)
        if old is None:
            where_to[item.name] = item
        elif not old.same(item):
            fail(item.where, f"{item.name} is defined otherwise at {old.where[0]}:{old.where[1]}")

    def check_names(self):
        seen = {}
        for r in self.rows:
            if r.ex:
                continue
            if r.cname in seen:
                o = seen[r.cname].where
                fail(r.where, f"ex_{r.cname} is also the row at {o[0]}:{o[1]} (give name= or ex=)")
            seen[r.cname] = r
        for r in self.rows:
            if r.ex and r.ex not in seen:
                fail(r.where, f"ex={r.ex}: no such row")
        for name, where in self.translators.items():
            if name not in seen:
                fail(where, f"tr_{name}: no such row")

    def check_ambiguous(self):
        """Two rows that match one word must be nested: one asks for more bits, or more features."""
        by_po = {}
        for r in self.rows:
            if r.prefixed and (r.mask >> 58 != 63 or r.value >> 58 != 1):
                fail(r.where, "the primary opcode of the prefix is not 1")
            if not r.prefixed and r.mask >> 26 != 63:
                fail(r.where, "the primary opcode is not fixed")
            by_po.setdefault("prefix" if r.prefixed else r.value >> 26, []).append(r)
        for rows in by_po.values():
            for i, a in enumerate(rows):
                for b in rows[:i]:
                    both = a.mask & b.mask
                    if (a.value ^ b.value) & both:
                        continue
                    if a.mask != b.mask and both in (a.mask, b.mask):
                        continue
                    if set(a.features) & set(b.without) or set(b.features) & set(a.without):
                        continue
                    if a.mask == b.mask and a.needs() != b.needs() and \
                            (a.needs() < b.needs() or b.needs() < a.needs()):
                        continue
                    fail(a.where, f"{a.mnemonic} and {b.mnemonic} ({b.where[0]}:{b.where[1]}) "
                                  "match the same word and neither is more specific")


HEAD = "/* Made by scripts/isagen.py from the .isa files of target-ppc. */\n"


def gen_header(t):
    o = [HEAD + "#ifndef TARGET_PPC_ISA_GEN_H", "#define TARGET_PPC_ISA_GEN_H", "",
         "#include <stdbool.h>", "#include <stdint.h>", "",
         "typedef struct PpcCpu PpcCpu;", "typedef struct PpcOp PpcOp;", "struct Tr;",
         "typedef void PpcExec(PpcCpu *cpu, const PpcOp *op);",
         "typedef bool PpcTr(struct Tr *t, const PpcOp *op); /* tr.h */", "",
         "/* Features (models.h). */", "enum {"]
    o += [f"\tPPC_F_{f} = 1 << {i}," for i, f in enumerate(FEATURES)]
    o += ["};", "", "/* Facilities: what must be enabled for an instruction. */", "enum {",
          "\tPPC_FAC_NONE,"]
    o += [f"\tPPC_FAC_{f}," for f in FACILITIES]
    o += ["};", "", "/* Kinds of operands, as in the operand lines. */", "enum {"]
    o += [f"\tPPC_KIND_{k.upper()}," for k in KINDS]
    o += ["};", "", "/* One decoded instruction; operands by the book's names. */", "struct PpcOp {",
          "\tPpcExec *fn;", "\tuint32_t word;",
          "\tuint16_t off; /* bytes from the start of the block */",
          "\tuint8_t len;  /* 4; 8 for a prefixed one */", "\tuint8_t flags;"]
    for slot in SLOTS:
        names = sorted(x.name for x in t.operands.values() if x.slot == slot)
        if slot == "imm":
            o += ["\tunion {", "\t\tint64_t imm;"]
            o += [f"\t\tint64_t {n};" for n in names]
            o += ["\t};"]
            continue
        o += ["\tunion {", f"\t\tuint8_t slot_{slot};"]
        o += [f"\t\tuint8_t {n};" for n in names]
        o += ["\t};"]
    o += ["};", "_Static_assert(sizeof(PpcOp) == 32, \"PpcOp has grown\");", ""]
    seen = set()
    for r in t.rows:
        if not r.ex:
            o.append(f"PpcExec ex_{r.cname};")
    for r in t.rows:
        if r.rc and r.rc_name() not in seen:
            seen.add(r.rc_name())
            o.append(f"PpcExec exrc_{r.rc_name()};")
    o += [f"PpcTr tr_{name};" for name in sorted(t.translators)]
    o += ["", "/* Rows by name: ppc_isa_rows[PPC_ROW_add]; operands likewise. */", "enum {"]
    names = set()
    for i, r in enumerate(t.rows):
        if r.cname not in names:
            names.add(r.cname)
            o.append(f"\tPPC_ROW_{r.cname} = {i},")
    o += ["};", "", "enum {", "\tPPC_OPERAND_NONE,"]
    o += [f"\tPPC_OPERAND_{n}," for n in t.operands]
    o += ["};", "", "#endif", ""]
    return "\n".join(o)


def gen_rc(t):
    o = [HEAD + "#include \"target-ppc/cpu.h\"", "",
         "/* CR6 of a vector compare: bit 0 all true, bit 2 all false. */",
         "static inline void cr6(PpcCpu *cpu, const PpcVsr *v)", "{",
         "\tcpu->cr[6] = v->q == 0 ? 2 : ~v->q == 0 ? 8 : 0;", "}"]
    seen = set()
    for r in t.rows:
        if not r.rc or r.rc_name() in seen:
            continue
        seen.add(r.rc_name())
        tail = {"RT": "ppc_cr0(cpu, cpu->gpr[op->RT])", "RA": "ppc_cr0(cpu, cpu->gpr[op->RA])",
                "cr1": "ppc_cr1(cpu)", "VRT": "cr6(cpu, &cpu->vsr[32 + op->VRT])",
                "XT": "cr6(cpu, &cpu->vsr[op->XT])"}[r.rc_target()]
        o += ["", f"void exrc_{r.rc_name()}(PpcCpu *cpu, const PpcOp *op)", "{",
              f"\tex_{r.ex_name()}(cpu, op);", f"\t{tail};", "}"]
    return "\n".join(o) + "\n"


def shapes_of(t):
    """Rows with the same operands share one piece of decoding code."""
    shapes = {}
    for r in t.rows:
        r.shape = shapes.setdefault((tuple(o.name for o in r.operands), r.pre), len(shapes))
    return shapes


def gen_prefixed_index(t, pool):
    """By primary opcode of the suffix: lists of prefixed rows, best first."""
    rows = sorted(t.rows[t.words:], key=lambda r: r.rank(), reverse=True)
    heads = []
    for po in range(64):
        heads.append(len(pool))
        pool += [r.index for r in rows if not (po << 26 ^ r.value) & r.mask & 0xfc000000]
        pool.append(0xffff)
    return heads


def gen_index(t):
    """By primary opcode, then the bits that its rows fix: lists of rows, best first."""
    by_po = {}
    for i, r in enumerate(t.rows):
        r.index = i
        if not r.prefixed:
            by_po.setdefault(r.value >> 26, []).append(r)
    pool, lists, index, keys = [], {}, [], []
    for po in range(64):
        rows = sorted(by_po.get(po, []), key=lambda r: r.rank(), reverse=True)
        fixed = 0
        for r in rows:
            fixed |= r.mask
        fixed &= 0x7ff  # bits 21-31; what lies to the left the list decides
        shift = (fixed & -fixed).bit_length() - 1 if fixed else 0
        width = (fixed >> shift).bit_length()
        keys.append((len(index), shift, (1 << width) - 1))
        for k in range(1 << width):
            m = ((1 << width) - 1) << shift
            fits = tuple(r.index for r in rows if not ((k << shift) ^ r.value) & r.mask & m)
            if fits not in lists:
                lists[fits] = len(pool)
                pool += [*fits, 0xffff]
            index.append(lists[fits])
    return pool, index, keys


def numbers(values, per_line=16):
    return [("\t" + ", ".join(str(v) for v in values[i:i + per_line]) + ",")
            for i in range(0, len(values), per_line)]


def gen_decode(t):
    shapes = shapes_of(t)
    pool, index, keys = gen_index(t)
    prefixed = gen_prefixed_index(t, pool)
    o = [HEAD + "#include \"base/bits.h\"", "#include \"target-ppc/isa.h\"", "",
         "const PpcOperand ppc_isa_operands[] = {", "\t{ \"\", 0, 0, 0, 0, 0, 0 },"]
    for x in t.operands.values():
        o.append(f"\t{{ \"{x.name}\", PPC_KIND_{x.kind.upper()}, {SLOTS.index(x.slot)}, "
                 f"{x.width}, {x.shift}, {low(x.mask):#x}, {x.mask >> 32:#x} }},")
    o += ["};", "", "const PpcInsn ppc_isa_rows[] = {"]
    for r in t.rows:
        feats = " | ".join(f"PPC_F_{f}" for f in r.features) or "0"
        without = " | ".join(f"PPC_F_{f}" for f in r.without) or "0"
        flags = " | ".join(f"PPC_INSN_{f}" for f in r.flags + trace_kind(r.mnemonic)) or "0"
        ids = [f"PPC_OPERAND_{x.name}" + (" | PPC_OPERAND_MEM" if i in r.memory else "")
               for i, x in enumerate(r.operands)]
        rc = f"exrc_{r.rc_name()}" if r.rc else "0"
        tr = f"tr_{r.ex_name()}" if r.ex_name() in t.translators else "0"
        rc_set = (r.rc or "none").upper()
        text = "" if r.text == "-" else r.text
        o += [f"\t{{ \"{r.mnemonic}\", \"{text}\", ex_{r.ex_name()}, {rc}, {tr},",
              f"\t  {low(r.mask):#010x}, {low(r.value):#010x}, "
              f"{low(r.operand_mask) | r.rc_bit:#010x}, {r.rc_bit:#x},",
              f"\t  {r.mask >> 32:#x}, {r.value >> 32:#x}, {r.operand_mask >> 32:#x}, "
              f"{feats}, {without},",
              f"\t  PPC_FAC_{r.fac or 'NONE'}, {flags}, PPC_RC_{rc_set}, {r.index}, {r.shape}, "
              f"{len(ids)}, "
              f"{{ {', '.join(ids) or '0'} }} }},"]
    o += ["};", "", f"const unsigned ppc_isa_row_count = {t.words};",
          f"const unsigned ppc_isa_prefixed_count = {len(t.rows) - t.words};",
          f"const unsigned ppc_isa_operand_count = {len(t.operands) + 1};", "",
          "/* Lists of rows, best first, each ended by 0xffff. */",
          "static const uint16_t pool[] = {", *numbers(pool), "};", "",
          "/* For each value of an opcode's extended field, where its list starts. */",
          "static const uint16_t lists[] = {", *numbers(index), "};", "",
          "static const struct {", "\tuint16_t first, mask;", "\tuint8_t shift;",
          "} opcodes[64] = {"]
    o += [f"\t{{ {first}, {mask:#x}, {shift} }}," for first, shift, mask in keys]
    o += ["};", "",
          "/* The same for prefixed ones, by the suffix's primary opcode. */",
          "static const uint16_t prefixed[64] = {", *numbers(prefixed), "};", "",
          "const PpcInsn *ppc_isa_find_prefixed(uint32_t prefix, uint32_t suffix, "
          "uint64_t features)", "{", "\tconst uint16_t *p = pool + prefixed[suffix >> 26];", "",
          "\tfor (; *p != 0xffff; p++) {", "\t\tconst PpcInsn *insn = &ppc_isa_rows[*p];", "",
          "\t\tif ((suffix & insn->mask) == insn->value &&",
          "\t\t    (prefix & insn->prefix_mask) == insn->prefix_value &&",
          "\t\t    !(insn->features & ~features) && !(insn->without & features))",
          "\t\t\treturn insn;", "\t}", "\treturn 0;", "}", "",
          "const PpcInsn *ppc_isa_find(uint32_t word, uint64_t features)", "{",
          "\tunsigned po = word >> 26;",
          "\tconst uint16_t *p = pool + lists[opcodes[po].first +",
          "\t\t\t\t\t  (word >> opcodes[po].shift & opcodes[po].mask)];", "",
          "\tfor (; *p != 0xffff; p++) {", "\t\tconst PpcInsn *insn = &ppc_isa_rows[*p];", "",
          "\t\tif ((word & insn->mask) == insn->value && !(insn->features & ~features) &&",
          "\t\t    !(insn->without & features))",
          "\t\t\treturn insn;", "\t}", "\treturn 0;", "}", "",
          "bool ppc_isa_decode(const PpcInsn *insn, uint32_t word, PpcOp *op)", "{",
          "\treturn ppc_isa_decode_prefixed(insn, 0, word, op);", "}", "",
          "bool ppc_isa_decode_prefixed(const PpcInsn *insn, uint32_t prefix, uint32_t word, "
          "PpcOp *op)", "{",
          "\t(void)prefix;", "\top->word = word;", "\top->len = insn->prefix_mask ? 8 : 4;",
          "\top->flags = insn->flags;",
          "\top->imm = 0;",
          "\top->slot_a = op->slot_b = op->slot_c = op->slot_d = 0;",
          "\top->slot_e = op->slot_f = op->slot_g = op->slot_h = 0;",
          "\tswitch (insn->shape) {"]
    for (names, pre), number_ in shapes.items():
        o.append(f"\tcase {number_}:")
        for n in names:
            o += ["\t\t" + line for line in t.operands[n].decode()]
        if pre:
            o.append(f"\t\top->imm = {pre};")
        o.append("\t\tbreak;")
    o += ["\t}", "\treturn true;", "}", ""]
    return "\n".join(o)


# What the trace interrupt says of an instruction (3.0B book III 7.5.15), by its mnemonic.
LOADS = re.compile(r"p?l(?!vs[lr]$|xvkq$)|icbi|icbt|dcbt$|dcbst|dcbf|eciwx|hashchk|copy$")
STORES = re.compile(r"p?st(?!op$)|dcbz|dcba$|dcbi|dcbtst|ecowx|hashst|paste")
BRANCHES = re.compile(r"bc?(lr|ctr|tar)?l?a?$")
UNTRACED = re.compile(r"sc$|scv$|h?rfid?$|rfscv$|stop$|nap$|doze$|sleep$|rvwinkle$")


def trace_kind(mnemonic):
    return [name for name, known in (("LOAD", LOADS), ("STORE", STORES), ("BRANCH", BRANCHES),
                                     ("UNTRACED", UNTRACED)) if known.match(mnemonic)]


def gen_docs(t):
    o = ["# The instructions", "",
         "Made from `target-ppc/*.isa` by `scripts/isagen.py --docs`; the columns are described at "
         "the head of `target-ppc/ppc.isa`.", "",
         f"{len(t.rows)} rows.", "",
         "| instruction | operands | word | mask | form | feature | notes |",
         "|---|---|---|---|---|---|---|"]
    for r in sorted(t.rows, key=lambda r: (r.mnemonic, r.value)):
        notes = [n for n in (f"Rc ({r.rc})" if r.rc else "", f"facility {r.fac}" if r.fac else "",
                             *(f.lower() for f in r.flags)) if n]
        w = 16 if r.prefixed else 8
        features = " ".join(r.features + ["not " + f for f in r.without])
        o.append(f"| {r.mnemonic} | {'' if r.text == '-' else r.text} | {r.value:0{w}x} | "
                 f"{r.mask:0{w}x} | {r.form.name} | {features} | {', '.join(notes)} |")
    return "\n".join(o) + "\n"


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    try:
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    except OSError:
        pass
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".new", path)


def main():
    p = argparse.ArgumentParser(description="instruction tables to C")
    p.add_argument("--out", metavar="DIR")
    p.add_argument("--docs", metavar="OUT")
    p.add_argument("--check", action="store_true")
    p.add_argument("files", nargs="+", metavar="FILE")
    args = p.parse_args()
    try:
        t = Table(args.files)
        decode = gen_decode(t)
        if args.out:
            d = os.path.join(args.out, "target-ppc")
            write(os.path.join(d, "isa_gen.h"), gen_header(t))
            write(os.path.join(d, "isa_decode.c"), decode)
            write(os.path.join(d, "isa_rc.c"), gen_rc(t))
        if args.docs:
            write(args.docs, gen_docs(t))
    except (TableError, OSError) as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
