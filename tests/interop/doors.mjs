// SPDX-License-Identifier: MIT
// Who may come in, by which door, and what happens when they leave.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import { chat, messages, upstreams } from './formats.mjs';
import * as scene from './scenes.mjs';
import { test } from './tap.mjs';
import { endless } from './upstream.mjs';
import { relay, relayWith, TOKEN, upstream } from './world.mjs';

const request = (up, more) =>
  JSON.stringify({
    model: up.as,
    max_tokens: 99,
    messages: [{ role: 'user', content: 'Say hello' }],
    ...more,
  });
const post = (path, body, headers, more) =>
  fetch(relay.url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    ...more,
  });

const spellings = {
  'authorization: Bearer': { authorization: `Bearer ${TOKEN}` },
  'authorization: bearer': { authorization: `bearer ${TOKEN}` },
  'authorization: Token': { authorization: `Token ${TOKEN}` },
  'x-api-key': { 'x-api-key': TOKEN },
};
for (const [spelling, headers] of Object.entries(spellings))
  test(`the token as ${spelling}`, async () => {
    for (const up of upstreams) {
      const answer = await post(up.path, request(up), headers);
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /Grüße/);
    }
    for (const { headers, raw } of upstream.seen)
      assert.ok(!(JSON.stringify(headers) + raw).includes(TOKEN), 'the token went upstream');
  });

for (const [what, headers] of Object.entries({
  none: {},
  'a wrong one': { 'x-api-key': 'wrong' },
  'an empty one': { 'x-api-key': '', authorization: 'Bearer ' },
  'the beginning of it': { authorization: `Bearer ${TOKEN.slice(0, -1)}` },
  'more than it': { authorization: `Bearer ${TOKEN}x` },
}))
  test(`no way in: ${what}`, async () => {
    for (const up of upstreams) {
      const answer = await post(up.path, request(up), headers);
      assert.equal(answer.status, 401);
      const { type, error } = await answer.json();
      assert.equal(type, up === messages ? 'error' : undefined);
      if (up === messages) assert.equal(error.type, 'authentication_error');
      assert.equal(typeof error.message, 'string');
    }
    assert.equal(upstream.seen.length, 0);
  });

test('no way in: the sdks say so', async () => {
  const messages = [{ role: 'user', content: 'Say hello' }];
  const anthropic = new Anthropic({ baseURL: relay.url, apiKey: 'wrong' });
  await assert.rejects(
    anthropic.messages.create({ model: 'm', max_tokens: 9, messages }),
    Anthropic.AuthenticationError,
  );
  const openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: 'wrong' });
  await assert.rejects(openai.chat.completions.create({ model: 'm', messages }), OpenAI.AuthenticationError);
});

test('anthropic sdk with an auth token', async () => {
  const sdk = new Anthropic({ baseURL: relay.url, apiKey: null, authToken: TOKEN });
  const { content } = await sdk.messages.create(JSON.parse(request(chat)));
  assert.equal(content[0].text, scene.HELLO);
});

test('the query is no other door', async () => {
  for (const up of upstreams) {
    const answer = await post('/v1/messages?beta=true', request(up), { 'x-api-key': TOKEN });
    assert.equal((await answer.json()).content[0].text, scene.HELLO);
  }
  const sdk = new Anthropic({ baseURL: relay.url, apiKey: TOKEN });
  const { content } = await sdk.beta.messages.create({
    ...JSON.parse(request(chat)),
    betas: ['new-2026-01-01'],
  });
  assert.equal(content[0].text, scene.HELLO);
});

test('what is asked for as beta reaches an upstream of the format', async () => {
  const sdk = new Anthropic({ baseURL: relay.url, apiKey: TOKEN });
  await sdk.beta.messages.create({ ...JSON.parse(request(messages)), betas: ['new-2026-01-01', 'b-2026'] });
  assert.equal(upstream.only.headers['anthropic-beta'], 'new-2026-01-01,b-2026');
});

test('nothing asked for as beta', async () => {
  const sdk = new Anthropic({ baseURL: relay.url, apiKey: TOKEN });
  await sdk.beta.messages.create({ ...JSON.parse(request(messages)), betas: [] });
  assert.ok(!upstream.only.headers['anthropic-beta']);
});

test('there is no other door', async () => {
  const key = { 'x-api-key': TOKEN };
  for (const path of ['/', '/v1', '/v1/messages/', '/v1/messagesx', '/v2/chat/completions']) {
    const answer = await post(path, '{}', key);
    assert.equal(answer.status, 404, path);
    assert.equal(typeof (await answer.json()).error.message, 'string');
  }
  assert.equal((await fetch(`${relay.url}/v1/messages`, { headers: key })).status >= 400, true);
  assert.equal(upstream.seen.length, 0);
});

test('what is no request is refused in the dialect', async () => {
  const key = { 'x-api-key': TOKEN };
  for (const up of upstreams)
    for (const body of [
      '',
      '{',
      '[]',
      '{"model":1}',
      'not json',
      '{"model":"nobody/at-all","messages":[]}',
    ]) {
      const answer = await post(up.path, body, key);
      assert.equal(answer.status, 400, body);
      const { type, error } = await answer.json();
      assert.equal(type, up === messages ? 'error' : undefined);
      assert.equal(error.type, 'invalid_request_error');
    }
  assert.equal(upstream.seen.length, 0);
});

test('a large request', async () => {
  const data = Buffer.alloc(6_000_000, 'llmgw').toString('base64');
  const source = { type: 'base64', media_type: 'image/png', data };
  const content = [
    { type: 'image', source },
    { type: 'text', text: 'What is in this picture?' },
  ];
  for (const up of upstreams) {
    const answer = await post('/v1/messages', request(up, { messages: [{ role: 'user', content }] }), {
      'x-api-key': TOKEN,
    });
    assert.equal((await answer.json()).content[0].text, scene.PICTURE);
    assert.ok(up.image(upstream.seen.at(-1).json).data === data);
  }
});

test('many at once', async () => {
  const anthropic = new Anthropic({ baseURL: relay.url, apiKey: TOKEN });
  const openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: TOKEN });
  const hello = { messages: [{ role: 'user', content: 'Say hello' }] };
  const calls = Array.from({ length: 40 }, (_, i) => {
    const model = upstreams[i % 2].as;
    return i % 4 < 2
      ? anthropic.messages.stream({ ...hello, model, max_tokens: 9 }).finalText()
      : openai.chat.completions.stream({ ...hello, model }).finalContent();
  });
  for (const text of await Promise.all(calls)) assert.equal(text, scene.HELLO);
});

/** Someone who begins to read, and leaves. */
async function leaving(up, path, again) {
  upstream.answer(endless(up.opening, again));
  const going = new AbortController();
  const body = request(up, { stream: true });
  const answer = await post(path, body, { 'x-api-key': TOKEN }, { signal: going.signal });
  let text = '';
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.includes('One')) break;
  }
  going.abort();
  return upstream.only.gone;
}
for (const up of upstreams)
  for (const path of [messages.path, chat.path]) {
    test(`who leaves a stream cancels it: ${path} to ${up.format}`, async () => {
      assert.equal(await leaving(up, path, up.more), true);
    });
    test(`who leaves a silent stream cancels it: ${path} to ${up.format}`, async () => {
      assert.equal(await leaving(up, path), true);
    });
    test(`who leaves before the answer cancels it: ${path} to ${up.format}`, async () => {
      const going = new AbortController();
      upstream.answer(() => going.abort());
      await assert.rejects(post(path, request(up), { 'x-api-key': TOKEN }, { signal: going.signal }));
      assert.equal(await upstream.only.gone, true);
    });
  }

test('a relay without a token lets everyone in', async () => {
  const open = await relayWith({}, '');
  const answer = await fetch(open.url + chat.path, { method: 'POST', body: request(chat) });
  assert.equal(answer.status, 200);
});

test('a relay that is told to end while a stream flows', async () => {
  const ending = await relayWith({});
  upstream.answer(endless(chat.opening, chat.more));
  const answer = await fetch(ending.url + chat.path, {
    method: 'POST',
    body: request(chat, { stream: true }),
    headers: { 'x-api-key': TOKEN },
  });
  const reader = answer.body.getReader();
  await reader.read();
  const code = ending.stop();
  let rest = '';
  try {
    for (let r; !(r = await reader.read()).done;) rest += Buffer.from(r.value);
  } catch {
    rest += 'cut';
  }
  assert.equal(await code, 0);
  assert.ok(!rest.includes('[DONE]'), 'it looks complete');
  assert.equal(await upstream.only.gone, true);
});

test('a relay that is told to end while its upstream is silent', async () => {
  for (const stream of [false, true]) {
    upstream.clear();
    const ending = await relayWith({});
    const asked = new Promise((come) => upstream.answer(come));
    const answer = fetch(ending.url + chat.path, {
      method: 'POST',
      body: request(chat, { stream }),
      headers: { 'x-api-key': TOKEN },
    }).then(({ status }) => status, () => 'cut');
    await asked;
    assert.equal(await ending.stop(), 0);
    assert.notEqual(await answer, 200);
    assert.equal(await upstream.only.gone, true);
  }
});
