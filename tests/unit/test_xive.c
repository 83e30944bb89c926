/* XIVE: ESB state machine, queues, thread contexts, hypercalls, hostile state. */
#include <check.h>
#include "base/bits.h"
#include "tests/unit/spapr_rig.h"

#define VTY_LISN 0x1100u
#define LSI_LISN 0x1200u
#define QUEUE 0x100000u
#define TIMA_OS (XIVE_TIMA_BASE + ((uint64_t)XIVE_TIMA_OS << XIVE_TIMA_SHIFT))

static SpaprRig *r;

static void up(void)
{
	r = spapr_rig_new(true);
	r->current = 0;
	spapr_set_controller(r->s, true);
}

static void down(void)
{
	spapr_rig_free(r);
}

static uint64_t load(uint64_t addr, unsigned size)
{
	uint8_t b[8];
	uint64_t v = 0;

	ck_assert_int_eq(bus_read(r->m->bus, addr, b, size), BUS_OK);
	for (unsigned i = 0; i < size; i++)
		v = v << 8 | b[i];
	return v;
}

static void store(uint64_t addr, uint64_t v, unsigned size)
{
	uint8_t b[8];

	st64_be(b, v << (64 - 8 * size));
	ck_assert_int_eq(bus_write(r->m->bus, addr, b, size), BUS_OK);
}

static uint64_t mgmt(uint32_t lisn)
{
	return XIVE_ESB_BASE + (uint64_t)lisn * 0x20000 + 0x10000;
}

static void queue(unsigned server, unsigned prio, uint64_t at)
{
	ck_assert_int_eq(HC(r, 0x3b8, NULL, 1, server, prio, at, 16), H_SUCCESS);
}

static void configure(uint32_t lisn, unsigned server, unsigned prio, uint32_t eisn)
{
	ck_assert_int_eq(HC(r, 0x3ac, NULL, 2, lisn, server, prio, eisn), H_SUCCESS);
}

START_TEST(event_goes_through_queue_and_context)
{
	uint32_t v;

	queue(0, 6, QUEUE);
	configure(VTY_LISN, 0, 6, 0x2a);
	store(TIMA_OS + 0x11, 0xff, 1);
	irq_pulse(r->vty->irq);
	ck_assert_int_eq(r->cpu[0].line, 0); /* PQ says off */
	ck_assert_uint_eq(load(mgmt(VTY_LISN) + 0xc00, 8), XIVE_PQ_OFF);
	irq_pulse(r->vty->irq);
	ck_assert_int_eq(r->cpu[0].line, 1);
	ram_ld32(r->m->ram, QUEUE, &v);
	ck_assert_uint_eq(v, 0x8000002a);
	ck_assert_uint_eq(load(TIMA_OS + 0x10, 8) >> 56, 0x80);
	ck_assert_uint_eq(load(TIMA_OS + 0x810, 2), 0x8006);
	ck_assert_int_eq(r->cpu[0].line, 0);
	/* Nothing more to acknowledge. */
	ck_assert_uint_eq(load(TIMA_OS + 0x810, 2), 0x0006);
	/* A second edge is queued in the PQ bits and comes with the EOI. */
	irq_pulse(r->vty->irq);
	irq_pulse(r->vty->irq);
	ck_assert_uint_eq(load(mgmt(VTY_LISN) + 0x800, 8), XIVE_PQ_QUEUED);
	ck_assert_uint_eq(load(mgmt(VTY_LISN), 8), 1);
	ram_ld32(r->m->ram, QUEUE + 4, &v);
	ck_assert_uint_eq(v, 0x8000002a);
	ck_assert_int_eq(r->cpu[0].line, 0); /* CPPR is 6 */
	store(TIMA_OS + 0x11, 0xff, 1);
	ck_assert_int_eq(r->cpu[0].line, 1);
	ck_assert_uint_eq(load(mgmt(VTY_LISN), 8), 0);
	ck_assert_uint_eq(load(mgmt(VTY_LISN) + 0x800, 8), XIVE_PQ_RESET);
}
END_TEST

START_TEST(pq_transitions)
{
	static const uint8_t after_trigger[4] = { 2, 1, 3, 3 }, after_eoi[4] = { 0, 1, 0, 2 };

	for (unsigned pq = 0; pq < 4; pq++) {
		load(mgmt(0) + 0xc00 + (pq << 8), 8);
		store(mgmt(0) - 0x10000, 0, 8);
		ck_assert_uint_eq(load(mgmt(0) + 0x800, 8), after_trigger[pq]);
		load(mgmt(0) + 0xc00 + (pq << 8), 8);
		ck_assert_uint_eq(load(mgmt(0), 8), pq == 3);
		ck_assert_uint_eq(load(mgmt(0) + 0x800, 8), after_eoi[pq]);
	}
	/* A trigger page gives nothing to loads; a source that is not there neither. */
	ck_assert_uint_eq(load(mgmt(0) - 0x10000, 8), UINT64_MAX);
	ck_assert_uint_eq(load(mgmt(5), 8), UINT64_MAX);
}
END_TEST

START_TEST(ipi_to_another_cpu)
{
	queue(1, 6, QUEUE);
	configure(1, 1, 6, 1);
	load(mgmt(1) + 0xc00, 8);
	r->current = 1;
	store(TIMA_OS + 0x11, 0xff, 1);
	r->current = 0;
	store(mgmt(1) - 0x10000, 0, 8);
	ck_assert_int_eq(r->cpu[0].line, 0);
	ck_assert_int_eq(r->cpu[1].line, 1);
	r->current = 1;
	ck_assert_uint_eq(load(TIMA_OS + 0x810, 2), 0x8006);
	ck_assert_int_eq(r->cpu[1].line, 0);
}
END_TEST

START_TEST(level_source_by_hypercall)
{
	uint64_t out[8];

	ck_assert_int_eq(HC(r, 0x3a8, out, 0, LSI_LISN), H_SUCCESS);
	ck_assert_uint_eq(out[0], BIT64(60) | BIT64(61));
	ck_assert_uint_eq(out[1], UINT64_MAX);
	queue(0, 6, QUEUE);
	configure(LSI_LISN, 0, 6, 7);
	store(TIMA_OS + 0x11, 0xff, 1);
	ck_assert_int_eq(HC(r, 0x3c8, out, 0, LSI_LISN, 0xc00, 0), H_SUCCESS);
	irq_set(r->phb->lsi[0], 1);
	ck_assert_uint_eq(load(TIMA_OS + 0x810, 2), 0x8006);
	store(TIMA_OS + 0x11, 0xff, 1);
	ck_assert_int_eq(r->cpu[0].line, 0);
	/* EOI with the line still up: once more. */
	HC(r, 0x3c8, out, 0, LSI_LISN, 0, 0);
	ck_assert_int_eq(r->cpu[0].line, 1);
	load(TIMA_OS + 0x810, 2);
	irq_set(r->phb->lsi[0], 0);
	HC(r, 0x3c8, out, 1, LSI_LISN, 0x400, 0);
	ck_assert_uint_eq(out[0], UINT64_MAX);
	store(TIMA_OS + 0x11, 0xff, 1);
	ck_assert_int_eq(r->cpu[0].line, 0);
}
END_TEST

START_TEST(queue_wraps_and_toggles)
{
	uint64_t out[8];
	uint32_t v;

	ck_assert_int_eq(HC(r, 0x3b8, NULL, 1, 0, 5, QUEUE, 12), H_SUCCESS);
	configure(0, 0, 5, 9);
	load(mgmt(0) + 0xc00, 8);
	for (unsigned i = 0; i < 1024; i++) {
		store(mgmt(0) - 0x10000, 0, 8);
		load(mgmt(0), 8);
	}
	ck_assert_int_eq(HC(r, 0x3bc, out, 1, 0, 5), H_SUCCESS);
	ck_assert_uint_eq(out[1], QUEUE);
	ck_assert_uint_eq(out[2], 12);
	ck_assert_uint_eq(out[3], 0);
	store(mgmt(0) - 0x10000, 0, 8);
	ram_ld32(r->m->ram, QUEUE, &v);
	ck_assert_uint_eq(v, 9);
	ram_ld32(r->m->ram, QUEUE + 4, &v);
	ck_assert_uint_eq(v, 0x80000009);
}
END_TEST

START_TEST(arguments_are_checked)
{
	uint64_t out[8];

	ck_assert_int_eq(HC(r, 0x3a8, out, 1, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x3a8, out, 0, UINT64_MAX), H_P2);
	ck_assert_int_eq(HC(r, 0x3a8, out, 0, 5), H_P2);
	ck_assert_int_eq(HC(r, 0x3ac, NULL, 0, 0, 0, 7, 0), H_P4);
	ck_assert_int_eq(HC(r, 0x3ac, NULL, 0, 0, RIG_CPUS, 6, 0), H_P3);
	ck_assert_int_eq(HC(r, 0x3ac, NULL, 4, 0, 0, 6, 0), H_PARAMETER);
	ck_assert_int_eq(HC(r, 0x3b8, NULL, 1, 0, 6, RIG_RAM, 16), H_P4);
	ck_assert_int_eq(HC(r, 0x3b8, NULL, 1, 0, 6, 0x1000, 16), H_P4);
	ck_assert_int_eq(HC(r, 0x3b8, NULL, 1, 0, 6, QUEUE, 13), H_P5);
	ck_assert_int_eq(HC(r, 0x3b8, NULL, 1, RIG_CPUS, 6, QUEUE, 16), H_P2);
	ck_assert_int_eq(HC(r, 0x3b8, NULL, 1, 0, 7, QUEUE, 16), H_P3);
	ck_assert_int_eq(HC(r, 0x3c8, out, 0, 0, 0x10000, 0), H_P3);
	/* The other controller's calls. */
	ck_assert_int_eq(HC(r, 0x74, out), H_FUNCTION);
	spapr_set_controller(r->s, false);
	ck_assert_int_eq(HC(r, 0x3a8, out, 0, 0), H_FUNCTION);
}
END_TEST

START_TEST(reset_call_forgets_routes)
{
	uint64_t out[8];

	queue(0, 6, QUEUE);
	configure(VTY_LISN, 0, 6, 1);
	ck_assert_int_eq(HC(r, 0x3d0, NULL, 0), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0x3b0, out, 0, VTY_LISN), H_SUCCESS);
	ck_assert_uint_eq(out[1], 0xff);
	ck_assert_int_eq(HC(r, 0x3bc, out, 0, 0, 6), H_SUCCESS);
	ck_assert_uint_eq(out[2], 0);
}
END_TEST

START_TEST(level_survives_a_change_of_controller)
{
	spapr_set_controller(r->s, false);
	irq_set(r->phb->lsi[0], 1);
	spapr_set_controller(r->s, true);
	queue(0, 6, QUEUE);
	configure(LSI_LISN, 0, 6, 7);
	store(TIMA_OS + 0x11, 0xff, 1);
	HC(r, 0x3c8, NULL, 0, LSI_LISN, 0xc00, 0);
	ck_assert_int_eq(r->cpu[0].line, 1);
}
END_TEST

START_TEST(bad_state_is_refused)
{
	GError *err = NULL;

	ck_assert_msg(vm_check_coverage(xive_type.state, &err), "%s", err ? err->message : "");
	ck_assert(xive_type.loaded(&r->xive->dev, NULL));
	r->xive->end[1][3] = (XiveEnd){ .qshift = 12, .qindex = 1024 };
	ck_assert(!xive_type.loaded(&r->xive->dev, NULL));
	r->xive->end[1][3] = (XiveEnd){ .qshift = 63 };
	ck_assert(!xive_type.loaded(&r->xive->dev, NULL));
	r->xive->end[1][3] = (XiveEnd){ .qshift = 0 };
	r->xive->src[8].prio = 8;
	ck_assert(!xive_type.loaded(&r->xive->dev, NULL));
	r->xive->src[8].prio = 0;
	ck_assert(xive_type.loaded(&r->xive->dev, NULL));
}
END_TEST

Suite *suite_xive(void);
Suite *suite_xive(void)
{
	Suite *s = suite_create("xive");
	TCase *t = tcase_create("xive");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, event_goes_through_queue_and_context);
	tcase_add_test(t, pq_transitions);
	tcase_add_test(t, ipi_to_another_cpu);
	tcase_add_test(t, level_source_by_hypercall);
	tcase_add_test(t, queue_wraps_and_toggles);
	tcase_add_test(t, arguments_are_checked);
	tcase_add_test(t, reset_call_forgets_routes);
	tcase_add_test(t, level_survives_a_change_of_controller);
	tcase_add_test(t, bad_state_is_refused);
	suite_add_tcase(s, t);
	return s;
}
