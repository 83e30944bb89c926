#define _GNU_SOURCE
#include "core/rampages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/err.h"

#define HUGE UINT64_C(0x200000)
/* From so many on a huge page for flags saves more time than its memory is worth. */
#define FLAGS_HUGE (HUGE / 2)

/* With the last nobody can take writing away from who gets it. */
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* What the host could give at best: its memory and its swap. */
static uint64_t host_limit(void)
{
	struct sysinfo si;

	if (sysinfo(&si))
		return UINT64_MAX;
	return ((uint64_t)si.totalram + si.totalswap) * si.mem_unit;
}

static bool possible(uint64_t size, GError **err)
{
	uint64_t limit = host_limit();

	return size <= limit || fail(err,
				     "guest RAM of %" G_GUINT64_FORMAT
				     " MiB: the host has only %" G_GUINT64_FORMAT " MiB",
				     size >> 20, limit >> 20);
}

static bool refused(uint64_t size, GError **err)
{
	return fail(err, "guest RAM of %" G_GUINT64_FORMAT " MiB: %s", size >> 20,
		    g_strerror(errno));
}

static bool map(uint8_t **host, uint64_t size, int prot, int flags, int fd)
{
	void *p = mmap(NULL, size, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		return false;
	madvise(p, size, MADV_HUGEPAGE); /* a wish: hosts without it are fine too */
	*host = p;
	return true;
}

void *ram_map_pages(uint64_t size, GError **err)
{
	uint8_t *p = NULL;

	if (possible(size, err) &&
	    !map(&p, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1))
		refused(size, err);
	return p;
}

void ram_unmap_pages(void *pages, uint64_t size)
{
	if (pages)
		munmap(pages, size);
}

static uint64_t flags_room(uint64_t n)
{
	return n < FLAGS_HUGE ? n : (n + HUGE - 1) / HUGE * HUGE;
}

/*
 * A load looks at all of them and sets all of them: with huge pages it is not the number of
 * page faults of the host, growing with RAM, that a guest waits for when it is restored.
 */
void *ram_map_flags(uint64_t n)
{
	uint64_t room = flags_room(n), more = n < FLAGS_HUGE ? 0 : HUGE;
	uint8_t *p = mmap(NULL, room + more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	uint64_t skip;

	if (p == MAP_FAILED)
		return NULL;
	if (n < FLAGS_HUGE)
		return p;
	skip = -(uintptr_t)p % HUGE;
	if (skip)
		munmap(p, skip);
	if (HUGE - skip)
		munmap(p + skip + room, HUGE - skip);
	madvise(p + skip, room, MADV_HUGEPAGE);
	return p + skip;
}

void ram_unmap_flags(void *flags, uint64_t n)
{
	munmap(flags, flags_room(n));
}

bool ram_pages_new(RamPages *p, uint64_t size, bool shared, GError **err)
{
	*p = RAM_NO_PAGES;
	if (!shared) {
		p->host = ram_map_pages(size, err);
		return p->host != NULL;
	}
	if (!possible(size, err))
		return false;
	p->fd = memfd_create("guest-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (p->fd >= 0 && !ftruncate(p->fd, (off_t)size) && !fcntl(p->fd, F_ADD_SEALS, SEALS) &&
	    map(&p->host, size, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd))
		return true;
	refused(size, err);
	ram_pages_free(p, size);
	return false;
}

/*
 * A file without the seal could be cut off by whoever else has it, and an access behind its
 * end kills us (SIGBUS).  So could one to a huge page that the host has not got.
 */
static bool sound(int fd, uint64_t size, GError **err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct statfs fs;
	struct stat st;

	if (seals < 0 || fstatfs(fd, &fs) || fs.f_type != TMPFS_MAGIC || fstat(fd, &st))
		return fail(err, "the descriptor for RAM is not a memfd of plain pages");
	if (!(seals & F_SEAL_SHRINK))
		return fail(err, "the memfd for RAM can shrink: it has no seal against that");
	if ((uint64_t)st.st_size != size)
		return fail(err,
			    "the memfd for RAM has %" G_GUINT64_FORMAT
			    " bytes, this machine %" G_GUINT64_FORMAT,
			    (uint64_t)st.st_size, size);
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR ||
	    seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return fail(err, "the memfd for RAM cannot be written to");
	return true;
}

bool ram_pages_adopt(RamPages *p, int fd, uint64_t size, GError **err)
{
	*p = (RamPages){ NULL, fd };
	if (sound(fd, size, err) && (map(&p->host, size, PROT_READ, MAP_SHARED, fd) ||
				     fail(err, "the memfd for RAM: %s", g_strerror(errno))))
		return true;
	ram_pages_free(p, size);
	return false;
}

bool ram_pages_own(const RamPages *p, uint64_t size, GError **err)
{
	return !mprotect(p->host, size, PROT_READ | PROT_WRITE) ||
	       fail(err, "the memfd for RAM: %s", g_strerror(errno));
}

bool ram_pages_view(const RamPages *p, RamPages *view, uint64_t size, GError **err)
{
	*view = RAM_NO_PAGES;
	return map(&view->host, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, p->fd) ||
	       refused(size, err);
}

void ram_pages_free(RamPages *p, uint64_t size)
{
	ram_unmap_pages(p->host, size);
	if (p->fd >= 0)
		close(p->fd);
	*p = RAM_NO_PAGES;
}
