/** What `sumac explain` tells people about supervision: the tree of groups with their numbers, and who restarts a domain. */
import type { SupervisionView, SystemGraph } from "../explain/graph.ts";
import { type GroupSettings, groupsInOrder } from "../supervision/settings.ts";
import type { Manifest } from "../system/manifest.ts";
import { bold, visible } from "./output.ts";

/** Nothing where no domain is under supervision. */
export function groupLines({ supervision = {}, domains }: Manifest, graph: SystemGraph): string[] {
  if (!graph.domains.some((domain) => domain.supervision?.group != null)) return [];
  const groups = groupsInOrder(supervision);
  const membersOf = (group: string): string[] =>
    domains.flatMap(({ name }) => (graph.domains.find((each) => each.name === name)?.supervision?.group === group ? [name] : []));
  const lines = (name: string, settings: Required<GroupSettings>, indent: string): string[] => [
    visible(`${indent}${name}: ${numbersText(settings)}: ${membersOf(name).join(", ") || "no domain of its own"}`),
    ...[...groups].flatMap(([child, each]) => (each.parent === name ? lines(child, each, `${indent}  `) : [])),
  ];
  return [bold("who restarts with whom"), ...[...groups].flatMap(([name, each]) => (each.parent === "" ? lines(name, each, "  ") : []))];
}

function numbersText({ strategy, intensity, periodMs, firstWaitMs, mostWaitMs, jitter, restart }: Required<GroupSettings>): string {
  const temporary = restart === "temporary" ? ", stays down when it gives up" : "";
  return `${strategy}, ${intensity} restarts in ${periodMs} ms, waits ${firstWaitMs} to ${mostWaitMs} ms, jitter ${jitter}${temporary}`;
}

export function supervisionText({ group, restart, shadow, health }: SupervisionView): string {
  const by = restart === "shadow" ? `by ${shadow}` : restart;
  const where = group === null ? "" : ` in ${group}`;
  if (health === null) return `${by}${where}`;
  return `${by}${where}, health ${health.interface}#${health.method} every ${health.everyMs} ms within ${health.deadlineMs} ms`;
}
