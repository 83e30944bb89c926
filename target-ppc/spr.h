/* Special-purpose registers; spr.def has the lines. */
#ifndef TARGET_PPC_SPR_H
#define TARGET_PPC_SPR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct PpcCpu PpcCpu;

/* Storage: one number per plain line, by name. */
typedef struct PpcSprs {
#define SPR(num, name, sets, user, priv, mask, reset) uint64_t name;
#define SPR_HOOK(num, name, sets, user, priv, mask, reset) uint64_t name;
#define SPR_FN(num, name, sets, user, priv)
#define SPR_ALIAS(num, name, of, sets, user, priv)
#define SPR_ALIAS_HOOK(num, name, of, sets, user, priv)
#define SPR_PMU(num, name, sets, user, priv, mask, reset) uint64_t name;
#define SPR_PMU_ALIAS(num, name, of, sets, user, priv, mask)
#include "target-ppc/spr.def"
#undef SPR
#undef SPR_HOOK
#undef SPR_FN
#undef SPR_ALIAS
#undef SPR_ALIAS_HOOK
#undef SPR_PMU
#undef SPR_PMU_ALIAS
} PpcSprs;

/* Which models have a line (PpcModel.spr_set). */
enum {
	PPC_SPRSET_S8 = 1,
	PPC_SPRSET_S9 = 2,
	PPC_SPRSET_S10 = 4,
	PPC_SPRSET_SP8 = 8,
	PPC_SPRSET_SP9 = 16,
	/* spr.def tells what they stand for. */
	PPC_SPRSET_S6 = 0x100,
	PPC_SPRSET_S603 = 0x200,
	PPC_SPRSET_S604 = 0x400,
	PPC_SPRSET_S750 = 0x800,
	PPC_SPRSET_S7400 = 0x1000,
	PPC_SPRSET_S7410 = 0x2000,
	PPC_SPRSET_S7450 = 0x4000,
	PPC_SPRSET_S7447 = 0x8000,
	PPC_SPRSET_SL3 = 0x10000,
	PPC_SPRSET_S970 = 0x20000,
};

/* May it be read or written, and by whom. */
enum { PPC_SPR_R = 1, PPC_SPR_W = 2, PPC_SPR_HR = 4, PPC_SPR_HW = 8 };

typedef struct PpcSprInfo {
	uint16_t num;
	uint8_t user, priv; /* PPC_SPR_* */
	uint32_t sets;
	const char *name;
	uint32_t offset; /* of plain storage in PpcSprs, or UINT32_MAX */
	uint64_t mask, reset;
	uint64_t (*get)(PpcCpu *cpu);
	void (*set)(PpcCpu *cpu, uint64_t v);
	void (*wrote)(PpcCpu *cpu);
	bool alias; /* storage belongs to another line */
	bool pmu;   /* read and written through pmu.c */
} PpcSprInfo;

/* Sorted as spr.def; ends with name NULL. */
extern const PpcSprInfo ppc_spr_table[];
/* The line of a number for a model's set; NULL when the model has none. */
const PpcSprInfo *ppc_spr_find(uint64_t spr_set, unsigned num);
/* Name for the disassembler, NULL when unknown. */
const char *ppc_spr_name(unsigned num);
uint64_t ppc_spr_read(PpcCpu *cpu, const PpcSprInfo *i);
void ppc_spr_write(PpcCpu *cpu, const PpcSprInfo *i, uint64_t v);

#endif
