/**
 * What domains may be handed at run time: instances of capabilities (handles) that travel in calls as arguments and results.
 * Called by graph.ts. A manifest grants interfaces; a handle lets its holder call one instance although nothing grants its
 * interface. Read from the worlds: it says what can be handed, never what is. Pure.
 */
import type { HostType, Interface, World } from "../idl/idl.ts";
import type { Manifest } from "../system/manifest.ts";
import type { ModuleState } from "./module.ts";
import { sortedBy } from "./order.ts";

export interface Handed {
  /** For example `acme:house/doors@0.1.0#door`. */
  readonly resource: string;
  /** The domain that it may come from. */
  readonly by: string;
  /** The domain that serves its methods; null where the giver can only have been handed it in its turn. */
  readonly servedBy: string | null;
}

/** One line: `acme:house/doors@0.1.0#door by guest, served by house`. */
export function handedText({ resource, by, servedBy }: Handed): string {
  return `${resource} by ${by}${servedBy === by ? "" : `, ${servedBy === null ? "who was handed it" : `served by ${servedBy}`}`}`;
}

export class HandedIndex {
  readonly #manifest: Manifest;
  readonly #modules: ReadonlyMap<string, ModuleState>;

  constructor(manifest: Manifest, modules: ReadonlyMap<string, ModuleState>) {
    this.#manifest = manifest;
    this.#modules = modules;
  }

  /** Instances that are served by somebody else than who is called for them: those of one's own provider are no news. */
  to(domain: string): Handed[] {
    const found = new Map<string, Handed>();
    const add = (resource: string, by: string): void => {
      const servedBy = this.#server(by, resource.replace(/#.*$/, ""));
      // One's own instances coming home give no authority.
      if (servedBy !== domain) found.set(`${resource} ${by}`, { resource, by, servedBy });
    };
    for (const [id, grant] of this.#grants(domain)) {
      if (grant.domain === undefined) continue;
      for (const resource of resultsOf(this.#exported(grant.domain, id))) {
        if (this.#server(grant.domain, resource.replace(/#.*$/, "")) !== grant.domain) add(resource, grant.domain);
      }
    }
    for (const user of this.#manifest.domains) {
      for (const [id, grant] of this.#grants(user.name)) {
        if (grant.domain !== domain) continue;
        for (const resource of argumentsOf(this.#exported(domain, id))) add(resource, user.name);
      }
    }
    return sortedBy(found.values(), ({ resource, by }) => `${resource} ${by}`);
  }

  /** Who serves the resources of an interface as seen from a domain: itself, or whom it was granted the interface from. */
  #server(domain: string, interfaceId: string): string | null {
    if (this.#exported(domain, interfaceId) !== undefined) return domain;
    return this.#grants(domain).find(([id]) => id === interfaceId)?.[1].domain ?? null;
  }

  #grants(domain: string): [string, { readonly domain?: string }][] {
    return Object.entries(this.#manifest.domains.find(({ name }) => name === domain)?.grants ?? {});
  }

  #exported(domain: string, interfaceId: string): Interface | undefined {
    return this.#world(domain)?.exports.find(({ id }) => id === interfaceId);
  }

  #world(domain: string): World | undefined {
    const state = this.#modules.get(domain);
    return state?.kind === "read" ? state.facts.world : undefined;
  }
}

/** The resources that callers of an interface can pass; a method's own instance is not passed but called. */
function argumentsOf(source: Interface | undefined): Set<string> {
  const types = (source?.functions ?? []).flatMap(({ sourceParams, role }) =>
    role?.kind === "method" ? sourceParams.slice(1) : sourceParams,
  );
  return new Set(types.flatMap(({ type }) => resourcesIn(type)));
}

function resultsOf(source: Interface | undefined): Set<string> {
  return new Set((source?.functions ?? []).flatMap(({ sourceResult }) => resourcesIn(sourceResult)));
}

function resourcesIn(type: HostType | undefined): string[] {
  switch (type?.kind) {
    case "handle":
      return [`${type.resource.interfaceId}#${type.resource.name}`];
    case "option":
    case "list":
      return resourcesIn(type.item);
    case "tuple":
      return type.items.flatMap(resourcesIn);
    case "record":
      return type.fields.flatMap((field) => resourcesIn(field.type));
    case "variant":
      return type.cases.flatMap((each) => resourcesIn(each.type));
    case "result":
      return [...resourcesIn(type.ok), ...resourcesIn(type.error)];
    default:
      return [];
  }
}
