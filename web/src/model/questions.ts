// A lost track asks: keep, update or cancel the warnings that are out? Nobody's answer means keep. Pure.
import type { Product, Question, State } from '../feed/types';
import { parseTime } from './format';

/** Open ones, the soonest due first; those past their time stay until the node closes them or somebody answers. */
export function openQuestions(state: State, _now_ms: number): Question[] {
  const list = state.node.counters.warnings?.questions ?? [];
  return list.filter((q) => !q.answered).sort((a, b) => (parseTime(a.due) ?? 0) - (parseTime(b.due) ?? 0));
}

/** What an answer is said of: keep of the newest product of the event, update and cancel of what was released last. */
export function subjectOf(question: Question, answer: 'keep' | 'correct' | 'cancel', products: Product[]): Product | null {
  const own = products.filter((p) => p.event === question.event && p.state !== 'withdrawn');
  if (answer === 'keep') return own.find((p) => p.stage === 'lost_track') ?? own[0] ?? null;
  const released = own.filter((p) => p.state === 'released');
  return released.sort((a, b) => (parseTime(b.released_at) ?? 0) - (parseTime(a.released_at) ?? 0))[0] ?? null;
}
