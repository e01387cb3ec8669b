// The console's one source of data: the stream, what was received last, and how old it is.
import { apply, FeedGap, NOTHING, type Held } from './apply';
import type { Message, State } from './types';
import { parseTime } from '../model/format';

export type Dead = { why: 'gateway' | 'node' | 'never'; since_ms: number } | null;

/** Silence after which the console server counts as gone; it speaks every second. */
const SILENCE_MS = 2200;
const RETRY_MS = 400;
/** A connection gets this long to say its first word. */
const CONNECT_MS = 4000;

class Feed {
  constructor(private readonly path: string) {}
  /** The state as the node told it; replaced whole, never changed. */
  state = $state.raw<State | null>(null);
  /** The node's time now, ms UTC: its last word, run on at its rate. Stands still once the feed is dead. */
  now_ms = $state(0);
  /** Real seconds since the node last spoke. */
  age_s = $state(0);
  dead = $state.raw<Dead>(null);
  connected = $state(false);
  messages = 0;
  /** How often the node's time has jumped back: a replay that was set to an earlier moment. */
  rewinds = $state(0);

  private held: Held = NOTHING;
  private socket: WebSocket | null = null;
  private heardAt = performance.now(); // anything from the gateway
  private triedAt = 0;
  private stopped = true;
  private dataAt = performance.now(); // state from the node
  private nodeTime = 0;
  private rate = 1;
  private feedDown: { since_ms: number; never: boolean } | null = null;

  start(): () => void {
    this.stopped = false;
    this.held = NOTHING;
    this.state = null; // here and not at the end: what shows it may still be on the screen then
    this.dead = null;
    this.heardAt = performance.now();
    this.connect();
    const timer = setInterval(() => this.tick(), 100);
    return () => {
      this.stopped = true;
      clearInterval(timer);
      this.socket?.close();
      this.socket = null;
    };
  }

  /** The node's time at this instant, for drawing between ticks. */
  nodeTimeNow(): number {
    if (this.dead) return this.now_ms;
    return this.nodeTime + (performance.now() - this.dataAt) * this.rate;
  }

  private connect(): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}${this.path}`, 'watchfire-stream');
    this.socket = socket;
    socket.onopen = () => (this.connected = true);
    socket.onmessage = (event) => this.take(event.data as string, socket);
    socket.onclose = () => this.drop(socket);
    this.triedAt = performance.now();
  }

  /** Gives a connection up and tries again soon; does not wait for the other side to agree to the closing. */
  private drop(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.connected = false;
    this.socket = null;
    this.held = NOTHING;
    socket.close();
    setTimeout(() => !this.stopped && this.socket === null && this.connect(), RETRY_MS);
  }

  private take(text: string, socket: WebSocket): void {
    if (socket !== this.socket) return;
    const message = JSON.parse(text) as Message;
    this.heardAt = performance.now();
    this.messages++;
    if (message.type === 'beat') {
      const down = message.feed !== 'up';
      this.feedDown = down ? { since_ms: parseTime(message.since) ?? Date.now(), never: message.feed === 'never' } : null;
    } else {
      try {
        this.held = apply(this.held, message);
      } catch (error) {
        if (!(error instanceof FeedGap)) throw error;
        this.drop(socket); // a new connection brings a snapshot
        return;
      }
      this.state = this.held.state;
      const node = this.held.state!.node;
      const time = parseTime(node.time) ?? 0;
      if (time < this.nodeTime - 1000) this.rewinds++;
      this.nodeTime = time;
      this.rate = node.rate;
      this.dataAt = this.heardAt;
    }
    this.tick();
  }

  private tick(): void {
    const now = performance.now();
    const silent = now - this.heardAt > SILENCE_MS;
    if (silent && this.socket && now - this.triedAt > CONNECT_MS) this.drop(this.socket);
    this.age_s = (now - this.dataAt) / 1000;
    if (silent || (!this.connected && this.state === null && now - this.heardAt > SILENCE_MS)) {
      this.dead ??= { why: 'gateway', since_ms: Date.now() - (now - this.heardAt) };
    } else if (this.feedDown) {
      this.dead = { why: this.feedDown.never ? 'never' : 'node', since_ms: this.feedDown.since_ms };
    } else {
      this.dead = null;
    }
    if (!this.dead && this.state) this.now_ms = this.nodeTimeNow();
  }
}

/** What the node says now; it runs on whatever page is looked at. */
export const live = new Feed('/api/v1/stream');
/** The recording that is open. */
export const replayed = new Feed('/api/v1/replay/stream');

/** What the screen shows: every part of the Watch page works on a recording as it does on the present. */
class Shown {
  private from = $state.raw(live);
  show(which: Feed): void {
    this.from = which;
  }
  get isReplay(): boolean {
    return this.from === replayed;
  }
  get state() {
    return this.from.state;
  }
  get now_ms() {
    return this.from.now_ms;
  }
  get age_s() {
    return this.from.age_s;
  }
  get dead() {
    return this.from.dead;
  }
  get rewinds() {
    return this.from.rewinds;
  }
  nodeTimeNow(): number {
    return this.from.nodeTimeNow();
  }
}

export const feed = new Shown();
