// Which messages there are and which values each takes, told from English. May not: exist at run time.
import type { english } from './en.ts'
import type { Message } from './message.ts'

type Messages = typeof english.messages
export type MessageKey = keyof Messages

type NamesIn<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never
type TextsOf<M> = M extends string ? M : M[keyof M]
export type NamesOf<K extends MessageKey> = NamesIn<TextsOf<Messages[K]>>
type CountOf<K extends MessageKey> = Messages[K] extends string ? unknown : { readonly count: number }

/** A number is written as the language writes it. */
export type Values<K extends MessageKey> = { readonly [N in NamesOf<K>]: string | number } & CountOf<K>

/** The words of a language, by the keys of English. */
export interface Words {
  readonly locale: string
  readonly messages: Readonly<Record<MessageKey, Message>>
  /** Short labels that come with a result (facts, settings of nodes), by their English words. What is not here stays English. */
  readonly terms: Readonly<Record<string, string>>
}
