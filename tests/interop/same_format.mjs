// SPDX-License-Identifier: MIT
// Where the upstream speaks the caller's format, bytes pass through the relay
// both ways as they are, but for the prefix of the model.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import { chat, messages } from './formats.mjs';
import * as scene from './scenes.mjs';
import { test } from './tap.mjs';
import { json } from './upstream.mjs';
import { relay, TOKEN, upstream } from './world.mjs';

const headers = { 'content-type': 'application/json', 'x-api-key': TOKEN };
const post = (up, body) => fetch(relay.url + up.path, { method: 'POST', headers, body });

const ODD = String.raw`"z_future": {"n": 1.0, "big": 18446744073709551615, "e": 1E400, "s": "\u0000\ud800 é", "a": 1, "a": 2},`;

for (const up of [chat, messages]) {
  test(`same format, ${up.format}: an odd request arrives byte for byte`, async () => {
    const request = (model) =>
      `\n{ ${ODD} "messages" : [ {"content":"Say hello", "new": null,"role":"user"} ],\t"model":"${model}",\r\n` +
      ` "max_tokens" : 99 }\n`;
    const answer = await post(up, request(up.as));
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.equal(upstream.only.raw.trim(), request(up.model).trim());
  });

  test(`same format, ${up.format}: an odd answer arrives byte for byte`, async () => {
    const answers = {
      'anthropic-messages':
        `{${ODD} "id":"m", "type":"message","role":"assistant" , "model":"x","content":[{"type":"future_block","x":1.0}],` +
        `"stop_reason":"future_reason","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2}}`,
      'openai-chat':
        `{${ODD} "id":"c", "object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":` +
        `{"role":"assistant","content":"x", "future":1.0},"finish_reason":"future_reason"}]}`,
    };
    upstream.answer(json(200, answers[up.format]));
    const answer = await post(
      up,
      JSON.stringify({ model: up.as, max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }),
    );
    assert.equal(await answer.text(), answers[up.format]);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
  });

  test(`same format, ${up.format}: a stream arrives byte for byte`, async () => {
    const streams = {
      'anthropic-messages':
        'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",' +
        '"model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1},"new":1.0}}\n\n' +
        'event: ping\ndata: {"type": "ping"}\n\n' +
        'event: future_event\ndata: {"type":"future_event", "x":1E400}\n\n' +
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n' +
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\u00e9"}}\n\n' +
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n' +
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},' +
        '"usage":{"output_tokens":2}}\n\n' +
        'event: message_stop\ndata: {"type":"message_stop"}\n\n',
      'openai-chat':
        'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","future": 1.0,"choices":' +
        '[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"obfuscation":"xx"}\n\n' +
        'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":' +
        '[{"index":0,"delta":{"content":"\\u00e9"},"finish_reason":null}]}\n\n' +
        'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":' +
        '[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n' +
        'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[],"usage":' +
        '{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n' +
        'data: [DONE]\n\n',
    };
    upstream.answer((res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.end(streams[up.format]);
    });
    const stream_options = up === chat ? { include_usage: true } : undefined;
    const request = {
      model: up.as,
      max_tokens: 9,
      stream: true,
      stream_options,
      messages: [{ role: 'user', content: 'x' }],
    };
    const answer = await post(up, JSON.stringify(request));
    assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
    assert.equal(await answer.text(), streams[up.format]);
  });
}

/** An SDK's own fetch, and what it sent. */
const watched = () => {
  const sent = [];
  return { sent, fetch: (url, init) => (sent.push(init.body), fetch(url, init)) };
};

test('same format, anthropic sdk: its bytes and members of tomorrow arrive', async () => {
  const { sent, fetch } = watched();
  const sdk = new Anthropic({ baseURL: relay.url, apiKey: TOKEN, fetch });
  await sdk.messages.create({
    model: messages.as,
    max_tokens: 99,
    invented_yesterday: { deep: [1, null, { x: 'é' }] },
    messages: [
      {
        role: 'user',
        content: [{ type: 'text', text: 'Say hello', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      },
    ],
  });
  assert.equal(upstream.only.raw, sent[0].replace(messages.as, messages.model));
  assert.deepEqual(upstream.only.json.invented_yesterday, { deep: [1, null, { x: 'é' }] });
});

test('same format, openai sdk: its bytes and members of tomorrow arrive', async () => {
  const { sent, fetch } = watched();
  const sdk = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: TOKEN, fetch });
  await sdk.chat.completions.create({
    model: chat.as,
    invented_yesterday: { deep: [1, null, { x: 'é' }] },
    logit_bias: { 50256: -100 },
    messages: [{ role: 'user', content: 'Say hello' }],
  });
  assert.equal(upstream.only.raw, sent[0].replace(chat.as, chat.model));
  assert.deepEqual(upstream.only.json.logit_bias, { 50256: -100 });
});

test('a compatible provider without a key', async () => {
  const sdk = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: TOKEN });
  const { choices } = await sdk.chat.completions.create({
    model: 'local/some/model',
    messages: [{ role: 'user', content: 'Say hello' }],
  });
  assert.equal(choices[0].message.content, scene.HELLO);
  assert.equal(upstream.only.json.model, 'some/model');
  assert.equal(upstream.only.headers.authorization, undefined);
});
