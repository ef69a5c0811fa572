/** The exports of a network interface that leads nowhere. */
import * as net from "./net";

export { net };
