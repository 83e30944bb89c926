/* The first message of a stream, which both ends must understand alike: docs/migration.md. */
#ifndef MIGRATION_HELLO_H
#define MIGRATION_HELLO_H

#define STREAM_VERSION 2

enum {
	HELLO_TWO_WAY = 1, /* somebody listens for answers */
	HELLO_ZSTD = 2,	   /* pages may come packed */
	HELLO_MEMORY = 4,  /* no pages come: RAM does, as a descriptor */
	HELLO_KNOWN = HELLO_TWO_WAY | HELLO_ZSTD | HELLO_MEMORY,
};

#define HELLO_LEN 12	 /* u32 version, flags, channels beside this one */
#define CHANNELS_MAX 255 /* of them */

#endif
