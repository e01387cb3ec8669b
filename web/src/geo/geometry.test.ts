import { geoOrthographic } from 'd3-geo';
import { describe, expect, it } from 'vitest';
import type { Ellipse } from '../feed/types';
import {
  alongArc, arcBetween, ecefFromGeodetic, ellipse50, ellipseArea, ellipseRing, EARTH_RADIUS_M, fitGlobe, geodesicDirect, geodeticFromEcef,
  globeProjector, HALF_OF_95, middle, mixCameras, splitAtEdge, WGS84_A, WGS84_F, wrapLongitude,
} from './geometry';

function randomly(seed: number): () => number {
  let s = seed;
  return () => ((s = (Math.imul(s, 1664525) + 1013904223) >>> 0), s / 4294967296);
}

describe('WGS-84', () => {
  it('knows places on the axes', () => {
    expect(ecefFromGeodetic(0, 0, 0)).toEqual([WGS84_A, 0, 0]);
    const pole = ecefFromGeodetic(90, 0, 1000);
    expect(Math.hypot(pole[0], pole[1])).toBeLessThan(1e-8);
    expect(pole[2]).toBeCloseTo(WGS84_A * (1 - WGS84_F) + 1000, 6);
  });

  it('goes to ECEF and back below a micrometre, from below sea to 40,000 km', () => {
    const random = randomly(11);
    for (let i = 0; i < 3000; i++) {
      const [lat, lon, h] = [Math.asin(2 * random() - 1) * (180 / Math.PI), 360 * random() - 180, -5000 + 4e7 * random() ** 3];
      const back = geodeticFromEcef(...ecefFromGeodetic(lat, lon, h));
      const metresPerDegree = (Math.PI / 180) * (WGS84_A + h);
      expect(Math.abs(back.lat_deg - lat) * metresPerDegree).toBeLessThan(2e-6);
      expect(Math.abs(wrapLongitude(back.lon_deg - lon)) * metresPerDegree * Math.cos((lat * Math.PI) / 180)).toBeLessThan(2e-6);
      expect(Math.abs(back.height_m - h)).toBeLessThan(1e-6);
    }
  });

  it('handles poles and the date line', () => {
    expect(geodeticFromEcef(0, 0, -6.4e6).lat_deg).toBeCloseTo(-90, 12);
    expect(geodeticFromEcef(-7e6, -1e-9, 0).lon_deg).toBeCloseTo(180, 6);
    expect(wrapLongitude(540)).toBe(180);
    expect(wrapLongitude(-181)).toBe(179);
  });

  it('follows geodesics as Vincenty printed them (1975, Flinders Peak to Buninyong, by GDA technical manual)', () => {
    // GRS 80 and WGS-84 differ by 0.1 mm here.
    const flinders = { lat_deg: -(37 + 57 / 60 + 3.7203 / 3600), lon_deg: 144 + 25 / 60 + 29.5244 / 3600 };
    const there = geodesicDirect(flinders, 306 + 52 / 60 + 5.37 / 3600, 54972.271);
    expect(there.lat_deg).toBeCloseTo(-(37 + 39 / 60 + 10.1561 / 3600), 7);
    expect(there.lon_deg).toBeCloseTo(143 + 55 / 60 + 35.3839 / 3600, 7);
  });

  it('measures a degree of the equator and of the meridian right', () => {
    expect(geodesicDirect({ lat_deg: 0, lon_deg: 0 }, 90, 111319.49079327358).lon_deg).toBeCloseTo(1, 10);
    // 0° to 1° latitude: 110574.3886 m (WGS-84 meridian arc).
    expect(geodesicDirect({ lat_deg: 0, lon_deg: 179.9 }, 0, 110574.3886).lat_deg).toBeCloseTo(1, 8);
  });

  it('crosses the date line', () => {
    const p = geodesicDirect({ lat_deg: 0, lon_deg: 179.5 }, 90, 111319.49);
    expect(p.lon_deg).toBeCloseTo(-179.5, 6);
  });
});

describe('ellipses on the ground', () => {
  const e: Ellipse = { lat_deg: 40, lon_deg: 179.9, semi_major_95_m: 60e3, semi_minor_95_m: 20e3, azimuth_deg: 30 };

  it('puts every point at its distance', () => {
    const ring = ellipseRing(e, 360);
    expect(ring[0]).toEqual(ring.at(-1));
    const distance = (p: [number, number]) => arcBetween(e, { lat_deg: p[1], lon_deg: p[0] }) * EARTH_RADIUS_M;
    expect(distance(ring[0]!)).toBeCloseTo(60e3, -2.5);
    expect(distance(ring[90]!)).toBeCloseTo(20e3, -2.5);
    const tip = geodesicDirect(e, 30, 60e3);
    expect(ring[0]![1]).toBeCloseTo(tip.lat_deg, 9);
    expect(ring[0]![0]).toBeCloseTo(tip.lon_deg, 9);
  });

  it('runs clockwise, as d3-geo wants it: the small side is inside', () => {
    const ring = ellipseRing({ ...e, lon_deg: 100 }, 24);
    let twice = 0;
    for (let i = 1; i < ring.length; i++) twice += (ring[i]![0] - ring[i - 1]![0]) * (ring[i]![1] + ring[i - 1]![1]);
    expect(twice).toBeGreaterThan(0);
  });

  it('takes 50 % from 95 % by the chi-square of two degrees of freedom', () => {
    expect(HALF_OF_95).toBeCloseTo(Math.sqrt(1.386294 / 5.991465), 6);
    expect(ellipse50(e).semi_major_95_m).toBeCloseTo(60e3 * 0.48102, 0);
    expect(ellipseArea(e)).toBeCloseTo(Math.PI * 1.2e9, -3);
  });
});

describe('the flat map', () => {
  it('cuts a line at the edge and meets it on both sides at one latitude', () => {
    const parts = splitAtEdge([[170, 10], [-170, 20]], 0);
    expect(parts).toHaveLength(2);
    expect(parts[0]!.at(-1)).toEqual([180, 15]);
    expect(parts[1]![0]).toEqual([-180, 15]);
  });

  it('leaves a line whole where the map is centred on the date line', () => {
    const parts = splitAtEdge([[170, 10], [-170, 20]], 180);
    expect(parts).toHaveLength(1);
    expect(parts[0]![1]![0]).toBeCloseTo(190, 12);
  });
});

describe('the globe', () => {
  const camera = { lat_deg: 35, lon_deg: 140, scale: 500, x: 800, y: 450 };

  it('agrees with d3-geo on the ground', () => {
    const project = globeProjector(camera);
    const d3 = geoOrthographic().rotate([-140, -35]).scale(500).translate([800, 450]);
    const random = randomly(5);
    for (let i = 0; i < 500; i++) {
      const [lat, lon] = [180 * random() - 90, 360 * random() - 180];
      const p = project(lat, lon, 0);
      const q = d3([lon, lat])!;
      expect(p.x).toBeCloseTo(q[0], 6);
      expect(p.y).toBeCloseTo(q[1], 6);
      expect(p.visible).toBe(arcBetween(camera, { lat_deg: lat, lon_deg: lon }) < Math.PI / 2);
    }
  });

  it('lifts heights away from the centre', () => {
    const project = globeProjector(camera);
    const ground = project(60, 140, 0);
    const high = project(60, 140, 1000e3);
    expect((450 - high.y) / (450 - ground.y)).toBeCloseTo(1 + 1e6 / EARTH_RADIUS_M, 9);
  });

  it('shows what stands above the horizon and hides what the Earth covers', () => {
    const project = globeProjector({ ...camera, lat_deg: 0, lon_deg: 0 });
    expect(project(0, 89, 0).visible).toBe(true);
    expect(project(0, 91, 0).visible).toBe(false);
    // 10° behind the limb the Earth covers up to R (1/cos 10° − 1) = 98.3 km.
    const covered = EARTH_RADIUS_M * (1 / Math.cos((10 * Math.PI) / 180) - 1);
    expect(project(0, 100, covered - 200).visible).toBe(false);
    expect(project(0, 100, covered + 200).visible).toBe(true);
    expect(project(0, 180, 3e7).visible).toBe(false);
  });

  it('fits everything into the free part of the picture, across the date line too', () => {
    const spots = [
      { lat_deg: 39, lon_deg: 160, height_m: 0 },
      { lat_deg: 45, lon_deg: 179, height_m: 900e3 },
      { lat_deg: 41, lon_deg: -165, height_m: 0 },
    ];
    const view = { width: 900, height: 500, left: 40, right: 60, top: 30, bottom: 50 };
    const fitted = fitGlobe(spots, view, 46, 9000)!;
    const project = globeProjector(fitted);
    for (const s of spots) {
      const p = project(s.lat_deg, s.lon_deg, s.height_m);
      expect(p.visible).toBe(true);
      expect(p.x).toBeGreaterThanOrEqual(40 - 1e-6);
      expect(p.x).toBeLessThanOrEqual(840 + 1e-6);
      expect(p.y).toBeGreaterThanOrEqual(30 - 1e-6);
      expect(p.y).toBeLessThanOrEqual(450 + 1e-6);
    }
    expect(Math.abs(fitted.lon_deg)).toBeGreaterThan(170);
    expect(fitGlobe([], view, 46, 9000)).toBeNull();
    expect(middle([{ lat_deg: 0, lon_deg: 0 }, { lat_deg: 0, lon_deg: 180 }])).toBeNull();
  });

  it('moves between cameras the short way round', () => {
    const mixed = mixCameras({ ...camera, lon_deg: 170, scale: 100 }, { ...camera, lon_deg: -170, scale: 400 }, 0.5);
    expect(Math.abs(mixed.lon_deg)).toBeCloseTo(180, 9);
    expect(mixed.scale).toBeCloseTo(200, 9);
  });
});

describe('arcs', () => {
  it('interpolates, over the date line too, and nothing outside', () => {
    const arc: [number, number, number, number][] = [[-1, 0, 0, 0], [0, 10, 179, 1000], [10, 20, -179, 3000]];
    expect(alongArc(arc, 5)).toEqual({ lat_deg: 15, lon_deg: 180, height_m: 2000 });
    expect(alongArc(arc, 11)).toBeNull();
    expect(alongArc([], 0)).toBeNull();
  });
});
