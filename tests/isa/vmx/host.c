/*
 * Runs records (vmx.h) on our ex_*() functions: FILE of records before, FILE
 * of the same after, as the peer left them.  Prints what differs, a line for
 * each mnemonic with its first difference; status 1 when anything does.
 *
 *   host BEFORE AFTER [ALLOWED...]    mnemonics whose differences do not count
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target-ppc/exec.h"
#include "target-ppc/isa.h"
#include "tests/isa/vmx/vmx.h"

/* Where the guest sees REC_MEM. */
#define BASE UINT64_C(0x10000)

static uint8_t page[4096] __attribute__((aligned(4096)));

u128 ppc_ld128(PpcCpu *cpu, uint64_t ea)
{
	u128 v;

	(void)cpu;
	memcpy(&v, page + (ea - BASE), 16);
	return v;
}

void ppc_st128(PpcCpu *cpu, uint64_t ea, u128 v)
{
	(void)cpu;
	memcpy(page + (ea - BASE), &v, 16);
}

void ppc_ld_slow(PpcCpu *cpu, uint64_t ea, void *buf, unsigned n)
{
	(void)cpu;
	(void)buf;
	fprintf(stderr, "load of %u bytes outside: %#llx\n", n, (unsigned long long)ea);
	exit(2);
}

void ppc_st_slow(PpcCpu *cpu, uint64_t ea, const void *buf, unsigned n)
{
	(void)cpu;
	(void)buf;
	fprintf(stderr, "store of %u bytes outside: %#llx\n", n, (unsigned long long)ea);
	exit(2);
}

static void execute(PpcCpu *cpu, struct rec *r)
{
	const PpcInsn *insn = ppc_isa_find(r->word, UINT64_MAX);
	PpcOp op = { 0 };

	if (!insn || !ppc_isa_decode(insn, r->word, &op)) {
		printf("%08x: not decoded\n", r->word);
		exit(2);
	}
	memset(cpu->gpr, 0, sizeof(cpu->gpr));
	memcpy(cpu->vsr + 32, r->vr, sizeof(r->vr));
	memcpy(cpu->gpr + 3, r->gpr, sizeof(r->gpr));
	memcpy(page, r->mem, sizeof(r->mem));
	cpu->vscr = (uint32_t)r->vscr;
	cpu->cr[6] = 0;
	if (r->base)
		cpu->gpr[4] += BASE;
	ppc_isa_exec(insn, r->word)(cpu, &op);
	if (r->base)
		cpu->gpr[4] -= BASE;
	memcpy(r->vr, cpu->vsr + 32, sizeof(r->vr));
	memcpy(r->gpr, cpu->gpr + 3, sizeof(r->gpr));
	memcpy(r->mem, page, sizeof(r->mem));
	r->vscr = cpu->vscr;
	r->cr6 = cpu->cr[6];
}

static void show(const char *what, const struct rec *r)
{
	printf("  %s cr6 %x vscr %08x gpr", what, r->cr6, (uint32_t)r->vscr);
	for (int i = 0; i < 4; i++)
		printf(" %016llx", (unsigned long long)r->gpr[i]);
	printf("\n");
	for (int i = 0; i < 8; i++)
		printf("    v%d %016llx%016llx\n", i, (unsigned long long)(r->vr[i] >> 64),
		       (unsigned long long)r->vr[i]);
}

/*
 * Does the book leave VRT open here?  After an invalid decimal source (CR6 is 1
 * then), and where bcdcfsq. overflows.
 */
static bool undefined(const PpcInsn *insn, const struct rec *theirs)
{
	return theirs->cr6 == 1 || (theirs->cr6 & 1 && !strcmp(insn->mnemonic, "bcdcfsq."));
}

static bool same(const PpcInsn *insn, const struct rec *ours, const struct rec *theirs)
{
	const unsigned vrt = ours->word >> 21 & 7;

	for (unsigned i = 0; i < 8; i++)
		if (ours->vr[i] != theirs->vr[i] && !(i == vrt && undefined(insn, theirs)))
			return false;
	return ours->vscr == theirs->vscr && ours->cr6 == theirs->cr6 &&
	       !memcmp(ours->gpr, theirs->gpr, sizeof(ours->gpr)) &&
	       !memcmp(ours->mem, theirs->mem, sizeof(ours->mem));
}

int main(int argc, char **argv)
{
	FILE *before = fopen(argc > 2 ? argv[1] : "", "rb"),
	     *after = fopen(argc > 2 ? argv[2] : "", "rb");
	PpcCpu *cpu = aligned_alloc(64, (sizeof(*cpu) + 63) & ~(size_t)63);
	struct PpcTlbCtx *ctx = malloc(sizeof(*ctx));
	unsigned *count = calloc(2 * ppc_isa_row_count, sizeof(*count)), bad = 0;
	unsigned long total = 0;
	struct rec in, theirs, ours;

	if (!before || !after) {
		fprintf(stderr, "usage: host BEFORE AFTER [ALLOWED...]\n");
		return 2;
	}
	memset(cpu, 0, sizeof(*cpu));
	memset(ctx, 0xff, sizeof(*ctx));
	cpu->dctx[0] = cpu->dctx[1] = ctx;
	cpu->ea_mask = UINT64_MAX;
	cpu->le = true;
	cpu->msr = MSR_SF | MSR_LE | MSR_VEC;
	PpcTlbEntry *e = &ctx->d[BASE >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];
	e->rd = e->wr = BASE;
	e->addend = (uint64_t)(uintptr_t)page - BASE;
	while (fread(&in, sizeof(in), 1, before) == 1 &&
	       fread(&theirs, sizeof(theirs), 1, after) == 1) {
		const PpcInsn *insn = ppc_isa_find(in.word, UINT64_MAX);

		ours = in;
		execute(cpu, &ours);
		total++;
		count[2 * insn->row]++;
		if (same(insn, &ours, &theirs))
			continue;
		if (!count[2 * insn->row + 1]++) {
			printf("%s %08x\n", insn->mnemonic, in.word);
			show("in    ", &in);
			show("ours  ", &ours);
			show("theirs", &theirs);
		}
	}
	for (unsigned i = 0; i < ppc_isa_row_count; i++) {
		bool allowed = false;

		for (int j = 3; j < argc; j++)
			allowed |= !strcmp(argv[j], ppc_isa_rows[i].mnemonic);
		if (count[2 * i + 1])
			printf("%s: %u of %u differ%s\n", ppc_isa_rows[i].mnemonic,
			       count[2 * i + 1], count[2 * i], allowed ? " (allowed)" : "");
		bad += count[2 * i + 1] && !allowed;
	}
	printf("%lu instructions run, %u mnemonics differ\n", total, bad);
	return bad || !total;
}
