// What a message is. May not: hold any.

/** A text with `{names}` in it; where it counts, one text for each form that the language has for its number `count`. */
export type Message = string | ({ readonly other: string } & { readonly [F in Intl.LDMLPluralRule]?: string })
