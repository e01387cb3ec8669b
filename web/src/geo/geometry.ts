// All geometry of the console: WGS-84 places, shapes on the ground, and where they fall on a globe or a flat map.
// No DOM and no drawing here, so that another renderer could use the same figures.
//
// Angles are degrees at the interface and named so; lengths metres; azimuths clockwise from true north.
import type { ArcPoint, Ellipse } from '../feed/types';

export const WGS84_A = 6378137;
export const WGS84_F = 1 / 298.257223563;
const B = WGS84_A * (1 - WGS84_F);
const E2 = WGS84_F * (2 - WGS84_F);
/** Mean radius (IUGG R1), for display on the sphere. */
export const EARTH_RADIUS_M = 6371008.8;
const RAD = Math.PI / 180;

export interface Place {
  lat_deg: number;
  lon_deg: number;
}

/** To (−180, 180]. */
export function wrapLongitude(lon_deg: number): number {
  const wrapped = ((((lon_deg + 180) % 360) + 360) % 360) - 180;
  return wrapped === -180 ? 180 : wrapped;
}

export function ecefFromGeodetic(lat_deg: number, lon_deg: number, height_m: number): [number, number, number] {
  const s = Math.sin(lat_deg * RAD);
  const c = Math.cos(lat_deg * RAD);
  const n = WGS84_A / Math.sqrt(1 - E2 * s * s);
  return [
    (n + height_m) * c * Math.cos(lon_deg * RAD),
    (n + height_m) * c * Math.sin(lon_deg * RAD),
    (n * (1 - E2) + height_m) * s,
  ];
}

/** Bowring's parametric latitude, iterated to convergence (B. R. Bowring, Survey Review 23, 1976, eq. 4). */
export function geodeticFromEcef(x: number, y: number, z: number): Place & { height_m: number } {
  const p = Math.hypot(x, y);
  let beta = Math.atan2(WGS84_A * z, B * p);
  let lat = 0;
  for (let i = 0; i < 6; i++) {
    lat = Math.atan2(z + ((E2 * WGS84_A) / (1 - WGS84_F)) * Math.sin(beta) ** 3, p - E2 * WGS84_A * Math.cos(beta) ** 3);
    beta = Math.atan((1 - WGS84_F) * Math.tan(lat));
  }
  const s = Math.sin(lat);
  // Good at the poles and at the equator alike.
  const height_m = p * Math.cos(lat) + z * s - WGS84_A * Math.sqrt(1 - E2 * s * s);
  return { lat_deg: lat / RAD, lon_deg: wrapLongitude(Math.atan2(y, x) / RAD), height_m };
}

/** Where one gets from a place by azimuth and distance along the ellipsoid (T. Vincenty, Survey Review 23, 1975). */
export function geodesicDirect(from: Place, azimuth_deg: number, distance_m: number): Place {
  if (distance_m === 0) return { lat_deg: from.lat_deg, lon_deg: wrapLongitude(from.lon_deg) };
  const a1 = azimuth_deg * RAD;
  const u1 = Math.atan((1 - WGS84_F) * Math.tan(from.lat_deg * RAD));
  const sigma1 = Math.atan2(Math.tan(u1), Math.cos(a1));
  const sinA = Math.cos(u1) * Math.sin(a1);
  const cos2A = 1 - sinA * sinA;
  const uu = (cos2A * (WGS84_A ** 2 - B ** 2)) / B ** 2;
  const ka = 1 + (uu / 16384) * (4096 + uu * (-768 + uu * (320 - 175 * uu)));
  const kb = (uu / 1024) * (256 + uu * (-128 + uu * (74 - 47 * uu)));
  let sigma = distance_m / (B * ka);
  let cosM = 0;
  for (let i = 0; i < 50; i++) {
    cosM = Math.cos(2 * sigma1 + sigma);
    const delta =
      kb * Math.sin(sigma) *
      (cosM + (kb / 4) * (Math.cos(sigma) * (-1 + 2 * cosM * cosM) -
        (kb / 6) * cosM * (-3 + 4 * Math.sin(sigma) ** 2) * (-3 + 4 * cosM * cosM)));
    const next = distance_m / (B * ka) + delta;
    const done = Math.abs(next - sigma) < 1e-13;
    sigma = next;
    if (done) break;
  }
  const [ss, cs] = [Math.sin(sigma), Math.cos(sigma)];
  const [su, cu] = [Math.sin(u1), Math.cos(u1)];
  const lat = Math.atan2(su * cs + cu * ss * Math.cos(a1), (1 - WGS84_F) * Math.hypot(sinA, su * ss - cu * cs * Math.cos(a1)));
  const lambda = Math.atan2(ss * Math.sin(a1), cu * cs - su * ss * Math.cos(a1));
  const c = (WGS84_F / 16) * cos2A * (4 + WGS84_F * (4 - 3 * cos2A));
  cosM = Math.cos(2 * sigma1 + sigma);
  const l = lambda - (1 - c) * WGS84_F * sinA * (sigma + c * ss * (cosM + c * cs * (-1 + 2 * cosM * cosM)));
  return { lat_deg: lat / RAD, lon_deg: wrapLongitude(from.lon_deg + l / RAD) };
}

/** Great-circle angle between two places, radians. For fitting views, not for figures people read. */
export function arcBetween(a: Place, b: Place): number {
  const [x, y] = [unitVector(a), unitVector(b)];
  return Math.atan2(
    Math.hypot(x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]),
    x[0] * y[0] + x[1] * y[1] + x[2] * y[2],
  );
}

export function unitVector(p: Place): [number, number, number] {
  const c = Math.cos(p.lat_deg * RAD);
  return [c * Math.cos(p.lon_deg * RAD), c * Math.sin(p.lon_deg * RAD), Math.sin(p.lat_deg * RAD)];
}

/** The middle of places on the sphere; null for none, or for places all around. */
export function middle(places: Place[]): Place | null {
  const sum = [0, 0, 0];
  for (const place of places) unitVector(place).forEach((v, i) => (sum[i]! += v));
  const length = Math.hypot(sum[0]!, sum[1]!, sum[2]!);
  if (places.length === 0 || length < 1e-6 * places.length) return null;
  return { lat_deg: Math.asin(sum[2]! / length) / RAD, lon_deg: Math.atan2(sum[1]!, sum[0]!) / RAD };
}

// ---- Shapes on the ground ------------------------------------------------------------------------------------------

/** √(χ²₂ at 50 % ÷ χ²₂ at 95 %) = √(1.386 ÷ 5.991): from a 95 % ellipse to the 50 % one. */
export const HALF_OF_95 = Math.sqrt((2 * Math.LN2) / (-2 * Math.log(0.05)));

export function ellipse50(area: Ellipse): Ellipse {
  return { ...area, semi_major_95_m: area.semi_major_95_m * HALF_OF_95, semi_minor_95_m: area.semi_minor_95_m * HALF_OF_95 };
}

/** Area in square metres. */
export function ellipseArea(e: Ellipse): number {
  return Math.PI * e.semi_major_95_m * e.semi_minor_95_m;
}

/** The ellipse's edge as a closed ring of [longitude, latitude], clockwise seen from above, as d3-geo wants outer
 *  rings. Each point lies on the geodesic that leaves the centre in its direction. */
export function ellipseRing(e: Ellipse, points = 64): [number, number][] {
  const ring: [number, number][] = [];
  for (let i = 0; i < points; i++) {
    const angle = (i / points) * 2 * Math.PI;
    const major = e.semi_major_95_m * Math.cos(angle);
    const minor = e.semi_minor_95_m * Math.sin(angle);
    const azimuth_deg = e.azimuth_deg + Math.atan2(minor, major) / RAD;
    const p = geodesicDirect(e, azimuth_deg, Math.hypot(major, minor));
    ring.push([p.lon_deg, p.lat_deg]);
  }
  ring.push(ring[0]!);
  return ring;
}

/** Cuts a line where it crosses the edge of a flat map centred on a longitude, with the crossing on both edges. */
export function splitAtEdge(line: [number, number][], centre_deg: number): [number, number][][] {
  const parts: [number, number][][] = [];
  let part: [number, number][] = [];
  const offset = (lon: number) => wrapLongitude(lon - centre_deg);
  for (const [i, point] of line.entries()) {
    const before = line[i - 1];
    if (before) {
      const [x0, x1] = [offset(before[0]), offset(point[0])];
      if (Math.abs(x1 - x0) > 180) {
        const side = x0 > 0 ? 180 : -180;
        const to = x1 + (x0 > 0 ? 360 : -360);
        const share = to === x0 ? 0 : (side - x0) / (to - x0);
        const lat = before[1] + share * (point[1] - before[1]);
        part.push([centre_deg + side, lat]);
        parts.push(part);
        part = [[centre_deg - side, lat]];
      }
    }
    part.push([centre_deg + offset(point[0]), point[1]]);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** Where an arc is at `seconds` from its zero; null outside it. Linear between points, across the date line too. */
export function alongArc(arc: ArcPoint[], seconds: number): (Place & { height_m: number }) | null {
  for (let i = 1; i < arc.length; i++) {
    const [a, b] = [arc[i - 1]!, arc[i]!];
    if (seconds < a[0] || seconds > b[0]) continue;
    const share = b[0] === a[0] ? 0 : (seconds - a[0]) / (b[0] - a[0]);
    return {
      lat_deg: a[1] + share * (b[1] - a[1]),
      lon_deg: wrapLongitude(a[2] + share * wrapLongitude(b[2] - a[2])),
      height_m: a[3] + share * (b[3] - a[3]),
    };
  }
  return null;
}

// ---- The globe -----------------------------------------------------------------------------------------------------

/** An orthographic look at the globe: the place in the middle of the visible half, pixels per Earth radius, and where
 *  on the canvas the globe's centre lies (it may be far outside: then one looks along the ground, with sky above). */
export interface GlobeCamera {
  lat_deg: number;
  lon_deg: number;
  scale: number;
  x: number;
  y: number;
}

export interface Projected {
  x: number;
  y: number;
  visible: boolean;
}

export function globeProjector(camera: GlobeCamera): (lat_deg: number, lon_deg: number, height_m: number) => Projected {
  const [s0, c0] = [Math.sin(camera.lat_deg * RAD), Math.cos(camera.lat_deg * RAD)];
  return (lat_deg, lon_deg, height_m) => {
    const [s, c] = [Math.sin(lat_deg * RAD), Math.cos(lat_deg * RAD)];
    const dl = (lon_deg - camera.lon_deg) * RAD;
    const r = 1 + height_m / EARTH_RADIUS_M;
    const right = r * c * Math.sin(dl);
    const up = r * (c0 * s - s0 * c * Math.cos(dl));
    const towards = r * (s0 * s + c0 * c * Math.cos(dl));
    // Behind the plane of the limb a point is hidden only where the disc covers it: high points stand out beyond it.
    // Ground points exactly on the limb count as hidden whatever the rounding.
    const visible = towards > 0 || right * right + up * up > 1 + 1e-12;
    return { x: camera.x + camera.scale * right, y: camera.y - camera.scale * up, visible };
  };
}

export interface Spot extends Place {
  height_m: number;
}

export interface Viewport {
  width: number;
  height: number;
  /** Space kept free on each side for what lies over the map. */
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The camera that shows all spots in the free part of the viewport, looking at the ground at an angle: `tilt_deg`
 *  below straight down, from the south (from the north in the southern half), so that heights stand up. */
export function fitGlobe(spots: Spot[], viewport: Viewport, tilt_deg: number, scaleMax: number): GlobeCamera | null {
  const mid = middle(spots);
  if (!mid) return null;
  const lat_deg = mid.lat_deg >= 0 ? Math.max(-85, mid.lat_deg - tilt_deg) : Math.min(85, mid.lat_deg + tilt_deg);
  const look = { lat_deg, lon_deg: mid.lon_deg, scale: 1, x: 0, y: 0 };
  const project = globeProjector(look);
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const spot of spots) {
    const p = project(spot.lat_deg, spot.lon_deg, spot.height_m);
    [x0, x1, y0, y1] = [Math.min(x0, p.x), Math.max(x1, p.x), Math.min(y0, p.y), Math.max(y1, p.y)];
  }
  const width = viewport.width - viewport.left - viewport.right;
  const height = viewport.height - viewport.top - viewport.bottom;
  const scale = Math.min(scaleMax, width / Math.max(x1 - x0, 1e-9), height / Math.max(y1 - y0, 1e-9));
  return {
    lat_deg,
    lon_deg: mid.lon_deg,
    scale,
    x: viewport.left + width / 2 - (scale * (x0 + x1)) / 2,
    y: viewport.top + height / 2 - (scale * (y0 + y1)) / 2,
  };
}

/** Between two cameras; longitudes the short way, scales by ratio. */
export function mixCameras(a: GlobeCamera, b: GlobeCamera, share: number): GlobeCamera {
  const mix = (p: number, q: number) => p + (q - p) * share;
  return {
    lat_deg: mix(a.lat_deg, b.lat_deg),
    lon_deg: wrapLongitude(a.lon_deg + wrapLongitude(b.lon_deg - a.lon_deg) * share),
    scale: a.scale * (b.scale / a.scale) ** share,
    x: mix(a.x, b.x),
    y: mix(a.y, b.y),
  };
}
