// From tracks and products to what an officer looks at: events by urgency, and why each is believed. Every judgement
// is a numbered rule here, so that the screen can say which one it used. Pure.
import type { Product, Source, State, Track } from '../feed/types';
import { parseTime } from './format';

/** Likelihood in four words, plus lost and closed. Order = how sure. */
export type Belief = 'possible' | 'probable' | 'confirmed' | 'lost' | 'closed';

/** What people still have to do about an event. */
export type Todo = 'decide' | 'second' | 'none';

export interface WatchEvent {
  id: string;
  label: string;
  track: Track;
  /** Further objects of the same event. */
  others: Track[];
  alone: Track | null;
  products: Product[];
  belief: Belief;
  todo: Todo;
  /** ms UTC; null while no impact is predicted. */
  impact_ms: number | null;
  impact_sigma_s: number | null;
  urgency: number;
}

const CLOSED = new Set(['ended', 'failed']);

export function nationsOf(track: Track): string[] {
  return (track.contributors ?? []).map((c) => c.nation);
}

/**
 * 1. ended or failed → closed. 2. lost → lost. 3. tentative → possible. 4. infrared and radar, or two nations that saw it → confirmed.
 * 5. one source → probable.
 */
export function beliefOf(track: Track): { belief: Belief; rule: number } {
  if (CLOSED.has(track.life)) return { belief: 'closed', rule: 1 };
  if (track.life === 'lost') return { belief: 'lost', rule: 2 };
  if (track.life === 'tentative') return { belief: 'possible', rule: 3 };
  // What was told (systems, services, voice) stands beside nothing: only what was seen counts as independent.
  const kinds = new Set<Source>(track.sources);
  const seers = (track.contributors ?? []).filter((c) => c.sources.some((s) => s === 'infrared' || s === 'radar'));
  if ((kinds.has('infrared') && kinds.has('radar')) || seers.length >= 2) return { belief: 'confirmed', rule: 4 };
  return { belief: 'probable', rule: 5 };
}

/** Products that nothing newer has taken the place of, and the others. */
export function currentAndOlder(products: Product[]): { current: Product[]; older: Product[] } {
  const replaced = new Set(products.flatMap((p) => (p.supersedes && p.state !== 'withdrawn' ? [p.supersedes] : [])));
  const isOlder = (p: Product) => p.state === 'superseded' || replaced.has(p.id);
  return { current: products.filter((p) => !isOlder(p)), older: products.filter(isOlder) };
}

export function todoOf(products: Product[]): Todo {
  const { current } = currentAndOlder(products);
  if (current.some((p) => p.state === 'first_confirmed')) return 'second';
  return current.some((p) => p.state === 'proposed') ? 'decide' : 'none';
}

/** Smaller is more urgent: open events by time to impact, those without a prediction next (they may be anything),
 *  then those whose time has passed, closed ones last. */
export function urgencyOf(belief: Belief, impact_ms: number | null, now_ms: number): number {
  if (belief === 'closed') return 3e12 + (impact_ms === null ? 0 : now_ms - impact_ms);
  if (impact_ms === null) return 1e12;
  return impact_ms >= now_ms ? impact_ms - now_ms : 2e12 + (now_ms - impact_ms);
}

function soonestFirst(a: Track, b: Track): number {
  const [x, y] = [parseTime(a.impact?.time) ?? Infinity, parseTime(b.impact?.time) ?? Infinity];
  return x === y ? (a.number < b.number ? -1 : 1) : x - y;
}

export function eventsOf(state: State, now_ms: number): WatchEvent[] {
  const groups = new Map<string, Track[]>();
  for (const track of state.tracks) groups.set(track.event, [...(groups.get(track.event) ?? []), track]);
  const events = [...groups].map(([id, tracks]): WatchEvent => {
    const open = tracks.filter((t) => !CLOSED.has(t.life));
    const sorted = (open.length > 0 ? open : tracks).sort(soonestFirst);
    const track = sorted[0]!;
    const products = state.products.filter((p) => p.event === id);
    const { belief } = beliefOf(track);
    const impact_ms = parseTime(track.impact?.time);
    return {
      id,
      label: track.label,
      track,
      others: tracks.filter((t) => t !== track),
      alone: state.alone.find((t) => t.event === id) ?? nearestAlone(state.alone, track),
      products,
      belief,
      todo: todoOf(products),
      impact_ms,
      impact_sigma_s: track.impact?.time_sigma_s ?? null,
      urgency: urgencyOf(belief, impact_ms, now_ms),
    };
  });
  return events.sort((a, b) => a.urgency - b.urgency || (a.id < b.id ? -1 : 1));
}

/** Own-sensor tracks may carry an event number of their own; then the one nearest in space within 100 km is meant. */
function nearestAlone(alone: Track[], track: Track): Track | null {
  let best: Track | null = null;
  let best_m = 100e3;
  for (const candidate of alone) {
    const d = candidate.position_ecef_m.map((v, i) => v - track.position_ecef_m[i]!);
    const distance = Math.hypot(d[0]!, d[1]!, d[2]!);
    if (distance < best_m) [best, best_m] = [candidate, distance];
  }
  return best;
}

/** Seconds after which a number is shown as stale. */
export const STALE_S = { track: 10, link: 2, sensor: 15 };

/** Age in record seconds at the node's present time. */
export function ageAt(time: string | null | undefined, now_ms: number): number | null {
  const ms = parseTime(time);
  return ms === null ? null : Math.max(0, (now_ms - ms) / 1000);
}
