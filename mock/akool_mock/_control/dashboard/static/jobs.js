// Jobs as cards: state, result picture, and what can be done to each.

import { act } from './api.js';
import { button, byId, copier, h, keyed, pill, span } from './dom.js';

const STATES = {
  1: ['in queue', 'waiting'],
  2: ['processing', 'moving'],
  3: ['success', 'good'],
  4: ['failed', 'bad'],
};
const DONE = 3;

// A video plays while it is pointed at, and shows its controls then.
const play = ({ target }) => { target.controls = true; target.play().catch(() => {}); };
const pause = ({ target }) => { target.controls = false; target.pause(); };

function picture(job) {
  if (job.status !== DONE) {
    const face = job.status === 4 ? '✕' : job.video ? '▷' : '◌';
    return h('div', { class: `media empty s${job.status}` }, h('span', { 'aria-hidden': 'true' }, face));
  }
  // The result's own name on this server, whatever host it was handed out under.
  const source = `/${job.url.split('/').at(-1)}`;
  const gone = (event) => event.target.replaceWith(h('span', {}, 'no longer kept'));
  const shown = job.video
    ? h('video', { src: source, muted: true, loop: true, preload: 'metadata', onerror: gone, onpointerenter: play, onpointerleave: pause })
    : h('img', { src: source, alt: `result of job ${job.id}`, loading: 'lazy', onerror: gone });
  return h('div', { class: 'media' }, shown);
}

function card(job, old) {
  const [name, tone] = STATES[job.status] ?? [`state ${job.status}`, 'odd'];
  const set = (status) => () => act('PATCH', `jobs/${job.id}`, { status });
  const moving = job.status < DONE;
  return h(
    'article',
    { class: `card ${old ? '' : 'new'}`, 'aria-label': `job ${job.id}` },
    keptPicture(job, old) ?? picture(job),
    pill(name, tone),
    h(
      'div',
      { class: 'facts' },
      h('b', {}, job.operation),
      copier(job.id, job.id, { class: 'id', title: 'Copy the _id' }),
      h('span', { class: 'fine' }, `${span(job.age_s)} old · ${job.cost} credits`, job.webhook ? h('i', { title: job.webhook }, ' · webhook') : null, job.listed ? null : ' · not listed yet'),
    ),
    h(
      'div',
      { class: 'deeds' },
      moving ? button('Finish', set(3)) : null,
      moving ? button('Fail', set(4)) : null,
      button('Delete', () => act('DELETE', `jobs/${job.id}`), { class: 'danger' }),
    ),
  );
}

/** The picture that is on the page already, so that it does not flicker while the card's text changes. */
function keptPicture(job, old) {
  const had = old?.querySelector('.media');
  if (!had) return null;
  const before = JSON.parse(old.dataset.signature);
  return before.status === job.status ? had : null;
}

const hint = () => h('div', { class: 'hint', 'data-key': 'hint' }, 'No jobs yet. The first call above makes one.');

export function drawJobs({ total, jobs }) {
  byId('jobs-count').textContent = jobs.length < total ? `the newest ${jobs.length} of ${total.toLocaleString('en')}` : '';
  if (!jobs.length) {
    if (!byId('jobs').querySelector('.hint')) byId('jobs').replaceChildren(hint());
    return;
  }
  // An age that is shown in seconds changes once a second, not with every look.
  const calm = jobs.map((job) => ({ ...job, age_s: job.age_s < 60 ? Math.floor(job.age_s) : Math.floor(job.age_s / 60) * 60 }));
  keyed(byId('jobs'), calm, (job) => job.id, card);
}
