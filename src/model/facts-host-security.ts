// Facts of a host's hardening: kernel switches, listening sockets, kills for want of memory. May not: know how they are derived.
import { z } from 'zod'
import { observed, observedOptional } from './fact.ts'

const text = z.string()
const int = z.number().int()

/** Row F2. */
export const hostHardeningSchema = z.strictObject({
  /** "none", "integrity" or "confidentiality"; value absent: the kernel has no lockdown. */
  lockdown: observedOptional(text),
  /** Switches of the running kernel's command line that turn protections off. */
  bootSwitches: observed(z.array(z.strictObject({ parameter: text, effect: text }))),
  /** Flaws of the processor that the kernel calls "Vulnerable". */
  vulnerabilities: observed(z.array(z.strictObject({ name: text, status: text }))),
  /** Parameters that the kernel has, with the values that are acceptable on a Kubernetes node. */
  parameters: observed(
    z.array(
      z.strictObject({
        name: text,
        value: observed(text),
        isMet: observed(z.boolean()),
        /** What to set. */
        wanted: text,
        /** Acceptable values, for people: "1 or 2". */
        accepted: text,
        why: text,
        /** What the next boot sets; value absent: no file sets it. */
        persisted: observedOptional(text),
      }),
    ),
  ),
  unprivilegedUserNamespaces: observed(z.boolean()),
  unprivilegedBpf: observed(z.boolean()),
  /** net.ipv4.ip_forward, without which a node does not route for its pods. */
  forwards: observed(z.boolean()),
  /** Loaded modules that hardly a node needs and that have a history of flaws. */
  modules: observed(z.array(z.strictObject({ name: text, why: text }))),
  /** Running programs that keep the clock right. */
  timeDaemons: observed(z.array(text)),
})

/** Listening TCP sockets in the network of the host's first process. */
export const listeningSocketsSchema = z.strictObject({
  sockets: observed(
    z.array(
      z.strictObject({
        port: int,
        address: text,
        /** Such as "0.0.0.0:10250". */
        shown: text,
        isLoopback: z.boolean(),
        /** Name and pid of a process that holds it; empty where that could not be seen. */
        process: text,
        /** What the configuration says where it says otherwise; else empty. */
        contradiction: text,
        /** The setting that opens it for orders to the container runtime, where one is seen to; runtimeDaemon tells of it. */
        statedBy: text.optional(),
      }),
    ),
  ),
})

/** Rows C3, C4: processes that the kernel killed for want of memory since boot. */
export const memoryKillsSchema = z.strictObject({
  /** All of them. */
  total: observed(int),
  /** In pods' control groups. */
  inPods: observed(int),
  /** Those for want of memory on the node as a whole, not at the limit of a control group; as far as the kernel's log goes back. */
  bySystem: observed(z.array(z.strictObject({ process: text, secondsAfterBoot: int }))),
  bySystemCount: observed(int),
})
