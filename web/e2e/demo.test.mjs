// The console during the real demo: three daemons, three gateways, one launch. Nothing here is made up.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, openBrowser, root, scratch, until } from '../tools/browser.mjs';

const watchfire = process.env.WF_WATCHFIRE ?? path.join(root, 'build/src/cli/watchfire');

describe('three nations watch one launch', () => {
  let demo, browser, out, said = '';
  const pages = {}, complaints = [], outside = [];

  before(async () => {
    out = scratch();
    demo = spawn(watchfire, ['demo', '--speed', '10', '--no-officers', '--port', String(await freePort()), '--out', out], { stdio: ['ignore', 'pipe', 'pipe'] });
    demo.on('error', (error) => (said += error));
    demo.stdout.on('data', (data) => (said += data));
    demo.stderr.on('data', (data) => (said += data));
    browser = await openBrowser();
    await until('the demo to name its consoles', () => /USA\s+http/.test(said) && /JPN\s+http/.test(said), 40000).catch((e) => { throw new Error(`${e.message}: ${said}`); });
    for (const nation of ['JPN', 'KOR']) {
      const url = said.match(new RegExp(`${nation}\\s+(http://\\S+)`))[1];
      const page = await browser.context.newPage();
      page.on('request', (r) => { if (!r.url().startsWith(url)) outside.push(r.url()); });
      page.on('console', (m) => { if (m.type() === 'error' && !/ERR_CONNECTION_REFUSED|503|403/.test(m.text())) complaints.push(m.text()); });
      page.on('pageerror', (e) => complaints.push(String(e)));
      await until('the console', () => page.goto(url).then(() => true, () => false), 30000);
      await page.locator('[data-mode=exercise]').first().waitFor();
      pages[nation] = page;
    }
  });
  after(async () => {
    await browser?.close();
    if (demo && demo.exitCode === null) {
      demo.kill('SIGINT');
      await new Promise((done) => demo.once('exit', done));
    }
    fs.rmSync(out, { recursive: true, force: true });
  });

  it('both see the event under one name, though only others detected it for Japan', async () => {
    const label = async (page) => (await page.locator('[data-event] .name b').first().innerText()).trim();
    await pages.JPN.locator('[data-event]').first().waitFor({ timeout: 40000 });
    await pages.KOR.locator('[data-event]').first().waitFor({ timeout: 5000 });
    assert.equal(await label(pages.JPN), await label(pages.KOR));
    assert.match(await pages.JPN.locator('tr[data-knows=JPN]').innerText(), /has not seen it/);
    assert.match(await pages.JPN.locator('section[aria-label="The value of sharing"]').innerText(), /only together/);
  });

  it('shows the impact area and counts down in record time', async () => {
    const clock = pages.JPN.locator('[data-countdown] .big');
    await clock.waitFor({ timeout: 40000 });
    const read = async () => Number(await pages.JPN.locator('[data-countdown]').getAttribute('data-countdown'));
    const first = await read();
    await pages.JPN.waitForTimeout(2000);
    const gone = first - (await read());
    assert.ok(gone > 10 && gone < 40, `10× for 2 s, and ${gone} s went by`);
    await pages.JPN.locator('.closeup path.area.shared').waitFor();
    assert.match(await pages.JPN.locator('.places').innerText(), /95 %: [\d.,]+ × [\d.,]+ km/);
  });

  it('has links up and equal pictures', async () => {
    for (const partner of ['KOR', 'USA']) {
      const link = pages.JPN.locator(`[data-link=${partner}]`);
      assert.match(await link.innerText(), /up/);
      await until('equal pictures', async () => /equal/.test(await link.innerText()), 20000);
    }
  });

  it('lets two people release a warning, and not one person twice', async () => {
    // By the page's own interface at once: proposals follow one another quickly at this speed.
    const release = () => pages.JPN.evaluate(async () => {
      const post = async (path, body) => (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': `e2e-${Math.random().toString(36).slice(2)}` }, body: JSON.stringify(body) })).status;
      const { state } = await (await fetch('/api/v1/state')).json();
      const product = state.products.find((p) => p.state === 'proposed');
      if (!product) return [];
      const decide = () => post(`/api/v1/products/${product.id}/decision`, { decision: 'confirm', reason: 'sources agree' });
      const codes = [await post('/api/v1/session', { name: 'Mori' }), await decide(), await decide()];
      return [product.id, ...codes, await post('/api/v1/session', { name: 'Sato' }), await decide()];
    });
    await until('a release', async () => {
      const [id, ...codes] = await release();
      if (!id || codes.at(-1) !== 200) return false;
      assert.deepEqual(codes, [200, 200, 403, 200, 200]);
      return true;
    }, 20000);
    await pages.JPN.locator('[data-state=released]').first().waitFor({ timeout: 5000, state: 'attached' });
    await until('the release in the demo', () => /JPN: \w+ for \w+ released by two persons/.test(said), 10000);
  });

  it('asked nobody outside and complained of nothing', () => {
    assert.deepEqual(outside, []);
    assert.deepEqual(complaints, []);
  });
});
