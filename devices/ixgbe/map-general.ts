/**
 * The register map: control, EEPROM, interrupts, link, MAC, transmit side, and what is only kept.
 * Source: [82599] sections 8.2.3.1, 8.2.3.2, 8.2.3.4, 8.2.3.5, 8.2.3.9, 8.2.3.10, 8.2.3.22.
 */
import { type Family, family } from "./family.ts";
import { EEC, REG, STATUS, TX } from "./registers.ts";

const GENERAL = "8.2.3.1";
const NVM = "8.2.3.2";
const PCIE = "8.2.3.4";
const INTERRUPT = "8.2.3.5";
const TRANSMIT = "8.2.3.9";
const DCB = "8.2.3.10";
const MAC = "8.2.3.22";

/** 4096 words of EEPROM: 2^(6 + 6). */
const EEPROM_SIZE = 6 << EEC.sizeShift;
/** A firmware that is there and has found nothing to do. */
const FIRMWARE_VALID = 1 << 15;
/** CRC added and stripped, padding, reserved bits as they are. */
const HLREG0_RESET = 0x0801_2c0b;
const MAXFRS_RESET = 1518 << 16;

const ring = { count: 128, stride: 0x40, kind: "event" } as const;

export const GENERAL_MAP: readonly Family[] = [
  family(GENERAL, REG.ctrl, "CTRL", "GIO_DIS 2, LRST 3, RST 26", { kind: "event", mask: 0xffff_ffff }),
  family(GENERAL, 0x00004, "CTRL", "GIO_DIS 2, LRST 3, RST 26", { kind: "event", alias: { offset: REG.ctrl, stride: 4 } }),
  family(GENERAL, REG.status, "STATUS", "link up 7, bus master enabled 19", { kind: "event", reset: STATUS.masterEnabled, mask: 0 }),
  family(GENERAL, REG.ctrlExt, "CTRL_EXT", "EXTENDED_VLAN 26, DRV_LOAD 28"),
  family(GENERAL, 0x00020, "ESDP", "general purpose pins, kept"),
  family(GENERAL, 0x00028, "I2CCTL", "two-wire bus, kept: no module answers"),
  family(GENERAL, REG.frtimer, "FRTIMER", "free running timer, 2.048 µs", { kind: "event", mask: 0 }),
  family(GENERAL, 0x0004c, "TCPTIMER", "kept"),
  family(GENERAL, 0x00200, "LEDCTL", "kept"),
  family(INTERRUPT, REG.eicr, "EICR", "causes; a read or a written 1 clears", { kind: "event" }),
  family(INTERRUPT, REG.eics, "EICS", "sets causes; reads them without clearing", { kind: "event" }),
  family(INTERRUPT, REG.eiac, "EIAC", "causes that a message clears"),
  family(INTERRUPT, REG.eitr, "EITR", "interval 11:3 in 2.048 µs, CNT_WDIS 31", { count: 24, kind: "event" }),
  family(INTERRUPT, REG.eims, "EIMS", "sets bits of the mask; reads it", { kind: "event" }),
  family(INTERRUPT, REG.eimc, "EIMC", "clears bits of the mask", { kind: "event" }),
  family(INTERRUPT, REG.eiam, "EIAM", "bits of the mask that an interrupt clears", { kind: "event" }),
  family(INTERRUPT, 0x00894, "EITRSEL", "kept"),
  family(INTERRUPT, REG.gpie, "GPIE", "MSIX_MODE 4, OCD 5, EIMEN 6, EIAME 30, PBA 31", { kind: "event" }),
  family(INTERRUPT, REG.ivar, "IVAR", "vectors of rings 2n and 2n+1: receive, transmit, receive, transmit; valid 7", {
    count: 64,
    mask: 0xbfbf_bfbf,
  }),
  family(INTERRUPT, REG.ivarMisc, "IVAR_MISC", "vectors of the TCP timer (byte 0) and of other causes (byte 1)", { mask: 0xbfbf }),
  family(INTERRUPT, REG.eicsEx, "EICS_EX", "sets causes of vectors 32n and up", { count: 2, kind: "event" }),
  family(INTERRUPT, REG.eimsEx, "EIMS_EX", "sets the mask of vectors 32n and up", { count: 2, kind: "event" }),
  family(INTERRUPT, REG.eimcEx, "EIMC_EX", "clears the mask of vectors 32n and up", { count: 2, kind: "event" }),
  family(INTERRUPT, REG.eiamEx, "EIAM_EX", "vectors whose mask an interrupt clears", { count: 2, kind: "event" }),
  family(INTERRUPT, REG.eitrHigh, "EITR+24", "interval of vectors 24 and up", { count: 105, kind: "event" }),
  family(MAC, 0x04200, "PCS1G…", "1 Gb/s, kept", { count: 11 }),
  family(MAC, REG.hlreg0, "HLREG0", "strip 1, jumbo 2, pad 10, loopback 15, length errors 27", { reset: HLREG0_RESET }),
  family(MAC, 0x04244, "HLREG1…", "kept", { count: 6 }),
  family(MAC, REG.msca, "MSCA", "MDIO command 30", { kind: "event" }),
  family(MAC, REG.msrwd, "MSRWD", "MDIO data: read 31:16, write 15:0", { mask: 0xffff }),
  family(MAC, 0x04264, "MLADD", "kept"),
  family(MAC, REG.maxfrs, "MAXFRS", "largest frame with its CRC 31:16", { reset: MAXFRS_RESET, mask: 0xffff_0000 }),
  family(MAC, 0x0426c, "TREG…", "kept", { count: 10 }),
  family(MAC, REG.mflcn, "MFLCN", "PMCF 0, DPF 1, RPFCE 2, RFCE 3", { mask: 0xf }),
  family(MAC, 0x04298, "SERDESC…", "kept", { count: 2 }),
  family(MAC, REG.autoc, "AUTOC", "FLU 0, restart 12, LMS 15:13", { kind: "event" }),
  family(MAC, REG.links, "LINKS", "up 30, speed 29:28, up since last read 7", { kind: "event", mask: 0 }),
  family(MAC, REG.autoc2, "AUTOC2", "10 Gb/s serial PMA 17:16"),
  family(MAC, 0x042ac, "AUTOC3", "kept"),
  family(MAC, REG.anlp1, "ANLP1", "state of negotiation 19:16", { kind: "ro" }),
  family(MAC, 0x042b4, "ANLP…", "what the other side has advertised: nothing", { count: 5, kind: "ro" }),
  family(MAC, 0x042d0, "MMNGC…", "management's veto of link changes: none", { count: 4, kind: "ro" }),
  family(MAC, 0x042e0, "KRPCSFC…", "kept", { count: 4 }),
  family(MAC, 0x04324, "LINKS2", "second link status: nothing", { kind: "ro" }),
  family(MAC, 0x04330, "MACC", "kept"),
  family(MAC, 0x04800, "ATLASCTL", "kept"),
  family(DCB, 0x04900, "RTTDCS…", "transmit arbiters, kept", { count: 48 }),
  family(TRANSMIT, REG.dmatxctl, "DMATXCTL", "TE 0, VLAN type 31:16", { kind: "event", reset: 0x8100_0008 }),
  family(TRANSMIT, 0x04a84, "DTXCTL spare", "kept"),
  family(TRANSMIT, REG.dtxtcpflgl, "DTXTCPFLGL", "TCP flags kept in the first and the middle segments", {
    reset: 0x0f76_0ff6,
    mask: 0x0fff_0fff,
  }),
  family(TRANSMIT, REG.dtxtcpflgh, "DTXTCPFLGH", "TCP flags kept in the last segment", { reset: 0x0f7f, mask: 0x0fff }),
  family(TRANSMIT, REG.txRing + TX.baseLow, "TDBAL", "ring base, low half; 128-byte aligned", { ...ring, mask: 0xffff_ff80 }),
  family(TRANSMIT, REG.txRing + TX.baseHigh, "TDBAH", "ring base, high half", ring),
  family(TRANSMIT, REG.txRing + TX.length, "TDLEN", "ring length in bytes, a multiple of 128", { ...ring, mask: 0xf_ff80 }),
  family(TRANSMIT, REG.txRing + TX.dcaControl, "DCA_TXCTRL", "cache hints, kept", { count: 128, stride: 0x40 }),
  family(TRANSMIT, REG.txRing + TX.head, "TDH", "first descriptor not processed", { ...ring, mask: 0xffff }),
  family(TRANSMIT, REG.txRing + TX.tail, "TDT", "first descriptor that software owns", { ...ring, mask: 0xffff }),
  family(TRANSMIT, REG.txRing + TX.control, "TXDCTL", "PTHRESH, HTHRESH, WTHRESH, ENABLE 25", { ...ring, mask: 0x03ff_ffff }),
  family(TRANSMIT, REG.txRing + TX.headAddressLow, "TDWBAL", "head write-back: enable 0, address 31:2", { ...ring, mask: 0xffff_ffff }),
  family(TRANSMIT, REG.txRing + TX.headAddressHigh, "TDWBAH", "head write-back: address, high half", ring),
  family(TRANSMIT, 0x08000, "PFVML…", "pools, anti-spoofing, MTQC: kept", { count: 160 }),
  family("8.2.3.23", REG.tqsm, "TQSM", "set of statistics of each transmit ring, four to a register", { count: 32, mask: 0x0f0f_0f0f }),
  family("8.2.3.12", 0x08800, "SECTXCTRL", "security, transmit, kept"),
  family("8.2.3.12", 0x08804, "SECTXSTAT", "path ready 0", { kind: "ro", reset: 1 }),
  family("8.2.3.12", 0x08808, "SECTXBUFFAF…", "security, transmit, kept", { count: 3 }),
  family("8.2.3.13", 0x08900, "IPSTXIDX…", "IPsec, transmit, kept", { count: 16 }),
  family("8.2.3.14", 0x08c00, "TSYNC…", "time stamps, kept", { count: 16 }),
  family("8.2.3.12", 0x08d00, "SECRXCTRL", "security, receive, kept"),
  family("8.2.3.12", 0x08d04, "SECRXSTAT", "path ready 0", { kind: "ro", reset: 1 }),
  family("8.2.3.13", 0x08e00, "IPSRXIDX…", "IPsec, receive, kept", { count: 16 }),
  family("8.2.3.14", 0x05100, "FCRXCTRL…", "storage, kept", { count: 6 }),
  family("8.2.3.14", 0x05188, "TSYNCRXCTL…", "time stamps, kept", { count: 11 }),
  family(TRANSMIT, 0x0cc00, "TXPBSIZE", "packet buffer size, kept", { count: 8, reset: 0x28000 }),
  family(DCB, 0x0cd00, "RTTPCS…", "transmit packet arbiter, kept", { count: 16 }),
  family(NVM, REG.eec, "EEC", "request 6, grant 7, present 8, autoload done 9, size 14:11", {
    kind: "event",
    reset: EEC.present | EEC.autoRead | EEPROM_SIZE,
    mask: 0x4f,
  }),
  family(NVM, REG.eerd, "EERD", "read a word: start 0, address 15:2; done 1, data 31:16", { kind: "event" }),
  family(NVM, 0x1001c, "FLA", "flash access, kept"),
  family(NVM, 0x10110, "EEMNGCTL", "configuration done 18, 19", { reset: 3 << 18, kind: "ro" }),
  family(NVM, REG.swsm, "SWSM", "SMBI 0: a read sets it; SWESMBI 1", { kind: "event" }),
  family(NVM, REG.fwsm, "FWSM", "firmware: valid 15, no manageability", { kind: "ro", reset: FIRMWARE_VALID }),
  family(NVM, 0x10150, "FACTPS", "power state, kept"),
  family(NVM, REG.swFwSync, "SW_FW_SYNC", "who holds which resource"),
  family(NVM, 0x10200, "GRC", "manageability and power, kept", { reset: 1 }),
  family(PCIE, 0x11000, "GCR…", "bus control and counters, kept", { count: 128 }),
  family(MAC, 0x14f00, "CORECTL…", "analogue, kept", { count: 32 }),
  family("8.2.3.25", 0x15f00, "HICR", "host interface: disabled", { count: 4, kind: "ro" }),
];
