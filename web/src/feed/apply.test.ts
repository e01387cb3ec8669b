import { expect, it } from 'vitest';
import { apply, FeedGap, NOTHING } from './apply';
import type { Message, NodeInfo, Track } from './types';

const node = { nation: 'JPN', mode: 'exercise', time: '2026-01-01T00:00:10.000Z', rate: 5 } as unknown as NodeInfo;
const snapshot = (seq: number, more = {}): Message => ({ type: 'snapshot', seq, state: { node, ...more } });

it('starts with a snapshot and follows deltas by number', () => {
  let held = apply(NOTHING, snapshot(7, { links: [] }));
  expect(held.state!.tracks).toEqual([]);
  held = apply(held, { type: 'delta', seq: 9, after: 7, state: { alarms: [{ id: 1 } as never] } });
  expect(held.seq).toBe(9);
  expect(held.state!.alarms).toHaveLength(1);
  expect(held.state!.node.nation).toBe('JPN');
});

it('says so when a delta does not follow, or comes first', () => {
  const held = apply(NOTHING, snapshot(7));
  expect(() => apply(held, { type: 'delta', seq: 10, after: 9, state: {} })).toThrow(FeedGap);
  expect(() => apply(NOTHING, { type: 'delta', seq: 1, after: 0, state: {} })).toThrow(FeedGap);
  expect(() => apply(NOTHING, { type: 'snapshot', seq: 1, state: {} })).toThrow(FeedGap);
});

it('leaves beats alone, and what it held before untouched', () => {
  const held = apply(NOTHING, snapshot(7));
  expect(apply(held, { type: 'beat', seq: 7, feed: 'up', since: '', time: '' })).toBe(held);
  const next = apply(held, { type: 'delta', seq: 8, after: 7, state: { node: { ...node, rate: 1 } } });
  expect(held.state!.node.rate).toBe(5);
  expect(next.state!.node.rate).toBe(1);
});

it('turns arcs round: past negative, joined at the place of the track', () => {
  const track = {
    time: '2026-01-01T00:00:09.000Z', lat_deg: 40, lon_deg: 130, height_m: 5e5,
    flown: [[8, 39, 128, 0], [3, 39.5, 129, 3e5], [0.5, 41, 131, 6e5]],
    predicted: [[-1, 40, 130, 5e5], [60, 41, 135, 7e5]],
  } as unknown as Track;
  const arcs = apply(NOTHING, snapshot(1, { tracks: [track] })).state!.tracks[0]!;
  expect(arcs.arc_zero_ms).toBe(Date.parse('2026-01-01T00:00:10.000Z'));
  expect(arcs.flown.map((p) => p[0])).toEqual([-8, -3, -1]);
  expect(arcs.predicted.map((p) => p[0])).toEqual([-1, 60]);
  expect(arcs.flown.at(-1)).toEqual([-1, 40, 130, 5e5]);
});
