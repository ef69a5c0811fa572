/** What calls may bring a domain: instances of capabilities in arguments and results, however deep, and what changed in that. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { changeLines, systemLines } from "../../host/cli/explain-text.ts";
import { buildGraph } from "../../host/explain/graph.ts";
import type { Handed } from "../../host/explain/handed.ts";
import type { ModuleState } from "../../host/explain/module.ts";
import { diffSystems } from "../../host/explain/system-diff.ts";
import type { Manifest } from "../../host/system/manifest.ts";
import { manifest, module } from "./support.ts";

const test = suite("handed capabilities");

const PACKAGE = `package t:p@0.1.0 {
  interface doors { resource door { open: func() -> bool; } make: func() -> door; }
  interface house {
    use doors.{door};
    record tour { stops: list<option<door>> }
    enter: func() -> result<tour, string>;
    count: func() -> u32;
  }
  interface guests {
    use doors.{door};
    resource guest { greet: func(); visit: func(through: borrow<door>); }
    variant gift { nothing, way(door) }
    welcome: func(who: guest, gifts: list<gift>);
  }
  interface greeter { use guests.{guest}; greet: func(who: borrow<guest>); }
}`;

const world = (items: string): ModuleState => module(`package t:d@0.1.0;\nworld domain { ${items} }\n${PACKAGE}`);
const id = (name: string): string => `t:p/${name}@0.1.0`;

/** locksmith makes doors, house hands them out, host receives guests and doors from visitor. */
const SYSTEM: Manifest = manifest({
  name: "street",
  domains: [
    { name: "locksmith", module: "locksmith.wasm" },
    { name: "house", module: "house.wasm", grants: { [id("doors")]: { domain: "locksmith" } } },
    { name: "greeter", module: "greeter.wasm" },
    { name: "inn", module: "inn.wasm" },
    {
      name: "visitor",
      module: "visitor.wasm",
      grants: { [id("house")]: { domain: "house" }, [id("guests")]: { domain: "inn" }, [id("greeter")]: { domain: "greeter" } },
    },
  ],
});

const MODULES: ReadonlyMap<string, ModuleState> = new Map([
  ["locksmith", world(`export ${id("doors")};`)],
  ["house", world(`import ${id("doors")}; export ${id("house")};`)],
  ["greeter", world(`export ${id("greeter")};`)],
  ["inn", world(`export ${id("guests")};`)],
  ["visitor", world(`import ${id("house")}; import ${id("guests")}; import ${id("greeter")};`)],
]);

function handed(system: Manifest, modules = MODULES): Record<string, readonly Handed[]> {
  return Object.fromEntries(buildGraph(system, modules).domains.map((domain) => [domain.name, domain.handed]));
}

test("results and arguments hand on what others serve; what one serves or is granted oneself is no news", () => {
  const door = `${id("doors")}#door`;
  const guest = `${id("guests")}#guest`;
  assert.equal(handed(SYSTEM), {
    locksmith: [],
    house: [],
    // The visitor was made a guest by the inn, and may show it around.
    greeter: [{ resource: guest, by: "visitor", servedBy: "inn" }],
    // Its own guests come home; a door can only be one that the visitor was handed.
    inn: [{ resource: door, by: "visitor", servedBy: null }],
    visitor: [{ resource: door, by: "house", servedBy: "locksmith" }],
  });
});

test("explain prints a line per capability that a domain may be handed", () => {
  const lines = systemLines(SYSTEM, buildGraph(SYSTEM, MODULES)).map((line) => line.trim());
  assert.ok(lines.includes("handed   t:p/doors@0.1.0#door by house, served by locksmith"), lines.join("\n"));
  assert.ok(lines.includes("handed   t:p/doors@0.1.0#door by visitor, who was handed it"), lines.join("\n"));
});

test("a module that cannot be read hands on nothing that is known", () => {
  assert.equal(Object.values(handed(SYSTEM, new Map())).flat(), []);
});

test("a grant that lets a domain be handed a capability is a change of that domain", () => {
  const without = manifest({
    ...SYSTEM,
    domains: SYSTEM.domains.map((domain) => {
      const grants = Object.entries(domain.grants ?? {}).filter(([key]) => key !== id("greeter"));
      return domain.name === "visitor" ? { ...domain, grants: Object.fromEntries(grants) } : domain;
    }),
  });
  const changes = diffSystems({ manifest: without, modules: MODULES }, { manifest: SYSTEM, modules: MODULES });
  assert.equal(changeLines("before", "after", changes).slice(1), [
    "  + greeter: handed t:p/guests@0.1.0#guest by visitor, served by inn",
    "  + visitor: grant t:p/greeter@0.1.0: domain greeter",
    "  + visitor: reach greeter: directly",
  ]);
});

test.run();
