// SPDX-License-Identifier: MIT
// What aimock says, in whichever format it is asked. A scene is chosen by what
// the user said, and, where tools were called, by results that fit the calls.
export const usage = { prompt_tokens: 11, completion_tokens: 7 };

export const HELLO = 'Grüße — "quoted", \\back\\slashed, 你好 👋,\nand a second line.';
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const PICTURE = 'One pixel, and not much of it.';

export const PARIS = { id: 'call_paris', name: 'get_weather', arguments: { city: 'Paris', days: 2 } };
export const OSLO = { id: 'call_oslo', name: 'get_weather', arguments: { city: 'Oslo "N"', days: 10 } };
export const WEATHER = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
  additionalProperties: false,
};
export const COLOURS = { colours: ['red', 'blue'], count: 2 };

/** Are the last messages results of these calls, in this order? */
const answered =
  (...calls) =>
  ({ messages }) => {
    const [assistant, ...results] = messages.slice(-1 - calls.length);
    return (
      assistant?.tool_calls?.length === calls.length &&
      calls.every(
        (call, i) =>
          assistant.tool_calls[i].id === call.id &&
          assistant.tool_calls[i].function.name === call.name &&
          JSON.stringify(JSON.parse(assistant.tool_calls[i].function.arguments)) ===
            JSON.stringify(call.arguments) &&
          results[i]?.role === 'tool' &&
          results[i].tool_call_id === call.id &&
          results[i].content === `${call.arguments.city}: 18 degrees`,
      )
    );
  };

const said = (text) => ({ userMessage: text, hasToolResult: false });
const failure = (status, type, message, code) => ({ error: { message, type, code }, status });

export function populate(mock) {
  mock
    .on(said('Say hello'), { content: HELLO, usage })
    .on(said('Tell a long story'), { content: 'Once upon', usage, finishReason: 'length' })
    .on(said('What is in this picture'), { content: PICTURE, usage })
    .on(
      { ...said('Answer in chorus'), systemMessage: ['You are a pirate.', 'Be brief.'] },
      { content: 'Arr.', usage },
    )
    .on(said('Name two colours'), { content: COLOURS, usage })
    .on(said('Think, then answer'), { reasoning: 'Two and two.', content: 'Four.', usage })
    .on(said('weather in Paris'), { toolCalls: [PARIS], usage })
    .on(said('Compare the weather'), { content: 'Let me look.', toolCalls: [PARIS, OSLO], usage })
    .on({ predicate: answered(PARIS) }, { content: 'It is 18 degrees in Paris.', usage })
    .on({ predicate: answered(PARIS, OSLO) }, { content: 'They are the same.', usage })
    .on(
      said('Break off'),
      { content: 'This is never going to be finished.', usage },
      { truncateAfterChunks: 4, latency: 10 },
    )
    .on(
      said('Fail with 400'),
      failure(400, 'invalid_request_error', 'temperature is too warm', 'invalid_value'),
    )
    .on(said('Fail with 401'), failure(401, 'authentication_error', 'the key is unknown', 'invalid_api_key'))
    .on(said('Fail with 403'), failure(403, 'permission_error', 'not for you', 'forbidden'))
    .on(said('Fail with 404'), failure(404, 'not_found_error', 'no such model', 'model_not_found'))
    .on(said('Fail with 429'), {
      ...failure(429, 'rate_limit_error', 'slow down', 'rate_limit_exceeded'),
      retryAfter: 7,
    })
    .on(said('Fail with 500'), failure(500, 'api_error', 'out of order', 'internal'));
}
