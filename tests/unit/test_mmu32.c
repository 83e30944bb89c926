/* 32-bit translation: BATs, segments, the hashed table, TLBs filled by software. */
#include <check.h>
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define HTAB 0x100000 /* 64 KiB */
#define PTE_R 0x100u
#define PTE_C 0x80u

enum { SDR1 = 25, HID0 = 1008, IBAT0U = 528, DBAT0U = 536, IBAT4U = 560, DBAT4U = 568 };

static void st32(PpcRig *r, uint64_t pa, uint32_t v)
{
	ck_assert(ram_st32(r->m->ram, pa, v));
}

static uint32_t ld32(PpcRig *r, uint64_t pa)
{
	uint32_t v;

	ck_assert(ram_ld32(r->m->ram, pa, &v));
	return v;
}

/* The group of a page (PEM 7.6.1.2), for a table of 64 KiB. */
static uint32_t group(uint32_t vsid, uint32_t ea, bool second)
{
	uint32_t hash = (vsid & 0x7ffff) ^ (ea >> 12 & 0xffff);

	return HTAB + ((second ? ~hash : hash) & 0x3ff) * 64;
}

/* Enters a page; returns where. */
static uint32_t map(PpcRig *r, uint32_t vsid, uint32_t ea, uint32_t lo, bool second, unsigned slot)
{
	uint32_t at = group(vsid, ea, second) + slot * 8;

	st32(r, at, 0x80000000 | vsid << 7 | (second ? 0x40 : 0) | (ea >> 22 & 0x3f));
	st32(r, at + 4, lo);
	return at;
}

static PpcRig *rig_32(const char *model)
{
	PpcRig *r = rig_new(model);

	ppc_set_spr(r->cpu, SDR1, HTAB);
	for (unsigned i = 0; i < 16; i++)
		r->cpu->sr[i] = 0x100 + i;
	ppc_seg_changed(r->cpu);
	return r;
}

static void set_sr(PpcRig *r, unsigned n, uint32_t v)
{
	const uint32_t word = I_X(31, 9, n, 0, 210);

	rig_code(r, AT, &word, 1);
	r->cpu->gpr[9] = v;
	ppc_set_msr(r->cpu, MSR_ME | MSR_RI);
	rig_go(r, AT, 1);
}

/* One load or store at ea with data translation on; the vector taken, or 0. */
static unsigned access_at(PpcRig *r, uint32_t ea, bool store, uint64_t msr)
{
	const uint32_t word = store ? I_STW(4, 0, 3) : I_LWZ(4, 0, 3);

	rig_code(r, AT, &word, 1);
	r->cpu->gpr[3] = ea;
	ppc_set_msr(r->cpu, MSR_ME | MSR_RI | MSR_DR | msr);
	rig_go(r, AT, 1);
	return r->cpu->nip == AT + 4 ? 0 : (unsigned)r->cpu->nip;
}

/* One instruction fetched at ea; the vector taken, or 0. */
static unsigned fetch_at(PpcRig *r, uint32_t ea, uint64_t msr)
{
	ppc_set_msr(r->cpu, MSR_ME | MSR_RI | MSR_IR | msr);
	rig_go(r, ea, 1);
	return r->cpu->nip == ea + 4 ? 0 : (unsigned)r->cpu->nip;
}

START_TEST(pages)
{
	PpcRig *r = rig_32("750");

	map(r, 0x101, 0x10003000, 0x30000 | 2, false, 3);
	map(r, 0x102, 0x20fff000, 0x31000 | 2, true, 7);
	st32(r, 0x30010, 0x11111111);
	st32(r, 0x31ffc, 0x22222222);
	ck_assert_uint_eq(access_at(r, 0x10003010, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x11111111);
	ck_assert_uint_eq(access_at(r, 0x20fffffc, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x22222222);
	/* Stores land there. */
	r->cpu->gpr[4] = 0x33333333;
	ck_assert_uint_eq(access_at(r, 0x10003020, true, 0), 0);
	ck_assert_uint_eq(ld32(r, 0x30020), 0x33333333);
	/* No entry. */
	ck_assert_uint_eq(access_at(r, 0x10004000, false, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x40000000);
	ck_assert_uint_eq(r->cpu->spr.DAR, 0x10004000);
	ck_assert_uint_eq(access_at(r, 0x10004000, true, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x42000000);
	rig_free(r);
}
END_TEST

/* HTABMASK widens the table: bits of the hash enter the address. */
START_TEST(table_size)
{
	PpcRig *r = rig_32("750");
	uint32_t vsid = 0x7c101, ea = 0x10003000, hash = (vsid & 0x7ffff) ^ (ea >> 12 & 0xffff);

	ppc_set_spr(r->cpu, SDR1, 0x200000 | 0x1f); /* 2 MiB */
	set_sr(r, 1, vsid);
	st32(r, 0x200000 + (hash & 0x7fff) * 64, 0x80000000 | vsid << 7 | 0);
	st32(r, 0x200000 + (hash & 0x7fff) * 64 + 4, 0x30000 | 2);
	ck_assert_uint_eq(access_at(r, ea, false, 0), 0);
	/* Outside of RAM there are no entries. */
	ppc_set_spr(r->cpu, SDR1, 0xfff00000);
	ck_assert_uint_eq(access_at(r, ea, false, 0), PPC_V_DSI);
	rig_free(r);
}
END_TEST

START_TEST(rc_exact)
{
	PpcRig *r = rig_32("750");
	uint32_t a = map(r, 0x101, 0x10003000, 0x30000 | 2, false, 0);
	uint32_t b = map(r, 0x101, 0x10004000, 0x31000 | 3, false, 0);

	ck_assert_uint_eq(access_at(r, 0x10003000, false, 0), 0);
	ck_assert_uint_eq(ld32(r, a + 4), 0x30002 | PTE_R);
	ck_assert_uint_eq(access_at(r, 0x10003000, true, 0), 0);
	ck_assert_uint_eq(ld32(r, a + 4), 0x30002 | PTE_R | PTE_C);
	/* A store that is not permitted: R alone. */
	ck_assert_uint_eq(access_at(r, 0x10004000, true, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x0a000000);
	ck_assert_uint_eq(ld32(r, b + 4), 0x31003 | PTE_R);
	/* A debugger's look changes nothing. */
	st32(r, b + 4, 0x31003);
	ppc_set_msr(r->cpu, MSR_DR);
	{
		uint64_t pa;

		ppc_tlb_flush(r->cpu);
		ck_assert(ppc_debug_translate(r->cpu, 0x10004004, false, &pa));
		ck_assert_uint_eq(pa, 0x31004);
	}
	ck_assert_uint_eq(ld32(r, b + 4), 0x31003);
	rig_free(r);
}
END_TEST

/* PEM table 7-12: key and PP. */
START_TEST(protection)
{
	static const struct {
		unsigned pp;
		bool key, r, w;
	} rows[] = {
		{ 0, false, true, true },  { 1, false, true, true },  { 2, false, true, true },
		{ 3, false, true, false }, { 0, true, false, false }, { 1, true, true, false },
		{ 2, true, true, true },   { 3, true, true, false },
	};
	PpcRig *r = rig_32("7400");

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		for (unsigned pr = 0; pr < 2; pr++) {
			uint32_t ks = pr ? 0x20000000 : 0x40000000;

			set_sr(r, 1, 0x101 | (rows[i].key ? ks : 0x60000000 ^ ks));
			map(r, 0x101, 0x10003000, 0x30000 | PTE_C | rows[i].pp, false, 0);
			ppc_tlb_flush(r->cpu);
			ck_assert_uint_eq(access_at(r, 0x10003000, false, pr ? MSR_PR : 0),
					  rows[i].r ? 0 : PPC_V_DSI);
			ck_assert_uint_eq(access_at(r, 0x10003000, true, pr ? MSR_PR : 0),
					  rows[i].w ? 0 : PPC_V_DSI);
		}
	rig_free(r);
}
END_TEST

START_TEST(fetching)
{
	const uint32_t nop = I_NOP;
	PpcRig *r = rig_32("750");

	rig_code(r, 0x30000, &nop, 1);
	map(r, 0x101, 0x10003000, 0x30000 | 2, false, 0);
	ck_assert_uint_eq(fetch_at(r, 0x10003000, 0), 0);
	/* No entry, guarded, no-execute segment, no right. */
	ck_assert_uint_eq(fetch_at(r, 0x10004000, 0), PPC_V_ISI);
	ck_assert_uint_eq(r->cpu->spr.SRR0, 0x10004000);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, 0x40000000);
	map(r, 0x101, 0x10004000, 0x30000 | 8 | 2, false, 0);
	ck_assert_uint_eq(fetch_at(r, 0x10004000, 0), PPC_V_ISI);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, 0x10000000);
	set_sr(r, 1, 0x101 | 0x10000000);
	ck_assert_uint_eq(fetch_at(r, 0x10003000, 0), PPC_V_ISI);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, 0x10000000);
	set_sr(r, 1, 0x101 | 0x40000000);
	map(r, 0x101, 0x10003000, 0x30000 | 0, false, 0);
	ck_assert_uint_eq(fetch_at(r, 0x10003000, 0), PPC_V_ISI);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, 0x08000000);
	/* Direct-store segments. */
	set_sr(r, 1, 0x80000101);
	ck_assert_uint_eq(fetch_at(r, 0x10003000, 0), PPC_V_ISI);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, 0x10000000);
	ck_assert_uint_eq(access_at(r, 0x10003000, false, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x80000000);
	rig_free(r);
}
END_TEST

START_TEST(blocks)
{
	PpcRig *r = rig_32("750");

	st32(r, 0x456780, 0x44444444);
	/* 8 MiB at 0x40000000 to 0, supervisor alone, read and write. */
	ppc_set_spr(r->cpu, DBAT0U, 0x40000000 | 0x3f << 2 | 2);
	ppc_set_spr(r->cpu, DBAT0U + 1, 0x00000000 | 2);
	ck_assert_uint_eq(access_at(r, 0x40456780, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x44444444);
	ck_assert_uint_eq(access_at(r, 0x40456784, true, 0), 0);
	/* Beyond its end, or by problem state: the segment's table. */
	ck_assert_uint_eq(access_at(r, 0x40800000, false, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x40000000);
	ck_assert_uint_eq(access_at(r, 0x40456780, false, MSR_PR), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x40000000);
	/* Read-only, and none. */
	ppc_set_spr(r->cpu, DBAT0U + 1, 1);
	ck_assert_uint_eq(access_at(r, 0x40456780, false, 0), 0);
	ck_assert_uint_eq(access_at(r, 0x40456780, true, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x0a000000);
	ppc_set_spr(r->cpu, DBAT0U + 1, 0);
	ck_assert_uint_eq(access_at(r, 0x40456780, false, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x08000000);
	/* A block wins over a direct-store segment; a data block is none for code. */
	ppc_set_spr(r->cpu, DBAT0U + 1, 2);
	set_sr(r, 4, 0x80000000);
	ck_assert_uint_eq(access_at(r, 0x40456780, false, 0), 0);
	ck_assert_uint_eq(fetch_at(r, 0x40001000, 0), PPC_V_ISI);
	ppc_set_spr(r->cpu, IBAT0U, 0x40000000 | 0x3f << 2 | 2);
	ppc_set_spr(r->cpu, IBAT0U + 1, 2);
	st32(r, 0x1000, I_NOP);
	ck_assert_uint_eq(fetch_at(r, 0x40001000, 0), 0);
	rig_free(r);
}
END_TEST

/* 7447A: BATs 4 to 7, big blocks, 36 bits of address; each by its bit of HID0. */
START_TEST(blocks_7447)
{
	PpcRig *r = rig_32("7447a");
	uint64_t pa;

	ppc_set_spr(r->cpu, DBAT4U, 0x40000000 | 3);
	ppc_set_spr(r->cpu, DBAT4U + 1, 2);
	ck_assert_uint_eq(access_at(r, 0x40000000, false, 0), PPC_V_DSI);
	ppc_set_spr(r->cpu, HID0, HID0_HIGH_BAT);
	ck_assert_uint_eq(access_at(r, 0x40000000, false, 0), 0);
	ppc_set_spr(r->cpu, DBAT4U, 0x40000000 | 0x3 << 13 | 0x7ff << 2 | 3);
	ck_assert_uint_eq(access_at(r, 0x4ffffffc, false, 0), 0);
	ck_assert_uint_eq(access_at(r, 0x50000000, false, 0), PPC_V_DSI);
	ppc_set_spr(r->cpu, HID0, HID0_HIGH_BAT | HID0_XBSEN); /* now 1 GiB */
	ppc_set_msr(r->cpu, MSR_DR);
	ck_assert(ppc_debug_translate(r->cpu, 0x51234560, false, &pa));
	ck_assert_uint_eq(pa, 0x11234560);
	ppc_set_spr(r->cpu, DBAT4U + 1, 0x0e00 | 4 | 2);
	ck_assert(ppc_debug_translate(r->cpu, 0x51234560, false, &pa));
	ck_assert_uint_eq(pa, 0x11234560);
	ppc_set_spr(r->cpu, HID0, HID0_HIGH_BAT | HID0_XBSEN | HID0_XAEN);
	ck_assert(ppc_debug_translate(r->cpu, 0x51234560, false, &pa));
	ck_assert_uint_eq(pa, 0xf11234560);
	rig_free(r);
}
END_TEST

/* Sets of segments are told apart at once, and found again without new walks. */
START_TEST(segment_sets)
{
	PpcRig *r = rig_32("750");
	uint64_t fills;

	for (unsigned i = 0; i < 8; i++) {
		map(r, 0x200 + i, 0x10003000, (0x30000 + i * 0x1000) | PTE_R | PTE_C | 2, false, 0);
		st32(r, 0x30000 + i * 0x1000, i);
	}
	for (unsigned i = 0; i < 8; i++) {
		set_sr(r, 1, 0x200 + i);
		ck_assert_uint_eq(access_at(r, 0x10003000, false, 0), 0);
		ck_assert_uint_eq(r->cpu->gpr[4], i);
	}
	fills = r->cpu->tlb->fills;
	for (unsigned i = 0; i < 800; i++) {
		set_sr(r, 1, 0x200 + i % 8);
		ck_assert_uint_eq(access_at(r, 0x10003000, false, 0), 0);
		ck_assert_uint_eq(r->cpu->gpr[4], i % 8);
	}
	/* Only those of real mode, if any. */
	ck_assert_uint_le(r->cpu->tlb->fills, fills + 8);
	/* Far more sets than there are places: still right. */
	for (unsigned i = 0; i < 2000; i++) {
		set_sr(r, 2, i * 7919);
		set_sr(r, 1, 0x200 + i % 8);
		ck_assert_uint_eq(access_at(r, 0x10003000, false, 0), 0);
		ck_assert_uint_eq(r->cpu->gpr[4], i % 8);
	}
	rig_free(r);
}
END_TEST

/* mtsr takes effect for the next instruction, also for one that is fetched through it. */
START_TEST(segments_under_way)
{
	const uint32_t code[] = { I_X(31, 9, 1, 0, 210), I_LWZ(4, 0, 3), I_X(31, 10, 1, 0, 210),
				  I_LWZ(5, 0, 3) };
	const uint32_t other[] = { I_ADDI(6, 0, 1), I_X(31, 11, 2, 0, 210), I_ADDI(6, 6, 2) };
	const uint32_t other2[] = { I_NOP, I_NOP, I_ADDI(6, 6, 16) };
	PpcRig *r = rig_32("7400");

	map(r, 0x300, 0x10003000, 0x30000 | 2, false, 0);
	map(r, 0x301, 0x10003000, 0x31000 | 2, false, 0);
	st32(r, 0x30000, 0xaaaa);
	st32(r, 0x31000, 0xbbbb);
	rig_code(r, AT, code, 4);
	r->cpu->gpr[3] = 0x10003000;
	r->cpu->gpr[9] = 0x300;
	r->cpu->gpr[10] = 0x301;
	for (unsigned i = 0; i < 5; i++) {
		ppc_set_msr(r->cpu, MSR_ME | MSR_RI | MSR_DR);
		r->cpu->gpr[4] = r->cpu->gpr[5] = 0;
		rig_go(r, AT, 4);
		ck_assert_uint_eq(r->cpu->gpr[4], 0xaaaa);
		ck_assert_uint_eq(r->cpu->gpr[5], 0xbbbb);
	}
	/* Code that pulls its own segment away. */
	map(r, 0x400, 0x20005000, 0x40000 | 2, false, 0);
	map(r, 0x401, 0x20005000, 0x41000 | 2, false, 0);
	rig_code(r, 0x40000, other, 3);
	rig_code(r, 0x41000, other2, 3);
	r->cpu->gpr[11] = 0x401;
	for (unsigned i = 0; i < 5; i++) {
		set_sr(r, 2, 0x400);
		ppc_set_msr(r->cpu, MSR_ME | MSR_RI | MSR_IR);
		rig_go(r, 0x20005000, 3);
		ck_assert_uint_eq(r->cpu->gpr[6], 17);
	}
	rig_free(r);
}
END_TEST

/* tlbie takes a congruence class of every segment; others keep their pages. */
START_TEST(tlbie)
{
	const PpcOp op = { .RB = 5 };
	PpcRig *r = rig_32("750");

	for (unsigned i = 0; i < 3; i++)
		st32(r, 0x30000 + i * 0x1000, i);
	map(r, 0x101, 0x10003000, 0x30000 | 2, false, 0);
	map(r, 0x102, 0x20143000, 0x30000 | 2, false, 1);
	map(r, 0x101, 0x10004000, 0x30000 | 2, false, 2);
	ck_assert_uint_eq(access_at(r, 0x10003000, false, 0), 0);
	ck_assert_uint_eq(access_at(r, 0x20143000, false, 0), 0);
	ck_assert_uint_eq(access_at(r, 0x10004000, false, 0), 0);
	map(r, 0x101, 0x10003000, 0x31000 | 2, false, 0);
	map(r, 0x102, 0x20143000, 0x32000 | 2, false, 1);
	map(r, 0x101, 0x10004000, 0x31000 | 2, false, 2);
	/* EA 14-19 count: 0x3000, 0x143000 and 0x10003000 are one class. */
	r->cpu->gpr[5] = 0x00043000;
	ex_tlbie(r->cpu, &op);
	ck_assert_uint_eq(access_at(r, 0x10003000, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	ck_assert_uint_eq(access_at(r, 0x20143000, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 2);
	ck_assert_uint_eq(access_at(r, 0x10004000, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0);
	/* Sixty-four of them empty all of it. */
	for (unsigned i = 0; i < 64; i++) {
		r->cpu->gpr[5] = i << 12;
		ex_tlbie(r->cpu, &op);
	}
	ck_assert_uint_eq(access_at(r, 0x10004000, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	rig_free(r);
}
END_TEST

/* 603: a miss fills DMISS, DCMP, the hashes, SRR1, and hides GPR0-3; tlbld and rfi end it. */
START_TEST(soft_603)
{
	const uint32_t handler[] = { I_MFSPR(1, 977), I_MFSPR(3, 978),	     I_MTSPR(982, 2),
				     I_MFSPR(0, 976), I_X(31, 0, 0, 0, 978), 19u << 26 | 50 << 1 };
	PpcRig *r = rig_32("603e");
	const uint32_t load = I_LWZ(4, 0, 3);

	st32(r, 0x30008, 0x5555);
	rig_code(r, 0x1100, handler, ARRAY_LEN(handler));
	rig_code(r, AT, &load, 1);
	r->cpu->tgpr[2] = 0x30000 | PTE_R | 2;
	r->cpu->gpr[3] = 0x10003008;
	r->cpu->cr[0] = 9;
	ppc_set_msr(r->cpu, MSR_ME | MSR_RI | MSR_DR | MSR_EE);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, 0x1100);
	ck_assert(r->cpu->msr & MSR_TGPR);
	ck_assert(!(r->cpu->msr & MSR_DR));
	ck_assert_uint_eq(r->cpu->gpr[2], 0x30000 | PTE_R | 2);
	ck_assert_uint_eq(r->cpu->spr.DMISS, 0x10003008);
	ck_assert_uint_eq(r->cpu->spr.DCMP, 0x80000000 | 0x101 << 7);
	ck_assert_uint_eq(r->cpu->spr.HASH1, group(0x101, 0x10003008, false));
	ck_assert_uint_eq(r->cpu->spr.HASH2, group(0x101, 0x10003008, true));
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0xf00f0000, 0x90000000);
	rig_run(r, ARRAY_LEN(handler));
	ck_assert_uint_eq(r->cpu->nip, AT);
	ck_assert(!(r->cpu->msr & MSR_TGPR));
	ck_assert(r->cpu->msr & MSR_EE);
	ck_assert_uint_eq(r->cpu->gpr[3], 0x10003008);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x5555);
	/* A store finds C = 0: a miss of its own, with S/L. */
	ck_assert_uint_eq(access_at(r, 0x10003008, true, 0), 0x1200);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x000f0000, 0x00030000);
	ck_assert_uint_eq(fetch_at(r, 0x10003000, 0), 0x1000);
	ck_assert_uint_eq(r->cpu->spr.IMISS, 0x10003000);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x000f0000, 0x00040000);
	rig_free(r);
}
END_TEST

/* 7450: by hardware unless HID0[STEN]; then TLBMISS, PTEHI, PTELO. */
START_TEST(soft_7450)
{
	const PpcOp op = { .RB = 5 };
	PpcRig *r = rig_32("7450");

	st32(r, 0x30008, 0x5555);
	st32(r, 0x31008, 0x6666);
	map(r, 0x101, 0x10003000, 0x31000 | 2, false, 0);
	ck_assert_uint_eq(access_at(r, 0x10003008, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x6666);
	ppc_set_spr(r->cpu, HID0, HID0_STEN);
	ck_assert_uint_eq(access_at(r, 0x10003008, false, 0), 0x1100);
	ck_assert_uint_eq(r->cpu->spr.TLBMISS, 0x10003008);
	ck_assert_uint_eq(r->cpu->spr.PTEHI, 0x80000000 | 0x101 << 7);
	r->cpu->spr.PTELO = 0x30000 | PTE_R | PTE_C | 2;
	r->cpu->gpr[5] = r->cpu->spr.TLBMISS;
	ex_tlbld(r->cpu, &op);
	ck_assert_uint_eq(access_at(r, 0x10003008, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x5555);
	ck_assert_uint_eq(access_at(r, 0x10003008, true, 0), 0);
	/* The other way comes next. */
	ck_assert_uint_eq(access_at(r, 0x10043008, false, 0), 0x1100);
	ck_assert_uint_eq(r->cpu->spr.TLBMISS, 0x10043009);
	/* tlbie drops both. */
	r->cpu->gpr[5] = 0x3000;
	ex_tlbie(r->cpu, &op);
	ck_assert_uint_eq(access_at(r, 0x10003008, false, 0), 0x1100);
	rig_free(r);
}
END_TEST

/* 970: segment registers are SLB entries, the table is where SDR1 says. */
START_TEST(bridge_970)
{
	const uint32_t mtsr = I_X(31, 9, 3, 0, 210), mfsr = I_X(31, 8, 3, 0, 595);
	uint64_t vsid = 0x333, ea = 0x30005000, hash = vsid ^ (ea >> 12 & 0xffff);
	uint64_t at = 0x200000 + (hash & 0x7ff) * 128;
	PpcRig *r = rig_new("970fx");
	PpcBoard own = r->board;

	own.vhyp = false;
	own.hpt = NULL;
	r->cpu->board = &own;
	ppc_set_spr(r->cpu, SDR1, 0x200000);
	rig_code(r, AT, &mtsr, 1);
	r->cpu->gpr[9] = 0x20000000 | vsid;
	rig_go(r, AT, 1);
	rig_code(r, AT, &mfsr, 1);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[8], 0x20000000 | vsid);
	ck_assert(ram_st64(r->m->ram, at, vsid << 12 | (ea >> 23 & 0x1f) << 7 | 1));
	ck_assert(ram_st64(r->m->ram, at + 8, 0x30000 | 2));
	st32(r, 0x30004, 0x7777);
	{
		const uint32_t load = I_LWZ(4, 4, 3);

		rig_code(r, AT, &load, 1);
		r->cpu->gpr[3] = ea;
		ppc_set_msr(r->cpu, MSR_SF | MSR_ME | MSR_RI | MSR_DR);
		rig_go(r, AT, 1);
	}
	ck_assert_uint_eq(r->cpu->gpr[4], 0x7777);
	ck_assert_uint_eq(ld32(r, at + 12), 0x30002 | PTE_R);
	r->cpu->board = &r->board;
	rig_free(r);
}
END_TEST

/* Tables, registers and addresses of any contents: never out of bounds, never for ever. */
START_TEST(hostile)
{
	static const char *const models[] = { "603e", "604e", "750", "7400", "7450", "7447a" };
	uint64_t s = 88172645463325252u;

	for (unsigned m = 0; m < ARRAY_LEN(models); m++) {
		PpcRig *r = rig_32(models[m]);

		for (unsigned i = 0; i < 1000; i++) {
			s ^= s << 13, s ^= s >> 7, s ^= s << 17;
			if (i % 5 == 0)
				ppc_set_spr(r->cpu, SDR1, (uint32_t)s);
			if (i % 7 == 0)
				ppc_set_spr(r->cpu, DBAT0U + (s >> 40 & 7), (uint32_t)s);
			if (i % 3 == 0)
				ppc_set_spr(r->cpu, HID0, (uint32_t)(s >> 7) & ~HID0_NAP);
			set_sr(r, s >> 32 & 15, (uint32_t)(s >> 16));
			st32(r, HTAB + (s >> 20 & 0xfffc), (uint32_t)s | 0x80000000);
			access_at(r, (uint32_t)(s >> 24), i & 1, s & MSR_PR);
			fetch_at(r, (uint32_t)(s >> 30) & ~3u, 0);
		}
		rig_free(r);
	}
}
END_TEST

Suite *suite_mmu32(void);

Suite *suite_mmu32(void)
{
	Suite *s = suite_create("mmu32");
	TCase *t = tcase_create("mmu32");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, pages);
	tcase_add_test(t, table_size);
	tcase_add_test(t, rc_exact);
	tcase_add_test(t, protection);
	tcase_add_test(t, fetching);
	tcase_add_test(t, blocks);
	tcase_add_test(t, blocks_7447);
	tcase_add_test(t, segment_sets);
	tcase_add_test(t, segments_under_way);
	tcase_add_test(t, tlbie);
	tcase_add_test(t, soft_603);
	tcase_add_test(t, soft_7450);
	tcase_add_test(t, bridge_970);
	tcase_add_test(t, hostile);
	suite_add_tcase(s, t);
	return s;
}
