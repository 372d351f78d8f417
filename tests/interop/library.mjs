// SPDX-License-Identifier: MIT
// The library alone, by its command: aimock takes its requests in both formats.
import assert from 'node:assert/strict';

import { command } from './command.mjs';
import { upstreams } from './formats.mjs';
import { settingsFor, UPSTREAM_KEY } from './relay.mjs';
import * as scene from './scenes.mjs';
import { test } from './tap.mjs';
import { upstream } from './world.mjs';

async function call(args, input) {
  const sets = Object.entries(settingsFor(upstream))
    .filter(([key]) => !key.endsWith('.api_key'))
    .flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const { stdout } = await command(
    ['call', ...args, ...sets, '--api-key-env', 'INTEROP_KEY'],
    JSON.stringify(input),
    { INTEROP_KEY: UPSTREAM_KEY },
  );
  return stdout.toString();
}

for (const up of upstreams) {
  const hello = { model: up.model, max_tokens: 99, messages: [{ role: 'user', content: 'Say hello' }] };
  const say = (...words) => call([...words, '--provider', up.as.split('/')[0]], hello);

  test(`llmgw call, ${up.format} upstream`, async () => {
    const message = JSON.parse(await say('messages'));
    assert.equal(message.content[0].text, scene.HELLO);
    const completion = JSON.parse(await say('chat'));
    assert.equal(completion.choices[0].message.content, scene.HELLO);
    for (const { path, headers } of upstream.seen) {
      assert.equal(path, up.path);
      assert.equal(up.key(headers), UPSTREAM_KEY);
      assert.equal(headers['content-type'], 'application/json');
    }
  });

  test(`llmgw call --stream, ${up.format} upstream`, async () => {
    const events = await say('messages', '--stream');
    const text = events.matchAll(/"text_delta","text":("(?:[^"\\]|\\.)*")/g);
    assert.equal([...text].map(([, piece]) => JSON.parse(piece)).join(''), scene.HELLO);
    const chunks = await say('chat', '--stream');
    assert.match(chunks, /data: \[DONE\]\s*$/);
  });
}
