/*
 * Damaged snapshots.  A good snapshot of a machine is taken apart into its
 * sections, the input changes them, the checksums are made right again (or not),
 * and the machine is asked to load the result.  When it refuses, it must say why
 * and be as it was; when it does not, it must run: its CPUs some instructions,
 * and what else the input says.
 *
 * Most inputs go to a small machine (a CPU, a terminal, a DMA window), whose
 * snapshot is loaded in a moment; the others to a whole pseries.
 *
 * Input: which machine and how; number of changes; five bytes a change; the rest
 * is what the guest does.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/log.h"
#include "base/stream.h"
#include "migration/snapshot.h"
#include "tests/fuzz/pseries_rig.h"
#include "tests/fuzz/small_machine.h"

#define HEAD 32u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Piece {
	uint8_t *head; /* tag, name, length of the payload */
	size_t head_len;
	uint8_t *body;
	size_t len;
} Piece;

/* A machine and its good snapshot. */
typedef struct Subject {
	Machine *m;
	Pseries *p; /* NULL: the small one */
	uint8_t *good;
	size_t meta;	    /* bytes before RAM */
	uint64_t file_size; /* with RAM */
	GByteArray *state;  /* what the machine's own state is */
	char *path;	    /* of a file in memory */
	int fd;
} Subject;

/* ------------------------------------------------------------- machines */

static void read_back(Subject *s)
{
	g_autofree char *file = NULL;
	gchar *data;
	gsize len;

	file = g_build_filename(g_get_tmp_dir(), "fuzz-snapshot-XXXXXX", NULL);
	s->fd = g_mkstemp(file);
	if (s->fd < 0 || !snapshot_save(s->m, file, NULL) ||
	    !g_file_get_contents(file, &data, &len, NULL))
		bug("no snapshot to fuzz with");
	close(s->fd);
	unlink(file);
	/* Where RAM begins is a multiple of 64 KiB, and it ends the file. */
	s->file_size = len;
	s->meta = len - s->m->ram->size;
	s->good = g_memdup2(data, s->p ? s->meta : len);
	s->fd = memfd_create("snapshot", 0);
	s->path = g_strdup_printf("/proc/self/fd/%d", s->fd);
	if (pwrite(s->fd, data, len, 0) != (ssize_t)len)
		bug("no file to fuzz with");
	g_free(data);
}

static Subject *subject(bool whole)
{
	static Subject all[2];
	Subject *s = &all[whole];

	if (s->m)
		return s;
	if (whole) {
		s->p = guest_begin(0);
		s->m = s->p->m;
		vclock_stop(s->m->clock);
		machine_unlock(s->m);
	} else {
		s->m = small_machine();
	}
	machine_lock(s->m);
	read_back(s);
	s->state = machine_state(s->m);
	machine_unlock(s->m);
	return s;
}

/* -------------------------------------------------------------- changes */

static void piece_free(void *p)
{
	Piece *x = p;

	g_free(x->head);
	g_free(x->body);
	g_free(x);
}

static Piece *piece_new(const uint8_t *head, size_t head_len, const uint8_t *body, size_t len)
{
	Piece *x = g_new0(Piece, 1);

	x->head = g_memdup2(head, head_len);
	x->head_len = head_len;
	x->body = g_malloc0(len + 1024); /* room for what is added */
	memcpy(x->body, body, len);
	x->len = len;
	return x;
}

static GPtrArray *take_apart(const Subject *s)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(piece_free);
	const uint8_t *p = s->good + HEAD;
	bool end;

	do {
		size_t name = ld16_be(p + 4), len = ld64_be(p + 6 + name);

		end = ld32_be(p) == 0x454e4421;
		g_ptr_array_add(all, piece_new(p, 14 + name, p + 14 + name, len));
		p += 18 + name + len;
	} while (!end);
	return all;
}

static void put_number(uint8_t *p, uint8_t v)
{
	static const uint64_t some[] = {
		0, 1, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, 0x7fffffff, UINT64_C(1) << 62, 2
	};

	st64_be(p, some[v & 7] + (v >> 3));
}

/* Five bytes: what, which section, where (two), value. */
static void change(GPtrArray *all, const uint8_t *c)
{
	guint i = c[1] % all->len;
	Piece *x = all->pdata[i];
	size_t at = (size_t)(((uint64_t)ld16_be(c + 2) * (x->len ? x->len : 1)) >> 16);

	switch (c[0] & 15) {
	case 8: put_number(x->body + at, c[4]); break;
	case 9:
		if (all->len > 1)
			g_ptr_array_remove_index(all, i);
		break;
	case 10:
		g_ptr_array_insert(all, c[4] % all->len,
				   piece_new(x->head, x->head_len, x->body, x->len));
		break;
	case 11: x->len -= MIN(x->len, c[4]); break;
	case 12: x->len += c[4] & 31; break;
	case 13: x->head[c[2] % x->head_len] = c[4]; break;
	case 14: memmove(x->body, x->body + MIN(c[4], x->len), x->len - MIN(c[4], x->len)); break;
	case 15: st32_be(x->body + at, c[4]); break;
	case 0 ... 2: x->body[at] = c[4]; break;
	case 3 ... 5: x->body[at] ^= c[4]; break;
	default: x->body[at] = (uint8_t)(x->body[at] + (c[4] & 1 ? 1 : -1)); break;
	}
}

/* The file again; how: 1 lengths as they are, 2 sums as they are. */
static GByteArray *put_together(const Subject *s, GPtrArray *all, uint8_t how)
{
	GByteArray *b = g_byte_array_new();
	uint8_t sum[4];

	g_byte_array_append(b, s->good, HEAD);
	for (guint i = 0; i < all->len; i++) {
		Piece *x = all->pdata[i];
		guint from = b->len;

		if (!(how & 1))
			st64_be(x->head + x->head_len - 8, x->len);
		g_byte_array_append(b, x->head, (guint)x->head_len);
		g_byte_array_append(b, x->body, (guint)x->len);
		st32_be(sum, how & 2 ? 0 : crc32c(0, b->data + from, b->len - from));
		g_byte_array_append(b, sum, 4);
	}
	if (b->len < s->meta) {
		guint old = b->len;

		g_byte_array_set_size(b, (guint)s->meta);
		memset(b->data + old, 0, s->meta - old);
	}
	return b;
}

/* --------------------------------------------------------------- loading */

/* Runs what was loaded, and lets the rest of the input happen. */
static void live(Subject *s, Input *in)
{
	machine_live(s->m);
	vclock_start(s->m->clock);
	for (unsigned i = 0; s->p && i < 20 && in->p < in->end; i++)
		guest_step(s->p, in);
	vclock_stop(s->m->clock);
}

static void restore(Subject *s)
{
	GError *err = NULL;
	GByteArray *now;

	if (pwrite(s->fd, s->good, s->meta, 0) != (ssize_t)s->meta)
		bug("no file to fuzz with");
	if (!snapshot_load(s->m, s->path, &err))
		bug("a good snapshot is refused: %s", err->message);
	now = machine_state(s->m);
	if (now->len != s->state->len || memcmp(now->data, s->state->data, now->len) != 0)
		bug("a good snapshot loads differently");
	g_byte_array_unref(now);
}

static void try_load(Subject *s, const GByteArray *file, Input *in)
{
	GError *err = NULL;
	GByteArray *now;

	if (pwrite(s->fd, file->data, file->len, 0) != (ssize_t)file->len)
		bug("no file to fuzz with");
	if (snapshot_load(s->m, s->path, &err)) {
		live(s, in);
		restore(s);
		return;
	}
	if (!err || !g_str_has_prefix(err->message, s->path))
		bug("refused without a reason");
	g_clear_error(&err);
	now = machine_state(s->m);
	if (now->len != s->state->len || memcmp(now->data, s->state->data, now->len) != 0)
		bug("refused, and yet the machine is another");
	g_byte_array_unref(now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in = { .p = data, .end = data + size };
	uint8_t head = input_byte(&in), n = input_byte(&in) & 15;
	Subject *s = subject(head == 0xff && (data[size - 1] & 0xc0));
	GPtrArray *all = take_apart(s);
	GByteArray *file;

	for (; n && in.end - in.p >= 5; n--, in.p += 5)
		change(all, in.p);
	file = put_together(s, all, head & 12 ? 0 : head & 3);
	if (!(head & 0x70)) /* cut off */
		g_byte_array_set_size(file, file->len - MIN(file->len, input_byte(&in) * 64u));
	machine_lock(s->m);
	if (ftruncate(s->fd, (off_t)(head & 0x70 ? s->file_size : file->len)))
		bug("no file to fuzz with");
	try_load(s, file, &in);
	if (ftruncate(s->fd, (off_t)s->file_size))
		bug("no file to fuzz with");
	if (!s->p && pwrite(s->fd, s->good + s->meta, SMALL_RAM, (off_t)s->meta) < 0)
		bug("no file to fuzz with");
	machine_unlock(s->m);
	g_byte_array_unref(file);
	g_ptr_array_unref(all);
	return 0;
}
