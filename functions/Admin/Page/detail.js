import * as api from './api.js';
import { $, glyph, h, stateLabel, when } from './dom.js';

/** Everything about one object, in the panel at the side. */
export class DetailView {
  constructor({ open, close, tell, acted }) {
    this.panel = $('detail');
    Object.assign(this, { openOther: open, close, tell, acted });
  }

  async open(node, plural) {
    const again = this.node?.id === node.id && !this.panel.hidden;
    Object.assign(this, { node, plural, turn: null, comparison: null, why: null });
    if (again) return this.refresh();
    this.parts = {
      title: h('h2', { id: 'detail-title' }, h('span', { class: 'kind' }, node.kind), node.name),
      state: h('p', { class: 'now' }), acts: h('div', { class: 'acts' }), body: h('div', { class: 'body' }),
    };
    this.sections = Object.fromEntries(['why', 'conditions', 'comparison', 'events', 'changes', 'object'].map(name => [name, h('section', { 'data-part': name })]));
    this.parts.body.append(...Object.values(this.sections));
    this.says = {};
    this.panel.replaceChildren(
      h('div', { class: 'top' }, this.parts.title, h('button', { type: 'button', class: 'close', 'aria-label': 'Close', onclick: this.close }, '×')),
      this.parts.state, this.parts.acts, this.parts.body);
    this.panel.hidden = false;
    this.panel.scrollTop = 0;
    this.panel.focus({ preventScroll: true });
    await this.refresh();
  }

  hide() {
    this.panel.hidden = true;
    this.node = null;
  }

  get path() {
    return `objects/${this.plural}/${encodeURIComponent(this.node.name)}`;
  }

  async refresh() {
    const node = this.node;
    if (!node) return;
    try {
      const { body, changed } = await api.read(this.path);
      if (this.node !== node) return;
      if (changed || !this.says.state) this.show(body);
      const turn = `${body.object.status?.turn}/${body.object.metadata.generation}`;
      if (turn !== this.turn) {
        this.turn = turn;
        this.compare(node);
      }
      const why = body.summary.state === 'ready' ? null : (await api.read(`why/${this.plural}/${encodeURIComponent(node.name)}`)).body;
      if (this.node === node) this.put('why', why, () => this.drawWhy(why));
    } catch (e) {
      if (e.status !== 404) throw e;
      if (this.node !== node) return;
      this.parts.state.replaceChildren('It is gone.');
      this.parts.acts.replaceChildren();
      for (const section of Object.values(this.sections)) section.replaceChildren();
    }
  }

  put(name, value, draw) {
    const says = JSON.stringify(value ?? null);
    if (this.says[name] === says) return;
    this.says[name] = says;
    this.sections[name].replaceChildren(...draw());
  }

  show({ summary, object, events, changes, mayUpdate }) {
    this.says.state = summary.state;
    this.parts.state.replaceChildren(stateLabel(summary.state), summary.reason ? h('span', { class: 'reason' }, summary.reason) : '',
      summary.since ? h('span', { class: 'muted' }, 'since ', when(summary.since)) : '');
    const paused = object.metadata.annotations?.['iofog.org/paused'] === 'true';
    const acts = h('div', { class: 'acts' });
    acts.append(
      this.button('Reconcile now', 'reconcile', mayUpdate, true),
      paused ? this.button('Resume', 'resume', mayUpdate) : this.button('Pause', 'pause', mayUpdate),
      mayUpdate ? '' : h('span', { class: 'muted' }, 'You may look, not act.'));
    const focused = this.parts.acts.contains(document.activeElement) ? [...this.parts.acts.children].indexOf(document.activeElement) : -1;
    this.parts.acts.replaceWith(acts);
    this.parts.acts = acts;
    if (focused >= 0) acts.children[focused]?.focus();

    const status = object.status ?? {};
    this.put('conditions', [status.conditions, status.nextReconcileTime, status.attempts, status.waitingFor], () => [
      h('h3', {}, 'Conditions'),
      table(['Condition', 'Status', 'Reason', 'Since'], (status.conditions ?? []).map(condition => [
        h('th', { scope: 'row' }, condition.type),
        h('td', {}, h('span', { class: `truth ${good(condition)}` }, condition.status)),
        h('td', {}, condition.reason, condition.message ? h('div', { class: 'muted wrap' }, condition.message) : ''),
        h('td', {}, when(condition.lastTransitionTime)),
      ]), 'Nobody has looked at it yet.'),
      status.waitingFor || status.nextReconcileTime ? h('p', { class: 'muted' },
        status.waitingFor ? `Waits for ${status.waitingFor}. ` : '', status.attempts ? `${status.attempts} ${status.attempts === 1 ? 'try' : 'tries'}. ` : '',
        status.nextReconcileTime ? h('span', {}, 'Next look ', when(status.nextReconcileTime)) : '') : '',
    ]);
    this.put('events', events, () => [
      h('h3', {}, 'Events'),
      events.length ? h('ol', { class: 'events' }, events.map(event => h('li', { class: event.type === 'Warning' ? 'warning' : '' },
        h('div', {}, h('b', {}, event.reason), event.count > 1 ? h('span', { class: 'times' }, `× ${event.count}`) : '', h('span', { class: 'muted' }, when(event.time))),
        h('div', { class: 'wrap' }, event.note)))) : h('p', { class: 'muted' }, 'None.'),
    ]);
    this.put('changes', changes, () => [
      h('h3', {}, 'Last changes'),
      table(['Who', 'What', 'When'], changes.map(change => [
        h('th', { scope: 'row' }, change.manager), h('td', {}, `${change.operation}${change.part ? ` of ${change.part}` : ''}`), h('td', {}, when(change.time)),
      ]), 'Unknown.'),
    ]);
    const open = this.sections.object.querySelector('details')?.open ?? false;
    this.put('object', object, () => [h('details', { open }, h('summary', {}, 'The object'), h('pre', { tabindex: 0 }, yaml(object)))]);
  }

  button(title, act, may, primary = false) {
    const button = h('button', { type: 'button', class: primary ? 'primary' : null, disabled: !may, 'data-act': act }, title);
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        await api.act('POST', `${this.path}/${act}`);
        this.tell(`${title}: asked for ${this.node.kind} ${this.node.name}`);
      } catch (e) {
        this.tell(e.message, true);
      } finally {
        button.disabled = false;
      }
      this.acted();
    });
    return button;
  }

  async compare(node) {
    try {
      const { body } = await api.read(`${this.path}/comparison`);
      if (this.node === node) this.put('comparison', body, () => this.drawComparison(body));
    } catch (e) {
      if (this.node === node) this.put('comparison', e.message, () => [h('h3', {}, 'Desired and observed'), h('p', { class: 'muted' }, e.message)]);
    }
  }

  drawComparison({ held, why, fields }) {
    const holder = this.node.kind === 'ControlPlane' ? 'cluster' : 'Controller';
    const differ = fields.filter(field => !field.same);
    const known = held === true;
    return [
      h('h3', {}, 'Desired and observed'),
      h('p', { class: known && differ.length === 0 ? 'same' : 'muted' },
        why ?? (held === false ? `The ${holder} holds nothing of it.` : differ.length === 0 ? `The ${holder} holds what the spec says.` : `${differ.length} of ${fields.length} fields differ.`)),
      fields.length ? table(['Field', 'Spec', `In the ${holder}`], [...differ, ...fields.filter(field => field.same)].map(field => [
        h('th', { scope: 'row' }, !known ? '' : h('span', { class: field.same ? 'mark same' : 'mark differs', title: field.same ? 'The same' : 'Differs' }, field.same ? '=' : '≠'), field.field),
        h('td', {}, h('code', {}, field.desired)), h('td', {}, field.same ? h('span', { class: 'muted' }, 'the same') : field.observed ? h('code', {}, field.observed) : h('span', { class: 'muted' }, known ? 'nothing' : 'unknown')),
      ])) : '',
    ];
  }

  drawWhy(why) {
    if (!why) return [];
    return [
      h('h3', {}, 'Why it is not Ready'),
      h('ol', { class: 'why' }, why.links.map(link => h('li', {},
        link.relation ? h('span', { class: 'relation' }, link.relation) : '',
        h('span', { class: 'step' }, glyph(link.state), link.id === this.node.id || !/^[A-Z]\w+\//.test(link.id) || link.state === 'missing' ? h('b', {}, link.id)
          : h('button', { type: 'button', class: 'link', onclick: () => this.openOther(link.id) }, link.id), link.reason ? h('span', { class: 'muted' }, link.reason) : '')))),
      h('p', { class: 'verdict' }, why.verdict),
      why.advice ? h('p', { class: 'muted' }, why.advice) : '',
    ];
  }
}

const good = condition => {
  const wants = condition.type === 'Reconciling' || condition.type === 'Stalled' || condition.type === 'deploying' ? 'False' : 'True';
  return condition.status === wants ? 'yes' : condition.status === 'Unknown' ? 'unclear' : 'no';
};

function table(titles, rows, empty) {
  if (!rows.length) return h('p', { class: 'muted' }, empty ?? 'None.');
  return h('table', {}, h('thead', {}, h('tr', {}, titles.map(title => h('th', { scope: 'col' }, title)))), h('tbody', {}, rows.map(cells => h('tr', {}, cells))));
}

/** For reading, not for parsing. */
export function yaml(value, depth = 0) {
  const pad = '  '.repeat(depth);
  if (Array.isArray(value)) return value.map(item => typeof item === 'object' && item !== null ? `${pad}- ${yaml(item, depth + 1).trimStart()}` : `${pad}- ${plain(item)}`).join('\n');
  return Object.entries(value).map(([name, item]) => item && typeof item === 'object' && Object.keys(item).length
    ? `${pad}${name}:\n${yaml(item, Array.isArray(item) ? depth : depth + 1)}` : `${pad}${name}: ${plain(item)}`).join('\n');
}

function plain(item) {
  if (typeof item !== 'string') return JSON.stringify(item);
  return /^[\w./][\w ./@-]*$/.test(item) && !/^(true|false|null|yes|no|on|off|[\d.]+)$/i.test(item) ? item : JSON.stringify(item);
}
