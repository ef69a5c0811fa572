/**
 * Where every frame went, for the host: frames in = delivered + dropped for a reason + waiting. The hardware's own statistics do not
 * say it all (a frame that a filter drops is in none of them), so this is kept beside them and no register shows it.
 */
/** Where `publish` puts the frames that wait, behind the fields. */
const WAITING = 14;

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

  /** For other CPUs; every field, and frames that wait. */
  publish(into: Float64Array, waiting: number): void {
    into[0] = this.framesIn;
    into[1] = this.delivered;
    into[2] = this.ignored;
    into[3] = this.damaged;
    into[4] = this.control;
    into[5] = this.filtered;
    into[6] = this.dropped;
    into[7] = this.noDescriptor;
    into[8] = this.missed;
    into[9] = this.discarded;
    into[10] = this.refused;
    into[11] = this.framesOut;
    into[12] = this.controlOut;
    into[13] = this.notSent;
    into[WAITING] = waiting;
  }

  /** Adds what another CPU published. @returns the frames that wait there */
  add(from: Float64Array): number {
    const at = (i: number): number => from[i] ?? 0;
    this.framesIn += at(0);
    this.delivered += at(1);
    this.ignored += at(2);
    this.damaged += at(3);
    this.control += at(4);
    this.filtered += at(5);
    this.dropped += at(6);
    this.noDescriptor += at(7);
    this.missed += at(8);
    this.discarded += at(9);
    this.refused += at(10);
    this.framesOut += at(11);
    this.controlOut += at(12);
    this.notSent += at(13);
    return at(WAITING);
  }

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
