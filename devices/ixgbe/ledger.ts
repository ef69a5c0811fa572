/**
 * Where every frame went, for the host: frames in = delivered + dropped for a reason + waiting. The hardware's own statistics do not
 * say it all (a frame that a filter drops is in none of them), so this is kept beside them and no register shows it.
 */
export class Ledger {
  /** From the wire or the loopback, whatever they were. */
  framesIn = 0;
  /** In memory, descriptor written back. */
  delivered = 0;
  /** RXEN was 0, or no grant. */
  ignored = 0;
  /** Wrong CRC or length. */
  damaged = 0;
  /** Pause frames that the MAC kept to itself. */
  control = 0;
  /** Not for this station, or not this VLAN. */
  filtered = 0;
  /** Flow director's drop queue. */
  dropped = 0;
  /** No descriptor and DROP_EN, or a ring that is off (QPRDC). */
  noDescriptor = 0;
  /** The packet buffer was full (MPC). */
  missed = 0;
  /** A reset, or a disabled ring, while the frame waited. */
  discarded = 0;
  /** The bus refused the buffer or the ring. */
  refused = 0;
  /** Frames that the transmit side made of its descriptors, segments each for itself. */
  framesOut = 0;
  /** Pause frames that the MAC made itself. */
  controlOut = 0;
  /** Frames whose descriptors were malformed, or whose data the bus refused: not sent, not in `framesOut`. */
  notSent = 0;

  /** What has become of received frames, without those that wait. */
  get accounted(): number {
    return (
      this.delivered +
      this.ignored +
      this.damaged +
      this.control +
      this.filtered +
      this.dropped +
      this.noDescriptor +
      this.missed +
      this.discarded +
      this.refused
    );
  }
}
