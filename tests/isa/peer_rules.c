/*
 * Rules that hold for all instructions, and those of the fixed-point and branch facilities.
 * docs/differences.md has the reasons, by the names of the rules.
 */
#include <stdio.h>
#include <string.h>
#include "tests/isa/peer_rules.h"

/* How many of the bits that make a row differ from its. */
static unsigned distance(const PpcInsn *r, const PeerCase *c)
{
	unsigned last = c->words - 1, n = 0;

	if (!r->prefix_mask != (c->words == 1))
		return 32;
	if (c->words == 2)
		n = (unsigned)__builtin_popcount((c->word[0] ^ r->prefix_value) & r->prefix_mask);
	return n + (unsigned)__builtin_popcount((c->word[last] ^ r->value) & r->mask);
}

/*
 * The peer decodes loosely: it ignores a bit of the opcode, or runs what other models have.
 * mcrf it takes with any of the upper bits, and two words it runs for no known reason.
 */
static void loose(const Peer *p, const PeerCase *c, PeerState *peer)
{
	uint32_t w = c->word[0], xo = w >> 1 & 1023;

	(void)p;
	if (c->row || c->us.sig != PEER_SIGILL)
		return;
	for (unsigned i = 0; i < ppc_isa_row_count + ppc_isa_prefixed_count; i++)
		if (distance(&ppc_isa_rows[i], c) <= 1) {
			*peer = c->us;
			return;
		}
	if ((w >> 26 == 19 && !(xo & 31)) || (w >> 26 == 31 && (xo == 658 || xo == 690)))
		*peer = c->us;
}

/* The peer knows the instruction less well, or not at all. */
static void not_known(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (peer->sig == PEER_SIGILL && !c->us.sig)
		*peer = c->us;
}

static void spr_not_known(const Peer *p, const PeerCase *c, PeerState *peer)
{
	int64_t n = c->op.SPR;

	if (n == 3 || n == 13 || n == 896 || n == 898)
		not_known(p, c, peer);
	if (n == 896 && !peer->sig) /* 0 there, medium priority here */
		peer->gpr[c->op.RT] = c->us.gpr[c->op.RT];
	if (n == 287 && !peer->sig) /* Linux gives programs the PVR */
		*peer = c->us;
}

/* Only bits that are some register's. */
static void xer_reserved(const Peer *p, const PeerCase *c, PeerState *peer)
{
	uint64_t bits = p->features & PPC_F_300 ? 0xe00c007f : 0xe000007f;

	if (c->op.SPR == 1 && ((peer->xer ^ c->us.xer) & bits) == 0)
		peer->xer = c->us.xer;
}

static void upper_word(const Peer *p, const PeerCase *c, PeerState *peer)
{
	unsigned rt = c->op.RT;

	(void)p;
	if ((uint32_t)peer->gpr[rt] == (uint32_t)c->us.gpr[rt])
		peer->gpr[rt] = c->us.gpr[rt];
	else
		return;
	if (c->word[0] & 1) /* CR0 is undefined as well */
		peer->cr = (peer->cr & ~UINT64_C(0xe0000000)) | (c->us.cr & 0xe0000000);
}

static void vrsave(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->op.SPR == 256)
		peer->vrsave = (uint32_t)peer->vrsave;
}

/* The 970's line has 128 bytes; the peer clears 32. */
static void dcbz(const Peer *p, const PeerCase *c, PeerState *peer)
{
	uint64_t line = (c->ea & ~UINT64_C(127)) - c->mem, part = (c->ea & ~UINT64_C(31)) - c->mem;

	if (strcmp(p->model, "970fx"))
		return;
	for (unsigned i = 0; i < 32; i++)
		if (peer->mem[part + i])
			return;
	memset(peer->mem + line, 0, 128);
}

/*
 * Signed comparisons of words, which the peer does on zero-extended ones; the least number
 * that says no, which the peer extends; and decrement bounded.
 */
static void amo(const Peer *p, const PeerCase *c, PeerState *peer)
{
	bool word = c->row->mnemonic[0] == 's' ? c->row->mnemonic[2] == 'w'
					       : c->row->mnemonic[1] == 'w';
	uint64_t least = word ? BIT32(0) : BIT64(0);

	(void)p;
	if (c->us.sig == PEER_SIGBUS && !peer->sig) {
		*peer = c->us; /* the pair of operands crosses 32 bytes */
		return;
	}
	if ((word && (c->op.FC == 5 || c->op.FC == 7)) || c->op.FC == 28) {
		peer->gpr[c->op.RT] = c->us.gpr[c->op.RT];
		memcpy(peer->mem, c->us.mem, PEER_MEM);
	}
	if (c->op.FC >= 24 && c->us.gpr[c->op.RT] == least)
		peer->gpr[c->op.RT] = least;
}

/* Quotients that do not exist, as the register's width sees them. */
static bool no_quotient(const PeerCase *c)
{
	const char *m = c->row->mnemonic;
	uint64_t a = c->in.gpr[c->op.RA], b = c->in.gpr[c->op.RB];
	bool word = m[3] == 'w' || (m[0] == 'm' && m[4] == 'w'), sign = !strchr(m, 'u');
	bool extended = m[0] == 'd' && m[4] == 'e';
	i128 n, d, q;

	if (word && sign)
		n = (int32_t)a, d = (int32_t)b;
	else if (word)
		n = (uint32_t)a, d = (uint32_t)b;
	else if (sign)
		n = (int64_t)a, d = (int64_t)b;
	else
		n = a, d = b;
	if (d == 0)
		return true;
	if (extended && !sign)
		return n >= d;
	if (extended)
		n = (i128)((u128)n << (word ? 32 : 64));
	q = d == -1 ? -n : n / d; /* the least of all divided by -1 stays negative */
	if (!sign)
		return false;
	return word ? q != (int32_t)q : q != (int64_t)q || (extended && d == -1 && n < 0 && q < 0);
}

/* The register is undefined, and CR0's first three bits; OV and SO are not. */
static void division(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (!no_quotient(c))
		return;
	peer->gpr[c->op.RT] = c->us.gpr[c->op.RT];
	if (c->word[0] & 1)
		peer->cr = (peer->cr & ~UINT64_C(0xe0000000)) | (c->us.cr & 0xe0000000);
}

/* The peer misses overflows of divdeo: OV, OV32 and SO belong set. */
static void divdeo(const Peer *p, const PeerCase *c, PeerState *peer)
{
	if (!no_quotient(c) || !(c->us.xer & BIT32(1)))
		return;
	peer->xer |= BIT32(0) | BIT32(1) | (p->features & PPC_F_300 ? BIT32(12) : 0);
	if (c->word[0] & 1)
		peer->cr |= BIT32(3);
}

/* Models that want more alignment than the peer does. */
static void alignment(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if (c->us.sig == PEER_SIGBUS && c->ea & 15)
		*peer = c->us;
}

/* The peer does not find the value again that lqarx has loaded. */
static void stqcx(const Peer *p, const PeerCase *c, PeerState *peer)
{
	(void)p;
	if ((c->us.cr & BIT32(2)) && !(peer->cr & BIT32(2))) {
		peer->cr |= BIT32(2);
		memcpy(peer->mem, c->us.mem, PEER_MEM);
	}
}

const PeerRule peer_rules[] = {
	{ "loose-decoding", NULL, loose },
	{ "not-in-the-peer", "icbt dcbf sync rnop", not_known },
	{ "spr-not-in-the-peer", "mfspr mtspr", spr_not_known },
	{ "xer-reserved", "mtspr", xer_reserved },
	{ "upper-word", "mulhw mulhwu divw divwo divwu divwuo divwe divweo divweu divweuo",
	  upper_word },
	{ "division", "div* mod*", division },
	{ "divdeo", "divdeo", divdeo },
	{ "vrsave-upper-word", "mtspr", vrsave },
	{ "dcbz-970", "dcbz", dcbz },
	{ "amo", "lwat ldat stwat stdat", amo },
	{ "alignment", "lmw stmw l?arx st?cx. lq stq plq pstq lfs* lfd* stfs* stfd* stfiwx",
	  alignment },
	{ "stqcx", "stqcx.", stqcx },
	{ NULL, NULL, NULL },
};

const PeerRule *const peer_rule_lists[PEER_RULE_LISTS] = { peer_rules, peer_rules_fp,
							   peer_rules_vec, peer_rules_dfp };

static bool applies(const PeerRule *r, const PeerCase *c)
{
	g_auto(GStrv) rows = NULL;

	if (!r->rows)
		return true;
	if (!c->row)
		return false;
	rows = g_strsplit(r->rows, " ", -1);
	for (unsigned i = 0; rows[i]; i++)
		if (g_pattern_match_simple(rows[i], c->row->mnemonic))
			return true;
	return false;
}

bool peer_explain(const Peer *p, const PeerCase *c)
{
	PeerState s = c->peer;

	if (c->invalid) /* illegal, or boundedly undefined: book I 1.8.2, 1.8.3 */
		return true;
	for (unsigned i = 0; i < PEER_RULE_LISTS; i++)
		for (const PeerRule *r = peer_rule_lists[i]; r->name; r++)
			if (applies(r, c))
				r->even_out(p, c, &s);
	return !memcmp(&s, &c->us, sizeof(s));
}

/* ---- For all rules ---- */

unsigned peer_target(const PeerCase *c, unsigned *n)
{
	for (unsigned i = 0; i < c->row->noperands; i++) {
		const PpcOperand *o = &ppc_isa_operands[c->row->operand[i] & PPC_OPERAND_ID];
		unsigned v = (unsigned)ppc_op_value(&c->op, o);

		*n = 1;
		switch (o->kind) {
		case PPC_KIND_FPR:
		case PPC_KIND_VSR: return v;
		case PPC_KIND_VR: return v + 32;
		case PPC_KIND_FPRP:
		case PPC_KIND_VSRP: *n = 2; return v;
		case PPC_KIND_ACC: *n = 4; return 4 * v;
		}
	}
	*n = 0;
	return 0;
}

void peer_same_target(const PeerCase *c, PeerState *peer)
{
	unsigned n, t = peer_target(c, &n);

	memcpy(&peer->vsr[t], &c->us.vsr[t], n * sizeof(PpcVsr));
}

void peer_same_fpscr(const PeerCase *c, PeerState *peer, uint64_t bits)
{
	peer->fpscr = (peer->fpscr & ~bits) | (c->us.fpscr & bits);
}

bool peer_untouched(const PeerCase *c, const PeerState *peer)
{
	return !memcmp(peer->vsr, c->in.vsr, sizeof(peer->vsr));
}
