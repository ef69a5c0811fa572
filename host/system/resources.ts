/**
 * The files and devices that a manifest names, opened before any domain exists and closed after the last has gone.
 */
import { dirname, resolve } from "node:path";
import { DiskModel } from "../../devices/disk/model.ts";
import { type Image, openImage } from "../backends/image.ts";
import { InputFile } from "../backends/input-file.ts";
import { MemoryStore } from "../backends/memory-store.ts";
import { SumacError } from "../errors.ts";
import { type Manifest, type ManifestDevice, substitute } from "./manifest.ts";

const BLOCK_BYTES = 4096;

export class Resources {
  readonly files: Map<string, InputFile> = new Map();
  readonly disks: Map<string, DiskModel> = new Map();
  readonly images: Image[] = [];
  /** Set when faults are armed; called with the bytes that a device moved. */
  onTransfer: (device: string, bytes: number) => void = () => {};
  readonly folder: string;
  readonly #manifest: Manifest;
  readonly #parameters: Map<string, string>;
  readonly #path: string;

  /** @param parameters values from the command line; paths in them are relative to the working directory */
  constructor(manifest: Manifest, path: string, parameters: Readonly<Record<string, string>>) {
    this.#manifest = manifest;
    this.#path = path;
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
    for (const [name, device] of Object.entries(this.#manifest.devices ?? {})) this.#openDisk(name, device);
  }

  close(succeeded: boolean): void {
    for (const file of this.files.values()) file.close();
    for (const image of this.images) {
      if (succeeded) image.commit();
      else image.discard();
    }
  }

  #openDisk(name: string, device: ManifestDevice): void {
    const held = device.holds === undefined ? undefined : this.files.get(device.holds);
    const onTransfer = (bytes: number): void => this.onTransfer(name, bytes);
    const neededBytes = held?.size ?? 0;
    if (device.image === undefined) {
      const bytes = Math.max(neededBytes, (device.megabytes ?? 0) << 20);
      this.disks.set(name, new DiskModel({ store: new MemoryStore(Math.ceil(bytes / BLOCK_BYTES)), onTransfer }));
      return;
    }
    const path = this.#resolve(device.image, `/devices/${name}/image`);
    const image = openImage(path, { neededBytes, ...(held === undefined ? {} : { input: held.identity }) });
    this.images.push(image);
    this.disks.set(name, new DiskModel({ store: image.store, onTransfer }));
  }

  #resolve(path: string, pointer: string): string {
    return resolve(this.folder, substitute(path, this.#parameters, `${this.#path}: ${pointer}`));
  }
}
