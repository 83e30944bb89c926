/* The monitor's info commands: they show, and change nothing. */
#include <inttypes.h>
#include <string.h>
#include "app/keyval.h"
#include "app/migrate.h"
#include "app/monitor_int.h"
#include "app/version.h"
#include "base/err.h"
#include "core/absent.h"

static bool info_status(MonCall *c, GError **err)
{
	static const char *const words[] = {
		[STOP_NONE] = "running",
		[STOP_INITIAL] = "paused (prelaunch)",
		[STOP_USER] = "paused",
		[STOP_SAVE] = "paused (save-vm)",
		[STOP_SHUTDOWN] = "paused (shutdown)",
		[STOP_PANIC] = "paused (guest-panicked)",
		[STOP_INCOMING] = "paused (inmigrate)",
		[STOP_FINISH] = "paused (finish-migrate)",
		[STOP_MIGRATED] = "paused (postmigrate)",
		[STOP_PAGES] = "paused (postcopy-paused)",
	};
	const Machine *m = c->m->app->machine;

	(void)err;
	g_string_append_printf(c->out, "VM status: %s\n",
			       machine_running(m) ? words[STOP_NONE] : words[m->stop_reason]);
	return true;
}

/* -a: all CPUs; N: that one; else the current one. */
static bool registers(MonCall *c, GError **err)
{
	App *a = c->m->app;
	bool all = c->argc && !strcmp(c->argv[0], "-a");
	uint64_t n = c->m->cpu;

	if (c->argc && !all && !parse_number(c->argv[0], &n))
		return fail(err, "%s: neither -a nor the number of a CPU", c->argv[0]);
	if (!a->type->show_cpu)
		return fail(err, "this machine cannot show its CPUs");
	for (n = all ? 0 : n;; n++) {
		char *text = n < a->machine->vcpus->len
				     ? a->type->show_cpu(a->machine, (unsigned)n, true)
				     : NULL;

		if (!text)
			return all || fail(err, "%" PRIu64 ": there is no such CPU", n);
		g_string_append_c(c->out, '\n');
		if (!g_str_has_prefix(text, "CPU#"))
			g_string_append_printf(c->out, "CPU#%" PRIu64 "\n", n);
		g_string_append(c->out, text);
		if (!g_str_has_suffix(text, "\n"))
			g_string_append_c(c->out, '\n');
		g_free(text);
		if (!all)
			return true;
	}
}

static bool info_registers(MonCall *c, GError **err)
{
	return mon_paused(c, registers, err);
}

static bool info_cpus(MonCall *c, GError **err)
{
	const GPtrArray *cpus = c->m->app->machine->vcpus;

	(void)err;
	for (guint i = 0; i < cpus->len; i++) {
		Vcpu *v = g_ptr_array_index(cpus, i);

		g_string_append_printf(c->out, "%c CPU #%u:%s\n", i == c->m->cpu ? '*' : ' ', i,
				       v->ops->runnable(v) ? "" : " (halted)");
	}
	return true;
}

static bool info_version(MonCall *c, GError **err)
{
	(void)err;
	g_string_append(c->out, PEPPERCORN_VERSION "\n");
	return true;
}

static bool info_name(MonCall *c, GError **err)
{
	(void)err;
	if (c->m->app->opts->name)
		g_string_append_printf(c->out, "%s\n", c->m->app->opts->name);
	return true;
}

static bool info_uuid(MonCall *c, GError **err)
{
	const char *uuid = c->m->app->opts->uuid;

	(void)err;
	g_string_append_printf(c->out, "%s\n",
			       uuid ? uuid : "00000000-0000-0000-0000-000000000000");
	return true;
}

static bool info_migrate(MonCall *c, GError **err)
{
	(void)err;
	migration_show(c->m->app->migration, c->out);
	return true;
}

static bool info_migrate_parameters(MonCall *c, GError **err)
{
	(void)err;
	migration_show_parameters(c->m->app->migration, c->out);
	return true;
}

static bool info_migrate_capabilities(MonCall *c, GError **err)
{
	(void)err;
	migration_show_capabilities(c->m->app->migration, c->out);
	return true;
}

static bool clock_text(MonCall *c, GError **err)
{
	App *a = c->m->app;
	const VClock *clock = a->machine->clock;

	(void)err;
	if (vclock_driver(clock) == VCLOCK_COUNTED)
		g_string_append_printf(c->out, "driver: counted, %u ns per instruction\n",
				       vclock_ns_per_insn(clock));
	else
		g_string_append(c->out, "driver: host\n");
	g_string_append_printf(c->out, "V: %" PRId64 " ns\n", vclock_now(clock));
	g_string_append_printf(c->out, "policy: %s", time_policy_name(a->machine->time_policy));
	if (a->machine->time_policy == TIME_AUTO)
		g_string_append_printf(c->out, " (%s now)",
				       time_policy_name(machine_time_policy(a->machine)));
	g_string_append_printf(c->out, "; downtimes added: %" PRId64 " ns\n", a->machine->jumped);
	if (a->type->show_clock)
		a->type->show_clock(a->machine, c->out);
	return true;
}

static bool info_clock(MonCall *c, GError **err)
{
	return mon_paused(c, clock_text, err);
}

static bool jit_text(MonCall *c, GError **err)
{
	App *a = c->m->app;

	(void)err;
	if (a->type->show_jit)
		a->type->show_jit(a->machine, c->out);
	return true;
}

static bool info_jit(MonCall *c, GError **err)
{
	return mon_paused(c, jit_text, err);
}

static bool device_text(MonCall *c, GError **err)
{
	Device *d = machine_find(c->m->app->machine, c->argv[0]);

	if (!d)
		return fail(err, "%s: there is no such device; info qtree lists them", c->argv[0]);
	if (d->type->state)
		vm_show(d->type->state, d, c->out);
	return true;
}

static bool info_device(MonCall *c, GError **err)
{
	return mon_paused(c, device_text, err);
}

static bool info_irq(MonCall *c, GError **err)
{
	const Machine *m = c->m->app->machine;

	(void)err;
	for (guint i = 0; i < m->irqs->len; i++) {
		const Irq *irq = g_ptr_array_index(m->irqs, i);

		g_string_append_printf(c->out, "%d %s\n", irq_level(irq), irq_name(irq));
	}
	return true;
}

static bool info_chardev(MonCall *c, GError **err)
{
	(void)err;
	charset_show(&c->m->app->chars, c->out);
	return true;
}

static bool info_snapshots(MonCall *c, GError **err)
{
	return app_snapshots(c->m->app, c->out, err);
}

static bool ramhash(MonCall *c, GError **err)
{
	const Machine *m = c->m->app->machine;

	if (!m->ram)
		return fail(err, "this machine has no RAM");
	if (absent_left(m))
		return fail(err, "%" PRIu64 " of its pages are still to come", absent_left(m));
	g_string_append_printf(c->out, "%08" PRIx32 "\n", ram_hash(m->ram));
	return true;
}

static bool info_ramhash(MonCall *c, GError **err)
{
	return mon_paused(c, ramhash, err);
}

/* clang-format off */
const MonCommand monitor_infos[] = {
	{ "chardev", "", "character back ends", 0, 0, 0, info_chardev },
	{ "clock", "", "virtual clock, timebases and decrementers", 0, 0, 0, info_clock },
	{ "cpus", "", "CPUs; * is the one that x and info registers look at", 0, 0, 0, info_cpus },
	{ "device", "PATH", "state of a device, field by field", 1, 1, 0, info_device },
	{ "irq", "", "levels of the interrupt lines", 0, 0, 0, info_irq },
	{ "jit", "", "decoded and translated code, TLB: what there is of each CPU", 0, 0, 0, info_jit },
	{ "migrate", "", "how a migration is going", 0, 0, 0, info_migrate },
	{ "migrate_capabilities", "", "what it may make use of", 0, 0, 0, info_migrate_capabilities },
	{ "migrate_parameters", "", "its limits and ways", 0, 0, 0, info_migrate_parameters },
	{ "mtree", "", "physical address space, as a tree", 0, 0, 0, mon_mtree },
	{ "name", "", "name of the guest", 0, 0, 0, info_name },
	{ "qtree", "", "devices and their properties, as a tree", 0, 0, 0, mon_qtree },
	{ "ramhash", "", "CRC-32C of all RAM", 0, 0, 0, info_ramhash },
	{ "registers", "[-a|N]", "registers of the current CPU, of all, or of CPU N", 0, 1, 0, info_registers },
	{ "snapshots", "", "snapshots in the folder of -snapdir", 0, 0, 0, info_snapshots },
	{ "status", "", "running or paused, and why", 0, 0, 0, info_status },
	{ "uuid", "", "UUID of the guest", 0, 0, 0, info_uuid },
	{ "version", "", "version of this program", 0, 0, 0, info_version },
	{ .name = NULL },
};
/* clang-format on */
