// What a person at the screen does and sees, in Debian's Chromium without GPU, against the real gateway on a fake feed.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { openBrowser, startGateway, until } from '../tools/browser.mjs';
import { FakeNode } from '../tools/fake-feed.mjs';
import { answerPages } from '../tools/fake-pages.mjs';

const require = createRequire(import.meta.url);
const seconds = (text) => { const [m, s] = text.split(':').map(Number); return m * 60 + s; };

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

/** A page that reports every request outside the console's own address, and every complaint. */
async function openPage(gateway, path = '/') {
  const page = await browser.context.newPage();
  const outside = [], complaints = [];
  page.on('request', (r) => { if (!r.url().startsWith(gateway.url) && !r.url().startsWith('data:')) outside.push(r.url()); });
  page.on('websocket', (w) => { if (!w.url().startsWith(gateway.url.replace('http', 'ws'))) outside.push(w.url()); });
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) complaints.push(m.text()); });
  page.on('pageerror', (e) => complaints.push(String(e)));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  await page.goto(gateway.url + path);
  await page.waitForSelector('[data-mode]');
  return { page, outside, complaints };
}

async function signIn(page, name) {
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.locator('input[name=person]').fill(name);
  await page.getByRole('button', { name: 'Use this name' }).click();
  await page.getByText(`Signed in as ${name}`).waitFor();
}

describe('watching a launch', () => {
  let gateway, page, outside, complaints;
  before(async () => {
    gateway = await startGateway({ flights: 'trilateral', start: 20, rate: 10, hold: true }, ['--peers', 'JPN=http://127.0.0.1:1,KOR=http://127.0.0.1:2']);
    ({ page, outside, complaints } = await openPage(gateway));
  });
  after(async () => { await page?.close(); await gateway?.stop(); });

  it('says EXERCISE around the screen, in three languages, and never LIVE', async () => {
    const band = page.locator('[data-mode=exercise]').first();
    assert.match(await band.innerText(), /EXERCISE[\s\S]*演習[\s\S]*훈련/);
    assert.doesNotMatch(await page.locator('body').innerText(), /\bLIVE\b/);
    assert.match(await page.title(), /^EXERCISE · JPN/);
  });

  it('says why nothing is on the map before the launch is seen', async () => {
    assert.match(await page.locator('.map .empty').innerText(), /Nothing on the map[\s\S]*2 of 2 own sensors and 2 of 2 partners/);
    gateway.node.release();
  });

  it('shows the track, seen by another nation, and says what Japan alone knows', async () => {
    await page.locator('[data-event]').waitFor();
    await until('the shared picture knows more than Japan', async () => /only together/.test(await page.locator('section[aria-label="The value of sharing"]').innerText()));
    assert.match(await page.locator('tr[data-knows=JPN]').innerText(), /has not seen it/);
  });

  it('counts down at the speed of the exercise', async () => {
    const clock = page.locator('[data-countdown] .big');
    await clock.waitFor({ timeout: 20000 });
    const first = seconds(await clock.innerText());
    await page.waitForTimeout(2000);
    const gone = first - seconds(await clock.innerText());
    assert.ok(gone > 15 && gone < 32, `10× for 2 s, and ${gone} s went by`);
  });

  it('shows the impact area with its sizes, on the close-up too', async () => {
    assert.match(await page.locator('.places').innerText(), /95 %: [\d.,]+ × [\d.,]+ km[\s\S]*50 %/);
    await page.locator('.closeup path.area.shared').waitFor();
    const drawn = await page.locator('.closeup path.area.shared').getAttribute('d');
    assert.ok(drawn.length > 200, 'an ellipse has many points');
  });

  it('paints the track on the canvas', async () => {
    // Orange of the shared picture: counted in the pixels of the upper canvas.
    await until('orange on the map', () => page.evaluate(() => {
      const canvas = document.querySelector('canvas.scene');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let orange = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] > 200 && data[i + 1] > 90 && data[i + 1] < 180 && data[i + 2] < 110 && data[i + 3] > 200) orange++;
      return orange > 400;
    }));
  });

  it('needs two different people, and withdraws', async () => {
    const product = page.locator('[data-product]').last();
    await product.waitFor({ timeout: 20000 });
    const id = await product.getAttribute('data-product');
    const card = page.locator(`[data-product="${id}"]`);
    await signIn(page, 'Mori');
    const confirm = async () => {
      await card.getByRole('button', { name: /^Confirm/ }).click();
      await page.getByRole('button', { name: 'Independent sources agree' }).click();
      await page.locator('dialog .do button.main').click();
    };
    await confirm();
    await page.locator(`[data-product="${id}"][data-state=first_confirmed]`).waitFor();
    await card.getByRole('button', { name: /^Confirm/ }).click();
    await page.getByText('A different person must be the second').waitFor();
    await page.getByRole('button', { name: 'Sign in as someone else' }).click();
    await page.locator('input[name=person]').fill('Sato');
    await page.getByRole('button', { name: 'Use this name' }).click();
    await page.getByText('Signed in as Sato').waitFor();
    await confirm();
    await page.locator(`[data-product="${id}"][data-state=released]`).waitFor();
    assert.deepEqual([gateway.node.decisions.get(id).first, gateway.node.decisions.get(id).second], ['Mori', 'Sato']);
  });

  it('acknowledges an alarm', async () => {
    const alarm = page.locator('[data-alarm="7"]');
    await alarm.waitFor({ timeout: 20000 });
    await alarm.getByRole('button', { name: 'Acknowledge' }).click();
    await alarm.waitFor({ state: 'detached' }); // its cause had gone: acknowledged, it goes too
    assert.ok(gateway.node.acknowledged.has(7));
  });

  it('goes by keyboard', async () => {
    await page.keyboard.press('m');
    await page.locator('canvas[data-map=flat]').waitFor();
    await page.keyboard.press('m');
    await page.keyboard.press('?');
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  });

  it('changes language and remembers it', async () => {
    await page.getByLabel('Language').selectOption('ko');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
    assert.match(await page.locator('[data-mode]').first().innerText(), /^훈련/);
    await page.getByLabel('언어').selectOption('en');
  });

  it('asked nobody outside, broke no rule of the policy, complained of nothing', async () => {
    assert.deepEqual(outside, []);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
    assert.deepEqual(complaints, []);
  });
});

describe('when data stop', () => {
  it('covers the screen within 3 s of the node falling silent, and recovers by itself', async () => {
    const gateway = await startGateway({ flights: 'trilateral', start: 300 });
    const { page } = await openPage(gateway);
    await page.locator('[data-event]').waitFor();
    gateway.node.silent = true;
    const from = Date.now();
    await page.locator('[data-dead=node]').waitFor({ timeout: 6000 });
    const took = Date.now() - from;
    assert.ok(took < 3000, `${took} ms`);
    assert.match(await page.locator('[data-dead]').innerText(), /NO DATA\s+since \d\d:\d\d:\d\d UTC/);
    gateway.node.silent = false;
    await page.locator('[data-dead]').waitFor({ state: 'detached', timeout: 4000 });
    await page.close();
    await gateway.stop();
  });

  it('covers it when the node or the console server dies, and recovers from both', async () => {
    const gateway = await startGateway({ flights: 'trilateral', start: 300 });
    const { page } = await openPage(gateway);
    await page.locator('[data-event]').waitFor();
    await gateway.node.close();
    await page.locator('[data-dead=node]').waitFor({ timeout: 3000 });
    gateway.node = new FakeNode({ flights: 'trilateral', start: 400 });
    await gateway.node.listen(gateway.socket);
    await page.locator('[data-dead]').waitFor({ state: 'detached', timeout: 4000 });
    await page.locator('[data-event]').waitFor();
    gateway.child.kill('SIGSTOP');
    await page.locator('[data-dead=gateway]').waitFor({ timeout: 3000 });
    gateway.child.kill('SIGCONT');
    await page.locator('[data-dead]').waitFor({ state: 'detached', timeout: 4000 });
    await page.close();
    await gateway.stop();
  });

  it('never looks calm before the first word', async () => {
    const gateway = await startGateway(null);
    const page = await browser.context.newPage();
    await page.goto(gateway.url);
    await page.locator('[data-dead=never]').waitFor({ timeout: 4000 });
    await page.close();
    await gateway.stop();
  });
});

describe('for everybody', () => {
  it('has no accessibility fault that axe-core can find, on every page, dark and light, in three languages', async () => {
    const gateway = await startGateway({ flights: 'salvo', start: 300, hold: true, question: true, hz: 1 });
    const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    const page = await browser.context.newPage();
    await answerPages(page, gateway.node);
    await page.goto(gateway.url);
    await page.locator('[data-event]').first().waitFor();
    await signIn(page, 'Mori');
    await page.evaluate(axe);
    const look = async (name) => {
      await page.waitForTimeout(350);
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
      return violations.map((v) => `${name} ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`);
    };
    const faults = [];
    // Contrast is a matter of the theme, structure of the language: every page in both themes, and in all languages.
    for (const [theme, language] of [['dark', 'en'], ['light', 'ja'], ['dark', 'ko']]) {
      if ((await page.evaluate(() => document.documentElement.dataset.theme)) !== theme) await page.keyboard.press('t');
      await page.locator('header select').selectOption(language);
      await page.locator('header select').blur();
      for (const name of ['watch', 'release', 'replay', 'exercise', 'system', 'log']) {
        await page.locator(`nav a[data-page=${name}]`).click();
        if (name === 'replay') {
          await page.locator('[data-recording] button').first().click();
          await page.locator('.band[data-mode=replay]').waitFor();
        }
        faults.push(...(await look(`${theme} ${language} ${name}`)));
        if (name === 'replay') await page.locator('[data-replay-close]').click();
      }
    }
    assert.deepEqual(faults, []);
    await page.close();
    await gateway.stop();
  });

  it('moves nothing by itself for those who ask for that', async () => {
    const gateway = await startGateway({ flights: 'trilateral', start: 300 });
    const page = await browser.context.newPage();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(gateway.url);
    await page.locator('[data-event]').first().waitFor();
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    await page.close();
    await gateway.stop();
  });
});

describe('the other pages', () => {
  let gateway, page;
  before(async () => {
    gateway = await startGateway({ flights: 'salvo', start: 300, hold: true, question: true });
    page = await browser.context.newPage();
    await answerPages(page, gateway.node);
    await page.goto(gateway.url);
    await page.locator('[data-event]').first().waitFor();
    await signIn(page, 'Mori');
  });
  after(async () => { await page?.close(); await gateway?.stop(); });

  it('are reached by key and by address, and the address says which', async () => {
    for (const [key, name, sign] of [['2', 'release', '[data-release=told]'], ['4', 'exercise', '[data-exercise]'], ['5', 'system', '[data-certificate=expired]'], ['6', 'log', '[data-log=action]'], ['1', 'watch', '.watch']]) {
      await page.keyboard.press(key);
      await page.locator(sign).first().waitFor();
      assert.equal(await page.evaluate(() => location.hash), `#/${name}`);
    }
    await page.goBack();
    await page.locator('[data-log=action]').first().waitFor();
  });

  it('play a recording inside a REPLAY frame, keep the selection, and offer nothing to act with', async () => {
    await page.keyboard.press('1');
    await page.locator('[data-event]').nth(1).click();
    const chosen = await page.locator('[data-event][aria-current=true]').getAttribute('data-event');
    await page.keyboard.press('3');
    await page.locator('[data-recording] button').first().click();
    await page.locator('.band[data-mode=replay]').waitFor();
    assert.equal(await page.locator('[data-event][aria-current=true]').getAttribute('data-event'), chosen);
    assert.ok(await page.locator('[data-product]').count() > 0);
    assert.equal(await page.locator('[data-product] button, [data-question]').count(), 0);
    await page.keyboard.press('v');
    await page.getByText('Japan alone', { exact: true }).first().waitFor();
    assert.equal(await page.locator('canvas.scene').count(), 2);
    await page.keyboard.press('1');
    await page.locator('.band[data-mode=exercise]').waitFor();
  });

  it('ask about a lost track first, and take the answer', async () => {
    const question = page.locator('[data-question]');
    assert.match(await question.innerText(), /is lost[\s\S]*No answer means keep[\s\S]*00:\d\d/);
    await question.getByRole('button', { name: 'Keep' }).click();
    await question.waitFor({ state: 'detached' });
  });

  it('write the selected event for other programs, saying EXERCISE', async () => {
    for (const [button, end, words] of [['CSV', '.csv', 'exercise,'], ['KML', '.kml', 'EXERCISE: not real'], ['CZML', '.czml', 'EXERCISE: not real'], ['Picture (PNG)', '.png', 'PNG']]) {
      await page.locator('.watch summary', { hasText: 'Export' }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button, exact: true }).click()]);
      assert.match(download.suggestedFilename(), new RegExp(`^exercise-.*\\${end}$`));
      assert.ok(fs.readFileSync(await download.path()).includes(words));
    }
  });

  it('show an alarm whose cause has gone as over and not acknowledged; shelved, it is counted', async () => {
    const alarm = page.locator('[data-alarm="7"]');
    assert.equal(await alarm.getAttribute('data-alarm-state'), 'ended');
    await alarm.getByRole('button', { name: 'Shelve' }).click();
    await page.getByText('1 shelved').click();
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await alarm.waitFor();
  });

  it('test the sound and its visible twin', async () => {
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.locator('[data-alarm-level=high] ~ .twin, .twin.high').first().waitFor();
  });

  it('refuse exercise control on a node that is not in exercise mode', async () => {
    const real = await startGateway({ flights: 'none', mode: 'live' });
    const other = await browser.context.newPage();
    await other.goto(`${real.url}/#/exercise`);
    await other.getByText('Exercises are driven from exercise nodes only').waitFor();
    await other.close();
    await real.stop();
  });
});

describe('the mode frame', () => {
  for (const mode of ['exercise', 'test', 'live', 'replay']) {
    it(`follows the data: ${mode}`, async () => {
      const gateway = await startGateway({ flights: 'none', mode });
      const { page } = await openPage(gateway);
      assert.equal(await page.locator('[data-mode]').getAttribute('data-mode'), mode);
      const answer = await page.evaluate(() => fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"x"}' }).then((r) => r.status));
      assert.equal(answer, mode === 'exercise' ? 200 : 403, 'a name alone is enough in exercises only');
      await page.close();
      await gateway.stop();
    });
  }
});
