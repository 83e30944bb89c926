/*
 * The generic tests over a device that keeps all rules, so that they run even
 * where no chip exercises a feature (timers, buffers, nested tables).
 */
#include "tests/device/generic.h"

#include "base/err.h"

Suite *suite_generic(void);

typedef struct Channel {
	uint32_t addr;
	uint16_t count;
	bool on;
	uint8_t pad;
} Channel;

typedef struct Sample {
	Device dev;
	Channel chan[3];
	uint8_t index; /* of chan */
	int8_t level;
	uint8_t pad[6];
	VTimer *timer;
	uint8_t *blob;
	uint32_t blob_len;
	uint32_t serial;
	Irq *irq;
} Sample;

static void tick(void *opaque)
{
	Sample *s = opaque;

	s->level++;
	irq_pulse(s->irq);
}

static bool realize(Device *d, GError **err)
{
	Sample *s = (Sample *)d;

	(void)err;
	s->timer = vtimer_new(d->machine->clock, d->path, tick, s);
	s->irq = irq_new(d->machine, "sample", NULL, NULL, 0);
	return true;
}

static bool loaded(Device *d, GError **err)
{
	Sample *s = (Sample *)d;

	if (s->index >= 3)
		return fail(err, "%s: index %u", d->path, s->index);
	return true;
}

static void destroy(Device *d)
{
	Sample *s = (Sample *)d;

	vtimer_free(s->timer);
	g_free(s->blob);
}

static uint64_t reg_read(void *opaque, uint64_t offset, unsigned size)
{
	const Sample *s = opaque;

	(void)size;
	switch (offset) {
	case 0: return s->index;
	case 4: return s->chan[s->index].addr;
	case 8: return s->chan[s->index].count;
	default: return s->blob_len;
	}
}

static void reg_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
	Sample *s = opaque;

	(void)size;
	switch (offset) {
	case 0: s->index = value % 3; break;
	case 4: s->chan[s->index].addr = (uint32_t)value; break;
	case 8:
		s->chan[s->index].on = value & 1;
		vtimer_set(s->timer, vclock_now(s->dev.machine->clock) + (int64_t)(value >> 8));
		break;
	default:
		g_free(s->blob);
		s->blob_len = value % 32;
		s->blob = s->blob_len ? g_malloc0(s->blob_len) : NULL;
		break;
	}
}

static const BusOps ops = { reg_read, reg_write, BUS_LE, 4, 4 };

static const VmField chan_fields[] = {
	VMF(Channel, addr),
	VMF(Channel, count, .reset = 0xffff),
	VMF(Channel, on),
	VMSKIP(Channel, pad, "padding"),
	VMEND,
};
static const VmDesc chan_desc = { "channel", 1, sizeof(Channel), chan_fields };

static const VmField fields[] = {
	DEVICE_SKIP(Sample, dev),	   VMSA(Sample, chan, chan_desc),
	VMF(Sample, index, .reset = 1),	   VMF(Sample, level),
	VMSKIP(Sample, pad, "padding"),	   VMTIMER(Sample, timer),
	VMBUF(Sample, blob, blob_len, 32), VMF(Sample, serial, .keep = true),
	VMSKIP(Sample, irq, "wiring"),	   VMEND,
};
static const VmDesc desc = { "sample", 1, sizeof(Sample), fields };

static const DeviceType sample_type = {
	.name = "sample",
	.size = sizeof(Sample),
	.state = &desc,
	.realize = realize,
	.loaded = loaded,
	.destroy = destroy,
	.mmio = &ops,
	.mmio_size = 16,
};

static const GenericCase sample_case = { &sample_type, NULL, NULL };

Suite *suite_generic(void)
{
	return generic_suite("generic", &sample_case, 1);
}
