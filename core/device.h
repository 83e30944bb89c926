/*
 * A device is one struct and one file.  Life: new, props, realize, reset,
 * run, destroy.  Loading a snapshot = new + realize + reset + load all +
 * `loaded` all.  The first member of every device struct is `Device`.
 */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/bus.h"
#include "core/vmstate.h"

typedef struct Machine Machine;
typedef struct Device Device;
typedef struct DeviceType DeviceType;

typedef enum PropKind { PROP_U32, PROP_U64, PROP_BOOL, PROP_STR, PROP_PTR } PropKind;

/*
 * A property of a device, set between new and realize.  Numbers, booleans
 * and strings can come from the command line; PROP_PTR (another device, a
 * back end, an Irq) only from the board.
 */
typedef struct Prop {
	const char *name; /* ends a list when NULL */
	PropKind kind;
	uint32_t offset;
	uint64_t def;	     /* default of numbers and booleans */
	const char *def_str; /* default of strings */
	uint64_t min, max;   /* numbers; max 0 means no limit */
} Prop;

struct DeviceType {
	const char *name;
	uint32_t size; /* of the instance struct */
	const VmDesc *state;
	const Prop *props;
	/* May fail with err, and then leaves nothing behind. */
	bool (*realize)(Device *d, GError **err);
	/* Only what the table cannot say; runs after vm_reset(). */
	void (*reset)(Device *d);
	/* State is about to be saved, the machine is stopped: what is put together for that alone. */
	void (*saving)(Device *d);
	/* Checks and rebuilds what is not saved; may refuse. */
	bool (*loaded)(Device *d, GError **err);
	/* Input is let in again (machine_hold_input()): asks for what waits outside. */
	void (*input)(Device *d);
	void (*destroy)(Device *d);
	/* Register block for the generic tests and fuzzers (opaque = Device *), or NULL. */
	const BusOps *mmio;
	uint64_t mmio_size;
};

struct Device {
	const DeviceType *type;
	Machine *machine;
	char *path; /* unique in the machine, begins with '/' */
	bool realized;
	uint8_t pad[7];
};

#define DEVICE_SKIP(T, f) VMSKIP(T, f, "device header: identity, not state")

/* Makes an instance with default properties.  path is copied. */
void *device_new(const DeviceType *type, Machine *m, const char *path);
/* Setting an unknown property or a wrong kind from C is a bug(). */
void device_set_u64(void *dev, const char *prop, uint64_t v);
void device_set_str(void *dev, const char *prop, const char *v);
void device_set_ptr(void *dev, const char *prop, void *v);
/* The value of a property as a user writes it, to be freed; NULL: it is a pointer. */
char *device_prop_text(const Device *d, const Prop *p);
void *device_prop_ptr(const Device *d, const Prop *p);
/*
 * From text ("on", "0x40", "64K"), with an error that names the device and the
 * property.
 */
bool device_set_text(void *dev, const char *prop, const char *text, GError **err);
/* Registers the device with its machine when it succeeds; frees it when not. */
bool device_realize(void *dev, GError **err);
void device_reset(void *dev);
/* Unregisters and frees; NULL is allowed.  destroy() is called only after a realize. */
void device_destroy(void *dev);

#endif
