// The dashboard: asks the control plane whenever it says that something is new, and draws what it answers.

import { call, toast, whenChanged } from './api.js';
import { byId, h, stamp, themeSwitch } from './dom.js';
import { drawAccounts, drawClock, drawFaults, drawStart } from './controls.js';
import { drawJobs } from './jobs.js';
import { drawRequests, drawWebhooks } from './traffic.js';

const SHOWN_JOBS = 60;
const SHOWN_ROWS = 200;
const LOOK_AGAIN_MS = 500;
const END = 3; // states 3 and 4, and any that is not documented, are final

const model = { state: null, jobs: { total: 0, jobs: [] }, requests: [], cursor: 0, webhooks: [], vocabulary: {} };

let asking = null;
let again = false;
/** Ask for what is new. Calls that come while one is under way share one more. */
function refresh() {
  if (asking) {
    again = true;
    return asking;
  }
  asking = ask()
    .catch((error) => toast(`the simulator does not answer: ${error.message}`))
    .finally(() => {
      asking = null;
      if (again) {
        again = false;
        refresh();
      }
    });
  return asking;
}

async function ask() {
  const state = await call('GET', 'state');
  if (state.requests < model.cursor) Object.assign(model, { cursor: 0, requests: [] }); // it was reset
  const first = Math.max(0, state.webhooks.logged - SHOWN_ROWS);
  const [jobs, news, hooks] = await Promise.all([
    call('GET', `jobs?limit=${SHOWN_JOBS}`),
    call('GET', `requests?after=${Math.max(model.cursor, state.requests - SHOWN_ROWS)}`),
    call('GET', `webhooks?after=${first}`),
  ]);
  model.requests = [...news.requests.reverse(), ...model.requests].slice(0, SHOWN_ROWS);
  Object.assign(model, { state, jobs, cursor: news.cursor, webhooks: hooks.webhooks.reverse(), askedAt: performance.now() });
  draw();
}

function draw() {
  const { state, jobs, webhooks } = model;
  drawFigures();
  drawJobs(jobs);
  drawClock(state.clock);
  drawFaults(state.faults, model.vocabulary, model.operations);
  drawAccounts(state.accounts);
  drawRequests(model.requests, state.requests);
  drawWebhooks(webhooks, state.webhooks);
}

function drawFigures() {
  const { state, jobs, webhooks } = model;
  const inState = (...wanted) => jobs.jobs.filter((job) => wanted.includes(job.status)).length;
  const figures = [
    [jobs.total, 'jobs'],
    [inState(1, 2), 'running'],
    [inState(3), 'done'],
    [inState(4), 'failed'],
    [state.requests, 'requests'],
    [webhooks.filter((hook) => hook.state === 'delivered').length, 'webhooks delivered'],
    [state.faults.length, 'fault rules in force'],
  ];
  byId('figures').replaceChildren(...figures.map(([number, of]) => h('div', {}, h('b', {}, number.toLocaleString('en')), h('span', {}, of))));
  if (state.failures.length) toast(`a bug in the simulator: ${state.failures.at(-1)}`);
}

/** Mock time at this moment, by the last answer and the time since. */
function now() {
  const { clock } = model.state;
  return clock.now + (clock.frozen ? 0 : (performance.now() - model.askedAt) / 1000);
}

function tick() {
  if (!model.state) return;
  const { frozen } = model.state.clock;
  byId('clock-chip').replaceChildren(h('b', {}, stamp(now())), frozen ? ' UTC, frozen' : ' UTC');
  byId('clock-chip').classList.toggle('frozen', frozen);
  const moving = model.jobs.jobs.some((job) => job.status < END) || model.state.webhooks.waiting > 0;
  if (moving && !frozen) refresh();
}

function link(text, tone) {
  byId('link-chip').className = `chip ${tone}`;
  byId('link-chip').textContent = text;
}

async function start() {
  themeSwitch();
  whenChanged(refresh);
  byId('with-files').addEventListener('change', () => drawRequests(model.requests, model.state.requests));
  [model.vocabulary, { operations: model.operations }] = await Promise.all([
    call('GET', 'faults/vocabulary'),
    call('GET', 'health'),
  ]);
  drawStart(await call('GET', 'start'));
  await refresh();
  const events = new EventSource('/_mock/events');
  events.onopen = () => link('live', 'good');
  events.onmessage = refresh;
  events.onerror = () => link('not connected', 'bad');
  setInterval(tick, LOOK_AGAIN_MS);
  tick();
}

start().catch((error) => toast(`the simulator does not answer: ${error.message}`));
