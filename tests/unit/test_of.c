#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>
#include "base/bits.h"
#include "roms/of.h"
#include "roms/of_int.h"
#include "roms/of_tree.h"

Suite *suite_of(void);

#define RAM_SIZE (32u << 20)
#define ARGS 0x20000u	 /* argument array of the calls below */
#define STRINGS 0x21000u /* its strings, 256 bytes each */
#define BUF 0x30000u
#define BUF_SIZE 0x10000u
#define NONE UINT32_MAX

/* What the board saw. */
typedef struct Seen {
	Of *of;
	GString *out;
	const char *in;
	char *boot;
	uint64_t vec, pc, r3;
	uint32_t unit;
	unsigned exits, quiesced;
	const void *cas_fdt;
} Seen;

static Machine *m;
static Of *of;
static Seen seen;
static uint8_t *fdt;

static bool board_cas(void *opaque, uint64_t vec)
{
	Seen *s = opaque;

	s->vec = vec;
	return s->cas_fdt && of_set_fdt(s->of, s->cas_fdt, fdt_totalsize(s->cas_fdt), NULL);
}

static size_t board_write(void *opaque, const void *buf, size_t len)
{
	g_string_append_len(((Seen *)opaque)->out, buf, (gssize)len);
	return len;
}

static size_t board_read(void *opaque, void *buf, size_t len)
{
	Seen *s = opaque;
	size_t n = MIN(len, strlen(s->in));

	memcpy(buf, s->in, n);
	s->in += n;
	return n;
}

static void board_exit(void *opaque)
{
	((Seen *)opaque)->exits++;
}

static void board_boot(void *opaque, const char *spec)
{
	Seen *s = opaque;

	g_free(s->boot);
	s->boot = g_strdup(spec);
}

static uint64_t board_milliseconds(void *opaque)
{
	(void)opaque;
	return UINT64_C(0x700001234);
}

static void board_quiesce(void *opaque)
{
	((Seen *)opaque)->quiesced++;
}

static bool board_start_cpu(void *opaque, uint32_t unit, uint64_t pc, uint64_t r3)
{
	Seen *s = opaque;

	s->unit = unit;
	s->pc = pc;
	s->r3 = r3;
	return unit == 8;
}

static void node(const char *name, const char *type, int phandle)
{
	fdt_begin_node(fdt, name);
	if (type)
		fdt_property_string(fdt, "device_type", type);
	if (phandle)
		fdt_property_u32(fdt, "phandle", (uint32_t)phandle);
}

/* A small partition; `late` is how it looks after client-architecture-support. */
static void make_fdt(bool late)
{
	fdt = g_malloc0(8192);
	fdt_create(fdt, 8192);
	fdt_finish_reservemap(fdt);
	node("", "chrp", 0);
	fdt_property_u32(fdt, "#address-cells", 2);
	fdt_property_u32(fdt, "#size-cells", 2);
	node("chosen", NULL, 0);
	fdt_property_string(fdt, "bootargs", late ? "late" : "early");
	fdt_property_string(fdt, "stdout-path", "/vdevice/vty@71000000");
	fdt_end_node(fdt);
	node("memory@0", "memory", 0);
	fdt_property(fdt, "reg", (uint8_t[16]){ [12] = 2 }, 16);
	fdt_end_node(fdt);
	node("cpus", NULL, 0);
	for (unsigned i = 0; i < 2; i++) {
		node(i ? "PowerPC,POWER9@8" : "PowerPC,POWER9@0", "cpu", 0);
		fdt_property_u32(fdt, "reg", i * 8);
		fdt_end_node(fdt);
	}
	fdt_end_node(fdt);
	node("rtas", NULL, 0);
	fdt_end_node(fdt);
	if (late)
		node("interrupt-controller@6030203180000", "power-ivpe", 0x1111);
	else
		node("interrupt-controller", NULL, 0x1111);
	fdt_end_node(fdt);
	node("vdevice", NULL, 0);
	node("vty@71000000", "serial", 0);
	fdt_end_node(fdt);
	node("nvram@71000001", "nvram", 0);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	node("aliases", NULL, 0);
	fdt_property_string(fdt, "hvterm", "/vdevice/vty");
	fdt_property_string(fdt, "loop", "loop");
	fdt_property_string(fdt, "vd", "/vdevice");
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	ck_assert_int_eq(fdt_finish(fdt), 0);
}

static void set_fdt(bool late)
{
	GError *err = NULL;

	g_free(fdt);
	make_fdt(late);
	ck_assert_msg(of_set_fdt(of, fdt, fdt_totalsize(fdt), &err), "%s", err ? err->message : "");
}

static void setup(void)
{
	const OfBoard board = {
		.opaque = &seen,
		.cas = board_cas,
		.write = board_write,
		.read = board_read,
		.exit = board_exit,
		.boot = board_boot,
		.milliseconds = board_milliseconds,
		.quiesce = board_quiesce,
		.start_cpu = board_start_cpu,
	};
	OfEntry e;

	m = machine_new("test", loop_new(), vclock_new(VCLOCK_COUNTED, hostclock_real(), 1));
	m->ram = ram_new(RAM_SIZE, NULL);
	m->bus = bus_new(m->ram);
	of = of_new(m, &board, NULL);
	machine_lock(m);
	machine_reset(m);
	seen = (Seen){ .of = of, .out = g_string_new(NULL), .in = "" };
	fdt = NULL;
	set_fdt(false);
	ck_assert(of_boot_prepare(of,
				  &(OfImages){ .kernel = OF_KERNEL_BASE,
					       .kernel_size = 0x123456,
					       .entry = OF_KERNEL_BASE },
				  &e, NULL));
}

static void teardown(void)
{
	machine_unlock(m);
	machine_free(m);
	g_string_free(seen.out, TRUE);
	g_free(seen.boot);
	g_free(fdt);
}

/*
 * A client's call: fmt has a letter per argument, s for a string, x for a cell;
 * nret results land in ret.
 */
static uint32_t ret[8];

static uint64_t vcall(unsigned nret, const char *service, const char *fmt, va_list ap)
{
	unsigned n = (unsigned)strlen(fmt);
	uint32_t str = STRINGS;
	uint64_t r3;

	ram_write(m->ram, str, service, strlen(service) + 1);
	ram_st32(m->ram, ARGS, str);
	ram_st32(m->ram, ARGS + 4, n);
	ram_st32(m->ram, ARGS + 8, nret);
	for (unsigned i = 0; i < n; i++) {
		uint32_t v;

		if (fmt[i] == 's') {
			const char *s = va_arg(ap, const char *);

			v = str += 256;
			ram_write(m->ram, str, s, strlen(s) + 1);
		} else {
			v = va_arg(ap, uint32_t);
		}
		ram_st32(m->ram, ARGS + 12 + i * 4, v);
	}
	for (unsigned i = 0; i < nret; i++)
		ram_st32(m->ram, ARGS + 12 + (n + i) * 4, 0xdeadbeef);
	/* What is above 32 bits is no part of a client's address. */
	r3 = of_client(of, ARGS | UINT64_C(0x1234) << 32);
	for (unsigned i = 0; i < nret; i++)
		ram_ld32(m->ram, ARGS + 12 + (n + i) * 4, &ret[i]);
	return r3;
}

static uint64_t call(unsigned nret, const char *service, const char *fmt, ...)
{
	uint64_t r3;
	va_list ap;

	va_start(ap, fmt);
	r3 = vcall(nret, service, fmt, ap);
	va_end(ap);
	return r3;
}

/* The result of a service that has one and must be served. */
static uint32_t call1(const char *service, const char *fmt, ...)
{
	uint64_t r3;
	va_list ap;

	va_start(ap, fmt);
	r3 = vcall(1, service, fmt, ap);
	va_end(ap);
	if (r3)
		ck_abort_msg("%s is not served", service);
	return ret[0];
}

static const char *buf(void)
{
	return (const char *)m->ram->host + BUF;
}

START_TEST(entry_and_guest_words)
{
	OfImages i = { .kernel = 0x400000,
		       .kernel_size = 0x10000,
		       .entry = 0x400010,
		       .initrd = 0x500000,
		       .initrd_size = 99 };
	uint32_t w;
	OfEntry e;

	ck_assert(of_boot_prepare(of, &i, &e, NULL));
	ck_assert_uint_eq(e.pc, 0x400010);
	ck_assert_uint_eq(e.r3, 0x500000);
	ck_assert_uint_eq(e.r4, 99);
	ck_assert(e.r1 > OF_STACK_BASE && e.r1 < OF_STACK_BASE + OF_STACK_SIZE && !(e.r1 & 15));
	/* or r4,r3,r3; addi r3,0,0; ori r3,r3,0xf005; sc 1; blr */
	static const uint32_t words[] = { 0x7c641b78, 0x38600000, 0x6063f005, 0x44000022,
					  0x4e800020 };
	for (unsigned k = 0; k < 5; k++) {
		ram_ld32(m->ram, e.r5 + k * 4, &w);
		ck_assert_uint_eq(w, words[k]);
	}
	ck_assert_uint_eq(call1("claim", "xxx", 0x40ffff, 1, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0x410000, 1, 0), 0x410000);
	ck_assert_uint_eq(call1("claim", "xxx", 0x500000, 1, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", e.r5, 1, 0), NONE);
}
END_TEST

START_TEST(images_over_each_other_or_outside)
{
	OfImages i = { .kernel = 0x400000,
		       .kernel_size = 0x10000,
		       .initrd = 0x40f000,
		       .initrd_size = 0x2000 };
	GError *err = NULL;
	OfEntry e;

	ck_assert(!of_boot_prepare(of, &i, &e, &err));
	ck_assert_str_eq(
		err->message,
		"initrd: lies over the firmware or another image (0x2000 bytes at 0x40f000)");
	g_clear_error(&err);
	i.initrd = RAM_SIZE - 0x1000;
	ck_assert(!of_boot_prepare(of, &i, &e, &err));
	ck_assert_str_eq(err->message,
			 "initrd: 0x2000 bytes at 0x1fff000 do not fit into 32 MiB of RAM");
	g_clear_error(&err);
	i = (OfImages){ .kernel = 0x4000, .kernel_size = 4 };
	ck_assert(!of_boot_prepare(of, &i, &e, &err));
	g_clear_error(&err);
}
END_TEST

START_TEST(paths)
{
	static const struct {
		const char *spec, *path;
	} good[] = {
		{ "/", "/" },
		{ "/chosen", "/chosen" },
		{ "/cpus/", "/cpus" },
		{ "//cpus//PowerPC,POWER9@8", "/cpus/PowerPC,POWER9@8" },
		{ "/cpus/PowerPC,POWER9", "/cpus/PowerPC,POWER9@0" },
		{ "/cpus/@8", "/cpus/PowerPC,POWER9@8" },
		{ "/cpus/@0008", "/cpus/PowerPC,POWER9@8" },
		{ "/memory@0", "/memory@0" },
		{ "/memory@00000000", "/memory@0" },
		{ "/memory", "/memory@0" },
		{ "hvterm", "/vdevice/vty@71000000" },
		{ "vd/vty", "/vdevice/vty@71000000" },
		{ "vd/nvram@71000001", "/vdevice/nvram@71000001" },
		{ "/vdevice:x/vty:115200,8n1", "/vdevice/vty@71000000:115200,8n1" },
		{ "hvterm:9600", "/vdevice/vty@71000000:9600" },
	};
	static const char *const bad[] = {
		"",
		"cpus",
		"/cpu",
		"/cpus/@",
		"/cpus/@1",
		"/cpus/Po",
		"/memory@0,0",
		"/memory@1",
		"loop",
		"/chosen/chosen",
		"hvter",
		"vd/vty@7",
		"/cpus/PowerPC,POWER9@80",
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ck_assert_msg(call1("finddevice", "s", good[i].spec) != NONE, "%s", good[i].spec);
		ck_assert_uint_eq(call1("canon", "sxx", good[i].spec, BUF, 100),
				  strlen(good[i].path));
		ck_assert_str_eq(buf(), good[i].path);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ck_assert_msg(call1("finddevice", "s", bad[i]) == NONE, "%s", bad[i]);
		ck_assert_uint_eq(call1("canon", "sxx", bad[i], BUF, 100), NONE);
	}
}
END_TEST

START_TEST(short_buffers_get_what_fits)
{
	uint32_t vty = call1("finddevice", "s", "hvterm");

	ram_fill(m->ram, BUF, 0x55, 64);
	ck_assert_uint_eq(call1("package-to-path", "xxx", vty, BUF, 8), 21);
	ck_assert_mem_eq(buf(), "/vdevice\x55", 9);
	ck_assert_uint_eq(call1("package-to-path", "xxx", vty, BUF, 22), 21);
	ck_assert_mem_eq(buf(), "/vdevice/vty@71000000\0\x55", 23);
	ck_assert_uint_eq(call1("package-to-path", "xxx", vty, 0, 0), 21);
	ck_assert_uint_eq(call1("package-to-path", "xxx", 0x777, BUF, 22), NONE);
	ck_assert_uint_eq(call1("package-to-path", "xxx", vty, RAM_SIZE - 4, 22), NONE);
}
END_TEST

/* The walk of a client that copies the tree (children, peers, all properties). */
static void walk(uint32_t n, uint32_t parent, GString *out, unsigned *left)
{
	char name[64] = "";
	uint32_t len;

	ck_assert_uint_gt((*left)--, 0);
	ck_assert_uint_eq(call1("parent", "x", n), parent);
	ck_assert_int_ge((int)call1("package-to-path", "xxx", n, BUF, 255), 1);
	g_string_append_printf(out, "%s:", buf());
	for (;;) {
		if (call1("nextprop", "xsx", n, name, BUF) != 1)
			break;
		ck_assert(strcmp(name, buf()) != 0);
		g_strlcpy(name, buf(), sizeof(name));
		len = call1("getproplen", "xs", n, name);
		ck_assert_uint_le(len, 100);
		ck_assert_uint_eq(call1("getprop", "xsxx", n, name, BUF, 100), len);
		g_string_append_printf(out, " %s/%u", name, len);
	}
	ck_assert_uint_eq(ret[0], 0);
	g_string_append_c(out, '\n');
	for (uint32_t c = call1("child", "x", n); c; c = call1("peer", "x", c))
		walk(c, n, out, left);
}

START_TEST(the_whole_tree)
{
	GString *out = g_string_new(NULL);
	unsigned left = 100;

	walk(call1("peer", "x", 0), 0, out, &left);
	ck_assert_str_eq(
		out->str,
		"/: device_type/5 #address-cells/4 #size-cells/4 name/12\n"
		"/chosen: bootargs/6 stdout-path/22 name/7 stdout/4 stdin/4 memory/4 cpu/4\n"
		"/memory@0: device_type/7 reg/16 name/7 available/32\n"
		"/cpus: name/5\n"
		"/cpus/PowerPC,POWER9@0: device_type/4 reg/4 name/15\n"
		"/cpus/PowerPC,POWER9@8: device_type/4 reg/4 name/15\n"
		"/rtas: name/5\n"
		"/interrupt-controller: phandle/4 name/21\n"
		"/vdevice: name/8\n"
		"/vdevice/vty@71000000: device_type/7 name/4\n"
		"/vdevice/nvram@71000001: device_type/6 name/6\n"
		"/aliases: hvterm/13 loop/5 vd/9 name/8\n"
		"/options: name/8\n"
		"/openprom: name/9 model/11\n"
		"/packages: name/9\n");
	g_string_free(out, TRUE);
}
END_TEST

START_TEST(properties)
{
	uint32_t chosen = call1("finddevice", "s", "/chosen");
	uint32_t pic = call1("finddevice", "s", "/interrupt-controller");

	ck_assert_uint_eq(pic, 0x1111); /* the board's own */
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen, "bootargs", BUF, 100), 6);
	ck_assert_str_eq(buf(), "early");
	ram_fill(m->ram, BUF, 'x', 10);
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen, "bootargs", BUF, 2), 6);
	ck_assert_mem_eq(buf(), "eax", 2);
	ck_assert_int_eq(buf()[2], 'x');
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen, "nothing", BUF, 2), NONE);
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen + 1000, "bootargs", BUF, 2), NONE);
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen, "bootargs", RAM_SIZE, 2), NONE);
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen, "bootargs", RAM_SIZE, 0), 6);
	ck_assert_uint_eq(call1("nextprop", "xsx", chosen, "nothing", BUF), NONE);
	ck_assert_uint_eq(call1("nextprop", "xxx", chosen, 0, BUF), 1);
	ck_assert_str_eq(buf(), "bootargs");

	ram_write(m->ram, BUF, "\1\2\3\4", 4);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "linux,rtas-base", BUF, 4), 4);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "empty", 0, 0), 0);
	ck_assert_uint_eq(call1("getproplen", "xs", chosen, "empty"), 0);
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen, "linux,rtas-base", BUF + 8, 4), 4);
	ck_assert_mem_eq(buf() + 8, "\1\2\3\4", 4);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "bootargs", BUF, 2), 2);
	ck_assert_uint_eq(call1("getproplen", "xs", chosen, "bootargs"), 2);
	ck_assert_uint_eq(call1("setprop", "xsxx", pic, "phandle", BUF, 4), NONE);
	ck_assert_uint_eq(call1("setprop", "xsxx", pic, "name", BUF, 4), NONE);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "", BUF, 4), NONE);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "a/b", BUF, 4), NONE);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "big", 0, NONE), NONE);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "big", RAM_SIZE - 1, 2), NONE);
}
END_TEST

START_TEST(a_client_cannot_grow_the_tree_without_end)
{
	uint32_t chosen = call1("finddevice", "s", "/chosen");
	char name[16];
	unsigned n = 0;

	do
		snprintf(name, sizeof(name), "p%u", n);
	while (n++ < 1000 && call1("setprop", "xsxx", chosen, name, BUF, 65536) == 65536);
	ck_assert_uint_lt(n, 1000);
	ck_assert_uint_gt(n, 50);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, "p0", BUF, 4), 4);
	ck_assert_uint_eq(call1("setprop", "xsxx", chosen, name, BUF, 1000), 1000);
	ck_assert_uint_le(of->flat_len, OF_TREE_BYTES_MAX + OF_NODES_MAX * 8);
}
END_TEST

START_TEST(claims)
{
	ck_assert_uint_eq(call1("claim", "xxx", 0x1000000, 0x1000, 0), 0x1000000);
	ck_assert_uint_eq(call1("claim", "xxx", 0x1000fff, 1, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0xfff000, 0x1001, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0xfff000, 0x1000, 0), 0xfff000);
	ck_assert_uint_eq(call1("claim", "xxx", 0x1001000, 0x1000, 0), 0x1001000);
	ck_assert_uint_eq(call1("claim", "xxx", 0x1001000, 0, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", RAM_SIZE - 1, 2, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0, 0x1000, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0xffffffff, 0xffffffff, 0), NONE);

	/* Anywhere: from the top, aligned. */
	ck_assert_uint_eq(call1("claim", "xxx", 0, 0x1234, 0x10000), RAM_SIZE - 0x10000);
	ck_assert_uint_eq(call1("claim", "xxx", 0, 0x100, 1), RAM_SIZE - 0x100);
	ck_assert_uint_eq(call1("claim", "xxx", 0, 0x1000, 0x1800), RAM_SIZE - 0x2000);
	ck_assert_uint_eq(call1("claim", "xxx", 0, RAM_SIZE / 2, 4), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0, 0x100, NONE), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0, NONE, 1), NONE);
	ck_assert(of_mem_check(of));

	/* A hole in what was three claims and is one extent. */
	ck_assert_uint_eq(call(0, "release", "xx", 0x1000800, 0x800), 0);
	ck_assert_uint_eq(call1("claim", "xxx", 0x10007ff, 1, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0x1001000, 1, 0), NONE);
	ck_assert_uint_eq(call1("claim", "xxx", 0x1000800, 0x800, 0), 0x1000800);
	ck_assert_uint_eq(call(0, "release", "xx", 0, NONE), 0);
	ck_assert_uint_eq(call1("claim", "xxx", OF_LOW_END - 1, 1, 0), NONE); /* ours */
	ck_assert_uint_eq(call1("claim", "xxx", OF_LOW_END, RAM_SIZE - OF_LOW_END, 0), OF_LOW_END);
	ck_assert(of_mem_check(of));
}
END_TEST

/* Against a map with a byte per page. */
START_TEST(claims_at_random)
{
	static uint8_t map[256];
	uint32_t pages = 256, at, n, base = 0x1000000;

	memset(map, 0, sizeof(map));
	srandom(7);
	for (unsigned i = 0; i < 20000; i++) {
		bool free_there = true;

		at = (uint32_t)random() % pages;
		n = (uint32_t)random() % 9;
		n = MIN(n, pages - at);
		for (uint32_t k = 0; k < n; k++)
			free_there = free_there && !map[at + k];
		if (random() & 1) {
			if (of_mem_claim_at(of, base + at * 4096, n * 4096) != (free_there && n))
				ck_abort_msg("claim of page %u, %u pages", at, n);
			if (free_there)
				memset(map + at, 1, n);
		} else {
			of_mem_release(of, base + at * 4096, n * 4096);
			memset(map + at, 0, n);
		}
		if (!of_mem_check(of))
			ck_abort_msg("extents out of order");
	}
}
END_TEST

START_TEST(the_list_of_claims_is_finite)
{
	unsigned n = 0;

	while (n < 10000 && call1("claim", "xxx", 0x1000000 + n * 32, 16, 0) != NONE)
		n++;
	ck_assert_uint_gt(n, 400);
	ck_assert_uint_lt(n, 600);
	ck_assert(of_mem_check(of));
	/* Neighbours join, so this needs no room. */
	ck_assert_uint_eq(call1("claim", "xxx", 0x1000010, 16, 0), 0x1000010);
	ck_assert(of_mem_check(of));
}
END_TEST

START_TEST(available_memory)
{
	uint32_t mem = call1("finddevice", "s", "/memory");

	ck_assert_uint_eq(call1("claim", "xxx", 0x1000000, 0x1000000, 0), 0x1000000);
	ck_assert_uint_eq(call1("getprop", "xsxx", mem, "available", BUF, 100), 32);
	ck_assert_uint_eq(ld64_be(buf()), OF_LOW_END);
	ck_assert_uint_eq(ld64_be(buf() + 8), OF_KERNEL_BASE - OF_LOW_END);
	ck_assert_uint_eq(ld64_be(buf() + 16), 0x523456);
	ck_assert_uint_eq(ld64_be(buf() + 24), 0x1000000 - 0x523456);
	call(0, "release", "xx", OF_KERNEL_BASE, 0x1000000);
	ck_assert_uint_eq(call1("getproplen", "xs", mem, "available"), 16);
}
END_TEST

START_TEST(console)
{
	uint32_t chosen = call1("finddevice", "s", "/chosen"), out, in, other;

	call1("getprop", "xsxx", chosen, "stdout", BUF, 4);
	out = ld32_be(buf());
	call1("getprop", "xsxx", chosen, "stdin", BUF, 4);
	in = ld32_be(buf());
	ck_assert_uint_eq(call1("instance-to-path", "xxx", out, BUF, 100), 21);
	ck_assert_str_eq(buf(), "/vdevice/vty@71000000");
	ck_assert_uint_eq(call1("instance-to-package", "x", in),
			  call1("finddevice", "s", "hvterm"));
	ram_write(m->ram, BUF, "hello", 5);
	ck_assert_uint_eq(call1("write", "xxx", out, BUF, 5), 5);
	ck_assert_str_eq(seen.out->str, "hello");
	ck_assert_uint_eq(call1("read", "xxx", in, BUF, 5), (uint32_t)-2);
	seen.in = "abcdefg";
	ck_assert_uint_eq(call1("read", "xxx", in, BUF, 5), 5);
	ck_assert_mem_eq(buf(), "abcde", 5);
	ck_assert_uint_eq(call1("read", "xxx", in, BUF, 5), 2);
	/* Bad buffers; lengths beyond what one call moves. */
	ck_assert_uint_eq(call1("write", "xxx", out, RAM_SIZE - 2, 3), NONE);
	ck_assert_uint_eq(call1("read", "xxx", in, RAM_SIZE - 2, 3), NONE);
	ck_assert_uint_eq(call1("write", "xxx", out, 0x100000, NONE), 65536);
	ck_assert_uint_eq(call1("seek", "xxx", out, 0, 0), NONE);
	/* Another device is no console; a closed one is nothing. */
	other = call1("open", "s", "/vdevice/nvram:args");
	ck_assert(other != 0);
	ck_assert_uint_eq(call1("instance-to-path", "xxx", other, BUF, 100), 28);
	ck_assert_str_eq(buf(), "/vdevice/nvram@71000001:args");
	ck_assert_uint_eq(call1("write", "xxx", other, BUF, 5), NONE);
	ck_assert_uint_eq(call(0, "close", "x", other), 0);
	ck_assert_uint_eq(call1("instance-to-package", "x", other), NONE);
	ck_assert_uint_eq(call(0, "close", "x", other), 0);
	ck_assert_uint_eq(call1("open", "s", "/nothing"), 0);
}
END_TEST

START_TEST(instances_are_finite)
{
	unsigned n = 0;

	while (n < 1000 && call1("open", "s", "/rtas"))
		n++;
	ck_assert_uint_eq(n, OF_INSTANCES_MAX - 4); /* /chosen has four */
	ck_assert_uint_eq(call(0, "close", "x", OF_IHANDLE_FIRST + 10), 0);
	ck_assert_uint_eq(call1("open", "s", "/rtas"), OF_IHANDLE_FIRST + 10);
}
END_TEST

START_TEST(rtas_is_put_where_the_client_says)
{
	uint32_t rtas = call1("open", "s", "/rtas"), root = call1("open", "s", "/"), w;
	static const uint32_t words[] = { 0x7c641b78, 0x38600000, 0x6063f000, 0x44000022,
					  0x4e800020 };

	ck_assert_uint_eq(call(2, "call-method", "sxx", "instantiate-rtas", rtas, 0x1fff0000u), 0);
	ck_assert_uint_eq(ret[0], NONE); /* not RAM */
	ck_assert_uint_eq(call(2, "call-method", "sxx", "instantiate-rtas", rtas, OF_STUB_BASE), 0);
	ck_assert_uint_eq(ret[0], NONE); /* over our own words */
	ck_assert_uint_eq(call(2, "call-method", "sxx", "instantiate-rtas", root, 0x1000000), 0);
	ck_assert_uint_eq(ret[0], NONE); /* not its method */
	ck_assert_uint_eq(call(2, "call-method", "sxx", "instantiate-rtas", rtas, 0x1000000), 0);
	ck_assert_uint_eq(ret[0], 0);
	ck_assert_uint_eq(ret[1], 0x1000000);
	for (unsigned i = 0; i < 5; i++) {
		ram_ld32(m->ram, 0x1000000 + i * 4, &w);
		ck_assert_uint_eq(w, words[i]);
	}
	ck_assert_uint_eq(call(2, "call-method", "sx", "instantiate-rtas", rtas), 0);
	ck_assert_uint_eq(ret[0], NONE); /* argument missing */
	ck_assert_uint_eq(call(2, "call-method", "s", "instantiate-rtas"), UINT64_MAX);
	ck_assert_uint_eq(call1("test-method", "xs", call1("finddevice", "s", "/rtas"),
				"instantiate-rtas"),
			  0);
	ck_assert_uint_eq(call1("test-method", "xs", call1("finddevice", "s", "/cpus"),
				"instantiate-rtas"),
			  NONE);
}
END_TEST

START_TEST(client_architecture_support_gives_a_new_tree)
{
	uint32_t chosen = call1("finddevice", "s", "/chosen"),
		 vty = call1("finddevice", "s", "hvterm");
	uint32_t cpu = call1("finddevice", "s", "/cpus/@8"), root = call1("open", "s", "/"), pic;
	uint32_t open_pic = call1("open", "s", "/interrupt-controller");
	uint8_t *old;

	call1("setprop", "xsxx", chosen, "mine", 0, 0);
	ck_assert_uint_eq(call(2, "call-method", "sxx", "ibm,client-architecture-support", root,
			       0x123456),
			  0);
	ck_assert_uint_eq(ret[0], 0);
	ck_assert_uint_eq(ret[1], NONE); /* the board refused */
	ck_assert_uint_eq(seen.vec, 0x123456);
	old = fdt;
	make_fdt(true);
	seen.cas_fdt = fdt;
	g_free(old);
	ck_assert_uint_eq(call(2, "call-method", "sxx", "ibm,client-architecture-support", root,
			       0x123456),
			  0);
	ck_assert_uint_eq(ret[1], 0);
	/* What is still there is what it was. */
	ck_assert_uint_eq(call1("finddevice", "s", "/chosen"), chosen);
	ck_assert_uint_eq(call1("finddevice", "s", "hvterm"), vty);
	ck_assert_uint_eq(call1("finddevice", "s", "/cpus/@8"), cpu);
	ck_assert_uint_eq(call1("instance-to-package", "x", root), call1("finddevice", "s", "/"));
	call1("getprop", "xsxx", chosen, "bootargs", BUF, 10);
	ck_assert_str_eq(buf(), "late");
	ck_assert_uint_eq(call1("getproplen", "xs", chosen, "mine"), 0);
	call1("getprop", "xsxx", chosen, "stdout", BUF, 4);
	ck_assert_uint_eq(call1("instance-to-package", "x", ld32_be(buf())), vty);
	/* The interrupt controller is another one, of the same number. */
	pic = call1("finddevice", "s", "/interrupt-controller@6030203180000");
	ck_assert_uint_eq(pic, 0x1111);
	ck_assert_uint_eq(call1("package-to-path", "xxx", pic, BUF, 100), 35);
	ck_assert_uint_eq(call1("instance-to-package", "x", open_pic), 0x1111);
}
END_TEST

START_TEST(control)
{
	uint32_t cpu = call1("finddevice", "s", "/cpus/@8");

	ck_assert_uint_eq(call1("milliseconds", ""), 0x1234);
	ck_assert_uint_eq(call(0, "quiesce", ""), 0);
	ck_assert_uint_eq(seen.quiesced, 1);
	ck_assert_uint_eq(call(0, "exit", ""), 0);
	ck_assert_uint_eq(call(0, "enter", ""), 0);
	ck_assert_uint_eq(seen.exits, 2);
	ck_assert_uint_eq(call(0, "boot", "s", "disk:1,\\vmlinux"), 0);
	ck_assert_str_eq(seen.boot, "disk:1,\\vmlinux");
	ck_assert_uint_eq(call1("interpret", "s", "cr"), NONE);
	ck_assert_uint_eq(call1("test", "s", "getprop"), 0);
	ck_assert_uint_eq(call1("test", "s", "getprops"), NONE);
	ck_assert_uint_eq(call(0, "start-cpu", "xxx", cpu, 0x100, 5), 0);
	ck_assert(seen.unit == 8 && seen.pc == 0x100 && seen.r3 == 5);
	ck_assert_uint_eq(call(0, "start-cpu", "xxx", call1("finddevice", "s", "/cpus"), 0x100, 5),
			  UINT64_MAX);
	ck_assert_uint_eq(call(1, "dance", ""), UINT64_MAX);
	ck_assert_uint_eq(ret[0], 0xdeadbeef);
	ck_assert_uint_eq(call(1, "getprop", "xs", cpu, "reg"), UINT64_MAX); /* too few */
}
END_TEST

START_TEST(bad_argument_arrays)
{
	static const uint64_t at[] = { RAM_SIZE,   RAM_SIZE - 4, RAM_SIZE - 12,	 0xfffffffc,
				       0xffffffff, UINT64_MAX,	 UINT64_MAX - 11 };

	ram_fill(m->ram, RAM_SIZE - 16, 0xff, 16);
	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		ck_assert_uint_eq(of_client(of, at[i]), UINT64_MAX);
	call(1, "milliseconds", "");
	for (unsigned i = 1; i < 3; i++) {
		uint32_t was;

		ram_ld32(m->ram, ARGS + i * 4, &was);
		ram_st32(m->ram, ARGS + i * 4, 17);
		ck_assert_uint_eq(of_client(of, ARGS), UINT64_MAX);
		ram_st32(m->ram, ARGS + i * 4, NONE);
		ck_assert_uint_eq(of_client(of, ARGS), UINT64_MAX);
		ram_st32(m->ram, ARGS + i * 4, was);
	}
	ck_assert_uint_eq(of_client(of, ARGS), 0);
	/* A name without an end, at the end of RAM and in the middle. */
	ram_fill(m->ram, RAM_SIZE - 2, 'a', 2);
	ram_st32(m->ram, ARGS, RAM_SIZE - 2);
	ck_assert_uint_eq(of_client(of, ARGS), UINT64_MAX);
	ram_fill(m->ram, BUF, 'a', BUF_SIZE);
	ram_st32(m->ram, ARGS, BUF);
	ck_assert_uint_eq(of_client(of, ARGS), UINT64_MAX);
	/* An array whose results would end after RAM. */
	ram_st32(m->ram, RAM_SIZE - 12, STRINGS);
	ram_st32(m->ram, RAM_SIZE - 8, 0);
	ram_st32(m->ram, RAM_SIZE - 4, 0);
	ck_assert_uint_eq(of_client(of, RAM_SIZE - 12), 0);
	ram_st32(m->ram, RAM_SIZE - 4, 1);
	ck_assert_uint_eq(of_client(of, RAM_SIZE - 12), UINT64_MAX);
}
END_TEST

START_TEST(bad_flattened_trees)
{
	uint32_t len = fdt_totalsize(fdt);
	uint8_t *bad = g_malloc0(len);
	GError *err = NULL;

	for (uint32_t n = 0; n < len; n += 7) {
		ck_assert(!of_set_fdt(of, fdt, n, &err));
		g_clear_error(&err);
	}
	ck_assert(!of_set_fdt(of, bad, len, &err));
	g_clear_error(&err);
	srandom(3);
	for (unsigned i = 0; i < 3000; i++) {
		memcpy(bad, fdt, len);
		for (long k = random() % 5; k >= 0; k--)
			bad[(uint32_t)random() % len] = (uint8_t)random();
		if (!of_set_fdt(of, bad, len, &err) && !err)
			ck_abort_msg("refused without a reason");
		g_clear_error(&err);
	}
	ck_assert(of_set_fdt(of, fdt, len, NULL));
	ck_assert_uint_ne(call1("finddevice", "s", "/vdevice/nvram@71000001"), NONE);
	g_free(bad);
}
END_TEST

START_TEST(trees_too_deep_are_refused)
{
	GError *err = NULL;

	g_free(fdt);
	fdt = g_malloc0(8192);
	fdt_create(fdt, 8192);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	for (unsigned i = 0; i < OF_DEPTH_MAX; i++)
		fdt_begin_node(fdt, "n");
	for (unsigned i = 0; i < OF_DEPTH_MAX; i++)
		fdt_end_node(fdt);
	fdt_end_node(fdt);
	ck_assert_int_eq(fdt_finish(fdt), 0);
	ck_assert(!of_set_fdt(of, fdt, fdt_totalsize(fdt), &err));
	ck_assert_str_eq(err->message,
			 "device tree: node 'n': bad name, depth or phandle, or too many");
	g_clear_error(&err);
	ck_assert(call1("finddevice", "s", "/chosen") != NONE); /* the old one stands */
}
END_TEST

START_TEST(a_machine_without_a_console_gets_a_silent_one)
{
	uint32_t chosen;

	machine_reset(m);
	g_free(fdt);
	fdt = g_malloc0(8192);
	ck_assert_int_eq(fdt_create_empty_tree(fdt, 8192), 0);
	ck_assert(of_set_fdt(of, fdt, fdt_totalsize(fdt), NULL));
	chosen = call1("finddevice", "s", "/chosen");
	ck_assert_uint_eq(call1("getprop", "xsxx", chosen, "stdout", BUF, 4), 4);
	ck_assert_uint_eq(call1("instance-to-path", "xxx", ld32_be(buf()), BUF, 100), 1);
	ck_assert_str_eq(buf(), "/");
	ck_assert_uint_eq(call1("getproplen", "xs", chosen, "cpu"), NONE);
}
END_TEST

START_TEST(saved_in_the_middle_of_a_boot)
{
	uint32_t chosen = call1("finddevice", "s", "/chosen"), rtas = call1("open", "s", "/rtas:x");
	GString *before = g_string_new(NULL), *after = g_string_new(NULL);
	unsigned left = 100;
	InStream in;
	OutStream o;

	call1("setprop", "xsxx", chosen, "mine", BUF, 4);
	call1("claim", "xxx", 0x1000000, 0x1000, 0);
	walk(call1("peer", "x", 0), 0, before, &left);
	out_init(&o);
	vm_save(of_type.state, of, &o);
	machine_reset(m);
	ck_assert_uint_eq(call1("finddevice", "s", "/chosen"), NONE);
	in_init(&in, o.buf->data, o.buf->len);
	ck_assert(vm_load(of_type.state, of, &in, "/firmware", NULL));
	ck_assert(of_type.loaded(&of->dev, NULL));
	walk(call1("peer", "x", 0), 0, after, &left);
	ck_assert_str_eq(before->str, after->str);
	ck_assert_uint_eq(call1("finddevice", "s", "/chosen"), chosen);
	ck_assert_uint_eq(call1("instance-to-path", "xxx", rtas, BUF, 100), 7);
	ck_assert_str_eq(buf(), "/rtas:x");
	ck_assert_uint_eq(call1("claim", "xxx", 0x1000fff, 1, 0), NONE);
	in_free(&in);
	out_free(&o);
	g_string_free(before, TRUE);
	g_string_free(after, TRUE);
}
END_TEST

/* What a client finds of the memory node, after it has looked at it once and set things. */
static char *memory_node_set(bool saved_between)
{
	uint32_t mem = call1("finddevice", "s", "/memory"), left = 100;
	GString *all = g_string_new(NULL);
	InStream in;
	OutStream o;

	call1("getproplen", "xs", mem, "available");
	if (saved_between) {
		out_init(&o);
		vm_save(of_type.state, of, &o);
		machine_reset(m);
		in_init(&in, o.buf->data, o.buf->len);
		ck_assert(vm_load(of_type.state, of, &in, "/firmware", NULL));
		ck_assert(of_type.loaded(&of->dev, NULL));
		in_free(&in);
		out_free(&o);
	}
	call1("setprop", "xsxx", mem, "mine", BUF, 4);
	call1("setprop", "xsxx", mem, "available", BUF, 8);
	call1("getproplen", "xs", mem, "available");
	walk(call1("peer", "x", 0), 0, all, &left);
	return g_string_free(all, FALSE);
}

/* A save before the client's next change forgot "available", which then came after it. */
START_TEST(a_save_changes_no_order_of_properties)
{
	g_autofree char *whole = memory_node_set(false), *part = NULL;

	teardown();
	setup();
	part = memory_node_set(true);
	ck_assert_str_eq(whole, part);
}
END_TEST

START_TEST(damaged_trees_of_snapshots)
{
	GByteArray *good = of_tree_save(of->tree);
	GError *err = NULL;
	OfTree *t;

	for (guint n = 0; n < good->len; n++) {
		if (of_tree_load(good->data, n, &err))
			ck_abort_msg("loads %u of %u bytes", n, good->len);
		g_clear_error(&err);
	}
	srandom(5);
	for (unsigned i = 0; i < 5000; i++) {
		uint8_t *bad = g_memdup2(good->data, good->len);

		for (long k = random() % 4; k >= 0; k--)
			bad[(guint)random() % good->len] = (uint8_t)random();
		t = of_tree_load(bad, good->len, &err);
		if (!t && !err)
			ck_abort_msg("refused without a reason");
		g_clear_error(&err);
		of_tree_free(t);
		g_free(bad);
	}
	t = of_tree_load(good->data, good->len, NULL);
	ck_assert_ptr_nonnull(t);
	of_tree_free(t);
	g_byte_array_unref(good);
}
END_TEST

Suite *suite_of(void)
{
	Suite *s = suite_create("of");
	TCase *tc = tcase_create("of");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, entry_and_guest_words);
	tcase_add_test(tc, images_over_each_other_or_outside);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, short_buffers_get_what_fits);
	tcase_add_test(tc, the_whole_tree);
	tcase_add_test(tc, properties);
	tcase_add_test(tc, a_client_cannot_grow_the_tree_without_end);
	tcase_add_test(tc, claims);
	tcase_add_test(tc, claims_at_random);
	tcase_add_test(tc, the_list_of_claims_is_finite);
	tcase_add_test(tc, available_memory);
	tcase_add_test(tc, console);
	tcase_add_test(tc, instances_are_finite);
	tcase_add_test(tc, rtas_is_put_where_the_client_says);
	tcase_add_test(tc, client_architecture_support_gives_a_new_tree);
	tcase_add_test(tc, control);
	tcase_add_test(tc, bad_argument_arrays);
	tcase_add_test(tc, bad_flattened_trees);
	tcase_add_test(tc, trees_too_deep_are_refused);
	tcase_add_test(tc, a_machine_without_a_console_gets_a_silent_one);
	tcase_add_test(tc, saved_in_the_middle_of_a_boot);
	tcase_add_test(tc, a_save_changes_no_order_of_properties);
	tcase_add_test(tc, damaged_trees_of_snapshots);
	suite_add_tcase(s, tc);
	return s;
}
