import { expect, it } from 'vitest';
import { placeLabels, type Wanted } from './labels';

const area = { left: 0, top: 0, right: 1000, bottom: 600 };
const wanted = (id: string, x: number, y: number, priority = 0): Wanted => ({ id, x, y, width: 120, height: 20, priority });

it('never lays one label on another, nor outside, nor on what is taken', () => {
  const many = Array.from({ length: 200 }, (_, i) => wanted(`n${i}`, (i * 73) % 1000, (i * 131) % 600, i));
  const taken = [{ left: 0, top: 0, right: 300, bottom: 40 }];
  const placed = placeLabels(many, area, taken);
  expect(placed.length).toBeGreaterThan(50);
  const boxes = [...placed.map((p) => ({ left: p.left, top: p.top, right: p.left + p.width, bottom: p.top + p.height })), ...taken];
  for (const [i, a] of boxes.entries()) {
    expect(a.left >= 0 && a.top >= 0 && a.right <= 1000 && a.bottom <= 600).toBe(true);
    for (const b of boxes.slice(i + 1)) expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
  }
});

it('keeps a label where it was while that place is free', () => {
  const one = [wanted('a', 500, 300)];
  const before = new Map([['a', 6]]);
  expect(placeLabels(one, area)[0]!.place).toBe(0);
  expect(placeLabels(one, area, [], before)[0]!.place).toBe(6);
  const taken = [{ left: 400, top: 200, right: 600, bottom: 290 }];
  expect(placeLabels(one, area, taken, before)[0]!.place).toBe(0);
});

it('gives the important one the best place and leaves out what finds none', () => {
  const crowd = Array.from({ length: 40 }, (_, i) => wanted(`n${String(i).padStart(2, '0')}`, 500, 300, 40 - i));
  const placed = placeLabels(crowd, area);
  expect(placed[0]!.id).toBe('n39');
  expect(placed[0]!.far).toBe(false);
  expect(placed.length).toBeLessThan(40);
});
