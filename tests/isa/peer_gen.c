/* Random cases for the rows of the instruction tables. */
#include <check.h>
#include <string.h>
#include "tests/isa/peer.h"

static bool one_of(const char *m, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(m, *list))
			return true;
	return false;
}

const char *peer_left_out(const Peer *p, const PpcInsn *r)
{
	static const char *const time[] = { "mftb", "darn", "wait", NULL };
	static const char *const calls[] = { "sc", "scv", NULL };
	static const char *const secret[] = { "hashst", "hashchk", NULL };
	static const char *const accelerator[] = { "copy", "paste.", "cpabort", NULL };
	static const char *const external[] = { "eciwx", "ecowx", NULL };
	static const char *const many[] = { "lmw", "stmw", "lswi", "lswx", "stswi", "stswx", NULL };

	if (p->le && one_of(r->mnemonic, many))
		return "an alignment interrupt (book I 3.3.5, 3.3.6), of which the peer dies";
	if (r->facility == PPC_FAC_TM)
		return "transactions: the peer begins and fails them, ours are unavailable";
	if (r->facility == PPC_FAC_EBB || r->facility == PPC_FAC_BHRB)
		return "needs an enabled facility that Linux does not give a program";
	if (one_of(r->mnemonic, time))
		return "depends on time or chance";
	if (one_of(r->mnemonic, calls))
		return "a system call";
	if (one_of(r->mnemonic, secret))
		return "depends on a key that the peer does not tell";
	if (one_of(r->mnemonic, accelerator))
		return "needs an accelerator";
	if (one_of(r->mnemonic, external))
		return "needs a device";
	return NULL;
}

/* ---- Words ---- */

static void put(PeerCase *c, unsigned id, uint64_t v)
{
	const PpcOperand *o = &ppc_isa_operands[id];
	bool prefixed = c->row->prefix_mask;
	uint64_t mask = (uint64_t)o->prefix_mask << 32 | o->mask, w;

	w = prefixed ? (uint64_t)c->word[0] << 32 | c->word[1] : c->word[0];
	w &= ~mask;
	for (uint64_t m = mask; m; m &= m - 1, v >>= 1)
		w |= (v & 1) << ctz64(m);
	if (prefixed)
		c->word[0] = (uint32_t)(w >> 32);
	c->word[prefixed] = (uint32_t)w;
}

static bool has_operand(const PpcInsn *r, unsigned id)
{
	for (unsigned i = 0; i < r->noperands; i++)
		if ((r->operand[i] & PPC_OPERAND_ID) == id)
			return true;
	return false;
}

typedef enum Access {
	NO_ACCESS,
	ACCESS_DISP,  /* (RA|0) + displacement */
	ACCESS_INDEX, /* (RA|0) + RB */
	ACCESS_BASE,  /* (RA|0) */
} Access;

static Access access_of(const PpcInsn *r)
{
	const char *m = r->mnemonic;
	bool base = has_operand(r, PPC_OPERAND_RA0), based = base || has_operand(r, PPC_OPERAND_RA);

	for (unsigned i = 0; i < r->noperands; i++)
		if (r->operand[i] & PPC_OPERAND_MEM)
			return ACCESS_DISP;
	if (r->value >> 26 != 31 || !based || r->flags & (PPC_INSN_PRIV | PPC_INSN_HV))
		return NO_ACCESS;
	if (has_operand(r, PPC_OPERAND_FC) || peer_starts(m, "lswi") || peer_starts(m, "stswi"))
		return ACCESS_BASE;
	if (peer_starts(m, "lvs") || !has_operand(r, PPC_OPERAND_RB))
		return NO_ACCESS;
	if (peer_starts(m, "lxvl") || peer_starts(m, "stxvl") || peer_starts(m, "lxvprl") ||
	    peer_starts(m, "stxvprl"))
		return ACCESS_BASE;
	if (peer_starts(m, "dcb") || peer_starts(m, "icb") || peer_starts(m, "dst"))
		return ACCESS_INDEX;
	if (peer_starts(m, "st") || m[0] == 'l')
		return ACCESS_INDEX;
	return NO_ACCESS;
}

/* Problem-state registers without a clock behind them, and numbers of none. */
static unsigned some_spr(const Peer *p, uint64_t *s)
{
	static const uint16_t user[] = { 1, 8, 9, 256, 815, 3, 13, 896, 898 };
	static const uint16_t odd[] = { 0,   4,	   5,  6,  808, 809, 810, 811,
					900, 1000, 16, 26, 27,	272, 287 };
	unsigned n;

	if (peer_below(s, 4) == 0)
		return odd[peer_below(s, ARRAY_LEN(odd))];
	n = user[peer_below(s, ARRAY_LEN(user))];
	if ((n == 256 && !p->vmx) || (n == 815 && !(p->features & PPC_F_207)))
		return 9;
	return n;
}

static void operands(Peer *p, PeerCase *c)
{
	uint64_t *s = &p->seed;
	const PpcInsn *r = c->row;
	Access access = access_of(r);

	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];

		if (o->kind == PPC_KIND_SPR) {
			unsigned n = some_spr(p, s);

			put(c, id, (n & 31) << 5 | n >> 5);
		} else if (o->kind == PPC_KIND_REL)
			put(c, id, 1 + peer_below(s, 3));
		else if (o->kind == PPC_KIND_ABS)
			put(c, id, PEER_LOW_PAD / 4);
		else if ((access == ACCESS_DISP || access == ACCESS_BASE) &&
			 (id == PPC_OPERAND_RA0 || id == PPC_OPERAND_RA))
			put(c, id, 1 + peer_below(s, 31));
		else if (o->kind == PPC_KIND_GPRP || o->kind == PPC_KIND_FPRP)
			put(c, id, peer_below(s, 16) ? 2 * peer_below(s, 16) : peer_below(s, 32));
	}
	/* Relative to the instruction, so without a base; the displacement follows in place(). */
	if (has_operand(r, PPC_OPERAND_R) && peer_below(s, 3))
		put(c, PPC_OPERAND_R, 0);
	else if (has_operand(r, PPC_OPERAND_R) && peer_below(s, 8))
		put(c, PPC_OPERAND_RA0, 0);
}

static bool decode(PeerCase *c)
{
	memset(&c->op, 0, sizeof(c->op));
	if (!c->row->prefix_mask)
		return ppc_isa_decode(c->row, c->word[0], &c->op);
	return ppc_isa_decode_prefixed(c->row, c->word[0], c->word[1], &c->op);
}

/* ---- Registers that must point somewhere ---- */

/* An address in the middle of the case's memory, more or less aligned. */
static uint64_t target(const PeerCase *c, uint64_t *s)
{
	uint64_t off = 128 + peer_below(s, 256);

	return c->mem + (off & ~mask64(64 - 1 - peer_below(s, 5), 63));
}

static void place_index(Peer *p, PeerCase *c, uint64_t ea)
{
	unsigned ra = c->op.RA0, rb = c->op.RB;
	uint64_t all = p->wide ? UINT64_MAX : UINT32_MAX, *gpr = c->in.gpr;

	if (ra == 32 || (ra == 0 && has_operand(c->row, PPC_OPERAND_RA))) {
		gpr[rb] = ea;
	} else if (ra == rb) {
		c->ea = ea & ~UINT64_C(1);
		gpr[ra] = c->ea / 2;
	} else {
		gpr[rb] = (uint64_t)(peer_below(&p->seed, 2) ? peer_below(&p->seed, 64) : gpr[rb]);
		gpr[ra] = (ea - gpr[rb]) & all;
	}
}

static int64_t displacement(const PeerCase *c)
{
	return c->op.imm;
}

/* Makes the access go to the case's memory. */
static void place(Peer *p, PeerCase *c)
{
	uint64_t ea = target(c, &p->seed), all = p->wide ? UINT64_MAX : UINT32_MAX;

	c->ea = ea;
	switch (access_of(c->row)) {
	case NO_ACCESS: c->ea = 0; break;
	case ACCESS_DISP:
		if (has_operand(c->row, PPC_OPERAND_D34) && c->op.RA0 == 32) {
			if (c->word[0] & BIT32(11)) /* R */
				put(c, PPC_OPERAND_D34, ea - c->code);
			else
				put(c, PPC_OPERAND_D34, ea);
			decode(c);
			break;
		}
		c->in.gpr[c->op.RA0] = (ea - (uint64_t)displacement(c)) & all;
		break;
	case ACCESS_BASE: c->in.gpr[c->op.RA0] = ea; break;
	case ACCESS_INDEX: place_index(p, c, ea); break;
	}
}

/* Lengths in RB or XER that stay within the memory. */
static void lengths(Peer *p, PeerCase *c)
{
	const char *m = c->row->mnemonic;
	uint64_t *s = &p->seed;

	if ((peer_starts(m, "lxvl") || peer_starts(m, "stxvl") || strstr(m, "vprl")) &&
	    c->op.RB != c->op.RA0)
		c->in.gpr[c->op.RB] = (uint64_t)peer_below(s, strstr(m, "vprl") ? 40 : 20) << 56 |
				      peer_rnd(s) >> 8;
	if (peer_starts(m, "bclr"))
		c->in.lr = c->code + 4 + 4 * peer_below(s, 3) + peer_below(s, 4);
	if (peer_starts(m, "bcctr"))
		c->in.ctr = c->code + 4 + 4 * peer_below(s, 3) + peer_below(s, 4);
	if (peer_starts(m, "bctar"))
		c->in.tar = c->code + 4 + 4 * peer_below(s, 3) + peer_below(s, 4);
}

/* ---- Invalid forms ---- */

static bool within(unsigned r, unsigned first, unsigned n)
{
	return ((r - first) & 31) < n;
}

static bool invalid_access(const PeerCase *c)
{
	const char *m = c->row->mnemonic;
	const PpcOp *op = &c->op;
	bool update = has_operand(c->row, PPC_OPERAND_RA);

	if (update && op->RA == 0)
		return true;
	if (update && m[0] == 'l' && m[1] != 'f' && op->RT == op->RA)
		return true;
	if (!strcmp(m, "lmw"))
		return op->RA0 >= op->RT;
	if (!strcmp(m, "lq") || !strcmp(m, "lqarx") || !strcmp(m, "plq"))
		return op->RT == (op->RA0 & 31) || op->RT + 1 == op->RA0 ||
		       (!strcmp(m, "lqarx") && (op->RB == op->RT || op->RB == op->RT + 1));
	if (!strcmp(m, "lswi")) {
		unsigned n = op->NB ? (op->NB + 3u) / 4 : 8;

		return within(op->RA0, op->RT, n);
	}
	if (!strcmp(m, "lswx")) {
		unsigned n = ((c->in.xer & 127) + 3) / 4;

		return op->RT == op->RA0 || op->RT == op->RB || within(op->RB, op->RT, n) ||
		       (op->RA0 != 32 && within(op->RA0, op->RT, n));
	}
	return false;
}

/* BO that decrements CTR and goes there; z bits that are not 0 (book I 2.4, Figure 40). */
static bool invalid_branch(const PeerCase *c)
{
	return peer_starts(c->row->mnemonic, "bcctr") && !(c->op.BO & 4);
}

/* An accumulator's own registers as a source (book I 7.2.1.3 of 3.1). */
static bool invalid_acc(const PeerCase *c)
{
	bool rank = has_operand(c->row, PPC_OPERAND_AT) && c->row->noperands > 1;

	return rank && (c->op.XA / 4 == c->op.AT || c->op.XB / 4 == c->op.AT);
}

/* Values that a field reserves. */
static bool reserved_value(const PeerCase *c)
{
	const char *m = c->row->mnemonic;
	const PpcOp *op = &c->op;

	if (!strcmp(m, "addex")) /* CY */
		return op->CY != 0;
	if (has_operand(c->row, PPC_OPERAND_QRMC)) /* R 0: nearest away or by RN */
		return !op->QR && (op->QRMC == 1 || op->QRMC == 2);
	if (peer_starts(m, "xxgenpcv"))
		return op->UIM5 > 3;
	if (!strcmp(m, "vgnb"))
		return op->UIM3 < 2;
	if (!strcmp(m, "mtocrf") || !strcmp(m, "mfocrf")) /* one field */
		return !op->FXM || (op->FXM & (op->FXM - 1));
	return false;
}

static bool invalid_form(const PeerCase *c)
{
	if (access_of(c->row) != NO_ACCESS && invalid_access(c))
		return true;
	return reserved_value(c) || invalid_branch(c) || invalid_acc(c);
}

/* ---- Cases ---- */

/* A store conditional mostly follows its load; the target must not be its address. */
static void reserve_first(Peer *p, PeerCase *c)
{
	static const struct {
		const char *store;
		unsigned xo;
	} pairs[] = { { "stbcx.", 52 },
		      { "sthcx.", 116 },
		      { "stwcx.", 20 },
		      { "stdcx.", 84 },
		      { "stqcx.", 276 } };
	unsigned rt;

	for (unsigned i = 0; i < ARRAY_LEN(pairs); i++) {
		if (strcmp(c->row->mnemonic, pairs[i].store) || peer_below(&p->seed, 4) == 0)
			continue;
		do
			rt = 2 * peer_below(&p->seed, 16);
		while (rt == c->op.RB || rt == (c->op.RA0 & 31) || rt + 1 == c->op.RB ||
		       rt + 1 == (c->op.RA0 & 31u));
		c->word[1] = c->word[0];
		c->word[0] = 31u << 26 | rt << 21 | (c->word[1] & 0x1ff800) | pairs[i].xo << 1;
		c->words = c->insns = 2;
	}
}

static const PpcInsn *row_of(const Peer *p, const PeerCase *c)
{
	if (c->words == 2)
		return ppc_isa_find_prefixed(c->word[0], c->word[1], p->features);
	return ppc_isa_find(c->word[0], p->features);
}

bool peer_case(Peer *p, PeerCase *c, const PpcInsn *r)
{
	uint64_t *s = &p->seed;
	bool prefixed = r->prefix_mask, legal;
	uint32_t w = r->value | ((uint32_t)peer_rnd(s) & r->fields & ~r->mask);
	uint32_t extra = peer_below(s, 24) ? 0 : (uint32_t)peer_rnd(s) & ~(r->fields | r->mask);

	c->row = r;
	c->words = prefixed ? 2 : 1;
	c->insns = 1;
	c->word[prefixed] = w | extra;
	if (prefixed)
		c->word[0] = r->prefix_value |
			     ((uint32_t)peer_rnd(s) & r->prefix_fields & ~r->prefix_mask);
	operands(p, c);
	/* A more specific row may have it. */
	c->row = row_of(p, c);
	if (!c->row || peer_left_out(p, c->row))
		return false;
	extra = c->word[prefixed] & ~(c->row->fields | c->row->mask);
	c->reserved = extra != 0;
	legal = decode(c);
	peer_values(p, c);
	if (legal) {
		place(p, c);
		lengths(p, c);
		c->invalid = invalid_form(c);
		reserve_first(p, c);
	} else {
		c->invalid = true;
	}
	memcpy(c->peers_word, c->word, sizeof(c->word));
	c->peers_word[c->words - 1] &= ~extra;
	return true;
}

void peer_illegal_case(Peer *p, PeerCase *c)
{
	static const uint8_t opcodes[] = { 0,  1,  4,  5,  6,  9,  19, 22, 30, 31, 31,
					   31, 56, 57, 58, 59, 59, 60, 61, 62, 63, 63 };
	uint64_t *s = &p->seed;

	do {
		unsigned po = opcodes[peer_below(s, ARRAY_LEN(opcodes))];

		if (po == 60 && !p->vsx) /* the peer dies of some */
			po = 63;
		c->word[0] = po << 26 | ((uint32_t)peer_rnd(s) & 0x3ffffff);
		c->word[1] = (uint32_t)peer_rnd(s);
		c->words = ppc_isa_is_prefix(c->word[0], p->features) ? 2 : 1;
	} while (row_of(p, c));
	memcpy(c->peers_word, c->word, sizeof(c->word));
	c->insns = 1;
	c->row = NULL;
	peer_values(p, c);
}
