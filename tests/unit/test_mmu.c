/* Translation: radix trees and hashed tables made by hand, walked by accesses. */
#include <check.h>
#include "target-ppc/excp.h"
#include "target-ppc/tlb.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define ROOT 0x10000 /* radix: 2^13 entries of 8 bytes */
#define PRTB 0x8000  /* process table, 4 KiB */
#define L2 0x20000
#define L3 0x21000
#define L4 0x22000
#define PDE(next, bits) (BIT64(0) | (next) | (bits))
#define LEAF(pa, bits) (BIT64(0) | BIT64(1) | (pa) | (bits))
#define RWX 7ull
#define PRIV 8ull
#define R 0x100ull
#define C 0x80ull

static void st64(PpcRig *r, uint64_t pa, uint64_t v)
{
	ck_assert(ram_st64(r->m->ram, pa, v));
}

static uint64_t ld64(PpcRig *r, uint64_t pa)
{
	uint64_t v;

	ck_assert(ram_ld64(r->m->ram, pa, &v));
	return v;
}

/*
 * PID 1: EA 0 to 4 KiB maps to 0x30000, the 64 KiB page at 0x10000 to
 * 0x40000, 2 MiB at 2 MiB to 0x400000, 1 GiB at 1 GiB to 0.  PID 0, upper
 * half: the same tree, privileged where it matters to the test.
 */
static PpcRig *radix_rig(void)
{
	PpcRig *r = rig_new("power9");
	uint64_t rts = UINT64_C(2) << 61 | UINT64_C(5) << 5; /* 21 + 31 = 52 bits */

	for (unsigned pid = 0; pid < 2; pid++)
		st64(r, PRTB + pid * 16, rts | ROOT | 13);
	st64(r, ROOT, PDE(L2, 9));
	st64(r, L2, PDE(L3, 9));
	st64(r, L2 + 8, LEAF(0, RWX)); /* 1 GiB */
	st64(r, L3, PDE(L4, 9));
	st64(r, L3 + 8, LEAF(0x400000, RWX)); /* 2 MiB */
	st64(r, L4, LEAF(0x30000, RWX));
	for (unsigned i = 16; i < 32; i++)
		st64(r, L4 + i * 8, LEAF(0x40000 + (i - 16) * 0x1000ull, RWX));
	r->radix = true;
	r->process_table = PRTB;
	ppc_set_spr(r->cpu, 318, LPCR_HR | LPCR_UPRT | LPCR_GTSE);
	ppc_set_spr(r->cpu, 48, 1);
	return r;
}

/* Runs one load or store at ea with data translation on; the vector taken, or 0. */
static unsigned access_at(PpcRig *r, uint64_t ea, bool store, uint64_t msr)
{
	const uint32_t word = store ? I_STW(4, 0, 3) : I_LWZ(4, 0, 3);

	rig_code(r, AT, &word, 1);
	r->cpu->gpr[3] = ea;
	ppc_set_msr(r->cpu, MSR_SF | MSR_ME | MSR_RI | MSR_DR | msr);
	r->cpu->nip = AT;
	/* Problem state turns instruction translation on; stay in real mode. */
	r->cpu->msr &= ~(MSR_IR | MSR_EE);
	ppc_state_changed(r->cpu);
	rig_run(r, 1);
	return r->cpu->nip == AT + 4 ? 0 : (unsigned)r->cpu->nip;
}

START_TEST(radix_pages)
{
	PpcRig *r = radix_rig();

	ram_st32(r->m->ram, 0x30004, 0x11111111);
	ram_st32(r->m->ram, 0x4f008, 0x22222222);
	ram_st32(r->m->ram, 0x51200c, 0x33333333);
	ram_st32(r->m->ram, 0x765430, 0x44444444);
	ck_assert_uint_eq(access_at(r, 4, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x11111111);
	ck_assert_uint_eq(access_at(r, 0x1f008, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x22222222);
	ck_assert_uint_eq(access_at(r, 0x31200c, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x33333333);
	ck_assert_uint_eq(access_at(r, 0x40765430, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x44444444);
	/* The upper quadrant is PID 0's, the same tree. */
	ck_assert_uint_eq(access_at(r, 0xc000000000000004u, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x11111111);
	rig_free(r);
}
END_TEST

START_TEST(radix_rc_exact)
{
	PpcRig *r = radix_rig();

	ck_assert_uint_eq(ld64(r, L4) & (R | C), 0);
	ck_assert_uint_eq(access_at(r, 8, false, 0), 0);
	ck_assert_uint_eq(ld64(r, L4) & (R | C), R);
	ck_assert_uint_eq(access_at(r, 8, true, 0), 0);
	ck_assert_uint_eq(ld64(r, L4) & (R | C), R | C);
	/* Another page's bits were not touched. */
	ck_assert_uint_eq(ld64(r, L4 + 16 * 8) & (R | C), 0);
	rig_free(r);
}
END_TEST

/* Stores into a page by addresses that lie at up to three places in the TLB; then it has code: all are noticed. */
START_TEST(code_in_a_page_that_was_stored_into_by_several_addresses)
{
	static const uint64_t ea[] = { 0x10000, 0xc000000000010000u, 0x40040000, 0x5000 };
	const uint32_t code[] = { I_ADDI(9, 9, 1), I_B(-4) };
	PpcRig *r = radix_rig();
	unsigned addresses = (unsigned)_i;

	st64(r, L4 + 5 * 8, LEAF(0x40000, RWX));
	for (unsigned n = 0; n < addresses; n++)
		for (unsigned k = 0; k < 2; k++)
			ck_assert_uint_eq(access_at(r, ea[n] + 0x100, true, 0), 0);
	for (unsigned n = 0; n < addresses; n++) {
		rig_code(r, 0x40000, code, 2);
		r->cpu->gpr[9] = 0;
		rig_go(r, 0x40000, 10);
		ck_assert_uint_eq(r->cpu->gpr[9], 5);
		r->cpu->gpr[4] = I_ADDI(9, 9, 50);
		ck_assert_uint_eq(access_at(r, ea[n], true, 0), 0);
		rig_go(r, 0x40000, 2);
		ck_assert_uint_eq(r->cpu->gpr[9], 55);
	}
	rig_free(r);
}
END_TEST

/* Ranges over a border of pages: only of pages that were met, and lie together. */
START_TEST(radix_ranges)
{
	PpcRig *r = radix_rig();
	uint8_t *host = r->m->ram->host;

	st64(r, L4 + 18 * 8, LEAF(0x50000, RWX));
	ck_assert_uint_eq(access_at(r, 0x10000, false, 0), 0);
	ck_assert_ptr_null(ppc_try_range(r->cpu, 0x10ff8, 16, PPC_LOAD));
	ck_assert_uint_eq(ld64(r, L4 + 17 * 8) & (R | C), 0);
	ck_assert_uint_eq(access_at(r, 0x11000, true, 0), 0);
	ck_assert_ptr_eq(ppc_try_range(r->cpu, 0x10ff8, 16, PPC_LOAD), host + 0x40ff8);
	/* The first page was not stored into. */
	ck_assert_ptr_null(ppc_try_range(r->cpu, 0x10ff8, 16, PPC_STORE));
	ck_assert_uint_eq(ld64(r, L4 + 16 * 8) & (R | C), R);
	ck_assert_uint_eq(access_at(r, 0x10000, true, 0), 0);
	ck_assert_ptr_eq(ppc_try_range(r->cpu, 0x10ff8, 16, PPC_STORE), host + 0x40ff8);
	/* Nor the second one. */
	ck_assert_uint_eq(access_at(r, 0x13000, true, 0), 0);
	ck_assert_uint_eq(access_at(r, 0x14000, false, 0), 0);
	ck_assert_ptr_null(ppc_try_range(r->cpu, 0x13ff8, 16, PPC_STORE));
	ck_assert_ptr_eq(ppc_try_range(r->cpu, 0x13ff8, 16, PPC_LOAD), host + 0x43ff8);
	ck_assert_uint_eq(ld64(r, L4 + 20 * 8) & (R | C), R);
	/* Apart. */
	ck_assert_uint_eq(access_at(r, 0x12000, true, 0), 0);
	ck_assert_ptr_null(ppc_try_range(r->cpu, 0x11ff8, 16, PPC_LOAD));
	ck_assert_ptr_null(ppc_try_range(r->cpu, 0x11ff8, 16, PPC_STORE));
	ck_assert_ptr_eq(ppc_try_range(r->cpu, 0x12000, 16, PPC_LOAD), host + 0x50000);
	rig_free(r);
}
END_TEST

START_TEST(radix_faults)
{
	PpcRig *r = radix_rig();

	/* No entry. */
	ck_assert_uint_eq(access_at(r, 0x5000, false, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_NOPTE);
	ck_assert_uint_eq(r->cpu->spr.DAR, 0x5000);
	ck_assert_uint_eq(access_at(r, 0x5004, true, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_NOPTE | DSISR_STORE);
	/* Read-only. */
	st64(r, L4, LEAF(0x30000, 5));
	ck_assert_uint_eq(access_at(r, 0, true, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_PROT | DSISR_STORE);
	ck_assert_uint_eq(ld64(r, L4) & (R | C), 0);
	/* A privileged page from problem state. */
	st64(r, L4, LEAF(0x30000, PRIV | RWX));
	ck_assert_uint_eq(access_at(r, 0, false, MSR_PR), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_PROT);
	ck_assert_uint_eq(access_at(r, 0, false, 0), 0);
	/* Quadrants 1 and 2, and more bits than the tree has. */
	ck_assert_uint_eq(access_at(r, UINT64_C(1) << 62, false, 0), PPC_V_DSEG);
	ck_assert_uint_eq(access_at(r, UINT64_C(2) << 62, false, 0), PPC_V_DSEG);
	ck_assert_uint_eq(access_at(r, UINT64_C(1) << 53, false, 0), PPC_V_DSEG);
	rig_free(r);
}
END_TEST

/* Key 0 of AMR: what Linux calls KUAP; switching it flushes nothing and works at once. */
START_TEST(radix_amr)
{
	PpcRig *r = radix_rig();
	uint64_t fills;

	for (unsigned i = 0; i < 4; i++) {
		ppc_set_spr(r->cpu, 29, BIT64(0) | BIT64(1));
		ck_assert_uint_eq(access_at(r, 0, false, 0), PPC_V_DSI);
		ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_PROT);
		ppc_set_spr(r->cpu, 29, BIT64(0));
		ck_assert_uint_eq(access_at(r, 0, false, 0), 0);
		ck_assert_uint_eq(access_at(r, 0, true, 0), PPC_V_DSI);
		ppc_set_spr(r->cpu, 29, 0);
		ck_assert_uint_eq(access_at(r, 0, true, 0), 0);
		/* Kernels copy to programs without the right to load: one question for many stores. */
		ppc_set_spr(r->cpu, 29, BIT64(1));
		ck_assert_uint_eq(access_at(r, 0, true, 0), 0);
		fills = r->cpu->tlb->fills;
		ck_assert_uint_eq(access_at(r, 0, true, 0), 0);
		ck_assert_uint_eq(r->cpu->tlb->fills, fills);
		ck_assert_uint_eq(access_at(r, 0, false, 0), PPC_V_DSI);
		/* Problem state does not care. */
		ppc_set_spr(r->cpu, 29, BIT64(0) | BIT64(1));
		ck_assert_uint_eq(access_at(r, 0, true, MSR_PR), 0);
	}
	rig_free(r);
}
END_TEST

/* A changed entry is seen after tlbie, for that page alone. */
START_TEST(radix_tlbie)
{
	PpcRig *r = radix_rig();
	const PpcOp op = { .RB = 5, .RS = 6, .RIC = 0, .PRS = 1, .R15 = 1 };

	ram_st32(r->m->ram, 0x30000, 1);
	ram_st32(r->m->ram, 0x31000, 2);
	ck_assert_uint_eq(access_at(r, 0, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	st64(r, L4, LEAF(0x31000, RWX));
	r->cpu->gpr[5] = 0;
	r->cpu->gpr[6] = UINT64_C(1) << 32;
	ex_tlbie3(r->cpu, &op);
	ck_assert_uint_eq(access_at(r, 0, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 2);
	rig_free(r);
}
END_TEST

/* A page table that points outside of RAM, to itself, or nowhere. */
START_TEST(radix_hostile)
{
	PpcRig *r = radix_rig();
	uint64_t seed = 88172645463325252u;

	for (unsigned i = 0; i < 20000; i++) {
		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		st64(r, i % 3 == 0 ? L4 : i % 3 == 1 ? L3 : L2, seed | BIT64(0));
		ppc_tlb_flush(r->cpu);
		access_at(r, 0, i & 1, 0);
	}
	st64(r, PRTB + 16, UINT64_MAX);
	ppc_tlb_flush(r->cpu);
	ck_assert_uint_ne(access_at(r, 0, false, 0), 0);
	rig_free(r);
}
END_TEST

/* ---------------------------------------------------------------- hash */

#define HPT_SHIFT 18

static PpcRig *hash_rig(void)
{
	PpcRig *r = rig_new("power8");

	r->hpt_shift = HPT_SHIFT;
	r->hpt = g_malloc0(1u << HPT_SHIFT);
	return r;
}

static void slbmte(PpcRig *r, unsigned n, uint64_t ea, uint64_t rs)
{
	const PpcOp op = { .RS = 5, .RB = 6 };

	r->cpu->gpr[5] = rs;
	r->cpu->gpr[6] = (ea & ~UINT64_C(0xfffffff)) | BIT64(36) | n;
	ex_slbmte(r->cpu, &op);
}

/*
 * Enters a page: b 0 (256 MiB) or 1 (1 TiB) segments, base page 2^shift;
 * returns the entry.
 */
static uint8_t *enter(PpcRig *r, uint64_t b, uint64_t vsid, uint64_t ea, unsigned shift,
		      uint64_t dw1, bool second)
{
	unsigned seg = b ? 40 : 28;
	uint64_t off = ea & ((UINT64_C(1) << seg) - 1), groups = (1u << (HPT_SHIFT - 7)) - 1;
	uint64_t hash = (b ? vsid ^ vsid << 25 : vsid) ^ off >> shift;
	uint64_t ava = vsid << (seg - 23) | off >> 23;
	uint8_t *p = r->hpt + ((second ? ~hash : hash) & groups) * 128 + 3 * 16;

	if (shift > 23)
		ava &= ~((UINT64_C(1) << (shift - 23)) - 1);
	st64_be(p, b << 62 | ava << 7 | (shift > 12 ? 4 : 0) | (second ? 2 : 0) | 1);
	st64_be(p + 8, dw1);
	return p;
}

START_TEST(hash_pages)
{
	PpcRig *r = hash_rig();
	uint8_t *p;

	/* 256 MiB segment, 4 KiB pages; VSID 0x123 in bits 2-51. */
	slbmte(r, 1, 0x10000000, UINT64_C(0x123) << 12);
	p = enter(r, 0, 0x123, 0x10045000, 12, 0x50000 | 2, false);
	ram_st32(r->m->ram, 0x50010, 0xaaaa);
	ck_assert_uint_eq(access_at(r, 0x10045010, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0xaaaa);
	ck_assert_uint_eq(ld64_be(p + 8) & (R | C), R);
	ck_assert_uint_eq(access_at(r, 0x10045010, true, 0), 0);
	ck_assert_uint_eq(ld64_be(p + 8) & (R | C), R | C);
	/* 1 TiB segment, 64 KiB pages, secondary group. */
	slbmte(r, 2, UINT64_C(5) << 40, BIT64(1) | UINT64_C(0x77) << 24 | 0x110);
	enter(r, 1, 0x77, (UINT64_C(5) << 40) + 0x80000, 16, 0x60000 | 1 << 12 | 2, true);
	ram_st32(r->m->ram, 0x6f00c, 0xbbbb);
	ck_assert_uint_eq(access_at(r, (UINT64_C(5) << 40) + 0x8f00c, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0xbbbb);
	/* 16 MiB pages. */
	slbmte(r, 3, UINT64_C(6) << 40, BIT64(1) | UINT64_C(0x78) << 24 | 0x100);
	enter(r, 1, 0x78, (UINT64_C(6) << 40) + 0x3000000, 24, 2, false);
	ram_st32(r->m->ram, 0x876540, 0xcccc);
	ck_assert_uint_eq(access_at(r, (UINT64_C(6) << 40) + 0x3876540, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 0xcccc);
	rig_free(r);
}
END_TEST

/* PP and key: book III-S figure "Protection", both keys, loads and stores. */
START_TEST(hash_protection)
{
	static const struct {
		unsigned pp;
		const char *key0, *key1;
	} rows[] = { { 0, "rw", "" },
		     { 1, "rw", "r" },
		     { 2, "rw", "rw" },
		     { 3, "r", "r" },
		     { 6, "r", "" } };
	PpcRig *r = hash_rig();

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		for (unsigned key = 0; key < 2; key++)
			for (unsigned store = 0; store < 2; store++) {
				const char *may = key ? rows[i].key1 : rows[i].key0;
				bool ok = strchr(may, store ? 'w' : 'r');
				unsigned v;

				slbmte(r, 1, 0x10000000, UINT64_C(0x123) << 12 | (key ? 0xc00 : 0));
				enter(r, 0, 0x123, 0x10000000, 12,
				      0x50000 | (rows[i].pp & 3) |
					      (uint64_t)(rows[i].pp >> 2) << 63,
				      false);
				ppc_tlb_flush(r->cpu);
				v = access_at(r, 0x10000000, store, 0);
				ck_assert_uint_eq(v, ok ? 0 : PPC_V_DSI);
				if (!ok)
					ck_assert_uint_eq(r->cpu->spr.DSISR,
							  DSISR_PROT | (store ? DSISR_STORE : 0));
			}
	rig_free(r);
}
END_TEST

START_TEST(hash_faults)
{
	PpcRig *r = hash_rig();

	ck_assert_uint_eq(access_at(r, 0x20000000, false, 0), PPC_V_DSEG);
	ck_assert_uint_eq(r->cpu->spr.DAR, 0x20000000);
	slbmte(r, 1, 0x20000000, UINT64_C(0x123) << 12);
	ck_assert_uint_eq(access_at(r, 0x20000000, false, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_NOPTE);
	/* Class key 3 closed for writing, then for reading. */
	enter(r, 0, 0x123, 0x20000000, 12, 0x50000 | 2 | 3 << 9, false);
	ppc_set_spr(r->cpu, 29, BIT64(6));
	ck_assert_uint_eq(access_at(r, 0x20000000, false, 0), 0);
	ck_assert_uint_eq(access_at(r, 0x20000000, true, 0), PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_KEY | DSISR_STORE);
	ppc_set_spr(r->cpu, 29, BIT64(7));
	ck_assert_uint_eq(access_at(r, 0x20000000, false, 0), PPC_V_DSI);
	rig_free(r);
}
END_TEST

/* slbie and slbmte change translations of their segment at once. */
START_TEST(slb_changes)
{
	const PpcOp op = { .RB = 6 };
	PpcRig *r = hash_rig();

	slbmte(r, 1, 0x10000000, UINT64_C(0x123) << 12);
	enter(r, 0, 0x123, 0x10000000, 12, 0x50000 | 2, false);
	enter(r, 0, 0x456, 0x10000000, 12, 0x51000 | 2, false);
	ram_st32(r->m->ram, 0x50000, 1);
	ram_st32(r->m->ram, 0x51000, 2);
	ck_assert_uint_eq(access_at(r, 0x10000000, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	r->cpu->gpr[6] = 0x10000000;
	ex_slbie(r->cpu, &op);
	ck_assert_uint_eq(access_at(r, 0x10000000, false, 0), PPC_V_DSEG);
	slbmte(r, 1, 0x10000000, UINT64_C(0x456) << 12);
	ck_assert_uint_eq(access_at(r, 0x10000000, false, 0), 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 2);
	rig_free(r);
}
END_TEST

/* Segments whose numbers the software TLB does not tell apart go one by one, and each goes. */
START_TEST(slb_changes_far_apart)
{
	const uint64_t ea[3] = { UINT64_C(3) << 40, UINT64_C(67) << 40, UINT64_C(131) << 40 };
	const PpcOp op = { .RB = 6 }, all = { .IH = 4 };
	PpcRig *r = hash_rig();

	for (unsigned i = 0; i < 3; i++) {
		/* Their pages stand at different places in the TLB. */
		slbmte(r, i + 1, ea[i], BIT64(1) | (uint64_t)(0x345 + 8 * i) << 24);
		enter(r, 1, 0x345 + 8 * i, ea[i] + 0x1000 * i, 12, (0x50000 + 0x1000 * i) | 2,
		      false);
	}
	for (unsigned gone = 0; gone < 2; gone++) {
		for (unsigned i = gone; i < 3; i++)
			ck_assert_uint_eq(access_at(r, ea[i] + 0x1000 * i, false, 0), 0);
		r->cpu->gpr[6] = ea[gone] | BIT64(38); /* B: 1 TiB */
		ex_slbie(r->cpu, &op);
		for (unsigned i = 0; i < 3; i++)
			ck_assert_uint_eq(access_at(r, ea[i] + 0x1000 * i, false, 0),
					  i <= gone ? PPC_V_DSEG : 0);
	}
	ex_slbia(r->cpu, &all);
	ck_assert_uint_eq(access_at(r, ea[2] + 0x2000, false, 0), PPC_V_DSEG);
	rig_free(r);
}
END_TEST

/* A process that forks says slbia again and again; radix translations stay. */
START_TEST(slbia_forgets_no_radix_page)
{
	const PpcOp op = { .IH = 3 };
	PpcRig *r = radix_rig();
	uint64_t fills;

	ck_assert_uint_eq(access_at(r, 4, false, 0), 0);
	fills = r->cpu->tlb->fills;
	ex_slbia(r->cpu, &op);
	ck_assert_uint_eq(access_at(r, 4, false, 0), 0);
	ck_assert_uint_eq(r->cpu->tlb->fills, fills);
	rig_free(r);
}
END_TEST

/* The board's flush of one hash table entry reaches every page size and group. */
START_TEST(hash_flush_va)
{
	PpcRig *r = hash_rig();

	for (unsigned b = 0; b < 2; b++)
		for (unsigned shift = 12; shift <= 16; shift += 4)
			for (unsigned second = 0; second < 2; second++) {
				uint64_t vsid = 0x1234567 + b, ea = (UINT64_C(7) << 40) + 0x7ab0000;
				uint64_t lp = shift == 16 ? 1 << 12 : 0, v, rr;
				uint8_t *p;

				slbmte(r, 1, ea,
				       (b ? BIT64(1) : 0) | vsid << (b ? 24 : 12) |
					       (lp ? 0x110 : 0));
				p = enter(r, b, vsid, ea, shift, 0x50000 | lp | 2, second);
				ck_assert_uint_eq(access_at(r, ea + 0x10, false, 0), 0);
				v = ld64_be(p);
				rr = ld64_be(p + 8);
				st64_be(p, 0);
				ppc_tlb_flush_va(r->cpu, v, rr, (uint64_t)(p - r->hpt) / 16);
				ck_assert_uint_eq(access_at(r, ea + 0x10, false, 0), PPC_V_DSI);
				ppc_tlb_flush(r->cpu);
			}
	rig_free(r);
}
END_TEST

Suite *suite_mmu(void);

Suite *suite_mmu(void)
{
	Suite *s = suite_create("mmu");
	TCase *t = tcase_create("mmu");

	tcase_add_test(t, radix_pages);
	tcase_add_test(t, radix_rc_exact);
	tcase_add_loop_test(t, code_in_a_page_that_was_stored_into_by_several_addresses, 1, 5);
	tcase_add_test(t, radix_ranges);
	tcase_add_test(t, radix_faults);
	tcase_add_test(t, radix_amr);
	tcase_add_test(t, radix_tlbie);
	tcase_add_test(t, radix_hostile);
	tcase_add_test(t, hash_pages);
	tcase_add_test(t, hash_protection);
	tcase_add_test(t, hash_faults);
	tcase_add_test(t, slb_changes);
	tcase_add_test(t, slb_changes_far_apart);
	tcase_add_test(t, slbia_forgets_no_radix_page);
	tcase_add_test(t, hash_flush_va);
	suite_add_tcase(s, t);
	return s;
}
