/* What registers and memory hold before a case: numbers of all formats, the ends over-represented. */
#include <string.h>
#include "target-ppc/dfp.h"
#include "target-ppc/fpu.h"
#include "tests/isa/peer.h"

/* Formats of a vector register. */
enum {
	V_F128,
	V_F64,
	V_F32,
	V_F16,
	V_BF16,
	V_INT,	   /* doublewords of all sizes */
	V_SINGLES, /* singles in double format */
	V_BYTES,   /* with many zeros */
	V_SHIFTED, /* a quadword of any size */
	V_BIT,	   /* 0, -1, one bit */
	V_RANDOM,
	V_BCD,
	V_DFP,
	V_DFPQ, /* one quadword of a pair: see dfp_pairs() */
	V_KINDS
};

uint64_t peer_rnd(uint64_t *s)
{
	*s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
	return *s * UINT64_C(0x2545f4914f6cdd1d);
}

unsigned peer_below(uint64_t *s, unsigned n)
{
	return (unsigned)(peer_rnd(s) >> 33) % n;
}

bool peer_starts(const char *m, const char *with)
{
	return !strncmp(m, with, strlen(with));
}

/* A floating-point number of any format. */
static u128 number(uint64_t *s, unsigned ebits, unsigned fbits)
{
	u128 ones = ((u128)1 << fbits) - 1, frac = ((u128)peer_rnd(s) << 64 | peer_rnd(s)) & ones;
	unsigned max = (1u << ebits) - 1, bias = max >> 1, exp;

	switch (peer_below(s, 8)) {
	case 0: /* infinities and NaNs, zeros and denormals */
		exp = peer_below(s, 2) ? max : 0;
		frac = peer_below(s, 2)	  ? frac
		       : peer_below(s, 2) ? (u128)peer_below(s, 2) << (fbits - 1)
					  : ones;
		break;
	case 1: exp = peer_below(s, max + 1); break;
	case 2: /* ends of other formats' and of integers' ranges */
		exp = bias + (peer_below(s, 2) ? 31u : 63u) + peer_below(s, 3) - 1;
		frac = peer_below(s, 3) ? frac : peer_below(s, 2) ? 0 : ones;
		break;
	case 3:
		exp = bias + (unsigned[]){ 127, 1023, 15 }[peer_below(s, 3)] - peer_below(s, 2);
		frac = peer_below(s, 3) ? frac : ones;
		break;
	case 4: exp = bias - (unsigned[]){ 126, 149, 1022, 1074, 14, 24 }[peer_below(s, 6)]; break;
	default: /* near one another, some of them short */
		exp = bias + peer_below(s, 9) - 4;
		frac &= peer_below(s, 2) ? ones : ones << (fbits - (fbits > 7 ? 7 : 3));
	}
	return (u128)(peer_below(s, 2) << ebits | (exp <= max ? exp : bias)) << fbits | frac;
}

static u128 elements(uint64_t *s, unsigned n, unsigned ebits, unsigned fbits)
{
	u128 v = 0;

	for (unsigned i = 0; i < n; i++)
		v = (n == 1 ? 0 : v << (128 / n)) | number(s, ebits, fbits);
	return v;
}

/* Mostly decimal digits, sign code last; unsigned, signed, zoned or national as it happens. */
static u128 bcd(uint64_t *s)
{
	unsigned form = peer_below(s, 4), short_by = peer_below(s, 2) ? 0 : peer_below(s, 32);
	u128 v = 0;

	for (unsigned i = 0; i < 32; i++) {
		unsigned d = i < short_by ? 0 : peer_below(s, 10);

		if (form == 0 && i % 2 == 0) /* zoned */
			d = i == 30 ? peer_below(s, 16) : 3;
		if (form == 1 && i % 4 != 3) /* national */
			d = i % 4 == 2 ? 3 - (i == 30) : 0;
		if (form == 1 && i == 31)
			d = 11 + 2 * peer_below(s, 2);
		v = v << 4 | d;
	}
	if (form == 2)
		v = (v & ~(u128)15) | (10 + peer_below(s, 6));
	return peer_below(s, 6) ? v : v ^ (u128)8 << peer_below(s, 128);
}

/* Up to `digits' digits; nines, ones with zeros, fives at a rounding place over-represented. */
static u128 coefficient(uint64_t *s, unsigned digits)
{
	unsigned n = peer_below(s, 3) ? peer_below(s, digits + 1) : digits, kind = peer_below(s, 8);
	u128 v = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned d = peer_below(s, 10);

		switch (kind) {
		case 0: d = 9; break;
		case 1: d = i == 0; break;
		case 2: d = i == n / 2 ? 5 : i < n / 2 ? d : 0; break;
		case 3: d = i == n / 2 ? 4 : i < n / 2 ? d : 9; break;
		default: break;
		}
		v = v * 10 + d;
	}
	return v;
}

/* Any encoding; often near one exponent, often near the ends. */
static u128 decimal(uint64_t *s, const DfpFormat *f)
{
	DfpNum n = { .neg = peer_below(s, 2), .coeff = coefficient(s, f->digits) };
	u128 raw = (u128)peer_rnd(s) << 64 | peer_rnd(s);

	switch (peer_below(s, 10)) {
	case 0: return raw & ((((u128)1 << (f->width - 1)) - 1) << 1 | 1);
	case 1: n.kind = (uint8_t)peer_below(s, 4); break;
	case 2: n.exp = (int)peer_below(s, 2 * f->digits) - f->bias; break;
	case 3: n.exp = f->max_exp - (int)peer_below(s, f->digits); break;
	case 4: n.exp = (int)peer_below(s, (unsigned)(f->bias + f->max_exp + 1)) - f->bias; break;
	case 5: n.exp = (int)peer_below(s, 3 * f->digits) - 2 * f->digits; break;
	default: n.exp = (int)peer_below(s, 6) - 3; break;
	}
	if (n.kind != DFP_FINITE)
		n.coeff /= 10;
	return dfp_pack(f, &n);
}

static uint64_t integer(uint64_t *s)
{
	return (uint64_t)((int64_t)peer_rnd(s) >> peer_below(s, 64));
}

static u128 vector(uint64_t *s, unsigned kind)
{
	u128 v = (u128)peer_rnd(s) << 64 | peer_rnd(s);

	switch (kind) {
	case V_F128: return elements(s, 1, 15, 112);
	case V_F64: return elements(s, 2, 11, 52);
	case V_F32: return elements(s, 4, 8, 23);
	case V_F16: return elements(s, 8, 5, 10);
	case V_BF16: return elements(s, 8, 8, 7);
	case V_INT: return (u128)integer(s) << 64 | integer(s);
	case V_SINGLES:
		return (u128)sf_lfs((uint32_t)number(s, 8, 23)) << 64 |
		       sf_lfs((uint32_t)number(s, 8, 23));
	case V_BYTES:
		for (unsigned i = 0; i < 16; i++)
			if (peer_below(s, 8) == 0)
				v &= ~((u128)0xff << 8 * i);
		return v;
	case V_SHIFTED: return (u128)((i128)v >> peer_below(s, 128));
	case V_BIT:
		return peer_below(s, 2)	  ? 0
		       : peer_below(s, 2) ? ~(u128)0
					  : (u128)1 << peer_below(s, 128);
	case V_BCD: return bcd(s);
	case V_DFP: return decimal(s, &dfp_long) << 64 | (uint64_t)decimal(s, &dfp_long);
	case V_DFPQ: return decimal(s, &dfp_ext);
	default: return v;
	}
}

static bool has(const char *m, const char *what)
{
	return strstr(m, what) != NULL;
}

/* The format that a row works on, mostly. */
static unsigned kind_for(uint64_t *s, const PpcInsn *r)
{
	const char *m = r->mnemonic;

	if (r->features & PPC_F_DFP)
		return r->value >> 26 == 63 ? V_DFPQ : V_DFP;
	if (peer_starts(m, "bcd") || peer_starts(m, "vmul10"))
		return V_BCD;
	if (r->facility == PPC_FAC_FP)
		return r->value >> 26 == 59 ? (peer_below(s, 4) ? V_SINGLES : V_F64)
		       : peer_below(s, 4)   ? V_F64
					    : V_INT + peer_below(s, 2);
	if (has(m, "bf16g"))
		return V_BF16;
	if (has(m, "f16"))
		return has(m, "cv") ? V_F32 : V_F16;
	if (has(m, "f32"))
		return V_F32;
	if (has(m, "f64"))
		return V_F64;
	if (has(m, "qp"))
		return V_F128;
	if (peer_starts(m, "xs"))
		return has(m, "cvsp")	  ? V_F32
		       : has(m, "cvhp")	  ? V_F16
		       : peer_below(s, 4) ? V_F64
					  : V_SINGLES;
	if (has(m, "hpsp"))
		return V_F16;
	if (peer_starts(m, "xv") && (has(m, "cvsp") || (has(m, "sp") && !has(m, "cv"))))
		return V_F32;
	if (peer_starts(m, "xv"))
		return V_F64 + peer_below(s, 2) * (V_INT - V_F64);
	if (r->facility == PPC_FAC_VEC && (has(m, "fp") || peer_starts(m, "vrfi") ||
					   peer_starts(m, "vct") || peer_starts(m, "vcf")))
		return V_F32;
	return V_BYTES + peer_below(s, 4);
}

static uint64_t general(uint64_t *s)
{
	static const uint64_t v[] = { 0,	  1,	      UINT64_MAX,
				      INT64_MAX,  BIT64(0),   BIT32(0),
				      INT32_MAX,  UINT32_MAX, UINT64_C(0xffffffff80000000),
				      0x7f,	  0x80,	      0x8000,
				      0x99999999, 2,	      UINT64_MAX - 1 };
	uint64_t x = peer_rnd(s);

	switch (x % 8) {
	case 0: return v[(x >> 8) % ARRAY_LEN(v)];
	case 1: return (uint64_t)(int64_t)(int32_t)(x >> 16);
	case 2: return x >> 56;
	case 3: return peer_rnd(s) & peer_rnd(s) & peer_rnd(s);
	case 4: return integer(s);
	case 5: /* halves of division operands */
		return x >> 32 << 32 | (uint32_t)v[(x >> 8) % ARRAY_LEN(v)];
	default: return peer_rnd(s);
	}
}

/* Exceptions may have happened before, but none that is enabled. */
static uint64_t fpscr(const Peer *p, uint64_t *s)
{
	uint64_t v = 0, enables;

	if (peer_below(s, 3) == 0)
		v = peer_rnd(s) & (FPSCR_FX | FPSCR_EXCEPTIONS | FPSCR_FR | FPSCR_FI);
	v |= peer_rnd(s) & (FPSCR_RN | FPSCR_FPRF);
	if (peer_below(s, 4) == 0) {
		enables = peer_rnd(s) & 0xf8;
		if (enables & FPSCR_VE)
			v &= ~FPSCR_VX_ANY;
		v &= ~((enables & 0x78) << 22);
		v |= enables;
	}
	if (peer_below(s, 8) == 0)
		v |= FPSCR_NI;
	if (p->features & PPC_F_DFP)
		v |= peer_rnd(s) & FPSCR_DRN;
	return fpu_summarise(v);
}

static void dfp_source(PeerCase *c, uint64_t *s, unsigned id, unsigned reg, bool pair)
{
	const char *m = c->row->mnemonic;
	bool a = id == PPC_OPERAND_FRA;
	u128 v = decimal(s, pair ? &dfp_ext : &dfp_long);

	if (peer_starts(m, "denbcd"))
		v = bcd(s);
	else if (peer_starts(m, "dcffix"))
		v = integer(s);
	else if (peer_starts(m, "dctdp"))
		v = decimal(s, &dfp_short) | (u128)(peer_rnd(s) >> 32) << 32;
	else if (a && peer_starts(m, "diex"))
		v = peer_below(s, 3) ? peer_below(s, 14000) - UINT64_C(5) : integer(s);
	else if (a && (peer_starts(m, "drrnd") || peer_starts(m, "dtstsf")))
		v = peer_below(s, 40) + (peer_below(s, 4) ? 0 : peer_rnd(s));
	else if (peer_starts(m, "dctfix") && peer_below(s, 3)) {
		SfEnv env = { .rm = (uint8_t)peer_below(s, 8) };

		v = dfp_from_int(pair ? &dfp_ext : &dfp_long, &env,
				 (i128)((u128)peer_rnd(s) << peer_below(s, 65)) >>
					 peer_below(s, 64));
	}
	if (pair) {
		VSR_D(c->in.vsr[reg], 0) = (uint64_t)(v >> 64);
		VSR_D(c->in.vsr[reg + 1], 0) = (uint64_t)v;
	} else {
		VSR_D(c->in.vsr[reg], 0) = (uint64_t)v;
	}
}

static void dfp_values(PeerCase *c, uint64_t *s)
{
	for (unsigned i = 0; i < c->row->noperands; i++) {
		unsigned id = c->row->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];
		unsigned reg = (unsigned)ppc_op_value(&c->op, o);

		if (id == PPC_OPERAND_FRT || id == PPC_OPERAND_FRTp)
			continue;
		if (o->kind == PPC_KIND_FPR || (o->kind == PPC_KIND_FPRP && reg < 31))
			dfp_source(c, s, id, reg, o->kind == PPC_KIND_FPRP);
	}
}

void peer_values(Peer *p, PeerCase *c)
{
	uint64_t *s = &p->seed, all = p->wide ? UINT64_MAX : UINT32_MAX;
	unsigned kind = c->row ? kind_for(s, c->row) : V_RANDOM;
	PeerState *in = &c->in;

	memset(in, 0, sizeof(*in));
	for (unsigned i = 0; i < 32; i++)
		in->gpr[i] = general(s) & all;
	for (unsigned i = 0; i < (p->vmx ? 64 : 32); i++) {
		in->vsr[i].q = vector(s, peer_below(s, 8) ? kind : peer_below(s, V_KINDS));
		if (!p->vsx && i < 32)
			VSR_D(in->vsr[i], 1) = 0;
	}
	if (c->row && c->row->features & PPC_F_DFP)
		dfp_values(c, s);
	for (unsigned i = 0; i < PEER_MEM; i += 16) {
		u128 v = vector(s, peer_below(s, 2) ? kind : V_RANDOM);

		memcpy(in->mem + i, &v, 16);
	}
	in->cr = (uint32_t)peer_rnd(s);
	in->xer = peer_rnd(s) & (p->features & PPC_F_300 ? 0xe00c007f : 0xe000007f);
	in->lr = general(s) & all;
	in->ctr = (peer_below(s, 2) ? peer_below(s, 3) : general(s)) & all;
	in->tar = p->features & PPC_F_207 ? general(s) : 0;
	in->vrsave = p->vmx ? (uint32_t)general(s) : 0;
	in->fpscr = fpscr(p, s);
	in->vscr = p->vmx ? peer_rnd(s) & 0x10001 : 0;
}
