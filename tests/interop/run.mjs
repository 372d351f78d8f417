// SPDX-License-Identifier: MIT
// run.mjs [PART OF A NAME]: runs the cases, as TAP. $LLMGW_RELAY is the relay,
// $LLMGW_COMMAND the command.
import { readFileSync } from 'node:fs';

import { run, test } from './tap.mjs';
import { stop, upstream } from './world.mjs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url)));
const peers = Object.keys(read('package.json').dependencies).map(
  (name) => `${name} ${read(`node_modules/${name}/package.json`).version}`,
);
console.log(`# ${peers.join(', ')}; node ${process.versions.node}`);

for (const what of [
  'anthropic_sdk',
  'openai_sdk',
  'failures',
  'same_format',
  'doors',
  'library',
  'written_answers',
  'written_requests',
])
  await import(`./${what}.mjs`);

test('every relay ends well when asked to', async () => {
  const codes = await stop();
  if (codes.some((code) => code !== 0)) throw new Error(`exit codes: ${codes}`);
});

process.exit((await run(process.argv[2], () => upstream.clear())) ? 1 : 0);
