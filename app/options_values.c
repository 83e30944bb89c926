#include "app/options_values.h"

#include <stdio.h>
#include <string.h>
#include "app/keyval.h"
#include "base/bits.h"
#include "base/err.h"

#define MIB (UINT64_C(1) << 20)
/* Nobody has this many bytes or CPUs; the machine knows its own, smaller limits. */
#define RAM_MAX (UINT64_C(1) << 46)
#define CPUS_MAX 65536

static void set(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

/* thread and split-wx are QEMU's, and say nothing here. */
static bool accel_prop(Options *o, const KeyVal *kv, const char *const *known, GError **err)
{
	if (!g_strv_contains(known, kv->key))
		return keyval_unknown(kv, known, err);
	if (!strcmp(kv->key, "verify"))
		return keyval_bool(kv, &o->accel_verify, err);
	if (!strcmp(kv->key, "background")) {
		bool on;

		if (!keyval_bool(kv, &on, err))
			return false;
		o->accel_fore = !on;
		return true;
	}
	if (!strcmp(kv->key, "one-insn-per-tb"))
		return keyval_bool(kv, &o->accel_one, err);
	if (!strcmp(kv->key, "strict-reservations"))
		return keyval_bool(kv, &o->accel_strict, err);
	if (!strcmp(kv->key, "register-seed")) {
		o->accel_shuffle = true;
		return keyval_number(kv, 0, UINT32_MAX, &o->accel_seed, err);
	}
	if (!strcmp(kv->key, "tb-size"))
		return keyval_number(kv, 0, 2048, &o->accel_mib, err);
	return true;
}

bool opt_accel(Options *o, const char *arg, GError **err)
{
	static const char *const foreign[] = { "kvm", "xen", "hvf", "hax", "whpx", "nvmm", NULL };
	static const char *const known[] = { "interp", "jit", "tcg", NULL };
	static const char *const props[] = { "thread",
					     "tb-size",
					     "split-wx",
					     "one-insn-per-tb",
					     "verify",
					     "background",
					     "strict-reservations",
					     "register-seed",
					     NULL };
	GPtrArray *kvs;
	char **names;
	bool found = false, ok = true;

	if (!strcmp(arg, "help")) {
		o->what = OPT_TEXT_HELP;
		o->help_text =
			"Accelerators:\n"
			"interp  interpreter\n"
			"jit     translator to host code\n"
			"tcg     QEMU's word for the best there is here\n"
			"Properties of all:\n"
			"strict-reservations=on|off  stores that leave a reserved value as it was\n"
			"                            are noticed, too (off)\n"
			"Properties of jit:\n"
			"verify=on|off               the interpreter does all again and compares (off)\n"
			"one-insn-per-tb=on|off      an instruction at a time (off)\n"
			"background=on|off           a thread of its own makes host code (on)\n"
			"tb-size=N                   MiB of host code for each CPU\n"
			"register-seed=N             host registers at random, by this seed (0: not)\n";
		return true;
	}
	kvs = keyval_parse(arg, "accel", err);
	if (!kvs)
		return false;
	for (guint i = 1; ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		ok = accel_prop(o, kv, props, err);
	}
	/* "kvm:tcg" means the first that can be had. */
	names = g_strsplit(((KeyVal *)g_ptr_array_index(kvs, 0))->val, ":", -1);
	for (char **n = names; ok && *n && !found; n++) {
		found = g_strv_contains(known, *n);
		if (found)
			set(&o->accel, strcmp(*n, "tcg") ? *n : NULL);
		else if (!g_strv_contains(foreign, *n))
			ok = fail(err, "no such accelerator; there are interp, jit and tcg");
	}
	if (ok && !found)
		ok = fail(err, "needs a PowerPC host; there are interp, jit and tcg");
	g_strfreev(names);
	g_ptr_array_unref(kvs);
	return ok;
}

bool opt_machine(Options *o, const char *arg, GError **err)
{
	GPtrArray *kvs;
	bool ok = true;

	if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
		o->what = OPT_MACHINE_HELP;
		return true;
	}
	kvs = keyval_parse(arg, "type", err);
	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);
		char **field = !strcmp(kv->key, "type")		    ? &o->machine
			       : !strcmp(kv->key, "kernel")	    ? &o->kernel
			       : !strcmp(kv->key, "initrd")	    ? &o->initrd
			       : !strcmp(kv->key, "append")	    ? &o->append
			       : !strcmp(kv->key, "firmware")	    ? &o->bios
			       : !strcmp(kv->key, "memory-backend") ? &o->memory_backend
								    : NULL;

		if (kv->bare && !strcmp(kv->key, "help"))
			o->what = OPT_PROPS_HELP;
		else if (field)
			set(field, kv->val);
		else if (!strcmp(kv->key, "accel"))
			ok = opt_accel(o, kv->val, err) || fail_in(err, "accel=%s", kv->val);
		else
			g_hash_table_insert(o->props, g_strdup(kv->key), g_strdup(kv->val));
	}
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

bool opt_smp(Options *o, const char *arg, GError **err)
{
	static const char *const known[] = { "cpus",	"maxcpus", "sockets",  "cores",
					     "threads", "dies",	   "clusters", NULL };
	GPtrArray *kvs = keyval_parse(arg, "cpus", err);
	uint64_t one;
	bool ok = true;

	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);
		uint64_t *field = !strcmp(kv->key, "cpus")	? &o->smp
				  : !strcmp(kv->key, "maxcpus") ? &o->maxcpus
				  : !strcmp(kv->key, "sockets") ? &o->sockets
				  : !strcmp(kv->key, "cores")	? &o->cores
				  : !strcmp(kv->key, "threads") ? &o->threads
								: NULL;

		if (field)
			ok = keyval_number(kv, 1, CPUS_MAX, field, err);
		else if (!strcmp(kv->key, "dies") || !strcmp(kv->key, "clusters"))
			ok = keyval_number(kv, 1, 1, &one, err);
		else
			ok = keyval_unknown(kv, known, err);
	}
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

/* What was not said follows from what was; cores take the rest, as in QEMU. */
bool opt_smp_finish(Options *o, GError **err)
{
	uint64_t all = o->maxcpus ? o->maxcpus : o->smp;
	uint64_t s = o->sockets, c = o->cores, t = o->threads;

	if (!all)
		all = (s ? s : 1) * (c ? c : 1) * (t ? t : 1);
	if (!c)
		c = MAX(all / ((s ? s : 1) * (t ? t : 1)), 1);
	else if (!s)
		s = MAX(all / (c * (t ? t : 1)), 1);
	else if (!t)
		t = MAX(all / (s * c), 1);
	s = s ? s : 1;
	t = t ? t : 1;
	if (s * c * t != all)
		return fail(err,
			    "-smp: %" G_GUINT64_FORMAT " sockets x %" G_GUINT64_FORMAT
			    " cores x %" G_GUINT64_FORMAT " threads are not %" G_GUINT64_FORMAT
			    " CPUs",
			    s, c, t, all);
	if (!o->smp)
		o->smp = all;
	if (o->smp > all)
		return fail(err,
			    "-smp: %" G_GUINT64_FORMAT
			    " CPUs are more than maxcpus=%" G_GUINT64_FORMAT,
			    o->smp, all);
	o->sockets = s;
	o->cores = c;
	o->threads = t;
	o->maxcpus = all;
	return true;
}

static bool size_value(const KeyVal *kv, uint64_t unit, uint64_t *out, GError **err)
{
	if (!parse_size(kv->val, unit, out))
		fail(err, "not a size (a number and k, M, G or T)");
	else if (!*out || *out > RAM_MAX)
		fail(err, "no machine has that much memory");
	else
		return true;
	return keyval_blame(kv, err);
}

bool opt_memory(Options *o, const char *arg, GError **err)
{
	static const char *const known[] = { "size", "slots", "maxmem", NULL };
	GPtrArray *kvs = keyval_parse(arg, "size", err);
	uint64_t slots = 0, maxmem = 0;
	bool ok = true;

	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		if (!strcmp(kv->key, "size"))
			ok = size_value(kv, MIB, &o->ram, err);
		else if (!strcmp(kv->key, "slots"))
			ok = keyval_number(kv, 0, 256, &slots, err);
		else if (!strcmp(kv->key, "maxmem"))
			ok = size_value(kv, 1, &maxmem, err);
		else
			ok = keyval_unknown(kv, known, err);
	}
	if (ok && slots && !maxmem)
		ok = fail(err, "slots= needs maxmem=");
	if (ok && maxmem && maxmem < o->ram)
		ok = fail(err, "maxmem= is smaller than the memory itself");
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

bool opt_display(Options *o, const char *arg, GError **err)
{
	if (!strcmp(arg, "help")) {
		o->what = OPT_TEXT_HELP;
		o->help_text = "Displays:\nnone\n";
		return true;
	}
	if (strcmp(arg, "none"))
		return fail(err, "not supported yet; there is -display none");
	o->display_none = true;
	return true;
}

/* -mon [chardev=]ID[,mode=readline] is a monitor on an existing back end. */
bool opt_mon(Options *o, const char *arg, GError **err)
{
	static const char *const known[] = { "chardev", "mode", "pretty", NULL };
	GPtrArray *kvs = keyval_parse(arg, "chardev", err);
	CharSpec *spec;
	char *text = NULL;
	bool ok = true;

	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		if (!strcmp(kv->key, "chardev"))
			set(&text, kv->val);
		else if (!strcmp(kv->key, "mode") && !strcmp(kv->val, "control"))
			ok = fail(err, "mode=control: not supported yet");
		else if (!strcmp(kv->key, "mode") && strcmp(kv->val, "readline"))
			ok = fail(err, "mode=%s: must be readline", kv->val);
		else if (!g_strv_contains(known, kv->key))
			ok = keyval_unknown(kv, known, err);
	}
	if (ok && kvs && !text)
		ok = fail(err, "needs chardev=");
	if (kvs)
		g_ptr_array_unref(kvs);
	if (kvs && ok) {
		char *ref = g_strconcat("chardev:", text, NULL);

		spec = charspec_parse_legacy(ref, err);
		g_free(ref);
		g_ptr_array_add(o->monitors, spec);
	}
	g_free(text);
	return kvs && ok;
}

/* "2026-05-01T12:30:00" or "2026-05-01", UTC. */
static bool parse_date(const char *text, int64_t *secs)
{
	int y, mo, d, h = 0, mi = 0, s = 0, n = 0;
	int got = sscanf(text, "%4d-%2d-%2d%n", &y, &mo, &d, &n);
	GDateTime *t;

	if (got != 3)
		return false;
	if (text[n]) {
		text += n;
		n = 0;
		if (sscanf(text, "T%2d:%2d:%2d%n", &h, &mi, &s, &n) != 3 || text[n])
			return false;
	}
	t = g_date_time_new_utc(y, mo, d, h, mi, s);
	if (!t)
		return false;
	*secs = g_date_time_to_unix(t);
	g_date_time_unref(t);
	return true;
}

static bool rtc_base(Options *o, const char *val, GError **err)
{
	o->rtc_given = true;
	if (!strcmp(val, "utc"))
		o->rtc = RTC_UTC;
	else if (!strcmp(val, "localtime"))
		o->rtc = RTC_LOCALTIME;
	else if (parse_date(val, &o->rtc_date))
		o->rtc = RTC_DATE;
	else
		return fail(err,
			    "base=%s: must be utc, localtime, 2026-05-01 or "
			    "2026-05-01T12:30:00",
			    val);
	return true;
}

bool opt_rtc(Options *o, const char *arg, GError **err)
{
	static const char *const known[] = { "base", "clock", "driftfix", NULL };
	GPtrArray *kvs = keyval_parse(arg, NULL, err);
	bool ok = true;

	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		if (!strcmp(kv->key, "base")) {
			ok = rtc_base(o, kv->val, err);
		} else if (!strcmp(kv->key, "clock")) {
			o->rtc_clock_given = true;
			o->rtc_vm = !strcmp(kv->val, "vm") || !strcmp(kv->val, "rt");
			if (!o->rtc_vm && strcmp(kv->val, "host"))
				ok = fail(err, "clock=%s: must be host, rt or vm", kv->val);
		} else if (!strcmp(kv->key, "driftfix")) {
			if (strcmp(kv->val, "none"))
				ok = fail(err, "driftfix=%s: must be none", kv->val);
		} else {
			ok = keyval_unknown(kv, known, err);
		}
	}
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

bool opt_icount(Options *o, const char *arg, GError **err)
{
	static const char *const known[] = { "shift", "align", "sleep", NULL };
	GPtrArray *kvs = keyval_parse(arg, "shift", err);
	uint64_t shift;
	bool ok = true, flag;

	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		if (!strcmp(kv->key, "shift")) {
			if (!strcmp(kv->val, "auto"))
				ok = fail(err, "shift=auto: not supported, it would follow the "
					       "host's speed; give a number 0 to 10");
			else
				ok = keyval_number(kv, 0, 10, &shift, err);
			if (ok)
				o->icount_shift = (unsigned)shift;
		} else if (!strcmp(kv->key, "align") || !strcmp(kv->key, "sleep")) {
			ok = keyval_bool(kv, &flag, err);
			if (ok && flag)
				ok = fail(err,
					  "%s=on: not supported, counted time waits for no "
					  "clock of the host's",
					  kv->key);
		} else if (!strncmp(kv->key, "rr", 2)) {
			ok = fail(err, "%s: not supported yet", kv->key);
		} else {
			ok = keyval_unknown(kv, known, err);
		}
	}
	o->counted = true;
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

static bool action_panic(Options *o, const char *val, GError **err)
{
	static const char *const names[] = { "shutdown", "pause", "exit-failure", "none" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!strcmp(val, names[i])) {
			o->panic = (PanicAction)i;
			return true;
		}
	}
	return fail(err, "panic=%s: must be shutdown, pause, exit-failure or none", val);
}

bool opt_action(Options *o, const char *arg, GError **err)
{
	static const char *const known[] = { "reboot", "shutdown", "panic", NULL };
	GPtrArray *kvs = keyval_parse(arg, NULL, err);
	bool ok = true;

	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		if (!strcmp(kv->key, "reboot")) {
			o->no_reboot = !strcmp(kv->val, "shutdown");
			if (!o->no_reboot && strcmp(kv->val, "reset"))
				ok = fail(err, "reboot=%s: must be reset or shutdown", kv->val);
		} else if (!strcmp(kv->key, "shutdown")) {
			o->no_shutdown = !strcmp(kv->val, "pause");
			if (!o->no_shutdown && strcmp(kv->val, "poweroff"))
				ok = fail(err, "shutdown=%s: must be poweroff or pause", kv->val);
		} else if (!strcmp(kv->key, "panic")) {
			ok = action_panic(o, kv->val, err);
		} else if (!strcmp(kv->key, "watchdog")) {
			ok = fail(err, "watchdog: not supported yet");
		} else {
			ok = keyval_unknown(kv, known, err);
		}
	}
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

bool opt_name(Options *o, const char *arg, GError **err)
{
	/* Names of the process and of threads are cosmetics of the host. */
	static const char *const known[] = { "guest", "process", "debug-threads", NULL };
	GPtrArray *kvs = keyval_parse(arg, "guest", err);
	bool ok = true;

	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		if (!strcmp(kv->key, "guest"))
			set(&o->name, kv->val);
		else if (!g_strv_contains(known, kv->key))
			ok = keyval_unknown(kv, known, err);
	}
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

/* Which disk to boot from says nothing while there are none; typing errors still count. */
bool opt_boot(Options *o, const char *arg, GError **err)
{
	static const char *const known[] = { "order",	    "once",	      "menu",	"splash",
					     "splash-time", "reboot-timeout", "strict", NULL };
	GPtrArray *kvs = keyval_parse(arg, "order", err);
	bool ok = true;

	(void)o;
	for (guint i = 0; kvs && ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);

		if (!g_strv_contains(known, kv->key))
			ok = keyval_unknown(kv, known, err);
	}
	if (kvs)
		g_ptr_array_unref(kvs);
	return kvs && ok;
}

bool opt_uuid(Options *o, const char *arg, GError **err)
{
	if (!g_uuid_string_is_valid(arg))
		return fail(err, "not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)");
	set(&o->uuid, arg);
	return true;
}
