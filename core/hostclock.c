/* The only file that reads the host's clocks. */
#include <time.h>
#include "core/vclock.h"

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t real_mono(void *opaque)
{
	(void)opaque;
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t real_wall(void *opaque)
{
	(void)opaque;
	return read_clock(CLOCK_REALTIME);
}

const HostClock *hostclock_real(void)
{
	static const HostClock real = { .mono = real_mono, .wall = real_wall };

	return &real;
}
