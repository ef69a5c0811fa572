/**
 * What the receive path finds out about one frame, on its way to a descriptor. One is filled again for each frame; those that
 * wait in a packet buffer are copies.
 */
export class Received {
  /** Bytes that go to memory. */
  length = 0;
  /** The ring. */
  queue = 0;
  /** RSS type and packet type, as the first word of the advanced write-back has them. */
  info = 0;
  /** RSS hash, or flow director's, or fragment checksum and IP id. */
  hash = 0;
  /** Status bits beside DD and EOP. */
  status = 0;
  errors = 0;
  /** Fragment checksum, in the legacy write-back. */
  sum = 0;
  /** VLAN tag. */
  tag = 0;
  headerLength = 0;
  /** A filter asked for an interrupt without delay. */
  urgent = false;

  copyFrom(other: Received): void {
    this.length = other.length;
    this.queue = other.queue;
    this.info = other.info;
    this.hash = other.hash;
    this.status = other.status;
    this.errors = other.errors;
    this.sum = other.sum;
    this.tag = other.tag;
    this.headerLength = other.headerLength;
    this.urgent = other.urgent;
  }
}
