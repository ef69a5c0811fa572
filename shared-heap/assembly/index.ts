export function lastError(): i32 { return load<i32>(136); }
