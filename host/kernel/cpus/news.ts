/**
 * What happens on the other CPUs, told on the first one: events in their order, as if they had happened there.
 * `Reporter` runs on each other CPU, `Newsroom` on the first.
 */
import type { LoadedModule } from "../../loader/load.ts";
import type { KernelEvent } from "../events.ts";
import { type PlainDeath, plainDeath } from "../life/deaths.ts";
import type { Cpu } from "./cpu.ts";
import type { Cpus } from "./cpus.ts";
import { fitsPost, PostRing, SPARE_POST_BYTES } from "./posts.ts";

/** The first CPU, to which all news goes. */
export const FIRST = 0;
/** How long a full ring is waited for at a time. */
const FULL_MS = 2;

type News =
  | { readonly kind: "death"; readonly death: PlainDeath }
  | { readonly kind: "event"; readonly event: Exclude<KernelEvent, { kind: "death" | "host-error" }> };

export class Reporter {
  readonly #cpu: Cpu;
  readonly #ring: PostRing;
  /** Lines of each domain that were not told. */
  readonly #dropped: Map<string, number> = new Map();

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
    this.#ring = new PostRing(cpu.board, cpu.index);
    cpu.kernel.events.on((event) => this.#tell(event));
  }

  #tell(event: KernelEvent): void {
    if (event.kind === "death") {
      const death = plainDeath(event.death);
      // Clocks of two threads begin at different times.
      this.#post({ kind: "death", death: { ...death, atMs: death.atMs + performance.timeOrigin } });
    } else if (event.kind === "log") this.#postLine(event);
    else if (event.kind === "log-dropped") this.#drop(event.domain, event.lines);
    else if (event.kind !== "host-error") this.#post({ kind: "event", event });
  }

  /** Nobody waits for the first CPU because of what a domain says: a line for which there is no room is counted, and told as that with the next one. */
  #postLine(event: Extract<KernelEvent, { kind: "log" }>): void {
    const { domain } = event;
    const lines = this.#dropped.get(domain);
    if (lines !== undefined && this.#writeLine({ kind: "log-dropped", domain, lines })) this.#dropped.delete(domain);
    if (!this.#writeLine(event)) this.#drop(domain, 1);
  }

  #writeLine(event: Extract<KernelEvent, { kind: "log" | "log-dropped" }>): boolean {
    const isWritten = this.#ring.write(JSON.stringify({ kind: "event", event } satisfies News), SPARE_POST_BYTES);
    this.#cpu.ring(FIRST);
    return isWritten;
  }

  #drop(domain: string, lines: number): void {
    this.#dropped.set(domain, (this.#dropped.get(domain) ?? 0) + lines);
  }

  /** None is lost: while there is no room the first CPU is called until it has read. */
  #post(news: News): void {
    const whole = JSON.stringify(news);
    const text = fitsPost(whole) || news.kind !== "death" ? whole : JSON.stringify({ ...news, death: inBrief(news.death) });
    while (!this.#ring.write(text)) {
      this.#cpu.look();
      this.#cpu.ring(FIRST);
      this.#cpu.nap(FULL_MS);
    }
    this.#cpu.ring(FIRST);
  }
}

/** What its domain said, and under how many callers it died, must not keep a death from being told. */
function inBrief(death: PlainDeath): PlainDeath {
  return { ...death, callers: [], lastLines: [], positions: [], parties: [] };
}

export class Newsroom {
  readonly #cpus: Cpus;
  readonly #rings: readonly PostRing[];
  /** Taken from the rings, so that nobody waits for room in them, and not told yet. */
  readonly #untold: string[] = [];
  #isTelling = false;

  constructor(cpus: Cpus) {
    this.#cpus = cpus;
    const { board } = cpus.cpu;
    this.#rings = Array.from({ length: board.cpus }, (_, cpu) => new PostRing(board, cpu));
    cpus.cpu.lookAround = () => this.read();
    cpus.cpu.hasMore = () => this.#rings.some(({ isEmpty }) => !isEmpty) || cpus.unwaited?.hasAnswer === true;
  }

  /**
   * Tells what has been posted. Whoever is told of something and waits for another CPU is told of nothing more meanwhile: he might wait
   * again for each of many deaths, inside each other. @returns whether there was anything
   */
  read(): boolean {
    let did = false;
    for (const ring of this.#rings) {
      for (let text = ring.take(); text !== undefined; text = ring.take()) {
        did = true;
        this.#untold.push(text);
      }
    }
    if (!this.#isTelling) this.#tellAll();
    return this.#cpus.unwaited?.settle() === true || did;
  }

  #tellAll(): void {
    this.#isTelling = true;
    try {
      for (let text = this.#untold.shift(); text !== undefined; text = this.#untold.shift()) this.#tell(JSON.parse(text) as News);
    } finally {
      this.#isTelling = false;
    }
  }

  #tell(news: News): void {
    const { kernel } = this.#cpus.cpu;
    if (news.kind === "death") {
      const atMs = news.death.atMs - performance.timeOrigin;
      const death = kernel.deaths.addPlain(
        { ...news.death, atMs },
        (name): LoadedModule | undefined => this.#cpus.seatNamed(name)?.spec.loaded,
      );
      kernel.events.emit({ kind: "death", death });
      return;
    }
    const { event } = news;
    if (event.kind === "state") {
      const seat = this.#cpus.seatNamed(event.domain);
      const domain = seat && this.#cpus.isElsewhere(seat) ? this.#cpus.refresh(seat) : undefined;
      if (domain?.generation === event.generation) domain.life = event.state;
    }
    kernel.events.emit(event);
  }
}
