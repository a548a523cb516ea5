// Reads a line of JSON, the pieces of one stream, and answers with a line of JSON: its events as [type, data, id].
import { createInterface } from "node:readline";
import { createParser } from "eventsource-parser";

for await (const line of createInterface({ input: process.stdin })) {
  const events = [];
  const problems = [];
  const parser = createParser({
    onEvent: ({ event, data, id }) => events.push([event ?? null, data, id ?? null]),
    onRetry: (retry) => events.push(["(retry)", String(retry), null]),
    onError: (error) => problems.push(error.message),
  });
  for (const piece of JSON.parse(line)) parser.feed(piece);
  process.stdout.write(`${JSON.stringify({ events, problems })}\n`);
}
