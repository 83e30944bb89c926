/*
 * Tiles of matrix products, twice: mma.c with Matrix-Multiply Assist, plain.c in
 * plain C.  A tile is c[i][j] = sum over k of a[k][i] * b[k][j], in the order of
 * k, each step as one instruction of the book rounds it.
 */
#ifndef MMA_H
#define MMA_H
#include <stdint.h>

enum { STEPS = 64 }; /* k of a tile, counted in instructions */

typedef struct {
	float a[STEPS][4], b[STEPS][4];
} F32Tile;
typedef struct {
	double a[STEPS][4], b[STEPS][2];
} F64Tile;
/* The narrow kinds: each instruction takes 2, 4 or 8 values of a row of 4. */
typedef struct {
	uint16_t a[STEPS][4][2], b[STEPS][4][2]; /* bfloat16, or half precision, or int16 */
} PairTile;
typedef struct {
	int8_t a[STEPS][4][4];
	uint8_t b[STEPS][4][4];
} ByteTile;
typedef struct {
	uint32_t a[STEPS][4], b[STEPS][4]; /* eight signed nibbles in each */
} NibbleTile;

typedef struct {
	F32Tile f32;
	F64Tile f64;
	PairTile bf16, f16, i16;
	ByteTile i8;
	NibbleTile i4;
} Input;

typedef struct {
	float f32[4][4], f32_pn[4][4], f32_np[4][4], f32_nn[4][4];
	float f32_masked[4][4]; /* rows 0, 1 and 3, columns 1 to 3: the others are 0 */
	double f64[4][2];
	float bf16[4][4], f16[4][4];
	int32_t i16[4][4], i16_saturated[4][4], i8[4][4], i8_saturated[4][4], i4[4][4];
} Output;

/* The input is a variable of the program, so that code has addresses to form. */
extern Input input;
void plain_products(Output *out);
void mma_products(Output *out);
#endif
