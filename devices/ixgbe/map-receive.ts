/**
 * The register map, receive side: filters, queue selection, rings, packet buffers, flow director.
 * Source: [82599] sections 8.2.3.3, 8.2.3.7, 8.2.3.8, 8.2.3.21.
 */
import { type Family, type FamilyOptions, family } from "./family.ts";
import { REG, RX } from "./registers.ts";

const FILTERS = "8.2.3.7";
const DMA = "8.2.3.8";
const FLOW = "8.2.3.3";
const DIRECTOR = "8.2.3.21";

/** The same register of rings 0..63 and of rings 64..127. */
function rings(at: number, name: string, meaning: string, options: FamilyOptions): Family[] {
  const ring = { ...options, kind: options.kind ?? "event", count: 64, stride: 0x40 } as const;
  return [
    family(DMA, REG.rxRing + at, name, meaning, ring),
    family(DMA, REG.rxRingHigh + at, `${name}+64`, `${meaning}, rings 64 and up`, ring),
  ];
}

export const RECEIVE_MAP: readonly Family[] = [
  ...rings(RX.baseLow, "RDBAL", "ring base, low half; 128-byte aligned", { mask: 0xffff_ff80 }),
  ...rings(RX.baseHigh, "RDBAH", "ring base, high half", {}),
  ...rings(RX.length, "RDLEN", "ring length in bytes, a multiple of 128", { mask: 0xf_ff80 }),
  ...rings(RX.dcaControl, "DCA_RXCTRL", "cache hints, kept", { kind: "plain" }),
  ...rings(RX.head, "RDH", "first descriptor that the hardware owns", { mask: 0xffff }),
  ...rings(RX.splitControl, "SRRCTL", "buffer sizes, descriptor type, DROP_EN", { reset: 0x400 | 2 }),
  ...rings(RX.tail, "RDT", "first descriptor that software owns", { mask: 0xffff }),
  ...rings(RX.control, "RXDCTL", "ENABLE 25, VME 30", { mask: 0x42ff_ffff }),
  ...rings(RX.rscControl, "RSCCTL", "receive side coalescing, kept", { kind: "plain" }),
  family(DMA, 0x2100, "SRRCTL", "buffer sizes, descriptor type, DROP_EN", {
    count: 16,
    kind: "event",
    alias: { offset: REG.rxRing + RX.splitControl, stride: 0x40 },
  }),
  family(DMA, 0x2200, "DCA_RXCTRL", "cache hints, kept", { count: 16, alias: { offset: REG.rxRing + RX.dcaControl, stride: 0x40 } }),
  family("8.2.3.23", REG.rqsmr, "RQSMR", "set of statistics of each receive ring, four to a register", { count: 32, mask: 0x0f0f_0f0f }),
  family(DMA, REG.rdrxctl, "RDRXCTL", "DMAIDONE 3, CRCSTRIP 1", { reset: 0x0020_0008, mask: 0xffff_fff7 }),
  family(DMA, 0x02f20, "RDRXCTL spare", "kept"),
  family("8.2.3.23", 0x02f40, "RXDSTATCTRL", "which ring the DMA counters count, kept"),
  family(DMA, REG.rxctrl, "RXCTRL", "RXEN 0", { kind: "event", mask: 1 }),
  family(FLOW, 0x03008, "PFCTOP", "opcode of priority flow control", { reset: 0x0001_0101 }),
  family(FLOW, REG.rtrup2tc, "RTRUP2TC", "traffic class of each user priority, three bits each"),
  family(FLOW, 0x03028, "RTTUP2TC", "traffic class of each user priority, transmit, kept"),
  family(FLOW, REG.fcttv, "FCTTV", "pause time, two classes to a register", { count: 4 }),
  family(FLOW, REG.fcrtl, "FCRTL", "low threshold in bytes, XON enable 31", { count: 8, mask: 0x8007_fff0 }),
  family(FLOW, REG.fcrth, "FCRTH", "high threshold in bytes, XOFF enable 31", { count: 8, mask: 0x8007_fff0 }),
  family(FLOW, REG.fcrtv, "FCRTV", "time after which XOFF is repeated", { mask: 0xffff }),
  family(FLOW, 0x0ce00, "TFCS", "transmission paused 0", { kind: "event", mask: 0 }),
  family(FLOW, REG.fccfg, "FCCFG", "TFCE 4:3: 1 pause frames, 2 by priority", { mask: 0x18 }),
  family(DMA, REG.rxpbsize, "RXPBSIZE", "packet buffer size, KiB in 19:10", { count: 8, reset: 512 << 10, mask: 0xf_fc00 }),
  family(FILTERS, REG.rxcsum, "RXCSUM", "PCSD 13, IPPCSE 12", { mask: 0x3000 }),
  family(FILTERS, 0x05008, "RFCTL", "receive filter control, kept"),
  family(FILTERS, REG.exvet, "EXVET", "outer VLAN type 31:16", { reset: 0x8100_0000 }),
  family(FILTERS, REG.fctrl, "FCTRL", "SBP 1, MPE 8, UPE 9, BAM 10", { mask: 0x702 }),
  family(FILTERS, REG.vlnctrl, "VLNCTRL", "VET 15:0, CFI 28, CFIEN 29, VFE 30", { reset: 0x8100, mask: 0x7000_ffff }),
  family(FILTERS, REG.mcstctrl, "MCSTCTRL", "MO 1:0, MFE 2", { mask: 7 }),
  family(FILTERS, REG.etqf, "ETQF", "ethertype filter: type 15:0, 1588 30, enable 31", { count: 8, kind: "event" }),
  family(FILTERS, REG.mta, "MTA", "multicast table, 4096 bits", { count: 128 }),
  family(FILTERS, 0x05400, "RAL", "station address, low half", {
    count: 16,
    stride: 8,
    kind: "event",
    alias: { offset: REG.ral, stride: 8 },
  }),
  family(FILTERS, 0x05404, "RAH", "station address, high half, AV 31", {
    count: 16,
    stride: 8,
    kind: "event",
    mask: 0x8000_ffff,
    alias: { offset: REG.ral + 4, stride: 8 },
  }),
  family(FILTERS, 0x05480, "PSRTYPE", "which headers are split", { count: 16, alias: { offset: REG.psrtype, stride: 4 } }),
  family(FILTERS, 0x05800, "WUC…", "wake up, kept", { count: 4 }),
  family(FILTERS, REG.mrqc, "MRQC", "MRQE 3:0 (1 = RSS), fields of the hash 31:16"),
  family(FILTERS, 0x0581c, "VMD_CTL…", "pools, kept", { count: 57 }),
  family(FILTERS, 0x05a00, "FHFT", "wake up filters, kept", { count: 128 }),
  family(FILTERS, REG.reta, "RETA", "redirection table, four entries to a register", { count: 32, mask: 0x0f0f_0f0f }),
  family(FILTERS, REG.rssKey, "RSSRK", "key of the hash, byte 0 first", { count: 10, kind: "event" }),
  family(FILTERS, REG.vfta, "VFTA", "VLAN table, 4096 bits", { count: 128 }),
  family(FILTERS, REG.ral, "RAL", "station address, low half", { count: 128, stride: 8, kind: "event" }),
  family(FILTERS, REG.ral + 4, "RAH", "station address, high half, AV 31", { count: 128, stride: 8, kind: "event", mask: 0x8000_ffff }),
  family(FILTERS, 0x0a600, "MPSAR", "pools of each address, kept", { count: 256 }),
  family(FILTERS, REG.saqf, "SAQF", "5-tuple filter: source address", { count: 128 }),
  family(FILTERS, REG.daqf, "DAQF", "5-tuple filter: destination address", { count: 128 }),
  family(FILTERS, REG.sdpqf, "SDPQF", "5-tuple filter: ports, source low", { count: 128 }),
  family(FILTERS, REG.ftqf, "FTQF", "5-tuple filter: protocol 1:0, priority 4:2, mask 29:25, enable 31", { count: 128, kind: "event" }),
  family(FILTERS, REG.l34timir, "L34TIMIR", "5-tuple filter: queue 27:21, immediate interrupt 20", { count: 128 }),
  family(FILTERS, REG.psrtype, "PSRTYPE", "which headers are split", { count: 64 }),
  family(FILTERS, REG.etqs, "ETQS", "ethertype filter: queue 22:16, immediate interrupt 29, enable 31", { count: 8, kind: "event" }),
  family(FILTERS, REG.synqf, "SYNQF", "TCP SYN filter: enable 0, queue 7:1, priority 31", { kind: "event" }),
  family(FILTERS, 0x0ec60, "IMIRVP", "immediate interrupt by VLAN priority, kept"),
  family(FILTERS, 0x0ec80, "RSSRK", "key of the hash", { count: 10, kind: "event", alias: { offset: REG.rssKey, stride: 4 } }),
  family(DIRECTOR, REG.fdirctrl, "FDIRCTRL", "PBALLOC 1:0, INIT_DONE 3, PERFECT 4, REPORT 5, DROP_Q 14:8, FLEX 20:16", { kind: "event" }),
  family(DIRECTOR, 0x0ee0c, "FDIRSIPv6", "source address of the filter, v6", { count: 3 }),
  family(DIRECTOR, 0x0ee18, "FDIRIPSA", "source address of the filter"),
  family(DIRECTOR, 0x0ee1c, "FDIRIPDA", "destination address of the filter"),
  family(DIRECTOR, 0x0ee20, "FDIRPORT", "ports of the filter, source low"),
  family(DIRECTOR, 0x0ee24, "FDIRVLAN", "VLAN 15:0 and flexible bytes of the filter"),
  family(DIRECTOR, 0x0ee28, "FDIRHASH", "bucket 14:0, valid 15, signature or software index 30:16"),
  family(DIRECTOR, 0x0ee2c, "FDIRCMD", "command 1:0, valid 2, queue 22:16, pool 29:24", { kind: "event" }),
  family(DIRECTOR, 0x0ee38, "FDIRFREE", "free filters 15:0", { kind: "event", mask: 0 }),
  family(DIRECTOR, 0x0ee3c, "FDIRDIP4M", "destination address mask, 1 = ignored"),
  family(DIRECTOR, 0x0ee40, "FDIRSIP4M", "source address mask, 1 = ignored"),
  family(DIRECTOR, 0x0ee44, "FDIRTCPM", "TCP port mask, 1 = ignored"),
  family(DIRECTOR, 0x0ee48, "FDIRUDPM", "UDP port mask, 1 = ignored"),
  family(DIRECTOR, 0x0ee4c, "FDIRLEN", "longest list of a bucket", { kind: "event", mask: 0 }),
  family(DIRECTOR, 0x0ee50, "FDIRUSTAT", "filters added 15:0, removed 31:16", { kind: "rc" }),
  family(DIRECTOR, 0x0ee54, "FDIRFSTAT", "adds that failed 7:0, removes that failed 15:8", { kind: "rc" }),
  family(DIRECTOR, 0x0ee58, "FDIRMATCH", "frames that matched", { kind: "rc" }),
  family(DIRECTOR, 0x0ee5c, "FDIRMISS", "frames that did not", { kind: "rc" }),
  family(DIRECTOR, 0x0ee68, "FDIRHKEY", "key of the bucket hash", { reset: 0x8000_0001 }),
  family(DIRECTOR, 0x0ee6c, "FDIRSKEY", "key of the signature hash", { reset: 0x8080_0101 }),
  family(DIRECTOR, 0x0ee70, "FDIRM", "fields ignored: VLANID 0, VLANP 1, POOL 2, L4P 3, FLEX 4, DIPv6 5"),
  family(DIRECTOR, 0x0ee74, "FDIRIP6M", "v6 address mask, 1 = ignored"),
  family(DIRECTOR, 0x0ee78, "FDIRSCTPM", "SCTP port mask, 1 = ignored"),
  family(FILTERS, 0x0f000, "PFVTCTL…", "pools, kept", { count: 256 }),
  family(FILTERS, REG.uta, "UTA", "unicast table, 4096 bits", { count: 128 }),
  family(FILTERS, 0x0f600, "PFMRVLAN…", "mirroring, kept", { count: 16 }),
];
