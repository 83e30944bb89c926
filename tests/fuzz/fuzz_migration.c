/*
 * A hostile source.  The messages of a good migration are taken apart, the input changes
 * them, puts others among them, and the destination reads the result.  Whatever it reads, it
 * must come to an end, give a reason when it refuses, and start nothing that was not
 * committed; what it takes must run, and a good stream must load afterwards.
 *
 * Input: how the stream ends and goes; number of changes; five bytes a change; the rest is
 * what messages of the input's own hold.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/log.h"
#include "base/stream.h"
#include "migration/dest.h"
#include "migration/state.h"
#include "tests/fuzz/small_machine.h"

#define LIMIT_MS 2000
#define TURN_MS 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Said {
	uint32_t tag, len;
	uint8_t *data; /* with room for 256 bytes more */
	bool wrong_sum;
} Said;

typedef struct Subject {
	Machine *m;
	GByteArray *state;
	uint8_t *ram;
	GArray *sections;
	GPtrArray *good; /* Said * */
} Subject;

/* --------------------------------------------------------- a good stream */

static void said_free(void *p)
{
	Said *s = p;

	g_free(s->data);
	g_free(s);
}

static Said *said_new(uint32_t tag, const void *a, size_t na, const void *b, size_t nb)
{
	Said *s = g_new0(Said, 1);

	s->tag = tag;
	s->len = (uint32_t)(na + nb);
	s->data = g_malloc0(s->len + 256);
	if (na)
		memcpy(s->data, a, na);
	if (nb)
		memcpy(s->data + na, b, nb);
	return s;
}

static void say_sections(Subject *s, guint from)
{
	for (guint i = from; i < s->sections->len; i++) {
		const Section *x = &g_array_index(s->sections, Section, i);
		OutStream name;

		out_init(&name);
		out_str(&name, x->name);
		g_ptr_array_add(s->good,
				said_new(x->tag, name.buf->data, name.buf->len, x->data, x->len));
		out_free(&name);
	}
}

static void say_pages(Subject *s, uint64_t page, uint32_t n)
{
	uint8_t head[12];

	st64_be(head, page << RAM_PAGE_SHIFT);
	st32_be(head + 8, n);
	g_ptr_array_add(s->good, said_new(MSG_PAGES, head, 12, s->ram + (page << RAM_PAGE_SHIFT),
					  (size_t)n << RAM_PAGE_SHIFT));
}

static void make_good(Subject *s)
{
	uint8_t hello[12] = { 0 }, last[12] = { 0 }, zeros[12];
	uint32_t pages = SMALL_RAM >> RAM_PAGE_SHIFT;

	s->good = g_ptr_array_new_with_free_func(said_free);
	st32_be(hello, 2);
	g_ptr_array_add(s->good, said_new(MSG_HELLO, hello, sizeof(hello), NULL, 0));
	s->sections = sections_new();
	state_add_config(s->m, s->sections);
	say_sections(s, 0);
	say_pages(s, 0, 1);
	say_pages(s, 1, 2);
	st64_be(zeros, UINT64_C(3) << RAM_PAGE_SHIFT);
	st32_be(zeros + 8, pages - 3);
	g_ptr_array_add(s->good, said_new(MSG_PAGES, zeros, 12, NULL, 0));
	state_collect(s->m, s->sections);
	say_sections(s, 1);
	st32_be(last, s->sections->len);
	g_ptr_array_add(s->good, said_new(MSG_LAST, last, sizeof(last), NULL, 0));
	g_ptr_array_add(s->good, said_new(MSG_COMMIT, NULL, 0, NULL, 0));
}

/* --------------------------------------------------------------- changes */

static const uint32_t tags[] = {
	MSG_HELLO,   MSG_PART,	 MSG_PAGES,  MSG_LAST,	 MSG_COMMIT, MSG_OKAY,
	MSG_READY,   MSG_RUNS,	 MSG_FAIL,   SNAP_CLOCK, SNAP_IRQS,  SNAP_DEVICE,
	SNAP_CONFIG, 0x5041475a, 0x53594e43, 0x4348414e, 0x45584954, MSG_POSTCOPY,
	MSG_LEFT,    MSG_WAIT,	 MSG_MEMORY, 0,
};

typedef struct Rest {
	const uint8_t *p, *end;
} Rest;

static Said *own_words(uint8_t tag, uint8_t len, Rest *rest)
{
	size_t n = MIN(len, (size_t)(rest->end - rest->p));
	Said *s = said_new(tags[tag % ARRAY_LEN(tags)], rest->p, n, NULL, 0);

	rest->p += n;
	return s;
}

static GPtrArray *copy_of(const GPtrArray *all)
{
	GPtrArray *c = g_ptr_array_new_with_free_func(said_free);

	for (guint i = 0; i < all->len; i++) {
		const Said *s = all->pdata[i];

		g_ptr_array_add(c, said_new(s->tag, s->data, s->len, NULL, 0));
	}
	return c;
}

/* Five bytes: what, which message, where (two), value. */
static void change(GPtrArray *all, const uint8_t *c, Rest *rest)
{
	guint i = c[1] % all->len, other = c[4] % all->len;
	Said *s = all->pdata[i];
	uint32_t at = (uint32_t)((uint64_t)ld16_be(c + 2) * (s->len ? s->len : 1) >> 16);
	void *p;

	switch (c[0] & 15) {
	case 0: s->data[at] = c[4]; break;
	case 1: s->data[at] ^= c[4]; break;
	case 2: s->data[at]++; break;
	case 3: st32_be(s->data + at, c[4]); break;
	case 4: st64_be(s->data + at, UINT64_MAX << (c[4] & 63)); break;
	case 5:
		if (all->len > 1)
			g_ptr_array_remove_index(all, i);
		break;
	case 6: g_ptr_array_insert(all, other, said_new(s->tag, s->data, s->len, NULL, 0)); break;
	case 7:
		p = all->pdata[other];
		all->pdata[other] = s;
		all->pdata[i] = p;
		break;
	case 8: s->len -= MIN(s->len, c[4]); break;
	case 9: s->len += c[4] & 31; break;
	case 10: s->tag = tags[c[4] % ARRAY_LEN(tags)]; break;
	case 11: s->wrong_sum = true; break;
	case 12: /* in two parts */
		g_ptr_array_insert(all, (gint)i, said_new(MSG_PART, s->data, at, NULL, 0));
		break;
	default: g_ptr_array_insert(all, (gint)i, own_words(c[4], c[2], rest)); break;
	}
}

static GByteArray *stream_of(const GPtrArray *all)
{
	GByteArray *b = g_byte_array_new();
	uint8_t head[8], sum[4];

	for (guint i = 0; i < all->len; i++) {
		const Said *s = all->pdata[i];

		st32_be(head, s->tag);
		st32_be(head + 4, s->len);
		st32_be(sum, crc32c(crc32c(0, head, 8), s->data, s->len) ^ s->wrong_sum);
		g_byte_array_append(b, head, 8);
		g_byte_array_append(b, s->data, s->len);
		g_byte_array_append(b, sum, 4);
	}
	return b;
}

/* --------------------------------------------------------------- loading */

static void set_flag(void *opaque)
{
	*(bool *)opaque = true;
}

/* The state after all was read, or all that was wanted.  Lock held. */
static DestState receive(Subject *s, const GByteArray *stream, bool answers, char **error)
{
	int in = memfd_create("stream", MFD_CLOEXEC);
	int out = answers ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
	bool done = false;
	DestInfo info;
	Channel *c;
	Dest *d;

	if (in < 0 || write(in, stream->data, stream->len) != (ssize_t)stream->len ||
	    lseek(in, 0, SEEK_SET))
		bug("no stream to fuzz with");
	c = channel_new(in, out);
	channel_set_limit(c, LIMIT_MS);
	d = dest_start(s->m, c, false, set_flag, &done);
	machine_unlock(s->m);
	while (!done)
		loop_turn(s->m->loop, TURN_MS);
	machine_lock(s->m);
	info = dest_info(d);
	*error = g_strdup(info.error);
	dest_free(d);
	return info.state;
}

/* As it was, by a stream that nobody has changed. */
static void restore(Subject *s)
{
	GByteArray *stream = stream_of(s->good), *now;
	char *error;

	if (receive(s, stream, false, &error) != DEST_DONE)
		bug("a good stream is refused: %s", error);
	now = machine_state(s->m);
	if (now->len != s->state->len || memcmp(now->data, s->state->data, now->len) != 0)
		bug("a good stream loads differently");
	g_byte_array_unref(now);
	g_byte_array_unref(stream);
	g_free(error);
}

static Subject *subject(void)
{
	static Subject s;

	if (s.m)
		return &s;
	s.m = small_machine();
	machine_lock(s.m);
	s.ram = g_memdup2(s.m->ram->host, SMALL_RAM);
	make_good(&s);
	s.state = machine_state(s.m);
	restore(&s);
	machine_unlock(s.m);
	return &s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Subject *s = subject();
	uint8_t how = size > 0 ? data[0] : 0, n = size > 1 ? data[1] & 15 : 0;
	Rest rest = { .p = data + MIN(size, 2), .end = data + size };
	const uint8_t *changes = rest.p;
	GPtrArray *all = copy_of(s->good);
	GByteArray *stream;
	DestState end;
	char *error;

	n = (uint8_t)MIN(n, (size_t)(rest.end - rest.p) / 5);
	rest.p += 5 * n;
	for (unsigned i = 0; i < n; i++)
		change(all, changes + 5 * i, &rest);
	stream = stream_of(all);
	if ((how & 7) == 7)
		g_byte_array_set_size(stream, (guint)((uint64_t)stream->len * how / 256));
	machine_lock(s->m);
	end = receive(s, stream, how & 8, &error);
	if (machine_running(s->m))
		bug("it runs, and nobody has started it");
	if (end == DEST_FAILED && (!error || !*error || s->m->stop_reason != STOP_INCOMING))
		bug("refused without a reason, or as if there were a guest");
	if (end != DEST_FAILED && end != DEST_DONE)
		bug("ended in the middle");
	if (end == DEST_DONE)
		machine_live(s->m);
	restore(s);
	machine_unlock(s->m);
	g_free(error);
	g_byte_array_unref(stream);
	g_ptr_array_unref(all);
	return 0;
}
