/*
 * Strict reservations (target-ppc/reserve.c, block.c's ppc_claim_page(), shoot.c, tlb.c's enter(),
 * docs/threads.md) as a model that spin searches whole.
 *
 * One page with one granule.  CPU 0 reserves, may load anything in between, and stores on that condition.
 * CPU 1 stores: by its write tag, which asks nobody, or slowly, holding the version; it may get a
 * tag anew, serves requests between two instructions, and may leave the guest and come back.
 * CPU 2 stores slowly and may take the page's flag off.  A host that keeps stores in order
 * loads in order, too; what it delays are stores, and a tag's store is in memory before `served` is.
 *
 * What must hold: if the conditional store is done, nobody else has stored since the load of what was
 * reserved (`foreign`).  Values play no part: any store counts.
 *
 * BROKEN=N is a fault put in on purpose; run.py wants each of them found:
 *  1 the reservation counts before others have put their tags away
 *  2 a tag is given by a look at the flags before the page is marked as one that may have tags
 *  3 slow stores leave the version alone
 *  4 the flag is taken off without another version
 *  5 the flag is looked at before the version is read
 *  6 the mark of tags is taken off before the flag is set
 *  7 who comes back to the guest does not look at requests first
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#ifndef STORES
#define STORES 2 /* of CPU 1 */
#endif
#ifndef ROUNDS
#define ROUNDS 2 /* of CPU 0 */
#endif

bool resv, wtag;	 /* of the page's flags */
bool locked;		 /* the version is odd; */
byte version;		 /* how often it was */
bool tag;		 /* CPU 1's TLB */
bool in_guest = true;	 /* CPU 1 */
byte asking, asked, served; /* requests to CPU 1 */
bool foreign;		 /* somebody stored since CPU 0's load */
byte running = 3;

inline lock()
{
	atomic { !locked -> locked = true }
}

inline unlock()
{
	atomic {
#if BROKEN != 3
		version++;
#endif
		locked = false
	}
}

inline slow_store()
{
	lock();
	foreign = true;
	unlock()
}

/* tlb.c, enter(): the order of its two looks is what matters. */
inline enter()
{
#if BROKEN == 2
	plain = !resv;
	wtag = true;
#else
	wtag = true;
	plain = !resv;
#endif
	tag = plain
}

inline serve()
{
	if
	:: asked != served ->
		atomic { want = asked; tag = false };
		served = want
	:: else
	fi
}

inline claim()
{
	if
	:: resv
	:: else ->
		asking++;
#if BROKEN == 6
		atomic { had = wtag; wtag = false };
		resv = true;
#else
		atomic { had = wtag; wtag = false; resv = true };
#endif
		if
		:: had -> asked++
		:: else
		fi;
		asking--
	fi
}

proctype Reserver()
{
	byte n, v, want;
	bool had, held;

	do
	:: n < ROUNDS ->
		n++;
		claim();
#if BROKEN != 1
		asking == 0;
		want = asked;
		(served >= want || !in_guest);
#endif
		held = true;
#if BROKEN == 5
		held = resv;
#endif
		/* An odd version is waited for, or the reservation does not count. */
		atomic { v = version; held = held && !locked };
#if BROKEN != 5
		held = held && resv;
#endif
#if BROKEN != 1
		if
		:: asking != 0 -> held = false
		:: else
		fi;
		want = asked;
		if
		:: served < want && in_guest -> held = false
		:: else
		fi;
#endif
		foreign = false; /* the load */
		if
		:: held ->
			/* compare and swap of the version, then the store under it */
			if
			:: atomic { !locked && version == v -> locked = true };
				assert(!foreign);
				unlock()
			:: version != v || locked
			fi
		:: else
		fi
	:: else -> break
	od;
	running--
}

proctype Storer()
{
	byte n, want;
	bool plain;

	do
	:: n < STORES && in_guest ->
		n++;
		if
		:: tag ->
			/* Between the look at the tag and the store nothing is served. */
			foreign = true
		:: else ->
			if
			:: slow_store()
			:: enter();
				if
				:: tag -> foreign = true
				:: else -> slow_store()
				fi
			fi
		fi;
		serve()
	:: in_guest -> in_guest = false
	:: !in_guest ->
		in_guest = true;
#if BROKEN != 7
		serve()
#else
		skip
#endif
	:: n == STORES -> break
	od;
	in_guest = false;
	running--
}

proctype Unguarder()
{
	slow_store();
	if
	:: true
	:: lock();
		resv = false;
#if BROKEN == 4
		locked = false
#else
		unlock()
#endif
	fi;
	running--
}

init
{
	atomic {
		run Reserver();
		run Storer();
		run Unguarder()
	}
}
