// Generated from wit/image.wit by `sumac bindgen`; change that, not this.
/** `plugin:image@1.0.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

export type Kind = "invert" | "blur" | "emboss" | "dither";

/** Gray, 8 bits a pixel, row after row. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/**
 * - `size`: Not as many pixels as width and height say.
 */
export type FilterError = "size";

/**
 * What a program expects of a plugin.
 *
 * What `Sumac.export` gives for `plugin:image/filter@1.0.0`.
 */
export interface Filter {
  /**
   * @param kind `kind` of `filter`.
   * @param image `image` of `filter`.
   * @returns `result<image, error>`
   */
  readonly apply: HostCall<(kind: Kind, image: Image) => Called<HostResult<Image, FilterError>>>;
}

/**
 * What a program expects of a plugin.
 *
 * What an application implements as `plugin:image/filter@1.0.0`.
 */
export interface FilterImplementation {
  /**
   * @param kind `kind` of `filter`.
   * @param image `image` of `filter`.
   * @returns `result<image, error>`
   */
  readonly apply: (kind: Kind, image: Image) => HostResult<Image, FilterError>;
}
