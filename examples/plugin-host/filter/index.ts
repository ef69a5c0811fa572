/**
 * An image filter by somebody else, who tried it with small images of even sizes. Nobody who uses it trusts it:
 * `emboss` reads beyond the last row, `dither` never ends on odd widths, `blur` keeps its scratch buffers for ever.
 */
import { log } from "sumac/log";
import { Outcome } from "sumac/outcome";
import { FilterError, Image, Kind } from "./gen/filter";

const scratch: Uint8Array[] = [];

function invert(image: Image): Uint8Array {
  const out = new Uint8Array(image.pixels.length);
  for (let i = 0; i < out.length; i++) out[i] = 255 - image.pixels[i];
  return out;
}

function blur(image: Image): Uint8Array {
  const lines = new Uint8Array(image.pixels.length);
  scratch.push(lines); // leaks
  for (let i = 1; i + 1 < lines.length; i++) {
    lines[i] = u8((u32(image.pixels[i - 1]) + u32(image.pixels[i]) + u32(image.pixels[i + 1])) / 3);
  }
  return lines.slice(0);
}

function emboss(image: Image): Uint8Array {
  const width = i32(image.width);
  const out = new Uint8Array(image.pixels.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = u8(128 + i32(image.pixels[i]) - i32(image.pixels[i + width])); // traps in the last row
  }
  return out;
}

function dither(image: Image): Uint8Array {
  const width = i32(image.width);
  const out = new Uint8Array(image.pixels.length);
  for (let row = 0; row < i32(image.height); row++) {
    for (let x = 0; x != width; x += 2) {
      const at = (row * width + x) % out.length; // hangs: an odd width is never met
      out[at] = image.pixels[at] > 127 ? 255 : 0;
    }
  }
  return out;
}

export namespace filter {
  export function apply(kind: Kind, image: Image): Outcome<Image> {
    if (u32(image.pixels.length) != image.width * image.height) return Outcome.error<Image>(FilterError.size);
    log("a filter is asked for an image " + image.width.toString() + " wide");
    let pixels: Uint8Array;
    if (kind == Kind.invert) pixels = invert(image);
    else if (kind == Kind.blur) pixels = blur(image);
    else if (kind == Kind.emboss) pixels = emboss(image);
    else pixels = dither(image);
    return Outcome.ok<Image>(Image.of(image.width, image.height, pixels));
  }
}
