/**
 * What `sumac explain` tells people, as lines: the tree of grants, the paths to everything that lies at an end, each domain, and
 * lists of changes. Every name goes through `visible`: it may come out of a module or of somebody else's manifest.
 */
import { type DomainView, type GraphNode, type ModuleView, nodeText, type SystemGraph } from "../explain/graph.ts";
import { handedText } from "../explain/handed.ts";
import type { Difference, ModuleChange } from "../explain/module-diff.ts";
import { MANY, ReachIndex } from "../explain/reach.ts";
import type { SystemChange } from "../explain/system-diff.ts";
import type { DomainLimits } from "../kernel/domain.ts";
import { jobText, type Manifest } from "../system/manifest.ts";
import { groupLines, supervisionText } from "./explain-supervision.ts";
import { bold, visible } from "./output.ts";

/** Paths written out per target; the rest is counted. */
export const MAX_PATHS = 8;

export function nodeLabel(node: GraphNode): string {
  return visible(node.detail === null ? nodeText(node) : `${nodeText(node)} (${node.detail})`);
}

export function systemLines(manifest: Manifest, graph: SystemGraph): string[] {
  const index = new ReachIndex(graph);
  return [
    ...headLines(manifest, graph),
    bold("who is granted what"),
    ...treeLines(index).map(indent),
    bold("who reaches what through whom"),
    ...pathLines(index).map(indent),
    ...groupLines(manifest, graph),
    ...graph.domains.flatMap((domain) => domainLines(domain, index)),
  ];
}

function headLines({ parameters = {}, main, faults }: Manifest, graph: SystemGraph): string[] {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    bold(`system ${visible(graph.name)}`),
    ...sorted.map(([name, value]) => `  ${visible(`\${${name}} = ${value}`)}`),
    ...(main === undefined ? [] : [`  ${visible(`job: ${jobText(main)}`)}`]),
    ...(faults === undefined
      ? []
      : [`  ${visible(`faults: ${faults.domain}, every ${faults.everyMegabytes} MB through ${faults.device}`)}`]),
  ];
}

/** Every grant once: a domain that was shown before is not opened again. */
function treeLines(index: ReachIndex): string[] {
  const lines: string[] = [];
  const opened = new Set<string>();
  const open = (id: string, prefix: string): void => {
    opened.add(id);
    const edges = index.edgesFrom(id);
    for (const [i, edge] of edges.entries()) {
      const last = i === edges.length - 1;
      const chain = chainFrom(index, edge.to);
      const end = chain.at(-1) as GraphNode;
      const again = end.kind === "domain" && opened.has(end.id) && index.edgesFrom(end.id).length > 0 ? " (shown above)" : "";
      const text = chain.map(nodeLabel).join(" → ");
      lines.push(`${prefix}${last ? "└─" : "├─"} ${visible(edge.interface ?? "")} → ${text}${again}`);
      if (end.kind === "domain" && again === "") open(end.id, `${prefix}${last ? "   " : "│  "}`);
    }
  };
  for (const root of index.roots()) {
    lines.push(nodeLabel(root));
    open(root.id, "");
  }
  return lines;
}

/** A PCI function, its device and the image behind it are one line. */
function chainFrom(index: ReachIndex, id: string): GraphNode[] {
  const node = index.node(id);
  const [next] = node.kind === "domain" ? [] : index.edgesFrom(id);
  return next === undefined ? [node] : [node, ...chainFrom(index, next.to)];
}

function pathLines(index: ReachIndex): string[] {
  return index.ends().flatMap((end) => {
    const { paths, count } = index.pathsTo(end.id, MAX_PATHS);
    const lines = paths.map((path) => `  ${path.map((id) => nodeLabel(index.node(id))).join(" → ")}`);
    if (count > paths.length) lines.push(`  … and ${count === MANY ? "very many" : count - paths.length} more`);
    return [nodeLabel(end), ...(lines.length === 0 ? ["  nobody"] : lines)];
  });
}

function domainLines(domain: DomainView, index: ReachIndex): string[] {
  const { name, module, limits, defaults, imports, exports, usedBy, handed, problems } = domain;
  const limit = (key: keyof DomainLimits): string => `${key} ${limits[key]}${defaults.includes(key) ? " (default)" : ""}`;
  const rows = [
    ["module", moduleText(module)],
    ["limits", (Object.keys(limits) as (keyof DomainLimits)[]).map(limit).join(", ")],
    ...imports.map((each) => {
      const from = each.provider === null ? "nobody" : nodeLabel(index.node(each.provider));
      return [
        "imports",
        `${visible(each.interface)} from ${from}${each.rebind ? ", each generation" : ""}${each.imported === false ? " (granted, not imported)" : ""}`,
      ];
    }),
    ...(exports === null ? [["exports", "not known"]] : exports.map((id) => ["exports", visible(id)])),
    ...(domain.supervision === null ? [] : [["restart", visible(supervisionText(domain.supervision))]]),
    ["used by", usedBy.length === 0 ? "nobody" : visible(usedBy.join(", "))],
    ...handed.map((each) => ["handed", visible(handedText(each))]),
    ...problems.map((problem) => ["problem", visible(problem)]),
  ];
  return [bold(`domain ${visible(name)}`), ...rows.map(([head = "", text = ""]) => `  ${head.padEnd(8)} ${text}`)];
}

function moduleText(module: ModuleView): string {
  const path = visible(module.path);
  switch (module.state) {
    case "missing":
    case "unreadable":
      return `${path}: ${module.state}: ${visible(module.message)}`;
    case "signed":
      return `${path}: signed by ${visible(module.signer ?? "")}, sha256 ${module.hash}, ${module.bytes} bytes`;
    default: {
      const why = module.message === null ? "unsigned" : `signature refused: ${visible(module.message)}`;
      return `${path}: ${why}, sha256 ${module.hash}, ${module.bytes} bytes`;
    }
  }
}

const MARKS = { added: "+", changed: "~", removed: "-" } as const;

export function changeLines(before: string, after: string, changes: readonly (SystemChange | ModuleChange)[]): string[] {
  const head = bold(visible(`${before} → ${after}`));
  return changes.length === 0 ? [`${head}: no difference`] : [head, ...changes.flatMap((change) => linesOf(change).map(indent))];
}

function linesOf(change: SystemChange | ModuleChange): string[] {
  const domain = "domain" in change && change.domain !== null && change.what !== "domain" ? `${visible(change.domain)}: ` : "";
  const inner = "module" in change ? (change.module ?? []) : "lines" in change ? (change.lines ?? []) : [];
  const end = "linkable" in change ? (change.linkable ? " (old and new may be linked)" : " (old and new may not be linked)") : "";
  return [
    `${MARKS[change.change]} ${domain}${changeText(change)}${end}`,
    ...inner.flatMap((each) => linesOf(each as ModuleChange).map(indent)),
  ];
}

/** A thing that is called like its kind is named once; what came or went with its name says no more than the name. */
function changeText({ what, name, before, after }: Difference<string>): string {
  const shown = visible(name === what ? what : `${what} ${name}`);
  if (before !== null && after !== null && before !== after) return `${shown}: ${visible(before)} → ${visible(after)}`;
  const only = before ?? after;
  return only === null || only === name ? shown : `${shown}: ${visible(only)}`;
}

function indent(line: string): string {
  return `  ${line}`;
}
