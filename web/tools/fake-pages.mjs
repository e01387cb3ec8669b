// A TEST TOOL: answers for the pages beside Watch, in the shapes of docs/openapi.yaml, for pictures and accessibility
// tests on the fake feed. The real answers are tested in e2e/demo.test.mjs.
import { FakeNode } from './fake-feed.mjs';

const iso = (ms) => new Date(ms).toISOString();

function policy() {
  return { nation: 'JPN', policy: '5b1f0c92d7aa3e41', source: 'warning-data-open', rules: [
    { name: 'trilateral', audience: ['JPN', 'KOR', 'USA'], kinds: ['detection', 'tracklet', 'launch', 'status', 'product', 'link_status'], effects: ['times are stated on a grid of 1 s', 'a detection\'s place goes to a grid of 5 km', 'the number of plots is not stated', 'coverage is not stated'] },
    { name: 'bilateral-usa', audience: ['JPN', 'USA'], kinds: ['plot'], effects: ['sensor JPN-R2 is withheld'] },
  ] };
}

function releases(epoch) {
  const out = [];
  for (let i = 0; i < 40; i++) {
    const withheld = i % 7 === 3, held = i % 11 === 5;
    out.push({ position: 4000 - i * 9, at: iso(epoch + 300e3 - i * 4000), until: iso(epoch + 302e3 - i * 4000), audience: ['JPN', 'KOR', 'USA'], kind: ['tracklet', 'status', 'tracklet', 'plot', 'detection', 'launch'][i % 6],
      object: '9f3c000000000001', outcome: withheld ? 'withheld' : held ? 'held' : 'told', rule: withheld ? '' : 'trilateral', policy: '5b1f0c92d7aa3e41', why: withheld ? 'no rule for exactly this audience names plots' : held ? 'sooner than the least interval after the last' : 'allowed', count: 1 + (i * 5) % 17,
      first_valid: iso(epoch + 299e3 - i * 4000), last_valid: iso(epoch + 301e3 - i * 4000) });
  }
  return out;
}

function log(epoch) {
  const row = (i, kind, more) => ({ position: 900 - i, published: iso(epoch + 330e3 - i * 11e3), valid: iso(epoch + 330e3 - i * 11e3), origin: ['JPN', 'JPN', 'KOR', 'USA'][i % 4], writer: 1, audience: ['JPN', 'KOR', 'USA'], class: 'alerts', epoch: 1, number: 120 - i, kind, summary: '', durable: true, signature: 'good', ...more });
  const act = (i, person, role, what, outcome = 'ok', reason = '') => row(i, 'action', { summary: `${person} ${what}`, action: { person, role, what, subject: '9f3c0001', reason, outcome } });
  const made = (i, stage, state) => row(i, 'product', { summary: `${stage} of K7Q2FM: ${state}`, product: { id: '9f3c0001', event: 'e1', label: 'K7Q2FM', stage, state } });
  return [act(0, 'Sato', 'release_authority', 'confirm', 'ok', 'Independent sources agree'), made(1, 'area', 'released'), act(2, 'Ito', 'viewer', 'confirm', 'denied', 'Independent sources agree'), act(3, 'Mori', 'watch_officer', 'confirm', 'ok', 'Independent sources agree'), made(4, 'area', 'proposed'),
    act(5, 'Mori', 'watch_officer', 'acknowledge'), made(6, 'launch_notice', 'released'), act(7, 'Kim', 'release_authority', 'confirm', 'ok', 'Single trusted source, others cannot see it'), made(8, 'launch_notice', 'proposed'), act(9, 'Mori', 'watch_officer', 'take_over'), act(10, 'Abe', 'watch_officer', 'hand_over'),
    row(11, 'policy_change', { summary: 'policy 5b1f0c92 in force from the start', durable: false })];
}

function system(node) {
  const certificate = (what, nation, subject, days, state = 'good') => ({ what, nation, subject, not_before: iso(Date.UTC(2026, 0, 1)), not_after: iso(Date.now() + days * 86400e3), days_left: days, state });
  return { node: { nation: node.o.nation, mode: node.o.mode, writer: 1, version: '0.1.0', epoch: 1, durable: true, time: iso(node.epoch + node.now() * 1000), uptime_s: 7300 }, clock: { utc: iso(Date.now()), record: iso(node.epoch + node.now() * 1000), rate: node.o.rate },
    queues: [{ name: 'store', used: 12, capacity: 4096, unit: 'items', lost: 0 }, { name: 'sensor_datagrams', used: 3, capacity: 1024, unit: 'items', lost: 0 }, { name: 'link_KOR', used: 48211, capacity: 1048576, unit: 'bytes', lost: 0 }, { name: 'link_USA', used: 913000, capacity: 1048576, unit: 'bytes', lost: 2 }],
    versions: { watchfire: '0.1.0', protocol: '2' },
    certificates: [certificate('node', 'JPN', 'CN=JPN-1', 340), certificate('authority', 'JPN', 'CN=JPN authority', 3200), certificate('partner_authority', 'KOR', 'CN=KOR authority', 2900), certificate('partner_authority', 'USA', 'CN=USA authority', 21.4, 'soon'), certificate('console', null, 'CN=console.jpn', -2, 'expired')],
    gateway: { version: '0.1.0', clients: 14, sessions: 3, feed: 'up', memory_bytes: 11.4e6 } };
}

function exercise(node) {
  const at = (s) => iso(node.epoch + s * 1000);
  return { scenario: 'trilateral', title: 'One launch, three nations', state: 'running', time: at(node.now()), from: at(0), until: at(900), rate: node.o.rate, launches: [{ name: 'launch-1', at: at(5), injected: false }, { name: 'launch-1', at: at(420), injected: true }],
    faults: [{ kind: 'silence_sensor', nation: 'KOR', target: 'KOR-R1', from: at(240), until: at(360), injected: false }, { kind: 'kill_node', nation: 'USA', target: '', from: at(300), until: at(345), injected: true }],
    can: { launches: ['launch-1', 'launch-2'], sensors: [{ nation: 'JPN', name: 'JPN-R1' }, { nation: 'JPN', name: 'JPN-R2' }, { nation: 'KOR', name: 'KOR-R1' }, { nation: 'USA', name: 'USA-S1' }], nations: ['JPN', 'KOR', 'USA'] } };
}

const RECORDINGS = [{ name: 'demo-trilateral-JPN.wfr', bytes: 4812311, modified: iso(Date.UTC(2026, 4, 2, 3, 12)) }, { name: 'salvo-JPN.wfr', bytes: 9912311, modified: iso(Date.UTC(2026, 4, 1, 8, 40)) }];

/** Answers the pages' questions in a browser page; `node` is the fake node behind its gateway. Replay plays it again. */
export async function answerPages(page, node) {
  const past = new FakeNode({ ...node.o, mode: 'replay', hold: true });
  let open = null;
  const replay = () => open && { recording: open, nation: node.o.nation, recorded_mode: 'exercise', from: iso(past.epoch), until: iso(past.epoch + 905e3), position: iso(past.epoch + past.now() * 1000), playing: false, speed: 5, busy: false, ended: false, identical: true,
    moments: [{ at: iso(past.epoch), kind: 'start', text: '' }, { at: iso(past.epoch + 45e3), kind: 'product', text: 'launch_notice' }, { at: iso(past.epoch + 58e3), kind: 'alarm', text: 'link_lost' }, { at: iso(past.epoch + 150e3), kind: 'product', text: 'area' }, { at: iso(past.epoch + 215e3), kind: 'product', text: 'threatened_areas' }] };
  const answers = {
    '/api/v1/release/policy': policy, '/api/v1/release/list': () => ({ rows: releases(node.epoch), next: 12 }), '/api/v1/log': () => ({ rows: log(node.epoch), next: null }), '/api/v1/system': () => system(node), '/api/v1/exercise': () => exercise(node),
    '/api/v1/release/explain': () => ({ answers: [{ kind: 'tracklet', from: 'JPN', to: ['JPN', 'KOR', 'USA'], allowed: true, why: 'rule "trilateral" names track contributions for exactly this audience', rule: 'trilateral', steps: ['the origin belongs to the audience', 'the first rule for exactly JPN KOR USA that names it is "trilateral"', 'no own sensor behind it is withheld'], effects: ['the number of plots is not stated'], policy: '5b1f0c92d7aa3e41' }] }),
    '/api/v1/replay': () => ({ recordings: RECORDINGS, replay: replay() }),
    '/api/v1/replay/open': (body) => { open = body.recording; return { status: 'ok', text: 'open' }; },
    '/api/v1/replay/close': () => { open = null; return { status: 'ok', text: 'closed' }; },
    '/api/v1/replay/control': (body) => { if (body.position) past.o.start = (Date.parse(body.position) - past.epoch) / 1000; return { status: 'ok', text: 'done' }; },
  };
  await page.route((url) => url.pathname in answers, (route) => {
    const request = route.request(), body = request.method() === 'POST' ? request.postDataJSON() : null;
    return route.fulfill({ json: answers[new URL(request.url()).pathname](body) });
  });
  await page.routeWebSocket(/\/api\/v1\/replay\/stream$/, (socket) => {
    let seq = 1;
    const state = () => ({ ...past.state(), replay: replay() });
    socket.send(JSON.stringify({ type: 'snapshot', seq, state: state() }));
    const timer = setInterval(() => {
      if (!open) return;
      socket.send(JSON.stringify({ type: 'delta', seq: seq + 1, after: seq++, state: state() }));
      socket.send(JSON.stringify({ type: 'beat', feed: 'up', since: iso(Date.now()), time: iso(Date.now()), seq }));
    }, 300);
    socket.onClose(() => clearInterval(timer));
  });
}
