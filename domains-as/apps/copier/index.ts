/** The copier's export: its job. */
import * as copy from "./job";

export { copy };
