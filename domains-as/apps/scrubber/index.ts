/** The scrubber's export: its job. */
import * as scrub from "./job";

export { scrub };
