/*
 * Loops of a known number of guest instructions, for `make bench`.  Static,
 * without a C library; runs under Linux ppc64le: bench NAME N
 * (N times 100,000 turns) prints "BENCH-BEGIN", works, and prints "BENCH-END NAME INSTRUCTIONS".
 */
typedef unsigned long u64;
typedef unsigned char u8;

#define NR_EXIT 1
#define NR_WRITE 4

/* Linux's system call convention for ppc64: number in r0, cr0.SO tells errors. */
static long syscall3(long nr, long a, long b, long c)
{
	register long r0 __asm__("r0") = nr;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;

	__asm__ volatile("sc"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5)
			 :
			 : "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "memory");
	return r3;
}

static void say(const char *s)
{
	long n = 0;

	while (s[n])
		n++;
	syscall3(NR_WRITE, 1, (long)s, n);
}

static void say_number(u64 v)
{
	char buf[24];
	int i = sizeof(buf) - 1;

	buf[i] = 0;
	do {
		buf[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	say(buf + i);
}

/* 10 integer instructions a turn, one of them a branch not taken. */
static u64 loop_int(u64 turns)
{
	__asm__ volatile("mtctr %0\n\t"
			 "li 7,1\n\t"
			 "li 8,3\n\t"
			 "1:\tadd 7,7,8\n\t"
			 "xor 8,8,7\n\t"
			 "rldicl 9,7,13,7\n\t"
			 "addi 10,9,77\n\t"
			 "subf 8,10,8\n\t"
			 "or 11,8,9\n\t"
			 "cmpdi 11,0\n\t"
			 "blt- 2f\n\t"
			 "2:\tandi. 12,10,255\n\t"
			 "bdnz 1b"
			 :
			 : "r"(turns)
			 : "r7", "r8", "r9", "r10", "r11", "r12", "ctr", "cr0");
	return turns * 10;
}

/* 10 instructions a turn, 6 of them loads and stores in a page. */
static u64 loop_mem(u64 turns)
{
	static u8 page[4096] __attribute__((aligned(4096)));

	__asm__ volatile("mtctr %0\n\t"
			 "li 8,0\n\t"
			 "1:\tldx 9,%1,8\n\t"
			 "addi 9,9,1\n\t"
			 "stdx 9,%1,8\n\t"
			 "lwz 10,16(%1)\n\t"
			 "lbz 11,33(%1)\n\t"
			 "stw 9,64(%1)\n\t"
			 "addi 8,8,8\n\t"
			 "andi. 8,8,2040\n\t"
			 "std 10,72(%1)\n\t"
			 "bdnz 1b"
			 :
			 : "r"(turns), "b"(page)
			 : "r8", "r9", "r10", "r11", "ctr", "cr0", "memory");
	return turns * 10;
}

/* 7 instructions a turn: a call, a return, an indirect branch, one not taken. */
static u64 loop_branch(u64 turns)
{
	__asm__ volatile("mflr 12\n\t"
			 "mr 7,%0\n\t"
			 "bcl 20,31,3f\n\t"
			 "3:\tmflr 8\n\t"
			 "addi 8,8,4f-3b\n\t"
			 "mtctr 8\n\t"
			 "b 1f\n\t"
			 "2:\taddi 9,9,1\n\t"
			 "blr\n\t"
			 "4:\taddi 7,7,-1\n\t"
			 "cmpdi 7,0\n\t"
			 "beq 5f\n\t"
			 "1:\tbl 2b\n\t"
			 "bctr\n\t"
			 "5:\tmtlr 12"
			 :
			 : "r"(turns)
			 : "r7", "r8", "r9", "r12", "ctr", "lr", "cr0");
	return turns * 7;
}

/* 8 instructions a turn, 6 of them double-precision arithmetic. */
static u64 loop_fp(u64 turns)
{
	static const double k[3] = { 1.0000001, 0.3333333, 1e-3 };

	__asm__ volatile("mtctr %0\n\t"
			 "lfd 1,0(%1)\n\t"
			 "lfd 2,8(%1)\n\t"
			 "lfd 3,16(%1)\n\t"
			 "fmr 4,2\n\t"
			 "1:\tfmul 4,4,1\n\t"
			 "fadd 4,4,3\n\t"
			 "fmadd 5,4,2,3\n\t"
			 "fsub 6,5,4\n\t"
			 "fmul 4,4,2\n\t"
			 "fadd 4,4,6\n\t"
			 "nop\n\t"
			 "bdnz 1b"
			 :
			 : "r"(turns), "b"(k)
			 : "fr1", "fr2", "fr3", "fr4", "fr5", "fr6", "ctr");
	return turns * 8;
}

static u64 number(const char *s)
{
	u64 v = 0;

	while (*s >= '0' && *s <= '9')
		v = v * 10 + (u64)(*s++ - '0');
	return v;
}

void bench_main(long *sp);
void bench_main(long *sp)
{
	char **argv = (char **)(sp + 1);
	u64 turns = sp[0] > 2 ? number(argv[2]) * 100000 : 0;
	u64 done = 0;

	say("BENCH-BEGIN\n");
	switch (sp[0] > 1 ? argv[1][0] : 0) {
	case 'i': done = loop_int(turns); break;
	case 'm': done = loop_mem(turns); break;
	case 'b': done = loop_branch(turns); break;
	case 'f': done = loop_fp(turns); break;
	default: say("bench int|mem|branch|fp N\n"); syscall3(NR_EXIT, 1, 0, 0);
	}
	say("BENCH-END ");
	say(argv[1]);
	say(" ");
	say_number(done);
	say("\n");
	syscall3(NR_EXIT, 0, 0, 0);
}

__asm__(".globl _start\n"
	"_start:\n\t"
	"mr 3,1\n\t"
	"clrrdi 1,1,4\n\t"
	"stdu 1,-128(1)\n\t"
	"li 0,0\n\t"
	"mtlr 0\n\t"
	"bcl 20,31,1f\n"
	"1:\tmflr 12\n\t"
	"addi 12,12,_start-1b\n\t"
	"addis 2,12,.TOC.-_start@ha\n\t"
	"addi 2,2,.TOC.-_start@l\n\t"
	"bl bench_main\n\t"
	"trap\n");
