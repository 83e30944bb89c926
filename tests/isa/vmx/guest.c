/*
 * Runs on the peer (qemu-ppc64le, or a real machine): records from stdin, each
 * executed, to stdout.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include "vmx.h"

void run(struct rec *r, void *code);

int main(void)
{
	static _Alignas(256) struct rec r;
	uint32_t *code = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t base = (uint64_t)(uintptr_t)r.mem;

	if (code == MAP_FAILED)
		return 1;
	while (fread(&r, sizeof(r), 1, stdin) == 1) {
		code[0] = r.word;
		code[1] = 0x4e800020; /* blr */
		__builtin___clear_cache((char *)code, (char *)(code + 2));
		if (r.base)
			r.gpr[1] += base;
		run(&r, code);
		if (r.base)
			r.gpr[1] -= base;
		fwrite(&r, sizeof(r), 1, stdout);
	}
	return 0;
}
