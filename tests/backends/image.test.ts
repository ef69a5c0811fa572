/** The image's life: a half-written one is never presented, the old one survives every failure. */
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { measuredBlocks, openImage } from "../../host/backends/image.ts";
import { InputFile } from "../../host/backends/input-file.ts";
import { SumacError } from "../../host/errors.ts";
import { asOrdinaryUser } from "../support/ordinary-user.ts";

const BLOCK = 4096;
let folder = "";
let image = "";
const written = new Uint8Array(BLOCK).fill(0x5a);

function refusal(work: () => unknown): SumacError {
  try {
    work();
  } catch (error) {
    if (error instanceof SumacError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const test = suite("openImage");

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sumac-image-"));
  image = join(folder, "disk.img");
});
test.after.each(() => rmSync(folder, { recursive: true, force: true }));

test("an absent image appears at commit, of the size needed, and not before", () => {
  const open = openImage(image, { neededBytes: 5000 });
  assert.equal([open.store.blocks, open.inPlace], [2, false]);
  open.store.write(1, written);
  assert.not(existsSync(image));
  open.commit();
  open.discard();
  assert.is(statSync(image).size, 2 * BLOCK);
  assert.is(readFileSync(image)[BLOCK], 0x5a);
  assert.equal(readdirSync(folder), ["disk.img"]);
});

test("a job of no bytes leaves an empty image", () => {
  openImage(image, { neededBytes: 0 }).commit();
  assert.is(statSync(image).size, 0);
});

test("discard leaves nothing where nothing was", () => {
  const open = openImage(image, { neededBytes: BLOCK });
  open.store.write(0, written);
  open.discard();
  open.commit();
  assert.equal(readdirSync(folder), []);
});

test("a larger image keeps its bytes beyond the job, its odd tail and its mode", () => {
  writeFileSync(image, new Uint8Array(3 * BLOCK + 7).fill(1));
  chmodSync(image, 0o640);
  const open = openImage(image, { neededBytes: BLOCK });
  assert.is(open.store.blocks, 3);
  open.store.write(0, written);
  assert.is(readFileSync(image)[0], 1, "the original is not touched while the job runs");
  open.commit();
  const bytes = readFileSync(image);
  assert.equal([bytes.length, bytes[0], bytes[BLOCK], bytes[3 * BLOCK + 6]], [3 * BLOCK + 7, 0x5a, 1, 1]);
  assert.is(statSync(image).mode & 0o777, 0o640);
});

test("discard leaves an existing image as it was", () => {
  writeFileSync(image, new Uint8Array(BLOCK).fill(1));
  const open = openImage(image, { neededBytes: BLOCK });
  open.store.write(0, written);
  open.discard();
  assert.ok(readFileSync(image).every((byte) => byte === 1));
  assert.equal(readdirSync(folder), ["disk.img"]);
});

test("a smaller image is refused with sizes and remedy, untouched", () => {
  writeFileSync(image, new Uint8Array(BLOCK));
  const error = refusal(() => openImage(image, { neededBytes: BLOCK + 1 }));
  assert.is(error.code, "image-too-small");
  assert.ok(error.message.includes(`truncate -s ${2 * BLOCK} ${image}`));
  assert.ok(error.message.includes(`${BLOCK} bytes`));
  assert.equal(readdirSync(folder), ["disk.img"]);
});

test("the input itself is refused as image, under any name", () => {
  const path = join(folder, "input");
  writeFileSync(path, new Uint8Array(BLOCK).fill(3));
  linkSync(path, join(folder, "hard"));
  symlinkSync("input", join(folder, "soft"));
  const input = InputFile.open(path);
  for (const name of ["input", "hard", "soft"]) {
    const error = refusal(() => openImage(join(folder, name), { neededBytes: BLOCK, input: input.identity }));
    assert.equal([error.code, /input file itself/.test(error.message)], ["image-not-writable", true]);
  }
  input.close();
  assert.is(readFileSync(path)[0], 3);
});

test("an input that is called like the partial file survives", () => {
  const path = `${image}.partial`;
  writeFileSync(path, "precious");
  const input = InputFile.open(path);
  assert.is(refusal(() => openImage(image, { neededBytes: 1, input: input.identity })).code, "image-not-writable");
  input.close();
  assert.is(readFileSync(path, "utf8"), "precious");
});

test("a stale partial file of a killed run is replaced", () => {
  writeFileSync(`${image}.partial`, new Uint8Array(9 * BLOCK).fill(9));
  const open = openImage(image, { neededBytes: BLOCK });
  open.commit();
  assert.ok(readFileSync(image).every((byte) => byte === 0));
});

test("a second run on the same image makes the first one's commit fail and harms neither", () => {
  const first = openImage(image, { neededBytes: BLOCK });
  const second = openImage(image, { neededBytes: BLOCK });
  second.store.write(0, written);
  assert.match(refusal(() => first.commit()).message, /replaced while in use/);
  second.commit();
  assert.is(readFileSync(image)[0], 0x5a);
});

test("a directory, a missing directory, a path through a file and a directory in the way of the partial are named", () => {
  assert.match(refusal(() => openImage(folder, { neededBytes: 1 })).message, /is a directory/);
  assert.match(refusal(() => openImage(join(folder, "no", "disk"), { neededBytes: 1 })).message, /there is no directory .*create it/);
  writeFileSync(image, "");
  assert.is(refusal(() => openImage(join(image, "disk"), { neededBytes: 1 })).code, "image-not-writable");
  unlinkSync(image);
  mkdirSync(`${image}.partial`);
  assert.match(refusal(() => openImage(image, { neededBytes: 1 })).message, /in the way/);
  assert.match(refusal(() => openImage("/dev/null", { neededBytes: 1 })).message, /neither a regular file nor a block device/);
});

test("a read-only image or directory is refused", () => {
  writeFileSync(image, new Uint8Array(BLOCK));
  chmodSync(image, 0o444);
  chmodSync(folder, 0o555);
  asOrdinaryUser(() => {
    assert.match(refusal(() => openImage(image, { neededBytes: 1 })).message, /permission denied/);
    assert.match(refusal(() => openImage(join(folder, "new"), { neededBytes: 1 })).message, /permission denied/);
  });
  chmodSync(folder, 0o755);
});

test("a symbolic link to an image stays a link; its target is replaced", () => {
  const real = join(folder, "real");
  mkdirSync(real);
  writeFileSync(join(real, "disk"), new Uint8Array(BLOCK));
  symlinkSync(join("real", "disk"), image);
  const open = openImage(image, { neededBytes: BLOCK });
  open.store.write(0, written);
  open.commit();
  assert.ok(lstatSync(image).isSymbolicLink());
  assert.is(readFileSync(join(real, "disk"))[0], 0x5a);
});

test("a commit that cannot rename drops the work and says why", () => {
  const open = openImage(image, { neededBytes: BLOCK });
  mkdirSync(image);
  assert.is(refusal(() => open.commit()).code, "image-not-writable");
  assert.equal(readdirSync(folder), ["disk.img"]);
});

test("measuredBlocks finds the end of a medium of any size, by short reads or errors", () => {
  for (const blocks of [0, 1, 2, 3, 7, 8, 9, 1000, 2 ** 21 + 5]) {
    const short = (buffer: Uint8Array, at: number): number => Math.max(0, Math.min(buffer.length, blocks * BLOCK + 512 - at));
    assert.is(measuredBlocks(short), blocks);
    const throwing = (buffer: Uint8Array, at: number): number => {
      if (at >= blocks * BLOCK) throw new Error("EINVAL");
      return buffer.length;
    };
    assert.is(measuredBlocks(throwing), blocks);
  }
});

test.run();
