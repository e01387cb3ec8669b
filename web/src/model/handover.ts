// What is open when a watch is handed over: each item is read back to the person who takes over. Pure.
import type { State } from '../feed/types';
import type { ShownAlarm } from './alarms';
import { currentAndOlder, eventsOf, type Belief } from './events';
import { openQuestions } from './questions';

export type OpenItem =
  | { key: string; kind: 'question'; label: string }
  | { key: string; kind: 'event'; label: string; belief: Belief; impact_ms: number | null }
  | { key: string; kind: 'product'; label: string; stage: string; state: string }
  | { key: string; kind: 'alarm' | 'shelved'; alarm: string; nation: string }
  | { key: string; kind: 'link'; nation: string }
  | { key: string; kind: 'sensor'; name: string; state: string };

export function openItems(state: State, alarms: ShownAlarm[], now_ms: number): OpenItem[] {
  const items: OpenItem[] = openQuestions(state, now_ms).map((q) => ({ key: `q ${q.event}`, kind: 'question', label: q.label }));
  for (const e of eventsOf(state, now_ms)) {
    if (e.belief !== 'closed') items.push({ key: `e ${e.id}`, kind: 'event', label: e.label, belief: e.belief, impact_ms: e.impact_ms });
    for (const p of currentAndOlder(e.products).current)
      if (p.state === 'proposed' || p.state === 'first_confirmed') items.push({ key: `p ${p.id}`, kind: 'product', label: p.label, stage: p.stage, state: p.state });
  }
  for (const a of alarms)
    if (a.state !== 'away') items.push({ key: `a ${a.alarm.id}`, kind: a.shelved_until === null ? 'alarm' : 'shelved', alarm: a.alarm.kind, nation: a.alarm.nation ?? '' });
  for (const l of state.links) if (!l.up.every(Boolean)) items.push({ key: `l ${l.nation}`, kind: 'link', nation: l.nation });
  for (const s of state.sensors) if (s.state !== 'alive') items.push({ key: `s ${s.name}`, kind: 'sensor', name: s.name, state: s.state });
  return items;
}
