/** Draws resident memory and shared-heap use over the cycles of `campaign:churn` as SVG. Pure: samples in, text out. */

export interface Sample {
  readonly cycles: number;
  /** MiB, after a forced collection. */
  readonly residentMegabytes: number;
  /** Bytes that domains are charged for on the shared heap. */
  readonly heapBytes: number;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [720, 320, 64, 48, 40, 16];

/** Both curves start at 0, so that a slope is as steep as it is. */
export function churnPlot(samples: readonly Sample[]): string {
  const last = samples.at(-1)?.cycles ?? 1;
  const most = Math.max(1, ...samples.map(({ residentMegabytes }) => residentMegabytes)) * 1.1;
  const x = (cycles: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * cycles) / last;
  const y = (megabytes: number): number => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * megabytes) / most;
  const line = (of: (sample: Sample) => number): string =>
    samples.map((each) => `${x(each.cycles).toFixed(1)},${y(of(each)).toFixed(1)}`).join(" ");
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const [cycles, megabytes] = [Math.round(last * part), most * part];
    return [
      `<text x="${x(cycles)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${cycles}</text>`,
      `<text x="${LEFT - 8}" y="${y(megabytes) + 4}" text-anchor="end">${megabytes.toFixed(0)}</text>`,
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(megabytes)}" y2="${y(megabytes)}" stroke="#ddd"/>`,
    ].join("\n");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="20" font-size="14">Memory over ${last} domains created, used and dead (MiB)</text>`,
    ...ticks,
    `<polyline points="${line(({ residentMegabytes }) => residentMegabytes)}" fill="none" stroke="#c33" stroke-width="2"/>`,
    `<polyline points="${line(({ heapBytes }) => heapBytes / 2 ** 20)}" fill="none" stroke="#36c" stroke-width="2"/>`,
    `<text x="${WIDTH - RIGHT}" y="20" text-anchor="end"><tspan fill="#c33">resident, after a collection</tspan>  <tspan fill="#36c">on the shared heap</tspan></text>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle">cycles</text>`,
    "</svg>\n",
  ].join("\n");
}
