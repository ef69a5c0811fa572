/**
 * What an interface means once it is resolved: the types that the loader, the kernel, the build and the
 * generators share. Made by `resolve.ts`, `layout.ts` and `lower.ts`, never by hand, and never changed afterwards.
 * Holds types only. Sources: [WIT].
 */

export type Scalar = "bool" | "char" | "u8" | "u16" | "u32" | "u64" | "s8" | "s16" | "s32" | "s64" | "f32" | "f64";

/** A named type of a WIT interface; `interfaceId` and `name` together are unique in a world. */
export interface EnumType {
  readonly kind: "enum";
  readonly name: string;
  readonly interfaceId: string;
  /** A value crosses as the index into this list. */
  readonly cases: readonly string[];
}

/** At most 32 flags; bit i of the word is `flags[i]`. */
export interface FlagsType {
  readonly kind: "flags";
  readonly name: string;
  readonly interfaceId: string;
  readonly flags: readonly string[];
}

export interface RecordType {
  readonly kind: "record";
  readonly name: string;
  readonly interfaceId: string;
  readonly fields: readonly { readonly name: string; readonly type: HostType }[];
}

export interface VariantType {
  readonly kind: "variant";
  readonly name: string;
  readonly interfaceId: string;
  /** A value crosses as the index into this list, followed by the case's value. */
  readonly cases: readonly { readonly name: string; readonly type: HostType | undefined }[];
}

/** A capability: a `resource` with methods, or without any member. Its instances live in the domain that exports its interface. */
export interface ResourceType {
  readonly name: string;
  readonly interfaceId: string;
  /** First four bytes, little endian, of SHA-256 of `canonical`; never 0. */
  readonly id: number;
  /** The resource's members and every type within their reach, written out. */
  readonly canonical: string;
}

/** The source-level type of a parameter or result, for typed calls from the host and for the generators. */
export type HostType =
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | { readonly kind: "string" }
  | EnumType
  | FlagsType
  | RecordType
  | VariantType
  | { readonly kind: "tuple"; readonly items: readonly HostType[] }
  | { readonly kind: "option"; readonly item: HostType }
  /** `length` undefined = any length. */
  | { readonly kind: "list"; readonly item: HostType; readonly length: number | undefined }
  | { readonly kind: "own"; readonly shared: SharedType }
  | { readonly kind: "borrow"; readonly shared: SharedType }
  | { readonly kind: "handle"; readonly mode: "own" | "borrow"; readonly resource: ResourceType }
  | { readonly kind: "result"; readonly ok: HostType | undefined; readonly error: HostType | undefined };

/**
 * Plain data in a shared object, read and written in place. An enum is u8 (u16 above 256 cases); flags are u8, u16 or u32; records
 * and tuples lie as C lays out structs: each part at its natural alignment, the whole padded to that of its widest part.
 */
export type PlainType =
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | { readonly kind: "enum"; readonly scalar: "u8" | "u16"; readonly type: EnumType }
  | { readonly kind: "flags"; readonly scalar: "u8" | "u16" | "u32"; readonly type: FlagsType }
  | { readonly kind: "array"; readonly item: PlainType; readonly length: number }
  | PlainRecord
  | { readonly kind: "tuple"; readonly fields: readonly PlainField[]; readonly sizeBytes: number; readonly alignment: number };

export interface PlainRecord {
  readonly kind: "record";
  readonly name: string;
  readonly interfaceId: string;
  readonly fields: readonly PlainField[];
  readonly sizeBytes: number;
  readonly alignment: number;
}

/** `offset` from the start of the record or tuple; a tuple's parts are `item0`, `item1`, … */
export interface PlainField {
  readonly name: string;
  readonly type: PlainType;
  readonly offset: number;
}

/** Names a shared type, which may be the one that mentions it: a list's node holds the next node. */
export interface SharedRef {
  readonly name: string;
  readonly interfaceId: string;
  readonly id: number;
}

/**
 * The type of one field in the shared heap. A slot is a word with the base of a child, or 0; the heap knows the children, so a slot
 * that somebody scribbled on is found out.
 */
export type FieldType =
  | PlainType
  /** `option<t>`: one slot. */
  | { readonly kind: "owned"; readonly target: SharedRef }
  /** `list<option<t>, N>`: N slots. */
  | { readonly kind: "slots"; readonly target: SharedRef; readonly length: number }
  /** The same in a type marked `@deque`: index of the front, number of children, then N slots in a ring. Always the only field. */
  | { readonly kind: "deque"; readonly target: SharedRef; readonly length: number }
  /** `list<t>`: as many items as the object was created for. Always the last field. */
  | { readonly kind: "vec"; readonly item: PlainType };

/** A type whose values live on the shared heap: in WIT a `resource` with nothing but a constructor of its fields. */
export interface SharedType {
  /** First four bytes, little endian, of SHA-256 of `canonical`; never 0. What the heap stores per object. */
  readonly id: number;
  readonly name: string;
  readonly interfaceId: string;
  /** Without the items of a `vec`. */
  readonly sizeBytes: number;
  /** Naturally aligned, in declaration order; `offset` in bytes. */
  readonly fields: readonly { readonly name: string; readonly type: FieldType; readonly offset: number }[];
  /**
   * For example `sumac:block/types@0.1.0#block{data:list<u8,4096>}`. The types of children, and of their children, follow behind
   * `;`: equal ids mean equal trees.
   */
  readonly canonical: string;
}

/** A core parameter (its index among the i32 parameters) that names a shared object of type `type`. */
export interface ObjectParam {
  readonly param: number;
  readonly type: number;
}

/** A core parameter that names an instance of a capability: a handle, or for the resource's own exporter its representation. */
export interface HandleParam {
  readonly param: number;
  readonly mode: "own" | "borrow";
  readonly resource: ResourceType;
}

/** A word that holds a value of less than 32 bits' range. The kernel refuses any other. */
export interface WordCheck {
  /** Index of the core parameter; of a result the index in the return area, or -1 for the core result. */
  readonly word: number;
  /** The word, unsigned, is below this. */
  readonly below: number;
  /** Surrogates are refused as well. */
  readonly isChar: boolean;
}

/** What a function of a resource is to it. */
export interface ResourceRole {
  readonly resource: ResourceType;
  readonly kind: "constructor" | "method" | "static";
  /** `add` of `[method]counter.add`; empty for a constructor. */
  readonly member: string;
}

export interface SourceParam {
  readonly name: string;
  readonly type: HostType;
  /**
   * Index of its first core parameter; a u64, s64 or f64 takes two (lo, hi), a record those of its parts, everything else one.
   * Where the parameters cross as a message, the message's index for all of them.
   */
  readonly param: number;
}

/** All that a proxy needs to know of a function. Core parameters are i32 without exception. */
export interface MethodDescription {
  /** `read`; of a resource `[constructor]counter`, `[method]counter.add` or `[static]counter.merge`. */
  readonly name: string;
  /** Undefined for a function of the interface itself. The first parameter of a method is its instance, `self`. */
  readonly role: ResourceRole | undefined;
  /** Number of core i32 parameters. */
  readonly params: number;
  /** Parameters whose object changes owner from caller to callee. */
  readonly moves: readonly ObjectParam[];
  /** Parameters whose object the callee may read until it returns. */
  readonly borrows: readonly ObjectParam[];
  readonly handles: readonly HandleParam[];
  readonly paramChecks: readonly WordCheck[];
  /**
   * The types that the message holds in which the parameters cross (all of them but a method's `self`); undefined where they cross
   * as words. The message is the last core parameter, and among `borrows`.
   */
  readonly paramsMessage: readonly HostType[] | undefined;
  /**
   * The core result. `packed` is a `result<T, E>`: 0 = the call itself failed (ask the status), 1 + case = the error,
   * 64 = ok, or >= 64 = ok with the base of the returned object when `resultMove` is set.
   */
  readonly result: "none" | "i32" | "packed";
  /** With `packed`: how many errors there are; a `result` without an error type has one. */
  readonly packedErrors: number;
  /** Type id of the object whose base is in the core result and whose owner becomes the caller; a message has MESSAGE_TYPE. */
  readonly resultMove: number | undefined;
  /** What the returned message holds: with `packed` the ok value, otherwise the whole result. */
  readonly resultMessage: HostType | undefined;
  /** The core result, or with `packed` word 0 of the return area, names an instance that becomes the caller's. */
  readonly resultHandle: ResourceType | undefined;
  readonly resultChecks: readonly WordCheck[];
  /** How many words of the return area the callee fills and the proxy copies (with `packed`: when the call is ok). */
  readonly resultWords: number;
  /** From `@deadline`: the budget after which the callee itself is at fault. */
  readonly budgetMicros: number | undefined;
  readonly idempotent: boolean;
  /** From `@fills`: parameters whose moved objects the callee only fills, so that a replay may give fresh ones. */
  readonly fills: readonly string[];
  readonly reentrant: boolean;
  readonly sourceParams: readonly SourceParam[];
  readonly sourceResult: HostType | undefined;
}

/** The types that an interface defines itself, besides its shared types. */
export type NamedType = EnumType | FlagsType | RecordType | VariantType;

export interface Interface {
  /** For example `sumac:block/bdev@0.1.0`; the module name of its core imports. */
  readonly id: string;
  readonly functions: readonly MethodDescription[];
  readonly sharedTypes: readonly SharedType[];
  readonly namedTypes: readonly NamedType[];
  /** The capabilities that it defines; their members are among `functions`. */
  readonly resources: readonly ResourceType[];
  /** The canonical text, with every used type spelled out: what importer and exporter must agree on. */
  readonly canonical: string;
  /** SHA-256 of `canonical`, in hex: equal if and only if two sides may be linked. */
  readonly hash: string;
}

export interface World {
  /** For example `acme:hello@0.1.0`. */
  readonly packageId: string;
  readonly name: string;
  /** The capabilities: each has at least one function and needs a grant. An interface of types only is not here. */
  readonly imports: readonly Interface[];
  readonly exports: readonly Interface[];
  /** Functions that the world exports itself, such as `init`; their core name is their own name. */
  readonly functions: readonly MethodDescription[];
  /** Every shared type that a function of the world can mention, and those of imported interfaces of types. */
  readonly sharedTypes: readonly SharedType[];
  /** Every capability that a function of the world can mention; a domain may drop what it holds of them. */
  readonly resources: readonly ResourceType[];
  /** What the section `sumac:world` holds: this world and the packages it needs, in canonical form. */
  readonly text: string;
}

/** A core function that a module may import or must export. */
export interface CoreFunction {
  /** The import's module name; empty for an export. */
  readonly module: string;
  readonly name: string;
  readonly params: readonly "i32"[];
  readonly results: readonly "i32"[];
}

/** One domain's generated AssemblyScript. */
export interface GeneratedSource {
  /** Path below the domain's folder (`gen/world.ts`, …) to text. */
  readonly files: ReadonlyMap<string, string>;
  /** The entry to compile, one of `files`. */
  readonly entry: string;
  /** Exported identifier to canonical core export name: what the build renames. */
  readonly exportNames: ReadonlyMap<string, string>;
  /** What the compiler links in: nothing that frees where nothing is allocated. */
  readonly runtime: "stub" | "incremental";
}
