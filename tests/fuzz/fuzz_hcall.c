/*
 * The partition under hostile input: a pseries machine of two CPUs whose guest
 * makes hypercalls and RTAS calls with arguments the input picks, and writes the
 * input's bytes into memory between them.  No instruction is executed.
 *
 * Records: 0 = eight bytes to an address; 1 = a load or store of registers;
 * 2 = terminal input; others = a hypercall.  A value is two bytes: which
 * interesting number, and what is added to it.
 */
#include "base/bits.h"
#include "base/log.h"
#include "hw/machines/pseries.h"

#define RAM_SIZE (UINT64_C(256) << 20)
#define CALLS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input {
	const uint8_t *p, *end;
} Input;

static uint8_t byte(Input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

static uint64_t value(Input *in)
{
	static const uint64_t base[] = {
		0,
		0x1000,
		0x8000,
		RAM_SIZE,
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
		UINT64_C(3) << 45,
		UINT64_C(1) << 62,
		UINT64_C(1) << 63,
		0x08000000,
		0x20000000,
		0x200000,
		0x10010,
		0x1190,
	};
	uint64_t v = base[byte(in) % ARRAY_LEN(base)];

	return v + (uint64_t)(int64_t)(int8_t)byte(in);
}

static uint32_t function(uint8_t b)
{
	static const uint32_t special[] = { 0xf000, 0xf001, 0xf002, 0xf003, 0xf005, 0xef10, 0x298,
					    0x2ec,  0x2fc,  0x31c,  0x37c,  0x380,  0x45c,  0x448 };

	return b < 128 ? b * 4u : b < 200 ? special[b % ARRAY_LEN(special)] : 0x3a8 + b % 12 * 4u;
}

static Pseries *make(void)
{
	const MachineConfig cfg = { .smp = 2, .ram = RAM_SIZE, .seed_set = true, .seed = 1 };
	VClock *clock = vclock_new(VCLOCK_COUNTED, hostclock_real(), 1);
	Machine *m = machine_type_find("pseries")->create(&cfg, loop_new(), clock, NULL);

	if (!m)
		bug("no machine to fuzz");
	return m->board;
}

/* RTAS, with a block of arguments of its own. */
static void rtas(Pseries *p, Input *in)
{
	uint32_t nargs = byte(in) & 15, nret = byte(in) & 15;
	uint8_t token = byte(in);

	ram_st32(p->m->ram, 0x8000, 0x2000u + (token & 63));
	ram_st32(p->m->ram, 0x8004, nargs);
	ram_st32(p->m->ram, 0x8008, nret);
	for (uint32_t i = 0; i < nargs; i++)
		ram_st32(p->m->ram, 0x800c + 4 * i, (uint32_t)value(in));
	spapr_rtas(p->spapr, token >> 6 & 1, 0x8000);
}

static void registers(Pseries *p, Input *in)
{
	uint8_t how = byte(in), buf[8] = { 0 };
	unsigned size = 1u << (how >> 1 & 3);
	uint64_t at = value(in) & ~(uint64_t)(size - 1);

	at += (uint64_t)(how >> 3) << 8;
	if (at < RAM_SIZE)
		return;
	if (how & 1)
		bus_write(p->m->bus, at, buf, size);
	else
		bus_read(p->m->bus, at, buf, size);
}

static void step(Pseries *p, Input *in)
{
	uint64_t r[13], at;
	uint8_t kind = byte(in), text[8];

	switch (kind) {
	case 0:
		at = value(in);
		for (unsigned i = 0; i < sizeof(text); i++)
			text[i] = byte(in);
		ram_write(p->m->ram, at, text, sizeof(text));
		break;
	case 1: registers(p, in); break;
	case 2: spapr_powerdown(p->spapr); break;
	case 3 ... 30: rtas(p, in); break;
	default:
		r[3] = function(byte(in));
		for (unsigned i = 4; i < 13; i++)
			r[i] = value(in);
		if (r[3] == 0xf001)
			r[7] &= 0xffff; /* slow, not wrong */
		spapr_hypercall(p->spapr, kind & 1, r);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Pseries *p;
	Input in = { data, data + size };
	GError *err = NULL;

	if (!p)
		p = make();
	machine_lock(p->m);
	machine_reset(p->m);
	for (unsigned i = 0; i < CALLS_MAX && in.p < in.end; i++)
		step(p, &in);
	/* Whatever the guest did, its state can be saved and loaded. */
	for (guint i = 0; i < p->m->devices->len; i++) {
		Device *d = p->m->devices->pdata[i];

		if (d->type->loaded && !d->type->loaded(d, &err))
			bug("%s", err->message);
	}
	machine_unlock(p->m);
	loop_turn(p->m->loop, 0);
	return 0;
}
