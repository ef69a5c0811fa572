/**
 * The register map, statistics: every counter, cleared by reading it; it stays at its largest value instead of wrapping.
 * Source: [82599] section 8.2.3.23.
 */
import { type Family, type FamilyOptions, family } from "./family.ts";
import { PACKET_BUFFERS, QUEUE_SETS } from "./registers.ts";

const SECTION = "8.2.3.23";

export const COUNT = {
  crcErrors: 0x04000,
  illegalBytes: 0x04004,
  errorBytes: 0x04008,
  missed: 0x03fa0,
  noBuffers: 0x03fc0,
  lengthErrors: 0x04040,
  xonSent: 0x03f60,
  xoffSent: 0x03f68,
  xonReceived: 0x041a4,
  xoffReceived: 0x041a8,
  priorityXonSent: 0x03f00,
  priorityXoffSent: 0x03f20,
  priorityXonReceived: 0x04140,
  priorityXoffReceived: 0x04160,
  receivedBySize: 0x0405c,
  goodReceived: 0x04074,
  broadcastReceived: 0x04078,
  multicastReceived: 0x0407c,
  goodSent: 0x04080,
  goodBytesReceived: 0x04088,
  goodBytesSent: 0x04090,
  undersize: 0x040a4,
  fragments: 0x040a8,
  oversize: 0x040ac,
  jabber: 0x040b0,
  bytesReceived: 0x040c0,
  received: 0x040d0,
  sent: 0x040d4,
  sentBySize: 0x040d8,
  multicastSent: 0x040f0,
  broadcastSent: 0x040f4,
  checksumErrors: 0x04120,
  notFiltered: 0x041b0,
  notFilteredBytes: 0x041b4,
  dmaReceived: 0x02f50,
  dmaReceivedBytes: 0x02f54,
  dmaDropped: 0x02f5c,
  dmaDroppedBytes: 0x02f60,
  dmaSent: 0x087a0,
  dmaSentBytes: 0x087a4,
  /** Of a set, 0x40 apart. */
  queueReceived: 0x01030,
  queueBytesReceived: 0x01034,
  queueDropped: 0x01430,
  queueSent: 0x06030,
  /** Of a set, 8 apart. */
  queueBytesSent: 0x08700,
} as const;

export const SIZE_CLASSES = ["64", "127", "255", "511", "1023", "1522"] as const;

export const STATISTICS_MAP: readonly Family[] = [
  one(COUNT.crcErrors, "CRCERRS", "frames with a wrong CRC"),
  one(COUNT.illegalBytes, "ILLERRC", "frames with illegal bytes"),
  one(COUNT.errorBytes, "ERRBC", "frames with error bytes"),
  one(0x04010, "MSPDC", "short packets of management"),
  one(COUNT.missed, "MPC", "frames lost for want of room, by packet buffer", { count: PACKET_BUFFERS }),
  one(COUNT.noBuffers, "RNBC", "frames that found no descriptor, by packet buffer", { count: PACKET_BUFFERS }),
  one(0x04034, "MLFC", "local faults"),
  one(0x04038, "MRFC", "remote faults"),
  one(COUNT.lengthErrors, "RLEC", "frames whose length field is wrong"),
  one(COUNT.xonSent, "LXONTXC", "XON frames sent"),
  one(COUNT.xoffSent, "LXOFFTXC", "XOFF frames sent"),
  one(COUNT.xonReceived, "LXONRXCNT", "XON frames received"),
  one(COUNT.xoffReceived, "LXOFFRXCNT", "XOFF frames received"),
  one(COUNT.priorityXonSent, "PXONTXC", "priority XON sent", { count: PACKET_BUFFERS }),
  one(COUNT.priorityXoffSent, "PXOFFTXC", "priority XOFF sent", { count: PACKET_BUFFERS }),
  one(COUNT.priorityXonReceived, "PXONRXCNT", "priority XON received", { count: PACKET_BUFFERS }),
  one(COUNT.priorityXoffReceived, "PXOFFRXCNT", "priority XOFF received", { count: PACKET_BUFFERS }),
  one(0x03240, "PXON2OFFCNT", "XON followed by XOFF", { count: PACKET_BUFFERS }),
  ...SIZE_CLASSES.map((name, i) => one(COUNT.receivedBySize + 4 * i, `PRC${name}`, `good frames received of up to ${name} bytes`)),
  one(COUNT.goodReceived, "GPRC", "good frames received that passed the filters"),
  one(COUNT.broadcastReceived, "BPRC", "of them broadcast"),
  one(COUNT.multicastReceived, "MPRC", "of them multicast"),
  one(COUNT.goodSent, "GPTC", "good frames sent"),
  ...pair(COUNT.goodBytesReceived, "GORC", "bytes of good frames received"),
  ...pair(COUNT.goodBytesSent, "GOTC", "bytes of good frames sent"),
  one(COUNT.undersize, "RUC", "frames shorter than 64 bytes"),
  one(COUNT.fragments, "RFC", "frames shorter than 64 bytes with a wrong CRC"),
  one(COUNT.oversize, "ROC", "frames longer than allowed"),
  one(COUNT.jabber, "RJC", "frames longer than allowed with a wrong CRC"),
  one(0x040b4, "MNGPRC", "management frames received"),
  one(0x040b8, "MNGPDC", "management frames dropped"),
  one(0x0cf90, "MNGPTC", "management frames sent"),
  ...pair(COUNT.bytesReceived, "TOR", "bytes received, whatever the frame"),
  one(COUNT.received, "TPR", "frames received, whatever they are"),
  one(COUNT.sent, "TPT", "frames sent, whatever they are"),
  ...SIZE_CLASSES.map((name, i) => one(COUNT.sentBySize + 4 * i, `PTC${name}`, `frames sent of up to ${name} bytes`)),
  one(COUNT.multicastSent, "MPTC", "multicast frames sent"),
  one(COUNT.broadcastSent, "BPTC", "broadcast frames sent"),
  one(COUNT.checksumErrors, "XEC", "frames with a wrong IPv4, TCP or UDP checksum"),
  one(COUNT.notFiltered, "RXNFGPC", "good frames received before the filters"),
  ...pair(COUNT.notFilteredBytes, "RXNFGBC", "their bytes"),
  one(COUNT.dmaReceived, "RXDGPC", "frames written to memory"),
  ...pair(COUNT.dmaReceivedBytes, "RXDGBC", "their bytes"),
  one(COUNT.dmaDropped, "RXDDGPC", "frames dropped for want of descriptors"),
  ...pair(COUNT.dmaDroppedBytes, "RXDDGBC", "their bytes"),
  one(COUNT.dmaSent, "TXDGPC", "frames read from memory"),
  ...pair(COUNT.dmaSentBytes, "TXDGBC", "their bytes"),
  one(0x08780, "SSVPC", "spoofed frames"),
  one(0x08784, "FCOEPTC", "storage frames sent"),
  one(0x08788, "FCOEDWTC", "storage words sent"),
  one(COUNT.queueReceived, "QPRC", "frames received, by set", { count: QUEUE_SETS, stride: 0x40 }),
  ...pair(COUNT.queueBytesReceived, "QBRC", "bytes received, by set", { count: QUEUE_SETS, stride: 0x40 }),
  one(COUNT.queueDropped, "QPRDC", "frames dropped, by set", { count: QUEUE_SETS, stride: 0x40 }),
  one(COUNT.queueSent, "QPTC", "frames sent, by set", { count: QUEUE_SETS, stride: 0x40 }),
  one(0x08680, "QPTC", "frames sent, by set", { count: QUEUE_SETS, alias: { offset: COUNT.queueSent, stride: 0x40 } }),
  ...pair(COUNT.queueBytesSent, "QBTC", "bytes sent, by set", { count: QUEUE_SETS, stride: 8 }),
];

function one(offset: number, name: string, meaning: string, options: FamilyOptions = {}): Family {
  return family(SECTION, offset, name, meaning, { ...options, kind: "rc" });
}

function pair(offset: number, name: string, meaning: string, options: FamilyOptions = {}): Family[] {
  return [
    family(SECTION, offset, `${name}L`, `${meaning}, low 32 bits`, { ...options, kind: "low" }),
    family(SECTION, offset + 4, `${name}H`, `${meaning}, high 4 bits`, { ...options, kind: "high" }),
  ];
}
