/*
 * The models before POWER7 that Mac machines carry: 603e, 604e, 750, 7400,
 * 7410, 7450, 7447A, 970FX.  PVRs: the user manual of each chip, section
 * "Processor Version Register"; MSR bits: its table of the MSR.
 *
 * The 970FX is wired as in Apple's machines: there is no hypervisor state, and
 * what a hypervisor would own belongs to the operating system.
 */
#include "target-ppc/cpu.h"
#include "target-ppc/models.h"

#define F_6XX (PPC_F_B | PPC_F_FP | PPC_F_FPG | PPC_F_SEG32 | PPC_F_CLS)
#define F_970                                                                                      \
	(PPC_F_B | PPC_F_64 | PPC_F_FP | PPC_F_FPX | PPC_F_FPG | PPC_F_VMX | PPC_F_SEG32 |         \
	 PPC_F_SLB)

#define MSR_6XX                                                                                    \
	(MSR_POW | MSR_ILE | MSR_EE | MSR_PR | MSR_FP | MSR_ME | MSR_FE0 | MSR_TE_SE | MSR_TE_BE | \
	 MSR_FE1 | MSR_IP | MSR_IR | MSR_DR | MSR_RI | MSR_LE)
#define MSR_970                                                                                    \
	(MSR_SF | MSR_VEC | MSR_POW | MSR_EE | MSR_PR | MSR_FP | MSR_ME | MSR_FE0 | MSR_TE_SE |    \
	 MSR_TE_BE | MSR_FE1 | MSR_IR | MSR_DR | MSR_PMM | MSR_RI)

/* The decrementer is an edge in all of them. */
#define COMMON_6XX                                                                                 \
	.mmu = PPC_MMU_32, .excp = PPC_EXCP_6XX, .dec_bits = 32, .dec_level = false,               \
	.cache_line = 32
#define COMMON_G4                                                                                  \
	.features = F_6XX | PPC_F_VMX, .msr_mask = MSR_6XX | MSR_PMM | MSR_VEC,                    \
	.dt_name = "PowerPC,G4", COMMON_6XX

const PpcModel ppc_model_603e = {
	.name = "603e_v4.1",
	.aliases = (const char *const[]){ "603e", NULL },
	.desc = "603e v4.1",
	.pvr = 0x00060401,
	.features = F_6XX,
	.spr_set = PPC_SPRSET_S6 | PPC_SPRSET_S603,
	.msr_mask = MSR_6XX | MSR_TGPR,
	.fpu = PPC_FPU_BOOK,
	.dt_name = "PowerPC,603e",
	COMMON_6XX,
};

const PpcModel ppc_model_604e = {
	.name = "604e_v2.4",
	.aliases = (const char *const[]){ "604e", NULL },
	.desc = "604e v2.4",
	.pvr = 0x00090204,
	.features = F_6XX,
	.spr_set = PPC_SPRSET_S6 | PPC_SPRSET_S604,
	.msr_mask = MSR_6XX | MSR_PMM,
	.fpu = PPC_FPU_BOOK,
	.dt_name = "PowerPC,604e",
	COMMON_6XX,
};

const PpcModel ppc_model_750 = {
	.name = "750_v3.1",
	.aliases = (const char *const[]){ "750", "g3", NULL },
	.desc = "750 (G3) v3.1",
	.pvr = 0x00080301,
	.features = F_6XX,
	.spr_set = PPC_SPRSET_S6 | PPC_SPRSET_S750,
	.msr_mask = MSR_6XX | MSR_PMM,
	.fpu = PPC_FPU_750,
	.dt_name = "PowerPC,750",
	COMMON_6XX,
};

const PpcModel ppc_model_7400 = {
	.name = "7400_v2.9",
	.aliases = (const char *const[]){ "7400", "g4", NULL },
	.desc = "7400 (G4) v2.9",
	.pvr = 0x000c0209,
	.spr_set = PPC_SPRSET_S6 | PPC_SPRSET_S7400,
	.fpu = PPC_FPU_7400,
	COMMON_G4,
};

const PpcModel ppc_model_7410 = {
	.name = "7410_v1.4",
	.aliases = (const char *const[]){ "7410", NULL },
	.desc = "7410 (G4) v1.4",
	.pvr = 0x800c1104,
	.spr_set = PPC_SPRSET_S6 | PPC_SPRSET_S7400 | PPC_SPRSET_S7410,
	.fpu = PPC_FPU_7400,
	COMMON_G4,
};

const PpcModel ppc_model_7450 = {
	.name = "7450_v2.1",
	.aliases = (const char *const[]){ "7450", NULL },
	.desc = "7450 (G4) v2.1",
	.pvr = 0x80000201,
	.spr_set = PPC_SPRSET_S6 | PPC_SPRSET_S7450 | PPC_SPRSET_SL3,
	.fpu = PPC_FPU_7400,
	COMMON_G4,
};

const PpcModel ppc_model_7447a = {
	.name = "7447a_v1.2",
	.aliases = (const char *const[]){ "7447a", NULL },
	.desc = "7447A (G4) v1.2",
	.pvr = 0x80030102,
	.spr_set = PPC_SPRSET_S6 | PPC_SPRSET_S7450 | PPC_SPRSET_S7447,
	.fpu = PPC_FPU_7400,
	COMMON_G4,
};

const PpcModel ppc_model_970fx = {
	.name = "970fx_v3.1",
	.aliases = (const char *const[]){ "970fx", "970", NULL },
	.desc = "970FX (G5) v3.1",
	.pvr = 0x003c0301,
	.features = F_970,
	.mmu = PPC_MMU_HASH64,
	.excp = PPC_EXCP_970,
	.spr_set = PPC_SPRSET_S970,
	.msr_mask = MSR_970,
	.dec_bits = 32,
	.dec_level = false,
	.cache_line = 128,
	.slb_size = 64,
	.fpu = PPC_FPU_BOOK,
	.dt_name = "PowerPC,970FX",
};
