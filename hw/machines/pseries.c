/*
 * pseries: a PAPR partition with POWER8, POWER9 or POWER10 CPUs.
 *
 *   RAM from 0, whole blocks of 256 MiB    /cpu/N
 *   interrupts: XICS and XIVE, one at work /xics /xive
 *   partition, hypercalls, RTAS            /spapr
 *   virtual I/O: terminals, NVRAM          /vdevice/vty@71000000 ...
 *   PCI bridge, its DMA window             /pci@800000020000000, /tce/80000000
 *   firmware of ours, without -bios        /firmware
 *
 * The machine is the picture; what the parts do stands in hw/spapr and
 * hw/intc, the way to the CPUs in pseries_cpu.c, the device tree in
 * pseries_dt.c, the start in pseries_boot.c.
 */
#include <string.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"
#include "hw/machines/pseries.h"

/* Host code of one CPU at most; and of all together, with decoded blocks and tables; TLBs are besides. */
#define JIT_BYTES ((size_t)128 << 20)
#define JIT_BUDGET(ncpus) (((size_t)152 << 20) - ((size_t)10 << 20) * MIN(ncpus, 8))
#define RAM_MAX (UINT64_C(16) << 40) /* below the PCI windows at 32 TiB */

/* Properties of -M pseries. */
static const char *const pseries_props[][2] = {
	{ "ic-mode", "interrupt controllers of the guest's choice: xics, xive or dual" },
	{ "max-cpu-compat", "oldest common denominator: power8, power9 or power10" },
	{ "mmu-mode", "MMU modes of the guest's choice: hash, radix or both" },
	{ "cap-cfpc", "accepted and ignored: no CPU here leaks through its cache" },
	{ "cap-sbbc", "accepted and ignored, likewise" },
	{ "cap-ibs", "accepted and ignored, likewise" },
	{ "cap-ccf-assist", "accepted and ignored, likewise" },
	{ "cap-htm", "off: no transactional memory" },
	{ "usb", "off: no USB controller" },
	{ NULL, NULL },
};

static const char *prop(const MachineConfig *cfg, const char *name)
{
	return cfg->props ? g_hash_table_lookup(cfg->props, name) : NULL;
}

static bool only_off(const MachineConfig *cfg, const char *name, GError **err)
{
	const char *v = prop(cfg, name);

	return !v || !strcmp(v, "off") ||
	       fail(err, "-M pseries,%s=%s: only off is possible", name, v);
}

static bool compat_of(const char *text, uint32_t *lpvr)
{
	*lpvr = !g_ascii_strcasecmp(text, "power8")    ? 0x0f000004
		: !g_ascii_strcasecmp(text, "power9")  ? 0x0f000005
		: !g_ascii_strcasecmp(text, "power10") ? 0x0f000006
						       : 0;
	return *lpvr != 0;
}

/* "power9" or "power9,compat=power8". */
static bool choose_cpu(Pseries *p, const MachineConfig *cfg, SpaprConfig *sc, GError **err)
{
	g_auto(GStrv) part = g_strsplit(cfg->cpu ? cfg->cpu : pseries_machine.default_cpu, ",", -1);
	const char *cap = prop(cfg, "max-cpu-compat");

	p->model = part[0] ? ppc_model_find(part[0]) : NULL;
	if (!p->model)
		return fail(err, "-cpu %s: no such CPU (-cpu help lists them)",
			    part[0] ? part[0] : "");
	ppc_model_info(p->model, &p->info);
	if (!p->info.server64)
		return fail(err, "-cpu %s: pseries needs POWER8, POWER9 or POWER10", part[0]);
	for (char **o = part + 1; *o; o++) {
		if (!g_str_has_prefix(*o, "compat="))
			return fail(err, "-cpu %s: unknown property %s", part[0], *o);
		cap = *o + strlen("compat=");
	}
	if (cap && !compat_of(cap, &sc->max_compat))
		return fail(err,
			    "CPU compatibility %s: only power8, power9 and power10 are possible",
			    cap);
	if (sc->max_compat && !ppc_supports_pvr(p->model, sc->max_compat))
		return fail(err, "-cpu %s cannot be as %s", part[0], cap);
	return true;
}

static bool choose_modes(const Pseries *p, const MachineConfig *cfg, SpaprConfig *sc, GError **err)
{
	const char *ic = prop(cfg, "ic-mode"), *mmu = prop(cfg, "mmu-mode");
	bool isa300 = p->info.radix;

	if (!ic)
		ic = isa300 ? "dual" : "xics";
	if (!mmu)
		mmu = isa300 ? "both" : "hash";
	sc->isa300 = isa300;
	sc->isa310 = ppc_supports_pvr(p->model, 0x0f000006);
	sc->ic_xics = !strcmp(ic, "xics") || !strcmp(ic, "dual");
	sc->ic_xive = !strcmp(ic, "xive") || !strcmp(ic, "dual");
	sc->may_hash = !strcmp(mmu, "hash") || !strcmp(mmu, "both");
	sc->may_radix = !strcmp(mmu, "radix") || !strcmp(mmu, "both");
	if (!sc->ic_xics && !sc->ic_xive)
		return fail(err, "-M pseries,ic-mode=%s: must be xics, xive or dual", ic);
	if (!sc->may_hash && !sc->may_radix)
		return fail(err, "-M pseries,mmu-mode=%s: must be hash, radix or both", mmu);
	if (!isa300 && (sc->ic_xive || sc->may_radix))
		return fail(err, "-M pseries: %s has neither XIVE nor radix", p->info.name);
	return only_off(cfg, "cap-htm", err) && only_off(cfg, "usb", err);
}

static bool make_ram(Pseries *p, const MachineConfig *cfg, GError **err)
{
	if (!cfg->ram || cfg->ram % SPAPR_LMB_SIZE)
		return fail(err, "-m: %" PRIu64 " MiB of RAM: pseries takes multiples of 256 MiB",
			    cfg->ram >> 20);
	if (cfg->ram > RAM_MAX)
		return fail(err,
			    "-m: %" PRIu64 " GiB of RAM: pseries takes at most %" PRIu64 " GiB",
			    cfg->ram >> 30, RAM_MAX >> 30);
	p->m->ram = cfg->ram_shared ? ram_new_shared(cfg->ram, err) : ram_new(cfg->ram, err);
	if (!p->m->ram)
		return false;
	p->m->bus = bus_new(p->m->ram);
	return true;
}

static void cpu_line(void *opaque, int n, int level)
{
	Pseries *p = opaque;

	ppc_input(p->cpu[n], PPC_INPUT_INT, level);
}

static bool make_interrupts(Pseries *p, Xics **xics, Xive **xive, GError **err)
{
	*xics = device_new(&xics_type, p->m, "/xics");
	*xive = device_new(&xive_type, p->m, "/xive");
	device_set_u64(*xics, "servers", p->ncpus);
	device_set_u64(*xics, "base", SPAPR_IRQ_BASE);
	device_set_u64(*xive, "servers", p->ncpus);
	device_set_ptr(*xive, "board", &p->xive_board);
	for (unsigned i = 0; i < p->ncpus; i++) {
		g_autofree char *name = g_strdup_printf("cpu/%u/int", i);
		Irq *line = irq_new(p->m, name, cpu_line, p, (int)i);

		xics_wire(*xics, i, line);
		xive_wire(*xive, i, line);
	}
	if (!device_realize(*xics, err)) {
		device_destroy(*xive);
		return false;
	}
	if (!device_realize(*xive, err))
		return false;
	for (unsigned i = 0; i < p->ncpus; i++)
		xive_claim(*xive, i, false); /* the guest's IPIs */
	return true;
}

static bool make_partition(Pseries *p, const SpaprConfig *sc, GError **err)
{
	Xics *xics;
	Xive *xive;
	Spapr *s;

	if (!make_interrupts(p, &xics, &xive, err))
		return false;
	s = device_new(&spapr_type, p->m, "/spapr");
	spapr_configure(s, sc);
	device_set_ptr(s, "xics", xics);
	device_set_ptr(s, "xive", xive);
	if (!device_realize(s, err))
		return false;
	p->spapr = s;
	spapr_irq(s, SPAPR_IRQ_EPOW, false);
	return true;
}

static bool make_vio(Pseries *p, const MachineConfig *cfg, GError **err)
{
	uint32_t unit = PSERIES_VIO_UNIT;
	SpaprNvram *nvram;

	for (unsigned i = 0; i < MAX(cfg->nserial, 1); i++, unit++) {
		g_autofree char *path = g_strdup_printf("/vdevice/vty@%x", unit);
		SpaprVty *v = device_new(&spapr_vty_type, p->m, path);

		device_set_u64(v, "unit", unit);
		device_set_ptr(v, "chardev", i < cfg->nserial ? cfg->serial[i] : NULL);
		device_set_ptr(v, "irq", spapr_irq(p->spapr, SPAPR_IRQ_VIO | (unit & 0xff), false));
		if (!device_realize(v, err))
			return false;
		g_ptr_array_add(p->spapr->vtys, v);
	}
	nvram = device_new(&spapr_nvram_type, p->m, "/vdevice/nvram");
	device_set_u64(nvram, "unit", unit);
	if (!device_realize(nvram, err))
		return false;
	p->spapr->nvram = nvram;
	return true;
}

static bool make_pci(Pseries *p, GError **err)
{
	SpaprTce *tce = device_new(&spapr_tce_type, p->m, "/tce/80000000");
	SpaprPhb *phb;

	device_set_u64(tce, "liobn", SPAPR_PHB_LIOBN);
	device_set_u64(tce, "window", SPAPR_PHB_DMA_SIZE);
	if (!device_realize(tce, err))
		return false;
	g_ptr_array_add(p->spapr->tces, tce);
	phb = device_new(&spapr_phb_type, p->m, "/pci@800000020000000");
	device_set_ptr(phb, "spapr", p->spapr);
	device_set_ptr(phb, "tce", tce);
	if (!device_realize(phb, err))
		return false;
	p->spapr->phb = phb;
	return true;
}

/*
 * With one CPU of the host there is nobody to do it meanwhile. What host code does is the same however soon it is
 * there; but counted runs shall be the same in every respect, and a check shall come as soon as it can.
 */
static bool in_background(const Pseries *p, const MachineConfig *cfg)
{
	return !cfg->accel_fore && !cfg->accel_verify && g_get_num_processors() > 1 &&
	       vclock_driver(p->m->clock) != VCLOCK_COUNTED;
}

/* Without a word on it: host code if this host takes it. */
static bool use_accel(Pseries *p, const MachineConfig *cfg, GError **err)
{
	const PpcJitOptions o = {
		.bytes = cfg->accel_mib ? (size_t)cfg->accel_mib << 20 : JIT_BYTES,
		.budget = cfg->accel_mib ? 0 : JIT_BUDGET(p->ncpus),
		.background = in_background(p, cfg),
		.verify = cfg->accel_verify,
		.one = cfg->accel_one,
		.perf_map = cfg->perfmap,
		.shuffle = cfg->accel_shuffle,
		.seed = cfg->accel_seed,
	};

	/* Other CPUs would write between the two runs that are compared. */
	if (cfg->accel_verify && p->ncpus > 1 && vclock_driver(p->m->clock) != VCLOCK_COUNTED)
		return fail(err, "-accel verify=on: -smp %u needs counted time (-icount)",
			    p->ncpus);
	if (cfg->accel && strcmp(cfg->accel, "jit") != 0)
		return !cfg->accel_verify ||
		       fail(err, "-accel %s: there is no host code to verify", cfg->accel);
	for (unsigned i = 0; i < p->ncpus; i++)
		if (!ppc_use_jit(p->cpu[i], &o, cfg->accel ? err : NULL))
			return !cfg->accel;
	return true;
}

static bool make_cpus(Pseries *p, const MachineConfig *cfg, GError **err)
{
	pseries_wire_cpus(p);
	for (unsigned i = 0; i < p->ncpus; i++) {
		p->cpu[i] = ppc_cpu_new(p->m, p->model, &p->board, i, err);
		if (!p->cpu[i])
			return false;
	}
	for (unsigned i = 0; cfg->accel_strict && i < p->ncpus; i++)
		if (!ppc_use_strict(p->cpu[i], err))
			return false;
	return use_accel(p, cfg, err);
}

static void board_reset(void *board)
{
	pseries_boot(board);
}

static void board_time_jump(void *board, uint64_t ns)
{
	Pseries *p = board;

	for (unsigned i = 0; i < p->ncpus; i++)
		ppc_time_passed(p->cpu[i], ns);
}

static void board_destroy(void *board)
{
	Pseries *p = board;

	g_free(p->kernel);
	g_free(p->initrd);
	g_free(p->bios);
	g_free(p->append);
	g_free(p->uuid);
	g_free(p->name);
	g_free(p);
}

/* splitmix64: a stream of numbers from one. */
static void fill_seed(uint8_t out[32], const MachineConfig *cfg)
{
	uint64_t x = cfg->seed_set ? cfg->seed : (uint64_t)g_random_int() << 32 | g_random_int();

	for (unsigned i = 0; i < 4; i++) {
		uint64_t z = x += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		st64_be(out + 8 * i, z ^ z >> 31);
	}
}

static void describe(Pseries *p, const MachineConfig *cfg, const SpaprConfig *sc)
{
	machine_config(p->m, "cpu", "%s", p->info.name);
	machine_config(p->m, "smp", "%u", p->ncpus);
	machine_config(p->m, "ram", "%" PRIu64, cfg->ram);
	machine_config(p->m, "serial", "%u", MAX(cfg->nserial, 1));
	machine_config(p->m, "ic-mode", "%s",
		       !sc->ic_xive  ? "xics"
		       : sc->ic_xics ? "dual"
				     : "xive");
	machine_config(p->m, "mmu-mode", "%s",
		       !sc->may_radix ? "hash"
		       : sc->may_hash ? "both"
				      : "radix");
	machine_config(p->m, "max-cpu-compat", "0x%08x", sc->max_compat);
	machine_config(p->m, "timebase-frequency", "%u", SPAPR_TIMEBASE_HZ);
	machine_config(p->m, "rtc-clock", "%s", cfg->rtc_host ? "host" : "vm");
	machine_config(p->m, "firmware", "%s", p->bios ? "rom" : "own");
}

static bool build(Pseries *p, const MachineConfig *cfg, GError **err)
{
	SpaprConfig sc = {
		.ops = &pseries_cpu_ops,
		.opaque = p,
		.ncpus = cfg->smp,
		.rtc_host = cfg->rtc_host,
		.rtc_base = cfg->rtc_base,
		.uuid = p->uuid,
	};

	if (!cfg->smp || cfg->smp > SPAPR_MAX_CPUS)
		return fail(err, "-smp %u: pseries takes 1 to %u CPUs", cfg->smp, SPAPR_MAX_CPUS);
	if (!choose_cpu(p, cfg, &sc, err) || !choose_modes(p, cfg, &sc, err))
		return false;
	p->ncpus = cfg->smp;
	fill_seed(p->seed, cfg);
	if (!make_ram(p, cfg, err))
		return false;
	p->state_follows = cfg->state_follows;
	p->fresh = !p->state_follows;
	if (p->fresh ? !pseries_load_images(p, err) : !pseries_images_readable(p, err))
		return false;
	describe(p, cfg, &sc);
	if (!make_partition(p, &sc, err) || !make_vio(p, cfg, err) || !make_pci(p, err))
		return false;
	if (!p->bios && !pseries_make_firmware(p, err))
		return false;
	return make_cpus(p, cfg, err);
}

static Machine *pseries_create(const MachineConfig *cfg, Loop *loop, VClock *clock, GError **err)
{
	Machine *m = machine_new("pseries", loop, clock);
	Pseries *p = g_new0(Pseries, 1);
	bool ok;

	p->m = m;
	p->kernel = g_strdup(cfg->kernel);
	p->initrd = g_strdup(cfg->initrd);
	p->bios = g_strdup(cfg->bios);
	p->append = g_strdup(cfg->append);
	p->uuid = g_strdup(cfg->uuid);
	p->name = g_strdup(cfg->name);
	m->board = p;
	m->board_destroy = board_destroy;
	m->board_time_jump = board_time_jump;
	machine_lock(m);
	ok = build(p, cfg, err);
	if (ok) {
		m->board_reset = board_reset;
		if (!p->kernel && !p->bios && !cfg->state_follows)
			log_warn(
				"nothing to run: give a kernel (-kernel FILE) or a ROM (-bios FILE)");
		machine_reset(m);
	}
	machine_unlock(m);
	if (ok)
		return m;
	machine_free(m);
	return NULL;
}

/* For people and debuggers */

static void cpu_help(GString *out)
{
	const PpcModel *model;
	PpcModelInfo info;

	for (unsigned i = 0; (model = ppc_model_nth(i)); i++) {
		ppc_model_info(model, &info);
		if (info.server64)
			g_string_append_printf(out, "  %-16s %s (PVR %08x)\n", info.name, info.desc,
					       info.pvr);
	}
}

static PpcCpu *cpu_number(Machine *m, unsigned n)
{
	Pseries *p = m->board;

	return n < p->ncpus ? p->cpu[n] : NULL;
}

static char *show_cpu(Machine *m, unsigned n, bool all)
{
	PpcCpu *cpu = cpu_number(m, n);
	GString *out;

	if (!cpu)
		return NULL;
	out = g_string_new(NULL);
	ppc_show(cpu, all, out);
	return g_string_free(out, FALSE);
}

static bool debug_read(Machine *m, unsigned n, uint64_t ea, void *buf, size_t len)
{
	PpcCpu *cpu = cpu_number(m, n);
	uint8_t *to = buf;
	uint64_t pa;

	while (cpu && len) {
		size_t part = MIN(len, RAM_PAGE_SIZE - (ea & (RAM_PAGE_SIZE - 1)));

		if (!ppc_debug_translate(cpu, ea, false, &pa) || !ram_read(m->ram, pa, to, part))
			return false;
		ea += part, to += part, len -= part;
	}
	return cpu != NULL;
}

static unsigned disas(Machine *m, unsigned n, uint64_t addr, bool real, GString *out)
{
	PpcCpu *cpu = cpu_number(m, n);

	return cpu ? ppc_debug_disas(cpu, addr, real, out) : 0;
}

static void nmi(Machine *m)
{
	Pseries *p = m->board;

	for (unsigned i = 0; i < p->ncpus; i++)
		pseries_cpu_ops.nmi(p, i);
}

static void powerdown(Machine *m)
{
	spapr_powerdown(((Pseries *)m->board)->spapr);
}

static void show_jit(Machine *m, GString *out)
{
	const Pseries *p = m->board;

	for (unsigned i = 0; i < p->ncpus; i++)
		ppc_show_jit(p->cpu[i], out);
}

static void show_clock(Machine *m, GString *out)
{
	Pseries *p = m->board;

	for (unsigned i = 0; i < p->ncpus; i++)
		ppc_show_clock(p->cpu[i], out);
}

static bool get_reg(Machine *m, unsigned n, const char *name, uint64_t *v)
{
	PpcCpu *cpu = cpu_number(m, n);

	return cpu && ppc_reg_by_name(cpu, name, v);
}

const MachineType pseries_machine = {
	.name = "pseries",
	.desc = "IBM pSeries partition (PAPR), POWER8 to POWER10",
	.default_cpu = "power9",
	.max_cpus = SPAPR_MAX_CPUS,
	.default_ram = UINT64_C(512) << 20,
	.create = pseries_create,
	.cpu_help = cpu_help,
	.props = pseries_props,
	.show_cpu = show_cpu,
	.debug_read = debug_read,
	.disas = disas,
	.nmi = nmi,
	.powerdown = powerdown,
	.show_clock = show_clock,
	.show_jit = show_jit,
	.get_reg = get_reg,
};
