// SPDX-License-Identifier: MIT
// The two formats, as an upstream speaks them: what it was asked, read from the
// request that reached it, and answers of its own, written by hand.
import { json } from './upstream.mjs';

const text = (content) =>
  typeof content === 'string' ? content : content.map((part) => part.text).join('\n');
const parts = ({ messages }) => messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));

const chatHead = { id: 'chatcmpl-1', created: 1700000000, model: 'gpt-5' };
const chatAnswer = (choice) => ({
  ...chatHead,
  object: 'chat.completion',
  choices: [{ index: 0, ...choice }],
  usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
});
const chatChunk = (delta, finish_reason = null) => ({
  ...chatHead,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
});
const anthropicStart = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 11, output_tokens: 7 },
};

export const chat = {
  format: 'openai-chat',
  model: 'gpt-5',
  as: 'chat/gpt-5',
  unheardOf: 'chat/some-model',
  path: '/v1/chat/completions',
  key: ({ authorization }) => authorization?.replace(/^Bearer /, ''),
  system: ({ messages }) =>
    messages
      .filter(({ role }) => role === 'system' || role === 'developer')
      .map(({ content }) => text(content))
      .join('\n'),
  image: (json) => {
    const url = parts(json).find(({ type }) => type === 'image_url')?.image_url.url;
    const [, type, data] = /^data:([^;]+);base64,(.*)$/.exec(url);
    return { type, data };
  },
  stops: ({ stop }) => [stop].flat(),
  limit: ({ max_tokens, max_completion_tokens }) => max_completion_tokens ?? max_tokens,
  tools: ({ tools }) =>
    tools.map(({ function: f }) => ({ name: f.name, description: f.description, schema: f.parameters })),
  forced: ({ tool_choice }) => tool_choice.function?.name ?? tool_choice,
  parallel: ({ parallel_tool_calls }) => parallel_tool_calls,
  schema: ({ response_format }) => response_format?.json_schema?.schema,

  idHeader: 'x-request-id',
  answers: (text, headers) =>
    json(200, chatAnswer({ message: { role: 'assistant', content: text }, finish_reason: 'stop' }), headers),
  /** 11 tokens in and 7 out, and 100 more in from a cache, 3 of those out for thought. */
  counted: json(200, {
    ...chatAnswer({ message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }),
    usage: {
      prompt_tokens: 111,
      completion_tokens: 7,
      total_tokens: 118,
      prompt_tokens_details: { cached_tokens: 100 },
      completion_tokens_details: { reasoning_tokens: 3 },
    },
  }),
  /** The pieces of a stream that opens with "One" and then says " two" for ever. */
  opening: [chatChunk({ role: 'assistant', content: '' }), chatChunk({ content: 'One' })],
  more: chatChunk({ content: ' two' }),
  failing: { error: { message: 'too many at once', type: 'server_error', param: null, code: 'overloaded' } },
};

export const messages = {
  format: 'anthropic-messages',
  model: 'claude-sonnet-4-5',
  as: 'claude/claude-sonnet-4-5',
  unheardOf: 'claude/some-model',
  most: 64000, // of tokens that the model says
  path: '/v1/messages',
  key: (headers) => headers['x-api-key'],
  system: ({ system }) => text(system),
  image: (json) => {
    const { source } = parts(json).find(({ type }) => type === 'image');
    return { type: source.media_type, data: source.data };
  },
  stops: ({ stop_sequences }) => stop_sequences,
  limit: ({ max_tokens }) => max_tokens,
  tools: ({ tools }) =>
    tools.map((t) => ({ name: t.name, description: t.description, schema: t.input_schema })),
  forced: ({ tool_choice }) => tool_choice.name ?? tool_choice.type,
  parallel: ({ tool_choice }) => !tool_choice.disable_parallel_tool_use,
  schema: ({ output_config }) => output_config?.format?.schema,

  idHeader: 'request-id',
  answers: (text, headers) =>
    json(200, { ...anthropicStart, content: [{ type: 'text', text }], stop_reason: 'end_turn' }, headers),
  counted: json(200, {
    ...anthropicStart,
    content: [{ type: 'text', text: 'Yes.' }],
    stop_reason: 'stop_sequence',
    stop_sequence: 'END',
    usage: { ...anthropicStart.usage, cache_read_input_tokens: 100, cache_creation_input_tokens: 0 },
  }),
  opening: [
    { type: 'message_start', message: anthropicStart },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'One' } },
  ],
  more: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' two' } },
  failing: { type: 'error', error: { type: 'overloaded_error', message: 'too many at once' } },
};

export const upstreams = [chat, messages];
