import * as api from './api.js';
import { DetailView } from './detail.js';
import { $, glyph, h, stateLabel, states, tick, when } from './dom.js';
import { GraphView } from './graph.js';
import { TableView } from './table.js';

const interval = 2000;
const store = { token: 'iofog-token', theme: 'iofog-theme' };
const now = { overview: null, objects: [], graph: { nodes: [], edges: [] }, state: null, kind: '', text: '', selected: null, failures: 0, timer: null, told: null };

const graph = new GraphView(open);
const table = new TableView(open);
const detail = new DetailView({ open, close, tell, acted: () => refresh() });

// ---- who looks

function start() {
  // A fragment never leaves the browser; it goes from the address bar and the history at once.
  const handed = new URLSearchParams(location.hash.slice(1)).get('token');
  if (handed) {
    sessionStorage.setItem(store.token, handed);
    history.replaceState(null, '', location.pathname + location.search);
  }
  theme(localStorage.getItem(store.theme) ?? 'auto');
  const token = sessionStorage.getItem(store.token);
  if (token) enter(token);
  else leave();
}

async function enter(token) {
  api.signIn(token);
  $('loading').hidden = false;
  $('sign-in').hidden = true;
  try {
    await api.read('overview');
  } catch (e) {
    leave(e.message);
    return;
  }
  sessionStorage.setItem(store.token, token);
  $('token').value = '';
  $('loading').hidden = true;
  $('app').hidden = false;
  now.failures = 0;
  await refresh();
}

function leave(why = null) {
  clearTimeout(now.timer);
  api.signIn(null);
  sessionStorage.removeItem(store.token);
  detail.hide();
  $('loading').hidden = true;
  $('app').hidden = true;
  $('sign-in').hidden = false;
  $('sign-in-problem').hidden = !why;
  $('sign-in-problem').textContent = why ?? '';
  $('token').focus();
}

// ---- what is there

async function refresh() {
  clearTimeout(now.timer);
  if (!api.signedIn()) return;
  let wait = interval;
  try {
    const [overview, objects, drawn] = await Promise.all([api.read('overview'), api.read('objects'), api.read('graph')]);
    if (!api.signedIn()) return;
    if (overview.changed || !now.overview) showOverview(now.overview = overview.body);
    if (objects.changed || !now.told) showObjects(objects.body.items);
    if (drawn.changed || !graph.graph) {
      now.graph = drawn.body;
      graph.show(drawn.body);
      filter();
    }
    await detail.refresh();
    if (!$('view-poison').hidden) await showPoison();
    now.failures = 0;
    live('live', 'Live');
  } catch (e) {
    if (e.status === 401) return leave(e.message);
    now.failures++;
    wait = e.after ? e.after * 1000 : Math.min(30_000, interval * 2 ** now.failures);
    live(e.status === 429 ? 'slow' : 'away', e.status ? e.message : 'No answer');
  }
  tick();
  clearTimeout(now.timer);
  if (!document.hidden) now.timer = setTimeout(refresh, wait);
}

function live(state, text) {
  const element = $('live');
  if (element.textContent === text && element.dataset.state === state) return;
  element.dataset.state = state;
  element.textContent = text;
  element.title = state === 'live' ? 'Looks every two seconds; only what has changed is sent' : text;
}

function showOverview({ namespace, user, kinds, controller, watcher, apps }) {
  $('namespace').textContent = namespace;
  $('namespace').title = `Namespace; signed in as ${user}`;
  const all = Object.values(kinds).filter(kind => !kind.forbidden);
  const total = state => all.reduce((sum, kind) => sum + (kind.objects[state] ?? 0), 0);
  const shown = ['ready', 'notReady', 'waiting', 'refused', 'paused', 'new', 'deleting'].map(state => [state, total(state)]).filter(([state, count]) => count || state === 'ready');
  $('states').replaceChildren(...shown.map(([state, count]) => h('button', {
    type: 'button', class: `chip state-${state}`, 'aria-pressed': String(now.state === state), 'data-state': state,
    onclick: () => {
      now.state = now.state === state ? null : state;
      showOverview(now.overview);
      $('states').querySelector(`[data-state="${state}"]`)?.focus();
      filter();
    },
  }, glyph(state, 14), h('b', {}, String(count)), states[state])));

  const queues = all.map(kind => kind.queue).filter(Boolean);
  const depth = queues.reduce((sum, queue) => sum + queue.depth, 0);
  const poison = queues.reduce((sum, queue) => sum + queue.poison, 0);
  const oldest = queues.map(queue => queue.oldest).filter(Boolean).sort()[0];
  $('poison-count').hidden = poison === 0;
  $('poison-count').textContent = poison;
  $('cards').replaceChildren(
    card('Controller', controller ? stateLabel(controller.state) : h('span', { class: 'muted' }, 'none'), controller ? [controller.version ? `v${controller.version.replace(/^v/, '')}` : null, controller.endpoint ?? controller.reason].filter(Boolean).join(' · ') : 'There is no ControlPlane'),
    card('Watcher', watcher ? h('span', { class: `state state-${watcher.alive ? 'ready' : 'refused'}` }, glyph(watcher.alive ? 'ready' : 'refused'), watcher.alive ? 'Leads' : 'Silent') : h('span', { class: 'muted' }, 'unknown'), watcher?.holder ?? 'No lease to be seen'),
    card('Queues', h('span', {}, h('b', {}, String(depth)), ' due'), oldest ? h('span', {}, 'oldest ', when(oldest)) : depth ? 'In work' : 'Nothing waits'),
    card('Poison', h('span', { class: poison ? 'state state-refused' : '' }, h('b', {}, String(poison)), poison === 1 ? ' message' : ' messages'), poison ? 'See the tab Poison' : 'Everything was understood'),
    apps?.length ? card('Apps', h('span', {}, h('b', {}, String(apps.filter(app => app.ready).length)), ` of ${apps.length} awake`), apps.filter(app => app.ready).map(app => app.name).join(', ') || 'All at zero') : '');

  const options = ['', ...Object.entries(kinds).filter(([, kind]) => !kind.forbidden).map(([name]) => name)];
  if ($('kind').options.length !== options.length)
    $('kind').replaceChildren(...options.map(name => h('option', { value: name }, name || 'All kinds')));
  mayReconcile();
}

const card = (title, value, note) => h('div', { class: 'card' }, h('h2', {}, title), h('div', { class: 'value' }, value), h('div', { class: 'note' }, note));

function showObjects(items) {
  const before = now.told;
  now.told = new Map(items.map(item => [item.id, item.state]));
  now.objects = items;
  table.show(items);
  filter();
  if (!before) return;
  const changed = items.filter(item => before.has(item.id) && before.get(item.id) !== item.state);
  if (changed.length && changed.length < 6) $('news').textContent = changed.map(item => `${item.kind} ${item.name} is now ${states[item.state]}`).join('. ');
}

async function showPoison() {
  const { body: { messages }, changed } = await api.read('poison');
  const body = $('poison').tBodies[0];
  if (!changed && now.poisonShown) return;
  now.poisonShown = true;
  $('poison-empty').hidden = messages.length > 0;
  $('poison').hidden = messages.length === 0;
  body.replaceChildren(...messages.map(message => h('tr', {},
    h('td', {}, message.kind),
    h('th', { scope: 'row' }, message.subject ? `${message.subject.split('/')[1]} (${message.reason}, turn ${message.turn})` : `${message.length} characters`),
    h('td', { class: 'wrap' }, message.why), h('td', {}, when(message.inserted)),
    h('td', {}, h('button', {
      type: 'button', disabled: !now.overview.kinds[message.kind].mayUpdate, 'aria-label': `Discard the message about ${message.subject ?? message.kind}`,
      onclick: async event => {
        event.target.disabled = true;
        try {
          await api.act('DELETE', `poison/${now.overview.kinds[message.kind].plural}/${encodeURIComponent(message.id)}`);
          tell('Discarded');
        } catch (e) {
          tell(e.message, true);
        }
        now.poisonShown = false;
        refresh();
      },
    }, 'Discard')))));
}

// ---- what is shown of it

function filter() {
  const words = now.text.toLowerCase().split(/\s+/).filter(Boolean);
  const active = words.length || now.state || now.kind;
  const fits = item => (!now.state || item.state === now.state) && (!now.kind || item.kind === now.kind)
    && words.every(word => `${item.kind} ${item.name} ${item.reason ?? ''} ${item.message ?? ''} ${item.waitingFor ?? ''}`.toLowerCase().includes(word));
  const rows = active ? new Set(now.objects.filter(fits).map(item => item.id)) : null;
  table.filter(rows);
  if (!graph.graph) return;
  graph.mark(now.selected, active ? new Set(now.graph.nodes.filter(node => fits(node) || rows.has(node.id)).map(node => node.id)) : undefined);
}

function mayReconcile() {
  const kinds = Object.entries(now.overview?.kinds ?? {});
  const wanted = now.kind ? kinds.filter(([name]) => name === now.kind) : kinds;
  $('reconcile-all').disabled = !wanted.length || !wanted.every(([, kind]) => kind.mayUpdate);
  $('reconcile-all').textContent = now.kind ? `Reconcile every ${now.kind}` : 'Reconcile all';
}

function open(id) {
  const node = now.graph.nodes.find(each => each.id === id) ?? now.objects.find(each => each.id === id);
  if (!node) return;
  if (node.declaredBy) {
    const application = now.graph.nodes.find(each => each.id === node.declaredBy);
    select(id);
    show(application);
    return;
  }
  select(id);
  if (node.state === 'missing' || node.state === 'unknown') tell(node.message ?? `${id} is not there`);
  else show(node);
}

function show(node) {
  now.opener ??= document.activeElement;
  detail.open(node, now.overview.kinds[node.kind].plural).catch(e => tell(e.message, true));
}

function select(id) {
  now.selected = id;
  graph.mark(id);
  table.select(id);
}

function close() {
  detail.hide();
  select(null);
  now.opener?.focus?.();
  now.opener = null;
}

function tab(name, focus = false) {
  for (const each of ['network', 'objects', 'poison']) {
    $(`tab-${each}`).setAttribute('aria-selected', String(each === name));
    $(`tab-${each}`).tabIndex = each === name ? 0 : -1;
    $(`view-${each}`).hidden = each !== name;
  }
  if (focus) $(`tab-${name}`).focus();
  if (name === 'poison') {
    now.poisonShown = false;
    showPoison().catch(e => tell(e.message, true));
  }
}

function tell(text, bad = false) {
  const toast = $('toast');
  toast.textContent = text;
  toast.classList.toggle('bad', bad);
  toast.hidden = false;
  clearTimeout(now.toast);
  now.toast = setTimeout(() => {
    toast.hidden = true;
  }, bad ? 8000 : 3500);
}

function theme(name) {
  const names = { auto: 'Auto', light: 'Light', dark: 'Dark' };
  document.documentElement.dataset.theme = name;
  $('theme').textContent = names[name];
  $('theme').setAttribute('aria-label', `Theme: ${names[name]}`);
  $('theme').onclick = () => {
    const next = { auto: 'light', light: 'dark', dark: 'auto' }[name];
    localStorage.setItem(store.theme, next);
    theme(next);
  };
}

// ---- what people do

$('sign-in-form').addEventListener('submit', event => {
  event.preventDefault();
  enter($('token').value.trim());
});
$('sign-out').addEventListener('click', () => leave());
$('diagnostics').addEventListener('click', () => api.download('diagnostics').catch(e => tell(e.message, true)));
$('filter').addEventListener('input', event => {
  now.text = event.target.value;
  filter();
});
$('kind').addEventListener('change', event => {
  now.kind = event.target.value;
  mayReconcile();
  filter();
});
$('reconcile-all').addEventListener('click', async event => {
  event.target.disabled = true;
  try {
    const { objects } = await api.act('POST', now.kind ? `reconcile/${now.overview.kinds[now.kind].plural}` : 'reconcile');
    tell(`Asked to reconcile ${objects} ${objects === 1 ? 'object' : 'objects'}`);
  } catch (e) {
    tell(e.message, true);
  }
  mayReconcile();
  refresh();
});
for (const name of ['network', 'objects', 'poison']) $(`tab-${name}`).addEventListener('click', () => tab(name));
document.querySelector('[role=tablist]').addEventListener('keydown', event => {
  const names = ['network', 'objects', 'poison'];
  const at = names.findIndex(name => $(`tab-${name}`).getAttribute('aria-selected') === 'true');
  const to = { ArrowRight: (at + 1) % 3, ArrowLeft: (at + 2) % 3, Home: 0, End: 2 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  tab(names[to], true);
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && !$('detail').hidden) close();
  if (event.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName)) {
    event.preventDefault();
    $('filter').focus();
  }
});
document.addEventListener('visibilitychange', () => document.hidden ? clearTimeout(now.timer) : refresh());
$('legend').append(...['ready', 'notReady', 'waiting', 'refused', 'paused', 'new', 'missing'].map(state => h('li', {}, stateLabel(state))),
  h('li', { class: 'key route' }, 'route'), h('li', { class: 'key upstream' }, 'router'), h('li', { class: 'key waits' }, 'waits for'));
start();
