/** What a host function throws to its proxy where it would have to wait. It is no error: the call ends with a status of its own. */
export const wouldBlock: object = Object.freeze({ name: "wouldBlock" });
