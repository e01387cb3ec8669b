// The answers of the pages' endpoints (docs/openapi.yaml) as the console reads them.
import type { Mode, ReplayInfo } from './types';

export const RELEASE_KINDS = ['detection', 'tracklet', 'launch', 'status', 'product', 'link_status', 'plot', 'seismic'] as const;
export const LOG_KINDS = ['product', 'action', 'policy_change', 'node_status', 'digest', 'detection', 'tracklet', 'launch', 'object_status', 'seismic', 'all'] as const;

export interface Policy {
  nation: string;
  policy: string;
  source: string;
  rules: { name: string; audience: string[]; kinds: string[]; effects: string[] }[];
}

export interface ReleaseRow {
  position: number;
  at: string;
  until: string;
  audience: string[];
  kind: string;
  object: string;
  outcome: 'told' | 'withheld' | 'held';
  rule: string;
  policy: string;
  why: string;
  count: number;
}

export interface Explanation {
  answers: { kind: string; from: string; to: string[]; allowed: boolean; why: string; rule: string | null; steps: string[]; effects: string[]; policy: string }[];
}

export interface LogRow {
  position: number;
  published: string;
  origin: string;
  writer: number;
  audience: string[];
  class: string;
  epoch: number;
  number: number;
  kind: string;
  summary: string;
  durable: boolean;
  signature: 'good' | 'bad' | 'no_key';
  product?: { id: string; event: string; label: string; stage: string; state: string };
  action?: { person: string; role: string | null; what: string; subject: string; reason: string; outcome: string };
}

export interface Page<Row> {
  rows: Row[];
  next: number | null;
}

export interface System {
  node: { nation: string; mode: Mode; writer: number; version: string; epoch: number; durable: boolean; time: string; uptime_s: number };
  clock: { utc: string; record: string; rate: number };
  queues: { name: string; used: number; capacity: number; unit: 'bytes' | 'items'; lost: number }[];
  versions: Record<string, string>;
  certificates: { what: string; nation: string | null; subject: string; not_before: string; not_after: string; days_left: number; state: 'good' | 'soon' | 'expired' | 'not_yet' }[];
  gateway: { version: string; clients: number; sessions: number; feed: string; memory_bytes: number };
}

export interface ReplayRoom {
  recordings: { name: string; bytes: number; modified: string }[];
  replay: ReplayInfo | null;
}

export interface Exercise {
  scenario: string;
  title: string;
  state: 'running' | 'paused' | 'over';
  time: string;
  from: string;
  until: string;
  rate: number;
  launches: { name: string; at: string; injected: boolean }[];
  faults: { kind: 'silence_sensor' | 'kill_node'; nation: string; target: string; from: string; until: string | null; injected: boolean }[];
  can: { launches: string[]; sensors: { nation: string; name: string }[]; nations: string[] };
}
