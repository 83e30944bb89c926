/* XICS: presentation, priorities, levels and edges, routing, reset and round trip. */
#include <check.h>
#include "tests/unit/spapr_rig.h"

#define VTY_IRQ 0x1100u
#define LSI_IRQ 0x1200u

static SpaprRig *r;

static void up(void)
{
	r = spapr_rig_new(false);
	r->current = 0;
}

static void down(void)
{
	spapr_rig_free(r);
}

static void route(uint32_t irq, uint32_t server, uint32_t prio)
{
	ck_assert_int_eq(RTAS(r, 0x0a, 1, NULL, irq, server, prio), 0);
}

static uint32_t accept(void)
{
	uint64_t out[8];

	ck_assert_int_eq(HC(r, 0x74, out), H_SUCCESS);
	return (uint32_t)out[0];
}

START_TEST(edge_is_latched_until_accepted)
{
	HC(r, 0x68, NULL, 0xff);
	irq_pulse(r->vty->irq);
	ck_assert_int_eq(r->cpu[0].line, 0); /* masked */
	route(VTY_IRQ, 0, 5);
	ck_assert_int_eq(r->cpu[0].line, 1);
	ck_assert_uint_eq(accept(), 0xff001100);
	ck_assert_int_eq(r->cpu[0].line, 0);
	ck_assert_uint_eq(accept(), 0x05000000);
	/* A second edge during service waits for the EOI. */
	irq_pulse(r->vty->irq);
	ck_assert_int_eq(r->cpu[0].line, 0);
	ck_assert_int_eq(HC(r, 0x64, NULL, 0xff001100), H_SUCCESS);
	ck_assert_int_eq(r->cpu[0].line, 1);
	ck_assert_uint_eq(accept(), 0xff001100);
	HC(r, 0x64, NULL, 0xff001100);
	ck_assert_int_eq(r->cpu[0].line, 0);
}
END_TEST

START_TEST(level_returns_after_eoi_while_high)
{
	HC(r, 0x68, NULL, 0xff);
	route(LSI_IRQ, 0, 4);
	irq_set(r->phb->lsi[0], 1);
	ck_assert_uint_eq(accept(), 0xff001200);
	ck_assert_int_eq(r->cpu[0].line, 0);
	HC(r, 0x64, NULL, 0xff001200);
	ck_assert_int_eq(r->cpu[0].line, 1);
	ck_assert_uint_eq(accept(), 0xff001200);
	irq_set(r->phb->lsi[0], 0);
	HC(r, 0x64, NULL, 0xff001200);
	ck_assert_int_eq(r->cpu[0].line, 0);
}
END_TEST

START_TEST(ipi_follows_mfrr_and_priority)
{
	uint64_t out[8];

	HC(r, 0x68, NULL, 0xff);
	route(VTY_IRQ, 0, 5);
	irq_pulse(r->vty->irq);
	ck_assert_int_eq(HC(r, 0x6c, NULL, 0, 4), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0x70, out, 0), H_SUCCESS);
	ck_assert_uint_eq(out[0], 0xff000002);
	ck_assert_uint_eq(out[1], 4);
	ck_assert_uint_eq(accept(), 0xff000002);
	/* Priority 4 is in service: 5 has to wait. */
	ck_assert_int_eq(r->cpu[0].line, 0);
	HC(r, 0x6c, NULL, 0, 0xff);
	HC(r, 0x64, NULL, 0xff000002);
	ck_assert_uint_eq(accept(), 0xff001100);
	ck_assert_int_eq(HC(r, 0x6c, NULL, RIG_CPUS, 4), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x6c, NULL, 1, 0), H_SUCCESS);
	ck_assert_int_eq(r->cpu[1].line, 0); /* its CPPR is 0 */
	r->current = 1;
	HC(r, 0x68, NULL, 0xff);
	ck_assert_int_eq(r->cpu[1].line, 1);
}
END_TEST

START_TEST(raising_cppr_withdraws)
{
	HC(r, 0x68, NULL, 0xff);
	route(VTY_IRQ, 0, 5);
	irq_pulse(r->vty->irq);
	ck_assert_int_eq(r->cpu[0].line, 1);
	HC(r, 0x68, NULL, 5);
	ck_assert_int_eq(r->cpu[0].line, 0);
	ck_assert_uint_eq(accept(), 0x05000000);
	HC(r, 0x68, NULL, 6);
	ck_assert_int_eq(r->cpu[0].line, 1);
}
END_TEST

START_TEST(routing_calls)
{
	uint32_t ret[3];

	route(VTY_IRQ, 1, 5);
	ck_assert_int_eq(RTAS(r, 0x0b, 3, ret, VTY_IRQ), 0);
	ck_assert_uint_eq(ret[1], 1);
	ck_assert_uint_eq(ret[2], 5);
	ck_assert_int_eq(RTAS(r, 0x0c, 1, NULL, VTY_IRQ), 0);
	RTAS(r, 0x0b, 3, ret, VTY_IRQ);
	ck_assert_uint_eq(ret[2], 0xff);
	ck_assert_int_eq(RTAS(r, 0x0d, 1, NULL, VTY_IRQ), 0);
	RTAS(r, 0x0b, 3, ret, VTY_IRQ);
	ck_assert_uint_eq(ret[2], 5);
	/* Twice off keeps what was there before. */
	RTAS(r, 0x0c, 1, NULL, VTY_IRQ);
	RTAS(r, 0x0c, 1, NULL, VTY_IRQ);
	RTAS(r, 0x0d, 1, NULL, VTY_IRQ);
	RTAS(r, 0x0b, 3, ret, VTY_IRQ);
	ck_assert_uint_eq(ret[2], 5);
	ck_assert_int_eq(RTAS(r, 0x0a, 1, NULL, 0x1fff, 0, 5), -3);
	ck_assert_int_eq(RTAS(r, 0x0a, 1, NULL, VTY_IRQ, RIG_CPUS, 5), -3);
	ck_assert_int_eq(RTAS(r, 0x0a, 1, NULL, 0x80000000u, 0, 5), -3);
}
END_TEST

START_TEST(reset_masks_all)
{
	HC(r, 0x68, NULL, 0xff);
	route(VTY_IRQ, 0, 5);
	irq_pulse(r->vty->irq);
	machine_reset(r->m);
	HC(r, 0x68, NULL, 0xff);
	ck_assert_uint_eq(accept(), 0xff000000);
}
END_TEST

/* H_XIRR_X tells the time of the guest's own timebase, not a clock of the host's. */
START_TEST(accepting_with_the_timebase)
{
	uint64_t out[8];

	HC(r, 0x68, NULL, 0xff);
	route(VTY_IRQ, 0, 5);
	irq_pulse(r->vty->irq);
	ck_assert_int_eq(HC(r, 0x2fc, out), H_SUCCESS);
	ck_assert_uint_eq(out[0], 0xff001100);
	ck_assert_uint_eq(out[1], r->s->cfg.ops->tb(r->s->cfg.opaque, 0));
}
END_TEST

START_TEST(bad_state_is_refused)
{
	GError *err = NULL;

	ck_assert(vm_check_coverage(xics_type.state, &err));
	ck_assert(xics_type.loaded(&r->xics->dev, NULL));
	r->xics->src[3].server = RIG_CPUS;
	ck_assert(!xics_type.loaded(&r->xics->dev, &err));
	ck_assert_ptr_nonnull(strstr(err->message, "/xics"));
	g_clear_error(&err);
	r->xics->src[3].server = 0;
	r->xics->kind[3] = 9;
	ck_assert(!xics_type.loaded(&r->xics->dev, &err));
	g_clear_error(&err);
	r->xics->kind[3] = XICS_FREE;
}
END_TEST

Suite *suite_xics(void);
Suite *suite_xics(void)
{
	Suite *s = suite_create("xics");
	TCase *t = tcase_create("xics");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, edge_is_latched_until_accepted);
	tcase_add_test(t, level_returns_after_eoi_while_high);
	tcase_add_test(t, ipi_follows_mfrr_and_priority);
	tcase_add_test(t, raising_cppr_withdraws);
	tcase_add_test(t, routing_calls);
	tcase_add_test(t, reset_masks_all);
	tcase_add_test(t, accepting_with_the_timebase);
	tcase_add_test(t, bad_state_is_refused);
	suite_add_tcase(s, t);
	return s;
}
