// SPDX-License-Identifier: MIT
// Requests that llmgw writes are what the vendors themselves describe: those of
// every fixture and of the reference data, from each format to each other one.
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as is from './checkers.mjs';
import { convert } from './command.mjs';
import { aws, openapi, proto, reference, table } from './official.mjs';
import { Skip, test } from './tap.mjs';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));
/** Formats of tests/fixtures, and what the reference data calls them. */
const sources = {
  'anthropic-messages': ['anthropic', 'vertex-anthropic'],
  'bedrock-converse': ['bedrock'],
  'cohere-chat': [],
  gemini: ['google'],
  'ollama-chat': [],
  'openai-chat': ['chat-completions'],
  'openai-completions': [],
  'openai-responses': ['responses'],
};
const MISC = 'openai-misc.txt';
/** Anthropic's SDK is of version 2026-10-21, which has lost what 2023-06-01 takes. */
const SAMPLING = { MessageCreateParamsBase: { temperature: is.number, top_p: is.number, top_k: is.integer } };
/** What Gemini takes and these protos are too old for, or only Vertex's have. */
const NEWER = {
  GenerateContentRequest: { serviceTier: is.literal('flex', 'standard', 'priority') },
  ThinkingConfig: { thinkingLevel: is.literal('MINIMAL', 'LOW', 'MEDIUM', 'HIGH') },
  FunctionResponsePart: { fileData: is.object({ mimeType: is.string, fileUri: is.string }) },
};
const targets = {
  "OpenAI's OpenAPI": ['openai-chat', () => openapi('CreateChatCompletionRequest')],
  "OpenAI's OpenAPI, responses": ['openai-responses', () => openapi('CreateResponse')],
  "the fields of OpenAI's SDK": [
    'openai-chat',
    () => table('ChatCompletionCreateParams', ['openai-chat-completions.txt', MISC]),
  ],
  "the fields of OpenAI's SDK, responses": [
    'openai-responses',
    () => table('ResponseCreateParams', ['openai-responses.txt', MISC]),
  ],
  "the fields of Anthropic's SDK": [
    'anthropic-messages',
    () => table('MessageCreateParams', ['anthropic-messages.txt'], SAMPLING),
  ],
  "AWS's service model": ['bedrock-converse', () => aws('ConverseRequest')],
  "Google's protos": ['gemini', () => proto('GenerateContentRequest', 'generativelanguage_v1beta', NEWER)],
};

const MODELLED = new Set(['anthropic-messages', 'openai-chat', 'openai-responses']);

/** Files of requests: [{name, path}]. */
function requests(format) {
  const named = (folder, file, name) =>
    readdirSync(folder)
      .map((each) => ({ name: `${name}/${each}`, path: join(folder, each, file) }))
      .filter(({ path }) => existsSync(path));
  const found = named(join(FIXTURES, format), 'request.json', format);
  try {
    const snapshots = reference('lingua', 'snapshots');
    for (const theirs of sources[format])
      for (const file of ['request.json', 'followup-request.json'])
        found.push(...named(snapshots, join(theirs, file), `${theirs}, ${file}`));
  } catch (e) {
    if (!(e instanceof Skip)) throw e; // the fixtures are enough
  }
  return found;
}

/** What does not fit, by its request and pointer, and why that is no fault of ours. */
const EXPLAINED = [
  [/^ollama-chat\/odd$/, /^\/stream$/, 'what is asked for is no boolean there either'],
  [
    /^(bedrock-converse\/prompt|gemini\/settings-empty|ollama-chat\/null-options)$/,
    /^\/messages$/,
    'has no messages',
  ],
  [/^openai-completions\/settings$/, /^\/seed$/, 'is beyond 64 bits there too'],
  [/^cohere-chat\/nulls$/, /^\/messages\/2/, 'a result whose call is null'],
  [/^openai-chat\/calls$/, /^\/input\/8/, 'a call whose id is null'],
  [/^openai-chat\/format-schema-bare$/, /^\/text\/format/, 'a schema that is not there'],
  [
    /^anthropic-messages\/empty-objects$/,
    /^\/inferenceConfig\/maxTokens$/,
    'no tokens are asked for there too',
  ],
  [
    /^(bedrock-converse\/every-block|gemini\/media|openai-chat\/media)$/,
    /^\/input\/\d\/content\/\d+/,
    'ResponseInputAudio is described, but is in no list of parts',
  ],
  [
    /^openai-chat\/contents$/,
    /^\/input\/[45]\/content/,
    'a refusal is said by output parts, whose message is required to have the id that it has here not',
  ],
  [/^openai-chat\/reasoning$/, /^\/input\/6/, 'an id is required of reasoning, and taken from nobody else'],
].map(([request, at, why]) => ({ request, at, why, used: false }));

const explained = (name) => (error) => {
  const found = EXPLAINED.find(({ request, at }) => request.test(name) && at.test(error.at));
  if (found) found.used = true;
  return Boolean(found);
};

const limit = availableParallelism();
/** Calls `each` of all the items, some at a time. */
async function some(items, each) {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (const item of rest) await each(item);
    }),
  );
}

const converted = new Map();
/** All requests of a format, as another says them: [{name, written}]. */
async function conversions(from, to) {
  const done = [];
  await some(requests(from), async ({ name, path }) => {
    try {
      const written = JSON.parse(await convert('request', from, to, await readFile(path)));
      // where the source has its model in the path, it is not there to be written
      if (MODELLED.has(to)) written.model ??= 'some-model';
      done.push({ name, written });
    } catch (e) {
      if (e.code !== 5 && e.code !== 8) throw e; // not to be said, or of no shape at all
      done.push({ name });
    }
  });
  return done;
}

async function check(from, to, checker) {
  const pair = `${from} ${to}`;
  if (!converted.has(pair)) converted.set(pair, conversions(from, to));
  const count = { fit: 0, explained: 0, refused: 0 };
  const wrong = [];
  for (const { name, written } of await converted.get(pair)) {
    const errors = written ? checker(written) : [];
    const faults = errors.filter((error) => !explained(name)(error));
    if (!written) count.refused++;
    else if (errors.length === 0) count.fit++;
    else if (faults.length === 0) count.explained++;
    for (const { at, why } of faults.slice(0, 3)) wrong.push(`${name}: ${at}: ${why}`);
  }
  console.log(`# ${count.fit} fit, ${count.explained} explained, ${count.refused} cannot be said`);
  if (wrong.length) throw new Error(wrong.join('\n'));
}

const made = {};
let unchecked = 0;
for (const [whose, [to, make]] of Object.entries(targets))
  for (const from of Object.keys(sources).filter((format) => format !== to)) {
    unchecked++;
    test(`requests of ${from}, written as ${to}, fit ${whose}`, async () => {
      made[whose] ??= make();
      await check(from, to, made[whose]);
      unchecked--;
    });
  }

test('requests that do not fit are those that are explained', () => {
  if (unchecked) throw new Skip(`${unchecked} pairs of formats were not checked`);
  const stale = EXPLAINED.filter(({ used }) => !used).map(({ request, why }) => `${request}: ${why}`);
  if (stale.length) throw new Error(`these fit now:\n${stale.join('\n')}`);
});
