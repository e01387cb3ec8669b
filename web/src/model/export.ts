// The selected event for other programs: CSV, KML, CZML. What leaves says its mode first, so that an exercise is never
// taken for more. Pure.
import type { Ellipse, NodeInfo, Track } from '../feed/types';
import { ellipseRing } from '../geo/geometry';

interface Point {
  time: string;
  lat_deg: number;
  lon_deg: number;
  height_m: number;
  kind: 'flown' | 'predicted';
}

export function pointsOf(track: Track): Point[] {
  const zero = track.arc_zero_ms ?? Date.parse(track.time);
  const turn = (kind: Point['kind']) => (p: [number, number, number, number]): Point => ({ time: new Date(zero + p[0] * 1000).toISOString(), lat_deg: p[1], lon_deg: p[2], height_m: p[3], kind });
  return [...track.flown.map(turn('flown')), ...track.predicted.slice(1).map(turn('predicted'))];
}

const banner = (node: NodeInfo) => `${node.mode.toUpperCase()}${node.mode === 'live' ? '' : ': not real'} · ${node.nation} · ${node.time}`;

export function toCsv(track: Track, node: NodeInfo): string {
  const rows = pointsOf(track).map((p) => [node.mode, track.label, p.kind, p.time, p.lat_deg, p.lon_deg, Math.round(p.height_m), '', '', '', ''].join(','));
  const area = (kind: string, time: string, e: Ellipse) => [node.mode, track.label, kind, time, e.lat_deg, e.lon_deg, 0, e.semi_major_95_m, e.semi_minor_95_m, e.azimuth_deg, ''].join(',');
  if (track.launch) rows.push(area('launch', track.launch.time, track.launch.area) + track.launch.time_sigma_s);
  if (track.impact) rows.push(area('impact', track.impact.time, track.impact.area) + track.impact.time_sigma_s);
  return ['mode,event,kind,time,lat_deg,lon_deg,height_m,semi_major_95_m,semi_minor_95_m,azimuth_deg,time_sigma_s', ...rows, ''].join('\r\n');
}

const escape = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function kmlRing(e: Ellipse): string {
  return ellipseRing(e, 48).map(([lon, lat]) => `${lon.toFixed(5)},${lat.toFixed(5)},0`).join(' ');
}

export function toKml(track: Track, node: NodeInfo): string {
  const line = (kind: Point['kind'], color: string) => {
    const points = pointsOf(track).filter((p) => p.kind === kind);
    if (points.length < 2) return '';
    return `<Placemark><name>${escape(`${track.label} ${kind}`)}</name><Style><LineStyle><color>${color}</color><width>3</width></LineStyle></Style><LineString><altitudeMode>absolute</altitudeMode><coordinates>${points.map((p) => `${p.lon_deg},${p.lat_deg},${Math.round(p.height_m)}`).join(' ')}</coordinates></LineString></Placemark>\n`;
  };
  const area = (name: string, time: string, e: Ellipse) =>
    `<Placemark><name>${escape(name)}</name><TimeStamp><when>${time}</when></TimeStamp><Style><PolyStyle><color>664c8aff</color></PolyStyle></Style><Polygon><outerBoundaryIs><LinearRing><coordinates>${kmlRing(e)}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>${escape(`${track.label} (${banner(node)})`)}</name>
${line('flown', 'ff4c8aff')}${line('predicted', '994c8aff')}${track.launch ? area(`${track.label} launch 95 %`, track.launch.time, track.launch.area) : ''}${track.impact ? area(`${track.label} predicted impact 95 %`, track.impact.time, track.impact.area) : ''}</Document></kml>
`;
}

export function toCzml(track: Track, node: NodeInfo): string {
  const points = pointsOf(track);
  const from = points[0]?.time ?? track.time;
  const until = points.at(-1)?.time ?? track.time;
  const seconds = (time: string) => (Date.parse(time) - Date.parse(from)) / 1000;
  const packets: object[] = [
    { id: 'document', name: `${track.label} (${banner(node)})`, version: '1.0', clock: { interval: `${from}/${until}`, currentTime: node.time } },
    {
      id: track.number, name: track.label, availability: `${from}/${until}`,
      position: { epoch: from, cartographicDegrees: points.flatMap((p) => [seconds(p.time), p.lon_deg, p.lat_deg, p.height_m]) },
      point: { pixelSize: 10, color: { rgba: [255, 138, 76, 255] } },
      path: { width: 3, material: { solidColor: { color: { rgba: [255, 138, 76, 255] } } } },
      label: { text: `${node.mode.toUpperCase()} ${track.label}`, font: '14px sans-serif' },
    },
  ];
  for (const [id, estimate] of [['launch', track.launch], ['impact', track.impact]] as const)
    if (estimate)
      packets.push({
        id: `${track.number}-${id}`, name: `${track.label} ${id} 95 %`,
        position: { cartographicDegrees: [estimate.area.lon_deg, estimate.area.lat_deg, 0] },
        polygon: { positions: { cartographicDegrees: ellipseRing(estimate.area, 48).flatMap(([lon, lat]) => [lon, lat, 0]) }, height: 0, material: { solidColor: { color: { rgba: [255, 138, 76, 90] } } } },
      });
  return JSON.stringify(packets, null, 1);
}

export function save(name: string, content: string | Blob, type: string): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10e3);
}
