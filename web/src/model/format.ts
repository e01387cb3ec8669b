// Numbers, times and sizes as people read them. Pure; the language comes in as a locale.

export const DASH = '–';
const MINUS = '\u2212';

const formats = new Map<string, Intl.NumberFormat>(); // making one costs a hundred times using one
function formatOf(locale: string, digits: number): Intl.NumberFormat {
  const key = `${locale} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(key, format);
  }
  return format;
}

export function parseTime(text: string | null | undefined): number | null {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

const two = (n: number) => String(n).padStart(2, '0');

/** "08:07:03", shifted by whole hours (9 for JST and KST, which have no summer time). */
export function clockTime(ms: number | null, shift_h = 0): string {
  if (ms === null) return DASH;
  const d = new Date(ms + shift_h * 3600e3);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** A countdown "06:57", "1:06:57"; a time gone by "+00:31". Whole seconds, so that 0 is the moment itself. */
export function countdown(left_ms: number | null): string {
  if (left_ms === null) return '--:--';
  const past = left_ms < 0;
  const total = past ? Math.floor(-left_ms / 1000) : Math.ceil(left_ms / 1000);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  return `${past && total > 0 ? '+' : ''}${h > 0 ? `${h}:` : ''}${two(m)}:${two(s)}`;
}

const UNITS: Record<string, [second: string, minute: string, hour: string, day: string]> = {
  en: [' s', ' min', ' h', ' d'],
  ja: ['秒', '分', '時間', '日'],
  ko: ['초', '분', '시간', '일'],
};
const unitsOf = (locale: string) => UNITS[locale] ?? UNITS['en']!;

/** How old something is: "0.4 s", "14 s", "3 min", "2 h", "5 d"; "14秒", "3分". */
export function age(seconds: number | null, locale = 'en'): string {
  if (seconds === null || !Number.isFinite(seconds)) return DASH;
  const [second, minute, hour, day] = unitsOf(locale);
  const s = Math.max(0, seconds);
  if (s < 9.95) return `${s.toFixed(1)}${second}`;
  if (s < 119.5) return `${Math.round(s)}${second}`;
  if (s < 7170) return `${Math.round(s / 60)}${minute}`;
  if (s < 172800) return `${Math.round(s / 3600)}${hour}`;
  return `${Math.round(s / 86400)}${day}`;
}

/** A span between moments, for comparing: "42 s", "3 min 05 s"; "3分05秒". */
export function span(seconds: number, locale = 'en'): string {
  const [second, minute] = unitsOf(locale);
  const s = Math.round(Math.abs(seconds));
  return s < 100 ? `${s}${second}` : `${Math.floor(s / 60)}${minute}${locale === 'en' ? ' ' : ''}${two(s % 60)}${second}`;
}

const dates = new Map<string, Intl.DateTimeFormat>();
/** Date and time of day in UTC as the language writes them. */
export function dateTime(ms: number | null, locale = 'en'): string {
  if (ms === null) return DASH;
  let format = dates.get(locale);
  if (!format) {
    format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC', hour12: false });
    dates.set(locale, format);
  }
  return format.format(ms);
}

export function dateOnly(ms: number | null, locale = 'en'): string {
  return ms === null ? DASH : new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(ms);
}

/** "812 B", "48 kB", "1.2 MB". */
export function bytes(count: number | null, locale = 'en'): string {
  if (count === null) return DASH;
  const [size, unit] = count < 1000 ? [count, 'B'] : count < 1e6 ? [count / 1e3, 'kB'] : count < 1e9 ? [count / 1e6, 'MB'] : [count / 1e9, 'GB'];
  return `${formatOf(locale, count >= 1000 && size < 9.95 ? 1 : 0).format(size)} ${unit}`;
}

/** Kilometres with as many digits as the size deserves: "8.4", "62", "1,240". */
export function kilometres(metres: number | null, locale = 'en'): string {
  if (metres === null || !Number.isFinite(metres)) return DASH;
  const km = metres / 1000;
  const digits = Math.abs(km) < 9.95 ? 1 : 0;
  return formatOf(locale, digits).format(km);
}

export function number(value: number | null, digits: number, locale = 'en'): string {
  if (value === null || !Number.isFinite(value)) return DASH;
  return formatOf(locale, digits).format(value).replace('-', MINUS);
}

/** "39.92° N", "148.61° E". */
export function latitude(deg: number): string {
  return `${Math.abs(deg).toFixed(2)}° ${deg < 0 ? 'S' : 'N'}`;
}

export function longitude(deg: number): string {
  return `${Math.abs(deg).toFixed(2)}° ${deg < 0 ? 'W' : 'E'}`;
}

/** ± sigma in seconds for beside a countdown. */
export function plusMinus(sigma_s: number | null): string {
  if (sigma_s === null || !Number.isFinite(sigma_s)) return '';
  return `± ${sigma_s < 9.95 ? sigma_s.toFixed(1) : Math.round(sigma_s)} s`;
}
