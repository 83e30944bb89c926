/*
 * ibm,client-architecture-support (LoPAPR B.6.2.3 and B.6.2.4): the guest
 * says which processors it knows and, in option vectors, which features it
 * wants; we choose CPU compatibility, MMU and interrupt controller, and the
 * board builds a device tree of the result.
 *
 * The structure: pairs of (mask, PVR) that end with the first whose mask
 * does not cover its PVR; number of vectors - 1; per vector its length - 1
 * and its bytes.  Every byte is read with bounds, and at most as many as the
 * format can need.
 */
#include "base/bits.h"
#include "base/log.h"
#include "hw/spapr/spapr.h"

#define PAIRS_MAX 512

/* Bytes and bits of option vector 5. */
#define OV5_BYTE_AFFINITY 5
#define OV5_FORM1 0x80
#define OV5_BYTE_INT 23
#define OV5_INT_EXPLOIT 0x40
#define OV5_INT_BOTH 0x80
#define OV5_BYTE_MMU 24
#define OV5_MMU_RADIX 0x40
#define OV5_MMU_BOTH 0x80
#define OV5_BYTE_GTSE 26
#define OV5_GTSE 0x40

/* Logical processor versions, oldest first. */
static const uint32_t logical[] = { 0x0f000003, 0x0f100003, 0x0f000004, 0x0f000005, 0x0f000006 };

typedef struct Vectors {
	uint8_t v1[256], v5[256]; /* bytes from index 1 on; unread ones are 0 */
	bool has5, exact;
	uint32_t best; /* best logical version of the pairs, 0 for none */
} Vectors;

static unsigned level_of(uint32_t lpvr)
{
	for (unsigned i = 0; i < ARRAY_LEN(logical); i++) {
		if (logical[i] == lpvr)
			return i + 1;
	}
	return 0;
}

static bool read_pairs(Spapr *s, uint64_t *at, Vectors *v)
{
	uint32_t mine = s->cfg.ops->pvr(s->cfg.opaque), mask, pvr;

	for (unsigned i = 0; i < PAIRS_MAX; i++, *at += 8) {
		if (!ram_ld32(spapr_ram(s), *at, &mask) || !ram_ld32(spapr_ram(s), *at + 4, &pvr))
			return false;
		if (~mask & pvr) {
			*at += 8;
			return true;
		}
		if ((mine & mask) == pvr)
			v->exact = true;
		if (mask == UINT32_MAX && level_of(pvr) > level_of(v->best) &&
		    level_of(pvr) <= (s->cfg.max_compat ? level_of(s->cfg.max_compat)
							: ARRAY_LEN(logical)) &&
		    s->cfg.ops->supports_pvr(s->cfg.opaque, pvr))
			v->best = pvr;
	}
	return false;
}

static bool read_vectors(Spapr *s, uint64_t at, Vectors *v)
{
	const Ram *ram = spapr_ram(s);
	uint8_t n, len;

	if (!ram_read(ram, at++, &n, 1))
		return false;
	for (unsigned i = 1; i <= n + 1u; i++) {
		uint8_t *to = i == 1 ? v->v1 : i == 5 ? v->v5 : NULL;

		if (!ram_read(ram, at++, &len, 1))
			return false;
		if (to && !ram_read(ram, at, to + 1, MIN(len + 1u, 255)))
			return false;
		v->has5 |= i == 5;
		at += len + 1u;
	}
	return true;
}

unsigned spapr_platform_support(const Spapr *s, uint8_t *out)
{
	const SpaprConfig *c = &s->cfg;

	out[0] = OV5_BYTE_INT;
	out[1] = !c->ic_xive ? 0 : c->ic_xics ? OV5_INT_BOTH : OV5_INT_EXPLOIT;
	out[2] = OV5_BYTE_MMU;
	out[3] = !c->may_radix ? 0 : c->may_hash ? OV5_MMU_BOTH | OV5_MMU_RADIX : OV5_MMU_RADIX;
	out[4] = 25; /* hash options: none */
	out[5] = 0;
	out[6] = OV5_BYTE_GTSE;
	out[7] = OV5_GTSE;
	return 8;
}

static bool choose_compat(Spapr *s, const Vectors *v)
{
	bool capped = s->cfg.max_compat != 0;
	uint32_t want = v->exact && !capped ? 0 : v->best;

	if (!v->exact && !v->best) {
		log_guest("client-architecture-support: the guest knows no processor like ours");
		return false;
	}
	if (!s->cfg.ops->set_compat(s->cfg.opaque, want))
		return false;
	s->compat_pvr = want;
	return true;
}

/* Is the processor, as the guest is to see it, one of ISA 3.0 or later? */
static bool sees_isa300(const Spapr *s)
{
	return s->cfg.isa300 && (!s->compat_pvr || level_of(s->compat_pvr) >= level_of(0x0f000005));
}

static int64_t choose_modes(Spapr *s, const Vectors *v)
{
	bool exploit = v->v5[OV5_BYTE_INT] & OV5_INT_EXPLOIT;
	bool radix = v->v5[OV5_BYTE_MMU] & OV5_MMU_RADIX;

	/* "Both" is an answer of the platform, not a choice. */
	if ((v->v5[OV5_BYTE_INT] & OV5_INT_BOTH) || (v->v5[OV5_BYTE_MMU] & OV5_MMU_BOTH)) {
		log_guest("client-architecture-support: the guest asks for two modes at once");
		return H_PARAMETER;
	}
	radix = radix && s->cfg.may_radix && sees_isa300(s);
	exploit = exploit && s->cfg.ic_xive;
	if ((!radix && !s->cfg.may_hash) || (!exploit && !s->cfg.ic_xics)) {
		log_guest("client-architecture-support: the guest needs a mode this machine lacks");
		return H_PARAMETER;
	}
	memset(s->ov5, 0, sizeof(s->ov5));
	s->ov5[0] = SPAPR_OV5_SIZE - 2;
	s->ov5[OV5_BYTE_AFFINITY] = v->v5[OV5_BYTE_AFFINITY] & OV5_FORM1;
	if (exploit)
		s->ov5[OV5_BYTE_INT] = OV5_INT_EXPLOIT;
	if (radix) {
		s->ov5[OV5_BYTE_MMU] = OV5_MMU_RADIX;
		s->ov5[OV5_BYTE_GTSE] = v->v5[OV5_BYTE_GTSE] & OV5_GTSE;
	}
	s->radix = false; /* until the guest registers its process table */
	s->proc_tbl = 0;
	s->cas_radix = radix;
	if (radix)
		spapr_hpt_drop(s);
	else if (!spapr_hpt_make(s, spapr_hpt_shift_for(spapr_ram(s)->size)))
		return H_RESOURCE;
	if (exploit != s->xive) {
		if (exploit && s->xive_dev)
			xive_reset_routing(s->xive_dev);
		spapr_set_controller(s, exploit);
	}
	return H_SUCCESS;
}

int64_t spapr_cas(Spapr *s, unsigned cpu, uint64_t vec)
{
	Vectors v = { .best = 0 };
	int64_t rc;

	for (unsigned i = 0; i < s->cfg.ncpus; i++) {
		if (i != cpu && !s->cfg.ops->stopped(s->cfg.opaque, i))
			return H_MULTI_THREADS_ACTIVE;
	}
	if (!read_pairs(s, &vec, &v) || !read_vectors(s, vec, &v) || !v.has5)
		return H_PARAMETER;
	if (!choose_compat(s, &v))
		return H_HARDWARE;
	/* Vector 1, byte 3, bit 0: ISA 3.00. */
	s->knows_isa300 = v.v1[3] & 0x80;
	rc = choose_modes(s, &v);
	s->cas_done = rc == H_SUCCESS;
	return rc;
}
