// The feed's contract (docs/console-feed.md) as the console reads it. Times are RFC 3339 UTC, angles in degrees,
// lengths in metres; null is "not known".

export type Mode = 'exercise' | 'test' | 'live' | 'replay';
export type Source = 'infrared' | 'radar' | 'partner' | 'voice' | 'system' | 'service';
export type Life = 'tentative' | 'confirmed' | 'coasting' | 'lost' | 'ended' | 'failed';
export type Phase = 'unknown' | 'boost' | 'coast' | 'reentry';

export interface Ellipse {
  lat_deg: number;
  lon_deg: number;
  semi_major_95_m: number;
  semi_minor_95_m: number;
  azimuth_deg: number;
}

/** A time and a place on the ground, each with its uncertainty. `area_50` may be left out: it follows from `area`. */
export interface GroundEstimate {
  time: string;
  time_sigma_s: number;
  area: Ellipse;
  area_50?: Ellipse | null;
}

/** [seconds from the track's `arc_zero_ms`, latitude, longitude, height]; in the feed `flown` counts backwards, the
 *  console turns it round (apply.ts): past is negative here. */
export type ArcPoint = [number, number, number, number];

export interface Contributor {
  nation: string;
  sources: Source[];
  first_valid: string | null;
  last_valid: string | null;
  contributions: number;
  impact: GroundEstimate | null;
  launch: GroundEstimate | null;
}

export interface Track {
  number: string;
  label: string;
  event: string;
  life: Life;
  reason: string;
  phase: Phase;
  sources: Source[];
  time: string;
  age_s: number;
  first_detection: string | null;
  last_update: string | null;
  position_ecef_m: [number, number, number];
  velocity_ecef_m_s: [number, number, number];
  lat_deg: number;
  lon_deg: number;
  height_m: number;
  speed_m_s: number;
  heading_deg: number;
  position_sigma_m: number | null;
  launch: GroundEstimate | null;
  impact: GroundEstimate | null;
  impact_reason: string;
  /** Where it may fall as a mixture; null when `impact` says it all. */
  impact_map?: { weight: number; area: Ellipse }[] | null;
  /** What kind of flight it is, as probabilities. */
  class?: Record<string, number>;
  flown: ArcPoint[];
  predicted: ArcPoint[];
  /** Set by the console: node.time of the message that brought the track, which the arcs count from. */
  arc_zero_ms?: number;
  contributors?: Contributor[];
}

export type Words = Partial<Record<'en' | 'ja' | 'ko', string>>;
export type ProductState = 'proposed' | 'first_confirmed' | 'released' | 'withdrawn' | 'superseded';

export interface Product {
  id: string;
  event: string;
  label: string;
  stage: string;
  state: ProductState;
  rule: number;
  /** The product this one takes the place of. */
  supersedes?: string | null;
  issuer: string;
  proposed_at: string;
  released_at: string | null;
  expires: string | null;
  launch: GroundEstimate | null;
  impact: GroundEstimate | null;
  sources: Source[];
  single_source: boolean;
  areas: { code: string; name: Words; probability: number; earliest: string | null; latest?: string | null; threat?: 'impact' | 'overflight' | 'debris'; height_m?: number }[];
  seas?: { code: string; name: Words; probability: number }[];
  at_least?: number;
  first_operator: string | null;
  second_operator: string | null;
  headline: Words;
}

export type Digest = 'equal' | 'waiting' | 'different' | 'not_comparable';

export interface Link {
  nation: string;
  up: boolean[];
  round_trip_ms: number | null;
  clock_offset_ms: number | null;
  last_heard: string | null;
  queued_bytes: number;
  missing_records: number;
  backfill_left: number;
  relayed_by: string[];
  digest: Digest;
  membership?: 'active' | 'suspended' | 'revoked';
  /** The partner says that nobody answers at its screens. */
  unattended?: boolean;
}

export type SensorState = 'never' | 'alive' | 'degraded' | 'off' | 'silent';

export interface Sensor {
  name: string;
  kind: string;
  state: SensorState;
  last_heard: string | null;
  plots: number;
  rejected: number;
  lost_datagrams: number;
}

export interface Alarm {
  id: number;
  time: string;
  kind: string;
  text: string;
  nation: string | null;
  count: number;
  acknowledged: boolean;
  /** When the cause went away, where the node knows. */
  ended?: string | null;
}

/** An own radar into whose coverage a track will come, and the box of 3 sigma to search then. */
export interface Cue {
  track: string;
  label: string;
  sensor: string;
  inside: boolean;
  enters: string;
  leaves: string | null;
  range_m: number;
  az_deg: number;
  el_deg: number;
  sigma_range_m: number;
  sigma_az_deg: number;
  sigma_el_deg: number;
  volume_km3: number;
}

export interface Receipt {
  product: string;
  state: string;
  attempts: number;
  at: string | null;
  detail: string;
}

export interface Channel {
  name: string;
  kind: string;
  state: string;
  detail?: string;
  receipts: Receipt[];
}

/** A lost track asks what to do with the warnings that are out. */
export interface Question {
  event: string;
  label: string;
  asked: string;
  due: string;
  answered: boolean;
  escalated: boolean;
}

export interface WarningsInfo {
  channels?: Channel[];
  automatic?: string[];
  delegated?: string[];
  questions?: Question[];
}

/** A seismic event as an agency stated it, and what our six rules make of it. */
export interface Seismic {
  id: string;
  origin: string;
  agency: string | null;
  type: string | null;
  time: string;
  heard: string;
  lat_deg: number;
  lon_deg: number;
  horizontal_sigma_m: number | null;
  depth_m: number | null;
  depth_doubtful: boolean;
  magnitude: number | null;
  magnitude_type: string | null;
  verdict: 'nothing' | 'possible_explosion';
  verdict_text: string;
  site: string | null;
  distance_m: number | null;
  why: string;
}

/** A launch that this nation was told of, not one it saw. */
export interface LaunchReport {
  heard: string;
  class: 'service' | 'voice';
  source: string;
  person: string | null;
  number: string;
  object: string;
  launch: GroundEstimate | null;
}

export interface ReplayInfo {
  recording: string;
  nation: string;
  recorded_mode: Mode;
  from: string;
  until: string;
  position: string;
  playing: boolean;
  speed: number;
  busy: boolean;
  ended: boolean;
  identical: boolean;
  moments: { at: string; kind: 'start' | 'product' | 'alarm'; text: string }[];
}

export interface Milestones {
  detected: string | null;
  area20km: string | null;
  area20km_semi_major_m: number | null;
  tracked?: string | null;
  launch_known?: string | null;
  latest?: GroundEstimate | null;
  latest_at?: string | null;
  lost?: string | null;
}

export interface ValueOfSharing {
  event: string;
  label: string;
  nations: Record<string, Milestones>;
  shared: Milestones;
  own?: string | null;
}

/** 95 % semi-major axes over time as the node keeps them, so that a console opened late shows the whole curve. */
export interface SizeHistory {
  event: string;
  from: string;
  nations: string[];
  /** [seconds since `from`, shared, then one per nation], metres; null: no impact area then */
  rows: (number | null)[][];
}

export interface NodeInfo {
  nation: string;
  mode: Mode;
  version: string;
  epoch: number;
  time: string;
  rate: number;
  durable: boolean;
  counters: Record<string, unknown> & { warnings?: WarningsInfo };
}

export interface State {
  node: NodeInfo;
  tracks: Track[];
  alone: Track[];
  products: Product[];
  links: Link[];
  sensors: Sensor[];
  alarms: Alarm[];
  value: ValueOfSharing[];
  history: SizeHistory[];
  cues: Cue[];
  seismic: Seismic[];
  reports: LaunchReport[];
  replay?: ReplayInfo;
}

export type Message =
  | { type: 'snapshot'; seq: number; state: Partial<State> }
  | { type: 'delta'; seq: number; after: number; state: Partial<State> }
  | { type: 'beat'; seq: number; feed: 'up' | 'down' | 'never'; since: string; time: string };
