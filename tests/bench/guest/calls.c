/* Calls, returns, and branches to where a register or a table says. */
#include <setjmp.h>
#include <stdlib.h>
#include "bench.h"

#define OWN __attribute__((noinline))

static OWN uint64_t fib_of(unsigned n)
{
	/* Without the barrier the compiler unfolds the recursion into loops. */
	__asm__ volatile("" : "+r"(n));
	return n < 2 ? n : fib_of(n - 1) + fib_of(n - 2);
}

static uint64_t fib(void)
{
	uint64_t got = fib_of((unsigned)bench_hide(25));

	if (got != 75025)
		bench_wrong("fib(25) is %lu", (unsigned long)got);
	return got;
}

static OWN uint64_t ack_of(uint64_t m, uint64_t n)
{
	__asm__ volatile("" : "+r"(m), "+r"(n));
	if (!m)
		return n + 1;
	return ack_of(m - 1, n ? ack_of(m, n - 1) : 1);
}

static uint64_t ackermann(void)
{
	uint64_t got = ack_of(bench_hide(3), bench_hide(6));

	if (got != 509)
		bench_wrong("ackermann(3, 6) is %lu", (unsigned long)got);
	return got;
}

/* Chains of different functions, deeper than a return stack is wide. */
static OWN uint64_t deep_c(unsigned depth, uint64_t v);

static OWN uint64_t deep_leaf(uint64_t v)
{
	return v * 5 + 1;
}

static OWN uint64_t deep_a(unsigned depth, uint64_t v)
{
	return (depth ? deep_c(depth - 1, v + 3) : deep_leaf(v)) ^ v;
}

static OWN uint64_t deep_b(unsigned depth, uint64_t v)
{
	return (depth ? deep_a(depth - 1, v ^ 0x55) : deep_leaf(v + 1)) + v;
}

static OWN uint64_t deep_c(unsigned depth, uint64_t v)
{
	return (depth ? deep_b(depth - 1, deep_leaf(v)) : v) - depth;
}

static uint64_t deep(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < 60; i++)
		for (unsigned depth = 1; depth <= 1024; depth *= 2)
			sum = sum * 3 + deep_a(depth + i % 3, i);
	return sum;
}

/* Functions of a table, in an order that no history tells. */
typedef uint64_t Op(uint64_t a, uint64_t b);

static uint64_t op_add(uint64_t a, uint64_t b)
{
	return a + b;
}
static uint64_t op_sub(uint64_t a, uint64_t b)
{
	return a - b;
}
static uint64_t op_xor(uint64_t a, uint64_t b)
{
	return a ^ b;
}
static uint64_t op_mul(uint64_t a, uint64_t b)
{
	return a * (b | 1);
}
static uint64_t op_rot(uint64_t a, uint64_t b)
{
	return (a << 9 | a >> 55) + b;
}
static uint64_t op_nor(uint64_t a, uint64_t b)
{
	return ~(a & b);
}
static uint64_t op_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b + a;
}
static uint64_t op_swap(uint64_t a, uint64_t b)
{
	return __builtin_bswap64(a) + b;
}

static Op *const ops[8] = { op_add, op_sub, op_xor, op_mul, op_rot, op_nor, op_max, op_swap };
static uint64_t op_by_switch(unsigned which, uint64_t a, uint64_t b)
{
	switch (which) {
	case 0: return op_add(a, b);
	case 1: return op_sub(a, b);
	case 2: return op_xor(a, b);
	case 3: return op_mul(a, b);
	case 4: return op_rot(a, b);
	case 5: return op_nor(a, b);
	case 6: return op_max(a, b);
	default: return op_swap(a, b);
	}
}

static uint64_t indirect(void)
{
	uint64_t x = bench_hide(8), a = 1;

	for (int i = 0; i < 150000; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		a = ops[x >> 61](a, x);
	}
	return a;
}

/* Objects that know their functions; lists of a few kinds, so sites that see one or some. */
typedef struct Shape Shape;
struct Shape {
	uint64_t (*area)(const Shape *);
	void (*grow)(Shape *, unsigned);
	uint32_t a, b;
};

static uint64_t box_area(const Shape *s)
{
	return (uint64_t)s->a * s->b;
}
static uint64_t triangle_area(const Shape *s)
{
	return (uint64_t)s->a * s->b / 2;
}
static uint64_t ring_area(const Shape *s)
{
	return 3 * ((uint64_t)s->a * s->a - s->b);
}
static void grow_both(Shape *s, unsigned n)
{
	s->a += n, s->b += n;
}
static void grow_one(Shape *s, unsigned n)
{
	s->a += 2 * n;
}

#define SHAPES 512
static Shape *shapes;

static void objects_setup(void)
{
	shapes = bench_alloc(SHAPES * sizeof(*shapes));
}

static uint64_t objects(void)
{
	static uint64_t (*const areas[])(const Shape *) = { box_area, triangle_area, ring_area };
	uint64_t state = 9, sum = 0;

	for (int i = 0; i < SHAPES; i++) {
		uint64_t v = bench_random(&state);

		shapes[i] = (Shape){ areas[v % 3], v & 8 ? grow_both : grow_one,
				     (uint32_t)(v >> 48) + 100, (uint32_t)(v >> 32 & 0xfff) };
	}
	for (unsigned round = 1; round <= 120; round++)
		for (int i = 0; i < SHAPES; i++) {
			shapes[i].grow(&shapes[i], round);
			sum += shapes[i].area(&shapes[i]);
		}
	return sum;
}

/* An interpreter with a switch: Collatz's steps of 1 to N, added up, in a made-up bytecode. */
enum { LOAD, MOVE, ADD, ADDI, MUL3, HALF, ODD, BZ, BNZ, BNE, JUMP, STOP };
static const uint8_t program[][3] = {
	{ LOAD, 0, 1 },	  /* 0: n = 1 */
	{ LOAD, 3, 0 },	  /* 1: sum = 0 */
	{ MOVE, 1, 0 },	  /* 2: v = n */
	{ BNE, 1, 5 },	  /* 3: v == 1? */
	{ JUMP, 0, 13 },  /* 4 */
	{ ODD, 2, 1 },	  /* 5 */
	{ BZ, 2, 10 },	  /* 6 */
	{ MUL3, 1, 0 },	  /* 7: v = 3 v + 1 */
	{ ADDI, 3, 1 },	  /* 8 */
	{ JUMP, 0, 3 },	  /* 9 */
	{ HALF, 1, 0 },	  /* 10 */
	{ ADDI, 3, 1 },	  /* 11 */
	{ JUMP, 0, 3 },	  /* 12 */
	{ ADDI, 0, 1 },	  /* 13: n++ */
	{ ADDI, 4, 255 }, /* 14: limit-- (255 is -1) */
	{ BNZ, 4, 2 },	  /* 15 */
	{ STOP, 3, 0 },	  /* 16 */
};

static OWN uint64_t interpret(const uint8_t (*code)[3], uint64_t limit)
{
	uint64_t r[8] = { 0 };
	unsigned pc = 0;

	r[4] = limit;
	for (;;) {
		const uint8_t *i = code[pc++];

		switch (i[0]) {
		case LOAD: r[i[1]] = i[2]; break;
		case MOVE: r[i[1]] = r[i[2]]; break;
		case ADD: r[i[1]] += r[i[2]]; break;
		case ADDI: r[i[1]] += (uint64_t)(int8_t)i[2]; break;
		case MUL3: r[i[1]] = 3 * r[i[1]] + 1; break;
		case HALF: r[i[1]] >>= 1; break;
		case ODD: r[i[1]] = r[i[2]] & 1; break;
		case BZ: pc = r[i[1]] ? pc : i[2]; break;
		case BNZ: pc = r[i[1]] ? i[2] : pc; break;
		case BNE: pc = r[i[1]] != 1 ? i[2] : pc; break;
		case JUMP: pc = i[2]; break;
		case STOP: return r[i[1]];
		}
	}
}

static uint64_t dispatch(void)
{
	uint64_t limit = bench_hide(700), want = 0;
	uint64_t got = interpret(program, limit), a = 1;

	for (uint64_t n = 1; n <= limit; n++)
		for (uint64_t v = n; v != 1; v = v & 1 ? 3 * v + 1 : v / 2)
			want++;
	if (got != want)
		bench_wrong("%lu steps, not %lu", (unsigned long)got, (unsigned long)want);
	for (uint64_t i = 0, x = 8; i < 40000; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		a = op_by_switch((unsigned)(x >> 61), a, x);
	}
	return got + a;
}

/* setjmp and longjmp over a few frames. */
static jmp_buf place;
static volatile int armed;

static OWN void jump_out(int depth, int value)
{
	volatile int keep = depth;

	if (depth)
		jump_out(depth - 1, value);
	else if (armed)
		longjmp(place, value);
	(void)keep;
}

static uint64_t jumps(void)
{
	volatile uint64_t sum = 0;

	armed = 1;
	for (volatile int i = 1; i <= 6000; i++) {
		int value = setjmp(place);

		if (!value)
			jump_out(i & 7, i);
		if (value != i)
			bench_wrong("setjmp gave %d, not %d", value, i);
		sum += (uint64_t)value;
	}
	return sum;
}

const BenchKernel bench_calls[] = {
	{ "fib", fib, NULL },
	{ "ackermann", ackermann, NULL },
	{ "deep", deep, NULL },
	{ "indirect", indirect, NULL },
	{ "objects", objects, objects_setup },
	{ "switch", dispatch, NULL },
	{ "longjmp", jumps, NULL },
	{ NULL, NULL, NULL },
};
