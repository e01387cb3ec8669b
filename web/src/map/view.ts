// Two ways to look at the world behind one interface: a globe with true heights, and a flat map (Mercator).
import { geoMercator, geoOrthographic, type GeoProjection } from 'd3-geo';
import {
  globeProjector,
  splitAtEdge,
  wrapLongitude,
  type GlobeCamera,
  type Place,
  type Projected,
  type Spot,
  type Viewport,
} from '../geo/geometry';

export type Kind = 'globe' | 'flat';

/** The flat map's camera uses the same fields: the place in the middle, pixels per radian of longitude, and where on
 *  the canvas the middle lies. */
export type Camera = GlobeCamera;

export interface View {
  kind: Kind;
  camera: Camera;
  /** For land, graticule and areas on the ground: hides and cuts by itself. */
  projection: GeoProjection;
  project: (lat_deg: number, lon_deg: number, height_m: number) => Projected;
  /** Whole lines: points as drawn, in pieces where the line is hidden or leaves one edge for the other. */
  pieces: (points: Spot[]) => [number, number][][];
}

const RAD = Math.PI / 180;
const LAT_MAX = 84;

const mercator = (lat_deg: number) => Math.log(Math.tan(Math.PI / 4 + (Math.max(-LAT_MAX, Math.min(LAT_MAX, lat_deg)) * RAD) / 2));

export function makeView(kind: Kind, camera: Camera, width: number, height: number): View {
  return kind === 'globe' ? globeView(camera, width, height) : flatView(camera, width, height);
}

function globeView(camera: Camera, width: number, height: number): View {
  const project = globeProjector(camera);
  const margin = 40;
  const projection = geoOrthographic()
    .rotate([-camera.lon_deg, -camera.lat_deg])
    .scale(camera.scale)
    .translate([camera.x, camera.y])
    .clipAngle(90)
    .precision(0.6)
    .clipExtent([[-margin, -margin], [width + margin, height + margin]]);
  const pieces = (points: Spot[]): [number, number][][] => {
    const out: [number, number][][] = [];
    let piece: [number, number][] = [];
    for (const point of points) {
      const p = project(point.lat_deg, point.lon_deg, point.height_m);
      if (p.visible) piece.push([p.x, p.y]);
      else if (piece.length > 0) {
        out.push(piece);
        piece = [];
      }
    }
    if (piece.length > 0) out.push(piece);
    return out;
  };
  return { kind: 'globe', camera, projection, project, pieces };
}

function flatView(camera: Camera, width: number, height: number): View {
  const y0 = mercator(camera.lat_deg);
  const at = (lon_offset: number, lat_deg: number): [number, number] => [
    camera.x + camera.scale * lon_offset * RAD,
    camera.y - camera.scale * (mercator(lat_deg) - y0),
  ];
  const project = (lat_deg: number, lon_deg: number): Projected => {
    const [x, y] = at(wrapLongitude(lon_deg - camera.lon_deg), lat_deg);
    return { x, y, visible: true };
  };
  const margin = 40;
  const projection = geoMercator()
    .rotate([-camera.lon_deg, 0])
    .scale(camera.scale)
    .translate([camera.x, camera.y + camera.scale * y0])
    .precision(0.6)
    .clipExtent([[-margin, -margin], [width + margin, height + margin]]);
  const pieces = (points: Spot[]) =>
    splitAtEdge(points.map((p): [number, number] => [p.lon_deg, p.lat_deg]), camera.lon_deg).map((part) =>
      part.map(([lon, lat]) => at(lon - camera.lon_deg, lat)),
    );
  return { kind: 'flat', camera, projection, project, pieces };
}

export function fitFlat(places: Place[], viewport: Viewport, scaleMax: number): Camera | null {
  if (places.length === 0) return null;
  const lon0 = places[0]!.lon_deg;
  const xs = places.map((p) => wrapLongitude(p.lon_deg - lon0) * RAD);
  const ys = places.map((p) => mercator(p.lat_deg));
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const width = viewport.width - viewport.left - viewport.right;
  const height = viewport.height - viewport.top - viewport.bottom;
  const scale = Math.min(scaleMax, width / Math.max(x1 - x0, 1e-9), height / Math.max(y1 - y0, 1e-9));
  const middle = (y0 + y1) / 2;
  return {
    lat_deg: (2 * Math.atan(Math.exp(middle)) - Math.PI / 2) / RAD,
    lon_deg: wrapLongitude(lon0 + (x0 + x1) / 2 / RAD),
    scale,
    x: viewport.left + width / 2,
    y: viewport.top + height / 2,
  };
}
