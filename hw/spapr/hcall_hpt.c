/*
 * Hypercalls on the hash page table (LoPAPR 14.5.4.1): H_ENTER, H_REMOVE,
 * H_READ, H_PROTECT, H_BULK_REMOVE, H_CLEAR_REF, H_CLEAR_MOD.  A hash guest
 * makes a hundred thousand of them while it boots, so they go straight to
 * the table.
 *
 * An entry is two big-endian doublewords (Power ISA 2.07, book III-S,
 * 5.7.6.3).  CPUs' walkers read entries and set R and C in place at any time, so each
 * doubleword is read and written at once, the first, with V, last.  When flush() returns,
 * no CPU uses what it found in the entry before.
 *
 * Not modelled: H_RESIZE_HPT_* (only memory hot-plug asks for them; the
 * device tree does not offer them), combined and virtualised page classes.
 */
#include "base/bits.h"
#include "hw/spapr/spapr.h"

#define V_VALID UINT64_C(1)
#define V_LARGE UINT64_C(4)
#define V_AVPN (~UINT64_C(0x7f))
#define R_RPN UINT64_C(0x0ffffffffffff000)
#define R_PP0 BIT64(0)
#define R_KEY_HI (BIT64(2) | BIT64(3))
#define R_KEY_LO UINT64_C(0xe00)
#define R_R UINT64_C(0x100)
#define R_C UINT64_C(0x80)
#define R_W UINT64_C(0x40)
#define R_I UINT64_C(0x20)
#define R_M UINT64_C(0x10)
#define R_WIM (R_W | R_I | R_M)
#define R_N UINT64_C(4)
#define R_PP UINT64_C(3)

/* LoPAPR table "Page Frame Table Access flags field definition". */
#define F_EXACT BIT64(24)
#define F_READ4 BIT64(26)
#define F_AVPN BIT64(32)
#define F_ANDCOND BIT64(33)
#define F_ZERO_PAGE BIT64(48)
#define F_COPY_PAGE BIT64(49)

static uint8_t *entry(Spapr *s, uint64_t ptex)
{
	if (!s->hpt && !s->radix && s->cfg.may_hash) {
		spapr_alone(s, true);
		spapr_hpt_make(s, spapr_hpt_shift_for(spapr_ram(s)->size));
		spapr_alone(s, false);
	}
	return s->hpt && ptex < s->hpt_len / 16 ? s->hpt + ptex * 16 : NULL;
}

static uint64_t get(const uint8_t *p)
{
	uint64_t v = __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_SEQ_CST);

	return HOST_BE ? v : bswap64(v);
}

static void put(uint8_t *p, uint64_t v)
{
	__atomic_store_n((uint64_t *)(void *)p, HOST_BE ? v : bswap64(v), __ATOMIC_SEQ_CST);
}

static void flush(Spapr *s, uint64_t v, uint64_t r, uint64_t ptex)
{
	s->cfg.ops->flush_entry(s->cfg.opaque, v, r, ptex);
}

/* log2 of the page size an entry encodes in L and LP, 0 for none we advertise. */
static unsigned page_shift(uint64_t v, uint64_t r)
{
	unsigned lp = r >> 12 & 0xff;

	if (!(v & V_LARGE))
		return 12;
	if ((lp & 15) == 1)
		return 16; /* 64K page in a 64K segment */
	return lp == 0 ? 24 : 0;
}

/* Is this storage control right for what lies at the address? */
static bool wimg_ok(const Spapr *s, uint64_t addr, uint64_t r)
{
	uint64_t wim = r & R_WIM;

	if (spapr_ram(s) && addr < spapr_ram(s)->size)
		return wim == R_M || wim == R_WIM; /* the second: strong access order */
	return (wim & (R_W | R_I)) == R_I;
}

static int64_t h_enter(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t ptex = r[5], v = r[6] & ~UINT64_C(0x60), pte = r[7], mask;
	unsigned shift = page_shift(v, pte), i = 0;
	uint8_t *e = entry(s, ptex);

	(void)cpu;
	if (!e || !shift)
		return H_PARAMETER;
	mask = (UINT64_C(1) << shift) - 1;
	if (!wimg_ok(s, pte & R_RPN & ~mask, pte))
		return H_PARAMETER;
	if (r[4] & (F_ZERO_PAGE | F_COPY_PAGE))
		return H_PARAMETER;
	if (!(r[4] & F_EXACT)) {
		ptex &= ~UINT64_C(7);
		e = s->hpt + ptex * 16;
		while (i < 8 && get(e + i * 16) & V_VALID)
			i++;
		if (i == 8)
			return H_PTEG_FULL;
	} else if (get(e) & V_VALID) {
		return H_PTEG_FULL;
	}
	e += i * 16;
	put(e + 8, pte);
	put(e, v);
	r[4] = ptex + i;
	return H_SUCCESS;
}

/* H_AVPN wants the entry's AVPN to be this; H_ANDCOND wants no bit in common. */
static bool matches(uint64_t v, uint64_t flags, uint64_t avpn)
{
	return (v & V_VALID) && !((flags & F_AVPN) && (v & V_AVPN) != avpn) &&
	       !((flags & F_ANDCOND) && (v & avpn));
}

static int64_t remove_entry(Spapr *s, uint64_t ptex, uint64_t flags, uint64_t avpn, uint64_t *v,
			    uint64_t *r)
{
	uint8_t *e = entry(s, ptex);

	if (!e)
		return H_PARAMETER;
	*v = get(e);
	*r = get(e + 8);
	if (!matches(*v, flags, avpn))
		return H_NOT_FOUND;
	put(e, 0);
	flush(s, *v, *r, ptex);
	/* R and C may have been set until the flush. */
	*r = get(e + 8);
	return H_SUCCESS;
}

static int64_t h_remove(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t v, pte;
	int64_t rc = remove_entry(s, r[5], r[4], r[6], &v, &pte);

	(void)cpu;
	if (rc == H_SUCCESS) {
		r[4] = v;
		r[5] = pte;
	}
	return rc;
}

/* LoPAPR 14.5.4.1.7: type in bits 0-1, in a response the code in 2-3 and R, C in 4-5. */
static int64_t h_bulk_remove(Spapr *s, unsigned cpu, uint64_t *r)
{
	int64_t rc = H_SUCCESS;

	(void)cpu;
	for (unsigned i = 4; i < 12 && rc == H_SUCCESS; i += 2) {
		uint64_t ctl = r[i], flags = 0, v = 0, pte = 0, code;

		if (ctl >> 62 == 3)
			break;
		if (ctl >> 62 != 1)
			return H_PARAMETER;
		if (ctl & BIT64(7))
			flags |= F_ANDCOND;
		if (ctl & BIT64(6))
			flags |= F_AVPN;
		if ((ctl & (BIT64(6) | BIT64(7))) == (BIT64(6) | BIT64(7)))
			rc = H_PARAMETER;
		else
			rc = remove_entry(s, ctl & (UINT64_MAX >> 8), flags, r[i + 1], &v, &pte);
		code = rc == H_SUCCESS ? 0 : rc == H_NOT_FOUND ? 1 : 2;
		ctl = (ctl & (UINT64_MAX >> 6)) | BIT64(0) | code << 60;
		if (rc == H_SUCCESS)
			ctl |= (pte & (R_R | R_C)) << 51;
		if (rc == H_NOT_FOUND)
			rc = H_SUCCESS;
		r[i] = ctl;
	}
	return rc;
}

static int64_t h_protect(Spapr *s, unsigned cpu, uint64_t *r)
{
	const uint64_t mask = R_PP0 | R_PP | R_N | R_KEY_HI | R_KEY_LO;
	uint64_t flags = r[4], v, pte;
	uint8_t *e = entry(s, r[5]);

	(void)cpu;
	if (!e)
		return H_PARAMETER;
	v = get(e);
	if (!matches(v, flags & F_AVPN, r[6]))
		return H_NOT_FOUND;
	put(e, v & ~V_VALID);
	flush(s, v, get(e + 8), r[5]);
	pte = get(e + 8) & ~mask;
	pte |= flags << 55 & R_PP0;
	pte |= flags << 48 & R_KEY_HI;
	pte |= flags & (R_PP | R_N | R_KEY_LO);
	put(e + 8, pte);
	put(e, v);
	return H_SUCCESS;
}

static int64_t h_read(Spapr *s, unsigned cpu, uint64_t *r)
{
	unsigned n = r[4] & F_READ4 ? 4 : 1;
	uint64_t ptex = n == 4 ? r[5] & ~UINT64_C(3) : r[5];
	const uint8_t *e = entry(s, ptex);

	(void)cpu;
	if (!e)
		return H_PARAMETER;
	for (unsigned i = 0; i < n * 2; i++)
		r[4 + i] = get(e + i * 8);
	return H_SUCCESS;
}

/* Clears R or C and tells what the second doubleword was. */
static int64_t clear_bit(Spapr *s, uint64_t *r, uint64_t bit)
{
	uint8_t *e = entry(s, r[5]);
	uint64_t v, pte;

	if (!e)
		return H_PARAMETER;
	v = get(e);
	if (!(v & V_VALID))
		return H_NOT_FOUND;
	pte = get(e + 8);
	if (pte & bit) {
		/* R is in byte 6, C in byte 7. */
		__atomic_fetch_and(e + 8 + (bit == R_R ? 6 : 7),
				   (uint8_t) ~(bit == R_R ? bit >> 8 : bit), __ATOMIC_SEQ_CST);
		flush(s, v, pte, r[5]);
	}
	r[4] = pte;
	return H_SUCCESS;
}

static int64_t h_clear_mod(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	return clear_bit(s, r, R_C);
}

static int64_t h_clear_ref(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	return clear_bit(s, r, R_R);
}

const SpaprHcallDef spapr_hcalls_hpt[] = {
	{ 0x04, "H_REMOVE", h_remove, false },
	{ 0x08, "H_ENTER", h_enter, false },
	{ 0x0c, "H_READ", h_read, false },
	{ 0x10, "H_CLEAR_MOD", h_clear_mod, false },
	{ 0x14, "H_CLEAR_REF", h_clear_ref, false },
	{ 0x18, "H_PROTECT", h_protect, false },
	{ 0x124, "H_BULK_REMOVE", h_bulk_remove, false },
	{ 0, NULL, NULL, false },
};
