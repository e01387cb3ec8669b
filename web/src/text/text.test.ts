import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOG_KINDS, RELEASE_KINDS } from '../feed/pages';
import { CATALOGUES, firstLanguage, LANGUAGES, say, sayData } from '.';

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe.each(LANGUAGES.map((l) => l.code))('catalogue %s', (code) => {
  it('has every key, none empty, with the same places to fill', () => {
    const english = CATALOGUES.en as Record<string, string>;
    const own = CATALOGUES[code] as Record<string, string>;
    expect(Object.keys(own).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(own)) {
      expect(text.trim(), key).not.toBe('');
      expect(places(text), key).toEqual(places(english[key]!));
    }
  });
});

it('is translated, not copied', () => {
  for (const code of ['ja', 'ko'] as const) {
    const same = Object.entries(CATALOGUES[code]).filter(([key, text]) => text === (CATALOGUES.en as Record<string, string>)[key] && /[a-z]{3}/.test(text.replace(/\{\w+\}/g, '')));
    // Names and unit signs stay.
    expect(same.map(([key]) => key).sort()).toEqual(['app.name']);
  }
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(svelte|ts)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [path] : [];
  });
}

it('has no text of its own in the components', () => {
  for (const path of sources(join(__dirname, '..')).filter((p) => p.endsWith('.svelte'))) {
    const markup = readFileSync(path, 'utf8').replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '');
    let visible = markup;
    for (let before = ''; before !== visible; ) visible = (before = visible).replace(/\{[^{}]*\}/g, '');
    visible = visible.replace(/<[^>]*>/g, ' ');
    const words = (visible.match(/[A-Za-z]{3,}/g) ?? []).filter((w) => !['Watchfire', 'UTC', 'JST', 'KST', 'min', 'CSV', 'KML', 'CZML'].includes(w));
    expect(words, path).toEqual([]);
  }
});

it('has words for all that the node can say', () => {
  const kinds: [string, string[]][] = [
    ['life', ['tentative', 'confirmed', 'coasting', 'lost', 'ended', 'failed']],
    ['phase', ['unknown', 'boost', 'coast', 'reentry']],
    ['reason', ['none', 'below_horizon', 'out_of_coverage', 'not_seen', 'impact_time_passed', 'orbital', 'fall_observed', 'implausible']],
    ['impact.why', ['ok', 'orbit', 'below_ground', 'not_converged']],
    ['stage', ['launch_notice', 'area', 'threatened_areas', 'imminent', 'lost_track', 'impact_expected', 'all_clear', 'correction', 'overflight', 'passed', 'debris', 'cancel', 'seismic', 'notice']],
    ['product', ['proposed', 'first_confirmed', 'released', 'withdrawn', 'superseded']],
    ['digest', ['equal', 'waiting', 'different', 'not_comparable']],
    ['sensor', ['never', 'alive', 'degraded', 'off', 'silent', 'radar', 'infrared', 'system', 'service', 'seismic']],
    ['source', ['infrared', 'radar', 'partner', 'voice', 'system', 'service']],
    ['class', ['short_range', 'medium_range', 'intermediate_range', 'intercontinental', 'space_launch', 'not_ballistic', 'unknown']],
    ['threat', ['impact', 'overflight', 'debris']],
    ['seismic', ['nothing', 'possible_explosion']],
    ['receipt', ['pending', 'delivered', 'failed']],
    ['channel', ['files', 'atom', 'agencies', 'post', 'cot']],
    ['role', ['viewer', 'watch_officer', 'release_authority', 'administrator']],
    ['kind', [...RELEASE_KINDS, ...LOG_KINDS]],
    ['outcome', ['told', 'withheld', 'held']],
    ['membership', ['active', 'suspended', 'revoked']],
    ['certificate', ['node', 'authority', 'partner_authority', 'partner_node', 'console']],
    ['validity', ['good', 'soon', 'expired', 'not_yet']],
    ['signature', ['good', 'bad', 'no_key']],
    ['fault', ['silence_sensor', 'kill_node']],
    ['moment', ['start', 'product', 'alarm', 'bookmark']],
    ['act', ['confirm', 'withdraw', 'correct', 'cancel', 'keep', 'acknowledge', 'hand_over', 'take_over']],
    ['alarm', ['equivocation', 'bad_signature', 'bad_chain', 'mode_mismatch', 'malformed', 'outside_audience', 'clock', 'impossible_time', 'quarantined_time', 'twin', 'store_failed', 'link_lost', 'overload', 'picture_differs', 'sensor_silent', 'refused_input', 'store_damaged', 'unattended']],
  ];
  for (const { code } of LANGUAGES)
    for (const [prefix, values] of kinds)
      for (const value of values) expect((CATALOGUES[code] as Record<string, string>)[`${prefix}.${value}`], `${code} ${prefix}.${value}`).toBeTruthy();
});

it('fills in, and shows unknown data as it is', () => {
  expect(say('en', 'events.others', { n: 3 })).toBe('+3 objects');
  expect(sayData('ko', 'life', 'a_new_word')).toBe('a new word');
  expect(firstLanguage(['fr-FR', 'ko-KR', 'en'])).toBe('ko');
  expect(firstLanguage([])).toBe('en');
});
