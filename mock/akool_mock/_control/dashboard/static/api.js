// The control plane: ask it, and order something of it.

import { byId } from './dom.js';

const TOAST_MS = 5000;

/** One request; the JSON that it answers, or an error in the control plane's own words. */
export async function call(method, path, body) {
  const answer = await fetch(`/_mock/${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  const said = isJson ? JSON.parse(text) : { error: text };
  if (!answer.ok) throw new Error(said.error ?? `HTTP ${answer.status}`);
  return said;
}

let look = async () => {};
/** What to do when something was ordered: look again. */
export const whenChanged = (does) => { look = does; };

/** Order something, then look again; what is refused is shown. */
export async function act(method, path, body) {
  try {
    await call(method, path, body);
  } catch (error) {
    toast(error.message);
  }
  await look();
}

let hiding = 0;
export function toast(text) {
  const place = byId('toast');
  place.textContent = text;
  place.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { place.hidden = true; }, TOAST_MS);
}
