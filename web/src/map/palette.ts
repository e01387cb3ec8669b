// Colours of the canvas, from the same custom properties as the rest of the page plus a few of the map's own.
import { lookOf } from '../model/nations';

export interface Palette {
  dark: boolean;
  space: string;
  oceanNear: string;
  oceanFar: string;
  land: string;
  coast: string;
  grid: string;
  glow: string;
  text: string;
  halo: string;
  shared: string;
  danger: string;
  faint: string;
  nation: (name: string) => string;
}

export function readPalette(element: Element, theme: 'dark' | 'light'): Palette {
  const style = getComputedStyle(element);
  const get = (token: string) => style.getPropertyValue(token).trim();
  const nations = new Map<string, string>(); // asking the style costs much, and the map asks at every frame
  const dark = theme === 'dark';
  return {
    dark,
    space: dark ? '#04070d' : '#c9d4e0',
    oceanNear: get('--map-sea'),
    oceanFar: dark ? '#081422' : '#cfdce9',
    land: get('--map-land'),
    coast: get('--map-coast'),
    grid: dark ? 'rgba(140,175,215,.10)' : 'rgba(40,70,110,.12)',
    glow: dark ? '70,140,255' : '255,255,255',
    text: get('--text'),
    halo: dark ? 'rgba(4,8,15,.85)' : 'rgba(250,252,255,.9)',
    shared: get('--shared'),
    danger: get('--danger'),
    faint: get('--faint'),
    nation: (name) => {
      const token = lookOf(name).token;
      const known = nations.get(token) ?? get(token);
      nations.set(token, known);
      return known;
    },
  };
}
