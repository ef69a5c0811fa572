/** `sumac nvme`: what a controller over a disk image says of itself, asked on its ports as a driver would. */
import { type Command, InvalidArgumentError } from "commander";
import { ADMIN, CNS, LOG } from "../../devices/nvme/codes.ts";
import { NvmeModel } from "../../devices/nvme/model.ts";
import { openRawImage } from "../backends/raw-image.ts";
import { SumacError } from "../errors.ts";
import { NvmeClient } from "./nvme-client.ts";
import { controllerReport, errorReports, healthReport, type NamespaceReport, namespaceReport } from "./nvme-pages.ts";
import { bold, print, printJson } from "./output.ts";
import { wholeNumber } from "./parse-option.ts";

type BlockBytes = 512 | 4096;

interface Options {
  readonly json?: true;
  readonly blockBytes: BlockBytes;
  readonly verify?: true;
  readonly yes?: true;
  readonly megabytes?: number;
}

/** The largest Verify. */
const VERIFY_BLOCKS = 65536;
const NAMESPACE = 1;

export function addNvme(program: Command): void {
  const nvme = program
    .command("nvme")
    .summary("ask an NVMe controller over a disk image")
    .description(
      "Makes an NVMe controller over IMAGE, a raw disk image, and drives it through its registers and queues as a driver would.",
    );
  const add = (name: string, summary: string): Command =>
    nvme
      .command(name)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .option("--block-bytes <N>", "bytes of a logical block, 512 or 4096", blockBytes, 4096 as BlockBytes)
      .option("--json", "print one JSON object");
  add("list", "list the namespaces of images").argument("<images...>", "raw disk images").action(list);
  add("id", "show what controller and namespace say of themselves").argument("<image>", "a raw disk image").action(id);
  add("smart", "show the health counters")
    .argument("<image>", "a raw disk image")
    .option("--verify", "read every block first, so that media errors are counted")
    .action(smart);
  add("log", "show the error log")
    .argument("<image>", "a raw disk image")
    .option("--verify", "read every block first, so that media errors are found")
    .action(log);
  add("format", "erase an image")
    .argument("<image>", "a raw disk image")
    .option("--yes", "really erase it")
    .option("--megabytes <N>", "make the image, or make it larger, first", wholeNumber)
    .action(format);
}

function list(images: readonly string[], options: Options): void {
  const found = images.map((image) => {
    const report = withClient(image, options, false, (client) => ({
      ...theNamespace(client),
      ...controllerReport(client.identify(CNS.controller)),
    }));
    return { image, namespace: NAMESPACE, bytes: report.bytes, blockBytes: report.blockBytes, model: report.model, serial: report.serial };
  });
  if (options.json) {
    printJson({ ok: true, images: found });
    return;
  }
  for (const { image, namespace, bytes, blockBytes: size, model, serial } of found)
    print(`${bold(image)}  namespace ${namespace}  ${bytes} bytes in blocks of ${size}  ${model}  ${serial}`);
}

function id(image: string, options: Options): void {
  const report = withClient(image, options, false, (client) => ({
    controller: controllerReport(client.identify(CNS.controller)),
    namespaces: [theNamespace(client)],
  }));
  if (options.json) printJson({ ok: true, image, ...report });
  else {
    printFields("controller", report.controller);
    for (const namespace of report.namespaces) printFields(`namespace ${namespace.id}`, namespace);
  }
}

function smart(image: string, options: Options): void {
  const health = withClient(image, options, false, (client) => {
    if (options.verify) verifyAll(client);
    return healthReport(client.log(LOG.health, 512));
  });
  if (options.json) printJson({ ok: true, image, health });
  else printFields("health", health);
}

function log(image: string, options: Options): void {
  const errors = withClient(image, options, false, (client) => {
    if (options.verify) verifyAll(client);
    return errorReports(client.log(LOG.errors, 4096));
  });
  if (options.json) {
    printJson({ ok: true, image, errors });
    return;
  }
  if (errors.length === 0) print(`${image}: no errors`);
  for (const error of errors) printFields(`error ${error.count}`, error);
}

function format(image: string, options: Options): void {
  if (!options.yes) throw new SumacError("usage", `format erases everything in ${image}; add --yes if that is what you mean`);
  const namespace = withClient(image, options, true, (client) => {
    const status = client.admin({ opcode: ADMIN.format, nsid: NAMESPACE });
    if (status !== 0)
      throw new SumacError("device-failed", `image ${image}: Format NVM ended with status ${status.toString(16)}h; try a smaller image`);
    return theNamespace(client);
  });
  if (options.json) printJson({ ok: true, image, bytes: namespace.bytes, blockBytes: namespace.blockBytes });
  else print(`${image}: ${namespace.bytes} bytes of zeros, blocks of ${namespace.blockBytes}`);
}

/** One controller over one image, shut down and closed at the end whatever happens. */
function withClient<T>(path: string, { blockBytes: lbaBytes, megabytes = 0 }: Options, writes: boolean, act: (client: NvmeClient) => T): T {
  const image = openRawImage(path, { readOnly: !writes, leastBytes: megabytes * 2 ** 20 });
  try {
    if (image.bytes < lbaBytes)
      throw new SumacError("image-too-small", `image ${path}: holds ${image.bytes} bytes, not one block of ${lbaBytes}; make it larger`);
    const clock = { nowMicros: () => performance.now() * 1000 };
    const client = new NvmeClient(new NvmeModel({ store: image.store, lbaBytes, clock }));
    const result = act(client);
    client.close();
    return result;
  } finally {
    image.close();
  }
}

function theNamespace(client: NvmeClient): NamespaceReport {
  return namespaceReport(NAMESPACE, client.identify(CNS.namespace, NAMESPACE), client.identify(CNS.descriptors, NAMESPACE));
}

/** A part that cannot be read does not keep the rest from being tried. */
function verifyAll(client: NvmeClient): void {
  const { blocks } = theNamespace(client);
  for (let lba = 0; lba < blocks; lba += VERIFY_BLOCKS) client.verify(NAMESPACE, lba, Math.min(VERIFY_BLOCKS, blocks - lba));
}

function printFields(title: string, fields: object): void {
  print(bold(title));
  for (const [name, value] of Object.entries(fields)) print(`  ${name.padEnd(20)} ${Array.isArray(value) ? value.join(" ") : value}`);
}

function blockBytes(value: string): BlockBytes {
  const bytes = Number(value);
  if (bytes !== 512 && bytes !== 4096) throw new InvalidArgumentError("give 512 or 4096.");
  return bytes;
}
