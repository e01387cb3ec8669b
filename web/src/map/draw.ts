// Drawing on two canvases: the world (drawn again only when the camera moves) and, above it, what flies.
import { geoGraticule10, geoPath } from 'd3-geo';
import type { Polygon } from 'geojson';
import type { Ellipse, Track } from '../feed/types';
import { alongArc, EARTH_RADIUS_M, ellipse50, ellipseRing, type Spot } from '../geo/geometry';
import { lookOf, SHAPE_PATH } from '../model/nations';
import { placeLabels, type Wanted } from './labels';
import type { Land } from './land';
import type { Palette } from './palette';
import type { View } from './view';

export function drawWorld(ctx: CanvasRenderingContext2D, view: View, land: Land | null, palette: Palette, width: number, height: number): void {
  ctx.fillStyle = palette.space;
  ctx.fillRect(0, 0, width, height);
  const { x, y, scale } = view.camera;
  if (view.kind === 'globe') {
    drawGlow(ctx, view, palette, width, height);
    const ocean = ctx.createRadialGradient(x, y - scale * 0.35, scale * 0.1, x, y, scale);
    ocean.addColorStop(0, palette.oceanNear);
    ocean.addColorStop(0.72, palette.oceanNear);
    ocean.addColorStop(1, palette.oceanFar);
    ctx.fillStyle = ocean;
    ctx.beginPath();
    ctx.arc(x, y, scale, 0, 2 * Math.PI);
    ctx.fill();
  } else {
    ctx.fillStyle = palette.oceanNear;
    ctx.fillRect(0, 0, width, height);
  }
  const path = geoPath(view.projection, ctx);
  ctx.lineWidth = 1;
  ctx.strokeStyle = palette.grid;
  ctx.beginPath();
  path(geoGraticule10());
  ctx.stroke();
  if (!land) return;
  ctx.beginPath();
  path(land as never);
  ctx.fillStyle = palette.land;
  ctx.fill();
  ctx.strokeStyle = palette.coast;
  ctx.lineWidth = 0.9;
  ctx.stroke();
}

/** Air above the limb. */
function drawGlow(ctx: CanvasRenderingContext2D, view: View, palette: Palette, width: number, height: number): void {
  const { x, y, scale } = view.camera;
  const depth = Math.max(14, scale * 0.03);
  const glow = ctx.createRadialGradient(x, y, scale, x, y, scale + depth);
  glow.addColorStop(0, `rgba(${palette.glow},.55)`);
  glow.addColorStop(0.25, `rgba(${palette.glow},.22)`);
  glow.addColorStop(1, `rgba(${palette.glow},0)`);
  ctx.fillStyle = glow;
  ctx.fillRect(0, 0, width, height);
}

// ---- What flies ----------------------------------------------------------------------------------------------------

export interface Drawn {
  id: string;
  label: string;
  track: Track;
  selected: boolean;
  closed: boolean;
  stale: boolean;
  soon: boolean;
  countdown: string;
  priority: number;
  before: Ellipse[]; // earlier predictions, oldest first
}

export interface Scene {
  events: Drawn[];
  showAlone: boolean;
  now_ms: number;
  font: string;
  words: { launch: string };
  /** Boxes that controls cover. */
  taken: { left: number; top: number; right: number; bottom: number }[];
}

function stroke(ctx: CanvasRenderingContext2D, pieces: [number, number][][]): void {
  ctx.beginPath();
  for (const piece of pieces) {
    piece.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  }
  ctx.stroke();
}

// An ellipse object lives as long as its message; its ring is worked out once for all frames in between.
const rings = new WeakMap<Ellipse, [number, number][]>();
function ringOf(e: Ellipse, points: number): [number, number][] {
  const known = rings.get(e);
  if (known && known.length === points + 1) return known;
  const ring = ellipseRing(e, points);
  rings.set(e, ring);
  return ring;
}

const halves = new WeakMap<Ellipse, Ellipse>();
function halfOf(impact: NonNullable<Track['impact']>): Ellipse {
  if (impact.area_50) return impact.area_50;
  const known = halves.get(impact.area) ?? ellipse50(impact.area);
  halves.set(impact.area, known);
  return known;
}

/** The straight way where the whole ring is in sight; d3-geo cuts the others at the horizon or the edge. */
function traceEllipse(ctx: CanvasRenderingContext2D, view: View, e: Ellipse, points = 32): void {
  const ring = ringOf(e, points);
  ctx.beginPath();
  if (view.kind === 'globe') {
    const spots = ring.map(([lon, lat]) => view.project(lat, lon, 0));
    if (spots.every((p) => p.visible)) {
      spots.forEach((p, i) => (i ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
      ctx.closePath();
      return;
    }
  }
  geoPath(view.projection, ctx)({ type: 'Polygon', coordinates: [ring] } satisfies Polygon);
}

function arcSpots(track: Track, which: 'flown' | 'predicted', ground: boolean): Spot[] {
  return track[which].map((p) => ({ lat_deg: p[1], lon_deg: p[2], height_m: ground ? 0 : p[3] }));
}

/** Where the object is now: run on along its predicted arc for a moment after its last message, never further. */
export function placeNow(track: Track, now_ms: number): Spot {
  const ahead_s = Math.min((now_ms - (track.arc_zero_ms ?? now_ms)) / 1000, 10);
  return alongArc(track.predicted, ahead_s) ?? { lat_deg: track.lat_deg, lon_deg: track.lon_deg, height_m: track.height_m };
}

export function drawScene(ctx: CanvasRenderingContext2D, view: View, scene: Scene, palette: Palette, width: number, height: number): void {
  ctx.clearRect(0, 0, width, height);
  ctx.lineJoin = 'bevel';
  ctx.lineCap = 'butt'; // round ends on every dash cost more than all the rest
  const crowded = scene.events.length > 12;
  const ordered = [...scene.events].sort((a, b) => Number(a.selected) - Number(b.selected) || b.priority - a.priority);
  for (const event of ordered) drawGround(ctx, view, event, scene, palette, crowded);
  for (const event of ordered) drawArc(ctx, view, event, palette, crowded);
  const labels: (Wanted & { event: Drawn })[] = [];
  for (const event of ordered) drawObject(ctx, view, event, scene, palette, labels, width, height);
  drawLabels(ctx, labels, scene, palette, width, height);
}

function drawGround(ctx: CanvasRenderingContext2D, view: View, event: Drawn, scene: Scene, palette: Palette, crowded: boolean): void {
  const { track, selected } = event;
  const color = event.stale || event.closed ? palette.faint : palette.shared;
  if (selected && scene.showAlone) {
    for (const c of track.contributors ?? []) {
      if (!c.impact) continue;
      const own = palette.nation(c.nation);
      traceEllipse(ctx, view, c.impact.area, 64);
      ctx.globalAlpha = 0.08;
      ctx.fillStyle = own;
      ctx.fill();
      ctx.globalAlpha = 0.95;
      ctx.strokeStyle = own;
      ctx.lineWidth = 1.7;
      ctx.setLineDash(lookOf(c.nation).dash);
      ctx.stroke();
      ctx.setLineDash([]);
    }
  }
  if (selected) {
    event.before.forEach((e, i) => {
      traceEllipse(ctx, view, e);
      ctx.globalAlpha = 0.12 + 0.2 * ((i + 1) / event.before.length);
      ctx.strokeStyle = color;
      ctx.lineWidth = 1;
      ctx.stroke();
    });
  }
  ctx.globalAlpha = 1;
  if (track.impact) drawImpact(ctx, view, track, color, selected);
  if (track.launch && (selected || !crowded)) {
    traceEllipse(ctx, view, track.launch.area, 24);
    ctx.strokeStyle = palette.text;
    ctx.globalAlpha = selected ? 0.9 : 0.4;
    ctx.lineWidth = 1;
    ctx.setLineDash([2, 2]);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }
  if (view.kind === 'globe' && (selected || !crowded)) {
    ctx.strokeStyle = color;
    ctx.globalAlpha = selected ? 0.38 : 0.16;
    ctx.lineWidth = selected ? 1.4 : 1;
    stroke(ctx, view.pieces(arcSpots(track, 'flown', true)));
    ctx.setLineDash([2, 4]);
    stroke(ctx, view.pieces(arcSpots(track, 'predicted', true)));
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }
}

function drawImpact(ctx: CanvasRenderingContext2D, view: View, track: Track, color: string, selected: boolean): void {
  const area = track.impact!.area;
  if (!selected && (area.semi_major_95_m / EARTH_RADIUS_M) * view.camera.scale < 2.5) {
    drawSpeck(ctx, view, area, color);
    return;
  }
  const points = selected ? 64 : 24;
  traceEllipse(ctx, view, area, points);
  ctx.fillStyle = color;
  ctx.globalAlpha = selected ? 0.22 : 0.12;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = color;
  ctx.lineWidth = selected ? 2.4 : 1.3;
  ctx.stroke();
  traceEllipse(ctx, view, halfOf(track.impact!), points);
  ctx.globalAlpha = selected ? 0.5 : 0.25;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1;
  ctx.stroke();
  const p = view.project(area.lat_deg, area.lon_deg, 0);
  if (!p.visible || !selected) return;
  // A cross, so that a small area is found at all.
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
    ctx.moveTo(p.x + dx * 5, p.y + dy * 5);
    ctx.lineTo(p.x + dx * 12, p.y + dy * 12);
  }
  ctx.stroke();
}

/** An area too small for this scale, still to be seen. */
function drawSpeck(ctx: CanvasRenderingContext2D, view: View, area: Ellipse, color: string): void {
  const p = view.project(area.lat_deg, area.lon_deg, 0);
  if (!p.visible) return;
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.3;
  ctx.beginPath();
  ctx.arc(p.x, p.y, 2.5, 0, 2 * Math.PI);
  ctx.stroke();
}

/** One of many: hair lines, few points, and dashes made of every second piece; a tenth of the cost of real ones. */
function drawThinArc(ctx: CanvasRenderingContext2D, view: View, track: Track): void {
  ctx.lineWidth = 1;
  const flown = track.flown.length > 40 ? track.flown.filter((_, i) => i % Math.ceil(track.flown.length / 40) === 0 || i === track.flown.length - 1) : track.flown;
  ctx.beginPath();
  const trace = (points: Track['flown'], every: number) => {
    let before: { x: number; y: number; visible: boolean } | null = null;
    points.forEach((point, i) => {
      const p = view.project(point[1], point[2], point[3]);
      const jump = view.kind === 'flat' && before !== null && Math.abs(p.x - before.x) > view.camera.scale * 3;
      if (before && before.visible && p.visible && !jump && i % every === every - 1) {
        ctx.moveTo(before.x, before.y);
        ctx.lineTo(p.x, p.y);
      }
      before = p;
    });
  };
  trace(flown, 1);
  trace(track.predicted, 2);
  ctx.stroke();
}

function drawArc(ctx: CanvasRenderingContext2D, view: View, event: Drawn, palette: Palette, crowded: boolean): void {
  const { track, selected } = event;
  const color = event.stale || event.closed ? palette.faint : palette.shared;
  ctx.strokeStyle = color;
  ctx.globalAlpha = selected ? 1 : event.closed ? 0.4 : crowded ? 0.65 : 1;
  if (crowded && !selected) {
    drawThinArc(ctx, view, track);
    ctx.globalAlpha = 1;
    return;
  }
  if (selected && view.kind === 'globe') drawStems(ctx, view, track, color);
  ctx.lineWidth = selected ? 3.2 : 1.8;
  stroke(ctx, view.pieces(arcSpots(track, 'flown', false)));
  ctx.lineWidth = selected ? 2.4 : 1.5;
  ctx.setLineDash(selected ? [8, 7] : [5, 5]);
  stroke(ctx, view.pieces(arcSpots(track, 'predicted', false)));
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/** Thin lines down to the ground, so that height can be read. */
function drawStems(ctx: CanvasRenderingContext2D, view: View, track: Track, color: string): void {
  const arc = [...track.flown, ...track.predicted];
  const step = Math.max(1, Math.round(arc.length / 22));
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  const alpha = ctx.globalAlpha;
  ctx.globalAlpha = 0.22;
  for (let i = 0; i < arc.length; i += step) {
    const [, lat_deg, lon_deg, height_m] = arc[i]!;
    if (height_m < 20e3) continue;
    stroke(ctx, view.pieces([{ lat_deg, lon_deg, height_m: 0 }, { lat_deg, lon_deg, height_m }]));
  }
  ctx.globalAlpha = alpha;
}

const outlines = new Map<string, Path2D>();

function shape(ctx: CanvasRenderingContext2D, x: number, y: number, size: number, path: string, fill: string, edge: string): void {
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.scale(size / 16, size / 16);
  const p = outlines.get(path) ?? new Path2D(path);
  outlines.set(path, p);
  ctx.lineWidth = 3.2;
  ctx.strokeStyle = edge;
  ctx.stroke(p);
  ctx.fillStyle = fill;
  ctx.fill(p);
  ctx.restore();
}

function drawObject(ctx: CanvasRenderingContext2D, view: View, event: Drawn, scene: Scene, palette: Palette, labels: (Wanted & { event: Drawn })[], width: number, height: number): void {
  const { track, selected } = event;
  const color = event.stale || event.closed ? palette.faint : palette.shared;
  if (track.launch && selected) {
    const l = view.project(track.launch.area.lat_deg, track.launch.area.lon_deg, 0);
    if (l.visible) {
      ctx.strokeStyle = palette.text;
      ctx.lineWidth = 1.6;
      ctx.beginPath();
      ctx.arc(l.x, l.y, 5, 0, 2 * Math.PI);
      ctx.moveTo(l.x - 9, l.y);
      ctx.lineTo(l.x + 9, l.y);
      ctx.moveTo(l.x, l.y - 9);
      ctx.lineTo(l.x, l.y + 9);
      ctx.stroke();
    }
  }
  const here = placeNow(track, scene.now_ms);
  const p = view.project(here.lat_deg, here.lon_deg, here.height_m);
  if (!p.visible || p.x < 0 || p.y < 0 || p.x > width || p.y > height) return;
  if (event.closed && !selected) {
    shape(ctx, p.x, p.y, 8, SHAPE_PATH.diamond, color, palette.halo);
    return;
  }
  if (selected) {
    ctx.strokeStyle = palette.text;
    ctx.lineWidth = 1.6;
    ctx.beginPath();
    ctx.arc(p.x, p.y, 15, 0, 2 * Math.PI);
    ctx.stroke();
  }
  shape(ctx, p.x, p.y, selected ? 17 : 12, SHAPE_PATH.diamond, color, palette.halo);
  const [name, detail] = labelText(event);
  const font = `650 ${selected ? 15 : 12.5}px ${scene.font}`;
  const w = widthOf(ctx, font, name) + (detail ? widthOf(ctx, font, detail) + 8 : 0);
  labels.push({ id: event.id, x: p.x, y: p.y, width: w + 10, height: selected ? 23 : 19, priority: selected ? -1 : event.priority, event });
}

// Digits are all of one width, so a changing countdown is measured once.
const widths = new Map<string, number>();
function widthOf(ctx: CanvasRenderingContext2D, font: string, text: string): number {
  const key = `${font} ${text.replace(/\d/g, '0')}`;
  let width = widths.get(key);
  if (width === undefined) {
    ctx.font = font;
    width = ctx.measureText(text).width;
    if (widths.size > 2000) widths.clear();
    widths.set(key, width);
  }
  return width;
}

function labelText(event: Drawn): [string, string] {
  const km = Math.round(event.track.height_m / 1000);
  return [event.label, event.closed ? '' : `${event.countdown}  ${km} km`];
}

// Places are sought a few times a second; in between labels move along with their points.
let sought = { at_ms: 0, key: '', places: new Map<string, number>(), offsets: new Map<string, { left: number; top: number; far: boolean }>() };

function seek(labels: Wanted[], scene: Scene, width: number, height: number): void {
  const now = performance.now();
  const key = `${labels.length} ${width} ${height}`;
  if (now - sought.at_ms < 250 && key === sought.key) return;
  const signs = labels.map((l) => ({ left: l.x - 8, top: l.y - 8, right: l.x + 8, bottom: l.y + 8 }));
  const placed = placeLabels(labels, { left: 4, top: 4, right: width - 4, bottom: height - 4 }, [...scene.taken, ...signs], sought.places);
  sought = {
    at_ms: now,
    key,
    places: new Map(placed.map((p) => [p.id, p.place])),
    offsets: new Map(placed.map((p) => [p.id, { left: p.left - p.x, top: p.top - p.y, far: p.far }])),
  };
}

function drawLabels(ctx: CanvasRenderingContext2D, labels: (Wanted & { event: Drawn })[], scene: Scene, palette: Palette, width: number, height: number): void {
  seek(labels, scene, width, height);
  ctx.textBaseline = 'middle';
  for (const label of labels) {
    const offset = sought.offsets.get(label.id);
    if (offset) drawLabel(ctx, label, { left: label.x + offset.left, top: label.y + offset.top, far: offset.far }, scene, palette);
  }
}

function drawLabel(ctx: CanvasRenderingContext2D, label: Wanted & { event: Drawn }, box: { left: number; top: number; far: boolean }, scene: Scene, palette: Palette): void {
  const { event } = label;
  const [name, detail] = labelText(event);
  if (box.far) {
    ctx.strokeStyle = palette.faint;
    ctx.lineWidth = 1;
    stroke(ctx, [[[label.x, label.y], [box.left < label.x ? box.left + label.width : box.left, box.top + label.height / 2]]]);
  }
  ctx.fillStyle = palette.halo;
  if (event.selected) {
    ctx.beginPath();
    ctx.roundRect(box.left, box.top, label.width, label.height, 4);
    ctx.fill();
  } else {
    ctx.fillRect(box.left, box.top, label.width, label.height);
  }
  const font = `650 ${event.selected ? 15 : 12.5}px ${scene.font}`;
  const middle = box.top + label.height / 2 + 0.5;
  ctx.font = font;
  ctx.fillStyle = event.stale ? palette.faint : palette.text;
  ctx.fillText(name, box.left + 5, middle);
  ctx.fillStyle = event.stale ? palette.faint : event.soon ? palette.danger : palette.shared;
  ctx.fillText(detail, box.left + 5 + widthOf(ctx, font, name) + 8, middle);
}
