/** The export: a station that answers ARP and ICMP echo. */
import * as responder from "./responder";

export { responder };
