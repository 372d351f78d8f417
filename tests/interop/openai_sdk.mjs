// SPDX-License-Identifier: MIT
// OpenAI's SDK, unmodified, through the relay to upstreams of both formats.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import { upstreams } from './formats.mjs';
import { UPSTREAM_KEY } from './relay.mjs';
import * as scene from './scenes.mjs';
import { test } from './tap.mjs';
import { relay, strict, TOKEN, unretried, upstream } from './world.mjs';

const at = ({ url }) => new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN, maxRetries: 0 }).chat.completions;
const sdk = at(relay);
const sdkUnretried = at(unretried);
const sdkStrict = at(strict);

const tool = {
  type: 'function',
  function: { name: 'get_weather', description: 'Tells the weather', parameters: scene.WEATHER },
};
const parsed = ({ id, function: f }) => ({ id, name: f.name, arguments: JSON.parse(f.arguments) });
const resultOf = (call) => ({
  role: 'tool',
  tool_call_id: call.id,
  content: `${parsed(call).arguments.city}: 18 degrees`,
});

for (const up of upstreams) {
  const ask = (content, more = {}) => ({ model: up.as, messages: [{ role: 'user', content }], ...more });
  const on = (what, run) => test(`openai sdk, ${up.format} upstream: ${what}`, run);

  on('text', async () => {
    const answer = await sdk.create(ask('Say hello', { max_completion_tokens: 200 }));
    const [choice, ...more] = answer.choices;
    assert.equal(more.length, 0);
    assert.equal(choice.index, 0);
    assert.equal(choice.message.role, 'assistant');
    assert.equal(choice.message.content, scene.HELLO);
    assert.equal(choice.finish_reason, 'stop');
    assert.equal(answer.object, 'chat.completion');
    assert.equal(answer.model, up.model);
    assert.equal(answer.usage.prompt_tokens, 11);
    assert.equal(answer.usage.completion_tokens, 7);
    assert.equal(answer.usage.total_tokens, 18);
    const { path, json, headers } = upstream.only;
    assert.equal(path, up.path);
    assert.equal(json.model, up.model);
    assert.equal(up.limit(json), 200);
    assert.equal(up.key(headers), UPSTREAM_KEY);
  });

  on('the id of the request', async () => {
    upstream.answer(up.answers('Yes.', { [up.idHeader]: 'req_given' }));
    const answer = await sdk.create(ask('Is there an id?'));
    assert.equal(answer.choices[0].message.content, 'Yes.');
    assert.equal(answer._request_id, 'req_given');
  });

  on('no limit where the format demands one', async () => {
    await sdk.create(ask('Say hello'));
    assert.equal(up.limit(upstream.only.json), up.most);
  });

  on('the limit was reached', async () => {
    const { choices } = await sdk.create(ask('Tell a long story'));
    assert.equal(choices[0].message.content, 'Once upon');
    assert.equal(choices[0].finish_reason, 'length');
  });

  on('what came from a cache', async () => {
    upstream.answer(up.counted);
    const { usage, choices } = await sdk.create(ask('Count', { stop: 'END' }));
    assert.equal(usage.prompt_tokens, 111);
    assert.equal(usage.prompt_tokens_details.cached_tokens, 100);
    assert.equal(usage.completion_tokens, 7);
    assert.equal(usage.total_tokens, 118);
    assert.equal(choices[0].finish_reason, 'stop');
  });

  on('a stream', async () => {
    const pieces = [];
    const stream = sdk.stream(ask('Say hello', { stream_options: { include_usage: true } }));
    stream.on('content', (piece) => pieces.push(piece));
    const final = await stream.finalChatCompletion();
    const whole = await sdk.create(ask('Say hello'));
    assert.ok(pieces.length > 5, `${pieces.length} pieces`);
    assert.equal(pieces.join(''), scene.HELLO);
    assert.equal(final.choices[0].message.content, whole.choices[0].message.content);
    assert.equal(final.choices[0].finish_reason, 'stop');
    assert.equal(final.model, whole.model);
    assert.equal(final.usage.prompt_tokens, 11);
    assert.equal(final.usage.completion_tokens, 7);
    assert.equal(final.usage.total_tokens, 18);
    assert.equal(upstream.seen[0].json.stream, true);
  });

  on('a stream of create(), its usage not asked for', async () => {
    const chunks = [];
    for await (const chunk of await sdk.create(ask('Say hello', { stream: true }))) chunks.push(chunk);
    assert.equal(chunks.map(({ choices }) => choices[0].delta.content ?? '').join(''), scene.HELLO);
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    assert.ok(
      chunks.every(
        ({ object, usage, id }) => object === 'chat.completion.chunk' && !usage && id === chunks[0].id,
      ),
    );
  });

  on('a stream of create(), its usage asked for', async () => {
    const chunks = [];
    const request = ask('Say hello', { stream: true, stream_options: { include_usage: true } });
    for await (const chunk of await sdk.create(request)) chunks.push(chunk);
    const last = chunks.pop();
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage.total_tokens, 18);
    assert.ok(chunks.every(({ choices, usage }) => choices.length === 1 && !usage));
  });

  on('system and developer', async () => {
    const messages = [
      { role: 'system', content: 'You are a pirate.' },
      { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: 'Answer in chorus' },
    ];
    if (up.format === 'openai-chat') messages[1].role = 'system'; // as aimock knows it
    const { choices } = await sdk.create({ model: up.as, messages });
    assert.equal(choices[0].message.content, 'Arr.');
    assert.equal(up.system(upstream.only.json), 'You are a pirate.\nBe brief.');
  });

  on('stop sequences and sampling', async () => {
    const model = up.unheardOf; // of which it is not known that it takes no sampling
    await sdk.create(ask('Say hello', { model, stop: ['END', 'FIN'], temperature: 0.25, top_p: 0.5 }));
    const { json } = upstream.only;
    assert.deepEqual(up.stops(json), ['END', 'FIN']);
    assert.equal(json.temperature, 0.25);
    assert.equal(json.top_p, 0.5);
    await sdk.create(ask('Say hello', { stop: 'END' }));
    assert.deepEqual(up.stops(upstream.seen[1].json), ['END']);
  });

  on('an image', async () => {
    const content = [
      { type: 'text', text: 'What is in this picture?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${scene.PNG}` } },
    ];
    const { choices } = await sdk.create(ask(content));
    assert.equal(choices[0].message.content, scene.PICTURE);
    assert.deepEqual(up.image(upstream.only.json), { type: 'image/png', data: scene.PNG });
  });

  for (const how of ['whole', 'streamed']) {
    const send = (request) =>
      how === 'whole' ? sdk.create(request) : sdk.stream(request).finalChatCompletion();

    on(`a tool over two turns, ${how}`, async () => {
      const first = ask('What is the weather in Paris?', { tools: [tool], tool_choice: 'required' });
      const { message, finish_reason } = (await send(first)).choices[0];
      assert.equal(finish_reason, 'tool_calls');
      assert.deepEqual(message.tool_calls.map(parsed), [scene.PARIS]);
      assert.equal(message.tool_calls[0].type, 'function');
      const { json } = upstream.only;
      assert.deepEqual(up.tools(json), [
        { name: 'get_weather', description: 'Tells the weather', schema: scene.WEATHER },
      ]);
      assert.equal(up.forced(json), up.format === 'openai-chat' ? 'required' : 'any');

      const second = await send({
        ...first,
        tool_choice: 'auto',
        messages: [...first.messages, message, resultOf(message.tool_calls[0])],
      });
      assert.equal(second.choices[0].message.content, 'It is 18 degrees in Paris.');
      assert.equal(second.choices[0].finish_reason, 'stop');
    });

    on(`two tools at once, ${how}`, async () => {
      const first = ask('Compare the weather', { tools: [tool] });
      const { message } = (await send(first)).choices[0];
      assert.equal(message.content, 'Let me look.');
      assert.deepEqual(message.tool_calls.map(parsed), [scene.PARIS, scene.OSLO]);
      const second = await send({
        ...first,
        messages: [...first.messages, message, ...message.tool_calls.map(resultOf)],
      });
      assert.equal(second.choices[0].message.content, 'They are the same.');
    });

    on(`an answer by schema, ${how}`, async () => {
      const schema = {
        type: 'object',
        properties: { colours: { type: 'array', items: { type: 'string' } }, count: { type: 'integer' } },
        required: ['colours', 'count'],
        additionalProperties: false,
      };
      const response_format = { type: 'json_schema', json_schema: { name: 'palette', strict: true, schema } };
      const { message } = (await send(ask('Name two colours', { response_format }))).choices[0];
      assert.deepEqual(JSON.parse(message.content), scene.COLOURS);
      assert.deepEqual(up.schema(upstream.only.json), schema);
    });
  }

  on('reasoning, whole and streamed', async () => {
    const { message } = (await sdk.create(ask('Think, then answer'))).choices[0];
    assert.equal(message.content, 'Four.');
    assert.equal(message.reasoning_content, 'Two and two.');
    let reasoning = '';
    for await (const { choices } of await sdk.create(ask('Think, then answer', { stream: true })))
      reasoning += choices[0].delta.reasoning_content ?? '';
    assert.equal(reasoning, 'Two and two.');
  });

  on('one tool at a time, and by name', async () => {
    const tool_choice = { type: 'function', function: { name: 'get_weather' } };
    const request = ask('What is the weather in Paris?', {
      tools: [tool],
      tool_choice,
      parallel_tool_calls: false,
    });
    const { choices } = await sdk.create(request);
    assert.deepEqual(choices[0].message.tool_calls.map(parsed), [scene.PARIS]);
    assert.equal(up.forced(upstream.only.json), 'get_weather');
    assert.equal(up.parallel(upstream.only.json), false);
  });

  for (const [status, kind] of [
    [400, OpenAI.BadRequestError],
    [401, OpenAI.AuthenticationError],
    [403, OpenAI.PermissionDeniedError],
    [404, OpenAI.NotFoundError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
  ])
    on(`an error ${status}, whole and streamed`, async () => {
      const refused = (e) => {
        assert.ok(e instanceof kind, e);
        assert.equal(e.status, status);
        assert.equal(typeof e.type, 'string');
        assert.ok(e.error.message.length > 5);
        assert.equal(e.headers.get('retry-after'), status === 429 ? '7' : null);
        return true;
      };
      await assert.rejects(sdkUnretried.create(ask(`Fail with ${status}`)), refused);
      await assert.rejects(sdkUnretried.create(ask(`Fail with ${status}`, { stream: true })), refused);
      assert.equal(upstream.seen.length, 2);
    });

  on('a stream that breaks off', async () => {
    let text = '';
    const read = async () => {
      for await (const { choices } of await sdk.create(ask('Break off', { stream: true })))
        text += choices[0].delta.content ?? '';
    };
    await assert.rejects(read(), (e) => {
      assert.ok(e instanceof OpenAI.APIError, e);
      return true;
    });
    assert.ok('This is never going to be finished.'.startsWith(text) && text.length < 30, text);
    assert.equal(upstream.seen.length, 1);
  });
}

// What Anthropic's format cannot say.
const odd = { seed: 7, logit_bias: { 50256: -100 }, presence_penalty: 0.5, n: 1, user: 'someone' };
const hello = {
  model: 'claude/claude-sonnet-4-5',
  max_tokens: 99,
  messages: [{ role: 'user', content: 'Say hello' }],
};

test('openai sdk, anthropic-messages upstream: what cannot be said is left out', async () => {
  const { choices } = await sdk.create({ ...hello, ...odd });
  assert.equal(choices[0].message.content, scene.HELLO);
  const { json } = upstream.only;
  for (const name of ['seed', 'logit_bias', 'presence_penalty', 'n']) assert.ok(!(name in json), name);
});

test('openai sdk, anthropic-messages upstream: strict, it is refused by name', async () => {
  for (const name of ['seed', 'logit_bias', 'presence_penalty'])
    await assert.rejects(sdkStrict.create({ ...hello, [name]: odd[name] }), (e) => {
      assert.ok(e instanceof OpenAI.BadRequestError, e);
      assert.match(e.message, new RegExp(name));
      return true;
    });
  assert.equal(upstream.seen.length, 0);
  const { choices } = await sdkStrict.create(hello);
  assert.equal(choices[0].message.content, scene.HELLO);
});
