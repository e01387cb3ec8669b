import { describe, expect, it } from 'vitest';
import { query } from '../feed/api.svelte';
import type { Alarm, Channel, Product, State, Track } from '../feed/types';
import { hashOf, pageOf, PAGES } from '../router';
import { alarmsOf, alarmState, hasEnded, priorityOf, Shelf, soundsFor } from './alarms';
import { aloneState } from './alone';
import type { WatchEvent } from './events';
import { beliefOf } from './events';
import { pointsOf, toCsv, toCzml, toKml } from './export';
import { openItems } from './handover';
import { openQuestions, subjectOf } from './questions';
import { receiptsOf } from './receipts';
import { salvosOf } from './salvo';
import { History } from './value';

const node = { nation: 'JPN', mode: 'exercise', time: '2026-01-01T00:00:10.000Z', rate: 1, durable: true, epoch: 1, version: '', counters: {} } as State['node'];
const empty: State = { node, tracks: [], alone: [], products: [], links: [], sensors: [], alarms: [], value: [], history: [], cues: [], seismic: [], reports: [] };
const link = (nation: string, up: boolean) => ({ nation, up: [up, up], digest: 'equal' }) as State['links'][number];
const alarm = (kind: string, more: Partial<Alarm> = {}): Alarm => ({ id: 1, time: '2026-01-01T00:00:00Z', kind, text: '', nation: 'KOR', count: 1, acknowledged: false, ...more });

it('finds pages in the address, and Watch in anything else', () => {
  for (const page of PAGES) expect(pageOf(hashOf(page))).toBe(page);
  expect([pageOf(''), pageOf('#/nonsense'), pageOf('#/log?x=1'), pageOf('#release')]).toEqual(['watch', 'watch', 'log', 'release']);
});

it('asks with what is set, escaped', () => {
  expect(query('/x', { a: '', b: null, c: undefined })).toBe('/x');
  expect(query('/x', { a: 'JPN KOR', n: 0 })).toBe('/x?a=JPN%20KOR&n=0');
});

describe('alarms', () => {
  const down = { ...empty, links: [link('KOR', false)] };
  const up = { ...empty, links: [link('KOR', true)] };
  it('go their four states', () => {
    expect(alarmState(alarm('link_lost'), down)).toBe('unacknowledged');
    expect(alarmState(alarm('link_lost', { acknowledged: true }), down)).toBe('acknowledged');
    expect(alarmState(alarm('link_lost'), up)).toBe('ended');
    expect(alarmState(alarm('link_lost', { acknowledged: true }), up)).toBe('away');
    expect(hasEnded(alarm('malformed'), up)).toBe(null);
    expect(alarmState(alarm('malformed'), up)).toBe('unacknowledged');
    expect(alarmState(alarm('malformed', { acknowledged: true }), up)).toBe('away');
  });
  it('stand by state, then by priority', () => {
    const state = { ...down, alarms: [alarm('refused_input', { id: 1 }), alarm('link_lost', { id: 2, acknowledged: true }), alarm('twin', { id: 3 }), alarm('link_lost', { id: 4 })] };
    expect(alarmsOf(state, new Shelf(), 0).map((a) => a.alarm.id)).toEqual([3, 4, 1, 2]);
    expect(soundsFor(alarmsOf(state, new Shelf(), 0))).toBe('high');
    expect(priorityOf('a_new_kind')).toBe('low');
  });
  it('come back from the shelf by themselves; high ones cannot be put there', () => {
    const shelf = new Shelf().put(alarm('link_lost'), 1000, 15).put(alarm('twin'), 1000, 15);
    const of = (now: number) => alarmsOf({ ...down, alarms: [alarm('link_lost', { id: 9 })] }, Shelf.read(shelf.write()), now)[0]!.shelved_until;
    expect([of(2000), of(1000 + 15 * 60e3)]).toEqual([901000, null]);
    expect(shelf.until('twin KOR', 2000)).toBe(null);
    expect(soundsFor(alarmsOf({ ...down, alarms: [alarm('link_lost')] }, shelf, 2000))).toBe(null);
    expect(Shelf.read('not json').until('x', 0)).toBe(null);
  });
});

describe('a question about a lost track', () => {
  const product = (id: string, stage: string, state: string, released_at: string | null = null) => ({ id, event: 'e1', stage, state, released_at }) as Product;
  const question = { event: 'e1', label: 'A', asked: '2026-01-01T00:00:00Z', due: '2026-01-01T00:01:00Z', answered: false, escalated: false };
  it('is open until it is answered', () => {
    const state = { ...empty, node: { ...node, counters: { warnings: { questions: [{ ...question, event: 'e2', due: '2026-01-01T00:02:00Z' }, question, { ...question, event: 'e3', answered: true }] } } } };
    expect(openQuestions(state, 0).map((q) => q.event)).toEqual(['e1', 'e2']);
  });
  it('keeps by its own product, updates and cancels what was released last', () => {
    const products = [product('c', 'lost_track', 'proposed'), product('a', 'area', 'released', '2026-01-01T00:00:01Z'), product('b', 'area', 'released', '2026-01-01T00:00:05Z')];
    expect(subjectOf(question, 'keep', products)?.id).toBe('c');
    expect(subjectOf(question, 'cancel', products)?.id).toBe('b');
    expect(subjectOf(question, 'correct', [products[0]!])).toBe(null);
  });
});

describe('salvos', () => {
  const event = (id: string, seconds: number, lat: number) => ({ id, track: { launch: { time: new Date(seconds * 1000).toISOString(), area: { lat_deg: lat, lon_deg: 125 } } } }) as WatchEvent;
  it('are launches within 300 s and 300 km of a neighbour', () => {
    const far = event('far', 10, 47);
    expect(salvosOf([event('a', 0, 40), event('b', 280, 41), event('c', 560, 42), far]).map((g) => g.map((e) => e.id))).toEqual([['a', 'b', 'c']]);
    expect(salvosOf([event('a', 0, 40), event('b', 301, 40)])).toEqual([]);
    expect(salvosOf([{ id: 'x', track: { launch: null } } as WatchEvent])).toEqual([]);
  });
});

it('counts only what was seen as independent', () => {
  const track = (sources: string[][]) => ({ life: 'confirmed', sources: sources.flat(), contributors: sources.map((s, i) => ({ nation: `N${i}`, sources: s })) }) as unknown as Track;
  expect(beliefOf(track([['radar'], ['radar']])).belief).toBe('confirmed');
  expect(beliefOf(track([['radar'], ['service']])).belief).toBe('probable');
  expect(beliefOf(track([['voice'], ['system']])).belief).toBe('probable');
});

it('shows what a nation alone would see, with nothing of the others', () => {
  const mine = { event: 'e1', number: 'x', sources: ['radar'], first_detection: null, last_update: null, impact: null, launch: null } as unknown as Track;
  const shared = { event: 'e1', number: 'y', contributors: [{ nation: 'KOR' }, { nation: 'JPN', contributions: 3 }] } as unknown as Track;
  const alone = aloneState({ ...empty, tracks: [shared, { event: 'e2' } as Track], alone: [mine] });
  expect(alone.tracks.map((t) => [t.event, t.contributors!.map((c) => c.nation)])).toEqual([['e1', ['JPN']]]);
});

it('tells of each channel the receipt of this product', () => {
  const channel = (name: string, ids: string[]): Channel => ({ name, kind: 'post', state: 'x', receipts: ids.map((product) => ({ product, state: 'delivered', attempts: 1, at: null, detail: '' })) });
  expect(receiptsOf([channel('a', ['00ab', '1']), channel('b', ['2'])], 'ab').map((r) => r.channel)).toEqual(['a']);
});

it('forgets what comes after, when a replay is set back', () => {
  const history = new History();
  const at = (t_s: number) => history.add('e', { t_s, shared_m: t_s, nations: {} });
  [0, 10, 20, 30].forEach(at);
  at(12);
  expect(history.of('e', null, 0).map((s) => s.t_s)).toEqual([0, 10, 12]);
});

it('lists everything open for the next watch', () => {
  const state: State = { ...empty, links: [link('KOR', false), link('USA', true)], sensors: [{ name: 'R1', state: 'silent' } as State['sensors'][number]], alarms: [alarm('link_lost')] };
  expect(openItems(state, alarmsOf(state, new Shelf(), 0), 0).map((i) => i.kind)).toEqual(['alarm', 'link', 'sensor']);
});

describe('an exported event', () => {
  const area = { lat_deg: 40, lon_deg: 140, semi_major_95_m: 9e3, semi_minor_95_m: 4e3, azimuth_deg: 30 };
  const track = {
    number: '9f', label: 'A<B', event: 'e', time: '2026-01-01T00:00:09.000Z', arc_zero_ms: Date.parse('2026-01-01T00:00:10Z'),
    flown: [[-8, 39, 128, 0], [-1, 40, 130, 5e5]], predicted: [[-1, 40, 130, 5e5], [60, 41, 135, 7e5]], launch: null, impact: { time: '2026-01-01T00:10:00Z', time_sigma_s: 2, area },
  } as unknown as Track;
  it('has each point once, at its time', () => {
    expect(pointsOf(track).map((p) => [p.time.slice(11, 19), p.kind])).toEqual([['00:00:02', 'flown'], ['00:00:09', 'flown'], ['00:01:10', 'predicted']]);
  });
  it('says its mode in every format', () => {
    const lines = toCsv(track, node).trim().split('\r\n');
    expect(lines.slice(1).every((l) => l.startsWith('exercise,') && l.split(',').length === lines[0]!.split(',').length)).toBe(true);
    expect(lines.at(-1)).toBe('exercise,A<B,impact,2026-01-01T00:10:00Z,40,140,0,9000,4000,30,2');
    const kml = toKml(track, node);
    expect(kml).toContain('EXERCISE: not real');
    expect(kml).toContain('A&#60;B');
    const czml = JSON.parse(toCzml(track, node)) as { id: string; name: string; position?: { cartographicDegrees: number[] }; polygon?: { positions: { cartographicDegrees: number[] } } }[];
    expect(czml[0]!.name).toContain('EXERCISE');
    expect(czml[1]!.position!.cartographicDegrees.slice(0, 4)).toEqual([0, 128, 39, 0]);
    expect(czml[2]!.polygon!.positions.cartographicDegrees.length).toBe(49 * 3);
    expect(toKml(track, { ...node, mode: 'live' })).not.toContain('not real');
  });
});
