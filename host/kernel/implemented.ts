/**
 * The interfaces that the host implements, by the hash of their canonical text. A host function is written for one text, so
 * only worlds that mean that text are linked to it. A test holds these against `interfaces/`.
 */
export const IMPLEMENTED = {
  "sumac:device/clock@0.1.0": "4a37da726bc8304a6bc59d669d96023b6d93c28d5d9ca642e7fe3fef9324162d",
  "sumac:device/irq@0.1.0": "cb1f747afe98b5ff2c49fae9b33880de1ebc559a75477679eb52b2a323324a23",
  "sumac:device/mmio@0.1.0": "a8e4cf7a8c1b3ec4b599f2b3be7c8a936b7df37eec1b14854ad81df2f8d02917",
  "sumac:io/file@0.1.0": "1749475a1d91fdf8c09778a836aa5cae5e921ed9cbef4bfcf6f5d9cfe1c681f7",
  "sumac:job/progress@0.1.0": "82f9ea9c0031add296d84f96635ff8e20f8b469140a35bec61c7b0b507df24a8",
  "sumac:kernel/creator@0.1.0": "4f16d74b82b7084f87ecbe12b74cbf6633ebb397785e9d7b3e03e1a43121c577",
  "sumac:kernel/supervisor@0.1.0": "02b82a1f1fba418d923476f7f55d2aeb9aee9c1ef87aa457fdd3786d278e61c5",
} as const;
