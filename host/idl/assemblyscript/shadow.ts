/**
 * The AssemblyScript of a generated shadow: each method as a loop around the call of the domain behind it. Called by
 * `../shadow.ts`, which has made sure that every method may be repeated. Deterministic, like everything that is generated.
 *
 *     call → answered: pass the answer on, good or bad
 *          → died: restart → ok: replace the objects that were lost with it, call again
 *                          → no more restarts in this call: give the call up, with the chain of causes
 *          → not made (a bad argument, too deep a chain): give the call up, with that cause
 */
import type { Interface, MethodDescription, World } from "../model.ts";
import { FileNames, sourceType } from "./file-names.ts";
import { identifier } from "./names.ts";
import { Plan } from "./plan.ts";

/** `gen/shadow.ts`. Names of its own end in an underscore, which no parameter's or function's name does that is in use here. */
export function emitShadow(world: World, served: Interface): string {
  const plan = new Plan(world);
  const names = new FileNames(plan, undefined);
  const functions = served.functions.map((method) => emitMethod(method, names));
  const driver = plan.parts.get(served.id);
  const supervisor = [...plan.parts.values()].find(({ id }) => id.startsWith("sumac:kernel/supervisor@"));
  const mayLose = served.functions.some(({ fills }) => fills.length > 0);
  return [
    `/**\n * \`${served.id}\`, forwarded: each call is repeated while the domain behind it dies under it.\n`,
    " * Generated from the WIT by `sumac build`; change that, not this.\n */\n",
    `import { calleeDied as calleeDied_${mayLose ? ", objectsAreBack as objectsAreBack_" : ""} } from "sumac/fate";\n`,
    'import { relay as relay_ } from "sumac/kernel";\n',
    served.functions.some(isOutcome) ? 'import { Outcome } from "sumac/outcome";\n' : "",
    'import { lastStatus as lastStatus_, Status as Status_ } from "sumac/rpc";\n',
    `import { ${driver?.namespace} as driver_ } from "./${driver?.short}";\n`,
    `import { ${supervisor?.namespace} as supervisor_ } from "./${supervisor?.short}";\n`,
    names.imports(),
    ...functions.map((text) => `\n${text}`),
    "\n/** After a call without an answer: whether there is somebody new to call. */\n",
    "function revived_(): bool {\n  return calleeDied_() && supervisor_.restart().isOk;\n}\n",
  ].join("");
}

/** `index.ts`. */
export function emitShadowIndex(world: World, served: Interface): string {
  const namespace = new Plan(world).parts.get(served.id)?.namespace;
  return [
    `/**\n * \`${served.id}\`, as the shadow serves it.\n * Generated from the WIT by \`sumac build\`; change that, not this.\n */\n`,
    `import * as ${namespace} from "./gen/shadow";\n\nexport { ${namespace} };\n`,
  ].join("");
}

function emitMethod(method: MethodDescription, names: FileNames): string {
  const name = identifier(method.name);
  const params = method.sourceParams.map((param) => `${identifier(param.name)}: ${sourceType(param.type, names)}`);
  const call = `driver_.${name === "isAlive" ? "isAlive_" : name}(${method.sourceParams.map((param) => identifier(param.name)).join(", ")})`;
  const result = resultType(method, names);
  const [made, given] = result === "void" ? [`${call};`, "return;"] : [`const answer_ = ${call};`, "return answer_;"];
  const lost = method.sourceParams.filter((param) => method.fills.includes(param.name));
  const lines = [`    ${made}`, `    if (lastStatus_() == Status_.OK) ${given}`];
  if (lost.length > 0) lines.push("    const isLost_ = !objectsAreBack_();");
  lines.push("    if (!revived_()) {");
  if (lost.length > 0) lines.push("      if (!isLost_) {", ...lost.map((param) => `        ${identifier(param.name)}.drop();`), "      }");
  // What follows is dropped by the kernel: the caller learns the causes instead.
  lines.push("      relay_();", `      ${given}`, "    }");
  if (lost.length > 0) {
    const fresh = lost.map((param) => `      ${identifier(param.name)} = ${sourceType(param.type, names)}.create();`);
    lines.push("    if (isLost_) {", ...fresh, "    }");
  }
  return `export function ${name}(${params.join(", ")}): ${result} {\n  while (true) {\n${lines.join("\n")}\n  }\n}\n`;
}

function isOutcome({ result }: MethodDescription): boolean {
  return result === "packed";
}

function resultType(method: MethodDescription, names: FileNames): string {
  const type = method.sourceResult;
  if (type === undefined) return "void";
  if (!isOutcome(method) || type.kind !== "result") return sourceType(type, names);
  return `Outcome<${type.ok ? sourceType(type.ok, names) : "void"}>`;
}
