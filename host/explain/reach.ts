/**
 * Who reaches what, directly and through others. A domain may be granted only what stands before it in the manifest, so the
 * graph has no circle; it may have more paths than anybody can list, so paths are counted and only the first are written out.
 */
import type { GraphEdge, GraphNode, SystemGraph } from "./graph.ts";
import { sortedBy } from "./order.ts";

export interface Reach {
  readonly domain: string;
  /** Id of the node that is reached. */
  readonly target: string;
  /** The domain holds a grant of the target itself, or of the PCI function or device in front of it. */
  readonly direct: boolean;
  /** The domains that it is granted and that reach the target in their turn. */
  readonly through: readonly string[];
}

export interface Paths {
  readonly target: string;
  /** Node ids, from a domain that nobody is granted to the target; the first few, sorted. */
  readonly paths: readonly (readonly string[])[];
  /** How many there are; `MANY` stands for that many or more. */
  readonly count: number;
}

export const MANY = 1_000_000;

export class ReachIndex {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #edges: ReadonlyMap<string, GraphEdge[]>;
  readonly #next: ReadonlyMap<string, readonly string[]>;
  readonly #reached: Map<string, ReadonlySet<string>> = new Map();
  readonly #graph: SystemGraph;

  constructor(graph: SystemGraph) {
    this.#graph = graph;
    this.#nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    this.#edges = Map.groupBy(graph.edges, ({ from }) => from);
    this.#next = new Map([...this.#edges].map(([from, edges]) => [from, [...new Set(edges.map(({ to }) => to))].sort()]));
  }

  node(id: string): GraphNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`the graph has no node ${id}`);
    return node;
  }

  /** All nodes within reach of one, itself left out. */
  reachedFrom(id: string): ReadonlySet<string> {
    const known = this.#reached.get(id);
    if (known !== undefined) return known;
    const reached = new Set<string>();
    for (const next of this.#next.get(id) ?? []) {
      reached.add(next);
      for (const further of this.reachedFrom(next)) reached.add(further);
    }
    this.#reached.set(id, reached);
    return reached;
  }

  /** Every pair of a domain and a node within its reach. */
  all(): Reach[] {
    return sortedBy(
      this.#graph.nodes.filter(({ kind }) => kind === "domain"),
      ({ id }) => id,
    ).flatMap(({ id, name }) => {
      const next = this.#next.get(id) ?? [];
      return [...this.reachedFrom(id)].sort().map((target) => {
        const leads = next.filter((each) => each !== target && this.reachedFrom(each).has(target)).map((each) => this.node(each));
        return {
          domain: name,
          target,
          direct: next.includes(target) || leads.some(({ kind }) => kind !== "domain"),
          through: leads.filter(({ kind }) => kind === "domain").map((each) => each.name),
        };
      });
    });
  }

  /** Domains that no other domain is granted: where all authority ends up. */
  roots(): GraphNode[] {
    const granted = new Set(this.#graph.edges.map(({ to }) => to));
    return this.#graph.nodes.filter(({ id, kind }) => kind === "domain" && !granted.has(id));
  }

  /** What lies at the end of paths: everything besides domains that leads no further. */
  ends(): GraphNode[] {
    return this.#graph.nodes.filter(({ id, kind }) => kind !== "domain" && !this.#next.has(id));
  }

  pathsTo(target: string, most: number): Paths {
    const paths: string[][] = [];
    const walk = (path: readonly string[]): void => {
      const last = path.at(-1) as string;
      if (paths.length === most) return;
      if (last === target) paths.push([...path]);
      // Only steps that lead to the target are taken, so no walk is in vain.
      else for (const next of this.#steps(last, target)) walk([...path, next]);
    };
    const roots = this.roots().filter(({ id }) => this.reachedFrom(id).has(target));
    for (const { id } of roots) walk([id]);
    const counts = new Map<string, number>([[target, 1]]);
    const count = (id: string): number => {
      const known = counts.get(id);
      if (known !== undefined) return known;
      const sum = this.#steps(id, target).reduce((total, next) => Math.min(MANY, total + count(next)), 0);
      counts.set(id, sum);
      return sum;
    };
    return { target, paths, count: roots.reduce((total, { id }) => Math.min(MANY, total + count(id)), 0) };
  }

  /** The edges of a node, by interface. */
  edgesFrom(id: string): readonly GraphEdge[] {
    return this.#edges.get(id) ?? [];
  }

  #steps(from: string, target: string): string[] {
    return (this.#next.get(from) ?? []).filter((next) => next === target || this.reachedFrom(next).has(target));
  }
}
