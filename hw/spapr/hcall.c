/*
 * Hypercalls: dispatch, and those about processors (LoPAPR 14.5.4 and
 * 14.11).  sc 1 with the function in r3 and arguments from r4; the status
 * comes back in r3, results from r4.
 */
#include "hw/spapr/spapr.h"

#include "base/bits.h"
#include "base/log.h"

/* LoPAPR 14.11.3.2: offsets in the virtual processor area. */
#define VPA_SIZE 4
#define VPA_SHARED 9
#define VPA_DISPATCH 0x100
#define VPA_MIN_SIZE 640

static const SpaprHcallDef *find(const Spapr *s, uint64_t function)
{
	if (function & 3) /* the platform-specific ones */
		goto special;
	if (function < SPAPR_HCALL_INDEX * 4)
		return s->hcall[function / 4];
special:
	for (const SpaprHcallDef *h = spapr_hcalls_mem; h->fn; h++) {
		if (h->number == function)
			return h;
	}
	return NULL;
}

void spapr_hypercall(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t function = r[3];
	const SpaprHcallDef *h = find(s, function);

	if (!h) {
		/* Guests probe for functions: the status is the answer. */
		if (log_on(LOG_HCALL))
			log_line("hcall 0x%" PRIx64 ": not there", function);
		r[3] = (uint64_t)(int64_t)H_FUNCTION;
		return;
	}
	if (log_on(LOG_HCALL))
		log_line("hcall %s(0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ")",
			 h->name, r[4], r[5], r[6], r[7]);
	if (h->alone)
		spapr_alone(s, true);
	r[3] = (uint64_t)h->fn(s, cpu, r);
	if (h->alone)
		spapr_alone(s, false);
	if (log_on(LOG_HCALL))
		log_line("hcall %s -> %" PRId64, h->name, (int64_t)r[3]);
}

const char *spapr_hypercall_name(uint64_t function)
{
	static const SpaprHcallDef *const tables[] = {
		spapr_hcalls_base, spapr_hcalls_hpt, spapr_hcalls_int,
		spapr_hcalls_vio,  spapr_hcalls_mem,
	};

	for (unsigned t = 0; t < ARRAY_LEN(tables); t++) {
		for (const SpaprHcallDef *h = tables[t]; h->fn; h++) {
			if (h->number == function)
				return h->name;
		}
	}
	return NULL;
}

static int64_t h_set_sprg0(Spapr *s, unsigned cpu, uint64_t *r)
{
	s->cfg.ops->set_spr(s->cfg.opaque, cpu, SPAPR_SPRG0, r[4]);
	return H_SUCCESS;
}

/* No processor since POWER8 has a DABR: guests use H_SET_MODE for its successor. */
static int64_t h_set_dabr(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)s, (void)cpu, (void)r;
	return H_HARDWARE;
}

static bool in_page(uint64_t addr, uint64_t size)
{
	return (addr & 0xfff) + size <= 0x1000;
}

static int64_t register_vpa(Spapr *s, SpaprCpu *c, uint64_t addr)
{
	uint8_t size[2], shared;
	Ram *ram = spapr_ram(s);

	if (!addr || (addr & 127))
		return H_PARAMETER;
	if (!ram_read(ram, addr + VPA_SIZE, size, 2))
		return H_PARAMETER;
	if (ld16_be(size) < VPA_MIN_SIZE || !in_page(addr, ld16_be(size)))
		return H_PARAMETER;
	if (!ram_has(ram, addr, ld16_be(size)))
		return H_PARAMETER;
	c->vpa = addr;
	ram_read(ram, addr + VPA_SHARED, &shared, 1);
	shared |= 2; /* this processor shares a physical one */
	ram_write(ram, addr + VPA_SHARED, &shared, 1);
	return H_SUCCESS;
}

static int64_t register_area(Spapr *s, const SpaprCpu *c, uint64_t addr, bool dtl, uint64_t *at,
			     uint64_t *len)
{
	uint32_t size;

	if (!addr || !ram_ld32(spapr_ram(s), addr + 4, &size))
		return H_PARAMETER;
	if (!c->vpa)
		return H_RESOURCE;
	if (dtl ? size < 48 : size < 8 || !in_page(addr, size))
		return H_PARAMETER;
	if (!ram_has(spapr_ram(s), addr, size))
		return H_PARAMETER;
	*at = addr;
	*len = size;
	return H_SUCCESS;
}

static int64_t h_register_vpa(Spapr *s, unsigned cpu, uint64_t *r)
{
	SpaprCpu *c;

	(void)cpu;
	if (!spapr_cpu_ok(s, r[5]))
		return H_PARAMETER;
	c = &s->cpu[r[5]];
	switch (r[4] >> 45 & 7) { /* flags, bits 16-18 */
	case 1: return register_vpa(s, c, r[6]);
	case 2: return register_area(s, c, r[6], true, &c->dtl, &c->dtl_size);
	case 3: return register_area(s, c, r[6], false, &c->slb_shadow, &c->slb_shadow_size);
	case 5:
		if (c->slb_shadow || c->dtl)
			return H_RESOURCE;
		c->vpa = 0;
		return H_SUCCESS;
	case 6: c->dtl = c->dtl_size = 0; return H_SUCCESS;
	case 7: c->slb_shadow = c->slb_shadow_size = 0; return H_SUCCESS;
	default: return H_PARAMETER;
	}
}

static int64_t h_cede(Spapr *s, unsigned cpu, uint64_t *r)
{
	const SpaprCpuOps *ops = s->cfg.ops;

	(void)r;
	ops->set_msr_ee(s->cfg.opaque, cpu);
	if (!ops->take_prod(s->cfg.opaque, cpu))
		ops->cede(s->cfg.opaque, cpu);
	return H_SUCCESS;
}

static int64_t h_prod(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	if (!spapr_cpu_ok(s, r[4]))
		return H_PARAMETER;
	s->cfg.ops->prod(s->cfg.opaque, r[4]);
	return H_SUCCESS;
}

/*
 * The caller gives up its turn for the target's sake, if the dispatch
 * counter it saw is still true (LoPAPR 14.11.4.2).
 */
static int64_t h_confer(Spapr *s, unsigned cpu, uint64_t *r)
{
	const SpaprCpuOps *ops = s->cfg.ops;
	uint64_t target = r[4];
	uint32_t dispatch;

	if (target != UINT64_MAX && (target & 0xffffffff) != 0xffffffff) {
		if (!spapr_cpu_ok(s, target))
			return H_PARAMETER;
		if (target == cpu) {
			if (!ops->take_prod(s->cfg.opaque, cpu))
				ops->cede(s->cfg.opaque, cpu);
			return H_SUCCESS;
		}
		if (!s->cpu[target].vpa ||
		    !ram_ld32(spapr_ram(s), s->cpu[target].vpa + VPA_DISPATCH, &dispatch) ||
		    dispatch != (uint32_t)r[5] || !(r[5] & 1))
			return H_SUCCESS;
	}
	ops->yield(s->cfg.opaque, cpu);
	return H_SUCCESS;
}

static int64_t h_join(Spapr *s, unsigned cpu, uint64_t *r)
{
	const SpaprCpuOps *ops = s->cfg.ops;
	bool last = true;

	(void)r;
	if (ops->msr(s->cfg.opaque, cpu) & BIT64(48)) /* EE */
		return H_BAD_MODE;
	for (unsigned i = 0; i < s->cfg.ncpus; i++) {
		if (i != cpu && !ops->halted(s->cfg.opaque, i) && !ops->stopped(s->cfg.opaque, i))
			last = false;
	}
	if (last)
		return H_CONTINUE;
	if (!ops->take_prod(s->cfg.opaque, cpu))
		ops->cede(s->cfg.opaque, cpu);
	return H_SUCCESS;
}

/*
 * An emulated CPU does not speculate, so no attack by speculation works and
 * no flush is needed: characteristics say so, that the guest does not spend
 * its time on barriers.
 */
static int64_t h_get_cpu_characteristics(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)s, (void)cpu;
	/*
	 * bcctr is serialised, branch hints are honoured.  "Count cache disabled",
	 * as true, would make guests flush their link stack in software.
	 */
	r[4] = BIT64(1) | BIT64(5);
	r[5] = BIT64(7) | BIT64(8) |
	       BIT64(9); /* no L1D flush on entry, on uaccess; no STF barrier */
	return H_SUCCESS;
}

/* 16-bit fields: top bit set and 15 bits of a value; all ones end the list. */
static int64_t h_home_node_associativity(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	if (r[4] != 1) /* by virtual processor number; drawer numbers are not known here */
		return H_FUNCTION;
	if (!spapr_cpu_ok(s, r[5]))
		return H_P2;
	r[4] = UINT64_C(0x8000800080008000);
	r[5] = (0x8000 | r[5]) << 48 | UINT64_C(0x0000ffffffffffff);
	for (unsigned i = 6; i <= 9; i++)
		r[i] = UINT64_MAX;
	return H_SUCCESS;
}

static int64_t set_mode_ail(Spapr *s, uint64_t mflags, uint64_t v1, uint64_t v2)
{
	if (v1)
		return H_P3;
	if (v2)
		return H_P4;
	/* AIL 1 is reserved, 2 was in no processor of ours. */
	if (mflags != 0 && mflags != 3)
		return H_UNSUPPORTED_FLAG;
	s->cfg.ops->lpcr(s->cfg.opaque, SPAPR_LPCR_AIL, mflags << 23);
	return H_SUCCESS;
}

static int64_t set_mode_le(Spapr *s, uint64_t mflags, uint64_t v1, uint64_t v2)
{
	if (v1)
		return H_P3;
	if (v2)
		return H_P4;
	if (mflags > 1)
		return H_UNSUPPORTED_FLAG;
	s->cfg.ops->lpcr(s->cfg.opaque, SPAPR_LPCR_ILE, mflags ? SPAPR_LPCR_ILE : 0);
	return H_SUCCESS;
}

/* DAWR0 or DAWR1 and its DAWRX. */
static int64_t set_mode_dawr(Spapr *s, unsigned cpu, const uint64_t *r, SpaprSpr dawr)
{
	if (r[4])
		return H_UNSUPPORTED_FLAG;
	if (r[7] & BIT64(61)) /* HYP */
		return H_P4;
	s->cfg.ops->set_spr(s->cfg.opaque, cpu, dawr, r[6]);
	s->cfg.ops->set_spr(s->cfg.opaque, cpu, dawr + 1, r[7]);
	return H_SUCCESS;
}

static int64_t h_set_mode(Spapr *s, unsigned cpu, uint64_t *r)
{
	const SpaprCpuOps *ops = s->cfg.ops;
	uint64_t mflags = r[4], v1 = r[6], v2 = r[7];

	switch (r[5]) {
	case 1: /* CIABR */
		if (mflags)
			return H_UNSUPPORTED_FLAG;
		if (v2)
			return H_P4;
		if ((v1 & 3) == 3) /* hypervisor state is not the guest's to trace */
			return H_P3;
		ops->set_spr(s->cfg.opaque, cpu, SPAPR_CIABR, v1);
		return H_SUCCESS;
	case 2: return set_mode_dawr(s, cpu, r, SPAPR_DAWR0);
	case 3: return set_mode_ail(s, mflags, v1, v2);
	case 4: return set_mode_le(s, mflags, v1, v2);
	case 5: return s->cfg.isa310 ? set_mode_dawr(s, cpu, r, SPAPR_DAWR1) : H_P2;
	default: return H_P2;
	}
}

int64_t spapr_register_proc_tbl(Spapr *s, unsigned cpu, uint64_t *r)
{
	enum { GTSE = 1, HASH_TBL = 2, RADIX = 4, NEW = 8, CHANGE = 16 };
	uint64_t flags = r[4], table = r[5], page = r[6], size = r[7], lpcr = 0;
	bool radix = flags & RADIX;

	(void)cpu;
	if (!s->cfg.isa300)
		return H_FUNCTION;
	if (flags & ~UINT64_C(31) || (flags & (RADIX | HASH_TBL)) == (RADIX | HASH_TBL))
		return H_PARAMETER;
	if (!(flags & CHANGE)) {
		/* Only the controls change. */
		radix = s->radix;
		table = s->proc_tbl;
	} else if (!(flags & NEW)) {
		/* What comes next (another kernel) may be of either kind. */
		table = 0;
		radix = !s->cfg.may_hash;
	} else if (radix) {
		if (table & 0xfff || table >> 60)
			return H_P2;
		if (page)
			return H_P3;
		if (size > 24)
			return H_P4;
		table |= size;
	} else if (flags & HASH_TBL) {
		return H_PARAMETER; /* segment tables: no processor of ours has them */
	} else {
		if (table >> 38 || page & ~UINT64_C(7) || size > 24)
			return H_P2;
		table = 0;
	}
	if (radix ? !s->cfg.may_radix : !s->cfg.may_hash)
		return H_UNSUPPORTED_FLAG;
	if (radix && s->hpt)
		spapr_hpt_drop(s);
	if (!radix && flags != CHANGE && !s->hpt &&
	    !spapr_hpt_make(s, spapr_hpt_shift_for(spapr_ram(s)->size)))
		return H_RESOURCE;
	s->radix = radix;
	s->proc_tbl = table;
	if (radix && table)
		lpcr = SPAPR_LPCR_UPRT | SPAPR_LPCR_HR;
	if (flags & GTSE)
		lpcr |= SPAPR_LPCR_GTSE;
	s->cfg.ops->lpcr(s->cfg.opaque, SPAPR_LPCR_UPRT | SPAPR_LPCR_HR | SPAPR_LPCR_GTSE, lpcr);
	s->cfg.ops->flush_all(s->cfg.opaque);
	return H_SUCCESS;
}

static int64_t h_signal_sys_reset(Spapr *s, unsigned cpu, uint64_t *r)
{
	int64_t target = (int64_t)r[4];

	if (target >= 0 && !spapr_cpu_ok(s, target))
		return H_PARAMETER;
	if (target < -2)
		return H_PARAMETER;
	for (unsigned i = 0; i < s->cfg.ncpus; i++) {
		if (target == -1 || (target == -2 && i != cpu) || target == (int64_t)i)
			s->cfg.ops->nmi(s->cfg.opaque, i);
	}
	return H_SUCCESS;
}

const SpaprHcallDef spapr_hcalls_base[] = {
	{ 0x24, "H_SET_SPRG0", h_set_sprg0, false },
	{ 0x28, "H_SET_DABR", h_set_dabr, false },
	{ 0xdc, "H_REGISTER_VPA", h_register_vpa, false },
	{ 0xe0, "H_CEDE", h_cede, false },
	{ 0xe4, "H_CONFER", h_confer, false },
	{ 0xe8, "H_PROD", h_prod, false },
	{ 0x134, "H_SET_XDABR", h_set_dabr, false },
	{ 0x1c8, "H_GET_CPU_CHARACTERISTICS", h_get_cpu_characteristics, false },
	{ 0x298, "H_JOIN", h_join, false },
	{ 0x2ec, "H_HOME_NODE_ASSOCIATIVITY", h_home_node_associativity, false },
	{ 0x31c, "H_SET_MODE", h_set_mode, true },
	{ 0x37c, "H_REGISTER_PROC_TBL", spapr_register_proc_tbl, true },
	{ 0x380, "H_SIGNAL_SYS_RESET", h_signal_sys_reset, false },
	{ 0x45c, "H_WATCHDOG", spapr_h_watchdog, false },
	{ 0, NULL, NULL, false },
};
