// One message of the stream applied to what the console holds. Pure: the store in store.svelte.ts keeps the result.
import { parseTime } from '../model/format';
import type { ArcPoint, Message, State, Track } from './types';

export interface Held {
  seq: number | null; // null: no snapshot yet
  state: State | null;
}

export const NOTHING: Held = { seq: null, state: null };

const EMPTY: Omit<State, 'node'> = { tracks: [], alone: [], products: [], links: [], sensors: [], alarms: [], value: [], history: [], cues: [], seismic: [], reports: [] };

/** Arcs as the console uses them: past negative, and both joined at the place of the track's own time. */
export function normaliseTrack(track: Track, zero_ms: number): Track {
  const own_s = ((parseTime(track.time) ?? zero_ms) - zero_ms) / 1000;
  const here: ArcPoint = [own_s, track.lat_deg, track.lon_deg, track.height_m];
  const flown = track.flown.map((p): ArcPoint => [-Math.abs(p[0]), p[1], p[2], p[3]]).filter((p) => p[0] < own_s - 1e-3);
  const predicted = track.predicted.filter((p) => p[0] > own_s + 1e-3);
  return {
    ...track,
    arc_zero_ms: zero_ms,
    flown: [...flown, here],
    predicted: predicted.length > 0 ? [here, ...predicted] : [],
  };
}

function normalise(changed: Partial<State>, node: State['node']): Partial<State> {
  const zero_ms = parseTime(node.time) ?? 0;
  const turn = (tracks: Track[]) => tracks.map((t) => normaliseTrack(t, zero_ms));
  return {
    ...changed,
    ...(changed.tracks && { tracks: turn(changed.tracks) }),
    ...(changed.alone && { alone: turn(changed.alone) }),
  };
}

export class FeedGap extends Error {}

/** Throws FeedGap when a delta does not follow what is held: the caller connects again and gets a snapshot. */
export function apply(held: Held, message: Message): Held {
  if (message.type === 'snapshot') {
    if (!message.state.node) throw new FeedGap('a snapshot without a node');
    return { seq: message.seq, state: { ...EMPTY, ...normalise(message.state, message.state.node), node: message.state.node } };
  }
  if (message.type !== 'delta') return held;
  if (held.state === null || held.seq !== message.after) throw new FeedGap(`delta after ${message.after}, held ${held.seq}`);
  const node = message.state.node ?? held.state.node;
  return { seq: message.seq, state: { ...held.state, ...normalise(message.state, node) } };
}
