// A person's own marks in a recording, remembered in this browser by the recording's name.
const NEAR_MS = 3000;
const MAX = 50;

export class Bookmarks {
  constructor(
    private readonly recording: string,
    readonly list: readonly number[] = [],
  ) {}

  static of(recording: string): Bookmarks {
    try {
      const list = JSON.parse(localStorage.getItem(`watchfire.marks.${recording}`) ?? '[]') as unknown[];
      return new Bookmarks(recording, list.filter((n): n is number => typeof n === 'number').slice(0, MAX));
    } catch {
      return new Bookmarks(recording);
    }
  }

  /** Sets one here, or takes away the one that is near. */
  toggle(ms: number): Bookmarks {
    const near = this.list.find((n) => Math.abs(n - ms) < NEAR_MS);
    const list = near === undefined ? [...this.list, ms].sort((a, b) => a - b).slice(-MAX) : this.list.filter((n) => n !== near);
    try {
      localStorage.setItem(`watchfire.marks.${this.recording}`, JSON.stringify(list));
    } catch {
      /* they last as long as the page */
    }
    return new Bookmarks(this.recording, list);
  }
}
