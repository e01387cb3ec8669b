// One message of the stream applied to what the console holds. Pure: the store in store.svelte.ts keeps the result.
import type { Message, State } from './types';

export interface Held {
  seq: number | null; // null: no snapshot yet
  state: State | null;
}

export const NOTHING: Held = { seq: null, state: null };

const EMPTY: Omit<State, 'node'> = { tracks: [], alone: [], products: [], links: [], sensors: [], alarms: [], value: [] };

export class FeedGap extends Error {}

/** Throws FeedGap when a delta does not follow what is held: the caller connects again and gets a snapshot. */
export function apply(held: Held, message: Message): Held {
  if (message.type === 'snapshot') {
    if (!message.state.node) throw new FeedGap('a snapshot without a node');
    return { seq: message.seq, state: { ...EMPTY, ...message.state, node: message.state.node } };
  }
  if (message.type !== 'delta') return held;
  if (held.state === null || held.seq !== message.after) throw new FeedGap(`delta after ${message.after}, held ${held.seq}`);
  return { seq: message.seq, state: { ...held.state, ...message.state } };
}
