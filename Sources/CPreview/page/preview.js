// The preview's page. Everything that came from elsewhere (names of lines, rules, cameras) goes into the page as text, never as markup.
'use strict';

const element = id => document.getElementById(id);
const canvas = element('picture');
const limits = ['threshold', 'score', 'unclip'];
// After so long without news, in milliseconds, nothing here is called live.
const patience = 2000;

// What came last, and when by performance.now().
let frame = null;
let frameTime = 0;
let status = null;
let statusTime = 0;
let answerTime = null;
let refusal = '';
// The limits that this viewer chose; empty for textpin's own.
const chosen = new Map();
let asksAnew = true;

const sleep = time => new Promise(resolve => setTimeout(resolve, time));

function becomesVisible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise(resolve => document.addEventListener('visibilitychange', resolve, {once: true}));
}

async function ask(path) {
  const answer = await fetch(path, {cache: 'no-store', signal: AbortSignal.timeout(5000)});
  answerTime = performance.now();
  refusal = answer.ok ? '' : `${answer.status}: ${await answer.text()}`;
  return answer;
}

// MARK: The picture

async function followFrames() {
  for (;;) {
    await becomesVisible();
    const query = new URLSearchParams(chosen);
    if (frame !== null && !asksAnew) query.set('after', frame.sequence);
    asksAnew = false;
    try {
      const answer = await ask(`/frame?${query}`);
      if (answer.status === 200) await show(await answer.arrayBuffer());
      else await sleep(answer.ok ? 40 : 1000);
    } catch {
      asksAnew = true;
      await sleep(1000);
    }
  }
}

async function show(buffer) {
  const count = new DataView(buffer).getUint32(0, true);
  const news = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, count)));
  const picture = await createImageBitmap(new Blob([new Uint8Array(buffer, 4 + count)], {type: 'image/jpeg'}));
  frame = news;
  frameTime = performance.now();
  draw(picture);
  picture.close();
  showLimits();
  element('caption').textContent = `Frame ${frame.sequence}, ${frame.size.join(' × ')}, ${boxCount(frame.boxes.length)}`;
  canvas.dataset.sequence = frame.sequence;
  canvas.dataset.boxes = frame.boxes.length;
}

const boxCount = count => count === 1 ? '1 box' : `${count} boxes`;

function draw(picture) {
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
  }
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0);
  // Pixels of the frame for one of the page, so that lines are as thick on a telephone.
  const unit = canvas.width / Math.max(canvas.clientWidth, 1);
  context.lineJoin = 'round';
  // Zones are in pixels of the board file's frame, which the camera's need not equal.
  const [width, height] = frame.status.frame_size ?? frame.size;
  for (const zone of frame.status.zones ?? []) {
    const points = zone.points.map(([x, y]) => [x * canvas.width / width, y * canvas.height / height]);
    outline(context, points, unit, '#5cc8ff', [8 * unit, 5 * unit]);
    label(context, zone.name, points[0] ?? [0, 0], unit);
  }
  for (const box of frame.boxes) outline(context, box.polygon, unit, '#7dff4d', []);
}

function outline(context, points, unit, colour, dashes) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.closePath();
  // Dark around bright is seen on every picture.
  context.setLineDash([]);
  context.strokeStyle = 'rgba(0, 0, 0, 0.6)';
  context.lineWidth = 4 * unit;
  context.stroke();
  context.setLineDash(dashes);
  context.strokeStyle = colour;
  context.lineWidth = 2 * unit;
  context.stroke();
}

function label(context, name, [x, y], unit) {
  context.font = `${14 * unit}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  context.setLineDash([]);
  context.lineWidth = 3 * unit;
  context.strokeStyle = 'rgba(0, 0, 0, 0.8)';
  context.strokeText(name, x + 4 * unit, y + 4 * unit);
  context.fillStyle = '#5cc8ff';
  context.fillText(name, x + 4 * unit, y + 4 * unit);
}

// MARK: Limits

function showLimits() {
  for (const limit of limits) {
    if (!chosen.has(limit)) element(limit).value = frame.settings[limit];
    element(`${limit}-value`).textContent = Number(element(limit).value).toFixed(2);
  }
  element('reset').disabled = chosen.size === 0;
}

for (const limit of limits) {
  element(limit).addEventListener('input', event => {
    chosen.set(limit, event.target.value);
    asksAnew = true;
    element(`${limit}-value`).textContent = Number(event.target.value).toFixed(2);
    element('reset').disabled = false;
  });
}
element('reset').addEventListener('click', () => {
  chosen.clear();
  asksAnew = true;
});

// MARK: State

async function followStatus() {
  for (;;) {
    await becomesVisible();
    try {
      const answer = await ask('/status');
      if (answer.ok) {
        status = await answer.json();
        statusTime = performance.now();
        showStatus();
      }
    } catch {
      // The banner says how long there has been no answer.
    }
    await sleep(500);
  }
}

function time(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// The banner's colour, its word, and what follows it.
function verdict(now) {
  if (answerTime === null) return ['wait', 'connecting', ''];
  const age = frame === null ? null : now - frameTime + frame.age_ms + (frame.status.frame?.age_ms ?? 0);
  const picture = age === null ? 'no picture yet' : `the picture is ${time(age)} old`;
  if (now - answerTime > patience) return ['bad', 'no answer', `from textpin for ${time(now - answerTime)}; ${picture}`];
  if (refusal !== '' && status === null) return ['bad', 'refused', refusal];
  if (status === null) return ['wait', 'connecting', ''];
  const silence = now - statusTime + status.status_age_ms;
  if (silence > patience) return ['bad', 'stalled', `the frame loop has said nothing for ${time(silence)}; ${picture}`];
  switch (status.state) {
  case 'watching': break;
  case 'still': return ['good', 'live', `nothing moves; ${picture}`];
  case 'waiting': return ['bad', 'no camera', picture];
  case 'degraded': return ['bad', 'degraded', `only damaged frames come; ${picture}`];
  case 'ended': return ['wait', 'ended', `there are no more pictures; ${picture}`];
  case 'frozen': return ['bad', 'frozen', `the camera repeats one picture; ${picture}`];
  default: return ['wait', 'starting', ''];
  }
  if (age === null) return ['wait', 'waiting for a frame', ''];
  return age > patience ? ['bad', 'stale', picture] : ['good', 'live', picture];
}

function showVerdict() {
  const [kind, word, detail] = verdict(performance.now());
  element('banner').className = kind;
  // Screen readers speak the word, so it is set only when it changes.
  if (element('word').textContent !== word) {
    element('word').textContent = word;
    document.title = `TextPin: ${word}`;
    canvas.setAttribute('aria-label', `What the camera sees: ${word}`);
  }
  element('detail').textContent = detail;
  canvas.classList.toggle('old', kind === 'bad');
}

function make(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function showStatus() {
  const camera = status.camera ?? {};
  element('camera').textContent = [camera.name, camera.path].filter(Boolean).join(', ');
  showLines(status.lines ?? [], status.rules ?? []);
  showTimes(status.milliseconds ?? {});
  showCounts(camera);
}

function showLines(lines, rules) {
  const items = lines.map(line => {
    const item = document.createElement('li');
    const level = line.on ? 'on' : 'off';
    item.append(make('span', level, `level ${level}`), make('span', line.name));
    if (line.problem) item.append(make('span', `cannot be driven: ${line.problem}`, 'why'));
    for (const rule of rules.filter(rule => rule.line === line.name)) {
      item.append(make('span', `${rule.name}: ${rule.why}`, 'why'));
    }
    return item;
  });
  element('lines').replaceChildren(...(items.length > 0 ? items : [make('li', 'No rule drives a line.')]));
}

function showTimes(stages) {
  const rows = Object.entries(stages).map(([stage, times]) => {
    const row = document.createElement('tr');
    const heading = make('th', stage.replaceAll('_', ' '));
    heading.scope = 'row';
    row.append(heading, make('td', Number(times.p50).toFixed(1)), make('td', Number(times.p95).toFixed(1)));
    return row;
  });
  element('times').replaceChildren(...rows);
}

function showCounts(camera) {
  const {frames = {}, rates = {}} = status;
  const damaged = Object.entries(frames.damaged ?? {}).filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason}`);
  const rows = [
    ['Camera', camera.format && `${camera.format} ${camera.width} × ${camera.height}`],
    ['Frames a second', rates.frames],
    ['Looks a second', rates.looks],
    ['Frames taken', frames.taken],
    ['Looked at', frames.looked],
    ['Skipped, unchanged', frames.skipped_still],
    ['Dropped for newer ones', frames.dropped],
    ['Damaged', damaged.join(', ') || 0],
    ['Camera reopened', camera.reopened],
    ['Temperature', status.temperature_c && `${status.temperature_c} °C`],
    ['Clock', status.clock_mhz && `${status.clock_mhz} MHz`],
  ];
  const present = rows.filter(([, value]) => value !== undefined && value !== null);
  element('counts').replaceChildren(...present.flatMap(([term, value]) => [make('dt', term), make('dd', value)]));
}

setInterval(showVerdict, 200);
followFrames();
followStatus();
