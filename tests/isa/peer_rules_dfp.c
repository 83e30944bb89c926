/* Rules of decimal floating point: see docs/differences.md. */
#include "target-ppc/dfp.h"
#include "target-ppc/fpu.h"
#include "tests/isa/peer_rules.h"

static const DfpFormat *format(const PeerCase *c)
{
	return c->row->value >> 26 == 63 ? &dfp_ext : &dfp_long;
}

static u128 number(const PeerState *s, const DfpFormat *f, unsigned reg)
{
	uint64_t v = VSR_D(s->vsr[reg], 0);

	return f == &dfp_ext ? (u128)v << 64 | VSR_D(s->vsr[reg + 1], 0) : v;
}

static void put_number(PeerState *s, const DfpFormat *f, unsigned reg, u128 v)
{
	VSR_D(s->vsr[reg], 0) = (uint64_t)(f == &dfp_ext ? v >> 64 : v);
	if (f == &dfp_ext)
		VSR_D(s->vsr[reg + 1], 0) = (uint64_t)v;
}

/* Enabled exceptions never interrupt on the peer, which then gives disabled ones' results. */
static void traps(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.sig != PEER_SIGFPE || peer->sig)
		return;
	peer->sig = c->us.sig;
	peer->exit = c->us.exit;
	peer_same_target(c, peer);
	peer_same_fpscr(c, peer,
			FPSCR_FPRF | FPSCR_FR | FPSCR_FI | FPSCR_XX | FPSCR_UX | FPSCR_FX |
				FPSCR_FEX);
	peer->cr = c->us.cr; /* CR1 */
}

/* Neither FR nor, after an exact result, FI is changed. */
static void fr_fi(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!((peer->fpscr ^ c->in.fpscr) & FPSCR_FI))
		peer_same_fpscr(c, peer, FPSCR_FI);
}

/* The class of the NaN that an invalid one gives belongs into FPRF. */
static void denbcd_fprf(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.fpscr & SF_VXCVI)
		peer_same_fpscr(c, peer, FPSCR_FPRF);
}

/* The peer sets FEX although nothing is enabled. */
static void fex(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.fpscr & FPSCR_FEX)
		return;
	peer_same_fpscr(c, peer, FPSCR_FEX);
	if (c->word[0] & 1)
		peer->cr = (peer->cr & ~UINT64_C(0x04000000)) | (c->us.cr & 0x04000000);
}

/* An enabled invalid operation of a signalling NaN is no invalid comparison as well. */
static void ordered(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->in.fpscr & FPSCR_VE && c->us.fpscr & SF_VXSNAN)
		peer_same_fpscr(c, peer, SF_VXVC);
}

/* 0xa passes as a digit of the peer's. */
static void denbcd_ten(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const DfpFormat *f = format(c);
	u128 b = number(&c->in, f, c->op.FRB);

	(void)p;
	for (unsigned i = c->word[0] & BIT32(11) ? 4 : 0; i < f->width; i += 4)
		if ((b >> i & 15) == 10) {
			peer_same_target(c, peer);
			peer->sig = c->us.sig;
			peer->exit = c->us.exit;
			peer->fpscr = c->us.fpscr;
			peer->cr = c->us.cr;
			return;
		}
}

/* The result belongs into the even register; the peer has it in the odd one. */
static void drdpq(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned t = c->op.FRTp;

	(void)p;
	VSR_D(peer->vsr[t], 0) = VSR_D(peer->vsr[t + 1], 0);
	VSR_D(peer->vsr[t + 1], 0) = VSR_D(c->us.vsr[t + 1], 0);
}

/* A NaN with more digits than the target loses them all, not the leftmost. */
static void long_nan(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const DfpFormat *f = format(c);
	DfpNum n = dfp_unpack(f, number(&c->in, f, c->op.FRB));

	(void)p;
	if (n.kind >= DFP_QNAN && dfp_digits(n.coeff) > (f == &dfp_ext ? 15 : 6)) {
		peer_same_target(c, peer);
		peer->fpscr = c->us.fpscr;
		peer->cr = c->us.cr;
	}
}

/* The default NaN has a plus; the peer's has the operand's sign. */
static void drrnd_sign(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned t = c->op.FRT;

	(void)p;
	if (c->us.fpscr & SF_VXCVI && VSR_D(c->us.vsr[t], 0) >> 56 == 0x7c)
		VSR_D(peer->vsr[t], 0) &= ~BIT64(0);
}

/* The digits of an infinity are taken as zeros; declets of NaNs are made canonical. */
static void infinity_digits(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const DfpFormat *f = format(c);
	bool shift = peer_starts(c->row->mnemonic, "dsc");
	DfpNum n = dfp_unpack(f, number(&c->in, f, shift ? c->op.FRA : c->op.FRB));

	(void)p;
	if (n.kind == DFP_INF) {
		peer_same_target(c, peer);
	} else if (!peer_starts(c->row->mnemonic, "dd")) {
		n = dfp_unpack(f, number(peer, f, c->op.FRT));
		put_number(peer, f, c->op.FRT, dfp_pack(f, &n));
	}
}

const PeerRule peer_rules_dfp[] = {
	{ "dfp-denbcd-ten", "denbcd denbcdq", denbcd_ten },
	{ "dfp-fex", "denbcd denbcdq drrnd drrndq", fex },
	{ "dfp-ordered", "dcmpo dcmpoq", ordered },
	{ "dfp-fr-fi", "d*", fr_fi },
	{ "dfp-denbcd-fprf", "denbcd denbcdq", denbcd_fprf },
	{ "dfp-drdpq", "drdpq", drdpq },
	{ "dfp-long-nan", "drsp drdpq", long_nan },
	{ "dfp-drrnd-sign", "drrnd drrndq", drrnd_sign },
	{ "dfp-infinity", "dscli dscliq dscri dscriq diex diexq ddedpd ddedpdq", infinity_digits },
	{ "dfp-trap", "d*", traps },
	{ NULL, NULL, NULL },
};
