/*
 * Streams of instructions on the CPU, in every mode: byte orders, 32 and 64 bits,
 * problem state, facilities on and off, real, radix and hash translation with
 * tables that are right, damaged or nonsense, trace, breakpoints and watchpoints.
 *
 * An input is a header (struct Head) and records of eight bytes, an instruction
 * each: a row of the instruction table and bits for its operands, or a word as
 * it is.  What the rows are called by changes with the table, so there are no
 * inputs to keep.  The stream lies in RAM at a page boundary, at its middle and at all
 * vectors, so that interrupts run it too.
 *
 * Each input runs three times: in long slices, in slices of one instruction, and in long ones with all
 * that is executed more than once in host code; all must end in the same state, bit for bit.
 */
#include <inttypes.h>
#include <string.h>
#include "base/bits.h"
#include "base/log.h"
#include "core/irq.h"
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/disas.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/isa.h"
#include "target-ppc/timebase.h"
#include "target-ppc/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RAM_SIZE (UINT64_C(1) << 18)
#define CODE 0x8000u	/* the stream, up to a page */
#define CODE_MAX 500u	/* instructions, perhaps prefixed */
#define TABLES 0x20000u /* radix tree: 0x10000 bytes of levels and process table */
#define DATA 0x30000u
#define HPT_SHIFT 18u
#define REGISTERS UINT64_C(0x0006000000000000)
#define STEPS 400u

typedef struct Head {
	uint8_t model, msr_a, msr_b, mmu;
	uint8_t lpcr, damage, fpscr, where;
	uint8_t seed[8];
} Head;

enum { LONG, SHORT, JIT, RUNS };

/* One machine with one CPU for each of the runs. */
typedef struct Rig {
	Machine *m;
	PpcCpu *cpu;
	Irq *line;
	PpcBoard board;
	uint8_t *hpt;
	uint64_t process_table;
	uint64_t rng; /* of the device and the hypervisor */
	uint64_t seen;
	bool radix, hash;
} Rig;

static uint64_t rnd(uint64_t *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * UINT64_C(2685821657736338717);
}

/* ------------------------------------------------------------ the board */

static uint64_t process_table(void *opaque, bool *radix)
{
	const Rig *r = opaque;

	*radix = r->radix;
	return r->process_table;
}

static uint8_t *hpt(void *opaque, unsigned *shift)
{
	const Rig *r = opaque;

	*shift = HPT_SHIFT;
	return r->hash ? r->hpt : NULL;
}

/* Breakpoints in the stream, watchpoints where registers mostly point; mostly in this state. */
static void arm(PpcCpu *cpu, uint64_t *s, bool code, bool data)
{
	bool classic = cpu->model->excp < PPC_EXCP_P8, often = rnd(s) & 7;
	uint64_t stop = CODE + (rnd(s) & (often ? 0x1c : 0xffc));
	uint64_t at = cpu->gpr[rnd(s) & 31] + (rnd(s) & 63);
	uint64_t x = rnd(s) & 0xff, range = often ? 0xfc00 : rnd(s) & 0xfc00;

	if (often)
		x |= 0xf;
	at &= often && !classic ? ~UINT64_C(0x1ff) : ~UINT64_C(7);
	if (rnd(s) % 4 == 0)
		stop |= UINT64_C(0xc000000000000000);
	if (code && classic)
		ppc_set_spr(cpu, 1010, stop | 2 | (often ? !!(cpu->msr & MSR_IR) : rnd(s) & 1));
	else if (code)
		ppc_set_spr(cpu, 187, stop | (often ? 2 - !!(cpu->msr & MSR_PR) : rnd(s) & 3));
	if (!data)
		return;
	ppc_set_spr(cpu, classic ? 1013 : 180, at | (rnd(s) & 3) | (cpu->msr & MSR_DR ? 4 : 0));
	ppc_set_spr(cpu, classic ? 1015 : 188, range | x);
	ppc_set_spr(cpu, 181, at + (rnd(s) & 0x1fff));
	ppc_set_spr(cpu, 189, range | (rnd(s) & 0xff));
}

/* A hypervisor that does to its caller what a real one might. */
static void hypercall(void *opaque, PpcCpu *cpu)
{
	Rig *r = opaque;
	uint64_t v = ppc_gpr(cpu, 3);

	switch (v & 15) {
	case 0: ppc_set_msr(cpu, ppc_msr(cpu) | MSR_EE); break;
	case 1: ppc_tlb_flush(cpu); break;
	case 2: ppc_tlb_flush_va(cpu, ppc_gpr(cpu, 4), ppc_gpr(cpu, 5), ppc_gpr(cpu, 6)); break;
	case 3: ram_st64(r->m->ram, ppc_gpr(cpu, 4) % RAM_SIZE & ~UINT64_C(7), v); break;
	case 4: ppc_set_spr(cpu, 318, ppc_spr(cpu, 318) ^ LPCR_ILE); break;
	case 5: ppc_set_compat(cpu, v & 16 ? 0x0f000004 : 0, NULL); break;
	case 6: arm(cpu, &r->rng, true, true); break;
	default: break;
	}
	ppc_set_gpr(cpu, 3, rnd(&r->rng));
}

static uint64_t reg_read(void *opaque, uint64_t offset, unsigned size)
{
	Rig *r = opaque;

	r->seen = r->seen * 31 + offset + size;
	irq_set(r->line, offset >> 4 & 1);
	return rnd(&r->rng);
}

static void reg_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
	Rig *r = opaque;

	r->seen = r->seen * 31 + offset + size + value;
	irq_set(r->line, (int)(value & 1));
}

static const BusOps reg_ops = {
	.read = reg_read, .write = reg_write, .endian = BUS_LE, .min = 1, .max = 4
};

static void line_moved(void *opaque, int n, int level)
{
	const Rig *r = opaque;

	(void)n;
	ppc_input(r->cpu, PPC_INPUT_INT, level);
}

/* What the machine's own pool of CPUs would tell the clock, and be told by it. */
static uint64_t partial(void *opaque)
{
	Rig *r = opaque;

	return r->cpu->in_run ? ppc_run_partial(&r->cpu->vcpu) : 0;
}

static void earlier_deadline(void *opaque)
{
	const Rig *r = opaque;

	atomic_fetch_or(&r->cpu->vcpu.events, VCPU_EV_EXIT);
}

static Rig *rig_new(const char *model, bool jit)
{
	Rig *r = g_new0(Rig, 1);
	const PpcJitOptions o = { .bytes = (size_t)8 << 20, .hot = 1 };
	GError *err = NULL;

	r->m = machine_new("fuzz", loop_new(), vclock_new(VCLOCK_COUNTED, hostclock_real(), 1));
	r->m->ram = ram_new(RAM_SIZE, &err);
	r->m->bus = bus_new(r->m->ram);
	r->board = (PpcBoard){ .opaque = r,
			       .tb_freq = 512000000,
			       .vhyp = true,
			       .hypercall = hypercall,
			       .hpt = hpt,
			       .process_table = process_table };
	r->hpt = g_malloc0(1u << HPT_SHIFT);
	bus_map(r->m->bus, "registers", REGISTERS, 0x10000, &reg_ops, r);
	r->line = irq_new(r->m, "line", line_moved, r, 0);
	r->board.vhyp = ppc_model_find(model)->excp >= PPC_EXCP_P8;
	r->cpu = ppc_cpu_new(r->m, ppc_model_find(model), &r->board, 0, &err);
	if (!r->cpu || (jit && !ppc_use_jit(r->cpu, &o, &err)))
		bug("%s", err->message);
	vclock_set_partial(r->m->clock, partial, r);
	vclock_set_notify(r->m->clock, earlier_deadline, r);
	machine_lock(r->m);
	machine_reset(r->m);
	vclock_start(r->m->clock);
	machine_unlock(r->m);
	return r;
}

/* -------------------------------------------------------- instructions */

/* The words of a record, one or (prefixed) two. */
static unsigned words_of(const uint8_t *p, uint32_t w[2])
{
	const PpcInsn *in =
		&ppc_isa_rows[ld16_be(p) % (ppc_isa_row_count + ppc_isa_prefixed_count)];
	uint32_t bits = ld32_be(p + 4), more = bits * 0x9e3779b9u;

	w[0] = w[1] = bits;
	if (p[2] == 0)
		return 1;
	w[0] = w[1] = in->value | (bits & in->fields & ~in->mask);
	if (!in->prefix_mask)
		return 1;
	w[0] = in->prefix_value | (more & in->prefix_fields & ~in->prefix_mask);
	return 2;
}

/*
 * Branches mostly land in the stream, so that it goes on for a while; loads and stores
 * mostly near where a register points.
 */
static uint32_t tamed(uint32_t word, uint8_t how)
{
	if (how & 1)
		return word;
	if (word >> 26 >= 32 && word >> 26 < 56 && (how & 2))
		return word & 0xffff003f;
	if (word >> 26 == 18)
		return (word & 0xfc000003) | (word & 0x7c);
	if (word >> 26 == 16)
		return (word & 0xffff0003) | (word & 0x3c);
	return word;
}

/* Whatever a word is, finding, decoding and printing it is safe. */
static void look_at(uint32_t word, uint32_t suffix, uint64_t features)
{
	bool prefixed = ppc_isa_is_prefix(word, features);
	const PpcInsn *in = prefixed ? ppc_isa_find_prefixed(word, suffix, features)
				     : ppc_isa_find(word, features);
	uint32_t w = prefixed ? suffix : word;
	static GString *s;
	PpcOp op = { 0 };
	unsigned len;

	if (!s)
		s = g_string_new(NULL);
	g_string_truncate(s, 0);
	len = ppc_disas(features, word, suffix, 0xc000000000000000, s);

	if ((len != 4 && len != 8) || !s->len || s->len > 100)
		bug("0x%08x prints as \"%s\" (%u bytes)", word, s->str, len);
	for (gsize i = 0; i < s->len; i++)
		if (!g_ascii_isprint(s->str[i]))
			bug("0x%08x prints as \"%s\"", word, s->str);
	if (in && ((w & in->mask) != in->value || (in->features & ~features)))
		bug("0x%08x is not a %s", word, in->mnemonic);
	if (in &&
	    (prefixed ? ppc_isa_decode_prefixed(in, word, w, &op) : ppc_isa_decode(in, w, &op)) &&
	    !ppc_isa_exec(in, w))
		bug("0x%08x: nothing executes it", word);
}

/* ------------------------------------------------------------- registers */

static uint64_t interesting(uint64_t *s)
{
	uint64_t v = rnd(s);
	unsigned k = v >> 59;

	v &= 0xffff;
	if (k < 8)
		return DATA + (v & 0x7ff8);
	if (k < 14)
		return DATA + 0x1000 - (v & 31);
	switch (k) {
	case 14: return CODE + (v & 0xfff);
	case 15: return TABLES + v;
	case 16: return RAM_SIZE - (v & 31);
	case 17: return REGISTERS + (v & 0xff);
	case 18: return UINT64_C(0xc000000000000000) + DATA + (v & 0xff);
	case 19: return UINT64_C(0) - (v & 31);
	case 20: return UINT64_C(0x80000000) - (v & 15);
	case 21: return UINT64_C(0xffffffff) - (v & 15);
	case 22: return UINT64_C(0x8000000000000000);
	case 23: return v;
	case 24: return v & 0x7f;
	case 25: return rnd(s);
	case 26: return UINT64_C(1) << (v & 63);
	case 27: return UINT64_MAX;
	default: return 0;
	}
}

static uint64_t fp_number(uint64_t *s)
{
	static const uint64_t some[] = {
		0,
		0x8000000000000000,
		0x3ff0000000000000,
		0xbff0000000000000,
		0x7ff0000000000000,
		0xfff0000000000000,
		0x7ff8000000000000,
		0x7ff0000000000001,
		0x0000000000000001,
		0x000fffffffffffff,
		0x0010000000000000,
		0x7fefffffffffffff,
		0x47efffffe0000000,
		0x36a0000000000000,
		0x41dfffffffc00000,
		0x43e0000000000000,
		0x3ff0000000000001,
		0x7f800000ff800000,
		0x7fc0000000000001,
		0x0123456789abcdef,
		0x000000000000000c,
	};
	uint64_t v = rnd(s);

	return v & 3 ? some[(v >> 8) % ARRAY_LEN(some)] ^ (v & 12 ? 0 : v >> 60) : rnd(s);
}

static void set_registers(PpcCpu *cpu, const Head *h, uint64_t *s)
{
	for (unsigned i = 0; i < 32; i++)
		cpu->gpr[i] = interesting(s);
	for (unsigned i = 0; i < 64; i++) {
		VSR_D(cpu->vsr[i], 0) = fp_number(s);
		VSR_D(cpu->vsr[i], 1) = fp_number(s);
	}
	cpu->lr = CODE + (rnd(s) & 0xfc);
	cpu->ctr = h->where & 1 ? CODE + (rnd(s) & 0xfc) : rnd(s) & 7;
	ppc_cr_set(cpu, (uint32_t)rnd(s));
	ppc_xer_set(cpu, rnd(s));
	cpu->spr.SRR0 = CODE + (rnd(s) & 0xfc);
	cpu->spr.SRR1 = h->where & 2 ? rnd(s) : cpu->msr;
	cpu->spr.AMR = h->where & 4 ? rnd(s) : 0;
	cpu->spr.IAMR = h->where & 8 ? rnd(s) : 0;
	cpu->spr.FSCR = h->where & 16 ? rnd(s) : UINT64_MAX;
	cpu->spr.PIDR = h->where & 32 ? rnd(s) & 0xffff : rnd(s) & 3;
	cpu->fpscr = h->fpscr & 3; /* rounding */
	if (h->fpscr & 16)
		cpu->fpscr |= 4; /* NI */
	if (h->fpscr & 4)
		cpu->fpscr |= rnd(s) & 0xf8; /* enables */
	if (h->fpscr & 8)
		cpu->vscr = 0x10000;
}

/* Counters shortly before they become negative, and most of what can come of it. */
static void set_monitor(PpcCpu *cpu, uint64_t *s)
{
	static const unsigned pmc[] = { 787, 788, 789, 790, 791, 792, 953, 954, 957, 958 };
	uint64_t v = rnd(s), mmcr0 = (v & 0x7fdcf3b2) | (v >> 32 & 0x0640e000);

	for (unsigned i = 0; i < ARRAY_LEN(pmc); i++)
		ppc_set_spr(cpu, pmc[i], 0x80000000 - (rnd(s) & 0xff));
	ppc_set_spr(cpu, 798, v & 1 ? 0x021ef8fa : rnd(s)); /* MMCR1 */
	ppc_set_spr(cpu, 956, 2 << 27 | 3 << 22);
	ppc_set_spr(cpu, 785, v & 2 ? 0 : rnd(s));				/* MMCR2 */
	ppc_set_spr(cpu, 806, v & 4 ? 0 : BIT64(0) | BIT64(31) | (v >> 8 & 1)); /* BESCR */
	ppc_set_spr(cpu, 804, CODE);						/* EBBHR */
	ppc_set_spr(cpu, 795, v & 8 ? mmcr0 & ~UINT64_C(0x78000030) : mmcr0);
	ppc_set_spr(cpu, 952, (mmcr0 & 0x7fc0e000) | 1 << 6 | 2);
}

/* --------------------------------------------------------------- tables */

/* A tree of 4 KiB pages that maps RAM to itself at 0 and at 0xc000000000000000. */
static void radix_tables(Rig *r, const Head *h, uint64_t *s)
{
	Ram *ram = r->m->ram;
	uint64_t l1 = TABLES + 0x1000, l2 = l1 + 0x1000, l3 = l2 + 0x1000, l4 = l3 + 0x1000;
	uint64_t leaf = BIT64(0) | BIT64(1) | 0x100 | (rnd(s) & 0x80);

	/* 52 bits: 13 of level 1 would not fit; the lower addresses need one entry of each. */
	for (unsigned pid = 0; pid < 4; pid++)
		ram_st64(ram, TABLES + pid * 16, 0x4000000000000000 | 0xa0 | l1 | 8);
	ram_st64(ram, l1, BIT64(0) | l2 | 9);
	ram_st64(ram, l2, BIT64(0) | l3 | 9);
	ram_st64(ram, l3, BIT64(0) | l4 | 9);
	for (uint64_t pa = 0; pa < RAM_SIZE; pa += 0x1000)
		ram_st64(ram, l4 + pa / 0x1000 * 8,
			 leaf | pa |
				 (h->damage & 1	  ? rnd(s) & 15
				  : h->damage & 2 ? 7
						  : 15));
	/* Registers by a page whose real address is outside of RAM. */
	ram_st64(ram, l4 + 0x100 * 8, leaf | 0x20 | REGISTERS | 7);
	for (unsigned i = h->damage >> 4; i; i--) {
		uint64_t at = TABLES + (rnd(s) & 0x5ff8), v = rnd(s);

		ram_st64(ram, at, v & 1 ? rnd(s) : (v & 0xfff00) | BIT64(0) | (v & 0x1f));
	}
	r->process_table = TABLES | (h->damage & 4 ? rnd(s) & 0x1f : 0);
}

/* Entries for the first pages of both halves, as the walker looks for them. */
static void hash_tables(Rig *r, const Head *h, uint64_t *s)
{
	PpcCpu *cpu = r->cpu;
	unsigned groups = (1u << (HPT_SHIFT - 7)) - 1;

	memset(r->hpt, 0, 1u << HPT_SHIFT);
	for (unsigned half = 0; half < 2; half++) {
		uint64_t vsid = 0x100 + half;
		uint64_t ks = h->damage & 1 ? rnd(s) & 0xf80 : 0;

		cpu->slb[half].esid = (half ? UINT64_C(0xc000000000000000) : 0) | BIT64(36);
		cpu->slb[half].vsid = vsid << 12 | ks;
		for (unsigned page = 0; page < RAM_SIZE >> 12; page++) {
			uint8_t *e = r->hpt + ((vsid ^ page) & groups) * 128;

			while (ld64_be(e) & 1)
				e += 16;
			st64_be(e, (vsid << 5 | page >> 11) << 7 | 1);
			st64_be(e + 8, page << 12 | 0x10 | (h->damage & 2 ? rnd(s) & 0x187 : 2));
		}
	}
	for (unsigned i = 2; i < 8 && (h->damage & 4); i++) {
		cpu->slb[i].esid = rnd(s);
		cpu->slb[i].vsid = rnd(s);
	}
	for (unsigned i = h->damage >> 4; i; i--)
		st64_be(r->hpt + (rnd(s) & ((1u << HPT_SHIFT) - 8)), rnd(s));
}

/*
 * Classic: blocks that map RAM to itself, and segments and a hash table inside of
 * RAM that are what the seed makes of them.
 */
static void classic_tables(Rig *r, const Head *h, uint64_t *s)
{
	static const unsigned first[] = { 528, 536, 560, 568 }; /* IBAT0U, DBAT0U; 4 and up */
	PpcCpu *cpu = r->cpu;

	if (!(h->damage & 8)) {
		ppc_set_spr(cpu, 528, 0x00001fff); /* 256 MiB, both states */
		ppc_set_spr(cpu, 529, 0x12);
		ppc_set_spr(cpu, 536, 0x00001fff);
		ppc_set_spr(cpu, 537, 0x12);
	}
	for (unsigned i = h->damage >> 4; i; i--) {
		unsigned spr = first[rnd(s) & 3] + 2 + (rnd(s) & 5);

		ppc_set_spr(cpu, spr, (uint32_t)rnd(s) & (h->damage & 1 ? UINT32_MAX : 0x7ff));
	}
	for (unsigned i = 0; i < 16; i++)
		cpu->sr[i] = (uint32_t)rnd(s) & (h->damage & 2 ? 0xf0ffffff : 0x60000003);
	ppc_set_spr(cpu, 25, TABLES | (h->damage & 4 ? (uint32_t)rnd(s) & 0x1ff : 0));
	for (unsigned i = 0; i < 0x10000; i += 8) {
		uint32_t v = (uint32_t)rnd(s);

		ram_st32(r->m->ram, TABLES + i, (v & 0x800001ff) | (v >> 8 & 1) << 31);
		ram_st32(r->m->ram, TABLES + i + 4, ((uint32_t)rnd(s) & 0x3f1ff) | 0x12);
	}
}

/* ------------------------------------------------------------ the runs */

static void put_word(Rig *r, uint64_t pa, uint32_t word, bool le)
{
	ram_st32(r->m->ram, pa, le ? bswap32(word) : word);
}

/* A handler: one instruction of the stream, then on behind the one that caused it. */
static void place_handler(Rig *r, uint64_t at, uint32_t word, bool skip, bool le)
{
	static const uint32_t back[] = {
		0x7fda02a6, /* mfsrr0 r30 */
		0x3bde0004, /* addi r30,r30,4 */
		0x7fda03a6, /* mtsrr0 r30 */
		0x4c000024, /* rfid */
	};

	put_word(r, at, word, le);
	for (unsigned i = 0; i < ARRAY_LEN(back); i++)
		put_word(r, at + 4 + i * 4, skip || i == 3 ? back[i] : 0x60000000, le);
}

static void place_code(Rig *r, const Head *h, const uint8_t *p, size_t n, bool le)
{
	uint64_t at = CODE;
	uint32_t w[2];

	for (unsigned v = 0x100; v < 0x1800; v += 0x20) {
		bool ile = h->lpcr & 2;
		uint32_t word;
		bool skip = v != PPC_V_SC && v != PPC_V_TRACE && v != PPC_V_DEC && v != PPC_V_EXT;

		if (words_of(p + v / 0x20 % n * 8, w) == 2 || (h->where & 128))
			w[0] = 0x60000000;
		word = w[0];
		place_handler(r, v, word, skip, ile);
		place_handler(r, 0x4000 + v, word, skip, ile);
		if (v >= 0x1000)
			continue;
		place_handler(r, 0x3000 + v - 0x100, word, false, ile);
		place_handler(r, 0x17000 + v - 0x100, word, false, ile);
	}
	for (size_t i = 0; i < n; i++, at += 4) {
		unsigned k = words_of(p + i * 8, w);

		put_word(r, at, k == 2 ? w[0] : tamed(w[0], p[i * 8 + 3]), le);
		if (k == 2)
			put_word(r, at += 4, w[1], le);
	}
	/* And back to its begin. */
	put_word(r, at, 0x48000000 | ((CODE - (uint32_t)at) & 0x3fffffc), le);
}

static void prepare(Rig *r, const Head *h, const uint8_t *p, size_t n)
{
	static const uint64_t a[] = { MSR_SF,  MSR_LE, MSR_FP, MSR_VEC,
				      MSR_VSX, MSR_EE, MSR_RI, MSR_ME };
	static const uint64_t b[] = {
		MSR_PR, MSR_IR, MSR_DR, MSR_TE_SE, MSR_TE_BE, MSR_FE0, MSR_FE1
	};
	uint64_t s = ld64_be(h->seed) | 1, msr = 0, lpcr = 0;
	PpcCpu *cpu = r->cpu;

	machine_lock(r->m);
	vclock_stop(r->m->clock);
	vclock_set(r->m->clock, 1000);
	machine_reset(r->m);
	vclock_start(r->m->clock);
	for (unsigned i = 0; i < ARRAY_LEN(a); i++)
		msr |= h->msr_a >> i & 1 ? 0 : a[i];
	for (unsigned i = 0; i < ARRAY_LEN(b); i++)
		msr |= h->msr_b >> i & 1 ? b[i] : 0;
	if ((h->mmu & 0xd0) == 0xd0)
		msr &= ~(MSR_PR | MSR_IR | MSR_DR);
	r->rng = s;
	r->seen = 0;
	r->radix = r->hash = false;
	ram_fill(r->m->ram, 0, 0, RAM_SIZE);
	if (cpu->model->mmu == PPC_MMU_32) {
		if (h->mmu & 3)
			classic_tables(r, h, &s);
	} else if ((h->mmu & 3) == 1 && cpu->model->mmu == PPC_MMU_V3) {
		r->radix = true;
		lpcr |= LPCR_HR | LPCR_UPRT;
		radix_tables(r, h, &s);
	} else if ((h->mmu & 3) == 2) {
		r->hash = true;
		hash_tables(r, h, &s);
	}
	lpcr |= (h->lpcr & 1 ? LPCR_AIL : 0) | (h->lpcr & 2 ? LPCR_ILE : 0) |
		(h->lpcr & 4 ? LPCR_LD : 0) | (h->lpcr & 8 ? LPCR_GTSE : 0) | LPCR_PECE;
	cpu->spr.LPCR = lpcr; /* the TLB is empty after a reset: no flush */
	ppc_set_msr(cpu, msr);
	set_registers(cpu, h, &s);
	if ((cpu->features & PPC_F_CLS) && !(h->mmu & 32))
		cpu->spr.HID0 = HID0_DCE;
	/* Without faults that end a stream soon, most accesses are near what is watched. */
	for (unsigned i = 0; i < 32 && (h->mmu & 0xd0) == 0xd0; i++)
		cpu->gpr[i] = DATA + (rnd(&s) & 0x1f8);
	arm(cpu, &s, h->mmu & 8, h->mmu & 16);
	if (h->where & 64)
		ppc_dec_set(cpu, rnd(&s) & 0xff);
	if (h->lpcr & 16)
		set_monitor(cpu, &s);
	ppc_state_changed(cpu);
	place_code(r, h, p, n, (cpu->msr & MSR_LE) != 0);
	ppc_set_nip(cpu, (h->mmu & 4 ? UINT64_C(0xc000000000000000) : 0) + CODE);
	machine_unlock(r->m);
}

/* Runs `steps` instructions in slices of at most `slice`. */
static void go(Rig *r, uint64_t steps, uint64_t slice)
{
	PpcCpu *cpu = r->cpu;
	unsigned idle = 0;

	for (uint64_t done = 0; done < steps && !cpu->quiesced;) {
		int64_t next = vclock_next_deadline(r->m->clock), now = vclock_now(r->m->clock);
		uint64_t max = MIN(slice, steps - done), k;

		if (!ppc_runnable(&cpu->vcpu)) {
			if (next == INT64_MAX || idle++ > 8)
				break;
			vclock_warp(r->m->clock, next);
			k = 0;
		} else {
			if (next != INT64_MAX)
				max = MIN(max, next > now ? (uint64_t)(next - now) : 1);
			atomic_fetch_and(&cpu->vcpu.events, ~(uint32_t)VCPU_EV_EXIT);
			k = ppc_run(&cpu->vcpu, max);
			if (k > max)
				bug("%" PRIu64 " of %" PRIu64 " instructions", k, max);
			if (!k && !cpu->halted && idle++ > 8)
				bug("stands still at 0x%" PRIx64, cpu->nip);
			if (k)
				idle = 0;
			vclock_count(r->m->clock, k);
		}
		machine_lock(r->m);
		vclock_run_timers(r->m->clock);
		machine_unlock(r->m);
		done += k;
	}
}

/* What no guest may break. */
static void check(Rig *r)
{
	PpcCpu *cpu = r->cpu;
	GError *err = NULL;
	GString *s = g_string_new(NULL);
	uint64_t pa;

	if (cpu->gpr[32])
		bug("gpr[32] is 0x%" PRIx64, cpu->gpr[32]);
	if (cpu->msr & ~(cpu->model->msr_mask | MSR_ME))
		bug("msr is 0x%" PRIx64, cpu->msr);
	if (cpu->nip & ~(cpu->ea_mask & ~UINT64_C(3)))
		bug("nip is 0x%" PRIx64, cpu->nip);
	for (unsigned i = 0; i < 4; i++)
		ppc_debug_translate(cpu, cpu->gpr[i], i & 1, &pa);
	ppc_debug_disas(cpu, cpu->nip, false, s);
	ppc_debug_disas(cpu, cpu->gpr[1], true, s);
	if (!(r->rng & 7))
		ppc_show(cpu, true, s);
	g_string_free(s, TRUE);
	/* A snapshot of it can be loaded (dear: not each time). */
	if (!(r->rng & 7) && !cpu->dev.type->loaded(&cpu->dev, &err))
		bug("%s", err->message);
}

static void same(Rig *x, Rig *y, const char *who)
{
	const VmDesc *d = x->cpu->dev.type->state;
	g_autofree char *diff = vm_compare(d, x->cpu, y->cpu);
	uint64_t i = 0;

	if (diff)
		bug("%s differ: %s", who, diff);
	if (!memcmp(x->m->ram->host, y->m->ram->host, RAM_SIZE))
		i = RAM_SIZE;
	for (; i < RAM_SIZE; i++)
		if (x->m->ram->host[i] != y->m->ram->host[i])
			bug("%s differ: RAM at 0x%" PRIx64, who, i);
	for (i = 0; x->hash && i < 1u << HPT_SHIFT; i += 8)
		if (ld64_be(x->hpt + i) != ld64_be(y->hpt + i))
			bug("%s differ: hash table at 0x%" PRIx64 ": 0x%" PRIx64 ", 0x%" PRIx64,
			    who, i, ld64_be(x->hpt + i), ld64_be(y->hpt + i));
	if (x->seen != y->seen)
		bug("%s differ: registers", who);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const models[] = {
		"power9", "power8", "power10", "970fx", "750", "7447a", "603e", "power9",
	};
	static Rig *rigs[ARRAY_LEN(models)][RUNS];
	uint32_t w[2];
	Rig **r;
	size_t n;
	Head h;

	if (size < sizeof(h) + 8)
		return 0;
	memcpy(&h, data, sizeof(h));
	data += sizeof(h);
	n = MIN((size - sizeof(h)) / 8, CODE_MAX);
	if (!rigs[0][0]) {
		for (unsigned i = 0; i < ARRAY_LEN(models) * RUNS; i++)
			rigs[i / RUNS][i % RUNS] = rig_new(models[i / RUNS], i % RUNS == JIT);
	}
	r = rigs[h.model % ARRAY_LEN(models)];
	for (size_t i = 0; i < n; i++) {
		words_of(data + i * 8, w);
		look_at(w[0], w[1], r[LONG]->cpu->model->features);
		look_at(w[0], w[1], UINT64_MAX);
	}
	for (unsigned i = 0; i < RUNS; i++) {
		prepare(r[i], &h, data, n);
		go(r[i], STEPS, i == SHORT ? 1 : STEPS);
	}
	same(r[LONG], r[SHORT], "long and short slices");
	same(r[LONG], r[JIT], "interpreter and host code");
	check(r[LONG]);
	return 0;
}
