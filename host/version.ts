/** Which Sumac this is: what fingerprints and load records name. */
import manifest from "../package.json" with { type: "json" };

export const SUMAC_VERSION: string = manifest.version;
