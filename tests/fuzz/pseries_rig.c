#define _GNU_SOURCE
#include "tests/fuzz/pseries_rig.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/log.h"
#include "base/stream.h"

#define CALL_MS 1000 /* no call may take longer, sanitizers and all */

static char *kernel_path;
static int tima_server; /* who loads and stores TIMA */

uint8_t input_byte(Input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

uint64_t input_value(Input *in)
{
	static const uint64_t base[] = {
		0,
		0x1000,
		GUEST_ARGS,
		GUEST_RAM,
		UINT32_MAX,
		UINT64_MAX,
		INT64_MAX,
		0x71000000,
		SPAPR_PHB_LIOBN,
		SPAPR_PHB_WINDOWS,
		XIVE_ESB_BASE,
		XIVE_TIMA_BASE,
		SPAPR_IRQ_EPOW,
		SPAPR_IRQ_VIO,
		SPAPR_IRQ_PCI,
		0x2000,
		0x100,
		UINT64_C(1) << 32,
		UINT64_C(1) << 39,
		UINT64_C(1) << 45,
		UINT64_C(2) << 45,
		UINT64_C(3) << 45,
		UINT64_C(1) << 62,
		UINT64_C(1) << 63,
		0x08000000,
		0x20000000,
		0x200000,
		0x10010,
		0x1190,
		0x10000,
		0x40000,
		0x20000,
		16,
		12,
		21,
		24,
		SPAPR_PHB_BUID >> 32,
		SPAPR_PHB_BUID,
		UINT64_C(0xff) << 24,
		0x0f000004,
		0x0f000005,
		UINT64_C(1) << 31,
		0x400000,
	};
	uint8_t k = input_byte(in), add = input_byte(in);
	uint64_t v = 0;

	if (k >= 0xf0)
		return in->last[k & 3] + (uint64_t)(int64_t)(int8_t)add;
	if (k >= 0xe8) {
		for (unsigned i = 0; i < 8; i++)
			v = v << 8 | input_byte(in);
		return v;
	}
	v = base[k % ARRAY_LEN(base)];
	return k & 0x80 ? v | (uint64_t)add << 8 : v + (uint64_t)(int64_t)(int8_t)add;
}

static int current_server(void *opaque)
{
	(void)opaque;
	return tima_server;
}

static void remove_kernel(void)
{
	unlink(kernel_path);
	g_free(kernel_path);
}

/* The least a kernel is: a segment that branches to itself. */
static const char *kernel(void)
{
	uint8_t b[128] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	int fd;

	if (kernel_path)
		return kernel_path;
	st16_le(b + 16, 2);
	st16_le(b + 18, 21);
	st64_le(b + 24, UINT64_C(0xc000000000000000));
	st64_le(b + 32, 64);
	st16_le(b + 54, 56);
	st16_le(b + 56, 1);
	st32_le(b + 64, 1);
	st64_le(b + 64 + 8, 120);
	st64_le(b + 64 + 16, UINT64_C(0xc000000000000000));
	st64_le(b + 64 + 32, 4);
	st64_le(b + 64 + 40, 4);
	st32_le(b + 120, 0x48000000);
	fd = g_file_open_tmp("fuzz-kernel-XXXXXX", &kernel_path, NULL);
	if (fd < 0 || write(fd, b, sizeof(b)) != sizeof(b))
		bug("no kernel to fuzz with");
	close(fd);
	atexit(remove_kernel);
	return kernel_path;
}

static Pseries *make(unsigned kind)
{
	MachineConfig cfg = { .smp = 2, .ram = GUEST_RAM, .seed_set = true, .seed = 1 };
	VClock *clock = vclock_new(VCLOCK_COUNTED, hostclock_real(), 1);
	GError *err = NULL;
	Machine *m;
	Pseries *p;

	cfg.props = g_hash_table_new(g_str_hash, g_str_equal);
	cfg.kernel = kernel();
	if (kind == 1)
		cfg.cpu = "power8";
	if (kind == 2) {
		g_hash_table_insert(cfg.props, "ic-mode", "xive");
		g_hash_table_insert(cfg.props, "mmu-mode", "radix");
	}
	m = machine_type_find("pseries")->create(&cfg, loop_new(), clock, &err);
	if (!m)
		bug("%s", err->message);
	g_hash_table_unref(cfg.props);
	p = m->board;
	p->xive_board.current = current_server;
	madvise(m->ram->host, GUEST_RAM, MADV_NOHUGEPAGE);
	return p;
}

Pseries *guest_begin(unsigned kind)
{
	static Pseries *all[GUEST_KINDS];
	Pseries *p;

	kind %= GUEST_KINDS;
	if (!all[kind])
		all[kind] = make(kind);
	p = all[kind];
	machine_lock(p->m);
	vclock_stop(p->m->clock);
	vclock_set(p->m->clock, 1000);
	/* Fresh pages of zeros are cheaper than zeros. */
	ram_written(p->m->ram, 0, GUEST_RAM);
	madvise(p->m->ram->host, GUEST_RAM, MADV_DONTNEED);
	machine_reset(p->m);
	vclock_start(p->m->clock);
	return p;
}

void guest_end(Pseries *p)
{
	machine_unlock(p->m);
	loop_turn(p->m->loop, 0);
}

static int64_t cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void called(const char *what, uint64_t which, int64_t since)
{
	if (cpu_ms() - since > CALL_MS)
		bug("%s 0x%" PRIx64 " took %" PRIi64 " ms", what, which, cpu_ms() - since);
}

static uint32_t function(uint8_t b)
{
	static const uint32_t special[] = {
		0xf000, 0xf001, 0xf002, 0xf003, 0xf005, 0xef10, 0x298, 0x2ec,
		0x2fc,	0x31c,	0x37c,	0x380,	0x45c,	0x448,	0x2b0, 0x2fc,
	};

	return b < 128 ? b * 4u : b < 200 ? special[b % ARRAY_LEN(special)] : 0x3a8 + b % 12 * 4u;
}

void guest_hypercall(Pseries *p, Input *in)
{
	unsigned cpu = input_byte(in) & 1;
	uint64_t r[13] = { 0 }, fn;
	int64_t since;

	fn = r[3] = function(input_byte(in));
	for (unsigned i = 4; i < 13; i++)
		r[i] = input_value(in);
	if (fn == 0xf001 && r[7] > 0x10000 && !(r[7] & 64))
		r[7] &= 0xffff; /* long ones are allowed, but let them be rare */
	since = cpu_ms();
	spapr_hypercall(p->spapr, cpu, r);
	called("hypercall", fn, since);
	memcpy(in->last, r + 4, sizeof(in->last));
}

void guest_rtas(Pseries *p, Input *in)
{
	uint8_t how = input_byte(in), token = input_byte(in);
	uint32_t nargs = how & 15, nret = how >> 4;
	uint64_t at = GUEST_ARGS;
	int64_t since;

	if (token & 0x80)
		at = input_value(in);
	ram_st32(p->m->ram, at, 0x2000u + (token & 63));
	ram_st32(p->m->ram, at + 4, nargs);
	ram_st32(p->m->ram, at + 8, nret);
	for (uint32_t i = 0; i < nargs; i++)
		ram_st32(p->m->ram, at + 12 + 4 * i, (uint32_t)input_value(in));
	since = cpu_ms();
	spapr_rtas(p->spapr, token >> 6 & 1, at);
	called("RTAS call", token & 63u, since);
}

/* Bytes of the input into memory. */
static void memory(Pseries *p, Input *in)
{
	uint64_t at = input_value(in);
	uint8_t n = input_byte(in), b;

	for (unsigned i = 0; i < n; i++) {
		b = input_byte(in);
		ram_write(p->m->ram, at + i, &b, 1);
	}
}

static void registers(Pseries *p, Input *in)
{
	uint8_t how = input_byte(in), buf[16] = { 0 };
	unsigned size = how & 64 ? how >> 1 & 15 : 1u << (how >> 1 & 3);
	uint64_t at = input_value(in);

	if (how & 16)
		at += (uint64_t)input_byte(in) << 8 | (uint64_t)input_byte(in) << 16;
	tima_server = (how >> 5 & 3) - 1;
	if (at < GUEST_RAM || !size)
		return;
	for (unsigned i = 0; i < size; i++)
		buf[i] = (uint8_t)(how * i);
	if (how & 1)
		bus_write(p->m->bus, at, buf, size);
	else
		bus_read(p->m->bus, at, buf, size);
}

static void outside(Pseries *p, Input *in)
{
	Machine *m = p->m;
	SpaprVty *v = p->spapr->vtys->pdata[0];
	uint8_t how = input_byte(in), text[16];

	switch (how & 7) {
	case 0: spapr_powerdown(p->spapr); break;
	case 1:
	case 2:
		vclock_warp(m->clock, vclock_now(m->clock) + (INT64_C(1) << ((how >> 3) + 10)));
		vclock_run_timers(m->clock);
		break;
	case 3:
		if (p->spapr->line[how >> 3])
			irq_set(p->spapr->line[how >> 3], input_byte(in) & 1);
		break;
	case 4:
		memset(text, how, sizeof(text));
		for (unsigned i = 0; i < (how >> 3); i++)
			v->fifo[v->in - v->out < SPAPR_VTY_FIFO ? v->in++ % SPAPR_VTY_FIFO : 0] =
				text[0];
		break;
	default: /* what was posted: reset, power-off */
		machine_unlock(m);
		loop_turn(m->loop, 0);
		machine_lock(m);
		if (!vclock_running(m->clock))
			vclock_start(m->clock);
	}
}

void guest_step(Pseries *p, Input *in)
{
	uint8_t kind = input_byte(in);

	switch (kind) {
	case 0 ... 15: memory(p, in); break;
	case 16 ... 47: registers(p, in); break;
	case 48 ... 63: outside(p, in); break;
	case 64 ... 95: guest_rtas(p, in); break;
	default: guest_hypercall(p, in);
	}
}

/* Saves, loads what was saved, lets the device look at it. */
static void again(Device *d, OutStream *saved)
{
	GError *err = NULL;
	InStream in;

	out_init(saved);
	vm_save(d->type->state, d, saved);
	in_init(&in, saved->buf->data, saved->buf->len);
	if (!vm_load(d->type->state, d, &in, d->path, &err) ||
	    (d->type->loaded && !d->type->loaded(d, &err)))
		bug("the machine refuses its own state: %s", err->message);
	in_free(&in);
}

static void check_tables(Pseries *p)
{
	for (guint i = 0; i < p->m->devices->len; i++) {
		Device *d = p->m->devices->pdata[i];
		OutStream first, second;

		if (!d->type->state)
			continue;
		/* The first load may catch up with what was under way (a decrementer). */
		again(d, &first);
		out_free(&first);
		again(d, &first);
		again(d, &second);
		if (first.buf->len != second.buf->len ||
		    memcmp(first.buf->data, second.buf->data, first.buf->len) != 0)
			bug("%s: saves, loads and saves differently", d->path);
		out_free(&first);
		out_free(&second);
	}
}

void guest_check(Pseries *p, bool thorough)
{
	GError *err = NULL;

	for (guint i = 0; i < p->m->devices->len; i++) {
		Device *d = p->m->devices->pdata[i];

		if (d->type->loaded && !d->type->loaded(d, &err))
			bug("the machine refuses its own state: %s", err->message);
	}
	if (thorough)
		check_tables(p);
}
