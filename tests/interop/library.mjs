// SPDX-License-Identifier: MIT
// The library alone, by its command: aimock takes its requests in both formats.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';

import { upstreams } from './formats.mjs';
import { settingsFor, UPSTREAM_KEY } from './relay.mjs';
import * as scene from './scenes.mjs';
import { Skip, test } from './tap.mjs';
import { upstream } from './world.mjs';

function command(args, input) {
  const program = process.env.LLMGW_COMMAND;
  if (!program) throw new Skip('the command is not built');
  const sets = Object.entries(settingsFor(upstream))
    .filter(([key]) => !key.endsWith('.api_key'))
    .flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const env = { ...process.env, INTEROP_KEY: UPSTREAM_KEY };
  return new Promise((done, failed) => {
    const child = execFile(
      program,
      [...args, ...sets, '--api-key-env', 'INTEROP_KEY'],
      { env },
      (error, stdout, stderr) => (error ? failed(new Error(`${error.message}\n${stderr}`)) : done(stdout)),
    );
    child.stdin.end(JSON.stringify(input));
  });
}

for (const up of upstreams) {
  const hello = { model: up.model, max_tokens: 99, messages: [{ role: 'user', content: 'Say hello' }] };
  const call = (...words) => ['call', ...words, '--provider', up.as.split('/')[0]];

  test(`llmgw call, ${up.format} upstream`, async () => {
    const message = JSON.parse(await command(call('messages'), hello));
    assert.equal(message.content[0].text, scene.HELLO);
    const completion = JSON.parse(await command(call('chat'), hello));
    assert.equal(completion.choices[0].message.content, scene.HELLO);
    for (const { path, headers } of upstream.seen) {
      assert.equal(path, up.path);
      assert.equal(up.key(headers), UPSTREAM_KEY);
      assert.equal(headers['content-type'], 'application/json');
    }
  });

  test(`llmgw call --stream, ${up.format} upstream`, async () => {
    const events = await command(call('messages', '--stream'), hello);
    const text = events.matchAll(/"text_delta","text":("(?:[^"\\]|\\.)*")/g);
    assert.equal([...text].map(([, piece]) => JSON.parse(piece)).join(''), scene.HELLO);
    const chunks = await command(call('chat', '--stream'), hello);
    assert.match(chunks, /data: \[DONE\]\s*$/);
  });
}
