/*
 * Time over stops, saves, loads, moves and starts: core/vclock.c, core/machine.c,
 * target-ppc/timebase.c and docs/time.md as a model that spin searches whole.
 *
 * One step of V is a ns; three of them are two ticks of the timebase.  Decrementers go from
 * -HALF to HALF - 1.  The wall clock leaps both ways.  A machine is stopped, saved, loaded (there
 * or, as a migration, in another process) and started in any order.  The thread that fires
 * timers may be late by any time; the guest writes its registers meanwhile.
 *
 * POLICY: 0 auto, 1 realtime, 2 frozen.  LEVEL: 1 the decrementer of server CPUs, 0 the
 * edge of the older ones.
 *
 * What must hold: no timebase goes back; they are equal, unless a guest wrote one; a
 * decrementer that ran out fires once, not before and not again; a start adds what its policy
 * says and nothing else; with policy realtime and a wall clock that does not leap, the
 * machine's time is the wall's for ever.
 *
 * BROKEN=N is a fault put in on purpose; run.py wants each of them found:
 *  1 every CPU reads V for itself when the machine stops
 *  2 the downtime is added when a machine is loaded, not when it starts
 *  3 a wall clock that went back is believed
 *  4 the decrementer is saved as a timebase, not as what is left of it
 *  5 the conversion from ticks to ns rounds down
 *  6 mtdec forgets that the decrementer had run out, if nobody has looked yet
 *  7 the exception of an edge is not saved
 *  8 a jump takes a decrementer through its whole negative half
 *  9 an edge nobody has looked at yet outlives the interrupt that was taken for it
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#ifndef POLICY
#define POLICY 1
#endif
#ifndef LEVEL
#define LEVEL 0
#endif
#define N 2
#ifndef V_MAX
#define V_MAX 4
#define WALL_MAX 5
#endif
#ifndef HALF
#define HALF 8
#endif
#define LEAPS 1
#define LOADS 1

#define TICKS(v) (((v) * 2) / 3)
#define NS_CEIL(t) (((t) * 3 + 1) / 2)
#define TB(i) (TICKS(v) + offset[i])
/* As the register shows it. */
#define SHOWN(x) (((((x) + HALF) % (2 * HALF) + 2 * HALF) % (2 * HALF)) - HALF)
#define DEC(i) SHOWN(dec_at[i] - TB(i))
#define NEVER 127

/* The host */
byte wall, leaps, loads;

/* The machine.  dec_at, offset: ticks; due: V at which the timer fires. */
byte v, stop_wall, jumped;
byte added; /* ticks that starts have added */
bool runs, paused, migrated;
short offset[N], dec_at[N];
byte due[N];
bool pending[N], was_negative[N], written[N];

/* What a chip would do, noted at every step of V: the exception is there, not yet there. */
bool should[N];
short seen[N]; /* the timebase as the guest has seen it last */

/* One snapshot with the guest in it. */
bool saved, k_pending[N], k_negative[N], k_written[N], k_should[N];
byte k_v, k_stop_wall, k_jumped, k_added;
short k_offset[N], k_left[N], k_seen[N];

inline arm(i, x)
{
	/* The next change of the register's sign. */
	if
	:: x < 0 -> t = TICKS(v) + x + HALF + 1
	:: else -> t = TICKS(v) + x + 1
	fi;
#if BROKEN == 5
	t = (t * 3) / 2;
#else
	t = NS_CEIL(t);
#endif
	due[i] = (t < NEVER -> t : NEVER)
}

inline update(i)
{
	x = DEC(i);
	if
	:: LEVEL -> pending[i] = x < 0
	:: !LEVEL && x < 0 && !was_negative[i] -> pending[i] = true
	:: else
	fi;
	was_negative[i] = x < 0;
	arm(i, x)
}

/* The timer's thread has been here and the CPU has looked. */
inline fire(i)
{
	if
	:: due[i] <= v ->
#if BROKEN == 5
		/* Who believes the timer raises it. */
		if
		:: DEC(i) >= 0 && !was_negative[i] -> pending[i] = true
		:: else
		fi;
#endif
		update(i)
	:: else
	fi
}

/* What holds at every moment. */
inline check()
{
	for (i : 0 .. N - 1) {
		assert(TB(i) >= seen[i]);
		seen[i] = TB(i);
		assert(!pending[i] || should[i] || LEVEL)
	}
	assert(written[0] || written[1] || TB(0) == TB(1));
	/* Late is the worst that an interrupt may be. */
	for (i : 0 .. N - 1) {
		if
		:: due[i] > v -> assert(pending[i] == should[i])
		:: else
		fi
	}
	assert(!runs || POLICY != 1 || leaps || v + jumped == wall);
	/* Nobody writes this one's timebase. */
	assert(offset[1] == added)
}

inline chip_counts(i, before)
{
	if
	:: LEVEL -> should[i] = DEC(i) < 0
	:: !LEVEL && before >= 0 && DEC(i) < 0 -> should[i] = true
	:: else
	fi
}

inline pass()
{
	for (i : 0 .. N - 1) {
		b[i] = DEC(i)
	}
	v++;
	wall++;
	for (i : 0 .. N - 1) {
		chip_counts(i, b[i])
	}
}

inline mtdec(i, value)
{
	x = DEC(i);
	chip_counts(i, x);
	if
	:: !LEVEL && x >= 0 && value < 0 -> should[i] = true
	:: LEVEL -> should[i] = value < 0
	:: else
	fi;
#if BROKEN == 6
	was_negative[i] = x < 0;
#else
	update(i);
#endif
	dec_at[i] = TB(i) + value;
	update(i)
}

/* An edge that came while one was pending is the same exception. */
inline take(i)
{
#if BROKEN != 9
	update(i);
#endif
	pending[i] = false;
	should[i] = false
}

inline mttb(i, more)
{
	offset[i] = offset[i] + more;
	dec_at[i] = dec_at[i] + more;
	seen[i] = seen[i] + more;
	written[i] = true
}

inline stop()
{
	runs = false;
	stop_wall = wall;
#if BROKEN == 1
	/* One of them a ns later. */
	offset[1] = offset[1] + (written[0] -> 0 : TICKS(v + 1) - TICKS(v));
#endif
}

/* Ticks of the pause that count. */
inline downtime()
{
	d = 0;
	if
	:: paused && (POLICY == 1 || (POLICY == 0 && migrated)) -> d = wall - stop_wall
	:: else
	fi;
#if BROKEN != 3
	if
	:: d < 0 -> d = 0
	:: else
	fi
#endif
}

inline jump()
{
	for (i : 0 .. N - 1) {
		b[i] = DEC(i);
		offset[i] = offset[i] + TICKS(d);
#if BROKEN != 8
		if
		:: b[i] >= -HALF / 2 && TICKS(d) > b[i] + HALF / 2 -> dec_at[i] = TB(i) - HALF / 2
		:: else
		fi;
#endif
		assert(b[i] < -HALF / 2 || TICKS(d) <= b[i] || DEC(i) < 0);
		/* It has run out, once, or it has not. */
		if
		:: LEVEL -> should[i] = should[i] || (b[i] >= 0 && TICKS(d) > b[i])
		:: !LEVEL && b[i] >= 0 && TICKS(d) > b[i] -> should[i] = true
		:: else
		fi;
		update(i)
	}
}

inline start()
{
	downtime();
	jumped = jumped + d;
	added = added + TICKS(d);
	stop_wall = wall;
	if
	:: d != 0 -> jump()
	:: else
	fi;
	paused = true;
	migrated = false;
	runs = true
}

inline save()
{
	saved = true;
	k_v = v;
	k_stop_wall = stop_wall;
	k_jumped = jumped;
	k_added = added;
	for (i : 0 .. N - 1) {
		k_offset[i] = offset[i];
#if BROKEN == 4
		k_left[i] = dec_at[i];
#else
		k_left[i] = dec_at[i] - TB(i);
#endif
#if BROKEN == 7
		k_pending[i] = false;
#else
		k_pending[i] = pending[i];
#endif
		k_negative[i] = was_negative[i];
		k_written[i] = written[i];
		k_should[i] = should[i];
		k_seen[i] = seen[i]
	}
}

inline load(moved)
{
	v = k_v;
	stop_wall = k_stop_wall;
	jumped = k_jumped;
	added = k_added;
	paused = true;
	migrated = moved;
	for (i : 0 .. N - 1) {
		offset[i] = k_offset[i];
#if BROKEN == 2
		if
		:: POLICY != 2 && wall > stop_wall -> offset[i] = offset[i] + TICKS(wall - stop_wall)
		:: else
		fi;
#endif
#if BROKEN == 4
		dec_at[i] = k_left[i] + (stop_wall != wall -> 1 : 0);
#else
		dec_at[i] = TB(i) + k_left[i];
#endif
		pending[i] = k_pending[i];
		was_negative[i] = k_negative[i];
		written[i] = k_written[i];
		should[i] = k_should[i];
		seen[i] = k_seen[i]
	}
	for (i : 0 .. N - 1) {
		update(i);
		/* It is not looked at again: fewer states. */
		k_offset[i] = 0; k_left[i] = 0; k_seen[i] = 0; k_pending[i] = false;
		k_negative[i] = false; k_written[i] = false; k_should[i] = false
	}
	k_v = 0; k_stop_wall = 0; k_jumped = 0; k_added = 0
}

active proctype machine()
{
	short x, t, d, b[N], i;

	d_step {
		for (i : 0 .. N - 1) {
			dec_at[i] = 1;
			update(i)
		}
		runs = true;
		paused = true;
		check()
	}
end:
	do
	:: d_step { runs && v < V_MAX && wall < WALL_MAX -> pass(); check() }
	:: d_step { !runs && wall < WALL_MAX -> wall++ }
	:: d_step { leaps < LEAPS && wall >= 2 -> wall = wall - 2; leaps++ }
	:: d_step { leaps < LEAPS && wall + 3 <= WALL_MAX -> wall = wall + 3; leaps++ }
	:: d_step { runs && due[0] <= v -> fire(0); check() }
	:: d_step { runs && due[1] <= v -> fire(1); check() }
	/* The guest.  All its CPUs are alike, so one has all the whims. */
	:: d_step { runs -> mtdec(0, 0); check() }
	:: d_step { runs -> mtdec(0, -1); check() }
	:: d_step { runs && pending[0] && !LEVEL ->
		take(0); check() }
	:: d_step { runs -> stop(); check() }
	:: d_step { !runs -> start(); check() }
	:: d_step { !runs && !saved -> save(); check() }
	:: d_step { !runs && saved && loads < LOADS -> loads++; load(0); check() }
	:: d_step { !runs && saved && loads < LOADS -> loads++; load(1); check() }
	/* Last, so that faults in what need not be equal any more are not looked for first. */
	:: d_step { runs && !written[0] -> mttb(0, 3); check() }
	od
}
