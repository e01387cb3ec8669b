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

/** How old something is: "0.4 s", "14 s", "3 min", "2 h". */
export function age(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return DASH;
  const s = Math.max(0, seconds);
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 119.5) return `${Math.round(s)} s`;
  if (s < 7170) return `${Math.round(s / 60)} min`;
  return `${Math.round(s / 3600)} h`;
}

/** A span between moments, for comparing: "42 s", "3 min 05 s". */
export function span(seconds: number): string {
  const s = Math.round(Math.abs(seconds));
  return s < 100 ? `${s} s` : `${Math.floor(s / 60)} min ${two(s % 60)} s`;
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
