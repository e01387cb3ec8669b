/* Have-vectors and backfill between three nodes, for spin. docs/storm.md says what of docs/protocol.md is in here and
 * what is left out; scripts/model runs it, whole and with each BREAK_... rule broken.
 *
 * Node 0 is the origin. It says COMMON records to everybody (the low bits), then PRIVATE (0 or 1) to node 1 alone, which
 * node 2 must never hold. A disk syncs later. Links are TCP: ordered, and what is in flight is lost with the connection. Time on the
 * way is time in the sender's queue here: a frame that leaves it arrives, or is lost and the link with it.
 */
#ifndef CUTS
#define CUTS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef COMMON
#define COMMON 1
#endif
#ifndef PRIVATE
#define PRIVATE 1
#endif
#define NODES 3
#define NOBODY 3
#define AT(i, j) ((i) * NODES + (j))
#define LOWEST(bits) ((bits) & (256 - (bits)))
#define EVERYBODYS ((1 << COMMON) - 1)
#define ALL ((1 << (COMMON + PRIVATE)) - 1)
#define MAY(j) (j == 2 -> EVERYBODYS : ALL) /* the audience of each record, as a mask by nation */

#define HAVE 1     /* and Ack: what is held in the low bits, what is on disk above */
#define LIVE 2
#define BACKFILL 3
#define WANT 4
bit up[9];
bit alive[NODES];
byte held[NODES];     /* verified */
byte durable[NODES];  /* on disk */
byte handed[NODES];   /* given to the core in this life */
byte has[9];          /* has[AT(i, j)]: what i knows j to hold */
byte acked[NODES];    /* at the origin: what this node said is on its disk */
byte live[9], back[9];                       /* bundles that wait to be sent */
bit have_due[9], want_due[9];
byte want_from[NODES], wanted[NODES];
byte said;            /* by the origin, in its first epoch */
bit epoch_over;       /* it crashed: what it says from then on is another epoch */
byte cuts = CUTS, crashes = CRASHES;
byte p, q, c;         /* scratch of atomic steps; always 0 between them */

#ifdef BREAK_AUDIENCE
#define TELLABLE(j) ALL
#define ANSWERED(j) ALL
#else
#define ANSWERED(j) MAY(j)
#define TELLABLE(j) MAY(j)
#endif

/* 3: a session begins with nothing known of the partner, and a snapshot of what is held and durable. */
inline session(x, y) {
  has[AT(x, y)] = 0;
  live[AT(x, y)] = 0;
  back[AT(x, y)] = 0;
#ifndef BREAK_SNAPSHOT
  have_due[AT(x, y)] = (held[x] != 0);
#endif
  want_due[AT(x, y)] = 0
}

inline session_ends(x, y) {
  up[AT(x, y)] = 0;
  has[AT(x, y)] = 0;
  live[AT(x, y)] = 0;
  back[AT(x, y)] = 0;
  have_due[AT(x, y)] = 0;
  want_due[AT(x, y)] = 0;
  if
  :: want_from[x] == y -> want_from[x] = NOBODY; wanted[x] = 0
  :: else
  fi
}

inline link_down(m, n) {
  session_ends(m, n);
  session_ends(n, m)
}

/* 4.1: a bundle that is new is handed on, told of, flooded when it came live, and stored. */
inline accept(me, giver, one, flood) {
  assert((one & ~MAY(me)) == 0);  /* no record at a nation outside its audience */
  if
  :: (held[me] & one) == 0 ->
    held[me] = held[me] | one;
    assert((handed[me] & one) == 0);  /* nothing is handed on twice */
    handed[me] = handed[me] | one;
    p = 0;
    do
    :: p < NODES ->
      if
      :: p != me && up[AT(me, p)] && (one & TELLABLE(p)) ->
        have_due[AT(me, p)] = 1;
        if
        :: flood && p != giver && p != 0 && (has[AT(me, p)] & one) == 0 -> live[AT(me, p)] = live[AT(me, p)] | one
        :: else
        fi
      :: else
      fi;
      p++
    :: else -> break
    od;
    p = 0
  :: else
#ifdef BREAK_DUPLICATE
    ; assert((handed[me] & one) == 0)
#endif
  fi;
  wanted[me] = wanted[me] & ~one;
  if
  :: wanted[me] == 0 -> want_from[me] = NOBODY
  :: else
  fi
}

/* 4: what a partner has and this node lacks is asked for, of one partner at a time, the origin first. */
#define LACKS(i, j) (up[AT(i, j)] && (has[AT(i, j)] & ~held[i]))
#ifdef BREAK_ASK
#define MAY_ASK(i) 0
#else
#define MAY_ASK(i) (want_from[i] == NOBODY)
#endif
inline ask(u, v) {
  want_from[u] = v;
  wanted[u] = has[AT(u, v)] & ~held[u];
  want_due[AT(u, v)] = 1
}

inline take(here, sender, what) {  /* here takes q from sender */
  if
  :: what == HAVE ->
    has[AT(here, sender)] = has[AT(here, sender)] | (q & 7);
    if
    :: here == 0 -> acked[sender] = acked[sender] | (q >> 4); assert((acked[sender] & ~durable[sender]) == 0)  /* acknowledged is stored */
    :: else
    fi
  :: what == LIVE -> has[AT(here, sender)] = has[AT(here, sender)] | q; accept(here, sender, q, 1)
  :: what == BACKFILL -> has[AT(here, sender)] = has[AT(here, sender)] | q; accept(here, sender, q, 0)
  :: what == WANT ->
    assert((q & live[AT(here, sender)]) == 0);  /* nothing is asked for that comes by itself */
    back[AT(here, sender)] = back[AT(here, sender)] | (q & held[here] & ANSWERED(sender))
  fi
}

/* 3, priorities: control, live, backfill. A Have leaves out what still waits to be sent. */
#ifdef BREAK_ACK
#define ON_DISK(i) held[i]
#else
#define ON_DISK(i) durable[i]
#endif
#ifdef BREAK_WAITING
#define TOLD(i, j) (held[i] & TELLABLE(j))
#else
#define TOLD(i, j) (held[i] & TELLABLE(j) & ~live[AT(i, j)])
#endif
#define TO_SEND(i, j) (up[AT(i, j)] && (want_due[AT(i, j)] || live[AT(i, j)] || have_due[AT(i, j)] || back[AT(i, j)]))
inline next_frame(s, t) {
  if
  :: want_due[AT(s, t)] -> want_due[AT(s, t)] = 0; c = WANT; q = (want_from[s] == t -> wanted[s] : 0)
  :: else ->
    if
    :: live[AT(s, t)] -> c = LIVE; q = LOWEST(live[AT(s, t)]); live[AT(s, t)] = live[AT(s, t)] & ~q
    :: have_due[AT(s, t)] -> have_due[AT(s, t)] = 0; c = HAVE; q = TOLD(s, t) + 16 * (ON_DISK(s) & MAY(t))
    :: back[AT(s, t)] -> c = BACKFILL; q = LOWEST(back[AT(s, t)]); back[AT(s, t)] = back[AT(s, t)] & ~q
    fi
  fi
}

inline send(i, j) {
  next_frame(i, j);
  if
  :: take(j, i, c)
  :: cuts > 0 -> cuts--; link_down(i, j)
  fi;
  c = 0;
  q = 0
}

/* The queue to a partner is full: the oldest goes, and comes from the log when the partner sees it in the Have. */
inline overflow(u, v) {
  q = LOWEST(live[AT(u, v)]);
  live[AT(u, v)] = live[AT(u, v)] & ~q;
#ifndef BREAK_OVERFLOW
  have_due[AT(u, v)] = 1;
#endif
  q = 0
}

inline sync(k) {
  durable[k] = held[k];
  if
  :: k != 0 && up[AT(k, 0)] -> have_due[AT(k, 0)] = 1
  :: else
  fi
}

inline publish() {
  q = said + 1;  /* 1, 2, 4: the next bit */
  said = said | q;
  held[0] = held[0] | q;
  handed[0] = handed[0] | q;
  p = 1;
  do
  :: p < NODES ->
    if
    :: up[AT(0, p)] && (q & MAY(p)) -> live[AT(0, p)] = live[AT(0, p)] | q
    :: else
    fi;
    p++
  :: else -> break
  od;
  p = 0;
  q = 0
}

#define OTHER(i, k) ((i + k) % NODES)
proctype node(byte i) {
end:
  do
  :: atomic { i == 0 && alive[0] && !epoch_over && said < ALL -> publish() }
  :: atomic { alive[i] && durable[i] != held[i] -> sync(i) }
  :: atomic { TO_SEND(i, OTHER(i, 1)) -> send(i, OTHER(i, 1)) }
  :: atomic { TO_SEND(i, OTHER(i, 2)) -> send(i, OTHER(i, 2)) }
  :: atomic { live[AT(i, OTHER(i, 1))] -> overflow(i, OTHER(i, 1)) }
  :: atomic { live[AT(i, OTHER(i, 2))] -> overflow(i, OTHER(i, 2)) }
  /* The origin first; another while the origin cannot be reached or lacks it (the clock is left out: at any time). */
  :: atomic { i != 0 && MAY_ASK(i) && LACKS(i, 0) -> ask(i, 0) }
  :: atomic { i != 0 && MAY_ASK(i) && !LACKS(i, 0) && LACKS(i, 3 - i) -> ask(i, 3 - i) }
  :: atomic { i == 0 && MAY_ASK(0) && LACKS(0, 1) -> ask(0, 1) }
  :: atomic { i == 0 && MAY_ASK(0) && LACKS(0, 2) -> ask(0, 2) }
  od
}

inline crash(k) {
  alive[k] = 0;
  link_down(k, OTHER(k, 1));
  link_down(k, OTHER(k, 2));
  held[k] = durable[k];    /* what was not synced is gone */
  handed[k] = durable[k];  /* the next life is handed what is on the disk */
  assert((acked[k] & ~durable[k]) == 0);  /* what was acknowledged survives */
  if
  :: k == 0 -> epoch_over = 1
  :: else
  fi
}

inline link_up(m, n) {
  up[AT(m, n)] = 1;
  up[AT(n, m)] = 1;
  session(m, n);
  session(n, m)
}

#define CAN_LINK(i, j) (!up[AT(i, j)] && alive[i] && alive[j])
#define ALL_WELL (up[1] && up[2] && up[5] && alive[0] && alive[1] && alive[2])
proctype world() {
  do
  :: atomic { CAN_LINK(0, 1) -> link_up(0, 1) }
  :: atomic { CAN_LINK(0, 2) -> link_up(0, 2) }
  :: atomic { CAN_LINK(1, 2) -> link_up(1, 2) }
  :: atomic { cuts > 0 && up[AT(0, 1)] -> cuts--; link_down(0, 1) }
  :: atomic { cuts > 0 && up[AT(0, 2)] -> cuts--; link_down(0, 2) }
  :: atomic { cuts > 0 && up[AT(1, 2)] -> cuts--; link_down(1, 2) }
  :: atomic { crashes > 0 && alive[0] -> crashes--; crash(0) }
  :: atomic { crashes > 0 && alive[1] -> crashes--; crash(1) }
  :: atomic { crashes > 0 && alive[2] -> crashes--; crash(2) }
  :: atomic { !alive[0] -> alive[0] = 1 }
  :: atomic { !alive[1] -> alive[1] = 1 }
  :: atomic { !alive[2] -> alive[2] = 1 }
  :: atomic { ALL_WELL -> cuts = 0; crashes = 0; break }  /* no more faults from now on */
  od
}

/* Every run ends (spin looks for cycles besides), and when nothing more can happen everybody has everything that is
 * anywhere, on disk, and the origin knows it. */
proctype watch() {
  timeout ->
  assert(held[1] == (held[0] | held[1] | held[2]));
  assert(held[0] == held[1]);
  assert(held[2] == (held[0] & EVERYBODYS));
  assert(durable[0] == held[0] && durable[1] == held[1] && durable[2] == held[2]);
  assert(acked[1] == held[1] && acked[2] == held[2])
}

init {
  atomic {
    alive[0] = 1; alive[1] = 1; alive[2] = 1;
    up[1] = 1; up[2] = 1; up[3] = 1; up[5] = 1; up[6] = 1; up[7] = 1;
    want_from[0] = NOBODY; want_from[1] = NOBODY; want_from[2] = NOBODY;
    run node(0); run node(1); run node(2); run world(); run watch()
  }
}
