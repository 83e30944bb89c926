/* Readers of files with results of real chips (see the README of the vectors). */
#ifndef TESTS_ISA_CHIPS_H
#define TESTS_ISA_CHIPS_H

#include "tests/isa/harness.h"

/* A text file of the vectors, unpacked; NULL without a folder. */
char *chips_text(const char *name);
/*
 * Runs row on each line of a file, but those that begin with skip (NULL: none).  Returns how
 * many, 0 without a folder; *bad: how many were false.
 */
unsigned chips_each_line(const char *name, const char *skip, bool (*row)(Rig *, char *), Rig *r,
			 unsigned *bad);

/* DingusPPC's rows, NAME,word,field=value...: runs one; false, and printed, when it differs. */
bool chips_dingus_row(Rig *r, const char *line);

/* The columns of espresso.csv, once before and once after. */
enum {
	ESPRESSO_XER,
	ESPRESSO_CR,
	ESPRESSO_FPSCR,
	ESPRESSO_CTR,
	ESPRESSO_R3,
	ESPRESSO_F1 = ESPRESSO_R3 + 4,
	ESPRESSO_COLUMNS = ESPRESSO_F1 + 4
};

typedef struct EspressoRow {
	uint32_t word;
	uint64_t before[ESPRESSO_COLUMNS], after[ESPRESSO_COLUMNS], ours[ESPRESSO_COLUMNS];
} EspressoRow;

/* Runs a row. */
void chips_espresso_row(Rig *r, const char *line, EspressoRow *row);
/* Is ours what the chip gave?  False is printed. */
bool chips_espresso_same(const EspressoRow *row, const char *line);

#endif
