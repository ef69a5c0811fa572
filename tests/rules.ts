/**
 * Which tests prove which rule of docs/rules.md: "file › name of the test". Read by `check-rules.ts`, which fails the gate
 * when a rule has no test, a test does not exist, or a rule is not documented.
 */

const at = (file: string, ...names: readonly string[]): string[] => names.map((name) => `tests/${file}.test.ts › ${name}`);

export const RULES: Readonly<Record<string, readonly string[]>> = {
  // ---- what a module may be ----
  L1: [
    ...at("cli/run", "bad input: an unsigned module runs only when it is named"),
    ...at("cli/sign-verify", "verify ends with exit code 2 and one line for every kind of bad module"),
    ...at(
      "loader/signature",
      "verifyModule refuses a module without a signature, naming the remedy",
      "verifyModule refuses every change of a single byte",
      "verifyModule refuses truncation at every length",
      "verifyModule refuses every kind of appended tail",
      "verifyModule refuses a signature over a part of the module only",
      "verifyModule refuses unknown keys, and ids that name another key",
    ),
    ...at(
      "loader/signature-vectors",
      "verifyModule accepts the specification's second example, whole and up to each of its delimiters",
      "verifyModule loses a signer with every change of a single byte of a module that two signed, and gains none",
    ),
  ],
  L2: at(
    "hostile/modules",
    "importing memory 1, the kernel's globals or its functions oneself is refused",
    "a function that the world does not grant cannot be imported, nor a granted one under another type",
  ),
  L3: [
    ...at("hostile/modules", "exports beyond the world's, of anything but own functions, are refused"),
    ...at("loader/check/refused", "check: refuses reserved export names and accepts those of interfaces"),
  ],
  L4: [
    ...at("hostile/modules", "a catch_all around everything is refused by name, and so is all that could swallow or evade an unwinding"),
    ...at("loader/check/refused", "check: the refusal of an instruction names its offset"),
  ],
  L5: [
    ...at("hostile/modules", "a module cut short, altered or appended to ends in one error with its offset"),
    ...at(
      "loader/check/robust",
      "check: a module cut off anywhere is malformed, unless what is left is a whole module",
      "check: a module with a byte left out or doubled anywhere is no surprise",
      "check: random bytes in a module are no surprise",
    ),
  ],
  L6: [
    ...at("hostile/modules", "a memory beyond the quota, or a segment beyond the declared memory, is refused"),
    ...at("hostile/quotas", "memory: growing past the quota fails, nothing beyond it can be touched, and the domain goes on"),
    ...at("hostile/quota-edges", "pages of memory at birth: below and at the quota a domain is born, above it is refused"),
  ],
  L7: [
    ...at(
      "loader/audit-mutants",
      "auditHardened: refuses every alteration of every byte of every safepoint",
      "auditHardened: refuses every flipped bit in every guard function",
      "auditHardened: refuses every alteration of the imports but the own memory's minimum",
      "auditHardened: whatever single altered byte it accepts is harmless or no module for V8",
    ),
    ...at(
      "loader/audit-mutants-kinds",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
      'auditHardened: refuses every mutant of the kind "${name}"',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
      "auditHardened: of ${RANDOM_MUTANTS} random changes of instructions, those that it accepts are harmless or no module for V8",
    ),
  ],
  L8: [
    ...at("hostile/loops", "a loop without end in init or in the start function, by every means, fails the birth and leaves nothing"),
    ...at("kernel/births", "init may call others, and lives when its callee dies"),
  ],
  L9: [
    ...at(
      "loader/fingerprint",
      "checkFingerprint refuses a fingerprint that is not true of content, world, interfaces or imports",
      "checkFingerprint refuses a second fingerprint, and is content with none",
      "parseFingerprint accepts the one form and no other",
      "the loader refuses a module whose fingerprint lies, and records a true one with what it made of the module",
    ),
  ],
  L10: [
    ...at(
      "system/trust",
      "a system demands signers of each role, and a module that one of them did not sign is refused",
      "a domain's demands add to its system's and never lower them",
      "keys that are revoked or have expired meet no demand, and are named",
      "who lets a module run unsigned does not lift what the system demands",
      "a system demands anything of the fingerprint, and of the hardening",
    ),
    ...at(
      "loader/key-set",
      "a key counts from its first moment on and from its last one on no more",
      "a revoked key counts for nothing it ever signed, and the other signers still do",
      "trustedKeys refuses one key under two names, which would count twice",
    ),
    ...at(
      "loader/strict-json",
      "a manifest, a policy and a key set in which a name stands twice are refused: neither reading is the right one",
    ),
    ...at("loader/trust-policy", "demandSigners counts holders and not keys, so that rotation gives nobody two votes"),
  ],

  // ---- who may touch what ----
  H1: [
    ...at(
      "hostile/modules",
      "importing memory 1, the kernel's globals or its functions oneself is refused",
      "guard functions cannot be replaced, exported, retyped, or reached where they are the loader's own",
    ),
    ...at("loader/check/refused", "check: refuses a memory index in a memory access, whatever it names"),
  ],
  H2: at(
    "hostile/ownership",
    "a foreign object: no guard function reads, writes or describes it",
    "a borrowed object: every read passes, every write is a trap, the lender goes on",
  ),
  H3: at(
    "hostile/ownership",
    "a borrowed object: every read passes, every write is a trap, the lender goes on",
    "a borrowed object: the owner reads it while it is lent and cannot write it",
  ),
  H4: at(
    "hostile/guard-edges",
    "loads over the edge into a foreign granule, of every width, read one's own bytes, or trap with the debug guard",
    "stores over the edge into a foreign granule, of every width, stay in one's own, or trap with the debug guard",
  ),
  H5: at(
    "hostile/guard-edges",
    "bulk ranges beyond an object or a memory, also with wrapped lengths: a trap before the first byte moves",
    "ranges longer than a chunk are checked as a whole, too",
  ),
  H6: at("hostile/ownership", "a moved object: the next access of any kind by its former owner is a trap"),
  H7: at("hostile/guard-edges", "objects are zero when a domain first sees them, whatever the last owner left in them and behind them"),
  H8: [
    ...at(
      "hostile/guard-edges",
      "tables, control words and free space: no address of them can be read or written",
      "an entry forged in one's own object, reached by an address beyond the heap, gives no right",
    ),
    ...at("shared-heap/guard-scalars", "guard: rights of a dead generation do not reach its successor in the same slot"),
  ],
  H9: at(
    "hostile/guard-edges",
    "a guard function called by table keeps its checks, and a wrong type is a trap",
    "status, result and setResult know no index beyond their words",
    "a length of zero touches nothing, wherever it points",
  ),
  H10: [
    ...at("hostile-review/pins", "what is dropped while it is pinned ends somewhere: a quota is not a quota per pin"),
    ...at(
      "hostile/quotas",
      "objects and bytes: an allocation beyond either quota answers 0, and what was freed can be had again",
      "a move to a callee whose quota is full is refused with a reason of its own; the caller keeps the object",
      "a client with a full quota cannot fill the quota of a service by asking for objects that it cannot take",
    ),
    ...at(
      "shared-heap/spread",
      "spread: the bound, at it, below and above",
      "spread: large objects on top of the holes do not take the rest",
    ),
  ],
  H11: [
    ...at(
      "hostile/ownership",
      "drop of anything but an object of one's own, of its type, is a trap",
      "an argument that may not pass: the call is refused, nothing changes, the caller still owns and writes it",
    ),
    ...at("hostile/forgery", "a base that is not the callee's own object, of the type, at its start, is refused and nothing changes hands"),
  ],
  H12: [
    ...at("hostile/forged-slots", "put accepts a child in a slot for its type and nowhere else"),
    ...at("kernel/trees", "whoever borrows a tree can neither take a child out of it nor put one in"),
  ],
  H13: at(
    "hostile/forged-slots",
    "a slot that names anything but a child of its object and type reads as empty, and can be filled",
    "slots that all name one child hold it once",
    "a deque whose words were forged gives what children it finds, and ends",
  ),
  H14: at(
    "shared-heap/trees",
    "move: the tree is undone wherever in it a lent or pinned object is",
    "move: the receiver's quota is for the whole tree, in bytes and in objects",
    "borrow: of a tree that needs more rows than are left is refused, and every object is as it was",
    "put: no object can be put into its own descendant at any depth",
  ),
  H15: at(
    "shared-heap/trees",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
    "${how}: what is lent of a tree stays whole for its reader and goes when he returns it",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
    "${how}: what is pinned of a tree becomes a root of its own until the last unpin",
    "trees: a list of a million objects is built, moved, lent in part and dropped",
  ),
  H16: at(
    "shared-heap/cpus",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
    "heap: ${cpus} CPUs give, lend, nest and drop at once: no byte of another owner, no loss, the audit holds",
    "retired rows: a row that an object left keeps its nodes until every CPU has called",
  ),

  // ---- calls ----
  C1: [
    ...at(
      "hostile/ownership",
      "an argument that may not pass: the call is refused, nothing changes, the caller still owns and writes it",
      "a borrower can lend on what it borrowed, and neither move nor drop it",
    ),
    ...at("kernel/object-text", "moveStatement: whatever number stands for an object, what is none of the caller's is refused"),
  ],
  C2: [
    ...at("kernel/calls", "a lent object is its lender's again after its borrower died of it"),
    ...at(
      "hostile/calls",
      "a callee that goes on after its caller's deadline: the caller gets late, the callee lives, its late object is dropped",
    ),
    ...at("hostile/quotas", "lending charges nobody, and a borrower's death or return leaves the lender's account as it was"),
  ],
  C3: at("kernel/calls", "a moved object is dropped when its callee dies, however far it came, and a lent one is its lender's again"),
  C4: at(
    "hostile/forgery",
    "a packed result that is no value of its type, the bit pattern of a death among them, is refused and nobody dies",
    "last words cannot make a trap a death by quota: only a refusal that the kernel remembers does",
    "the status of a failed call is gone after the next that returned, and names domain and generation",
  ),
  C5: at(
    "kernel/chains",
    "a member that traps after its callee returned: its caller is told the trap, nobody else dies",
    "several members die in one call: each living caller is told of its own callee only",
  ),
  C6: [
    ...at(
      "kernel/chains",
      "a member killed while deeper ones run: its caller is told who was killed, nobody else dies",
      "a member over its budget while deeper ones run: its caller is told the deadline, nobody else dies",
      "every position of a chain of 64, killed one after the other from the end: each time the caller above is told",
      "a whole chain killed at its end: the host is told of the outermost, all are gone",
    ),
    ...at("hostile/calls", "a domain that has itself killed, or its caller, dies when control comes back to it, and the rest goes on"),
  ],
  C7: [
    ...at("hostile/calls", "a dead domain answers dead, takes no object, and its restart does not bring old links back"),
    ...at(
      "kernel/links",
      "the supervisor's restart binds the links of its holder anew, and nobody else's",
      "a link to a dead generation stays dead when its slot serves another domain",
    ),
  ],
  C8: at(
    "hostile/stack",
    "every callee has its share of the stack, whatever its caller left",
    "a callee that dies where its caller has used the stack up is buried all the same, and its caller told",
    "a supervisor that restarts at every depth leaves no half-born domain",
  ),
  C9: at(
    "hostile/calls",
    "a circle of calls is refused where it closes, and everybody in it lives",
    "the error of a circle names every domain in it",
  ),
  C10: at("hostile/calls", "a chain of calls ends at 255 by an error of the one that went too deep, and everybody lives"),
  C11: [
    ...at("hostile/calls", "what a host function throws is an error of the call; the caller lives and gets its objects back"),
    ...at(
      "kernel/host-functions",
      "hostFunctions: what the application throws ends the call with the status host, and is told",
      "hostFunctions: an answer that is none of its type is the application's fault, and told with its place",
      "hostFunctions: a promise ends the call with blocked, and its failure ends nothing else",
    ),
  ],
  C12: at(
    "kernel/relay",
    "relay: the caller gets gave-up with the victim and the chain of causes, and who gave up lives on",
    "relay: what failed in an earlier call is no reason, nor what failed in the same domain further out",
    "relay: without a failed call, or in init, it is a fault of the caller",
    "relay: who calls another domain afterwards dies of it, and a trap afterwards is a trap",
  ),
  C13: [
    ...at(
      "hostile/messages",
      "a string that is no UTF-8 is refused at every place in a word, and its neighbour is not",
      "lengths, counts, cases and numbers outside their types are refused before the callee is entered",
      "every cut and every altered byte of a message is accepted exactly where it still is a value",
      "a returned message that holds no value of its type is dropped, and never reaches the caller",
    ),
    ...at(
      "kernel/message-walk",
      "MessageWalk: a message holds a bounded number of objects, and loops inside each other as deep as types go",
    ),
    ...at(
      "hostile/words",
      "words outside their types are refused in both directions, and integers are taken modulo their width",
      "words of a result outside their types are refused, also behind a packed result",
    ),
  ],
  C14: at(
    "hostile/messages",
    "objects in a message: all are passed or none, and every one is still its owner's",
    "a callee without room for the objects of a message gets none of them",
    "a result with an object that its sender does not own is refused, and what it owned stays with it",
    "objects in a message are the callee's when it dies, and borrowed ones their owner's",
  ),
  C15: at(
    "hostile/messages",
    "a base that is no message of the caller's: the call is refused, and the sender lives",
    "a callee that drops or writes the message that it was lent ends itself, and its caller gets the message back",
    "a result that is no message of the callee's is refused, and nobody dies of it",
  ),

  // ---- time ----
  U7: [
    ...at(
      "kernel/cpus/migration",
      "a domain goes to another CPU and back with memory, globals, table, object and generation",
      "callers on every CPU go on, those bound to it as well as those that follow",
      "no call is lost while CPUs hammer at it and it goes from one to the next",
      "who hands an object to a domain that moves hands it to that domain, or keeps it",
      "a link that does not follow stays dead when its holder moves, although another generation lives",
      "what keeps a domain where it is is said by name, and it lives on there",
      "where the other CPU cannot make it, it stays, and what was begun there leaves nothing behind",
    ),
  ],
  T1: [
    ...at("hostile/loops", "a loop without end in a call, by every means, ends by deadline in its caller"),
    ...at(
      "loader/audit-mutants",
      "auditHardened: refuses every alteration of every byte of every loop's shape, but a larger weight",
      "auditHardened: refuses every alteration of every byte that sets up a countdown",
    ),
    ...at("loader/harden/safepoints", "harden: a loop asks once for every budget of instructions"),
  ],
  T2: [
    ...at("hostile/loops", "one bulk instruction over a whole large memory does not delay the end of its domain"),
    ...at("loader/harden/safepoints", "harden: memory.copy and memory.fill ask once for every 64 KiB when they are large"),
  ],
  T3: [
    ...at(
      "hostile/loops",
      "a loop without end in a call, by every means, ends by deadline in its caller",
      "an interface's own deadline ends a call of it, whatever the manifest allows",
    ),
    ...at("hostile/calls", "a callee that overruns its own budget dies, although its caller's deadline passed long before"),
    ...at("kernel/deadlines", "a deadline holds for the first call after the watchdog went to sleep"),
  ],
  T4: [
    ...at("hostile/loops", "a loop without end in init or in the start function, by every means, fails the birth and leaves nothing"),
    ...at(
      "kernel/deadlines",
      "an init that a supervisor starts inside a call has its own budget; its overrun is an answer to the supervisor",
    ),
  ],
  T5: at(
    "hostile/calls",
    "a callee that goes on after its caller's deadline: the caller gets late, the callee lives, its late object is dropped",
  ),
  T6: [
    ...at(
      "kernel/watchdog",
      "a late tick: the number of a call that has ended, or never was, ends nobody",
      "Sampler starts anew with every sequence number at the same depth, also after calls that it never saw",
      "Sampler does not charge time in which it was not scheduled itself",
    ),
    ...at("campaigns/deadlines/deadlines", "calls that end while the watchdog's tick for them is on its way: no tick ends the call behind"),
    ...at("kernel/cpu-time", "who is told of is let go when it is none that has used up its time: a late tick closes and ends nobody"),
  ],
  T7: [
    ...at(
      "kernel/cpu-accounts",
      "Accountant: below its budget nothing is told; at it, it is, and once per sample that sees it run",
      "Accountant: who has used its budget twice, and what a stall may charge, is told of with the call that it is in",
      "Accountant: no change of calls or threads helps who runs on, nor calls of others in between",
      "Accountant: what was used beyond the budget counts in the windows after",
      "Sampler: with pauses that are all the same a domain could be away for each sample; with these it cannot",
    ),
    ...at(
      "kernel/cpu-time",
      "who has used up its time is not called until its window ends; the error says so, and nobody dies",
      "the watchdog: a domain that works all the time is kept out, let in when its window has ended, and kept out again",
      "the watchdog: a call that runs on when the time of its callee is used up ends as one over its budget",
      "a domain gains no time by dying: its successor's window goes on from there",
    ),
    ...at(
      "hostile/quota-edges",
      "CPU time in a window: well below its budget calls are answered, above it they are refused; a budget of 0 is none",
    ),
  ],

  // ---- capabilities ----
  K1: at(
    "hostile/handles",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
    "a forged handle is refused everywhere, and nobody is harmed: ${name}",
    "a number that is a handle of the victim's names nothing of the victim's for anybody else",
    "an index that is used again does not bring an old handle back",
  ),
  K2: [
    ...at(
      "hostile/handles",
      "an instance cannot be given away twice in one call, nor while it is lent in the same call",
      "what is lent in a call in progress cannot be dropped or given away meanwhile",
    ),
    ...at(
      "kernel/handle-messages",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
      "a message with a handle that is not accepted changes nothing: ${name}",
      "a message with more handles than its receiver has room for changes nothing",
    ),
  ],
  K3: at(
    "hostile/handles",
    "a borrowed handle ends with the call: what its borrower kept names nothing",
    "a borrowed handle can be neither dropped nor handed on as one's own, and can be lent on",
  ),
  K4: [
    ...at(
      "kernel/handles",
      "methods reach whoever exports the instance: two exporters of one interface, one caller",
      "methods of a dead exporter answer dead, its handles are dropped without effect, and its successor knows none of them",
    ),
    ...at(
      "hostile/handles",
      "an exporter cannot be given the instances of another one, whatever representation they have",
      "an exporter that means another interface than its caller is not called, though both mean the same capability",
    ),
  ],
  K5: [
    ...at("hostile/handles", "a domain holds at most its quota of handles: what is beyond is refused, and what it cannot take ends"),
    ...at("hostile/destructors", "destructors that wait count as handles of the holder that died: its next generation cannot pile up more"),
  ],
  K6: [
    ...at(
      "kernel/handles",
      "a holder that dies loses its handles: their destructors run when no call is in progress",
      "an instance that was moved to a callee that dies ends with it; one that was lent is its lender's again",
    ),
    ...at(
      "hostile/handles",
      "a representation of 0 is no instance; one that was given before makes another handle, each with a destructor of its own",
    ),
    ...at(
      "hostile/destructors",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the name as it stands in the source
      "a destructor that ${name} ends its exporter and nobody else, whether a handle was dropped or its holder died",
      "a destructor never runs inside a call of its exporter: it waits until no call is in progress",
      "a late result is not held by anybody: its instance ends",
    ),
  ],
  K7: at("hostile/handles", "deep in the stack a call through a handle is not made, and nobody dies of it but who used the stack up"),
  K8: [
    ...at(
      "kernel/creator",
      "a creator hands on what it holds and nothing else",
      "the number of living domains of a blob is limited, and one that was dropped makes room",
      "a shadow creates its driver from a blob that it holds, and the next one when that has trapped",
      "domains that create each other are nested to a bound, and all die with the first",
    ),
  ],

  // ---- life ----
  N7: at(
    "kernel/threads/travel",
    "a thread is made for the CPU that is named, and refused where no replica is",
    "visitors leave nothing behind: many more than limits.threads come and go",
    "a thread that was killed at home ends where it is",
    "the replica's death ends the thread, which is told at home; home lives on",
    "the home's death ends its threads elsewhere, and the replica lives on",
  ),
  D1: [
    ...at(
      "kernel/device-grant",
      "when the holder dies the device is stopped before its objects go, and the next generation starts it anew",
      "a DMA port of a dead generation says no to everything, also to what its successor owns",
    ),
    ...at("kernel/creator", "a device that is handed on has one driver at a time"),
    ...at("devices/disk/model", "stop: no memory and no block is touched any more, registers read as ones"),
  ],
  D2: [
    ...at("kernel/births", "births and deaths without number: slots, memories and heap are back at their baseline"),
    ...at("kernel/chaos", "whatever happens in whatever order, the kernel comes to rest and the heap is whole"),
  ],
  D3: [
    ...at(
      "system/bad-births",
      "a program whose load fails, in every way, reads why, and has the name and the heap as before",
      "a manifest with a domain that fails to start, in every way, does not boot, and what was before it ends",
    ),
    ...at(
      "kernel/births",
      "a domain that fails to start, in every way, leaves nothing, and its creator reads the cause",
      "an import that nothing provides ends the birth before any code of the domain runs",
      "a domain that is killed while it is linked, or in its start, or in its init, is not born",
    ),
    ...at(
      "hostile-review/lives",
      "a restart where the chain of calls is full is no birth: nobody runs without its start function and init",
    ),
  ],
  D4: at(
    "kernel/births",
    "a second generation sees nothing of the first: neither memory, grown or not, nor globals, nor tables, nor objects",
  ).concat(
    at(
      "kernel/snapshots",
      "memory is as init left it: what it wrote, what it set to zero over a data segment, and nothing that came later",
    ),
  ),
  D5: at(
    "kernel/device-grant",
    "a device reads what its owner may read and writes what its owner may write, whole ranges in one object, nothing else",
    "a device that is at work on an object when its owner dies keeps the memory from everybody else until it lets go",
    "a driver that keeps its client's object pinned cannot end the client: what the client drops goes when the device lets go",
  ),
  D6: [
    ...at("hostile/calls", "a flood of log lines is cut to the quota and said to be, and control characters are shown"),
    ...at("kernel/log-gate", "LogGate passes one second's worth at once, then refills with time, and no further than that"),
  ],
  D7: at(
    "kernel/restart-policy",
    "restart: one call of the holder causes as many as its grant allows, the next one starts anew",
    "restart: those in a row wait, an answered call ends the row, and time that passed counts",
    "restart: patience bounds what births without end can take, and every failed birth is in the chain",
  ),
  D8: [
    ...at(
      "hostile/snapshots",
      "nothing of a snapshot, or of a memory that is kept for its seat, reaches another seat",
      "a domain that is killed while it is linked writes nothing into the memory that it gave back",
      "a table of the heap's offsets in a snapshot opens nothing: another generation's objects stay out of reach",
    ),
    ...at("kernel/snapshots", "objects are not restored: the guard refuses what the memory says of them, and recover makes new ones"),
  ],
  D9: at(
    "hostile/snapshots",
    "an init that fails leaves no snapshot: the next generation runs init, and that is what is kept",
    "a recover that fails, in every way, leaves nothing, and the generation after it starts from init",
  ),
  D10: [
    ...at("supervision/supervision", "a link stays dead when its callee was restarted, unless its grant says that it follows"),
    ...at(
      "kernel/life",
      "destroy: the domain ends, its name is free, and what held the old one does not reach the new one",
      "destroy: nobody brings it back, neither a shadow nor its group",
      "two hundred generations: a reference to any of the dead answers dead with its own number",
    ),
  ],
  D11: [
    ...at(
      "supervision/group",
      "intensity: one death more than restarts within the period and the group gives up, with all of them in the chain",
      "escalation: a group that gives up is a failure of its parent, which restarts it as one, with what led to it in the chain",
    ),
    ...at("supervision/supervision", "a system that gives up ends all its domains, tells the whole chain, and starts nothing any more"),
    ...at(
      "system/supervision-manifest",
      "run: a system that gives up ends with exit code 3, and says why with the whole chain, in text and in JSON",
    ),
  ],
  D12: at(
    "supervision/supervision",
    "inside a chain of calls who is followed comes back before its caller goes on, others when the CPU is idle",
    "a restart in a chain that has no stack or no depth left waits for the idle CPU",
  ),
  D13: [
    ...at(
      "campaigns/nvme-fuzz",
      "NVMe 1.4 §9 100 000 operations by chance, half beside a second CPU: nothing thrown, no foreign byte, no answer too many",
    ),
    ...at("devices/nvme/queues", "NVMe 1.4 §7.2.1 the entry is copied once: what its author changes later does not matter"),
    ...at("hostile-review/nvme-work", "what was rung while nothing is fetched is not worked off inside one register write"),
    ...at(
      "devices/nvme/commands",
      "NVMe 1.4 §6.16 Write Uncorrectable: what the host would have to remember is limited, and then it is a write fault",
      "NVMe 1.4 §6.7 Dataset Management: of one list 32 parts are given back, the rest is advice",
    ),
  ],
  U1: [
    ...at(
      "kernel/cpus/calls",
      "words cross both ways, and further results through the return area",
      "an object is lent, moved there and back, moved for good, and given",
      "who lent an object cannot write it meanwhile, and whoever moved it cannot touch it any more",
      "a tree crosses as a whole",
      "an object that the caller does not own is refused before anything moves",
      "an object for which the callee's quota has no room comes back to its owner",
      "the host's error has domain, generation and cause as on one CPU",
    ),
    ...at("hostile/cpus", "over two CPUs a forged object, a foreign one and a message that lies are refused as on one"),
  ],
  U2: [
    ...at(
      "kernel/cpus/calls",
      "a trap there is the callee's death and an error here; the next call finds it dead; what was moved went with it",
    ),
    ...at(
      "kernel/cpus/chains",
      "a caller that dies while it waits is unwound when its callee is done, which lives",
      "whoever is killed from the other CPU at whatever moment: the right error, nobody else dies, nothing is left",
    ),
    ...at("campaigns/kill/two-cpus", "over two CPUs whoever is killed wherever, nobody else dies and nothing is left"),
    ...at(
      "campaigns/deaths/two-cpus",
      "over two CPUs, every cause in every domain: the right answer, restarts by the strategy, the heap at its baseline",
    ),
  ],
  U3: at(
    "kernel/cpus/chains",
    "a circle over two CPUs is refused, and the error has the whole chain",
    "a reentrant interface goes round over two CPUs, up to a bound that is an error",
    "two calls that wait for each other's callee do not wait for ever: one of them is refused",
  ),
  U4: [
    ...at("kernel/cpus/calls", "a callee that overruns its budget dies there of its own budget"),
    ...at(
      "kernel/cpus/chains",
      "a domain that runs there is killed from here: at its next safepoint, and the answer tells",
      "time in which a CPU serves others is not charged to whom it keeps waiting",
    ),
  ],
  U5: [
    ...at("system/cpus", "manifests: what is the host's cannot be elsewhere, and nonsense about CPUs is refused by its place"),
    ...at("hostile/cpus", "capabilities do not cross CPUs: whoever would pass them there is not linked"),
  ],
  U8: [
    ...at(
      "kernel/cpus/queues",
      "a buffer of somebody else's is refused: the frame is lost, and not a byte of it is there",
      "registers of the other CPU's queues are out of reach, on either side",
      "the first CPU's replica dies: the other one's registers read as all ones, and its memory is its own again",
    ),
    ...at(
      "devices/ixgbe/queues/halt",
      "a reset on the first CPU: when it returns, no engine writes memory, counts a frame or has one on its way",
    ),
    ...at(
      "devices/ixgbe/queues/queue-engine",
      "window: registers of queues beyond it read 0, take nothing, and are counted",
      "frames in = frames accounted for and waiting, on both CPUs, for any sequence of traffic, rings, ends and resets",
    ),
    ...at(
      "system/network-cpus",
      "the replica dies on its CPU while frames go: the other one goes on, and has its connections until the next generation has them back",
    ),
  ],
  U6: at(
    "kernel/cpus/faults",
    "Cpu.request: a CPU that passes no safepoint is a fault, with a reason, and it was interrupted first",
    "a kernel that fails ends the system loudly: callers there and here get the reason, and stop ends all and says it",
  ),
  // ---- threads ----
  N1: at(
    "kernel/threads/hostile",
    "a call that is no thread's cannot wait, nor can init: the domain ends with a text that says why",
    "a thread cannot wait below its base: the callee that tries ends, its caller's thread goes on",
  ),
  N2: [
    ...at(
      "kernel/threads/hostile",
      "numbers that are none of its own threads mean nothing: no thread of another domain is woken, ended or waited for",
      "a flood of threads ends at the limit, of the domain alone",
      "limits.threads for a module that cannot run them is refused at load, with the reason",
    ),
    ...at(
      "kernel/threads/scheduling",
      "limits.threads: one below it, at it and above it",
      "a CPU has as many threads as its process has room for stacks, and says so",
    ),
  ],
  N3: at(
    "kernel/threads/kills",
    "a domain that is killed takes its threads along, whatever they do; nothing of it is used again before their stacks are gone",
    "a trap in one thread is its domain's death",
  ),
  N4: at(
    "kernel/threads/hostile",
    "hooks that never end, trap, or wait themselves end their domain and keep nobody else from running",
    "a thread that loops without end is ended by a kill at its next safepoint",
  ),
  N5: at(
    "kernel/threads/interrupts",
    "an interrupt between the look and the parking is not lost: whoever would park goes on",
    "mask holds back what is raised, of a message and of a pin, and unmask lets all of it through",
    "a message whose thread is killed before it took it is the next one's",
    "a driver that is killed while its thread waits: the device is stopped, its line is silent, and the next generation has a fresh one",
    "a device has one driver: another domain gets neither its registers nor its interrupts while that lives",
  ),
  N6: at(
    "kernel/threads/callers",
    "a wake-up for a thread that is killed before it asks again is the next one's",
    "a thread that is killed while it waits is not woken in another one's place",
    "those who wait when the domain dies reach its next generation",
    "a caller that is no thread is told at once, and has its object back",
    "two thousand that wait on another CPU are woken at once, though not all wake-ups find room at first",
  ),
  // ---- from outside ----
  O1: [
    ...at("control/server", "ControlServer: the socket is the user's alone"),
    ...at(
      "control/folder",
      "openControlFolder: makes a folder that nobody else may enter, and takes one that is there",
      "openControlFolder: refuses a folder that others may enter, a link, a file, and what it cannot make",
      "openControlFolder: refuses a folder of another user",
    ),
  ],
  O2: [
    ...at(
      "control/protocol",
      "parseRequest: what is no request is refused with the field that is wrong",
      "parseRequest: any bytes give a request or a refusal",
    ),
    ...at(
      "control/server",
      "ControlServer: garbage and other versions are refused and cut off",
      "ControlServer: a line that is too long is refused before its end comes",
      "ControlServer: more connections than it serves are refused, and a place that is left is free",
      "ControlServer: who never reads holds nobody up, and his requests are not read on",
      "ControlServer: a stream goes on until its client leaves, and what that sends meanwhile ends it",
    ),
  ],
  O3: at(
    "control/system",
    "control: a domain that never returns is ended from outside, and its caller is told",
    "control: a kernel that does not answer is told so, and its numbers are there all the same",
    "control: on several CPUs domains are seen, ended and restarted wherever they are",
  ),
  O4: at("cli/top-view", "frame: names are shown, never obeyed, and a kernel that is silent is said to be"),
};
