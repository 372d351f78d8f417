// SPDX-License-Identifier: MIT
// Failures that no mock offers: both SDKs through the relay to upstreams of both
// formats, which play what is written here.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import { upstreams } from './formats.mjs';
import { test } from './tap.mjs';
import { json, stream } from './upstream.mjs';
import { relay, TOKEN, unretried, upstream } from './world.mjs';

const anthropic = {
  name: 'anthropic sdk',
  errors: Anthropic,
  sdk: ({ url }, maxRetries = 0) => new Anthropic({ baseURL: url, apiKey: TOKEN, maxRetries }),
  create: (sdk, request) => sdk.messages.create({ max_tokens: 99, ...request }),
  text: ({ content }) => content[0].text,
  piece: ({ type, delta }) => (type === 'content_block_delta' ? delta.text : ''),
  told: ({ error }) => error.error,
};
const openai = {
  name: 'openai sdk',
  errors: OpenAI,
  sdk: ({ url }, maxRetries = 0) => new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN, maxRetries }),
  create: (sdk, request) => sdk.chat.completions.create(request),
  text: ({ choices }) => choices[0].message.content,
  piece: ({ choices }) => choices[0]?.delta.content ?? '',
  told: ({ error }) => error,
};

const busy = (headers) => json(429, { error: { type: 'rate_limit_error', message: 'slow down' } }, headers);

for (const by of [anthropic, openai])
  for (const up of upstreams) {
    const request = { model: up.as, messages: [{ role: 'user', content: 'Are you there?' }] };
    const on = (what, run) => test(`${by.name}, ${up.format} upstream: ${what}`, run);

    const broken = async (...answer) => {
      upstream.answer(stream(...answer));
      let text = '';
      let error;
      try {
        for await (const event of await by.create(by.sdk(relay), { ...request, stream: true }))
          text += by.piece(event);
      } catch (e) {
        error = e;
      }
      assert.equal(text, 'One');
      assert.ok(error instanceof by.errors.APIError, error);
      assert.equal(upstream.seen.length, 1);
      return by.told(error);
    };

    on('an error amid a stream', async () => {
      const told = await broken([...up.opening, up.failing]);
      assert.match(told.message, /too many at once/);
    });

    on('a stream that ends without its end', async () => {
      const told = await broken(up.opening);
      assert.ok(told.message.length > 5);
    });

    on('a stream cut in two', async () => {
      const told = await broken([...up.opening, 'data: {"id":"cha'], { cut: true });
      assert.ok(told.message.length > 5);
    });

    on('the relay tries again', async () => {
      upstream.answer(busy({ 'retry-after-ms': '10' }), json(500, '{}'), up.answers('Here.'));
      assert.equal(by.text(await by.create(by.sdk(relay), request)), 'Here.');
      assert.equal(upstream.seen.length, 3);
      assert.ok(upstream.seen.every(({ raw }) => raw === upstream.seen[0].raw));
    });

    on('the sdk tries again', async () => {
      upstream.answer(busy({ 'retry-after': '0' }), up.answers('Here.'));
      assert.equal(by.text(await by.create(by.sdk(unretried, 1), request)), 'Here.');
      assert.equal(upstream.seen.length, 2);
    });

    on('overloaded', async () => {
      const words = { type: 'error', error: { type: 'overloaded_error', message: 'too many at once' } };
      upstream.answer(json(529, words));
      await assert.rejects(by.create(by.sdk(unretried), request), (e) => {
        assert.ok(e instanceof by.errors.InternalServerError, e);
        assert.equal(e.status, 529);
        assert.equal(by.told(e).message, 'too many at once');
        return true;
      });
    });

    on('an error that is a page', async () => {
      upstream.answer(json(503, '<html>down</html>', { 'content-type': 'text/html' }));
      await assert.rejects(by.create(by.sdk(unretried), request), (e) => {
        assert.ok(e instanceof by.errors.InternalServerError, e);
        assert.equal(e.status, 503);
        assert.equal(typeof by.told(e).message, 'string');
        assert.equal(typeof by.told(e).type, 'string');
        return true;
      });
    });

    on('nobody answers', async () => {
      upstream.answer(
        (res) => res.destroy(),
        (res) => res.destroy(),
      );
      await assert.rejects(by.create(by.sdk(unretried), request), (e) => {
        assert.ok(e instanceof by.errors.InternalServerError, e);
        assert.equal(e.status, 502);
        assert.equal(typeof by.told(e).message, 'string');
        return true;
      });
    });
  }
