/*
 * Loops: a unit whose end leads to its beginning is built twice, one turn as any unit, then LOOP and a second
 * one whose end leads to that LOOP.  What does not change in a turn is thus found to be there already, and
 * what does is a PHI: its value before the first of these turns, and at the end of each.
 *
 *	... first turn ...
 *	mark = ir_mark();
 *	do {
 *		ir_loop_begin();		  state of the slots: PHIs
 *		... second turn ...
 *	} while (ir_loop_end() == IR_LOOP_AGAIN);  fewer PHIs, or none of this kind
 */
#ifndef JIT_IR_LOOP_H
#define JIT_IR_LOOP_H

#include "jit/ir.h"

/* How much of an Ir there was. */
typedef struct IrMark {
	unsigned n, nk, nkv, nexits, nsnaps, nexecs, ndirty;
	uint16_t done, changed, redo;
	IrRef cur[IR_SLOTS_MAX];
	bool dirty[IR_SLOTS_MAX];
	uint16_t dirty_list[IR_SLOTS_MAX];
} IrMark;

/* How a slot goes around. */
enum { IR_AROUND_PARTS, IR_AROUND_WHOLE, IR_AROUND_FIXED };

typedef struct IrLoop {
	IrMark mark;		   /* before LOOP */
	IrRef at;		   /* LOOP */
	uint8_t way[IR_SLOTS_MAX]; /* IR_AROUND_* */
	IrRef head
		[IR_SLOTS_MAX]; /* what the slot holds at LOOP; IR_NONE: it did not change so far */
	unsigned tries;
} IrLoop;

typedef enum IrLoopResult { IR_LOOP_DONE, IR_LOOP_AGAIN, IR_LOOP_NO } IrLoopResult;

/* After the first turn. */
void ir_loop_init(IrLoop *l, const Ir *ir);
/* turn: instructions of one; exit_target: of the LINK to the loop's beginning, when it is to stop there. */
void ir_loop_begin(Ir *ir, IrLoop *l, unsigned turn, uint32_t exit_target);
/*
 * A turn of the loop may be several of the guest's: between these, after `done` instructions.  What is asked at the beginning
 * of a turn (and once a turn of all accesses off one base) is asked less often.
 */
void ir_loop_round(Ir *ir, unsigned done);
/*
 * DONE: the unit is complete.  AGAIN: the second turn is to be built once more, from ir_loop_begin() on.  NO: the ir
 * is as it was after the first turn, and to be ended in another way.
 */
IrLoopResult ir_loop_end(Ir *ir, IrLoop *l);
/* Gives it up: NO. */
IrLoopResult ir_loop_no(Ir *ir, const IrLoop *l);

#endif
