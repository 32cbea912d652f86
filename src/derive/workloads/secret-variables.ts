// CIS 5.4.1: Secrets that containers get as environment variables, by name. Their values are never collected.
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec } from '../../model/pod.ts'

const prefix = 'secret:'

export function deriveSecretVariables({ containers }: PodSpec): FactValue<'secretVariables'> {
  return {
    secrets: containers.flatMap(({ name, kind, env = [], envFrom = [] }) => {
      const variables = new Map<string, string[]>()
      for (const { name: variable, from } of env) {
        if (!from.startsWith(prefix)) continue
        const secret = from.slice(prefix.length)
        variables.set(secret, [...(variables.get(secret) ?? []), variable])
      }
      const whole = new Set(envFrom.filter((from) => from.startsWith(prefix)).map((from) => from.slice(prefix.length)))
      return [...new Set([...variables.keys(), ...whole])].map((secret) => ({
        container: name,
        kind,
        secret,
        variables: variables.get(secret) ?? [],
        isWhole: whole.has(secret),
      }))
    }),
  }
}
