// Land without borders or names (Natural Earth by way of world-atlas), packaged with the console. Coarse for moving
// pictures, fine for still ones.
import type { GeoJsonObject } from 'geojson';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import coarse from 'world-atlas/land-110m.json?url';
import fine from 'world-atlas/land-50m.json?url';

export type Land = GeoJsonObject;

async function load(url: string): Promise<Land> {
  const topology = (await (await fetch(url)).json()) as Topology;
  return feature(topology, topology.objects['land']!) as Land;
}

let coarseLand: Promise<Land> | undefined;
let fineLand: Promise<Land> | undefined;
export const loadCoarse = () => (coarseLand ??= load(coarse));
export const loadFine = () => (fineLand ??= load(fine));
