import type { PasswordPolicy } from '../api/shapes'

export interface Check {
  rule: 'length' | 'classes' | 'name'
  kept: boolean
}

function classesIn(password: string): number {
  const kinds = [...password].map((letter) => {
    if (/\p{Nd}/u.test(letter)) return 'digit'
    if (/\p{Ll}/u.test(letter)) return 'lower'
    return /\p{Lu}/u.test(letter) ? 'upper' : 'other'
  })
  return new Set(kinds).size
}

/** The rules that can be judged while typing; the server judges them again, and those about words and history. */
export function checksOf(password: string, username: string, policy: PasswordPolicy): Check[] {
  const plain = password.normalize('NFKC')
  const length = [...plain].length
  const name = username.toLowerCase()
  return [
    { rule: 'length', kept: length >= policy.min_length && length <= policy.max_length },
    { rule: 'classes', kept: length >= policy.passphrase_length || classesIn(plain) >= policy.classes },
    { rule: 'name', kept: length > 0 && (name.length < 3 || !plain.toLowerCase().includes(name)) },
  ]
}
