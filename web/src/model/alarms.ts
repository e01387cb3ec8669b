// Alarms as ISA-18.2 has them: a state of its own for what has gone and was never acknowledged, few priorities, and a
// shelf from which everything comes back by itself. Pure.
import type { Alarm, State } from '../feed/types';
import { parseTime } from './format';

/** unacknowledged → acknowledged (its cause lasts) → away; unacknowledged → ended unacknowledged → away. */
export type AlarmState = 'unacknowledged' | 'acknowledged' | 'ended' | 'away';
export type Priority = 'high' | 'middle' | 'low';

export interface ShownAlarm {
  alarm: Alarm;
  state: AlarmState;
  priority: Priority;
  /** ms of this computer's clock until which it is shelved; null: it is not. */
  shelved_until: number | null;
}

const HIGH = new Set(['equivocation', 'bad_signature', 'bad_chain', 'mode_mismatch', 'store_failed', 'store_damaged', 'picture_differs', 'twin', 'unattended']);
const MIDDLE = new Set(['link_lost', 'sensor_silent', 'clock', 'overload', 'outside_audience', 'impossible_time', 'quarantined_time']);

export function priorityOf(kind: string): Priority {
  return HIGH.has(kind) ? 'high' : MIDDLE.has(kind) ? 'middle' : 'low';
}

/**
 * Whether the cause of an alarm has gone, from what the same state shows now; null where an alarm is of a moment and has
 * nothing that lasts. 1. the node says when it ended. 2. a link that is up. 3. a sensor that speaks. 4. equal pictures.
 * 5. questions answered.
 */
export function hasEnded(alarm: Alarm, state: State): boolean | null {
  if (alarm.ended) return true;
  const links = state.links.filter((l) => alarm.nation === null || l.nation === alarm.nation);
  switch (alarm.kind) {
    case 'link_lost':
      return links.every((l) => l.up.every(Boolean));
    case 'sensor_silent': {
      const named = state.sensors.filter((s) => alarm.text.includes(s.name));
      return (named.length > 0 ? named : state.sensors).every((s) => s.state !== 'silent' && s.state !== 'never');
    }
    case 'picture_differs':
      return links.every((l) => l.digest !== 'different');
    case 'unattended':
      return (state.node.counters.warnings?.questions ?? []).every((q) => q.answered || !q.escalated);
    case 'store_failed':
      return state.node.durable;
    default:
      return null;
  }
}

export function alarmState(alarm: Alarm, state: State): AlarmState {
  const ended = hasEnded(alarm, state);
  if (alarm.acknowledged) return ended === false ? 'acknowledged' : 'away';
  return ended === true ? 'ended' : 'unacknowledged';
}

const ORDER: Record<AlarmState, number> = { unacknowledged: 0, ended: 1, acknowledged: 2, away: 3 };
const RANK: Record<Priority, number> = { high: 0, middle: 1, low: 2 };

export function alarmsOf(state: State, shelf: Shelf, now_ms: number): ShownAlarm[] {
  const shown = state.alarms.map((alarm): ShownAlarm => ({
    alarm,
    state: alarmState(alarm, state),
    priority: priorityOf(alarm.kind),
    shelved_until: shelf.until(keyOf(alarm), now_ms),
  }));
  return shown.sort(
    (a, b) => ORDER[a.state] - ORDER[b.state] || RANK[a.priority] - RANK[b.priority] || (parseTime(b.alarm.time) ?? 0) - (parseTime(a.alarm.time) ?? 0),
  );
}

/** What is shelved is a kind of alarm from one place, not one of its reports. */
export function keyOf(alarm: Alarm): string {
  return `${alarm.kind} ${alarm.nation ?? ''}`;
}

/** What sounds: unacknowledged, not shelved. */
export function soundsFor(shown: ShownAlarm[]): Priority | null {
  const open = shown.filter((s) => (s.state === 'unacknowledged' || s.state === 'ended') && s.shelved_until === null);
  return open.some((s) => s.priority === 'high') ? 'high' : open.some((s) => s.priority === 'middle') ? 'middle' : null;
}

/** Alarms put aside on this screen for a time. Those of high priority cannot be. */
export class Shelf {
  constructor(private readonly entries: ReadonlyMap<string, number> = new Map()) {}

  static read(text: string): Shelf {
    try {
      const list = JSON.parse(text) as [string, number][];
      return new Shelf(new Map(list.filter((e) => typeof e[0] === 'string' && typeof e[1] === 'number')));
    } catch {
      return new Shelf();
    }
  }

  write(): string {
    return JSON.stringify([...this.entries]);
  }

  until(key: string, now_ms: number): number | null {
    const until = this.entries.get(key);
    return until !== undefined && until > now_ms ? until : null;
  }

  put(alarm: Alarm, now_ms: number, minutes: number): Shelf {
    if (priorityOf(alarm.kind) === 'high') return this;
    const kept = [...this.entries].filter(([, until]) => until > now_ms);
    return new Shelf(new Map([...kept, [keyOf(alarm), now_ms + Math.min(minutes, 60) * 60e3]]));
  }

  take(alarm: Alarm): Shelf {
    const next = new Map(this.entries);
    next.delete(keyOf(alarm));
    return new Shelf(next);
  }
}
