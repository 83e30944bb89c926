/*
 * CPU models.  PVRs: the user manuals of each chip (POWER8: 004D, POWER8E:
 * 004B, POWER8NVL: 004C, POWER9: 004E, POWER10: 0080).
 *
 * pa_features: LoPAPR B.6.3.x "ibm,pa-features", after a header of length
 * and 0.  Not said, because not there: transactional memory, SAO.
 */
#include <glib.h>
#include "target-ppc/cpu.h"
#include "target-ppc/models.h"

#define F_P8                                                                                       \
	(PPC_F_B | PPC_F_64 | PPC_F_FP | PPC_F_FPX | PPC_F_FPG | PPC_F_VMX | PPC_F_VSX |           \
	 PPC_F_DFP | PPC_F_V2 | PPC_F_206 | PPC_F_207 | PPC_F_SLB | PPC_F_TM)
#define F_P9 (F_P8 | PPC_F_300)
/* 3.1 has no transactions. */
#define F_P10 ((F_P9 & ~PPC_F_TM) | PPC_F_310)

/*
 * What a guest may write: no HV, no TM or TS (the facility is off), no ME
 * (belongs to the hypervisor).
 */
#define MSR_SERVER                                                                                 \
	(MSR_SF | MSR_VEC | MSR_VSX | MSR_EE | MSR_PR | MSR_FP | MSR_FE0 | MSR_TE_SE | MSR_TE_BE | \
	 MSR_FE1 | MSR_IR | MSR_DR | MSR_PMM | MSR_RI | MSR_LE)

static const uint8_t pa_p8[] = {
	24,   0,    0xf6, 0x1f, 0xc7, 0xc0, 0x00, 0xf0, 0x80, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x00, 0x00,
};

static const uint8_t pa_p9[] = {
	66,   0,    0xf6, 0x1f, 0xc7, 0xc0, 0x80, 0xf0, /* 0-5 */
	0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* 6-13 */
	0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 14-21 */
	0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 22-29 */
	0x80, 0x00, 0x80, 0x00, 0xc0, 0x00, 0x80, 0x00, /* 30-37 */
	0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 38-45 */
	0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 46-53 */
	0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 54-61 */
	0x80, 0x00, 0x00, 0x00,
};

/* As pa_p9, with a second DAWR (64), DEXCR (68) and hash instructions (72). */
static const uint8_t pa_p10[] = {
	74,   0,    0xf6, 0x1f, 0xc7, 0xc0, 0x80, 0xf0, /* 0-5 */
	0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* 6-13 */
	0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 14-21 */
	0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 22-29 */
	0x80, 0x00, 0x80, 0x00, 0xc0, 0x00, 0x80, 0x00, /* 30-37 */
	0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 38-45 */
	0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 46-53 */
	0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, /* 54-61 */
	0x80, 0x00, 0x80, 0x00, 0x00, 0x00, 0xce, 0x00, /* 62-69 */
	0x00, 0x00, 0x80, 0x00,
};

#define P8_COMMON                                                                                  \
	.features = F_P8, .mmu = PPC_MMU_HASH64, .excp = PPC_EXCP_P8,                              \
	.spr_set = PPC_SPRSET_S8 | PPC_SPRSET_SP8, .msr_mask = MSR_SERVER, .dec_bits = 32,         \
	.dec_level = true, .cache_line = 128, .slb_size = 32, .pa_features = pa_p8,                \
	.pa_features_len = sizeof(pa_p8)

#define P9_COMMON                                                                                  \
	.features = F_P9, .mmu = PPC_MMU_V3, .excp = PPC_EXCP_P9,                                  \
	.spr_set = PPC_SPRSET_S8 | PPC_SPRSET_S9 | PPC_SPRSET_SP9, .msr_mask = MSR_SERVER,         \
	.dec_bits = 56, .dec_level = true, .cache_line = 128, .slb_size = 32,                      \
	.dt_name = "PowerPC,POWER9", .pa_features = pa_p9, .pa_features_len = sizeof(pa_p9)

#define P10_COMMON                                                                                 \
	.features = F_P10, .mmu = PPC_MMU_V3, .excp = PPC_EXCP_P10,                                \
	.spr_set = PPC_SPRSET_S8 | PPC_SPRSET_S9 | PPC_SPRSET_S10, .msr_mask = MSR_SERVER,         \
	.dec_bits = 56, .dec_level = true, .cache_line = 128, .slb_size = 32,                      \
	.dt_name = "PowerPC,POWER10", .pa_features = pa_p10, .pa_features_len = sizeof(pa_p10)

static const PpcModel power8e = {
	.name = "power8e_v2.1",
	.aliases = (const char *const[]){ "power8e", NULL },
	.desc = "POWER8E v2.1",
	.pvr = 0x004b0201,
	.dt_name = "PowerPC,POWER8E",
	P8_COMMON,
};

static const PpcModel power8nvl = {
	.name = "power8nvl_v1.0",
	.aliases = (const char *const[]){ "power8nvl", NULL },
	.desc = "POWER8NVL v1.0",
	.pvr = 0x004c0100,
	.dt_name = "PowerPC,POWER8NVL",
	P8_COMMON,
};

static const PpcModel power8 = {
	.name = "power8_v2.0",
	.aliases = (const char *const[]){ "power8", NULL },
	.desc = "POWER8 v2.0",
	.pvr = 0x004d0200,
	.dt_name = "PowerPC,POWER8",
	P8_COMMON,
};

static const PpcModel power9_20 = {
	.name = "power9_v2.0",
	.aliases = (const char *const[]){ NULL },
	.desc = "POWER9 v2.0",
	.pvr = 0x004e1200,
	P9_COMMON,
};

static const PpcModel power9_22 = {
	.name = "power9_v2.2",
	.aliases = (const char *const[]){ "power9", NULL },
	.desc = "POWER9 v2.2",
	.pvr = 0x004e1202,
	P9_COMMON,
};

static const PpcModel power10 = {
	.name = "power10_v2.0",
	.aliases = (const char *const[]){ "power10", NULL },
	.desc = "POWER10 v2.0",
	.pvr = 0x00801200,
	P10_COMMON,
};

const PpcModel *const ppc_models[] = {
	&ppc_model_603e, &ppc_model_604e,  &ppc_model_750,   &ppc_model_7400, &ppc_model_7410,
	&ppc_model_7450, &ppc_model_7447a, &ppc_model_970fx, &power8e,	      &power8nvl,
	&power8,	 &power9_20,	   &power9_22,	     &power10,	      NULL,
};

const PpcModel *ppc_model_find(const char *name)
{
	for (const PpcModel *const *m = ppc_models; *m; m++) {
		if (!g_ascii_strcasecmp((*m)->name, name))
			return *m;
		for (const char *const *a = (*m)->aliases; *a; a++)
			if (!g_ascii_strcasecmp(*a, name))
				return *m;
	}
	return NULL;
}
