/**
 * What a module's imports ask for, sorted by who answers: the same for every generation, so it is worked out once for all of them.
 * Called by `birth.ts`. Grants nothing.
 */
import type { Interface, MethodDescription, ResourceType, SharedType } from "../../idl/idl.ts";
import type { LoadedModule } from "../../loader/load.ts";

export interface ImportPlan {
  readonly usesKernel: boolean;
  /** It lets callers wait. */
  readonly usesQueues: boolean;
  /** Those that it creates or drops. */
  readonly sharedTypes: readonly SharedType[];
  /** Those that it drops. */
  readonly resources: readonly ResourceType[];
  readonly interfaces: readonly {
    readonly owner: Interface;
    /** Methods that it calls on instances: whoever exports those answers. */
    readonly methods: readonly MethodDescription[];
    /** It uses more than methods of instances, which needs a grant. */
    readonly needsGrant: boolean;
  }[];
}

const known: WeakMap<LoadedModule, ImportPlan> = new WeakMap();

export function importPlanOf(loaded: LoadedModule): ImportPlan {
  const plan = known.get(loaded) ?? planOf(loaded);
  known.set(loaded, plan);
  return plan;
}

function planOf({ world, imports }: LoadedModule): ImportPlan {
  const wanted = new Set(imports.map(({ module, name }) => `${module} ${name}`));
  return {
    usesKernel: imports.some(({ module }) => module === "kernel"),
    usesQueues: imports.some(({ module, name }) => module === "kernel" && name.startsWith("queue-")),
    sharedTypes: world.sharedTypes.filter(
      ({ interfaceId, name }) => wanted.has(`${interfaceId} [constructor]${name}`) || wanted.has(`${interfaceId} [resource-drop]${name}`),
    ),
    resources: world.resources.filter(({ interfaceId, name }) => wanted.has(`${interfaceId} [resource-drop]${name}`)),
    interfaces: world.imports.map((owner) => {
      const used = owner.functions.filter(({ name }) => wanted.has(`${owner.id} ${name}`));
      return { owner, methods: used.filter(isMethod), needsGrant: !used.every(isMethod) || wanted.has(`${owner.id} [alive]`) };
    }),
  };
}

/** A method reaches whoever exports the instance that it is called on, whatever is granted. */
export function isMethod({ role }: MethodDescription): boolean {
  return role?.kind === "method";
}
