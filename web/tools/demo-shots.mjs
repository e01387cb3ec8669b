#!/usr/bin/env node
// Takes pictures of the consoles during the real demo: `npm run shots:demo [-- FOLDER]`. Starts `watchfire demo` with
// its three daemons and gateways and waits for what each picture shows; nothing is made up.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freePort, openBrowser, root, scratch, until } from './browser.mjs';
import { shrink } from './palette.mjs';

const folder = process.argv[2] ?? path.join(root, 'docs/images');
const watchfire = process.env.WF_WATCHFIRE ?? path.join(root, 'build/src/cli/watchfire');
fs.mkdirSync(folder, { recursive: true });

const port = await freePort(), out = scratch();
const demo = spawn(watchfire, ['demo', '--port', String(port), '--out', out, '--keep'], { stdio: ['ignore', 'pipe', 'inherit'] });
let said = '';
demo.stdout.on('data', (data) => (said += data));
const url = async (nation) => {
  await until('the demo to name its consoles', () => said.match(new RegExp(`${nation}\\s+(http://\\S+)`)), 60000);
  return said.match(new RegExp(`${nation}\\s+(http://\\S+)`))[1];
};

const browser = await openBrowser();
async function open(nation, ui = {}) {
  const page = await browser.context.newPage();
  await page.addInitScript((choices) => {
    for (const [key, value] of Object.entries(choices)) localStorage.setItem(`watchfire.${key}`, value);
  }, { language: 'en', theme: 'dark', map: 'globe', alone: 'yes', ...ui });
  const address = await url(nation);
  await until('the console', () => page.goto(address).then(() => true, () => false), 30000);
  return page;
}
const state = async () => (await (await fetch(`${await url('JPN')}api/v1/state`)).json()).state;
async function shoot(page, name) {
  await page.bringToFront();
  await page.waitForTimeout(2300);
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`${name} ${Math.round(shrink(file) / 1000)} kB`);
}
async function once(nation, name, ui) {
  const page = await open(nation, ui);
  await page.waitForSelector('[data-event]', { timeout: 10000 });
  await shoot(page, name);
  await page.close();
}

const japan = await open('JPN');
const contributor = (s, nation) => s.tracks[0]?.contributors.find((c) => c.nation === nation);
await until('an impact area that Japan alone could not have', async () => { const s = await state(); return s.tracks[0]?.impact && !contributor(s, 'JPN'); }, 90000);
await shoot(japan, 'watch-early');
await until('Japan predicting alone', async () => contributor(await state(), 'JPN')?.impact?.area.semi_major_95_m < 40e3, 120000);
await shoot(japan, 'watch');
// Each nation's console in its language, on every page.
const WHO = [['en', 'USA'], ['ja', 'JPN'], ['ko', 'KOR']];
const answers = (what) => url('JPN').then((u) => fetch(`${u}api/v1/${what}`)).then((r) => r.ok, () => false);
const others = await answers('system');
if (!others) console.log('this build does not answer for the other pages: Watch only');
for (const [language, nation] of WHO) {
  const page = await open(nation, { language });
  await page.waitForSelector('[data-event]', { timeout: 10000 });
  if (language !== 'en') await shoot(page, `watch-${language}`);
  for (const name of others ? ['release', 'exercise', 'system', 'log'] : []) {
    await page.locator(`nav a[data-page=${name}]`).click();
    await page.waitForSelector('table tbody tr, [data-exercise]', { timeout: 10000 });
    await shoot(page, `${name}-${language}`);
  }
  await page.close();
}
await once('JPN', 'watch-light', { theme: 'light' });
await once('USA', 'watch-flat', { map: 'flat' });
await until('the end of the flight', async () => (await state()).tracks[0]?.life === 'ended', 180000);
await shoot(japan, 'watch-after');
for (const [language, nation] of (await answers('replay')) ? WHO : []) {
  const page = await open(nation, { language });
  await page.evaluate(() => fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Analyst"}' }));
  await page.reload();
  await page.locator('nav a[data-page=replay]').click();
  await page.locator('[data-recording] button').first().click();
  await page.locator('.band[data-mode=replay]').waitFor({ timeout: 60000 });
  // A quarter of the flight: the three know the area, Japan alone does not yet.
  await page.evaluate(async () => {
    const { replay } = await (await fetch('/api/v1/replay')).json();
    const at = Date.parse(replay.from) + 0.4 * (Date.parse(replay.until) - Date.parse(replay.from));
    await fetch('/api/v1/replay/control', { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': `shot-${Math.random().toString(36).slice(2)}` }, body: JSON.stringify({ position: new Date(at).toISOString(), playing: false }) });
  });
  await until('the moment', async () => page.evaluate(async () => !(await (await fetch('/api/v1/replay')).json()).replay.busy), 60000);
  await page.keyboard.press('v');
  await shoot(page, `replay-${language}`);
  await page.locator('[data-replay-close]').click();
  await page.close();
}
await browser.close();
demo.kill('SIGINT');
await new Promise((done) => demo.once('exit', done));
fs.rmSync(out, { recursive: true, force: true });
