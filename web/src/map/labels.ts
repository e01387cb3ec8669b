// Labels that do not lie on one another: each takes the first free of twelve places around its point, the one it had
// before if that is still free, so that labels do not jump; the important ones choose first; one that finds none is
// left out (its sign stays on the map). Pure.

export interface Wanted {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  priority: number; // smaller first
}

export interface Placed extends Wanted {
  left: number;
  top: number;
  /** Away from its point, so that a leader line helps. */
  far: boolean;
  /** Which of the places it took. */
  place: number;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 13;

function candidates(w: Wanted): { left: number; top: number; far: boolean }[] {
  const { x, y, width, height } = w;
  const near = [
    { left: x + GAP, top: y - height / 2 },
    { left: x + GAP, top: y - height - GAP / 2 },
    { left: x + GAP, top: y + GAP / 2 },
    { left: x - GAP - width, top: y - height / 2 },
    { left: x - GAP - width, top: y - height - GAP / 2 },
    { left: x - GAP - width, top: y + GAP / 2 },
    { left: x - width / 2, top: y - height - GAP },
    { left: x - width / 2, top: y + GAP },
  ].map((p) => ({ ...p, far: false }));
  const far = [
    { left: x + 3 * GAP, top: y - height - 2.5 * GAP },
    { left: x + 3 * GAP, top: y + 2.5 * GAP },
    { left: x - 3 * GAP - width, top: y - height - 2.5 * GAP },
    { left: x - 3 * GAP - width, top: y + 2.5 * GAP },
  ].map((p) => ({ ...p, far: true }));
  return [...near, ...far];
}

const ORDER = Array.from({ length: 12 }, (_, i) => i);

const overlaps = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

export function placeLabels(wanted: Wanted[], area: Box, taken: Box[] = [], before?: ReadonlyMap<string, number>): Placed[] {
  const boxes = [...taken];
  const placed: Placed[] = [];
  for (const label of [...wanted].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))) {
    const places = candidates(label);
    const kept = before?.get(label.id);
    const order = kept === undefined ? ORDER : [kept, ...ORDER];
    for (const index of order) {
      const place = places[index]!;
      const box = { left: place.left, top: place.top, right: place.left + label.width, bottom: place.top + label.height };
      if (box.left < area.left || box.right > area.right || box.top < area.top || box.bottom > area.bottom) continue;
      if (boxes.some((other) => overlaps(box, other))) continue;
      boxes.push(box);
      placed.push({ ...label, ...place, place: index });
      break;
    }
  }
  return placed;
}
