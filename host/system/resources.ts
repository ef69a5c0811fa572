/**
 * The files and devices that a manifest names, opened before any domain exists and closed after the last has gone.
 */
import { dirname, resolve } from "node:path";
import { DiskModel } from "../../devices/disk/model.ts";
import { NvmeModel } from "../../devices/nvme/model.ts";
import { PciBus } from "../../devices/pci/bus.ts";
import type { BlockStore } from "../../devices/ports.ts";
import { type Image, openImage } from "../backends/image.ts";
import { InputFile } from "../backends/input-file.ts";
import { MemoryStore } from "../backends/memory-store.ts";
import type { Device } from "../control/answers.ts";
import { SumacError } from "../errors.ts";
import { DeviceTimer } from "./device-timer.ts";
import { type Manifest, type ManifestDevice, substitute } from "./manifest.ts";
import { Network } from "./network.ts";

const BLOCK_BYTES = 4096;

export class Resources {
  readonly files: Map<string, InputFile> = new Map();
  /** Every disk by its name in the manifest. */
  readonly models: Map<string, DiskModel | NvmeModel> = new Map();
  readonly pci: PciBus = new PciBus();
  readonly network: Network;
  readonly images: Image[] = [];
  readonly #media: MemoryStore[] = [];
  /** Set when faults are armed; called with the bytes that a device moved. */
  onTransfer: (device: string, bytes: number) => void = () => {};
  readonly folder: string;
  readonly #manifest: Manifest;
  readonly #parameters: Map<string, string>;
  /** The manifest's path, for messages. */
  readonly place: string;
  #nextSlot = 0;

  /**
   * @param parameters values from the command line; paths in them are relative to the working directory
   * @param cpus how many there will be
   */
  constructor(manifest: Manifest, path: string, parameters: Readonly<Record<string, string>>, cpus = 1) {
    this.#manifest = manifest;
    this.network = new Network(cpus);
    this.place = path;
    this.folder = dirname(path);
    const declared = manifest.parameters ?? {};
    this.#parameters = new Map(Object.entries(declared).map(([name, value]) => [name, resolve(this.folder, value)]));
    for (const [name, value] of Object.entries(parameters)) {
      if (!(name in declared)) {
        throw new SumacError("usage", `${path} has no parameter "${name}": leave --${name} out`);
      }
      this.#parameters.set(name, resolve(value));
    }
  }

  open(): void {
    for (const [name, { path }] of Object.entries(this.#manifest.files ?? {})) {
      this.files.set(name, InputFile.open(this.#resolve(path, `/files/${name}/path`)));
    }
    for (const [name, device] of Object.entries(this.#manifest.devices ?? {})) this.#openDevice(name, device);
    this.pci.assign();
  }

  /** The heap is there, to and from which the devices move what they store. */
  lieBeside(heap: WebAssembly.Memory): void {
    for (const medium of this.#media) medium.lieBeside(heap);
  }

  /** For those who look on. */
  gauges(): Device[] {
    const disks = [...this.models].map(([name, model]) => ({
      name,
      model: model instanceof NvmeModel ? "nvme" : "disk",
      inFlight: () => (model instanceof NvmeModel ? model.inFlight : null),
      activity: () => (model instanceof NvmeModel ? ({ kind: "blocks", ...model.activity } as const) : null),
    }));
    const cards = [...this.network.cards].map(([name, card]) => ({
      name,
      model: "ixgbe",
      inFlight: () => null,
      activity: () => {
        const { delivered: received, framesOut: sent, noDescriptor, missed, damaged, discarded, refused } = card.total.ledger;
        return {
          kind: "frames",
          received,
          sent,
          lost: noDescriptor + missed + damaged + discarded + refused,
          wireLost: this.network.lossesOf(name),
        } as const;
      },
    }));
    return [...disks, ...cards];
  }

  close(succeeded: boolean): void {
    for (const file of this.files.values()) file.close();
    this.network.close();
    try {
      if (succeeded) for (const image of this.images) image.commit();
    } finally {
      // After a commit this does nothing: it is for those that were not reached because one before them failed.
      for (const image of this.images) image.discard();
    }
  }

  #openDevice(name: string, device: ManifestDevice): void {
    if (device.model === "ixgbe") {
      this.pci.plug(
        this.#nextSlot++,
        this.network.open(name, device, (path, pointer) => this.#resolve(path, pointer)),
      );
      return;
    }
    const store = this.#openStore(name, device);
    const onTransfer = (bytes: number): void => this.onTransfer(name, bytes);
    if (device.model === "disk") {
      this.models.set(name, new DiskModel({ store, onTransfer }));
      return;
    }
    const { completeAfterAccesses } = device;
    const clock = { nowMicros: () => performance.now() * 1000 };
    const deferred = completeAfterAccesses === undefined ? {} : { deferred: { accesses: completeAfterAccesses } };
    const timer = new DeviceTimer(() => model, clock.nowMicros);
    const model: NvmeModel = new NvmeModel({ store, onTransfer, clock, onDeadline: (atMicros) => timer.want(atMicros), ...deferred });
    this.models.set(name, model);
    this.pci.plug(this.#nextSlot++, model);
  }

  #openStore(name: string, device: ManifestDevice): BlockStore {
    const held = device.holds === undefined ? undefined : this.files.get(device.holds);
    const neededBytes = held?.size ?? 0;
    if (device.image === undefined) {
      const bytes = Math.max(neededBytes, (device.megabytes ?? 0) * 2 ** 20);
      const medium = new MemoryStore(Math.ceil(bytes / BLOCK_BYTES));
      this.#media.push(medium);
      return medium;
    }
    const path = this.#resolve(device.image, `/devices/${name}/image`);
    const image = openImage(path, { neededBytes, ...(held === undefined ? {} : { input: held.identity }) });
    this.images.push(image);
    return image.store;
  }

  #resolve(path: string, pointer: string): string {
    return resolve(this.folder, substitute(path, this.#parameters, `${this.place}: ${pointer}`));
  }
}
