#include "migration/state.h"

#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "core/vmstate.h"

/* The clock section. */
typedef struct ClockState {
	int64_t v;	   /* ns */
	int64_t stop_wall; /* ns since 1970 UTC when V stopped */
	int64_t jumped;	   /* ns of downtimes that counted */
	uint64_t insns;	   /* counted: all instructions executed */
	uint64_t left;	   /* counted: of the current CPU's turn */
	uint32_t turn;	   /* whose turn */
	uint32_t driver;   /* VClockDriver */
	uint32_t ns_per_insn;
	uint32_t ncpus;
} ClockState;

static const VmField clock_fields[] = {
	VMF(ClockState, v),	 VMF(ClockState, stop_wall),
	VMF(ClockState, jumped), VMF(ClockState, insns),
	VMF(ClockState, left),	 VMF(ClockState, turn),
	VMF(ClockState, driver), VMF(ClockState, ns_per_insn),
	VMF(ClockState, ncpus),	 VMEND,
};

static const VmDesc clock_desc = {
	.name = "clock",
	.version = 1,
	.size = sizeof(ClockState),
	.fields = clock_fields,
};

static ClockState clock_state(const Machine *m)
{
	VcpuTurn t = vcpupool_turn(m->pool);

	return (ClockState){
		.v = vclock_now(m->clock),
		.stop_wall = vclock_stop_wall(m->clock),
		.jumped = m->jumped,
		.insns = t.insns,
		.left = t.left,
		.turn = t.index,
		.driver = vclock_driver(m->clock),
		.ns_per_insn = vclock_ns_per_insn(m->clock),
		.ncpus = m->vcpus->len,
	};
}

static void put_clock(Machine *m, const ClockState *cs)
{
	VcpuTurn t = { .insns = cs->insns, .left = cs->left, .index = cs->turn };

	vclock_set(m->clock, cs->v);
	vclock_set_stop_wall(m->clock, cs->stop_wall);
	m->jumped = cs->jumped;
	vcpupool_set_turn(m->pool, &t);
}

static void must_be_stopped(Machine *m)
{
	machine_assert_locked(m);
	if (machine_running(m))
		bug("snapshot of a running machine");
}

static Device *device_at(const Machine *m, guint i)
{
	return m->devices->pdata[i];
}

static void section_clear(void *data)
{
	Section *s = data;

	g_free(s->name);
	g_free(s->data);
}

GArray *sections_new(void)
{
	GArray *a = g_array_new(FALSE, FALSE, sizeof(Section));

	g_array_set_clear_func(a, section_clear);
	return a;
}

/* Collecting */

/* Takes the stream's bytes over. */
static void add(GArray *sections, uint32_t tag, const char *name, OutStream *payload)
{
	Section s = { .tag = tag, .name = g_strdup(name), .len = payload->buf->len };

	s.data = g_byte_array_free(payload->buf, FALSE);
	payload->buf = NULL;
	g_array_append_val(sections, s);
}

void state_add_config(Machine *m, GArray *sections)
{
	OutStream s;

	out_init(&s);
	out_str(&s, m->name);
	out_u32(&s, (uint32_t)m->config->len);
	out_bytes(&s, m->config->str, m->config->len);
	add(sections, SNAP_CONFIG, "", &s);
}

static void add_irqs(Machine *m, GArray *sections)
{
	OutStream s;

	out_init(&s);
	out_u32(&s, m->irqs->len);
	for (guint i = 0; i < m->irqs->len; i++) {
		out_str(&s, irq_name(m->irqs->pdata[i]));
		out_u8(&s, (uint8_t)irq_level(m->irqs->pdata[i]));
	}
	add(sections, SNAP_IRQS, "", &s);
}

static void add_table(GArray *sections, uint32_t tag, const char *name, const VmDesc *d,
		      const void *obj)
{
	OutStream s;

	out_init(&s);
	vm_save(d, obj, &s);
	add(sections, tag, name, &s);
}

void state_collect(Machine *m, GArray *sections)
{
	ClockState cs = clock_state(m);

	must_be_stopped(m);
	add_table(sections, SNAP_CLOCK, "", &clock_desc, &cs);
	add_irqs(m, sections);
	for (guint i = 0; i < m->devices->len; i++) {
		Device *d = device_at(m, i);

		if (d->type->saving)
			d->type->saving(d);
		if (d->type->state)
			add_table(sections, SNAP_DEVICE, d->path, d->type->state, d);
	}
}

/* Checking */

struct StateLoad {
	Machine *m;
	ClockState clock;
	uint8_t *levels;   /* of each Irq, in the machine's order */
	VmReady **devices; /* of each Device, NULL when it has no state */
};

static InStream stream_of(const Section *s)
{
	InStream in;

	in_init(&in, s->data, s->len);
	return in;
}

/* Ends the reading of a section: no error, and nothing left. */
static bool finish(InStream *in, const char *what, GError **err)
{
	size_t left = in_left(in);
	bool ok = in_ok(in);

	if (!ok)
		fail(err, "%s: %s", what, in->error);
	else if (left)
		ok = fail(err, "%s: %zu bytes too many", what, left);
	in_free(in);
	return ok;
}

/* "key=value" lines to a table. */
static GHashTable *parse_config(const char *text)
{
	GHashTable *t = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	char **lines = g_strsplit(text, "\n", -1), *eq;

	for (char **l = lines; *l; l++) {
		eq = strchr(*l, '=');
		if (**l)
			g_hash_table_insert(t, eq ? g_strndup(*l, (gsize)(eq - *l)) : g_strdup(*l),
					    g_strdup(eq ? eq + 1 : ""));
	}
	g_strfreev(lines);
	return t;
}

/* Adds a line for each key of a whose value in b is another; or, if absent, is absent. */
static void list_differences(GHashTable *a, GHashTable *b, bool absent_only, GString *out)
{
	GList *keys = g_list_sort(g_hash_table_get_keys(a), (GCompareFunc)strcmp);

	for (GList *k = keys; k; k = k->next) {
		const char *va = g_hash_table_lookup(a, k->data);
		const char *vb = g_hash_table_lookup(b, k->data);

		if (absent_only && !vb)
			g_string_append_printf(out, "\n  %s: snapshot has none, this machine %s",
					       (char *)k->data, va);
		else if (!absent_only && !vb)
			g_string_append_printf(out, "\n  %s: snapshot %s, this machine has none",
					       (char *)k->data, va);
		else if (!absent_only && strcmp(va, vb))
			g_string_append_printf(out, "\n  %s: snapshot %s, this machine %s",
					       (char *)k->data, va, vb);
	}
	g_list_free(keys);
}

static bool compare_config(const Machine *m, const char *text, GError **err)
{
	GHashTable *theirs, *ours;
	GString *diff;

	if (!strcmp(text, m->config->str))
		return true;
	diff = g_string_new(NULL);
	theirs = parse_config(text);
	ours = parse_config(m->config->str);
	list_differences(theirs, ours, false, diff);
	list_differences(ours, theirs, true, diff);
	fail(err, "was made on another machine:%s", diff->len ? diff->str : "\n  order of lines");
	g_hash_table_unref(theirs);
	g_hash_table_unref(ours);
	g_string_free(diff, TRUE);
	return false;
}

bool state_check_config(const Machine *m, const Section *s, GError **err)
{
	InStream in = stream_of(s);
	char *name = in_str(&in, 255), *text = NULL;
	uint32_t len = in_u32(&in);
	const uint8_t *p = in_take(&in, len);
	bool ok;

	if (p)
		text = g_strndup((const char *)p, len);
	ok = finish(&in, "configuration", err);
	if (ok && strcmp(name, m->name))
		ok = fail(err, "was made on another machine: %s, not %s", name, m->name);
	ok = ok && compare_config(m, text, err);
	g_free(name);
	g_free(text);
	return ok;
}

static bool check_clock(Machine *m, const Section *s, ClockState *cs, GError **err)
{
	InStream in = stream_of(s);
	ClockState ours = clock_state(m);

	*cs = ours;
	if (!vm_load(&clock_desc, cs, &in, "clock", err)) {
		in_free(&in);
		return false;
	}
	if (!finish(&in, "clock", err))
		return false;
	if (cs->driver != ours.driver || cs->ns_per_insn != ours.ns_per_insn)
		return fail(err,
			    "clock: the snapshot's time is %s (%u ns an instruction), "
			    "this machine's %s (%u)",
			    cs->driver == VCLOCK_COUNTED ? "counted" : "the host's",
			    cs->ns_per_insn,
			    ours.driver == VCLOCK_COUNTED ? "counted" : "the host's",
			    ours.ns_per_insn);
	if (cs->ncpus != ours.ncpus)
		return fail(err, "clock: the snapshot has %u CPUs, this machine %u", cs->ncpus,
			    ours.ncpus);
	/* The clock must have room to go on: 146 years of it. */
	if (cs->v < 0 || cs->v > INT64_MAX / 2 || cs->jumped < 0 || cs->jumped > INT64_MAX / 2 ||
	    (cs->ncpus && cs->turn >= cs->ncpus))
		return fail(err, "clock: a value out of range");
	return true;
}

/* The place of the line in the machine's list, or -1. */
static int find_irq(const Machine *m, const char *name)
{
	Irq *irq = g_hash_table_lookup(m->irq_names, name);
	guint i;

	if (!irq || !g_ptr_array_find(m->irqs, irq, &i))
		return -1;
	return (int)i;
}

static bool check_irq(const Machine *m, InStream *in, uint8_t *levels, uint8_t *seen)
{
	char *name = in_str(in, G_MAXUINT16);
	uint8_t level = in_u8(in);
	int i;

	if (!name)
		return false;
	i = find_irq(m, name);
	g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/-_.:,@#+[] ", '?');
	if (i < 0)
		in_fail(in, "%s: this machine has no such line", name);
	else if (seen[i])
		in_fail(in, "%s: appears twice", name);
	else if (level > 1)
		in_fail(in, "%s: %u is not a level", name, level);
	g_free(name);
	if (!in_ok(in))
		return false;
	seen[i] = 1;
	levels[i] = level;
	return true;
}

static bool check_irqs(const Machine *m, const Section *s, uint8_t *levels, GError **err)
{
	InStream in = stream_of(s);
	uint8_t *seen = g_new0(uint8_t, m->irqs->len + 1);
	uint32_t n = in_u32(&in);

	for (uint32_t i = 0; i < n && check_irq(m, &in, levels, seen); i++)
		;
	for (guint i = 0; i < m->irqs->len; i++) {
		if (!seen[i])
			in_fail(&in, "%s: is missing", irq_name(m->irqs->pdata[i]));
	}
	g_free(seen);
	return finish(&in, "interrupt lines", err);
}

static bool check_device(const Machine *m, const Section *s, StateLoad *inc, GError **err)
{
	Device *d = machine_find(m, s->name);
	InStream in;
	guint i;

	if (!d || !d->type->state || !g_ptr_array_find(m->devices, d, &i))
		return fail(err, "'%s': this machine has no such device", s->name);
	if (inc->devices[i])
		return fail(err, "%s: appears twice", s->name);
	in = stream_of(s);
	inc->devices[i] = vm_ready(d->type->state, d, &in, d->path, err);
	if (!inc->devices[i]) {
		in_free(&in);
		return false;
	}
	return finish(&in, d->path, err);
}

static bool check_section(Machine *m, const Section *s, StateLoad *l, GError **err)
{
	switch (s->tag) {
	case SNAP_CONFIG: return state_check_config(m, s, err);
	case SNAP_CLOCK: return check_clock(m, s, &l->clock, err);
	case SNAP_IRQS: return check_irqs(m, s, l->levels, err);
	case SNAP_DEVICE: return check_device(m, s, l, err);
	default: return fail(err, "unknown section %08x", s->tag);
	}
}

/* Exactly one section of that tag. */
static const Section *the_section(const GArray *sections, uint32_t tag, const char *what,
				  GError **err)
{
	const Section *found = NULL;

	for (guint i = 0; i < sections->len; i++) {
		const Section *s = &g_array_index(sections, Section, i);

		if (s->tag != tag)
			continue;
		if (found) {
			fail(err, "two sections of the %s", what);
			return NULL;
		}
		found = s;
	}
	if (!found)
		fail(err, "no section of the %s", what);
	return found;
}

static bool check_all(StateLoad *l, const GArray *sections, GError **err)
{
	const Section *config = the_section(sections, SNAP_CONFIG, "configuration", err);
	Machine *m = l->m;

	/* The configuration first: what else differs follows from it. */
	if (!config || !state_check_config(m, config, err) ||
	    !the_section(sections, SNAP_CLOCK, "clock", err) ||
	    !the_section(sections, SNAP_IRQS, "interrupt lines", err))
		return false;
	for (guint i = 0; i < sections->len; i++) {
		if (!check_section(m, &g_array_index(sections, Section, i), l, err))
			return false;
	}
	for (guint i = 0; i < m->devices->len; i++) {
		if (device_at(m, i)->type->state && !l->devices[i])
			return fail(err, "%s: has no section", device_at(m, i)->path);
	}
	return true;
}

StateLoad *state_load_new(Machine *m, const GArray *sections, GError **err)
{
	StateLoad *l = g_new0(StateLoad, 1);

	must_be_stopped(m);
	l->m = m;
	l->levels = g_new0(uint8_t, m->irqs->len + 1);
	l->devices = g_new0(VmReady *, m->devices->len + 1);
	if (check_all(l, sections, err))
		return l;
	state_load_free(l);
	return NULL;
}

void state_load_free(StateLoad *l)
{
	for (guint i = 0; i < l->m->devices->len; i++)
		if (l->devices[i])
			vm_ready_free(l->devices[i]);
	g_free(l->levels);
	g_free(l->devices);
	g_free(l);
}

/* Swapping */

/*
 * Puts the new state in, and keeps in its place what was: once more puts that back.  The
 * clock goes first: deadlines and differences are taken against it.
 */
static void exchange(StateLoad *l, RamPages *pages)
{
	Machine *m = l->m;
	ClockState was = clock_state(m);

	put_clock(m, &l->clock);
	l->clock = was;
	for (guint i = 0; i < m->irqs->len; i++) {
		bool level = irq_level(m->irqs->pdata[i]);

		irq_put_level(m->irqs->pdata[i], l->levels[i]);
		l->levels[i] = level;
	}
	for (guint i = 0; i < m->devices->len; i++)
		if (l->devices[i])
			vm_exchange(l->devices[i]);
	if (pages->host)
		ram_exchange(m->ram, pages);
}

static bool all_loaded(Machine *m, GError **err)
{
	for (guint i = 0; i < m->devices->len; i++) {
		Device *d = device_at(m, i);

		if (d->type->loaded && !d->type->loaded(d, err))
			return err && g_str_has_prefix((*err)->message, d->path)
				       ? false
				       : fail_in(err, "%s", d->path);
	}
	return true;
}

void state_load_undo(StateLoad *l, RamPages *pages)
{
	GError *ours = NULL;

	must_be_stopped(l->m);
	exchange(l, pages);
	if (!all_loaded(l->m, &ours))
		bug("the machine refuses its own state: %s", ours->message);
}

bool state_load_apply(StateLoad *l, RamPages *pages, GError **err)
{
	must_be_stopped(l->m);
	exchange(l, pages);
	if (all_loaded(l->m, err))
		return true;
	state_load_undo(l, pages);
	return false;
}
