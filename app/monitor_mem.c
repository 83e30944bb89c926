/*
 * The monitor's looks into memory: x, xp, print, sum, and expressions.
 *
 * Numbers are shown big-endian, as the CPU family's manuals do, whatever
 * mode the guest is in.  xp looks at RAM only: reading a register would be an
 * access that the device sees.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include "app/keyval.h"
#include "app/monitor_int.h"
#include "base/bits.h"
#include "base/err.h"
#include "core/absent.h"

/* Bounds on one answer, which is built in memory, and on nested parentheses. */
enum { COUNT_MAX = 65536, DEPTH_MAX = 100 };

static unsigned size_of_letter(char c)
{
	return c == 'b' ? 1 : c == 'h' ? 2 : c == 'w' ? 4 : c == 'g' ? 8 : 0;
}

bool mon_parse_format(const char **text, bool print, MonFormat *f, GError **err)
{
	const char *p = *text + strspn(*text, " \t");
	char *end;

	/* print goes on with the last notation, whatever size was looked at. */
	if (print)
		f->size = 8;
	f->count = 1;
	if (*p != '/')
		return true;
	p++;
	if (g_ascii_isdigit(*p)) {
		f->count = g_ascii_strtoull(p, &end, 10);
		p = end;
	}
	if (f->count > COUNT_MAX)
		return fail(err, "more than %d items", COUNT_MAX);
	for (; *p && *p != ' ' && *p != '\t'; p++) {
		if (strchr("xduoci", *p))
			f->format = *p;
		else if (size_of_letter(*p))
			f->size = size_of_letter(*p);
		else
			return fail(err, "'%c': not a letter of a format (x d u o c i, b h w g)",
				    *p);
	}
	*text = p;
	return true;
}

typedef struct Expr {
	Monitor *m;
	const char *p;
	unsigned depth;
	GError **err;
} Expr;

static bool expr_level(Expr *e, unsigned level, uint64_t *v);

static char expr_peek(Expr *e)
{
	e->p += strspn(e->p, " \t");
	return *e->p;
}

static bool expr_register(Expr *e, uint64_t *v)
{
	const App *a = e->m->app;
	char name[32];
	size_t n = 0;

	while (g_ascii_isalnum(e->p[n]) || e->p[n] == '_')
		n++;
	g_snprintf(name, sizeof(name), "%.*s", (int)n, e->p);
	e->p += n;
	if (!a->type->get_reg)
		return fail(e->err, "this machine does not know registers by name");
	/* gdb's and everybody's name for the address of the next instruction. */
	return a->type->get_reg(a->machine, e->m->cpu, strcmp(name, "pc") ? name : "nip", v) ||
	       fail(e->err, "$%s: there is no such register", name);
}

static bool expr_number(Expr *e, uint64_t *v)
{
	char text[40];
	size_t n = 0;

	while (g_ascii_isalnum(e->p[n]))
		n++;
	if (!n)
		return fail(e->err, *e->p ? "'%.1s': not an expression" : "expression ends early%s",
			    e->p);
	g_snprintf(text, sizeof(text), "%.*s", (int)n, e->p);
	e->p += n;
	return (n < sizeof(text) && parse_number(text, v)) ||
	       fail(e->err, "%s: not a number", text);
}

static bool expr_unary(Expr *e, uint64_t *v)
{
	char c = expr_peek(e);
	bool ok;

	if (!strchr("-+~($", c) || !c)
		return expr_number(e, v);
	e->p++;
	if (c == '$')
		return expr_register(e, v);
	if (++e->depth > DEPTH_MAX)
		return fail(e->err, "expression is nested too deep");
	ok = c == '(' ? expr_level(e, 0, v) : expr_unary(e, v);
	e->depth--;
	if (!ok)
		return false;
	if (c == '(' && expr_peek(e) != ')')
		return fail(e->err, "a parenthesis is not closed");
	if (c == '(')
		e->p++;
	*v = c == '-' ? -*v : c == '~' ? ~*v : *v;
	return true;
}

/* From weakest to strongest, as in C. */
static const char *const expr_ops[] = { "|", "^", "&", "+-", "*/%" };

static bool expr_level(Expr *e, unsigned level, uint64_t *v)
{
	uint64_t b;

	if (level == ARRAY_LEN(expr_ops))
		return expr_unary(e, v);
	if (!expr_level(e, level + 1, v))
		return false;
	for (;;) {
		char op = expr_peek(e);

		if (!op || !strchr(expr_ops[level], op))
			return true;
		e->p++;
		if (!expr_level(e, level + 1, &b))
			return false;
		if ((op == '/' || op == '%') && !b)
			return fail(e->err, "division by zero");
		switch (op) {
		case '|': *v |= b; break;
		case '^': *v ^= b; break;
		case '&': *v &= b; break;
		case '+': *v += b; break;
		case '-': *v -= b; break;
		case '*': *v *= b; break;
		case '/': *v /= b; break;
		default: *v %= b; break;
		}
	}
}

bool mon_expression(Monitor *m, const char *text, uint64_t *v, GError **err)
{
	Expr e = { .m = m, .p = text, .err = err };

	if (!expr_level(&e, 0, v))
		return false;
	if (expr_peek(&e))
		return fail(err, "'%s': not expected here", e.p);
	return true;
}

static void show_char(uint8_t b, GString *out)
{
	static const char special[] = "\nn\rr\tt\\\\''";

	g_string_append_c(out, '\'');
	for (const char *s = special; *s; s += 2) {
		if ((uint8_t)*s == b) {
			g_string_append_printf(out, "\\%c'", s[1]);
			return;
		}
	}
	g_string_append_printf(out, isprint(b) && b < 0x7f ? "%c'" : "\\x%02x'", b);
}

/* Widths are those of the largest number of the size, so that columns stand. */
static void show_number(const MonFormat *f, uint64_t v, bool pad, GString *out)
{
	int bits = (int)f->size * 8;

	switch (f->format) {
	case 'd':
		g_string_append_printf(out, "%*" PRId64, pad ? (bits * 10 + 32) / 33 : 0,
				       sext64(v, (unsigned)bits));
		break;
	case 'u':
		g_string_append_printf(out, "%*" PRIu64, pad ? (bits * 10 + 32) / 33 : 0, v);
		break;
	case 'o': g_string_append_printf(out, "%#*" PRIo64, pad ? (bits + 2) / 3 : 0, v); break;
	case 'c': show_char((uint8_t)v, out); break;
	default: g_string_append_printf(out, "0x%0*" PRIx64, pad ? bits / 4 : 1, v); break;
	}
}

static uint64_t load(const uint8_t *p, unsigned size)
{
	return size == 1 ? *p : size == 2 ? ld16_be(p) : size == 4 ? ld32_be(p) : ld64_be(p);
}

static bool cannot_access(const MonCall *c, uint64_t addr, GError **err)
{
	if (absent_left(c->m->app->machine) && !absent_is_open(c->m->app->machine))
		return fail(err, "%016" PRIx64 ": cannot access memory; pages are still to come",
			    addr);
	return fail(err, "%016" PRIx64 ": cannot access memory", addr);
}

static bool read_at(MonCall *c, bool physical, uint64_t addr, void *buf, size_t len)
{
	App *a = c->m->app;

	if (physical)
		return a->machine->ram && ram_read(a->machine->ram, addr, buf, len);
	return a->type->debug_read && a->type->debug_read(a->machine, c->m->cpu, addr, buf, len);
}

static bool dump(MonCall *c, bool physical, uint64_t addr, GError **err)
{
	MonFormat f = c->format;
	unsigned per_line;

	if (f.format == 'c')
		f.size = 1;
	per_line = f.size == 1 ? 8 : 16 / f.size;
	for (uint64_t i = 0; i < f.count; i++, addr += f.size) {
		uint8_t buf[8];

		if (!read_at(c, physical, addr, buf, f.size)) {
			if (i % per_line)
				g_string_append_c(c->out, '\n');
			return cannot_access(c, addr, err);
		}
		if (i % per_line == 0)
			g_string_append_printf(c->out, "%016" PRIx64 ":", addr);
		g_string_append_c(c->out, ' ');
		show_number(&f, load(buf, f.size), true, c->out);
		if (i % per_line == per_line - 1 || i == f.count - 1)
			g_string_append_c(c->out, '\n');
	}
	return true;
}

static bool disassemble(MonCall *c, bool physical, uint64_t addr, GError **err)
{
	App *a = c->m->app;

	if (!a->type->disas)
		return fail(err, "this machine has no disassembler");
	for (uint64_t i = 0; i < c->format.count; i++) {
		GString *text = g_string_new(NULL);
		unsigned n = a->type->disas(a->machine, c->m->cpu, addr, physical, text);

		if (n)
			g_string_append_printf(c->out, "0x%08" PRIx64 ":  %s\n", addr, text->str);
		g_string_free(text, TRUE);
		if (!n)
			return cannot_access(c, addr, err);
		addr += n;
	}
	return true;
}

static bool look(MonCall *c, bool physical, GError **err)
{
	uint64_t addr;

	if (!mon_expression(c->m, c->rest, &addr, err))
		return false;
	c->m->format = c->format;
	if (c->format.format == 'i')
		return disassemble(c, physical, addr, err);
	return dump(c, physical, addr, err);
}

static bool x_stopped(MonCall *c, GError **err)
{
	return look(c, false, err);
}

static bool xp_stopped(MonCall *c, GError **err)
{
	return look(c, true, err);
}

bool mon_x(MonCall *c, GError **err)
{
	return mon_paused(c, x_stopped, err);
}

bool mon_xp(MonCall *c, GError **err)
{
	return mon_paused(c, xp_stopped, err);
}

static bool print_stopped(MonCall *c, GError **err)
{
	uint64_t v;

	if (!mon_expression(c->m, c->rest, &v, err))
		return false;
	c->m->format.format = c->format.format;
	c->format.size = 8;
	show_number(&c->format, v, false, c->out);
	g_string_append_c(c->out, '\n');
	return true;
}

bool mon_print(MonCall *c, GError **err)
{
	return mon_paused(c, print_stopped, err);
}

static bool sum_stopped(MonCall *c, GError **err)
{
	const Machine *m = c->m->app->machine;
	uint64_t addr, size;
	uint32_t sum = 0;

	if (!mon_expression(c->m, c->argv[0], &addr, err) ||
	    !mon_expression(c->m, c->argv[1], &size, err))
		return false;
	if (!m->ram || !ram_has(m->ram, addr, size) || !ram_need(m->ram, addr, size))
		return fail(err, "not all of it is RAM");
	for (uint64_t i = 0; i < size; i++)
		sum = ((sum >> 1 | sum << 15) + m->ram->host[addr + i]) & 0xffff;
	g_string_append_printf(c->out, "%05" PRIu32 "\n", sum);
	return true;
}

bool mon_sum(MonCall *c, GError **err)
{
	return mon_paused(c, sum_stopped, err);
}
