// Debian's Chromium without GPU, and a gateway fed by the fake feed: what tests, pictures and measurements share.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { FakeNode } from './fake-feed.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const chromiumPath = process.env.WF_CHROMIUM ?? '/usr/bin/chromium';
export const gatewayPath = process.env.WF_GATEWAY ?? path.join(root, 'build/src/gateway/watchfire-gateway');

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--force-color-profile=srgb'];

export function scratch() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'watchfire-'));
}

export async function openBrowser(size = { width: 1600, height: 900 }, extra = {}) {
  const profile = scratch();
  const context = await chromium.launchPersistentContext(profile, { executablePath: chromiumPath, args: FLAGS, viewport: size, reducedMotion: 'no-preference', locale: 'en-GB', ...extra });
  return { context, profile, async close() { await context.close(); fs.rmSync(profile, { recursive: true, force: true }); } };
}

export function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export async function until(what, condition, limit_ms = 10000) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${limit_ms} ms in vain for: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** A gateway on a free port, fed by a fake node (or by none yet: feed = null). */
export async function startGateway(options = {}, args = []) {
  const folder = scratch(), socket = path.join(folder, 'feed.sock'), port = await freePort();
  const node = options === null ? null : new FakeNode(options);
  if (node) await node.listen(socket);
  const child = spawn(gatewayPath, ['--feed', socket, '--listen', `127.0.0.1:${port}`, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.on('error', (error) => (log += error)); // said by the wait below
  child.stderr.on('data', (data) => (log += data));
  const url = `http://127.0.0.1:${port}`;
  await until('the gateway', () => fetch(`${url}/metrics`).then((r) => r.ok, () => false)).catch((error) => { child.kill(); throw new Error(`${error.message}: ${log}`); });
  return {
    url, socket, node, child, folder, log: () => log,
    async stop() {
      if (child.exitCode === null) {
        child.kill();
        await new Promise((done) => child.once('exit', done));
      }
      await this.node?.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
