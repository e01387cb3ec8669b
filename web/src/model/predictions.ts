// The last predictions of an event, so that the map shows how its area shrank. Keeps one whenever the area has become
// an eighth smaller or larger, eight at most: the first, the one before the newest, and steps between. Pure.
import type { Ellipse } from '../feed/types';
import { ellipseArea } from '../geo/geometry';

const STEP = Math.log(1.3);
const MAX = 8;

export class Predictions {
  private readonly kept = new Map<string, Ellipse[]>();

  add(event: string, area: Ellipse): void {
    const list = this.kept.get(event) ?? [];
    const last = list.at(-1);
    if (last && Math.abs(Math.log(ellipseArea(area) / ellipseArea(last))) < STEP) return;
    list.push(area);
    if (list.length > MAX) list.splice(1, 1);
    this.kept.set(event, list);
  }

  /** Nothing is known any more: the time was set back. */
  clear(): void {
    this.kept.clear();
  }

  /** Oldest first, without the newest kept one when it is nearly what is drawn anyway. */
  of(event: string): Ellipse[] {
    return (this.kept.get(event) ?? []).slice(0, -1);
  }
}
