/**
 * `sumac:kernel/creator`: making domains as a capability. The manifest names blobs for a domain; whoever holds one makes domains of
 * it with `createDomain`, the one way there is, and hands on what it holds itself: its own providers, and what it created before.
 *
 * What was created dies when its handle is dropped and with its creator, and counts against the blob's limit until then.
 * Called by domains, through the host's functions; `boot.ts` makes the provider. Answers errors as values, and never waits.
 */
import { SumacError } from "../../errors.ts";
import type { LoadedModule } from "../../loader/load.ts";
import { UsedTime } from "../cpu-time.ts";
import type { Domain, DomainLimits } from "../domain.ts";
import { hostFunctions } from "../host/host-functions.ts";
import { IMPLEMENTED } from "../implemented.ts";
import type { Kernel } from "../kernel.ts";
import type { Provider } from "../provider.ts";
import { Seat } from "../seat.ts";
import { Cause } from "../status.ts";
import { bindLink, createDomain, promisedRank } from "./birth.ts";

const CREATOR = "sumac:kernel/creator@0.1.0";
/** Domains that created each other: they die together, one burial inside the other. */
const MAX_NESTING = 8;

/** A module that the manifest allows a domain to make domains of. */
export interface Blob {
  readonly name: string;
  readonly loaded: LoadedModule;
  readonly limits: DomainLimits;
  /** Domains of it that may live at a time. */
  readonly most: number;
}

type Answer<T> =
  | { readonly tag: "ok"; readonly val: T }
  | { readonly tag: "err"; readonly val: "no-blob" | "not-held" | "too-many" | "failed" };

const err = (val: "no-blob" | "not-held" | "too-many" | "failed"): Answer<never> => ({ tag: "err", val });

/** The provider for one row of the manifest; all generations of its domain, and whom they hand it to, share the limits. */
export function creatorProvider(kernel: Kernel, blobs: readonly Blob[]): Provider {
  const creator = new Creator(kernel);
  const makers = new Map(blobs.map((blob) => [blob.name, new Maker(creator, blob)]));
  const open = (name: string): Answer<Maker> => {
    const maker = makers.get(name);
    return maker === undefined ? err("no-blob") : { tag: "ok", val: maker };
  };
  let made: ReturnType<typeof hostFunctions> | undefined;
  return {
    kind: "host",
    implements: IMPLEMENTED[CREATOR],
    bind(holder) {
      const owner = holder.spec.loaded.world.imports.find(({ id }) => id === CREATOR);
      if (owner === undefined) throw new Error(`${holder.name} was granted ${CREATOR} without importing it`);
      const functions = made ?? hostFunctions(kernel, owner, { open });
      made = functions;
      return functions.bind(holder);
    },
    get exporter() {
      return made?.exporter;
    },
    portable: { kind: "creator", blobs },
    rank: () => made?.rank?.() ?? 0,
  };
}

/** Who was created by whom. */
class Creator {
  readonly kernel: Kernel;
  readonly #nesting: WeakMap<Seat, number> = new WeakMap();
  readonly #children: WeakMap<Domain, Set<Domain>> = new WeakMap();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** The domain whose call this is. */
  get caller(): Domain {
    const { running } = this.kernel;
    if (running === undefined) throw new Error("domains are created by domains here");
    return running;
  }

  mayNest(creator: Domain): boolean {
    return this.#nestingOf(creator) < MAX_NESTING;
  }

  /** A place for what `creator` makes. Destructors that wait because of it count as the creator's. */
  seatFor(creator: Domain, name: string, maker: Maker, grants: ReadonlyMap<string, Provider>): Seat {
    const { loaded, limits } = maker.blob;
    const seat = new Seat(
      { name: `${creator.name}/${name}`, loaded, limits, grants, snapshot: false },
      creator.seat.waiting,
      creator.seat.code.childOf(loaded.name),
      maker.usedTime,
    );
    this.#nesting.set(seat, this.#nestingOf(creator) + 1);
    return seat;
  }

  /** From now on the one dies with the other. */
  tie(child: Domain, creator: Domain): void {
    const known = this.#children.get(creator);
    const children = known ?? new Set<Domain>();
    children.add(child);
    child.releases.push(() => children.delete(child));
    if (known !== undefined) return;
    this.#children.set(creator, children);
    creator.releases.push(() => {
      for (const each of children) this.kernel.kill(each, `its creator ${creator.name}#${creator.generation} died`);
    });
  }

  #nestingOf({ seat }: Domain): number {
    return this.#nesting.get(seat) ?? 0;
  }
}

/** An instance of `blob`. */
class Maker {
  readonly blob: Blob;
  /** Of all that it has made: a creator gains no CPU time by making another one. */
  readonly usedTime: UsedTime = new UsedTime();
  readonly #creator: Creator;
  #living = 0;
  #made = 0;

  constructor(creator: Creator, blob: Blob) {
    this.#creator = creator;
    this.blob = blob;
  }

  create(grants: readonly string[], services: readonly { readonly id: string; readonly by: Created }[]): Answer<Created> {
    const { caller, kernel } = this.#creator;
    const given = new Map<string, Provider>();
    for (const id of grants) {
      const provider = handedOn(kernel, caller, id);
      if (provider === undefined) return err("not-held");
      given.set(id, provider);
    }
    for (const { id, by } of services) {
      if (!by.alive()) return err("not-held");
      given.set(id, { kind: "domain", seat: by.seat });
    }
    if (this.#living >= this.blob.most || !this.#creator.mayNest(caller)) return err("too-many");
    this.#living++;
    const seat = this.#creator.seatFor(caller, this.blob.name, this, given);
    seat.generations = this.#made++;
    const domain = this.#start(seat, caller);
    if (typeof domain === "string") {
      this.#living--;
      return err(domain);
    }
    domain.releases.push(() => {
      this.#living--;
    });
    this.#creator.tie(domain, caller);
    // Its `init` may have called somebody who ended the creator.
    if (!kernel.isAlive(caller)) kernel.kill(domain, "its creator died meanwhile");
    return { tag: "ok", val: new Created(this.#creator, seat, this.blob) };
  }

  #start(seat: Seat, creator: Domain): Domain | "failed" | "not-held" | "too-many" {
    const { kernel } = this.#creator;
    try {
      const birth = createDomain(kernel, seat, creator);
      if (birth.ok) return birth.domain;
      const { cause, domain: name, generation, detail } = birth.error;
      kernel.noteFailure(creator.id, { code: Cause[cause], blamed: { id: seat.current?.id ?? 0, name, generation }, detail });
      return "failed";
    } catch (error) {
      // What is handed on does not fit what the module imports, or somebody has it already; or the kernel's slots are used up.
      if (!(error instanceof SumacError)) throw error;
      return error.code === "quota-invalid" ? "too-many" : "not-held";
    }
  }
}

/** An instance of `created`. */
class Created {
  readonly seat: Seat;
  readonly #creator: Creator;
  readonly #blob: Blob;

  constructor(creator: Creator, seat: Seat, blob: Blob) {
    this.#creator = creator;
    this.seat = seat;
    this.#blob = blob;
  }

  bind(id: string): Answer<undefined> {
    const { caller, kernel } = this.#creator;
    const domain = kernel.occupant(this.seat);
    if (domain === undefined) return err("failed");
    const grant = caller.spec.grants.get(id);
    // The caller's proxies leave stack for what its grants promised, not for more.
    if (grant?.kind !== "blob" || grant.blob !== this.#blob || domain.rank > promisedRank(grant.blob, caller)) return err("not-held");
    for (const link of caller.outbound) {
      if (link.owner.id === id) bindLink(kernel, link, this.seat);
    }
    return { tag: "ok", val: undefined };
  }

  alive(): boolean {
    return this.#creator.kernel.occupant(this.seat) !== undefined;
  }

  kill(): void {
    const { kernel } = this.#creator;
    const domain = kernel.occupant(this.seat);
    if (domain !== undefined) kernel.kill(domain, "killed by its creator");
  }

  [Symbol.dispose](): void {
    this.kill();
  }
}

/** What a domain may give another: its own providers, and whom its import of a created domain's interface reaches now. */
function handedOn(kernel: Kernel, holder: Domain, id: string): Provider | undefined {
  const provider = holder.spec.grants.get(id);
  if (provider?.kind !== "blob") return provider;
  const domain = holder.outbound.find(({ owner }) => owner.id === id)?.target.domain;
  return domain !== undefined && domain !== holder && kernel.isAlive(domain) ? { kind: "domain", seat: domain.seat } : undefined;
}
