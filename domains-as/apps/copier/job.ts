/**
 * `sumac:job/copy`: the file to the disk, the disk back, and a report of what was seen on the way.
 * Called by the host, once per job.
 */
import { Outcome } from "sumac/outcome";
import { lastStatus, Status } from "sumac/rpc";
import { Sha256 } from "sumac/sha256";
import { BLOCK_BYTES, blocksFor } from "./blocks";
import { bdev } from "./gen/bdev";
import { CopyError, Report } from "./gen/copy";
import { file } from "./gen/file";
import { fileToDisk, PASSED, readBack } from "./passes";

const DIGEST_BYTES: u32 = 32;
const sha = new Sha256();

/** Hashes what it reads, in both passes, and compares. */
export function run(): Outcome<Report> {
  return copied(sha);
}

/** The same passes without a look at the bytes: what the path costs by itself. */
export function transfer(): Outcome<Report> {
  return copied(null);
}

function copied(hash: Sha256 | null): Outcome<Report> {
  const bytes = file.size();
  if (lastStatus() != Status.OK) return Outcome.error<Report>(CopyError.input);
  const disk = bdev.identify();
  if (disk.blockSize != BLOCK_BYTES) return Outcome.error<Report>(CopyError.disk);
  if (disk.blocks < blocksFor(bytes)) return Outcome.error<Report>(CopyError.tooSmall);

  const report = Report.create();
  report.bytes = bytes;
  let problem = fileToDisk(bytes, hash);
  if (hash !== null) report.sha256Input.copyFrom(0, hash.digest(), DIGEST_BYTES);
  if (problem == PASSED) problem = readBack(bytes, hash);
  if (hash !== null) report.sha256ReadBack.copyFrom(0, hash.digest(), DIGEST_BYTES);
  if (problem == PASSED && !digestsAgree(report)) problem = CopyError.mismatch;
  if (problem == PASSED) return Outcome.ok<Report>(report);
  report.drop();
  return Outcome.error<Report>(problem);
}

function digestsAgree(report: Report): bool {
  for (let i: u32 = 0; i < DIGEST_BYTES; i++) {
    if (report.sha256Input.at(i) != report.sha256ReadBack.at(i)) return false;
  }
  return true;
}
