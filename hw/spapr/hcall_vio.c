/*
 * Hypercalls on virtual I/O: DMA windows (LoPAPR 14.5.4.2), terminals
 * (14.5.4.6), command/response queues (17.2.1).  No device here has a
 * command/response queue, so those calls find no unit.
 */
#include "base/bits.h"
#include "hw/char/spapr_vty.h"
#include "hw/spapr/spapr.h"
#include "hw/spapr/tce.h"

#define TCES_MAX 512 /* in one H_STUFF_TCE or H_PUT_TCE_INDIRECT: a page of them */

static SpaprTce *find_tce(const Spapr *s, uint64_t liobn)
{
	for (guint i = 0; i < s->tces->len; i++) {
		SpaprTce *t = s->tces->pdata[i];

		if (t->liobn == liobn)
			return t;
	}
	return NULL;
}

static int64_t h_get_tce(Spapr *s, unsigned cpu, uint64_t *r)
{
	const SpaprTce *t = find_tce(s, r[4]);
	uint64_t tce = 0;
	int64_t rc = t ? spapr_tce_get(t, r[5], &tce) : H_PARAMETER;

	(void)cpu;
	if (rc == H_SUCCESS)
		r[4] = tce;
	return rc;
}

static int64_t h_put_tce(Spapr *s, unsigned cpu, uint64_t *r)
{
	SpaprTce *t = find_tce(s, r[4]);

	(void)cpu;
	return t ? spapr_tce_put(t, r[5], r[6]) : H_PARAMETER;
}

static int64_t h_stuff_tce(Spapr *s, unsigned cpu, uint64_t *r)
{
	SpaprTce *t = find_tce(s, r[4]);
	uint64_t ioba = r[5] & ~((UINT64_C(1) << SPAPR_TCE_SHIFT) - 1), n = r[7];
	int64_t rc = H_SUCCESS;

	(void)cpu;
	if (!t || n > TCES_MAX)
		return H_PARAMETER;
	for (uint64_t i = 0; i < n && rc == H_SUCCESS; i++)
		rc = spapr_tce_put(t, ioba + (i << SPAPR_TCE_SHIFT), r[6]);
	return rc;
}

static int64_t h_put_tce_indirect(Spapr *s, unsigned cpu, uint64_t *r)
{
	SpaprTce *t = find_tce(s, r[4]);
	uint64_t ioba = r[5] & ~((UINT64_C(1) << SPAPR_TCE_SHIFT) - 1), list = r[6], n = r[7], tce;
	int64_t rc = H_SUCCESS;

	(void)cpu;
	if (!t || n > TCES_MAX || (list & 7) || (list & 0xfff) + n * 8 > 0x1000)
		return H_PARAMETER;
	for (uint64_t i = 0; i < n && rc == H_SUCCESS; i++) {
		if (!ram_ld64(spapr_ram(s), list + i * 8, &tce))
			return H_PARAMETER;
		rc = spapr_tce_put(t, ioba + (i << SPAPR_TCE_SHIFT), tce);
	}
	return rc;
}

/* Unit 0 is the first terminal: kernels use it before they read the device tree. */
static SpaprVty *find_vty(const Spapr *s, uint64_t unit)
{
	for (guint i = 0; i < s->vtys->len; i++) {
		SpaprVty *v = s->vtys->pdata[i];

		if (v->unit == unit || !unit)
			return v;
	}
	return NULL;
}

static int64_t h_get_term_char(Spapr *s, unsigned cpu, uint64_t *r)
{
	SpaprVty *v = find_vty(s, r[4]);
	uint8_t buf[16];

	(void)cpu;
	if (!v)
		return H_PARAMETER;
	r[4] = spapr_vty_get(v, buf);
	r[5] = ld64_be(buf);
	r[6] = ld64_be(buf + 8);
	return H_SUCCESS;
}

static int64_t h_put_term_char(Spapr *s, unsigned cpu, uint64_t *r)
{
	SpaprVty *v = find_vty(s, r[4]);
	uint8_t buf[16];

	(void)cpu;
	if (!v || r[5] > sizeof(buf))
		return H_PARAMETER;
	st64_be(buf, r[6]);
	st64_be(buf + 8, r[7]);
	spapr_vty_put(v, buf, r[5]);
	return H_SUCCESS;
}

static int64_t h_no_queue(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)s, (void)cpu, (void)r;
	return H_PARAMETER;
}

/* A terminal's interrupt is always on; other units do not exist. */
static int64_t h_vio_signal(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	return r[4] && find_vty(s, r[4]) && r[5] <= 1 ? H_SUCCESS : H_PARAMETER;
}

const SpaprHcallDef spapr_hcalls_vio[] = {
	{ 0x1c, "H_GET_TCE", h_get_tce, false },
	{ 0x20, "H_PUT_TCE", h_put_tce, false },
	{ 0x54, "H_GET_TERM_CHAR", h_get_term_char, false },
	{ 0x58, "H_PUT_TERM_CHAR", h_put_term_char, false },
	{ 0xfc, "H_REG_CRQ", h_no_queue, false },
	{ 0x100, "H_FREE_CRQ", h_no_queue, false },
	{ 0x104, "H_VIO_SIGNAL", h_vio_signal, false },
	{ 0x108, "H_SEND_CRQ", h_no_queue, false },
	{ 0x138, "H_STUFF_TCE", h_stuff_tce, false },
	{ 0x13c, "H_PUT_TCE_INDIRECT", h_put_tce_indirect, false },
	{ 0x2b0, "H_ENABLE_CRQ", h_no_queue, false },
	{ 0, NULL, NULL, false },
};
