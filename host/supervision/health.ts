/**
 * Health calls of one domain: a function of it is called again and again while no call is in progress, and what does not answer in time,
 * or answers that it is not well, is ended.
 *
 * Lateness is the watchdog's judgement, which does not charge a domain with time in which the machine stood still.
 * Made by `supervision.ts`. Never decides about restarts.
 */
import { SumacError } from "../errors.ts";
import type { Interface, MethodDescription } from "../idl/idl.ts";
import type { Domain } from "../kernel/domain.ts";
import { callUnderBudget } from "../kernel/host/host-calls.ts";
import type { HostMethod, HostValue } from "../kernel/host/host-values.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Seat } from "../kernel/seat.ts";
import type { Called } from "../kernel/status.ts";
import type { HealthSettings } from "./settings.ts";

export class Health {
  readonly #kernel: Kernel;
  readonly #seat: Seat;
  readonly #settings: HealthSettings;
  readonly #unwell: (reason: string) => void;
  readonly #owner: Interface;
  readonly #method: MethodDescription;
  #bound: { readonly domain: Domain; readonly call: HostMethod } | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param unwell the domain must be ended, for this reason
   * @throws SumacError when the domain has no such function
   */
  constructor(kernel: Kernel, seat: Seat, settings: HealthSettings, unwell: (reason: string) => void) {
    this.#kernel = kernel;
    this.#seat = seat;
    this.#settings = settings;
    this.#unwell = unwell;
    [this.#owner, this.#method] = healthFunction(seat, settings);
    this.#plan();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(): void {
    this.#timer = setTimeout(() => {
      this.#beat();
      if (this.#timer !== undefined) this.#plan();
    }, this.#settings.everyMs);
    this.#timer.unref();
  }

  #beat(): void {
    const domain = this.#kernel.occupant(this.#seat);
    if (domain === undefined || domain.life !== "running" || this.#kernel.depth !== 0) return;
    if (this.#bound?.domain !== domain) {
      const call = callUnderBudget(this.#kernel, domain, this.#owner, this.#method, this.#settings.deadlineMs);
      this.#bound = { domain, call };
    }
    const problem = problemIn(this.#bound.call());
    // A domain that died of the call is a death like any other.
    if (problem === undefined || !this.#kernel.isAlive(domain)) return;
    this.#unwell(`health call ${this.#settings.interface}#${this.#settings.method}: ${problem}`);
  }
}

function healthFunction({ spec }: Seat, { interface: id, method: name }: HealthSettings): [Interface, MethodDescription] {
  const where = `health of domain ${spec.name}`;
  const owner = spec.loaded.world.exports.find((each) => each.id === id);
  if (owner === undefined) throw new SumacError("manifest-invalid", `${where}: it does not export ${id}: name one of its interfaces`);
  const method = owner.functions.find((each) => each.name === name && each.role === undefined);
  if (method === undefined) {
    const there = owner.functions.map((each) => each.name).join(", ");
    throw new SumacError("manifest-invalid", `${where}: ${id} has no function "${name}"; there is: ${there}`);
  }
  const { sourceParams, sourceResult } = method;
  const says =
    sourceResult === undefined || sourceResult.kind === "result" || (sourceResult.kind === "scalar" && sourceResult.scalar === "bool");
  if (sourceParams.length > 0 || !says) {
    throw new SumacError("manifest-invalid", `${where}: ${id}#${name} must have no parameters, and return nothing, a bool or a result`);
  }
  return [owner, method];
}

function problemIn(called: Called<HostValue>): string | undefined {
  // It has used up its time and cannot be asked before its window ends.
  if (!called.ok && called.error.cause === "throttled") return undefined;
  if (!called.ok) return `${called.error.cause}: ${called.error.detail}`;
  if (called.value === false) return "answered false";
  const { tag, val } = (called.value ?? {}) as { readonly tag?: string; readonly val?: HostValue };
  return tag === "err" ? `answered the error ${JSON.stringify(val) ?? ""}` : undefined;
}
