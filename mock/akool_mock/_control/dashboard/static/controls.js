// What you begin with, and the switches: clock, faults, accounts.

import { act } from './api.js';
import { button, byId, copier, h, keyed, pill, span } from './dom.js';

const STEPS = [['+1 s', 1], ['+10 s', 10], ['+1 min', 60], ['+1 h', 3600], ['+7 d', 604800]];
const SWITCHES = [
  ['Gateway error', 'http=502', 'every answer is 502 with an HTML page'],
  ['Slow answers', 'latency=2000', 'every answer is sent two seconds later'],
  ['Rate limit', 'code=1005', 'every answer says 1005'],
  ['Resets', 'reset=before', 'connections are reset, nothing is processed'],
  ['Broken JSON', 'body=malformed', 'processed, but the answer is not JSON'],
  ['Jobs fail', 'job=failed', 'new jobs end in state 4'],
  ['Jobs get stuck', 'job=stuck', 'new jobs stay in state 2'],
  ['Lost webhooks', 'webhook=lost', 'webhooks of new jobs are not sent'],
];

let drawn = {};
/** Whether a part has changed since it was drawn; what somebody types into is not drawn anew for nothing. */
function changed(part, value) {
  const now = JSON.stringify(value);
  const differs = drawn[part] !== now;
  drawn = { ...drawn, [part]: now };
  return differs;
}

const clockAction = (action, more = {}) => () => act('POST', 'clock', { action, ...more });

export function drawClock({ frozen, offset_s: offset }) {
  const off = Math.round(offset);
  if (!changed('clock', [frozen, off])) return;
  const ahead = off ? `${span(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} real time` : 'in step with real time';
  byId('clock').replaceChildren(
    h('p', { class: 'fine' }, frozen ? `frozen, ${ahead}` : ahead),
    h('div', { class: 'buttons' }, ...STEPS.map(([text, seconds]) => button(text, clockAction('advance', { seconds })))),
    h(
      'div',
      { class: 'buttons' },
      frozen ? button('Resume', clockAction('resume'), { class: 'main' }) : button('Freeze', clockAction('freeze')),
      button('Real time', clockAction('real'), { disabled: !frozen && off === 0 }),
      resetter(),
    ),
  );
}

/** Asks once more before everything is forgotten. */
function resetter() {
  const it = button('Reset all', () => {
    if (it.textContent === 'Sure?') act('POST', 'reset', {});
    it.textContent = it.textContent === 'Sure?' ? 'Reset all' : 'Sure?';
    setTimeout(() => { it.textContent = 'Reset all'; }, 3000);
  }, { class: 'danger', title: 'Forget jobs, requests, webhooks and faults' });
  return it;
}

/** The key and a line that works, each with a button that copies it. A key that its owner chose is not shown. */
export function drawStart({ api_key: key, curl }) {
  const row = (name, text) => h('div', { class: 'given' }, h('b', {}, name), h('code', {}, text), copier('Copy', text, { 'aria-label': `Copy ${name}` }));
  const own = h('div', { class: 'given' }, h('b', {}, 'API key'), h('span', { class: 'fine' }, 'the key that you started the mock with'));
  byId('start').replaceChildren(key === null ? own : row('API key', key), row('First call', curl));
}

const everywhere = (rule) => !rule.operation && !rule.account && !rule.job && rule.times === null && rule.probability === 1;

export function drawFaults(rules, vocabulary, operations) {
  const place = byId('faults');
  if (!place.firstChild) {
    place.append(h('div', { class: 'switches', id: 'switches' }), form(vocabulary, operations), h('div', { class: 'rules', id: 'rules' }));
  }
  if (!changed('faults', rules)) return;
  const switches = SWITCHES.map(([name, fault, effect]) => ({ name, fault, effect, rule: rules.find((rule) => rule.fault === fault && everywhere(rule))?.id }));
  keyed(byId('switches'), switches, (one) => one.fault, toggle);
  keyed(byId('rules'), rules, (rule) => rule.id, ruleRow);
}

function toggle({ name, fault, effect, rule }) {
  const flip = () => (rule ? act('DELETE', `faults?id=${rule}`) : act('POST', 'faults', { fault }));
  return button(name, flip, { role: 'switch', 'aria-checked': rule ? 'true' : 'false', title: `${effect} (${fault})` });
}

function ruleRow(rule) {
  const where = [
    rule.operation || 'every operation',
    rule.account && `account ${rule.account}`,
    rule.job && `job ${rule.job}`,
    rule.times !== null && `${rule.times} more`,
    rule.after > 0 && `after ${rule.after}`,
    rule.probability < 1 && `${Math.round(rule.probability * 100)} %`,
  ].filter(Boolean).join(' · ');
  return h('div', { class: 'rule' }, pill(rule.fault, 'bad'), h('span', { class: 'fine' }, where), button('✕', () => act('DELETE', `faults?id=${rule.id}`), { class: 'quiet', title: 'Withdraw', 'aria-label': `Withdraw ${rule.fault}` }));
}

function form(vocabulary, operations) {
  const word = h('select', { 'aria-label': 'fault' }, ...Object.keys(vocabulary).map((name) => h('option', { value: name }, name)));
  const value = h('input', { 'aria-label': 'value', required: true });
  const operation = h('select', { 'aria-label': 'operation' }, h('option', { value: '' }, 'every operation'), ...operations.map((name) => h('option', { value: name }, name)));
  const times = h('input', { 'aria-label': 'times', type: 'number', min: '1', placeholder: 'times' });
  const about = h('p', { class: 'fine' });
  const explain = () => {
    value.placeholder = vocabulary[word.value].values;
    about.textContent = vocabulary[word.value].effect;
  };
  word.addEventListener('change', explain);
  explain();
  const add = (event) => {
    event.preventDefault();
    act('POST', 'faults', { fault: `${word.value}=${value.value}`, operation: operation.value, ...(times.value ? { times: Number(times.value) } : {}) });
  };
  return h('form', { class: 'add', onsubmit: add }, word, value, operation, times, h('button', { type: 'submit' }, 'Add'), about);
}

export function drawAccounts(accounts) {
  if (!changed('accounts', accounts)) return;
  keyed(byId('accounts'), accounts, (account) => account.client_id, (account) => {
    const path = `accounts/${encodeURIComponent(account.client_id)}`;
    const set = (event) => act('PATCH', path, { credits: Number(event.target.value) });
    return h(
      'div',
      { class: 'account' },
      h('code', { title: 'clientId' }, account.client_id),
      h('label', {}, h('input', { type: 'number', value: account.credits, step: 'any', min: '0', onchange: set, 'aria-label': 'credits' }), ' credits'),
      button(account.banned ? 'Lift ban' : 'Ban', () => act('PATCH', path, { banned: !account.banned }), { class: account.banned ? 'main' : '' }),
    );
  });
}
