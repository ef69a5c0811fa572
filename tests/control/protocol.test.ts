/** Requests on the control socket: what is accepted, and how everything else is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PROTOCOL, parseRequest } from "../../host/control/protocol.ts";
import { seededRandom } from "../../host/platform/seeded-random.ts";

const line = (fields: object): string => JSON.stringify({ sumac: PROTOCOL, id: 7, ...fields });

test("parseRequest: every request is read as it was written", () => {
  for (const request of [
    { do: "hello" },
    { do: "ps" },
    { do: "watch", intervalMs: 50 },
    { do: "logs", last: 0, follow: true },
    { do: "logs", last: 4096, follow: false, domain: "driver" },
    { do: "kill", domain: "driver#3", reason: "because" },
    { do: "kill", domain: "driver" },
    { do: "restart", domain: "driver" },
    { do: "migrate", domain: "driver", cpu: 31 },
    { do: "why" },
    { do: "heap" },
  ]) {
    assert.equal(parseRequest(line(request)), { ok: true, id: 7, request });
  }
});

test("parseRequest: another version is told which one is spoken here, whatever else it says", () => {
  for (const sumac of [PROTOCOL + 1, 0, "1", null, undefined]) {
    const parsed = parseRequest(JSON.stringify({ sumac, id: 3, do: "unheard-of", of: 1 }));
    assert.is(parsed.ok, false);
    if (parsed.ok) return;
    assert.is(parsed.error.code, "protocol");
    assert.is(parsed.id, 3);
    assert.match(parsed.error.message, new RegExp(`version ${PROTOCOL} `));
  }
});

test("parseRequest: what is no request is refused with the field that is wrong", () => {
  for (const [text, message] of [
    ["", /one JSON object/],
    ["hello", /one JSON object/],
    ["[]", /one JSON object/],
    ["null", /one JSON object/],
    ["1e999", /one JSON object/],
    [JSON.stringify({ sumac: PROTOCOL, do: "ps" }), /^id:/],
    [line({ id: -1, do: "ps" }), /^id:/],
    [line({ id: 1.5, do: "ps" }), /^id:/],
    [line({}), /^do:/],
    [line({ do: "toString" }), /^do:/],
    [line({ do: "__proto__" }), /^do:/],
    [line({ do: 3 }), /^do:/],
    [line({ do: "ps", more: 1 }), /no such field/],
    [line({ do: "watch" }), /^intervalMs:/],
    [line({ do: "watch", intervalMs: 0 }), /^intervalMs:/],
    [line({ do: "watch", intervalMs: "1000" }), /^intervalMs:/],
    [line({ do: "logs", last: 4097, follow: false }), /^last:/],
    [line({ do: "logs", last: 1, follow: 1 }), /^follow:/],
    [line({ do: "kill" }), /^domain:/],
    [line({ do: "kill", domain: "" }), /^domain:/],
    [line({ do: "kill", domain: "x".repeat(257) }), /^domain:/],
    [line({ do: "kill", domain: "a", reason: "x".repeat(201) }), /^reason:/],
    [line({ do: "restart", domain: ["a"] }), /^domain:/],
    [line({ do: "migrate", domain: "a", cpu: 32 }), /^cpu:/],
    [line({ do: "migrate", domain: "a", cpu: "1" }), /^cpu:/],
  ] as const) {
    const parsed = parseRequest(text);
    assert.is(parsed.ok, false, text);
    if (parsed.ok) continue;
    assert.is(parsed.error.code, "bad-request", text);
    assert.match(parsed.error.message, message, text);
  }
});

test("parseRequest: any bytes give a request or a refusal", () => {
  const random = seededRandom(8);
  const whole = line({ do: "logs", last: 5, follow: false, domain: "a" });
  for (let i = 0; i < 20_000; i++) {
    const chars = [...whole];
    for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) {
      chars[Math.floor(random() * chars.length)] = String.fromCharCode(Math.floor(random() * 256));
    }
    const parsed = parseRequest(chars.join(""));
    assert.ok(parsed.ok || parsed.error.message.length > 0);
  }
});

test.run();
