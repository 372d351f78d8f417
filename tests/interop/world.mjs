// SPDX-License-Identifier: MIT
// Everything that runs while the cases do.
import { LLMock } from '@copilotkit/aimock';

import { Relay, TOKEN } from './relay.mjs';
import { populate } from './scenes.mjs';
import { Upstream } from './upstream.mjs';

const mock = new LLMock({ port: 0, strict: true, chunkSize: 5, logLevel: 'silent' });
populate(mock);

export const aimock = await mock.start();
export const upstream = await new Upstream(aimock).start();
const started = [];

/** A relay with these settings; all are stopped at the end. */
export async function relayWith(settings, token) {
  const relay = await new Relay(upstream, settings, token).start();
  started.push(relay);
  return relay;
}

export const relay = await relayWith({});
/** Sends nothing twice. */
export const unretried = await relayWith({ 'retry.max': 0 });
/** Loses nothing. */
export const strict = await relayWith({ strict: true });

export { TOKEN };

/** Gives the exit codes of the relays. */
export async function stop() {
  const codes = await Promise.all(started.map((each) => each.stop()));
  upstream.stop();
  await mock.stop();
  return codes;
}
