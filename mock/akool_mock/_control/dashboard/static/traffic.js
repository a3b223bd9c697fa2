// What came in and what went out: requests with their answers, webhooks with their attempts.

import { act } from './api.js';
import { button, byId, count, h, keyed, pill, pretty, timeOf } from './dom.js';

const STATES = { pending: 'waiting', delivered: 'good', failed: 'bad', refused: 'bad', lost: 'odd', dropped: 'odd' };

/** What an answer amounts to: HTTP status and the code in its body. */
function verdict(row) {
  if (row.reset) return pill('reset', 'bad');
  let code = null;
  try {
    const said = JSON.parse(row.response);
    code = said.code ?? said.error_code ?? null;
  } catch { /* a file, or text cut for the journal */ }
  const good = row.status < 300 && (code === null || code === 1000 || code === 0);
  const text = code === null || code === 1000 || code === 0 ? String(row.status) : `${row.status} · ${code}`;
  return pill(text, good ? 'good' : row.status >= 500 ? 'bad' : 'waiting');
}

// What is left of a picture or a video in text: control characters and replacements.
const BINARY = /[\u0000-\u0008\u000e-\u001f\ufffd]/;

function body(title, text) {
  const shown = !text ? '(empty)' : BINARY.test(text) ? '(not text)' : pretty(text);
  return h('div', {}, h('h3', {}, title), h('pre', {}, shown));
}

const isFile = (row) => !row.operation && row.path.startsWith('/final_');

function requestRow(row) {
  const target = row.query ? `${row.path}?${row.query}` : row.path;
  return h(
    'details',
    { class: 'row new' },
    h(
      'summary',
      {},
      h('time', {}, timeOf(row.at)),
      verdict(row),
      h('b', {}, row.operation || row.method),
      h('code', { title: target }, `${row.method} ${target}`),
      row.fault ? pill(row.fault, 'bad', 'fault') : null,
    ),
    h('div', { class: 'bodies' }, body('Request', row.request), body('Answer', row.response)),
  );
}

const calm = (place, text) => byId(place).replaceChildren(h('p', { class: 'fine nothing' }, text));

/** The rows; result files, which this page itself asks for, only when they are wanted. */
export function drawRequests(all, total) {
  const rows = byId('with-files').checked ? all : all.filter((row) => !isFile(row));
  byId('requests-count').textContent = all.length < total ? `of the latest ${all.length}` : '';
  if (!rows.length) return calm('requests', 'None yet.');
  return keyed(byId('requests'), rows, (row) => row.number, requestRow);
}

function webhookRow(hook, old) {
  const again = (event) => {
    event.preventDefault(); // or the row would open
    act('POST', `webhooks/${hook.number}`);
  };
  const tries = hook.attempts.map((attempt) => `${timeOf(attempt.at)}  ${attempt.outcome}`);
  const next = hook.state === 'pending' ? ` · next ${timeOf(hook.due)}` : '';
  return h(
    'details',
    { class: 'row', open: old?.open ?? false },
    h(
      'summary',
      {},
      h('time', {}, `#${hook.number}`),
      pill(hook.state, STATES[hook.state] ?? 'odd'),
      h('b', {}, `state ${hook.status}`),
      h('code', { title: hook.url }, hook.url),
      h('span', { class: 'fine' }, count(tries.length, 'attempt') + next),
      button('Send again', again),
    ),
    h('div', { class: 'bodies' }, body('Job', hook.job), body('Attempts', tries.join('\n') || 'none yet')),
  );
}

export function drawWebhooks(hooks, { logged, waiting }) {
  byId('webhooks-count').textContent = logged ? `${count(logged, 'delivery', 'deliveries')}${waiting ? `, ${waiting} waiting` : ''}` : '';
  if (!hooks.length) return calm('webhooks', 'None yet: jobs that name a webhookUrl on this machine get some.');
  return keyed(byId('webhooks'), hooks, (hook) => hook.number, webhookRow);
}
