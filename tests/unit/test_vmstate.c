#include <check.h>
#include <string.h>
#include "core/vclock.h"
#include "core/vmstate.h"

Suite *suite_vmstate(void);

typedef struct Chan {
	uint16_t count;
	uint8_t mode, pad;
} Chan;

static const VmField chan_fields[] = {
	VMF(Chan, count, .reset = 0xffff),
	VMF(Chan, mode),
	VMSKIP(Chan, pad, "padding"),
	VMEND,
};
static const VmDesc chan_desc = { "chan", 1, sizeof(Chan), chan_fields };

typedef struct Thing {
	u128 wide;
	uint64_t a, b;
	int32_t s;
	uint32_t cfg;
	uint16_t regs[4];
	int8_t tiny;
	bool flag;
	uint8_t pad[6];
	Chan chan[2];
	VTimer *timer;
	uint8_t *buf;
	uint32_t buf_len;
	uint32_t added; /* since version 2 */
	void *wiring;
} Thing;

static const VmField thing_fields[] = {
	VMF(Thing, a, .reset = 5),
	VMF(Thing, b),
	VMF(Thing, wide),
	VMF(Thing, s),
	VMF(Thing, cfg, .keep = true),
	VMA(Thing, regs, .reset = 0x1234),
	VMF(Thing, tiny),
	VMF(Thing, flag, .reset = true),
	VMSKIP(Thing, pad, "padding"),
	VMSA(Thing, chan, chan_desc),
	VMTIMER(Thing, timer),
	VMBUF(Thing, buf, buf_len, 64),
	VMF(Thing, added, .since = 2, .reset = 77),
	VMSKIP(Thing, wiring, "wiring"),
	VMEND,
};
static const VmDesc thing_desc = { "thing", 2, sizeof(Thing), thing_fields };

static VClock *clk;
static Thing t;

static void nothing(void *opaque)
{
	(void)opaque;
}

static void fill(Thing *x)
{
	x->a = UINT64_C(0x1122334455667788);
	x->wide = (u128)0xabcdef << 100 | 42;
	x->s = -7;
	x->cfg = 99;
	for (unsigned i = 0; i < 4; i++)
		x->regs[i] = (uint16_t)(0x100 + i);
	x->tiny = -1;
	x->flag = false;
	x->chan[0] = (Chan){ 1, 2, 0 };
	x->chan[1] = (Chan){ 3, 4, 0 };
	vtimer_set(x->timer, 123456);
	g_free(x->buf);
	x->buf = g_memdup2("bytes", 5);
	x->buf_len = 5;
	x->added = 8;
	x->wiring = x;
}

static void setup(void)
{
	clk = vclock_new(VCLOCK_COUNTED, hostclock_real(), 1);
	memset(&t, 0, sizeof(t));
	t.timer = vtimer_new(clk, "t", nothing, NULL);
	fill(&t);
}

static void teardown(void)
{
	g_free(t.buf);
	vtimer_free(t.timer);
	vclock_free(clk);
}

static OutStream saved(void)
{
	OutStream o;

	out_init(&o);
	vm_save(&thing_desc, &t, &o);
	return o;
}

static bool load_bytes(const void *p, size_t n, GError **err)
{
	InStream in;
	bool ok;

	in_init(&in, p, n);
	ok = vm_load(&thing_desc, &t, &in, "/thing", err);
	in_free(&in);
	return ok;
}

/* The object as text, to see that nothing changed. */
static char *shown(void)
{
	GString *s = g_string_new(NULL);

	vm_show(&thing_desc, &t, s);
	return g_string_free(s, FALSE);
}

START_TEST(tables_cover_their_structs)
{
	GError *err = NULL;

	ck_assert_msg(vm_check_coverage(&thing_desc, &err), "%s", err ? err->message : "");
}
END_TEST

START_TEST(round_trip)
{
	OutStream o = saved();
	GError *err = NULL;
	char *before = shown(), *after;

	vm_reset(&thing_desc, &t);
	t.cfg = 1;
	ck_assert_msg(load_bytes(o.buf->data, o.buf->len, &err), "%s", err ? err->message : "");
	after = shown();
	ck_assert_str_eq(before, after);
	ck_assert_int_eq(vtimer_deadline(t.timer), 123456);
	ck_assert_uint_eq(t.buf_len, 5);
	ck_assert_mem_eq(t.buf, "bytes", 5);
	ck_assert_ptr_eq(t.wiring, &t);
	g_free(before);
	g_free(after);
	out_free(&o);
}
END_TEST

START_TEST(reset_puts_the_table_values)
{
	vm_reset(&thing_desc, &t);
	ck_assert_uint_eq(t.a, 5);
	ck_assert(t.wide == 0);
	ck_assert_uint_eq(t.regs[3], 0x1234);
	ck_assert(t.flag);
	ck_assert_uint_eq(t.chan[1].count, 0xffff);
	ck_assert_uint_eq(t.cfg, 99); /* kept */
	ck_assert_int_eq(vtimer_deadline(t.timer), -1);
	ck_assert_ptr_null(t.buf);
	ck_assert_uint_eq(t.added, 77);
	ck_assert_ptr_eq(t.wiring, &t); /* skipped */
}
END_TEST

START_TEST(truncated_at_every_byte_changes_nothing)
{
	OutStream o = saved();
	char *before, *after;

	vm_reset(&thing_desc, &t);
	before = shown();
	for (guint n = 0; n < o.buf->len; n++) {
		GError *err = NULL;
		uint8_t *cut = g_memdup2(o.buf->data, n); /* its own block: ASan sees overruns */

		ck_assert_msg(!load_bytes(cut, n, &err), "loaded %u of %u bytes", n, o.buf->len);
		ck_assert(g_str_has_prefix(err->message, "/thing: "));
		g_error_free(err);
		g_free(cut);
		after = shown();
		ck_assert_str_eq(before, after);
		g_free(after);
	}
	g_free(before);
	out_free(&o);
}
END_TEST

START_TEST(any_flipped_byte_is_harmless)
{
	OutStream o = saved();

	for (guint n = 0; n < o.buf->len; n++) {
		for (int bit = 0; bit < 8; bit++) {
			GError *err = NULL;
			char *before = shown(), *after;

			o.buf->data[n] ^= (uint8_t)(1 << bit);
			if (!load_bytes(o.buf->data, o.buf->len, &err)) {
				ck_assert_ptr_nonnull(err);
				after = shown();
				ck_assert_str_eq(before, after);
				g_free(after);
				g_error_free(err);
			}
			g_free(before);
			o.buf->data[n] ^= (uint8_t)(1 << bit);
		}
	}
	out_free(&o);
}
END_TEST

/* Where `name` is as a field name on the wire: the offset of its kind byte. */
static size_t kind_at(const OutStream *o, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 2; i + n < o->buf->len; i++) {
		if (ld16_be(o->buf->data + i - 2) == n && !memcmp(o->buf->data + i, name, n))
			return i + n;
	}
	ck_abort_msg("no field %s", name);
	return 0;
}

static void refused(OutStream *o, const char *message)
{
	GError *err = NULL;
	char *before = shown(), *after;

	ck_assert(!load_bytes(o->buf->data, o->buf->len, &err));
	ck_assert_str_eq(err->message, message);
	g_error_free(err);
	after = shown();
	ck_assert_str_eq(before, after);
	g_free(before);
	g_free(after);
	out_free(o);
}

START_TEST(unknown_field)
{
	OutStream o = saved();

	o.buf->data[kind_at(&o, "cfg") - 1] = 'x';
	refused(&o, "/thing: cfx: unknown field");
}
END_TEST

START_TEST(repeated_field)
{
	OutStream o = saved();
	size_t at = kind_at(&o, "a") - 3;
	GByteArray *twice = g_byte_array_new();

	/* "a" once more in front, and one field more */
	g_byte_array_append(twice, o.buf->data, (guint)at);
	g_byte_array_append(twice, o.buf->data + at, 3 + 1 + 4 + 8);
	g_byte_array_append(twice, o.buf->data + at, o.buf->len - (guint)at);
	st16_be(twice->data + at - 2, (uint16_t)(ld16_be(twice->data + at - 2) + 1));
	g_byte_array_unref(o.buf);
	o.buf = twice;
	refused(&o, "/thing: a: appears twice");
}
END_TEST

START_TEST(missing_field)
{
	OutStream o = saved();
	size_t at = kind_at(&o, "added") - 7;

	g_byte_array_set_size(o.buf, (guint)at);
	at = kind_at(&o, "a") - 3;
	st16_be(o.buf->data + at - 2, (uint16_t)(ld16_be(o.buf->data + at - 2) - 1));
	refused(&o, "/thing: added: is missing");
}
END_TEST

START_TEST(older_version_may_lack_a_newer_field)
{
	OutStream o = saved();
	size_t at = kind_at(&o, "added") - 7;
	GError *err = NULL;

	g_byte_array_set_size(o.buf, (guint)at);
	at = kind_at(&o, "a") - 3;
	st16_be(o.buf->data + at - 2, (uint16_t)(ld16_be(o.buf->data + at - 2) - 1));
	st32_be(o.buf->data + at - 6, 1);
	t.a = 0;
	ck_assert_msg(load_bytes(o.buf->data, o.buf->len, &err), "%s", err ? err->message : "");
	ck_assert_uint_eq(t.a, UINT64_C(0x1122334455667788));
	ck_assert_uint_eq(t.added, 77); /* its reset value, not what was there */
	out_free(&o);
}
END_TEST

START_TEST(newer_version)
{
	OutStream o = saved();

	st32_be(o.buf->data + 2 + 5, 3);
	refused(&o, "/thing: table version 3 is newer than ours, 2");
}
END_TEST

START_TEST(wrong_kind_and_count)
{
	OutStream o = saved();

	o.buf->data[kind_at(&o, "cfg")] = VM_I32;
	refused(&o, "/thing: cfg: is of kind i32 (7) and should be u32");
	o = saved();
	o.buf->data[kind_at(&o, "cfg")] = 200;
	refused(&o, "/thing: cfg: is of kind unknown kind (200) and should be u32");
	o = saved();
	st32_be(o.buf->data + kind_at(&o, "regs") + 1, 0xffffffffu);
	refused(&o, "/thing: regs: has 4294967295 elements and should have 4");
}
END_TEST

START_TEST(values_that_cannot_be)
{
	OutStream o = saved();

	o.buf->data[kind_at(&o, "flag") + 5] = 2;
	refused(&o, "/thing: flag: 2 is not a boolean");
	o = saved();
	st64_be(o.buf->data + kind_at(&o, "timer") + 5, (uint64_t)-2);
	refused(&o, "/thing: timer: -2 is not a deadline");
	o = saved();
	st32_be(o.buf->data + kind_at(&o, "buf") + 5, 65);
	refused(&o, "/thing: buf: 65 bytes where at most 64 are allowed");
	o = saved();
	st32_be(o.buf->data + kind_at(&o, "buf") + 5, 64);
	refused(&o, "/thing: buf: ends early");
	o = saved();
	o.buf->data[2] = 'x';
	refused(&o, "/thing: is the state of another kind of thing, not of thing");
}
END_TEST

START_TEST(error_names_the_nested_field)
{
	OutStream o = saved();
	size_t at = kind_at(&o, "count") - 1; /* of chan[0]; then the one of chan[1] */

	for (at++; memcmp(o.buf->data + at, "count", 5); at++)
		;
	o.buf->data[at] = 'k';
	refused(&o, "/thing: chan[1].kount: unknown field");
}
END_TEST

START_TEST(verify_never_changes)
{
	OutStream o = saved();
	char *before, *after;
	InStream in;

	vm_reset(&thing_desc, &t);
	before = shown();
	in_init(&in, o.buf->data, o.buf->len);
	ck_assert(vm_verify(&thing_desc, &t, &in, "/thing", NULL));
	ck_assert_uint_eq(in_left(&in), 0);
	in_free(&in);
	after = shown();
	ck_assert_str_eq(before, after);
	g_free(before);
	g_free(after);
	out_free(&o);
}
END_TEST

START_TEST(compare_names_the_first_difference)
{
	Thing u = t;
	char *where;

	ck_assert_ptr_null(vm_compare(&thing_desc, &t, &u));
	u.wiring = NULL;
	ck_assert_ptr_null(vm_compare(&thing_desc, &t, &u));
	u.chan[1].mode++;
	where = vm_compare(&thing_desc, &t, &u);
	ck_assert_str_eq(where, "chan[1].mode");
	g_free(where);
	u = t;
	u.regs[2]++;
	where = vm_compare(&thing_desc, &t, &u);
	ck_assert_str_eq(where, "regs[2]");
	g_free(where);
	u = t;
	u.buf_len = 4;
	where = vm_compare(&thing_desc, &t, &u);
	ck_assert_str_eq(where, "buf");
	g_free(where);
}
END_TEST

START_TEST(show_has_a_line_per_field)
{
	char *text = shown();

	ck_assert_ptr_nonnull(strstr(text, "a = 0x1122334455667788\n"));
	ck_assert_ptr_nonnull(strstr(text, "s = -7\n"));
	ck_assert_ptr_nonnull(strstr(text, "regs = 0x100 0x101 0x102 0x103\n"));
	ck_assert_ptr_nonnull(strstr(text, "flag = false\n"));
	ck_assert_ptr_nonnull(strstr(text, "chan[1].count = 0x3\n"));
	ck_assert_ptr_nonnull(strstr(text, "timer = 123456\n"));
	ck_assert_ptr_nonnull(strstr(text, "buf = 5 bytes: 62 79 74 65 73\n"));
	g_free(text);
}
END_TEST

/* Many structs go by columns, long buffers in pieces. */

typedef struct Many {
	uint8_t *buf;
	uint32_t buf_len;
	Chan chan[100];
	uint32_t pad;
} Many;

static const VmField many_fields[] = {
	VMSA(Many, chan, chan_desc),
	VMBUF(Many, buf, buf_len, 1 << 20),
	VMSKIP(Many, pad, "padding"),
	VMEND,
};
static const VmDesc many_desc = { "many", 1, sizeof(Many), many_fields };

static Many many_new(uint8_t by)
{
	Many m = { .buf_len = 200001 };

	m.buf = g_malloc0(m.buf_len);
	m.buf[5 * 4096 - 1] = m.buf[5 * 4096] = by;
	m.buf[m.buf_len - 1] = by;
	for (unsigned i = 0; i < 100; i++)
		m.chan[i] = (Chan){ (uint16_t)(by * i), (uint8_t)(by + i), 0 };
	return m;
}

static OutStream many_saved(const Many *m)
{
	OutStream o;

	out_init(&o);
	vm_save(&many_desc, m, &o);
	return o;
}

static VmReady *many_ready(Many *m, const OutStream *o, const char *message)
{
	GError *err = NULL;
	VmReady *r;
	InStream in;

	in_init(&in, o->buf->data, o->buf->len);
	r = vm_ready(&many_desc, m, &in, "/many", &err);
	in_free(&in);
	if (message)
		ck_assert_str_eq(err ? err->message : "", message);
	else
		ck_assert_msg(r != NULL, "%s", err ? err->message : "");
	g_clear_error(&err);
	return r;
}

START_TEST(columns_and_pieces)
{
	Many a = many_new(3), b = many_new(7);
	OutStream o = many_saved(&a);
	VmReady *r;

	ck_assert_uint_lt(o.buf->len, 4 * 4096 + 100 * 3 + 200);
	r = many_ready(&b, &o, NULL);
	ck_assert_uint_eq(b.chan[1].count, 7);
	vm_exchange(r);
	ck_assert_ptr_null(vm_compare(&many_desc, &a, &b));
	/* and back, to the byte */
	vm_exchange(r);
	g_free(a.buf);
	a = many_new(7);
	ck_assert_ptr_null(vm_compare(&many_desc, &a, &b));
	vm_ready_free(r);
	out_free(&o);
	g_free(a.buf);
	g_free(b.buf);
}
END_TEST

START_TEST(columns_and_pieces_that_cannot_be)
{
	Many a = many_new(3);
	OutStream o = many_saved(&a);
	size_t at;

	at = kind_at(&o, "count");
	st32_be(o.buf->data + at + 1, 99);
	many_ready(&a, &o, "/many: chan.count: has 99 elements and should have 100");
	st32_be(o.buf->data + at + 1, 100);
	o.buf->data[at - 1] = 'x';
	many_ready(&a, &o, "/many: chan.counx: unknown field");
	o.buf->data[at - 1] = 't';
	at = kind_at(&o, "buf");
	ck_assert_uint_eq(ld32_be(o.buf->data + at + 13), 4 * 4096);
	st32_be(o.buf->data + at + 13, 200001 - 8191);
	many_ready(&a, &o, "/many: buf: piece 0 is out of place");
	st32_be(o.buf->data + at + 13, 5 * 4096);
	vm_ready_free(many_ready(&a, &o, NULL));
	st32_be(o.buf->data + at + 13, 200001 - 8192);
	many_ready(&a, &o, "/many: buf: piece 1 is out of place");
	st32_be(o.buf->data + at + 5, (1 << 20) + 1);
	many_ready(&a, &o, "/many: buf: 1048577 bytes where at most 1048576 are allowed");
	out_free(&o);
	g_free(a.buf);
}
END_TEST

typedef struct Gap {
	uint32_t a, b, c;
} Gap;

static void uncovered(const VmDesc *d, const char *message)
{
	GError *err = NULL;

	ck_assert(!vm_check_coverage(d, &err));
	ck_assert_str_eq(err->message, message);
	g_error_free(err);
}

START_TEST(coverage_finds_faults)
{
	static const VmField gap[] = { VMF(Gap, a), VMF(Gap, c), VMEND };
	static const VmDesc gap_desc = { "gap", 1, sizeof(Gap), gap };
	static const VmField twice[] = { VMF(Gap, a), VMF(Gap, b), VMF(Gap, c), VMF(Gap, a),
					 VMEND };
	static const VmDesc twice_desc = { "twice", 1, sizeof(Gap), twice };
	VmField over[] = { VMF(Gap, a), VMF(Gap, b), VMF(Gap, c), VMEND };
	VmDesc over_desc = { "over", 1, sizeof(Gap), over };
	VmField why[] = { VMF(Gap, a), VMF(Gap, b), VMSKIP(Gap, c, ""), VMEND };
	VmDesc why_desc = { "why", 1, sizeof(Gap), why };

	uncovered(&gap_desc, "gap: byte 4 of 12, after a, is claimed by no field");
	uncovered(&twice_desc, "twice: a: named twice");
	over[1].offset = 2;
	over[1].name = "x";
	uncovered(&over_desc, "over: x: byte 2 is claimed twice");
	over[1].offset = 4;
	over[2].count = 2;
	uncovered(&over_desc, "over: c: reaches past the struct");
	over[2].count = 1;
	over[2].since = 2;
	uncovered(&over_desc, "over: c: .since is past the table's version");
	uncovered(&why_desc, "why: c: skipped without a reason");
}
END_TEST

Suite *suite_vmstate(void)
{
	Suite *s = suite_create("vmstate");
	TCase *tc = tcase_create("vmstate");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, tables_cover_their_structs);
	tcase_add_test(tc, columns_and_pieces);
	tcase_add_test(tc, columns_and_pieces_that_cannot_be);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, reset_puts_the_table_values);
	tcase_add_test(tc, truncated_at_every_byte_changes_nothing);
	tcase_add_test(tc, any_flipped_byte_is_harmless);
	tcase_add_test(tc, unknown_field);
	tcase_add_test(tc, repeated_field);
	tcase_add_test(tc, missing_field);
	tcase_add_test(tc, older_version_may_lack_a_newer_field);
	tcase_add_test(tc, newer_version);
	tcase_add_test(tc, wrong_kind_and_count);
	tcase_add_test(tc, values_that_cannot_be);
	tcase_add_test(tc, error_names_the_nested_field);
	tcase_add_test(tc, verify_never_changes);
	tcase_add_test(tc, compare_names_the_first_difference);
	tcase_add_test(tc, show_has_a_line_per_field);
	tcase_add_test(tc, coverage_finds_faults);
	suite_add_tcase(s, tc);
	return s;
}
