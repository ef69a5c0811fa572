/** A grant that follows the generations of a domain, in a program. A manifest says `"rebind": true`. */

export class Following {
  readonly domain: string;

  /** Use `following`. */
  constructor(domain: string) {
    this.domain = domain;
  }
}

/** The importer reaches each next generation of the domain, too; its name alone is the present generation, dead or alive. */
export function following(domain: string): Following {
  return new Following(domain);
}
