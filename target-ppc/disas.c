/*
 * Disassembler: Power ISA 3.0B book I appendix C (extended mnemonics) over
 * the rows of the instruction table.
 *
 * The spelling is that of GNU binutils.  Only extended mnemonics that say
 * more than the plain form are used; each is one function below, picked by
 * the row that it abbreviates.
 */
#include "target-ppc/disas.h"
#include "base/bits.h"
#include "target-ppc/isa.h"
#include "target-ppc/spr.h"

/* An instruction being printed. */
typedef struct Dis {
	const PpcInsn *insn;
	PpcOp op;
	uint32_t word;
	uint64_t ea;
	bool basic; /* no extended mnemonics, no operand left out */
	uint64_t features;
	GString *out;
} Dis;

static const char *const cr_bits[4] = { "lt", "gt", "eq", "so" };
static const char *const cr_not[4] = { "ge", "le", "ne", "ns" };

static bool dotted(const Dis *d)
{
	return (d->word & d->insn->rc_bit) != 0;
}

/* Mnemonic (with its dot), padded like objdump does. */
static void put_name(const Dis *d, const char *name)
{
	g_autofree char *s = g_strconcat(name, dotted(d) ? "." : "", NULL);

	g_string_append_printf(d->out, "%-7s", s);
}

static void put_crb(const Dis *d, unsigned bit)
{
	if (bit >= 4)
		g_string_append_printf(d->out, "4*cr%u+", bit >> 2);
	g_string_append(d->out, cr_bits[bit & 3]);
}

static void put_target(const Dis *d, uint64_t t)
{
	if (!(d->features & PPC_F_64))
		t = (uint32_t)t;
	g_string_append_printf(d->out, "0x%" G_GINT64_MODIFIER "x", t);
}

static void put_operand(const Dis *d, const PpcOperand *o)
{
	int64_t v = ppc_op_value(&d->op, o);
	const char *prefix = "";

	if (o == &ppc_isa_operands[PPC_OPERAND_NB] && v == 0)
		v = 32;
	switch (o->kind) {
	case PPC_KIND_GPR0:
		v &= 31; /* 32 stands for no register */
		prefix = v ? "r" : "";
		break;
	case PPC_KIND_GPR:
	case PPC_KIND_GPRP: prefix = "r"; break;
	case PPC_KIND_FPR:
	case PPC_KIND_FPRP: prefix = "f"; break;
	case PPC_KIND_VR: prefix = "v"; break;
	case PPC_KIND_VSR:
	case PPC_KIND_VSRP: prefix = "vs"; break;
	case PPC_KIND_ACC: prefix = "a"; break;
	case PPC_KIND_CRF: prefix = "cr"; break;
	case PPC_KIND_CRB: put_crb(d, (unsigned)v); return;
	case PPC_KIND_REL: put_target(d, d->ea + (uint64_t)v); return;
	case PPC_KIND_ABS: put_target(d, (uint64_t)v); return;
	default: break;
	}
	g_string_append_printf(d->out, "%s%" G_GINT64_FORMAT, prefix, v);
}

/* Operands that may be left out where they are 0 and stand last. */
static bool optional(const Dis *d, unsigned id)
{
	switch (id) {
	case PPC_OPERAND_BH:
	case PPC_OPERAND_EH:
	case PPC_OPERAND_TH:
	case PPC_OPERAND_L9:
	case PPC_OPERAND_L8:
	case PPC_OPERAND_SC2:
	case PPC_OPERAND_L10:
	case PPC_OPERAND_L15:
	case PPC_OPERAND_IH:
	case PPC_OPERAND_WC:
	case PPC_OPERAND_R:
	case PPC_OPERAND_RIC:
	case PPC_OPERAND_PRS:
	case PPC_OPERAND_R15:
	case PPC_OPERAND_FL:
	case PPC_OPERAND_FW:
	case PPC_OPERAND_A6: return true;
	case PPC_OPERAND_LEV: return d->insn->row == PPC_ROW_sc;
	case PPC_OPERAND_RS: return d->insn->row == PPC_ROW_tlbiel3;
	default: return false;
	}
}

static bool is_compare(unsigned row)
{
	switch (row) {
	case PPC_ROW_cmpw:
	case PPC_ROW_cmpd:
	case PPC_ROW_cmpwi:
	case PPC_ROW_cmpdi:
	case PPC_ROW_cmplw:
	case PPC_ROW_cmpld:
	case PPC_ROW_cmplwi:
	case PPC_ROW_cmpldi: return true;
	default: return false;
	}
}

/* cmpi, cmpli, cmp, cmpl: L is an operand of the basic forms. */
static void put_compare(const Dis *d)
{
	g_autofree char *name = g_strdup(d->insn->mnemonic);
	bool imm = g_str_has_suffix(name, "i");
	char *size = name + strlen(name) - (imm ? 2 : 1);
	const PpcOperand *last = &ppc_isa_operands[d->insn->operand[2] & PPC_OPERAND_ID];

	g_string_append_printf(d->out, "%.*s%s cr%u,%d,r%u,", (int)(size - name), name,
			       imm ? "i" : "", d->op.BF, *size == 'd', d->op.RA);
	put_operand(d, last);
}

static void put_plain(const Dis *d)
{
	const PpcInsn *insn = d->insn;
	unsigned first = is_compare(insn->row) && d->op.BF == 0, n = insn->noperands;

	if (d->basic && is_compare(insn->row)) {
		put_compare(d);
		return;
	}
	while (!d->basic && n && optional(d, insn->operand[n - 1] & PPC_OPERAND_ID) &&
	       ppc_op_value(&d->op, &ppc_isa_operands[insn->operand[n - 1] & PPC_OPERAND_ID]) == 0)
		n--;
	if (n == 0) {
		g_string_append(d->out, insn->mnemonic);
		return;
	}
	if (!d->basic && insn->row == PPC_ROW_icbt && d->op.CT == 0)
		first = 1;
	put_name(d, insn->mnemonic);
	for (unsigned i = first; i < n; i++) {
		bool mem = insn->operand[i] & PPC_OPERAND_MEM;

		g_string_append(d->out, i == first ? " " : mem ? "(" : ",");
		put_operand(d, &ppc_isa_operands[insn->operand[i] & PPC_OPERAND_ID]);
		if (mem)
			g_string_append_c(d->out, ')');
	}
}

/* "name ra,rs" and "name ra,rs,n": all logical and rotate abbreviations. */
static bool put_ra_rs(const Dis *d, const char *name)
{
	put_name(d, name);
	g_string_append_printf(d->out, " r%u,r%u", d->op.RA, d->op.RS);
	return true;
}

static bool put_ra_rs_n(const Dis *d, const char *name, unsigned n)
{
	put_ra_rs(d, name);
	g_string_append_printf(d->out, ",%u", n);
	return true;
}

static bool alias_rlwinm(const Dis *d)
{
	unsigned sh = d->op.SH, mb = d->op.MB, me = d->op.ME;

	if (mb == 0 && me == 31)
		return put_ra_rs_n(d, "rotlwi", sh);
	if (mb == 0 && me == 31 - sh)
		return put_ra_rs_n(d, "slwi", sh);
	if (sh && me == 31 && sh == 32 - mb)
		return put_ra_rs_n(d, "srwi", mb);
	if (sh == 0 && me == 31)
		return put_ra_rs_n(d, "clrlwi", mb);
	if (sh == 0 && mb == 0)
		return put_ra_rs_n(d, "clrrwi", 31 - me);
	return false;
}

static bool alias_rldicl(const Dis *d)
{
	unsigned sh = d->op.SH6, mb = d->op.MB6;

	if (mb == 0)
		return put_ra_rs_n(d, "rotldi", sh);
	if (sh && sh == 64 - mb)
		return put_ra_rs_n(d, "srdi", mb);
	if (sh == 0)
		return put_ra_rs_n(d, "clrldi", mb);
	return false;
}

static bool alias_rldicr(const Dis *d)
{
	unsigned sh = d->op.SH6, me = d->op.ME6;

	if (sh == 0)
		return put_ra_rs_n(d, "clrrdi", 63 - me);
	if (me == 63 - sh)
		return put_ra_rs_n(d, "sldi", sh);
	return false;
}

/* "name rt,value" of li and lis. */
static bool alias_li(const Dis *d, const char *name)
{
	if (d->op.RA0 != 32)
		return false;
	put_name(d, name);
	g_string_append_printf(d->out, " r%u,%" G_GINT64_FORMAT, d->op.RT, d->op.SI);
	return true;
}

/* Hints to the thread switch (book II 3.2, 2.06 on). */
static bool alias_or(const Dis *d)
{
	static const char *const names[32] = {
		[26] = "miso", [27] = "yield", [29] = "mdoio", [30] = "mdoom"
	};
	const char *name = names[d->op.RS];

	if (name == NULL || d->op.RA != d->op.RS || dotted(d) || !(d->features & PPC_F_206))
		return false;
	g_string_append(d->out, name);
	return true;
}

static bool alias_logical(const Dis *d)
{
	switch (d->insn->row) {
	case PPC_ROW_or: return d->op.RS == d->op.RB && (alias_or(d) || put_ra_rs(d, "mr"));
	case PPC_ROW_nor: return d->op.RS == d->op.RB && put_ra_rs(d, "not");
	case PPC_ROW_rlwinm: return alias_rlwinm(d);
	case PPC_ROW_rlwnm:
		if (d->op.MB != 0 || d->op.ME != 31)
			return false;
		put_ra_rs(d, "rotlw");
		break;
	case PPC_ROW_rldicl: return alias_rldicl(d);
	case PPC_ROW_rldicr: return alias_rldicr(d);
	case PPC_ROW_rldcl:
		if (d->op.MB6 != 0)
			return false;
		put_ra_rs(d, "rotld");
		break;
	default: return false;
	}
	g_string_append_printf(d->out, ",r%u", d->op.RB);
	return true;
}

/*
 * Conditional branches: how the mnemonic of BO and BI reads, without hints.
 * Returns false for the BO values without one.  *crf: which field is to be
 * named (0: none), *crb: which bit (-1: none).
 */
static bool branch_name(unsigned bo, unsigned bi, char name[8], unsigned *crf, int *crb)
{
	*crf = 0;
	*crb = -1;
	if ((bo & 0x14) == 0x14) { /* always */
		strcpy(name, "");
		return bo == 0x14;
	}
	if ((bo & 0x14) == 4) {
		strcpy(name, (bo & 8 ? cr_bits : cr_not)[bi & 3]);
		*crf = bi >> 2;
		return true;
	}
	if ((bo & 0x14) == 0x10) {
		strcpy(name, bo & 2 ? "dz" : "dnz");
		return bi == 0;
	}
	g_snprintf(name, 8, "%s%s", bo & 2 ? "dz" : "dnz", bo & 8 ? "t" : "f");
	*crb = (int)bi;
	return true;
}

/*
 * The prediction.  ISA 2.00 and later, book I
 * 2.4: two bits a and t; before (PEM 4.2.4.2) one bit y, which turns round that
 * backward branches are expected to be taken and all others are not.
 */
static const char *branch_hint(const Dis *d, bool target)
{
	static const char *const at_names[4] = { "", "", "-", "+" };
	unsigned bo = d->op.BO, at = (bo >> 2 & 2) | (bo & 1);

	if ((bo & 0x14) == 0x14)
		return "";
	if (!(d->features & PPC_F_64))
		return (bo & 1) != (target && d->op.imm < 0) ? "+" : "-";
	if ((bo & 0x14) == 4)
		return at_names[bo & 3];
	if ((bo & 0x14) == 0x10)
		return at_names[at];
	return "";
}

/* The hint stands at the very end: "beqlr+". */
static bool alias_branch(const Dis *d, const char *to, bool target)
{
	const char *hint = branch_hint(d, target);
	char name[8];
	unsigned crf;
	int crb;
	bool named;
	g_autofree char *s = NULL;

	if (!branch_name(d->op.BO, d->op.BI, name, &crf, &crb))
		return false;
	if (target && d->op.BO == 0x14)
		return false;
	/* Unconditional ones to a register are named only in their usual form. */
	if (!target && d->op.BO == 0x14 && d->op.BI)
		return false;
	s = g_strconcat("b", name, to, hint, NULL);
	named = crf || crb >= 0 || (!target && d->op.BH && (d->op.BO & 0x14) == 4);
	g_string_append_printf(d->out, named || target || d->op.BH ? "%-7s" : "%s", s);
	if (crb >= 0) {
		g_string_append_c(d->out, ' ');
		put_crb(d, (unsigned)crb);
	} else if (named) {
		g_string_append_printf(d->out, " cr%u", crf);
	}
	if (target || d->op.BH)
		g_string_append_c(d->out, named ? ',' : ' ');
	if (target)
		put_target(d, (d->word & 2 ? 0 : d->ea) + (uint64_t)d->op.imm);
	else if (d->op.BH)
		g_string_append_printf(d->out, "%u", d->op.BH);
	return true;
}

static bool alias_branches(const Dis *d)
{
	switch (d->insn->row) {
	case PPC_ROW_bc:
	case PPC_ROW_bc_true:
	case PPC_ROW_bc_false:
	case PPC_ROW_bdnz:
	case PPC_ROW_bdz: return alias_branch(d, "", true);
	case PPC_ROW_bcl: return alias_branch(d, "l", true);
	case PPC_ROW_bca: return alias_branch(d, "a", true);
	case PPC_ROW_bcla: return alias_branch(d, "la", true);
	case PPC_ROW_bclr:
	case PPC_ROW_blr: return alias_branch(d, "lr", false);
	case PPC_ROW_bclrl: return alias_branch(d, "lrl", false);
	case PPC_ROW_bcctr:
	case PPC_ROW_bctr: return d->op.BO & 4 && alias_branch(d, "ctr", false);
	case PPC_ROW_bcctrl:
	case PPC_ROW_bctrl: return d->op.BO & 4 && alias_branch(d, "ctrl", false);
	case PPC_ROW_bctar: return alias_branch(d, "tar", false);
	case PPC_ROW_bctarl: return alias_branch(d, "tarl", false);
	default: return false;
	}
}

/* Traps whose TO has a name. */
static bool alias_trap(const Dis *d, const char *stem, bool imm)
{
	static const struct {
		uint8_t to;
		const char *name;
	} names[] = { { 16, "lt" }, { 8, "gt" },  { 4, "eq" },	{ 24, "ne" },
		      { 2, "llt" }, { 1, "lgt" }, { 12, "ge" }, { 20, "le" },
		      { 5, "lge" }, { 6, "lle" }, { 31, "u" } };

	if (d->insn->row == PPC_ROW_tw && d->op.TO == 31 && d->op.RA == 0 && d->op.RB == 0) {
		g_string_append(d->out, "trap");
		return true;
	}
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		g_autofree char *s = NULL;

		if (names[i].to != d->op.TO)
			continue;
		s = g_strconcat(stem, names[i].name, imm ? "i" : "", NULL);
		g_string_append_printf(d->out, "%-7s r%u,", s, d->op.RA);
		if (imm)
			g_string_append_printf(d->out, "%" G_GINT64_FORMAT, d->op.SI);
		else
			g_string_append_printf(d->out, "r%u", d->op.RB);
		return true;
	}
	return false;
}

/* crclr, crset, crmove, crnot. */
static bool alias_cr(const Dis *d)
{
	const PpcOp *op = &d->op;
	const char *name = NULL;
	bool one = false;

	if (op->BA != op->BB)
		return false;
	if (d->insn->row == PPC_ROW_crxor || d->insn->row == PPC_ROW_creqv) {
		one = op->BT == op->BA;
		name = !one ? NULL : d->insn->row == PPC_ROW_crxor ? "crclr" : "crset";
	} else if (d->insn->row == PPC_ROW_cror) {
		name = "crmove";
	} else if (d->insn->row == PPC_ROW_crnor) {
		name = "crnot";
	}
	if (name == NULL)
		return false;
	g_string_append_printf(d->out, "%-7s ", name);
	put_crb(d, op->BT);
	if (!one) {
		g_string_append_c(d->out, ',');
		put_crb(d, op->BA);
	}
	return true;
}

/* mflr r0, mtsprg0 r3; registers without a name keep their number. */
static bool alias_spr(const Dis *d, bool to)
{
	unsigned num = (unsigned)((d->word >> 16 & 31) | (d->word >> 6 & 0x3e0));
	const char *spr = ppc_spr_name(num);
	g_autofree char *low = NULL, *s = NULL;

	if (spr == NULL)
		return false;
	low = g_ascii_strdown(spr, -1);
	s = g_strconcat(to ? "mt" : "mf", low, NULL);
	g_string_append_printf(d->out, "%-7s r%u", s, d->op.RT);
	return true;
}

/* "pli rt,value"; "pla rt,value" and "plwz rt,value" relative to the instruction. */
static bool alias_prefixed(const Dis *d)
{
	const PpcOperand *t = &ppc_isa_operands[d->insn->operand[0] & PPC_OPERAND_ID];
	bool add = d->insn->row == PPC_ROW_paddi;

	if (d->op.RA0 != 32 || (!add && !d->op.R))
		return false;
	put_name(d, !add ? d->insn->mnemonic : d->op.R ? "pla" : "pli");
	g_string_append_c(d->out, ' ');
	put_operand(d, t);
	g_string_append_printf(d->out, ",%" G_GINT64_FORMAT, d->op.imm);
	return true;
}

static bool put_word(const Dis *d, const char *s)
{
	g_string_append(d->out, s);
	return true;
}

static bool alias_sync(const Dis *d)
{
	static const char *const names[4] = { "hwsync", "lwsync", "ptesync", NULL };

	return names[d->op.L9] && put_word(d, names[d->op.L9]);
}

/* ISA 3.1 book II 4.6.3. */
static bool alias_sync310(const Dis *d)
{
	static const struct {
		uint8_t l, sc;
		const char *name;
	} names[] = { { 0, 0, "hwsync" },   { 1, 0, "lwsync" },	 { 2, 0, "ptesync" },
		      { 4, 0, "phwsync" },  { 5, 0, "plwsync" }, { 1, 1, "stncisync" },
		      { 0, 2, "stcisync" }, { 0, 3, "stsync" } };

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].l == d->op.L8 && names[i].sc == d->op.SC2)
			return put_word(d, names[i].name);
	return false;
}

/* "name (ra|0),rb" */
static bool put_ra0_rb(const Dis *d, const char *name)
{
	g_string_append_printf(d->out, "%-7s %s%u,r%u", name, d->op.RA0 & 31 ? "r" : "",
			       d->op.RA0 & 31, d->op.RB);
	return true;
}

/* dcbt[st]: TH 1-7 cache target, 8-15 data stream, 16 transient (book II 4.3.2). */
static bool alias_touch(const Dis *d, const char *stem)
{
	unsigned th = d->op.TH;
	const char *kind = th == 0 || th > 16 ? NULL : th == 16 ? "t" : th < 8 ? "ct" : "ds";
	g_autofree char *s = NULL;

	if (kind == NULL)
		return false;
	s = g_strconcat(stem, kind, NULL);
	put_ra0_rb(d, s);
	if (th != 16 && th != 8)
		g_string_append_printf(d->out, ",%u", th);
	return true;
}

static bool alias_dcbf(const Dis *d, unsigned l)
{
	static const char *const names[8] = { "dcbf",	"dcbfl", NULL,	    "dcbflp",
					      "dcbfps", NULL,	 "dcbstps", NULL };

	if (l && !(d->features & PPC_F_206))
		return false;
	return names[l] && put_ra0_rb(d, names[l]);
}

/* A CPU before 2.00 has mftb for what is an SPR later. */
static bool alias_mftb(const Dis *d)
{
	unsigned num = (unsigned)d->op.SPR;

	if (num != 268 && num != 269)
		return false;
	g_string_append_printf(d->out, "%-7s r%u", num == 268 ? "mftb" : "mftbu", d->op.RT);
	return true;
}

static bool alias_isel(const Dis *d)
{
	g_autofree char *s = NULL;

	if (d->op.BC >= 3)
		return false;
	s = g_strconcat("isel", cr_bits[d->op.BC], NULL);
	g_string_append_printf(d->out, "%s r%u,%s%u,r%u", s, d->op.RT, d->op.RA0 & 31 ? "r" : "",
			       d->op.RA0 & 31, d->op.RB);
	return true;
}

/* Moves between a GPR and the FPR or VR that a VSR is. */
static bool alias_vsr_move(const Dis *d)
{
	const char *m = d->insn->mnemonic;
	bool fp = d->op.XT < 32;
	char letter = fp ? 'f' : 'v';

	g_string_append_printf(d->out, "%.2s%sr%s", m, fp ? "fp" : "v", m + 5);
	if (m[1] == 'f')
		g_string_append_printf(d->out, " r%u,%c%u", d->op.RA, letter, d->op.XT & 31);
	else
		g_string_append_printf(d->out, " %c%u,r%u", letter, d->op.XT & 31, d->op.RA);
	return true;
}

/* Two operands of three: both sources are the same register. */
static bool alias_same(const Dis *d, const char *name)
{
	if (d->op.slot_b != d->op.slot_c)
		return false;
	put_name(d, name);
	g_string_append_c(d->out, ' ');
	put_operand(d, &ppc_isa_operands[d->insn->operand[0] & PPC_OPERAND_ID]);
	g_string_append_c(d->out, ',');
	put_operand(d, &ppc_isa_operands[d->insn->operand[1] & PPC_OPERAND_ID]);
	return true;
}

static bool alias_xxpermdi(const Dis *d)
{
	bool same = d->op.XA == d->op.XB;
	unsigned dm = d->op.XDM;

	if (same && dm == 2)
		return alias_same(d, "xxswapd");
	if (same && (dm == 0 || dm == 3)) {
		alias_same(d, "xxspltd");
		g_string_append_printf(d->out, ",%u", dm & 1);
		return true;
	}
	if (dm == 1 || dm == 2)
		return false;
	g_string_append_printf(d->out, "%s vs%u,vs%u,vs%u", dm ? "xxmrgld" : "xxmrghd", d->op.XT,
			       d->op.XA, d->op.XB);
	return true;
}

static bool alias_vector(const Dis *d)
{
	static const char *const moves[] = { "mfvsrd",	"mfvsrwz", "mtvsrd",
					     "mtvsrwa", "mtvsrwz", NULL };

	switch (d->insn->row) {
	case PPC_ROW_vor: return alias_same(d, "vmr");
	case PPC_ROW_vnor: return alias_same(d, "vnot");
	case PPC_ROW_xxlor: return alias_same(d, "xxmr");
	case PPC_ROW_xxlnor: return alias_same(d, "xxlnot");
	case PPC_ROW_xvcpsgnsp: return alias_same(d, "xvmovsp");
	case PPC_ROW_xvcpsgndp: return alias_same(d, "xvmovdp");
	case PPC_ROW_xxpermdi: return alias_xxpermdi(d);
	default: break;
	}
	if (g_strv_contains(moves, d->insn->mnemonic))
		return alias_vsr_move(d);
	return false;
}

static bool alias_tm(const Dis *d)
{
	switch (d->insn->row) {
	case PPC_ROW_tend_: return d->op.A6 && put_word(d, "tendall.");
	case PPC_ROW_tsr_: return put_word(d, d->op.L10 ? "tresume." : "tsuspend.");
	default: return false;
	}
}

static bool alias_other(const Dis *d)
{
	switch (d->insn->row) {
	case PPC_ROW_mtcrf:
		if (d->op.FXM != 0xff)
			return false;
		put_name(d, "mtcr");
		g_string_append_printf(d->out, " r%u", d->op.RS);
		return true;
	case PPC_ROW_addpcis:
		if (d->op.DPC != 0)
			return false;
		put_name(d, "lnia");
		g_string_append_printf(d->out, " r%u", d->op.RT);
		return true;
	case PPC_ROW_mftb: return alias_mftb(d);
	case PPC_ROW_rfebb: return d->op.S20 && put_word(d, "rfebb");
	case PPC_ROW_dcbf: return alias_dcbf(d, d->op.L9);
	case PPC_ROW_dcbf310: return alias_dcbf(d, d->op.L8);
	case PPC_ROW_dcbt: return alias_touch(d, "dcbt");
	case PPC_ROW_dcbtst: return alias_touch(d, "dcbtst");
	case PPC_ROW_isel: return alias_isel(d);
	default: return alias_vector(d) || alias_tm(d);
	}
}

static bool put_alias(const Dis *d)
{
	switch (d->insn->row) {
	case PPC_ROW_addi: return alias_li(d, "li");
	case PPC_ROW_addis: return alias_li(d, "lis");
	case PPC_ROW_ori: return !(d->word & 0x3ffffff) && put_word(d, "nop");
	case PPC_ROW_xori: return !(d->word & 0x3ffffff) && put_word(d, "xnop");
	case PPC_ROW_sync: return alias_sync(d);
	case PPC_ROW_sync310: return alias_sync310(d);
	case PPC_ROW_tw: return alias_trap(d, "tw", false);
	case PPC_ROW_twi: return alias_trap(d, "tw", true);
	case PPC_ROW_td: return alias_trap(d, "td", false);
	case PPC_ROW_tdi: return alias_trap(d, "td", true);
	case PPC_ROW_crxor:
	case PPC_ROW_creqv:
	case PPC_ROW_cror:
	case PPC_ROW_crnor: return alias_cr(d);
	default: break;
	}
	if (d->insn->noperands && d->insn->prefix_mask &&
	    (d->insn->operand[d->insn->noperands - 1] & PPC_OPERAND_ID) == PPC_OPERAND_R)
		return alias_prefixed(d);
	if (!strcmp(d->insn->mnemonic, "mfspr"))
		return alias_spr(d, false);
	if (!strcmp(d->insn->mnemonic, "mtspr"))
		return alias_spr(d, true);
	return alias_branches(d) || alias_logical(d) || alias_other(d);
}

static unsigned print(uint64_t features, uint32_t word, uint32_t suffix, uint64_t ea, bool basic,
		      GString *out)
{
	bool prefixed = ppc_isa_is_prefix(word, features) && (ea & 63) != 60;
	Dis d = { .insn = prefixed ? ppc_isa_find_prefixed(word, suffix, features)
				   : ppc_isa_find(word, features),
		  .word = prefixed ? suffix : word,
		  .ea = ea,
		  .basic = basic,
		  .features = features,
		  .out = out };

	if (d.insn == NULL || !ppc_isa_decode_prefixed(d.insn, word, d.word, &d.op)) {
		g_string_append_printf(out, ".long   0x%x", word);
		return 4;
	}
	if (basic || !put_alias(&d))
		put_plain(&d);
	return d.op.len;
}

unsigned ppc_disas(uint64_t features, uint32_t word, uint32_t suffix, uint64_t ea, GString *out)
{
	return print(features, word, suffix, ea, false, out);
}

unsigned ppc_disas_basic(uint64_t features, uint32_t word, uint32_t suffix, uint64_t ea,
			 GString *out)
{
	return print(features, word, suffix, ea, true, out);
}
