/**
 * What a manifest says about a card's wire. The schema knows the fields; here stands which of them belong to which kind.
 * Called by manifest.ts.
 */
import type { WireFaults } from "../backends/net/faulty-wire.ts";
import { SumacError } from "../errors.ts";

/** What a network card is plugged into. */
export type ManifestWire = WireExtras &
  (
    | { readonly kind: "loopback" }
    | { readonly kind: "switch"; readonly name: string }
    | { readonly kind: "udp"; readonly local: string; readonly remote: string }
    | { readonly kind: "tap"; readonly name: string }
    | { readonly kind: "passt"; readonly socket: string }
    | { readonly kind: "replay"; readonly file: string; readonly pace?: "original" | "fast" }
  );

/** Of any kind. */
export interface WireExtras {
  readonly capture?: string;
  readonly faults?: WireFaults & { readonly seed?: number };
}

const ALWAYS: readonly string[] = ["kind", "capture", "faults"];
const FIELDS: Readonly<Record<ManifestWire["kind"], { readonly needs: readonly string[]; readonly may?: readonly string[] }>> = {
  loopback: { needs: [] },
  switch: { needs: ["name"] },
  udp: { needs: ["local", "remote"] },
  tap: { needs: ["name"] },
  passt: { needs: ["socket"] },
  replay: { needs: ["file"], may: ["pace"] },
};
/** What Linux takes as the name of an interface. */
const INTERFACE_NAME = /^[\w.-]{1,15}$/;

/** @param place of the wire, for messages @throws SumacError "manifest-invalid" */
export function checkWire(wire: ManifestWire, place: string): void {
  const { needs, may = [] } = FIELDS[wire.kind];
  for (const field of needs) {
    if (!(field in wire)) throw new SumacError("manifest-invalid", `${place}/${field}: missing: a wire of kind "${wire.kind}" needs it`);
  }
  for (const field of Object.keys(wire)) {
    if (![...ALWAYS, ...needs, ...may].includes(field)) {
      throw new SumacError("manifest-invalid", `${place}/${field}: no field of a wire of kind "${wire.kind}": leave it out`);
    }
  }
  if (wire.kind === "udp") {
    requirePort(wire.local, `${place}/local`);
    requirePort(wire.remote, `${place}/remote`);
  }
  if (wire.kind === "tap" && (!INTERFACE_NAME.test(wire.name) || /^\.+$/.test(wire.name))) {
    throw new SumacError(
      "manifest-invalid",
      `${place}/name: "${wire.name}" cannot be an interface's name: up to 15 letters, digits, -, _, .`,
    );
  }
}

/** Behind the last colon; a thread that is given another one can only fail when it sends. */
function requirePort(address: string, place: string): void {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  if (port < 1 || port > 0xffff) throw new SumacError("manifest-invalid", `${place}: "${address}" has no port: give one from 1 to 65535`);
}
