/* The monitor: its commands on a small machine of the test's own, and its line editing. */
#define _GNU_SOURCE
#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "app/migrate.h"
#include "app/monitor.h"
#include "app/version.h"
#include "base/bits.h"
#include "base/log.h"

enum { RAM_SIZE = 1 << 20 };

static App app;
static Options opts;
static Monitor *mon;
static char *dir;
static int resets, powerdowns, nmis;

static char *show_cpu(Machine *m, unsigned n, bool all)
{
	(void)m;
	return g_strdup_printf("registers of %u%s", n, all ? ", all\n" : "\n");
}

/* Effective is physical plus 0x10000000, so that x and xp differ. */
static bool debug_read(Machine *m, unsigned n, uint64_t ea, void *buf, size_t len)
{
	(void)n;
	return ram_read(m->ram, ea - 0x10000000, buf, len);
}

static unsigned disas(Machine *m, unsigned n, uint64_t addr, bool real, GString *out)
{
	uint32_t w;

	(void)n;
	if (!ram_ld32(m->ram, real ? addr : addr - 0x10000000, &w))
		return 0;
	g_string_append_printf(out, "op %08x", w);
	return 4;
}

static bool get_reg(Machine *m, unsigned n, const char *name, uint64_t *v)
{
	(void)m;
	(void)n;
	*v = 0x10000100;
	return !strcmp(name, "nip");
}

static void powerdown(Machine *m)
{
	(void)m;
	powerdowns++;
}

static void nmi(Machine *m)
{
	(void)m;
	nmis++;
}

static void show_clock(Machine *m, GString *out)
{
	(void)m;
	g_string_append(out, "timebase\n");
}

static void board_reset(void *board)
{
	(void)board;
	resets++;
}

static uint64_t vcpu_run(Vcpu *v, uint64_t max)
{
	(void)v;
	return max;
}

static bool vcpu_runnable(Vcpu *v)
{
	(void)v;
	return false;
}

static uint64_t vcpu_partial(Vcpu *v)
{
	(void)v;
	return 0;
}

static const VcpuOps vcpu_ops = { .run = vcpu_run,
				  .runnable = vcpu_runnable,
				  .partial = vcpu_partial };
static Vcpu vcpus[2];

static const MachineType type = {
	.name = "box",
	.max_cpus = 2,
	.default_ram = RAM_SIZE,
	.show_cpu = show_cpu,
	.debug_read = debug_read,
	.disas = disas,
	.nmi = nmi,
	.powerdown = powerdown,
	.show_clock = show_clock,
	.get_reg = get_reg,
};

static void setup_with(const char *const *args, int n)
{
	Machine *m;

	memset(&app, 0, sizeof(app));
	memset(vcpus, 0, sizeof(vcpus));
	resets = powerdowns = nmis = 0;
	ck_assert(options_parse(&opts, n, args, NULL));
	app.opts = &opts;
	app.type = &type;
	app.loop = loop_new();
	app.clock = vclock_new(VCLOCK_COUNTED, hostclock_real(), 1);
	m = machine_new("box", app.loop, app.clock);
	m->ram = ram_new(RAM_SIZE, NULL);
	m->bus = bus_new(m->ram);
	m->board_reset = board_reset;
	for (int i = 0; i < 2; i++) {
		vcpus[i].ops = &vcpu_ops;
		vcpus[i].machine = m;
		vcpus[i].index = i;
		vcpu_add(m, &vcpus[i]);
	}
	machine_lock(m);
	app_attach_machine(&app, m);
	mon = monitor_new(&app, NULL);
}

static void setup(void)
{
	const char *args[] = {
		"peppercorn", "-name", "guest one", "-snapdir", NULL, "-nodefaults"
	};

	dir = g_dir_make_tmp("pcorn-mon-XXXXXX", NULL);
	ck_assert_ptr_nonnull(dir);
	args[4] = dir;
	setup_with(args, G_N_ELEMENTS(args));
}

static void teardown(void)
{
	machine_stop(app.machine, STOP_USER);
	machine_unlock(app.machine);
	monitor_free(mon);
	machine_free(app.machine);
	options_free(&opts);
	g_rmdir(dir);
	g_free(dir);
	log_topics = 0;
}

static void is(const char *line, const char *answer)
{
	GString *out = g_string_new(NULL);

	monitor_run(mon, line, out);
	ck_assert_str_eq(out->str, answer);
	g_string_free(out, TRUE);
}

static void has(const char *line, const char *part)
{
	GString *out = g_string_new(NULL);

	monitor_run(mon, line, out);
	ck_assert_msg(strstr(out->str, part) != NULL, "%s: %s: not in: %s", line, part, out->str);
	g_string_free(out, TRUE);
}

START_TEST(test_names)
{
	is("", "");
	is("   # a comment", "");
	is("foo", "Error: unknown command 'foo'; try 'help'\n");
	is("savevn x", "Error: unknown command 'savevn'; did you mean 'savevm'?\n");
	is("info statsu", "Error: unknown command 'info statsu'; did you mean 'info status'?\n");
	is("stop/4", "Error: stop takes no format\n");
	is("savevm", "Error: usage: savevm NAME [parent=NAME]\n");
	is("quit now", "Error: usage: quit\n");
	is("savevm \"x", "Error: a quote is not closed\n");
	has("help", "\nsavevm NAME [parent=NAME] -- ");
	has("help info", "info registers [-a|N] -- ");
	is("help stop", "stop|s -- stop the machine\n");
	is("? s", "stop|s -- stop the machine\n");
	has("help info cpus", "info cpus -- ");
	is("help nonsense", "Error: unknown command 'nonsense'; try 'help'\n");
}
END_TEST

START_TEST(test_run_state)
{
	is("info status", "VM status: paused (prelaunch)\n");
	is("c", "");
	is("info status", "VM status: running\n");
	is("stop", "");
	is("info status", "VM status: paused\n");
	is("cont", "");
	is("system_reset", "");
	ck_assert_int_eq(resets, 1);
	is("info status", "VM status: running\n");
	machine_stop(app.machine, STOP_SHUTDOWN);
	is("info status", "VM status: paused (shutdown)\n");
	is("c", "Error: the guest has ended; system_reset begins anew\n");
	is("system_reset", "");
	is("info status", "VM status: paused (prelaunch)\n");
	is("c", "");
	is("system_powerdown", "");
	ck_assert_int_eq(powerdowns, 1);
	is("nmi", "");
	ck_assert_int_eq(nmis, 1);
	ck_assert(!app.quitting);
	is("q", "");
	ck_assert(app.quitting);
	ck_assert_int_eq(app.status, 0);
}
END_TEST

START_TEST(test_guest_ends)
{
	is("c", "");
	app.machine->on_shutdown(app.machine->on_opaque, STOP_SHUTDOWN);
	ck_assert(app.quitting && !machine_running(app.machine));
	app.quitting = false;
	opts.no_shutdown = true;
	app.machine->on_shutdown(app.machine->on_opaque, STOP_SHUTDOWN);
	ck_assert(!app.quitting);
	is("info status", "VM status: paused (shutdown)\n");
	opts.no_shutdown = false;
	opts.panic = PANIC_EXIT_FAILURE;
	app.machine->on_shutdown(app.machine->on_opaque, STOP_PANIC);
	ck_assert(app.quitting);
	ck_assert_int_eq(app.status, 1);
	app.quitting = false;
	opts.panic = PANIC_PAUSE;
	app.machine->on_shutdown(app.machine->on_opaque, STOP_PANIC);
	ck_assert(!app.quitting);
	is("info status", "VM status: paused (guest-panicked)\n");
	opts.panic = PANIC_NONE;
	app.machine->on_shutdown(app.machine->on_opaque, STOP_PANIC);
	is("info status", "VM status: running\n");
	app.machine->on_reset(app.machine->on_opaque);
	ck_assert_int_eq(resets, 1);
	ck_assert(machine_running(app.machine));
	opts.no_reboot = true;
	app.machine->on_reset(app.machine->on_opaque);
	ck_assert_int_eq(resets, 1);
	ck_assert(app.quitting);
}
END_TEST

START_TEST(test_memory)
{
	static const char text[] = "A'\n\\\x7f\x01zz";

	for (int i = 0; i < 8; i++)
		ram_st32(app.machine->ram, 0x100 + 4u * (unsigned)i,
			 0x01020304u * (unsigned)(i + 1));
	ram_write(app.machine->ram, 0x200, text, 8);
	ram_st64(app.machine->ram, 0x300, UINT64_MAX);
	is("xp/5xw 0x100", "0000000000000100: 0x01020304 0x02040608 0x0306090c 0x04080c10\n"
			   "0000000000000110: 0x050a0f14\n");
	is("xp /2xg 256", "0000000000000100: 0x0102030402040608 0x0306090c04080c10\n");
	is("xp/9xb 0x100", "0000000000000100: 0x01 0x02 0x03 0x04 0x02 0x04 0x06 0x08\n"
			   "0000000000000108: 0x03\n");
	is("xp/2dh 0x300", "0000000000000300:    -1    -1\n");
	is("xp/1uh 0x300", "0000000000000300: 65535\n");
	is("xp/1dg 0x300", "0000000000000300:                   -1\n");
	is("xp/1ob 0x100", "0000000000000100:  01\n");
	is("xp/6c 0x200", "0000000000000200: 'A' '\\'' '\\n' '\\\\' '\\x7f' '\\x01'\n");
	is("x/1xw 0x10000100", "0000000010000100: 0x01020304\n");
	/* The format stays for the next time, the count does not. */
	is("x 0x10000104", "0000000010000104: 0x02040608\n");
	is("x/1xw $pc+4", "0000000010000104: 0x02040608\n");
	is("x/2i $nip", "0x10000100:  op 01020304\n0x10000104:  op 02040608\n");
	is("x/1xw 0x100", "Error: 0000000000000100: cannot access memory\n");
	is("xp/3xw 0xffff8", "00000000000ffff8: 0x00000000 0x00000000\n"
			     "Error: 0000000000100000: cannot access memory\n");
	is("xp/1xg 0xfffffffffffffffc", "Error: fffffffffffffffc: cannot access memory\n");
	is("x/1i 0", "Error: 0000000000000000: cannot access memory\n");
	is("xp/2i 0x100", "0x00000100:  op 01020304\n0x00000104:  op 02040608\n");
	is("xp 0x108", "0x00000108:  op 0306090c\n");
	is("xp/1i 0xffffffffff", "Error: 000000ffffffffff: cannot access memory\n");
	is("x/xyz 0", "Error: 'y': not a letter of a format (x d u o c i, b h w g)\n");
	is("x/99999999xw 0", "Error: more than 65536 items\n");
	is("x/4xw", "Error: usage: x /FMT ADDR\n");
	is("sum 0x100 4", "08198\n");
	is("sum 0xfffff 2", "Error: not all of it is RAM\n");
}
END_TEST

START_TEST(test_expressions)
{
	char deep[400];

	is("p 3+4*2", "0xb\n");
	is("p -5", "0xfffffffffffffffb\n");
	is("p/d 3+4*2", "11\n");
	is("p (3+4)*2", "14\n");
	is("p -5", "-5\n");
	is("p/dw 0xffffffff", "4294967295\n");
	is("xp 0x300", "0000000000000300:          0\n");
	is("print /x 0xf0|0x0f&0x3", "0xf3\n");
	is("p/x -1", "0xffffffffffffffff\n");
	is("xp/1i 0x300", "0x00000300:  op 00000000\n");
	is("p 17", "0x11\n");
	is("p/d ~0", "-1\n");
	is("p 7 % 4 - 10 / 3", "0\n");
	is("p/x $pc", "0x10000100\n");
	is("p/u 0xffffffffffffffff", "18446744073709551615\n");
	is("p 1/0", "Error: division by zero\n");
	is("p 1%0", "Error: division by zero\n");
	is("p 1+", "Error: expression ends early\n");
	is("p (1", "Error: a parenthesis is not closed\n");
	is("p 1)", "Error: ')': not expected here\n");
	is("p 12ab", "Error: 12ab: not a number\n");
	is("p 99999999999999999999", "Error: 99999999999999999999: not a number\n");
	is("p $zz", "Error: $zz: there is no such register\n");
	is("p @", "Error: '@': not an expression\n");
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = 0;
	deep[0] = 'p';
	deep[1] = ' ';
	is(deep, "Error: expression is nested too deep\n");
}
END_TEST

START_TEST(test_info)
{
	is("info version", PEPPERCORN_VERSION "\n");
	is("info name", "guest one\n");
	is("info uuid", "00000000-0000-0000-0000-000000000000\n");
	is("info cpus", "* CPU #0: (halted)\n  CPU #1: (halted)\n");
	is("cpu 1", "");
	is("info cpus", "  CPU #0: (halted)\n* CPU #1: (halted)\n");
	is("cpu 2", "Error: 2: there is no such CPU\n");
	is("info registers", "\nCPU#1\nregisters of 1, all\n");
	is("info registers 0", "\nCPU#0\nregisters of 0, all\n");
	is("info registers -a", "\nCPU#0\nregisters of 0, all\n\nCPU#1\nregisters of 1, all\n");
	is("info registers 2", "Error: 2: there is no such CPU\n");
	is("info registers x", "Error: x: neither -a nor the number of a CPU\n");
	is("info clock", "driver: counted, 1 ns per instruction\nV: 0 ns\n"
			 "policy: auto (frozen now); downtimes added: 0 ns\ntimebase\n");
	is("time_policy", "auto\n");
	is("time_policy nonsense", "Error: nonsense: neither auto, realtime nor frozen\n");
	is("time_policy realtime", "");
	has("info clock", "policy: realtime; downtimes added: 0 ns\n");
	is("time_policy auto", "");
	is("info device /nope", "Error: /nope: there is no such device; info qtree lists them\n");
	irq_set(irq_new(app.machine, "line", NULL, NULL, 0), 1);
	is("info irq", "1 line\n");
	has("info", "info status -- ");
}
END_TEST

START_TEST(address_space_is_a_tree)
{
	static const BusOps ops = { .read = NULL };
	Bus *b = app.machine->bus;
	BusRegion *r;

	bus_map(b, "flash", 0x200000, 0x100000, &ops, NULL);
	bus_map(b, "left", 0x400000, 0x100000, &ops, NULL);
	r = bus_map(b, "right", 0x10000000, 0x100000, &ops, NULL);
	bus_move(b, r, 0x480000, true);
	r = bus_map(b, "in-flash", 0x11000000, 0x1000, &ops, NULL);
	bus_move(b, r, 0x210000, true);
	r = bus_map(b, "in-in-flash", 0x11000000, 0x10, &ops, NULL);
	bus_move(b, r, 0x210020, true);
	r = bus_map(b, "off", 0x12000000, 0x1000, &ops, NULL);
	bus_move(b, r, 0x12000000, false);
	r = bus_map(b, "end", 0x13000000, 0x1000, &ops, NULL);
	bus_move(b, r, UINT64_MAX - 0xff, true);
	is("info mtree", "address-space: memory\n"
			 "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n"
			 "    0000000000000000-00000000000fffff (prio 0, ram): ram\n"
			 "    0000000000200000-00000000002fffff (prio 0, i/o): flash\n"
			 "      0000000000210000-0000000000210fff (prio 0, i/o): in-flash\n"
			 "        0000000000210020-000000000021002f (prio 0, i/o): in-in-flash\n"
			 "    0000000000400000-00000000004fffff (prio 0, i/o): left\n"
			 "    0000000000480000-000000000057ffff (prio 1, i/o): right\n"
			 "    0000000012000000-0000000012000fff (prio 0, i/o): off [disabled]\n"
			 "    ffffffffffffff00-ffffffffffffffff (prio 0, i/o): end\n");
	/* RAM wins over what is moved there. */
	bus_move(b, r, 0x1000, true);
	has("info mtree", "0000000000000000-00000000000fffff (prio 1, ram): ram\n"
			  "    0000000000001000-0000000000001fff (prio 0, i/o): end\n");
}
END_TEST

typedef struct Thing {
	Device dev;
	uint64_t size;
	uint32_t unit;
	bool fast;
	uint8_t pad[3];
	char *label;
	void *irq, *other, *board;
} Thing;

static const Prop thing_props[] = {
	{ .name = "unit", .kind = PROP_U32, .offset = offsetof(Thing, unit), .def = 26 },
	{ .name = "size", .kind = PROP_U64, .offset = offsetof(Thing, size) },
	{ .name = "fast", .kind = PROP_BOOL, .offset = offsetof(Thing, fast), .def = 1 },
	{ .name = "label", .kind = PROP_STR, .offset = offsetof(Thing, label), .def_str = "x" },
	{ .name = "irq", .kind = PROP_PTR, .offset = offsetof(Thing, irq) },
	{ .name = "other", .kind = PROP_PTR, .offset = offsetof(Thing, other) },
	{ .name = "board", .kind = PROP_PTR, .offset = offsetof(Thing, board) },
	{ .name = NULL },
};
static const DeviceType thing_type = { .name = "thing",
				       .size = sizeof(Thing),
				       .props = thing_props };
static const DeviceType bare_type = { .name = "bare", .size = sizeof(Device) };

START_TEST(devices_are_a_tree)
{
	static const BusOps ops = { .read = NULL };
	Device *bridge = device_new(&bare_type, app.machine, "/pci@1");
	Device *vty = device_new(&bare_type, app.machine, "/vdevice/vty@2");
	Thing *t = device_new(&thing_type, app.machine, "/pci@1/thing@3");

	device_set_u64(t, "size", UINT64_C(1) << 40);
	device_set_ptr(t, "irq", irq_new(app.machine, "pci-a", NULL, NULL, 0));
	device_set_ptr(t, "other", bridge);
	device_set_ptr(t, "board", mon);
	ck_assert(device_realize(bridge, NULL));
	ck_assert(device_realize(t, NULL));
	ck_assert(device_realize(vty, NULL));
	bus_map(app.machine->bus, "registers", 0x200000, 0x1000, &ops, t);
	is("info qtree", "bus: main-system-bus\n"
			 "  type System\n"
			 "  dev: bare, id \"/pci@1\"\n"
			 "    bus: pci@1\n"
			 "      type bare\n"
			 "      dev: thing, id \"/pci@1/thing@3\"\n"
			 "        unit = 26 (0x1a)\n"
			 "        size = 1099511627776 (0x10000000000)\n"
			 "        fast = true\n"
			 "        label = \"x\"\n"
			 "        irq = \"pci-a\"\n"
			 "        other = \"/pci@1\"\n"
			 "        mmio 0000000000200000/0000000000001000\n"
			 "  bus: vdevice\n"
			 "    type vdevice\n"
			 "    dev: bare, id \"/vdevice/vty@2\"\n");
	/* What it calls a device, info device knows. */
	is("info device /pci@1/thing@3", "");
}
END_TEST

START_TEST(test_ramhash)
{
	GString *a = g_string_new(NULL), *b = g_string_new(NULL);

	monitor_run(mon, "info ramhash", a);
	ck_assert_uint_eq(a->len, 9);
	ram_st32(app.machine->ram, 0x8000, 1);
	monitor_run(mon, "info ramhash", b);
	ck_assert_str_ne(a->str, b->str);
	g_string_free(a, TRUE);
	g_string_free(b, TRUE);
}
END_TEST

START_TEST(test_snapshots)
{
	uint32_t v;

	is("info snapshots", "There is no snapshot available.\n");
	ram_st32(app.machine->ram, 0x1000, 42);
	is("c", "");
	is("savevm one", "");
	is("info status", "VM status: running\n");
	has("info snapshots", "\none ");
	ram_st32(app.machine->ram, 0x1000, 43);
	is("loadvm one", "");
	is("info status", "VM status: running\n");
	has("info snapshots", "\n0 of 256 pages written since a snapshot was saved or loaded\n");
	ram_ld32(app.machine->ram, 0x1000, &v);
	ck_assert_uint_eq(v, 42);
	has("loadvm two", "Error: ");
	is("info status", "VM status: running\n");
	is("savevm a/b", "Error: 'a/b': no slash or control character in a snapshot's name\n");
	is("savevm ''", "Error: '': a snapshot's name has 1 to 200 bytes and no leading dot\n");
	is("delvm ..", "Error: '..': a snapshot's name has 1 to 200 bytes and no leading dot\n");
	/* A guest that had shut down lives again. */
	machine_stop(app.machine, STOP_SHUTDOWN);
	is("loadvm one", "");
	is("c", "");
	is("savevm two one", "Error: savevm: 'one' is not parent=NAME\n");
	has("savevm two parent=none", "none.snap: No such file");
	has("savevm one parent=one", "cannot be its own parent");
	is("savevm two parent=one", "");
	has("info snapshots", "  parent=one\n");
	is("loadvm two", "");
	has("delvm one", "one.snap: is the parent of two\n");
	has("savevm one", "one.snap: is the parent of two\n");
	is("delvm two", "");
	is("delvm one", "");
	has("delvm one", "Error: ");
	is("info snapshots", "There is no snapshot available.\n");
}
END_TEST

START_TEST(test_migrate_settings)
{
	app.migration = migration_new(&app);
	is("info migrate_capabilities",
	   "compress: off\nmultifd: off\npause-before-switchover: off\npostcopy-ram: off\n"
	   "ram-handover: on\n");
	is("migrate_set_capability multifd on", "");
	is("info migrate_capabilities",
	   "compress: off\nmultifd: on\npause-before-switchover: off\npostcopy-ram: off\n"
	   "ram-handover: on\n");
	is("migrate_set_capability multifd maybe", "Error: maybe: neither on nor off\n");
	is("migrate_set_capability xbzrle on",
	   "Error: xbzrle: there is compress, multifd, pause-before-switchover, "
	   "postcopy-ram, ram-handover\n");
	is("migrate_set_parameter multifd-channels 0", "Error: 0: not a number from 1 to 255\n");
	is("migrate_set_parameter multifd-channels 7", "");
	is("migrate_set_parameter multifd-compression lzma",
	   "Error: lzma: neither none nor zstd\n");
	is("migrate_set_parameter multifd-compression none", "");
	is("migrate_set_parameter multifd-zstd-level 21", "Error: 21: not a number from 0 to 20\n");
	is("migrate_set_parameter tls-hostname there.example", "");
	is("migrate_set_parameter max-bandwidth 1G", "");
	is("info migrate_parameters", "max-bandwidth: 1073741824 bytes/second\n"
				      "max-postcopy-bandwidth: 0 bytes/second\n"
				      "downtime-limit: 100 ms\ncheck-ram: off\n"
				      "multifd-channels: 7\nmultifd-compression: none\n"
				      "multifd-zstd-level: 1\ntls-creds: ''\n"
				      "tls-hostname: 'there.example'\n");
	is("migrate exec:cat", "Error: exec:cat: multifd needs several connections: tcp, unix\n");
	is("migrate_set_capability multifd off", "");
	is("migrate_set_parameter tls-creds nobody", "");
	is("migrate file:/dev/null", "Error: tls-creds nobody: there is no -object of that id\n");
	migration_free(app.migration);
	app.migration = NULL;
}
END_TEST

START_TEST(guest_on_its_way_is_left_alone)
{
	g_autofree char *line = g_strdup_printf("migrate_incoming unix:%s/s", dir);
	const char *no = "Error: the guest is on its way\n";

	app.migration = migration_new(&app);
	app.machine->stop_reason = STOP_INCOMING;
	opts.incoming = g_strdup("defer");
	machine_hold_input(app.machine, true);
	/* Nothing has come yet. */
	is("system_reset", "");
	ck_assert_uint_eq(resets, 1);
	is(line, "");
	is("system_reset", no);
	is("system_powerdown", no);
	is("nmi", no);
	ck_assert_uint_eq(resets + powerdowns + nmis, 1);
	migration_free(app.migration);
	app.migration = NULL;
	app.machine->stop_reason = STOP_FINISH;
	is("stop", "Error: the last of a migration is under way; migrate_cancel first\n");
	app.machine->stop_reason = STOP_USER;
	is("nmi", "");
	ck_assert_uint_eq(nmis, 1);
}
END_TEST

START_TEST(test_log)
{
	is("log int,mmu", "");
	ck_assert_uint_eq(log_topics, LOG_INT | LOG_MMU);
	has("log nonsense", "Error: ");
	ck_assert_uint_eq(log_topics, LOG_INT | LOG_MMU);
	is("log none", "");
	ck_assert_uint_eq(log_topics, 0);
	has("log help", "guest_errors");
	has("logfile /nonexistent/x", "Error: ");
	is("chardev-send-break serial0", "Error: serial0: there is no such character device\n");
}
END_TEST

/* What a user sees who types at it. */
START_TEST(test_typing)
{
	static const struct {
		const char *type, *see;
	} cases[] = {
		{ "info statuz\bs\r", "info statuz\b \bs\r\nVM status: paused (prelaunch)\r\n"
				      "(peppercorn) " },
		{ "x\x15\r\n", "x\b \b\r\n(peppercorn) " },
		{ "\n", "\r\n(peppercorn) " },
		{ "\x1b[A", "info status" },
		{ "\x17\x17", "\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b" },
		{ "zz\x03", "zz\r\n(peppercorn) " },
		{ "\x1b[C\x1bOD\t", "" },
		{ "\x1b[A\x1b[B",
		  "info status\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b" },
	};
	char *path = g_build_filename(dir, "sock", NULL);
	const CharSocket addr = { .path = path, .server = true };
	Chardev *c = char_socket_new("m", app.loop, &addr, NULL);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	Monitor *m = monitor_new(&app, c);
	char buf[512];

	for (int round = 0; round < 2; round++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

		g_strlcpy(sa.sun_path, path, sizeof(sa.sun_path));
		ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
		for (int i = 0; i < 4; i++)
			loop_turn(app.loop, 2);
		memset(buf, 0, sizeof(buf));
		ck_assert_int_gt(read(fd, buf, sizeof(buf) - 1), 0);
		ck_assert_str_eq(buf, "Peppercorn " PEPPERCORN_VERSION
				      " monitor - type 'help' for more information\r\n"
				      "(peppercorn) ");
		for (size_t i = 0; !round && i < G_N_ELEMENTS(cases); i++) {
			ck_assert_int_gt(write(fd, cases[i].type, strlen(cases[i].type)), 0);
			for (int j = 0; j < 4; j++)
				loop_turn(app.loop, 2);
			memset(buf, 0, sizeof(buf));
			ck_assert_int_ge(read(fd, buf, sizeof(buf) - 1), *cases[i].see ? 1 : -1);
			ck_assert_str_eq(buf, cases[i].see);
		}
		close(fd);
		for (int i = 0; i < 4; i++)
			loop_turn(app.loop, 2);
	}
	char_close(c);
	char_free(c);
	monitor_free(m);
	g_free(path);
}
END_TEST

static int64_t fixed_time(void *opaque)
{
	return *(int64_t *)opaque;
}

/* What the options make of the guest's date. */
START_TEST(test_rtc)
{
	static const int64_t s = 1000000000;
	static const struct {
		const char *rtc, *icount;
		bool host;
		int64_t base;
	} cases[] = {
		{ NULL, NULL, true, 0 },
		{ "base=1970-01-02", NULL, true, 86400 - 5000 },
		{ "clock=vm", NULL, false, 5000 },
		{ "base=1970-01-02,clock=vm", NULL, false, 86400 },
		{ NULL, "0", false, 1767225600 },
		{ "base=utc", "0", false, 5000 },
		{ "clock=host", "0", true, 0 },
	};
	int64_t now = 5000 * s;
	const HostClock host = { fixed_time, fixed_time, &now };
	MachineConfig cfg;
	App a = { .type = &type };
	Options o;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *args[5] = { "peppercorn" };
		int n = 1;

		if (cases[i].rtc) {
			args[n++] = "-rtc";
			args[n++] = cases[i].rtc;
		}
		if (cases[i].icount) {
			args[n++] = "-icount";
			args[n++] = cases[i].icount;
		}
		ck_assert(options_parse(&o, n, args, NULL));
		a.opts = &o;
		app_machine_config(&a, &cfg, &host);
		ck_assert_int_eq(cfg.rtc_host, cases[i].host);
		ck_assert_int_eq(cfg.rtc_base, cases[i].base * s);
		ck_assert_uint_eq(cfg.ram, RAM_SIZE);
		ck_assert_int_eq(cfg.seed_set, cases[i].icount != NULL);
		options_free(&o);
	}
}
END_TEST

Suite *suite_monitor(void);
Suite *suite_monitor(void)
{
	Suite *s = suite_create("monitor");
	TCase *t = tcase_create("monitor");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_run_state);
	tcase_add_test(t, test_guest_ends);
	tcase_add_test(t, test_memory);
	tcase_add_test(t, test_expressions);
	tcase_add_test(t, test_info);
	tcase_add_test(t, address_space_is_a_tree);
	tcase_add_test(t, devices_are_a_tree);
	tcase_add_test(t, test_ramhash);
	tcase_add_test(t, test_snapshots);
	tcase_add_test(t, test_migrate_settings);
	tcase_add_test(t, guest_on_its_way_is_left_alone);
	tcase_add_test(t, test_log);
	tcase_add_test(t, test_typing);
	tcase_add_test(t, test_rtc);
	suite_add_tcase(s, t);
	return s;
}
