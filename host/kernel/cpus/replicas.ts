/** What the replicas of one row are called: the row's name on CPU 0, `name@1` on CPU 1. Names of rows hold no such character. */
export function replicaName(name: string, cpu: number): string {
  return cpu === 0 ? name : `${name}@${cpu}`;
}

/** The replica on another CPU of the row to which a domain belongs. */
export function replicaOn(name: string, cpu: number): string {
  return replicaName(name.replace(/@\d+$/, ""), cpu);
}
