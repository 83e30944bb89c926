/*
 * The instruction table's finder and operand extraction: every row is found
 * by words made from it, and nothing but rows is found by any word.
 */
#include <check.h>
#include <string.h>
#include "base/bits.h"
#include "target-ppc/isa.h"

#define ALL_FEATURES UINT64_C(0x1ffff)

static uint32_t rnd(uint32_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 17;
	return *s ^= *s << 5;
}

/* Features under which a row exists. */
static uint64_t features_of(const PpcInsn *r)
{
	return ALL_FEATURES & ~r->without;
}

START_TEST(every_row_is_found)
{
	uint32_t seed = 0x2545f491;

	for (unsigned i = 0; i < ppc_isa_row_count; i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		ck_assert_uint_eq(r->row, i);
		ck_assert_uint_eq(r->value & ~r->mask, 0);
		ck_assert(r->ex != NULL);
		ck_assert((r->ex_rc != NULL) == (r->rc_bit != 0));
		for (unsigned k = 0; k < 200; k++) {
			/* Reserved bits are ignored: the rest of the word is free. */
			uint32_t w = r->value | (rnd(&seed) & ~r->mask);
			const PpcInsn *f = ppc_isa_find(w, features_of(r));

			ck_assert(f != NULL);
			if (f == r)
				continue;
			/* Another row wins only if it pins more, or needs more. */
			ck_assert_uint_eq(w & f->mask, f->value);
			ck_assert((f->mask & r->mask) == r->mask);
			ck_assert(f->mask != r->mask ||
				  (f->features & ~r->features & ~(uint64_t)PPC_F_B));
		}
	}
}
END_TEST

START_TEST(absent_features_hide_rows)
{
	uint32_t addpcis = 0x4c600004, mulld = 0x7c6419d2, lxv = 0xf4640001;

	ck_assert_ptr_eq(ppc_isa_find(addpcis, ALL_FEATURES), &ppc_isa_rows[PPC_ROW_addpcis]);
	ck_assert_ptr_null(ppc_isa_find(addpcis, ALL_FEATURES & ~(uint64_t)PPC_F_300));
	ck_assert_ptr_null(ppc_isa_find(mulld, PPC_F_B));
	ck_assert_ptr_nonnull(ppc_isa_find(lxv, ALL_FEATURES));
	ck_assert_ptr_null(ppc_isa_find(lxv, ALL_FEATURES & ~(uint64_t)(PPC_F_300 | PPC_F_VSX)));
	for (unsigned i = 0; i < ppc_isa_row_count; i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		uint64_t one = r->features & -r->features;

		if (one)
			ck_assert_ptr_ne(ppc_isa_find(r->value, features_of(r) & ~one), r);
	}
}
END_TEST

START_TEST(any_word_is_safe)
{
	uint32_t seed = 12345;

	for (unsigned i = 0; i < 2000000; i++) {
		uint32_t w = rnd(&seed);
		const PpcInsn *r = ppc_isa_find(w, ALL_FEATURES);
		PpcOp op;

		if (!r)
			continue;
		ck_assert(((w ^ r->value) & r->mask) == 0);
		if (!ppc_isa_decode(r, w, &op))
			continue;
		/* Register numbers stay inside what ex_*() index. */
		for (unsigned k = 0; k < r->noperands; k++) {
			const PpcOperand *o = &ppc_isa_operands[r->operand[k] & PPC_OPERAND_ID];
			int64_t v = ppc_op_value(&op, o);

			switch (o->kind) {
			case PPC_KIND_GPR:
			case PPC_KIND_FPR:
			case PPC_KIND_VR:
			case PPC_KIND_CRB: ck_assert(v >= 0 && v < 32); break;
			case PPC_KIND_GPR0: ck_assert(v > 0 && v <= 32); break;
			case PPC_KIND_GPRP:
			case PPC_KIND_FPRP: ck_assert(v >= 0 && v < 31 && !(v & 1)); break;
			case PPC_KIND_VSR: ck_assert(v >= 0 && v < 64); break;
			case PPC_KIND_CRF: ck_assert(v >= 0 && v < 8); break;
			default: break;
			}
		}
	}
}
END_TEST

static PpcOp decode(uint32_t w)
{
	const PpcInsn *r = ppc_isa_find(w, ALL_FEATURES);
	PpcOp op;

	ck_assert_ptr_nonnull(r);
	ck_assert(ppc_isa_decode(r, w, &op));
	return op;
}

START_TEST(operands)
{
	PpcOp op = decode(0x3880fff0); /* addi r4,0,-16 */

	ck_assert_uint_eq(op.RT, 4);
	ck_assert_uint_eq(op.RA0, 32);
	ck_assert_int_eq(op.SI, -16);
	op = decode(0xe8c5fffc); /* ld r6,-4(r5) */
	ck_assert_uint_eq(op.RT, 6);
	ck_assert_uint_eq(op.RA0, 5);
	ck_assert_int_eq(op.DS, -4);
	op = decode(0x4bfffffc); /* b .-4 */
	ck_assert_int_eq(op.LI, -4);
	op = decode(0x4c6007c5); /* addpcis: 16-25 = 0x1f, 11-15 = 0, 31 = 1 */
	ck_assert_int_eq(op.DPC, 0x1f << 6 | 1);
	op = decode(0x7c7202a6); /* mfspr r3,18 (DSISR) */
	ck_assert_int_eq(op.SPR, 18);
	op = decode(0x7883ffe2); /* rldicl r3,r4,63,63 */
	ck_assert_uint_eq(op.SH6, 63);
	ck_assert_uint_eq(op.MB6, 63);
	ck_assert_int_eq(op.imm, 1);
	op = decode(0x5483f87e); /* rlwinm r3,r4,31,1,31: shift right */
	ck_assert_int_eq(op.imm, 0x7fffffff);
	op = decode(0x5483003e | 31 << 6); /* rlwinm MB=31, ME=31 */
	ck_assert_int_eq(op.imm, 1);
}
END_TEST

START_TEST(odd_pairs_are_refused)
{
	uint32_t lq = 0xe0800010; /* lq r4,16(0) */
	PpcOp op;

	ck_assert(ppc_isa_decode(ppc_isa_find(lq, ALL_FEATURES), lq, &op));
	ck_assert_uint_eq(op.RTp, 4);
	lq |= 1 << 21;
	ck_assert(!ppc_isa_decode(ppc_isa_find(lq, ALL_FEATURES), lq, &op));
}
END_TEST

START_TEST(branches_are_told_apart)
{
	static const struct {
		uint32_t word;
		unsigned row;
	} t[] = {
		{ 0x41820008, PPC_ROW_bc_true },   { 0x40820008, PPC_ROW_bc_false },
		{ 0x42000008, PPC_ROW_bdnz },	   { 0x42400008, PPC_ROW_bdz },
		{ 0x42800008, PPC_ROW_bc_always }, { 0x41000008, PPC_ROW_bc },
		{ 0x41820009, PPC_ROW_bcl },	   { 0x4182000a, PPC_ROW_bca },
		{ 0x4e800020, PPC_ROW_blr },	   { 0x4d820020, PPC_ROW_bclr },
		{ 0x4e800420, PPC_ROW_bctr },	   { 0x4e800421, PPC_ROW_bctrl },
		{ 0x4d820420, PPC_ROW_bcctr },	   { 0x7c0803a6, PPC_ROW_mtlr },
		{ 0x7c0903a6, PPC_ROW_mtctr },	   { 0x7c0802a6, PPC_ROW_mflr },
		{ 0x7c2802a6, PPC_ROW_mflr },	   { 0x7c1a02a6, PPC_ROW_mfspr },
		{ 0x7c780026, PPC_ROW_mfocrf },	   { 0x7c600026, PPC_ROW_mfcr },
	};

	for (unsigned i = 0; i < ARRAY_LEN(t); i++)
		ck_assert_uint_eq(ppc_isa_find(t[i].word, ALL_FEATURES)->row, t[i].row);
}
END_TEST

Suite *suite_decode(void);
Suite *suite_decode(void)
{
	Suite *s = suite_create("decode");
	TCase *t = tcase_create("decode");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_row_is_found);
	tcase_add_test(t, absent_features_hide_rows);
	tcase_add_test(t, any_word_is_safe);
	tcase_add_test(t, operands);
	tcase_add_test(t, odd_pairs_are_refused);
	tcase_add_test(t, branches_are_told_apart);
	suite_add_tcase(s, t);
	return s;
}
