/** The shadow's export: the network interface that survives its driver. */
import * as net from "./requests";

export { net };
