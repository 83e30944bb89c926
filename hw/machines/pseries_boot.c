/*
 * What runs first on a pseries board: the images in RAM, the firmware (ours,
 * or a ROM the user brought) and the first CPU's registers.
 *
 * A ROM lies at 0 and starts at 0x100 with the device tree's address in r3,
 * 32-bit real mode (LoPAPR C.9.2.1).  Our firmware enters the kernel itself,
 * as Open Firmware would: client interface in r5.
 */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>
#include <glib.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"
#include "hw/machines/pseries.h"
#include "roms/elf.h"

#define ROM_MAX (UINT64_C(4) << 20)
#define ROM_ENTRY 0x100
#define MSR_SF BIT64(0)
#define MSR_FP BIT64(50)
#define MSR_ME BIT64(51)

uint64_t pseries_fdt_address(const Pseries *p)
{
	return MIN(p->m->ram->size, UINT64_C(0x80000000)) - SPAPR_FDT_MAX;
}

static bool load_kernel(Pseries *p, GError **err)
{
	ElfInfo info;

	if (!elf_load(p->m->ram, p->kernel, OF_KERNEL_BASE, &info, err))
		return false;
	if (!info.is64)
		return fail(err, "%s: a 32-bit program; pseries runs 64-bit kernels", p->kernel);
	p->images.kernel = info.low;
	p->images.kernel_size = info.high - info.low;
	p->images.entry = info.entry;
	p->kernel_le = info.le;
	return true;
}

static bool load_initrd(Pseries *p, GError **err)
{
	uint64_t end = p->images.kernel + p->images.kernel_size, base, limit;

	base = (end + 2 * OF_INITRD_ALIGN - 1) & ~(uint64_t)(OF_INITRD_ALIGN - 1);
	limit = p->bios ? pseries_fdt_address(p) : p->m->ram->size;
	/* The property that tells of it has 32 bits. */
	limit = MIN(limit, UINT64_C(0xffffffff));
	if (base >= limit)
		return fail(err, "%s: no room left after the kernel in %" PRIu64 " MiB of RAM",
			    p->initrd, p->m->ram->size >> 20);
	p->images.initrd = base;
	return elf_load_raw(p->m->ram, p->initrd, base, limit - base, &p->images.initrd_size, err);
}

bool pseries_load_images(Pseries *p, GError **err)
{
	uint64_t size;

	p->images = (OfImages){ .kernel = 0 };
	if (p->bios && !elf_load_raw(p->m->ram, p->bios, 0, ROM_MAX, &size, err))
		return false;
	if (p->kernel && !load_kernel(p, err))
		return false;
	return !p->initrd || load_initrd(p, err);
}

/* Open Firmware's board: opaque is a Pseries *. */

static bool fw_set_tree(Pseries *p, GError **err)
{
	uint32_t size = 0;
	void *fdt = pseries_build_fdt(p, &size);
	bool ok = fdt ? of_set_fdt(p->of, fdt, size, err)
		      : fail(err, "the device tree has no room for all of this machine");

	g_free(fdt);
	return ok;
}

static bool fw_cas(void *opaque, uint64_t vec)
{
	Pseries *p = opaque;
	PpcCpu *cpu = ppc_current(p->m);
	GError *err = NULL;
	bool ok;

	if (spapr_cas(p->spapr, cpu ? ppc_cpu_index(cpu) : 0, vec) != H_SUCCESS)
		return false;
	ok = fw_set_tree(p, &err);
	if (!ok)
		log_warn("client-architecture-support: %s", err->message);
	g_clear_error(&err);
	return ok;
}

static SpaprVty *console(const Pseries *p)
{
	return p->spapr->vtys->len ? p->spapr->vtys->pdata[0] : NULL;
}

static size_t fw_write(void *opaque, const void *buf, size_t len)
{
	SpaprVty *v = console(opaque);

	if (v)
		spapr_vty_put(v, buf, (unsigned)len);
	return len;
}

static size_t fw_read(void *opaque, void *buf, size_t len)
{
	SpaprVty *v = console(opaque);

	return v ? spapr_vty_get_some(v, buf, len) : 0;
}

static void fw_exit(void *opaque)
{
	Pseries *p = opaque;

	if (!atomic_load(&p->m->shutdown_why))
		log_warn("the guest went back to its firmware: powering off");
	machine_request_shutdown(p->m, STOP_SHUTDOWN);
}

static void fw_boot(void *opaque, const char *spec)
{
	Pseries *p = opaque;

	(void)spec; /* there is one kernel to boot */
	machine_request_reset(p->m);
}

static uint64_t fw_milliseconds(void *opaque)
{
	Pseries *p = opaque;

	return (uint64_t)vclock_now(p->m->clock) / 1000000;
}

static bool fw_start_cpu(void *opaque, uint32_t unit, uint64_t pc, uint64_t r3)
{
	Pseries *p = opaque;
	PpcCpu *cpu = ppc_current(p->m);

	if (unit >= p->ncpus || !ppc_is_quiesced(p->cpu[unit]))
		return false;
	pseries_cpu_ops.start(p, unit, cpu ? ppc_cpu_index(cpu) : 0, pc, r3);
	return true;
}

bool pseries_make_firmware(Pseries *p, GError **err)
{
	const OfBoard board = {
		.opaque = p,
		.cas = fw_cas,
		.write = fw_write,
		.read = fw_read,
		.exit = fw_exit,
		.boot = fw_boot,
		.milliseconds = fw_milliseconds,
		.start_cpu = fw_start_cpu,
	};

	p->of = of_new(p->m, &board, err);
	return p->of != NULL;
}

/* Reset */

static void boot_rom(Pseries *p)
{
	PpcCpu *cpu = p->cpu[0];
	uint64_t at = pseries_fdt_address(p);
	uint32_t size = 0;
	void *fdt = pseries_build_fdt(p, &size);

	if (!fdt || !ram_write(p->m->ram, at, fdt, size))
		log_warn("the device tree has no room in RAM");
	g_free(fdt);
	ppc_set_msr(cpu, MSR_ME | MSR_FP);
	ppc_set_nip(cpu, ROM_ENTRY);
	ppc_set_gpr(cpu, 3, at);
	ppc_quiesce(cpu, false);
}

static bool boot_own(Pseries *p, GError **err)
{
	PpcCpu *cpu = p->cpu[0];
	OfEntry e;

	if (!fw_set_tree(p, err) || !of_boot_prepare(p->of, &p->images, &e, err))
		return false;
	ppc_set_msr(cpu, MSR_SF | MSR_ME | MSR_FP);
	ppc_set_nip(cpu, e.pc);
	ppc_set_gpr(cpu, 1, e.r1);
	ppc_set_gpr(cpu, 3, e.r3);
	ppc_set_gpr(cpu, 4, e.r4);
	ppc_set_gpr(cpu, 5, e.r5);
	ppc_quiesce(cpu, false);
	return true;
}

/* The partition's, as its state: a tree is also built in a process that loaded no images. */
static void note_images(Pseries *p)
{
	Spapr *s = p->spapr;

	s->kernel = p->images.kernel;
	s->kernel_size = p->images.kernel_size;
	s->kernel_le = p->kernel_le;
	s->initrd = p->images.initrd;
	s->initrd_size = p->images.initrd_size;
}

/* What is not loaded now may be at the next reset. */
bool pseries_images_readable(const Pseries *p, GError **err)
{
	const char *const files[] = { p->bios, p->kernel, p->initrd };

	for (unsigned i = 0; i < ARRAY_LEN(files); i++)
		if (files[i] && access(files[i], R_OK))
			return fail(err, "%s: %s", files[i], g_strerror(errno));
	return true;
}

void pseries_boot(Pseries *p)
{
	GError *err = NULL;
	bool ok;

	if (p->state_follows) {
		p->state_follows = false;
		return;
	}
	ok = p->fresh || pseries_load_images(p, &err);

	p->fresh = false;
	note_images(p);
	if (ok && p->bios)
		boot_rom(p);
	else if (ok && p->kernel)
		ok = boot_own(p, &err);
	if (!ok) {
		log_warn("%s", err->message);
		machine_request_shutdown(p->m, STOP_PANIC);
	}
	g_clear_error(&err);
}
