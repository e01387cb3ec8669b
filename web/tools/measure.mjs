#!/usr/bin/env node
// Measures the console without GPU: `npm run measure [-- TRACKS [HZ [CONSOLES]]]` (100 tracks at 10 Hz, 300 consoles).
// Prints frames per second still and turning, the time to the first picture, and what the gateway needs for many
// consoles, some of them frozen. Everything runs on this one machine, the browser too: read the figures so.
import fs from 'node:fs';
import net from 'node:net';
import { openBrowser, startGateway, until } from './browser.mjs';

const [tracks = '100', hz = '10', consoles = '300'] = process.argv.slice(2);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const cpu_s = (pid) => { const f = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return (Number(f[11]) + Number(f[12])) / 100; };
/** Of the browser with all its processes. */
const browser_cpu_s = (profile) => fs.readdirSync('/proc').filter((p) => /^\d+$/.test(p)).reduce((sum, pid) => {
  try { return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile) ? sum + cpu_s(pid) : sum; } catch { return sum; }
}, 0);
const rss_mb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function pictures() {
  const gateway = await startGateway({ flights: tracks, start: 150, hz: Number(hz), rate: 1 });
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  const from = Date.now();
  await page.goto(gateway.url);
  await page.waitForFunction(() => window.watchfireFrames?.() > 0 && document.querySelectorAll('[data-event]').length > 10);
  console.log(`first picture: ${Date.now() - from} ms`);
  await page.waitForTimeout(4000);
  const frames = async (seconds) => {
    const [f0, t0, c0] = [await page.evaluate(() => window.watchfireFrames()), Date.now(), browser_cpu_s(browser.profile)];
    await seconds();
    const drawn = (await page.evaluate(() => window.watchfireFrames())) - f0;
    return `${(drawn / ((Date.now() - t0) / 1000)).toFixed(1)} frames/s, ${((1000 * (browser_cpu_s(browser.profile) - c0)) / drawn).toFixed(0)} ms of processor time each (all of the browser)`;
  };
  console.log(`still: ${await frames(() => sleep(6000))}`);
  console.log(`turning: ${await frames(() => page.evaluate(async () => {
    const canvas = document.querySelector('canvas.scene');
    const at = (type, x) => canvas.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: 400, pointerId: 1, bubbles: true }));
    canvas.setPointerCapture = () => {};
    at('pointerdown', 800);
    const end = performance.now() + 6000;
    for (let x = 800; performance.now() < end; x++) { at('pointermove', x); await new Promise(requestAnimationFrame); }
    at('pointerup', 0);
  }))}`);
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
  console.log(`browser heap: ${heap.toFixed(0)} MB`);
  await browser.close();
  await gateway.stop();
}

function openStream(url, frozen) {
  return new Promise((done) => {
    const seen = { bytes: 0, socket: null };
    const socket = net.connect(Number(url.port), url.hostname, () => socket.write(
      `GET /api/v1/stream HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: watchfire-stream\r\n\r\n`));
    seen.socket = socket;
    socket.on('error', () => {});
    socket.once('data', () => { if (frozen) socket.pause(); done(seen); });
    socket.on('data', (data) => (seen.bytes += data.length));
  });
}

async function many() {
  const gateway = await startGateway({ flights: 'salvo', start: 300, hz: 10, rate: 1 });
  const url = new URL(gateway.url);
  const streams = [];
  for (let i = 0; i < Number(consoles); i++) streams.push(await openStream(url, i % 10 === 9));
  await sleep(3000);
  const [c0, t0, b0] = [cpu_s(gateway.child.pid), Date.now(), streams.reduce((n, s) => n + s.bytes, 0)];
  await sleep(8000);
  const seconds = (Date.now() - t0) / 1000;
  const bytes = streams.reduce((n, s) => n + s.bytes, 0) - b0;
  console.log(`${consoles} consoles (every tenth frozen) at 10 Hz: ${((100 * (cpu_s(gateway.child.pid) - c0)) / seconds).toFixed(0)} % of a core, ${rss_mb(gateway.child.pid).toFixed(0)} MB, ${(bytes / seconds / 1e6).toFixed(1)} MB/s received`);
  await until('the metrics', () => fetch(`${gateway.url}/metrics`).then((r) => r.ok));
  for (const s of streams) s.socket.destroy();
  await gateway.stop();
}

await pictures();
if (Number(consoles) > 0) await many();
