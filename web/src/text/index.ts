// Words in the person's language. Missing keys do not compile, and a test looks at the rest.
import { en, type Catalogue, type Key } from './en';
import { ja } from './ja';
import { ko } from './ko';

export type Language = 'en' | 'ja' | 'ko';
export const LANGUAGES: { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'ja', name: '日本語' },
  { code: 'ko', name: '한국어' },
];
export const CATALOGUES: Record<Language, Catalogue> = { en, ja, ko };

export type { Catalogue, Key };
export type Fill = Record<string, string | number>;

export function say(language: Language, key: Key, fill: Fill = {}): string {
  return CATALOGUES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

/** A key made from data ("life." + track.life): the data may be newer than the catalogue; then it is shown as it is. */
export function sayData(language: Language, prefix: string, value: string): string {
  return (CATALOGUES[language] as Record<string, string>)[`${prefix}.${value}`] ?? value.replaceAll('_', ' ');
}

export function firstLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((l) => tag.toLowerCase().startsWith(l.code));
    if (found) return found.code;
  }
  return 'en';
}
