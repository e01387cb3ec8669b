// How a nation looks: a colour, always with a shape and a dash, so that no meaning hangs on colour alone. The three
// have fixed looks; a fourth takes the next one.
export type Shape = 'circle' | 'square' | 'triangle' | 'hexagon' | 'diamond';

export interface Look {
  shape: Shape;
  token: string; // CSS custom property
  dash: number[];
}

const FIXED: Record<string, Look> = {
  JPN: { shape: 'circle', token: '--nation-1', dash: [] },
  USA: { shape: 'square', token: '--nation-2', dash: [9, 4] },
  KOR: { shape: 'triangle', token: '--nation-3', dash: [2.5, 3.5] },
  shared: { shape: 'diamond', token: '--shared', dash: [] },
};

export function lookOf(name: string): Look {
  return FIXED[name] ?? { shape: 'hexagon', token: '--nation-x', dash: [12, 3, 2, 3] };
}

/** All nations of the picture, own first, the rest by name. */
export function nationList(own: string, ...more: string[][]): string[] {
  const rest = new Set(more.flat().filter((n) => n !== own));
  return [own, ...[...rest].sort()];
}

/** SVG path of a shape in a 16 × 16 box. */
export const SHAPE_PATH: Record<Shape, string> = {
  circle: 'M8 2.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0-11.6z',
  square: 'M2.9 2.9h10.2v10.2h-10.2z',
  triangle: 'M8 1.9L14.6 13.5H1.4z',
  diamond: 'M8 1L15 8L8 15L1 8z',
  hexagon: 'M8 1.5L13.6 4.75V11.25L8 14.5L2.4 11.25V4.75z',
};
