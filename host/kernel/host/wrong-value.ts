/**
 * A JavaScript value that is none of the WIT type that it was given for. Thrown by the encoders where it is found; each container
 * on the way out adds its place, and the call that began it makes a TypeError of all: `put: value.items[3].name: expected a string`.
 */

export class WrongValue extends TypeError {
  readonly problem: string;
  #place = "";

  constructor(problem: string) {
    super(problem);
    this.name = "WrongValue";
    this.problem = problem;
  }

  /** @param place `[3]` or `.name` */
  within(place: string): this {
    this.#place = place + this.#place;
    return this;
  }

  /** @param start `put: value`, which the place continues */
  report(start: string): TypeError {
    return new TypeError(`${start}${this.#place}: ${this.problem}`);
  }
}

export function expected(what: string, value: unknown): WrongValue {
  return new WrongValue(`expected ${what}, got ${describe(value)}`);
}

/** Adds a place to what an encoder threw; anything else is the application's own error, from a getter of its own. */
export function placed(error: unknown, place: string): unknown {
  return error instanceof WrongValue ? error.within(place) : error;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "string") return value.length <= 40 ? JSON.stringify(value) : "a string";
  if (typeof value === "number" || typeof value === "boolean") return `${article(typeof value)} (${value})`;
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return article(typeof value);
  const { name } = (value as { constructor?: { name?: unknown } }).constructor ?? {};
  return typeof name === "string" && name !== "" && name !== "Object" ? article(name) : "an object";
}

function article(name: string): string {
  return `${/^[AEIOaeiou]/.test(name) ? "an" : "a"} ${name}`;
}
