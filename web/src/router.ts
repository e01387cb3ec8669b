// Which page, from the address behind "#": each page can be linked to, and the browser's own back works.
export const PAGES = ['watch', 'release', 'replay', 'exercise', 'system', 'log'] as const;
export type Page = (typeof PAGES)[number];

export function pageOf(hash: string): Page {
  const word = hash.replace(/^#\/?/, '').split(/[/?]/)[0]!;
  return (PAGES as readonly string[]).includes(word) ? (word as Page) : 'watch';
}

export function hashOf(page: Page): string {
  return `#/${page}`;
}
