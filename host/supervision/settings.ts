/**
 * What a manifest or a program says about supervision, in OTP's words, and what it means where it says nothing.
 * Read by `tree.ts`, the manifest and `sumac explain`. Data only.
 */

/** Who restarts when a member dies: it alone, all of its group, or it and those that were created after it. */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";

/** After which deaths a domain is restarted: any; any but being killed on purpose; none. */
export type RestartKind = "permanent" | "transient" | "temporary";

/** The numbers of a group. */
export interface GroupNumbers {
  readonly strategy: Strategy;
  /** Restarts within `periodMs`; with the next death the group gives up. */
  readonly intensity: number;
  readonly periodMs: number;
  /** Wait before the second restart within a period; doubles with each further one. The first is at once. */
  readonly firstWaitMs: number;
  readonly mostWaitMs: number;
  /** The share of a wait, 0 to 1, that chance may take away. */
  readonly jitter: number;
}

export interface GroupSettings extends Partial<GroupNumbers> {
  /** The group that this one belongs to; the system's own where nothing is said. */
  readonly parent?: string;
  /** Whether the parent restarts it when it gave up. */
  readonly restart?: "permanent" | "temporary";
}

/** Of the system: the numbers of its own group, and further groups by name. */
export interface SupervisionSettings extends Partial<GroupNumbers> {
  readonly groups?: Readonly<Record<string, GroupSettings>>;
}

/** A function without parameters that is called again and again while no call is in progress. */
export interface HealthSettings {
  readonly interface: string;
  readonly method: string;
  /** Between the end of one call and the beginning of the next. */
  readonly everyMs: number;
  /** The budget of the call. */
  readonly deadlineMs: number;
}

/** Of one domain. */
export interface MemberSettings {
  readonly group?: string;
  readonly restart?: RestartKind;
  readonly health?: HealthSettings;
}

/** The group that every other one is in. */
export const SYSTEM_GROUP = "system";

export const DEFAULT_GROUP: GroupNumbers = {
  strategy: "one_for_one",
  intensity: 3,
  periodMs: 5000,
  firstWaitMs: 1,
  mostWaitMs: 1000,
  jitter: 0.5,
};

/** The groups of a system, each after its parent, with nothing left out. @returns undefined where a parent is missing or a circle closes */
export function groupsInOrder({ groups = {}, ...own }: SupervisionSettings): ReadonlyMap<string, Required<GroupSettings>> {
  const ordered = new Map<string, Required<GroupSettings>>();
  ordered.set(SYSTEM_GROUP, { ...DEFAULT_GROUP, ...own, parent: "", restart: "permanent" });
  for (let before = 0; before < ordered.size; ) {
    before = ordered.size;
    for (const [name, settings] of Object.entries(groups)) {
      const { parent = SYSTEM_GROUP, restart = "permanent" } = settings;
      if (!ordered.has(name) && ordered.has(parent)) ordered.set(name, { ...DEFAULT_GROUP, ...settings, parent, restart });
    }
  }
  return ordered;
}
