/*
 * Where our disassembler and objdump (binutils 2.40) differ, and why: one line a row.
 *
 * kind: TEXT the extended spelling differs, BASIC the one of -M raw; OURS objdump has no such
 * instruction for that CPU, THEIRS we have none (by objdump's mnemonic).
 */
#ifndef TESTS_ISA_OBJDUMP_ALLOW_H
#define TESTS_ISA_OBJDUMP_ALLOW_H

enum { TEXT = 1, BASIC = 2, OURS = 4, THEIRS = 8 };
enum { V_P8 = 1, V_P9 = 2, V_P10 = 4, V_970 = 8, V_74 = 16, V_75 = 32, V_60 = 64 };

enum {
	V_SERVER = V_P8 | V_P9 | V_P10,
	V_64 = V_SERVER | V_970,
	V_32 = V_74 | V_75 | V_60,
	V_ALL = V_64 | V_32,
};

typedef struct Allow {
	unsigned kind, views;
	const char *names, *why;
} Allow;

/* SPRs that the book names in another way than objdump: sprg0 (sprg n), upmc1 (user's pmc1) ... */
static const char *const spr_names[][2] = {
	{ "sprg0", "sprg" },   { "sprg1", "sprg" },   { "sprg2", "sprg" },   { "sprg3", "sprg" },
	{ "ibat0u", "ibatu" }, { "ibat1u", "ibatu" }, { "ibat2u", "ibatu" }, { "ibat3u", "ibatu" },
	{ "ibat0l", "ibatl" }, { "ibat1l", "ibatl" }, { "ibat2l", "ibatl" }, { "ibat3l", "ibatl" },
	{ "dbat0u", "dbatu" }, { "dbat1u", "dbatu" }, { "dbat2u", "dbatu" }, { "dbat3u", "dbatu" },
	{ "dbat0l", "dbatl" }, { "dbat1l", "dbatl" }, { "dbat2l", "dbatl" }, { "dbat3l", "dbatl" },
	{ "tblw", "tbl" },     { "tbuw", "tbu" },     { "uctrl", "ctrl" },   { "dscrp", "dscr" },
	{ "dscr", "udscr" },   { "psscrp", "psscr" }, { "psscr", "hpsscr" }, { "hdsisr", "hdisr" },
	{ "upmc1", "pmc1" },   { "upmc2", "pmc2" },   { "upmc3", "pmc3" },   { "upmc4", "pmc4" },
	{ "upmc5", "pmc5" },   { "upmc6", "pmc6" },   { "ummcr0", "mmcr0" }, { "ummcr1", "mmcr1" },
	{ "ummcra", "mmcra" },
};

/* clang-format off */
static const Allow allow[] = {
	{ OURS, V_ALL,
	  "lfsu lfdu stfsu stfdu lfsux lfdux stfsux stfdux lwzu lbzu lhzu lhau "
	  "lwzux lbzux lhzux lhaux stwu stbu sthu stwux stbux sthux",
	  "RA = 0 or RA = RT: an invalid form, which chips run all the same" },
	{ OURS, V_64,
	  "ldu ldux lwaux stdu stdux",
	  "the same" },
	{ OURS, V_ALL,
	  "lmw lswi lswx",
	  "RA among the registers loaded: an invalid form that is run" },
	{ OURS, V_SERVER,
	  "lq lqarx",
	  "RA = RT: as before" },
	{ OURS, V_P10,
	  "plq",
	  "RA = RT: as before" },
	{ OURS, V_SERVER,
	  "lfdp stfdp lfdpx stfdpx",
	  "in no list of objdump's for these CPUs, though in the book (I 4.6.4)" },
	{ OURS, V_ALL,
	  "bc bca bcl bcla bclr bclrl bcctr bcctrl",
	  "reserved bits of BO are not 0, or bcctr would count CTR" },
	{ OURS, V_SERVER,
	  "bctar bctarl",
	  "the same" },
	{ TEXT, V_ALL,
	  "bc bcl bclr bcctr bcctrl bclrl bca bcla",
	  "a hint after a mnemonic that names no condition" },
	{ TEXT, V_SERVER,
	  "bctar bctarl",
	  "the same" },
	{ TEXT | BASIC, V_64,
	  "ba bla bca bcla",
	  "negative absolute targets have 64 bits (book I 2.4); objdump shows 32" },
	{ BASIC, V_ALL,
	  "mfcr",
	  "objdump shows an operand that the word has not" },
	{ BASIC, V_P8,
	  "tlbiel",
	  "objdump: with L, which is in RB since 2.07" },
	{ BASIC, V_P8 | V_P9,
	  "tend.",
	  "objdump has tendall. as a basic form" },
	{ TEXT, V_64,
	  "dcbt dcbtst",
	  "TH = 0 is plain dcbt here, dcbtct there" },
	{ BASIC, V_P9 | V_P10,
	  "slbmfev slbmfee",
	  "objdump shows a bit L that 3.0B does not have" },
	{ TEXT | BASIC, V_SERVER,
	  "hashst hashchk hashstp hashchkp",
	  "RA is a register even if it is r0; objdump shows 0" },
	{ TEXT | BASIC, V_P10,
	  "mtvsrbmi",
	  "a mask of 16 bits, no signed number" },
	{ TEXT | BASIC, V_P10,
	  "xxsetaccz",
	  "objdump names it as a later architecture does" },
	{ BASIC, V_P10,
	  "wait",
	  "PL is not an operand here" },
	{ TEXT, V_P10,
	  "wait",
	  "waitrsv and pause_short" },
	{ BASIC, V_P10,
	  "paste.",
	  "L is fixed here" },
	{ BASIC, V_970 | V_32,
	  "fres frsqrte",
	  "objdump shows bit 15 as an operand" },
	{ BASIC, V_32,
	  "dcbf sync tlbie",
	  "objdump shows bits that these CPUs do not have" },
	{ OURS, V_SERVER,
	  "rnop",
	  "reserved no-ops have no name in binutils" },
	{ TEXT, V_P8,
	  "dcbf",
	  "dcbflp is in 2.06 already" },
	{ OURS, V_64,
	  "dcbf sync",
	  "reserved values of L" },
	{ OURS, V_ALL,
	  "mftb",
	  "TBRs other than 268 and 269 (objdump: mfspr)" },
	{ OURS, V_64,
	  "mfocrf mtocrf",
	  "FXM with no or several bits" },
	{ OURS, V_P9 | V_P10,
	  "wait",
	  "reserved values of WC" },
	{ OURS, V_P10,
	  "xvi4ger8 xvi4ger8pp xvi8ger4 xvi8ger4pp xvi8ger4spp xvi16ger2s "
	  "xvi16ger2spp xvi16ger2 xvi16ger2pp xvf16ger2 xvf16ger2pp xvf16ger2pn "
	  "xvf16ger2np xvf16ger2nn xvbf16ger2 xvbf16ger2pp xvbf16ger2pn "
	  "xvbf16ger2np xvbf16ger2nn xvf32ger xvf32gerpp xvf32gerpn xvf32gernp "
	  "xvf32gernn xvf64ger xvf64gerpp xvf64gerpn xvf64gernp xvf64gernn "
	  "pmxvi4ger8 pmxvi4ger8pp pmxvi8ger4 pmxvi8ger4pp pmxvi8ger4spp "
	  "pmxvi16ger2s pmxvi16ger2spp pmxvi16ger2 pmxvi16ger2pp pmxvf16ger2 "
	  "pmxvf16ger2pp pmxvf16ger2pn pmxvf16ger2np pmxvf16ger2nn pmxvbf16ger2 "
	  "pmxvbf16ger2pp pmxvbf16ger2pn pmxvbf16ger2np pmxvbf16ger2nn pmxvf32ger "
	  "pmxvf32gerpp pmxvf32gerpn pmxvf32gernp pmxvf32gernn pmxvf64ger "
	  "pmxvf64gerpp pmxvf64gerpn pmxvf64gernp pmxvf64gernn",
	  "XA or XB lies in the accumulator: an invalid form" },
	{ OURS, V_970,
	  "mtsr mtsrin mfsr mfsrin",
	  "the bridge to 32-bit segments, which objdump gives to no POWER4" },
	{ THEIRS, V_970,
	  "lq stq",
	  "in later chips of this family only" },
	{ THEIRS, V_64,
	  "eciwx ecowx",
	  "objdump gives them to all; not in these" },
	{ THEIRS, V_SERVER,
	  "icswx icswx. pbt.",
	  "not of the Power ISA: coprocessor requests of some chips" },
	{ THEIRS, V_P8,
	  "vabsdub vabsduh vabsduw",
	  "from 3.0 on (objdump gives them to POWER8)" },
	{ THEIRS, V_64,
	  "dcbi rfi mtsrd mtsrdin tlbld tlbli",
	  "of 32-bit chips or the 620; objdump gives them to all" },
	{ THEIRS, V_ALL,
	  "tlbia",
	  "optional, and left out by the user manuals of all our chips" },
	{ THEIRS, V_SERVER,
	  "mtsle",
	  "of POWER7's hypervisor" },
	{ THEIRS, V_P8,
	  "waitasec",
	  "wait with another opcode, of 2.06 and other chips" },
	{ THEIRS, V_P9 | V_P10,
	  "rmieg",
	  "in 3.0, taken out in 3.0B" },
	{ THEIRS, V_P10,
	  "tabort. tabortdc. tabortdci. tabortwc. tabortwci. tbegin. tcheck tend. trechkpt. "
	  "treclaim. tsr. tsuspend.",
	  "transactions are gone in 3.1" },
	{ THEIRS, V_P10,
	  "paste.",
	  "with L = 0, which 3.1 does not have" },
	{ THEIRS, V_970,
	  "mcrxr",
	  "gone since 2.00" },
	{ THEIRS, V_32,
	  "fsqrt fsqrt. fsqrts fsqrts.",
	  "optional: in none of these" },
};
/* clang-format on */

#endif
