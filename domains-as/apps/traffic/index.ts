/** The export: frames for whatever interface the domain was granted. */
import * as traffic from "./traffic";

export { traffic };
