/**
 * A capability graph as Graphviz text. Nodes have numbers for ids, so that names, which are untrusted, appear in quoted labels only.
 * Called by explain.ts.
 */
import type { GraphNode, NodeKind, SystemGraph } from "../explain/graph.ts";
import { nodeLabel } from "./explain-text.ts";
import { visible } from "./output.ts";

const SHAPES: Readonly<Record<NodeKind, string>> = {
  domain: "box",
  blob: "component",
  restart: "octagon",
  device: "component",
  pci: "component",
  file: "note",
  image: "cylinder",
  host: "ellipse",
};

export function graphDot({ name, nodes, edges, domains }: SystemGraph): string {
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const problems = new Set(domains.filter((domain) => domain.problems.length > 0).map((domain) => domain.name));
  const node = (each: GraphNode): string => {
    const marked = each.kind === "domain" && problems.has(each.name) ? ", color=red" : "";
    return `  ${ids.get(each.id)} [label=${quoted(nodeLabel(each))}, shape=${SHAPES[each.kind]}${marked}];`;
  };
  // Of a restart there is an arrow to the domain itself too, since that is whom it is done to.
  const restarts = nodes
    .filter(({ kind }) => kind === "restart")
    .map((each) => `  ${ids.get(each.id)} -> ${ids.get(`domain:${each.name}`)} [style=dashed];`);
  return [
    `digraph ${quoted(name)} {`,
    "  rankdir=LR;",
    "  node [fontname=monospace];",
    "  edge [fontname=monospace];",
    ...nodes.map(node),
    ...edges.map((edge) => {
      const label = edge.interface === null ? "" : ` [label=${quoted(edge.interface)}]`;
      return `  ${ids.get(edge.from)} -> ${ids.get(edge.to)}${label};`;
    }),
    ...restarts,
    "}",
  ].join("\n");
}

/** Nothing in it ends the string, is an escape of Graphviz (`\N`, `\l`) or a character entity. */
export function quoted(text: string): string {
  return `"${visible(text).replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
