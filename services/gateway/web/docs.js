'use strict';
// What /openapi.json says, as a page. Text gets into it as text only: nothing in a contract can become markup.

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== undefined && child !== ''));
  return node;
}
const byId = (id) => document.getElementById(id);

let api;
const nameOf = (schema) => schema?.$ref?.split('/').pop();
const resolve = (schema) => (schema?.$ref ? { ...api.components.schemas[nameOf(schema)], ...schema, $ref: undefined } : schema ?? {});
// Of a body or an answer, where it is JSON; others are themselves.
const jsonOf = (content) => content?.['application/json']?.schema;

// Comments are broken where their files are; an empty line is a paragraph's end.
const prose = (text) => (text ?? '').replace(/(?<!\n)\n(?!\n)/g, ' ');

// "string (date-time)", "list of Product"
function typeOf(schema) {
  if (schema?.$ref) return nameOf(schema).split('.').pop();
  if (schema?.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema?.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`;
  const type = [].concat(schema?.type ?? 'anything').join(' or ');
  return schema?.format ? `${type} (${schema.format})` : type;
}

const BOUNDS = { minLength: 'length ≥', maxLength: 'length ≤', minimum: '≥', maximum: '≤', minItems: 'items ≥', maxItems: 'items ≤', pattern: 'matches' };

function boundsOf(schema) {
  const words = Object.entries(BOUNDS).filter(([key]) => schema?.[key] !== undefined).map(([key, text]) => `${text} ${schema[key]}`);
  return words.join(', ') || (schema?.type === 'array' ? boundsOf(schema.items) : '');
}

function fieldRow(name, schema, required, description, seen) {
  const bounds = boundsOf(schema);
  const cell = el('td', {}, el('div', { class: 'text' }, prose(description)));
  if (bounds) cell.append(el('div', { class: 'dim' }, bounds));
  const inner = schema?.type === 'array' ? schema.items : schema?.additionalProperties ?? schema;
  if (inner?.$ref) cell.append(nested(inner, seen));
  return el('tr', {}, el('td', {}, el('code', {}, name), required ? el('span', { title: 'required' }, ' *') : ''),
    el('td', { class: 'dim' }, typeOf(schema)), cell);
}

// The fields of a message, made when they are looked at: messages may hold themselves.
function nested(reference, seen) {
  const name = nameOf(reference);
  const schema = api.components.schemas[name];
  if (schema.enum) return el('div', { class: 'dim' }, schema.enum.join(' | '));
  if (seen.includes(name)) return el('div', { class: 'dim' }, 'as above');
  const box = el('details', {}, el('summary', {}, name.split('.').pop()));
  box.addEventListener('toggle', () => box.childElementCount === 1 && box.append(fields(schema, [...seen, name])));
  return box;
}

function fields(schema, seen = []) {
  const whole = resolve(schema);
  const table = el('table');
  for (const [name, property] of Object.entries(whole.properties ?? {})) {
    table.append(fieldRow(name, property, whole.required?.includes(name), property.description, seen));
  }
  return table.childElementCount > 0 ? table : el('p', { class: 'dim' }, whole.type === 'array' || !schema?.$ref ? typeOf(schema) : 'no fields');
}

const titleOf = ({ operationId }) => operationId.split('_').slice(1).join(' ');

function accessOf({ security }) {
  if (security.some((scheme) => Object.keys(scheme).length === 0)) return 'Anybody.';
  const [[scheme, roles]] = Object.entries(security[0]);
  return api.components.securitySchemes[scheme].description + (roles.length > 0 ? ` Permission: ${roles.join(', ')}.` : '');
}

function part(title, schema, of = schema) {
  return [el('h4', {}, schema ? `${title}: ${typeOf(schema)}` : `${title}: a file of any type`), schema ? fields(of) : ''];
}

function section(verb, path, operation) {
  const id = operation.operationId;
  const node = el('section', { id, 'aria-labelledby': `${id}.title` },
    el('h3', { id: `${id}.title` }, el('a', { href: `#${id}` }, el('span', { class: `verb ${verb}` }, verb.toUpperCase()), el('code', {}, path)),
      el('span', { class: 'name dim' }, titleOf(operation))),
    el('p', { class: 'text' }, prose(operation.description || operation.summary)),
    el('p', { class: 'dim' }, accessOf(operation)));
  if (operation.parameters) {
    node.append(el('h4', {}, 'Parameters'), el('table', {}, ...operation.parameters.map((parameter) =>
      fieldRow(parameter.name, parameter.schema, parameter.required, parameter.description, []))));
  }
  if (operation.requestBody) node.append(...part('Body', jsonOf(operation.requestBody.content)));
  const answer = jsonOf(operation.responses['200'].content);
  node.append(...part('Answer', answer, answer?.type === 'array' ? answer.items : answer));
  const errors = Object.entries(operation.responses).filter(([status]) => /^[45]/.test(status));
  node.append(el('h4', {}, 'Errors'), el('table', {}, ...errors.map(([status, { description }]) =>
    el('tr', {}, el('td', {}, status), el('td', {}, description)))));
  node.append(tryIt(verb, path, operation));
  return node;
}

function show() {
  const operations = Object.entries(api.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => ({ verb, path, operation })));
  document.title = byId('title').textContent = `${api.info.title} ${api.info.version}`;
  byId('main').replaceChildren(el('p', {}, 'JSON over HTTP. The same calls are served over gRPC, gRPC-Web and Connect. Machines read ',
    el('a', { href: '/openapi.json' }, '/openapi.json'), '.'));
  for (const tag of api.tags) {
    const group = el('div', {}, el('h2', {}, tag.name));
    byId('main').append(el('h2', {}, tag.name), el('p', { class: 'text' }, prose(tag.description)));
    for (const { verb, path, operation } of operations.filter((one) => one.operation.tags.includes(tag.name))) {
      group.append(el('a', { href: `#${operation.operationId}`, title: path, 'data-words': `${path} ${operation.operationId} ${operation.description}`.toLowerCase() },
        el('span', { class: `verb ${verb}` }, verb.toUpperCase()), titleOf(operation)));
      byId('main').append(section(verb, path, operation));
    }
    byId('list').append(group);
  }
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
  followReading();
}

// Marks in the list what is being read, and keeps that in sight.
function followReading() {
  const nav = document.querySelector('nav');
  const inView = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? inView.add(target.id) : inView.delete(target.id);
    const links = [...document.querySelectorAll('nav a')];
    const first = links.find((link) => inView.has(link.hash.slice(1)));
    for (const link of links) link === first ? link.setAttribute('aria-current', 'true') : link.removeAttribute('aria-current');
    const { top, bottom } = first?.getBoundingClientRect() ?? nav.getBoundingClientRect();
    if (first && (top < 100 || bottom > innerHeight)) nav.scrollTop += top - innerHeight / 2;
  }, { rootMargin: '-15% 0px -60% 0px' });
  for (const one of document.querySelectorAll('section')) observer.observe(one);
}

function filter() {
  const words = byId('filter').value.toLowerCase().split(' ');
  let found = 0;
  for (const group of byId('list').children) {
    const links = [...group.querySelectorAll('a')];
    for (const link of links) link.hidden = !words.every((word) => link.dataset.words.includes(word));
    const left = links.filter((link) => !link.hidden).length;
    group.hidden = left === 0;
    found += left;
  }
  byId('nothing').hidden = found > 0;
}

byId('filter').addEventListener('input', filter);
byId('filter').addEventListener('keydown', ({ key }) => key === 'Enter' && document.querySelector('nav a:not([hidden])')?.click());
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.matches('input, textarea, select')) return;
  event.preventDefault();
  byId('filter').focus();
});

fetch('/openapi.json').then((response) => response.json()).then((found) => { api = found; show(); })
  .catch((error) => byId('main').replaceChildren(`The reference can't be shown: ${error.message}`));
