// What the person at the screen has chosen. Nothing here comes from the node; language, theme and map are remembered.
import { readSession, stayActive, type Answer, type Decision, type Session } from './feed/commands';
import { hashOf, pageOf, type Page } from './router';
import { say, sayData, firstLanguage, type Fill, type Key, type Language } from './text';
import type { Product } from './feed/types';
import { Shelf } from './model/alarms';

export type Theme = 'dark' | 'light';

function remembered<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(`watchfire.${key}`) as T | null;
    return value && allowed.includes(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`watchfire.${key}`, value);
  } catch {
    /* a locked-down browser: choices last as long as the page */
  }
}

function readText(key: string): string {
  try {
    return localStorage.getItem(`watchfire.${key}`) ?? '';
  } catch {
    return '';
  }
}

class Ui {
  page = $state<Page>(pageOf(location.hash));
  language = $state<Language>(remembered('language', ['en', 'ja', 'ko'], firstLanguage(navigator.languages)));
  theme = $state<Theme>(remembered('theme', ['dark', 'light'], 'dark'));
  map = $state<'globe' | 'flat'>(remembered('map', ['globe', 'flat'], 'globe'));
  showAlone = $state(remembered('alone', ['yes', 'no'], 'yes') === 'yes');
  follow = $state(true);
  /** null: the most urgent one. */
  chosen = $state<string | null>(null);
  seen = $state.raw<ReadonlySet<string>>(new Set());
  session = $state.raw<Session>({ person: null, peers: [] });
  dialog = $state.raw<
    | null
    | { kind: 'help' }
    | { kind: 'sign-in' }
    | { kind: 'decide'; product: Product; decision: Decision }
  >(null);
  /** The Replay page has a recording open: the screen shows it and not the present. */
  replaying = $state(false);
  sound = $state(remembered('sound', ['on', 'off'], 'on') === 'on');
  shelf = $state.raw(Shelf.read(readText('shelf')));
  notice = $state.raw<{ ok: boolean; text: string } | null>(null);
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  t = (key: Key, fill?: Fill): string => say(this.language, key, fill);
  d = (prefix: string, value: string): string => sayData(this.language, prefix, value);
  nation = (code: string): string => sayData(this.language, 'nation', code);

  go(page: Page): void {
    location.hash = hashOf(page);
    this.page = page;
  }

  setSound(on: boolean): void {
    this.sound = on;
    remember('sound', on ? 'on' : 'off');
  }

  setShelf(shelf: Shelf): void {
    this.shelf = shelf;
    remember('shelf', shelf.write());
  }

  /** Whether this screen's person may decide; says so where it cannot be. */
  get mayAct(): boolean {
    return this.session.person !== null && !this.session.locked && this.session.role !== 'viewer' && this.session.role !== 'administrator';
  }

  setLanguage(language: Language): void {
    this.language = language;
    remember('language', language);
    document.documentElement.lang = language;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    remember('theme', theme);
    document.documentElement.dataset['theme'] = theme;
  }

  setMap(map: 'globe' | 'flat'): void {
    this.map = map;
    this.follow = true;
    remember('map', map);
  }

  setAlone(show: boolean): void {
    this.showAlone = show;
    remember('alone', show ? 'yes' : 'no');
  }

  choose(event: string): void {
    this.chosen = event;
    this.follow = true;
    this.markSeen(event);
  }

  markSeen(event: string): void {
    if (!this.seen.has(event)) this.seen = new Set([...this.seen, event]);
  }

  say(answer: Answer, what: string): void {
    const text = answer.ok
      ? this.t('answer.ok', { what })
      : answer.status === 'offline'
        ? this.t('answer.offline')
        : this.t('answer.failed', { why: answer.text || answer.status });
    this.notice = { ok: answer.ok, text };
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => (this.notice = null), 6000);
  }

  async refreshSession(): Promise<void> {
    const session = await readSession();
    if (session) this.session = session;
    this.sessionRead = true;
  }

  /** Whether the gateway has said how one signs in here. */
  sessionRead = $state(false);
  private activeAt = 0;

  /** The person is there: told to the gateway at most once a minute. */
  noteActive(): void {
    const now = Date.now();
    if (!this.session.accounts || !this.session.person || now - this.activeAt < 60e3) return;
    this.activeAt = now;
    void stayActive().then(() => this.refreshSession());
  }
}

export const ui = new Ui();
