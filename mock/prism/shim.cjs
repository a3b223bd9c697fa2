// Preloaded into prism-cli's process (`node --require shim.cjs`): says what Prism keeps to itself under `-v silent`,
// and takes back what Prism does on its own account. Knows nothing of any API.
//
// Out, a line each on stdout, `@prism ` and JSON:
//   {event: "listening", host, port}              after start and after each hot reload
//   {event: "refused", code, message}             it cannot listen
//   {event: "answer", method, path, status, violations, own}
//                                                 proxy mode: `violations` as in the header sl-violations, but whole;
//                                                 `own`: what Prism says of an answer that is not upstream's, or null
//   {event: "reply", id, error}                   to a command
// In, a line each on stdin, JSON:
//   {id, do: "check", file}                       would this contract be served?
//   {id, do: "ping"}                              all that happened before is reported before the reply
// When stdin ends, the process ends: no orphan survives its parent, even a killed one.
'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const readline = require('node:readline');

const PROXY = process.argv[2] === 'proxy';
// Prism follows redirects and answers a 501 with a mock of its own. Disguised as statuses that nobody knows they pass
// through untouched, and are violations like any status the contract does not have.
const HIDDEN = new Map([301, 302, 303, 307, 308, 501].map((status) => [status, status + 400]));
const SHOWN = new Map([...HIDDEN].map(([real, disguise]) => [disguise, real]));
const PROBLEM = 'application/problem+json';
const DETAIL_LIMIT = 500;
const VIOLATIONS_LIMIT = 1000;

// Prism's own copy of its library, whatever else is installed.
const library = () => require(require.resolve('@stoplight/prism-http', { paths: [process.argv[1]] }));
const say = (event) => process.stdout.write(`@prism ${JSON.stringify(event)}\n`);

// --- where it listens; port 0 stays the same port over a hot reload -------------------------------------------------
let kept = 0;
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  this.once('listening', () => {
    const bound = this.address();
    kept = bound.port;
    say({ event: 'listening', host: bound.address, port: bound.port });
  });
  this.once('error', (error) => say({ event: 'refused', code: error.code, message: error.message }));
  return listen.call(this, port || kept, ...rest);
};

// --- header values that Node would refuse: a violation may quote any property name ----------------------------------
const setHeader = http.ServerResponse.prototype.setHeader;
http.ServerResponse.prototype.setHeader = function (name, value) {
  const safe =
    name === 'sl-violations'
      ? value.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : value;
  return setHeader.call(this, name, safe);
};

// --- proxy mode: what upstream really said, and what Prism thinks of it ---------------------------------------------
// Per request, once they are known: the media type of upstream's answer (`type`), and Prism's `violations`.
const exchange = new AsyncLocalStorage();

function observed(request) {
  return function (...args) {
    const sent = request.apply(this, args);
    sent.prependListener('response', (answer) => {
      const here = exchange.getStore();
      if (here) here.type = answer.headers['content-type'] ?? '';
      answer.statusCode = HIDDEN.get(answer.statusCode) ?? answer.statusCode;
    });
    return sent;
  };
}

// What Prism says of an answer of its own making; null if it hands on upstream's.
function own(response, body) {
  const theirs = exchange.getStore()?.type;
  const problem = response.getHeader('content-type') === PROBLEM && !theirs?.startsWith(PROBLEM);
  if (theirs !== undefined && !problem) return null;
  try {
    const { title, detail, error } = JSON.parse(body);
    return (error?.message ?? `${title}: ${detail}`).slice(0, DETAIL_LIMIT);
  } catch {
    return 'Prism answered by itself';
  }
}

// The header holds 8 KB of violations and cuts the rest off, which may be the answer's; so they are taken at their source.
function judged(createInstance) {
  return (...made) => {
    const instance = createInstance(...made);
    const request = (...asked) => {
      const task = instance.request(...asked);
      return async () => {
        const outcome = await task();
        const here = exchange.getStore();
        if (here && outcome._tag === 'Right') here.violations = listed(outcome.right.validations);
        return outcome;
      };
    };
    return { ...instance, request };
  };
}

function listed({ input, output }) {
  const entry = (side) => ({ path = [], code, message }) => ({ location: [side, ...path], code, message });
  const all = [...output.map(entry('response')), ...input.map(entry('request'))];
  const more = { location: [], code: 'cut', message: `and ${all.length - VIOLATIONS_LIMIT} more` };
  return all.length > VIOLATIONS_LIMIT ? [...all.slice(0, VIOLATIONS_LIMIT), more] : all;
}

if (PROXY) {
  library().createInstance = judged(library().createInstance);
  http.request = observed(http.request);
  https.request = observed(https.request);
  const emit = http.Server.prototype.emit;
  http.Server.prototype.emit = function (name, ...args) {
    const run = () => emit.call(this, name, ...args);
    return name === 'request' ? exchange.run({}, run) : run();
  };
  const end = http.ServerResponse.prototype.end;
  http.ServerResponse.prototype.end = function (body, ...rest) {
    if (!this.headersSent) {
      this.statusCode = SHOWN.get(this.statusCode) ?? this.statusCode;
      say({
        event: 'answer',
        method: this.req.method,
        path: this.req.url.split('?', 1)[0],
        status: this.statusCode,
        violations: exchange.getStore()?.violations ?? [],
        own: own(this, body),
      });
    }
    return end.call(this, body, ...rest);
  };
}

// --- commands -------------------------------------------------------------------------------------------------------
async function check(file) {
  // The reader that a broken contract would kill is the one that is asked.
  const operations = await library().getHttpOperationsFromSpec(file);
  if (operations.length === 0) throw new Error('it has no operations');
}

const DO = { check: ({ file }) => check(file), ping: async () => {} };

readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line);
    DO[command.do](command)
      .then(() => say({ event: 'reply', id: command.id, error: null }))
      .catch((error) => say({ event: 'reply', id: command.id, error: String(error.message) }));
  })
  .on('close', () => process.exit(0));
