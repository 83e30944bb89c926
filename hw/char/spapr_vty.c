/*
 * Virtual terminal, "hvterm1" (LoPAPR 14.5.4.6 and B.6.9.1): H_GET_TERM_CHAR
 * and H_PUT_TERM_CHAR move up to 16 bytes, an edge-triggered interrupt tells
 * of input.  Output never waits: the back end queues.
 *
 * Not modelled: the packet protocol of "hvterm-protocol" terminals, partner
 * registration.
 */
#include "hw/char/spapr_vty.h"

#include "base/bits.h"
#include "base/err.h"
#include "core/machine.h"

static size_t vty_room(void *opaque)
{
	const SpaprVty *v = opaque;

	if (v->dev.machine->input_held)
		return 0;
	return SPAPR_VTY_FIFO - (v->in - v->out);
}

static void vty_input(void *opaque, const uint8_t *buf, size_t len)
{
	SpaprVty *v = opaque;

	for (size_t i = 0; i < len && v->in - v->out < SPAPR_VTY_FIFO; i++)
		v->fifo[v->in++ % SPAPR_VTY_FIFO] = buf[i];
	if (len)
		irq_pulse(v->irq);
}

size_t spapr_vty_get_some(SpaprVty *v, uint8_t *buf, size_t len)
{
	size_t n = 0;
	bool was_full = v->in - v->out == SPAPR_VTY_FIFO;

	while (n < len && v->out != v->in)
		buf[n++] = v->fifo[v->out++ % SPAPR_VTY_FIFO];
	if (n && was_full)
		chardev_accept(v->chardev);
	return n;
}

unsigned spapr_vty_get(SpaprVty *v, uint8_t buf[16])
{
	memset(buf, 0, 16);
	return (unsigned)spapr_vty_get_some(v, buf, 16);
}

void spapr_vty_put(SpaprVty *v, const uint8_t *buf, unsigned len)
{
	chardev_write(v->chardev, buf, len);
}

static bool vty_realize(Device *d, GError **err)
{
	SpaprVty *v = (SpaprVty *)d;
	const CharFront front = { .can_read = vty_room, .read = vty_input, .opaque = v };

	(void)err;
	if (v->chardev)
		chardev_attach(v->chardev, &front);
	return true;
}

static bool vty_loaded(Device *d, GError **err)
{
	SpaprVty *v = (SpaprVty *)d;

	if (v->in - v->out > SPAPR_VTY_FIFO)
		return fail(err, "%s: %u bytes in a queue of %u", d->path, v->in - v->out,
			    SPAPR_VTY_FIFO);
	chardev_accept(v->chardev);
	return true;
}

/* There is room. */
static void vty_ask(Device *d)
{
	chardev_accept(((SpaprVty *)d)->chardev);
}

static void vty_destroy(Device *d)
{
	SpaprVty *v = (SpaprVty *)d;
	const CharFront none = { .opaque = NULL };

	if (v->chardev)
		v->chardev->front = none;
}

static const VmField vty_fields[] = {
	DEVICE_SKIP(SpaprVty, dev),
	VMA(SpaprVty, fifo),
	VMF(SpaprVty, in),
	VMF(SpaprVty, out),
	VMSKIP(SpaprVty, unit, "property"),
	VMSKIP(SpaprVty, pad, "padding"),
	VMSKIP(SpaprVty, chardev, "property"),
	VMSKIP(SpaprVty, irq, "property"),
	VMEND,
};
static const VmDesc vty_desc = { "spapr-vty", 1, sizeof(SpaprVty), vty_fields };

static const Prop vty_props[] = {
	{ .name = "unit", .kind = PROP_U32, .offset = offsetof(SpaprVty, unit), .def = 0x71000000 },
	{ .name = "chardev", .kind = PROP_PTR, .offset = offsetof(SpaprVty, chardev) },
	{ .name = "irq", .kind = PROP_PTR, .offset = offsetof(SpaprVty, irq) },
	{ .name = NULL },
};

const DeviceType spapr_vty_type = {
	.name = "spapr-vty",
	.size = sizeof(SpaprVty),
	.state = &vty_desc,
	.props = vty_props,
	.realize = vty_realize,
	.reset = vty_ask,
	.input = vty_ask,
	.loaded = vty_loaded,
	.destroy = vty_destroy,
};
