import { officeDay } from '../i18n'

const DAY_MS = 86_400_000

/** The last day a channel can have closed: its bill of a day exists from the next morning on. */
export const officeYesterday = (): string => officeDay(new Date(Date.now() - DAY_MS))
