/**
 * Domains with threads: which file of the library is compiled with them besides their own, and where their own code looks whether it is
 * to give way. Called by compile.ts.
 *
 * At any safepoint the kernel may ask a thread to give way; between two statements of the domain's own sources it can, since all that it
 * uses is in variables. So every loop there begins with a look, and so does every function that calls itself. Neither the library nor
 * what is generated has any.
 */
import { THREAD_EXPORT_NAMES } from "../loader/thread-exports.ts";

/** A domain that uses this file of the library has threads. */
export const THREAD_LIBRARY = "~lib/sumac/thread-imports.ts";
export const THREAD_ENTRY = "sumac-threads.ts";
export const THREAD_ENTRY_SOURCE: string = `export { ${[...THREAD_EXPORT_NAMES.keys()].join(", ")} } from "sumac/thread-base";\n`;

const ASKED = "__threadIsAsked";
const GIVE_WAY = "__threadGiveWay";
const NOT_OURS: readonly string[] = ["~lib/", "gen/", THREAD_ENTRY.replace(".ts", "")];

/** What of the compiler's trees is looked at: any node. */
interface Tree {
  readonly kind: number;
  readonly range: { readonly start: number; readonly end: number; readonly source: { readonly text: string } };
  body?: Tree | null;
  readonly name?: { readonly text?: string };
}
interface Source extends Tree {
  readonly internalPath: string;
  readonly statements: readonly Tree[];
}
/** What makes nodes, and how their kinds are numbered. */
interface Maker {
  readonly Node: {
    createIdentifierExpression(name: string, range: Tree["range"]): Tree;
    createCallExpression(call: Tree, types: null, args: readonly Tree[], range: Tree["range"]): Tree;
    createExpressionStatement(expression: Tree): Tree;
    createIfStatement(condition: Tree, then: Tree, otherwise: null, range: Tree["range"]): Tree;
    createBlockStatement(statements: readonly Tree[], range: Tree["range"]): Tree;
  };
  readonly NodeKind: Readonly<Record<"For" | "While" | "Do" | "FunctionDeclaration" | "MethodDeclaration", number>>;
}

/** A transform of the compiler: all has been read, nothing has been resolved. */
export async function threadTurns(): Promise<{ afterParse(parser: { readonly sources: readonly Source[] }): void }> {
  const { Node, NodeKind } = (await import("assemblyscript")) as unknown as Maker;
  const loops = new Set([NodeKind.For, NodeKind.While, NodeKind.Do]);
  const functions = new Set([NodeKind.FunctionDeclaration, NodeKind.MethodDeclaration]);

  /** `{ if (asked) giveWay(); body }` */
  const withLook = (body: Tree): Tree => {
    const { range } = body;
    const call = Node.createCallExpression(Node.createIdentifierExpression(GIVE_WAY, range), null, [], range);
    const look = Node.createIfStatement(Node.createIdentifierExpression(ASKED, range), Node.createExpressionStatement(call), null, range);
    return Node.createBlockStatement([look, body], range);
  };
  const visit = (node: Tree): void => {
    for (const [field, value] of Object.entries(node)) {
      if (field === "range") continue;
      for (const each of Array.isArray(value) ? value : [value]) if (isTree(each)) visit(each);
    }
    if (node.body && (loops.has(node.kind) || (functions.has(node.kind) && callsItself(node, node.body)))) node.body = withLook(node.body);
  };
  return {
    afterParse({ sources }) {
      for (const { internalPath, statements } of sources) {
        if (!NOT_OURS.some((start) => internalPath.startsWith(start))) for (const statement of statements) visit(statement);
      }
    },
  };
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && typeof (value as Tree).kind === "number" && (value as Tree).range !== undefined;
}

/** By its name: at worst there is a look too many. */
function callsItself({ name }: Tree, { range }: Tree): boolean {
  return name?.text !== undefined && range.source.text.slice(range.start, range.end).includes(`${name.text}(`);
}
