/** The 82599 driver's exports: its start, and the network interface that it serves. */
import * as net from "./net";

export { restart as recover, start as init } from "./card";
export { net };
