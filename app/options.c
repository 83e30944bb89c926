#include "app/options.h"

#include <stddef.h>
#include <string.h>
#include "app/keyval.h"
#include "app/objects.h"
#include "app/options_values.h"
#include "app/version.h"
#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"

typedef struct OptionRow OptionRow;

struct OptionRow {
	const char *name, *alias;
	const char *arg; /* what its value is called in -help; NULL: it has none */
	/* One of these three takes the value; none: accepted, without effect. */
	bool (*parse)(Options *o, const char *arg, GError **err);
	size_t str;  /* offset of a char * */
	size_t flag; /* offset of a bool to set */
	const char *help;
};

static bool opt_help(Options *o, const char *arg, GError **err)
{
	(void)arg, (void)err;
	o->what = OPT_HELP;
	return true;
}

static bool opt_version(Options *o, const char *arg, GError **err)
{
	(void)arg, (void)err;
	o->what = OPT_VERSION;
	return true;
}

static bool opt_cpu(Options *o, const char *arg, GError **err)
{
	if (!strcmp(arg, "help") || !strcmp(arg, "?"))
		o->what = OPT_CPU_HELP;
	else if (!*arg)
		return fail(err, "needs a name; -cpu help lists them");
	g_free(o->cpu);
	o->cpu = g_strdup(arg);
	return true;
}

static bool opt_log(Options *o, const char *arg, GError **err)
{
	(void)err;
	if (!strcmp(arg, "help") || !strcmp(arg, "?"))
		o->what = OPT_LOG_HELP;
	g_free(o->log_topics);
	o->log_topics = g_strdup(arg);
	return true;
}

static bool opt_log_ranges(Options *o, const char *arg, GError **err)
{
	(void)o;
	return log_set_ranges(arg, err);
}

static bool add_spec(GPtrArray *list, CharSpec *s)
{
	if (s)
		g_ptr_array_add(list, s);
	return s != NULL;
}

static bool opt_serial(Options *o, const char *arg, GError **err)
{
	if (o->serials->len == MACHINE_MAX_SERIAL)
		return fail(err, "there are at most %d serial ports", MACHINE_MAX_SERIAL);
	return add_spec(o->serials, charspec_parse_legacy(arg, err));
}

static bool opt_monitor(Options *o, const char *arg, GError **err)
{
	return add_spec(o->monitors, charspec_parse_legacy(arg, err));
}

static bool opt_chardev(Options *o, const char *arg, GError **err)
{
	if (!strcmp(arg, "help")) {
		o->what = OPT_TEXT_HELP;
		o->help_text = "Character back ends:\nfile\nnull\npty\nsocket\nstdio\n";
		return true;
	}
	return add_spec(o->chardevs, charspec_parse(arg, err));
}

static bool opt_device(Options *o, const char *arg, GError **err)
{
	if (!strcmp(arg, "help")) {
		o->what = OPT_TEXT_HELP;
		o->help_text = "There is no device yet that -device could add.\n";
		return true;
	}
	return fail(err, "not supported yet");
}

static bool opt_none_only(Options *o, const char *arg, GError **err)
{
	(void)o;
	return !strcmp(arg, "none") || fail(err, "not supported yet; there is none");
}

static bool opt_parallel(Options *o, const char *arg, GError **err)
{
	(void)o;
	return !strcmp(arg, "none") || !strcmp(arg, "null") ||
	       fail(err, "this machine has no parallel port");
}

static bool opt_seed(Options *o, const char *arg, GError **err)
{
	o->seed_set = parse_number(arg, &o->seed);
	return o->seed_set || fail(err, "not a number");
}

static bool opt_time_policy(Options *o, const char *arg, GError **err)
{
	return time_policy_parse(arg, &o->time_policy) ||
	       fail(err, "%s: neither auto, realtime nor frozen", arg);
}

static bool opt_escape(Options *o, const char *arg, GError **err)
{
	uint64_t n;

	if (strlen(arg) == 1)
		n = (uint8_t)*arg;
	else if (!parse_number(arg, &n) || !n || n > 255)
		return fail(err, "must be one character or its number, 1 to 255");
	o->escape = (uint8_t)n;
	return true;
}

static bool opt_prom_env(Options *o, const char *arg, GError **err)
{
	if (!strchr(arg, '=') || *arg == '=')
		return fail(err, "must be name=value");
	g_ptr_array_add(o->prom_env, g_strdup(arg));
	return true;
}

#define STR(f) .str = offsetof(Options, f)
#define FLAG(f) .flag = offsetof(Options, f)

/* clang-format off */
static const OptionRow rows[] = {
	{ .help = "General" },
	{ "h", "help", NULL, opt_help, .help = "this list" },
	{ "version", NULL, NULL, opt_version, .help = "the version" },
	{ "M", "machine", "NAME[,PROP=VALUE...]", opt_machine,
	  .help = "machine and its properties; help lists them" },
	{ "cpu", NULL, "MODEL", opt_cpu, .help = "CPU model; help lists them" },
	{ "smp", NULL, "[cpus=]N[,maxcpus=,sockets=,cores=,threads=]", opt_smp,
	  .help = "number of CPUs (topology is checked, the guest sees cores)" },
	{ "m", NULL, "[size=]N[,slots=,maxmem=]", opt_memory,
	  .help = "memory, in MiB or with a suffix k, M, G, T" },
	{ "accel", NULL, "interp|jit|tcg", opt_accel, .help = "how guest code runs" },
	{ "perfmap", NULL, NULL, FLAG(perfmap),
	  .help = "names of host code for perf, in /tmp/perf-PID.map" },
	{ "name", NULL, "NAME", opt_name, .help = "name of the guest" },
	{ "uuid", NULL, "UUID", opt_uuid, .help = "UUID of the guest" },
	{ "rtc", NULL, "[base=utc|localtime|DATE][,clock=host|vm]", opt_rtc,
	  .help = "where the guest's date comes from" },
	{ "icount", NULL, "[shift=]N", opt_icount,
	  .help = "counted time: 2^N ns per instruction, the same in every run" },
	{ "time-policy", NULL, "auto|realtime|frozen", opt_time_policy,
	  .help = "what a pause is to the guest: time that passed, or none (auto: realtime after "
		  "a live migration, else frozen)" },
	{ "seed", NULL, "N", opt_seed, .help = "seed of what is random for the guest" },
	{ "nodefaults", NULL, NULL, FLAG(nodefaults), .help = "no serial port and monitor unless said" },
	{ "no-user-config", NULL, NULL, .help = "accepted: there are no configuration files" },

	{ .help = "What to boot" },
	{ "kernel", NULL, "FILE", STR(kernel), .help = "kernel (ELF)" },
	{ "initrd", NULL, "FILE", STR(initrd), .help = "initial RAM disk" },
	{ "append", NULL, "TEXT", STR(append), .help = "kernel command line" },
	{ "bios", NULL, "FILE", STR(bios), .help = "firmware image" },
	{ "L", NULL, "DIR", STR(firmware_dir), .help = "where -bios looks for a name without a slash" },
	{ "boot", NULL, "ORDER", opt_boot, .help = "accepted: there are no disks to choose from" },
	{ "prom-env", NULL, "NAME=VALUE", opt_prom_env, .help = "firmware variable (kept, not used yet)" },

	{ .help = "Console and monitor" },
	{ "nographic", NULL, NULL, FLAG(nographic), .help = "console and monitor on this terminal" },
	{ "display", NULL, "none", opt_display, .help = "no screen, and nothing on this terminal" },
	{ "serial", NULL, "DEV", opt_serial,
	  .help = "serial port on stdio, file:PATH, pty, unix:PATH[,server=on,wait=off], "
		  "tcp:HOST:PORT[,...], telnet:..., null, none, mon:stdio, chardev:ID" },
	{ "monitor", NULL, "DEV", opt_monitor, .help = "monitor, likewise" },
	{ "mon", NULL, "[chardev=]ID", opt_mon, .help = "monitor on a -chardev" },
	{ "chardev", NULL, "KIND,id=ID[,...]", opt_chardev, .help = "a back end with a name; help lists kinds" },
	{ "echr", NULL, "CHAR", opt_escape, .help = "another key than Ctrl-a" },
	{ "parallel", NULL, "none", opt_parallel, .help = "accepted" },
	{ "vga", NULL, "none", opt_none_only, .help = "accepted" },

	{ .help = "Networks" },
	{ "net", NULL, "none", opt_none_only, .help = "accepted" },
	{ "nic", NULL, "none", opt_none_only, .help = "accepted" },
	{ "device", NULL, "help", opt_device, .help = "says that there is none yet" },

	{ .help = "Running" },
	{ "S", NULL, NULL, FLAG(start_stopped), .help = "start stopped; `c' in the monitor goes on" },
	{ "snapdir", NULL, "DIR", STR(snapdir), .help = "where savevm and loadvm keep NAME.snap (default: here)" },
	{ "loadvm", NULL, "NAME", STR(loadvm), .help = "start from a snapshot" },
	{ "incoming", NULL, "URI|defer", STR(incoming),
	  .help = "wait for a guest to come by migration: tcp:HOST:PORT, unix:PATH, fd:N, exec:COMMAND, "
		  "file:PATH; defer: until migrate_incoming says which" },
	{ "object", NULL, "KIND,id=ID[,...]", opt_object,
	  .help = "credentials for TLS: tls-creds-x509 (verify-peer=on|off), tls-creds-psk (username=), "
		  "with dir=DIR,endpoint=client|server; memory for -M memory-backend=ID: "
		  "memory-backend-ram, memory-backend-memfd, with size=N[,share=on|off]" },
	{ "no-reboot", NULL, NULL, FLAG(no_reboot), .help = "end when the guest reboots" },
	{ "no-shutdown", NULL, NULL, FLAG(no_shutdown), .help = "stop, and stay, when the guest shuts down" },
	{ "action", NULL, "EVENT=ACTION[,...]", opt_action,
	  .help = "reboot=reset|shutdown, shutdown=poweroff|pause, panic=shutdown|pause|exit-failure|none" },
	{ "pidfile", NULL, "FILE", STR(pidfile), .help = "write the process number to a file" },
	{ "d", NULL, "TOPIC,...", opt_log, .help = "log topics; help lists them" },
	{ "dfilter", NULL, "RANGE,...", opt_log_ranges,
	  .help = "log guest code at START..END, START+SIZE, START-SIZE alone" },
	{ "D", NULL, "FILE", STR(log_file), .help = "log to a file instead of stderr" },
};
/* clang-format on */

/* QEMU has them for our machines, we do not (yet). */
static const char *const later[] = { "add-fd",
				     "async-teardown",
				     "audio",
				     "audio-help",
				     "audiodev",
				     "blockdev",
				     "cdrom",
				     "chroot",
				     "compat",
				     "daemonize",
				     "debugcon",
				     "drive",
				     "dtb",
				     "dump-vmstate",
				     "enable-kvm",
				     "enable-sync-profile",
				     "fda",
				     "fdb",
				     "fsdev",
				     "full-screen",
				     "fw_cfg",
				     "g",
				     "gdb",
				     "global",
				     "hda",
				     "hdb",
				     "hdc",
				     "hdd",
				     "iscsi",
				     "k",
				     "mem-path",
				     "mem-prealloc",
				     "msg",
				     "mtdblock",
				     "netdev",
				     "numa",
				     "only-migratable",
				     "option-rom",
				     "overcommit",
				     "pflash",
				     "plugin",
				     "portrait",
				     "preconfig",
				     "qmp",
				     "qmp-pretty",
				     "readconfig",
				     "rotate",
				     "run-with",
				     "runas",
				     "s",
				     "sandbox",
				     "sd",
				     "set",
				     "singlestep",
				     "snapshot",
				     "spice",
				     "tpmdev",
				     "trace",
				     "usb",
				     "usbdevice",
				     "virtfs",
				     "vnc",
				     "watchdog",
				     "watchdog-action",
				     NULL };

static const OptionRow *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].name && (!strcmp(rows[i].name, name) ||
				     (rows[i].alias && !strcmp(rows[i].alias, name))))
			return &rows[i];
	return NULL;
}

static bool unknown(const char *name, GError **err)
{
	const char *names[2 * ARRAY_LEN(rows) + ARRAY_LEN(later)];
	const char *near;
	size_t n = 0;

	if (g_strv_contains(later, name))
		return fail(err, "-%s: not supported yet", name);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].name)
			names[n++] = rows[i].name;
		if (rows[i].alias)
			names[n++] = rows[i].alias;
	}
	memcpy(names + n, later, sizeof(later));
	near = nearest_name(name, names);
	if (near)
		return fail(err, "-%s: unknown option; did you mean -%s?", name, near);
	return fail(err, "-%s: unknown option", name);
}

static bool apply(Options *o, const OptionRow *r, const char *typed, const char *arg, GError **err)
{
	if (r->parse)
		return r->parse(o, arg, err) ||
		       (arg ? fail_in(err, "-%s %s", typed, arg) : fail_in(err, "-%s", typed));
	if (r->str) {
		char **field = (char **)((char *)o + r->str);

		g_free(*field);
		*field = g_strdup(arg);
	}
	if (r->flag)
		*(bool *)((char *)o + r->flag) = true;
	return true;
}

static void add_default(GPtrArray *list, const char *text)
{
	g_ptr_array_add(list, charspec_parse_legacy(text, NULL));
}

/*
 * As QEMU does, except that no screen exists: without -display none the
 * console is on the terminal.
 */
static void default_chardevs(Options *o)
{
	bool serial = !o->serials->len, monitor = !o->monitors->len;

	for (guint i = 0; i < o->serials->len; i++)
		if (((CharSpec *)g_ptr_array_index(o->serials, i))->mon)
			monitor = false;
	if (o->nodefaults)
		return;
	if (o->display_none && !o->nographic) {
		if (serial)
			add_default(o->serials, "null");
		return;
	}
	if (serial && monitor) {
		add_default(o->serials, "mon:stdio");
		return;
	}
	if (serial)
		add_default(o->serials, "stdio");
	/* A terminal in use by a serial port is not there for a monitor too. */
	for (guint i = 0; i < o->serials->len; i++)
		if (((CharSpec *)g_ptr_array_index(o->serials, i))->kind == CHAR_KIND_STDIO)
			monitor = false;
	for (guint i = 0; i < o->chardevs->len; i++)
		if (((CharSpec *)g_ptr_array_index(o->chardevs, i))->kind == CHAR_KIND_STDIO)
			monitor = false;
	if (monitor)
		add_default(o->monitors, "stdio");
}

static bool finish(Options *o, GError **err)
{
	if (!opt_smp_finish(o, err))
		return false;
	if (!o->kernel && o->append)
		return fail(err, "-append: needs -kernel");
	if (!o->kernel && o->initrd)
		return fail(err, "-initrd: needs -kernel");
	default_chardevs(o);
	return objects_resolve_memory(o, err);
}

static void spec_free(gpointer p)
{
	charspec_free(p);
}

static void object_free(gpointer p)
{
	tls_spec_free(p);
}

bool options_parse(Options *o, int argc, const char *const *argv, GError **err)
{
	memset(o, 0, sizeof(*o));
	o->props = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	o->serials = g_ptr_array_new_with_free_func(spec_free);
	o->monitors = g_ptr_array_new_with_free_func(spec_free);
	o->chardevs = g_ptr_array_new_with_free_func(spec_free);
	o->prom_env = g_ptr_array_new_with_free_func(g_free);
	o->objects = g_ptr_array_new_with_free_func(object_free);
	o->memories = g_ptr_array_new_with_free_func(mem_spec_free);
	o->escape = 1;
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];
		const char *arg = NULL;
		const OptionRow *r;

		if (name[0] != '-' || !name[1])
			return fail(err, "%s: disk images are not supported yet", name);
		name += name[1] == '-' && name[2] ? 2 : 1;
		r = find(name);
		if (!r)
			return unknown(name, err);
		if (r->arg) {
			if (++i == argc)
				return fail(err, "-%s: needs %s", name, r->arg);
			arg = argv[i];
		}
		if (!apply(o, r, name, arg, err))
			return false;
		if (o->what == OPT_HELP || o->what == OPT_VERSION)
			return true;
	}
	return o->what != OPT_RUN || finish(o, err);
}

void options_free(Options *o)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].str)
			g_free(*(char **)((char *)o + rows[i].str));
	g_free(o->machine);
	g_free(o->cpu);
	g_free(o->accel);
	g_free(o->name);
	g_free(o->uuid);
	g_free(o->log_topics);
	g_hash_table_unref(o->props);
	g_ptr_array_unref(o->serials);
	g_ptr_array_unref(o->monitors);
	g_ptr_array_unref(o->chardevs);
	g_ptr_array_unref(o->prom_env);
	g_ptr_array_unref(o->objects);
	g_ptr_array_unref(o->memories);
	g_free(o->memory_backend);
	memset(o, 0, sizeof(*o));
}

/* "pseries-7.2": QEMU's machines have versions for its own migrations. */
static const MachineType *find_machine(const char *name)
{
	const char *dash = strrchr(name, '-');
	const MachineType *t = machine_type_find(name);
	char *plain;

	if (t || !dash || !g_ascii_isdigit(dash[1]) ||
	    strspn(dash + 1, "0123456789.") != strlen(dash + 1))
		return t;
	plain = g_strndup(name, (gsize)(dash - name));
	t = machine_type_find(plain);
	g_free(plain);
	return t;
}

const MachineType *options_machine(const Options *o, GError **err)
{
	const MachineType *const *types = machine_types();
	const MachineType *t = o->machine ? find_machine(o->machine) : types[0];
	const char *names[64];
	const char *near;
	size_t n = 0;

	if (t)
		return t;
	for (; *types && n + 3 < ARRAY_LEN(names); types++) {
		names[n++] = (*types)->name;
		if ((*types)->alias)
			names[n++] = (*types)->alias;
	}
	names[n] = NULL;
	near = nearest_name(o->machine, names);
	if (near)
		fail(err, "-M %s: no such machine; did you mean %s?", o->machine, near);
	else
		fail(err, "-M %s: no such machine; -M help lists them", o->machine);
	return NULL;
}

bool options_check_machine(Options *o, const MachineType *type, GError **err)
{
	/* Of every machine of QEMU; they change nothing that a guest sees. */
	static const char *const ignored[] = { "dump-guest-core", "mem-merge", "suppress-vmdesc",
					       NULL };
	GHashTableIter it;
	gpointer key, val;

	if (o->smp > type->max_cpus)
		return fail(err, "-smp %" G_GUINT64_FORMAT ": %s has at most %u CPUs", o->smp,
			    type->name, type->max_cpus);
	g_hash_table_iter_init(&it, o->props);
	while (g_hash_table_iter_next(&it, &key, &val)) {
		KeyVal kv = { .key = key, .val = val };
		const char *names[128];
		size_t n = 0;
		bool known = false;

		for (const char *const(*p)[2] = type->props; p && (*p)[0]; p++) {
			known = known || !strcmp((*p)[0], kv.key);
			if (n + 1 < ARRAY_LEN(names))
				names[n++] = (*p)[0];
		}
		names[n] = NULL;
		if (g_strv_contains(ignored, kv.key)) {
			g_hash_table_iter_remove(&it);
		} else if (!known) {
			keyval_unknown(&kv, names, err);
			return fail_in(err, "-M %s", type->name);
		}
	}
	return true;
}

void options_help(GString *out)
{
	g_string_append(out, "Peppercorn " PEPPERCORN_VERSION ", a PowerPC system emulator\n"
			     "usage: peppercorn [options]\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const OptionRow *r = &rows[i];

		if (!r->name) {
			g_string_append_printf(out, "\n%s:\n", r->help);
			continue;
		}
		g_string_append_printf(out, "-%s", r->name);
		if (r->alias)
			g_string_append_printf(out, ", -%s", r->alias);
		g_string_append_printf(out, "%s%s\n\t%s\n", r->arg ? " " : "", r->arg ? r->arg : "",
				       r->help);
	}
	g_string_append(out, "\nWith -nographic, Ctrl-a h lists the keys for this program.\n");
}
