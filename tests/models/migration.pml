/*
 * Who owns the guest while it moves: migration/source.c, migration/dest.c and
 * docs/migration.md as a model that spin searches whole.
 *
 * Two processes speak the messages over a line that may be cut or stall at any
 * moment, be it with messages on it.  Either side may die at any moment.  The user
 * cancels, stops and continues the guest on both sides, at any moment too.  The guest
 * has one page, of one bit, and writes it all the time.  A stream goes both ways
 * (precopy or postcopy) or one way only (a file, a pipe).
 *
 * What must hold stands in owns_one(), in took_over() and in judge().
 *
 * BROKEN=N is a fault put in on purpose; run.py wants each of them found:
 *  1 the source takes the guest back though COMMIT has gone, for nobody says RUNS
 *  2 the destination starts the guest before COMMIT
 *  3 the source gives the guest up before the other side has said READY
 *  4 a guest that the user had paused may be continued behind the source's back
 *  5 the source counts COMMIT as sent though the line refused it
 *  6 a page's flag is cleared after the copy of it is made, not before
 *  7 a cancel is heeded after COMMIT
 *  8 postcopy: the source goes on with the guest when the line is cut
 *  9 postcopy: the destination lets the guest at pages that have not come
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#ifndef CUTS
#define CUTS 1 /* times the line breaks, at most */
#define ROOM 1 /* messages on the line */
#define ACTS 2 /* things the user does */
#endif

mtype:msg = { HELO, OKAY, PAGE, LAST, REDY, CMIT, RUNS, GOTALL, FAILED };
mtype:mode = { PRECOPY, POSTCOPY, ONE_WAY };
mtype:why = { RUNNING, BY_USER, FINISH, MIGRATED };
mtype:state = { COPYING, STOPPED, COMMITTED, DONE, NOT_MOVED, LOST };

chan there = [ROOM] of { mtype:msg, bit };
chan back = [ROOM] of { mtype:msg, bit };

mtype:mode mode;
bool cut, s_closed, d_closed; /* the line, and each side's end of it */
byte cuts, acts;
bool s_dead, d_dead, s_ended, d_ended;
bool s_waits, d_waits; /* postcopy: paused until the line is mended */

/* The source: what its CPUs do and what it thinks they do are two things. */
bool s_runs = true;
mtype:why why = RUNNING, why_before = RUNNING;
mtype:state state = COPYING;
bool cancelled, was_running, s_user_runs = true;
bit s_page, written, round; /* content; its flag, inverted; to be sent */

/* The destination. */
bool d_runs, d_owns, d_user_runs, d_missing;
bit d_page;

/* What nobody but the judge knows. */
bool commit_gone, missing_at_stop;
bit page_at_stop;

inline owns_one()
{
	assert(!(s_runs && d_runs));
	assert(!(d_owns && why != MIGRATED && !s_dead))
}

/* ------------------------------------------------------------- the line */

/* What is said while somebody else should be heard means that he has given up. */
inline send(to, from, closed, stop, m, v)
{
	if
	:: stop -> ok = false
	:: !stop && nempty(from) -> from?_, _; ok = false
	:: !stop && empty(from) ->
		if
		:: !cut && !closed && nfull(to) -> to!m(v); ok = true
		:: !cut && !closed && full(to) -> ok = false /* waited too long */
		:: cut || closed -> ok = false
		:: cut || closed -> ok = true /* the host took it: on its way to nowhere */
		fi
	fi
}

inline receive(from, closed, stop)
{
	if
	:: !stop && nempty(from) -> from?got, value; ok = true
	:: cut -> ok = false /* with all that is still on it */
	:: closed && empty(from) -> ok = false
	:: true -> ok = false /* too long; or a message that is damaged or makes no sense */
	fi
}

inline expect(from, closed, stop, m)
{
	receive(from, closed, stop);
	ok = ok && got == m
}

/* ----------------------------------------------------------- the source */

inline send_page()
{
	if
	:: round ->
		copy = s_page;
		/* Here the guest may write. */
#if BROKEN == 6
		written = 0;
#endif
		send(there, back, d_closed, cancelled, PAGE, copy);
		round = 0
	:: else -> ok = true
	fi
}

inline next_round()
{
	atomic {
		round = written;
#if BROKEN != 6
		written = 0
#endif
	}
}

inline stop_guest()
{
	atomic {
		was_running = why == RUNNING;
		why_before = why;
		s_runs = false;
#if BROKEN == 4
		if
		:: was_running -> why = FINISH
		:: else
		fi;
#else
		why = FINISH;
#endif
		state = STOPPED;
		round = round | written;
		page_at_stop = s_page;
		missing_at_stop = mode == POSTCOPY && round
	}
}

inline give_up()
{
	atomic {
		if
		:: cancelled -> ok = false
		:: else ->
			ok = true;
			why = MIGRATED;
			state = COMMITTED
		fi
	}
}

/* Nothing that could start the guest at the other side has gone there. */
inline take_back()
{
	atomic {
		if
		:: why == FINISH || why == MIGRATED ->
			why = why_before;
			s_runs = why == RUNNING
		:: else
		fi;
		state = NOT_MOVED;
		owns_one()
	}
}

/* After the guest has left: its pages follow, over a new line if need be. */
inline follow_up()
{
	do
	:: receive(back, d_closed, false);
		if
		:: ok && got == GOTALL -> break
		:: else
		fi;
		if
		:: ok && got == RUNS -> goto have_line
		:: else
		fi;
		cut = true;
#if BROKEN == 8
		atomic { why = RUNNING; s_runs = true; owns_one() }
#endif
		s_waits = true;
end_s_waits:
		!s_waits;
have_line:
		if
		:: !cut && nfull(there) -> there!PAGE(s_page)
		:: cut || full(there)
		fi
	od
}

active proctype source()
{
	mtype:msg got;
	bit value, copy;
	bool ok;

	{
#ifdef MODE
	mode = MODE;
#else
	if
	:: mode = PRECOPY
	:: mode = POSTCOPY
	:: mode = ONE_WAY
	fi;
#endif
	send(there, back, d_closed, cancelled, HELO, 0);
	if
	:: ok && mode != ONE_WAY -> expect(back, d_closed, cancelled, OKAY)
	:: else
	fi;
	if
	:: !ok -> goto failed
	:: else
	fi;
	atomic { written = 0; round = 1 }
	do
	:: send_page();
		if
		:: !ok -> goto failed
		:: else
		fi;
		next_round();
		if
		:: true -> break /* little is left, or postcopy begins */
		:: true
		fi
	:: mode == POSTCOPY -> break
	od;
	stop_guest();
	if
	:: mode != POSTCOPY -> send_page()
	:: else -> ok = true
	fi;
	if
	:: !ok -> goto failed
	:: else
	fi;
#if BROKEN == 3
	give_up();
#endif
	send(there, back, d_closed, cancelled, LAST, round && mode == POSTCOPY);
	if
	:: ok && mode != ONE_WAY -> expect(back, d_closed, cancelled, REDY)
	:: else
	fi;
	if
	:: !ok -> goto failed
	:: else
	fi;
#if BROKEN != 3
	give_up();
#endif
	if
	:: !ok -> goto failed
	:: else
	fi;
	/* With its sending on the host's side, not with the answer, the guest is gone. */
	atomic {
		send(there, back, d_closed, false, CMIT, 0);
#if BROKEN == 5
		commit_gone = ok;
		ok = true;
#else
		commit_gone = ok
#endif
	}
	if
	:: !ok -> goto failed
	:: ok && mode == POSTCOPY -> follow_up()
	:: ok && mode == PRECOPY -> expect(back, d_closed, false, RUNS)
	:: else
	fi;
#if BROKEN == 1
	if
	:: !ok -> goto failed
	:: else
	fi;
#endif
#if BROKEN == 7
	if
	:: cancelled -> goto failed
	:: else
	fi;
#endif
	if
	:: ok -> state = DONE
	:: else -> state = LOST
	fi;
	goto out;
failed:
#if BROKEN == 3
	if
	:: why == MIGRATED -> goto out
	:: else
	fi;
#endif
	if
	:: !cut && nfull(there) -> there!FAILED(0)
	:: true
	fi;
	take_back();
out:
	atomic { s_closed = true; s_ended = true }
	} unless { s_dead }
}

/* ------------------------------------------------------ the destination */

inline took_over()
{
	atomic {
		d_owns = true;
		d_user_runs = d_start;
		d_runs = d_start;
		/* Bytes intact: what it has is what the guest had when it stopped. */
		assert(d_missing || d_page == page_at_stop);
		assert(d_missing == missing_at_stop);
		owns_one()
	}
}

inline fetch_rest()
{
	do
	:: d_missing ->
		receive(there, s_closed, false);
		if
		:: ok && got == PAGE -> atomic { d_page = value; d_missing = false }
		:: else ->
			cut = true;
			d_waits = true;
end_d_waits:
			!d_waits
		fi
	:: !d_missing ->
		assert(d_page == page_at_stop);
		if
		:: !cut && nfull(back) -> back!GOTALL(0)
		:: cut || full(back)
		fi;
		if
		:: cut && !s_ended && !s_dead -> d_waits = true;
end_d_says:
			!d_waits || s_ended
		:: else -> break
		fi
	od
}

active proctype destination()
{
	mtype:msg got;
	bit value;
	bool ok, d_start;

	{
	expect(there, s_closed, false, HELO);
	if
	:: ok && mode != ONE_WAY -> send(back, there, s_closed, false, OKAY, 0)
	:: else
	fi;
	do
	:: !ok -> goto failed
	:: ok ->
		receive(there, s_closed, false);
		if
		:: ok && got == PAGE -> d_page = value
		:: ok && got == LAST -> break
		:: else -> goto failed
		fi
	od;
	d_missing = value;
	d_start = was_running;
#if BROKEN == 2
	took_over();
#endif
	if
	:: mode != ONE_WAY -> send(back, there, s_closed, false, REDY, 0)
	:: else
	fi;
	if
	:: ok -> expect(there, s_closed, false, CMIT)
	:: else
	fi;
	if
	:: !ok -> goto failed
	:: else
	fi;
	took_over();
	if
	:: mode != ONE_WAY -> send(back, there, s_closed, false, RUNS, 0)
	:: else
	fi;
	if
	:: mode == POSTCOPY -> fetch_rest()
	:: else
	fi;
	goto out;
failed:
	if
	:: mode != ONE_WAY && !cut && nfull(back) -> back!FAILED(0)
	:: true
	fi;
out:
	atomic { d_closed = true; d_ended = true }
	} unless { d_dead }
}

/* ------------------------------------------------------- all the others */

active proctype guest()
{
end:
	do
	:: atomic { s_runs -> s_page = 1 - s_page; written = 1 }
	/* Looks at its page, or has to wait for it. */
	:: atomic { d_runs && (!d_missing || BROKEN == 9) -> assert(!d_missing) }
	od
}

active proctype user()
{
end:
	do
	:: atomic { acts < ACTS && !cancelled && !s_dead &&
		(state == COPYING || state == STOPPED || (BROKEN == 7 && state == COMMITTED)) ->
		acts++; cancelled = true }
	:: atomic { acts < ACTS && !s_dead && why == RUNNING -> acts++; why = BY_USER; s_runs = false; s_user_runs = false }
	:: atomic { acts < ACTS && !s_dead && why == BY_USER ->
		acts++; why = RUNNING; s_runs = true; s_user_runs = true; owns_one() }
	:: atomic { acts < ACTS && !d_dead && d_owns ->
		acts++; d_user_runs = !d_user_runs; d_runs = d_user_runs; owns_one() }
	od
}

active proctype fate()
{
end:
	do
	:: atomic { !cut && cuts < CUTS -> cut = true; cuts++ }
	:: atomic { !s_dead && !d_dead -> s_dead = true; s_runs = false; s_closed = true }
	:: atomic { !s_dead && !d_dead -> d_dead = true; d_runs = false; d_closed = true }
	:: atomic { s_waits && d_waits && !s_dead && !d_dead ->
		/* Somebody mends the line: what was on the old one is gone. */
		do
		:: nempty(there) -> there?_, _
		:: nempty(back) -> back?_, _
		:: empty(there) && empty(back) -> break
		od;
		cut = false;
		s_waits = false;
		d_waits = false }
	od
}

/* When both have come to their ends. */
active proctype judge()
{
end:
	atomic {
	(s_ended || s_dead) && (d_ended || d_dead) ->
	if
	:: !commit_gone && !s_dead ->
		/* Failed before COMMIT: the guest is here, as the user last wanted it. */
		assert(state == NOT_MOVED && !d_owns);
		assert(s_runs == s_user_runs && (why == RUNNING || why == BY_USER))
	:: commit_gone && !s_dead ->
		/* It never comes back here. */
		assert(why == MIGRATED && !s_runs);
		/* Nobody has it: COMMIT was lost, and the source says so. */
		assert(d_owns || state == LOST || mode == ONE_WAY);
		assert(state != DONE || mode == ONE_WAY || (d_owns && (!d_missing || d_dead)))
	:: else
	fi;
	if
	:: d_owns -> assert(commit_gone)
	:: else
	fi;
	if
	:: d_owns && !d_dead -> assert(d_runs == d_user_runs && (!d_missing || s_dead))
	:: else
	fi
	}
}
