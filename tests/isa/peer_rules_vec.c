/* Rules of vectors, decimal ones too, and of pairs: see docs/differences.md. */
#include <string.h>
#include "target-ppc/fpu.h"
#include "tests/isa/peer_rules.h"

/* The peer keeps VSCR's reserved bits. */
static void mtvscr(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	(void)c;
	peer->vscr &= 0x10001;
}

/* A number that is none: the target is undefined. */
static void bcd_invalid(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if ((c->us.cr >> 4 & 15) == 1 && (peer->cr >> 4 & 15) == 1)
		peer_same_target(c, peer);
}

/* Digits, and a sign code if there is one. */
static bool bcd_valid(u128 v, bool sign)
{
	if (sign && (v & 15) < 10)
		return false;
	for (unsigned i = sign; i < 32; i++)
		if ((v >> 4 * i & 15) > 9)
			return false;
	return true;
}

/* The peer does not see that an operand is no number. */
static void bcd_missed(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const PpcVsr *v = &c->in.vsr[32];
	bool two = c->row->mnemonic[3] == 'a' || !strcmp(c->row->mnemonic, "bcdsub.");

	(void)p;
	if (bcd_valid(v[c->op.VRB].q, true) && !(two && !bcd_valid(v[c->op.VRA].q, true)))
		return;
	if ((c->us.cr >> 4 & 15) == 1) {
		peer_same_target(c, peer);
		peer->cr = c->us.cr;
	}
}

/* A sum of 0 is EQ alone; the peer keeps its operands' LT or GT. */
static void bcd_zero(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!(c->us.vsr[32 + c->op.VRT].q >> 4) && (c->us.cr >> 4 & 2) && (peer->cr >> 4 & 2))
		peer->cr &= ~UINT64_C(0xc0);
}

/* The peer takes the sign from VRT, which may be VRB, after it has written there. */
static void bcd_copy_sign(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->op.VRT == c->op.VRB) {
		peer_same_target(c, peer);
		peer->cr = (peer->cr & ~UINT64_C(0xf0)) | (c->us.cr & 0xf0);
	}
}

/* A length above the number of digits leaves them all. */
static void bcd_length(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (VSR_H(c->in.vsr[32 + c->op.VRA], 3) > 31) {
		peer_same_target(c, peer);
		peer->cr = (peer->cr & ~UINT64_C(0xf0)) | (c->us.cr & 0xf0);
	}
}

/* Too large a binary number: undefined as well. */
static void bcd_overflow(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.cr >> 4 & 1 && peer->cr >> 4 & 1)
		peer_same_target(c, peer);
}

/* LT, GT and EQ tell of the source; the peer's of the result; SO that digits were lost. */
static void bcd_cr6(const Peer *p, const PeerCase *c, PeerState *peer)
{
	u128 b = c->in.vsr[32 + c->op.VRB].q;
	bool sign = !peer_starts(c->row->mnemonic, "bcdu");
	bool minus = sign && ((b & 15) == 11 || (b & 15) == 13), zero = !(sign ? b >> 4 : b);
	unsigned cr6 = zero ? 2 : minus ? 8 : 4;

	(void)p;
	if (!bcd_valid(b, sign))
		return;
	if (zero)
		peer->cr &= ~UINT64_C(0x10);
	peer->cr = (peer->cr & ~UINT64_C(0xe0)) | cr6 << 4;
}

/* The peer takes 0 for the rest, instead of the target. */
static void vrldmi(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);

	(void)p;
	if (!(peer->vsr[t].q & ~c->us.vsr[t].q))
		peer->vsr[t] = c->us.vsr[t];
}

/* Bytes beyond the register: undefined. */
static void beyond(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const char *m = c->row->mnemonic;
	char size = m[strlen(m) - 1];
	unsigned bytes = size == 'd' ? 8 : size == 'w' ? 4 : size == 'h' ? 2 : 1;

	(void)p;
	if (c->op.UIM4 + bytes > 16)
		peer_same_target(c, peer);
}

static void beyond_index(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned bytes = c->row->mnemonic[5] == 'w' ? 4 : c->row->mnemonic[5] == 'h' ? 2 : 1;

	(void)p;
	if ((c->in.gpr[c->op.RA] & 15) + bytes > 16)
		peer->gpr[c->op.RT] = c->us.gpr[c->op.RT];
}

/* Little-endian: the even register belongs at the lower address; the peer has the odd one there. */
static void pair_order(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned off = (unsigned)(c->ea - c->mem), t = c->op.slot_a;
	uint64_t a;

	if (!p->le)
		return;
	if (c->row->mnemonic[0] == 'l') {
		a = VSR_D(peer->vsr[t], 0);
		VSR_D(peer->vsr[t], 0) = VSR_D(peer->vsr[t + 1], 0);
		VSR_D(peer->vsr[t + 1], 0) = a;
	} else {
		memcpy(&a, peer->mem + off, 8);
		memcpy(peer->mem + off, peer->mem + off + 8, 8);
		memcpy(peer->mem + off + 8, &a, 8);
	}
}

/* Element i of n bytes, from the left, as a signed or unsigned number. */
static i128 element(u128 v, unsigned i, unsigned n, bool sign)
{
	u128 top = v << 8 * n * i;

	return sign ? (i128)top >> (128 - 8 * n) : (i128)(top >> (128 - 8 * n));
}

/* Has a / b, or (a << 8n) / b, a quotient of n bytes? */
static bool divides(i128 a, i128 b, unsigned n, bool sign, bool extended)
{
	i128 min = sign ? -((i128)1 << (8 * n - 1)) : 0, q;
	i128 max = sign ? -(min + 1) : ((i128)1 << 8 * n) - 1;

	if (b == 0 || (sign && a == min && b == -1))
		return false;
	if (!extended)
		return true;
	if (!sign)
		return a < b;
	q = (i128)((u128)a << 8 * n) / b;
	return q >= min && q <= max;
}

static bool divides_q(u128 a, u128 b, bool sign, bool extended)
{
	bool na = sign && a >> 127, nb = sign && b >> 127;
	u128 ua = na ? -a : a, ub = nb ? -b : b, half = ub >> 1;

	if (b == 0 || (sign && a == (u128)1 << 127 && b == ~(u128)0))
		return false;
	if (!extended)
		return true;
	/* 2 |a| below |b| surely fits a sign; near the limit nobody asks. */
	return sign ? ua < half : ua < ub;
}

/* Divisions without a result: undefined elements. */
static void vector_division(const Peer *p, const PeerCase *c, PeerState *peer)
{
	const char *m = c->row->mnemonic;
	bool extended = m[4] == 'e', sign = m[4 + extended] == 's';
	char size = m[5 + extended];
	unsigned n = size == 'w' ? 4 : size == 'd' ? 8 : 16;
	u128 a = c->in.vsr[32 + c->op.VRA].q, b = c->in.vsr[32 + c->op.VRB].q, mask;
	PpcVsr *t = &peer->vsr[32 + c->op.VRT];

	(void)p;
	for (unsigned i = 0; i < 16 / n; i++) {
		if (n == 16 ? divides_q(a, b, sign, extended)
			    : divides(element(a, i, n, sign), element(b, i, n, sign), n, sign,
				      extended))
			continue;
		mask = n == 16 ? ~(u128)0 : (((u128)1 << 8 * n) - 1) << (128 - 8 * n * (i + 1));
		t->q = (t->q & ~mask) | (c->us.vsr[32 + c->op.VRT].q & mask);
	}
}

const PeerRule peer_rules_vec[] = {
	{ "mtvscr", "mtvscr", mtvscr },
	{ "bcd-invalid", "bcd*", bcd_invalid },
	{ "bcd-missed", "bcdctn. bcdctz. bcdsetsgn. bcdadd. bcdsub.", bcd_missed },
	{ "bcd-zero", "bcdadd. bcdsub.", bcd_zero },
	{ "bcd-copy-sign", "bcdcpsgn. bcdctsq.", bcd_copy_sign },
	{ "bcd-length", "bcdtrunc. bcdutrunc.", bcd_length },
	{ "bcd-overflow", "bcdcfsq.", bcd_overflow },
	{ "bcd-cr6", "bcds. bcdsr. bcdus. bcdtrunc. bcdutrunc.", bcd_cr6 },
	{ "vrldmi", "vrldmi", vrldmi },
	{ "vector-division", "vdiv* vmod*", vector_division },
	{ "beyond-the-register",
	  "vextractuh vextractuw vextractd vinserth vinsertw vinsertd xxinsertw xxextractuw",
	  beyond },
	{ "beyond-the-register", "vextu?lx vextu?rx", beyond_index },
	{ "pair-order", "lfdp lfdpx stfdp stfdpx", pair_order },
	{ NULL, NULL, NULL },
};
