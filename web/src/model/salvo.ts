// Launches that belong together: within five minutes and 300 km of one another (docs/warnings.md). Pure.
import type { WatchEvent } from './events';
import { parseTime } from './format';

const WITHIN_MS = 300e3;
const WITHIN_M = 300e3;
const EARTH_RADIUS_M = 6371008.8;

interface Launch {
  ms: number;
  lat: number;
  lon: number;
}

function launchOf(event: WatchEvent): Launch | null {
  const l = event.track.launch;
  const ms = parseTime(l?.time);
  return l && ms !== null ? { ms, lat: l.area.lat_deg, lon: l.area.lon_deg } : null;
}

function distance_m(a: Launch, b: Launch): number {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Groups of two or more, each by the order of the list that came in. */
export function salvosOf(events: WatchEvent[]): WatchEvent[][] {
  const known = events.flatMap((event) => {
    const launch = launchOf(event);
    return launch ? [{ event, launch, group: -1 }] : [];
  });
  let groups = 0;
  for (const seed of known) {
    if (seed.group >= 0) continue;
    seed.group = groups++;
    const reach = [seed];
    for (let at = reach.pop(); at; at = reach.pop())
      for (const other of known)
        if (other.group < 0 && Math.abs(other.launch.ms - at.launch.ms) <= WITHIN_MS && distance_m(other.launch, at.launch) <= WITHIN_M) {
          other.group = at.group;
          reach.push(other);
        }
  }
  return Array.from({ length: groups }, (_, g) => known.filter((k) => k.group === g).map((k) => k.event)).filter((list) => list.length > 1);
}
