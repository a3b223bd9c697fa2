// Small helpers. All text goes in as text, never as markup: whatever a request carried stays text.

const COPIED_MS = 900;

/** An element: properties, attributes and listeners (`onclick`) by name, then children; null is left out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Make a container's children those of `items`, and no others: kept by key, renewed only where an item has changed. */
export function keyed(container, items, key, render) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let place = container.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const signature = JSON.stringify(item);
    let child = old.get(name);
    if (!child || child.dataset.signature !== signature) {
      const fresh = render(item, child);
      fresh.dataset.key = name;
      fresh.dataset.signature = signature;
      if (child) {
        if (place === child) place = child.nextElementSibling;
        child.replaceWith(fresh);
      }
      child = fresh;
    }
    old.delete(name);
    if (child === place) place = place.nextElementSibling;
    else container.insertBefore(child, place);
  }
  for (const gone of old.values()) gone.remove();
}

export const pill = (text, tone, title) => h('span', { class: `pill ${tone}`, title }, text);

export const button = (text, onclick, props = {}) => h('button', { type: 'button', onclick, ...props }, text);

/** A button that copies a text, also where the browser keeps its clipboard from pages without HTTPS. */
export const copier = (name, text, props = {}) => button(name, async ({ target }) => {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyBySelection(text);
  target.classList.add('copied');
  setTimeout(() => target.classList.remove('copied'), COPIED_MS);
}, props);

function copyBySelection(text) {
  const field = h('textarea', { value: text });
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

/** 2026-11-21 01:02:03 of seconds since 1970, UTC. */
export const stamp = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
export const timeOf = (seconds) => stamp(seconds).slice(11);

/** A length of time in its two largest units. */
export function span(seconds) {
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  let rest = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [name, size] of units) {
    if (rest >= size || (name === 's' && !parts.length)) parts.push(`${Math.floor(rest / size)} ${name}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(' ');
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

/** JSON laid out to be read; other text as it is. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function themeSwitch() {
  byId('theme').addEventListener('click', () => {
    const root = document.documentElement;
    const dark = getComputedStyle(root).colorScheme === 'dark'
      || (!root.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
    root.dataset.theme = dark ? 'light' : 'dark';
    localStorage.setItem('theme', root.dataset.theme);
    root.dispatchEvent(new Event('themechange'));
  });
}
