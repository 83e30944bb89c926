/* Hypercalls: hash table, DMA windows, terminals, processors, modes, hostile arguments. */
#include <check.h>
#include "base/bits.h"
#include "tests/unit/spapr_rig.h"

static SpaprRig *r;

static void up_p8(void)
{
	r = spapr_rig_new(false);
}

static void up_p9(void)
{
	r = spapr_rig_new(true);
}

static void down(void)
{
	spapr_rig_free(r);
}

#define EXACT BIT64(24)
#define AVPN BIT64(32)
#define ANDCOND BIT64(33)
#define V(avpn) ((uint64_t)(avpn) << 7 | 1)
#define M 0x10u

START_TEST(enter_finds_a_free_slot)
{
	uint64_t out[8];

	for (unsigned i = 0; i < 8; i++) {
		ck_assert_int_eq(HC(r, 0x08, out, 0, 16, V(i), 0x1000 | M), H_SUCCESS);
		ck_assert_uint_eq(out[0], 16 + i);
	}
	ck_assert_int_eq(HC(r, 0x08, out, 0, 17, V(9), 0x1000 | M), H_PTEG_FULL);
	ck_assert_int_eq(HC(r, 0x08, out, EXACT, 17, V(9), 0x1000 | M), H_PTEG_FULL);
	ck_assert_int_eq(HC(r, 0x08, out, EXACT, 27, V(9) | 0x60, 0x2000 | M), H_SUCCESS);
	ck_assert_uint_eq(out[0], 27);
	ck_assert_int_eq(HC(r, 0x0c, out, 0, 27), H_SUCCESS);
	ck_assert_uint_eq(out[0], V(9)); /* bits 0x60 are the hypervisor's */
	ck_assert_uint_eq(out[1], 0x2000 | M);
	ck_assert_int_eq(HC(r, 0x0c, out, BIT64(26), 19), H_SUCCESS);
	ck_assert_uint_eq(out[0], V(0));
	ck_assert_uint_eq(out[6], V(3));
	/* The table lies in memory as the book says. */
	ck_assert_uint_eq(ld64_be(r->s->hpt + 27 * 16), V(9));
}
END_TEST

START_TEST(enter_checks_storage_control)
{
	uint64_t out[8];

	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1), 0x1000), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1), 0x1000 | 0x20), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1), (RIG_RAM | M)), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1), (RIG_RAM | 0x28)), H_SUCCESS);
	/* Large with an encoding nobody has. */
	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1) | 4, 0x3000 | M), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1) | 4, 0x1000 | M), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0x08, out, 0, r->s->hpt_len / 16, V(1), M), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x08, out, 0, UINT64_MAX, V(1), M), H_PARAMETER);
}
END_TEST

START_TEST(remove_and_its_conditions)
{
	uint64_t out[8];

	HC(r, 0x08, out, EXACT, 5, V(0x77), 0x1000 | M);
	ck_assert_int_eq(HC(r, 0x04, out, AVPN, 5, 0x78 << 7), H_NOT_FOUND);
	ck_assert_int_eq(HC(r, 0x04, out, ANDCOND, 5, 1), H_NOT_FOUND);
	/* The walker sets R and C; remove tells. */
	st64_be(r->s->hpt + 5 * 16 + 8, 0x1000 | M | 0x180);
	ck_assert_int_eq(HC(r, 0x04, out, AVPN, 5, 0x77 << 7), H_SUCCESS);
	ck_assert_uint_eq(out[0], V(0x77));
	ck_assert_uint_eq(out[1], 0x1190);
	ck_assert_uint_eq(r->flushed[0], V(0x77));
	ck_assert_uint_eq(r->flushed[2], 5);
	ck_assert_int_eq(HC(r, 0x04, out, 0, 5, 0), H_NOT_FOUND);
	ck_assert_int_eq(HC(r, 0x04, out, 0, UINT64_MAX, 0), H_PARAMETER);
}
END_TEST

START_TEST(bulk_remove_answers_each)
{
	const uint64_t request = UINT64_C(1) << 62, done = UINT64_C(2) << 62;
	uint64_t out[8];

	HC(r, 0x08, out, EXACT, 5, V(0x77), 0x1000 | M);
	HC(r, 0x08, out, EXACT, 6, V(0x78), 0x1000 | M);
	st64_be(r->s->hpt + 6 * 16 + 8, 0x1000 | M | 0x100);
	ck_assert_int_eq(HC(r, 0x124, out, request | 5, 0, request | BIT64(6) | 6, 0x78 << 7,
			    request | 7, 0, UINT64_C(3) << 62, 0),
			 H_SUCCESS);
	ck_assert_uint_eq(out[0], done | 5);
	ck_assert_uint_eq(out[2], done | BIT64(6) | BIT64(4) | 6);
	ck_assert_uint_eq(out[4], done | UINT64_C(1) << 60 | 7);
	ck_assert_int_eq(HC(r, 0x124, out, request | 0xffffffffff, 0), H_PARAMETER);
	ck_assert_uint_eq(out[0] >> 60, 0xa);
	ck_assert_int_eq(HC(r, 0x124, out, 0, 0), H_PARAMETER);
}
END_TEST

START_TEST(protect_changes_rights_only)
{
	uint64_t out[8];

	HC(r, 0x08, out, EXACT, 5, V(0x77), 0x1000 | M | 2);
	ck_assert_int_eq(HC(r, 0x18, out, AVPN | 3 | 4 | 0x200, 5, 0x77 << 7), H_SUCCESS);
	HC(r, 0x0c, out, 0, 5);
	ck_assert_uint_eq(out[0], V(0x77));
	ck_assert_uint_eq(out[1], 0x1000 | M | 3 | 4 | 0x200);
	ck_assert_uint_eq(r->flushed[2], 5);
	ck_assert_int_eq(HC(r, 0x18, out, AVPN | 3, 5, 0x76 << 7), H_NOT_FOUND);
	ck_assert_int_eq(HC(r, 0x18, out, 0, 6, 0), H_NOT_FOUND);
	/* pp0 and the high key bits sit elsewhere in the flags. */
	ck_assert_int_eq(HC(r, 0x18, out, 0x100 | 0x3000, 5, 0), H_SUCCESS);
	HC(r, 0x0c, out, 0, 5);
	ck_assert_uint_eq(out[1], BIT64(0) | 0x1000 | M | (UINT64_C(0x3000) << 48));
}
END_TEST

START_TEST(dma_windows)
{
	const uint64_t liobn = SPAPR_PHB_LIOBN;
	uint64_t out[8], pa, len;
	SpaprTce *t = r->s->tces->pdata[0];

	ck_assert_int_eq(HC(r, 0x20, NULL, liobn, 0x3000, 0x5003), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0x1c, out, liobn, 0x3fff), H_SUCCESS);
	ck_assert_uint_eq(out[0], 0x5003);
	ck_assert(spapr_tce_translate(t, 0x3010, true, &pa, &len));
	ck_assert_uint_eq(pa, 0x5010);
	ck_assert_uint_eq(len, 0xff0);
	ck_assert_int_eq(HC(r, 0x138, NULL, liobn, 0, 0x7001, 512), H_SUCCESS);
	ck_assert(!spapr_tce_translate(t, 0x3010, true, &pa, &len));
	ck_assert(spapr_tce_translate(t, 0x3010, false, &pa, &len));
	ck_assert_int_eq(HC(r, 0x138, NULL, liobn, 0, 0, 513), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x138, NULL, liobn, t->window - 0x1000, 0, 2), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x20, NULL, liobn, UINT64_MAX, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x20, NULL, 0, 0, 0), H_PARAMETER);
	ram_st64(r->m->ram, 0x9000, 0xa003);
	ram_st64(r->m->ram, 0x9008, 0xb003);
	ck_assert_int_eq(HC(r, 0x13c, NULL, liobn, 0x4000, 0x9000, 2), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0x1c, out, liobn, 0x5000), H_SUCCESS);
	ck_assert_uint_eq(out[0], 0xb003);
	ck_assert_int_eq(HC(r, 0x13c, NULL, liobn, 0x4000, 0x9ff8, 2), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x13c, NULL, liobn, 0x4000, RIG_RAM, 1), H_PARAMETER);
}
END_TEST

START_TEST(terminal)
{
	uint64_t out[8];

	ck_assert_int_eq(HC(r, 0x58, NULL, 0x71000000, 5, 0x68656c6c6f000000, 0), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0x58, NULL, 0, 1, 0x2100000000000000, 0), H_SUCCESS);
	ck_assert_str_eq(r->said->str, "hello!");
	ck_assert_int_eq(HC(r, 0x58, NULL, 0x71000000, 17, 0, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x58, NULL, 0x71000009, 1, 0, 0), H_PARAMETER);
	ck_assert_uint_eq(r->chardev.front.can_read(r->vty), SPAPR_VTY_FIFO);
	r->chardev.front.read(r->vty, (const uint8_t *)"0123456789abcdefXY", 18);
	ck_assert_int_eq(HC(r, 0x54, out, 0x71000000), H_SUCCESS);
	ck_assert_uint_eq(out[0], 16);
	ck_assert_uint_eq(out[1], 0x3031323334353637);
	ck_assert_uint_eq(out[2], 0x3839616263646566);
	HC(r, 0x54, out, 0x71000000);
	ck_assert_uint_eq(out[0], 2);
	ck_assert_uint_eq(out[1], 0x5859000000000000);
	HC(r, 0x54, out, 0x71000000);
	ck_assert_uint_eq(out[0], 0);
	for (int i = 0; i < 40; i++)
		r->chardev.front.read(r->vty, (const uint8_t *)"0123456789", 10);
	ck_assert_uint_eq(r->chardev.front.can_read(r->vty), 0);
	ck_assert(spapr_vty_type.loaded(&r->vty->dev, NULL));
	r->vty->in += 1;
	ck_assert(!spapr_vty_type.loaded(&r->vty->dev, NULL));
}
END_TEST

/* What was typed while it was full is wanted when a reset has emptied it. */
START_TEST(terminal_takes_input_after_a_reset)
{
	unsigned before;

	while (r->chardev.front.can_read(r->vty))
		r->chardev.front.read(r->vty, (const uint8_t *)"x", 1);
	before = r->accepts;
	device_reset(r->vty);
	ck_assert_uint_eq(r->accepts, before + 1);
	ck_assert_uint_eq(r->chardev.front.can_read(r->vty), SPAPR_VTY_FIFO);
}
END_TEST

START_TEST(terminal_takes_no_input_while_it_is_held)
{
	unsigned before = r->accepts;

	machine_hold_input(r->m, true);
	ck_assert_uint_eq(r->chardev.front.can_read(r->vty), 0);
	machine_hold_input(r->m, false);
	ck_assert_uint_eq(r->chardev.front.can_read(r->vty), SPAPR_VTY_FIFO);
	ck_assert_uint_eq(r->accepts, before);
	machine_unlock(r->m);
	loop_turn(r->m->loop, 0);
	machine_lock(r->m);
	ck_assert_uint_eq(r->accepts, before + 1);
}
END_TEST

START_TEST(processor_areas)
{
	uint8_t shared;

	ram_st32(r->m->ram, 0x10004, 640 << 16);
	ram_st32(r->m->ram, 0x11004, 4096);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(3) << 45, 0, 0x11000), H_RESOURCE);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(1) << 45, 0, 0x10000), H_SUCCESS);
	ram_read(r->m->ram, 0x10009, &shared, 1);
	ck_assert_uint_eq(shared, 2);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(3) << 45, 0, 0x11000), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(5) << 45, 0, 0), H_RESOURCE);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(7) << 45, 0, 0), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(5) << 45, 0, 0), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(1) << 45, RIG_CPUS, 0x10000), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(1) << 45, 0, 0x10001), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(1) << 45, 0, RIG_RAM), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(1) << 45, 0, UINT64_MAX & ~127), H_PARAMETER);
	/* Crosses a page. */
	ram_st32(r->m->ram, 0x10e84, 640 << 16);
	ck_assert_int_eq(HC(r, 0xdc, NULL, UINT64_C(1) << 45, 0, 0x10e80), H_PARAMETER);
}
END_TEST

START_TEST(cede_prod_confer_join)
{
	ck_assert_int_eq(HC(r, 0xe0, NULL), H_SUCCESS);
	ck_assert(r->cpu[0].halted);
	ck_assert_uint_eq(r->cpu[0].msr & 0x8000, 0x8000);
	ck_assert_int_eq(HC(r, 0xe8, NULL, 0), H_SUCCESS);
	ck_assert(!r->cpu[0].halted);
	/* The prod is remembered once. */
	HC(r, 0xe0, NULL);
	ck_assert(!r->cpu[0].halted);
	ck_assert_int_eq(HC(r, 0xe8, NULL, RIG_CPUS), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0xe4, NULL, UINT64_MAX, 0), H_SUCCESS);
	ck_assert_uint_eq(r->cpu[0].yields, 1);
	ck_assert_int_eq(HC(r, 0xe4, NULL, 77, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x298, NULL), H_BAD_MODE);
	r->cpu[0].msr = 0;
	ck_assert_int_eq(HC(r, 0x298, NULL), H_CONTINUE); /* the other is stopped */
	r->cpu[1].stopped = false;
	ck_assert_int_eq(HC(r, 0x298, NULL), H_SUCCESS);
	ck_assert(r->cpu[0].halted);
}
END_TEST

/* H_SET_MODE, resources 1, 2 and 5; hypervisor state is not the guest's to watch. */
START_TEST(breakpoints)
{
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 1, 0x1002, 0), H_SUCCESS);
	ck_assert_uint_eq(r->spr[SPAPR_CIABR], 0x1002);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 1, 0x1003, 0), H_P3);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 1, 0x1002, 1), H_P4);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 1, 1, 0x1002, 0), H_UNSUPPORTED_FLAG);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 2, 0x2000, 0x7b), H_SUCCESS);
	ck_assert_uint_eq(r->spr[SPAPR_DAWR0], 0x2000);
	ck_assert_uint_eq(r->spr[SPAPR_DAWRX0], 0x7b);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 2, 0x2000, 0x7f), H_P4);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 1, 2, 0x2000, 0x7b), H_UNSUPPORTED_FLAG);
	/* The second one came with ISA 3.1. */
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 5, 0x3000, 0x7b), H_P2);
	r->s->cfg.isa310 = true;
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 5, 0x3000, 0x7b), H_SUCCESS);
	ck_assert_uint_eq(r->spr[SPAPR_DAWR1], 0x3000);
	ck_assert_uint_eq(r->spr[SPAPR_DAWRX1], 0x7b);
	ck_assert_uint_eq(r->spr[SPAPR_DAWR0], 0x2000);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 5, 0x3000, 4), H_P4);
}
END_TEST

START_TEST(modes)
{
	uint64_t out[8];

	ck_assert_int_eq(HC(r, 0x31c, NULL, 1, 4, 0, 0), H_SUCCESS);
	ck_assert_uint_eq(r->lpcr, SPAPR_LPCR_ILE);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 3, 3, 0, 0), H_SUCCESS);
	ck_assert_uint_eq(r->lpcr, SPAPR_LPCR_ILE | SPAPR_LPCR_AIL);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 2, 3, 0, 0), H_UNSUPPORTED_FLAG);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 3, 1, 0), H_P3);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 99, 0, 0), H_P2);
	ck_assert_int_eq(HC(r, 0x31c, NULL, 0, 1, 3, 0), H_P3);
	/* Process table: radix on, then gone again. */
	ck_assert_int_eq(HC(r, 0x37c, NULL, 0x1d, 0x200000, 0, 24), H_SUCCESS);
	ck_assert(r->s->radix);
	ck_assert_uint_eq(r->s->proc_tbl, 0x200000 | 24);
	ck_assert_uint_eq(r->lpcr & SPAPR_LPCR_HR, SPAPR_LPCR_HR);
	ck_assert_uint_eq(r->lpcr & SPAPR_LPCR_GTSE, SPAPR_LPCR_GTSE);
	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1), M), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x37c, NULL, 0x10, 0, 0, 0), H_SUCCESS);
	ck_assert_uint_eq(r->lpcr & SPAPR_LPCR_HR, 0);
	ck_assert_int_eq(HC(r, 0x08, out, 0, 0, V(1), M), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0x37c, NULL, 0x1c, 0x200001, 0, 24), H_P2);
	ck_assert_int_eq(HC(r, 0x37c, NULL, 0x1c, 0x200000, 0, 25), H_P4);
	ck_assert_int_eq(HC(r, 0x37c, NULL, 0x1a, 0, 0, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x37c, NULL, 0x20, 0, 0, 0), H_PARAMETER);
}
END_TEST

static uint64_t put_vectors(uint8_t ov5_int, uint8_t ov5_mmu, uint32_t pvr_mask, uint32_t pvr)
{
	uint8_t b[128] = { 0 }, *p = b;

	st32_be(p, pvr_mask);
	st32_be(p + 4, pvr);
	st32_be(p + 8, 0xffffffff);
	st32_be(p + 12, 0x0f000004);
	st32_be(p + 16, 0);
	st32_be(p + 20, 0xffffffff);
	p += 24;
	*p++ = 4; /* five vectors */
	*p++ = 2; /* vector 1: three bytes, the third says ISA 3.00 */
	p += 2;
	*p++ = 0x80;
	for (int i = 2; i <= 4; i++) {
		*p++ = 0;
		p++;
	}
	*p++ = 25;
	p[4] = 0x80;
	p[22] = ov5_int;
	p[23] = ov5_mmu;
	p[25] = 0x40;
	ram_write(r->m->ram, 0x20000, b, sizeof(b));
	return 0x20000;
}

START_TEST(cas_chooses_modes)
{
	uint8_t support[8];
	uint64_t vec = put_vectors(0x40, 0x40, 0xffff0000, 0x004e0000);

	ck_assert_uint_eq(spapr_platform_support(r->s, support), 8);
	ck_assert_mem_eq(support, "\x17\x80\x18\xc0\x19\x00\x1a\x40", 8);
	ck_assert_int_eq(HC(r, 0xf002, NULL, vec, 0x40000, 0x1000), H_SUCCESS);
	ck_assert(r->s->xive);
	ck_assert(r->s->cas_radix);
	ck_assert_uint_eq(r->compat, 0);
	ck_assert_uint_eq(r->s->ov5[0], 25);
	ck_assert_uint_eq(r->s->ov5[5], 0x80);
	ck_assert_uint_eq(r->s->ov5[23], 0x40);
	ck_assert_uint_eq(r->s->ov5[24], 0x40);
	ck_assert_uint_eq(r->s->ov5[26], 0x40);
	/* A guest that knows only POWER8: compatibility mode, hash, XICS. */
	vec = put_vectors(0, 0, 0xffff0000, 0x004d0000);
	ck_assert_int_eq(HC(r, 0xf002, NULL, vec, 0x40000, 0x1000), H_SUCCESS);
	ck_assert_uint_eq(r->compat, 0x0f000004);
	ck_assert(!r->s->xive);
	ck_assert(!r->s->cas_radix);
	ck_assert_ptr_nonnull(r->s->hpt);
	/* Both at once is no choice; no room; another CPU runs. */
	vec = put_vectors(0x80, 0, 0xffff0000, 0x004e0000);
	ck_assert_int_eq(HC(r, 0xf002, NULL, vec, 0x40000, 0x1000), H_PARAMETER);
	vec = put_vectors(0x40, 0x40, 0xffff0000, 0x004e0000);
	ck_assert_int_eq(HC(r, 0xf002, NULL, vec, 0x40000, 16), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0xf002, NULL, RIG_RAM - 4, 0x40000, 0x1000), H_PARAMETER);
	r->cpu[1].stopped = false;
	ck_assert_int_eq(HC(r, 0xf002, NULL, vec, 0x40000, 0x1000), H_MULTI_THREADS_ACTIVE);
}
END_TEST

START_TEST(block_moves)
{
	uint8_t b[16];

	ram_write(r->m->ram, 0x1000, "0123456789abcdef", 16);
	/* Overlap upwards. */
	ck_assert_int_eq(HC(r, 0xf001, NULL, 0x1004, 0x1000, 2, 3, 0), H_SUCCESS);
	ram_read(r->m->ram, 0x1000, b, 16);
	ck_assert_mem_eq(b, "01230123456789ab", 16);
	ck_assert_int_eq(HC(r, 0xf001, NULL, 0x2000, 0x1000, 0, 1, 1), H_SUCCESS);
	ram_read(r->m->ram, 0x2000, b, 1);
	ck_assert_uint_eq(b[0], 0xcf);
	ck_assert_int_eq(HC(r, 0xf001, NULL, 0x2000, 0x1000, 4, 1, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0xf001, NULL, 0x2001, 0x1000, 1, 1, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0xf001, NULL, RIG_RAM, 0, 3, 0x80000000, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x2c, NULL, BIT64(49), 0x3000, 0x1000), H_SUCCESS);
	ram_read(r->m->ram, 0x3000, b, 16);
	ck_assert_mem_eq(b, "01230123456789ab", 16);
	ck_assert_int_eq(HC(r, 0x2c, NULL, BIT64(48), 0x3000, 0), H_SUCCESS);
	ram_read(r->m->ram, 0x3000, b, 16);
	ck_assert_uint_eq(b[0], 0);
	ck_assert_int_eq(HC(r, 0x2c, NULL, BIT64(48), RIG_RAM, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x2c, NULL, BIT64(48), 0x3001, 0), H_PARAMETER);
}
END_TEST

START_TEST(watchdog_restarts_the_machine)
{
	uint64_t out[8];

	ck_assert_int_eq(HC(r, 0x45c, out, 0x300, 1, 0), H_SUCCESS);
	ck_assert_uint_eq(out[0], UINT64_C(500) << 48 | UINT64_C(4) << 32);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x102, 0, 1000), H_P2);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x102, 5, 1000), H_P2);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x102, 1, 499), H_P3);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x102, 1, UINT64_MAX), H_P3);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x104, 1, 1000), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x200, 1, 0), H_NOOP);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x102, 2, 1000), H_SUCCESS);
	ck_assert_int_eq(vtimer_deadline(r->s->wdt[1].timer), 1000000000);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x102, 1, 1000), H_SUCCESS); /* stops the other */
	ck_assert_int_eq(vtimer_deadline(r->s->wdt[1].timer), -1);
	ck_assert_int_eq(HC(r, 0x45c, out, 0x200, 1, 0), H_SUCCESS);
	ck_assert_int_eq(vtimer_deadline(r->s->wdt[0].timer), -1);
}
END_TEST

START_TEST(unknown_functions_say_so)
{
	ck_assert_int_eq(HC(r, 0xf080, NULL), H_FUNCTION);
	ck_assert_int_eq(HC(r, 0x398, NULL), H_FUNCTION);
	ck_assert_int_eq(HC(r, 0x5, NULL), H_FUNCTION);
	ck_assert_int_eq(HC(r, UINT64_MAX, NULL), H_FUNCTION);
}
END_TEST

START_TEST(tables_cover_every_byte)
{
	static const DeviceType *const types[] = { &spapr_type, &spapr_tce_type, &spapr_phb_type,
						   &spapr_vty_type, &spapr_nvram_type };
	GError *err = NULL;

	for (unsigned i = 0; i < ARRAY_LEN(types); i++)
		ck_assert_msg(vm_check_coverage(types[i]->state, &err), "%s",
			      err ? err->message : "");
}
END_TEST

/* Arguments as a hostile guest picks them: near borders, near each other, anything. */
static uint64_t hostile(uint64_t *x)
{
	static const uint64_t near[] = { 0,
					 1,
					 8,
					 16,
					 0x1000,
					 RIG_RAM,
					 RIG_RAM / 2,
					 UINT32_MAX,
					 UINT64_MAX,
					 INT64_MAX,
					 0x71000000,
					 SPAPR_PHB_LIOBN,
					 XIVE_ESB_BASE,
					 0x1100,
					 0x1200,
					 0x102 };

	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	if (*x & 1)
		return near[*x >> 8 & 15] + (*x >> 16 & 15) - 7;
	return *x >> (*x >> 2 & 63);
}

START_TEST(any_arguments)
{
	static const uint32_t special[] = { 0xf000, 0xf001, 0xf002, 0xf003, 0xf005 };
	uint64_t x = 88172645463325252u + (unsigned)_i, reg[13];

	for (int n = 0; n < 30000; n++) {
		for (int i = 4; i < 13; i++)
			reg[i] = hostile(&x);
		reg[3] = x % 5 ? (x >> 8) % 0x480 & ~3u : special[(x >> 8) % ARRAY_LEN(special)];
		/* Not those that end the machine; block moves of all memory are slow. */
		if (reg[3] == 0xf001)
			reg[7] &= 0xffff;
		r->current = x >> 20 & 1;
		spapr_hypercall(r->s, r->current, reg);
	}
	ck_assert(spapr_type.loaded(&r->s->dev, NULL));
	ck_assert(xics_type.loaded(&r->xics->dev, NULL));
	ck_assert(xive_type.loaded(&r->xive->dev, NULL));
}
END_TEST

Suite *suite_hcall(void);
Suite *suite_hcall(void)
{
	Suite *s = suite_create("hcall");
	TCase *p8 = tcase_create("hash"), *p9 = tcase_create("modes");

	tcase_add_checked_fixture(p8, up_p8, down);
	tcase_add_test(p8, enter_finds_a_free_slot);
	tcase_add_test(p8, enter_checks_storage_control);
	tcase_add_test(p8, remove_and_its_conditions);
	tcase_add_test(p8, bulk_remove_answers_each);
	tcase_add_test(p8, protect_changes_rights_only);
	tcase_add_test(p8, dma_windows);
	tcase_add_test(p8, terminal);
	tcase_add_test(p8, terminal_takes_input_after_a_reset);
	tcase_add_test(p8, terminal_takes_no_input_while_it_is_held);
	tcase_add_test(p8, processor_areas);
	tcase_add_test(p8, cede_prod_confer_join);
	tcase_add_loop_test(p8, any_arguments, 0, 2);
	suite_add_tcase(s, p8);
	tcase_add_checked_fixture(p9, up_p9, down);
	tcase_add_test(p9, modes);
	tcase_add_test(p9, breakpoints);
	tcase_add_test(p9, cas_chooses_modes);
	tcase_add_test(p9, block_moves);
	tcase_add_test(p9, watchdog_restarts_the_machine);
	tcase_add_test(p9, unknown_functions_say_so);
	tcase_add_test(p9, tables_cover_every_byte);
	tcase_add_loop_test(p9, any_arguments, 2, 4);
	suite_add_tcase(s, p9);
	return s;
}
