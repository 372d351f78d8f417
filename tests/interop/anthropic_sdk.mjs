// SPDX-License-Identifier: MIT
// Anthropic's SDK, unmodified, through the relay to upstreams of both formats.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';

import { upstreams } from './formats.mjs';
import { UPSTREAM_KEY } from './relay.mjs';
import * as scene from './scenes.mjs';
import { test } from './tap.mjs';
import { relay, TOKEN, unretried, upstream } from './world.mjs';

const at = ({ url }, more) => new Anthropic({ baseURL: url, apiKey: TOKEN, maxRetries: 0, ...more });
const sdk = at(relay);
const sdkUnretried = at(unretried);

const tool = { name: 'get_weather', description: 'Tells the weather', input_schema: scene.WEATHER };
const textOf = ({ content }) =>
  content
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text)
    .join('');
const callsOf = ({ content }) => content.filter(({ type }) => type === 'tool_use');
const resultOf = ({ id, input }) => ({
  type: 'tool_result',
  tool_use_id: id,
  content: `${input.city}: 18 degrees`,
});

for (const up of upstreams) {
  const ask = (content, more = {}) => ({
    model: up.as,
    max_tokens: 200,
    messages: [{ role: 'user', content }],
    ...more,
  });
  const on = (what, run) => test(`anthropic sdk, ${up.format} upstream: ${what}`, run);

  on('text', async () => {
    const message = await sdk.messages.create(ask('Say hello'));
    assert.equal(textOf(message), scene.HELLO);
    assert.equal(message.type, 'message');
    assert.equal(message.role, 'assistant');
    assert.equal(message.model, up.model);
    assert.equal(message.stop_reason, 'end_turn');
    assert.equal(message.usage.input_tokens, 11);
    assert.equal(message.usage.output_tokens, 7);
    const { path, json, headers } = upstream.only;
    assert.equal(path, up.path);
    assert.equal(json.model, up.model);
    assert.equal(up.limit(json), 200);
    assert.equal(up.key(headers), UPSTREAM_KEY);
  });

  on('the id of the request', async () => {
    upstream.answer(up.answers('Yes.', { [up.idHeader]: 'req_given' }));
    const message = await sdk.messages.create(ask('Is there an id?'));
    assert.equal(textOf(message), 'Yes.');
    assert.equal(message._request_id, 'req_given');
  });

  on('the limit was reached', async () => {
    const message = await sdk.messages.create(ask('Tell a long story'));
    assert.equal(textOf(message), 'Once upon');
    assert.equal(message.stop_reason, 'max_tokens');
  });

  on('what came from a cache', async () => {
    upstream.answer(up.counted);
    const { usage, stop_reason, stop_sequence } = await sdk.messages.create(
      ask('Count', { stop_sequences: ['END'] }),
    );
    assert.equal(usage.input_tokens, 11);
    assert.equal(usage.cache_read_input_tokens, 100);
    assert.equal(usage.output_tokens, 7);
    const known = up.format === 'anthropic-messages'; // the other does not tell which it was, nor whether
    assert.equal(stop_reason, known ? 'stop_sequence' : 'end_turn');
    assert.equal(stop_sequence, known ? 'END' : null);
  });

  on('a stream', async () => {
    const types = [];
    const pieces = [];
    const stream = sdk.messages.stream(ask('Say hello'));
    stream.on('streamEvent', ({ type }) => types.push(type)).on('text', (piece) => pieces.push(piece));
    const final = await stream.finalMessage();
    const whole = await sdk.messages.create(ask('Say hello'));
    assert.ok(pieces.length > 5, `${pieces.length} pieces`);
    assert.equal(pieces.join(''), scene.HELLO);
    assert.deepEqual(final.content, whole.content);
    assert.equal(final.stop_reason, whole.stop_reason);
    assert.equal(final.model, whole.model);
    assert.equal(final.usage.output_tokens, whole.usage.output_tokens);
    assert.equal(types[0], 'message_start');
    assert.deepEqual(types.slice(-3), ['content_block_stop', 'message_delta', 'message_stop']);
    assert.equal(upstream.seen[0].json.stream, true);
  });

  on('a stream of create()', async () => {
    let text = '';
    let last;
    for await (const event of await sdk.messages.create(ask('Say hello', { stream: true }))) {
      if (event.type === 'content_block_delta') text += event.delta.text;
      last = event;
    }
    assert.equal(text, scene.HELLO);
    assert.equal(last.type, 'message_stop');
  });

  on('system, in words and in blocks', async () => {
    const system = [
      { type: 'text', text: 'You are a pirate.' },
      { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
    ];
    assert.equal(textOf(await sdk.messages.create(ask('Answer in chorus', { system }))), 'Arr.');
    const words = 'You are a pirate.\nBe brief.';
    assert.equal(textOf(await sdk.messages.create(ask('Answer in chorus', { system: words }))), 'Arr.');
    for (const { json } of upstream.seen) assert.equal(up.system(json), words);
  });

  on('stop sequences and sampling', async () => {
    const model = up.unheardOf; // of which it is not known that it takes no sampling
    await sdk.messages.create(
      ask('Say hello', { model, stop_sequences: ['END', '\n\n'], temperature: 0.25, top_p: 0.5 }),
    );
    const { json } = upstream.only;
    assert.deepEqual(up.stops(json), ['END', '\n\n']);
    assert.equal(json.temperature, 0.25);
    assert.equal(json.top_p, 0.5);
  });

  on('an image', async () => {
    const source = { type: 'base64', media_type: 'image/png', data: scene.PNG };
    const content = [
      { type: 'image', source },
      { type: 'text', text: 'What is in this picture?' },
    ];
    assert.equal(textOf(await sdk.messages.create(ask(content))), scene.PICTURE);
    assert.deepEqual(up.image(upstream.only.json), { type: 'image/png', data: scene.PNG });
  });

  for (const how of ['whole', 'streamed']) {
    const send = (request) =>
      how === 'whole' ? sdk.messages.create(request) : sdk.messages.stream(request).finalMessage();

    on(`a tool over two turns, ${how}`, async () => {
      const first = ask('What is the weather in Paris?', { tools: [tool], tool_choice: { type: 'any' } });
      const answer = await send(first);
      assert.equal(answer.stop_reason, 'tool_use');
      const [call, ...more] = callsOf(answer);
      assert.equal(more.length, 0);
      assert.equal(call.id, scene.PARIS.id);
      assert.equal(call.name, 'get_weather');
      assert.deepEqual(call.input, scene.PARIS.arguments);
      const { json } = upstream.only;
      assert.deepEqual(up.tools(json), [
        { name: tool.name, description: tool.description, schema: scene.WEATHER },
      ]);
      assert.equal(up.forced(json), up.format === 'openai-chat' ? 'required' : 'any');

      const second = await send({
        ...first,
        tool_choice: { type: 'auto' },
        messages: [
          ...first.messages,
          { role: 'assistant', content: answer.content },
          { role: 'user', content: [resultOf(call)] },
        ],
      });
      assert.equal(textOf(second), 'It is 18 degrees in Paris.');
      assert.equal(second.stop_reason, 'end_turn');
    });

    on(`two tools at once, ${how}`, async () => {
      const first = ask('Compare the weather', { tools: [tool] });
      const answer = await send(first);
      assert.equal(textOf(answer), 'Let me look.');
      const calls = callsOf(answer);
      assert.deepEqual(
        calls.map(({ id, name, input }) => ({ id, name, arguments: input })),
        [scene.PARIS, scene.OSLO],
      );
      const second = await send({
        ...first,
        messages: [
          ...first.messages,
          { role: 'assistant', content: answer.content },
          { role: 'user', content: calls.map(resultOf) },
        ],
      });
      assert.equal(textOf(second), 'They are the same.');
    });
  }

  on('one tool at a time, and by name', async () => {
    const tool_choice = { type: 'tool', name: 'get_weather', disable_parallel_tool_use: true };
    await sdk.messages.create(ask('What is the weather in Paris?', { tools: [tool], tool_choice }));
    assert.equal(up.forced(upstream.only.json), 'get_weather');
    assert.equal(up.parallel(upstream.only.json), false);
  });

  on('thinking', async () => {
    const thinks = ({ content }) => content.find(({ type }) => type === 'thinking')?.thinking;
    for (const message of [
      await sdk.messages.create(ask('Think, then answer')),
      await sdk.messages.stream(ask('Think, then answer')).finalMessage(),
    ]) {
      assert.equal(thinks(message), 'Two and two.');
      assert.equal(textOf(message), 'Four.');
    }
  });

  for (const [status, kind, type] of [
    [400, Anthropic.BadRequestError, 'invalid_request_error'],
    [401, Anthropic.AuthenticationError, 'authentication_error'],
    [403, Anthropic.PermissionDeniedError, 'permission_error'],
    [404, Anthropic.NotFoundError, 'not_found_error'],
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [500, Anthropic.InternalServerError, 'api_error'],
  ])
    on(`an error ${status}, whole and streamed`, async () => {
      const refused = (e) => {
        assert.ok(e instanceof kind, e);
        assert.equal(e.status, status);
        assert.equal(e.error.type, 'error');
        assert.equal(e.error.error.type, type);
        assert.ok(e.error.error.message.length > 5);
        assert.equal(e.headers.get('retry-after'), status === 429 ? '7' : null);
        return true;
      };
      await assert.rejects(sdkUnretried.messages.create(ask(`Fail with ${status}`)), refused);
      await assert.rejects(sdkUnretried.messages.stream(ask(`Fail with ${status}`)).finalMessage(), refused);
      assert.equal(upstream.seen.length, 2);
    });

  on('a stream that breaks off', async () => {
    const stream = sdk.messages.stream(ask('Break off'));
    let text = '';
    stream.on('text', (piece) => (text += piece));
    await assert.rejects(stream.finalMessage(), (e) => {
      assert.ok(e instanceof Anthropic.APIError, e);
      assert.equal(e.error.type, 'error');
      return true;
    });
    assert.ok('This is never going to be finished.'.startsWith(text) && text.length < 30, text);
    assert.equal(upstream.seen.length, 1);
  });
}
