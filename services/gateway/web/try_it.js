// A form for each operation, which makes the call and shows the answer as it comes; and the same call for curl.

function example(schema, depth = 0) {
  const whole = resolve(schema);
  if (whole.enum) return whole.enum[1] ?? whole.enum[0];
  const type = [].concat(whole.type ?? 'object')[0];
  if (type === 'array') return depth > 3 ? [] : [example(whole.items, depth + 1)];
  if (type === 'object') {
    if (depth > 3) return {};
    return Object.fromEntries(Object.entries(whole.properties ?? {}).map(([name, property]) => [name, example(property, depth + 1)]));
  }
  return { integer: 0, number: 0, boolean: false }[type] ?? (/^u?int64$/.test(whole.format) ? '0' : whole.format === 'date-time' ? new Date().toISOString() : '');
}

// An enumeration and a boolean are chosen; of a list each line is an item.
function inputFor({ name, schema, required }) {
  const whole = resolve(schema);
  const choices = whole.enum ?? (whole.type === 'boolean' ? ['true', 'false'] : undefined);
  const input = choices ? el('select', {}, el('option', { value: '' }, '–'), ...choices.map((choice) => el('option', {}, choice)))
    : whole.type === 'array' ? el('textarea', { rows: 1, placeholder: 'one a line' }) : el('input', { placeholder: typeOf(schema) });
  input.name = name;
  input.required = Boolean(required);
  return input;
}

function labelled(text, input) {
  return el('label', {}, el('span', {}, el('code', {}, text), input.required ? ' *' : ''), input);
}

// What the form says: { method, url, headers, body }.
function requestOf(form, verb, path, { parameters = [], requestBody, responses }) {
  const query = new URLSearchParams();
  const url = parameters.reduce((so_far, { name, in: where, schema }) => {
    const { value } = form.elements.namedItem(name);
    if (where === 'path') return so_far.replace(`{${name}}`, (empty) => (value === '' ? empty : encodeURIComponent(value)));
    for (const item of schema.type === 'array' ? value.split('\n') : [value]) if (item !== '') query.append(name, item);
    return so_far;
  }, path);
  const request = { method: verb.toUpperCase(), url: String(query) ? `${url}?${query}` : url, headers: {} };
  if (byId('token').value !== '') request.headers.authorization = `Bearer ${byId('token').value}`;
  if (responses['200'].content?.['application/x-ndjson']) request.headers.accept = 'application/x-ndjson';
  if (!requestBody) return request;
  const { value, files } = form.elements.namedItem('request body');
  request.body = files ? files[0] : value;
  request.headers['content-type'] = files ? files[0]?.type || 'application/octet-stream' : 'application/json';
  return request;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// The token does not get into what may be copied.
function curl({ method, url, headers, body }) {
  const parts = [`curl${method === 'GET' ? '' : ` -X ${method}`} ${quoted(location.origin + url)}`];
  for (const [name, value] of Object.entries(headers)) {
    parts.push(name === 'authorization' ? '-H "authorization: Bearer $TOKEN"' : `-H ${quoted(`${name}: ${value}`)}`);
  }
  if (body instanceof File) parts.push(`--data-binary @${quoted(body.name)}`);
  else if (body) parts.push(`-d ${quoted(body)}`);
  return parts.join(' \\\n  ');
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// The body so far, each time there is more of it.
async function* bodyOf(response) {
  let text = '';
  for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    yield text;
  }
  yield response.headers.get('content-type') === 'application/json' ? pretty(text) : text;
}

// An answer with a token in it offers to go on with that.
function offerToken(text, buttons) {
  const [, token] = /"accessToken": *"([^"]+)"/.exec(text) ?? [];
  if (!token) return;
  const button = el('button', { type: 'button', class: 'use' }, 'Use its access token');
  button.addEventListener('click', () => {
    byId('token').value = token;
    button.remove();
    byId('token').dispatchEvent(new Event('input'));
  });
  buttons.append(button);
}

async function send(request, signal, output, buttons) {
  const started = performance.now();
  const status = el('p', {}, 'Sent.');
  const body = el('pre', { tabindex: 0, 'aria-label': 'Body of the answer' });
  output.replaceChildren(status);
  buttons.querySelector('.use')?.remove();
  try {
    const response = await fetch(request.url, { ...request, signal });
    const ms = Math.round(performance.now() - started);
    status.textContent = `${response.status} ${response.statusText} · ${ms} ms · request ${response.headers.get('x-request-id') ?? '–'}`;
    output.append(body);
    for await (const text of bodyOf(response)) body.textContent = text;
    offerToken(body.textContent, buttons);
  } catch (error) {
    status.append(el('strong', {}, error.name === 'AbortError' ? ' Stopped.' : ` Failed: ${error.message}`));
  }
}

function tryIt(verb, path, operation) {
  const box = el('details', { class: 'try' }, el('summary', {}, 'Try it'));
  box.addEventListener('toggle', () => box.childElementCount === 1 && box.append(...formFor(verb, path, operation)));
  return box;
}

function formFor(verb, path, operation) {
  const form = el('form', {}, ...(operation.parameters ?? []).map((parameter) => labelled(parameter.name, inputFor(parameter))));
  if (operation.requestBody) {
    const schema = jsonOf(operation.requestBody.content);
    const text = schema && JSON.stringify(example(schema), null, 2);
    const input = schema ? el('textarea', { spellcheck: 'false', rows: Math.min(text.split('\n').length, 16) }, text) : el('input', { type: 'file' });
    input.name = 'request body';
    form.append(labelled(input.name, input));
  }
  const go = el('button', { class: 'go' }, 'Send');
  const stop = el('button', { type: 'button', hidden: '' }, 'Stop');
  const copy = el('button', { type: 'button' }, 'Copy for curl');
  const buttons = el('div', { class: 'buttons' }, go, stop, copy);
  const command = el('pre', { tabindex: 0, 'aria-label': 'For curl' });
  const output = el('div', { 'aria-live': 'polite' });
  form.append(buttons);

  const request = () => requestOf(form, verb, path, operation);
  const showCommand = () => { command.textContent = curl(request()); };
  form.addEventListener('input', showCommand);
  byId('token').addEventListener('input', showCommand);
  showCommand();
  copy.addEventListener('click', () => {
    getSelection().selectAllChildren(command);
    navigator.clipboard?.writeText(command.textContent);
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    [go.disabled, stop.hidden] = [true, false];
    await send(request(), abort.signal, output, buttons);
    [go.disabled, stop.hidden] = [false, true];
  });
  return [form, command, output];
}
