/* SPDX-License-Identifier: MIT
 *
 * Requests, answers and streams with a bit of everything in them. */
#ifndef TESTS_TORTURE_TEXTS_H
#define TESTS_TORTURE_TEXTS_H

#define MESSAGES_REQUEST                                                   \
    "{\"model\":\"claude-x\",\"max_tokens\":100,\"stream\":true,"          \
    "\"system\":[{\"type\":\"text\",\"text\":\"Be brief.\","               \
    "\"cache_control\":{\"type\":\"ephemeral\"}}],\"temperature\":0.5,"    \
    "\"stop_sequences\":[\"END\",\"\\u00e9\"],\"unknown_member\":[1,{}],"  \
    "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},"          \
    "\"tools\":[{\"name\":\"get_weather\",\"description\":\"now\","        \
    "\"input_schema\":{\"type\":\"object\",\"properties\":{\"city\":"      \
    "{\"type\":\"string\"}}}}],\"tool_choice\":{\"type\":\"auto\"},"       \
    "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","    \
    "\"text\":\"What is this?\\n\"},{\"type\":\"image\",\"source\":"       \
    "{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":"          \
    "\"iVBORw0KGgo=\"}}]},{\"role\":\"assistant\",\"content\":["           \
    "{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"c2ln\"}," \
    "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"get_weather\","  \
    "\"input\":{\"city\":\"Ulm\"}}]},{\"role\":\"user\",\"content\":["     \
    "{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_1\",\"content\":"   \
    "[{\"type\":\"text\",\"text\":\"sun\"}]}]}]}"

#define CHAT_REQUEST                                                          \
    "{\"model\":\"gpt-x\",\"stream\":true,\"stream_options\":"                \
    "{\"include_usage\":true},\"max_completion_tokens\":100,\"n\":1,"         \
    "\"seed\":7,\"stop\":\"END\",\"response_format\":{\"type\":"              \
    "\"json_schema\",\"json_schema\":{\"name\":\"w\",\"schema\":{\"type\":"   \
    "\"object\"}}},\"tools\":[{\"type\":\"function\",\"function\":{\"name\":" \
    "\"get_weather\",\"parameters\":{\"type\":\"object\"}}}],"                \
    "\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"          \
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},"    \
    "{\"type\":\"image_url\",\"image_url\":{\"url\":"                         \
    "\"data:image/png;base64,iVBORw0KGgo=\"}}]},{\"role\":\"assistant\","     \
    "\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":"           \
    "\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":"      \
    "\"{\\\"city\\\":\\\"Ulm\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":" \
    "\"call_1\",\"content\":\"sun\"}]}"

#define MESSAGES_ANSWER                                                    \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","       \
    "\"model\":\"claude-x\",\"content\":[{\"type\":\"thinking\","          \
    "\"thinking\":\"Hm.\",\"signature\":\"c2ln\"},{\"type\":\"text\","     \
    "\"text\":\"It is \\\"sunny\\\".\"},{\"type\":\"tool_use\",\"id\":"    \
    "\"toolu_1\",\"name\":\"get_weather\",\"input\":{\"city\":\"Ulm\"}}]," \
    "\"stop_reason\":\"tool_use\",\"stop_sequence\":null,\"usage\":"       \
    "{\"input_tokens\":10,\"cache_read_input_tokens\":3,"                  \
    "\"output_tokens\":20}}"

#define CHAT_ANSWER                                                          \
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"   \
    "\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"message\":{\"role\":"   \
    "\"assistant\",\"content\":\"It is \\\"sunny\\\".\",\"refusal\":null,"   \
    "\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":" \
    "{\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\":\\\"Ulm\\\"}\"" \
    "}}]},\"logprobs\":null,\"finish_reason\":\"tool_calls\"}],\"usage\":"   \
    "{\"prompt_tokens\":13,\"completion_tokens\":20,\"total_tokens\":33,"    \
    "\"prompt_tokens_details\":{\"cached_tokens\":3}}}"

#define MESSAGES_STREAM                                                      \
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"   \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","         \
    "\"model\":\"claude-x\",\"content\":[],\"stop_reason\":null,"            \
    "\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,"                 \
    "\"output_tokens\":1}}}\n\n"                                             \
    "event: content_block_start\ndata: {\"type\":\"content_block_start\","   \
    "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"   \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","   \
    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"It \"}}\n\n"  \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","   \
    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"is\"}}\n\n"   \
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\","     \
    "\"index\":0}\n\n"                                                       \
    "event: content_block_start\ndata: {\"type\":\"content_block_start\","   \
    "\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":"           \
    "\"toolu_1\",\"name\":\"get_weather\",\"input\":{}}}\n\n"                \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","   \
    "\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":" \
    "\"{\\\"city\\\":\\\"Ulm\\\"}\"}}\n\n"                                   \
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\","     \
    "\"index\":1}\n\n"                                                       \
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"     \
    "{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":"       \
    "{\"output_tokens\":20}}\n\n"                                            \
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"

#define CHAT_CHUNK(choices)                                              \
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\"," \
    "\"created\":1,\"model\":\"gpt-x\",\"choices\":[" choices "]}\n\n"
#define CHAT_DELTA(delta) \
    CHAT_CHUNK("{\"index\":0,\"delta\":" delta ",\"finish_reason\":null}")

#define CHAT_STREAM                                                            \
    CHAT_DELTA("{\"role\":\"assistant\",\"content\":\"\"}")                    \
    CHAT_DELTA("{\"content\":\"It \"}")                                        \
    CHAT_DELTA("{\"content\":\"is\"}")                                         \
    CHAT_DELTA("{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":"     \
               "\"function\",\"function\":{\"name\":\"get_weather\","          \
               "\"arguments\":\"\"}}]}")                                       \
    CHAT_DELTA("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"    \
               "\"{\\\"city\\\":\\\"Ulm\\\"}\"}}]}")                           \
    CHAT_CHUNK("{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}")  \
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","       \
    "\"created\":1,\"model\":\"gpt-x\",\"choices\":[],\"usage\":"              \
    "{\"prompt_tokens\":13,\"completion_tokens\":20,\"total_tokens\":33}}\n\n" \
    "data: [DONE]\n\n"

#define CONVERSE_REQUEST                                             \
    "{\"system\":[{\"text\":\"s\"},{\"cachePoint\":{\"type\":\"defa" \
    "ult\",\"ttl\":\"1h\"}}],\"messages\":[{\"role\":\"user\",\"con" \
    "tent\":[{\"document\":{\"format\":\"pdf\",\"name\":\"n\",\"sou" \
    "rce\":{\"bytes\":\"QQ==\"}}},{\"cachePoint\":{\"type\":\"defau" \
    "lt\",\"ttl\":\"5m\"}}]},{\"role\":\"assistant\",\"content\":[{" \
    "\"citationsContent\":{\"content\":[{\"text\":\"a\"},{\"text\":" \
    "\"b\"}],\"citations\":[]}},{\"toolUse\":{\"toolUseId\":\"t/1\"" \
    ",\"name\":\"f\",\"input\":{\"a\":1}}}]},{\"role\":\"user\",\"c" \
    "ontent\":[{\"toolResult\":{\"toolUseId\":\"t/1\",\"content\":[" \
    "{\"json\":{\"a\":1}}]}}]}],\"outputConfig\":{\"textFormat\":{"  \
    "\"type\":\"json_schema\",\"structure\":{\"jsonSchema\":{\"sche" \
    "ma\":\"{\\\"a\\\":1}\"}}}},\"zzz\":1}"

#define CONVERSE_ANSWER                                              \
    "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[" \
    "{\"reasoningContent\":{\"reasoningText\":{\"text\":\"h\",\"sig" \
    "nature\":\"s\"}}},{\"text\":\"a\"},{\"toolUse\":{\"toolUseId\"" \
    ":\"t\",\"name\":\"f\",\"input\":{\"a\":1}}}]}},\"stopReason\":" \
    "\"tool_use\",\"usage\":{\"inputTokens\":1},\"trace\":{}}"

#define GEMINI_REQUEST                                             \
    "{\"systemInstruction\":\"s\",\"contents\":[{\"role\":\"model" \
    "\",\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"function" \
    "Call\":{\"name\":\"f\",\"args\":{\"a\":1}},\"thoughtSignatur" \
    "e\":\"QQ==\"}]},{\"role\":\"user\",\"parts\":[{\"functionRes" \
    "ponse\":{\"name\":\"f\",\"response\":{\"output\":[1]}}},{\"t" \
    "ext\":\"x\"}]}],\"tools\":[{\"functionDeclarations\":[{\"nam" \
    "e\":\"f\",\"parameters\":{\"type\":\"OBJECT\"}}]}],\"generat" \
    "ionConfig\":{\"topK\":3,\"stopSequences\":[\"a\"],\"thinking" \
    "Config\":{\"thinkingBudget\":9}},\"zzz\":1}"

#define GEMINI_ANSWER                                              \
    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\",\"" \
    "thoughtSignature\":\"QQ==\"},{\"functionCall\":{\"name\":\"f" \
    "\",\"args\":{}}}]},\"finishReason\":\"STOP\",\"avgLogprobs\"" \
    ":1}],\"usageMetadata\":{\"promptTokenCount\":1},\"responseId" \
    "\":\"r\"}"

#define GEMINI_STREAM                                              \
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" \
    "a\"}]},\"index\":0,\"x\":1}],\"responseId\":\"r\",\"y\":2}"   \
    "\n\n"                                                         \
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionC" \
    "all\":{\"name\":\"f\",\"willContinue\":true},\"thoughtSignat" \
    "ure\":\"QQ==\"}]}}],\"y\":3}"                                 \
    "\n\n"                                                         \
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionC" \
    "all\":{\"partialArgs\":[{\"jsonPath\":\"$.a[0]\",\"stringVal" \
    "ue\":\"b\"}],\"willContinue\":true}}]}}]}"                    \
    "\n\n"                                                         \
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionC" \
    "all\":{}}]},\"finishReason\":\"STOP\",\"x\":2}],\"usageMetad" \
    "ata\":{\"promptTokenCount\":1}}"                              \
    "\n\n"

#define RESPONSES_REQUEST                                                       \
    "{\"model\":\"m\",\"instructions\":\"i\",\"input\":[{\"role\":\"user\","    \
    "\"content\":[{\"type\":\"input_text\",\"text\":\"x\",\"zzz\":1},{"         \
    "\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,QQ==\"}]}," \
    "{\"type\":\"reasoning\",\"summary\":[{\"text\":\"a\"},{\"text\":\"b\"}]}," \
    "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","             \
    "\"arguments\":\"{}\"},{\"type\":\"function_call_output\",\"call_id\":"     \
    "\"c\",\"output\":\"r\"},{\"type\":\"zzz\"}],\"tools\":[{\"type\":"         \
    "\"function\",\"name\":\"f\",\"parameters\":{}}],\"tool_choice\":"          \
    "\"auto\",\"zzz\":1}"

#define RESPONSES_ANSWER                                                        \
    "{\"id\":\"r\",\"object\":\"response\",\"status\":\"completed\",\"model\":" \
    "\"m\",\"zzz\":1,\"output\":[{\"type\":\"reasoning\",\"summary\":[{"        \
    "\"text\":\"a\"},{\"text\":\"b\"}],\"encrypted_content\":\"e\"},{\"type\":" \
    "\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"                \
    "\"output_text\",\"text\":\"t\",\"annotations\":[{\"url\":\"u\"}]}]},{"     \
    "\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","              \
    "\"arguments\":\"{}\"}],\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}"

#define RESPONSES_STREAM                                                    \
    "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n" \
    "data: {\"type\":\"response.output_item.added\",\"output_index\":0,"    \
    "\"item\":{\"type\":\"message\",\"role\":\"assistant\"}}\n\n"           \
    "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,"    \
    "\"content_index\":0,\"delta\":\"t\",\"sequence_number\":2}\n\n"        \
    "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,"    \
    "\"content_index\":0,\"delta\":\"u\",\"sequence_number\":3}\n\n"        \
    "data: {\"type\":\"response.completed\",\"response\":" RESPONSES_ANSWER \
    "}\n\n"

#endif
