/* Rules of binary floating point, scalar and vector: see docs/differences.md. */
#include <math.h>
#include <string.h>
#include "target-ppc/fpu.h"
#include "tests/isa/peer_rules.h"

static bool status_row(const PeerCase *c)
{
	const char *m = c->row->mnemonic;

	return peer_starts(m, "mtfs") || peer_starts(m, "mffs") || peer_starts(m, "mcrfs");
}

/* CR1 follows the FPSCR. */
static void same_cr1(const PeerCase *c, PeerState *peer)
{
	if (c->row->rc_bit && c->word[0] & 1 && c->row->facility == PPC_FAC_FP)
		peer->cr = (peer->cr & ~UINT64_C(0x0f000000)) | (peer->fpscr >> 28 & 15) << 24;
}

static double double_of(uint64_t v)
{
	double d;

	memcpy(&d, &v, 8);
	return d;
}

/* Neighbours, or equal, as the integers that their bits are. */
static bool neighbours(uint64_t a, uint64_t b)
{
	return a - b + 1 <= 2;
}

/* The peer's elements that are neighbours of ours become ours. */
static void same_neighbours(const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n), len = (unsigned)strlen(c->row->mnemonic);
	const char *m = c->row->mnemonic;
	bool vector = m[1] == 'v' || strstr(m, "ger"),
	     words = strstr(m, "f32") || m[len - 1] == 's';

	words |= vector && m[len - 2] == 's';
	for (unsigned i = t; i < t + n; i++) {
		const PpcVsr *us = &c->us.vsr[i];
		PpcVsr *them = &peer->vsr[i];

		if (strstr(m, "qp")) {
			if (us->q - them->q + 1 <= 2)
				*them = *us;
			continue;
		}
		for (unsigned k = 0; k < 4 && vector && words; k++)
			if (neighbours(VSR_W(*us, k), VSR_W(*them, k)) ||
			    neighbours(VSR_W(*them, k), VSR_W(*us, k)))
				VSR_W(*them, k) = VSR_W(*us, k);
		for (unsigned k = 0; k < 2; k++) {
			uint64_t a = VSR_D(*us, k), b = VSR_D(*them, k);

			if (neighbours(a, b) || (!vector && neighbours(sf_stfs(a), sf_stfs(b))))
				VSR_D(*them, k) = a;
		}
	}
}

/* The peer never changes FR. */
static void fr(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->row && !status_row(c) && ((peer->fpscr ^ c->in.fpscr) & FPSCR_FR) == 0)
		peer_same_fpscr(c, peer, FPSCR_FR);
}

/* The peer sets FX for each exception, not only when its bit changes from 0 to 1. */
static void fx(const Peer *p, const PeerCase *c, PeerState *peer)
{
	uint64_t set = peer->fpscr & ~c->in.fpscr;

	(void)p;
	if (!c->row || status_row(c))
		return;
	if (set & FPSCR_FX && !(set & FPSCR_EXCEPTIONS) && !(c->us.fpscr & FPSCR_FX)) {
		peer_same_fpscr(c, peer, FPSCR_FX);
		same_cr1(c, peer);
	}
}

/* Enabled overflow, underflow, inexact: the book delivers the result, then interrupts. */
static void trap_result(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!c->row || c->us.sig != PEER_SIGFPE || peer->sig != PEER_SIGFPE)
		return;
	if (peer_untouched(c, peer)) {
		memcpy(peer->vsr, c->us.vsr, sizeof(peer->vsr));
		peer_same_fpscr(c, peer, FPSCR_FPRF | FPSCR_FR | FPSCR_FI);
	}
	peer->cr = c->us.cr; /* CR1 */
}

static void fprf(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	peer_same_fpscr(c, peer, FPSCR_FPRF);
}

static void fprf_not_set(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (((peer->fpscr ^ c->in.fpscr) & FPSCR_FPRF) == 0)
		peer_same_fpscr(c, peer, FPSCR_FPRF);
}

static void single_class(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	peer_same_fpscr(c, peer, FPSCR_C);
}

/* Any enabled exception of a vector keeps the target; compares on the peer never interrupt. */
static void vector_trap(const Peer *p, const PeerCase *c, PeerState *peer)
{
	bool compare = peer_starts(c->row->mnemonic + 2, "cmp");

	(void)p;
	if (c->us.sig != PEER_SIGFPE || memcmp(c->us.vsr, c->in.vsr, sizeof(c->in.vsr)))
		return;
	/* An overflow in another lane hides underflow (vector-underflow), so its interrupt too. */
	compare |= peer_starts(c->row->mnemonic, "xvcv");
	compare |= c->in.fpscr & FPSCR_UE && c->us.fpscr & FPSCR_UX;
	/* And what overflows in our rounding need not in the peer's (negated-multiply-add). */
	compare |= c->in.fpscr & FPSCR_OE && peer_starts(c->row->mnemonic, "xvn");
	if (compare && !peer->sig) {
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
	}
	if (peer->sig == PEER_SIGFPE) {
		peer_same_target(c, peer);
		/* It leaves at the first of the lanes that interrupts; see vector_underflow() too. */
		peer_same_fpscr(c, peer, FPSCR_OX | FPSCR_UX | FPSCR_XX);
		if (!(peer->fpscr & ~c->us.fpscr & (FPSCR_EXCEPTIONS)))
			peer_same_fpscr(c, peer,
					FPSCR_EXCEPTIONS | FPSCR_FX | FPSCR_VX | FPSCR_FEX);
		peer->cr = c->us.cr;
	}
}

/* Vectors leave FR and FI alone. */
static void vector_fi(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!((c->us.fpscr ^ c->in.fpscr) & (FPSCR_FR | FPSCR_FI)))
		peer_same_fpscr(c, peer, FPSCR_FR | FPSCR_FI);
}

/* One lane's NaN or overflow gives other lanes what an invalid operation gives. */
static void vector_to_integer(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);

	(void)p;
	if (!(peer->fpscr & (SF_VXCVI | SF_VXSNAN)))
		return;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t *w = &VSR_W(peer->vsr[t], i);

		if (*w + 1 <= 1 || *w + 0x80000001 <= 1) /* 0, -1, the largest, the least */
			*w = VSR_W(c->us.vsr[t], i);
	}
	peer_same_fpscr(c, peer, FPSCR_XX | FPSCR_FX);
}

/* The peer looks at the second operand only when the first is no NaN; the book at both. */
static void max_j(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!sf_f64_is_nan(VSR_D(c->in.vsr[c->op.XA], 0)) ||
	    !sf_f64_is_snan(VSR_D(c->in.vsr[c->op.XB], 0)))
		return;
	peer->fpscr = c->us.fpscr;
	peer_same_target(c, peer); /* which VE keeps */
	peer->sig = c->us.sig;
	peer->exit = c->us.exit;
}

/* (x > y) ? x : y of zeros is y; the peer's is x. */
static void max_c(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);

	(void)p;
	if (!(c->us.vsr[t].q << 1) && !(peer->vsr[t].q << 1))
		peer->vsr[t] = c->us.vsr[t];
}

/* Maximum and minimum know only VXSNAN; the peer lets denormals underflow. */
static void max_underflow(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!(peer->fpscr & (FPSCR_OX | FPSCR_UX | FPSCR_XX)))
		return;
	if (c->in.fpscr & (FPSCR_OE | FPSCR_UE | FPSCR_XE)) {
		peer_same_target(c, peer);
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
	}
	peer_same_fpscr(c, peer, FPSCR_OX | FPSCR_UX | FPSCR_XX | FPSCR_FX | FPSCR_FEX);
}

/* The peer adds exceptions, even interrupts, of instructions before. */
static void stale(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.fpscr & ~peer->fpscr & FPSCR_EXCEPTIONS)
		return;
	peer_same_fpscr(c, peer, FPSCR_EXCEPTIONS | FPSCR_FX | FPSCR_FEX | FPSCR_VX);
	if (peer->sig == PEER_SIGFPE && !c->us.sig) {
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
	}
}

/* Overflow in one lane hides underflow in another. */
static void vector_underflow(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (peer->fpscr & FPSCR_OX)
		peer_same_fpscr(c, peer, FPSCR_UX);
}

/* Enabled overflow or underflow, the exponent wrapped further than the format reaches. */
static void wrapped(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.sig == PEER_SIGFPE && peer->fpscr & (FPSCR_OX | FPSCR_UX) &&
	    c->in.fpscr & (FPSCR_OE | FPSCR_UE)) {
		peer_same_target(c, peer);
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
		peer_same_fpscr(c, peer,
				FPSCR_FPRF | FPSCR_OX | FPSCR_UX | FPSCR_XX | FPSCR_FI | FPSCR_FEX);
		peer->cr = c->us.cr;
	}
}

/* The peer rounds to a double first: the last bit, and a denormal's inexactness. */
static void double_rounding(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);
	uint64_t v = VSR_D(c->us.vsr[t], 0);

	(void)p;
	same_neighbours(c, peer);
	if ((v & ~BIT64(0)) < UINT64_C(0x3810000000000000)) /* less than 2 to the power of -126 */
		peer_same_fpscr(c, peer, FPSCR_UX | FPSCR_XX | FPSCR_FI | FPSCR_FX);
}

/* The peer has the two denormal classes exchanged. */
static void denormal_classes(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned shift = 4 * (7 - c->op.BF);

	(void)p;
	peer->cr = (peer->cr & ~(UINT64_C(15) << shift)) | (c->us.cr & UINT64_C(15) << shift);
	peer_same_fpscr(c, peer, FPSCR_FPRF);
}

/* The peer rounds, but not to odd, the negated one; and an exact zero has another sign. */
static void xsnmsubqpo(const Peer *p, const PeerCase *c, PeerState *peer)
{
	PpcVsr *t = &peer->vsr[32 + c->op.VRT];

	(void)p;
	if (!(t->q << 1) && !(c->us.vsr[32 + c->op.VRT].q << 1))
		*t = c->us.vsr[32 + c->op.VRT];
	same_neighbours(c, peer);
	peer_same_fpscr(c, peer, FPSCR_FPRF | FPSCR_FR | FPSCR_FI | FPSCR_XX | FPSCR_FX);
}

/* RMC 3: the peer takes RN in an encoding of its own. */
static void quad_integer(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	/* xsrqpxp cuts NaNs to 64 bits. */
	if (peer_starts(c->row->mnemonic, "xsrqpxp") && sf_f128_is_nan(c->us.vsr[32 + c->op.VRT].q))
		peer_same_target(c, peer);
	/* Nor does it underflow: the book names OX and XX alone. */
	if (peer_starts(c->row->mnemonic, "xsrqpxp") && peer->fpscr & ~c->us.fpscr & FPSCR_UX) {
		peer_same_target(c, peer);
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
		peer_same_fpscr(c, peer,
				FPSCR_UX | FPSCR_XX | FPSCR_FPRF | FPSCR_FR | FPSCR_FI | FPSCR_FX |
					FPSCR_FEX);
	}
	if (!c->op.QR && c->op.QRMC == 3 && c->in.fpscr & 1) {
		peer_same_target(c, peer);
		peer_same_fpscr(c, peer, FPSCR_FPRF | FPSCR_FR | FPSCR_FI | FPSCR_XX | FPSCR_FX);
	}
}

/* Accumulators get results as if nothing were enabled; the peer wraps exponents. */
static void mma_enabled(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->in.fpscr & (FPSCR_OE | FPSCR_UE) && peer->fpscr & (FPSCR_OX | FPSCR_UX)) {
		peer_same_target(c, peer);
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
		peer_same_fpscr(c, peer, FPSCR_XX | FPSCR_OX | FPSCR_UX | FPSCR_FX | FPSCR_FEX);
	}
}

/* Sums of two products: the peer sets exceptions of what takes no part, and of NaNs. */
static void mma_flags(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.fpscr & ~peer->fpscr & FPSCR_EXCEPTIONS)
		return;
	peer->fpscr = c->us.fpscr;
	peer->sig = c->us.sig;
	peer->exit = c->us.exit;
}

/* Product of bfloat16 k (0: the left one) of word a and of word b; NaNs and infinities as they are. */
static double bf16_product(uint32_t a, uint32_t b, unsigned k)
{
	unsigned shift = k ? 16 : 0;

	return double_of(sf_lfs(a << shift & 0xffff0000)) *
	       double_of(sf_lfs(b << shift & 0xffff0000));
}

/* Sums that leave the range of singles: the peer rounds them to singles before it accumulates. */
static void bf16_range(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const PpcVsr *a = &c->in.vsr[c->op.XA], *b = &c->in.vsr[c->op.XB];
	bool any = false;

	(void)p;
	for (unsigned i = 0; i < 16; i++) {
		double p0 = bf16_product(VSR_W(*a, i / 4), VSR_W(*b, i & 3), 0);
		double p1 = bf16_product(VSR_W(*a, i / 4), VSR_W(*b, i & 3), 1);
		double most = fmax(fabs(p0), fabs(p1)), sum = fabs(p0 + p1);

		if (!(most >= 0x1p127 || sum < 0x1p-125 || fabs(p0) < 0x1p-125 ||
		      fabs(p1) < 0x1p-125))
			continue;
		any = true;
		VSR_W(peer->vsr[4 * c->op.AT + i / 4],
		      i & 3) = VSR_W(c->us.vsr[4 * c->op.AT + i / 4], i & 3);
	}
	if (any)
		peer_same_fpscr(c, peer, FPSCR_OX | FPSCR_UX | FPSCR_XX | FPSCR_FX | FPSCR_FEX);
	if (any && ((c->us.sig == PEER_SIGFPE) != (peer->sig == PEER_SIGFPE))) {
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
	}
}

static bool is_single(uint64_t v)
{
	return sf_lfs(sf_stfs(v)) == v;
}

/* Single-precision operations on other numbers: undefined, and the 750 has its own way. */
static void not_single(const Peer *p, const PeerCase *c, PeerState *peer)
{
	bool single = true;

	for (unsigned i = 1; i < c->row->noperands; i++) {
		const PpcOperand *o = &ppc_isa_operands[c->row->operand[i] & PPC_OPERAND_ID];

		single &= is_single(VSR_D(c->in.vsr[ppc_op_value(&c->op, o)], 0));
	}
	if (strcmp(p->model, "750") || single)
		return;
	peer_same_target(c, peer);
	peer_same_fpscr(c, peer, ~UINT64_C(0xff));
	peer->sig = c->us.sig;
	peer->exit = c->us.exit;
	peer->cr = c->us.cr;
}

/* mtfsb0 and mtfsb1 of NI do nothing on the peer. */
static void mtfsb_ni(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	peer_same_fpscr(c, peer, FPSCR_NI);
}

/* Compares leave FI and C alone; the peer clears FI, and sets C for NaNs. */
static void compare(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.fpscr & 0x1000) /* FU */
		peer_same_fpscr(c, peer, FPSCR_C);
	/* An enabled invalid operation of a signalling NaN is no invalid comparison as well. */
	if (c->in.fpscr & FPSCR_VE && c->us.fpscr & SF_VXSNAN)
		peer_same_fpscr(c, peer, SF_VXVC);
	if (!(peer->fpscr & FPSCR_FI))
		peer_same_fpscr(c, peer, FPSCR_FI);
}

static void mtfsb1_fx(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.fpscr & ~c->in.fpscr & FPSCR_EXCEPTIONS) {
		peer_same_fpscr(c, peer, FPSCR_FX);
		same_cr1(c, peer);
	}
}

/* Doubleword 1 of a scalar's target is undefined before 3.1; ours is 0, the peer's as before. */
static void doubleword_1(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);

	(void)p;
	for (unsigned i = t; i < t + n; i++)
		if (VSR_D(c->us.vsr[i], 1) == 0 && VSR_D(peer->vsr[i], 1) == VSR_D(c->in.vsr[i], 1))
			VSR_D(peer->vsr[i], 1) = 0;
}

/* The negation comes after the rounding; the peer's before: the last bit in directed modes. */
static void negated(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!(c->in.fpscr & 2))
		return;
	if ((c->us.fpscr ^ peer->fpscr) & FPSCR_OX) { /* with OE its exponent is wrapped */
		peer_same_target(c, peer);
		peer->sig = c->us.sig;
		peer->exit = c->us.exit;
		peer_same_fpscr(c, peer, FPSCR_FEX);
	}
	same_neighbours(c, peer);
	peer_same_fpscr(c, peer, FPSCR_FI | FPSCR_XX | FPSCR_UX | FPSCR_OX | FPSCR_FX | FPSCR_FPRF);
	same_cr1(c, peer);
}

/* Infinity times zero and a signalling NaN to be added: both, the peer has the first alone. */
static void imz_and_snan(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.fpscr & ~c->in.fpscr & SF_VXSNAN && peer->fpscr & SF_VXIMZ)
		peer_same_fpscr(c, peer, SF_VXSNAN);
}

static bool close_enough(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	if (signbit(a) != signbit(b))
		return false;
	return fabs(a - b) <= fabs(b) / 16 || fabs(a - b) < 0x1p-120 || isinf(a) || isinf(b);
}

/* Within the book's bound of 2 to the power of the operand; the peer is not always. */
static void vexptefp(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const PpcVsr *in = &c->in.vsr[32 + c->op.VRB], *us = &c->us.vsr[32 + c->op.VRT];

	(void)p;
	for (unsigned i = 0; i < 4; i++) {
		double x = double_of(sf_lfs(VSR_W(*in, i)));
		double r = double_of(sf_lfs(VSR_W(*us, i)));

		if ((x < -126 && VSR_W(*us, i) == 0) || fabs(r - exp2(x)) <= exp2(x) / 16)
			VSR_W(peer->vsr[32 + c->op.VRT], i) = VSR_W(*us, i);
	}
}

/* Estimates: of the same kind and near one another. */
static void estimate(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);
	const char *m = c->row->mnemonic;
	bool words = m[0] == 'v' || (m[1] == 'v' && g_str_has_suffix(m, "sp"));
	PpcVsr *them = &peer->vsr[t];
	const PpcVsr *us = &c->us.vsr[t];

	/* Of an inexact exception, which estimates do not know; or zero divide, of which the peer's do not. */
	if ((c->in.fpscr & (FPSCR_XE | FPSCR_UE | FPSCR_OE) && peer->sig == PEER_SIGFPE &&
	     !c->us.sig) ||
	    (c->in.fpscr & (FPSCR_UE | FPSCR_OE) && peer->fpscr & (FPSCR_UX | FPSCR_OX)) ||
	    (c->in.fpscr & FPSCR_ZE && c->us.sig == PEER_SIGFPE && !peer->sig)) {
		*peer = c->us;
		return;
	}
	(void)p;
	for (unsigned i = 0; i < 4; i++) {
		if (words && close_enough(double_of(sf_lfs(VSR_W(*us, i))),
					  double_of(sf_lfs(VSR_W(*them, i)))))
			VSR_W(*them, i) = VSR_W(*us, i);
		if (!words && i < 2 &&
		    close_enough(double_of(VSR_D(*us, i)), double_of(VSR_D(*them, i))))
			VSR_D(*them, i) = VSR_D(*us, i);
	}
	peer_same_fpscr(c, peer,
			FPSCR_FPRF | FPSCR_FR | FPSCR_FI | FPSCR_XX | FPSCR_UX | FPSCR_OX |
				(c->us.fpscr & FPSCR_ZX) | FPSCR_FX);
	same_cr1(c, peer);
}

/* Undefined; of mffs before 2.05. */
static void upper_word(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);

	if (!(p->features & PPC_F_V2) || c->row->mnemonic[0] == 'f')
		VSR_W(peer->vsr[t], 0) = VSR_W(c->us.vsr[t], 0);
}

/* L and W are reserved bits before 2.05. */
static void mtfsf_l(const Peer *p, const PeerCase *c, PeerState *peer)
{
	if (!(p->features & PPC_F_DFP) &&
	    c->word[0] & (BIT32(15) | (c->row->operands[0] == 'F' ? BIT32(6) : 0)))
		*peer = c->us;
}

const PeerRule peer_rules_fp[] = {
	{ "trap-result", NULL, trap_result },
	{ "mma-enabled", "xv*ger* pmxv*ger*", mma_enabled },
	{ "fr", NULL, fr },
	{ "fx", NULL, fx },
	{ "fprf-of-integers", "fcti* xscvdps* xscvdpu* xscvqps* xscvqpu*", fprf },
	{ "fprf-not-set", "fcfids fcfidu fcfidus", fprf_not_set },
	{ "single-class",
	  "fadds fsubs fmuls fdivs fsqrts fmadds fmsubs fnmadds fnmsubs frsp fres frsqrtes "
	  "xs*sp",
	  single_class },
	{ "compare", "fcmp* xscmp*", compare },
	{ "mtfsb1-fx", "mtfsb1", mtfsb1_fx },
	{ "doubleword-1", "lxs* mtvsr*", doubleword_1 },
	{ "negated-multiply-add", "fnm* xsnm* xvnm* *f32gern? *f64gern?", negated },
	{ "infinity-times-zero", "*madd* *msub*", imz_and_snan },
	{ "estimates",
	  "fre fres frsqrte frsqrtes xsre* xsrsqrte* xvre* xvrsqrte* vrefp vrsqrtefp vexptefp "
	  "vlogefp",
	  estimate },
	{ "vexptefp", "vexptefp", vexptefp },
	{ "upper-word-of-fpr", "mffs fctiw*", upper_word },
	{ "mtfsf-fields", "mtfsf mtfsfi", mtfsf_l },
	{ "vector-trap", "xv* xscmpeq* xscmpgt* xscmpge*", vector_trap },
	{ "max-underflow", "xsmax* xsmin* xvmax* xvmin*", max_underflow },
	{ "max-c", "xsmaxc* xsminc*", max_c },
	{ "max-j", "xsmaxjdp xsminjdp", max_j },
	{ "stale-flags", "xvcv*", stale },
	{ "vector-fr-fi", "xv*", vector_fi },
	{ "vector-to-integer", "xvcv*", vector_to_integer },
	{ "vector-underflow", "xv* pmxv*", vector_underflow },
	{ "wrapped-exponent",
	  "fadds fsubs fmuls fdivs fsqrts fmadds fmsubs fnmadds fnmsubs frsp xs*sp xscvqpdp* "
	  "xscvdphp xvcvsphp",
	  wrapped },
	{ "double-rounding", "xsaddsp xssubsp xsmulsp xsdivsp xssqrtsp xsm*sp xsnm*sp xsrsp",
	  double_rounding },
	{ "denormal-classes", "xststdcsp", denormal_classes },
	{ "xsnmsubqpo", "xsnmsubqpo", xsnmsubqpo },
	{ "quad-integer-rounding", "xsrqpi xsrqpix xsrqpxp", quad_integer },
	{ "not-single", "fmuls fmadds fmsubs fnmadds fnmsubs fres", not_single },
	{ "mtfsb-ni", "mtfsb0 mtfsb1", mtfsb_ni },
	{ "mma-bfloat16", "*bf16ger2*", bf16_range },
	{ "mma-flags", "*f16ger2*", mma_flags },
	{ NULL, NULL, NULL },
};
