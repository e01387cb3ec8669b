/* Have-vectors and backfill between three nodes, for spin. docs/storm.md says what of docs/protocol.md is in here and
 * what is left out; scripts/model runs it, whole and with each BREAK_... rule broken.
 *
 * Node 0 is the origin. It says COMMON records to everybody (the low bits), then one to node 1 alone, which node 2 must
 * never hold. Links are TCP: ordered, and what is in flight is lost with the connection. A disk syncs later.
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
#define NODES 3
#define NOBODY 3
#define AT(i, j) ((i) * NODES + (j))
#define LOWEST(bits) ((bits) & (256 - (bits)))
#if COMMON == 1
#define EVERYBODYS 1
#define ALL 3
#else
#define EVERYBODYS 3
#define ALL 7
#endif
#define MAY(j) (j == 2 -> EVERYBODYS : ALL) /* the audience of each record, as a mask by nation */

#define NOTHING 0
#define HAVE 1
#define LIVE 2
#define BACKFILL 3
#define WANT 4
#define ACK 5
byte kind[9], bits[9];  /* the frame in flight on each link, [AT(from, to)] */
bit up[9];
bit alive[NODES];
byte held[NODES];     /* verified */
byte durable[NODES];  /* on disk */
byte handed[NODES];   /* given to the core in this life */
byte has[9];          /* has[AT(i, j)]: what i knows j to hold */
byte acked[NODES];    /* at the origin: what this node said is on its disk */
byte live[9], back[9];                       /* bundles that wait to be sent */
bit have_due[9], ack_due[9], want_due[9];
byte want_from[NODES], wanted[NODES];
byte said;            /* by the origin, in its first epoch */
bit epoch_over;       /* it crashed: what it says from then on is another epoch */
byte cuts = CUTS, crashes = CRASHES;
byte p, q, c;         /* scratch of atomic steps; always 0 between them */

#ifdef BREAK_AUDIENCE
#define TELLABLE(j) ALL
#else
#define TELLABLE(j) MAY(j)
#endif

/* 3: a session begins with nothing known of the partner, and a snapshot of what is held and durable. */
inline session(i, j) {
  has[AT(i, j)] = 0;
  live[AT(i, j)] = 0;
  back[AT(i, j)] = 0;
#ifndef BREAK_SNAPSHOT
  have_due[AT(i, j)] = 1;
#endif
  ack_due[AT(i, j)] = (j == 0);
  want_due[AT(i, j)] = 0
}

inline session_ends(i, j) {
  up[AT(i, j)] = 0;
  has[AT(i, j)] = 0;
  live[AT(i, j)] = 0;
  back[AT(i, j)] = 0;
  have_due[AT(i, j)] = 0;
  ack_due[AT(i, j)] = 0;
  want_due[AT(i, j)] = 0;
  if
  :: want_from[i] == j -> want_from[i] = NOBODY; wanted[i] = 0
  :: else
  fi;
  kind[AT(i, j)] = NOTHING;
  bits[AT(i, j)] = 0
}

inline link_down(i, j) {
  session_ends(i, j);
  session_ends(j, i)
}

/* 4.1: a bundle that is new is handed on, told of, flooded when it came live, and stored. */
inline accept(i, from, bit_, flood) {
  assert((bit_ & ~MAY(i)) == 0);  /* no record at a nation outside its audience */
  if
  :: (held[i] & bit_) == 0 ->
    held[i] = held[i] | bit_;
    assert((handed[i] & bit_) == 0);  /* nothing is handed on twice */
    handed[i] = handed[i] | bit_;
    p = 0;
    do
    :: p < NODES ->
      if
      :: p != i && up[AT(i, p)] && (bit_ & TELLABLE(p)) ->
        have_due[AT(i, p)] = 1;
        if
        :: flood && p != from && p != 0 && (has[AT(i, p)] & bit_) == 0 -> live[AT(i, p)] = live[AT(i, p)] | bit_
        :: else
        fi
      :: else
      fi;
      p++
    :: else -> break
    od;
    p = 0
#ifdef BREAK_ACK
    ; if
    :: i != 0 && up[AT(i, 0)] -> ack_due[AT(i, 0)] = 1
    :: else
    fi
#endif
  :: else
#ifdef BREAK_DUPLICATE
    ; assert((handed[i] & bit_) == 0)
#endif
  fi;
  wanted[i] = wanted[i] & ~bit_;
  if
  :: wanted[i] == 0 -> want_from[i] = NOBODY
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
inline ask(i, j) {
  want_from[i] = j;
  wanted[i] = has[AT(i, j)] & ~held[i];
  want_due[AT(i, j)] = 1
}

inline take(i, j) {
  q = bits[AT(j, i)];
  bits[AT(j, i)] = 0;
  c = kind[AT(j, i)];
  kind[AT(j, i)] = NOTHING;
  if
  :: c == HAVE -> has[AT(i, j)] = has[AT(i, j)] | q
  :: c == LIVE -> has[AT(i, j)] = has[AT(i, j)] | q; accept(i, j, q, 1)
  :: c == BACKFILL -> has[AT(i, j)] = has[AT(i, j)] | q; accept(i, j, q, 0)
  :: c == WANT ->
#ifdef BREAK_AUDIENCE
    back[AT(i, j)] = back[AT(i, j)] | (q & held[i])
#else
    back[AT(i, j)] = back[AT(i, j)] | (q & held[i] & MAY(j))
#endif
  :: c == ACK ->
    has[AT(i, j)] = has[AT(i, j)] | q;
    if
    :: i == 0 -> acked[j] = acked[j] | q; assert((acked[j] & ~durable[j]) == 0)  /* acknowledged is stored */
    :: else
    fi
  fi;
  c = 0;
  q = 0
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
inline put(from, to, what, about) {
  kind[AT(from, to)] = what;
  bits[AT(from, to)] = about
}
#define TO_SEND(i, j) (ack_due[AT(i, j)] || want_due[AT(i, j)] || live[AT(i, j)] || have_due[AT(i, j)] || back[AT(i, j)])
inline send(i, j) {
  if
  :: ack_due[AT(i, j)] -> ack_due[AT(i, j)] = 0; put(i, j, ACK, ON_DISK(i) & MAY(j))
  :: else ->
    if
    :: want_due[AT(i, j)] -> want_due[AT(i, j)] = 0; put(i, j, WANT, wanted[i])
    :: else ->
      if
      :: live[AT(i, j)] ->
        q = LOWEST(live[AT(i, j)]);
        live[AT(i, j)] = live[AT(i, j)] & ~q;
        put(i, j, LIVE, q)
      :: have_due[AT(i, j)] -> have_due[AT(i, j)] = 0; put(i, j, HAVE, TOLD(i, j))
      :: back[AT(i, j)] ->
        q = LOWEST(back[AT(i, j)]);
        back[AT(i, j)] = back[AT(i, j)] & ~q;
        put(i, j, BACKFILL, q)
      fi
    fi
  fi;
  q = 0
}

/* The queue to a partner is full: the oldest goes, and comes from the log when the partner sees it in the Have. */
inline overflow(i, j) {
  q = LOWEST(live[AT(i, j)]);
  live[AT(i, j)] = live[AT(i, j)] & ~q;
#ifndef BREAK_OVERFLOW
  have_due[AT(i, j)] = 1;
#endif
  q = 0
}

inline sync(i) {
  durable[i] = held[i];
  if
  :: i != 0 && up[AT(i, 0)] -> ack_due[AT(i, 0)] = 1
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
  :: atomic { kind[AT(OTHER(i, 1), i)] -> take(i, OTHER(i, 1)) }
  :: atomic { kind[AT(OTHER(i, 2), i)] -> take(i, OTHER(i, 2)) }
  :: atomic { up[AT(i, OTHER(i, 1))] && kind[AT(i, OTHER(i, 1))] == NOTHING && TO_SEND(i, OTHER(i, 1)) -> send(i, OTHER(i, 1)) }
  :: atomic { up[AT(i, OTHER(i, 2))] && kind[AT(i, OTHER(i, 2))] == NOTHING && TO_SEND(i, OTHER(i, 2)) -> send(i, OTHER(i, 2)) }
  :: atomic { live[AT(i, OTHER(i, 1))] -> overflow(i, OTHER(i, 1)) }
  :: atomic { live[AT(i, OTHER(i, 2))] -> overflow(i, OTHER(i, 2)) }
  /* The origin first; another while the origin cannot be reached or lacks it (the clock is left out: at any time). */
  :: atomic { i != 0 && MAY_ASK(i) && LACKS(i, 0) -> ask(i, 0) }
  :: atomic { i != 0 && MAY_ASK(i) && !LACKS(i, 0) && LACKS(i, 3 - i) -> ask(i, 3 - i) }
  :: atomic { i == 0 && MAY_ASK(0) && LACKS(0, 1) -> ask(0, 1) }
  :: atomic { i == 0 && MAY_ASK(0) && LACKS(0, 2) -> ask(0, 2) }
  od
}

inline crash(i) {
  alive[i] = 0;
  link_down(i, OTHER(i, 1));
  link_down(i, OTHER(i, 2));
  held[i] = durable[i];    /* what was not synced is gone */
  handed[i] = durable[i];  /* the next life is handed what is on the disk */
  assert((acked[i] & ~durable[i]) == 0);  /* what was acknowledged survives */
  if
  :: i == 0 -> epoch_over = 1
  :: else
  fi
}

inline link_up(i, j) {
  up[AT(i, j)] = 1;
  up[AT(j, i)] = 1;
  session(i, j);
  session(j, i)
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
  :: atomic { ALL_WELL -> break }
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
    want_from[0] = NOBODY; want_from[1] = NOBODY; want_from[2] = NOBODY;
    run node(0); run node(1); run node(2); run world(); run watch()
  }
}
