import { describe, expect, it } from 'vitest';
import type { Contributor, GroundEstimate, Life, Product, Source, State, Track, ValueOfSharing } from '../feed/types';
import { beliefOf, currentAndOlder, eventsOf, todoOf, urgencyOf } from './events';
import { age, clockTime, countdown, kilometres, latitude, longitude, number, parseTime, plusMinus, span } from './format';
import { lookOf, nationList } from './nations';
import { Predictions } from './predictions';
import { gainOf, History, lanesOf, zeroOf } from './value';

const ZERO = Date.parse('2026-01-01T00:00:00Z');
const at = (s: number) => new Date(ZERO + s * 1000).toISOString();
const ground = (time_s: number, a_m: number, b_m = a_m / 2): GroundEstimate => ({
  time: at(time_s), time_sigma_s: 2, area: { lat_deg: 40, lon_deg: 140, semi_major_95_m: a_m, semi_minor_95_m: b_m, azimuth_deg: 0 },
});
const contributor = (nation: string, sources: Source[], impact: GroundEstimate | null): Contributor => ({
  nation, sources, first_valid: at(30), last_valid: at(100), contributions: 10, impact, launch: null,
});
const track = (more: Partial<Track> = {}): Track => ({
  number: '1', label: 'K7Q2FM', event: 'e1', life: 'confirmed', reason: 'none', phase: 'coast', sources: ['radar'], time: at(100), age_s: 0,
  first_detection: at(30), last_update: at(100), position_ecef_m: [0, 0, 0], velocity_ecef_m_s: [0, 0, 0], lat_deg: 0, lon_deg: 0, height_m: 0,
  speed_m_s: 0, heading_deg: 0, position_sigma_m: 0, launch: ground(2, 5e3), impact: ground(600, 20e3), impact_reason: 'ok', flown: [], predicted: [],
  contributors: [contributor('JPN', ['radar'], ground(600, 60e3))], ...more,
});
const state = (tracks: Track[], products: Product[] = []): State =>
  ({ tracks, alone: [], products, links: [], sensors: [], alarms: [], value: [], history: [], node: {} }) as unknown as State;

describe('belief, by its numbered rules', () => {
  const rows: [string, Partial<Track>, string, number][] = [
    ['an ended flight', { life: 'ended' }, 'closed', 1],
    ['a failed flight', { life: 'failed' }, 'closed', 1],
    ['a lost track is never closed', { life: 'lost' }, 'lost', 2],
    ['too few sightings', { life: 'tentative', sources: ['infrared', 'radar'] }, 'possible', 3],
    ['two kinds of sensor', { sources: ['infrared', 'radar'] }, 'confirmed', 4],
    ['two nations with radar', { contributors: [contributor('JPN', ['radar'], null), contributor('KOR', ['radar'], null)] }, 'confirmed', 4],
    ['one source', {}, 'probable', 5],
    ['one source, coasting', { life: 'coasting' as Life }, 'probable', 5],
  ];
  it.each(rows)('%s', (_name, more, belief, rule) => {
    expect(beliefOf(track(more))).toEqual({ belief, rule });
  });
});

describe('urgency', () => {
  it('puts the next impact first, the unknown after the known, the closed last', () => {
    const events = eventsOf(
      state([
        track({ event: 'closed', life: 'ended', impact: ground(50, 1e3) }),
        track({ event: 'unknown', impact: null }),
        track({ event: 'late', impact: ground(900, 1e3) }),
        track({ event: 'passed', impact: ground(90, 1e3) }),
        track({ event: 'soon', impact: ground(300, 1e3) }),
      ]),
      ZERO + 100e3,
    );
    expect(events.map((e) => e.id)).toEqual(['soon', 'late', 'unknown', 'passed', 'closed']);
  });

  it('keeps a lost track above those passed', () => {
    expect(urgencyOf('lost', ZERO + 500e3, ZERO)).toBeLessThan(urgencyOf('confirmed', ZERO - 1, ZERO));
  });

  it('shows the soonest open object of an event and counts the others', () => {
    const [event] = eventsOf(state([track({ number: '2', impact: ground(700, 1e3) }), track({ number: '1', life: 'ended', impact: ground(10, 1e3) }), track({ number: '3' })]), ZERO);
    expect(event!.track.number).toBe('3');
    expect(event!.others).toHaveLength(2);
  });

  it('asks for the second person before the first', () => {
    const p = (s: string) => ({ state: s }) as Product;
    expect(todoOf([p('proposed'), p('first_confirmed')])).toBe('second');
    expect(todoOf([p('released'), p('proposed')])).toBe('decide');
    expect(todoOf([p('released'), p('withdrawn')])).toBe('none');
  });
});

describe('warnings', () => {
  it('sets aside what something newer has taken the place of, unless that was withdrawn', () => {
    const p = (id: string, supersedes: string | null, s = 'released') => ({ id, supersedes, state: s }) as Product;
    const { current, older } = currentAndOlder([p('c', 'b', 'proposed'), p('b', 'a'), p('a', null), p('e', 'd', 'withdrawn'), p('d', null)]);
    expect(current.map((x) => x.id)).toEqual(['c', 'e', 'd']);
    expect(older.map((x) => x.id)).toEqual(['b', 'a']);
    expect(todoOf([p('y', 'x', 'released'), p('x', null, 'proposed')])).toBe('none');
  });
});

describe('the value of sharing', () => {
  const value: ValueOfSharing = {
    event: 'e1', label: 'K7Q2FM',
    nations: {
      JPN: { detected: at(140), area20km: at(330), area20km_semi_major_m: 19e3 },
      USA: { detected: at(31), area20km: null, area20km_semi_major_m: null },
      KOR: { detected: null, area20km: null, area20km_semi_major_m: null },
    },
    shared: { detected: at(32), area20km: at(300), area20km_semi_major_m: 19e3 },
  };
  const seen = track({
    launch: ground(0, 5e3),
    impact: ground(600, 10e3, 5e3),
    contributors: [contributor('JPN', ['radar'], ground(600, 20e3, 10e3)), contributor('USA', ['infrared'], ground(600, 60e3, 20e3))],
  });

  it('counts from the launch, else from the first detection', () => {
    expect(zeroOf(seen, value)).toBe(ZERO);
    expect(zeroOf({ ...seen, launch: null, first_detection: at(32) }, value)).toBe(ZERO + 31e3);
    expect(zeroOf(null, null)).toBeNull();
  });

  it('gives the gains of the nation at this screen', () => {
    const lanes = lanesOf(value, seen, ZERO, ['JPN', 'KOR', 'USA']);
    const gain = gainOf(lanes, seen, 'JPN');
    expect(gain.detection_s).toBe(108);
    expect(gain.good_s).toBe(30);
    expect(gain.times_smaller_own).toBeCloseTo(4, 9);
    expect(gain.best).toBe('JPN');
    expect(gain.times_smaller_best).toBeCloseTo(4, 9);
  });

  it('says "only together" when alone it does not know, and nothing where nobody does', () => {
    const gain = gainOf(lanesOf(value, seen, ZERO, ['KOR', 'JPN', 'USA']), seen, 'KOR');
    expect([gain.detection_only_shared, gain.detection_s, gain.good_only_shared]).toEqual([true, null, true]);
    const none = { ...value, shared: { detected: at(32), area20km: null, area20km_semi_major_m: null } };
    expect(gainOf(lanesOf(none, seen, ZERO, ['KOR']), seen, 'KOR').good_only_shared).toBe(false);
  });

  it('does not hide it when sharing was later', () => {
    const late = { ...value, shared: { ...value.shared, detected: at(150) } };
    expect(gainOf(lanesOf(late, seen, ZERO, ['JPN']), seen, 'JPN').detection_s).toBe(-10);
  });

  it('keeps one sample per step, bounded, joins what the node sent, and forgets closed events', () => {
    const history = new History(2, 10);
    for (let t = 0; t < 100; t++) history.add('e1', { t_s: t, shared_m: 1000 - t, nations: {} });
    const own = history.of('e1', null, ZERO);
    expect(own.length).toBeLessThanOrEqual(10);
    expect(own[0]!.t_s).toBe(0);
    expect(own.at(-1)!.t_s).toBe(98);
    const sent = { event: 'e1', from: at(-50), nations: ['JPN', 'USA'], rows: [[0, 5e4, null, 6e4], [140, 4e4, 5e4]] };
    const joined = history.of('e1', sent, ZERO);
    expect(joined.map((s) => s.t_s)).toEqual([-50, 90, 92, 94, 96, 98]);
    expect(joined[0]!.nations).toEqual({ JPN: null, USA: 6e4 });
    expect(joined[1]!.nations).toEqual({ JPN: 5e4, USA: null });
    history.keepOnly(new Set());
    expect(history.of('e1', null, ZERO)).toEqual([]);
  });
});

describe('earlier predictions', () => {
  it('keeps steps in size, not every update, the first always', () => {
    const kept = new Predictions();
    for (let a = 200e3; a > 5e3; a *= 0.97) kept.add('e', ground(0, a).area);
    const list = kept.of('e');
    expect(list.length).toBeGreaterThan(4);
    expect(list.length).toBeLessThan(8);
    expect(list[0]!.semi_major_95_m).toBe(200e3);
    for (let i = 1; i < list.length; i++) expect(list[i]!.semi_major_95_m).toBeLessThan(list[i - 1]!.semi_major_95_m);
  });
});

describe('figures as people read them', () => {
  it('counts down to zero and then up, never showing a second twice', () => {
    expect(countdown(417000)).toBe('06:57');
    expect(countdown(416001)).toBe('06:57');
    expect(countdown(1)).toBe('00:01');
    expect(countdown(0)).toBe('00:00');
    expect(countdown(-999)).toBe('00:00');
    expect(countdown(-31000)).toBe('+00:31');
    expect(countdown(3725000)).toBe('1:02:05');
    expect(countdown(null)).toBe('--:--');
  });

  it('shows ages with fitting units', () => {
    expect([0.04, 9.94, 14.2, 119, 180, 7200].map((s) => age(s))).toEqual(['0.0 s', '9.9 s', '14 s', '119 s', '3 min', '2 h']);
    expect([14.2, 180, 7200, 3 * 86400].map((s) => age(s, 'ja'))).toEqual(['14秒', '3分', '2時間', '3日']);
    expect(span(194, 'ko')).toBe('3분14초');
    expect(age(null)).toBe('–');
    expect(age(Infinity)).toBe('–');
    expect(age(-3)).toBe('0.0 s');
  });

  it('shows places, sizes, spans, uncertainty', () => {
    expect(latitude(-39.916)).toBe('39.92° S');
    expect(longitude(148.6)).toBe('148.60° E');
    expect(kilometres(8437)).toBe('8.4');
    expect(kilometres(1240000)).toBe('1,240');
    expect(kilometres(null)).toBe('–');
    expect(number(-0.25, 1)).toBe('−0.3');
    expect(span(185)).toBe('3 min 05 s');
    expect(span(-42)).toBe('42 s');
    expect(plusMinus(1.44)).toBe('± 1.4 s');
    expect(plusMinus(24.4)).toBe('± 24 s');
    expect(plusMinus(null)).toBe('');
    expect(clockTime(ZERO, 9)).toBe('09:00:00');
    expect(parseTime('nonsense')).toBeNull();
  });

  it('lists nations own first, and knows a sign for a fourth', () => {
    expect(nationList('KOR', ['USA', 'JPN'], ['JPN'])).toEqual(['KOR', 'JPN', 'USA']);
    expect(new Set(['JPN', 'USA', 'KOR', 'shared', 'AUS'].map((n) => lookOf(n).shape)).size).toBe(5);
  });
});
