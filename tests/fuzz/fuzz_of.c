/*
 * The firmware under hostile input: flattened trees, saved state, and clients.
 * The first byte chooses.  Trees and state are the input's bytes, or good ones with
 * the input's changes (offset, offset, value); a client's input is a list of
 * calls, each of a service, a number of cells and cells that index interesting
 * values.
 */
#include <string.h>
#include <libfdt.h>
#include "base/bits.h"
#include "core/machine.h"
#include "roms/of.h"
#include "roms/of_int.h"

#define RAM_SIZE (1u << 20)
#define ARGS 0x20000u
#define NAMES 0x30000u /* strings, 64 bytes each */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"test",
	"peer",
	"child",
	"parent",
	"finddevice",
	"canon",
	"getprop",
	"getproplen",
	"nextprop",
	"setprop",
	"instance-to-package",
	"package-to-path",
	"instance-to-path",
	"call-method",
	"test-method",
	"open",
	"close",
	"read",
	"write",
	"seek",
	"claim",
	"release",
	"boot",
	"enter",
	"exit",
	"quiesce",
	"interpret",
	"milliseconds",
	"start-cpu",
	"/",
	"/chosen",
	"/rtas",
	"/cpus/@0",
	"/vdevice/vty:1/2:3",
	"vty",
	"vty/x:y",
	"/a//b@,0",
	"instantiate-rtas",
	"ibm,client-architecture-support",
	"name",
	"phandle",
	"available",
	"stdout",
	"reg",
	"#address-cells",
	"#size-cells",
	"device_type",
	"stdout-path",
	"",
};

enum { CALL_METHOD = 13, METHODS = 37 }; /* places in names[] */

static void node(void *fdt, const char *name, const char *type)
{
	fdt_begin_node(fdt, name);
	if (type)
		fdt_property_string(fdt, "device_type", type);
}

static void make_fdt(void *fdt, int size)
{
	fdt_create(fdt, size);
	fdt_finish_reservemap(fdt);
	node(fdt, "", NULL);
	node(fdt, "aliases", NULL);
	fdt_property_string(fdt, "vty", "/vdevice/vty");
	fdt_end_node(fdt);
	node(fdt, "memory@0", "memory");
	fdt_end_node(fdt);
	node(fdt, "rtas", NULL);
	fdt_end_node(fdt);
	node(fdt, "cpus", NULL);
	node(fdt, "PowerPC,POWER9@0", "cpu");
	fdt_property_u32(fdt, "reg", 0);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	node(fdt, "vdevice", NULL);
	node(fdt, "vty@71000000", "serial");
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_finish(fdt);
}

static bool board_cas(void *opaque, uint64_t vec)
{
	Of *const *of = opaque;
	uint8_t *fdt = g_malloc0(4096);
	bool ok;

	if (vec & 2) /* a machine of which most is gone */
		fdt_create_empty_tree(fdt, 4096);
	else
		make_fdt(fdt, 4096);
	ok = !(vec & 1) && of_set_fdt(*of, fdt, 4096, NULL);
	g_free(fdt);
	return ok;
}

static size_t board_io(void *opaque, void *buf, size_t len)
{
	(void)opaque;
	memset(buf, 'x', MIN(len, 7));
	return MIN(len, 7);
}

static void board_void(void *opaque)
{
	(void)opaque;
}

static void board_boot(void *opaque, const char *spec)
{
	(void)opaque;
	if (strlen(spec) > OF_SPEC_MAX)
		g_error("boot of a long name");
}

static uint64_t board_milliseconds(void *opaque)
{
	(void)opaque;
	return 5;
}

static bool board_start_cpu(void *opaque, uint32_t unit, uint64_t pc, uint64_t r3)
{
	(void)opaque;
	return (unit ^ pc ^ r3) & 1;
}

/* A cell: a handle, a place of RAM, a string, a number. */
static uint32_t cell(Of *of, uint8_t b)
{
	static const uint32_t numbers[] = {
		0, 1, 4, 0x100, 0x10000, RAM_SIZE - 1, RAM_SIZE, 0x7fffffff, 0x80000000, 0xffffffff
	};

	switch (b >> 6) {
	case 0: return NAMES + (b & 63) % ARRAY_LEN(names) * 64;
	case 1: return b & 32 ? OF_IHANDLE_FIRST + (b & 31) : OF_PHANDLE_FIRST + (b & 31);
	case 2: return numbers[(b & 63) % ARRAY_LEN(numbers)];
	default: return (b & 63u) * (of->dev.machine->ram->size >> 6) + (b & 3u);
	}
}

static void client(Of *of, const uint8_t *p, size_t n)
{
	Ram *ram = of->dev.machine->ram;

	while (n >= 3) {
		unsigned nargs = p[1] & 15, nret = p[1] >> 4, at = 0;

		ram_st32(ram, ARGS, cell(of, p[0] & 63));
		ram_st32(ram, ARGS + 4, nargs);
		ram_st32(ram, ARGS + 8, nret);
		if (p[0] >> 6 == 1) { /* a method of an instance that may have it */
			ram_st32(ram, ARGS, NAMES + CALL_METHOD * 64);
			ram_st32(ram, ARGS + 12, NAMES + (METHODS + (p[1] & 1)) * 64);
			ram_st32(ram, ARGS + 16, OF_IHANDLE_FIRST + (p[1] >> 1 & 7));
			at = 2;
		}
		for (unsigned i = 0; at < nargs && i + 2 < n; i++, at++)
			ram_st32(ram, ARGS + 12 + at * 4, cell(of, p[2 + i]));
		of_client(of, p[0] >> 6 == 2 ? cell(of, p[2]) : ARGS);
		/* A call may have written over them. */
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			ram_write(ram, NAMES + i * 64, names[i], strlen(names[i]) + 1);
		nargs = MIN(nargs + 2, (unsigned)n);
		p += nargs;
		n -= nargs;
	}
	if (!of_mem_check(of))
		g_error("claims out of order");
}

static void state(Of *of, const uint8_t *p, size_t n)
{
	GError *err = NULL;

	g_free(of->flat);
	of->flat = g_memdup2(p, n);
	of->flat_len = (uint32_t)n;
	if (of_type.loaded(&of->dev, &err)) {
		GByteArray *again = of_tree_save(of->tree);

		if (n && (again->len != n || memcmp(again->data, p, n) != 0))
			g_error("loads and saves differently");
		g_byte_array_unref(again);
	} else if (!err) {
		g_error("refused without a reason");
	}
	g_clear_error(&err);
}

/* The good bytes with the input's changes, as the caller's to free. */
static uint8_t *changed(const uint8_t *good, size_t len, const uint8_t *p, size_t n)
{
	uint8_t *b = g_memdup2(good, len);

	for (; n >= 3; p += 3, n -= 3)
		b[ld16_be(p) % len] = p[2];
	return b;
}

/* A tree, or the state of one, as bytes of the input say. */
static void tree(Of *of, bool saved, bool whole, const uint8_t *p, size_t n)
{
	uint8_t *b, fdt[1024] __attribute__((aligned(8))) = { 0 };
	GByteArray *good;
	size_t len = n;

	make_fdt(fdt, sizeof(fdt));
	if (whole) {
		b = g_memdup2(p, n); /* aligned, as trees must be */
	} else if (saved) {
		of_set_fdt(of, fdt, sizeof(fdt), NULL);
		good = of_tree_save(of->tree);
		b = changed(good->data, len = good->len, p, n);
		g_byte_array_unref(good);
	} else {
		b = changed(fdt, len = fdt_totalsize(fdt), p, n);
	}
	if (saved)
		state(of, b, len);
	else
		of_set_fdt(of, b, (uint32_t)len, NULL);
	g_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Machine *m; /* one for all inputs; reset makes it new */
	static Of *of;
	const OfBoard board = {
		.opaque = &of,
		.cas = board_cas,
		.read = board_io,
		.exit = board_void,
		.quiesce = board_void,
		.boot = board_boot,
		.milliseconds = board_milliseconds,
		.start_cpu = board_start_cpu,
	};

	if (!size)
		return 0;
	if (!m) {
		m = machine_new("fuzz", loop_new(),
				vclock_new(VCLOCK_COUNTED, hostclock_real(), 1));
		m->ram = ram_new(RAM_SIZE, NULL);
		m->bus = bus_new(m->ram);
		of = of_new(m, &board, NULL);
	}
	machine_lock(m);
	machine_reset(m);
	if (data[0] & 1) {
		tree(of, data[0] & 2, data[0] & 4, data + 1, size - 1);
	} else {
		board_cas(&of, 0);
		of_boot_prepare(of, &(OfImages){ .kernel = 0x40000, .kernel_size = 0x1000 },
				&(OfEntry){ 0 }, NULL);
		of_open(of, "/");
		of_open(of, "/rtas");
		client(of, data + 1, size - 1);
	}
	machine_unlock(m);
	return 0;
}
