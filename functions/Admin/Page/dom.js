// Elements are made here and nowhere from text: nothing that the cluster says can become markup.
export const states = {
  ready: 'Ready', notReady: 'Not ready', waiting: 'Waiting', refused: 'Refused', paused: 'Paused',
  new: 'New', deleting: 'Deleting', missing: 'Missing', unknown: 'Not visible',
};

export const $ = id => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

export function glyph(state, size = 16) {
  return s('svg', { class: `glyph state-${state}`, width: size, height: size, 'aria-hidden': 'true' }, s('use', { href: `#s-${state}` }));
}

export function stateLabel(state) {
  return h('span', { class: `state state-${state}` }, glyph(state), states[state]);
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' });

export function ago(time, now = Date.now()) {
  if (!time) return '';
  const seconds = (new Date(time) - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 60) return relative.format(Math.round(seconds), 'second');
  if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (size < 86400) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86400), 'day');
}

export function when(time) {
  return time ? h('time', { datetime: time, title: new Date(time).toLocaleString(), 'data-time': time }, ago(time)) : '';
}

export function tick() {
  for (const element of document.querySelectorAll('time[data-time]')) {
    const text = ago(element.dataset.time);
    if (element.textContent !== text) element.textContent = text;
  }
}
