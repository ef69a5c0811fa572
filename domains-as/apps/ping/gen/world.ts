/**
 * The entry of a domain of the world `app` (sumac:ping@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";

export function responder_answer(questions: i32): i32 {
  return domain.responder.answer(<u32>questions).packed;
}

export function responder_run(): i32 {
  return domain.responder.run().packed;
}
