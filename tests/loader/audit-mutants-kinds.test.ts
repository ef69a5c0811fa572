/**
 * Every named kind of change, made at every place of several hardened modules: refused where it breaks a rule, accepted where it is
 * harmless. And random changes of instructions, judged by a second opinion where the audit accepts them.
 */
import { print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { wat } from "../support/wat.ts";
import { EVERYTHING, GUARD_FUNCTIONS, type Hardened, hardened, refusalOf } from "./audit-real.ts";
import { type Body, MutableModule } from "./mutable-module.ts";
import { HARMLESS, REFUSED } from "./mutant-kinds.ts";
import { Random, randomModule } from "./random-program.ts";
import { SecondOpinion } from "./second-opinion.ts";

const SOURCES: Readonly<Record<string, string>> = {
  everything: EVERYTHING,
  "a random program": randomModule(3, 100),
  "another random program": randomModule(8, 100),
};
const subjects: (Hardened & { readonly name: string; readonly parts: MutableModule })[] = [];
for (const [name, text] of Object.entries(SOURCES)) {
  const made = hardened(await wat(text));
  subjects.push({ ...made, name, parts: new MutableModule(made.bytes, GUARD_FUNCTIONS) });
}
const [everything] = subjects as [(typeof subjects)[number]];

test("the mutants' module: taken apart and put together again, it is the module that it was, and the audit accepts it", () => {
  for (const { bytes, options, parts } of subjects) {
    const bodies = [...parts.author, ...parts.guard];
    assert.equal(parts.withBodies(bodies.map((body) => body.bytes)), bytes);
    for (const { bytes: body, code, steps } of bodies) {
      assert.is(steps[0]?.start, code);
      assert.is(steps.at(-1)?.end, body.length);
    }
    assert.is(refusalOf(bytes, options), undefined);
  }
});

for (const [name, kind] of Object.entries(REFUSED)) {
  test(`auditHardened: refuses every mutant of the kind "${name}"`, () => {
    let mutants = 0;
    for (const { name: subject, options, parts } of subjects) {
      for (const mutant of kind(parts)) {
        mutants++;
        assert.ok(refusalOf(mutant, options) !== undefined, `accepted: ${subject}, mutant ${mutants}: ${difference(mutant, subject)}`);
      }
    }
    assert.ok(mutants > 0, "the kind has a mutant");
  });
}

test("the kinds of mutants: many, with thousands of mutants, and no name stands in both lists", () => {
  assert.ok(Object.keys(REFUSED).length >= 60, `${Object.keys(REFUSED).length} kinds`);
  assert.equal(
    Object.keys(HARMLESS).filter((name) => name in REFUSED),
    [],
  );
  const mutants = Object.values(REFUSED).flatMap((kind) => subjects.map(({ parts }) => [...kind(parts)].length));
  const sum = mutants.reduce((a, b) => a + b, 0);
  assert.ok(sum > 4000, `${sum} mutants`);
});

for (const [name, { why, mutants: kind }] of Object.entries(HARMLESS)) {
  test(`auditHardened: accepts mutants of the harmless kind "${name}"`, () => {
    let mutants = 0;
    for (const { options, parts } of subjects) {
      for (const mutant of kind(parts)) {
        mutants++;
        assert.is(refusalOf(mutant, options), undefined, why);
      }
    }
    assert.ok(mutants > 0, "the kind has a mutant");
  });
}

/** Where a mutant begins to differ from what it was made of. */
function difference(mutant: Uint8Array, subject: string): string {
  const original = subjects.find(({ name }) => name === subject)?.bytes ?? mutant;
  const at = mutant.findIndex((byte, i) => byte !== original[i]);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(Math.max(0, at - 4), at + 12)).toString("hex");
  return `offset 0x${at.toString(16)}: ${hex(original)} became ${hex(mutant)}`;
}

const RANDOM_MUTANTS = 6000;

/** One instruction left out, doubled, moved behind the next, exchanged for another of the module, or put in somewhere. */
function instructionMutant({ parts }: (typeof subjects)[number], random: Random): Uint8Array<ArrayBuffer> {
  // What hardening fills up with is empty.
  const bodies = parts.author.filter(({ steps }) => steps.length > 2);
  const pickBody = (): Body => bodies[random.below(bodies.length)] as Body;
  const body = pickBody();
  const n = random.below(body.steps.length - 1);
  const [step, next] = [body.steps[n], body.steps[n + 1]] as [(typeof body.steps)[number], (typeof body.steps)[number]];
  const bytes = (from: Body, { start, end }: { readonly start: number; readonly end: number }): number[] => [
    ...from.bytes.subarray(start, end),
  ];
  switch (random.below(5)) {
    case 0:
      return parts.spliced(body, step.start, step.end, []);
    case 1:
      return parts.spliced(body, step.start, step.start, bytes(body, step));
    case 2:
      return parts.spliced(body, step.start, next.end, [...bytes(body, next), ...bytes(body, step)]);
    default: {
      const other = pickBody();
      const put = bytes(other, other.steps[random.below(other.steps.length - 1)] as typeof step);
      return parts.spliced(body, step.start, random.below(2) === 0 ? step.end : step.start, put);
    }
  }
}

test(`auditHardened: of ${RANDOM_MUTANTS} random changes of instructions, those that it accepts are harmless or no module for V8`, async () => {
  const classes = { refused: 0, invalid: 0, harmless: 0 };
  const random = new Random(77);
  for (const subject of subjects) {
    const { importedFunctions, author } = subject.parts;
    const borders = { firstAuthor: importedFunctions, firstGuard: importedFunctions + author.length, guardFunctions: GUARD_FUNCTIONS };
    const opinion = new SecondOpinion(await print(subject.bytes), borders);
    for (let n = 0; n < RANDOM_MUTANTS / subjects.length; n++) {
      const mutant = instructionMutant(subject, random);
      if (refusalOf(mutant, subject.options) !== undefined) classes.refused++;
      else if (!WebAssembly.validate(mutant)) classes.invalid++;
      else {
        assert.is(opinion.harm(await print(mutant)), undefined, `${subject.name}, mutant ${n}: ${difference(mutant, subject.name)}`);
        classes.harmless++;
      }
    }
  }
  for (const [name, count] of Object.entries(classes)) assert.ok(count > 50, `${name}: ${count}`);
});

test("auditHardened: refuses or survives any bytes, and says in which function it stopped", () => {
  const random = new Random(5);
  for (let n = 0; n < 3000; n++) {
    const mutant = Uint8Array.from(everything.bytes);
    for (let changes = random.below(4) + 1; changes > 0; changes--) mutant[random.below(mutant.length)] = random.below(256);
    const why = refusalOf(mutant, everything.options);
    if (why !== undefined) assert.match(why, /^hardened module refused: .*offset 0x[0-9a-f]+: .* \(rule [a-z-]+: /);
  }
});

test.run();
