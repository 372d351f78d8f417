// SPDX-License-Identifier: MIT
// The vendors' SDKs read what llmgw writes: the words of each format, converted
// to each other one, as a body and as a stream, served as the vendor would.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';

import { convert } from './command.mjs';
import { readers } from './readers.mjs';
import { said } from './said.mjs';
import { bedrockFrame, speakers } from './speakers.mjs';
import { Skip, test } from './tap.mjs';

const PIECE = 37; // no frame, and no character, begins where a piece does

/** Serves what it is told to; `path` is what its client should ask for. */
class Vendor {
  #answer;
  #server = http.createServer(async (req, res) => {
    req.resume();
    const { path, type, bytes } = this.#answer;
    res.writeHead(path.test(req.url) ? 200 : 404, { 'content-type': type });
    for (let at = 0; at < bytes.length; at += PIECE) {
      res.write(bytes.subarray(at, at + PIECE));
      if (at % (8 * PIECE) === 0) await new Promise(setImmediate);
    }
    res.end();
  });

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#server.unref();
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  says(path, type, bytes) {
    this.#answer = { path, type, bytes };
  }
}

const vendor = new Vendor();
const url = await vendor.start();
const sdks = {};

async function sdk(format) {
  try {
    return (sdks[format] ??= await readers[format].read(url));
  } catch (e) {
    if (e.code === 'ERR_MODULE_NOT_FOUND') throw new Skip(e.message);
    throw e;
  }
}

/** What is to be read: the words, but for what one of both formats cannot say. */
function expected(words, read, from) {
  const { nameless, counts } = speakers[from];
  const has = (key) => key in read;
  return {
    ...(has('thinking') && { thinking: words.thinking ?? '' }),
    text: words.text,
    ...(has('calls') && {
      calls: words.calls.map((call, i) => (nameless ? { ...call, id: read.calls[i]?.id } : call)),
    }),
    stop: has('calls') || words.stop !== 'tool' ? words.stop : 'end',
    usage: Object.fromEntries(
      Object.keys(read.usage).map((key) => [key, counts.includes(key) ? words.usage[key] : undefined]),
    ),
  };
}

function compare(read, words, from) {
  for (const [key, count] of Object.entries(read.usage)) if (count === 0) read.usage[key] = undefined; // none, as far as is known
  assert.deepEqual(read, expected(words, read, from));
  const ids = (read.calls ?? []).map(({ id }) => id);
  if (ids.some(Boolean)) assert.equal(new Set(ids.filter(Boolean)).size, ids.length, 'ids that are one');
}

async function spoken(from, to, words, kind) {
  const { path, type } = readers[to];
  const input = speakers[from][kind](words);
  const bytes = await convert(
    kind === 'body' ? 'response' : 'stream',
    from,
    to,
    kind === 'body' ? JSON.stringify(input) : input,
  );
  vendor.says(path, kind === 'body' ? 'application/json' : type, bytes);
  return (await sdk(to))[kind]();
}

const pairs = Object.keys(readers).flatMap((to) =>
  Object.keys(speakers)
    .filter((from) => from !== to)
    .map((from) => [from, to]),
);

for (const [from, to] of pairs)
  test(`the sdk of ${to} reads what ${from} said`, async () => {
    const wrong = [];
    await sdk(to);
    for (const [what, words] of Object.entries(said))
      for (const kind of speakers[from].silent?.(words) ? [] : ['body', 'stream'])
        try {
          compare(await spoken(from, to, words, kind), words, from);
        } catch (e) {
          if (e instanceof Skip) throw e;
          wrong.push(`${what}, ${kind}: ${e.stack}`);
        }
    if (wrong.length) throw new Error(wrong.join('\n'));
  });

/* ---- streams that fail ------------------------------------------------- */

const FAILED = ['failed', 'ERROR']; // where a stop is how it is said

/** The stream of tests/fixtures that fails midway, and what is said of it. */
async function failing(format) {
  const bedrock = format === 'bedrock-converse';
  const path = bedrock ? 'throttled-midway/stream.events' : 'error-midway/stream';
  const ending = bedrock ? '' : format === 'ollama-chat' ? '.ndjson' : '.sse';
  const source = await readFile(new URL(`../fixtures/${format}/${path}${ending}`, import.meta.url), 'utf8');
  const [, message] = [...source.matchAll(/"(?:message|error)": *"([^"]*)"/g)].at(-1);
  const lines = source.trim().split('\n');
  return {
    bytes: bedrock ? Buffer.concat(lines.map((line) => bedrockFrame(JSON.parse(line)))) : source,
    message,
  };
}

for (const [from, to] of pairs)
  test(`the sdk of ${to} is told that ${from} failed midway`, async () => {
    const reader = await sdk(to);
    const { bytes, message } = await failing(from);
    const converted = convert('stream', from, to, bytes);
    const { stdout } = await converted.then(assert.fail, (e) => (e instanceof Skip ? Promise.reject(e) : e));
    vendor.says(readers[to].path, readers[to].type, stdout);
    const end = await reader.stream().then(
      ({ stop }) => ({ stop }),
      (error) => ({ error }),
    );
    if (end.error) assert.ok(end.error.message.includes(message), `${end.error.stack}\nnot ${message}`);
    else assert.ok(FAILED.includes(end.stop), `it stopped by ${end.stop}`);
  });
