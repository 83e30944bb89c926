/*
 * A bare program that finds out by itself whether ticks of the decrementer are lost, added,
 * or come early, over whatever is done to the machine it runs on.  No kernel: a user program
 * cannot read DEC.  For pseries, any number of CPUs up to 8; entered by Open Firmware.
 * Arguments (-append): every=MILLISECONDS between lines, periods=MICROSECONDS,... one per CPU.
 *
 * DEC and TB count together (Power ISA Book III, "Decrementer"): K = TB + DEC, the timebase at
 * which DEC reads 0, is constant from one mtdec to the next.  A look reads TB, DEC, TB: K lies
 * in [TB1 + DEC, TB2 + DEC].  All looks since the last mtdec have a K in common, or a tick was
 * lost or added; what they have in common soon is a tick or two.
 *
 * Each CPU has a grid of points, FIRST + n * PERIOD, and sets DEC to run out at the next one.
 * At each it is interrupted with MSR[EE] on (spinning, or ceded to the hypervisor), or it
 * polls with MSR[EE] off and takes the interrupt then, or sets DEC without taking it, after
 * which none must come.  No interrupt may come before TB has passed K; grid points that
 * passed while another one was waiting count as late; interrupts + polled + late are the
 * points passed, always.
 *
 * No timebase is less than one that any CPU has seen before.  PURR, SPURR and VTB never go back,
 * and PURR never gains on TB: TB - PURR is stolen time, bracketed as K is; each growth of it
 * is counted as a jump.
 *
 * Lines: READY; TICKS and the counts of all CPUs; FAULT and what was wrong.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPUS_MAX 8
#define STACK 16384
#define FAULTS_MAX 20
#define SPIN_LOOKS 2000 /* of a long period, before the CPU cedes after all */
#define CLAMP (INT64_C(1) << 30)

#define H_PUT_TERM_CHAR 0x58
#define H_CEDE 0xe0
#define H_PROD 0xe8

/* Bounds of something constant; what all that was seen of it has in common. */
typedef struct Range {
	uint64_t lo, hi;
} Range;

typedef struct Cpu {
	uint64_t stack; /* ticks.S */
	uint64_t index, server, period;
	volatile uint64_t steps; /* grid points met; changes under the feet of who has EE on */
	Range k;		 /* of the present decrementer */
	uint64_t next;		 /* grid point */
	uint64_t behind;	 /* ticks awake with EE on, DEC negative, and not interrupted */
	uint64_t last_look, last_prod;
	Range stolen; /* TB - PURR */
	uint64_t purr, spurr, vtb;
	volatile uint64_t waiting; /* the interrupt that `steps` counts is to come */

	/* What lines tell, read by CPU 0 while `version` is even and stays so. */
	volatile uint64_t version;
	uint64_t first, ints, polled, late, clamped, jumps;
	uint64_t narrow, lateness, behind_most, looks;
	bool runs;
} Cpu;

typedef struct Text {
	char text[2048];
	unsigned n;
} Text;

Cpu cpus[CPUS_MAX] __attribute__((visibility("hidden")));
static uint8_t stacks[CPUS_MAX][STACK] __attribute__((aligned(64)));
extern char another_cpu[] __attribute__((visibility("hidden")));
extern char common[] __attribute__((visibility("hidden")));
uint64_t call_firmware(void *args, uint64_t r4, uint64_t entry)
	__attribute__((visibility("hidden")));
void begin(uint64_t firmware);
void run(void);
void interrupt(uint64_t vector, uint64_t srr0, uint64_t srr1, uint64_t now);

static unsigned ncpus, dec_bits, faults;
static uint64_t frequency, every, vty, newest, print_lock, firmware_entry, line_at, lines;

register Cpu *self __asm__("r13");

/* Machine */

static inline uint64_t timebase(void)
{
	uint64_t v;

	__asm__ volatile("mfspr %0, 268" : "=r"(v) : : "memory");
	return v;
}

static inline void set_ee(bool on)
{
	uint64_t v = on ? 0x8000 : 0;

	v |= 2; /* MSR[RI] goes with it */
	__asm__ volatile("mtmsrd %0, 1" : : "r"(v) : "memory");
}

static int64_t hcall(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	register uint64_t r3 __asm__("r3") = number;
	register uint64_t r4 __asm__("r4") = a;
	register uint64_t r5 __asm__("r5") = b;
	register uint64_t r6 __asm__("r6") = c;
	register uint64_t r7 __asm__("r7") = d;

	__asm__ volatile("sc 1"
			 : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
			 :
			 : "r0", "r8", "r9", "r10", "r11", "r12", "ctr", "lr", "xer", "cr0", "cr1",
			   "cr5", "cr6", "cr7", "memory");
	return (int64_t)r3;
}

/* The compiler calls it for structs. */
void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
	return to;
}

/* Text */

static void put(Text *t, char c)
{
	if (t->n < sizeof(t->text))
		t->text[t->n++] = c;
}

static void put_number(Text *t, uint64_t v, unsigned base)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = (char)(v % base < 10 ? '0' + v % base : 'a' + v % base - 10);
		v /= base;
	} while (v);
	while (n)
		put(t, digits[--n]);
}

/* %s, %u (uint64_t), %d (int64_t), %x (uint64_t); nothing else. */
static void format(Text *t, const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(t, *fmt);
			continue;
		}
		fmt++;
		if (*fmt == 's') {
			for (const char *s = va_arg(ap, const char *); *s; s++)
				put(t, *s);
		} else if (*fmt == 'd') {
			int64_t v = va_arg(ap, int64_t);

			if (v < 0)
				put(t, '-');
			put_number(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10);
		} else {
			put_number(t, va_arg(ap, uint64_t), *fmt == 'x' ? 16 : 10);
		}
	}
}

static void add(Text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(t, fmt, ap);
	va_end(ap);
}

static uint64_t eight(const char *s, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | (i < n ? (uint8_t)s[i] : 0);
	return v;
}

/* A whole line; nobody else's comes between.  EE off. */
static void print(Text *t)
{
	put(t, '\n');
	while (__atomic_exchange_n(&print_lock, 1, __ATOMIC_ACQUIRE))
		;
	for (unsigned at = 0, n; at < t->n; at += n) {
		n = t->n - at < 16 ? t->n - at : 16;
		while (hcall(H_PUT_TERM_CHAR, vty, n, eight(t->text + at, n),
			     n > 8 ? eight(t->text + at + 8, n - 8) : 0))
			;
	}
	__atomic_store_n(&print_lock, 0, __ATOMIC_RELEASE);
}

static void fault(const char *fmt, ...)
{
	Text t;
	va_list ap;

	if (__atomic_fetch_add(&faults, 1, __ATOMIC_RELAXED) >= FAULTS_MAX)
		return;
	t.n = 0;
	add(&t, "FAULT cpu %u: ", self->index);
	va_start(ap, fmt);
	format(&t, fmt, ap);
	va_end(ap);
	print(&t);
}

/* Looking */

static int64_t signed_dec(uint64_t v)
{
	return dec_bits == 32 ? (int32_t)v : (int64_t)v;
}

/* What [*lo, *hi] has in common with r. */
static void meet(const Range *r, uint64_t *lo, uint64_t *hi)
{
	if ((int64_t)(r->lo - *lo) > 0)
		*lo = r->lo;
	if ((int64_t)(*hi - r->hi) > 0)
		*hi = r->hi;
}

/*
 * A jump of time must not take a 32-bit decrementer through its negative half: after one, DEC
 * reads no less than -2^30, and K is later than it was.  It is known by where DEC would be.
 */
static bool is_clamped(const Cpu *c, uint64_t tb1, int64_t dec)
{
	return dec_bits == 32 && dec <= -CLAMP && (int64_t)(tb1 - c->k.hi) > CLAMP;
}

/* DEC at one moment between TB1 and TB2.  EE off. */
static void seen(Cpu *c, uint64_t tb1, uint64_t raw, uint64_t tb2)
{
	int64_t dec = signed_dec(raw);
	uint64_t lo = tb1 + (uint64_t)dec, hi = tb2 + (uint64_t)dec;

	c->looks++;
	if ((int64_t)(lo - c->k.hi) > 0 || (int64_t)(c->k.lo - hi) > 0) {
		if ((int64_t)(lo - c->k.hi) > 0 && is_clamped(c, tb1, dec))
			c->clamped++;
		else
			fault("DEC %d with TB %u to %u: it runs out at %u to %u, but was to at %u "
			      "to %u",
			      dec, tb1, tb2, lo, hi, c->k.lo, c->k.hi);
		c->k = (Range){ lo, hi };
		return;
	}
	meet(&c->k, &lo, &hi);
	c->k = (Range){ lo, hi };
	if (c->k.hi - c->k.lo < c->narrow)
		c->narrow = c->k.hi - c->k.lo;
}

#define READ_TB_DEC_TB(tb1, dec, tb2)                                                              \
	__asm__ volatile("mfspr %0, 268\n\tmfspr %1, 22\n\tmfspr %2, 268"                          \
			 : "=&r"(tb1), "=&r"(dec), "=&r"(tb2)                                      \
			 :                                                                         \
			 : "memory")

/* No timebase is less than one that was seen before, whoever saw it. */
static void look_at_tb(void)
{
	uint64_t before = __atomic_load_n(&newest, __ATOMIC_SEQ_CST), tb, was = before;

	__asm__ volatile("sync" : : : "memory");
	tb = timebase();
	if (tb < before)
		fault("TB %u, but %u was seen before", tb, before);
	while (was < tb && !__atomic_compare_exchange_n(&newest, &was, tb, false, __ATOMIC_SEQ_CST,
							__ATOMIC_SEQ_CST))
		;
}

static void never_back(const char *name, uint64_t *last, uint64_t v)
{
	if (v < *last)
		fault("%s %u after %u", name, v, *last);
	*last = v;
}

static void look_at_purr(Cpu *c)
{
	uint64_t tb1, purr, tb2, spurr, vtb, lo, hi;

	__asm__ volatile("mfspr %0, 268\n\tmfspr %1, 309\n\tmfspr %2, 268\n\t"
			 "mfspr %3, 308\n\tmfspr %4, 849"
			 : "=&r"(tb1), "=&r"(purr), "=&r"(tb2), "=&r"(spurr), "=&r"(vtb)
			 :
			 : "memory");
	never_back("PURR", &c->purr, purr);
	never_back("SPURR", &c->spurr, spurr);
	never_back("VTB", &c->vtb, vtb);
	lo = tb1 - purr;
	hi = tb2 - purr;
	if ((int64_t)(c->stolen.lo - hi) > 0)
		fault("PURR has gained on TB: %u to %u between them, %u to %u before", lo, hi,
		      c->stolen.lo, c->stolen.hi);
	else if ((int64_t)(lo - c->stolen.hi) > 0)
		c->jumps++;
	else
		meet(&c->stolen, &lo, &hi);
	c->stolen = (Range){ lo, hi };
}

/* The grid */

/* DEC runs out at the next point of the grid; how many are late. */
static uint64_t arm(Cpu *c)
{
	uint64_t before = timebase(), after, points = 0, v;

	while ((int64_t)(c->next - before) <= 0) {
		points += (before - c->next) / c->period + 1;
		c->next += ((before - c->next) / c->period + 1) * c->period;
		before = timebase();
	}
	v = c->next - before;
	__asm__ volatile("mtspr 22, %1\n\tmfspr %0, 268" : "=r"(after) : "r"(v) : "memory");
	c->k = (Range){ before + v, after + v };
	return points ? points - 1 : 0;
}

/* DEC has run out.  EE off; `now`: a timebase since. */
static void step(Cpu *c, uint64_t now, uint64_t *counter)
{
	if ((int64_t)(now - c->k.lo) <= 0)
		fault("early: TB is %u, DEC runs out at %u to %u", now, c->k.lo, c->k.hi);
	if ((int64_t)(now - c->k.hi) > 0 && now - c->k.hi > c->lateness)
		c->lateness = now - c->k.hi;
	c->version++;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (c->behind > c->behind_most)
		c->behind_most = c->behind;
	c->behind = 0;
	++*counter;
	c->late += arm(c);
	c->steps++;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	c->version++;
}

static void stop_here(void)
{
	for (;;)
		;
}

void interrupt(uint64_t vector, uint64_t srr0, uint64_t srr1, uint64_t now)
{
	uint64_t tb1, dec, tb2;
	Cpu *c = self;

	if (vector != 0x900) {
		fault("interrupt %x at %x, SRR1 %x", vector, srr0, srr1);
		stop_here();
	}
	READ_TB_DEC_TB(tb1, dec, tb2);
	seen(c, tb1, dec, tb2);
	if (signed_dec(dec) >= 0)
		fault("interrupted at %x with DEC %d", srr0, signed_dec(dec));
	step(c, now, &c->ints);
}

/* DEC negative, EE on, no interrupt: counted in ticks, but not those that nobody was here. */
static void count_behind(Cpu *c, uint64_t dec, uint64_t tb)
{
	uint64_t gone = tb - c->last_look;

	c->last_look = tb;
	if (signed_dec(dec) >= 0 || gone > frequency / 8)
		return;
	c->behind += gone;
	if (c->behind > 2 * frequency) {
		fault("DEC has been %d for long, interrupts are on, none comes", signed_dec(dec));
		c->behind = 0;
	}
}

/* EE on, as long as nothing comes; at most `most` looks. */
static void spin(Cpu *c, uint64_t steps, unsigned most)
{
	uint64_t tb1, dec, tb2;

	c->last_look = timebase();
	for (unsigned n = 0; n < most && c->steps == steps; n++) {
		set_ee(true);
		READ_TB_DEC_TB(tb1, dec, tb2);
		set_ee(false);
		if (c->steps != steps)
			break;
		seen(c, tb1, dec, tb2);
		count_behind(c, dec, tb2);
		look_at_tb();
	}
}

/* EE off; whether DEC is negative. */
static bool poll(Cpu *c, unsigned most)
{
	uint64_t tb1, dec, tb2;

	for (unsigned n = 0; n < most; n++) {
		READ_TB_DEC_TB(tb1, dec, tb2);
		seen(c, tb1, dec, tb2);
		look_at_tb();
		if (signed_dec(dec) < 0)
			return true;
	}
	return false;
}

static void put_line(void)
{
	uint64_t before = timebase();
	Text t;

	t.n = 0;
	add(&t, "TICKS %u tb %u faults %u", ++lines, before, (uint64_t)faults);
	for (unsigned i = 0; i < ncpus; i++) {
		const Cpu *c = &cpus[i];
		uint64_t version;
		Cpu is;

		do {
			version = c->version;
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			is = *c;
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
		} while (version & 1 || version != c->version);
		add(&t, " cpu %u period %u ints %u polled %u late %u first %u next %u", is.index,
		    is.period, is.ints, is.polled, is.late, is.first, is.next);
		add(&t, " narrow %u lateness %u behind %u looks %u", is.narrow, is.lateness,
		    is.behind_most, is.looks);
		add(&t, " stolen %d width %u jumps %u clamped %u", is.stolen.lo,
		    is.stolen.hi - is.stolen.lo, is.jumps, is.clamped);
	}
	print(&t);
}

/* What is not of the decrementer.  EE off. */
static void chores(Cpu *c)
{
	const Cpu *other = &cpus[(c->index + 1) % ncpus];
	uint64_t now = timebase();

	look_at_tb();
	look_at_purr(c);
	/* A CPU that has not been started must be left alone. */
	if (now - c->last_prod > frequency / 50 &&
	    __atomic_load_n(&other->runs, __ATOMIC_SEQ_CST)) {
		c->last_prod = now;
		hcall(H_PROD, other->server, 0, 0, 0);
	}
	if (c->index || now < line_at)
		return;
	line_at += ((now - line_at) / every + 1) * every;
	put_line();
}

/* Until a grid point is met, one way or another. */
static void one_point(Cpu *c)
{
	uint64_t steps = c->steps, tb1, dec, tb2;
	unsigned most = c->period > frequency / 500 ? SPIN_LOOKS : 1000000000;

	if (steps % 16 == 5)
		spin(c, steps, most);
	/* Without the interrupt, which must not come when it could; or with it. */
	if (steps % 16 == 9 && poll(c, most)) {
		step(c, timebase(), &c->polled);
		steps = c->steps;
		spin(c, steps, 3);
	} else if (steps % 16 == 13 && poll(c, most)) {
		spin(c, steps, 1000000000);
	}
	c->last_look = timebase();
	while (c->steps == steps) {
		poll(c, 3);
		hcall(H_CEDE, 0, 0, 0, 0); /* EE is on afterwards */
		READ_TB_DEC_TB(tb1, dec, tb2);
		set_ee(false);
		if (c->steps == steps) {
			seen(c, tb1, dec, tb2);
			count_behind(c, dec, tb2);
		}
		chores(c);
	}
}

void run(void)
{
	Cpu *c = self;
	uint64_t tb1, purr, tb2;

	__asm__ volatile("mfspr %0, 268\n\tmfspr %1, 309\n\tmfspr %2, 268"
			 : "=&r"(tb1), "=&r"(purr), "=&r"(tb2));
	c->stolen = (Range){ tb1 - purr, tb2 - purr };
	c->narrow = UINT64_MAX;
	c->first = c->next = timebase() + c->period;
	arm(c);
	c->first = c->next;
	__atomic_store_n(&c->runs, true, __ATOMIC_SEQ_CST);
	for (;;) {
		one_point(c);
		chores(c);
	}
}

/* Firmware: arrays of 32-bit cells, IEEE 1275 */

static uint32_t low(const void *p)
{
	return (uint32_t)(uintptr_t)p;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* The first result; -1 when the service fails. */
static uint32_t of(const char *service, unsigned nargs, uint32_t a, uint32_t b, uint32_t c,
		   uint32_t d)
{
	/* The first of two results of call-method says whether it went well. */
	unsigned nret = same(service, "call-method") ? 2 : 1;
	volatile uint32_t cells[12] = { low(service), nargs, nret, a, b, c, d };

	cells[2 + nargs + nret] = UINT32_MAX;
	call_firmware((void *)cells, 0, firmware_entry);
	return cells[2 + nargs + nret];
}

static uint32_t property(uint32_t node, const char *name, void *buf, unsigned size)
{
	return of("getprop", 4, node, low(name), low(buf), size);
}

static uint32_t cell(uint32_t node, const char *name, uint32_t otherwise)
{
	volatile uint32_t v = 0;
	uint32_t n = property(node, name, (void *)&v, sizeof(v));

	return n != UINT32_MAX && n >= sizeof(v) ? v : otherwise;
}

static void find_cpus(void)
{
	uint32_t node = of("child", 1, of("finddevice", 1, low("/cpus"), 0, 0, 0), 0, 0, 0);
	char type[16];

	for (; node && node != UINT32_MAX; node = of("peer", 1, node, 0, 0, 0)) {
		type[0] = 0;
		property(node, "device_type", type, sizeof(type));
		if (!same(type, "cpu") || ncpus >= CPUS_MAX)
			continue;
		cpus[ncpus].server = cell(node, "reg", 0);
		cpus[ncpus].index = ncpus;
		cpus[ncpus].stack = (uint64_t)stacks[ncpus] + STACK;
		dec_bits = cell(node, "ibm,dec-bits", 32);
		frequency = cell(node, "timebase-frequency", 512000000);
		ncpus++;
	}
}

static uint64_t number(const char **s)
{
	uint64_t v = 0;

	while (**s >= '0' && **s <= '9')
		v = v * 10 + (uint64_t)(*(*s)++ - '0');
	return v;
}

static bool word(const char **s, const char *what)
{
	const char *p = *s;

	while (*what && *p == *what)
		p++, what++;
	if (*what)
		return false;
	*s = p;
	return true;
}

static void arguments(uint32_t chosen)
{
	static const uint16_t usual[] = { 1000, 50, 20000 };
	char text[200];
	const char *s = text;
	unsigned i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = 0;
	property(chosen, "bootargs", text, sizeof(text) - 1);
	every = frequency;
	for (i = 0; i < ncpus; i++)
		cpus[i].period = (i % 4 == 3 ? 1500000 : usual[i % 4]) * (frequency / 1000000);
	while (*s) {
		if (word(&s, "every=")) {
			every = number(&s) * (frequency / 1000);
		} else if (word(&s, "periods=")) {
			for (i = 0; i < ncpus; i++, s += *s == ',')
				cpus[i].period = number(&s) * (frequency / 1000000);
		} else {
			s++;
		}
	}
}

static void start_others(void)
{
	uint32_t node = of("finddevice", 1, low("/rtas"), 0, 0, 0), instance, base, size;
	volatile uint32_t cells[8];

	instance = of("open", 1, low("/rtas"), 0, 0, 0);
	size = (cell(node, "rtas-size", 4096) + 65535) / 65536 * 65536;
	base = of("claim", 3, 0, size, 65536, 0);
	base = of("call-method", 3, low("instantiate-rtas"), instance, base, 0);
	for (unsigned i = 1; i < ncpus; i++) {
		cells[0] = cell(node, "start-cpu", 0);
		cells[1] = 3;
		cells[2] = 1;
		cells[3] = (uint32_t)cpus[i].server;
		cells[4] = low(another_cpu);
		cells[5] = low(&cpus[i]);
		cells[6] = UINT32_MAX;
		call_firmware((void *)cells, base, base);
		if (cells[6])
			fault("start-cpu of cpu %u: %d", (uint64_t)i, (int64_t)(int32_t)cells[6]);
		while (!cells[6] && !__atomic_load_n(&cpus[i].runs, __ATOMIC_SEQ_CST))
			;
	}
}

static void install_vectors(void)
{
	static const uint16_t at[] = { 0x100, 0x200, 0x300, 0x380, 0x400, 0x480, 0x500,
				       0x600, 0x700, 0x800, 0x900, 0x980, 0xa00, 0xb00,
				       0xc00, 0xd00, 0xe00, 0xe20, 0xe40, 0xe60, 0xe80,
				       0xea0, 0xf00, 0xf20, 0xf40, 0xf60, 0xf80 };

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint64_t where = at[i];
		volatile uint32_t *to;

		__asm__("" : "+r"(where)); /* address 0 and above are ours, compiler */
		to = (volatile uint32_t *)where;
		to[0] = 0x7c7143a6;				    /* mtsprg1 r3 */
		to[1] = 0x7c6c42a6;				    /* mfspr r3,TB */
		to[2] = 0x7c7243a6;				    /* mtsprg2 r3 */
		to[3] = 0x38600000 | at[i];			    /* li r3,VECTOR */
		to[4] = 0x48000000 | (low(common) - (at[i] + 16u)); /* b common */
		__asm__ volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(to) : "memory");
	}
}

void begin(uint64_t firmware)
{
	uint32_t chosen, out;
	Text t;

	firmware_entry = firmware;
	chosen = of("finddevice", 1, low("/chosen"), 0, 0, 0);
	out = of("instance-to-package", 1, cell(chosen, "stdout", 0), 0, 0, 0);
	vty = cell(out, "reg", 0);
	find_cpus();
	arguments(chosen);
	set_ee(false);
	__asm__ volatile("mtspr 22, %0" : : "r"(0x7fffffff));
	t.n = 0;
	add(&t, "READY cpus %u bits %u frequency %u", (uint64_t)ncpus, (uint64_t)dec_bits,
	    frequency);
	print(&t);
	install_vectors();
	start_others();
	line_at = timebase() + every;
	run();
}
