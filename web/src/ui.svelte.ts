// What the person at the screen has chosen. Nothing here comes from the node; language, theme and map are remembered.
import { readSession, type Answer, type Session } from './feed/commands';
import { say, sayData, firstLanguage, type Fill, type Key, type Language } from './text';
import type { Product } from './feed/types';

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

class Ui {
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
    | { kind: 'decide'; product: Product; decision: 'confirm' | 'withdraw' }
  >(null);
  notice = $state.raw<{ ok: boolean; text: string } | null>(null);
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  t = (key: Key, fill?: Fill): string => say(this.language, key, fill);
  d = (prefix: string, value: string): string => sayData(this.language, prefix, value);
  nation = (code: string): string => sayData(this.language, 'nation', code);

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
  }
}

export const ui = new Ui();
