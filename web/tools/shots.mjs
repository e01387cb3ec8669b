#!/usr/bin/env node
// Takes the pictures of docs/images/ from the console on the fake feed: `npm run shots [-- FOLDER [NAME…]]`.
// The build (npm run build, ninja) must be there. Time stands still in them, so that they can be compared.
import fs from 'node:fs';
import path from 'node:path';
import { openBrowser, root, startGateway } from './browser.mjs';
import { answerPages } from './fake-pages.mjs';
import { shrink } from './palette.mjs';

const [folder = path.join(root, 'docs/images'), ...only] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });

async function signIn(page) {
  await page.evaluate(() => fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Mori"}' }));
  await page.reload();
  await page.waitForTimeout(2500);
}
const replay = (key) => async (page) => {
  await signIn(page);
  await page.locator('[data-recording] button').first().click();
  await page.locator('[data-mode=replay]').first().waitFor();
  if (key) await page.keyboard.press(key);
  await page.waitForTimeout(2500);
};

const PICTURES = [
  { name: 'watch', feed: { flights: 'trilateral', start: 352, hold: false } },
  { name: 'watch-early', feed: { flights: 'trilateral', start: 112 } },
  { name: 'watch-ja', feed: { flights: 'salvo', start: 300 }, ui: { language: 'ja' } },
  { name: 'watch-ko', feed: { flights: 'trilateral', start: 430, nation: 'KOR' }, ui: { language: 'ko' } },
  { name: 'watch-light', feed: { flights: 'salvo', start: 300 }, ui: { theme: 'light' } },
  { name: 'watch-flat', feed: { flights: 'salvo', start: 300 }, ui: { map: 'flat' } },
  { name: 'watch-quiet', feed: { flights: 'none', start: 100 } },
  { name: 'watch-late', feed: { flights: 'trilateral', start: 830 } },
  { name: 'watch-link-down', feed: { flights: 'trilateral', start: 500 }, act: async (page, gateway) => { gateway.node.linkDown = 'KOR'; await page.waitForTimeout(800); } },
  { name: 'watch-no-data', feed: { flights: 'salvo', start: 300 }, act: async (page, gateway) => { gateway.node.silent = true; await page.waitForSelector('[data-dead]', { timeout: 8000 }); await page.waitForTimeout(900); } },
  { name: 'watch-decide', feed: { flights: 'salvo', start: 300 }, act: async (page, gateway) => {
    await signIn(page);
    void gateway;
    await page.keyboard.press('c');
    await page.waitForSelector('dialog');
    await page.waitForTimeout(300);
  } },
  { name: 'watch-crowded', feed: { flights: '60', start: 120 } },
  { name: 'release', hash: '#/release', feed: { start: 300 }, act: async (page) => { await page.locator('form button.main').first().click(); await page.waitForTimeout(400); } },
  { name: 'replay-list', hash: '#/replay', feed: { start: 300 } },
  { name: 'replay', hash: '#/replay', feed: { start: 300 }, act: replay('') },
  { name: 'replay-both', hash: '#/replay', feed: { start: 200 }, act: replay('v') },
  { name: 'exercise', hash: '#/exercise', feed: { start: 330 } },
  { name: 'exercise-live', hash: '#/exercise', feed: { start: 330, mode: 'live' } },
  { name: 'system', hash: '#/system', feed: { start: 330 } },
  { name: 'log', hash: '#/log', feed: { start: 330 }, act: async (page) => { await page.locator('tbody button').nth(2).click(); await page.waitForTimeout(200); } },
  { name: 'watch-question', feed: { flights: 'salvo', start: 420, question: true } },
  { name: 'watch-cue', feed: { flights: 'trilateral', start: 112 } },
  { name: 'hand-over', feed: { flights: 'salvo', start: 300 }, act: async (page) => { await signIn(page); await page.keyboard.press('h'); await page.waitForTimeout(300); } },
  { name: 'help', feed: { flights: 'trilateral', start: 300 }, act: async (page) => { await page.keyboard.press('?'); await page.waitForSelector('dialog'); await page.waitForTimeout(200); } },
];

// `pages`: every page in three languages, each nation's console in its own, for docs/images.
const page_of = (name) => PICTURES.find((p) => p.name === name);
for (const [language, nation] of [['en', 'USA'], ['ja', 'JPN'], ['ko', 'KOR']])
  for (const [name, like] of [['release', 'release'], ['replay', 'replay-both'], ['exercise', 'exercise'], ['system', 'system'], ['log', 'log']])
    PICTURES.push({ ...page_of(like), name: `${name}-${language}`, group: 'pages', feed: { ...page_of(like).feed, nation: language === 'en' ? 'JPN' : nation }, ui: { language } });

const browser = await openBrowser();
for (const picture of PICTURES) {
  if (only.length > 0 ? !only.includes(picture.name) && !only.includes(picture.group) : picture.group) continue;
  const nation = picture.feed.nation ?? 'JPN';
  const gateway = await startGateway({ hold: true, hz: 5, ...picture.feed }, ['--peers', 'JPN=http://127.0.0.1:8081,USA=http://127.0.0.1:8082,KOR=http://127.0.0.1:8083']);
  const page = await browser.context.newPage();
  const problems = [];
  page.on('console', (m) => m.type() === 'error' && problems.push(m.text()));
  page.on('pageerror', (e) => problems.push(String(e)));
  await page.addInitScript((ui) => {
    for (const [key, value] of Object.entries(ui)) localStorage.setItem(`watchfire.${key}`, value);
  }, { language: 'en', theme: 'dark', map: 'globe', alone: 'yes', ...picture.ui });
  await answerPages(page, gateway.node);
  await page.goto(gateway.url + '/' + (picture.hash ?? ''));
  await page.waitForSelector('[data-mode]');
  await page.waitForTimeout(2600);
  if (picture.act) await picture.act(page, gateway);
  const file = path.join(folder, `${picture.name}.png`);
  await page.screenshot({ path: file });
  shrink(file);
  console.log(`${picture.name} (${nation})${problems.length ? ` PROBLEMS: ${problems.join(' | ')}` : ''}`);
  await page.close();
  await gateway.stop();
}
await browser.close();
