#!/usr/bin/env node
// A TEST TOOL: plays the daemon's side of the console feed (docs/console-feed.md) over a Unix socket, with made-up
// flights from simple ballistic maths and made-up sizes of error. Used by the console's own tests, its measurements
// and while designing screens; the real figures come from `make demo`.
//
//   node tools/fake-feed.mjs --socket /tmp/feed.sock [--nation JPN] [--mode exercise] [--rate 5] [--hz 5]
//                            [--flights trilateral|salvo|none|N] [--start SECONDS] [--hold]
//
// --start: seconds into the scenario at which it begins; --hold: time stands still there (for pictures).
import net from 'node:net';
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

const RAD = Math.PI / 180;
const A = 6378137.0, F = 1 / 298.257223563, E2 = F * (2 - F), R = 6371008.8;

const iso = (ms) => new Date(ms).toISOString();
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

function ecef(lat, lon, h) {
  const s = Math.sin(lat * RAD), c = Math.cos(lat * RAD), n = A / Math.sqrt(1 - E2 * s * s);
  return [(n + h) * c * Math.cos(lon * RAD), (n + h) * c * Math.sin(lon * RAD), (n * (1 - E2) + h) * s];
}

/** Distance (m) and bearing (degrees) on a sphere. */
function course(a, b) {
  const [f1, f2, dl] = [a.lat * RAD, b.lat * RAD, (b.lon - a.lon) * RAD];
  const y = Math.sin(dl) * Math.cos(f2), x = Math.cos(f1) * Math.sin(f2) - Math.sin(f1) * Math.cos(f2) * Math.cos(dl);
  const z = Math.sin(f1) * Math.sin(f2) + Math.cos(f1) * Math.cos(f2) * Math.cos(dl);
  return { distance: Math.atan2(Math.hypot(x, y), z) * R, bearing: (Math.atan2(y, x) / RAD + 360) % 360 };
}

function along(a, bearing, distance) {
  const d = distance / R, f = a.lat * RAD, t = bearing * RAD;
  const lat = Math.asin(Math.sin(f) * Math.cos(d) + Math.cos(f) * Math.sin(d) * Math.cos(t));
  const lon = a.lon * RAD + Math.atan2(Math.sin(t) * Math.sin(d) * Math.cos(f), Math.cos(d) - Math.sin(f) * Math.sin(lat));
  return { lat: lat / RAD, lon: ((lon / RAD + 540) % 360) - 180 };
}

function random(seed) {
  let s = seed >>> 0;
  return () => ((s = (Math.imul(s ^ (s >>> 15), s | 1) + 0x6d2b79f5) >>> 0), ((s ^ (s >>> 14)) >>> 0) / 4294967296);
}

/** What each nation's own sensors would make of a flight: seconds after launch of the first detection, of the first
 *  impact prediction, its 95 % semi-major axis then, how fast it shrinks, and what it never gets below. */
const OVERFLIGHT = {
  USA: { sources: ['infrared'], detect: 31, predict: 118, size: 310e3, halve: 95, floor: 46e3, until: 1e9 },
  KOR: { sources: ['radar'], detect: 64, predict: 96, size: 190e3, halve: 60, floor: 27e3, until: 420 },
  JPN: { sources: ['radar'], detect: 141, predict: 178, size: 150e3, halve: 42, floor: 7.5e3, until: 1e9 },
};
const LOFTED = {
  USA: { sources: ['infrared'], detect: 29, predict: 130, size: 280e3, halve: 90, floor: 50e3, until: 1e9 },
  KOR: { sources: ['radar'], detect: 51, predict: 90, size: 120e3, halve: 50, floor: 12e3, until: 1e9 },
  JPN: { sources: ['radar'], detect: 96, predict: 140, size: 110e3, halve: 45, floor: 9e3, until: 1e9 },
};

const SCENARIOS = {
  none: [],
  trilateral: [
    { label: 'K7Q2FM', at: 0, from: { lat: 40.1, lon: 125.2 }, to: { lat: 39.9, lon: 148.6 }, apogee: 690e3, flight: 905, nations: OVERFLIGHT },
  ],
  salvo: [
    { label: 'K7Q2FM', at: 0, from: { lat: 40.1, lon: 125.2 }, to: { lat: 39.9, lon: 148.6 }, apogee: 690e3, flight: 905, nations: OVERFLIGHT },
    { label: 'P3XW8D', at: 40, from: { lat: 39.2, lon: 125.7 }, to: { lat: 40.6, lon: 138.9 }, apogee: 430e3, flight: 610, nations: LOFTED },
    { label: 'T5HC4R', at: 105, from: { lat: 40.8, lon: 129.3 }, to: { lat: 40.2, lon: 137.2 }, apogee: 260e3, flight: 470, nations: LOFTED },
  ],
};

function many(count) {
  const r = random(7);
  return Array.from({ length: count }, (_, i) => {
    const from = { lat: 38.5 + 3 * r(), lon: 125 + 5 * r() };
    const to = along(from, 20 + 140 * r(), 900e3 + 4200e3 * r());
    const range = course(from, to).distance;
    return { label: (0x10000 + i * 7919).toString(36).toUpperCase().padStart(6, 'A').slice(-6), at: -200 * r(), from, to, apogee: 0.23 * range, flight: 320 + range / 6200, nations: OVERFLIGHT };
  });
}

const fraction = (s) => (s <= 0 ? 0 : s >= 1 ? 1 : s < 0.2 ? 2.27 * s * s : 0.0908 + (s - 0.2) * 1.1365);

function place(flight, t) {
  const s = clamp(t / flight.flight, 0, 1);
  const { distance, bearing } = flight.course;
  const p = along(flight.from, bearing, distance * fraction(s));
  return { ...p, h: Math.max(0, flight.apogee * 4 * s * (1 - s)) };
}

/** 95 % semi-major axis of one nation's own prediction t seconds after launch; null before there is one. */
function sizeOf(sensing, t) {
  if (t < sensing.predict) return null;
  const seen = Math.min(t, sensing.until) - sensing.predict;
  const grown = t > sensing.until ? (t - sensing.until) * 12 : 0;
  return Math.hypot(sensing.size * 2 ** (-seen / sensing.halve), sensing.floor) + grown;
}

function fusedSize(flight, t) {
  let information = 0;
  for (const sensing of Object.values(flight.nations)) {
    const own = sizeOf(sensing, t - 1);
    if (own) information += 1 / (own * own);
    // Before a nation can predict alone, what it sees still helps the others.
    else if (t - 1 > sensing.detect + 12) information += 1 / (sensing.size * 1.6) ** 2;
  }
  return information ? 1 / Math.sqrt(information) : null;
}

function ellipse(flight, semi, key, squash) {
  const r = random(flight.seed + key.length * 977 + key.charCodeAt(0));
  const off = along(flight.to, r() * 360, semi * 0.3 * (0.4 + r()));
  return { lat_deg: off.lat, lon_deg: off.lon, semi_major_95_m: semi, semi_minor_95_m: semi * squash, azimuth_deg: (flight.course.bearing + (r() - 0.5) * 50 + 360) % 180 };
}

function impact(flight, semi, key, epoch, squash = 0.42) {
  if (!semi) return null;
  const r = random(flight.seed + key.length * 31 + key.charCodeAt(1));
  const sigma = semi / 2.45 / 2600;
  return {
    time: iso(epoch + (flight.at + flight.flight + (r() - 0.5) * sigma) * 1000), time_sigma_s: sigma,
    area: ellipse(flight, semi, key, squash), area_50: { ...ellipse(flight, semi, key, squash), semi_major_95_m: semi * 0.4810, semi_minor_95_m: semi * squash * 0.4810 },
  };
}

function launchOf(flight, semi, key, epoch) {
  const r = random(flight.seed + key.charCodeAt(0) * 13);
  const off = along(flight.from, r() * 360, semi * 0.3);
  return { time: iso(epoch + flight.at * 1000 + (r() - 0.5) * 2000), time_sigma_s: 1.4, area: { lat_deg: off.lat, lon_deg: off.lon, semi_major_95_m: semi, semi_minor_95_m: semi * 0.6, azimuth_deg: 70 } };
}

function arcs(flight, t, n) {
  const flown = [], predicted = [], end = flight.flight;
  for (let i = 0; i <= n; i++) {
    const at = (i / n) * t, p = place(flight, at);
    flown.push([+(t - at).toFixed(1), +p.lat.toFixed(4), +p.lon.toFixed(4), Math.round(p.h)]);
  }
  for (let i = 0; i <= n && t < end; i++) {
    const at = t + (i / n) * (end - t), p = place(flight, at);
    predicted.push([+(at - t).toFixed(1), +p.lat.toFixed(4), +p.lon.toFixed(4), Math.round(p.h)]);
  }
  return { flown, predicted };
}

const phaseOf = (flight, t) => (t < 0.16 * flight.flight ? 'boost' : t > 0.92 * flight.flight ? 'reentry' : 'coast');
const AREAS = [
  { code: 'JP-01', name: { en: 'Hokkaido', ja: '北海道', ko: '홋카이도' }, p: 0.04 },
  { code: 'JP-02', name: { en: 'Aomori', ja: '青森県', ko: '아오모리현' }, p: 0.31 },
  { code: 'JP-03', name: { en: 'Iwate', ja: '岩手県', ko: '이와테현' }, p: 0.12 },
];

export class FakeNode {
  constructor(options = {}) {
    this.o = { nation: 'JPN', mode: 'exercise', rate: 5, hz: 5, flights: 'trilateral', start: 0, hold: false, ...options };
    this.clients = new Set();
    this.seq = 0;
    this.decisions = new Map(); // product id → { state, first, second }
    this.acknowledged = new Set();
    const list = SCENARIOS[this.o.flights] ?? many(Number(this.o.flights));
    this.flights = list.map((flight, i) => ({ ...flight, course: course(flight.from, flight.to), seed: 1000 + i * 17, event: `e${(i + 1).toString(16).padStart(15, '0')}`, number: `9f3c${(i + 1).toString(16).padStart(12, '0')}` }));
    this.realStart = Date.now();
    this.epoch = Math.floor(this.realStart / 1000) * 1000 - this.o.start * 1000;
    this.silent = false;
    this.linkDown = null;
  }

  /** Record time: scenario seconds. */
  now() {
    return this.o.start + (this.o.hold ? 0 : ((Date.now() - this.realStart) / 1000) * this.o.rate);
  }

  /** Lets time run again from where it was held. */
  release() {
    this.o.start = this.now();
    this.realStart = Date.now();
    this.o.hold = false;
  }

  track(flight, now, alone) {
    const t = now - flight.at, own = flight.nations[this.o.nation];
    const detects = alone ? own.detect : Math.min(...Object.values(flight.nations).map((s) => s.detect)) + 1;
    if (t < detects || t > flight.flight + 240) return null;
    const flying = Math.min(t, flight.flight), p = place(flight, flying), q = place(flight, Math.min(flying + 1, flight.flight));
    const pos = ecef(p.lat, p.lon, p.h), next = ecef(q.lat, q.lon, q.h), velocity = next.map((x, i) => x - pos[i]);
    const size = alone ? sizeOf(own, t) : fusedSize(flight, t);
    const seen = Object.entries(flight.nations).filter(([, s]) => t - 1 > s.detect);
    const last = t > flight.flight ? this.epoch + (flight.at + flight.flight) * 1000 : this.epoch + (now - 0.4) * 1000;
    const common = {
      number: flight.number, label: flight.label, event: flight.event,
      life: t > flight.flight + 20 ? 'ended' : t < detects + 8 ? 'tentative' : 'confirmed',
      reason: t > flight.flight + 20 ? 'impact_time_passed' : 'none', phase: phaseOf(flight, flying),
      sources: alone ? own.sources : [...new Set(seen.flatMap(([, s]) => s.sources))],
      time: iso(this.epoch + now * 1000), age_s: (this.epoch + now * 1000 - last) / 1000,
      first_detection: iso(this.epoch + (flight.at + detects) * 1000), last_update: iso(last),
      position_ecef_m: pos, velocity_ecef_m_s: velocity, lat_deg: p.lat, lon_deg: p.lon, height_m: p.h,
      speed_m_s: Math.hypot(...velocity), heading_deg: course(p, q).bearing || flight.course.bearing,
      position_sigma_m: (size ?? 400e3) / 160,
      launch: t > detects + 5 ? launchOf(flight, alone ? 22e3 : 9e3, alone ? 'own' : 'fused', this.epoch) : null,
      impact: impact(flight, size, alone ? 'own' : 'fused', this.epoch), impact_reason: size ? 'ok' : 'thrusting',
      ...arcs(flight, flying, this.flights.length > 200 ? (alone ? 6 : 24) : 60),
    };
    if (!size) common.predicted = [];
    if (alone) return common;
    common.contributors = seen.map(([nation, s]) => ({
      nation, sources: s.sources, first_valid: iso(this.epoch + (flight.at + s.detect) * 1000),
      last_valid: iso(Math.min(last, this.epoch + (flight.at + s.until) * 1000)), contributions: Math.floor((Math.min(t, s.until) - s.detect) / 2) + 1,
      impact: impact(flight, sizeOf(s, t), nation, this.epoch, nation === 'USA' ? 0.3 : 0.5),
      launch: t > s.detect + 5 ? launchOf(flight, nation === 'USA' ? 11e3 : 24e3, nation, this.epoch) : null,
    }));
    return common;
  }

  valueOf(flight, now) {
    const t = now - flight.at, at = (s) => iso(this.epoch + (flight.at + s) * 1000);
    const below = (sizeAt) => {
      for (let s = 0; s <= Math.min(t, flight.flight); s++) { const size = sizeAt(s); if (size && size < 20e3) return { when: s, size }; }
      return null;
    };
    const entry = (detect, sizeAt) => {
      const found = below(sizeAt);
      return { detected: t >= detect ? at(detect) : null, area20km: found ? at(found.when) : null, area20km_semi_major_m: found ? found.size : null };
    };
    const nations = Object.fromEntries(Object.entries(flight.nations).map(([n, s]) => [n, entry(s.detect, (x) => sizeOf(s, x))]));
    return { event: flight.event, label: flight.label, nations, shared: entry(Math.min(...Object.values(flight.nations).map((s) => s.detect)) + 1, (x) => fusedSize(flight, x)) };
  }

  history(flight, now) {
    const t = now - flight.at, nations = Object.keys(flight.nations), rows = [];
    for (let s = 0; s <= Math.min(t, flight.flight); s += 5) {
      const row = [s, fusedSize(flight, s), ...nations.map((n) => sizeOf(flight.nations[n], s))];
      if (row.slice(1).some((m) => m !== null)) rows.push(row.map((m) => (m === null ? null : Math.round(m))));
    }
    return { event: flight.event, from: iso(this.epoch + flight.at * 1000), nations, rows };
  }

  product(flight, now, stage, rule, after, headline, extra = {}) {
    const t = now - flight.at;
    if (t < after) return null;
    const id = `${flight.number.slice(-4)}${rule.toString(16).padStart(4, '0')}`;
    const decided = this.decisions.get(id) ?? { state: 'proposed', first: null, second: null, released: null };
    const track = this.track(flight, Math.min(now, flight.at + flight.flight), false);
    return { id, event: flight.event, label: flight.label, stage, state: decided.state, rule, issuer: this.o.nation, proposed_at: iso(this.epoch + (flight.at + after) * 1000),
      released_at: decided.released, expires: iso(this.epoch + (flight.at + flight.flight + 600) * 1000), launch: track?.launch ?? null, impact: track?.impact ?? null, sources: track?.sources ?? [],
      single_source: (track?.sources ?? []).length < 2, areas: [], first_operator: decided.first, second_operator: decided.second, headline, ...extra };
  }

  products(now) {
    const out = [];
    for (const flight of this.flights.slice(0, 3)) {
      out.push(this.product(flight, now, 'launch_notice', 1, 45, { en: 'Missile launch detected', ja: 'ミサイル発射を探知', ko: '미사일 발사 탐지' }));
      out.push(this.product(flight, now, 'area', 2, 150, { en: 'Missile launched: predicted impact area', ja: 'ミサイル発射：落下予測区域', ko: '미사일 발사: 예상 낙하 구역' }));
      if (flight.label === 'K7Q2FM' && this.o.nation === 'JPN')
        out.push(this.product(flight, now, 'threatened_areas', 3, 215, { en: 'Missile may pass over: take shelter', ja: 'ミサイル通過の可能性：避難してください', ko: '미사일 통과 가능: 대피하십시오' },
          { areas: AREAS.map(({ p, ...a }, i) => ({ ...a, probability: p, earliest: iso(this.epoch + (flight.at + flight.flight * 0.62 + i * 9) * 1000) })) }));
    }
    return out.filter(Boolean).sort((a, b) => (a.proposed_at < b.proposed_at ? 1 : -1));
  }

  links(now) {
    const others = ['JPN', 'USA', 'KOR'].filter((n) => n !== this.o.nation), time = iso(this.epoch + now * 1000 - 150);
    return others.map((nation, i) => {
      const down = this.linkDown === nation;
      return { nation, up: down ? [false, false] : [true, true], round_trip_ms: down ? null : 0.4 + 0.2 * i, clock_offset_ms: down ? null : 0.1 - 0.3 * i, last_heard: down ? iso(this.epoch + (now - 40) * 1000) : time,
        queued_bytes: down ? 48211 : 0, missing_records: down ? 12 : 0, backfill_left: down ? 12 : 0, relayed_by: down ? [others[1 - i]] : [], digest: down ? 'waiting' : 'equal' };
    });
  }

  sensors(now) {
    const kinds = { JPN: ['radar', 'radar'], KOR: ['radar', 'radar'], USA: ['infrared', 'infrared', 'radar'] }[this.o.nation];
    return kinds.map((kind, i) => ({ name: `${this.o.nation}-${kind === 'radar' ? 'R' : 'S'}${i + 1}`, kind, state: i === 9 ? 'silent' : 'alive', last_heard: iso(this.epoch + (now - 0.3 - 0.9 * i) * 1000), plots: 120 + Math.floor(now * 3) + i * 40, rejected: i * 3, lost_datagrams: 0 }));
  }

  alarms(now) {
    const out = [];
    if (now > 60) out.push({ id: 7, time: iso(this.epoch + 58e3), kind: 'link_lost', text: 'lane 2 was down for 1.4 s; 3 records backfilled', nation: this.o.nation === 'KOR' ? 'JPN' : 'KOR', count: 1 });
    if (this.linkDown) out.push({ id: 8, time: iso(this.epoch + (now - 40) * 1000), kind: 'link_lost', text: 'nothing heard for 1 s', nation: this.linkDown, count: 3 });
    return out.map((alarm) => ({ ...alarm, acknowledged: this.acknowledged.has(alarm.id) }));
  }

  /** Receipts of what was released, and the question that a lost track asks (options.question). */
  warnings(now) {
    const released = [...this.decisions].filter(([, d]) => d.state === 'released');
    const channel = (name, kind, state) => ({ name, kind, state, detail: '', receipts: released.map(([product, d]) => ({ product, state, attempts: state === 'failed' ? 3 : 1, at: d.released, detail: state === 'failed' ? 'connection refused' : '' })) });
    const asked = this.epoch + (now - 18) * 1000, flight = this.flights[0];
    return { channels: [channel('CAP files', 'files', 'delivered'), channel('/cap/', 'atom', 'delivered'), channel('http://agency.example', 'post', 'failed')], automatic: [], delegated: [],
      questions: this.o.question && flight ? [{ event: flight.event, label: flight.label, asked: iso(asked), due: iso(asked + 60e3), answered: this.answered === true, escalated: false }] : [] };
  }

  cues(now) {
    const flight = this.flights[0], own = flight?.nations[this.o.nation];
    if (!own || !own.sources.includes('radar') || now < 60 || now > own.detect + 20) return [];
    return [{ track: flight.number, label: flight.label, sensor: `${this.o.nation}-R1`, inside: now > own.detect, enters: iso(this.epoch + own.detect * 1000), leaves: null, range_m: 912e3, az_deg: 311.4, el_deg: 6.2, sigma_range_m: 9e3, sigma_az_deg: 0.8, sigma_el_deg: 0.4, volume_km3: 5100 }];
  }

  state() {
    const now = this.now(), time = this.epoch + now * 1000;
    return {
      node: { nation: this.o.nation, mode: this.o.mode, version: '0.1.0', epoch: 1, time: iso(time), rate: this.o.hold ? 0 : this.o.rate, durable: true, counters: { plots: 812, records_in: 341, warnings: this.warnings(now) } }, cues: this.cues(now),
      tracks: this.flights.map((f) => this.track(f, now, false)).filter(Boolean),
      alone: this.flights.map((f) => this.track(f, now, true)).filter(Boolean),
      products: this.products(now), links: this.links(now), sensors: this.sensors(now), alarms: this.alarms(now),
      value: this.flights.slice(0, 20).filter((f) => now - f.at > 30).map((f) => this.valueOf(f, now)),
      history: this.flights.slice(0, 20).filter((f) => now - f.at > 30).map((f) => this.history(f, now)),
    };
  }

  send(socket, message) {
    const body = Buffer.from(JSON.stringify(message)), head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    socket.write(Buffer.concat([head, body]));
  }

  tick() {
    if (this.silent) return;
    const after = this.seq++;
    const { node, tracks, alone, links, sensors, ...slow } = this.state();
    const state = { node, tracks, alone, links, sensors, ...(this.seq % Math.max(1, this.o.hz) === 0 || this.changed ? slow : {}) };
    this.changed = false;
    for (const socket of this.clients) this.send(socket, { type: 'delta', seq: this.seq, after, state });
  }

  command(c) {
    if (c.command === 'acknowledge') {
      this.acknowledged.add(c.alarm);
      this.changed = true;
      return { status: 'ok', text: 'acknowledged' };
    }
    if (c.command !== 'decide') return { status: 'invalid', text: 'no such command' };
    const d = this.decisions.get(c.product) ?? { state: 'proposed', first: null, second: null, released: null };
    if (d.state === 'released' && c.decision === 'confirm') return { status: 'exists', text: 'already released' };
    this.changed = true;
    if (c.decision === 'keep') this.answered = true;
    else if (c.decision === 'withdraw') this.decisions.set(c.product, { ...d, state: 'withdrawn' });
    else if (!d.first) this.decisions.set(c.product, { ...d, state: 'first_confirmed', first: c.person });
    else if (d.first === c.person) return { status: 'denied', text: 'the second confirmation needs a different person' };
    else this.decisions.set(c.product, { ...d, state: 'released', second: c.person, released: iso(this.epoch + this.now() * 1000) });
    return { status: 'ok', text: c.decision };
  }

  listen(path) {
    fs.rmSync(path, { force: true });
    this.server = net.createServer((socket) => {
      let pending = Buffer.alloc(0);
      this.clients.add(socket);
      this.send(socket, { type: 'snapshot', seq: this.seq, state: this.state() });
      socket.on('data', (data) => {
        pending = Buffer.concat([pending, data]);
        while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
          const size = pending.readUInt32BE(0), c = JSON.parse(pending.subarray(4, 4 + size).toString());
          pending = pending.subarray(4 + size);
          this.send(socket, { type: 'answer', request: c.request, ...this.command(c) });
        }
      });
      socket.on('error', () => {});
      socket.on('close', () => this.clients.delete(socket));
    });
    // Not an interval: a machine too slow for it would do nothing else.
    const again = () => {
      const from = Date.now();
      this.tick();
      this.timer = setTimeout(again, Math.max(20, 1000 / this.o.hz - (Date.now() - from)));
    };
    this.timer = setTimeout(again, 1000 / this.o.hz);
    return new Promise((done) => this.server.listen(path, done));
  }

  close() {
    clearTimeout(this.timer);
    for (const socket of this.clients) socket.destroy();
    return new Promise((done) => this.server.close(done));
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const options = {};
  let socket;
  for (let i = 2; i < process.argv.length; i++) {
    const name = process.argv[i].replace(/^--/, '');
    if (name === 'hold') options.hold = true;
    else if (name === 'socket') socket = process.argv[++i];
    else options[name] = ['rate', 'hz', 'start'].includes(name) ? Number(process.argv[++i]) : process.argv[++i];
  }
  if (!socket) { console.error('fake-feed: --socket PATH is needed'); process.exit(2); }
  await new FakeNode(options).listen(socket);
  console.log(`fake feed for tests at ${socket}`);
}
