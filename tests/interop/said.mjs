// SPDX-License-Identifier: MIT
// What a model may say, in no format: {thinking, text, calls, stop, usage}. `stop`
// is end, length or tool. `usage` counts what is cached and what is thought too.
import { HELLO, OSLO, PARIS } from './scenes.mjs';

const usage = { input: 111, output: 18, cached: 100, thought: 5 };
const NOTHING = { id: 'call_now', name: 'now', arguments: {} };

export const said = {
  text: { text: HELLO, calls: [], stop: 'end', usage },
  'text, cut by the limit': { text: 'Once upon', calls: [], stop: 'length', usage },
  'text and a call': { text: 'Let me look.', calls: [PARIS], stop: 'tool', usage },
  'two calls': { text: '', calls: [PARIS, OSLO], stop: 'tool', usage },
  'a call of nothing': { text: '', calls: [NOTHING], stop: 'tool', usage },
  thinking: { thinking: 'Two "and"\ntwö.', text: 'Four. 👋', calls: [], stop: 'end', usage },
  'thinking, text and calls': {
    thinking: 'Both, then.',
    text: 'I shall look.',
    calls: [PARIS, OSLO],
    stop: 'tool',
    usage,
  },
};

/** A text as a model says it: in small pieces, none of which ends within a character. */
export const pieces = (text, size = 4) =>
  [...text].reduce((all, character, i) => {
    if (i % size === 0) all.push('');
    all[all.length - 1] += character;
    return all;
  }, []);
