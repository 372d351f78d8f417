// SPDX-License-Identifier: MIT
// How each format says what is in said.mjs, as a body and as a stream: written
// by hand, nothing of it by llmgw.
import { EventStreamCodec } from '@smithy/core/event-streams';

import { pieces } from './said.mjs';
import { frame } from './upstream.mjs';

const spelt = (call) => JSON.stringify(call.arguments);
const sse = (events) => events.map(frame).join('');

/* ---- anthropic-messages ------------------------------------------------ */

const anthropicStops = { end: 'end_turn', length: 'max_tokens', tool: 'tool_use' };
const anthropicMessage = (usage) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: {
    input_tokens: usage.input - usage.cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: usage.cached,
    output_tokens: usage.output,
    output_tokens_details: { thinking_tokens: usage.thought },
  },
});
const anthropicBlocks = ({ thinking, text, calls }) => [
  ...(thinking ? [{ type: 'thinking', thinking, signature: 'c2lnbmVk' }] : []),
  ...(text ? [{ type: 'text', text }] : []),
  ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
];
const anthropicDeltas = {
  thinking: ({ thinking, signature }) => [
    { type: 'thinking', thinking: '', signature: '' },
    ...pieces(thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
    { type: 'signature_delta', signature },
  ],
  text: ({ text }) => [
    { type: 'text', text: '' },
    ...pieces(text).map((piece) => ({ type: 'text_delta', text: piece })),
  ],
  tool_use: (block) => [
    { ...block, input: {} },
    ...['', ...pieces(JSON.stringify(block.input))].map((piece) => ({
      type: 'input_json_delta',
      partial_json: piece,
    })),
  ],
};
const anthropic = {
  body: (words) => ({
    ...anthropicMessage(words.usage),
    content: anthropicBlocks(words),
    stop_reason: anthropicStops[words.stop],
  }),
  stream: (words) =>
    sse([
      { type: 'message_start', message: anthropicMessage({ ...words.usage, output: 1 }) },
      { type: 'ping' },
      ...anthropicBlocks(words).flatMap((block, index) => {
        const [content_block, ...deltas] = anthropicDeltas[block.type](block);
        return [
          { type: 'content_block_start', index, content_block },
          ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
          { type: 'content_block_stop', index },
        ];
      }),
      {
        type: 'message_delta',
        delta: { stop_reason: anthropicStops[words.stop], stop_sequence: null },
        usage: {
          output_tokens: words.usage.output,
          output_tokens_details: { thinking_tokens: words.usage.thought },
        },
      },
      { type: 'message_stop' },
    ]),
};

/* ---- openai-chat, openai-completions ----------------------------------- */

const chatStops = { end: 'stop', length: 'length', tool: 'tool_calls' };
const chatUsage = ({ input, output, cached, thought }) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: thought },
});
const chatCall = (call) => ({
  id: call.id,
  type: 'function',
  function: { name: call.name, arguments: spelt(call) },
});
const chatHead = { id: 'chatcmpl-1', created: 1700000000, model: 'gpt-5' };
const chatChunk = (delta, finish_reason = null) => ({
  ...chatHead,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
});
const chat = {
  body: ({ thinking, text, calls, stop, usage }) => ({
    ...chatHead,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text || null,
          refusal: null,
          ...(thinking && { reasoning_content: thinking }),
          ...(calls.length && { tool_calls: calls.map(chatCall) }),
        },
        finish_reason: chatStops[stop],
      },
    ],
    usage: chatUsage(usage),
  }),
  stream: ({ thinking, text, calls, stop, usage }) =>
    sse([
      chatChunk({ role: 'assistant', content: '' }),
      ...pieces(thinking ?? '').map((reasoning_content) => chatChunk({ reasoning_content })),
      ...pieces(text).map((content) => chatChunk({ content })),
      ...calls.flatMap((call, index) => {
        const { function: fn, ...named } = chatCall(call);
        return [
          chatChunk({ tool_calls: [{ index, ...named, function: { ...fn, arguments: '' } }] }),
          ...pieces(fn.arguments).map((piece) =>
            chatChunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
          ),
        ];
      }),
      chatChunk({}, chatStops[stop]),
      { ...chatHead, object: 'chat.completion.chunk', choices: [], usage: chatUsage(usage) },
      'data: [DONE]\n\n',
    ]),
};

const completion = (text, finish_reason) => ({
  ...chatHead,
  object: 'text_completion',
  choices: [{ index: 0, text, logprobs: null, finish_reason }],
});
const completions = {
  silent: ({ thinking, calls }) => thinking || calls.length,
  body: ({ text, stop, usage }) => ({ ...completion(text, chatStops[stop]), usage: chatUsage(usage) }),
  stream: ({ text, stop, usage }) =>
    sse([
      ...pieces(text).map((piece) => completion(piece, null)),
      completion('', chatStops[stop]),
      { ...chatHead, object: 'text_completion', choices: [], usage: chatUsage(usage) },
      'data: [DONE]\n\n',
    ]),
};

/* ---- openai-responses -------------------------------------------------- */

const responseItems = ({ thinking, text, calls, stop }) => {
  const status = stop === 'length' ? 'incomplete' : 'completed';
  const summary = [{ type: 'summary_text', text: thinking }];
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
  return [
    ...(thinking ? [{ type: 'reasoning', id: 'rs_1', summary }] : []),
    ...(text ? [{ type: 'message', id: 'msg_1', status, role: 'assistant', content }] : []),
    ...calls.map((call, i) => ({
      type: 'function_call',
      id: `fc_${i}`,
      status,
      call_id: call.id,
      name: call.name,
      arguments: spelt(call),
    })),
  ];
};
const response = (words, output, done) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1700000000,
  status: !done ? 'in_progress' : words.stop === 'length' ? 'incomplete' : 'completed',
  error: null,
  incomplete_details: done && words.stop === 'length' ? { reason: 'max_output_tokens' } : null,
  model: 'gpt-5',
  output,
  parallel_tool_calls: true,
  tool_choice: 'auto',
  tools: [],
  usage: done && {
    input_tokens: words.usage.input,
    input_tokens_details: { cached_tokens: words.usage.cached },
    output_tokens: words.usage.output,
    output_tokens_details: { reasoning_tokens: words.usage.thought },
    total_tokens: words.usage.input + words.usage.output,
  },
});
/** The events between `added` and `done` of an item, and the item as it is added. */
const responseGrowth = {
  reasoning(item) {
    const { text } = item.summary[0];
    const at = { item_id: item.id, summary_index: 0 };
    return [
      { ...item, summary: [] },
      { ...at, type: 'response.reasoning_summary_part.added', part: { type: 'summary_text', text: '' } },
      ...pieces(text).map((delta) => ({ ...at, type: 'response.reasoning_summary_text.delta', delta })),
      { ...at, type: 'response.reasoning_summary_text.done', text },
      { ...at, type: 'response.reasoning_summary_part.done', part: item.summary[0] },
    ];
  },
  message(item) {
    const [part] = item.content;
    const at = { item_id: item.id, content_index: 0 };
    return [
      { ...item, status: 'in_progress', content: [] },
      { ...at, type: 'response.content_part.added', part: { ...part, text: '' } },
      ...pieces(part.text).map((delta) => ({
        ...at,
        type: 'response.output_text.delta',
        delta,
        logprobs: [],
      })),
      { ...at, type: 'response.output_text.done', text: part.text, logprobs: [] },
      { ...at, type: 'response.content_part.done', part },
    ];
  },
  function_call(item) {
    const at = { item_id: item.id };
    return [
      { ...item, status: 'in_progress', arguments: '' },
      ...pieces(item.arguments).map((delta) => ({
        ...at,
        type: 'response.function_call_arguments.delta',
        delta,
      })),
      {
        ...at,
        type: 'response.function_call_arguments.done',
        name: item.name,
        arguments: item.arguments,
      },
    ];
  },
};
const responses = {
  body: (words) => response(words, responseItems(words), true),
  stream(words) {
    const items = responseItems(words);
    const end = response(words, items, true);
    const events = [
      { type: 'response.created', response: response(words, [], false) },
      { type: 'response.in_progress', response: response(words, [], false) },
      ...items.flatMap((item, output_index) => {
        const [added, ...growth] = responseGrowth[item.type](item);
        return [
          { type: 'response.output_item.added', output_index, item: added },
          ...growth.map((event) => ({ ...event, output_index })),
          { type: 'response.output_item.done', output_index, item },
        ];
      }),
      { type: `response.${end.status}`, response: end },
    ];
    return sse(events.map((event, sequence_number) => ({ ...event, sequence_number })));
  },
};

/* ---- gemini ------------------------------------------------------------ */

const geminiStops = { end: 'STOP', length: 'MAX_TOKENS', tool: 'STOP' };
const geminiUsage = ({ input, output, cached, thought }) => ({
  promptTokenCount: input,
  cachedContentTokenCount: cached,
  candidatesTokenCount: output - thought,
  thoughtsTokenCount: thought,
  totalTokenCount: input + output,
});
const geminiChunk = (parts, finishReason, usageMetadata) => ({
  candidates: [{ content: { role: 'model', parts }, ...(finishReason && { finishReason }), index: 0 }],
  ...(usageMetadata && { usageMetadata }),
  modelVersion: 'gemini-3-pro',
  responseId: 'answer_1',
});
const geminiCall = ({ name, arguments: args }) => ({ functionCall: { name, args } });
const gemini = {
  nameless: true,
  body: ({ thinking, text, calls, stop, usage }) =>
    geminiChunk(
      [
        ...(thinking ? [{ text: thinking, thought: true }] : []),
        ...(text ? [{ text }] : []),
        ...calls.map(geminiCall),
      ],
      geminiStops[stop],
      geminiUsage(usage),
    ),
  stream: ({ thinking, text, calls, stop, usage }) =>
    sse([
      ...pieces(thinking ?? '').map((piece) => geminiChunk([{ text: piece, thought: true }])),
      ...pieces(text).map((piece) => geminiChunk([{ text: piece }])),
      ...calls.map((call) => geminiChunk([geminiCall(call)])),
      geminiChunk([{ text: '' }], geminiStops[stop], geminiUsage(usage)),
    ]),
};

/* ---- bedrock-converse -------------------------------------------------- */

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const header = (value) => ({ type: 'string', value });
/** An event, or an exception, that is the only member of an object. */
export const bedrockFrame = (event) => {
  const [[type, value]] = Object.entries(event);
  const kind = type.endsWith('Exception') ? 'exception' : 'event';
  return codec.encode({
    headers: {
      ':message-type': header(kind),
      [`:${kind}-type`]: header(type),
      ':content-type': header('application/json'),
    },
    body: Buffer.from(JSON.stringify(value)),
  });
};
const bedrockUsage = ({ input, output, cached }) => ({
  inputTokens: input - cached,
  outputTokens: output,
  totalTokens: input + output,
  cacheReadInputTokens: cached,
  cacheWriteInputTokens: 0,
});
const bedrockBlocks = ({ thinking, text, calls }) => [
  ...(thinking ? [{ reasoningContent: { reasoningText: { text: thinking, signature: 'c2lnbmVk' } } }] : []),
  ...(text ? [{ text }] : []),
  ...calls.map(({ id, name, arguments: input }) => ({ toolUse: { toolUseId: id, name, input } })),
];
const bedrockDeltas = ({ reasoningContent, text, toolUse }) => {
  if (reasoningContent)
    return [
      ...pieces(reasoningContent.reasoningText.text).map((piece) => ({ reasoningContent: { text: piece } })),
      { reasoningContent: { signature: reasoningContent.reasoningText.signature } },
    ];
  if (toolUse) return pieces(JSON.stringify(toolUse.input)).map((input) => ({ toolUse: { input } }));
  return pieces(text).map((piece) => ({ text: piece }));
};
const bedrock = {
  body: (words) => ({
    output: { message: { role: 'assistant', content: bedrockBlocks(words) } },
    stopReason: anthropicStops[words.stop],
    usage: bedrockUsage(words.usage),
    metrics: { latencyMs: 7 },
  }),
  stream: (words) =>
    Buffer.concat(
      [
        { messageStart: { role: 'assistant' } },
        ...bedrockBlocks(words).flatMap((block, contentBlockIndex) => [
          ...(block.toolUse
            ? [
                {
                  contentBlockStart: {
                    contentBlockIndex,
                    start: { toolUse: { toolUseId: block.toolUse.toolUseId, name: block.toolUse.name } },
                  },
                },
              ]
            : []),
          ...bedrockDeltas(block).map((delta) => ({ contentBlockDelta: { contentBlockIndex, delta } })),
          { contentBlockStop: { contentBlockIndex } },
        ]),
        { messageStop: { stopReason: anthropicStops[words.stop] } },
        { metadata: { usage: bedrockUsage(words.usage), metrics: { latencyMs: 7 } } },
      ].map(bedrockFrame),
    ),
};

/* ---- ollama-chat ------------------------------------------------------- */

const ollamaHead = { model: 'qwen3', created_at: '2026-08-04T19:22:45.499127Z' };
const ollamaEnd = ({ stop, usage }) => ({
  done: true,
  done_reason: stop === 'length' ? 'length' : 'stop',
  total_duration: 4883583458,
  prompt_eval_count: usage.input,
  eval_count: usage.output,
});
const ollamaCall = ({ name, arguments: args }, index) => ({ function: { index, name, arguments: args } });
const ollama = {
  nameless: true,
  body: (words) => ({
    ...ollamaHead,
    message: {
      role: 'assistant',
      content: words.text,
      ...(words.thinking && { thinking: words.thinking }),
      ...(words.calls.length && { tool_calls: words.calls.map(ollamaCall) }),
    },
    ...ollamaEnd(words),
  }),
  stream: (words) =>
    [
      ...pieces(words.thinking ?? '').map((thinking) => ({ content: '', thinking })),
      ...pieces(words.text).map((content) => ({ content })),
      ...words.calls.map((call, i) => ({ content: '', tool_calls: [ollamaCall(call, i)] })),
      { content: '' },
    ]
      .map((message, i, all) => ({
        ...ollamaHead,
        message: { role: 'assistant', ...message },
        ...(i + 1 < all.length ? { done: false } : ollamaEnd(words)),
      }))
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
};

/* ---- cohere-chat ------------------------------------------------------- */

const cohereStops = { end: 'COMPLETE', length: 'MAX_TOKENS', tool: 'TOOL_CALL' };
const cohereUsage = ({ input, output, cached }) => ({
  billed_units: { input_tokens: 12, output_tokens: output },
  tokens: { input_tokens: input, output_tokens: output },
  cached_tokens: cached,
});
const cohereBlocks = ({ thinking, text, calls }) => [
  ...(thinking ? [{ type: 'thinking', thinking }] : []),
  ...(text && !calls.length ? [{ type: 'text', text }] : []),
];
const cohere = {
  body: (words) => ({
    id: 'answer_1',
    message: {
      role: 'assistant',
      ...(words.calls.length && { tool_plan: words.text, tool_calls: words.calls.map(chatCall) }),
      content: cohereBlocks(words),
    },
    finish_reason: cohereStops[words.stop],
    usage: cohereUsage(words.usage),
  }),
  stream: (words) =>
    sse([
      {
        type: 'message-start',
        id: 'answer_1',
        delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
      },
      ...cohereBlocks(words).flatMap(({ type, [type]: text }, index) => [
        { type: 'content-start', index, delta: { message: { content: { type, [type]: '' } } } },
        ...pieces(text).map((piece) => ({
          type: 'content-delta',
          index,
          delta: { message: { content: { [type]: piece } } },
        })),
        { type: 'content-end', index },
      ]),
      ...(words.calls.length ? pieces(words.text) : []).map((tool_plan) => ({
        type: 'tool-plan-delta',
        delta: { message: { tool_plan } },
      })),
      ...words.calls.map(chatCall).flatMap(({ function: fn, ...named }, index) => [
        {
          type: 'tool-call-start',
          index,
          delta: { message: { tool_calls: { ...named, function: { ...fn, arguments: '' } } } },
        },
        ...pieces(fn.arguments).map((piece) => ({
          type: 'tool-call-delta',
          index,
          delta: { message: { tool_calls: { function: { arguments: piece } } } },
        })),
        { type: 'tool-call-end', index },
      ]),
      {
        type: 'message-end',
        delta: { finish_reason: cohereStops[words.stop], usage: cohereUsage(words.usage) },
      },
    ]),
};

const EACH = ['input', 'output', 'cached', 'thought'];
const NO_THOUGHT = ['input', 'output', 'cached'];

/** `counts`: what its usage tells. `nameless`: its calls have no ids. `silent`: can
 * it not say these words? */
export const speakers = {
  'anthropic-messages': { ...anthropic, counts: EACH },
  'bedrock-converse': { ...bedrock, counts: NO_THOUGHT },
  'cohere-chat': { ...cohere, counts: NO_THOUGHT },
  gemini: { ...gemini, counts: EACH },
  'ollama-chat': { ...ollama, counts: ['input', 'output'] },
  'openai-chat': { ...chat, counts: EACH },
  'openai-completions': { ...completions, counts: EACH },
  'openai-responses': { ...responses, counts: EACH },
};
