// The value of sharing: what the nation would know alone, what each other would, and what they know together.
// Only figures of the feed; where there is no gain it says so.
import type { SizeHistory, Track, ValueOfSharing } from '../feed/types';
import { parseTime } from './format';

export interface Sample {
  t_s: number; // since the launch, or since the first detection when the launch time is unknown
  shared_m: number | null;
  nations: Record<string, number | null>;
}

export interface Lane {
  name: string; // nation, or "shared"
  detected_s: number | null;
  good_s: number | null; // 95 % semi-major below 20 km
  now_m: number | null;
}

export interface Gain {
  /** Seconds by which the three know before this nation alone; null: alone it does not know yet. */
  detection_s: number | null;
  detection_only_shared: boolean;
  good_s: number | null;
  good_only_shared: boolean;
  /** How many times smaller the shared area (in km²) is than the best nation's own, and than this nation's own. */
  times_smaller_best: number | null;
  times_smaller_own: number | null;
  best: string | null;
}

export const GOOD_AREA_M = 20e3;

const seconds = (text: string | null | undefined, zero_ms: number) => {
  const ms = parseTime(text);
  return ms === null ? null : (ms - zero_ms) / 1000;
};

/** The moment all times are counted from. */
export function zeroOf(track: Track | null, value: ValueOfSharing | null): number | null {
  const launch = parseTime(track?.launch?.time);
  if (launch !== null) return launch;
  const times = [value?.shared.detected, ...Object.values(value?.nations ?? {}).map((n) => n.detected), track?.first_detection]
    .map(parseTime)
    .filter((t): t is number => t !== null);
  return times.length ? Math.min(...times) : null;
}

export function lanesOf(value: ValueOfSharing | null, track: Track | null, zero_ms: number, nations: string[]): Lane[] {
  const lanes = nations.map((name): Lane => {
    const known = value?.nations[name];
    const contributor = track?.contributors?.find((c) => c.nation === name);
    return {
      name,
      detected_s: seconds(known?.detected ?? contributor?.first_valid, zero_ms),
      good_s: seconds(known?.area20km, zero_ms),
      now_m: contributor?.impact?.area.semi_major_95_m ?? null,
    };
  });
  const shared: Lane = {
    name: 'shared',
    detected_s: seconds(value?.shared.detected ?? track?.first_detection, zero_ms),
    good_s: seconds(value?.shared.area20km, zero_ms),
    now_m: track?.impact?.area.semi_major_95_m ?? null,
  };
  return [...lanes, shared];
}

const areaOf = (e: { semi_major_95_m: number; semi_minor_95_m: number } | null | undefined) =>
  e ? e.semi_major_95_m * e.semi_minor_95_m : null;

export function gainOf(lanes: Lane[], track: Track | null, own: string): Gain {
  const shared = lanes.find((l) => l.name === 'shared');
  const mine = lanes.find((l) => l.name === own);
  const difference = (a: number | null | undefined, b: number | null | undefined) => (a != null && b != null ? a - b : null);
  const sharedArea = areaOf(track?.impact?.area);
  let best: string | null = null;
  let bestArea: number | null = null;
  let ownArea: number | null = null;
  for (const c of track?.contributors ?? []) {
    const area = areaOf(c.impact?.area);
    if (c.nation === own) ownArea = area;
    if (area !== null && (bestArea === null || area < bestArea)) [best, bestArea] = [c.nation, area];
  }
  return {
    detection_s: difference(mine?.detected_s, shared?.detected_s),
    detection_only_shared: shared?.detected_s != null && mine?.detected_s == null,
    good_s: difference(mine?.good_s, shared?.good_s),
    good_only_shared: shared?.good_s != null && mine?.good_s == null,
    times_smaller_best: sharedArea && bestArea ? bestArea / sharedArea : null,
    times_smaller_own: sharedArea && ownArea ? ownArea / sharedArea : null,
    best,
  };
}

/** Samples of sizes over time as this screen has seen them, joined with what the node sends of before. At most one
 *  per `every_s`; bounded. */
export class History {
  private readonly samples = new Map<string, Sample[]>();
  constructor(
    private readonly every_s = 2,
    private readonly max = 900,
  ) {}

  add(event: string, sample: Sample): void {
    const list = this.samples.get(event) ?? [];
    // Set back to an earlier moment: what came after it is not known then.
    while (list.length > 0 && list.at(-1)!.t_s > sample.t_s + 1) list.pop();
    const last = list.at(-1);
    if (last && sample.t_s - last.t_s < this.every_s) return;
    list.push(sample);
    if (list.length > this.max) list.splice(1, 1);
    this.samples.set(event, list);
  }

  of(event: string, told: SizeHistory | null, zero_ms: number): Sample[] {
    const from_s = ((parseTime(told?.from) ?? zero_ms) - zero_ms) / 1000;
    const sent = (told?.rows ?? []).map((row): Sample => ({
      t_s: from_s + (row[0] ?? 0),
      shared_m: row[1] ?? null,
      nations: Object.fromEntries(told!.nations.map((nation, i) => [nation, row[i + 2] ?? null])),
    }));
    const own = this.samples.get(event) ?? [];
    if (sent.length === 0) return own;
    const until = sent.at(-1)!.t_s;
    return [...sent, ...own.filter((s) => s.t_s > until)];
  }

  keepOnly(events: Set<string>): void {
    for (const key of this.samples.keys()) if (!events.has(key)) this.samples.delete(key);
  }
}

export function sampleOf(track: Track, now_ms: number, zero_ms: number): Sample {
  return {
    t_s: (now_ms - zero_ms) / 1000,
    shared_m: track.impact?.area.semi_major_95_m ?? null,
    nations: Object.fromEntries((track.contributors ?? []).map((c) => [c.nation, c.impact?.area.semi_major_95_m ?? null])),
  };
}
