// SPDX-License-Identifier: MIT
// How each vendor's SDK reads an answer of its format: what said.mjs calls words,
// from a body and from a stream. What the format has no word for is undefined.
const KEY = 'the-providers-key';
const MODEL = 'some-model';
const user = [{ role: 'user', content: 'Say it' }];

const all = async (stream) => {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
};
const joined = (texts) => texts.filter((text) => text !== undefined && text !== null).join('');
const parsed = (text) => JSON.parse(text);

/* ---- anthropic-messages ------------------------------------------------ */

const anthropicStops = { end_turn: 'end', max_tokens: 'length', tool_use: 'tool' };

async function anthropic(url) {
  const { default: Anthropic } = await import('@anthropic-ai/sdk');
  const sdk = new Anthropic({ baseURL: url, apiKey: KEY, maxRetries: 0 });
  const request = { model: MODEL, max_tokens: 99, messages: user };
  const words = ({ content, stop_reason, usage }) => ({
    thinking: joined(content.map((block) => block.thinking)),
    text: joined(content.map((block) => block.text)),
    calls: content
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, name, input }) => ({ id, name, arguments: input })),
    stop: anthropicStops[stop_reason] ?? stop_reason,
    usage: {
      input:
        usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
      cached: usage.cache_read_input_tokens,
      thought: usage.output_tokens_details?.thinking_tokens,
    },
  });
  return {
    body: async () => words(await sdk.messages.create(request)),
    stream: async () => words(await sdk.messages.stream(request).finalMessage()),
  };
}

/* ---- openai-chat, openai-completions, openai-responses ----------------- */

const chatStops = { stop: 'end', length: 'length', tool_calls: 'tool' };
const chatUsage = ({
  prompt_tokens,
  completion_tokens,
  prompt_tokens_details,
  completion_tokens_details,
}) => ({
  input: prompt_tokens,
  output: completion_tokens,
  cached: prompt_tokens_details?.cached_tokens,
  thought: completion_tokens_details?.reasoning_tokens,
});

async function openai(url) {
  const { default: OpenAI } = await import('openai');
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: KEY, maxRetries: 0 });
}

async function chat(url) {
  const sdk = await openai(url);
  const request = { model: MODEL, messages: user };
  const words = ({ choices: [{ message, finish_reason }], usage }, thinking) => ({
    thinking: thinking ?? '',
    text: message.content ?? '',
    calls: (message.tool_calls ?? []).map(({ id, function: fn }) => ({
      id,
      name: fn.name,
      arguments: parsed(fn.arguments),
    })),
    stop: chatStops[finish_reason] ?? finish_reason,
    usage: chatUsage(usage),
  });
  return {
    async body() {
      const completion = await sdk.chat.completions.create(request);
      return words(completion, completion.choices[0].message.reasoning_content);
    },
    async stream() {
      let thinking = ''; // the SDK hands it on, but does not gather it
      const stream = sdk.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
      stream.on('chunk', ({ choices }) => (thinking += choices[0]?.delta.reasoning_content ?? ''));
      return words(await stream.finalChatCompletion(), thinking);
    },
  };
}

async function completions(url) {
  const sdk = await openai(url);
  const request = { model: MODEL, prompt: 'Say it' };
  const words = (chunks) => {
    const choices = chunks.flatMap((chunk) => chunk.choices);
    const stop = choices.map(({ finish_reason }) => finish_reason).findLast(Boolean);
    return {
      text: joined(choices.map(({ text }) => text)),
      stop: chatStops[stop] ?? stop,
      usage: chatUsage(chunks.findLast(({ usage }) => usage).usage),
    };
  };
  return {
    body: async () => words([await sdk.completions.create(request)]),
    stream: async () =>
      words(
        await all(
          await sdk.completions.create({ ...request, stream: true, stream_options: { include_usage: true } }),
        ),
      ),
  };
}

async function responses(url) {
  const sdk = await openai(url);
  const request = { model: MODEL, input: 'Say it' };
  const stop = ({ status, incomplete_details, output }) => {
    if (status === 'incomplete')
      return incomplete_details.reason === 'max_output_tokens' ? 'length' : incomplete_details.reason;
    if (status !== 'completed') return status;
    return output.some(({ type }) => type === 'function_call') ? 'tool' : 'end';
  };
  const words = (response) => ({
    thinking: joined(
      response.output
        .filter(({ type }) => type === 'reasoning')
        .flatMap(({ summary, content }) => [...summary, ...(content ?? [])].map(({ text }) => text)),
    ),
    text: response.output_text,
    calls: response.output
      .filter(({ type }) => type === 'function_call')
      .map((call) => ({ id: call.call_id, name: call.name, arguments: parsed(call.arguments) })),
    stop: stop(response),
    usage: {
      input: response.usage.input_tokens,
      output: response.usage.output_tokens,
      cached: response.usage.input_tokens_details.cached_tokens,
      thought: response.usage.output_tokens_details.reasoning_tokens,
    },
  });
  return {
    body: async () => words(await sdk.responses.create(request)),
    stream: async () => words(await sdk.responses.stream(request).finalResponse()),
  };
}

/* ---- gemini ------------------------------------------------------------ */

const geminiStops = { STOP: 'end', MAX_TOKENS: 'length' };

async function gemini(url) {
  const { GoogleGenAI } = await import('@google/genai');
  const sdk = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: url } });
  const request = { model: MODEL, contents: 'Say it' };
  const words = (chunks) => {
    const parts = chunks.flatMap(({ candidates }) => candidates?.[0].content?.parts ?? []);
    const reason = chunks.map(({ candidates }) => candidates?.[0].finishReason).findLast(Boolean);
    const calls = chunks.flatMap(({ functionCalls }) => functionCalls ?? []);
    const { usageMetadata: usage } = chunks.findLast(({ usageMetadata }) => usageMetadata);
    return {
      thinking: joined(parts.filter(({ thought }) => thought).map(({ text }) => text)),
      text: joined(parts.filter(({ thought }) => !thought).map(({ text }) => text)),
      calls: calls.map(({ id, name, args }) => ({ id, name, arguments: args })),
      stop: reason === 'STOP' && calls.length ? 'tool' : (geminiStops[reason] ?? reason),
      usage: {
        input: usage.promptTokenCount,
        output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0),
        cached: usage.cachedContentTokenCount,
        thought: usage.thoughtsTokenCount,
      },
    };
  };
  return {
    body: async () => words([await sdk.models.generateContent(request)]),
    stream: async () => words(await all(await sdk.models.generateContentStream(request))),
  };
}

/* ---- bedrock-converse -------------------------------------------------- */

/** The blocks of a stream, as the body would have them. */
function bedrockBlocks(events) {
  const blocks = [];
  const put = (index, key, value, join) => {
    blocks[index] ??= {};
    blocks[index][key] = join(blocks[index][key], value);
  };
  for (const { contentBlockStart: start, contentBlockDelta: more } of events) {
    if (start)
      put(start.contentBlockIndex, 'toolUse', { ...start.start.toolUse, input: '' }, (_, use) => use);
    const { text, toolUse, reasoningContent } = more?.delta ?? {};
    const add = (old, value) => (old ?? '') + value;
    if (text !== undefined) put(more.contentBlockIndex, 'text', text, add);
    if (reasoningContent?.text !== undefined)
      put(more.contentBlockIndex, 'reasoningContent', reasoningContent.text, (old, value) => ({
        reasoningText: { text: add(old?.reasoningText.text, value) },
      }));
    if (toolUse)
      put(more.contentBlockIndex, 'toolUse', toolUse.input, (old, value) => ({
        ...old,
        input: old.input + value,
      }));
  }
  for (const { toolUse } of blocks) if (toolUse) toolUse.input = parsed(toolUse.input);
  return blocks;
}

async function bedrock(url) {
  const { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } =
    await import('@aws-sdk/client-bedrock-runtime');
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  const sdk = new BedrockRuntimeClient({
    region: 'eu-north-1',
    endpoint: url,
    credentials: { accessKeyId: 'id', secretAccessKey: KEY },
    requestHandler: new NodeHttpHandler(), // HTTP/1.1, without TLS
    maxAttempts: 1,
  });
  const request = { modelId: MODEL, messages: [{ role: 'user', content: [{ text: 'Say it' }] }] };
  const words = (content, stopReason, usage) => ({
    thinking: joined(content.map((block) => block.reasoningContent?.reasoningText?.text)),
    text: joined(content.map((block) => block.text)),
    calls: content
      .filter(({ toolUse }) => toolUse)
      .map(({ toolUse }) => ({ id: toolUse.toolUseId, name: toolUse.name, arguments: toolUse.input })),
    stop: anthropicStops[stopReason] ?? stopReason,
    usage: {
      input: usage.inputTokens + (usage.cacheReadInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0),
      output: usage.outputTokens,
      cached: usage.cacheReadInputTokens,
    },
  });
  return {
    async body() {
      const { output, stopReason, usage } = await sdk.send(new ConverseCommand(request));
      return words(output.message.content, stopReason, usage);
    },
    async stream() {
      const { stream } = await sdk.send(new ConverseStreamCommand(request));
      const events = await all(stream);
      const the = (name) => events.find((event) => event[name])?.[name];
      return words(bedrockBlocks(events), the('messageStop').stopReason, the('metadata').usage);
    },
  };
}

/* ---- ollama-chat ------------------------------------------------------- */

const ollamaStops = { stop: 'end', length: 'length' };

async function ollama(url) {
  const { Ollama } = await import('ollama');
  const sdk = new Ollama({ host: url });
  const request = { model: MODEL, messages: user };
  const words = (chunks) => {
    const { done_reason, prompt_eval_count, eval_count } = chunks.find(({ done }) => done);
    const calls = chunks.flatMap(({ message }) => message.tool_calls ?? []);
    return {
      thinking: joined(chunks.map(({ message }) => message.thinking)),
      text: joined(chunks.map(({ message }) => message.content)),
      calls: calls.map(({ id, function: fn }) => ({ id, name: fn.name, arguments: fn.arguments })),
      stop: done_reason === 'stop' && calls.length ? 'tool' : (ollamaStops[done_reason] ?? done_reason),
      usage: { input: prompt_eval_count, output: eval_count },
    };
  };
  return {
    body: async () => words([await sdk.chat(request)]),
    stream: async () => words(await all(await sdk.chat({ ...request, stream: true }))),
  };
}

/* ---- cohere-chat ------------------------------------------------------- */

const cohereStops = { COMPLETE: 'end', MAX_TOKENS: 'length', TOOL_CALL: 'tool' };

/** The message of a stream, as the body would have it. */
function cohereMessage(events) {
  const message = { toolPlan: '', content: [], toolCalls: [] };
  for (const { type, index, delta } of events) {
    const more = delta?.message;
    if (type === 'content-start') message.content[index] = { text: '', thinking: '', ...more.content };
    if (type === 'content-delta') message.content[index].text += more.content.text ?? '';
    if (type === 'content-delta') message.content[index].thinking += more.content.thinking ?? '';
    if (type === 'tool-plan-delta') message.toolPlan += more.toolPlan;
    if (type === 'tool-call-start') message.toolCalls[index] = more.toolCalls;
    if (type === 'tool-call-delta')
      message.toolCalls[index].function.arguments += more.toolCalls.function.arguments;
  }
  return message;
}

async function cohere(url) {
  const { CohereClientV2 } = await import('cohere-ai');
  const sdk = new CohereClientV2({ environment: url, token: KEY, maxRetries: 0 });
  const request = { model: MODEL, messages: user };
  const words = ({ toolPlan, content, toolCalls }, finishReason, usage) => ({
    thinking: joined((content ?? []).map(({ thinking }) => thinking)),
    text: joined([toolPlan, ...(content ?? []).map(({ text }) => text)]),
    calls: (toolCalls ?? []).map(({ id, function: fn }) => ({
      id,
      name: fn.name,
      arguments: parsed(fn.arguments),
    })),
    stop: cohereStops[finishReason] ?? finishReason,
    usage: {
      input: usage?.tokens?.inputTokens,
      output: usage?.tokens?.outputTokens,
      cached: usage?.cachedTokens,
    },
  });
  return {
    async body() {
      const { message, finishReason, usage } = await sdk.chat(request);
      return words(message, finishReason, usage);
    },
    async stream() {
      const events = await all(await sdk.chatStream(request));
      const { finishReason, usage } = events.find(({ type }) => type === 'message-end').delta;
      return words(cohereMessage(events), finishReason, usage);
    },
  };
}

/** The SDK of each format: what it asks for, what it takes, how it reads. */
const SSE = 'text/event-stream';
export const readers = {
  'anthropic-messages': { read: anthropic, path: /^\/v1\/messages$/, type: SSE },
  'bedrock-converse': {
    read: bedrock,
    path: /^\/model\/some-model\/converse(-stream)?$/,
    type: 'application/vnd.amazon.eventstream',
  },
  'cohere-chat': { read: cohere, path: /^\/v2\/chat$/, type: SSE },
  gemini: {
    read: gemini,
    path: /^\/v1\/models\/some-model:(generateContent|streamGenerateContent\?alt=sse)$/,
    type: SSE,
  },
  'ollama-chat': { read: ollama, path: /^\/api\/chat$/, type: 'application/x-ndjson' },
  'openai-chat': { read: chat, path: /^\/v1\/chat\/completions$/, type: SSE },
  'openai-completions': { read: completions, path: /^\/v1\/completions$/, type: SSE },
  'openai-responses': { read: responses, path: /^\/v1\/responses$/, type: SSE },
};
