/** Names of the sections that hold a module's symbols: agreed between `sumac build` and whoever explains a death. */

export const NAME_SECTION = "name";
/** The subsection of the name section that is kept. */
export const FUNCTION_NAMES = 1;
export const SOURCE_MAP_SECTION = "sumac:source-map";
