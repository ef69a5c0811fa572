/** Horizontal bars as an SVG text. The only file that knows the charting library, which draws without a browser. */
import { type EChartsOption, init } from "echarts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Written at the right of the bar. */
  readonly text: string;
  readonly kind: Kind;
  /** What the bar must not pass, or must reach; drawn as a line across it. */
  readonly limit?: number;
}

/** Whose figure it is. */
export type Kind = "sumac" | "peer" | "baseline" | "published";

export interface Chart {
  readonly title: string;
  /** What the axis counts. */
  readonly axis: string;
  readonly bars: readonly Bar[];
  /** A line from top to bottom. */
  readonly line?: { readonly at: number; readonly text: string };
}

const COLORS: Readonly<Record<Kind, string>> = { sumac: "#b3343a", peer: "#7a8699", baseline: "#3a7d5d", published: "#c9a227" };
const LEGENDS: Readonly<Record<Kind, string>> = {
  sumac: "Sumac",
  peer: "others, measured",
  baseline: "without isolation",
  published: "as published",
};
const INK = "#333333";
const [WIDTH, BAR_HEIGHT, TOP, BOTTOM, LEFT, RIGHT] = [900, 24, 84, 48, 210, 160];
const LIMIT_WIDTH = 3;

export function drawBars(picture: Chart): string {
  const { bars, line } = picture;
  const height = TOP + BOTTOM + BAR_HEIGHT * bars.length;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    const values = bars.flatMap(({ value, limit }) => (limit === undefined ? [value] : [value, limit]));
    chart.setOption(optionOf(picture, axisOf([...values, ...(line === undefined ? [] : [line.at])])));
    return `${renumbered(chart.renderToSVGString())}\n`;
  } finally {
    chart.dispose();
  }
}

/** The library numbers what it draws through a whole process; a file's own order makes the same bytes of the same results. */
function renumbered(svg: string): string {
  const ids = new Map<string, string>();
  return svg.replace(/\bzr\d+-[\w-]+/g, (id) => {
    const known = ids.get(id) ?? `c${ids.size}`;
    ids.set(id, known);
    return known;
  });
}

interface Axis {
  readonly base: 2 | 10;
  readonly min: number;
  readonly max: number;
}

/** Whole powers around the values: of ten, or of two where a few of them are enough. */
function axisOf(values: readonly number[]): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const base = most / least < 40 ? 2 : 10;
  const power = (value: number, round: (n: number) => number): number => base ** round(Math.log(value) / Math.log(base));
  return { base, min: power(least * 0.9, Math.floor), max: power(most * 1.02, Math.ceil) };
}

function optionOf({ title, axis, bars, line }: Chart, { base, min, max }: Axis): EChartsOption {
  const kinds = (Object.keys(COLORS) as Kind[]).filter((kind) => bars.some((bar) => bar.kind === kind));
  const names = { type: "category" as const, inverse: true, axisTick: { show: false }, axisLabel: { color: INK, interval: 0 } };
  return {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "sans-serif", color: INK },
    title: { text: title, left: 12, top: 8, textStyle: { fontSize: 15, color: INK } },
    legend: {
      top: 34,
      left: 12,
      itemWidth: 14,
      itemHeight: 10,
      itemGap: 28,
      textStyle: { color: INK },
      data: kinds.map((kind) => LEGENDS[kind]),
    },
    grid: { left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM },
    xAxis: {
      type: "log",
      logBase: base,
      min,
      max,
      name: axis,
      nameLocation: "middle",
      nameGap: 28,
      axisLabel: { color: INK },
      nameTextStyle: { color: INK },
    },
    // Figures stand in a column of their own, where no mark of a limit crosses them.
    yAxis: [
      { ...names, data: bars.map(({ label }) => label) },
      { ...names, data: bars.map(({ text }) => text), axisLine: { show: false } },
    ],
    series: [
      ...kinds.map((kind) => ({
        type: "bar" as const,
        name: LEGENDS[kind],
        // The kinds lie on each other; of each category only one has a bar.
        barGap: "-100%",
        silent: true,
        barWidth: BAR_HEIGHT * 0.62,
        itemStyle: { color: COLORS[kind] },
        data: bars.map((bar) => (bar.kind === kind ? bar.value : "-")),
      })),
      {
        type: "scatter",
        silent: true,
        symbol: "rect",
        symbolSize: [LIMIT_WIDTH, BAR_HEIGHT * 0.9],
        itemStyle: { color: INK },
        z: 5,
        data: bars.flatMap(({ limit }, at) => (limit === undefined ? [] : [[limit, at]])),
        ...(line === undefined ? {} : { markLine: lineAt(line) }),
      },
    ],
  };
}

function lineAt({ at, text }: NonNullable<Chart["line"]>): object {
  return {
    symbol: "none",
    silent: true,
    lineStyle: { color: COLORS.baseline, width: 1.5 },
    // At the upper end: the axis writes its figures below the lower one.
    label: { formatter: text, color: COLORS.baseline, position: "start", distance: 4 },
    data: [{ xAxis: at }],
  };
}
